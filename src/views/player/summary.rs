//! The buttons that play a summary and switch between the kinds of summary, in the player's row of
//! controls.

use egui::{
    Button, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::domain::{Letter, Named, SummaryRef};
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Extent};
use crate::ui::icons::Icon;
use crate::ui::text;
use crate::ui::theme::{self, Palette, RADIUS_CONTROL};
use crate::views::alternatives::why_empty;

/// Least and greatest width of a letter.
const LETTER: (f32, f32) = (18.0, 28.0);
/// Between two letters, and between the other controls.
const LETTER_GAP: f32 = 4.0;
const GAP: f32 = 8.0;
/// The button of the letters that do not fit.
const MORE: f32 = 26.0;
/// Air in front of the words, for the icon.
const INDENT: &str = "     ";

/// What the controls after the play button take, points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Widths {
    /// The time at the playhead, with the air after it.
    pub(super) time: f32,
    /// The length of the video.
    pub(super) total: f32,
    /// The button of the summary with long and with short words.
    pub(super) words: f32,
    pub(super) short: f32,
    /// Speed and sound.
    pub(super) rest: f32,
}

/// What of the row has room. The letters are worth more than the long words and the length of the
/// video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    /// Whether the length of the video is shown.
    pub(super) total: bool,
    words: bool,
    /// So many letters; a menu has the others.
    letters: usize,
    letter_width: f32,
}

impl Fit {
    /// With `words_first` the long words, which then have a name in them, are worth more than the
    /// length of the video.
    pub(super) fn of(
        room: f32,
        widths: &Widths,
        (roomy, words_first): (bool, bool),
        count: usize,
    ) -> Self {
        let left = |total: bool, words: bool| {
            let total = if total { widths.total } else { 0.0 };
            let button = if words { widths.words } else { widths.short };
            room - widths.time - total - GAP - button - GAP - widths.rest
        };
        if count == 0 {
            return Self {
                total: room > widths.time + widths.total + GAP + widths.rest,
                words: false,
                letters: 0,
                letter_width: LETTER.1,
            };
        }
        let choices = [(true, true), (false, true), (true, false), (false, false)];
        for (total, words) in choices {
            let width = left(total, words) / count as f32 - LETTER_GAP;
            let allowed = match (total, words) {
                (_, false) => true,
                (true, true) => roomy || words_first,
                (false, true) => words_first,
            };
            if width >= LETTER.0 && allowed {
                return Self {
                    total,
                    words,
                    letters: count,
                    letter_width: width.min(LETTER.1),
                };
            }
        }
        let letters = ((left(false, false) - MORE) / (LETTER.0 + LETTER_GAP)).max(0.0) as usize;
        Self {
            total: false,
            words: false,
            letters: letters.min(count - 1),
            letter_width: LETTER.0,
        }
    }
}

/// Most characters of an alternative's own name on the button.
const NAME: usize = 18;

/// What a person calls the alternative in hand; `None` where it has no name, or something else is
/// in hand.
pub(super) fn own_name(state: &AppState, of: SummaryRef) -> Option<String> {
    let letter = of.letter()?;
    let name = state.choices.names.of(Named::Alternative(letter)).name;
    (!name.is_empty()).then_some(name)
}

/// `Play summary A`, `Play A · Fireworks` or `Play sample 43`; `Play A` or `Play 43` where there is
/// little room.
fn label(state: &AppState, of: SummaryRef, words: bool) -> String {
    let verb = if is_playing(state) { "Pause" } else { "Play" };
    match (of, own_name(state, of)) {
        (SummaryRef::Alternative(letter), Some(name)) if words => {
            let short: String = name.chars().take(NAME).collect();
            let cut = if short.len() < name.len() { "…" } else { "" };
            format!("{verb} {letter} · {}{cut}", short.trim_end())
        }
        (SummaryRef::Alternative(letter), None) if words => format!("{verb} summary {letter}"),
        (SummaryRef::Sample(sample), _) if !words => format!("{verb} {sample}"),
        _ => format!("{verb} {of}"),
    }
}

