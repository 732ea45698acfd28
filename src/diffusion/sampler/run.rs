//! One run of the sampler: a batch of samples taken through the steps, directly or by table.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::SampleRequest;
use crate::diffusion::denoiser::{Condition, Denoiser};
use crate::diffusion::error::SampleError;
use crate::diffusion::impose::{RoundNoise, noise_number};
use crate::diffusion::plan::{Plan, Step};
use crate::diffusion::quantise::{Quantiser, index_f32, score_f32};
use crate::diffusion::table::Table;
use crate::jobs::CancelToken;

/// The state of some samples between evaluations.
pub(super) struct Batch {
    /// Which samples they are.
    pub(super) range: Range<usize>,
    /// x, [batch, M].
    pub(super) x: Array2<f64>,
    /// Quantised scores of x.
    pub(super) index: Array2<u16>,
    /// x0 that is read out, once it is there.
    pub(super) readout: Array2<f32>,
}

impl Batch {
    pub(super) fn start(run: &Run<'_, '_>, range: Range<usize>, tokens: usize) -> Self {
        let len = range.len();
        let mut batch = Self {
            x: Array2::zeros((len, tokens)),
            index: Array2::zeros((len, tokens)),
            readout: Array2::zeros((0, tokens)),
            range,
        };
        let (temp, levels) = (run.denoiser.sigmoid_temp(), run.denoiser.levels());
        let first = run.request.first_sample + batch.range.start;
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
    pub(super) fn read_out(
        &self,
        denoiser: &dyn Denoiser,
        out: &mut ndarray::ArrayViewMut2<'_, f32>,
    ) {
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
pub(super) struct Run<'a, 'n> {
    pub(super) denoiser: &'a dyn Denoiser,
    pub(super) request: &'a SampleRequest<'n>,
    pub(super) plan: &'a Plan,
    pub(super) quantiser: &'a Quantiser,
    /// Tokens whose clean logit is known.
    pub(super) known: Vec<(usize, f64)>,
    pub(super) cancel: &'a CancelToken,
}

impl Run<'_, '_> {
    /// Whether guidance acts at this evaluation.
    pub(super) fn guided(&self, step: &Step) -> bool {
        step.update.is_some() || self.plan.guided_readout
    }

    pub(super) fn step_directly(
        &self,
        batch: &mut Batch,
        turn: (usize, usize),
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
        self.advance(batch, turn, step, |row, _, out| {
            for (out, x0) in out.iter_mut().zip(x0.row(row)) {
                *out = *x0;
            }
        });
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

    pub(super) fn step_by_table(
        &self,
        table: &mut Table,
        batch: &mut Batch,
        turn: (usize, usize),
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
        self.advance(batch, turn, step, |_, index, out| layer.look_up(index, out));
        Ok(())
    }

    /// Puts the known tokens where the forward process has them at the time of the next step: √ᾱ·u
    /// + √(1 − ᾱ)·z.
    pub(super) fn impose(&self, batch: &mut Batch, number: usize, round: usize) {
        let Some(next) = self.plan.steps.get(number + 1) else {
            return;
        };
        if self.known.is_empty() {
            return;
        }
        let (signal, spread) = shares(next.alpha_cumprod);
        let number = noise_number(number, round, RoundNoise::Known);
        self.each_row(batch, number, |x, noise| {
            for &(token, logit) in &self.known {
                x[token] = signal * logit + spread * f64::from(noise[token]);
            }
        });
    }

    /// Takes x back from the time of the next step to that of this one: √(ᾱ/ᾱ')·x + √(1 − ᾱ/ᾱ')·z.
    pub(super) fn go_back(&self, batch: &mut Batch, number: usize, round: usize) {
        let steps = &self.plan.steps;
        let (signal, spread) =
            shares(steps[number].alpha_cumprod / steps[number + 1].alpha_cumprod);
        let number = noise_number(number, round, RoundNoise::Back);
        self.each_row(batch, number, |x, noise| {
            for (x, &z) in x.iter_mut().zip(noise) {
                *x = signal * *x + spread * f64::from(z);
            }
        });
    }

    /// Changes each sample's x with a noise of its own, and quantises it again.
    fn each_row(
        &self,
        batch: &mut Batch,
        number: usize,
        change: impl Fn(&mut [f64], &[f32]) + Sync,
    ) {
        let first = self.request.first_sample + batch.range.start;
        let tokens = batch.x.ncols();
        let (Some(x), Some(index)) = (batch.x.as_slice_mut(), batch.index.as_slice_mut()) else {
            unreachable!("a batch's own arrays lie in rows without gaps")
        };
        x.par_chunks_exact_mut(tokens)
            .zip(index.par_chunks_exact_mut(tokens))
            .enumerate()
            .for_each_init(
                || vec![0.0f32; tokens],
                |noise, (row, (x, index))| {
                    self.request.noise.fill(first + row, number, noise);
                    change(x, noise);
                    for (x, index) in x.iter().zip(index) {
                        *index = self.quantiser.index(*x);
                    }
                },
            );
    }

    /// Moves x by one update and quantises it again, or keeps x0 for the read-out at the last
    /// evaluation.
    ///
    /// `x0` writes the estimate for a row of the batch, given the row's indices. A turn is a step
    /// and the round of it.
    fn advance(
        &self,
        batch: &mut Batch,
        (number, round): (usize, usize),
        step: &Step,
        x0: impl Fn(usize, &[u16], &mut [f32]) + Sync,
    ) {
        let first = self.request.first_sample + batch.range.start;
        let tokens = batch.x.ncols();
        if step.update.is_none() {
            batch.readout = Array2::zeros(batch.index.dim());
        }
        let (Some(x), Some(index), Some(readout)) = (
            batch.x.as_slice_mut(),
            batch.index.as_slice_mut(),
            batch.readout.as_slice_mut(),
        ) else {
            unreachable!("a batch's own arrays lie in rows without gaps")
        };
        let indices = index.par_chunks_exact_mut(tokens);
        let Some(update) = step.update else {
            indices
                .zip(readout.par_chunks_exact_mut(tokens))
                .enumerate()
                .for_each(|(row, (index, out))| x0(row, index, out));
            return;
        };
        x.par_chunks_exact_mut(tokens)
            .zip(indices)
            .enumerate()
            .for_each_init(
                || (vec![0.0f32; tokens], vec![0.0f32; tokens]),
                |(noise, estimate), (row, (x, index))| {
                    if update.spread > 0.0 {
                        let number = noise_number(number, round, RoundNoise::Update);
                        self.request.noise.fill(first + row, number, noise);
                    } else {
                        noise.fill(0.0);
                    }
                    x0(row, index, estimate);
                    for (x, (&x0, &z)) in x.iter_mut().zip(estimate.iter().zip(noise.iter())) {
                        *x = update.keep * *x
                            + update.pull * f64::from(x0)
                            + update.spread * f64::from(z);
                    }
                    for (x, index) in x.iter().zip(index) {
                        *index = self.quantiser.index(*x);
                    }
                },
            );
    }
}

/// Factors of a clean value and of unit noise where the signal's share of the variance is `alpha`.
fn shares(alpha: f64) -> (f64, f64) {
    (alpha.sqrt(), (1.0 - alpha).max(0.0).sqrt())
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
