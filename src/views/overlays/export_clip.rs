//! The part of the export dialog that clips alone have: how they are cut, what they keep, and what copying will widen.

use super::row_ui;
use super::settings::outlined;
use crate::media::cut::{Copying, Foreseen};
use crate::state::{AppState, ExportForm, ExportMode};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Button, RichText, Ui};

/// Mode, sound tracks and colours of a clip; what is changed goes into `edited`.
pub(super) fn clip_ui(ui: &mut Ui, state: &AppState, form: &ExportForm, edited: &mut ExportForm) {
    row_ui(ui, "Cuts", "How the clip is cut.", |ui| {
        for mode in ExportMode::ALL.into_iter().rev() {
            if ui
                .add(Button::selectable(form.mode == mode, mode.label()))
                .on_hover_text(mode.explanation())
                .clicked()
            {
                edited.mode = mode;
            }
        }
    });
    widgets::note(ui, form.mode.explanation());
    let foreseen = state.foreseen();
    if form.mode == ExportMode::Copy {
        let palette = Palette::of(ui);
        let (words, is_much) = match foreseen {
            Some(found) => widening(found.as_ref().map_err(String::as_str)),
            None => ("Looking for the groups of pictures…".to_owned(), false),
        };
        ui.label(
            RichText::new(words)
                .font(theme::regular(theme::SIZE_BODY))
                .color(if is_much {
                    palette.warning
                } else {
                    palette.secondary
                }),
        );
    }
    let found = foreseen.and_then(|found| found.as_ref().ok());
    choice_ui(
        ui,
        "All sound tracks",
        match found.map(|found| found.sound_tracks) {
            Some(0) => Err("The video has no sound."),
            Some(1) => Err("The video has one sound track; it is kept."),
            _ => Ok("Keeps the sound tracks that players do not choose by themselves, too."),
        },
        &mut edited.all_sound,
    );
    choice_ui(
        ui,
        "High quality",
        match found {
            _ if form.mode != ExportMode::Exact => Err("What is copied keeps its colours anyway."),
            Some(found) if !found.has_finer_colours => {
                Err("Clips keep all colours of this video anyway.")
            }
            _ => Ok("Keeps the resolution and bits of colours, which few players show."),
        },
        &mut edited.high_quality,
    );
}

/// A check box with what it does, or why it can do nothing here.
fn choice_ui(ui: &mut Ui, label: &str, tip: Result<&str, &str>, chosen: &mut bool) {
    let (Ok(words) | Err(words)) = tip;
    row_ui(ui, label, words, |ui| {
        outlined(ui);
        ui.add_enabled_ui(tip.is_ok(), |ui| {
            ui.checkbox(chosen, "")
                .on_hover_text(words)
                .on_disabled_hover_text(words)
                .accessible_name(label)
        });
    });
}

/// What copying will do, and whether that is far from what was asked for.
fn widening(found: Result<&Foreseen, &str>) -> (String, bool) {
    match found.map(|found| &found.copying) {
        Err(why) => (why.to_owned(), true),
        Ok(None) => (String::new(), false),
        Ok(Some(Copying::Exactly(reason))) => {
            (format!("It will be re-encoded instead: {reason}."), true)
        }
        Ok(Some(Copying::Widens {
            asked_secs,
            kept_secs,
        })) => {
            let (&asked_secs, &kept_secs) = (asked_secs, kept_secs);
            let (asked, kept) = (text::clock(asked_secs), text::clock(kept_secs));
            if kept_secs - asked_secs < 0.5 || asked == kept {
                (format!("The clip will last {kept}, as chosen."), false)
            } else {
                (
                    format!("The clip will last {kept} instead of {asked}."),
                    kept_secs > 1.25 * asked_secs,
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copying_adds_is_stated_before_it_begins() {
        let copying = |copying| Foreseen {
            copying: Some(copying),
            ..Foreseen::default()
        };
        let widens = |asked_secs, kept_secs| {
            widening(Ok(&copying(Copying::Widens {
                asked_secs,
                kept_secs,
            })))
        };
        let (words, is_much) = widens(45.0, 98.0);
        assert_eq!(words, "The clip will last 1:38 instead of 0:45.");
        assert!(is_much);
        let (words, is_much) = widens(45.0, 45.2);
        assert_eq!(words, "The clip will last 0:45, as chosen.");
        assert!(!is_much);
        let (words, is_much) = widening(Ok(&copying(Copying::Exactly("it does not fit".into()))));
        assert_eq!(words, "It will be re-encoded instead: it does not fit.");
        assert!(is_much);
    }
}
