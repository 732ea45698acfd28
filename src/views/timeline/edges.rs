//! The edges of the pieces of the summary in hand: dragged on its lane, they snap to what is near.
//! What a drag does to the summary is decided in `state`.

use egui::{CursorIcon, Id, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::map::TimeMap;
use crate::domain::SummaryEdit;
use crate::session::Session;
use crate::state::AppState;
use crate::state::command::Command;
use crate::summary::pauses::inside;
use crate::ui::pointing::pressed_now;
use crate::ui::theme::Palette;

/// Half the width of the place where an edge can be taken, points.
const REACH: f32 = 5.0;
/// A piece narrower than this has no edges to take: it would be in the way of clicks.
const LEAST_WIDTH: f32 = 12.0;
/// A pointer that moved less than this has not moved an edge, points.
const LEAST_MOVE: f32 = 1.0;
/// An edge nearer than this to something snaps to it, points.
const SNAP: f32 = 7.0;

/// The edge that the pointer took, until it lets go.
#[derive(Clone, Copy)]
struct Taken {
    piece: usize,
    end: bool,
    origin: Pos2,
    /// A press alone changes nothing.
    moved: bool,
}

fn taken_id() -> Id {
    Id::unique("edge that was taken")
}

fn taken(ui: &Ui) -> Option<Taken> {
    ui.data(|data| data.get_temp(taken_id()))
}

/// Whether the pointer holds an edge, so that it moves nothing else.
pub(super) fn is_edge_taken(ui: &Ui) -> bool {
    taken(ui).is_some()
}

/// Lets the pointer drag the edges of the summary in hand on its lane.
pub(super) fn edges_ui(
    ui: &Ui,
    lane: Rect,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    if !ui.input(|input| input.pointer.primary_down() || input.pointer.primary_released()) {
        ui.data_mut(|data| data.remove::<Taken>(taken_id()));
    }
    for (piece, range) in state.chosen_pieces().into_iter().enumerate() {
        let start = map.x_from_secs(session.index.secs_from_frame(range.start));
        let stop = map.x_from_secs(session.index.secs_from_frame(range.end));
        if stop < lane.left() || start > lane.right() || stop - start < LEAST_WIDTH {
            continue;
        }
        for (end, x) in [(false, start), (true, stop)] {
            if !lane.x_range().contains(x) {
                continue;
            }
            let place =
                Rect::from_min_max(pos2(x - REACH, lane.top()), pos2(x + REACH, lane.bottom()));
            edge_ui(ui, place, (piece, end), map, state, session, commands);
        }
    }
}

fn edge_ui(
    ui: &Ui,
    place: Rect,
    (piece, end): (usize, bool),
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    // The first drag makes an edited summary with a lane of its own: the edge keeps its name from
    // lane to lane.
    let id = Id::unique("edge of the summary").with((piece, end));
    let response = ui
        .interact(place, id, Sense::drag())
        .on_hover_cursor(CursorIcon::ResizeHorizontal);
    response.widget_info(|| {
        let which = if end { "End" } else { "Start" };
        WidgetInfo::labeled(
            Role::Splitter,
            true,
            format!("{which} of piece {}", piece + 1),
        )
    });
    // While nothing plays the playhead goes with the edge: it counts where it was before.
    let playhead_id = Id::unique("playhead before trimming");
    if !is_edge_taken(ui)
        && let Some(origin) = pressed_now(ui, place)
    {
        let edge = Taken {
            piece,
            end,
            origin,
            moved: false,
        };
        ui.data_mut(|data| {
            data.insert_temp(taken_id(), edge);
            data.insert_temp(playhead_id, state.playback.position_secs);
        });
    }
    let held = taken(ui).filter(|edge| (edge.piece, edge.end) == (piece, end));
    if response.hovered() || held.is_some() {
        let color = Palette::of(ui).playhead;
        let bar = place.shrink2(egui::vec2(REACH - 1.0, 0.0));
        ui.painter().rect_filled(bar, 1, color);
    }
    let (Some(edge), Some(pos)) = (held, ui.input(|input| input.pointer.latest_pos())) else {
        return;
    };
    if !edge.moved && pos.distance(edge.origin) < LEAST_MOVE {
        return;
    }
    let moved = Taken {
        moved: true,
        ..edge
    };
    ui.data_mut(|data| data.insert_temp(taken_id(), moved));
    let playhead = ui.data(|data| data.get_temp::<f64>(playhead_id));
    let free = ui.input(|input| input.modifiers.alt);
    let wanted = map.secs_from_x(pos.x).clamp(0.0, session.duration_secs());
    let reach = f64::from(SNAP) * map.secs_per_point();
    let snapped = (!free)
        .then(|| snapped(wanted, reach, playhead, state, session))
        .flatten();
    if let Some(at) = snapped {
        let x = map.x_from_secs(at);
        ui.painter().with_clip_rect(ui.ctx().content_rect()).vline(
            x,
            place.top() - 6.0..=place.bottom() + 6.0,
            Stroke::new(1.0, Palette::of(ui).accent),
        );
    }
    let frame = frame_at(session, snapped.unwrap_or(wanted));
    commands.push(Command::EditSummary(SummaryEdit::MoveEdge {
        piece,
        end,
        frame,
    }));
}

/// The frame that a time is nearest to; past the last one where it is the end of the video.
fn frame_at(session: &Session, secs: f64) -> u64 {
    if secs >= session.duration_secs() - 1e-3 {
        return session.index.len();
    }
    let frame = session.index.frame_at_secs(secs);
    let (here, next) = (
        session.index.secs_from_frame(frame),
        session.index.secs_from_frame(frame + 1),
    );
    frame + u64::from(next - secs < secs - here)
}

/// What an edge near a time snaps to: where segments meet, hard cuts, pauses in the sound, the
/// playhead, markers and the ends of the range.
fn snapped(
    secs: f64,
    reach: f64,
    playhead: Option<f64>,
    state: &AppState,
    session: &Session,
) -> Option<f64> {
    let after = session
        .segments
        .partition_point(|segment| segment.start_secs < secs);
    let near = [after.checked_sub(1), Some(after)];
    let segments = near
        .into_iter()
        .flatten()
        .filter_map(|at| session.segments.get(at))
        .flat_map(|segment| [segment.start_secs, segment.end_secs]);
    let cuts = session.cuts.iter();
    let cuts = cuts.map(|&cut| session.index.secs_from_frame(cut));
    let first = (session.pauses_secs).partition_point(|pause| pause.1 < secs - reach);
    let pauses = session.pauses_secs[first..]
        .iter()
        .take_while(|pause| pause.0 <= secs + reach)
        .flat_map(|&pause| <[f64; 2]>::from(inside(pause)));
    let range = state.choices.range_secs.map(|(start, end)| [start, end]);
    segments
        .chain(cuts)
        .chain(pauses)
        .chain(playhead)
        .chain(range.into_iter().flatten())
        .chain(state.choices.markers_secs.iter().copied())
        .filter(|at| (at - secs).abs() <= reach)
        .min_by(|a, b| (a - secs).abs().total_cmp(&(b - secs).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_snaps_to_what_is_near_and_nothing_else() {
        let mut state = crate::testing::fixture::state();
        let mut session = state.session.take().unwrap();
        let edge = session.segments[4].start_secs;
        assert_eq!(snapped(edge + 0.2, 0.5, None, &state, &session), Some(edge));
        assert_eq!(snapped(edge - 0.2, 0.5, None, &state, &session), Some(edge));
        let middle = (session.segments[4].start_secs + session.segments[4].end_secs) / 2.0;
        assert_eq!(snapped(middle, 0.05, None, &state, &session), None);
        // A pause in which the edge would be heard on neither side, and a hard cut.
        session.pauses_secs = vec![(middle - 0.5, middle - 0.04)].into();
        let in_pause = snapped(middle, 0.09, None, &state, &session).unwrap();
        assert!((in_pause - (middle - 0.08)).abs() < 1e-9);
        session.cuts = vec![session.index.frame_at_secs(middle)].into();
        let cut = session.index.secs_from_frame(session.cuts[0]);
        assert_eq!(snapped(cut + 0.02, 0.05, None, &state, &session), Some(cut));
        (session.pauses_secs, session.cuts) = Default::default();
        state.choices.markers_secs.push(middle + 0.03);
        assert_eq!(
            snapped(middle, 0.05, None, &state, &session),
            Some(middle + 0.03)
        );
        state.choices.range_secs = Some((middle - 0.01, middle + 4.0));
        assert_eq!(
            snapped(middle, 0.05, None, &state, &session),
            Some(middle - 0.01)
        );
        let playhead = Some(middle + 0.005);
        assert_eq!(snapped(middle, 0.05, playhead, &state, &session), playhead);
        let (secs, last) = (session.duration_secs(), session.index.len());
        assert_eq!(frame_at(&session, secs), last);
        assert_eq!(frame_at(&session, session.index.secs_from_frame(7)), 7);
    }
}
