//! What stands in the window before there is a session: welcome, progress of opening, and errors.

mod drafts;

use egui::{
    Align, Align2, Button, Frame, Layout, Margin, ProgressBar, Rect, RichText, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::files::typed_path;
use crate::jobs::Progress;
use crate::session::report::ErrorReport;
use crate::state::AppState;
use crate::state::command::{Command, key_text};
use crate::ui::theme::{self, Palette, RADIUS_PANEL};
use crate::ui::{parts, text, widgets};

const COLUMN: f32 = 688.0;
/// Recent files shown.
const SHOWN_RECENT: usize = 6;

/// Nothing open: how to begin, with the demo one click away.
pub fn welcome_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let width = COLUMN.min(area.width() - 32.0);
    let height = 470.0f32.min(area.height() - 24.0);
    let column = Rect::from_center_size(area.center(), vec2(width, height));
    let mut child = parts::column(ui, column, "welcome");
    let ui = &mut child;
    let palette = Palette::of(ui);
    paint_mark(ui, palette);
    ui.add_space(10.0);
    ui.label(
        RichText::new("SummDiff explorer")
            .font(theme::semibold(24.0))
            .color(palette.text),
    );
    ui.label(
        RichText::new("See the many good summaries one video can have, and keep the one you like.")
            .font(theme::regular(theme::SIZE_TITLE))
            .color(palette.secondary),
    );
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        if ui
            .add(widgets::primary_button("Open a video…", palette).min_size(vec2(132.0, 36.0)))
            .on_hover_text(Command::OpenVideo.tooltip())
            .clicked()
        {
            commands.push(Command::OpenVideo);
        }
        for (label, command) in [
            ("Annotate a video…", Command::OpenToAnnotate),
            ("Try the demo", Command::OpenDemo),
            ("Open a project…", Command::OpenProject),
            (
                "Open a dataset…",
                Command::Dataset(crate::state::dataset::DatasetCommand::PickFile),
            ),
        ] {
            if ui
                .add(Button::new(label).min_size(vec2(116.0, 36.0)))
                .on_hover_text(command.tooltip())
                .clicked()
            {
                commands.push(command);
            }
        }
    });
    ui.add_space(8.0);
    path_field_ui(ui, state, width, commands);
    ui.add_space(8.0);
    drafts::drafts_ui(ui, state, width, commands);
    recent_ui(ui, state, width, commands);
    let dropping = ui.input(|input| !input.raw.hovered_files.is_empty());
    if dropping {
        paint_drop_target(ui, area, palette);
    }
}

/// Shown over everything while a file hangs over the window.
pub fn paint_drop_target(ui: &Ui, area: Rect, palette: &Palette) {
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        ui.scope_id().with("drop"),
    ));
    let frame = area.shrink(16.0);
    painter.rect(
        frame,
        RADIUS_PANEL,
        palette.accent_fill.gamma_multiply(0.85),
        Stroke::new(2.0, palette.accent),
        StrokeKind::Inside,
    );
    painter.text(
        frame.center(),
        Align2::CENTER_CENTER,
        "Drop to open",
        theme::semibold(22.0),
        palette.text,
    );
}

/// The program's sign: four summaries of one video, one above the other.
fn paint_mark(ui: &mut Ui, palette: &Palette) {
    let (rect, _) = ui.allocate_exact_size(vec2(112.0, 62.0), Sense::hover());
    const LANES: [&[(f32, f32)]; 4] = [
        &[(0.0, 0.16), (0.42, 0.60), (0.88, 1.0)],
        &[(0.0, 0.10), (0.30, 0.46), (0.70, 0.86)],
        &[(0.16, 0.30), (0.52, 0.68), (0.80, 0.92)],
        &[(0.06, 0.22), (0.60, 0.78)],
    ];
    for (lane, boxes) in LANES.iter().enumerate() {
        let top = rect.top() + lane as f32 * 16.0;
        let bar = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), 10.0));
        ui.painter().rect_filled(bar, 3, palette.line);
        for &(left, right) in *boxes {
            let piece = Rect::from_min_max(
                pos2(bar.left() + left * bar.width(), bar.top()),
                pos2(bar.left() + right * bar.width(), bar.bottom()),
            );
            ui.painter().rect_filled(piece, 3, palette.category(lane));
        }
    }
}

fn path_field_ui(ui: &mut Ui, state: &AppState, width: f32, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut typed = state.overlay_text.clone();
    ui.horizontal(|ui| {
        let field = ui
            .add(
                egui::TextEdit::singleline(&mut typed)
                    .hint_text("Drop a file anywhere, or paste a path here and press Enter")
                    .desired_width(width - 16.0)
                    .margin(Margin::symmetric(10, 8))
                    .text_color(palette.text),
            )
            .accessible_name("Path of a video");
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if entered && !typed.trim().is_empty() {
            let path = typed_path(&typed);
            commands.push(Command::TypeOverlayText(String::new()));
            commands.push(Command::OpenPath(path));
        } else if field.changed() {
            commands.push(Command::TypeOverlayText(typed));
        }
    });
}

