//! The random numbers of a run: one ChaCha stream a sample, so that any split into batches gives
//! the same bytes.
//!
//! `coherence` draws each noise from a Gaussian process over time instead of independently; every
//! single value stays N(0, 1).

use ndarray::{ArrayView2, ArrayView3};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Where the noise comes from.
#[derive(Clone, Debug)]
pub enum Noise<'a> {
    /// From a seed.
    Seeded {
        seed: u64,
        /// Correlation over time; `None` for independent values.
        coherence: Option<Coherence>,
    },
    /// Recorded: `initial` [S, M], `steps` [updates or more, S, M].
    Given {
        initial: ArrayView2<'a, f32>,
        steps: ArrayView3<'a, f32>,
    },
}

/// Words of a sample's stream set aside for each of its noises.
const WORDS_PER_NOISE: u128 = 1 << 32;

impl Noise<'_> {
    /// Writes noise number `number` (0 the initial one, then one for each update) of a sample,
    /// length M.
    pub fn fill(&self, sample: usize, number: usize, out: &mut [f32]) {
        match self {
            Self::Seeded { seed, coherence } => {
                let mut rng = ChaCha8Rng::seed_from_u64(*seed);
                rng.set_stream(sample as u64);
                rng.set_word_pos(number as u128 * WORDS_PER_NOISE);
                let mut words = Words::of(rng);
                match coherence {
                    None => out.fill_with(|| words.sample(StandardNormal)),
                    Some(coherence) => coherence.fill(&mut words, out),
                }
            }
            Self::Given { initial, steps } => {
                let row = match number.checked_sub(1) {
                    None => initial.row(sample),
                    Some(step) => steps.slice(ndarray::s![step, sample, ..]),
                };
                for (value, given) in out.iter_mut().zip(row) {
                    *value = *given;
                }
            }
        }
    }
}

/// The same numbers as the stream gives one by one, fetched many at once: a quarter of a draw's
/// time went into the fetching.
struct Words {
    stream: ChaCha8Rng,
    fetched: [u64; Self::FETCHED],
    next: usize,
}

impl Words {
    const FETCHED: usize = 128;

    fn of(stream: ChaCha8Rng) -> Self {
        Self {
            stream,
            fetched: [0; Self::FETCHED],
            next: Self::FETCHED,
        }
    }

    #[cold]
    fn fetch(&mut self) {
        let mut bytes = [0; Self::FETCHED * size_of::<u64>()];
        self.stream.fill_bytes(&mut bytes);
        let (words, _) = bytes.as_chunks();
        for (to, from) in self.fetched.iter_mut().zip(words) {
            *to = u64::from_le_bytes(*from);
        }
        self.next = 0;
    }
}

impl RngCore for Words {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    #[inline]
    fn next_u64(&mut self) -> u64 {
        if self.next == Self::FETCHED {
            self.fetch();
        }
        let word = self.fetched[self.next];
        self.next += 1;
        word
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for out in out.chunks_mut(size_of::<u64>()) {
            out.copy_from_slice(&self.next_u64().to_le_bytes()[..out.len()]);
        }
    }
}

/// A Gaussian process over the tokens' times with the Matérn-3/2 kernel (1 + d)·exp(−d), d = √3·|t
/// − t'| / length.
///
/// Drawn exactly, for any spacing of times, by its two-dimensional Markov form (value and scaled
/// slope, both N(0, 1) at every time).
#[derive(Clone, Debug, PartialEq)]
pub struct Coherence {
    /// How to get from each token to the next.
    transitions: Vec<Transition>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Transition {
    /// exp(−d)·[[1 + d, d], [−d, 1 − d]].
    matrix: [[f64; 2]; 2],
    /// Lower Cholesky factor of the added noise: [0][0], [1][0], [1][1].
    factor: [f64; 3],
}

impl Coherence {
    /// A process of the given length in seconds over ascending token times; `None` where the length
    /// is 0.
    pub fn new(length_secs: f64, token_times_secs: &[f64]) -> Option<Self> {
        if length_secs <= 0.0 || !length_secs.is_finite() {
            return None;
        }
        let transitions = token_times_secs
            .windows(2)
            .map(|pair| {
                Transition::over(3.0f64.sqrt() * (pair[1] - pair[0]).max(0.0) / length_secs)
            })
            .collect();
        Some(Self { transitions })
    }

    /// Number of tokens it is made for.
    pub fn tokens(&self) -> usize {
        self.transitions.len() + 1
    }

