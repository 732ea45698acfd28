//! The kinds of a video: found once in a settled pool of samples with a seed of its own, and kept
//! beside the features in the cache.
//!
//! The pool takes what the bundle states of sampling, whatever a draw is set to, so that kinds
//! depend on the video, the bundle and the segments alone. How samples are grouped is in
//! `analysis::kinds`.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, s};
use sha2::{Digest, Sha256};

use super::PipelineError;
use super::assemble::Timeline;
use super::prepare::Prepared;
use super::sampling::SamplingSession;
use crate::analysis::kinds::{groups, letters_of, views, without_gaps};
use crate::cache::{FeatureKey, Store};
use crate::domain::{DrawSettings, Kind, Kinds, KnownKind, Letter};
use crate::jobs::{CancelToken, Progress, StageClock};
use crate::summary::{knapsack, select::capacity};

/// Seed of every pool.
const POOL_SEED: u64 = 0x006b_696e_6473;
/// Samples of a pool: so many that shares hold within 3 points, fewer where a long video makes each
/// of them costly.
const MOST_SAMPLES: usize = 1000;
const LEAST_SAMPLES: usize = 128;
/// Samples times score tokens that a pool may take; a 100-second video at 2 s a token still gets
/// all of them.
const MOST_TOKENS: usize = 100_000;
/// Samples drawn between two looks at whether something else is wanted.
const CHUNK: usize = 64;
/// Share of the frames within which kinds' summaries are compared: the field's.
const BUDGET: f64 = 0.15;
/// Raised when the same pool would be grouped otherwise, so that kinds kept by an older program are
/// not found.
const METHOD_VERSION: u32 = 1;

/// Where the kinds of an analysis come from.
#[derive(Clone, Debug, Default)]
pub enum KindsFrom {
    /// The video's own pool.
    #[default]
    Pool,
    /// The same, with the letters of those that are known already.
    Named(Vec<KnownKind>),
    /// Another analysis: these and no others.
    Kept(Vec<KnownKind>),
}

/// Where kinds are kept, and under what name.
#[derive(Clone, Debug)]
pub struct KindCache {
    store: Store,
    key: FeatureKey,
    name: String,
}

impl KindCache {
    /// `None` where the video's features are not kept either.
    pub fn of(prepared: &Prepared) -> Option<Self> {
        let (store, key) = prepared.kept.clone()?;
        let mut hash = Sha256::new();
        hash.update(METHOD_VERSION.to_le_bytes());
        for segment in prepared.segments.iter() {
            hash.update(segment.start_frame.to_le_bytes());
            hash.update(segment.end_frame.to_le_bytes());
        }
        let name = format!("{:x}", hash.finalize());
        Some(Self { store, key, name })
    }

    fn load(&self, picks: usize) -> Option<Vec<Vec<f32>>> {
        let kept = self.store.load_kinds(&self.key, &self.name)?;
        let fits = !kept.is_empty() && kept.iter().all(|scores| scores.len() == picks);
        fits.then_some(kept)
    }

    fn keep(&self, means: &[Vec<f32>]) {
        if let Err(err) = self.store.store_kinds(&self.key, &self.name, means) {
            log::warn!("{err}");
        }
    }
}

/// Mean scores of each group of samples, the largest group first. `scores`: float32 [S, N].
fn mean_views(timeline: &Timeline, scores: ArrayView2<'_, f32>) -> Vec<Vec<f32>> {
    let scores = scores.slice(s![..scores.nrows().min(MOST_SAMPLES), ..]);
    let selector = timeline.selector(scores);
    let frames: Vec<u64> = (timeline.segments.iter())
        .map(|segment| segment.frame_count())
        .collect();
    // Where nothing fits into the field's budget, any one segment does.
    let longest = frames.iter().copied().max().unwrap_or(0);
    let mut room = capacity(BUDGET, timeline.index.len());
    if frames.iter().all(|&frames| frames > room) {
        room = longest;
    }
    let chosen = |values: &[f32]| {
        let values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        knapsack(&values, &frames, room).items
    };
    let distance = |a: &[f32], b: &[f32]| {
        let (a, b) = (chosen(a), chosen(b));
        let length = |items: &[usize]| items.iter().map(|&at| frames[at]).sum::<u64>();
        let shared: u64 = (a.iter().filter(|item| b.binary_search(item).is_ok()))
            .map(|&at| frames[at])
            .sum();
        let united = length(&a) + length(&b) - shared;
        if united == 0 {
            0.0
        } else {
            1.0 - shared as f64 / united as f64
        }
    };
    groups(selector.values(), &distance)
        .iter()
        .map(|members| {
            let mut sum = vec![0.0f64; scores.ncols()];
            for &member in members {
                for (sum, &score) in sum.iter_mut().zip(scores.row(member)) {
                    *sum += f64::from(score);
                }
            }
            let count = members.len().max(1) as f64;
            sum.into_iter().map(|sum| (sum / count) as f32).collect()
        })
        .collect()
}

