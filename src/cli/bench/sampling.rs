//! How fast samples come: from the bundle's network, and from a ready table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use ndarray::{Array2, ArrayView2};

use super::report::Measure;
use super::stopwatch::{Spent, Stopwatch, median_spent};
use crate::diffusion::{
    Condition, DenoiseFailure, Denoiser, Noise, SampleRequest, Sampler, Schedule, Solver,
};
use crate::domain::{DrawSettings, Features, SamplingMethod};
use crate::jobs::CancelToken;
use crate::pipeline::{Prepared, SamplingNews, SamplingSession};

/// Picks of the video that sampling is measured on: five minutes at two a second.
const PICKS: usize = 600;
const TABLE_STEPS: usize = 10;
/// Samples that should be on screen at once.
const FIRST: usize = 16;

/// Loading the networks and drawing the first and all samples, at N = 600.
///
/// The features are the video's own, repeated or cut to 600 rows: the time depends on their number
/// alone.
pub fn network(
    prepared: &Prepared,
    settings: &dyn Fn(&Prepared, &SamplingSession) -> DrawSettings,
    runs: usize,
    cancel: &CancelToken,
) -> anyhow::Result<Vec<Measure>> {
    let own = &prepared.features.values;
    let rows = own.nrows();
    let repeated = Prepared {
        features: Arc::new(Features {
            values: Array2::from_shape_fn((PICKS, own.ncols()), |(row, column)| {
                own[[row % rows, column]]
            }),
            picks: (0..PICKS as u64).collect(),
            pick_times_secs: (0..PICKS).map(|pick| pick as f64 / 2.0).collect(),
            network_rows: Vec::new(),
        }),
        ..prepared.clone()
    };
    let loading = Stopwatch::start();
    let mut session = SamplingSession::open(&repeated)?;
    let loading = loading.spent();
    let settings = settings(&repeated, &session);
    let (mut firsts, mut alls) = (Vec::new(), Vec::new());
    for run in 0..=runs.max(1) {
        // Another seed each time, so that a table kept between draws does not do the work
        // beforehand.
        let settings = DrawSettings {
            seed: settings.seed + run as u64,
            ..settings.clone()
        };
        let watch = Stopwatch::start();
        let mut first: Option<Spent> = None;
        session.draw(&settings, cancel, &mut |news| {
            if let SamplingNews::Progress(_) = news {
                first.get_or_insert_with(|| watch.spent());
            }
        })?;
        let all = watch.spent();
        // The first run warms up.
        if run > 0 {
            firsts.push(first.unwrap_or(all));
            alls.push(all);
        }
    }
    let (samples, steps) = (settings.samples, settings.steps);
    Ok(vec![
        Measure::new(
            "load_networks",
            "loading the networks and encoding 600 picks",
            loading,
        ),
        Measure::new(
            "first_samples",
            format!(
                "first {} samples × {steps} steps × 600 picks",
                FIRST.min(samples)
            ),
            median_spent(&firsts),
        )
        .target(0.5),
        Measure::new(
            "all_samples",
            format!("all {samples} samples × {steps} steps × 600 picks"),
            median_spent(&alls),
        )
        .target(1.5)
        .pieces(samples),
    ])
}

/// So many samples from a table that is ready.
///
/// The denoiser is a formula, so that this measures the sampler alone, whatever bundle is
/// installed: a bundle whose denoiser is pointwise takes the same way, a joint one never does.
pub fn table(samples: usize, runs: usize, cancel: &CancelToken) -> anyhow::Result<Measure> {
    let denoiser = Formula::default();
    let mut sampler = Sampler::new(Schedule::default());
    let request = SampleRequest {
        imposed: None,
        first_sample: 0,
        samples,
        steps: TABLE_STEPS,
        eta: 1.0,
        guidance: 0.0,
        sag: None,
        variant: crate::domain::Variant::Authors,
        solver: Solver::Ddim,
        method: SamplingMethod::Table,
        noise: Noise::Seeded {
            seed: 0,
            coherence: None,
        },
    };
    let mut spent = Vec::new();
    for run in 0..=runs.max(1) {
        let asked = denoiser.calls.load(Ordering::Relaxed);
        let watch = Stopwatch::start();
        sampler
            .sample(&denoiser, &request, cancel, &mut |_, _| {})
            .context("the table could not be measured")?;
        if run > 0 {
            spent.push(watch.spent());
            anyhow::ensure!(
                denoiser.calls.load(Ordering::Relaxed) == asked,
                "the table was not ready"
            );
        }
    }
    Ok(Measure::new(
        "table_samples",
        format!("{samples} samples × {TABLE_STEPS} steps × {PICKS} picks from a ready table"),
        median_spent(&spent),
    )
    .target(0.6)
    .pieces(samples))
}

/// A pointwise denoiser of a formula.
#[derive(Debug, Default)]
struct Formula {
    calls: AtomicU64,
}

impl Formula {
    const LEVELS: usize = 200;
}

impl Denoiser for Formula {
    fn identity(&self) -> u64 {
        u64::MAX
    }

    fn picks(&self) -> usize {
        PICKS
    }

    fn stride(&self) -> usize {
        1
    }

    fn levels(&self) -> usize {
        Self::LEVELS
    }

    fn sigmoid_temp(&self) -> f64 {
        1.0
    }

    fn pointwise(&self) -> bool {
        true
    }

    fn has_null(&self) -> bool {
        false
    }

    fn has_attention(&self) -> bool {
        false
    }

    fn predict(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        _: Condition,
    ) -> Result<Array2<f32>, DenoiseFailure> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Array2::from_shape_fn(index.dim(), |(sample, token)| {
            let level = index[[sample, token]] as f64 / Self::LEVELS as f64 - 0.5;
            let own = 1.2 * (0.9 * token as f64 + 0.5).sin();
            (own + 1.5 * level * (1.0 - time as f64 / 2000.0)) as f32
        }))
    }

    fn predict_with_attention(
        &self,
        _: ArrayView2<'_, i64>,
        _: usize,
    ) -> Result<(Array2<f32>, Array2<f32>), DenoiseFailure> {
        Err("there is no attention".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_table_is_ready() {
        let measure = table(30, 1, &CancelToken::new()).unwrap();
        assert!(measure.wall_secs.is_some() && measure.per_second.is_some());
    }
}
