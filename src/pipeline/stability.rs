//! How still the kinds of a video hold: shares and summaries over draws of other seeds.

use std::sync::Arc;

use ndarray::{Array2, s};
use serde::Serialize;

use super::PipelineError;
use super::assemble::{ScoredSamples, Timeline};
use super::kinds::first_kinds;
use super::sampling::SamplingSession;
use crate::domain::{Draw, DrawSettings, Kinds};
use crate::jobs::{CancelToken, Progress, StageClock};

/// Samples of each seed at least: with a hundred, chance alone moves a share by 4 points.
pub const LEAST_SAMPLES: usize = 1000;

/// One kind over the seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindStability {
    pub label: String,
    /// Its share with each seed.
    pub shares: Vec<f64>,
    pub mean_share: f64,
    /// Mean absolute change of the share between two seeds, and the greatest distance from the
    /// mean.
    pub share_moves: f64,
    pub share_moves_most: f64,
    /// Shared over united duration of its summary and of the one that the mean of each seed's own
    /// members gives: mean over the seeds in which it has members, and least.
    pub overlap: Option<f64>,
    pub least_overlap: Option<f64>,
}

/// The kinds of one video over several seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    pub seeds: Vec<u64>,
    /// Samples of each seed.
    pub samples: usize,
    pub budget: f64,
    pub kinds: Vec<KindStability>,
    /// Means over the kinds.
    pub share_moves: f64,
    pub overlap: Option<f64>,
    /// Number of kinds that each seed's samples would give on their own, for comparison.
    pub kinds_of_each_seed: Vec<usize>,
    pub coverage: Vec<f64>,
}

/// Draws from `count` seeds on, starting with the settings' own, and assigns the samples to
/// `kinds`.
///
/// # Errors
/// As [`SamplingSession::draw`].
pub fn stability(
    session: &mut SamplingSession,
    timeline: &Timeline,
    settings: &DrawSettings,
    kinds: &Arc<Kinds>,
    count: usize,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Stability, PipelineError> {
    let clock = StageClock::start("Drawing other seeds");
    let settings = session.allowed(&DrawSettings {
        samples: settings.samples.max(LEAST_SAMPLES),
        ..settings.clone()
    });
    let seeds: Vec<u64> = (0..count as u64)
        .map(|at| settings.seed.wrapping_add(at))
        .collect();
    let mut draws = Vec::new();
    let mut kinds_of_each_seed = Vec::new();
    for (done, &seed) in (1..).zip(&seeds) {
        let settings = DrawSettings {
            seed,
            ..settings.clone()
        };
        let scores = session.draw(&settings, cancel, &mut |_| {})?;
        kinds_of_each_seed.push(first_kinds(timeline, scores.view(), &[]).kinds.len());
        let samples = ScoredSamples::new(timeline, scores, settings, false, Arc::clone(kinds));
        draws.push(samples.select(samples.budget()));
        on_progress(clock.at(done, seeds.len() as u64));
    }
    let kinds: Vec<KindStability> = (0..kinds.kinds.len())
        .map(|at| kind_stability(at, &draws, timeline))
        .collect();
    let overlaps: Vec<f64> = kinds.iter().filter_map(|kind| kind.overlap).collect();
    Ok(Stability {
        samples: settings.samples,
        budget: settings.budget,
        share_moves: mean(
            &kinds
                .iter()
                .map(|kind| kind.share_moves)
                .collect::<Vec<_>>(),
        )
        .unwrap_or(0.0),
        overlap: mean(&overlaps),
        coverage: draws.iter().map(|draw| draw.coverage).collect(),
        kinds,
        kinds_of_each_seed,
        seeds,
    })
}

fn kind_stability(at: usize, draws: &[Draw], timeline: &Timeline) -> KindStability {
    let shares: Vec<f64> = draws
        .iter()
        .map(|draw| draw.alternatives.get(at).map_or(0.0, |kind| kind.share))
        .collect();
    let mean_share = mean(&shares).unwrap_or(0.0);
    let mut moves = Vec::new();
    for (place, one) in shares.iter().enumerate() {
        moves.extend(shares[..place].iter().map(|other| (one - other).abs()));
    }
    let overlaps: Vec<f64> = draws
        .iter()
        .filter_map(|draw| own_overlap(draw, at, timeline))
        .collect();
    KindStability {
        label: draws
            .first()
            .and_then(|draw| Some(draw.alternatives.get(at)?.label.clone()))
            .unwrap_or_default(),
        mean_share,
        share_moves: mean(&moves).unwrap_or(0.0),
        share_moves_most: shares
            .iter()
            .map(|share| (share - mean_share).abs())
            .fold(0.0, f64::max),
        overlap: mean(&overlaps),
        least_overlap: overlaps.into_iter().reduce(f64::min),
        shares,
    }
}

/// How much of the kind's summary the mean of this draw's members would keep; `None` without
/// members.
fn own_overlap(draw: &Draw, at: usize, timeline: &Timeline) -> Option<f64> {
    let kind = draw
        .alternatives
        .get(at)
        .filter(|kind| !kind.members.is_empty())?;
    let mut own = Array2::<f32>::zeros((1, draw.scores.ncols()));
    for &member in &kind.members {
        let mut row = own.row_mut(0);
        row += &draw.scores.slice(s![member, ..]);
    }
    own /= kind.members.len() as f32;
    let selected = timeline.selector(own.view()).select(draw.settings.budget);
    let own = selected.chosen.first()?;
    let secs = |segment: &usize| timeline.segments[*segment].duration_secs();
    let shared: f64 = (own.iter().filter(|s| kind.selected_segments.contains(s)))
        .map(secs)
        .sum();
    let all: f64 = own.iter().chain(&kind.selected_segments).map(secs).sum();
    let united = all - shared;
    Some(if united > 0.0 { shared / united } else { 1.0 })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
