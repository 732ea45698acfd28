//! The row of a pair: an annotator or a summary above, another below, and between them what both
//! keep.

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::map::TimeMap;
use super::{model, paint};
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::pair::SideView;
use crate::ui::icons::Icon;
use crate::ui::text;
use crate::ui::theme::{self, Palette};

/// The names beside the strips and between them stand this far apart.
const STRIP: f32 = 12.0;

/// Shows the chosen pair; a click on its cross takes it away.
pub(super) fn pair_ui(
    ui: &mut Ui,
    gutter: Rect,
    lane: Rect,
    map: &TimeMap,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let Some(view) = state.timeline.pair.and_then(|pair| state.pair_view(pair)) else {
        return;
    };
    let palette = Palette::of(ui);
    let strip = |top: f32| {
        Rect::from_min_size(
            pos2(lane.left(), lane.top() + top),
            vec2(lane.width(), STRIP),
        )
    };
    let (above, below) = (strip(3.0), strip(27.0));
    let between = Rect::from_min_max(above.left_bottom(), below.right_top());
    let boxes = |ranges: &[(f64, f64)]| model::boxes(ranges, map, model::MERGE_POINTS);
    let painter = ui.painter();
    for bar in [above, below] {
        painter.rect_filled(bar, 2, palette.well);
    }
    let both = boxes(&view.both_secs);
    paint::paint_filled(
        painter,
        above.union(below).expand2(vec2(0.0, 2.0)),
        &both,
        palette.good.gamma_multiply(0.25),
    );
    let color_of = |side: &SideView| match side.letter {
        Some(letter) => palette.alternative(letter),
        None if side.is_person => palette.accent,
        None => palette.secondary,
    };
    for (bar, side) in [(above, &view.first), (below, &view.other)] {
        let kept = boxes(&side.kept_secs);
        if side.is_person {
            paint::paint_edged(painter, bar, &kept, color_of(side));
        } else {
            paint::paint_filled(painter, bar, &kept, color_of(side));
        }
    }
    paint::paint_filled(
        painter,
        between.shrink2(vec2(0.0, 3.0)),
        &both,
        palette.good,
    );
    painter.hline(
        gutter.left()..=lane.right(),
        lane.bottom() - 2.0,
        Stroke::new(1.0, palette.line),
    );
    let names = Rect::from_min_max(gutter.min + vec2(14.0, 0.0), gutter.max);
    let name = |bar: Rect, words: &str, color| {
        paint::paint_gutter_text(
            ui,
            Rect::from_x_y_ranges(names.x_range(), bar.y_range()),
            words,
            theme::regular(theme::SIZE_SMALL),
            color,
        );
    };
    let text_color = |side: &SideView| match side.letter {
        Some(letter) => palette.alternative_text(letter),
        None => color_of(side),
    };
    name(above, &view.first.name, text_color(&view.first));
    let agreement = match (view.tau, view.overlap()) {
        (Some(tau), _) => format!("τ {tau:.2}"),
        (None, Some(overlap)) => format!("{} shared", text::percent(overlap)),
        (None, None) => String::new(),
    };
    name(between, &agreement, palette.good);
    name(below, &view.other.name, text_color(&view.other));
    let cross = Rect::from_center_size(
        pos2(gutter.left() + 5.0, above.center().y),
        vec2(12.0, 12.0),
    );
    let response = ui
        .interact(cross, ui.scope_id().with("close pair"), Sense::click())
        .on_hover_text("Takes this comparison off the timeline.");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Close the comparison"));
    let tint = if response.hovered() {
        palette.text
    } else {
        palette.secondary
    };
    Icon::Close.paint(ui.painter(), cross.shrink(2.0), tint);
    if response.clicked() {
        commands.push(Command::ChoosePair(None));
    }
}
