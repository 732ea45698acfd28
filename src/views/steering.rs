//! Answers on a segment or range, wherever it is shown: the menu of the secondary button, and the
//! mark of an answer.

use egui::{Align2, Button, Color32, Popup, Rect, Response, Ui, vec2};

use crate::domain::Verdict;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::steering::{SteerCommand, verdict_words};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;

/// Width of a rating's button.
const RATING: f32 = 24.0;

/// The menu at `response` about what lies at `secs`, which is where the pointer is.
pub fn steering_menu(
    response: &Response,
    secs: Option<f64>,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let id = response.id.with("steered");
    if response.secondary_clicked() {
        // The menu stays about this, wherever the pointer goes.
        let range = secs.and_then(|secs| state.steered_at(secs));
        response.ctx.data_mut(|data| data.insert_temp(id, range));
    }
    Popup::context_menu(response).show(|ui| {
        let range = ui.data(|data| data.get_temp::<Option<(f64, f64)>>(id));
        match range.flatten() {
            Some(range) => menu_ui(ui, range, state, commands),
            None => {
                ui.label("There is no segment here yet.");
            }
        }
    });
}

/// What can be answered about a range.
pub(super) fn menu_ui(
    ui: &mut Ui,
    range: (f64, f64),
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let (start_secs, end_secs) = range;
    let middle = (start_secs + end_secs) / 2.0;
    let said = state.choices.settings.steering.verdict_at(middle);
    ui.label(
        egui::RichText::new(title(range, state))
            .font(theme::regular(theme::SIZE_BODY))
            .color(palette.secondary),
    );
    let mut chosen = None;
    for verdict in [Verdict::Keep, Verdict::LeaveOut] {
        let here = SteerCommand::Here(Some(verdict));
        if entry_ui(ui, here, said == Some(verdict), true) {
            chosen = Some(Some(verdict));
        }
    }
    ui.horizontal(|ui| {
        ui.label("Rate");
        for rating in 1..=5 {
            let verdict = Verdict::Rate(rating);
            let button = Button::selectable(said == Some(verdict), rating.to_string())
                .min_size(vec2(RATING, 0.0));
            let here = Command::Steer(SteerCommand::Here(Some(verdict)));
            let response = ui.add(button).on_hover_text(here.tooltip());
            response.widget_info(|| {
                let name = format!("Rate {rating}");
                egui::WidgetInfo::selected(egui::Role::Button, true, said == Some(verdict), name)
            });
            if response.clicked() {
                chosen = Some(Some(verdict));
                ui.close();
            }
        }
    });
    if entry_ui(ui, SteerCommand::Here(None), false, said.is_some()) {
        chosen = Some(None);
    }
    if let Some(verdict) = chosen {
        commands.push(Command::Steer(SteerCommand::Range {
            start_secs,
            end_secs,
            verdict,
        }));
    }
    let any = !state.choices.settings.steering.is_empty();
    if entry_ui(ui, SteerCommand::Clear, false, any) {
        commands.push(Command::Steer(SteerCommand::Clear));
    }
}

/// "Segment 5 · 00:12.000–00:15.500", or the range.
fn title((start, end): (f64, f64), state: &AppState) -> String {
    let times = format!("{}–{}", state.time_text(start), state.time_text(end));
    if state.choices.range_secs == Some((start, end)) {
        return format!("Range · {times}");
    }
    let segment = (state.session.as_ref()).and_then(|session| session.segment_at(start));
    segment.map_or(times.clone(), |at| format!("Segment {} · {times}", at + 1))
}

fn entry_ui(ui: &mut Ui, command: SteerCommand, on: bool, enabled: bool) -> bool {
    let command = Command::Steer(command);
    let Some(info) = command.info() else {
        return false;
    };
    let keys = info.keys.first().map(crate::state::command::key_text);
    let mut button = Button::selectable(on, info.name.as_str());
    if let Some(keys) = keys {
        button = button.shortcut_text(keys);
    }
    let clicked = ui
        .add_enabled(enabled, button)
        .on_hover_text(info.tip)
        .clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// The colour of an answer.
pub fn verdict_color(verdict: Verdict, palette: &Palette) -> Color32 {
    match verdict {
        Verdict::Keep => palette.good,
        Verdict::LeaveOut => palette.error,
        Verdict::Rate(_) => palette.accent,
    }
}

/// The words of a mark, longest first; the last one fits anywhere.
fn mark_words(verdict: Verdict) -> [String; 3] {
    match verdict {
        Verdict::Keep => ["keep".into(), "keep".into(), "+".into()],
        Verdict::LeaveOut => ["leave out".into(), "out".into(), "−".into()],
        Verdict::Rate(rating) => [
            format!("rated {rating}"),
            format!("{rating} of 5"),
            rating.to_string(),
        ],
    }
}

/// A mark in a place: filled, with as many words as there is room for.
pub fn paint_mark(ui: &Ui, place: Rect, verdict: Verdict) {
    const SIDE: f32 = 3.0;
    let palette = Palette::of(ui);
    let color = verdict_color(verdict, palette);
    let painter = ui.painter();
    painter.rect_filled(place, 2, color);
    let font = theme::medium(theme::SIZE_SMALL);
    for words in mark_words(verdict) {
        let galley = painter.layout_no_wrap(words, font.clone(), palette.panel);
        if galley.size().x + 2.0 * SIDE <= place.width() {
            let corner = place.center() - galley.size() / 2.0;
            painter.galley(corner, galley, palette.panel);
            break;
        }
    }
}

/// The badge of an answer, in the corner of a picture.
pub fn paint_badge(ui: &Ui, picture: Rect, verdict: Verdict) {
    let [_, _, shortest] = mark_words(verdict);
    let palette = Palette::of(ui);
    let place = Rect::from_min_size(picture.min + vec2(2.0, 2.0), vec2(13.0, 13.0));
    let color = verdict_color(verdict, palette);
    ui.painter().rect_filled(place, 3, color);
    widgets::paint_text_clipped(
        ui,
        place.center(),
        Align2::CENTER_CENTER,
        &shortest,
        theme::semibold(theme::SIZE_SMALL),
        palette.panel,
        place.width(),
    );
}

/// A tip about a moment, with the answer on it behind.
pub fn with_verdict(tip: String, secs: f64, state: &AppState) -> String {
    match state.choices.settings.steering.verdict_at(secs) {
        Some(verdict) => format!("{tip} This part is {}.", verdict_words(verdict)),
        None => tip,
    }
}
