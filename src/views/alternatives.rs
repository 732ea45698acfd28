//! One card for each kind of summary: what it shows, how common it is, how long, and who would
//! agree. `shelf` decides where the cards lie, `card` paints one, `storyboard` its pictures,
//! `actions` what can be done with it.

mod actions;
mod card;
mod edited;
mod shelf;
mod storyboard;

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use crate::domain::{Draw, SummaryRef};
use crate::jobs::Progress;
use crate::session::Session;
use crate::session::Summarised;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette, RADIUS_PANEL};
use crate::ui::{parts, text, widgets};

pub(super) use self::actions::menu_ui;
use self::shelf::{GAP, Shelf, shelf_ui};

/// As far as the slider of the budget goes, as a share of the video.
const GREATEST_BUDGET: f64 = 0.6;

/// Width of the card of what is like none of the alternatives, in a panel at least so wide.
const REST: f32 = 74.0;
const REST_FROM: f32 = 900.0;
/// So wide the cards beside it are at least.
const REST_BESIDE: f32 = 190.0;

/// Shows the cards side by side, in more rows or scrolled where they do not fit.
pub fn alternatives_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = whole_pixels(ui.available_rect_before_wrap(), ui.pixels_per_point());
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
        match &state.progress {
            Some(progress) => watching_ui(ui, area, progress, commands),
            None => paint_hint(ui, area, palette, "No samples yet", "New draw makes some."),
        }
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
    let kinds = draw.alternatives.len();
    // What was edited by hand stands first: it is what a person is at.
    let edits = &state.choices.edits;
    let count = kinds + edits.len();
    let chosen = match state.chosen() {
        Some(of) if state.edited(of).is_some() => {
            edits.iter().position(|edited| edited.summary_ref() == of)
        }
        _ => state.chosen_alternative().map(|at| at + edits.len()),
    };
    let (area, rest) = with_rest(area, draw, count);
    if let Some(rest) = rest {
        rest_ui(ui, rest, draw);
    }
    let shelf = Shelf::lay_out(area.size(), count);
    shelf_ui(
        ui,
        area,
        &shelf,
        count,
        chosen,
        |ui, place, index| match edits.get(index) {
            Some(one) => edited::edited_card_ui(ui, place, one, state, session, commands),
            None => {
                let index = index - edits.len();
                card::card_ui(ui, place, index, state, session, draw, commands);
            }
        },
    );
    if count == 1 {
        let left = area.left() + shelf.card.x + GAP;
        let rest = Rect::from_min_max(pos2(left, area.top()), area.max);
        let (first, second) = lone_hint(session, draw);
        if rest.width() > 60.0 {
            paint_hint(ui, rest, palette, first, second);
        }
    }
}

/// The whole pixels within a rectangle: an edge on a part of one is painted outside of the panel,
/// where it is cut off.
fn whole_pixels(area: Rect, pixels_per_point: f32) -> Rect {
    let inner = |least: f32, most: f32| {
        // What is whole but for rounding stays.
        let (least, most) = (least * pixels_per_point, most * pixels_per_point);
        let (least, most) = ((least - 0.01).ceil(), (most + 0.01).floor());
        (least / pixels_per_point, most / pixels_per_point)
    };
    let (left, right) = inner(area.left(), area.right());
    let (top, bottom) = inner(area.top(), area.bottom());
    Rect::from_min_max(pos2(left, top), pos2(right, bottom))
}

/// Room for the cards, and beside them for what is like none of them, where there is such a thing
/// and the window is wide enough.
fn with_rest(area: Rect, draw: &Draw, count: usize) -> (Rect, Option<Rect>) {
    let share = 1.0 - draw.coverage;
    if count < 2 || draw.partial || share < 0.005 || area.width() < REST_FROM {
        return (area, None);
    }
    let (cards, rest) = area.split_left_right_at_x(area.right() - REST);
    let cards = Rect::from_min_max(cards.min, pos2(cards.right() - GAP, cards.bottom()));
    // Cards out of sight, and what can be done on them, are worth more.
    let shelf = Shelf::lay_out(cards.size(), count);
    if shelf.scrolls || shelf.card.x < REST_BESIDE {
        return (area, None);
    }
    (cards, Some(rest))
}

/// How many samples are like none of the alternatives.
fn rest_ui(ui: &Ui, place: Rect, draw: &Draw) {
    let palette = Palette::of(ui);
    let share = text::percent(1.0 - draw.coverage);
    let line = Stroke::new(1.0, palette.line);
    (ui.painter()).rect_stroke(place, RADIUS_PANEL, line, StrokeKind::Inside);
    let centre = place.center();
    let words = |y: f32, words: &str, font, color| {
        let at = pos2(centre.x, centre.y + y);
        (ui.painter()).text(at, Align2::CENTER_CENTER, words, font, color);
    };
    let small = theme::regular(theme::SIZE_SMALL);
    words(
        -14.0,
        &share,
        theme::medium(theme::SIZE_STRONG),
        palette.secondary,
    );
    words(3.0, "something", small.clone(), palette.secondary);
    words(16.0, "else", small, palette.secondary);
    let covered = text::percent(draw.coverage);
    let sentence = format!("{share} of the samples are something else");
    let response = ui
        .interact(place, ui.scope_id().with("something else"), Sense::hover())
        .on_hover_text(format!(
            "{covered} of the samples are near one of the alternatives (τ of at least 0.25); {share} are like none of them."
        ));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &sentence));
}

