//! The status line: what is going on or just happened, and the keys that help now.

use super::MARGIN;
use crate::state::AppState;
use crate::state::command::{Command, key_text};
use crate::state::pane::Page;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};
use crate::views::welcome;
use egui::{Rect, RichText, Ui, pos2, vec2};

/// Height of the status line.
pub const STATUS_HEIGHT: f32 = 26.0;

/// Shows the status line: what just happened, progress, and the keys that help now.
pub fn status_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap().shrink2(vec2(MARGIN, 0.0));
    let keys = keys_that_help(state);
    let font = theme::regular(theme::SIZE_BODY);
    let galley = ui
        .painter()
        .layout_no_wrap(keys, font.clone(), palette.secondary);
    let keys_width = if area.width() > 700.0 {
        galley.size().x
    } else {
        0.0
    };
    if keys_width > 0.0 {
        ui.painter().galley(
            pos2(
                area.right() - keys_width,
                area.center().y - galley.size().y / 2.0,
            ),
            galley,
            palette.secondary,
        );
    }
    let mut left = area.left();
    let running = state.export_progress.as_ref().or(state.progress.as_ref());
    if let Some(progress) = running {
        let place = Rect::from_min_max(
            area.min,
            pos2(
                (area.left() + 460.0).min(area.right() - keys_width - 16.0),
                area.bottom(),
            ),
        );
        left = place.right() + 12.0;
        let cancel = if state.export_progress.is_some() {
            Command::CancelExport
        } else {
            Command::CancelJob
        };
        let mut child = parts::row(ui, place, "progress");
        compact_progress_ui(&mut child, progress, cancel, commands);
    }
    let room = area.right() - keys_width - 24.0 - left;
    let response = ui.interact(
        Rect::from_min_max(
            pos2(left, area.top()),
            pos2((left + room).max(left), area.bottom()),
        ),
        ui.scope_id().with("status"),
        egui::Sense::hover(),
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, &state.status));
    let used = widgets::paint_text_clipped(
        ui,
        pos2(left, area.center().y),
        egui::Align2::LEFT_CENTER,
        &state.status,
        font,
        palette.secondary,
        room,
    );
    const BUTTON: f32 = 96.0;
    if state.exported_just_now().is_some() && room > used + BUTTON + 12.0 {
        let place = Rect::from_min_size(
            pos2(left + used + 12.0, area.top()),
            vec2(BUTTON, area.height()),
        );
        let mut child = parts::row(ui, place, "exported");
        let command = Command::ShowInFolder;
        if widgets::text_button(&mut child, "Show in folder", palette.accent)
            .on_hover_text(command.tooltip())
            .clicked()
        {
            commands.push(command);
        }
    }
}

pub(super) fn compact_progress_ui(
    ui: &mut Ui,
    progress: &crate::jobs::Progress,
    cancel: Command,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 10.0;
    ui.label(
        RichText::new(progress.stage)
            .font(theme::regular(theme::SIZE_BODY))
            .color(palette.text),
    );
    let (rect, response) = ui.allocate_exact_size(vec2(110.0, 4.0), egui::Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, progress.stage)
    });
    let share = progress.fraction.map_or_else(
        || {
            // Unknown: a bar that breathes, at rest where motion is not wanted.
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_millis(100));
            (ui.input(|input| input.time) * 1.5).sin() * 0.25 + 0.5
        },
        f64::from,
    );
    widgets::paint_share_bar(ui, rect, share, palette.accent);
    if let Some(fraction) = progress.fraction {
        widgets::note(ui, text::percent(f64::from(fraction)));
    }
    if let Some(secs) = progress.eta_secs {
        widgets::note(ui, text::eta(secs));
    }
    let text = cancel.info().map_or_else(
        || "Stops the export and removes what was written.".to_owned(),
        |_| cancel.tooltip(),
    );
    if widgets::text_button(ui, "Cancel", palette.accent)
        .on_hover_text(text)
        .clicked()
    {
        commands.push(cancel);
    }
}

/// The keys worth knowing right now.
pub(super) fn keys_that_help(state: &AppState) -> String {
    if state.session.is_none() {
        return welcome::welcome_keys();
    }
    let first = |command: &Command| {
        command
            .info()
            .and_then(|info| info.keys.first().map(key_text))
            .unwrap_or_default()
    };
    if state.shown_page() == Page::Annotate {
        let parts = [
            crate::views::annotate::keys_that_help(state),
            format!("{} keys", first(&Command::CheatSheet)),
        ];
        return parts.join(" · ");
    }
    if state.shown_page() == Page::Dataset {
        return format!(
            "{} commands · {} keys",
            first(&Command::Palette),
            first(&Command::CheatSheet)
        );
    }
    let count = state.alternative_count();
    let mut parts = vec![format!("{} play", first(&Command::TogglePlay))];
    if count > 1 {
        parts.push(format!("1–{count} alternatives"));
    }
    parts.push(format!(
        "{} play summary",
        first(&Command::PlaySummary(None))
    ));
    parts.push(format!("{} commands", first(&Command::Palette)));
    parts.push(format!("{} keys", first(&Command::CheatSheet)));
    parts.join(" · ")
}
