//! The row of a viewer's answers, and the cuts on the ruler. What samples make of the answers is
//! not shown here.

use egui::{Rect, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::map::TimeMap;
use super::paint;
use crate::session::Session;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::steering::{SteerCommand, effective_sentence, verdict_words};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::views::steering::paint_mark;

/// A cut is meant where the pointer is this near, points.
const NEAR: f32 = 4.0;
/// Cuts nearer than this are one tick, points.
const APART: f32 = 2.0;

/// The row under the frequencies: every answer where it was given, and what the samples count in
/// the gutter.
pub(super) fn answers_ui(
    ui: &Ui,
    row: Rect,
    gutter: Rect,
    map: &TimeMap,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.painter().rect_filled(row, 2, palette.well);
    for ((start, end), verdict) in state.choices.settings.steering.verdicts() {
        if !map.overlaps(start, end) {
            continue;
        }
        let (left, right) = (map.x_from_secs(start), map.x_from_secs(end));
        let place = Rect::from_min_max(
            pos2(left.max(row.left()), row.top()),
            pos2((right - 1.0).max(left + 2.0).min(row.right()), row.bottom()),
        );
        paint_mark(ui, place, verdict);
    }
    paint::paint_gutter_text(
        ui,
        gutter,
        "Answers",
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    let words = (state.draw()).and_then(|draw| effective_sentence(draw));
    let about = ui.interact(gutter, ui.scope_id().with("answers"), Sense::hover());
    about.on_hover_text(format!(
        "Your answers. {} A new draw draws under them.",
        words.unwrap_or_default()
    ));
    let side = gutter.height().min(12.0);
    let clear = Rect::from_center_size(
        pos2(gutter.right() - side, gutter.center().y),
        egui::Vec2::splat(side),
    );
    let command = Command::Steer(SteerCommand::Clear);
    let response = ui
        .interact(clear, ui.scope_id().with("clear steering"), Sense::click())
        .on_hover_text(command.tooltip());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Clear steering"));
    let color = if response.hovered() {
        palette.text
    } else {
        palette.faint
    };
    Icon::Close.paint(ui.painter(), clear.shrink(1.5), color);
    if response.clicked() {
        commands.push(command);
    }
}

/// Small ticks at the foot of the ruler where a shot begins with a hard cut.
pub(super) fn paint_cuts(
    painter: &egui::Painter,
    ruler: Rect,
    map: &TimeMap,
    session: &Session,
    palette: &Palette,
) {
    let mut last = f32::NEG_INFINITY;
    for &cut in session.cuts.iter() {
        let x = map.x_from_secs(session.index.secs_from_frame(cut));
        if x < ruler.left() || x > ruler.right() || x - last < APART {
            continue;
        }
        last = x;
        painter.vline(
            x,
            ruler.bottom() - 6.0..=ruler.bottom() - 1.0,
            Stroke::new(1.5, palette.secondary),
        );
    }
}

/// What there is to say at the pointer beside the segment: the cut that is near, and the answer on
/// the moment.
pub(super) fn hover_lines(
    map: &TimeMap,
    x: f32,
    state: &AppState,
    session: &Session,
) -> Vec<String> {
    let secs = map.secs_from_x(x);
    let near = f64::from(NEAR) * map.secs_per_point();
    let cuts = session.cuts.iter();
    let nearest = cuts
        .map(|&cut| session.index.secs_from_frame(cut))
        .min_by(|a, b| (a - secs).abs().total_cmp(&(b - secs).abs()))
        .filter(|cut| (cut - secs).abs() <= near);
    let cut = nearest.map(|cut| format!("cut at {}", state.time_text(cut)));
    let said = (state.choices.settings.steering.verdict_at(secs)).map(verdict_words);
    cut.into_iter().chain(said).collect()
}

/// The close button's room in the gutter is not the label's.
pub(super) fn gutter_of(row: Rect, width: f32) -> Rect {
    Rect::from_min_max(
        pos2(row.left() - width + 2.0, row.top()),
        pos2(row.left() - 8.0, row.bottom()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;
    use crate::testing::fixture;

    #[test]
    fn the_pointer_learns_of_the_cut_that_is_near_and_of_the_answer() {
        let mut state = fixture::state();
        state.session.as_mut().unwrap().cuts = vec![240, 1200].into();
        let range = (8.0, 12.0);
        let steering = &mut state.choices.settings.steering;
        steering.say(range, Some(Verdict::Rate(4)));
        let session = state.session.as_ref().unwrap();
        let map = TimeMap::new(0.0, 1000.0, 0.0, 100.0);
        let lines = |x| hover_lines(&map, x, &state, session);
        assert_eq!(lines(102.0), ["cut at 00:10.000", "rated 4 of 5"]);
        assert_eq!(lines(90.0), ["rated 4 of 5"]);
        assert_eq!(lines(497.0), ["cut at 00:50.000"]);
        assert!(lines(300.0).is_empty());
    }
}
