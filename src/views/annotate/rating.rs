//! The rating screen: the shot in the player, five large buttons, the strip of shots, and how far it is.

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{side, strip};
use crate::app::annotate::AnnotateCommand;
use crate::app::annotate::command::RATING_NAMES;
use crate::app::command::Command;
use crate::app::state::{AppState, Session};
use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::HIGHEST_RATING;
use crate::ui::colormap::heat_cell;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{text, widgets};
use crate::views::player::{PaintPicture, screen_ui};

const BUTTONS: f32 = 68.0;

/// Shows the screen.
pub fn rating_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let below = Rect::from_min_max(pos2(area.left(), area.bottom() - strip::HEIGHT), area.max);
    let above = Rect::from_min_max(area.min, pos2(area.right(), below.top() - PANEL_GAP));
    let wide = above.width() > 2.2 * side::WIDTH;
    let split = if wide {
        above.right() - side::WIDTH
    } else {
        above.right()
    };
    let main = Rect::from_min_max(
        above.min,
        pos2(if wide { split - PANEL_GAP } else { split }, above.bottom()),
    );
    widgets::panel_at(ui, main, "shot", |ui| {
        shot_ui(ui, state, session, work, picture, commands);
    });
    if wide {
        let right = Rect::from_min_max(pos2(split, above.top()), above.max);
        widgets::panel_at(ui, right, "work", |ui| side_ui(ui, state, work, commands));
    }
    widgets::panel_at(ui, below, "shots", |ui| {
        strip::strip_ui(ui, session, work, commands);
    });
}

fn shot_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - BUTTONS - 34.0));
    if screen.height() > 8.0
        && screen_ui(ui, screen, state, session, picture)
            .on_hover_text(AnnotateCommand::Replay.tooltip())
            .clicked()
    {
        commands.push(Command::Annotate(AnnotateCommand::Replay));
    }
    let line = screen.bottom() + 17.0;
    ui.painter().text(
        pos2(area.left(), line),
        Align2::LEFT_CENTER,
        "How important is this shot to the whole video?",
        theme::medium(theme::SIZE_STRONG),
        palette.text,
    );
    if let Some(shot) = work.current_shot() {
        let start = session.index.secs_from_frame(work.shots[shot].start);
        ui.painter().text(
            pos2(area.right(), line),
            Align2::RIGHT_CENTER,
            format!("Shot {} · at {}", shot + 1, text::clock(start.floor())),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
    }
    let given = work.current_shot().and_then(|shot| work.ratings[shot]);
    let gap = 8.0;
    let count = f32::from(HIGHEST_RATING);
    let width = (area.width() - gap * (count - 1.0)) / count;
    for rating in 1..=HIGHEST_RATING {
        let left = area.left() + f32::from(rating - 1) * (width + gap);
        let rect = Rect::from_min_size(pos2(left, area.bottom() - BUTTONS), vec2(width, BUTTONS));
        rating_button(ui, rect, rating, given == Some(rating), commands);
    }
}

/// The colour that stands for a rating everywhere on this page.
pub fn rating_color(palette: &Palette, rating: u8) -> egui::Color32 {
    heat_cell(
        palette,
        0.12 + 0.88 * f32::from(rating - 1) / f32::from(HIGHEST_RATING - 1),
    )
}

