//! The timeline of the picking screen: ruler and filmstrip to go to a moment, segments to click,
//! and a row to drag picks in.

use std::borrow::Cow;

use egui::{
    Align2, PointerButton, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::domain::annotator_work::rated_shots;
use crate::domain::{AnnotatorWork, FrameRange, Segment, ranges};
use crate::session::Session;
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::text;
use crate::ui::theme::{self, Palette};
use crate::views::timeline::map::TimeMap;
use crate::views::timeline::{model, paint};

const GUTTER: f32 = 76.0;
/// A lower filmstrip shows nothing.
const LEAST_FILM: f32 = 14.0;

/// Height of the panel on a page of a height: the filmstrip gives way first.
pub fn height_in(page: f32) -> f32 {
    (page * 0.3).clamp(114.0, 190.0)
}

/// Rows of the timeline.
struct Rows {
    ruler: Rect,
    film: Rect,
    segments: Rect,
    picks: Rect,
}

/// Shows the timeline in all the space there is.
pub fn timeline_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let row = |top: f32, bottom: f32| {
        Rect::from_min_max(pos2(area.left() + GUTTER, top), pos2(area.right(), bottom))
    };
    let ruler = row(area.top(), area.top() + 20.0);
    let picks = row(area.bottom() - 26.0, area.bottom());
    let segments = row(picks.top() - 34.0, picks.top() - 6.0);
    let film = row(ruler.bottom(), segments.top() - 6.0);
    let rows = Rows {
        ruler,
        film,
        segments,
        picks,
    };
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(ruler.left(), ruler.width(), start_secs, span_secs);
    paint::paint_ruler(ui.painter(), rows.ruler, &map, palette);
    if film.height() >= LEAST_FILM {
        paint::paint_filmstrip(ui.painter(), film, &map, session, palette, true);
    }
    let cells = cells(session);
    let cells_name = match session.segments.is_empty() {
        true => "Shots",
        false => "Segments",
    };
    for (rect, label) in [(rows.segments, cells_name), (rows.picks, "Picks")] {
        let gutter = Rect::from_min_max(
            pos2(area.left(), rect.top()),
            pos2(rect.left() - 8.0, rect.bottom()),
        );
        paint::paint_gutter_text(
            ui,
            gutter,
            label,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
    }
    seek_ui(ui, &rows, &map, commands);
    segments_ui(ui, &rows, &map, &cells, work, commands);
    drag_ui(ui, &rows, &map, state, session, work, commands);
    let x = map.x_from_secs(state.playback.position_secs);
    if x >= ruler.left() && x <= ruler.right() {
        let all = Rect::from_min_max(ruler.min, pos2(ruler.right(), area.bottom()));
        paint::paint_playhead(ui.painter(), all, x, palette);
    }
}

/// The ruler and the filmstrip move the playhead.
fn seek_ui(ui: &Ui, rows: &Rows, map: &TimeMap, commands: &mut Vec<Command>) {
    // A timeline without room for the filmstrip still has its ruler.
    let rect = rows
        .ruler
        .with_max_y(rows.film.bottom().max(rows.ruler.bottom()));
    let response = ui.interact(rect, ui.scope_id().with("seek"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Position in the video"));
    if (response.clicked() || response.dragged_by(PointerButton::Primary))
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(Command::SeekTo(map.secs_from_x(pos.x)));
    }
}

/// What can be picked by a click: the segments, or two-second shots of a video that has none, as in
/// a study.
fn cells(session: &Session) -> Cow<'_, [Segment]> {
    if !session.segments.is_empty() {
        return Cow::Borrowed(&session.segments);
    }
    let index = &session.index;
    let shots = rated_shots(index).into_iter().map(|shot| Segment {
        start_frame: shot.start,
        end_frame: shot.end,
        start_secs: index.secs_from_frame(shot.start),
        end_secs: index.secs_from_frame(shot.end),
        dull: None,
    });
    Cow::Owned(shots.collect())
}

/// Segments to click: picked ones filled, partly picked ones outlined.
fn segments_ui(
    ui: &Ui,
    rows: &Rows,
    map: &TimeMap,
    cells: &[Segment],
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rows.segments.expand(1.0));
    painter.rect_filled(rows.segments, 3, palette.well);
    let response = ui.interact(
        rows.segments,
        ui.scope_id().with("segments"),
        Sense::click(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Grid,
            true,
            format!(
                "{}: click one to keep it or to take it out",
                text::count(cells.len(), "segment")
            ),
        )
    });
    let hovered = response
        .hover_pos()
        .map(|pos| map.secs_from_x(pos.x))
        .and_then(|secs| {
            (cells.iter()).position(|cell| (cell.start_secs..cell.end_secs).contains(&secs))
        });
    for (index, segment) in cells.iter().enumerate() {
        if !map.overlaps(segment.start_secs, segment.end_secs) {
            continue;
        }
        let rect = Rect::from_min_max(
            pos2(
                map.x_from_secs(segment.start_secs) + 0.5,
                rows.segments.top(),
            ),
            pos2(
                map.x_from_secs(segment.end_secs) - 0.5,
                rows.segments.bottom(),
            ),
        );
        let range = segment.frames();
        let left_out = ranges::frames_in(&ranges::difference(&[range], &work.picks));
        let fill = if left_out == 0 {
            palette.accent
        } else if hovered == Some(index) {
            palette.faint
        } else {
            palette.control_hover
        };
        painter.rect_filled(rect, 3, fill);
        if left_out > 0 && left_out < range.len() {
            painter.rect_stroke(
                rect,
                3,
                Stroke::new(1.0, palette.accent),
                StrokeKind::Inside,
            );
        }
    }
    if response.clicked()
        && let Some(segment) = hovered
    {
        let range = cells[segment].frames();
        commands.push(Command::Annotate(AnnotateCommand::Toggle(range)));
    }
    let tip = hovered.map_or_else(String::new, |segment| {
        let segment = &cells[segment];
        format!(
            "{} to {} · {:.1} s. Click to keep it or to take it out.",
            text::clock(segment.start_secs),
            text::clock(segment.end_secs),
            segment.duration_secs()
        )
    });
    if !tip.is_empty() {
        response.on_hover_text(tip);
    }
}

