//! The panel beside the picture: who is at work, how far, for how long, and the way out. A window
//! too narrow for the panel has a slim bar above the picture instead, so that nobody is without a
//! way out.

use egui::{
    Align, Align2, Button, Color32, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::During;
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::annotate::Screen;
use crate::state::annotate::apply::{ALL_RATED, method_text};
use crate::state::command::{Command, key_text};
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{parts, text, widgets};

/// Width of the panel.
const WIDTH: f32 = 288.0;
/// Height of the bar that stands for it.
const BAR: f32 = 52.0;
/// Two rows of buttons.
const WAY_OUT: f32 = 72.0;
/// Two lines of text.
const NOTE: f32 = 36.0;
const GAP: f32 = 8.0;
/// From this height of the panel on, a place is kept for the note, so that nothing jumps; below it,
/// the note is on the picture.
const WITH_NOTE: f32 = 380.0;

/// Where the parts of a work screen stand.
pub struct Places {
    /// Picture and what is done about it.
    pub main: Rect,
    /// The panel beside it; `None` where there is no room.
    pub panel: Option<Rect>,
    /// The bar above it, where there is no panel.
    pub bar: Option<Rect>,
    /// Shots or timeline.
    pub below: Rect,
}

impl Places {
    /// Whether the note has a place in the panel.
    pub fn panel_has_note(&self) -> bool {
        self.panel.is_some_and(|panel| panel.height() >= WITH_NOTE)
    }

    /// The page without a lowest part.
    pub fn whole(area: Rect) -> Self {
        let area = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() + PANEL_GAP));
        Self::of(area, 0.0)
    }

    /// Divides the page; `below` is the height of the lowest part.
    pub fn of(area: Rect, below: f32) -> Self {
        let below = Rect::from_min_max(pos2(area.left(), area.bottom() - below), area.max);
        let above = Rect::from_min_max(area.min, pos2(area.right(), below.top() - PANEL_GAP));
        if above.width() > 2.2 * WIDTH {
            let split = above.right() - WIDTH;
            Self {
                main: Rect::from_min_max(above.min, pos2(split - PANEL_GAP, above.bottom())),
                panel: Some(Rect::from_min_max(pos2(split, above.top()), above.max)),
                bar: None,
                below,
            }
        } else {
            let split = above.top() + BAR;
            Self {
                main: Rect::from_min_max(pos2(above.left(), split + PANEL_GAP), above.max),
                panel: None,
                bar: Some(Rect::from_min_max(above.min, pos2(above.right(), split))),
                below,
            }
        }
    }
}

/// The panel: the way out at its foot, the note above it where there is room, and the rest above
/// that, to be scrolled where it is too much. `rest` is given the height there is without
/// scrolling.
pub fn panel_ui(
    ui: &mut Ui,
    state: &AppState,
    work: &AnnotatorWork,
    with_note: bool,
    commands: &mut Vec<Command>,
    rest: impl FnOnce(&mut Ui, f32, &mut Vec<Command>),
) {
    let area = ui.available_rect_before_wrap();
    let foot = Rect::from_min_max(pos2(area.left(), area.bottom() - WAY_OUT), area.max);
    let mut room = Rect::from_min_max(area.min, pos2(area.right(), foot.top() - GAP));
    if with_note {
        let place = Rect::from_min_max(pos2(area.left(), room.bottom() - NOTE), room.max);
        room.max.y = place.top() - GAP;
        note_ui(&mut parts::column(ui, place, "note"), state);
    }
    let height = room.height().max(0.0);
    let mut child = parts::column(ui, room, "rest");
    ScrollArea::vertical()
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .max_height(height)
        .show(&mut child, |ui| {
            rest(ui, height, commands);
        });
    way_out_ui(
        &mut parts::column(ui, foot, "way out"),
        state,
        work,
        commands,
    );
}

