//! Runs a plan over many samples: by direct calls of the network, or by the exact table. Both give the same indices.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::denoiser::{Condition, DenoiseFailure, Denoiser};
use super::noise::Noise;
use super::plan::{Plan, Solver, Step};
use super::quantise::{Quantiser, index_f32, score_f32};
use super::sag::SelfAttentionGuidance;
use super::schedule::Schedule;
use super::table::Table;
use crate::domain::{SamplingMethod, Variant};
use crate::jobs::CancelToken;

/// Samples of the first batch: few enough to be on screen at once.
pub const FIRST_BATCH: usize = 16;
const DIRECT_BATCH: usize = 64;
const TABLE_BATCH: usize = 512;
/// Largest table that is kept; above it, samples are computed directly.
const TABLE_BYTES_MAX: usize = 256 << 20;

/// What to draw.
#[derive(Clone, Debug)]
pub struct SampleRequest<'a> {
    /// Number of samples, S.
    pub samples: usize,
    /// DDIM steps, 1 to the schedule's length; DDPM takes all.
    pub steps: usize,
    /// 0 deterministic after the initial noise, 1 as DDPM.
    pub eta: f64,
    /// Classifier-free guidance weight w; 0 for none.
    pub guidance: f64,
    pub sag: Option<SelfAttentionGuidance>,
    pub variant: Variant,
    pub solver: Solver,
    pub method: SamplingMethod,
    pub noise: Noise<'a>,
}

/// Why no samples came out.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("{0}")]
    Setting(String),
    #[error("cancelled")]
    Cancelled,
    #[error("{0}")]
    Denoiser(DenoiseFailure),
}

fn refuse<T>(sentence: impl Into<String>) -> Result<T, SampleError> {
    Err(SampleError::Setting(sentence.into()))
}

/// The indices that the network was asked, for comparison with other programs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// [evaluations, S, M].
    pub indices: Array3<i32>,
}

