//! What stands around the matrix: its head, the figures over all annotators with their intervals,
//! and the legend.

use egui::{Align, Align2, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::analysis::agreement::{RatingScale, SummaryUnit};
use crate::analysis::reliability::Interval;
use crate::session::people::{Comparison, Measure};
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Height of one row of figures.
const ROW: f32 = 54.0;
/// Height of the legend.
pub const LEGEND: f32 = 40.0;

/// How many are compared, and by which measure.
pub fn head_ui(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    titled: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        if titled {
            ui.label(
                RichText::new("Agreement")
                    .font(theme::semibold(theme::SIZE_STRONG))
                    .color(palette.text),
            );
        }
        widgets::note(ui, text::count(comparison.names.len(), "annotator"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().interact_size.y = 22.0;
            ui.spacing_mut().button_padding = vec2(8.0, 2.0);
            for (measure, name, tip) in [
                (
                    Measure::F1,
                    "F1",
                    "How much of the picks is shared; ratings become picks within the budget.",
                ),
                (
                    Measure::Tau,
                    "τ",
                    "Kendall's τ-b of the scores: whether both rank moments alike.",
                ),
            ] {
                if ui
                    .selectable_label(state.annotate.measure == measure, name)
                    .on_hover_text(tip)
                    .clicked()
                {
                    commands.push(Command::Annotate(AnnotateCommand::SetMeasure(measure)));
                }
            }
        });
    });
}

/// Mean τ, mean F1, α and κ with their intervals: in one row, or two by two where intervals would
/// be cut.
pub fn figures_ui(ui: &mut Ui, comparison: &Comparison) {
    let palette = Palette::of(ui);
    let figures = [
        (
            "Mean τ",
            interval_texts(comparison.intervals.mean_tau, 1.0, 2),
            "Mean of Kendall's τ-b over all pairs of annotators.",
        ),
        (
            "Mean F1",
            in_percent(interval_texts(comparison.intervals.mean_f1, 1.0, 0)),
            "Mean overlap of picks over all pairs.",
        ),
        (
            "α",
            interval_texts(comparison.alpha, 1.0, 2),
            "Krippendorff's α of the scores: 1 is full agreement, 0 is chance.",
        ),
        (
            "κ",
            interval_texts(comparison.intervals.kappa, 1.0, 2),
            "Fleiss' κ of the picks: 1 is full agreement, 0 is chance.",
        ),
    ];
    let fonts = [
        theme::regular(theme::SIZE_SMALL),
        theme::semibold(theme::SIZE_TITLE),
        theme::regular(theme::SIZE_SMALL),
    ];
    let widest = figures
        .iter()
        .flat_map(|(name, (value, range), _)| [*name, value.as_str(), range.as_str()])
        .zip(fonts.iter().cycle())
        .map(|(words, font)| {
            let galley = ui
                .painter()
                .layout_no_wrap(words.to_owned(), font.clone(), palette.text);
            galley.size().x
        })
        .fold(0.0, f32::max);
    let in_row = if widest + 8.0 <= ui.available_width() / 4.0 {
        4
    } else {
        2
    };
    let rows = figures.len() / in_row;
    let size = vec2(ui.available_width(), ROW * rows as f32 + 8.0);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let width = area.width() / in_row as f32;
    for (index, (name, (value, range), tip)) in figures.into_iter().enumerate() {
        let rect = Rect::from_min_size(
            pos2(
                area.left() + (index % in_row) as f32 * width,
                area.top() + (index / in_row) as f32 * ROW,
            ),
            vec2(width - 6.0, ROW),
        );
        let response = ui.interact(rect, ui.scope_id().with(("figure", index)), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("{name} {value}, {range}"))
        });
        for ((y, words, color), font) in [
            (8.0, name, palette.secondary),
            (25.0, value.as_str(), palette.text),
            (42.0, range.as_str(), palette.secondary),
        ]
        .into_iter()
        .zip(&fonts)
        {
            widgets::paint_text_clipped(
                ui,
                pos2(rect.left(), rect.top() + y),
                Align2::LEFT_CENTER,
                words,
                font.clone(),
                color,
                rect.width(),
            );
        }
        let tip = if range.is_empty() {
            format!("{tip} Undefined here: it needs two annotators who vary.")
        } else {
            format!("{tip} The interval holds 95 % of resamples of ten-second runs.")
        };
        response.on_hover_text(tip);
    }
}