fn is_playing(state: &AppState) -> bool {
    state.playback.playing && state.playback.extent == Extent::Summary
}

/// Width of the button that plays the chosen summary.
pub(super) fn button_width(ui: &Ui, state: &AppState, words: bool) -> f32 {
    let Some(chosen) = state.chosen() else {
        return 0.0;
    };
    let words = format!("{INDENT}{}", label(state, chosen, words));
    let font = theme::medium(theme::SIZE_BODY);
    let galley = ui
        .painter()
        .layout_no_wrap(words, font, Palette::of(ui).text);
    galley.size().x + 2.0 * ui.spacing().button_padding.x
}

pub(super) fn summary_buttons_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    fit: &Fit,
    commands: &mut Vec<Command>,
) {
    let count = state.alternative_count();
    let Some(of) = state.chosen() else {
        return;
    };
    play_ui(ui, state, session, of, fit.words, commands);
    // A sample in hand is none of the letters.
    let chosen = (of.letter()).and_then(|letter| state.draw()?.place_of(letter));
    ui.spacing_mut().item_spacing.x = LETTER_GAP;
    for index in 0..fit.letters.min(count) {
        let response = letter_button(
            ui,
            fit.letter_width,
            state.letter_at(index),
            Some(index) == chosen,
            &state.letter_at(index).to_string(),
        )
        .on_hover_text(Command::SelectAlternative(index).tooltip());
        response.widget_info(|| {
            WidgetInfo::selected(
                Role::Button,
                true,
                Some(index) == chosen,
                format!("Switch to {}", state.letter_at(index)),
            )
        });
        if response.clicked() {
            commands.push(Command::SelectAlternative(index));
        }
    }
    if fit.letters < count {
        others_ui(ui, state, fit.letters..count, chosen, commands);
    }
    ui.spacing_mut().item_spacing.x = GAP;
}

/// Plays the chosen summary, or pauses it.
fn play_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    of: SummaryRef,
    words: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let label = label(state, of, words);
    let mut tip = Command::PlaySummary(None).tooltip();
    if own_name(state, of).is_some() {
        tip = format!(
            "{}: {tip}",
            of.letter()
                .map_or_else(String::new, |letter| state.name_of(letter))
        );
    }
    let empty = why_empty(session, of);
    let letter = state.chosen_letter().unwrap_or_default();
    let mut color = palette.alternative_text(letter);
    let button = Button::new(
        RichText::new(format!("{INDENT}{label}"))
            .font(theme::medium(theme::SIZE_BODY))
            .color(color),
    )
    .fill(palette.alternative_wash(letter))
    .stroke(Stroke::new(1.0, palette.alternative(letter)))
    .min_size(vec2(0.0, 28.0));
    let response = ui
        .add_enabled(empty.is_none(), button)
        .on_hover_text(tip)
        .on_disabled_hover_text(empty.unwrap_or_default())
        .accessible_name(&label);
    if empty.is_some() {
        color = color.gamma_multiply(0.5);
    }
    let icon = egui::Rect::from_center_size(
        pos2(response.rect.left() + 18.0, response.rect.center().y),
        vec2(9.0, 9.0),
    );
    let glyph = if is_playing(state) {
        Icon::Pause
    } else {
        Icon::Play
    };
    glyph.paint(ui.painter(), icon, color);
    if response.clicked() {
        commands.push(Command::PlaySummary(None));
    }
}

