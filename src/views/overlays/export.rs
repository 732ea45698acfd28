//! The export dialog: which summary, how long, in which format, where to.

use super::{row_ui, title_ui};
use crate::domain::ranges::length_secs;
use crate::state::command::{Command, Several};
use crate::state::{AppState, EXPORT_FORMATS, ExportForm};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Align, Button, Key, Layout, Margin, RichText, Ui};

/// Enough for all formats and their headings.
const FORMAT_LIST: f32 = 420.0;

pub(super) fn export_ui(
    ui: &mut Ui,
    state: &AppState,
    form: &ExportForm,
    commands: &mut Vec<Command>,
) {
    title_ui(ui, "Export", commands);
    let palette = Palette::of(ui);
    let mut edited = form.clone();
    let ranges = state.exported_ranges(form).unwrap_or_default();
    let session = state.session.as_ref();
    let secs = session.map_or(0.0, |session| length_secs(&session.ranges_secs(&ranges)));
    row_ui(ui, "Summary", "Which summary is written.", |ui| {
        let count = state.alternative_count();
        for index in (0..count).rev() {
            let of = state.alternative_ref(index);
            let letter = state.letter_at(index).to_string();
            let label = RichText::new(&letter)
                .font(theme::semibold(theme::SIZE_BODY))
                .color(palette.alternative_text(state.letter_at(index)));
            if ui
                .add(Button::selectable(of == Some(form.summary), label))
                .on_hover_text("Exports this alternative's summary.")
                .accessible_name(format!("Export {letter}"))
                .clicked()
                && let Some(of) = of
            {
                edited.summary = of;
            }
        }
        // A sample that was in hand is among the choices.
        if let Some(of) = state.chosen().filter(|of| !of.is_alternative())
            && ui
                .add(Button::selectable(of == form.summary, of.to_string()))
                .on_hover_text("Exports the sample in hand.")
                .accessible_name(format!("Export {of}"))
                .clicked()
        {
            edited.summary = of;
        }
    });
    row_ui(
        ui,
        "Length",
        "The budget slider in the top bar changes how much summaries keep.",
        |ui| {
            widgets::note(
                ui,
                match state.exported_within(form) {
                    Some(_) => format!("{} in the range · {}", text::clock(secs), form.summary),
                    None => format!(
                        "{} within a budget of {} · {}",
                        text::clock(secs),
                        text::percent_fine(state.choices.settings.budget),
                        form.summary
                    ),
                },
            );
        },
    );
    if let Some((start, end)) = state.choices.range_secs {
        let label = "Only within the in/out range";
        let tip = format!(
            "Exports the part of the summary from {} to {}.",
            state.time_text(start),
            state.time_text(end)
        );
        super::export_clip::choice_ui(ui, label, Ok(&tip), &mut edited.within_range);
    }
    if state
        .session
        .as_ref()
        .is_some_and(|session| session.sound.is_some())
    {
        let tip = match state.hindrance_to_whole_speech(form) {
            Some(why) => Err(why),
            None => Ok(
                "Moves each end of a piece by at most half a second into the nearest pause, so that words are not cut.",
            ),
        };
        super::export_clip::choice_ui(ui, "Keep speech whole", tip, &mut edited.whole_speech);
        if let Some(speech) = state.exported_speech(form) {
            widgets::note(ui, format!("{}.", text::capitalised(&speech.sentence())));
        }
    }
    row_ui(
        ui,
        "Format",
        "A clip to watch, or a list of cuts for another program.",
        |ui| {
            let name = EXPORT_FORMATS
                .iter()
                .find(|(ending, _, _)| *ending == form.format)
                .map_or(form.format, |(_, name, _)| name);
            egui::ComboBox::from_id_salt("export format")
                .selected_text(name)
                .width(190.0)
                .height(FORMAT_LIST)
                .show_ui(ui, |ui| {
                    for (heading, clips) in [("Clips", true), ("Lists of cuts", false)] {
                        widgets::note(ui, heading);
                        for (ending, name, _) in
                            EXPORT_FORMATS.iter().filter(|(_, _, clip)| *clip == clips)
                        {
                            let chosen = *ending == form.format;
                            if ui.selectable_label(chosen, *name).clicked() {
                                edited.format = ending;
                            }
                        }
                    }
                })
                .response
                .accessible_name("Format");
        },
    );
    if form.is_clip() {
        super::export_clip::clip_ui(ui, state, &mut edited);
    }
    ui.add_space(4.0);
    let mut typed_enter = false;
    ui.horizontal(|ui| {
        ui.set_height(ui.spacing().interact_size.y.max(28.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .button("Browse…")
                .on_hover_text("Chooses where to write.")
                .clicked()
            {
                commands.push(Command::ChooseExportPath(edited.clone()));
            }
            let mut path = edited.path.clone();
            let field = ui
                .add(
                    egui::TextEdit::singleline(&mut path)
                        .desired_width(ui.available_width())
                        .margin(Margin::symmetric(8, 6)),
                )
                .accessible_name("File to write");
            typed_enter = field.lost_focus();
            if field.changed() {
                edited = edited.clone().with_path(path);
            }
        });
    });
    if edited.path == form.path {
        follow(&mut edited, form, state);
    }
    let same_as_source = state
        .session
        .as_ref()
        .is_some_and(|session| session.video.path == std::path::Path::new(edited.path.trim()));
    if secs <= 0.0 && state.exported_within(form).is_some() {
        ui.label(
            RichText::new("The summary keeps nothing within the range.")
                .font(theme::regular(theme::SIZE_BODY))
                .color(palette.error),
        );
    }
    if same_as_source {
        ui.label(
            RichText::new(
                "This is the video itself; it is never overwritten. Choose another name.",
            )
            .font(theme::regular(theme::SIZE_BODY))
            .color(palette.error),
        );
    }
    ui.add_space(8.0);
    // Enter exports, unless it is meant for the control that has the focus.
    let free = typed_enter || ui.memory(|memory| memory.focused().is_none());
    let entered =
        free && !egui::Popup::is_any_open(ui.ctx()) && ui.input(|i| i.key_pressed(Key::Enter));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let ready = !edited.path.trim().is_empty() && !same_as_source && secs > 0.0;
            let export = ui
                .add_enabled(ready, widgets::primary_button("Export", palette))
                .on_hover_text("Writes the file; the source is never changed. (Enter)");
            if export.clicked() || (entered && ready) {
                commands.push(Command::StartExport(edited.clone()));
            }
            for (what, name, tip) in [
                (
                    Several::Alternatives,
                    "Export all",
                    "Writes a file for every alternative, each under its own name, into this folder.",
                ),
                (
                    Several::Pinned,
                    "Export pinned",
                    "Writes a file for every pinned alternative, each under its own name, into this folder.",
                ),
            ] {
                let count = state.several(what).len();
                let least = if what == Several::Pinned { 1 } else { 2 };
                if count < least {
                    continue;
                }
                let button = Button::new(format!("{name} ({count})"));
                let button = ui.add_enabled(ready, button).on_hover_text(tip);
                if button.clicked() {
                    commands.push(Command::ExportSeveral(edited.clone(), what));
                }
            }
            let count = state.several(Several::Alternatives).len();
            if count > 1 {
                let button = Button::new(format!("Export reel ({count})"));
                let button = ui
                    .add_enabled(ready && edited.is_clip(), button)
                    .on_hover_text("Writes one clip into this folder in which all alternatives play in turn, each behind a title card and as a chapter. It is encoded exactly.")
                    .on_disabled_hover_text("A reel is a clip: choose a format of a clip.");
                if button.clicked() {
                    commands.push(Command::ExportReel(edited.clone()));
                }
            }
            if ui
                .button("Cancel")
                .on_hover_text("Closes this and writes nothing. (Escape)")
                .clicked()
            {
                commands.push(Command::CloseOverlay);
            }
        });
    });
    if edited != *form
        && !commands.iter().any(|c| {
            matches!(
                c,
                Command::StartExport(_)
                    | Command::ExportSeveral(..)
                    | Command::ExportReel(_)
                    | Command::CloseOverlay
            )
        })
    {
        commands.push(Command::EditExport(edited));
    }
}