fn rating_button(ui: &Ui, rect: Rect, rating: u8, given: bool, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let name = RATING_NAMES[usize::from(rating - 1)];
    let response = ui.interact(rect, ui.scope_id().with(("rating", rating)), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, true, given, format!("{rating}: {name}"))
    });
    let color = rating_color(palette, rating);
    let fill = if given {
        palette.accent_fill
    } else if response.hovered() {
        palette.control_hover
    } else {
        palette.control
    };
    let (width, stroke) = if given || response.has_focus() {
        (2.0, palette.accent)
    } else {
        (1.0, palette.line)
    };
    let painter = ui.painter();
    painter.rect(
        rect,
        theme::RADIUS_CONTROL,
        fill,
        Stroke::new(width, stroke),
        StrokeKind::Inside,
    );
    let mark = Rect::from_min_max(
        pos2(rect.left() + 10.0, rect.bottom() - 9.0),
        pos2(rect.right() - 10.0, rect.bottom() - 5.0),
    );
    painter.rect_filled(mark, 2, color);
    painter.text(
        pos2(rect.center().x, rect.top() + 21.0),
        Align2::CENTER_CENTER,
        rating.to_string(),
        theme::semibold(22.0),
        palette.text,
    );
    widgets::paint_text_clipped(
        ui,
        pos2(rect.center().x, rect.top() + 45.0),
        Align2::CENTER_CENTER,
        name,
        theme::regular(theme::SIZE_BODY),
        if given {
            palette.text
        } else {
            palette.secondary
        },
        rect.width() - 12.0,
    );
    let command = AnnotateCommand::Rate(rating);
    if response.on_hover_text(command.tooltip()).clicked() {
        commands.push(Command::Annotate(command));
    }
}

fn side_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    side::head_ui(ui, work);
    ui.add_space(8.0);
    let (done, all) = work.rated();
    side::fact_ui(ui, "Rated", &format!("{done} of {all}"));
    let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::ProgressIndicator,
            true,
            format!("{done} of {all} shots rated"),
        )
    });
    widgets::paint_share_bar(ui, bar, work.progress(), palette.accent);
    side::fact_ui(ui, "Done", &text::percent(work.progress()));
    side::time_ui(ui, state, work);
    let spent = state.spent_secs(&work.name);
    // The line stays, so that nothing under it moves away from the pointer.
    let left = match done {
        0..5 => "–".to_owned(),
        done if done < all => text::eta(spent / done as f64 * (all - done) as f64),
        _ => "all done".to_owned(),
    };
    side::fact_ui(ui, "At this pace", &left);
    ui.add_space(4.0);
    histogram_ui(ui, work);
    side::note_ui(ui, state);
    side::way_out_ui(ui, state, work, commands);
    ui.add_space(8.0);
    if ui.available_height() > 130.0 {
        side::keys_ui(
            ui,
            &[
                AnnotateCommand::Skip,
                AnnotateCommand::Step(-1),
                AnnotateCommand::Step(1),
                AnnotateCommand::Replay,
                AnnotateCommand::TogglePause,
            ],
        );
    }
}

/// How often each rating was given, so that one sees whether the whole scale is used.
fn histogram_ui(ui: &mut Ui, work: &AnnotatorWork) {
    let palette = Palette::of(ui);
    let mut counts = [0usize; HIGHEST_RATING as usize];
    for rating in work.ratings.iter().flatten() {
        counts[usize::from(*rating - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 74.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!("Ratings given from 1 to 5: {counts:?}"),
        )
    });
    let gap = 8.0;
    let width = (rect.width() - gap * 4.0) / 5.0;
    let floor = rect.bottom() - 18.0;
    for (index, &count) in counts.iter().enumerate() {
        let left = rect.left() + index as f32 * (width + gap);
        let height = (floor - rect.top() - 16.0) * count as f32 / most as f32;
        let bar = Rect::from_min_max(
            pos2(left, floor - height.max(2.0)),
            pos2(left + width, floor),
        );
        let color = if count == 0 {
            palette.line
        } else {
            rating_color(palette, index as u8 + 1)
        };
        ui.painter().rect_filled(bar, 2, color);
        let x = bar.center().x;
        if count > 0 {
            ui.painter().text(
                pos2(x, bar.top() - 2.0),
                Align2::CENTER_BOTTOM,
                count.to_string(),
                theme::regular(theme::SIZE_SMALL),
                palette.secondary,
            );
        }
        ui.painter().text(
            pos2(x, rect.bottom()),
            Align2::CENTER_BOTTOM,
            (index + 1).to_string(),
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
        );
    }
    response
        .on_hover_text("How often each rating was given; using the whole scale tells shots apart.");
}
