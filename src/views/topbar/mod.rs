//! The top bar: the video's facts, the controls of the draw, bundle, device and the way to all
//! commands; and the status line.

mod draw;
mod draws;
mod files;
mod machine;
mod notice;
mod status;

use egui::{Rect, Ui, pos2, vec2};

use crate::session::Session;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::pane::Page;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};

use draw::sliders_ui;
use files::{actions_ui, export_ui, file_menu_ui};
pub use machine::FASTEST_DEVICE;
use machine::{bundle_ui, device_ui};
pub use notice::notice_ui;
pub use status::{STATUS_HEIGHT, status_ui};

/// Height of the bar.
pub const HEIGHT: f32 = 56.0;
const MARGIN: f32 = 20.0;
const CONTROL_HEIGHT: f32 = 28.0;
/// Below this width undo, redo and save have no buttons.
const WITH_ACTIONS: f32 = 700.0;
/// Below this width the export is in the menu of files, so that the budget keeps its slider.
const WITH_EXPORT: f32 = 1040.0;
/// Below this width earlier draws are in the menu of the new draw alone.
const WITH_DRAWS: f32 = 1400.0;
/// Below this width the device is in the settings alone, and a new draw has a short name.
const ROOMY: f32 = 1060.0;
/// Below this width the bar holds what is needed to go on, and no more.
const COMPACT: f32 = 640.0;

/// Shows the top bar in all the space there is.
pub fn top_bar_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let inner = area.shrink2(vec2(MARGIN, 0.0));
    // How much fits decides what moves into the menu of the draw.
    let wide = inner.width();
    let facts_width = if wide > 1100.0 {
        232.0
    } else {
        let share = match wide {
            COMPACT.. => 0.3,
            470.0.. => 0.2,
            _ => 0.13,
        };
        170.0f32.min(wide * share)
    };
    let facts = Rect::from_min_size(inner.min, vec2(facts_width, inner.height()));
    facts_ui(ui, facts, state);
    let rest = Rect::from_min_max(pos2(facts.right() + 12.0, inner.top()), inner.max);
    let mut child = parts::row(ui, rest, "bar");
    let ui = &mut child;
    ui.spacing_mut().item_spacing.x = 8.0;
    page_switch_ui(ui, state, commands);
    if wide > 470.0 {
        file_menu_ui(ui, state, commands);
    }
    if wide > WITH_ACTIONS {
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            actions_ui(ui, state, commands);
        });
    }
    if wide > WITH_EXPORT && state.shown_page() == Page::Explore {
        export_ui(ui, state, commands);
    }
    // What stands at the right is shown last, for Tab goes in the order of showing; it is as wide
    // as it was before.
    let id = egui::Id::unique("right side of the bar");
    let room = ui.available_rect_before_wrap();
    let width = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or(0.0);
    // With nothing open there is nothing to draw from.
    if state.session.is_some() && state.shown_page() == Page::Explore {
        let left = Rect::from_min_max(room.min, pos2(room.right() - width, room.bottom()));
        let margin = if left.width() > 240.0 { 8.0 } else { 2.0 };
        sliders_ui(ui, left.shrink2(vec2(margin, 0.0)), state, commands);
    }
    let mut right = parts::row_from_right(ui, room, "right side");
    right.spacing_mut().item_spacing.x = 8.0;
    right_side_ui(&mut right, state, wide, commands);
    let used = room.right() - right.min_rect().left() + 8.0;
    if (used - width).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(id, used));
        ui.ctx()
            .request_discard("the bar's right side has another width");
    }
}

fn facts_ui(ui: &mut Ui, rect: Rect, state: &AppState) {
    let palette = Palette::of(ui);
    let (name, facts) = match &state.session {
        _ if state.shown_page() == Page::Dataset => (
            state.dataset.name(),
            text::count(state.dataset.videos.len(), "video"),
        ),
        Some(session) => (session.name(), facts_and_doubts(session, state)),
        None => ("SummDiff explorer".to_owned(), "no video open".to_owned()),
    };
    let y = rect.center().y;
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left(), y - 9.0),
        egui::Align2::LEFT_CENTER,
        &name,
        theme::semibold(theme::SIZE_TITLE),
        palette.text,
        rect.width(),
    );
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left(), y + 10.0),
        egui::Align2::LEFT_CENTER,
        &facts,
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        rect.width(),
    );
    let response = ui.interact(rect, ui.scope_id().with("facts"), egui::Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}, {facts}"))
    });
    if let Some(session) = &state.session
        && state.shown_page() != Page::Dataset
    {
        // All of what may be cut in the bar.
        let mut tip = format!("{name}\n{facts}\n{}", session.video.path.display());
        let doubts = state.choices.annotations.iter().flat_map(|set| &set.doubts);
        for warning in session.video.warnings.iter().chain(doubts) {
            tip.push('\n');
            tip.push_str(warning);
        }
        response.on_hover_text(tip);
    }
}

