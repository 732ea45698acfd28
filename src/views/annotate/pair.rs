//! One pair in detail: what each keeps, where they agree, where everybody differs, and playing any part of it.

use egui::{
    Align, Align2, Button, Layout, PointerButton, Rect, RichText, Role, Sense, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use super::compare::number_text;
use crate::app::annotate::AnnotateCommand;
use crate::app::annotate::compare::{Comparison, PairPart, Side, side_name};
use crate::app::command::Command;
use crate::app::state::{AppState, Session};
use crate::domain::{FrameRange, ranges};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use crate::views::timeline::map::TimeMap;
use crate::views::timeline::{model, paint};

/// Height of the panel.
pub const HEIGHT: f32 = 248.0;
const GUTTER: f32 = 112.0;
const LANE: f32 = 18.0;

/// Shows the panel.
pub fn pair_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    comparison: &Comparison,
    commands: &mut Vec<Command>,
) {
    let Some((first, second)) = state.compared_sides() else {
        let area = ui.available_rect_before_wrap();
        widgets::paint_empty(
            ui,
            area,
            "No pair",
            "A pair needs two annotators, or one and the drawn summaries.",
        );
        return;
    };
    let kept = [state.side_ranges(&first), state.side_ranges(&second)];
    head_ui(
        ui,
        state,
        session,
        comparison,
        [&first, &second],
        &kept,
        commands,
    );
    lanes_ui(
        ui,
        state,
        session,
        comparison,
        [&first, &second],
        &kept,
        commands,
    );
}

/// What a part is called, with the names of the sides.
pub fn part_name(state: &AppState, part: PairPart) -> String {
    let names = state.compared_sides().map_or_else(
        || ("first".to_owned(), "second".to_owned()),
        |(first, second)| (short(&side_name(&first)), short(&side_name(&second))),
    );
    match part {
        PairPart::First => names.0,
        PairPart::Second => names.1,
        PairPart::Both => "Both".to_owned(),
        PairPart::OnlyFirst => format!("Only {}", names.0),
        PairPart::OnlySecond => format!("Only {}", names.1),
        PairPart::Either => "Either".to_owned(),
    }
}

/// Names in buttons are cut after some letters.
fn short(name: &str) -> String {
    const MOST: usize = 14;
    let name = text::short_name(name);
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(MOST - 1).collect();
    cut.push('…');
    cut
}

fn head_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    comparison: &Comparison,
    sides: [&Side; 2],
    kept: &[Vec<FrameRange>; 2],
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(28.0);
        ui.spacing_mut().item_spacing.x = 6.0;
        side_menu(ui, state, comparison, sides[0], true, commands);
        widgets::note(ui, "and");
        side_menu(ui, state, comparison, sides[1], false, commands);
        ui.add_space(10.0);
        for part in PairPart::ALL {
            let ranges = part.of(&kept[0], &kept[1]);
            let secs: f64 = ranges
                .iter()
                .map(|range| session.index.range_secs(*range))
                .sum();
            let name = part_name(state, part);
            let playing = state.annotate.plays_part && state.annotate.part == part;
            let button = Button::new(
                RichText::new(format!("{name} · {}", text::clock(secs)))
                    .font(theme::medium(theme::SIZE_BODY))
                    .color(palette.text),
            )
            .fill(if playing {
                palette.accent_fill
            } else {
                palette.control
            })
            .min_size(vec2(0.0, 26.0));
            let command = AnnotateCommand::PlayPart(part);
            let response = ui
                .add_enabled(!ranges.is_empty(), button)
                .on_hover_text(command.tooltip())
                .on_disabled_hover_text("There is nothing in this part.")
                .accessible_name(format!("Play {name}"));
            if response.clicked() {
                commands.push(Command::Annotate(command));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.available_width() > 60.0
                && let Some(words) = pair_figures(comparison, sides, kept, session)
            {
                widgets::note(ui, words);
            }
        });
    });
}

/// `τ 0.31 · F1 44 %` of the pair.
fn pair_figures(
    comparison: &Comparison,
    sides: [&Side; 2],
    kept: &[Vec<FrameRange>; 2],
    session: &Session,
) -> Option<String> {
    let place = |side: &Side| match side {
        Side::Annotator(name) => comparison.names.iter().position(|other| other == name),
        _ => None,
    };
    let f1 =
        crate::analysis::overlap::f1_percent_of_ranges(&kept[0], &kept[1], session.index.len());
    let tau = place(sides[0])
        .zip(place(sides[1]))
        .and_then(|(a, b)| comparison.tau[[a, b]]);
    let f1 = format!("F1 {f1:.0}\u{202f}%");
    Some(match tau {
        Some(tau) => format!("τ {} · {f1}", number_text(tau, 2)),
        None => f1,
    })
}