/// What F1 and κ compare and on which scale α is taken, each with its other choice.
pub fn units_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let small = |words: &str| RichText::new(words).font(theme::regular(theme::SIZE_SMALL));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 2.0);
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding = vec2(6.0, 1.0);
        let secondary = Palette::of(ui).secondary;
        ui.label(small("F1, κ:").color(secondary));
        for (unit, tip) in [
            (
                SummaryUnit::Shots,
                "Ratings become the best two-second shots within the budget, as in the field and in `summdiff agreement`.",
            ),
            (
                SummaryUnit::Segments,
                "Ratings become the best segments of this video within the budget, as samples do. Fewer and longer parts overlap more.",
            ),
        ] {
            if ui
                .selectable_label(state.annotate.unit == unit, small(unit.title()))
                .on_hover_text(tip)
                .clicked()
            {
                commands.push(Command::Annotate(AnnotateCommand::SetUnit(unit)));
            }
        }
        ui.add_space(6.0);
        ui.label(small("α:").color(secondary));
        for (ratings, name, tip) in [
            (
                RatingScale::Raw,
                "raw",
                "Ratings as they were given, as in `summdiff agreement`: who rates lower all along disagrees.",
            ),
            (
                RatingScale::Scaled,
                "scaled",
                "Each annotator's ratings from 0 to 1, so that ratings and picks can stand in one α.",
            ),
        ] {
            if ui
                .selectable_label(state.annotate.ratings == ratings, small(name))
                .on_hover_text(tip)
                .clicked()
            {
                commands.push(Command::Annotate(AnnotateCommand::SetRatings(ratings)));
            }
        }
    });
}

/// Adds the unit to a value and its interval.
fn in_percent((value, range): (String, String)) -> (String, String) {
    let unit = |text: String| {
        if text.chars().any(|c| c.is_ascii_digit()) {
            format!("{text}\u{202f}%")
        } else {
            text
        }
    };
    (unit(value), unit(range))
}

/// What the colours mean.
pub fn legend_ui(ui: &Ui, rect: Rect, measure: Measure, palette: &Palette) {
    let bar = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 12.0),
        pos2(rect.right(), rect.top() + 20.0),
    );
    const STEPS: usize = 48;
    for step in 0..STEPS {
        let x = |at: usize| bar.left() + bar.width() * at as f32 / STEPS as f32;
        let cell = Rect::from_min_max(
            pos2(x(step), bar.top()),
            pos2(x(step + 1) + 0.5, bar.bottom()),
        );
        let share = (step as f32 + 0.5) / STEPS as f32;
        ui.painter().rect_filled(cell, 0, heat_cell(palette, share));
    }
    let (low, high) = match measure {
        Measure::Tau => ("τ 0 or less", "1 · all ranked alike"),
        Measure::F1 => ("F1 0", "100 · all picks shared"),
    };
    for (x, anchor, words) in [
        (bar.left(), Align2::LEFT_TOP, low),
        (bar.right(), Align2::RIGHT_TOP, high),
    ] {
        ui.painter().text(
            pos2(x, bar.bottom() + 3.0),
            anchor,
            words,
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
        );
    }
}

/// `0.18`, and its interval as `0.12 to 0.24`.
pub fn interval_texts(interval: Option<Interval>, scale: f64, digits: usize) -> (String, String) {
    interval.map_or_else(
        || ("undefined".to_owned(), String::new()),
        |found| {
            let number = |value: f64| number_text(value * scale, digits);
            (
                number(found.value),
                format!("{} to {}", number(found.low), number(found.high)),
            )
        },
    )
}

/// A number with a true minus sign, and no minus before what rounds to zero.
pub fn number_text(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn nothing_has_no_sign() {
        assert_eq!(number_text(-0.001, 2), "0.00");
        assert_eq!(number_text(-0.17, 2), "−0.17");
        assert_eq!(number_text(34.6, 0), "35");
    }
}
