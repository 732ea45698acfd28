//! The pictures on a card: scenes of the summary, evenly over what it keeps.

use egui::{Color32, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::domain::{Alternative, SummaryRef};
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::text;
use crate::ui::theme::Palette;
use crate::views::steering::{paint_badge, steering_menu, with_verdict};

/// Times that stand for a summary: the middles of `count` equal shares of what it keeps.
fn storyboard_times(ranges_secs: &[(f64, f64)], count: usize) -> Vec<f64> {
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

/// Paints the scenes; a click on one goes there.
pub(super) fn storyboard_ui(
    ui: &mut Ui,
    board: Rect,
    (state, session): (&AppState, &Session),
    of: SummaryRef,
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
    let alternative = (session.draw.as_ref()).and_then(|draw| {
        let is_of = |kind: &Alternative| SummaryRef::Alternative(kind.letter()) == of;
        draw.alternatives.iter().position(is_of)
    });
    for (index, secs) in storyboard_times(&session.summary_secs(of), count)
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
                ui.scope_id().with(("story", of, index)),
                Sense::click(),
            )
            .on_hover_text(with_verdict(
                format!("Moves the playhead to {}.", text::clock(secs)),
                secs,
                state,
            ));
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::Button,
                true,
                format!("Scene at {}", text::clock(secs)),
            )
        });
        steering_menu(&response, Some(secs), state, commands);
        if let Some(verdict) = state.choices.settings.steering.verdict_at(secs) {
            paint_badge(ui, place, verdict);
        }
        if response.hovered() {
            // Keys say it of the segment whose picture this is.
            commands.push(Command::HoverOver(Hover {
                secs: Some(secs),
                segment: session.segment_at(secs),
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
