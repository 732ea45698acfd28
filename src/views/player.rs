//! The picture and the row of controls under it. Decodes nothing: the picture comes from its
//! source. `summary` has the buttons that play and switch summaries, and decides what of the row
//! has room.

mod summary;

use egui::{
    Align, Button, Color32, Layout, Rect, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use self::summary::{Fit, Widths, summary_buttons_ui};
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Extent, within_ranges};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};

const TRANSPORT: f32 = 44.0;
/// From this width on the row has room for long words.
const ROOMY: f32 = 520.0;
/// Side of the button of the sound.
const SOUND: f32 = 26.0;
/// Speed and sound are left out where there is less than this for them.
const SPEED_AND_SOUND: f32 = 72.0;
/// So are the loop and the large player.
const LOOP_AND_SIZE: f32 = 64.0;

/// Paints the current picture into a rectangle of its shape; false where there is none yet.
pub type PaintPicture<'a> = dyn FnMut(&Ui, Rect) -> bool + 'a;

/// Shows the player. `picture` paints the frame; where it has none, the nearest thumbnail stands
/// in.
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
        if let Some(words) = state.subtitle() {
            subtitle_ui(ui, screen, &words);
        }
        response.context_menu(|ui| menu_ui(ui, state, commands));
        if response.double_clicked() {
            // The first of the two clicks has begun or stopped playing.
            commands.push(Command::TogglePlay);
            commands.push(Command::ToggleLargePlayer);
        } else if response.clicked() {
            commands.push(Command::TogglePlay);
        }
    }
    let row = Rect::from_min_max(pos2(area.left(), area.bottom() - TRANSPORT + 8.0), area.max);
    transport_ui(ui, row, state, session, commands);
}

/// What the secondary button offers on the picture.
fn menu_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let summary = state.chosen().is_some();
    let session = state.session.as_ref();
    let compared = session.is_some_and(|session| session.features.is_some());
    let subtitles = session.is_some_and(|session| !session.cues.is_empty());
    for (command, enabled) in [
        (Command::TogglePlay, true),
        (Command::PlaySummaryFromStart, summary),
        (Command::ToggleLoop, true),
        (Command::ToggleLargePlayer, true),
        (Command::ToggleFullscreen, true),
        (Command::Snapshot, true),
        (Command::ToggleMarker, true),
        (Command::MoreLikeFrame(None), compared),
        (Command::ToggleSubtitles, subtitles),
    ] {
        super::menus::entry_ui(ui, command, enabled, commands);
    }
}

/// Words of the subtitles on the foot of the picture's place: where that is higher than the
/// picture, they lie under it.
fn subtitle_ui(ui: &Ui, screen: Rect, words: &str) {
    const AIR: f32 = 6.0;
    let palette = Palette::of(ui);
    let size = (screen.height() * 0.05).clamp(theme::SIZE_BODY, 26.0);
    let mut job = egui::text::LayoutJob::simple(
        words.to_owned(),
        theme::medium(size),
        Color32::WHITE,
        (screen.width() - 6.0 * AIR).max(40.0),
    );
    job.halign = Align::Center;
    job.wrap.max_rows = 4;
    let galley = ui.painter().layout_job(job);
    let place = Rect::from_center_size(
        pos2(
            screen.center().x,
            screen.bottom() - AIR - galley.size().y / 2.0,
        ),
        galley.size(),
    );
    let ground = palette.letterbox.gamma_multiply(0.75);
    ui.painter()
        .rect_filled(place.expand2(vec2(AIR, 2.0)), 4, ground);
    ui.painter()
        .galley(place.center_top(), galley, Color32::WHITE);
    let response = ui.interact(place, ui.scope_id().with("subtitle"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Subtitle: {words}")));
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
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let mut child = parts::row(ui, row, "transport");
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
    let roomy = row.width() > ROOMY;
    let air = if roomy { 12.0 } else { 0.0 };
    let measure = |words: &str, font| {
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font, palette.text);
        galley.size().x
    };
    let mono = |words: &str| measure(words, theme::mono(theme::SIZE_STRONG));
    let total = total_text(state, session.duration_secs());
    let speed = measure(&speed_text(state), theme::regular(theme::SIZE_BODY));
    let widths = Widths {
        time: mono(&clock(state).0) + air,
        total: mono(&total),
        words: summary::button_width(ui, state, true),
        short: summary::button_width(ui, state, false),
        // Speed with its padding, the sound, and a gap before each.
        rest: speed + 8.0 + SOUND + 24.0,
    };
    let named = (state.chosen()).is_some_and(|of| summary::own_name(state, of).is_some());
    let fit = Fit::of(
        ui.available_width(),
        &widths,
        (roomy, named),
        state.alternative_count(),
    );
    time_button(ui, state, fit.total.then_some(total), commands);
    ui.add_space(air);
    summary_buttons_ui(ui, state, session, &fit, commands);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if ui.available_width() > SPEED_AND_SOUND {
            sound_ui(ui, state, session, commands);
            speed_ui(ui, state, commands);
        }
        if ui.available_width() > LOOP_AND_SIZE {
            let large = if state.large_player {
                "Back to all panels"
            } else {
                "Large player"
            };
            for (icon, on, command, name) in [
                (
                    Icon::Large,
                    state.large_player,
                    Command::ToggleLargePlayer,
                    large,
                ),
                (
                    Icon::Loop,
                    state.playback.looping,
                    Command::ToggleLoop,
                    "Loop",
                ),
            ] {
                let color = if on {
                    palette.accent
                } else {
                    palette.secondary
                };
                let button = widgets::icon_button(ui, icon, SOUND, color, name);
                if button.on_hover_text(command.tooltip()).clicked() {
                    commands.push(command);
                }
            }
        }
    });
}

