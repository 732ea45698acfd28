//! The points of the distribution: samples are fills, annotators are outlines, and what has a name
//! stands beside it.

use egui::{Pos2, Rect, Shape, Stroke, Vec2, vec2};

use crate::domain::SummaryRef;
use crate::session::DistributionView;
use crate::state::AppState;
use crate::ui::theme::{self, Palette};

const SAMPLE_RADIUS: f32 = 2.8;
/// Strength of a sample without weight.
const FAINTEST: f32 = 0.3;
const ANNOTATOR_RADIUS: f32 = 4.5;

/// Paints every sample, annotator, alternative, scorer and the mean; the summary in hand last.
pub(super) fn paint_points(
    painter: &egui::Painter,
    plot: Rect,
    state: &AppState,
    view: &DistributionView,
    palette: &Palette,
    at: &dyn Fn(&[f64; 2]) -> Pos2,
) {
    let Some(draw) = state.draw() else { return };
    let mut kind_of = vec![None; view.samples.len()];
    for (index, kind) in draw.alternatives.iter().enumerate() {
        for &member in &kind.members {
            if let Some(slot) = kind_of.get_mut(member) {
                *slot = Some(index);
            }
        }
    }
    // A thousand samples are drawn smaller, so that they do not run together.
    let radius = if view.samples.len() > 400 {
        SAMPLE_RADIUS * 0.7
    } else {
        SAMPLE_RADIUS
    };
    // The earlier draw lies behind everything.
    let earlier = view.earlier.iter();
    painter.extend(earlier.map(|point| Shape::circle_filled(at(point), radius, palette.faint)));
    let hovered = state.hover.alternative;
    // What weighs little after a viewer's answers is faint.
    let weights = draw.weights.as_deref();
    let strength = |sample: usize| -> f32 {
        let weight = weights.and_then(|weights| weights.get(sample));
        weight.map_or(1.0, |&weight| FAINTEST + (1.0 - FAINTEST) * weight as f32)
    };
    // Those of a lasso stand out.
    let lassoed = state.lassoed();
    let is_outside =
        |sample: usize| lassoed.is_some_and(|group| group.samples.binary_search(&sample).is_err());
    painter.extend(
        view.samples
            .iter()
            .zip(&kind_of)
            .enumerate()
            .map(|(sample, (point, kind))| {
                let color = kind.map_or(palette.secondary, |kind| {
                    palette.alternative(state.letter_at(kind))
                });
                let dim = kind.is_some_and(|kind| state.is_rejected(kind))
                    || (hovered.is_some() && hovered != *kind)
                    || is_outside(sample);
                let color = color.gamma_multiply(if dim { 0.35 } else { 1.0 } * strength(sample));
                // What this plane cannot show truly is hollow.
                if view.is_beyond(sample) {
                    Shape::circle_stroke(at(point), radius, Stroke::new(1.25, color))
                } else {
                    Shape::circle_filled(at(point), radius, color)
                }
            }),
    );
    let chosen_annotator = state.choices.selection.annotator.or(state.hover.annotator);
    for (annotator, point) in view.annotators.iter().enumerate() {
        let chosen = chosen_annotator == Some(annotator);
        let (color, width) = if chosen {
            (palette.accent, 2.5)
        } else {
            (palette.annotator, 1.5)
        };
        painter.circle_stroke(at(point), ANNOTATOR_RADIUS, Stroke::new(width, color));
    }
    let chosen = state.chosen();
    for (letter, point) in &view.alternatives {
        if chosen != Some(SummaryRef::Alternative(*letter)) {
            painter.circle_filled(at(point), 4.5, palette.alternative(*letter));
            painter.circle_stroke(at(point), 5.5, Stroke::new(1.5, palette.panel));
            painter.circle_stroke(
                at(point),
                7.0,
                Stroke::new(1.5, palette.alternative(*letter)),
            );
        }
    }
    let mut named: Vec<(&str, Pos2)> = Vec::new();
    if let Some(mean) = &view.mean {
        let centre = at(mean);
        let stroke = Stroke::new(2.5, palette.text);
        painter.line_segment([centre - vec2(6.0, 0.0), centre + vec2(6.0, 0.0)], stroke);
        painter.line_segment([centre - vec2(0.0, 6.0), centre + vec2(0.0, 6.0)], stroke);
        named.push(("mean", centre));
    }
    for (name, place) in &view.baselines {
        let centre = at(place);
        let diamond = [
            vec2(0.0, -6.0),
            vec2(6.0, 0.0),
            vec2(0.0, 6.0),
            vec2(-6.0, 0.0),
        ]
        .map(|offset| centre + offset);
        painter.add(Shape::convex_polygon(
            diamond.to_vec(),
            palette.secondary,
            Stroke::new(1.5, palette.panel),
        ));
        named.push((name, centre));
    }
    let place = match chosen {
        Some(SummaryRef::Alternative(letter)) => {
            let mut places = view.alternatives.iter();
            places.find(|(other, _)| *other == letter).map(|(_, at)| at)
        }
        Some(SummaryRef::Sample(sample)) => view.samples.get(sample),
        // It has no scores of its own, and so no place.
        Some(SummaryRef::Edited(_)) | None => None,
    };
    if let Some(point) = place {
        let color =
            (state.chosen_letter()).map_or(palette.secondary, |letter| palette.alternative(letter));
        painter.circle_filled(at(point), 6.0, color);
        painter.circle_stroke(at(point), 7.0, Stroke::new(2.0, palette.text));
    }
    let points: Vec<Pos2> = view
        .samples
        .iter()
        .chain(&view.annotators)
        .map(at)
        .collect();
    let mut taken: Vec<Rect> = named
        .iter()
        .map(|(_, centre)| Rect::from_center_size(*centre, vec2(14.0, 14.0)))
        .collect();
    for (name, centre) in named {
        let font = theme::medium(theme::SIZE_SMALL);
        let words = painter.layout_no_wrap(name.to_owned(), font, palette.text);
        let place = place_label(centre, words.size(), plot, &points, &taken);
        // The words stand on the panel's own colour, so that what lies under them does not run into
        // them.
        painter.rect_filled(
            place.expand2(vec2(3.0, 0.0)),
            3,
            palette.panel.gamma_multiply(0.8),
        );
        painter.galley(place.min, words, palette.text);
        taken.push(place);
    }
}

