//! The picking screen: the video, its segments on a timeline to pick from, the budget, and the
//! picks so far.

use egui::{
    Align, Align2, Button, Layout, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::picking_timeline;
use super::side::{self, Places};
use crate::domain::AnnotatorWork;
use crate::session::Session;
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};
use crate::views::player::{PaintPicture, screen_ui, time_ui};

/// Room in the panel from which on the share of the video stands beside the time kept, which says
/// the same.
const WITH_SHARE: f32 = 300.0;

/// Shows the screen.
pub fn picking_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let places = Places::of(area, picking_timeline::height_in(area.height()));
    if let Some(bar) = places.bar {
        widgets::panel_at(ui, bar, "bar", |ui| {
            side::bar_ui(ui, state, work, &kept_text(session, work), commands);
        });
    }
    widgets::panel_at(ui, places.main, "video", |ui| {
        let screen = video_ui(ui, state, session, work, picture, commands);
        if !places.panel_has_note() {
            side::note_over(ui, screen, state);
        }
    });
    if let Some(panel) = places.panel {
        let noted = places.panel_has_note();
        widgets::panel_at(ui, panel, "work", |ui| {
            side::panel_ui(ui, state, work, noted, commands, |ui, room, commands| {
                side::head_ui(ui, state, work);
                ui.add_space(8.0);
                budget_ui(ui, session, work, room);
                side::time_ui(ui, state, work);
                ui.add_space(4.0);
                picks_ui(ui, session, work, commands);
            });
        });
    }
    widgets::panel_at(ui, places.below, "picks timeline", |ui| {
        picking_timeline::timeline_ui(ui, state, session, work, commands);
    });
}

/// The video and the row of controls; where the picture is.
fn video_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) -> Rect {
    let area = ui.available_rect_before_wrap();
    // Play and time take some room; where the rest does not hold the buttons, they get a row of
    // their own.
    let buttons = PickButtons::of(ui, state, work);
    let one_row = TRANSPORT + buttons.width <= area.width();
    let two_rows = !one_row && area.height() >= WITH_TWO_ROWS;
    let below = if two_rows {
        2.0 * ROW + 14.0
    } else {
        ROW + 8.0
    };
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - below));
    if screen.height() > 8.0 && screen_ui(ui, screen, state, session, picture).clicked() {
        commands.push(Command::TogglePlay);
    }
    let first = Rect::from_min_size(
        pos2(area.left(), screen.bottom() + 8.0),
        vec2(area.width(), ROW),
    );
    let mut child = parts::row(ui, first, "controls");
    transport_ui(&mut child, state, session, commands);
    if two_rows {
        let second = first.translate(vec2(0.0, ROW + 6.0));
        buttons.show(&mut parts::row(ui, second, "picking"), commands);
    } else {
        child.add_space(8.0);
        buttons.show(&mut child, commands);
    }
    screen
}

/// Height of a row of controls.
const ROW: f32 = 32.0;
/// Width of the play button and the time with the length beside it.
const TRANSPORT: f32 = 228.0;
/// Height from which on the buttons may take a row from the picture.
const WITH_TWO_ROWS: f32 = 170.0;

fn transport_ui(ui: &mut Ui, state: &AppState, session: &Session, commands: &mut Vec<Command>) {
    let (icon, name) = if state.playback.playing {
        (Icon::Pause, "Pause")
    } else {
        (Icon::Play, "Play")
    };
    if widgets::icon_button(ui, icon, 30.0, Palette::of(ui).text, name)
        .on_hover_text(Command::TogglePlay.tooltip())
        .clicked()
    {
        commands.push(Command::TogglePlay);
    }
    time_ui(ui, state, session.duration_secs(), commands);
}

const PICK: &str = "Pick this segment";
const TAKE_OUT: &str = "Take this segment out";

