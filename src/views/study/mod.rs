//! A window that is locked to a study: how far one is, the instructions with the way in, the work,
//! and the end. Nothing else.

use egui::{
    Align, Frame, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2,
    vec2,
};

use crate::state::AppState;
use crate::state::command::Command;
use crate::state::study::{Step, StudyCommand, StudyState};
use crate::ui::text;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, widgets};
use crate::views::annotate::{Pictures, annotate_ui, keys_that_help};

/// Height of the line above the page.
pub const HEIGHT: f32 = 44.0;
/// Width of the instructions.
const COLUMN: f32 = 640.0;

/// The line above: which study, how far, and whether the work is kept.
pub fn head_ui(ui: &mut Ui, state: &AppState) {
    let Some(study) = &state.study else { return };
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap().shrink2(vec2(16.0, 0.0));
    let mut child = parts::row(ui, area, "study bar");
    child.label(
        RichText::new(&study.title)
            .font(theme::semibold(theme::SIZE_STRONG))
            .color(palette.text),
    );
    child.add_space(8.0);
    let progress = state.study_progress();
    let (done, all) = study.videos_done();
    let part = state.current_work().map_or(0.0, |work| work.progress());
    let share = (done as f64 + part) / all.max(1) as f64;
    widgets::note(&mut child, &progress);
    child.add_space(8.0);
    let (bar, response) = child.allocate_exact_size(vec2(160.0, 4.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Study: {progress}"))
    });
    widgets::paint_share_bar(&child, bar, share, palette.accent);
    child.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let (words, color) = match (study.trouble.as_str(), study.step) {
            ("", Step::Work) if state.session.is_some() => (keys_that_help(state), palette.faint),
            ("", _) => (String::new(), palette.faint),
            (trouble, _) => (trouble.to_owned(), palette.warning),
        };
        if !words.is_empty() {
            ui.add(
                egui::Label::new(
                    RichText::new(words)
                        .font(theme::regular(theme::SIZE_BODY))
                        .color(color),
                )
                .truncate(),
            );
        }
    });
}

/// The page.
pub fn study_ui(
    ui: &mut Ui,
    state: &AppState,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let Some(study) = &state.study else { return };
    match study.step {
        Step::Work if state.session.is_some() => annotate_ui(ui, state, pictures, commands),
        Step::Work => waiting_ui(ui, state, study, commands),
        Step::Done => done_ui(ui, study, commands),
        Step::Begin | Step::Loading => begin_ui(ui, study, commands),
    }
}

/// A card in the middle of the window.
fn card_ui(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui)) {
    let area = ui.available_rect_before_wrap();
    let size = vec2(
        COLUMN.min(area.width() - 16.0),
        height.min(area.height() - 16.0),
    );
    let card = Rect::from_center_size(area.center(), size);
    let mut child = parts::column(ui, card, "study");
    widgets::panel_frame(Palette::of(&child))
        .inner_margin(Margin::same(24))
        .show(&mut child, |ui| {
            ui.set_min_size(ui.available_size());
            contents(ui);
        });
}

fn title_ui(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new(words)
            .font(theme::semibold(22.0))
            .color(palette.text),
    );
}

fn body_ui(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new(words)
            .font(theme::regular(theme::SIZE_TITLE))
            .color(palette.secondary),
    );
}

fn warning_ui(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new(words)
            .font(theme::regular(theme::SIZE_STRONG))
            .color(palette.warning),
    );
}

/// What is asked of the annotators of this task, where the study does not say it.
fn task_text(study: &StudyState) -> String {
    use crate::domain::study::Task;
    match study.study.task {
        Task::Rate => "You will see short shots of each video and rate how important each is to the whole video, from 1 to 5.".to_owned(),
        Task::Pick => format!(
            "You will see each video and pick what matters most, up to {} of its length.",
            text::percent(study.study.budget)
        ),
    }
}

