//! Why a summary keeps a segment, or does not: its score, length and worth among the others, and
//! who else keeps it. Selects nothing (see `summary`).

use super::summaries::Summaries;
use crate::domain::{Letter, Segment, SummaryRef};

/// A segment in a summary's eyes.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// Place among all segments.
    pub segment: usize,
    pub duration_secs: f64,
    pub is_kept: bool,
    /// Mean importance score in this summary, and over all samples; `None` where the segment holds
    /// no sampled frame.
    pub score: Option<f64>,
    pub score_over_all: Option<f64>,
    /// Score for each second of the budget that it takes.
    pub per_sec: Option<f64>,
    /// Place by score among all segments, from 1.
    pub rank: usize,
    /// Share of samples that keep it.
    pub frequency: f64,
    /// Alternatives that keep it.
    pub alternatives: Vec<Letter>,
    /// Annotators that keep half of it at least, and of how many; `None` without annotators.
    pub annotators: Option<(usize, usize)>,
    /// What keeps it out.
    pub obstacle: Option<Obstacle>,
}

/// What keeps a segment out of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacle {
    /// It is longer than the whole budget.
    Length { budget_secs: f64 },
    /// So little of the budget is left beside what is kept.
    Budget { left_secs: f64 },
    /// The kept segment that gives least for each second gives more.
    Worth { least_kept: f64 },
    /// A hand has taken it out.
    Hand,
    /// The summary that was edited left it out, and nobody has added it.
    Source,
}

impl Why {
    /// `score 0.62 here, 0.55 over all · 0.15 a second · rank 3`.
    pub fn scores(&self) -> String {
        format!("{} · rank {}", self.scores_alone(), self.rank)
    }

    /// As [`Self::scores`], without the rank.
    pub fn scores_alone(&self) -> String {
        let number =
            |value: Option<f64>| value.map_or("undefined".to_owned(), |v| format!("{v:.2}"));
        format!(
            "score {} here, {} over all · {} a second",
            number(self.score),
            number(self.score_over_all),
            number(self.per_sec)
        )
    }

    /// `kept by A, C · 38 % of samples · 5 of 12 annotators`.
    pub fn keepers(&self) -> String {
        let letters: Vec<String> = self.alternatives.iter().map(Letter::to_string).collect();
        let letters = match letters.as_slice() {
            [] => "no alternative".to_owned(),
            letters => letters.join(", "),
        };
        let mut words = format!(
            "kept by {letters} · {:.0}\u{202f}% of samples",
            self.frequency * 100.0
        );
        if let Some((kept, all)) = self.annotators {
            words.push_str(&format!(" · {kept} of {all} annotators"));
        }
        words
    }

    /// Why it is in, or out, in a few words.
    pub fn verdict(&self) -> String {
        match self.obstacle {
            None if self.is_kept => "in this summary".to_owned(),
            None => "out".to_owned(),
            Some(Obstacle::Hand) => "out: taken out by hand".to_owned(),
            Some(Obstacle::Source) => "out: so it was before the edit".to_owned(),
            Some(Obstacle::Length { budget_secs }) => format!(
                "out: {:.1} s are longer than the budget of {budget_secs:.1} s",
                self.duration_secs
            ),
            Some(Obstacle::Budget { left_secs }) => format!(
                "out: {:.1} s do not fit into the {left_secs:.1} s left of the budget",
                self.duration_secs
            ),
            Some(Obstacle::Worth { least_kept }) => {
                format!("out: what is kept gives at least {least_kept:.2} a second")
            }
        }
    }
}

/// What a judgement is made from.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub summaries: Summaries<'a>,
    /// Time of each pick, seconds, length N.
    pub pick_times_secs: &'a [f64],
    /// What each annotator picked, seconds.
    pub annotator_ranges_secs: &'a [Vec<(f64, f64)>],
    pub duration_secs: f64,
}

