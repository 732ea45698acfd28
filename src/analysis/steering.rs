//! Weights of samples after a few answers, so that frequencies, shares and the mean lean to a
//! viewer's taste at once.
//!
//! Each sample weighs exp(−Σ error² / 2σ²) of its answers. The width is wide on purpose: real
//! raters are mostly idiosyncratic, and a narrow weighting predicts their other ratings worse than
//! none (`docs/steering.md`). Draws nothing.

use crate::domain::Steering;

/// σ of a rating's error, in steps of the scale from 1 to 5.
pub const RATED_WIDTH: f64 = 1.5;
/// σ where a range was only kept or left out: that says less than a rating.
pub const PICKED_WIDTH: f64 = 3.0;

/// One answer to what a sample says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Indices of the picks that it is about.
    pub picks: std::ops::Range<usize>,
    /// From 1 to 5.
    pub rating: f64,
    /// σ of its error.
    pub width: f64,
}

/// The answers that steering gives on picks at these times: ratings, and 5 and 1 for what is kept
/// and left out. A range between two picks is about the one before it.
pub fn answers(steering: &Steering, pick_times_secs: &[f64]) -> Vec<Answer> {
    let picks = |start: f64, end: f64| {
        let at = |secs: f64| pick_times_secs.partition_point(|&time| time < secs - 1e-6);
        let (first, last) = (at(start), at(end));
        if first < last {
            first..last
        } else {
            let before = first.saturating_sub(1);
            before..(before + 1).min(pick_times_secs.len())
        }
    };
    let rated = steering.rate.iter().map(|range| Answer {
        picks: picks(range.start_secs, range.end_secs),
        rating: f64::from(range.rating),
        width: RATED_WIDTH,
    });
    let picked = |ranges: &[(f64, f64)], rating: f64| -> Vec<Answer> {
        ranges
            .iter()
            .map(|&(start, end)| Answer {
                picks: picks(start, end),
                rating,
                width: PICKED_WIDTH,
            })
            .collect()
    };
    rated
        .chain(picked(&steering.keep, 5.0))
        .chain(picked(&steering.leave_out, 1.0))
        .filter(|answer| !answer.picks.is_empty())
        .collect()
}

/// Weight of each sample, the greatest 1. `scores`: rows of importance scores in [0, 1], one a
/// pick.
pub fn weights<'a>(scores: impl Iterator<Item = &'a [f32]>, answers: &[Answer]) -> Vec<f64> {
    let errors: Vec<f64> = scores
        .map(|row| {
            answers
                .iter()
                .map(|answer| {
                    let picks = row.get(answer.picks.clone()).unwrap_or_default();
                    let sum: f64 = picks.iter().map(|&score| f64::from(score)).sum();
                    let said = 1.0 + 4.0 * sum / picks.len().max(1) as f64;
                    (said - answer.rating).powi(2) / (2.0 * answer.width * answer.width)
                })
                .sum()
        })
        .collect();
    let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
    errors.iter().map(|error| (least - error).exp()).collect()
}

/// Number of equally weighted samples that would say as much (Kish): (Σ w)² / Σ w².
pub fn effective_number(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::steering::RatedRange;
    use proptest::prelude::*;

    #[test]
    fn samples_that_agree_with_the_answers_weigh_more() {
        let steering = Steering {
            rate: vec![RatedRange {
                start_secs: 1.0,
                end_secs: 2.0,
                rating: 5,
            }],
            leave_out: vec![(2.1, 2.2)],
            ..Steering::default()
        };
        let answers = answers(&steering, &[0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(
            (answers[0].picks.clone(), answers[1].picks.clone()),
            (2..4, 4..5)
        );
        let rows: [&[f32]; 3] = [
            &[0.0, 0.0, 1.0, 1.0, 0.0],
            &[0.0, 0.0, 1.0, 1.0, 1.0],
            &[0.0, 0.0, 0.0, 0.0, 1.0],
        ];
        let found = weights(rows.into_iter(), &answers);
        assert_eq!(found[0], 1.0);
        let [rated, picked] = [RATED_WIDTH, PICKED_WIDTH].map(|width| 16.0 / (2.0 * width * width));
        assert!((found[1] - (-picked).exp()).abs() < 1e-9);
        assert!((found[2] - (-rated - picked).exp()).abs() < 1e-9);
        assert!(effective_number(&found) < 3.0);
    }

    proptest! {
        #[test]
        fn no_answer_changes_nothing_and_the_effective_number_has_bounds(
            flat in proptest::collection::vec(0.0f32..1.0, 6..60), rating in 1u8..=5,
        ) {
            let rows: Vec<&[f32]> = flat.chunks_exact(6).collect();
            let none = weights(rows.iter().copied(), &[]);
            prop_assert!(none.iter().all(|&w| w == 1.0));
            let answer = Answer { picks: 1..4, rating: f64::from(rating), width: RATED_WIDTH };
            let found = weights(rows.iter().copied(), &[answer]);
            let effective = effective_number(&found);
            prop_assert!(effective >= 1.0 - 1e-9 && effective <= rows.len() as f64 + 1e-9);
            // The width bounds how much a single answer can say.
            let least = (-16.0 / (2.0 * RATED_WIDTH * RATED_WIDTH)).exp();
            prop_assert!(found.iter().all(|&w| w >= least - 1e-12));
        }
    }
}
