//! The command palette: every command that would do something now, found by words of its name.

use crate::session::Summarised;
use crate::state::AppState;
use crate::state::command::heard;
use crate::state::command::{Command, Place, key_text};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;
use egui::{Id, Key, Margin, Modifiers, Role, Sense, Ui, WidgetInfo, vec2};

/// Most hits the palette lists at once.
pub(super) const MAX_HITS: usize = 12;

/// How well a name answers to what was typed: lower is better, `None` where it does not.
/// All words must occur; a word that begins a word of the name counts more.
pub fn match_rank(name: &str, typed: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let mut rank = 0;
    for word in typed.to_lowercase().split_whitespace() {
        let at = name.find(word)?;
        let begins = at == 0 || name[..at].ends_with(' ');
        rank += if begins { at } else { at + 100 };
    }
    Some(rank)
}

pub(super) fn palette_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut typed = state.overlay_text.clone();
    let field = ui
        .add(
            egui::TextEdit::singleline(&mut typed)
                .hint_text("Find a command")
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(10, 8)),
        )
        .accessible_name("Find a command");
    field.request_focus();
    let chosen_id = Id::unique("palette choice");
    if field.changed() {
        ui.data_mut(|data| data.insert_temp(chosen_id, 0usize));
        commands.push(Command::TypeOverlayText(typed.clone()));
    }
    let mut hits: Vec<(usize, Command)> = heard(state)
        .into_iter()
        .filter(|command| *command != Command::Palette && is_possible(state, command))
        .filter_map(|command| {
            let info = command.info()?;
            let rank = match_rank(&info.name, &typed).or_else(|| {
                match_rank(&format!("{} {}", info.place.label(), info.name), &typed).map(|r| r + 50)
            })?;
            Some((rank, command))
        })
        .collect();
    hits.sort_by_key(|(rank, _)| *rank);
    hits.truncate(MAX_HITS);
    let mut chosen: usize = ui.data(|data| data.get_temp(chosen_id)).unwrap_or(0);
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            chosen += 1;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            chosen = chosen.saturating_sub(1);
        }
    });
    chosen = chosen.min(hits.len().saturating_sub(1));
    ui.data_mut(|data| data.insert_temp(chosen_id, chosen));
    let entered = ui.input(|input| input.key_pressed(Key::Enter));
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    if hits.is_empty() {
        widgets::note(ui, "No command has these words in its name.");
    }
    let mut run = None;
    for (place, (_, command)) in hits.iter().enumerate() {
        let Some(info) = command.info() else { continue };
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(Role::MenuItem, true, place == chosen, &info.name)
        });
        if place == chosen || response.hovered() {
            ui.painter()
                .rect_filled(rect, theme::RADIUS_CONTROL, palette.control);
        }
        let used = ui.painter().text(
            rect.left_center() + vec2(10.0, 0.0),
            egui::Align2::LEFT_CENTER,
            &info.name,
            theme::medium(theme::SIZE_STRONG),
            palette.text,
        );
        let key = info.keys.first().map(key_text).unwrap_or_default();
        let key_rect = ui.painter().text(
            rect.right_center() - vec2(10.0, 0.0),
            egui::Align2::RIGHT_CENTER,
            key,
            theme::medium(theme::SIZE_SMALL),
            palette.secondary,
        );
        widgets::paint_text_clipped(
            ui,
            egui::pos2(used.right() + 12.0, rect.center().y),
            egui::Align2::LEFT_CENTER,
            info.tip,
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
            key_rect.left() - used.right() - 24.0,
        );
        if response.clicked() || (entered && place == chosen) {
            run = Some(command.clone());
        }
    }
    if let Some(command) = run {
        commands.push(Command::CloseOverlay);
        commands.push(command);
    }
}

/// Whether a command would do something now; the palette leaves the others out.
pub(super) fn is_possible(state: &AppState, command: &Command) -> bool {
    match command {
        Command::Undo => state.history.can_undo(),
        Command::Redo => state.history.can_redo(),
        Command::CancelJob => state.is_busy(),
        Command::SelectAlternative(index) => *index < state.alternative_count(),
        Command::Choose(of) => (state.session.as_ref()).is_some_and(|s| s.summary(*of).is_some()),
        Command::PlaySummary(_) | Command::OpenExport(_) | Command::FlipPair => {
            state.draw().is_some()
        }
        Command::ZoomRange | Command::PlayRange => state.choices.range_secs.is_some(),
        _ => match command.info().map(|info| info.place) {
            Some(Place::Play | Place::Timeline | Place::Summaries | Place::Steering) => {
                state.session.is_some()
            }
            Some(Place::Edit) => state.session.is_some(),
            _ => {
                state.session.is_some()
                    || !matches!(
                        command,
                        Command::SaveProject
                            | Command::SaveProjectAs
                            | Command::Figure(_)
                            | Command::LoadAnnotations
                            | Command::Snapshot
                    )
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_finds_words_in_any_order_and_prefers_beginnings() {
        assert!(match_rank("Choose alternative B", "b alt").is_some());
        assert!(match_rank("Open…", "export").is_none());
        assert!(match_rank("Play the summary", "summ") < match_rank("Unsummed", "summ"));
        assert_eq!(match_rank("anything", ""), Some(0));
    }

    #[test]
    fn the_palette_leaves_out_what_would_do_nothing() {
        let empty = AppState::default();
        assert!(!is_possible(&empty, &Command::TogglePlay));
        assert!(!is_possible(&empty, &Command::SaveProject));
        assert!(is_possible(&empty, &Command::OpenVideo));
        let full = crate::testing::fixture::state();
        assert!(is_possible(&full, &Command::SelectAlternative(3)));
        assert!(!is_possible(&full, &Command::SelectAlternative(4)));
    }
}