    fn fill(&self, rng: &mut Words, out: &mut [f32]) {
        let (mut value, mut slope): (f64, f64) =
            (rng.sample(StandardNormal), rng.sample(StandardNormal));
        let mut transitions = self.transitions.iter();
        for out in out {
            *out = value as f32;
            let Some(Transition { matrix, factor }) = transitions.next() else {
                continue;
            };
            let (a, b): (f64, f64) = (rng.sample(StandardNormal), rng.sample(StandardNormal));
            (value, slope) = (
                matrix[0][0] * value + matrix[0][1] * slope + factor[0] * a,
                matrix[1][0] * value + matrix[1][1] * slope + factor[1] * a + factor[2] * b,
            );
        }
    }
}

impl Transition {
    fn over(d: f64) -> Self {
        let decay = (-d).exp();
        let square = decay * decay;
        // What the stationary covariance, the identity, lacks after the step.
        let q00 = 1.0 - square * (1.0 + 2.0 * d + 2.0 * d * d);
        let q10 = 2.0 * d * d * square;
        let q11 = 1.0 - square * (1.0 - 2.0 * d + 2.0 * d * d);
        // For a tiny step the first is lost in rounding; it is 4/3·d³ and nothing can be seen of
        // it.
        let factor = if q00 > 1e-13 {
            let f00 = q00.sqrt();
            let f10 = q10 / f00;
            [f00, f10, (q11 - f10 * f10).max(0.0).sqrt()]
        } else {
            [0.0, 0.0, q11.max(0.0).sqrt()]
        };
        Self {
            matrix: [
                [decay * (1.0 + d), decay * d],
                [-decay * d, decay * (1.0 - d)],
            ],
            factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(noise: &Noise<'_>, samples: usize, tokens: usize) -> Vec<Vec<f32>> {
        (0..samples)
            .map(|sample| {
                let mut row = vec![0.0; tokens];
                noise.fill(sample, 3, &mut row);
                row
            })
            .collect()
    }

    fn covariance(rows: &[Vec<f32>], a: usize, b: usize) -> f64 {
        let sum: f64 = rows
            .iter()
            .map(|row| f64::from(row[a]) * f64::from(row[b]))
            .sum();
        sum / rows.len() as f64
    }

    #[test]
    fn noises_of_samples_steps_and_seeds_differ_and_repeat() {
        let noise = |seed| Noise::Seeded {
            seed,
            coherence: None,
        };
        let row = |seed, sample, number| {
            let mut row = vec![0.0; 50];
            noise(seed).fill(sample, number, &mut row);
            row
        };
        assert_eq!(row(1, 2, 3), row(1, 2, 3));
        assert_ne!(row(1, 2, 3), row(0, 2, 3));
        assert_ne!(row(1, 2, 3), row(1, 3, 3));
        assert_ne!(row(1, 2, 3), row(1, 2, 4));
    }

    #[test]
    fn words_fetched_many_at_once_are_those_of_the_stream() {
        let mut stream = ChaCha8Rng::seed_from_u64(5);
        stream.set_stream(3);
        stream.set_word_pos(2 * WORDS_PER_NOISE);
        let mut words = Words::of(stream.clone());
        for _ in 0..5 * Words::FETCHED {
            let (own, direct): (f64, f64) =
                (words.sample(StandardNormal), stream.sample(StandardNormal));
            assert_eq!(own, direct);
        }
    }

    #[test]
    fn coherent_noise_has_unit_marginals_and_the_stated_kernel() {
        // Uneven times, as from a variable frame rate.
        let times = [0.0, 0.5, 1.0, 3.0, 3.1, 8.0];
        let coherence = Coherence::new(2.0, &times);
        let noise = Noise::Seeded { seed: 7, coherence };
        let rows = draw(&noise, 60_000, times.len());
        for a in 0..times.len() {
            let mean: f64 =
                rows.iter().map(|row| f64::from(row[a])).sum::<f64>() / rows.len() as f64;
            assert!(mean.abs() < 0.02, "{mean}");
            for b in 0..times.len() {
                let d: f64 = 3.0f64.sqrt() * (times[a] - times[b]).abs() / 2.0;
                let kernel = (1.0 + d) * (-d).exp();
                let found = covariance(&rows, a, b);
                assert!((found - kernel).abs() < 0.025, "{a} {b}: {found} {kernel}");
            }
        }
    }

    #[test]
    fn an_endless_length_gives_one_value_for_the_whole_video() {
        let times: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.5).collect();
        let coherence = Coherence::new(1e9, &times);
        let rows = draw(&Noise::Seeded { seed: 1, coherence }, 3, 100);
        assert!(
            rows.iter()
                .all(|row| row.iter().all(|v| (v - row[0]).abs() < 1e-3))
        );
        assert_eq!(Coherence::new(0.0, &times), None);
    }
}
