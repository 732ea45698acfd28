//! What can be done with one alternative: the buttons at the foot of its card, and the card's menu.

use egui::{Button, Rect, RichText, Ui, vec2};

use crate::domain::SummaryRef;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, widgets};

/// Between two actions.
const GAP: f32 = 12.0;
/// The button that has what does not fit.
const MORE: f32 = 20.0;

/// Something that can be done with a kind of summary.
struct Action {
    label: String,
    tip: &'static str,
    command: Command,
}

/// What a card offers besides the export, the most used first.
fn actions(index: usize, state: &AppState) -> Vec<Action> {
    let (pinned, rejected) = (state.is_pinned(index), state.is_rejected(index));
    let action = |label: &str, tip, command| Action {
        label: label.to_owned(),
        tip,
        command,
    };
    let mut all = vec![
        action(
            if pinned { "Unpin" } else { "Pin" },
            "Keeps this summary in the timeline through new draws.",
            Command::Pin(index),
        ),
        action(
            if rejected { "Bring back" } else { "Reject" },
            "Dims this kind of summary, in this draw and the next.",
            Command::Reject(index),
        ),
        action(
            "More like this",
            "Lists all samples of this kind in the timeline, most alike first.",
            Command::MoreLikeThis(index),
        ),
    ];
    let (own, chosen) = (state.alternative_ref(index), state.chosen());
    if let Some(chosen) = chosen.filter(|_| chosen != own) {
        all.push(Action {
            label: format!("Compare with {chosen}"),
            tip: "Shows on the timeline what both summaries keep; X goes back and forth between them.",
            command: Command::CompareWith(index),
        });
    }
    all
}

/// What the secondary button offers on a card; `empty` says why there is nothing to play or export.
pub(in crate::views) fn menu_ui(
    ui: &mut Ui,
    index: usize,
    state: &AppState,
    empty: Option<&str>,
    commands: &mut Vec<Command>,
) {
    let play = Action {
        label: "Play".to_owned(),
        tip: "Plays only what this summary keeps.",
        command: Command::PlaySummary(Some(index)),
    };
    entry_ui(ui, play, empty, commands);
    for action in actions(index, state) {
        entry_ui(ui, action, None, commands);
    }
    let name = Action {
        label: "Name and note…".to_owned(),
        tip: "Gives this alternative a name and a note; both go into lists of cuts.",
        command: Command::NameAlternative(Some(index)),
    };
    entry_ui(ui, name, None, commands);
    if let Some(kind) = state.draw().and_then(|draw| draw.alternatives.get(index)) {
        let nearest = SummaryRef::Sample(kind.medoid_sample);
        let nearest = Action {
            label: format!("Choose {nearest}"),
            tip: "Chooses the real sample that is nearest to this alternative.",
            command: Command::Choose(nearest),
        };
        entry_ui(ui, nearest, None, commands);
    }
    let export = Action {
        label: "Export…".to_owned(),
        tip: "Writes this summary as a clip or as a list of cuts.",
        command: Command::OpenExport(Some(index)),
    };
    entry_ui(ui, export, empty, commands);
}

fn entry_ui(ui: &mut Ui, action: Action, why_not: Option<&str>, commands: &mut Vec<Command>) {
    let response = ui
        .add_enabled(why_not.is_none(), Button::new(action.label))
        .on_hover_text(action.tip)
        .on_disabled_hover_text(why_not.unwrap_or_default());
    if response.clicked() {
        commands.push(action.command);
        ui.close();
    }
}

/// How many of the actions fit side by side into `room`, with the button for the others where not
/// all do.
fn fitting(widths: &[f32], room: f32) -> usize {
    let used = |count: usize| {
        let words: f32 = widths.iter().take(count).sum();
        words + GAP * count.saturating_sub(1) as f32
    };
    if used(widths.len()) <= room {
        return widths.len();
    }
    (0..widths.len())
        .rev()
        .find(|&count| used(count) + GAP + MORE <= room)
        .unwrap_or(0)
}

pub(super) fn actions_ui(
    ui: &mut Ui,
    row: Rect,
    index: usize,
    state: &AppState,
    empty: Option<&str>,
    commands: &mut Vec<Command>,
) {
    const EXPORT: &str = "Export…";
    let palette = Palette::of(ui);
    let letter = state.letter_at(index);
    let width = |words: &str| {
        let font = theme::regular(theme::SIZE_BODY);
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font, palette.text);
        // Text is placed on whole pixels.
        galley.size().x.ceil()
    };
    let mut shown = actions(index, state);
    let widths: Vec<f32> = shown.iter().map(|action| width(&action.label)).collect();
    let hidden = shown.split_off(fitting(&widths, row.width() - width(EXPORT) - GAP));

    let mut child = parts::row(ui, row, ("actions", index));
    child.spacing_mut().item_spacing.x = GAP;
    child.spacing_mut().button_padding = vec2(0.0, 0.0);
    // No button is higher than the row, so that all stand on one line.
    child.spacing_mut().interact_size.y = row.height();
    for action in shown {
        let color = if action.label == "Unpin" {
            palette.alternative_text(letter)
        } else {
            palette.secondary
        };
        let response = widgets::text_button(&mut child, &action.label, color)
            .on_hover_text(action.tip)
            .accessible_name(format!("{}: {letter}", action.label));
        if response.clicked() {
            commands.push(action.command);
        }
    }
    if !hidden.is_empty() {
        let button = Button::new(RichText::new("…").color(palette.secondary))
            .frame(false)
            .min_size(vec2(MORE, 18.0));
        let response = child
            .add(button)
            .on_hover_text("What else can be done with this summary.")
            .accessible_name(format!("More actions: {letter}"));
        egui::Popup::menu(&response).show(|ui| {
            for action in hidden {
                entry_ui(ui, action, None, commands);
            }
        });
    }
    child.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let response = ui
            .add_enabled_ui(empty.is_none(), |ui| {
                widgets::text_button(ui, EXPORT, palette.accent)
            })
            .inner
            .on_hover_text(Command::OpenExport(Some(index)).tooltip())
            .on_disabled_hover_text(empty.unwrap_or_default())
            .accessible_name(format!("{EXPORT}: {letter}"));
        if response.clicked() {
            commands.push(Command::OpenExport(Some(index)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_do_not_fit_make_room_for_the_menu_that_has_them() {
        // Pin, Bring back, More like this.
        let widths = [19.0, 61.0, 79.0];
        let all = 19.0 + 61.0 + 79.0 + 2.0 * GAP;
        assert_eq!(fitting(&widths, all), 3);
        let two = 19.0 + 61.0 + 2.0 * GAP + MORE;
        assert_eq!(fitting(&widths, all - 1.0), 2);
        assert_eq!(fitting(&widths, two), 2);
        assert_eq!(fitting(&widths, two - 1.0), 1);
        assert_eq!(fitting(&widths, 10.0), 0);
        assert_eq!(fitting(&[], 10.0), 0);
    }
}
