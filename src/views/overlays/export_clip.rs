//! The part of the export dialog that clips alone have: how they are cut, what they keep, and what
//! copying will widen.

use super::row_ui;
use super::settings::outlined;
use crate::media::cut::{Copying, ExportMode, Foreseen, TrackChoice, TrackName};
use crate::state::{AppState, ExportForm};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use egui::{Button, RichText, Ui};

/// What a mode is called, and what it does.
fn words_of(mode: ExportMode) -> (&'static str, &'static str) {
    match mode {
        ExportMode::Exact => ("Exact", "Re-encodes, so that every cut falls on its frame."),
        ExportMode::Smart => (
            "Smart",
            "Copies what it can and re-encodes only around the cuts; checked by decoding.",
        ),
        ExportMode::Copy => (
            "Copy",
            "Copies without re-encoding; cuts widen to the nearest keyframes, and it says by how much.",
        ),
    }
}

/// Mode, sound, subtitles, colours and chapters of a clip, and about how large it will be; what is
/// changed goes into `edited`.
pub(super) fn clip_ui(ui: &mut Ui, state: &AppState, edited: &mut ExportForm) {
    let form = &edited.clone();
    row_ui(ui, "Cuts", "How the clip is cut.", |ui| {
        for mode in ExportMode::ALL.into_iter().rev() {
            if ui
                .add(Button::selectable(form.mode == mode, words_of(mode).0))
                .on_hover_text(words_of(mode).1)
                .clicked()
            {
                edited.mode = mode;
            }
        }
    });
    widgets::note(ui, words_of(form.mode).1);
    let foreseen = state.foreseen();
    if form.mode != ExportMode::Exact {
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
    let size = foreseen.and_then(|found| found.as_ref().ok());
    // What the video has does not change with what is asked for.
    let found = state.foreseen_of_video();
    let sounds = found.map(|found| found.sounds.as_slice());
    tracks_ui(ui, &SOUND, sounds, &mut edited.sounds);
    let subtitles = found.map(|found| found.subtitles.as_slice());
    tracks_ui(ui, &SUBTITLES, subtitles, &mut edited.subtitles);
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
    choice_ui(
        ui,
        "Chapters",
        Ok("Marks each kept piece as a chapter of the clip, with its time in the video."),
        &mut edited.chapters,
    );
    row_ui(ui, "Size", SIZE_TIP, |ui| {
        let words = match (size, foreseen) {
            (Some(found), _) => size_words(found.bytes),
            (None, Some(Err(_))) => "not known".to_owned(),
            (None, _) => "trying a few pictures…".to_owned(),
        };
        widgets::note(ui, words).on_hover_text(SIZE_TIP);
    });
}

/// Words for the tracks of a kind.
struct Tracks {
    label: &'static str,
    tip: &'static str,
    none: &'static str,
    /// What is kept where nothing is chosen, of several.
    usual: &'static str,
    /// All of them, where that is something else.
    all: Option<&'static str>,
}

const SOUND: Tracks = Tracks {
    label: "Sound",
    tip: "Keeps the sound, one language of it, or all, or leaves it out.",
    none: "The video has no sound.",
    usual: "As players choose",
    all: Some("All tracks"),
};

const SUBTITLES: Tracks = Tracks {
    label: "Subtitles",
    tip: "Keeps subtitles of text, cut along with the pictures, one language of them, or leaves them out.",
    none: "The video has no subtitles of text.",
    usual: "All",
    all: None,
};

/// A list of the tracks of a kind, to choose which are kept; `there` is `None` until they are
/// known.
fn tracks_ui(ui: &mut Ui, words: &Tracks, there: Option<&[TrackName]>, chosen: &mut TrackChoice) {
    let there_are_none = there.is_some_and(<[_]>::is_empty);
    let tip = if there_are_none {
        words.none
    } else {
        words.tip
    };
    let tracks = there.unwrap_or_default();
    let several = tracks.len() > 1;
    let mut choices = vec![(
        TrackChoice::Usual,
        if several { words.usual } else { "Kept" }.to_owned(),
    )];
    if several {
        let named = tracks.iter();
        choices.extend(named.map(|one| (TrackChoice::number(one.number), one.name.clone())));
        choices.extend(words.all.map(|all| (TrackChoice::All, all.to_owned())));
    }
    choices.push((TrackChoice::None, "Left out".to_owned()));
    row_ui(ui, words.label, tip, |ui| {
        ui.add_enabled_ui(!there_are_none, |ui| {
            let shown = choices.iter().find(|(choice, _)| choice == chosen);
            let shown = match (there_are_none, shown) {
                (true, _) => "None",
                (false, shown) => shown.map_or("Kept", |(_, name)| name),
            };
            egui::ComboBox::from_id_salt(words.label)
                .selected_text(shown)
                .width(190.0)
                .truncate()
                .show_ui(ui, |ui| {
                    for (choice, name) in &choices {
                        if ui.selectable_label(choice == chosen, name).clicked() {
                            *chosen = choice.clone();
                        }
                    }
                })
                .response
                .on_hover_text(tip)
                .on_disabled_hover_text(tip)
                .accessible_name(words.label)
        });
    });
}

const SIZE_TIP: &str =
    "What is copied is counted; of what is encoded a few short stretches were encoded as a trial.";

/// "about 12 MB", to two digits: an estimate has no more.
fn size_words(bytes: f64) -> String {
    let (value, unit) = match bytes {
        bytes if bytes < 0.995e6 => (bytes / 1e3, "kB"),
        bytes if bytes < 0.995e9 => (bytes / 1e6, "MB"),
        bytes => (bytes / 1e9, "GB"),
    };
    match value {
        value if value < 9.95 => format!("about {value:.1} {unit}"),
        value if value < 99.5 => format!("about {value:.0} {unit}"),
        value => format!("about {:.0} {unit}", (value / 10.0).round() * 10.0),
    }
}

/// A check box with what it does, or why it can do nothing here.
pub(super) fn choice_ui(ui: &mut Ui, label: &str, tip: Result<&str, &str>, chosen: &mut bool) {
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
        Ok(None) => (
            "The cuts fall on their frames, and what can be is copied.".to_owned(),
            false,
        ),
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
    fn sizes_have_two_digits() {
        for (bytes, words) in [
            (840.0, "about 0.8 kB"),
            (84_123.0, "about 84 kB"),
            (999_000.0, "about 1.0 MB"),
            (12_345_678.0, "about 12 MB"),
            (123_456_789.0, "about 120 MB"),
            (2.34e9, "about 2.3 GB"),
        ] {
            assert_eq!(size_words(bytes), words);
        }
    }

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