/// The facts, and first of all that the annotations may be of another video: it concerns every
/// number on the screen.
fn facts_and_doubts(session: &Session, state: &AppState) -> String {
    let doubted = (state.choices.annotations.as_ref()).is_some_and(|set| !set.doubts.is_empty());
    match doubted {
        true => format!("annotations of another length · {}", facts(session)),
        false => facts(session),
    }
}

/// `5:47 · 854×480 · 24 fps · 42 segments`.
pub fn facts(session: &Session) -> String {
    let video = &session.video;
    let fps = video.frame_rate.as_f64();
    let size = if session.without_picture {
        "no picture".to_owned()
    } else {
        format!("{}×{}", video.width, video.height)
    };
    let mut parts = vec![text::clock(session.duration_secs()), size];
    if video.variable_frame_rate {
        parts.push(format!("about {fps:.0} fps"));
    } else if (fps - fps.round()).abs() < 0.005 {
        parts.push(format!("{fps:.0} fps"));
    } else {
        parts.push(format!("{fps:.2} fps"));
    }
    if !session.segments.is_empty() {
        parts.push(text::count(session.segments.len(), "segment"));
    }
    parts.join(" · ")
}

/// The pages side by side, the one on screen marked.
fn page_switch_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let pages = state.offered_pages();
    if pages.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let shown = state.shown_page();
    let font = theme::medium(theme::SIZE_STRONG);
    let names: Vec<_> = pages
        .iter()
        .map(|page| {
            ui.painter()
                .layout_no_wrap(page.label().to_owned(), font.clone(), palette.text)
        })
        .collect();
    const PADDING: f32 = 10.0;
    let width: f32 = names.iter().map(|name| name.size().x + 2.0 * PADDING).sum();
    let (well, _) = ui.allocate_exact_size(vec2(width + 4.0, CONTROL_HEIGHT), egui::Sense::hover());
    ui.painter()
        .rect_filled(well, theme::RADIUS_CONTROL, palette.well);
    let mut x = well.left() + 2.0;
    for (page, name) in pages.into_iter().zip(names) {
        let rect = Rect::from_min_size(
            pos2(x, well.top() + 2.0),
            vec2(name.size().x + 2.0 * PADDING, well.height() - 4.0),
        );
        x = rect.right();
        let on = page == shown;
        let response = ui.interact(
            rect,
            ui.scope_id().with(("page", page)),
            egui::Sense::click(),
        );
        response
            .widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, on, page.label()));
        if on {
            ui.painter().rect_filled(rect, 5, palette.control_hover);
        }
        let color = if on || response.hovered() {
            palette.text
        } else {
            palette.secondary
        };
        ui.painter().galley_with_override_text_color(
            rect.center() - name.size() / 2.0,
            name,
            color,
        );
        let command = Command::ShowPage(page);
        if response.on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    }
}

/// Right to left: commands, device, bundle, new draw.
fn right_side_ui(ui: &mut Ui, state: &AppState, wide: f32, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    if widgets::icon_button(
        ui,
        Icon::Commands,
        CONTROL_HEIGHT,
        palette.secondary,
        "Commands",
    )
    .on_hover_text(Command::Palette.tooltip())
    .clicked()
    {
        commands.push(Command::Palette);
    }
    if wide > WITH_ACTIONS {
        let gear = widgets::icon_button(
            ui,
            Icon::Gear,
            CONTROL_HEIGHT,
            palette.secondary,
            "Settings",
        );
        if gear.on_hover_text(Command::Settings.tooltip()).clicked() {
            commands.push(Command::Settings);
        }
    }
    if wide > ROOMY && !state.runtime.device.is_empty() {
        device_ui(ui, state, commands);
    }
    if wide > 760.0 && state.session.is_some() {
        bundle_ui(ui, state, commands);
    }
    if state.session.is_some() && state.shown_page() == Page::Explore {
        // With earlier draws, the way to them is in sight where it takes no slider's place.
        if wide > WITH_DRAWS && state.draws.earlier().next().is_some() {
            let response = widgets::menu_button(ui, "", 28.0, true, |ui| {
                draws::draws_ui(ui, state, commands);
            });
            response
                .on_hover_text("The draws before this one, and the seed of this one.")
                .accessible_name("Earlier draws");
            // Beside the button that it belongs to: the bar is laid out from the right.
            ui.add_space(2.0 - ui.spacing().item_spacing.x);
        }
        let label = if wide > ROOMY {
            format!("New draw · {}", state.choices.settings.seed)
        } else {
            "Draw".to_owned()
        };
        let button = widgets::primary_button(&label, palette).min_size(vec2(0.0, CONTROL_HEIGHT));
        let response = ui
            .add_enabled(state.session.is_some(), button)
            .on_hover_text(format!(
                "{} The secondary button offers earlier draws.",
                Command::NewDraw.tooltip()
            ))
            .on_disabled_hover_text("Open a video first.");
        if response.clicked() {
            commands.push(Command::NewDraw);
        }
        egui::Popup::context_menu(&response)
            .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| draws::draws_ui(ui, state, commands));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_read_as_in_the_drawing() {
        let session = crate::testing::fixture::session(Default::default());
        assert_eq!(facts(&session), "5:47 · 854×480 · 24 fps · 42 segments");
    }
}