/// The time at the playhead, a button to go to another, and the length where there is room.
pub fn time_ui(ui: &mut Ui, state: &AppState, duration_secs: f64, commands: &mut Vec<Command>) {
    let total = (ui.available_width() > 360.0).then(|| total_text(state, duration_secs));
    time_button(ui, state, total, commands);
}

fn total_text(state: &AppState, duration_secs: f64) -> String {
    match clock(state).1 {
        Some(length) => format!(" of {length}"),
        None => format!(" / {}", state.length_text(duration_secs)),
    }
}

/// What the clock says: the time in the video, or while only a part is played, how far that has
/// come and how long it is.
fn clock(state: &AppState) -> (String, Option<String>) {
    let at = state.playback.position_secs;
    match state.extent_secs() {
        Some(ranges) => {
            let (passed, total) = within_ranges(&ranges, at);
            (text::clock(passed), Some(text::clock(total)))
        }
        None => (state.time_text(at), None),
    }
}

/// The tip of the clock: what it counts while only a part is played, and what a click does.
fn clock_tip(state: &AppState) -> String {
    let go = Command::GoToTime.tooltip();
    let part = match state.playback.extent {
        Extent::Video => return go,
        Extent::Summary => "the summary",
        Extent::Range => "the range",
    };
    let at = state.time_text(state.playback.position_secs);
    format!("The time within {part}; in the video it is {at}. {go}")
}

fn time_button(ui: &mut Ui, state: &AppState, total: Option<String>, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut job = egui::text::LayoutJob::default();
    let format = |color| egui::TextFormat::simple(theme::mono(theme::SIZE_STRONG), color);
    job.append(&clock(state).0, 0.0, format(palette.text));
    if let Some(total) = total {
        job.append(&total, 0.0, format(palette.secondary));
    }
    let response = ui
        .add(Button::new(job).frame(false))
        .on_hover_text(clock_tip(state))
        .accessible_name("Time");
    if response.clicked() {
        commands.push(Command::GoToTime);
    }
}

fn speed_text(state: &AppState) -> String {
    let speed = state.playback.speed;
    if speed.fract().abs() < 1e-9 {
        format!("{speed:.1}×")
    } else {
        format!("{speed}×")
    }
}

fn speed_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let label = speed_text(state);
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

fn sound_ui(ui: &mut Ui, state: &AppState, session: &Session, commands: &mut Vec<Command>) {
    if session.video.has_audio {
        volume_ui(ui, state, commands);
    } else if session.without_picture {
        no_sound_ui(ui, "The raw video is not here, so there is no sound.");
    } else {
        no_sound_ui(ui, "This video has no sound.");
    }
}

/// The icon of the sound, struck out: nothing can be set, and `why` says so.
fn no_sound_ui(ui: &mut Ui, why: &str) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(SOUND, SOUND), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, false, "No sound"));
    let icon = rect.shrink(4.0);
    Icon::Volume(0).paint(ui.painter(), icon, palette.faint);
    // A rim in the panel's colour keeps the stroke apart from the icon.
    let stroke = [icon.left_top(), icon.right_bottom()];
    ui.painter()
        .line_segment(stroke, Stroke::new(4.0, palette.panel));
    ui.painter()
        .line_segment(stroke, Stroke::new(1.5, palette.secondary));
    response.on_hover_text(why);
}

fn volume_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let volume = if state.prefs.muted {
        0.0
    } else {
        state.prefs.volume
    };
    let level = (volume * 3.0).ceil() as u8;
    let (rect, response) = ui.allocate_exact_size(vec2(SOUND, SOUND), Sense::click());
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
    use crate::domain::ranges::length_secs;

    #[test]
    fn the_picture_keeps_its_shape() {
        let outer = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0));
        assert_eq!(fit(outer, 1.0).size(), vec2(100.0, 100.0));
        assert_eq!(fit(outer, 4.0).size(), vec2(200.0, 50.0));
        assert!(fit(outer, f32::NAN).width() <= 200.0);
    }

    #[test]
    fn the_clock_counts_the_summary_while_it_plays() {
        let mut state = crate::testing::fixture::state();
        assert_eq!(clock(&state).1, None);
        assert!(total_text(&state, 347.0).starts_with(" / "));
        state.run(Command::PlaySummaryFromStart);
        let (at, length) = clock(&state);
        let ranges = state.extent_secs().unwrap();
        let total = length_secs(&ranges);
        assert_eq!((at.as_str(), length), ("0:00", Some(text::clock(total))));
        state.run(Command::SeekTo(ranges[1].0 + 2.0));
        let passed = ranges[0].1 - ranges[0].0 + 2.0;
        assert_eq!(clock(&state).0, text::clock(passed));
        assert_eq!(
            total_text(&state, 347.0),
            format!(" of {}", text::clock(total))
        );
        assert!(clock_tip(&state).contains("within the summary"));
    }
}
