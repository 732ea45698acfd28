//! Known scores in a draw: at each step the tokens whose score is known are put where the forward
//! process would have them, and the others are denoised beside them. Several rounds a step let the
//! others settle to what is known.
//!
//! Replacement with resampling as RePaint (Lugmayr et al. 2022, algorithm 1), on the times of the
//! plan. Knows nothing of what a viewer said. A pointwise denoiser's other tokens do not hang on
//! the known ones, and stay as they would have been in one round.

use super::error::{SampleError, refuse};

/// Largest number of rounds.
pub const MOST_ROUNDS: usize = 64;
/// Numbers of the noises that only such draws take, behind those of any plan.
const FIRST_NOISE: usize = 1 << 12;

/// Which of a round's noises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundNoise {
    /// Of the update.
    Update,
    /// Of the known tokens.
    Known,
    /// Of the way back to the step before.
    Back,
}

/// Scores that are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Imposed {
    /// Score in (0, 1) of each token, length M; `None` where the network decides.
    pub scores: Vec<Option<f32>>,
    /// How often each step is taken, 1 to [`MOST_ROUNDS`]; 1 is replacement alone.
    pub rounds: usize,
}

impl Imposed {
    /// Tokens that are known, with their clean logits at a temperature: u = ln(s / (1 − s)) / τ.
    pub fn logits(&self, temp: f64) -> Vec<(usize, f64)> {
        let known = self.scores.iter().enumerate();
        known
            .filter_map(|(token, score)| Some((token, f64::from((*score)?))))
            .map(|(token, score)| (token, (score / (1.0 - score)).ln() / temp))
            .collect()
    }

    pub(super) fn check(&self, tokens: usize) -> Result<(), SampleError> {
        if self.scores.len() != tokens {
            return refuse(format!(
                "{} scores are known or not, but there are {tokens} tokens",
                self.scores.len()
            ));
        }
        if !(1..=MOST_ROUNDS).contains(&self.rounds) {
            return refuse(format!(
                "a step is taken 1 to {MOST_ROUNDS} times, not {}",
                self.rounds
            ));
        }
        let inside = |score: &f32| *score > 0.0 && *score < 1.0;
        if !self.scores.iter().flatten().all(inside) {
            return refuse("known scores lie between 0 and 1");
        }
        Ok(())
    }
}

/// Number of a noise of a step's round. The first round's update has the number that it has without
/// known scores.
pub fn noise_number(step: usize, round: usize, noise: RoundNoise) -> usize {
    if round == 0 && noise == RoundNoise::Update {
        return step + 1;
    }
    FIRST_NOISE + (step * MOST_ROUNDS + round) * 3 + noise as usize
}

#[cfg(test)]
#[path = "impose_tests.rs"]
mod tests;