/// A menu of the kinds whose letters do not fit; it wears the letter of the chosen one where that
/// is among them.
fn others_ui(
    ui: &mut Ui,
    state: &AppState,
    others: std::ops::Range<usize>,
    chosen: Option<usize>,
    commands: &mut Vec<Command>,
) {
    let among = chosen.filter(|chosen| others.contains(chosen));
    let inside = among.is_some();
    let label = match among {
        Some(chosen) => format!("{}…", state.letter_at(chosen)),
        None => "…".to_owned(),
    };
    let shown = among.unwrap_or(others.start);
    let response = letter_button(ui, MORE, state.letter_at(shown), inside, &label)
        .on_hover_text("The other kinds of summary.");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "More kinds of summary"));
    egui::Popup::menu(&response).show(|ui| {
        for index in others {
            let letter = state.letter_at(index);
            let share = state
                .draw()
                .and_then(|draw| draw.alternatives.get(index))
                .map_or(0.0, |kind| kind.share);
            let words = format!("{letter} · {} of samples", text::percent(share));
            let entry = Button::selectable(
                Some(index) == chosen,
                RichText::new(words)
                    .color(Palette::of(ui).alternative_text(state.letter_at(index))),
            );
            let entry = ui
                .add(entry)
                .on_hover_text(Command::SelectAlternative(index).tooltip())
                .accessible_name(format!("Switch to {letter}"));
            if entry.clicked() {
                commands.push(Command::SelectAlternative(index));
                ui.close();
            }
        }
    });
}

/// A letter in its colour; `chosen` stands out.
fn letter_button(ui: &mut Ui, width: f32, letter: Letter, chosen: bool, label: &str) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::click());
    let fill = if chosen || response.hovered() {
        palette.alternative_wash(letter)
    } else {
        palette.panel
    };
    let width = if chosen { 2.0 } else { 1.0 };
    // What stands for several kinds has no kind's colour.
    let several = label.ends_with('…') && !chosen;
    let (edge, words) = if several {
        (palette.faint, palette.secondary)
    } else {
        (
            palette.alternative(letter),
            palette.alternative_text(letter),
        )
    };
    ui.painter().rect(
        rect,
        RADIUS_CONTROL,
        fill,
        Stroke::new(width, edge),
        StrokeKind::Inside,
    );
    ui.painter().text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        label,
        theme::semibold(theme::SIZE_BODY),
        words,
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths {
        time: 79.0,
        total: 85.0,
        words: 131.0,
        short: 76.0,
        rest: 82.0,
    };

    #[test]
    fn letters_come_before_the_length_and_the_long_words() {
        let wide = Fit::of(620.0, &WIDTHS, (true, false), 4);
        assert!(wide.total && wide.words && wide.letters == 4);
        assert_eq!(wide.letter_width, LETTER.1);
        // A window of 1280 has eight kinds beside the time, without the length.
        let usual = Fit::of(465.0, &WIDTHS, (false, false), 8);
        assert_eq!((usual.letters, usual.total, usual.words), (8, false, false));
        assert!(usual.letter_width >= LETTER.0);
        let four = Fit::of(465.0, &WIDTHS, (false, false), 4);
        assert!(four.total && four.letters == 4);
        assert!(Fit::of(400.0, &WIDTHS, (false, false), 0).total);
        // A name comes before the length, and never takes a letter's place.
        let named = Fit::of(465.0, &WIDTHS, (false, true), 6);
        assert_eq!((named.letters, named.total, named.words), (6, false, true));
        let crowded = |named| Fit::of(400.0, &WIDTHS, (false, named), 8);
        assert_eq!(crowded(true), crowded(false));
    }

    #[test]
    fn what_does_not_fit_goes_to_the_menu_and_the_row_is_not_overrun() {
        for room in [120.0, 250.0, 300.0, 350.0, 400.0] {
            let fit = Fit::of(room, &WIDTHS, (false, false), 8);
            if fit.letters < 8 {
                let used = WIDTHS.time + GAP + WIDTHS.short + GAP + WIDTHS.rest;
                let letters = fit.letters as f32 * (LETTER.0 + LETTER_GAP);
                assert!(
                    fit.letters == 0 || used + letters + MORE <= room,
                    "{room}: {fit:?}"
                );
            }
        }
        assert!(Fit::of(350.0, &WIDTHS, (false, false), 8).letters > 0);
        assert_eq!(Fit::of(100.0, &WIDTHS, (false, false), 8).letters, 0);
    }
}
