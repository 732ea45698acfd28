//! The picture and the row of controls under it. Decodes nothing: the picture comes from whoever has it.

use egui::{
    Align, Button, Color32, Layout, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::app::command::Command;
use crate::app::state::{AppState, Extent, Session};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, RADIUS_CONTROL};
use crate::ui::{text, widgets};

const TRANSPORT: f32 = 44.0;

/// Paints the current picture into a rectangle of its shape; false where there is none yet.
pub type PaintPicture<'a> = dyn FnMut(&Ui, Rect) -> bool + 'a;

/// Shows the player. `picture` paints the frame; where it has none, the nearest thumbnail stands in.
pub fn player_ui(
    ui: &mut Ui,
    state: &AppState,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let Some(session) = &state.session else {
        widgets::paint_empty(ui, area, "No video", "Open a video to play it.");
        return;
    };
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - TRANSPORT));
    if session.without_picture && screen.height() > 8.0 {
        super::dataset::missing::missing_ui(ui, screen, state, commands);
    } else if screen.height() > 8.0 {
        let response = screen_ui(ui, screen, state, session, picture);
        if response.double_clicked() {
            commands.push(Command::ToggleFullscreen);
        } else if response.clicked() {
            commands.push(Command::TogglePlay);
        }
    }
    let row = Rect::from_min_max(pos2(area.left(), area.bottom() - TRANSPORT + 8.0), area.max);
    transport_ui(ui, row, state, session.duration_secs(), commands);
}

/// The picture alone, in its own shape within a rectangle.
pub fn screen_ui(
    ui: &Ui,
    screen: Rect,
    state: &AppState,
    session: &Session,
    picture: &mut PaintPicture<'_>,
) -> egui::Response {
    let palette = Palette::of(ui);
    let aspect = if session.video.height > 0 {
        session.video.width as f32 / session.video.height as f32
    } else {
        session.thumbs.aspect()
    };
    let place = fit(screen, aspect);
    ui.painter().rect_filled(screen, 4, palette.letterbox);
    if !picture(ui, place)
        && let Some(thumb) = session.thumbs.nearest(state.playback.position_secs)
    {
        ui.painter()
            .image(thumb.texture, place, thumb.uv, Color32::WHITE);
    }
    if state.playback.buffering {
        let spinner = Rect::from_center_size(place.center(), vec2(28.0, 28.0));
        egui::Spinner::new().size(28.0).paint_at(ui, spinner);
    }
    let response = ui
        .interact(screen, ui.scope_id().with("screen"), Sense::click())
        .on_hover_cursor(egui::CursorIcon::Default);
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!(
                "Picture at {}",
                text::timecode(state.playback.position_secs)
            ),
        )
    });
    response
}

/// The largest rectangle of a shape inside another, centred.
pub fn fit(outer: Rect, aspect: f32) -> Rect {
    let aspect = if aspect.is_finite() && aspect > 0.0 {
        aspect
    } else {
        16.0 / 9.0
    };
    let width = outer.width().min(outer.height() * aspect);
    Rect::from_center_size(outer.center(), vec2(width, width / aspect))
}

fn transport_ui(
    ui: &mut Ui,
    row: Rect,
    state: &AppState,
    duration_secs: f64,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .id_salt("transport")
            .layout(Layout::left_to_right(Align::Center)),
    );
    let ui = &mut child;
    ui.spacing_mut().item_spacing.x = 8.0;
    let (icon, name) = if state.playback.playing {
        (Icon::Pause, "Pause")
    } else {
        (Icon::Play, "Play")
    };
    if widgets::icon_button(ui, icon, 30.0, palette.text, name)
        .on_hover_text(Command::TogglePlay.tooltip())
        .clicked()
    {
        commands.push(Command::TogglePlay);
    }
    time_ui(ui, state, duration_secs, commands);
    let roomy = row.width() > 520.0;
    ui.add_space(if roomy { 12.0 } else { 0.0 });
    summary_buttons_ui(ui, state, roomy, commands);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if ui.available_width() > 72.0 {
            volume_ui(ui, state, commands);
            speed_ui(ui, state, commands);
        }
    });
}

/// The time at the playhead, a button to go to another, and the length where there is room.
pub fn time_ui(ui: &mut Ui, state: &AppState, duration_secs: f64, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut job = egui::text::LayoutJob::default();
    let format = |color| egui::TextFormat::simple(theme::mono(theme::SIZE_STRONG), color);
    job.append(
        &state.time_text(state.playback.position_secs),
        0.0,
        format(palette.text),
    );
    if ui.available_width() > 360.0 {
        job.append(
            &format!(" / {}", state.time_text(duration_secs)),
            0.0,
            format(palette.secondary),
        );
    }
    let response = ui
        .add(Button::new(job).frame(false))
        .on_hover_text(Command::GoToTime.tooltip())
        .accessible_name("Time");
    if response.clicked() {
        commands.push(Command::GoToTime);
    }
}

/// As many letters as fit beside the long words in a player of usual width.
const FEW_LETTERS: usize = 5;
/// Width of the long words with speed and volume.
const WORDS: f32 = 240.0;

