//! A run's times and the coefficients of its updates. Every sampler here moves x by x ← keep·x +
//! pull·x0 + spread·z.

use super::schedule::Schedule;
use crate::domain::Variant;

/// Which reverse process is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Solver {
    /// Strided times; eta sets the noise.
    #[default]
    Ddim,
    /// Every training step with the posterior's mean and variance.
    Ddpm,
}

/// One update of the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    pub keep: f64,
    pub pull: f64,
    pub spread: f64,
}

/// One evaluation of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub time: usize,
    /// ᾱ at that time.
    pub alpha_cumprod: f64,
    /// How x moves afterwards; `None` at the last evaluation, whose x0 is read out.
    pub update: Option<Update>,
}

/// The evaluations of one run, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// Whether guidance acts on the read-out, too.
    pub guided_readout: bool,
}

impl Plan {
    /// The plan of a run.
    ///
    /// DDIM (Song et al. 2021, equation 12) over [`Schedule::times`]. `Variant::Authors` ends with
    /// the last time above the final 0 and reads out unguided; `Variant::Paper` goes on to time 1
    /// and reads out guided. DDPM (Ho et al. 2020, equations 6 and 7) ignores `steps` and `eta`.
    pub fn new(
        schedule: &Schedule,
        solver: Solver,
        steps: usize,
        eta: f64,
        variant: Variant,
    ) -> Self {
        let guided_readout = variant == Variant::Paper;
        let steps = match solver {
            Solver::Ddpm => ddpm(schedule),
            Solver::Ddim => ddim(schedule, steps, eta, variant),
        };
        Self {
            steps,
            guided_readout,
        }
    }

    /// Number of updates, and so of noises after the initial one.
    pub fn updates(&self) -> usize {
        self.steps.len() - 1
    }
}

fn ddim(schedule: &Schedule, steps: usize, eta: f64, variant: Variant) -> Vec<Step> {
    let mut times = schedule.times(steps);
    // The last target is never evaluated by the authors; the paper evaluates time 1 in its place.
    times.pop();
    if variant == Variant::Paper {
        times.retain(|&time| time > 1);
        times.push(1);
    }
    let mut plan: Vec<Step> = times
        .windows(2)
        .map(|pair| {
            let (alpha, next) = (
                schedule.alpha_cumprod(pair[0]),
                schedule.alpha_cumprod(pair[1]),
            );
            let sigma = eta
                * ((1.0 - alpha / next) * (1.0 - next) / (1.0 - alpha))
                    .max(0.0)
                    .sqrt();
            // x' = √ᾱ'·x0 + c·ε + σ·z with ε = (x·√(1/ᾱ) − x0) / √(1/ᾱ − 1).
            let c = (1.0 - next - sigma * sigma).max(0.0).sqrt();
            let recip_m1 = (1.0 / alpha - 1.0).sqrt();
            Step {
                time: pair[0],
                alpha_cumprod: alpha,
                update: Some(Update {
                    keep: c * (1.0 / alpha).sqrt() / recip_m1,
                    pull: next.sqrt() - c / recip_m1,
                    spread: sigma,
                }),
            }
        })
        .collect();
    let last = times[times.len() - 1];
    plan.push(Step {
        time: last,
        alpha_cumprod: schedule.alpha_cumprod(last),
        update: None,
    });
    plan
}

fn ddpm(schedule: &Schedule) -> Vec<Step> {
    (0..schedule.train_steps())
        .rev()
        .map(|time| {
            let alpha = schedule.alpha_cumprod(time);
            let update = (time > 0).then(|| {
                let (before, beta) = (schedule.alpha_cumprod(time - 1), schedule.beta(time));
                Update {
                    keep: (1.0 - before) * (1.0 - beta).sqrt() / (1.0 - alpha),
                    pull: beta * before.sqrt() / (1.0 - alpha),
                    spread: (beta * (1.0 - before) / (1.0 - alpha)).sqrt(),
                }
            });
            Step {
                time,
                alpha_cumprod: alpha,
                update,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ddpm_is_ddim_over_all_steps_with_eta_one() {
        let schedule = Schedule::default();
        let all = Plan::new(&schedule, Solver::Ddpm, 0, 0.0, Variant::Authors);
        assert_eq!(all.steps.len(), 1000);
        // Neighbouring times of a 1000-step DDIM run differ by one except at its very end.
        let strided = Plan::new(&schedule, Solver::Ddim, 1000, 1.0, Variant::Authors);
        for (a, b) in all.steps.iter().zip(&strided.steps).take(998) {
            let (a, b) = (a.update.unwrap(), b.update.unwrap());
            assert!((a.keep - b.keep).abs() < 1e-9, "{a:?} {b:?}");
            assert!((a.pull - b.pull).abs() < 1e-9, "{a:?} {b:?}");
            assert!((a.spread - b.spread).abs() < 1e-9, "{a:?} {b:?}");
        }
    }

    #[test]
    fn the_paper_ends_at_time_one() {
        let times = |steps, variant| -> Vec<usize> {
            let plan = Plan::new(&Schedule::default(), Solver::Ddim, steps, 1.0, variant);
            plan.steps.iter().map(|step| step.time).collect()
        };
        assert_eq!(times(2, Variant::Authors), [999, 499]);
        assert_eq!(times(2, Variant::Paper), [999, 499, 1]);
        assert_eq!(times(1, Variant::Authors), [999]);
        assert_eq!(times(1, Variant::Paper), [999, 1]);
        assert_eq!(times(1000, Variant::Authors)[997..], [2, 1, 0]);
        assert_eq!(times(1000, Variant::Paper)[996..], [3, 2, 1]);
    }

    #[test]
    fn without_noise_the_coefficients_keep_a_perfect_estimate_on_its_path() {
        // With x = √ᾱ·x0 + √(1−ᾱ)·ε and a perfect x0, eta 0 moves x along the same x0 and ε.
        let schedule = Schedule::default();
        let plan = Plan::new(&schedule, Solver::Ddim, 20, 0.0, Variant::Authors);
        let (x0, eps) = (0.7, -1.3);
        for pair in plan.steps.windows(2) {
            let at = |alpha: f64| alpha.sqrt() * x0 + (1.0 - alpha).sqrt() * eps;
            let update = pair[0].update.unwrap();
            let moved = update.keep * at(pair[0].alpha_cumprod) + update.pull * x0;
            assert!((moved - at(pair[1].alpha_cumprod)).abs() < 1e-9);
            assert_eq!(update.spread, 0.0);
        }
    }
}