/// Draws samples once. See [`Sampler::sample`].
///
/// # Errors
/// As [`Sampler::sample`].
pub fn sample(
    denoiser: &dyn Denoiser,
    schedule: &Schedule,
    request: &SampleRequest<'_>,
    cancel: &CancelToken,
    on_batch: &mut dyn FnMut(Range<usize>, ArrayView2<'_, f32>),
) -> Result<Array2<f32>, SampleError> {
    Sampler::new(schedule.clone()).sample(denoiser, request, cancel, on_batch)
}

/// Draws samples and keeps what is worth keeping between draws: the table of the last video, which serves any seed, number of
/// samples, eta and guidance as long as the times stay.
#[derive(Debug)]
pub struct Sampler {
    schedule: Schedule,
    table: Option<Table>,
}

impl Sampler {
    pub fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            table: None,
        }
    }

    /// The table of the last run, if it used one.
    pub fn table(&self) -> Option<&Table> {
        self.table.as_ref()
    }

    /// Importance scores of S samples at all picks, float32 [S, N]. Batches are handed to `on_batch` as they are ready, the first
    /// [`FIRST_BATCH`] samples first.
    ///
    /// # Errors
    /// A sentence for settings that the denoiser does not allow; the network's failure; or cancelled.
    pub fn sample(
        &mut self,
        denoiser: &dyn Denoiser,
        request: &SampleRequest<'_>,
        cancel: &CancelToken,
        on_batch: &mut dyn FnMut(Range<usize>, ArrayView2<'_, f32>),
    ) -> Result<Array2<f32>, SampleError> {
        self.run(denoiser, request, cancel, on_batch, None)
    }

    /// As [`Self::sample`], and the indices of every evaluation.
    ///
    /// # Errors
    /// As [`Self::sample`].
    pub fn sample_traced(
        &mut self,
        denoiser: &dyn Denoiser,
        request: &SampleRequest<'_>,
        cancel: &CancelToken,
    ) -> Result<(Array2<f32>, Trace), SampleError> {
        let mut trace = Trace::default();
        let scores = self.run(denoiser, request, cancel, &mut |_, _| {}, Some(&mut trace))?;
        Ok((scores, trace))
    }

    fn run(
        &mut self,
        denoiser: &dyn Denoiser,
        request: &SampleRequest<'_>,
        cancel: &CancelToken,
        on_batch: &mut dyn FnMut(Range<usize>, ArrayView2<'_, f32>),
        mut trace: Option<&mut Trace>,
    ) -> Result<Array2<f32>, SampleError> {
        check(denoiser, &self.schedule, request)?;
        let plan = Plan::new(
            &self.schedule,
            request.solver,
            request.steps,
            request.eta,
            request.variant,
        );
        check_noise(denoiser, &plan, request)?;
        let use_table = self.choose_table(denoiser, &plan, request)?;
        let quantiser = Quantiser::new(denoiser.sigmoid_temp(), denoiser.levels());
        let run = Run {
            denoiser,
            request,
            plan: &plan,
            quantiser: &quantiser,
            cancel,
        };
        let tokens = denoiser.tokens();
        let mut scores = Array2::zeros((request.samples, denoiser.picks()));
        if let Some(trace) = trace.as_deref_mut() {
            trace.indices = Array3::zeros((plan.steps.len(), request.samples, tokens));
        }
        for range in batches(request.samples, use_table) {
            let mut batch = Batch::start(&run, range.clone(), tokens);
            for (number, step) in plan.steps.iter().enumerate() {
                if cancel.is_cancelled() {
                    return Err(SampleError::Cancelled);
                }
                if let Some(trace) = trace.as_deref_mut() {
                    trace
                        .indices
                        .slice_mut(s![number, range.clone(), ..])
                        .assign(&batch.index.mapv(i32::from));
                }
                match (&mut self.table, use_table) {
                    (Some(table), true) => run.step_by_table(table, &mut batch, number, step)?,
                    _ => run.step_directly(&mut batch, number, step)?,
                }
            }
            let mut out = scores.slice_mut(s![range.clone(), ..]);
            batch.read_out(denoiser, &mut out);
            on_batch(range, out.view());
        }
        Ok(scores)
    }

    /// Whether to use the table, which is then ready for this denoiser.
    fn choose_table(
        &mut self,
        denoiser: &dyn Denoiser,
        plan: &Plan,
        request: &SampleRequest<'_>,
    ) -> Result<bool, SampleError> {
        let conditions = if request.guidance == 0.0 { 1 } else { 2 };
        let bytes = Table::bytes_for(denoiser, plan.steps.len() * conditions);
        let fits = bytes <= TABLE_BYTES_MAX;
        match request.method {
            SamplingMethod::Direct => return Ok(false),
            SamplingMethod::Auto if !denoiser.pointwise() || request.sag.is_some() || !fits => {
                return Ok(false);
            }
            SamplingMethod::Auto => {}
            SamplingMethod::Table if !denoiser.pointwise() => {
                return refuse(
                    "the table needs a pointwise bundle, and this one is joint; use the method direct or auto",
                );
            }
            SamplingMethod::Table if request.sag.is_some() => {
                return refuse(
                    "self-attention guidance mixes frames, so it cannot be tabulated; use the method direct or auto",
                );
            }
            SamplingMethod::Table if !fits => {
                return refuse(format!(
                    "the table for {} steps would take {} MiB; take fewer steps or the method direct",
                    plan.steps.len(),
                    bytes >> 20
                ));
            }
            SamplingMethod::Table => {}
        }
        let table = self
            .table
            .take()
            .filter(|table| table.identity == denoiser.identity())
            .unwrap_or_else(|| Table::new(denoiser));
        let table = self.table.insert(table);
        if table.bytes() + bytes > TABLE_BYTES_MAX {
            let times: Vec<usize> = plan.steps.iter().map(|step| step.time).collect();
            table.keep_only(&times);
        }
        Ok(true)
    }
}

fn check(
    denoiser: &dyn Denoiser,
    schedule: &Schedule,
    request: &SampleRequest<'_>,
) -> Result<(), SampleError> {
    if request.samples == 0 {
        return refuse("the number of samples must be at least 1");
    }
    if denoiser.picks() == 0 {
        return refuse("there are no frames to score");
    }
    let most = schedule.train_steps();
    if request.solver == Solver::Ddim && !(1..=most).contains(&request.steps) {
        return refuse(format!(
            "the number of steps must be from 1 to {most}, not {}",
            request.steps
        ));
    }
    if !(0.0..=1.0).contains(&request.eta) {
        return refuse(format!("eta must be from 0 to 1, not {}", request.eta));
    }
    if !request.guidance.is_finite() {
        return refuse("the guidance weight must be a number");
    }
    if request.guidance != 0.0 && !denoiser.has_null() {
        return refuse(
            "this bundle was trained without a null video, so it knows no guidance; set guidance to 0",
        );
    }
    if let Some(sag) = &request.sag {
        if !denoiser.has_attention() {
            return refuse(
                "this bundle gives no attention, so it knows no self-attention guidance; set sag to 0",
            );
        }
        if !sag.strength.is_finite()
            || sag.blur_tokens.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater)
        {
            return refuse(
                "the strength of self-attention guidance must be a number, its blur above 0",
            );
        }
    }
    Ok(())
}