fn summary_buttons_ui(ui: &mut Ui, state: &AppState, roomy: bool, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let count = state.alternative_count();
    let Some(chosen) = state.chosen_alternative() else {
        return;
    };
    // Many letters leave no room for the long words.
    let roomy =
        roomy && (count <= FEW_LETTERS || ui.available_width() > WORDS + count as f32 * 22.0);
    let color = palette.alternative(chosen);
    let playing_summary = state.playback.playing && state.playback.extent == Extent::Summary;
    let letter = text::letter(chosen);
    let label = match (playing_summary, roomy) {
        (true, true) => format!("Pause summary {letter}"),
        (false, true) => format!("Play summary {letter}"),
        (true, false) => format!("Pause {letter}"),
        (false, false) => format!("Play {letter}"),
    };
    let button = Button::new(
        RichText::new(format!("     {label}"))
            .font(theme::medium(theme::SIZE_BODY))
            .color(palette.alternative_text(chosen)),
    )
    .fill(palette.alternative_wash(chosen))
    .stroke(Stroke::new(1.0, color))
    .min_size(vec2(0.0, 28.0));
    let response = ui
        .add(button)
        .on_hover_text(Command::PlaySummary(None).tooltip())
        .accessible_name(&label);
    let icon = Rect::from_center_size(
        pos2(response.rect.left() + 18.0, response.rect.center().y),
        vec2(9.0, 9.0),
    );
    let glyph = if playing_summary {
        Icon::Pause
    } else {
        Icon::Play
    };
    glyph.paint(ui.painter(), icon, palette.alternative_text(chosen));
    if response.clicked() {
        commands.push(Command::PlaySummary(None));
    }
    ui.spacing_mut().item_spacing.x = 4.0;
    // Room for speed and volume is kept; many letters become narrow before any is left out.
    let room = ui.available_width() - 84.0;
    let width = (room / count as f32 - 4.0).clamp(18.0, 28.0);
    for index in 0..count {
        if ui.available_width() < width + 84.0 {
            break;
        }
        letter_button(ui, width, index, index == chosen, commands);
    }
    ui.spacing_mut().item_spacing.x = 8.0;
}

fn letter_button(ui: &mut Ui, width: f32, index: usize, chosen: bool, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let color = palette.alternative(index);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::click());
    let letter = text::letter(index);
    let response = response.on_hover_text(Command::SelectAlternative(index).tooltip());
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, chosen, format!("Switch to {letter}"))
    });
    let fill = if chosen || response.hovered() {
        palette.alternative_wash(index)
    } else {
        palette.panel
    };
    let width = if chosen { 2.0 } else { 1.0 };
    ui.painter().rect(
        rect,
        RADIUS_CONTROL,
        fill,
        Stroke::new(width, color),
        StrokeKind::Inside,
    );
    ui.painter().text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        letter,
        theme::semibold(theme::SIZE_BODY),
        palette.alternative_text(index),
    );
    if response.clicked() {
        commands.push(Command::SelectAlternative(index));
    }
}

fn speed_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let speed = state.playback.speed;
    let label = if speed.fract().abs() < 1e-9 {
        format!("{speed:.1}×")
    } else {
        format!("{speed}×")
    };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(4.0, 4.0);
        let response = egui::containers::menu::MenuButton::from_button(
            Button::new(
                RichText::new(label)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(palette.secondary),
            )
            .frame(false),
        )
        .ui(ui, |ui| {
            for speed in [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0] {
                if ui.button(format!("{speed}×")).clicked() {
                    commands.push(Command::SetSpeed(speed));
                    ui.close();
                }
            }
        })
        .0;
        response
            .on_hover_text("How fast the video plays. ([ and ])")
            .accessible_name("Speed");
    });
}

fn volume_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let volume = if state.prefs.muted {
        0.0
    } else {
        state.prefs.volume
    };
    let level = (volume * 3.0).ceil() as u8;
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Button,
            true,
            if state.prefs.muted {
                "Sound is off"
            } else {
                "Sound"
            },
        )
    });
    Icon::Volume(level).paint(ui.painter(), rect.shrink(4.0), palette.secondary);
    if response.clicked() {
        commands.push(Command::ToggleMute);
    }
    let scroll = if response.hovered() {
        ui.input(|input| input.smooth_scroll_delta().y)
    } else {
        0.0
    };
    if scroll.abs() > 0.1 {
        commands.push(Command::SetVolume(state.prefs.volume + scroll / 400.0));
    }
    egui::Popup::context_menu(&response).show(|ui| {
        let mut value = state.prefs.volume;
        if ui
            .add(egui::Slider::new(&mut value, 0.0..=1.0).text("Volume"))
            .changed()
        {
            commands.push(Command::SetVolume(value));
        }
    });
    response.on_hover_text(format!(
        "{} Scroll to change the volume.",
        Command::ToggleMute.tooltip()
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_keeps_its_shape() {
        let outer = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0));
        assert_eq!(fit(outer, 1.0).size(), vec2(100.0, 100.0));
        assert_eq!(fit(outer, 4.0).size(), vec2(200.0, 50.0));
        assert!(fit(outer, f32::NAN).width() <= 200.0);
    }
}
