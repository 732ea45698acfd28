//! The pictures on a card: those that tell an alternative apart come first, all of what it keeps
//! where there is room. `moments` decides which, `grid` where; this file paints and listens.

use egui::{Color32, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::domain::{Alternative, SummaryRef};
use crate::session::Session;
use crate::session::Summarised;
use crate::session::summaries::Summary;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::text;
use crate::ui::theme::Palette;
use crate::views::steering::{paint_badge, steering_menu, with_verdict};

/// A card shows at least so many moments: long segments are shown more than once where there are
/// few.
const LEAST_PICTURES: usize = 4;
/// No picture is lower, unless the board is.
const LEAST_HEIGHT: f32 = 30.0;
/// Between two pictures.
const GAP: f32 = 3.0;
/// A picture may be so much wider than the video's own shape; what is over is cut off above and
/// below.
const WIDEST: f32 = 1.3;

/// A moment of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moment {
    secs: f64,
    /// Whether the segment is kept by this alternative alone.
    alone: bool,
}

/// The moments that stand for a summary: the middle of each segment that it keeps, more of them in
/// the longest ones where they are few. Those of segments that no other alternative keeps lead;
/// each part is in the order of time.
fn moments(summary: &Summary<'_>, others: &[&[usize]], session: &Session) -> Vec<Moment> {
    let whole = |&at: &usize| {
        let segment = session.segments.get(at)?;
        Some((Some(at), segment.start_secs, segment.end_secs))
    };
    let kept: Vec<(Option<usize>, f64, f64)> = match summary.of {
        // A hand cuts where it likes.
        SummaryRef::Edited(_) => {
            let pieces = summary.ranges_secs.iter();
            pieces.map(|&(start, end)| (None, start, end)).collect()
        }
        _ => summary.segments.iter().filter_map(whole).collect(),
    };
    if kept.is_empty() {
        return Vec::new();
    }
    let mut shown = vec![1usize; kept.len()];
    while shown.iter().sum::<usize>() < LEAST_PICTURES {
        let part = |at: usize| (kept[at].2 - kept[at].1) / shown[at] as f64;
        let longest = (0..kept.len()).max_by(|&a, &b| part(a).total_cmp(&part(b)));
        shown[longest.unwrap_or(0)] += 1;
    }
    let is_alone = |segment: Option<usize>| {
        let Some(segment) = segment else { return false };
        !others.is_empty()
            && others
                .iter()
                .all(|face| face.binary_search(&segment).is_err())
    };
    let mut all: Vec<Moment> = Vec::new();
    for (&(segment, start, end), &count) in kept.iter().zip(&shown) {
        all.extend((0..count).map(|at| Moment {
            secs: start + (end - start) * (at as f64 + 0.5) / count as f64,
            alone: is_alone(segment),
        }));
    }
    all.sort_by_key(|moment| !moment.alone);
    all
}

/// Pictures side by side, in one or more rows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    columns: usize,
    rows: usize,
    picture: Vec2,
}

impl Grid {
    fn shown(&self) -> usize {
        self.columns * self.rows
    }

    /// The grid of `count` pictures that shows them largest; fewer where they would be too small.
    fn of(board: Vec2, count: usize, aspect: f32) -> Self {
        let fits = |columns: usize, rows: usize| {
            let room = |all: f32, parts: usize| {
                ((all - GAP * parts.saturating_sub(1) as f32) / parts as f32).max(1.0)
            };
            let (width, height) = (room(board.x, columns), room(board.y, rows));
            let height = height.min(width / aspect);
            Self {
                columns,
                rows,
                picture: vec2(width.min(height * aspect * WIDEST), height),
            }
        };
        let least = LEAST_HEIGHT.min(board.y);
        for wanted in (1..=count.max(1)).rev() {
            let best = (1..=wanted)
                .map(|rows| fits(wanted.div_ceil(rows), rows))
                .reduce(|best, next| {
                    if next.picture.y > best.picture.y {
                        next
                    } else {
                        best
                    }
                });
            if let Some(best) = best.filter(|best| best.picture.y + 0.5 >= least || wanted == 1) {
                return best;
            }
        }
        fits(1, 1)
    }

    fn place(&self, board: Rect, at: usize) -> Rect {
        let (row, column) = (at / self.columns, at % self.columns);
        let used = self.rows as f32 * (self.picture.y + GAP) - GAP;
        let top = board.top() + (board.height() - used).max(0.0) / 2.0;
        let min = pos2(
            board.left() + column as f32 * (self.picture.x + GAP),
            top + row as f32 * (self.picture.y + GAP),
        );
        Rect::from_min_size(min, self.picture)
    }
}

