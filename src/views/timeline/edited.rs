//! The lane of a summary that was edited by hand: its pieces with their seams, over a line that
//! shows what it kept before.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::clicks::{lane_click, secs_under};
use super::map::TimeMap;
use super::{edges, model, paint};
use crate::session::Session;
use crate::session::Summarised;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::theme::{self, Palette};
use crate::views::menus;

/// Height of the line that shows what was kept before.
const BEFORE: f32 = 3.0;
/// A piece wider than this has room for its turn.
const TURN: f32 = 9.0;

#[expect(clippy::too_many_arguments, reason = "one row among others")]
pub(super) fn edited_ui(
    ui: &mut Ui,
    gutter: Rect,
    lane: Rect,
    at: usize,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let Some(edited) = state.choices.edits.get(at) else {
        return;
    };
    let of = edited.summary_ref();
    let Some(summary) = session.summary(of) else {
        return;
    };
    let palette = Palette::of(ui);
    let letter = summary.letter;
    let color = letter.map_or(palette.secondary, |letter| palette.alternative(letter));
    let chosen = state.chosen() == Some(of);
    let bar = Rect::from_min_max(
        lane.min + vec2(0.0, 2.0),
        pos2(lane.right(), lane.bottom() - BEFORE - 2.0),
    );
    ui.painter().rect_filled(bar, 2, palette.well);
    let fill = if chosen {
        color
    } else {
        color.gamma_multiply(0.62)
    };
    // Pieces that touch keep a seam between them.
    for (piece, range) in session.ranges_secs(&edited.pieces).into_iter().enumerate() {
        let one = model::boxes(&[range], map, 0.0);
        let seamed: Vec<(f32, f32)> = (one.into_iter())
            .map(|(left, right)| (left, (right - 1.0).max(left + 1.0)))
            .collect();
        paint::paint_filled(ui.painter(), bar, &seamed, fill);
        // Where they play in another order than they lie, each says when.
        let turn = edited.turn_of(piece).filter(|_| !edited.order.is_empty());
        if let (Some(turn), Some(&(left, right))) = (turn, seamed.first())
            && right - left > TURN
        {
            let middle = pos2((left + right) / 2.0, bar.center().y);
            let turn = (turn + 1).to_string();
            let font = theme::semibold(theme::SIZE_SMALL);
            let painter = ui.painter().with_clip_rect(bar.intersect(ui.clip_rect()));
            painter.text(middle, Align2::CENTER_CENTER, turn, font, palette.letterbox);
        }
        if chosen {
            for (left, right) in seamed {
                let piece = Rect::from_x_y_ranges(left..=right, bar.y_range()).intersect(bar);
                let edge = Stroke::new(1.0, palette.playhead);
                ui.painter().rect_stroke(piece, 2, edge, StrokeKind::Inside);
            }
        }
    }
    let before = Rect::from_min_max(
        pos2(bar.left(), bar.bottom() + 1.0),
        pos2(bar.right(), bar.bottom() + 1.0 + BEFORE),
    );
    let kept = model::boxes(
        &session.ranges_secs(&edited.before),
        map,
        model::MERGE_POINTS,
    );
    paint::paint_filled(ui.painter(), before, &kept, palette.faint);
    if chosen {
        let mark = Stroke::new(2.0, color);
        ui.painter().vline(bar.left() - 4.0, bar.y_range(), mark);
    }
    paint::paint_gutter_text(
        ui,
        gutter,
        &summary.name,
        theme::medium(theme::SIZE_BODY),
        letter.map_or(palette.text, |letter| palette.alternative_text(letter)),
    );
    let response = lane_click(
        ui,
        lane,
        ("edited", edited.number as usize),
        map,
        commands,
        Command::Choose(of),
        Hover {
            alternative: letter.and_then(|letter| state.draw()?.place_of(letter)),
            ..Hover::default()
        },
        format!("{} on the timeline", summary.name),
    );
    let secs = secs_under(&response, map, session);
    let number = edited.number;
    menus::subject_menu(&response, secs, |ui, secs| {
        menus::edited_menu_ui(ui, number, commands);
        ui.separator();
        menus::segment_menu_ui(ui, state, secs, commands);
    });
    if chosen {
        edges::edges_ui(ui, lane, map, state, session, commands);
    }
}