/// The buttons that pick, with what they need to stand side by side.
struct PickButtons {
    list: [(&'static str, AnnotateCommand); 4],
    /// Width of the first one under either of its names, so that the others do not jump while the
    /// video plays.
    first_width: f32,
    width: f32,
}

impl PickButtons {
    fn of(ui: &Ui, state: &AppState, work: &AnnotatorWork) -> Self {
        let picked = state
            .segment_range_at(state.playback.position_secs)
            .is_some_and(|range| work.keeps(range));
        let list = [
            (
                if picked { TAKE_OUT } else { PICK },
                AnnotateCommand::ToggleSegment,
            ),
            ("Begin here", AnnotateCommand::SetIn),
            ("End here", AnnotateCommand::SetOut),
            ("Take out", AnnotateCommand::RemovePick),
        ];
        let measure = |words: &str| {
            let font = theme::medium(theme::SIZE_STRONG);
            let galley = ui
                .painter()
                .layout_no_wrap(words.to_owned(), font, egui::Color32::WHITE);
            (galley.size().x + 2.0 * ui.spacing().button_padding.x).ceil()
        };
        let first_width = measure(PICK).max(measure(TAKE_OUT));
        let others: f32 = list[1..]
            .iter()
            .map(|(name, _)| measure(name) + ui.spacing().item_spacing.x)
            .sum();
        Self {
            list,
            first_width,
            width: first_width + others,
        }
    }

    fn show(self, ui: &mut Ui, commands: &mut Vec<Command>) {
        // In the narrowest windows the last ones are scrolled to.
        ScrollArea::horizontal()
            .id_salt("pick buttons")
            .auto_shrink([true, true])
            .min_scrolled_width(0.0)
            .show(ui, |ui| {
                for (index, (name, command)) in self.list.into_iter().enumerate() {
                    let least = if index == 0 { self.first_width } else { 0.0 };
                    let button = Button::new(name).min_size(vec2(least, 28.0));
                    if ui.add(button).on_hover_text(command.tooltip()).clicked() {
                        commands.push(Command::Annotate(command));
                    }
                }
            });
    }
}

/// `0:42 of 0:52`.
fn kept_text(session: &Session, work: &AnnotatorWork) -> String {
    let used_secs: f64 = work
        .picks
        .iter()
        .map(|range| session.index.range_secs(*range))
        .sum();
    let budget_secs = work.budget * session.duration_secs();
    format!("{} of {}", text::clock(used_secs), text::clock(budget_secs))
}

/// How much of the budget is used.
fn budget_ui(ui: &mut Ui, session: &Session, work: &AnnotatorWork, room: f32) {
    let palette = Palette::of(ui);
    side::fact_ui(ui, "Kept", &kept_text(session, work));
    let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    let full = work.progress() > 0.995;
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::ProgressIndicator,
            true,
            format!("{} of the budget used", text::percent(work.progress())),
        )
    });
    let color = if full {
        palette.warning
    } else {
        palette.accent
    };
    widgets::paint_share_bar(ui, bar, work.progress(), color);
    if room >= WITH_SHARE {
        side::fact_ui(
            ui,
            "Share of the video",
            &format!(
                "{} of {}",
                text::percent_fine(work.used_share()),
                text::percent_fine(work.budget)
            ),
        );
    }
}

/// The picks in a list; a click goes there.
fn picks_ui(ui: &mut Ui, session: &Session, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        widgets::note(ui, text::count(work.picks.len(), "pick"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !work.picks.is_empty()
                && widgets::text_button(ui, "Take all out", palette.secondary)
                    .on_hover_text("Takes all picks out; undo brings them back.")
                    .clicked()
            {
                commands.push(Command::Annotate(AnnotateCommand::ClearPicks));
            }
        });
    });
    ui.spacing_mut().item_spacing.y = 2.0;
    for range in &work.picks {
        let start = session.index.secs_from_frame(range.start);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        let length = session.index.range_secs(*range);
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::Button,
                true,
                format!("Pick at {}, {length:.1} s", text::clock(start)),
            )
        });
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 4, palette.control);
        }
        ui.painter().text(
            rect.left_center() + vec2(6.0, 0.0),
            Align2::LEFT_CENTER,
            text::timecode(start),
            theme::mono(theme::SIZE_BODY),
            palette.text,
        );
        ui.painter().text(
            rect.right_center() - vec2(6.0, 0.0),
            Align2::RIGHT_CENTER,
            format!("{length:.1} s"),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
        if response.clicked() {
            commands.push(Command::SeekTo(start));
        }
    }
}