impl Judge<'_> {
    /// Every segment in a summary's eyes; `None` where the summary is not there.
    pub fn all(&self, of: SummaryRef) -> Option<Vec<Why>> {
        let summary = self.summaries.get(of)?;
        let Summaries { draw, segments, .. } = self.summaries;
        let scores: Vec<Option<f64>> = (segments.iter())
            .map(|segment| self.mean(&summary.scores, segment))
            .collect();
        let budget_secs = draw.settings.budget * self.duration_secs;
        let per_sec = |at: usize| {
            let secs = segments[at].duration_secs();
            scores[at].filter(|_| secs > 0.0).map(|score| score / secs)
        };
        let kept_secs: f64 = (summary.segments.iter())
            .map(|&at| segments[at].duration_secs())
            .sum();
        let least_kept = (summary.segments.iter())
            .filter_map(|&at| per_sec(at))
            .min_by(f64::total_cmp);
        let obstacle = |at: usize| {
            let secs = segments[at].duration_secs();
            let left_secs = (budget_secs - kept_secs).max(0.0);
            if matches!(of, SummaryRef::Edited(_)) {
                return Some(match self.was_kept(of, at) {
                    true => Obstacle::Hand,
                    false => Obstacle::Source,
                });
            }
            if secs > budget_secs {
                return Some(Obstacle::Length { budget_secs });
            }
            match (per_sec(at), least_kept) {
                (Some(own), Some(least_kept)) if own < least_kept => {
                    Some(Obstacle::Worth { least_kept })
                }
                _ if secs > left_secs => Some(Obstacle::Budget { left_secs }),
                _ => None,
            }
        };
        let judged = (0..segments.len()).map(|at| {
            let better = |other: &&Option<f64>| **other > scores[at];
            let is_kept = summary.segments.contains(&at);
            Why {
                segment: at,
                duration_secs: segments[at].duration_secs(),
                is_kept,
                score: scores[at],
                score_over_all: self.mean(&draw.mean_scores, &segments[at]),
                per_sec: per_sec(at),
                rank: 1 + scores.iter().filter(better).count(),
                frequency: draw.selection_frequency.get(at).copied().unwrap_or(0.0),
                alternatives: (draw.alternatives.iter())
                    .filter(|kind| kind.selected_segments.contains(&at))
                    .map(|kind| kind.letter())
                    .collect(),
                annotators: self.annotators(&segments[at]),
                obstacle: if is_kept { None } else { obstacle(at) },
            }
        });
        Some(judged.collect())
    }

    /// Whether an edited summary kept a segment before it was edited.
    fn was_kept(&self, of: SummaryRef, at: usize) -> bool {
        let edited = (self.summaries.edits.iter()).find(|edited| edited.summary_ref() == of);
        let frames = self.summaries.segments[at].frames();
        edited.is_some_and(|edited| {
            let middle = (frames.start + frames.end) / 2;
            edited.before.iter().any(|range| range.contains(middle))
        })
    }

    fn mean(&self, scores: &[f32], segment: &Segment) -> Option<f64> {
        let from = (self.pick_times_secs).partition_point(|&secs| secs < segment.start_secs);
        let to = (self.pick_times_secs).partition_point(|&secs| secs < segment.end_secs);
        let inside = scores.get(from..to).filter(|inside| !inside.is_empty())?;
        let sum: f64 = inside.iter().map(|&score| f64::from(score)).sum();
        Some(sum / inside.len() as f64)
    }

    fn annotators(&self, segment: &Segment) -> Option<(usize, usize)> {
        let all = self.annotator_ranges_secs;
        let keeps = |picks: &&Vec<(f64, f64)>| {
            let shared: f64 = (picks.iter())
                .map(|&(start, end)| end.min(segment.end_secs) - start.max(segment.start_secs))
                .filter(|shared| *shared > 0.0)
                .sum();
            shared * 2.0 >= segment.duration_secs()
        };
        (!all.is_empty()).then(|| (all.iter().filter(keeps).count(), all.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SummaryEdit;
    use crate::session::Summarised;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn every_segment_is_judged_by_score_length_and_budget() {
        let state = fixture::state();
        let session = state.session.as_ref().unwrap();
        let of = SummaryRef::Alternative(Letter(0));
        let all = session.why(of).unwrap();
        let summary = session.summary(of).unwrap();
        assert_eq!(all.len(), session.segments.len());
        let kept: Vec<usize> = (all.iter())
            .filter(|why| why.is_kept)
            .map(|why| why.segment)
            .collect();
        assert_eq!(kept, *summary.segments);
        let best = all.iter().find(|why| why.rank == 1).unwrap();
        assert!(all.iter().all(|why| why.score <= best.score));
        for why in &all {
            let per_sec = why.score.unwrap() / why.duration_secs;
            assert!((why.per_sec.unwrap() - per_sec).abs() < 1e-12);
            let by_a = why.alternatives.contains(&Letter(0));
            assert_eq!(by_a, why.is_kept, "segment {}", why.segment);
            assert!(why.annotators.unwrap().0 <= why.annotators.unwrap().1);
            match why.obstacle {
                Some(Obstacle::Length { budget_secs }) => assert!(why.duration_secs > budget_secs),
                Some(Obstacle::Worth { least_kept }) => assert!(per_sec < least_kept),
                Some(Obstacle::Budget { left_secs }) => assert!(why.duration_secs > left_secs),
                Some(Obstacle::Hand | Obstacle::Source) => panic!("nobody edited it"),
                None => {}
            }
        }
        // With next to no budget every segment is too long.
        let mut short = fixture::state();
        let session = short.session.as_mut().unwrap();
        let draw = std::sync::Arc::make_mut(session.draw.as_mut().unwrap());
        draw.settings.budget = 1e-6;
        draw.alternatives[0].selected_segments.clear();
        let all = session.why(of).unwrap();
        assert!((all.iter()).all(|why| matches!(why.obstacle, Some(Obstacle::Length { .. }))));
        assert!(all[0].verdict().contains("longer than the budget"));
    }

    #[test]
    fn what_a_hand_took_out_is_said() {
        let mut state = fixture::state();
        let first = state.chosen_summary().unwrap().segments[0];
        let frames = state.session.as_ref().unwrap().segments[first].frames();
        state.run(Command::EditSummary(SummaryEdit::Remove(frames)));
        let all = state
            .session
            .as_ref()
            .unwrap()
            .why(SummaryRef::Edited(1))
            .unwrap();
        assert_eq!(all[first].obstacle, Some(Obstacle::Hand));
        assert_eq!(all[first].verdict(), "out: taken out by hand");
        let untouched = all.iter().find(|why| !why.is_kept && why.segment != first);
        assert_eq!(
            untouched.unwrap().verdict(),
            "out: so it was before the edit"
        );
        assert!(all[first].keepers().starts_with("kept by A"));
        assert!(all[first].scores().starts_with("score 0."));
    }
}