fn recent_ui(ui: &mut Ui, state: &AppState, width: f32, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    if state.prefs.recent.is_empty() {
        widgets::note(ui, "Videos you open will be listed here.");
        return;
    }
    widgets::note(ui, "Opened before");
    ui.spacing_mut().item_spacing.y = 2.0;
    for path in state.prefs.recent.iter().take(SHOWN_RECENT) {
        let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::click());
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Open {name}")));
        if response.hovered() || response.has_focus() {
            ui.painter()
                .rect_filled(rect, theme::RADIUS_CONTROL, palette.control);
        }
        let used = widgets::paint_text_clipped(
            ui,
            rect.left_center() + vec2(8.0, 0.0),
            Align2::LEFT_CENTER,
            &name,
            theme::medium(theme::SIZE_STRONG),
            palette.text,
            width * 0.5,
        );
        let folder = path
            .parent()
            .map(|parent| parent.display().to_string())
            .unwrap_or_default();
        widgets::paint_text_clipped(
            ui,
            rect.left_center() + vec2(20.0 + used, 0.0),
            Align2::LEFT_CENTER,
            &folder,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
            width - used - 30.0,
        );
        if response.clicked() {
            commands.push(Command::OpenPath(path.clone()));
        }
    }
}

/// A video is being opened, and nothing can be shown of it yet.
pub fn opening_ui(ui: &mut Ui, progress: &Progress, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let card = Rect::from_center_size(
        area.center(),
        vec2(420.0f32.min(area.width() - 32.0), 120.0),
    );
    let mut child = parts::column(ui, card, "opening");
    widgets::panel_frame(Palette::of(&child)).show(&mut child, |ui| {
        progress_ui(ui, progress, Command::CancelJob, commands);
    });
}

/// Stage, bar, time left and a way to cancel.
pub fn progress_ui(ui: &mut Ui, progress: &Progress, cancel: Command, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(progress.stage)
                .font(theme::medium(theme::SIZE_STRONG))
                .color(palette.text),
        );
        if let Some(secs) = progress.eta_secs {
            widgets::note(ui, text::eta(secs));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .button("Cancel")
                .on_hover_text(cancel.tooltip())
                .clicked()
            {
                commands.push(cancel);
            }
        });
    });
    let bar = match progress.fraction {
        Some(fraction) => ProgressBar::new(fraction).text(text::percent(f64::from(fraction))),
        None => ProgressBar::new(1.0).animate(true).text("working"),
    };
    ui.add(bar.fill(palette.accent_fill).desired_height(14.0))
        .accessible_name(progress.stage);
}

/// An error: what happened, why, what to do, and a report to copy.
pub fn error_ui(ui: &mut Ui, error: &ErrorReport, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap();
    let width = 560.0f32.min(area.width() - 32.0);
    let card = Rect::from_center_size(area.center(), vec2(width, 260.0f32.min(area.height())));
    let mut child = parts::column(ui, card, "error");
    Frame::new()
        .fill(palette.panel)
        .stroke(Stroke::new(1.0, palette.error))
        .corner_radius(RADIUS_PANEL)
        .inner_margin(Margin::same(20))
        .show(&mut child, |ui| {
            ui.set_width(width - 40.0);
            ui.label(
                RichText::new(&error.what)
                    .font(theme::semibold(theme::SIZE_TITLE))
                    .color(palette.text),
            );
            if let Some(path) = &error.path {
                ui.label(
                    RichText::new(path.display().to_string())
                        .font(theme::mono(theme::SIZE_BODY))
                        .color(palette.secondary),
                );
            }
            for (label, body) in [("Why", &error.why), ("What to do", &error.fix)] {
                if body.is_empty() {
                    continue;
                }
                ui.add_space(4.0);
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    ui.label(
                        RichText::new(label)
                            .font(theme::medium(theme::SIZE_BODY))
                            .color(palette.secondary),
                    );
                    ui.label(
                        RichText::new(body)
                            .font(theme::regular(theme::SIZE_STRONG))
                            .color(palette.text),
                    );
                });
            }
            ui.add_space(12.0);
            ui.horizontal(|ui| {
                if error.retry
                    && ui
                        .add(widgets::primary_button("Try again", palette))
                        .on_hover_text("Opens the same file again.")
                        .clicked()
                {
                    commands.push(Command::Retry);
                }
                for (label, command, tip) in [
                    (
                        "Open another…",
                        Command::OpenVideo,
                        Command::OpenVideo.tooltip(),
                    ),
                    (
                        "Copy report",
                        Command::CopyReport,
                        "Copies all of this, with details, to the clipboard.".to_owned(),
                    ),
                    (
                        "Close",
                        Command::DismissError,
                        "Closes this message.".to_owned(),
                    ),
                ] {
                    if ui.button(label).on_hover_text(tip).clicked() {
                        commands.push(command);
                    }
                }
            });
        });
}

/// The keys that help when nothing is open, for the status line.
pub fn welcome_keys() -> String {
    [Command::OpenVideo, Command::Palette, Command::CheatSheet]
        .iter()
        .filter_map(|command| {
            let info = command.info()?;
            let key = info.keys.first()?;
            let name = match command {
                Command::OpenVideo => "open",
                Command::Palette => "commands",
                _ => "keys",
            };
            Some(format!("{} {name}", key_text(key)))
        })
        .collect::<Vec<_>>()
        .join(" · ")
}