/// Gives mean scores, the largest group first, their letters: those of the known kinds that they
/// continue, else new ones.
fn lettered(
    timeline: &Timeline,
    means: Vec<Vec<f32>>,
    known: &[KnownKind],
    settled: bool,
) -> Kinds {
    let times = pick_times(timeline);
    let mut known: Vec<(Letter, Vec<f32>)> = known
        .iter()
        .filter_map(|kind| Some((Letter::from_label(&kind.label)?, kind.scores_at(&times))))
        .collect();
    // A letter that a file names twice is given once.
    known.sort_by_key(|&(letter, _)| letter);
    known.dedup_by_key(|&mut (letter, _)| letter);
    let views_of = |rows: &[&Vec<f32>]| {
        let mut scores = Array2::zeros((rows.len(), times.len()));
        for (mut to, from) in scores.outer_iter_mut().zip(rows) {
            for (to, from) in to.iter_mut().zip(from.iter()) {
                *to = *from;
            }
        }
        views(timeline.selector(scores.view()).values())
    };
    let old = views_of(&known.iter().map(|(_, scores)| scores).collect::<Vec<_>>());
    let new = views_of(&means.iter().collect::<Vec<_>>());
    let letters: Vec<Letter> = known.iter().map(|&(letter, _)| letter).collect();
    let letters = letters_of(&letters, old.view(), new.view());
    let mut kinds: Vec<Kind> = (letters.into_iter().zip(means))
        .map(|(letter, scores)| Kind { letter, scores })
        .collect();
    kinds.sort_by_key(|kind| kind.letter);
    Kinds { kinds, settled }
}

fn pick_times(timeline: &Timeline) -> Vec<f64> {
    let picks = timeline.picks.iter();
    picks
        .map(|&frame| timeline.index.secs_from_frame(frame))
        .collect()
}

/// Kinds as they are kept beside a video.
pub fn known_kinds(timeline: &Timeline, kinds: &Kinds) -> Vec<KnownKind> {
    let times_secs = pick_times(timeline);
    (kinds.kinds.iter())
        .map(|kind| KnownKind {
            label: kind.letter.label(),
            scores: kind.scores.clone(),
            times_secs: times_secs.clone(),
        })
        .collect()
}

/// First kinds from the samples that are there, until the pool has settled. `before`: those of
/// fewer samples, whose letters go on as far as that leaves no gap between them.
pub fn first_kinds(
    timeline: &Timeline,
    scores: ArrayView2<'_, f32>,
    before: &[KnownKind],
) -> Kinds {
    let mut kinds = lettered(timeline, mean_views(timeline, scores), before, false);
    let letters: Vec<Letter> = kinds.kinds.iter().map(|kind| kind.letter).collect();
    for (kind, letter) in kinds.kinds.iter_mut().zip(without_gaps(&letters)) {
        kind.letter = letter;
    }
    kinds.kinds.sort_by_key(|kind| kind.letter);
    kinds
}

/// The same with the letters of kinds that a person knows of this video, from a project or from
/// other networks: they stay, whatever lies between them.
pub fn first_kinds_named(
    timeline: &Timeline,
    scores: ArrayView2<'_, f32>,
    known: &[KnownKind],
) -> Kinds {
    lettered(timeline, mean_views(timeline, scores), known, false)
}

