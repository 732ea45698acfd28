//! One card for each kind of summary: what it shows, how common it is, how long, and who would agree.
//! `shelf` decides where the cards lie, `card` paints one, `storyboard` its pictures, `actions` what can be done with it.

mod actions;
mod card;
mod shelf;
mod storyboard;

use egui::{Rect, Stroke, StrokeKind, Ui, pos2};

use crate::domain::{Draw, SummaryRef};
use crate::session::Session;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{Palette, RADIUS_PANEL};
use crate::ui::widgets;

use self::shelf::{GAP, Shelf, shelf_ui};

/// As far as the slider of the budget goes, as a share of the video.
const GREATEST_BUDGET: f64 = 0.6;

/// Shows the cards side by side, in more rows or scrolled where they do not fit.
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
    let shelf = Shelf::lay_out(area.size(), count);
    shelf_ui(
        ui,
        area,
        &shelf,
        count,
        state.chosen_alternative(),
        |ui, place, index| {
            card::card_ui(ui, place, index, state, session, draw, commands);
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