/// What the panel says most of all, and the way out, in one row.
pub fn bar_ui(
    ui: &mut Ui,
    state: &AppState,
    work: &AnnotatorWork,
    progress: &str,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap();
    let mut child = parts::row_from_right(ui, area, "way out");
    let buttons = &mut child;
    let long = area.width() > 480.0;
    if !long {
        buttons.spacing_mut().button_padding.x = 8.0;
        buttons.spacing_mut().item_spacing.x = 6.0;
    }
    let why = work.hindrance_to_finish();
    let full = finish_name(state);
    let name = match long || state.study.is_some() {
        true => full,
        false => "Finish",
    };
    let finish = buttons
        .add_enabled(why.is_none(), widgets::primary_button(name, palette))
        .on_disabled_hover_text(why.unwrap_or_default())
        .accessible_name(full);
    act(finish, AnnotateCommand::Finish, commands);
    let leave = buttons.button(leave_name(state));
    leave_by(state, leave, commands);
    let pause = buttons.button(pause_name(state));
    let pause_left = pause.rect.left();
    act(pause, AnnotateCommand::TogglePause, commands);
    // Laid out from the right, so the buttons end on the left.
    let room = Rect::from_min_max(area.min, pos2(pause_left - 12.0, area.bottom()));
    if room.width() < 24.0 {
        return;
    }
    let words = format!("{progress} · {}", time_text(state, work));
    let response = ui.interact(room, ui.scope_id().with("progress"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &words));
    widgets::paint_text_clipped(
        ui,
        room.left_center() - vec2(0.0, 5.0),
        Align2::LEFT_CENTER,
        &words,
        theme::medium(theme::SIZE_BODY),
        palette.text,
        room.width(),
    );
    let bar = Rect::from_min_size(
        pos2(room.left(), room.center().y + 8.0),
        vec2(room.width(), 4.0),
    );
    widgets::paint_share_bar(ui, bar, work.progress(), palette.accent);
    if state.study.is_some() {
        response.on_hover_text(format!("{} · {}", work.name, state.study_progress()));
        return;
    }
    response.on_hover_text(format!(
        "{} · {} · {words}\n{}",
        work.name,
        method_text(work),
        blindness(work, palette).0
    ));
}

/// Name, method and blindness.
pub fn head_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork) {
    let palette = Palette::of(ui);
    ui.add(
        egui::Label::new(
            RichText::new(&work.name)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        )
        .truncate(),
    );
    if state.study.is_some() {
        widgets::note(ui, state.study_progress());
        return;
    }
    widgets::note(ui, method_text(work));
    let (words, color, tip) = blindness(work, palette);
    ui.label(
        RichText::new(words)
            .font(theme::regular(theme::SIZE_BODY))
            .color(color),
    )
    .on_hover_text(tip);
}

/// Whether the others have been seen: in words, in a colour, and in a sentence.
fn blindness(work: &AnnotatorWork, palette: &Palette) -> (&'static str, Color32, String) {
    if !work.saw_others {
        return (
            "Blind: others and samples are hidden",
            palette.good,
            "Nothing of the others is shown on this page until this work is finished.".to_owned(),
        );
    }
    let at_work = work.seen.is_empty() || work.seen.iter().any(|seen| seen.during == During::Work);
    let words = match at_work {
        true => "Not blind any more",
        false => "What is hidden was on screen before",
    };
    (words, palette.warning, seen_text(work))
}

/// What was on screen and when it was, in sentences.
fn seen_text(work: &AnnotatorWork) -> String {
    if work.seen.is_empty() {
        return "Summaries or other annotators were on screen while this work was open.".to_owned();
    }
    let sentences = work.seen.iter().map(|seen| {
        let when = match seen.during {
            During::Before => "before this work began",
            During::Work => "during this work",
            During::Break => "while this work was left",
            During::Complete => "after this work was complete",
        };
        let mut name = seen.what.name().to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{name}: on screen {when}.")
    });
    sentences.collect::<Vec<_>>().join("\n")
}

/// A label on the left and a value on the right.
pub fn fact_ui(ui: &mut Ui, label: &str, value: &str) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        widgets::note(ui, label);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(
                RichText::new(value)
                    .font(theme::medium(theme::SIZE_STRONG))
                    .color(palette.text),
            );
        });
    });
}

/// Time spent, and why it stands still.
pub fn time_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork) {
    fact_ui(ui, "Time spent", &time_text(state, work));
}

