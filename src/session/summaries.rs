//! What a summary keeps, how it scores and what it is called: the one place that everything shown,
//! played and exported asks. Does not choose a summary (see `state`).

use std::borrow::Cow;

use crate::domain::ranges::{frames_in, intersection, length_secs};
use crate::domain::{Draw, EditedSummary, FrameIndex, FrameRange, Letter, Segment, SummaryRef};

/// A summary of the open video.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary<'a> {
    pub of: SummaryRef,
    /// "A", "sample 43".
    pub name: String,
    /// The alternative that it is or belongs to, for its colour.
    pub letter: Option<Letter>,
    /// Ascending indices of the segments that it keeps, of an edited one those that it keeps half
    /// of at least.
    pub segments: Cow<'a, [usize]>,
    /// What it keeps, ascending and disjoint; neighbouring segments are joined.
    pub ranges: Vec<FrameRange>,
    /// The same in seconds.
    pub ranges_secs: Vec<(f64, f64)>,
    /// The same in the order in which it plays: that of the video, but for what a hand has moved.
    pub played: Vec<FrameRange>,
    /// How long it lasts.
    pub secs: f64,
    /// Importance score of each pick, length N.
    pub scores: Cow<'a, [f32]>,
}

/// Where summaries are looked up.
#[derive(Clone, Copy)]
pub struct Summaries<'a> {
    pub draw: &'a Draw,
    pub segments: &'a [Segment],
    pub index: &'a FrameIndex,
    pub edits: &'a [EditedSummary],
}

impl<'a> Summaries<'a> {
    /// The summary that is meant; `None` where it is not there.
    pub fn get(&self, of: SummaryRef) -> Option<Summary<'a>> {
        let draw = self.draw;
        let (letter, segments, scores): (_, &[usize], Cow<'a, [f32]>) = match of {
            SummaryRef::Edited(_) => return self.edited(of),
            SummaryRef::Alternative(letter) => {
                let kind = &draw.alternatives[draw.place_of(letter)?];
                (
                    Some(letter),
                    &kind.selected_segments,
                    Cow::Borrowed(&kind.scores),
                )
            }
            SummaryRef::Sample(sample) => {
                let row = (sample < draw.sample_count()).then(|| draw.scores.row(sample))?;
                let place = draw.alternative_of(sample);
                (
                    place.map(|at| draw.alternatives[at].letter()),
                    draw.selections.get(sample)?,
                    match row.to_slice() {
                        Some(scores) => Cow::Borrowed(scores),
                        None => Cow::Owned(row.to_vec()),
                    },
                )
            }
        };
        let kept = segments.iter().filter_map(|&at| self.segments.get(at));
        let ranges = FrameRange::merged(kept.map(Segment::frames).collect());
        let ranges_secs = self.index.ranges_secs(&ranges);
        Some(Summary {
            of,
            name: of.to_string(),
            letter,
            segments: Cow::Borrowed(segments),
            secs: length_secs(&ranges_secs),
            played: ranges.clone(),
            ranges,
            ranges_secs,
            scores,
        })
    }

    /// A summary edited by hand. Its scores are those of what it came from: nobody has scored what
    /// a hand chose.
    fn edited(&self, of: SummaryRef) -> Option<Summary<'a>> {
        let edited = (self.edits.iter()).find(|edited| edited.summary_ref() == of)?;
        let same_draw = edited.from.is_alternative() || edited.seed == self.draw.settings.seed;
        let from = (edited.from != of && same_draw).then(|| self.get(edited.from));
        let from = from.flatten();
        let ranges = edited.ranges();
        let ranges_secs = self.index.ranges_secs(&ranges);
        let held = |segment: &Segment| {
            let kept = frames_in(&intersection(&ranges, &[segment.frames()]));
            kept * 2 >= segment.frames().len().max(1)
        };
        let places = 0..self.segments.len();
        Some(Summary {
            of,
            name: format!("{of} of {}", edited.from),
            letter: (edited.from.letter()).or(from.as_ref().and_then(|from| from.letter)),
            segments: places.filter(|&at| held(&self.segments[at])).collect(),
            secs: length_secs(&ranges_secs),
            played: edited.played(),
            ranges,
            ranges_secs,
            scores: match from {
                Some(from) => from.scores,
                None => Cow::Borrowed(&self.draw.mean_scores),
            },
        })
    }

    /// The real sample nearest to an alternative.
    pub fn nearest_sample(&self, letter: Letter) -> Option<SummaryRef> {
        let kind = &self.draw.alternatives[self.draw.place_of(letter)?];
        Some(SummaryRef::Sample(kind.medoid_sample))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Summarised;
    use crate::testing::fixture;

    #[test]
    fn a_summary_keeps_what_its_scores_or_its_sample_chose() {
        let state = fixture::state();
        let session = state.session.as_ref().unwrap();
        let draw = session.draw.as_ref().unwrap();
        let kind = &draw.alternatives[2];
        let face = session.summary(SummaryRef::Alternative(Letter(2))).unwrap();
        assert_eq!((face.name.as_str(), face.letter), ("C", Some(Letter(2))));
        assert_eq!(*face.segments, *kind.selected_segments);
        assert_eq!(*face.scores, *kind.scores);
        let length: f64 = kind
            .selected_segments
            .iter()
            .map(|&at| session.segments[at].duration_secs())
            .sum();
        assert!((face.secs - length).abs() < 1e-6);
        let sample = kind.members[3];
        let one = session.summary(SummaryRef::Sample(sample)).unwrap();
        assert_eq!(one.name, format!("sample {sample}"));
        assert_eq!(one.letter, Some(Letter(2)));
        assert_eq!(*one.segments, *draw.selections[sample]);
        assert_eq!(*one.scores, *draw.scores.row(sample).to_vec());
        for gone in [SummaryRef::Sample(9999), SummaryRef::Alternative(Letter(9))] {
            assert_eq!(session.summary(gone), None);
            assert!(session.summary_secs(gone).is_empty());
        }
    }
}
