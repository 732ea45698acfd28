//! The viewer's importance curve that a few answers make most likely: the mean of the samples,
//! conditioned on the answers.
//!
//! Samples are taken for draws of a Gaussian process over picks (kriging with an empirical
//! covariance, the ensemble Kalman filter's analysis step; Evensen 2003). What two picks have in
//! common over the samples carries an answer from one to the other, and a viewer's own deviation,
//! which no sample has, carries it to the neighbourhood. Unlike [`super::steering::weights`] it
//! does not run out of samples that agree with every answer. Selects nothing, and changes no
//! sample.

use nalgebra::{DMatrix, DVector};
use ndarray::{ArrayView2, Axis};

use super::steering::{Answer, RATED_WIDTH};

/// Variance of a viewer's own deviation, and of the error of a rating, in units of the samples'
/// mean variance. Chosen on simulated viewers; the tables in `docs/steering.md` are of these.
const OWN_VARIANCE: f64 = 0.25;
const ERROR_VARIANCE: f64 = 0.1;
/// Seconds within which a viewer's own deviation falls to 1/e.
const OWN_SECS: f64 = 16.0;

/// The curve, float32 [N] in [0, 1]. `scores`: float32 [S, N], one row a sample; `times_secs`: [N],
/// when each pick is shown. Without answers, or where all samples are the same, it is the samples'
/// mean; without samples it is empty.
pub fn conditioned_mean(
    scores: ArrayView2<'_, f32>,
    times_secs: &[f64],
    answers: &[Answer],
) -> Vec<f32> {
    let samples = scores.nrows();
    let Some(mean) = scores.mapv(f64::from).mean_axis(Axis(0)) else {
        return Vec::new();
    };
    let plain = || mean.iter().map(|&score| score as f32).collect();
    let picks = mean.len();
    if answers.is_empty() || samples < 2 || times_secs.len() != picks {
        return plain();
    }
    let deviations = scores.mapv(f64::from) - &mean;
    let degrees = (samples - 1) as f64;
    let variance = deviations.mapv(|d| d * d).sum() / degrees / picks as f64;
    if variance <= f64::EPSILON {
        return plain();
    }
    let within = |answer: &Answer| answer.picks.start.min(picks)..answer.picks.end.min(picks);
    let answers: Vec<&Answer> = (answers.iter())
        .filter(|answer| !within(answer).is_empty())
        .collect();
    if answers.is_empty() {
        return plain();
    }
    // What each sample deviates by over an answer's picks.
    let averaged: Vec<Vec<f64>> = answers
        .iter()
        .map(|answer| {
            let own = deviations.slice(ndarray::s![.., within(answer)]);
            own.mean_axis(Axis(1)).map_or_else(Vec::new, |m| m.to_vec())
        })
        .collect();
    let nearness = |a: usize, b: usize| (-(times_secs[a] - times_secs[b]).abs() / OWN_SECS).exp();
    // Covariance of each pick's score with what each answer is about, [N, answers].
    let mut with_picks = DMatrix::<f64>::zeros(picks, answers.len());
    for (column, (answer, averaged)) in answers.iter().zip(&averaged).enumerate() {
        let range = within(answer);
        let length = range.len() as f64;
        for pick in 0..picks {
            let of_pick = deviations.column(pick);
            let shared: f64 = of_pick.iter().zip(averaged).map(|(a, b)| a * b).sum();
            let near: f64 = range.clone().map(|other| nearness(pick, other)).sum();
            with_picks[(pick, column)] = shared / degrees + OWN_VARIANCE * variance * near / length;
        }
    }
    let mut among = DMatrix::<f64>::zeros(answers.len(), answers.len());
    let mut surprise = DVector::<f64>::zeros(answers.len());
    for (row, answer) in answers.iter().enumerate() {
        let range = within(answer);
        let length = range.len() as f64;
        for column in 0..answers.len() {
            let over = range.clone().map(|pick| with_picks[(pick, column)]);
            among[(row, column)] = over.sum::<f64>() / length;
        }
        let width = answer.width / RATED_WIDTH;
        among[(row, row)] += ERROR_VARIANCE * variance * width * width;
        let expected = range.map(|pick| mean[pick]).sum::<f64>() / length;
        surprise[row] = (answer.rating - 1.0) / 4.0 - expected;
    }
    // Symmetric but for rounding, and positive definite by the errors on its diagonal.
    let among = (&among + among.transpose()) * 0.5;
    let Some(solved) = among.cholesky().map(|root| root.solve(&surprise)) else {
        return plain();
    };
    let moved = with_picks * solved;
    (mean.iter().zip(moved.iter()))
        .map(|(mean, moved)| (mean + moved).clamp(0.0, 1.0) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::steering::PICKED_WIDTH;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    fn rated(picks: std::ops::Range<usize>, rating: f64) -> Answer {
        Answer {
            picks,
            rating,
            width: RATED_WIDTH,
        }
    }

    fn halves(count: usize) -> Vec<f64> {
        (0..count).map(|pick| pick as f64 * 0.5).collect()
    }

    #[test]
    fn an_answer_reaches_what_the_samples_have_in_common_with_it() {
        // Picks 0 and 40 go together, pick 80 goes against them, and the others never vary.
        let scores = Array2::from_shape_fn((60, 81), |(sample, pick)| {
            let taste = if sample % 2 == 0 { 0.3 } else { -0.3 };
            match pick {
                0 | 40 => 0.5 + taste,
                80 => 0.5 - taste,
                _ => 0.5,
            }
        });
        let curve = conditioned_mean(scores.view(), &halves(81), &[rated(0..1, 5.0)]);
        assert!(
            curve[0] > 0.9 && curve[40] > 0.8 && curve[80] < 0.2,
            "{curve:?}"
        );
        assert!((curve[20] - 0.5).abs() < 0.05, "{}", curve[20]);
        // Keeping says less than the highest rating.
        let kept = Answer {
            width: PICKED_WIDTH,
            ..rated(0..1, 5.0)
        };
        let leaned = conditioned_mean(scores.view(), &halves(81), &[kept]);
        assert!(leaned[40] < curve[40] && leaned[40] > 0.5);
    }

    /// The textbook's formula with every matrix written out: K_*A (K_AA + R)⁻¹ (y − m_A), by
    /// nalgebra's LU.
    fn written_out(scores: &Array2<f32>, times: &[f64], answers: &[Answer]) -> Vec<f32> {
        let (samples, picks) = scores.dim();
        let x = DMatrix::from_fn(samples, picks, |s, p| f64::from(scores[[s, p]]));
        let mean = DVector::from_fn(picks, |p, _| x.column(p).mean());
        let centred = DMatrix::from_fn(samples, picks, |s, p| x[(s, p)] - mean[p]);
        let shared = centred.transpose() * &centred / (samples - 1) as f64;
        let variance = shared.diagonal().mean();
        let covariance = DMatrix::from_fn(picks, picks, |a, b| {
            shared[(a, b)]
                + OWN_VARIANCE * variance * (-(times[a] - times[b]).abs() / OWN_SECS).exp()
        });
        let about = DMatrix::from_fn(answers.len(), picks, |row, p| {
            let range = &answers[row].picks;
            f64::from(range.contains(&p)) / range.len() as f64
        });
        let error = DMatrix::from_diagonal(&DVector::from_fn(answers.len(), |row, _| {
            ERROR_VARIANCE * variance * (answers[row].width / RATED_WIDTH).powi(2)
        }));
        let answered = DVector::from_fn(answers.len(), |row, _| (answers[row].rating - 1.0) / 4.0);
        let inner = &about * &covariance * about.transpose() + error;
        let solved = inner.lu().solve(&(answered - &about * &mean)).unwrap();
        let curve = mean + covariance * about.transpose() * solved;
        curve.iter().map(|&c| c.clamp(0.0, 1.0) as f32).collect()
    }

    proptest! {
        #[test]
        fn it_is_the_textbooks_formula_and_stays_in_range(
            flat in proptest::collection::vec(0.0f32..1.0, 8 * 12),
            asked in proptest::collection::vec((0usize..12, 1usize..5, 1u8..=5, proptest::bool::ANY), 1..6),
        ) {
            let scores = Array2::from_shape_vec((8, 12), flat).unwrap();
            let spread = scores.iter().copied().fold(0.0, f32::max) - scores.iter().copied().fold(1.0, f32::min);
            prop_assume!(spread > 0.01);
            let answers: Vec<Answer> = asked.iter().map(|&(start, length, rating, is_picked)| Answer {
                picks: start..(start + length).min(12),
                rating: f64::from(rating),
                width: if is_picked { PICKED_WIDTH } else { RATED_WIDTH },
            }).collect();
            let found = conditioned_mean(scores.view(), &halves(12), &answers);
            prop_assert!(found.iter().all(|score| (0.0..=1.0).contains(score)));
            for (found, expected) in found.iter().zip(written_out(&scores, &halves(12), &answers)) {
                prop_assert!((found - expected).abs() < 1e-4, "{found} {expected}");
            }
        }
    }

    #[test]
    fn where_nothing_is_known_the_mean_stands() {
        let scores = array![[0.2f32, 0.4], [0.4, 0.8]];
        let mean = vec![0.3f32, 0.6];
        assert_eq!(conditioned_mean(scores.view(), &[0.0, 0.5], &[]), mean);
        assert_eq!(
            conditioned_mean(scores.view(), &[0.0, 0.5], &[rated(5..6, 5.0)]),
            mean
        );
        let same = array![[0.3f32, 0.6], [0.3, 0.6]];
        assert_eq!(
            conditioned_mean(same.view(), &[0.0, 0.5], &[rated(0..1, 5.0)]),
            mean
        );
        let none = Array2::<f32>::zeros((0, 2));
        assert!(conditioned_mean(none.view(), &[0.0, 0.5], &[]).is_empty());
    }
}