/// Instructions above, who one is below; the way in stays in sight however long the instructions
/// are.
fn begin_ui(ui: &mut Ui, study: &StudyState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let listed = study.study.annotators.len();
    let names_height = match listed {
        0 => 34.0,
        _ => (listed.div_ceil(3) as f32 * 34.0).min(140.0),
    };
    let foot_height = names_height + 130.0;
    card_ui(ui, (area.height() - 32.0).min(680.0), |ui| {
        let inside = ui.available_rect_before_wrap();
        let split = (inside.bottom() - foot_height).max(inside.top() + 60.0);
        let above = Rect::from_min_max(inside.min, pos2(inside.right(), split - 8.0));
        let below = Rect::from_min_max(pos2(inside.left(), split), inside.max);
        let mut above = parts::column(ui, above, "instructions");
        title_ui(&mut above, &study.title);
        above.add_space(6.0);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut above, |ui| {
                body_ui(ui, &task_text(study));
                ui.add_space(8.0);
                for line in study.study.instructions.lines() {
                    body_ui(ui, line);
                }
                ui.add_space(8.0);
                body_ui(
                    ui,
                    &format!(
                        "There are {}. You can stop at any time and go on later under the same name.",
                        text::count(study.videos.len(), "video")
                    ),
                );
            });
        let mut below = parts::column(ui, below, "who");
        who_ui(&mut below, study, names_height, commands);
    });
}

/// The name, chosen or typed, and the way in.
fn who_ui(ui: &mut Ui, study: &StudyState, names_height: f32, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.label(
        RichText::new("Who are you?")
            .font(theme::medium(theme::SIZE_STRONG))
            .color(palette.text),
    );
    let mut entered = false;
    if study.study.annotators.is_empty() {
        let mut typed = study.name.clone();
        let field = ui
            .add(
                egui::TextEdit::singleline(&mut typed)
                    .hint_text("Your name or a code")
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(10, 7)),
            )
            .accessible_name("Your name");
        entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if typed != study.name {
            commands.push(Command::Study(StudyCommand::Name(typed)));
        }
    } else {
        ScrollArea::vertical()
            .max_height(names_height)
            .id_salt("names")
            .show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    for name in &study.study.annotators {
                        let chosen = study.name == *name;
                        let button = egui::Button::selectable(chosen, name)
                            .frame_when_inactive(true)
                            .min_size(vec2(72.0, 28.0));
                        if ui.add(button).clicked() {
                            commands.push(Command::Study(StudyCommand::Name(name.clone())));
                        }
                    }
                });
            });
    }
    ui.add_space(8.0);
    let why = match study.step {
        Step::Loading => Some("Your work so far is being read.".to_owned()),
        _ => study.study.name_hindrance(study.name.trim()),
    };
    let begin = widgets::wide_primary_button(ui, "Begin", why.as_deref());
    if begin.clicked() || (entered && why.is_none()) {
        commands.push(Command::Study(StudyCommand::Begin));
    }
    if !study.note.is_empty() {
        warning_ui(ui, &study.note);
    }
}

/// The next video is being opened, or cannot be.
fn waiting_ui(ui: &mut Ui, state: &AppState, study: &StudyState, commands: &mut Vec<Command>) {
    let why = match (&study.note, &state.error) {
        (note, _) if !note.is_empty() => note.clone(),
        (_, Some(error)) => format!("{} {}", error.what, error.why),
        _ => {
            card_ui(ui, 110.0, |ui| {
                body_ui(ui, &format!("Opening {} …", state.study_progress()));
                ui.add(egui::Spinner::new());
            });
            return;
        }
    };
    card_ui(ui, 260.0, |ui| {
        title_ui(ui, "The video cannot be shown");
        warning_ui(ui, &why);
        body_ui(
            ui,
            "What you did so far is kept. Close the window and ask the person who runs the study.",
        );
        ui.add_space(8.0);
        close_ui(ui, commands);
    });
}

fn done_ui(ui: &mut Ui, study: &StudyState, commands: &mut Vec<Command>) {
    card_ui(ui, 200.0, |ui| {
        title_ui(ui, &format!("Thank you, {}", study.name));
        body_ui(
            ui,
            &format!(
                "All {} are complete.",
                text::count(study.videos.len(), "video")
            ),
        );
        if !study.trouble.is_empty() {
            warning_ui(ui, &study.trouble);
        }
        widgets::note(
            ui,
            format!("Your work is kept in {}", study.place.display()),
        );
        ui.add_space(8.0);
        close_ui(ui, commands);
    });
}

fn close_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    if widgets::wide_primary_button(ui, "Close the window", None).clicked() {
        commands.push(Command::Quit);
    }
}

/// The frame of the line above.
pub fn head_frame(palette: &Palette) -> Frame {
    Frame::new().fill(palette.bar)
}
