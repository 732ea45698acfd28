//! The noise schedule and the times at which the network is asked. All in float64, as the authors'
//! code.

/// Cumulative signal shares ᾱ of the training steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    betas: Vec<f64>,
    alphas_cumprod: Vec<f64>,
}

impl Schedule {
    /// The cosine schedule: f(n) = cos²((n/T + s)/(1 + s)·π/2), β_n = min(1 − f(n)/f(n−1), 0.999),
    /// ᾱ_t = ∏ (1 − β_i).
    pub fn cosine(train_steps: usize, s: f64) -> Self {
        let signal = |n: usize| {
            let angle =
                (n as f64 / train_steps as f64 + s) / (1.0 + s) * std::f64::consts::FRAC_PI_2;
            angle.cos().powi(2)
        };
        let start = signal(0);
        let betas: Vec<f64> = (1..=train_steps)
            .map(|n| (1.0 - (signal(n) / start) / (signal(n - 1) / start)).clamp(0.0, 0.999))
            .collect();
        let alphas_cumprod = betas
            .iter()
            .scan(1.0, |product, beta| {
                *product *= 1.0 - beta;
                Some(*product)
            })
            .collect();
        Self {
            betas,
            alphas_cumprod,
        }
    }

    /// Number of training steps, T.
    pub fn train_steps(&self) -> usize {
        self.betas.len()
    }

    /// ᾱ at a time in 0..T.
    pub fn alpha_cumprod(&self, time: usize) -> f64 {
        self.alphas_cumprod[time]
    }

    /// β at a time in 0..T.
    pub fn beta(&self, time: usize) -> f64 {
        self.betas[time]
    }

    /// The `steps + 1` times of strided sampling, descending from T−1 to 0: `trunc(linspace(0, T−1,
    /// steps + 1))` in float32 as PyTorch computes it (from both ends towards the middle). For some
    /// counts float32 puts an entry one below the exact value.
    pub fn times(&self, steps: usize) -> Vec<usize> {
        let count = steps + 1;
        let end = (self.train_steps() - 1) as f32;
        let pace = end / steps as f32;
        let mut times: Vec<usize> = (0..count)
            .map(|i| {
                let value = if i < count / 2 {
                    pace * i as f32
                } else {
                    end - pace * (count - 1 - i) as f32
                };
                value as usize
            })
            .collect();
        times.reverse();
        times
    }
}

impl Default for Schedule {
    /// The authors': 1000 steps, s = 0.008.
    fn default() -> Self {
        Self::cosine(1000, 0.008)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_the_authors() {
        let schedule = Schedule::default();
        assert!((schedule.alpha_cumprod(0) - 0.999_958_715_775_178).abs() < 1e-14);
        assert!((schedule.alpha_cumprod(99) - 0.972_092_737_113_969).abs() < 1e-13);
        assert!((schedule.alpha_cumprod(999) / 2.428_766_907_034_854_2e-9 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn usual_step_counts_give_evenly_strided_times() {
        let schedule = Schedule::default();
        assert_eq!(
            schedule.times(10),
            [999, 899, 799, 699, 599, 499, 399, 299, 199, 99, 0]
        );
        assert_eq!(schedule.times(1), [999, 0]);
        assert_eq!(schedule.times(1000)[997..], [2, 1, 0, 0]);
    }

    #[test]
    fn float32_moves_an_entry_for_exactly_the_counts_where_it_does_in_pytorch() {
        let schedule = Schedule::default();
        let odd: Vec<usize> = (1..=1000)
            .filter(|&steps| {
                let mut exact: Vec<usize> = (0..=steps).map(|i| 999 * i / steps).collect();
                exact.reverse();
                schedule.times(steps) != exact
            })
            .collect();
        assert_eq!(
            odd,
            [
                219, 297, 351, 429, 438, 459, 489, 594, 702, 703, 801, 851, 858, 876, 879, 885,
                918, 927, 978, 981, 993
            ]
        );
    }
}
