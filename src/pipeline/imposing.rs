//! What a viewer said as scores of tokens and picks that a draw is held to. Draws nothing.

use crate::analysis::steering::{Answer, answers};
use crate::diffusion::Imposed;
use crate::domain::Steering;

/// Times that each step is taken under known scores, see `docs/steering.md`.
const ROUNDS: usize = 3;
/// A token goes by an answer about this share of its picks or more.
const LEAST_SHARE: f64 = 0.5;
/// Ratings 1 and 5 stand for these scores: the logits of 0 and 1 have no bounds.
const SCORE_LIMITS: (f64, f64) = (0.02, 0.98);

/// The score that a rating from 1 to 5 stands for.
pub(super) fn score_of(rating: f64) -> f32 {
    ((rating - 1.0) / 4.0).clamp(SCORE_LIMITS.0, SCORE_LIMITS.1) as f32
}

/// The known scores of a network's tokens; `None` where nothing was said. `token_of_pick`: the
/// token whose score each pick carries.
pub(super) fn imposed(
    said: &Steering,
    pick_times_secs: &[f64],
    token_of_pick: &[usize],
    tokens: usize,
) -> Option<Imposed> {
    if said.is_empty() {
        return None;
    }
    let answers = answers(said, pick_times_secs);
    let mut picks_of_token = vec![0usize; tokens];
    for &token in token_of_pick {
        picks_of_token[token] += 1;
    }
    // The share of each token that an answer is about.
    let shares = |answer: &Answer| -> Vec<(usize, f64)> {
        let mut shares: Vec<(usize, f64)> = Vec::new();
        for &token in token_of_pick.get(answer.picks.clone()).unwrap_or_default() {
            let part = 1.0 / picks_of_token[token].max(1) as f64;
            match shares.last_mut() {
                Some((last, share)) if *last == token => *share += part,
                _ => shares.push((token, part)),
            }
        }
        shares
    };
    let mut best: Vec<(f64, Option<f32>)> = vec![(0.0, None); tokens];
    for answer in &answers {
        let shares = shares(answer);
        let greatest = shares.iter().map(|(_, share)| *share).fold(0.0, f64::max);
        for (token, share) in shares {
            // A range shorter than a token is still about one.
            let counts = share >= LEAST_SHARE || share >= greatest;
            if counts && share > best[token].0 {
                best[token] = (share, Some(score_of(answer.rating)));
            }
        }
    }
    Some(Imposed {
        scores: best.into_iter().map(|(_, score)| score).collect(),
        rounds: ROUNDS,
    })
}

/// The known scores of the picks themselves, for what has no tokens.
pub(super) fn on_picks(said: &Steering, pick_times_secs: &[f64]) -> Vec<Option<f32>> {
    let own: Vec<usize> = (0..pick_times_secs.len()).collect();
    imposed(said, pick_times_secs, &own, own.len())
        .map_or_else(|| vec![None; own.len()], |known| known.scores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;

    #[test]
    fn a_token_goes_by_the_answer_about_most_of_it() {
        // Two picks a second, four picks a token.
        let times: Vec<f64> = (0..20).map(|pick| f64::from(pick) / 2.0).collect();
        let token_of_pick: Vec<usize> = (0..20).map(|pick| pick / 4).collect();
        let known = |said: &Steering| imposed(said, &times, &token_of_pick, 5).unwrap().scores;
        let mut said = Steering::default();
        said.say((1.5, 5.0), Some(Verdict::Keep));
        said.say((8.5, 8.9), Some(Verdict::Rate(3)));
        // One pick of the first token alone is kept, half of the third; a short range still has its
        // token.
        let high = score_of(5.0);
        assert_eq!(
            known(&said),
            [None, Some(high), Some(high), None, Some(0.5)]
        );
        said.say((4.0, 6.0), Some(Verdict::LeaveOut));
        assert_eq!(known(&said)[2], Some(score_of(1.0)));
        assert!(imposed(&Steering::default(), &times, &token_of_pick, 5).is_none());
        assert_eq!(on_picks(&said, &times)[3..9].iter().flatten().count(), 6);
    }
}
