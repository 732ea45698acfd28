//! The lanes of a pair: what each keeps, where they agree, and where everybody differs, under a
//! ruler and a filmstrip.

use egui::{Align2, PointerButton, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::domain::{FrameRange, ranges};
use crate::session::Session;
use crate::session::Summarised;
use crate::session::people::{Comparison, Side, side_name};
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use crate::views::timeline::map::TimeMap;
use crate::views::timeline::{model, paint};

/// Height without a filmstrip.
pub const LEAST: f32 = RULER + 3.0 * LANE + 12.0 + 4.0 * GAP;
const RULER: f32 = 20.0;
const LANE: f32 = 18.0;
const GAP: f32 = 5.0;
/// Width of the names before the lanes, where the window is wide enough.
const GUTTER: f32 = 112.0;
/// A lower filmstrip shows nothing.
const LEAST_FILM: f32 = 14.0;

/// Shows the lanes in a rectangle.
#[expect(clippy::too_many_arguments, reason = "one picture of one pair")]
pub fn lanes_ui(
    ui: &Ui,
    area: Rect,
    state: &AppState,
    session: &Session,
    comparison: &Comparison,
    sides: [&Side; 2],
    kept: &[Vec<FrameRange>; 2],
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let gutter = GUTTER.min(area.width() * 0.2);
    let mut bottom = area.bottom();
    let mut row = |height: f32| {
        let rect = Rect::from_min_max(
            pos2(area.left() + gutter, bottom - height),
            pos2(area.right(), bottom),
        );
        bottom = rect.top() - GAP;
        rect
    };
    let everybody = row(12.0);
    let agreement = row(LANE);
    let second = row(LANE);
    let first = row(LANE);
    let ruler = Rect::from_min_max(
        pos2(area.left() + gutter, area.top()),
        pos2(area.right(), area.top() + RULER),
    );
    let film = Rect::from_min_max(
        pos2(ruler.left(), ruler.bottom()),
        pos2(ruler.right(), first.top() - GAP),
    );
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(ruler.left(), ruler.width(), start_secs, span_secs);
    paint::paint_ruler(ui.painter(), ruler, &map, palette);
    if film.height() >= LEAST_FILM {
        paint::paint_filmstrip(ui.painter(), film, &map, session, palette, true);
    }
    for (rect, label) in [
        (first, side_name(sides[0])),
        (second, side_name(sides[1])),
        (agreement, "Agreement".to_owned()),
        (everybody, "Disagreement".to_owned()),
    ] {
        let place = Rect::from_min_max(
            pos2(area.left(), rect.top()),
            pos2(rect.left() - 8.0, rect.bottom()),
        );
        widgets::paint_text_clipped(
            ui,
            place.left_center(),
            Align2::LEFT_CENTER,
            text::short_name(&label),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
            place.width(),
        );
        ui.interact(
            place,
            ui.scope_id().with(("lane", rect.top() as i32)),
            Sense::hover(),
        )
        .on_hover_text(label);
        ui.painter().rect_filled(rect, 2, palette.well);
    }
    for ((rect, side), ranges) in [(first, sides[0]), (second, sides[1])]
        .into_iter()
        .zip(kept)
    {
        paint_side(ui, rect, side, ranges, &map, session, palette);
    }
    paint_agreement(ui, agreement, kept, &map, session, palette);
    let (spans, values): (Vec<(f64, f64)>, Vec<f64>) = comparison
        .disagreement
        .iter()
        .map(|&(span, value)| (span, f64::from(value) * 2.0))
        .unzip();
    let strip = model::heat_boxes(&spans, &values, &map);
    paint::paint_heat(ui.painter(), everybody, &strip, palette);
    listen(
        ui,
        ruler.union(everybody),
        everybody,
        &map,
        comparison,
        commands,
    );
    let x = map.x_from_secs(state.playback.position_secs);
    if x >= ruler.left() && x <= ruler.right() {
        let all = Rect::from_min_max(ruler.min, pos2(ruler.right(), area.bottom()));
        paint::paint_playhead(ui.painter(), all, x, palette);
    }
}

/// Annotators are outlines, samples and alternatives are fills, as everywhere.
fn paint_side(
    ui: &Ui,
    rect: Rect,
    side: &Side,
    kept: &[FrameRange],
    map: &TimeMap,
    session: &Session,
    palette: &Palette,
) {
    let boxes = model::boxes(&session.ranges_secs(kept), map, model::MERGE_POINTS);
    let painter = ui.painter().with_clip_rect(rect.expand(1.0));
    let inside = rect.shrink2(vec2(0.0, 2.0));
    let alternative = match side {
        Side::Annotator(_) => None,
        Side::Summary(of) => session.summary(*of).and_then(|summary| summary.letter),
    };
    match (side, alternative) {
        (Side::Annotator(_), _) => {
            paint::paint_edged(&painter, inside, &boxes, palette.annotator);
        }
        (_, alternative) => {
            let color = alternative.map_or(palette.secondary, |letter| palette.alternative(letter));
            paint::paint_filled(&painter, inside, &boxes, color);
        }
    }
}

/// Full height where both keep a moment, the upper or lower half where one does.
fn paint_agreement(
    ui: &Ui,
    rect: Rect,
    kept: &[Vec<FrameRange>; 2],
    map: &TimeMap,
    session: &Session,
    palette: &Palette,
) {
    let painter = ui.painter().with_clip_rect(rect);
    let middle = rect.center().y;
    let upper = Rect::from_min_max(rect.min, pos2(rect.right(), middle - 1.0));
    let lower = Rect::from_min_max(pos2(rect.left(), middle + 1.0), rect.max);
    let part = |place: Rect, ranges: &[FrameRange], color| {
        let boxes = model::boxes(&session.ranges_secs(ranges), map, model::MERGE_POINTS);
        paint::paint_filled(&painter, place, &boxes, color);
    };
    part(
        upper,
        &ranges::difference(&kept[0], &kept[1]),
        palette.faint,
    );
    part(
        lower,
        &ranges::difference(&kept[1], &kept[0]),
        palette.faint,
    );
    part(
        rect,
        &ranges::intersection(&kept[0], &kept[1]),
        palette.good,
    );
}

/// A click moves the playhead; hovering the last row shows how much all differ.
fn listen(
    ui: &Ui,
    all: Rect,
    everybody: Rect,
    map: &TimeMap,
    comparison: &Comparison,
    commands: &mut Vec<Command>,
) {
    let response = ui.interact(
        all,
        ui.scope_id().with("pair lanes"),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Position in the comparison"));
    if (response.clicked() || response.dragged_by(PointerButton::Primary))
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(Command::SeekTo(map.secs_from_x(pos.x)));
    }
    let Some(pos) = response.hover_pos() else {
        return;
    };
    let palette = Palette::of(ui);
    ui.painter()
        .vline(pos.x, all.y_range(), Stroke::new(1.0, palette.faint));
    if everybody.expand(3.0).contains(pos) {
        let secs = map.secs_from_x(pos.x);
        if let Some((_, value)) = comparison
            .disagreement
            .iter()
            .find(|((start, end), _)| *start <= secs && secs < *end)
        {
            response.on_hover_text(format!(
                "At {} the annotators differ by {value:.2} (standard deviation of ratings from 0 to 1).",
                text::clock(secs)
            ));
        }
    }
}
