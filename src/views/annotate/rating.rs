//! The rating screen: the shot in the player, five large buttons, the strip of shots, and how far
//! it is.

use egui::{Align, Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::side::{self, Places};
use super::strip::{self, rating_color};
use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::HIGHEST_RATING;
use crate::session::Session;
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::annotate::command::RATING_NAMES;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};
use crate::views::player::{PaintPicture, screen_ui};

/// Below this height the shot's panel keeps the numbers of the buttons and leaves out their names.
const WITH_NAMES: f32 = 190.0;
/// Space around a name in its button.
const MARGIN: f32 = 4.0;

/// How the ratings are named in their buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    OneLine,
    TwoLines,
    /// The number alone: a name that is cut says less than none, and the tip has it.
    Number,
}

impl Naming {
    /// What fits a button of this width.
    fn fitting(ui: &Ui, width: f32) -> Self {
        let measure = |words: &str| {
            let font = theme::regular(theme::SIZE_BODY);
            let galley = ui
                .painter()
                .layout_no_wrap(words.to_owned(), font, egui::Color32::WHITE);
            galley.size().x
        };
        let room = width - 2.0 * MARGIN;
        let lines = RATING_NAMES.iter().map(|name| measure(name));
        if lines.fold(0.0, f32::max) <= room {
            return Self::OneLine;
        }
        let words = RATING_NAMES.iter().flat_map(|name| name.split(' '));
        if words.map(measure).fold(0.0, f32::max) <= room {
            Self::TwoLines
        } else {
            Self::Number
        }
    }

    /// Height of the buttons.
    fn height(self) -> f32 {
        match self {
            Self::OneLine => 68.0,
            Self::TwoLines => 82.0,
            Self::Number => 48.0,
        }
    }
}

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
    // The strip would show which shots come twice.
    let with_strip = state.study.is_none();
    let places = match with_strip {
        true => Places::of(area, strip::height_in(area.height())),
        false => Places::whole(area),
    };
    if let Some(bar) = places.bar {
        widgets::panel_at(ui, bar, "bar", |ui| {
            let (done, all) = work.rated();
            side::bar_ui(ui, state, work, &format!("{done} of {all}"), commands);
        });
    }
    widgets::panel_at(ui, places.main, "shot", |ui| {
        let screen = shot_ui(ui, state, session, work, picture, commands);
        if !places.panel_has_note() {
            side::note_over(ui, screen, state);
        }
    });
    if let Some(panel) = places.panel {
        let noted = places.panel_has_note();
        widgets::panel_at(ui, panel, "work", |ui| {
            side::panel_ui(ui, state, work, noted, commands, |ui, room, _| {
                facts_ui(ui, state, work, room);
            });
        });
    }
    if with_strip {
        widgets::panel_at(ui, places.below, "shots", |ui| {
            strip::strip_ui(ui, session, work, commands);
        });
    }
}

/// The shot, the question and the buttons; where the picture is.
fn shot_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) -> Rect {
    let area = ui.available_rect_before_wrap();
    let gap = 8.0;
    let count = f32::from(HIGHEST_RATING);
    let width = (area.width() - gap * (count - 1.0)) / count;
    let naming = if area.height() < WITH_NAMES {
        Naming::Number
    } else {
        Naming::fitting(ui, width)
    };
    let height = naming.height();
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - height - 34.0));
    if screen.height() > 8.0
        && screen_ui(ui, screen, state, session, picture)
            .on_hover_text(AnnotateCommand::Replay.tooltip())
            .clicked()
    {
        commands.push(Command::Annotate(AnnotateCommand::Replay));
    }
    let line = Rect::from_min_max(
        pos2(area.left(), screen.bottom()),
        pos2(area.right(), screen.bottom() + 34.0),
    );
    question_ui(ui, line, state, session, work);
    let given = work.current_rating();
    for rating in 1..=HIGHEST_RATING {
        let left = area.left() + f32::from(rating - 1) * (width + gap);
        let rect = Rect::from_min_size(pos2(left, area.bottom() - height), vec2(width, height));
        rating_button(ui, rect, rating, naming, given == Some(rating), commands);
    }
    screen
}

/// What is asked, and of which shot.
fn question_ui(ui: &Ui, line: Rect, state: &AppState, session: &Session, work: &AnnotatorWork) {
    let palette = Palette::of(ui);
    let mut right = line.right();
    // In a study the place in the video would show that a shot comes again.
    if let Some(shot) = work.current_shot().filter(|_| state.study.is_none()) {
        let start = session.index.secs_from_frame(work.shots[shot].start);
        let place = ui.painter().text(
            line.right_center(),
            Align2::RIGHT_CENTER,
            format!("Shot {} · at {}", shot + 1, text::clock(start.floor())),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
        right = place.left() - 12.0;
    }
    let room = right - line.left();
    let question = if room > 310.0 {
        "How important is this shot to the whole video?"
    } else {
        "How important is this shot?"
    };
    widgets::paint_text_clipped(
        ui,
        line.left_center(),
        Align2::LEFT_CENTER,
        question,
        theme::medium(theme::SIZE_STRONG),
        palette.text,
        room,
    );
}

fn rating_button(
    ui: &Ui,
    rect: Rect,
    rating: u8,
    naming: Naming,
    given: bool,
    commands: &mut Vec<Command>,
) {
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
        pos2(rect.center().x, rect.top() + 20.0),
        Align2::CENTER_CENTER,
        rating.to_string(),
        theme::semibold(22.0),
        palette.text,
    );
    if naming != Naming::Number {
        let color = if given {
            palette.text
        } else {
            palette.secondary
        };
        let mut job = egui::text::LayoutJob::simple(
            name.to_owned(),
            theme::regular(theme::SIZE_BODY),
            color,
            rect.width() - 2.0 * MARGIN,
        );
        job.halign = Align::Center;
        let galley = painter.layout_job(job);
        // Between the number and the mark.
        let middle = (rect.top() + 34.0 + mark.top() - 1.0) / 2.0;
        let top = middle - galley.size().y / 2.0;
        painter.galley(pos2(rect.center().x, top), galley, color);
    }
    let command = AnnotateCommand::Rate(rating);
    if response.on_hover_text(command.tooltip()).clicked() {
        commands.push(Command::Annotate(command));
    }
}

/// Room from which on the share in percent stands beside the number of shots, which says the same.
const WITH_SHARE: f32 = 222.0;
/// Room from which on the histogram is there.
const WITH_HISTOGRAM: f32 = 300.0;

/// Who is at work and how far; what matters least gives way where there is little room.
fn facts_ui(ui: &mut Ui, state: &AppState, work: &AnnotatorWork, room: f32) {
    let palette = Palette::of(ui);
    let top = ui.next_widget_position().y;
    side::head_ui(ui, state, work);
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
    if room >= WITH_SHARE {
        side::fact_ui(ui, "Done", &text::percent(work.progress()));
    }
    side::time_ui(ui, state, work);
    let spent = state.spent_secs(&work.name);
    // The line stays, so that nothing under it moves away from the pointer.
    let left = match done {
        0..5 => "–".to_owned(),
        done if done < all => text::eta(spent / done as f64 * (all - done) as f64),
        _ => "all done".to_owned(),
    };
    side::fact_ui(ui, "At this pace", &left);
    if room >= WITH_HISTOGRAM && state.study.is_none() {
        ui.add_space(4.0);
        histogram_ui(ui, work);
    }
    ui.add_space(8.0);
    if room - (ui.next_widget_position().y - top) > 130.0 {
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
