//! One card for each kind of summary: what it shows, how common it is, how long, and who would agree.

mod actions;

use egui::{
    Align2, Color32, CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::command::Command;
use crate::app::state::{AppState, Hover, Session};
use crate::domain::Draw;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, RADIUS_PANEL};
use crate::ui::{text, widgets};

use self::actions::{actions_ui, menu_ui};

const GAP: f32 = 12.0;
const MIN_CARD_WIDTH: f32 = 250.0;
const PADDING: f32 = 16.0;

/// Shows the cards side by side, scrolled where they do not fit.
pub fn alternatives_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let Some(session) = &state.session else {
        paint_hint(
            ui,
            area,
            palette,
            "No video",
            "Open a video to see what kinds of summary there are.",
        );
        return;
    };
    let Some(draw) = session.draw.as_ref().filter(|draw| draw.sample_count() > 0) else {
        let (first, second) = if state.is_busy() {
            (
                "Watching the video",
                "The first kinds of summary appear here before all samples are drawn.",
            )
        } else {
            ("No samples yet", "New draw makes some.")
        };
        paint_hint(ui, area, palette, first, second);
        return;
    };
    if draw.alternatives.is_empty() {
        paint_hint(
            ui,
            area,
            palette,
            "Sorting the samples into kinds",
            "This takes a moment.",
        );
        return;
    }
    let count = draw.alternatives.len();
    // One kind alone keeps the width of a card and says why it is alone.
    let slots = count.max(if count == 1 { 2 } else { 1 });
    let width = ((area.width() - GAP * (slots - 1) as f32) / slots as f32).max(MIN_CARD_WIDTH);
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt("cards"));
    ScrollArea::horizontal()
        .id_salt("cards scroll")
        .auto_shrink([false, false])
        .show(&mut child, |ui| {
            let total = width * count as f32 + GAP * (count - 1) as f32;
            let (space, _) = ui.allocate_exact_size(vec2(total, area.height()), Sense::hover());
            for index in 0..count {
                let card = Rect::from_min_size(
                    pos2(space.left() + index as f32 * (width + GAP), space.top()),
                    vec2(width, area.height()),
                );
                if ui.is_rect_visible(card) {
                    card_ui(ui, card, index, state, session, draw, commands);
                }
            }
        });
    if count == 1 {
        let rest = Rect::from_min_max(pos2(area.left() + width + GAP, area.top()), area.max);
        let (first, second) = lone_hint(draw);
        paint_hint(ui, rest, palette, first, second);
    }
}

/// Why there is but one card.
fn lone_hint(draw: &Draw) -> (&'static str, &'static str) {
    if !draw.partial && draw.durations_secs.iter().all(|&secs| secs == 0.0) {
        (
            "Nothing fits",
            "Every segment is longer than the budget. Raise the budget to let one in.",
        )
    } else if draw.sample_count() == 1 && !draw.partial {
        (
            "One summary",
            "This bundle scores a video once and draws no samples.",
        )
    } else {
        (
            "One kind of summary",
            "All samples keep much the same scenes. More guidance or another bundle may tell them apart.",
        )
    }
}