fn check_noise(
    denoiser: &dyn Denoiser,
    plan: &Plan,
    request: &SampleRequest<'_>,
) -> Result<(), SampleError> {
    let (samples, tokens) = (request.samples, denoiser.tokens());
    match &request.noise {
        Noise::Seeded {
            coherence: Some(coherence),
            ..
        } => {
            if !denoiser.pointwise() {
                return refuse(
                    "coherence is for pointwise bundles; the samples of this joint one are consistent by themselves, and correlated \
                     noise would make them worse",
                );
            }
            if coherence.tokens() != tokens {
                return refuse(format!(
                    "coherence was set up for {} frames, but there are {tokens}",
                    coherence.tokens()
                ));
            }
        }
        Noise::Seeded { .. } => {}
        Noise::Given { initial, steps } => {
            if initial.dim() != (samples, tokens) {
                return refuse(format!(
                    "the initial noise has shape {:?}, but [{samples}, {tokens}] is needed",
                    initial.shape()
                ));
            }
            let (rows, more_samples, more_tokens) = steps.dim();
            if rows < plan.updates() || (more_samples, more_tokens) != (samples, tokens) {
                return refuse(format!(
                    "the step noise has shape {:?}, but [{}, {samples}, {tokens}] is needed",
                    steps.shape(),
                    plan.steps.len()
                ));
            }
            if initial.iter().chain(steps).any(|value| !value.is_finite()) {
                return refuse("the given noise has values that are not finite");
            }
        }
    }
    Ok(())
}

/// Splits the samples: a small first batch, then larger ones.
fn batches(samples: usize, table: bool) -> Vec<Range<usize>> {
    let size = if table { TABLE_BATCH } else { DIRECT_BATCH };
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < samples {
        let len = if start == 0 { FIRST_BATCH } else { size };
        let end = (start + len).min(samples);
        ranges.push(start..end);
        start = end;
    }
    ranges
}

/// The state of some samples between evaluations.
struct Batch {
    /// Which samples they are.
    range: Range<usize>,
    /// x, [batch, M].
    x: Array2<f64>,
    /// Quantised scores of x.
    index: Array2<u16>,
    /// x0 that is read out, once it is there.
    readout: Array2<f32>,
}

impl Batch {
    fn start(run: &Run<'_, '_>, range: Range<usize>, tokens: usize) -> Self {
        let len = range.len();
        let mut batch = Self {
            x: Array2::zeros((len, tokens)),
            index: Array2::zeros((len, tokens)),
            readout: Array2::zeros((0, tokens)),
            range,
        };
        let (temp, levels) = (run.denoiser.sigmoid_temp(), run.denoiser.levels());
        let first = batch.range.start;
        batch
            .x
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(batch.index.axis_iter_mut(Axis(0)))
            .enumerate()
            .for_each_init(
                || vec![0.0; tokens],
                |noise, (row, (mut x, mut index))| {
                    run.request.noise.fill(first + row, 0, noise);
                    for ((x, index), &noise) in x.iter_mut().zip(&mut index).zip(noise.iter()) {
                        *x = f64::from(noise);
                        *index = index_f32(noise, temp, levels);
                    }
                },
            );
        batch
    }

    /// Writes the scores of the read-out to the picks.
    fn read_out(&self, denoiser: &dyn Denoiser, out: &mut ndarray::ArrayViewMut2<'_, f32>) {
        let (temp, stride) = (denoiser.sigmoid_temp(), denoiser.stride().max(1));
        out.axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(self.readout.axis_iter(Axis(0)))
            .for_each(|(mut out, x0)| {
                // A row of the result lies in one piece.
                let Some(out) = out.as_slice_mut() else {
                    unreachable!("rows of the result have no gaps")
                };
                for (picks, &x0) in out.chunks_mut(stride).zip(x0) {
                    picks.fill(score_f32(x0, temp));
                }
            });
    }
}

/// What stays the same during a run.
struct Run<'a, 'n> {
    denoiser: &'a dyn Denoiser,
    request: &'a SampleRequest<'n>,
    plan: &'a Plan,
    quantiser: &'a Quantiser,
    cancel: &'a CancelToken,
}

impl Run<'_, '_> {
    /// Whether guidance acts at this evaluation.
    fn guided(&self, step: &Step) -> bool {
        step.update.is_some() || self.plan.guided_readout
    }

    fn step_directly(
        &self,
        batch: &mut Batch,
        number: usize,
        step: &Step,
    ) -> Result<(), SampleError> {
        let index = batch.index.mapv(i64::from);
        let x0 = match self.request.sag.filter(|_| self.guided(step)) {
            None => self.estimate(index.view(), step)?,
            Some(sag) => {
                let (conditional, attention) = self
                    .denoiser
                    .predict_with_attention(index.view(), step.time)
                    .map_err(SampleError::Denoiser)?;
                let mut x0 = self.with_guidance(conditional, index.view(), step)?;
                let degraded = sag.degraded(
                    batch.x.view(),
                    x0.view(),
                    attention.view(),
                    step.alpha_cumprod,
                );
                let mut degraded_index = index;
                ndarray::Zip::from(&mut degraded_index)
                    .and(&degraded)
                    .and(&attention)
                    .for_each(|index, &x, &attention| {
                        if attention > sag.threshold {
                            *index = i64::from(self.quantiser.index(x));
                        }
                    });
                let degraded_x0 = self.estimate(degraded_index.view(), step)?;
                sag.combine(&mut x0, &degraded_x0, self.request.variant);
                x0
            }
        };
        self.advance(batch, number, step, |row, token, _| x0[[row, token]]);
        Ok(())
    }

