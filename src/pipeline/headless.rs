//! The whole pipeline once, without a window.

use std::path::Path;
use std::time::Instant;

use super::PipelineError;
use super::assemble::ScoredSamples;
use super::event::Capabilities;
use super::event::Event;
use super::kinds::{KindCache, KindsFrom, settled_kinds};
use super::memory::peak_memory_bytes;
use super::options::PrepareOptions;
use super::prepare::{Prepared, prepare};
use super::sampling::{SamplingNews, SamplingSession};
use crate::analysis::steering::effective_number;
use crate::domain::{Analysis, Draw, DrawSettings, Sample, Timings};
use crate::jobs::CancelToken;

/// Analyses a video: everything `analyze --json` reports. `settings` are made once the bundle's
/// abilities are known.
///
/// # Errors
/// Each of [`PipelineError`].
pub fn analyze(
    path: &Path,
    options: &PrepareOptions,
    settings: &dyn Fn(&Prepared, Capabilities) -> DrawSettings,
    kinds: &KindsFrom,
    cancel: &CancelToken,
    on_event: &mut dyn FnMut(Event),
) -> Result<(Analysis, Prepared), PipelineError> {
    let prepared = prepare(path, options, cancel, on_event)?;
    let mut timings = prepared.timings.clone();
    let started = Instant::now();
    let mut session = SamplingSession::open(&prepared)?;
    let settings = DrawSettings {
        segments: options.segments,
        ..settings(&prepared, session.capabilities())
    };
    let scores = session.draw(&settings, cancel, &mut |news| {
        if let SamplingNews::Progress(progress) = news {
            on_event(Event::Progress(progress));
        }
    })?;
    timings.sample = started.elapsed().as_secs_f64();
    let settling = Instant::now();
    let timeline = prepared.timeline();
    let cache = KindCache::of(&prepared);
    let kinds = settled_kinds(&mut session, &timeline, cache, kinds, cancel, &mut |done| {
        on_event(Event::Progress(done));
    })?;
    timings.settle = settling.elapsed().as_secs_f64();
    let selecting = Instant::now();
    let budget = settings.budget;
    let draw = ScoredSamples::new(&timeline, scores, settings, false, kinds).select(budget);
    timings.select = selecting.elapsed().as_secs_f64();
    timings.total += timings.sample + timings.settle + timings.select;
    Ok((describe(&prepared, &draw, timings), prepared))
}

/// A prepared video and a draw in the form of `analyze --json`.
pub fn describe(prepared: &Prepared, draw: &Draw, timings: Timings) -> Analysis {
    let samples = draw
        .scores
        .outer_iter()
        .enumerate()
        .map(|(index, scores)| Sample {
            index,
            scores: scores.to_vec(),
            selected_segments: draw.selections[index].clone(),
            duration_secs: draw.durations_secs[index],
        })
        .collect();
    Analysis {
        video: prepared.info.clone(),
        bundle: prepared.bundle.reference(),
        device: prepared.device.device.clone(),
        settings: draw.settings.clone(),
        picks: prepared.features.picks.clone(),
        pick_times_secs: prepared.features.pick_times_secs.clone(),
        segments: prepared.segments.to_vec(),
        segmentation: Some(prepared.segmentation.clone()),
        samples,
        selection_frequency: draw.selection_frequency.clone(),
        alternatives: draw.alternatives.clone(),
        weights: draw.weights.as_deref().map(<[f64]>::to_vec),
        effective_samples: draw.weights.as_deref().map(effective_number),
        coverage: draw.coverage,
        timings_secs: timings,
        peak_memory_bytes: peak_memory_bytes(),
    }
}