fn paint_hint(ui: &Ui, rect: Rect, palette: &Palette, first: &str, second: &str) {
    ui.painter().rect(
        rect,
        RADIUS_PANEL,
        palette.panel,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    widgets::paint_empty(ui, rect, first, second);
}

fn card_ui(
    ui: &mut Ui,
    card: Rect,
    index: usize,
    state: &AppState,
    session: &Session,
    draw: &Draw,
    commands: &mut Vec<Command>,
) {
    let Some(kind) = draw.alternatives.get(index) else {
        return;
    };
    let palette = Palette::of(ui);
    let color = palette.alternative(index);
    let chosen = state.chosen_alternative() == Some(index);
    let rejected = state.is_rejected(index);
    let letter = text::letter(index);
    let secs = draw
        .durations_secs
        .get(kind.medoid_sample)
        .copied()
        .unwrap_or(0.0);
    let agreed = match state.annotators_reached(index) {
        Some((reached, all)) => format!("{} · {reached} of {all} annotators", text::clock(secs)),
        None => text::clock(secs),
    };

    let response = ui.interact(card, ui.scope_id().with(("card", index)), Sense::click());
    let spoken = format!(
        "Alternative {letter}: {} of samples, {agreed}",
        text::percent(kind.share)
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &spoken));
    if response.clicked() {
        commands.push(Command::SelectAlternative(index));
    }
    if response.double_clicked() {
        commands.push(Command::PlaySummary(Some(index)));
    }
    egui::Popup::context_menu(&response).show(|ui| menu_ui(ui, index, state, commands));
    let hovered = response.contains_pointer() || state.hover.alternative == Some(index);
    if response.contains_pointer() {
        commands.push(Command::HoverOver(Hover {
            alternative: Some(index),
            ..Hover::default()
        }));
    }
    paint_card(
        ui,
        card,
        color,
        chosen,
        hovered,
        palette.alternative_wash(index),
    );

    // A low card keeps its pictures and gives up air.
    let tight = card.height() < 118.0;
    let inner = card.shrink2(vec2(PADDING, if tight { 7.0 } else { 12.0 }));
    let inner = Rect::from_min_max(pos2(inner.left() + 2.0, inner.top()), inner.max);
    let text_color = if rejected {
        palette.secondary
    } else {
        palette.text
    };
    let painter = ui.painter();
    let line = inner.top() + 9.0;
    painter.text(
        pos2(inner.left(), line),
        Align2::LEFT_CENTER,
        letter,
        theme::semibold(theme::SIZE_TITLE),
        palette.alternative_text(index),
    );
    let title = if rejected {
        "rejected".to_owned()
    } else {
        format!("{} of samples", text::percent(kind.share))
    };
    if state.is_pinned(index) {
        let icon = Rect::from_center_size(
            pos2(card.right() - 9.0, card.top() + 10.0),
            vec2(11.0, 11.0),
        );
        Icon::Pin.paint(painter, icon, palette.alternative_text(index));
    }
    let used = widgets::paint_text_clipped(
        ui,
        pos2(inner.left() + 20.0, line),
        Align2::LEFT_CENTER,
        &title,
        theme::medium(theme::SIZE_STRONG),
        text_color,
        inner.width() - 20.0,
    );
    let room = inner.width() - 20.0 - used - 12.0;
    // The count of annotators gives way to the length where there is no room for both.
    let full = ui.painter().layout_no_wrap(
        agreed.clone(),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    let note = if full.size().x <= room {
        agreed
    } else {
        text::clock(secs)
    };
    widgets::paint_text_clipped(
        ui,
        pos2(inner.right(), line),
        Align2::RIGHT_CENTER,
        &note,
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        room.max(0.0),
    );

    let actions_top = inner.bottom() - 18.0;
    let bar = Rect::from_min_max(
        pos2(inner.left(), actions_top - if tight { 7.0 } else { 12.0 }),
        pos2(inner.right(), actions_top - if tight { 3.0 } else { 8.0 }),
    );
    let board = Rect::from_min_max(
        pos2(inner.left(), inner.top() + if tight { 21.0 } else { 26.0 }),
        pos2(inner.right(), bar.top() - if tight { 4.0 } else { 8.0 }),
    );
    if board.height() > 16.0 {
        storyboard(ui, board, session, kind.medoid_sample, rejected, commands);
    }
    let fill = if rejected {
        color.gamma_multiply(0.35)
    } else {
        color
    };
    widgets::paint_share_bar(ui, bar, kind.share, fill);
    let row = Rect::from_min_max(pos2(inner.left(), actions_top), inner.max);
    actions_ui(ui, row, index, state, commands);
}

fn paint_card(ui: &Ui, card: Rect, color: Color32, chosen: bool, hovered: bool, wash: Color32) {
    let palette = Palette::of(ui);
    let fill = if chosen { wash } else { palette.panel };
    let stroke = if chosen {
        Stroke::new(1.5, color)
    } else if hovered {
        Stroke::new(1.0, color.gamma_multiply(0.7))
    } else {
        Stroke::new(1.0, palette.line)
    };
    ui.painter()
        .rect(card, RADIUS_PANEL, fill, stroke, StrokeKind::Inside);
    let edge = Rect::from_min_max(card.min, pos2(card.left() + 4.0, card.bottom()));
    ui.painter().rect_filled(
        edge,
        CornerRadius {
            nw: RADIUS_PANEL,
            sw: RADIUS_PANEL,
            ne: 0,
            se: 0,
        },
        color,
    );
}

/// Times that stand for a summary: the middles of `count` equal shares of what it keeps.
pub fn storyboard_times(ranges_secs: &[(f64, f64)], count: usize) -> Vec<f64> {
    let total: f64 = ranges_secs.iter().map(|(start, end)| end - start).sum();
    if total <= 0.0 {
        return Vec::new();
    }
    (0..count)
        .filter_map(|index| {
            let mut left = (index as f64 + 0.5) / count as f64 * total;
            for &(start, end) in ranges_secs {
                if left <= end - start {
                    return Some(start + left);
                }
                left -= end - start;
            }
            None
        })
        .collect()
}

fn storyboard(
    ui: &mut Ui,
    board: Rect,
    session: &Session,
    sample: usize,
    dimmed: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let aspect = session.thumbs.aspect().clamp(0.4, 3.0);
    let gap = 3.0;
    let count =
        (((board.width() + gap) / (board.height() * aspect + gap)).round() as usize).clamp(1, 12);
    let width = (board.width() - gap * (count - 1) as f32) / count as f32;
    let height = (width / aspect).min(board.height());
    let top = board.top() + (board.height() - height) / 2.0;
    for (index, secs) in storyboard_times(&session.summary_secs(sample), count)
        .into_iter()
        .enumerate()
    {
        let place = Rect::from_min_size(
            pos2(board.left() + index as f32 * (width + gap), top),
            vec2(width, height),
        );
        match session.thumbs.nearest(secs) {
            Some(thumb) => {
                let uv = cover(thumb.uv, thumb.aspect, width / height);
                let tint = if dimmed {
                    Color32::from_gray(90)
                } else {
                    Color32::WHITE
                };
                ui.painter().image(thumb.texture, place, uv, tint);
            }
            None => {
                ui.painter().rect_filled(place, 2, palette.well);
            }
        }
        let response = ui
            .interact(
                place,
                ui.scope_id().with(("story", sample, index)),
                Sense::click(),
            )
            .on_hover_text(format!("Moves the playhead to {}.", text::clock(secs)));
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::Button,
                true,
                format!("Scene at {}", text::clock(secs)),
            )
        });
        if response.hovered() {
            ui.painter().rect_stroke(
                place,
                2,
                Stroke::new(1.5, palette.accent),
                StrokeKind::Inside,
            );
        }
        if response.clicked() {
            commands.push(Command::SelectSample(sample));
            commands.push(Command::SeekTo(secs));
        }
    }
}