/// Why there is but one card.
fn lone_hint(session: &Session, draw: &Draw) -> (&'static str, &'static str) {
    let nothing = !draw.partial && draw.durations_secs.iter().all(|&secs| secs == 0.0);
    if is_one_segment(session) && !draw.partial {
        (
            if nothing {
                "Nothing fits"
            } else {
                "One kind of summary"
            },
            "This video is one segment, so there is nothing to leave out.",
        )
    } else if nothing {
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

/// Whether one segment is all there is, and no budget of the slider lets it in.
fn is_one_segment(session: &Session) -> bool {
    match session.segments.as_ref() {
        [only] => only.duration_secs() > session.duration_secs() * GREATEST_BUDGET,
        _ => false,
    }
}

/// Why a summary can be neither played nor exported: it keeps nothing.
pub(super) fn why_empty(session: &Session, of: SummaryRef) -> Option<&'static str> {
    if session.summary(of)?.secs > 0.0 {
        None
    } else if is_one_segment(session) {
        Some(
            "This summary keeps nothing: the video is one segment, and that is longer than the budget.",
        )
    } else {
        Some("This summary keeps nothing; raise the budget to let a segment in.")
    }
}

/// The first analysis, where its result will be: what is done now, how far it is, and how to stop
/// it.
fn watching_ui(ui: &mut Ui, area: Rect, progress: &Progress, commands: &mut Vec<Command>) {
    const SIZE: egui::Vec2 = egui::vec2(420.0, 78.0);
    let palette = Palette::of(ui);
    paint_hint(ui, area, palette, "", "");
    let place =
        Rect::from_center_size(area.center(), SIZE.min(area.size() - egui::vec2(24.0, 8.0)));
    let mut child = parts::column(ui, place, "watching");
    super::welcome::progress_ui(&mut child, progress, Command::CancelJob, commands);
    widgets::note(
        &mut child,
        "The first alternatives appear here before all samples are drawn.",
    );
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Letter;
    use std::sync::Arc;

    #[test]
    fn cards_lie_within_whole_pixels() {
        let area = Rect::from_min_max(pos2(12.0, 348.96), pos2(1268.0, 443.84));
        let whole = Rect::from_min_max(pos2(12.0, 349.0), pos2(1268.0, 443.0));
        assert_eq!(whole_pixels(area, 1.0), whole);
        assert_eq!(whole_pixels(area, 2.0).bottom(), 443.5);
        let rounded = Rect::from_min_max(pos2(12.000_1, 0.0), pos2(99.999_9, 50.0));
        assert_eq!(
            whole_pixels(rounded, 1.0).x_range(),
            egui::Rangef::new(12.0, 100.0)
        );
    }

    #[test]
    fn a_lone_card_says_why_it_is_alone() {
        let mut session = crate::testing::fixture::state().session.unwrap();
        let mut draw = (**session.draw.as_ref().unwrap()).clone();
        assert_eq!(lone_hint(&session, &draw).0, "One kind of summary");
        draw.durations_secs.iter_mut().for_each(|secs| *secs = 0.0);
        let (first, second) = lone_hint(&session, &draw);
        assert_eq!(first, "Nothing fits");
        assert!(second.contains("Raise the budget"));
        // One segment that no budget lets in: there is nothing to raise.
        let mut only = session.segments[0];
        only.end_secs = session.duration_secs();
        session.segments = vec![only].into();
        let (first, second) = lone_hint(&session, &draw);
        assert_eq!(first, "Nothing fits");
        assert!(second.starts_with("This video is one segment"), "{second}");
        // A short one may still be let in.
        only.end_secs = session.duration_secs() * 0.4;
        session.segments = vec![only].into();
        assert!(lone_hint(&session, &draw).1.contains("Raise the budget"));
    }

    #[test]
    fn a_summary_that_keeps_nothing_says_so() {
        let mut session = crate::testing::fixture::state().session.unwrap();
        let (one, other) = (SummaryRef::Sample(0), SummaryRef::Sample(1));
        let face = SummaryRef::Alternative(Letter(2));
        assert_eq!(why_empty(&session, one), None);
        let draw = Arc::make_mut(session.draw.as_mut().unwrap());
        Arc::make_mut(&mut draw.selections)[0].clear();
        draw.alternatives[2].selected_segments.clear();
        for of in [one, face] {
            assert!(
                why_empty(&session, of)
                    .unwrap()
                    .contains("raise the budget")
            );
        }
        assert_eq!(why_empty(&session, other), None);
        assert_eq!(why_empty(&session, SummaryRef::Sample(100_000)), None);
    }
}
