//! How each alternative's summary meets the annotators, with intervals over annotators.

use crate::analysis::overlap::f1_percent_of_ranges;
use crate::analysis::rank::{kendall_tau_b, spearman_rho};
use crate::analysis::raters::{scores_at_frames, user_summaries};
use crate::analysis::reliability::{Interval, mean_interval};
use crate::domain::{Draw, FrameRange, Letter, Segment, SummaryRef};
use crate::session::Summarised;
use crate::session::material::Material;

/// Bootstrap resamples, and their seed.
const RESAMPLES: usize = 1000;
const SEED: u64 = 0;

/// One alternative against all annotators; `None` is undefined.
pub struct AlternativeMeasures {
    pub tau: Option<Interval>,
    pub rho: Option<Interval>,
    pub f1_percent: Option<Interval>,
    /// Annotators that some sample matches, and all.
    pub reached: Option<(usize, usize)>,
}

/// All alternatives, in order.
pub struct Measures {
    pub alternatives: Vec<AlternativeMeasures>,
}

impl Measures {
    /// `None` without annotators.
    pub fn of(material: &Material, draw: &Draw) -> Option<Self> {
        let set = material
            .annotations
            .as_deref()
            .filter(|set| !set.annotators.is_empty())?;
        let frames: Vec<u64> = material
            .pick_times_secs
            .iter()
            .map(|&secs| material.index.nearest_frame(secs))
            .collect();
        let users: Vec<Vec<f32>> = set
            .annotators
            .iter()
            .map(|annotator| scores_at_frames(annotator, &frames))
            .collect();
        let segments: Vec<FrameRange> = material.segments.iter().map(Segment::frames).collect();
        let summaries = user_summaries(set, &segments, draw.settings.budget);
        let mean = |values: Vec<f64>| mean_interval(&values, RESAMPLES, SEED);
        let alternatives = draw
            .alternatives
            .iter()
            .map(|kind| {
                let scores = &kind.scores;
                let of_users = |correlation: fn(&[f32], &[f32]) -> Option<f64>| -> Vec<f64> {
                    users
                        .iter()
                        .filter_map(|user| correlation(scores, user))
                        .collect()
                };
                let of = SummaryRef::Alternative(kind.letter());
                let summary = material.summary(of);
                let summary = summary.map_or_else(Vec::new, |summary| summary.ranges);
                let overlaps = summaries
                    .iter()
                    .map(|user| f1_percent_of_ranges(&summary, user, material.index.len()));
                AlternativeMeasures {
                    tau: mean(of_users(kendall_tau_b)),
                    rho: mean(of_users(spearman_rho)),
                    f1_percent: mean(overlaps.collect()),
                    reached: reached(material, kind.letter()),
                }
            })
            .collect();
        Some(Self { alternatives })
    }
}

fn reached(material: &Material, letter: Letter) -> Option<(usize, usize)> {
    let view = material.matches.as_deref()?;
    let row = view
        .rows
        .iter()
        .find(|row| row.alternative == Some(letter))?;
    let some = |share: &&Option<f32>| share.is_some_and(|share| share > 0.0);
    Some((row.shares.iter().filter(some).count(), row.shares.len()))
}