/// The middle of a picture that fills a place of another shape.
fn cover(uv: Rect, picture: f32, place: f32) -> Rect {
    if picture > place {
        let width = uv.width() * place / picture;
        Rect::from_center_size(uv.center(), vec2(width, uv.height()))
    } else {
        let height = uv.height() * picture / place;
        Rect::from_center_size(uv.center(), vec2(uv.width(), height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_card_says_why_it_is_alone() {
        let session = crate::testing::fixture::state().session.unwrap();
        let mut draw = (*session.draw.unwrap()).clone();
        assert_eq!(lone_hint(&draw).0, "One kind of summary");
        draw.durations_secs.iter_mut().for_each(|secs| *secs = 0.0);
        assert_eq!(lone_hint(&draw).0, "Nothing fits");
    }

    #[test]
    fn a_storyboard_follows_the_summary() {
        let times = storyboard_times(&[(0.0, 10.0), (100.0, 110.0)], 4);
        assert_eq!(times, vec![2.5, 7.5, 102.5, 107.5]);
        assert!(storyboard_times(&[], 4).is_empty());
    }

    #[test]
    fn a_picture_covers_its_place_without_stretching() {
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let wide = cover(uv, 2.0, 1.0);
        assert!((wide.width() - 0.5).abs() < 1e-6 && (wide.height() - 1.0).abs() < 1e-6);
        let tall = cover(uv, 1.0, 2.0);
        assert!((tall.height() - 0.5).abs() < 1e-6);
    }
}
