//! One pair in detail: what each keeps, where they agree, where everybody differs, and playing any
//! part of it.

use egui::{
    Button, Rect, RichText, Role, ScrollArea, Sense, TextWrapMode, Ui, WidgetInfo, pos2, vec2,
};

use super::figures::number_text;
use super::lanes;
use crate::domain::FrameRange;
use crate::domain::SummaryRef;
use crate::session::Session;
use crate::session::people::{Comparison, PairPart, Side, side_name};
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Height of the panel where there is room.
pub const HEIGHT: f32 = 248.0;
/// The same where its buttons take many rows.
pub const HEIGHT_NARROW: f32 = 316.0;
/// Height that it keeps in a low window.
pub const LEAST: f32 = 200.0;
const GAP: f32 = 8.0;
/// Height of a row of buttons.
const BUTTON: f32 = 28.0;

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
    let area = ui.available_rect_before_wrap();
    let kept = [state.side_ranges(&first), state.side_ranges(&second)];
    let sides = [&first, &second];
    // The buttons take as many rows as the width asks for, and are scrolled before they push the
    // lanes out.
    ScrollArea::vertical()
        .id_salt("parts")
        .auto_shrink([false, true])
        .min_scrolled_height(0.0)
        .max_height((area.height() - lanes::LEAST - GAP).max(BUTTON))
        .show(ui, |ui| {
            head_ui(ui, state, session, comparison, sides, &kept, commands);
        });
    let top = ui.cursor().top();
    let place = Rect::from_min_max(
        pos2(area.left(), top),
        pos2(area.right(), area.bottom().max(top)),
    );
    lanes::lanes_ui(
        ui, place, state, session, comparison, sides, &kept, commands,
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

/// Names in buttons are cut after some letters: enough to tell `likes the sea` from `likes the sea,
/// and wind`.
fn short(name: &str) -> String {
    const MOST: usize = 18;
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
    ui.horizontal_wrapped(|ui| {
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
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
                .on_hover_text(part_tip(sides, part))
                .on_disabled_hover_text("There is nothing in this part.")
                .accessible_name(format!("Play {name}"));
            if response.clicked() {
                commands.push(Command::Annotate(command));
            }
        }
        if let Some(words) = pair_figures(comparison, sides, kept, session) {
            figures_ui(ui, words, palette);
        }
    });
}

/// What playing a part does, and whose part it is, by the full names.
fn part_tip(sides: [&Side; 2], part: PairPart) -> String {
    let tip = AnnotateCommand::PlayPart(part).tooltip();
    let [first, second] = sides.map(side_name);
    match part {
        PairPart::First | PairPart::OnlyFirst => format!("{first}\n{tip}"),
        PairPart::Second | PairPart::OnlySecond => format!("{second}\n{tip}"),
        PairPart::Both | PairPart::Either => tip,
    }
}

/// Figures of the pair at the end of the last row.
fn figures_ui(ui: &mut Ui, words: String, palette: &Palette) {
    let font = theme::regular(theme::SIZE_BODY);
    let galley = ui
        .painter()
        .layout_no_wrap(words.clone(), font, palette.secondary);
    let size = vec2(galley.size().x.ceil(), BUTTON);
    let spare = ui.available_size_before_wrap().x - size.x;
    if spare > 0.0 {
        ui.add_space((spare - 1.0).max(0.0));
    }
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter()
        .galley(pos2(rect.left(), top), galley, palette.secondary);
    response
        .on_hover_text("How alike the two rank moments, and how much of their picks they share.");
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
                    let name = side_name(&other);
                    if ui
                        .selectable_label(other == *side, text::short_name(&name))
                        .on_hover_text(&name)
                        .clicked()
                    {
                        commands.push(set(other));
                        ui.close();
                    }
                };
                for name in &comparison.names {
                    entry(ui, Side::Annotator(name.clone()));
                }
                let alternatives =
                    (0..state.alternative_count()).filter_map(|index| state.alternative_ref(index));
                for of in alternatives {
                    entry(ui, Side::Summary(of));
                }
                // Nearest samples, and the chosen one.
                let mut samples: Vec<usize> = comparison
                    .nearness
                    .iter()
                    .flatten()
                    .map(|near| near.sample)
                    .chain(state.chosen().and_then(SummaryRef::sample))
                    .collect();
                samples.sort_unstable();
                samples.dedup();
                for sample in samples.into_iter().take(24) {
                    entry(ui, Side::Summary(SummaryRef::Sample(sample)));
                }
            });
    });
    response
        .on_hover_text(format!(
            "{}\nAnnotators, alternatives and the samples nearest to someone.",
            side_name(side)
        ))
        .accessible_name(if first {
            "First of the pair"
        } else {
            "Second of the pair"
        });
}