/// The very kinds of another analysis, on this video's picks.
pub fn kept_kinds(timeline: &Timeline, kept: &[KnownKind]) -> Kinds {
    let times = pick_times(timeline);
    let mut kinds: Vec<Kind> = kept
        .iter()
        .filter_map(|kind| {
            Some(Kind {
                letter: Letter::from_label(&kind.label)?,
                scores: kind.scores_at(&times),
            })
        })
        .collect();
    kinds.sort_by_key(|kind| kind.letter);
    Kinds {
        kinds,
        settled: true,
    }
}

/// A pool that is being drawn, and what its kinds are named after.
#[derive(Debug)]
pub struct Pool {
    settings: DrawSettings,
    rows: Array2<f32>,
    drawn: usize,
    cache: Option<KindCache>,
    known: Vec<KnownKind>,
}

impl Pool {
    pub fn new(session: &SamplingSession, cache: Option<KindCache>, known: Vec<KnownKind>) -> Self {
        let samples = (MOST_TOKENS / session.tokens().max(1)).clamp(LEAST_SAMPLES, MOST_SAMPLES);
        let settings = session.allowed(&DrawSettings {
            seed: POOL_SEED,
            samples,
            ..DrawSettings::default()
        });
        Self {
            rows: Array2::zeros((settings.samples, session.picks())),
            settings,
            drawn: 0,
            cache,
            known,
        }
    }

    /// What its kinds will be named after.
    pub fn known(&self) -> &[KnownKind] {
        &self.known
    }

    /// Kinds that an earlier run has kept.
    pub fn cached(&self, timeline: &Timeline) -> Option<Arc<Kinds>> {
        let means = self.cache.as_ref()?.load(timeline.picks.len())?;
        Some(Arc::new(lettered(timeline, means, &self.known, true)))
    }

    /// Draws some more samples; the kinds once there are enough. What was drawn stays where it is
    /// cancelled.
    ///
    /// # Errors
    /// As [`SamplingSession::draw`].
    pub fn step(
        &mut self,
        session: &mut SamplingSession,
        timeline: &Timeline,
        cancel: &CancelToken,
    ) -> Result<Option<Arc<Kinds>>, PipelineError> {
        let samples = CHUNK.min(self.settings.samples - self.drawn);
        if samples > 0 {
            let settings = DrawSettings {
                samples,
                ..self.settings.clone()
            };
            let rows = session.draw_from(self.drawn, &settings, cancel, &mut |_| {})?;
            self.rows
                .slice_mut(s![self.drawn..self.drawn + samples, ..])
                .assign(&rows.slice(s![..samples, ..]));
            self.drawn += samples;
        }
        if self.drawn < self.settings.samples {
            return Ok(None);
        }
        let means = mean_views(timeline, self.rows.view());
        if let Some(cache) = &self.cache {
            cache.keep(&means);
        }
        Ok(Some(Arc::new(lettered(timeline, means, &self.known, true))))
    }

    fn progress(&self, clock: &StageClock) -> Progress {
        clock.at(self.drawn as u64, self.settings.samples as u64)
    }
}

/// The settled kinds of a video: from the cache, or from a pool that is drawn now.
///
/// # Errors
/// As [`SamplingSession::draw`].
pub fn settled_kinds(
    session: &mut SamplingSession,
    timeline: &Timeline,
    cache: Option<KindCache>,
    from: &KindsFrom,
    cancel: &CancelToken,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Arc<Kinds>, PipelineError> {
    let known = match from {
        KindsFrom::Kept(kept) => return Ok(Arc::new(kept_kinds(timeline, kept))),
        KindsFrom::Named(known) => known.clone(),
        KindsFrom::Pool => Vec::new(),
    };
    let mut pool = Pool::new(session, cache, known);
    if let Some(kinds) = pool.cached(timeline) {
        return Ok(kinds);
    }
    let clock = StageClock::start("Settling the alternatives");
    loop {
        if let Some(kinds) = pool.step(session, timeline, cancel)? {
            return Ok(kinds);
        }
        on_progress(pool.progress(&clock));
    }
}

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