/// Paints the scenes of a summary, given what the other alternatives keep; a click on one goes
/// there. Those that it alone keeps are underlined in `color`.
#[expect(clippy::too_many_arguments, reason = "one card's board")]
pub(super) fn storyboard_ui(
    ui: &mut Ui,
    board: Rect,
    (state, session): (&AppState, &Session),
    of: SummaryRef,
    others: &[&[usize]],
    color: Color32,
    dimmed: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let Some(summary) = session.summary(of) else {
        return;
    };
    let aspect = session.thumbs.aspect().clamp(0.4, 3.0);
    let alternative = (session.draw.as_ref()).and_then(|draw| {
        let is_of = |kind: &Alternative| SummaryRef::Alternative(kind.letter()) == of;
        draw.alternatives.iter().position(is_of)
    });
    let moments = moments(&summary, others, session);
    let grid = Grid::of(board.size(), moments.len(), aspect);
    for (index, moment) in moments.iter().take(grid.shown()).enumerate() {
        let place = grid.place(board, index);
        match session.thumbs.nearest(moment.secs) {
            Some(thumb) => {
                let uv = cover(thumb.uv, thumb.aspect, place.width() / place.height());
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
        if moment.alone {
            let line = Rect::from_min_max(pos2(place.left(), place.bottom() - 3.0), place.max);
            ui.painter().rect_filled(line, 0, color);
        }
        let clock = text::clock(moment.secs);
        let tip = if moment.alone {
            format!("Only {of} keeps this. A click moves the playhead to {clock}.")
        } else {
            format!("Moves the playhead to {clock}.")
        };
        let response = ui
            .interact(
                place,
                ui.scope_id().with(("story", of, index)),
                Sense::click(),
            )
            .on_hover_text(with_verdict(tip, moment.secs, state));
        response
            .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Scene at {clock}")));
        steering_menu(&response, Some(moment.secs), state, commands);
        if let Some(verdict) = state.choices.settings.steering.verdict_at(moment.secs) {
            paint_badge(ui, place, verdict);
        }
        if response.hovered() {
            // Keys say it of the segment whose picture this is.
            commands.push(Command::HoverOver(Hover {
                secs: Some(moment.secs),
                segment: session.segment_at(moment.secs),
                alternative,
                ..Hover::default()
            }));
            ui.painter().rect_stroke(
                place,
                2,
                Stroke::new(1.5, palette.accent),
                StrokeKind::Inside,
            );
        }
        if response.clicked() {
            commands.push(Command::Choose(of));
            commands.push(Command::SeekTo(moment.secs));
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
    use crate::domain::Letter;
    use crate::testing::fixture;

    #[test]
    fn what_no_other_keeps_leads_and_everything_is_there() {
        let state = fixture::state();
        let session = state.session.as_ref().unwrap();
        let of = SummaryRef::Alternative(Letter(1));
        let summary = session.summary(of).unwrap();
        let own = summary.segments.to_vec();
        // All but the last segment are kept by another one as well.
        let (last, rest) = own.split_last().unwrap();
        let shown = moments(&summary, &[rest], session);
        assert!(shown.len() >= own.len());
        let segment = session.segments[*last];
        assert!(shown[0].alone && !shown[shown.len() - 1].alone);
        assert!(segment.start_secs < shown[0].secs && shown[0].secs < segment.end_secs);
        let times: Vec<f64> = shown[1..].iter().map(|moment| moment.secs).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        // One segment alone is shown at several moments.
        let mut draw = (**session.draw.as_ref().unwrap()).clone();
        draw.alternatives[1].selected_segments = vec![*last];
        let summaries = crate::session::summaries::Summaries {
            draw: &draw,
            segments: &session.segments,
            index: &session.index,
            edits: &[],
        };
        let lone = moments(&summaries.get(of).unwrap(), &[], session);
        assert_eq!(lone.len(), LEAST_PICTURES);
        assert!(lone.iter().all(|moment| !moment.alone), "there is no other");
    }

    #[test]
    fn pictures_fill_the_board_and_are_never_one_where_there_are_more() {
        let wide = 16.0 / 9.0;
        // A card of a window of 2560 × 1440, and one of 1280 × 720.
        for (board, count) in [(vec2(590.0, 190.0), 6), (vec2(280.0, 50.0), 6)] {
            let grid = Grid::of(board, count, wide);
            assert!(grid.shown() >= 3, "{board:?}: {grid:?}");
            let area = Rect::from_min_size(pos2(0.0, 0.0), board);
            for at in 0..grid.shown() {
                assert!(area.expand(0.5).contains_rect(grid.place(area, at)));
            }
        }
        let large = Grid::of(vec2(590.0, 190.0), 6, wide);
        assert!(large.shown() >= 6);
        // Too many for the room: as many as can be seen.
        let small = Grid::of(vec2(120.0, 40.0), 12, wide);
        assert!(small.shown() < 12 && small.picture.y >= LEAST_HEIGHT - 0.5);
        assert_eq!(Grid::of(vec2(30.0, 20.0), 0, wide).shown(), 1);
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