    /// x0 with classifier-free guidance where it acts.
    fn estimate(
        &self,
        index: ArrayView2<'_, i64>,
        step: &Step,
    ) -> Result<Array2<f32>, SampleError> {
        let conditional = self
            .denoiser
            .predict(index, step.time, Condition::Video)
            .map_err(SampleError::Denoiser)?;
        self.with_guidance(conditional, index, step)
    }

    fn with_guidance(
        &self,
        mut conditional: Array2<f32>,
        index: ArrayView2<'_, i64>,
        step: &Step,
    ) -> Result<Array2<f32>, SampleError> {
        if self.request.guidance != 0.0 && self.guided(step) {
            let null = self
                .denoiser
                .predict(index, step.time, Condition::Null)
                .map_err(SampleError::Denoiser)?;
            let guide = Guide::new(self.request.guidance);
            conditional.zip_mut_with(&null, |c, n| *c = guide.combine(*c, *n));
        }
        Ok(conditional)
    }

    fn step_by_table(
        &self,
        table: &mut Table,
        batch: &mut Batch,
        number: usize,
        step: &Step,
    ) -> Result<(), SampleError> {
        let guided = self.request.guidance != 0.0 && self.guided(step);
        let conditions = if guided {
            &[Condition::Video, Condition::Null][..]
        } else {
            &[Condition::Video][..]
        };
        for &condition in conditions {
            table.ensure(
                self.denoiser,
                step.time,
                condition,
                batch.index.view(),
                self.cancel,
            )?;
        }
        let (Some(video), null) = (
            table.layer(step.time, Condition::Video),
            table.layer(step.time, Condition::Null).filter(|_| guided),
        ) else {
            unreachable!("the layer was ensured just now")
        };
        let guide = Guide::new(self.request.guidance);
        // Guided once for the whole layer, so that each sample needs one look-up only.
        let combined = null.map(|null| video.zip(null, |c, n| guide.combine(c, n)));
        let layer = combined.as_ref().unwrap_or(video);
        self.advance(batch, number, step, |_, token, index| {
            layer.get(token, index)
        });
        Ok(())
    }

    /// Moves x by one update and quantises it again, or keeps x0 for the read-out at the last evaluation.
    fn advance(
        &self,
        batch: &mut Batch,
        number: usize,
        step: &Step,
        x0: impl Fn(usize, usize, u16) -> f32 + Sync,
    ) {
        let Some(update) = step.update else {
            batch.readout = Array2::zeros(batch.index.dim());
            batch
                .readout
                .axis_iter_mut(Axis(0))
                .into_par_iter()
                .zip(batch.index.axis_iter(Axis(0)))
                .enumerate()
                .for_each(|(row, (mut out, index))| {
                    for (token, (out, &index)) in out.iter_mut().zip(&index).enumerate() {
                        *out = x0(row, token, index);
                    }
                });
            return;
        };
        let (first, tokens) = (batch.range.start, batch.x.ncols());
        let (Some(x), Some(index)) = (batch.x.as_slice_mut(), batch.index.as_slice_mut()) else {
            unreachable!("a batch's own arrays lie in rows without gaps")
        };
        x.par_chunks_exact_mut(tokens)
            .zip(index.par_chunks_exact_mut(tokens))
            .enumerate()
            .for_each_init(
                || vec![0.0f32; tokens],
                |noise, (row, (x, index))| {
                    if update.spread > 0.0 {
                        self.request.noise.fill(first + row, number + 1, noise);
                    } else {
                        noise.fill(0.0);
                    }
                    for (token, ((x, index), &z)) in
                        x.iter_mut().zip(index).zip(noise.iter()).enumerate()
                    {
                        let x0 = f64::from(x0(row, token, *index));
                        *x = update.keep * *x + update.pull * x0 + update.spread * f64::from(z);
                        *index = self.quantiser.index(*x);
                    }
                },
            );
    }
}

/// Classifier-free guidance in float32, as the authors' code: (1 + w)·x0 − w·x0_null.
#[derive(Clone, Copy)]
struct Guide {
    own: f32,
    null: f32,
}

impl Guide {
    fn new(weight: f64) -> Self {
        Self {
            own: (1.0 + weight) as f32,
            null: weight as f32,
        }
    }

    #[inline]
    fn combine(self, conditional: f32, null: f32) -> f32 {
        self.own * conditional - self.null * null
    }
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