fn time_text(state: &AppState, work: &AnnotatorWork) -> String {
    let spent = text::clock(state.spent_secs(&work.name).floor());
    if state.annotate.paused {
        format!("{spent} · paused")
    } else if state.annotator_is_away() {
        format!("{spent} · away")
    } else {
        spent
    }
}

/// What was refused or what to do next.
fn note_ui(ui: &mut Ui, state: &AppState) {
    if state.annotate.note.is_empty() {
        return;
    }
    let color = note_color(state, Palette::of(ui));
    ui.add(
        egui::Label::new(
            RichText::new(&state.annotate.note)
                .font(theme::regular(theme::SIZE_BODY))
                .color(color),
        )
        .wrap(),
    );
}

fn note_color(state: &AppState, palette: &Palette) -> Color32 {
    if state.annotate.note == ALL_RATED {
        palette.good
    } else {
        palette.warning
    }
}

/// The note on the lower edge of the picture, where the panel has no place for it.
pub fn note_over(ui: &Ui, picture: Rect, state: &AppState) {
    let note = &state.annotate.note;
    if note.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let color = note_color(state, palette);
    let galley = ui.painter().layout(
        note.clone(),
        theme::regular(theme::SIZE_BODY),
        color,
        (picture.width() - 20.0).max(40.0),
    );
    let top = picture.bottom() - galley.size().y - 12.0;
    let back = Rect::from_min_max(pos2(picture.left(), top), picture.max);
    ui.painter().rect_filled(back, 4, palette.panel);
    ui.painter()
        .galley(back.min + vec2(10.0, 6.0), galley, color);
    ui.interact(back, ui.scope_id().with("note"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, note));
}

const FINISH: &str = "Finish and see the others";
const LEAVE: &str = "Leave for now";
const NEXT_VIDEO: &str = "Finish this video";
const STOP: &str = "Stop for now";

fn finish_name(state: &AppState) -> &'static str {
    match state.study.is_some() {
        true => NEXT_VIDEO,
        false => FINISH,
    }
}

fn leave_name(state: &AppState) -> &'static str {
    match state.study.is_some() {
        true => STOP,
        false => LEAVE,
    }
}

/// The way out for now; in a study there is nothing else in the window, so it closes.
fn leave_by(state: &AppState, response: egui::Response, commands: &mut Vec<Command>) {
    if state.study.is_none() {
        return act(
            response,
            AnnotateCommand::ShowScreen(Screen::People),
            commands,
        );
    }
    let tip = "Closes the window; the same name goes on at this place.";
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::Quit);
    }
}

fn pause_name(state: &AppState) -> &'static str {
    if state.annotate.paused {
        "Go on"
    } else {
        "Pause"
    }
}

fn act(response: egui::Response, command: AnnotateCommand, commands: &mut Vec<Command>) {
    if response.on_hover_text(command.tooltip()).clicked() {
        commands.push(Command::Annotate(command));
    }
}

/// Pause, leave and finish.
fn way_out_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let half = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
    ui.horizontal(|ui| {
        let pause = ui.add(Button::new(pause_name(state)).min_size(vec2(half, 30.0)));
        act(pause, AnnotateCommand::TogglePause, commands);
        let leave = ui.add(Button::new(leave_name(state)).min_size(vec2(half, 30.0)));
        leave_by(state, leave, commands);
    });
    let why = work.hindrance_to_finish();
    let finish = widgets::wide_primary_button(ui, finish_name(state), why.as_deref());
    act(finish, AnnotateCommand::Finish, commands);
}

/// Keys of the screen, one line each.
pub fn keys_ui(ui: &mut Ui, list: &[AnnotateCommand]) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    for command in list {
        let Some(info) = command.info() else { continue };
        ui.horizontal(|ui| {
            ui.set_height(20.0);
            ui.label(
                RichText::new(&info.name)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(palette.secondary),
            );
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(key) = info.keys.first() {
                    widgets::key_cap(ui, &key_text(key));
                }
            });
        });
    }
}

/// The way to the list of all annotators.
pub fn back_ui(ui: &mut Ui, name: &str, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let back = AnnotateCommand::ShowScreen(Screen::People);
    if widgets::text_button(ui, name, palette.accent)
        .on_hover_text(back.tooltip())
        .accessible_name("All annotators")
        .clicked()
    {
        commands.push(Command::Annotate(back));
    }
}
