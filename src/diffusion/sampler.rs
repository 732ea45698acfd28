//! Runs a plan over many samples: by direct calls of the network, or by the exact table. Both give
//! the same indices.

mod check;
mod run;

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, s};

use super::denoiser::Denoiser;
use super::error::{SampleError, refuse};
use super::impose::Imposed;
use super::noise::Noise;
use super::plan::{Plan, Solver};
use super::quantise::Quantiser;
use super::sag::SelfAttentionGuidance;
use super::schedule::Schedule;
use super::table::Table;
use crate::domain::{SamplingMethod, Variant};
use crate::jobs::CancelToken;
use check::{check, check_noise};
use run::{Batch, Run};

/// Samples of the first batch: few enough to be on screen at once.
pub const FIRST_BATCH: usize = 16;
const DIRECT_BATCH: usize = 64;
const TABLE_BATCH: usize = 512;
/// Largest table that is kept; above it, samples are computed directly.
const TABLE_BYTES_MAX: usize = 256 << 20;

/// What to draw.
#[derive(Clone, Debug)]
pub struct SampleRequest<'a> {
    /// Number of the first sample: a draw in parts takes each part's noise from where it would be
    /// in the whole. 0 for recorded noise.
    pub first_sample: usize,
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
    /// Scores that are known; `None` where the network decides about all.
    pub imposed: Option<Imposed>,
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

/// Draws samples and keeps what is worth keeping between draws: the table of the last video, which
/// serves any seed, number of samples, eta and guidance as long as the times stay.
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

    /// Importance scores of S samples at all picks, float32 [S, N]. Batches are handed to
    /// `on_batch` as they are ready, the first [`FIRST_BATCH`] samples first.
    ///
    /// # Errors
    /// A sentence for settings that the denoiser does not allow; the network's failure; or
    /// cancelled.
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
            known: (request.imposed.as_ref())
                .map_or_else(Vec::new, |known| known.logits(denoiser.sigmoid_temp())),
            cancel,
        };
        let rounds = request.imposed.as_ref().map_or(1, |known| known.rounds);
        let tokens = denoiser.tokens();
        let mut scores = Array2::zeros((request.samples, denoiser.picks()));
        if let Some(trace) = trace.as_deref_mut() {
            trace.indices = Array3::zeros((plan.steps.len(), request.samples, tokens));
        }
        for range in batches(request.samples, use_table) {
            let mut batch = Batch::start(&run, range.clone(), tokens);
            let turns = plan.steps.iter().enumerate().flat_map(|(number, step)| {
                let rounds = if step.update.is_some() { rounds } else { 1 };
                (0..rounds).map(move |round| (number, step, round))
            });
            for (number, step, round) in turns {
                if cancel.is_cancelled() {
                    return Err(SampleError::Cancelled);
                }
                if round > 0 {
                    run.go_back(&mut batch, number, round);
                }
                if let Some(trace) = trace.as_deref_mut() {
                    trace
                        .indices
                        .slice_mut(s![number, range.clone(), ..])
                        .assign(&batch.index.mapv(i32::from));
                }
                match (&mut self.table, use_table) {
                    (Some(table), true) => {
                        run.step_by_table(table, &mut batch, (number, round), step)?
                    }
                    _ => run.step_directly(&mut batch, (number, round), step)?,
                }
                run.impose(&mut batch, number, round);
            }
            let mut out = scores.slice_mut(s![range.clone(), ..]);
            batch.read_out(denoiser, &mut out);
            if let Some(known) = &request.imposed {
                write_known(known, denoiser.stride(), &mut out);
            }
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

/// The known scores exactly, without the rounding of their logits.
fn write_known(known: &Imposed, stride: usize, out: &mut ArrayViewMut2<'_, f32>) {
    for (token, score) in known.scores.iter().enumerate() {
        let Some(score) = *score else { continue };
        let start = token * stride.max(1);
        let end = (start + stride.max(1)).min(out.ncols());
        out.slice_mut(s![.., start..end]).fill(score);
    }
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

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