fn side_menu(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    side: &Side,
    first: bool,
    commands: &mut Vec<Command>,
) {
    let set = |side: Side| {
        Command::Annotate(if first {
            AnnotateCommand::SetFirstSide(side)
        } else {
            AnnotateCommand::SetSecondSide(side)
        })
    };
    let response = widgets::menu_button(ui, &short(&side_name(side)), 0.0, false, |ui| {
        egui::ScrollArea::vertical()
            .max_height(360.0)
            .show(ui, |ui| {
                let mut entry = |ui: &mut Ui, other: Side| {
                    if ui
                        .selectable_label(other == *side, side_name(&other))
                        .clicked()
                    {
                        commands.push(set(other));
                        ui.close();
                    }
                };
                for name in &comparison.names {
                    entry(ui, Side::Annotator(name.clone()));
                }
                for index in 0..state.alternative_count() {
                    entry(ui, Side::Alternative(index));
                }
                // Nearest samples, and the chosen one.
                let mut samples: Vec<usize> = comparison
                    .nearness
                    .iter()
                    .flatten()
                    .map(|near| near.sample)
                    .chain(state.choices.selection.sample)
                    .collect();
                samples.sort_unstable();
                samples.dedup();
                for sample in samples.into_iter().take(24) {
                    entry(ui, Side::Sample(sample));
                }
            });
    });
    response
        .on_hover_text("Annotators, alternatives and the samples nearest to somebody.")
        .accessible_name(if first {
            "First of the pair"
        } else {
            "Second of the pair"
        });
}

fn lanes_ui(
    ui: &Ui,
    state: &AppState,
    session: &Session,
    comparison: &Comparison,
    sides: [&Side; 2],
    kept: &[Vec<FrameRange>; 2],
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let mut bottom = area.bottom();
    let mut row = |height: f32| {
        let rect = Rect::from_min_max(
            pos2(area.left() + GUTTER, bottom - height),
            pos2(area.right(), bottom),
        );
        bottom = rect.top() - 5.0;
        rect
    };
    let everybody = row(12.0);
    let agreement = row(LANE);
    let second = row(LANE);
    let first = row(LANE);
    let ruler = Rect::from_min_max(
        pos2(area.left() + GUTTER, area.top()),
        pos2(area.right(), area.top() + 20.0),
    );
    let film = Rect::from_min_max(
        pos2(ruler.left(), ruler.bottom()),
        pos2(ruler.right(), first.top() - 5.0),
    );
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(ruler.left(), ruler.width(), start_secs, span_secs);
    paint::paint_ruler(ui.painter(), ruler, &map, palette);
    paint::paint_filmstrip(ui.painter(), film, &map, session, palette, true);
    for (rect, label) in [
        (first, text::short_name(&side_name(sides[0])).to_owned()),
        (second, text::short_name(&side_name(sides[1])).to_owned()),
        (agreement, "Agreement".to_owned()),
        (everybody, "Disagreement".to_owned()),
    ] {
        let gutter = Rect::from_min_max(
            pos2(area.left(), rect.top()),
            pos2(rect.left() - 8.0, rect.bottom()),
        );
        widgets::paint_text_clipped(
            ui,
            gutter.left_center(),
            Align2::LEFT_CENTER,
            &label,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
            gutter.width(),
        );
        ui.painter().rect_filled(rect, 2, palette.well);
    }
    for ((rect, side), ranges) in [(first, sides[0]), (second, sides[1])]
        .into_iter()
        .zip(kept)
    {
        paint_side(ui, rect, side, ranges, &map, state, session, palette);
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
#[expect(clippy::too_many_arguments, reason = "one lane, painted in one place")]
fn paint_side(
    ui: &Ui,
    rect: Rect,
    side: &Side,
    kept: &[FrameRange],
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    palette: &Palette,
) {
    let boxes = model::boxes(&session.ranges_secs(kept), map, model::MERGE_POINTS);
    let painter = ui.painter().with_clip_rect(rect.expand(1.0));
    let inside = rect.shrink2(vec2(0.0, 2.0));
    let alternative = match side {
        Side::Annotator(_) => None,
        Side::Alternative(index) => Some(*index),
        Side::Sample(sample) => state.draw().and_then(|draw| draw.alternative_of(*sample)),
    };
    match (side, alternative) {
        (Side::Annotator(_), _) => {
            paint::paint_edged(&painter, inside, &boxes, palette.annotator);
        }
        (_, alternative) => {
            let color = alternative.map_or(palette.secondary, |index| palette.alternative(index));
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

/// A click moves the playhead; hovering the last row tells how much everybody differs.
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
