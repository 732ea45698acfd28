//! The strip of shots under the rating screen: in the order of rating, each with a thumbnail and
//! its rating, the current one in the middle; and under it all shots at once as a thin bar.

use egui::{Align2, Color32, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::HIGHEST_RATING;
use crate::session::Session;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::colormap::heat_cell;
use crate::ui::text;
use crate::ui::theme::{self, Palette};

const GAP: f32 = 6.0;
const BAR: f32 = 8.0;
/// Height of the panel with nothing but the bar.
const LEAST: f32 = BAR + 26.0;
/// Thumbnails lower than this show nothing.
const LEAST_CELL: f32 = 24.0;

/// Height of the panel on a page of a height: the picture of the shot comes first.
pub fn height_in(page: f32) -> f32 {
    if page < 400.0 {
        LEAST
    } else {
        (page * 0.24).clamp(84.0, 132.0)
    }
}

/// Shows the strip in all the space there is.
pub fn strip_ui(ui: &mut Ui, session: &Session, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let order = work.shot_order();
    if order.is_empty() {
        return;
    }
    let cells = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - BAR - 8.0));
    let bar = Rect::from_min_max(pos2(area.left(), area.bottom() - BAR), area.max);
    bar_ui(ui, bar, work, &order, palette, commands);
    let aspect = session.thumbs.aspect().clamp(0.6, 2.4);
    let height = cells.height();
    if height < LEAST_CELL {
        return;
    }
    let width = height * aspect;
    let fit = ((cells.width() + GAP) / (width + GAP)).floor().max(1.0) as usize;
    let first = work
        .at
        .saturating_sub(fit / 2)
        .min(order.len().saturating_sub(fit));
    let shown = &order[first..(first + fit).min(order.len())];
    let used = shown.len() as f32 * (width + GAP) - GAP;
    // The cells fill the row from edge to edge.
    let stretch = if shown.len() == fit {
        (cells.width() - used) / (fit.max(2) - 1) as f32
    } else {
        0.0
    };
    for (place, &shot) in shown.iter().enumerate() {
        let left = cells.left() + place as f32 * (width + GAP + stretch);
        let rect = Rect::from_min_size(pos2(left, cells.top()), vec2(width, height));
        cell_ui(
            ui,
            rect,
            session,
            work,
            shot,
            first + place == work.at,
            commands,
        );
    }
}

fn cell_ui(
    ui: &Ui,
    rect: Rect,
    session: &Session,
    work: &AnnotatorWork,
    shot: usize,
    current: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let range = work.shots[shot];
    let start = session.index.secs_from_frame(range.start);
    let middle = session.index.secs_from_frame((range.start + range.end) / 2);
    let rating = work.ratings[shot];
    let response = ui.interact(rect, ui.scope_id().with(("shot", shot)), Sense::click());
    response.widget_info(|| {
        let said = rating.map_or_else(
            || "not rated".to_owned(),
            |rating| format!("rated {rating}"),
        );
        WidgetInfo::selected(
            Role::Button,
            true,
            current,
            format!("Shot {}, {said}", shot + 1),
        )
    });
    let painter = ui.painter();
    painter.rect_filled(rect, 4, palette.well);
    if let Some(thumb) = session.thumbs.nearest(middle) {
        // What is rated steps back, so that the eye finds what is left.
        let tint = if rating.is_some() && !current && !response.hovered() {
            Color32::WHITE.gamma_multiply(0.55)
        } else {
            Color32::WHITE
        };
        egui::Image::new((thumb.texture, rect.size()))
            .uv(thumb.uv)
            .tint(tint)
            .corner_radius(4)
            .paint_at(ui, rect);
    }
    if current || response.hovered() || response.has_focus() {
        let color = if current {
            palette.accent
        } else {
            palette.secondary
        };
        painter.rect_stroke(rect, 4, Stroke::new(2.0, color), StrokeKind::Outside);
    }
    if let Some(rating) = rating {
        let badge = Rect::from_min_size(rect.min + vec2(5.0, 5.0), vec2(20.0, 20.0));
        painter.rect(
            badge,
            4,
            palette.panel,
            Stroke::new(1.5, rating_color(palette, rating)),
            StrokeKind::Inside,
        );
        painter.text(
            badge.center(),
            Align2::CENTER_CENTER,
            rating.to_string(),
            theme::semibold(theme::SIZE_BODY),
            palette.text,
        );
    }
    let tip = format!("Shot {} at {}", shot + 1, text::clock(start.floor()));
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::Annotate(AnnotateCommand::GoToShot(shot)));
    }
}

/// All shots in the order of rating; a click goes there.
fn bar_ui(
    ui: &Ui,
    rect: Rect,
    work: &AnnotatorWork,
    order: &[usize],
    palette: &Palette,
    commands: &mut Vec<Command>,
) {
    let response = ui.interact(
        rect.expand2(vec2(0.0, 4.0)),
        ui.scope_id().with("all shots"),
        Sense::click(),
    );
    response.widget_info(|| {
        let (done, all) = work.rated();
        WidgetInfo::labeled(
            Role::Slider,
            true,
            format!("All shots, {done} of {all} rated"),
        )
    });
    let painter = ui.painter();
    painter.rect_filled(rect, 2, palette.well);
    let x = |place: usize| rect.left() + rect.width() * place as f32 / order.len() as f32;
    let gap = if rect.width() / order.len() as f32 > 4.0 {
        1.0
    } else {
        0.0
    };
    for (place, &shot) in order.iter().enumerate() {
        if let Some(rating) = work.ratings[shot] {
            let cell = Rect::from_min_max(
                pos2(x(place), rect.top()),
                pos2(x(place + 1) - gap, rect.bottom()),
            );
            painter.rect_filled(cell, 1, rating_color(palette, rating));
        }
    }
    let current = Rect::from_min_max(
        pos2(x(work.at), rect.top() - 2.0),
        pos2(x(work.at + 1).max(x(work.at) + 3.0), rect.bottom() + 2.0),
    );
    painter.rect_stroke(
        current,
        2,
        Stroke::new(1.5, palette.accent),
        StrokeKind::Outside,
    );
    if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        let share = ((pos.x - rect.left()) / rect.width()).clamp(0.0, 0.9999);
        let place = (share * order.len() as f32) as usize;
        if let Some(&shot) = order.get(place) {
            commands.push(Command::Annotate(AnnotateCommand::GoToShot(shot)));
        }
    }
    response.on_hover_text("All shots in the order of rating; click to go to one.");
}

/// The colour that stands for a rating everywhere on this page.
pub fn rating_color(palette: &Palette, rating: u8) -> egui::Color32 {
    heat_cell(
        palette,
        0.12 + 0.88 * f32::from(rating - 1) / f32::from(HIGHEST_RATING - 1),
    )
}