/// Lets the path follow the summary and the format.
fn follow(edited: &mut ExportForm, form: &ExportForm, state: &AppState) {
    if !form.path_is_chosen && edited.summary != form.summary {
        if let Some(path) = state.export_path(edited.summary, edited.format) {
            edited.path = path;
        }
    } else if edited.format != form.format {
        edited.path = with_ending(&edited.path, edited.format);
    }
}

/// A path with another ending.
pub(super) fn with_ending(path: &str, ending: &str) -> String {
    std::path::Path::new(path)
        .with_extension(ending)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_summary_until_one_is_chosen() {
        let state = crate::testing::fixture::state();
        let (a, b) = (
            state.alternative_ref(0).unwrap(),
            state.alternative_ref(1).unwrap(),
        );
        let form = ExportForm::new(b, "mp4", state.export_path(b, "mp4").unwrap());
        assert!(form.path.ends_with("_summary_B.mp4"), "{}", form.path);
        let mut other = ExportForm {
            summary: a,
            ..form.clone()
        };
        follow(&mut other, &form, &state);
        assert!(other.path.ends_with("_summary_A.mp4"), "{}", other.path);
        // A typed ending says the format, and a typed name stays.
        let typed = form.with_path("/tmp/mine.webm".to_owned());
        assert_eq!(typed.format, "webm");
        let mut other = ExportForm {
            summary: a,
            ..typed.clone()
        };
        follow(&mut other, &typed, &state);
        assert_eq!(other.path, "/tmp/mine.webm");
        let mut list = ExportForm {
            format: "edl",
            ..typed.clone()
        };
        follow(&mut list, &typed, &state);
        assert_eq!(list.path, "/tmp/mine.edl");
        assert!(typed.is_clip() && !list.is_clip());
    }

    #[test]
    fn the_ending_follows_the_format() {
        assert_eq!(
            with_ending("/a/b_summary_A.mp4", "otio"),
            "/a/b_summary_A.otio"
        );
    }
}