/// Where the words about a point stand: beside, above or below it, where they hide the fewest
/// points and none of `taken`.
fn place_label(centre: Pos2, size: Vec2, plot: Rect, points: &[Pos2], taken: &[Rect]) -> Rect {
    let (x, y) = (12.0 + size.x / 2.0, 10.0 + size.y / 2.0);
    let offsets = [
        vec2(x, 0.0),
        vec2(-x, 0.0),
        vec2(0.0, -y),
        vec2(0.0, y),
        vec2(x, -y),
        vec2(-x, -y),
        vec2(x, y),
        vec2(-x, y),
        vec2(x + 22.0, 0.0),
        vec2(-x - 22.0, 0.0),
        vec2(0.0, -y - 18.0),
        vec2(0.0, y + 18.0),
    ];
    let cost = |place: &Rect| {
        let around = place.expand(ANNOTATOR_RADIUS);
        let hidden = points
            .iter()
            .filter(|point| around.contains(**point))
            .count();
        let others = taken
            .iter()
            .filter(|other| other.intersects(*place))
            .count();
        let outside = usize::from(!plot.contains_rect(*place));
        hidden + others * 20 + outside * 1000
    };
    offsets
        .into_iter()
        .map(|offset| Rect::from_center_size(centre + offset, size))
        .min_by_key(cost)
        .unwrap_or_else(|| Rect::from_center_size(centre, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn words_stand_where_they_hide_nothing() {
        let plot = Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 300.0));
        let (centre, size) = (pos2(150.0, 150.0), vec2(30.0, 12.0));
        let beside = place_label(centre, size, plot, &[], &[]);
        assert!(beside.left() > centre.x && beside.center().y == centre.y);
        // A row of points to the right: the words go to the left.
        let row: Vec<Pos2> = (0..6)
            .map(|i| pos2(160.0 + 6.0 * i as f32, 150.0))
            .collect();
        assert!(place_label(centre, size, plot, &row, &[]).right() < centre.x);
        // At the left edge they stay inside.
        let edge = place_label(pos2(4.0, 150.0), size, plot, &[], &[]);
        assert!(plot.contains_rect(edge));
        // Two names of neighbouring points do not lie on each other.
        let second = place_label(pos2(152.0, 150.0), size, plot, &[], &[beside]);
        assert!(!second.intersects(beside));
    }
}