/// The picks; dragging over the row makes one.
fn drag_ui(
    ui: &Ui,
    rows: &Rows,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let rect = rows.picks;
    ui.painter().rect_filled(rect, 3, palette.well);
    let boxes = model::boxes(&session.ranges_secs(&work.picks), map, model::MERGE_POINTS);
    let inside = rect.shrink2(vec2(0.0, 3.0));
    let painter = ui.painter().with_clip_rect(rect);
    paint::paint_filled(&painter, inside, &boxes, palette.accent);
    let response = ui
        .interact(rect, ui.scope_id().with("draw"), Sense::click_and_drag())
        .on_hover_cursor(egui::CursorIcon::Crosshair);
    response.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Picks: drag to make one"));
    if work.picks.is_empty() && !response.dragged() {
        painter.text(
            rect.left_center() + vec2(10.0, 0.0),
            Align2::LEFT_CENTER,
            "Drag here to pick a stretch, click a segment above, or press Enter at the playhead.",
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
    }
    // A pick that has begun and waits for its end, by key or by pointer.
    let begun = state
        .annotate
        .in_frame
        .map(|frame| session.index.secs_from_frame(frame));
    let id = ui.scope_id().with("drag from");
    // A drag is one only after some points of movement: it began where the button went down.
    if response.drag_started()
        && let Some(pos) = ui
            .input(|input| input.pointer.press_origin())
            .or(response.interact_pointer_pos())
    {
        let secs = map.secs_from_x(pos.x);
        ui.data_mut(|data| data.insert_temp(id, secs));
    }
    let from: Option<f64> = ui.data(|data| data.get_temp(id));
    let to = response
        .interact_pointer_pos()
        .map(|pos| map.secs_from_x(pos.x));
    let open = match (from, to) {
        (Some(from), Some(to)) if response.dragged() || response.drag_stopped() => {
            Some((from.min(to), from.max(to)))
        }
        _ => begun.map(|start| {
            let at = state.playback.position_secs;
            (start.min(at), start.max(at))
        }),
    };
    if let Some((start, end)) = open {
        let place = Rect::from_min_max(
            pos2(map.x_from_secs(start), rect.top() + 1.0),
            pos2(
                map.x_from_secs(end).max(map.x_from_secs(start) + 1.5),
                rect.bottom() - 1.0,
            ),
        );
        painter.rect_stroke(place, 2, Stroke::new(1.5, palette.text), StrokeKind::Inside);
    }
    if response.drag_stopped() {
        if let Some((start, end)) = open.filter(|_| from.is_some()) {
            let range = FrameRange::new(
                session.index.frame_at_secs(start.max(0.0)),
                (session.index.frame_at_secs(end) + 1).min(session.index.len()),
            );
            commands.push(Command::Annotate(AnnotateCommand::PickRange(range)));
        }
        ui.data_mut(|data| data.remove::<f64>(id));
    } else if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(Command::SeekTo(map.secs_from_x(pos.x)));
    }
    response.on_hover_text("Drag to pick a stretch; click to go there.");
}
