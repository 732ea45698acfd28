//! The open video and what is known about it: its samples, how they lie, and whom they match.

pub mod annotators;
pub mod comparison;
pub mod drafts;
pub mod exporting;
pub mod finding;
pub mod folder;
pub mod hand;
pub mod intake;
pub mod material;
pub mod opened_video;
pub mod people;
pub mod people_export;
pub mod people_merge;
pub mod provenance;
pub mod reel;
pub mod report;
pub mod study;
pub mod summaries;
mod summarised;
pub mod thumbs;
pub mod why;

use crate::analysis::matches::MatchTaus;
use crate::domain::cue::Cue;
use crate::domain::{
    Draw, EditedSummary, Features, FrameIndex, FrameRange, KnownKind, Letter, Segment, SoundLevels,
    SummaryRef, Timings, VideoInfo,
};
use crate::session::thumbs::Thumbs;
use crate::summary::pauses;
use std::sync::Arc;
pub use summarised::Summarised;

/// Air round the distribution's points and contours, as a share of their extent.
pub(super) const BOUNDS_MARGIN: f64 = 0.08;

/// Samples and annotators on the two axes that tell them apart best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DistributionView {
    /// One point a sample, in the order of the draw.
    pub samples: Vec<[f64; 2]>,
    /// One point an annotator; empty without annotations.
    pub annotators: Vec<[f64; 2]>,
    /// The mean score of all samples.
    pub mean: Option<[f64; 2]>,
    /// Letter and place of each alternative's own summary.
    pub alternatives: Vec<(Letter, [f64; 2])>,
    /// Name and place of each installed scorer's one summary.
    pub baselines: Vec<(String, [f64; 2])>,
    /// One point a sample of the earlier draw that is compared with; empty without.
    pub earlier: Vec<[f64; 2]>,
    /// Seed of that draw.
    pub earlier_seed: Option<u64>,
    /// Share of the variance each axis explains, in [0, 1].
    pub explained: [f64; 2],
    /// Filled contours of the density, lowest level first.
    pub contours: Vec<ContourView>,
    /// Whether the axes and the density were fitted on annotators (else on the samples).
    pub fitted_on_annotators: bool,
    /// Distance of each sample from the plane, in the unit of the axes.
    pub sample_residuals: Vec<f64>,
    /// Distance from which a point is not shown truly: no fitted summary lies further from the
    /// plane.
    pub residual_limit: f64,
}

impl DistributionView {
    /// Whether a sample lies further from the plane than any summary that the plane was fitted on.
    pub fn is_beyond(&self, sample: usize) -> bool {
        self.sample_residuals
            .get(sample)
            .is_some_and(|&residual| residual > self.residual_limit * 1.05 + 1e-9)
    }

    /// Least and greatest place along both axes that holds every point and every contour, with a
    /// margin.
    pub fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        let mut min = [f64::INFINITY; 2];
        let mut max = [f64::NEG_INFINITY; 2];
        let contours = self.contours.iter().flat_map(|contour| &contour.ring);
        let samples = self.samples.iter().chain(&self.earlier);
        let points = samples.chain(&self.annotators);
        let baselines = self.baselines.iter().map(|(_, place)| place);
        let kinds = self.alternatives.iter().map(|(_, place)| place);
        for point in points
            .chain(&self.mean)
            .chain(kinds)
            .chain(baselines)
            .chain(contours)
        {
            for axis in 0..2 {
                if point[axis].is_finite() {
                    min[axis] = min[axis].min(point[axis]);
                    max[axis] = max[axis].max(point[axis]);
                }
            }
        }
        for axis in 0..2 {
            if !(min[axis].is_finite() && max[axis].is_finite()) || max[axis] - min[axis] < 1e-9 {
                let middle = if min[axis].is_finite() {
                    min[axis]
                } else {
                    0.0
                };
                min[axis] = middle - 1.0;
                max[axis] = middle + 1.0;
            }
            let margin = (max[axis] - min[axis]) * BOUNDS_MARGIN;
            min[axis] -= margin;
            max[axis] += margin;
        }
        (min, max)
    }
}

/// One ring of a density contour. A hole stands after the ring it is in and shows the level below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContourView {
    /// Share of the highest density, in (0, 1).
    pub level: f64,
    /// Closed ring, first point not repeated.
    pub ring: Vec<[f64; 2]>,
    pub hole: bool,
}

/// How often samples match each annotator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchView {
    /// Kendall's τ from which a sample counts as a match.
    pub threshold: f64,
    /// Kendall's τ-b of every sample with every annotator.
    pub taus: Arc<MatchTaus>,
    /// The same of every installed scorer, in the order of the session's baselines.
    pub baseline_taus: Arc<MatchTaus>,
    /// The same of every alternative's mean scores, and their letters in that order.
    pub alternative_taus: Arc<MatchTaus>,
    pub letters: Vec<Letter>,
    /// Annotators that at least one sample matches.
    pub reached: usize,
    /// Names, in the order of the columns.
    pub annotators: Vec<String>,
    /// Which annotator each column is about.
    pub columns: Vec<usize>,
    pub rows: Vec<MatchRow>,
}

/// One row of the match grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchRow {
    pub label: String,
    /// Letter of the alternative that the row is about.
    pub alternative: Option<Letter>,
    /// Which scorer the row is about.
    pub baseline: Option<usize>,
    /// Samples of the row; empty where it is not about samples.
    pub members: Vec<usize>,
    /// For each annotator the share of the row's samples that match; `None` where it is undefined.
    pub shares: Vec<Option<f32>>,
}

/// A deterministic scorer's one summary of the video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// The bundle's name.
    pub name: String,
    /// Importance score of each pick, length N.
    pub scores: Vec<f32>,
    /// What the knapsack keeps, frame ranges.
    pub summary: Vec<FrameRange>,
}

/// One side of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairSide {
    /// An alternative, a sample or what else can be chosen.
    Summary(SummaryRef),
    Baseline(usize),
    Annotator(usize),
}

/// Two summaries compared on the timeline: mostly an annotator and a summary, or two summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub first: PairSide,
    pub other: PairSide,
}

impl Pair {
    /// An annotator and something else.
    pub fn of_annotator(annotator: usize, other: PairSide) -> Self {
        Self {
            first: PairSide::Annotator(annotator),
            other,
        }
    }

    /// Both, where it is a pair of summaries of this program.
    pub fn summaries(self) -> Option<(SummaryRef, SummaryRef)> {
        match (self.first, self.other) {
            (PairSide::Summary(first), PairSide::Summary(other)) => Some((first, other)),
            _ => None,
        }
    }
}

/// The open video and all that is known about it so far.
pub struct Session {
    pub video: VideoInfo,
    pub index: Arc<FrameIndex>,
    pub thumbs: Thumbs,
    /// Time of each pick, seconds, length N; empty until sampling is done.
    pub pick_times_secs: Arc<[f64]>,
    pub segments: Arc<[Segment]>,
    /// First frames of shots that begin with a hard cut, ascending.
    pub cuts: Arc<[u64]>,
    /// How loud the sound is, as far as it was read; `None` where there is none.
    pub sound: Option<Arc<SoundLevels>>,
    /// Pauses in the sound, seconds, ascending; empty until all of it was read.
    pub pauses_secs: Arc<[(f64, f64)]>,
    /// Text subtitles, ascending.
    pub cues: Arc<[Cue]>,
    pub draw: Option<Arc<Draw>>,
    /// Summaries edited by hand; those of the choices.
    pub edits: Arc<Vec<EditedSummary>>,
    pub distribution: Option<Arc<DistributionView>>,
    pub matches: Option<Arc<MatchView>>,
    /// Ranges each annotator picked, in seconds; derived from the annotations.
    pub annotator_ranges_secs: Arc<[Vec<(f64, f64)>]>,
    pub timings: Option<Timings>,
    /// Features of the sampled frames, once they are known.
    pub features: Option<Arc<Features>>,
    /// What each installed scorer that fits the features makes of the video.
    pub baselines: Arc<[Baseline]>,
    /// Whether only a dataset's numbers are there, and no file.
    pub without_picture: bool,
}

impl Session {
    /// The settled alternatives, to recognise them when the project is opened again.
    pub fn known_kinds(&self) -> Vec<KnownKind> {
        let Some(draw) = self.draw.as_ref().filter(|draw| draw.kinds_settled) else {
            return Vec::new();
        };
        (draw.alternatives.iter())
            .map(|kind| KnownKind {
                label: kind.label.clone(),
                scores: kind.scores.clone(),
                times_secs: self.pick_times_secs.to_vec(),
            })
            .collect()
    }

    pub fn new(video: VideoInfo, index: Arc<FrameIndex>) -> Self {
        Self {
            video,
            index,
            thumbs: Thumbs::default(),
            pick_times_secs: Arc::default(),
            segments: Arc::default(),
            cuts: Arc::default(),
            sound: None,
            pauses_secs: Arc::default(),
            cues: Arc::default(),
            draw: None,
            edits: Arc::default(),
            distribution: None,
            matches: None,
            annotator_ranges_secs: Arc::default(),
            timings: None,
            features: None,
            baselines: Arc::default(),
            without_picture: false,
        }
    }

    /// Takes in how loud the sound is; once all of it is known, where it pauses.
    pub fn hear(&mut self, sound: Arc<SoundLevels>) {
        // A video that is looked at anew is measured anew; what is known of it stays meanwhile.
        let known = self.sound.as_ref().is_some_and(|sound| sound.is_whole);
        if known && !sound.is_whole {
            return;
        }
        if sound.is_whole {
            self.pauses_secs = pauses(sound.rms()).into();
        }
        self.sound = Some(sound);
    }

    /// Length of the video, seconds.
    pub fn duration_secs(&self) -> f64 {
        self.index.duration_secs_or(self.video.duration_secs)
    }

    /// File name for a person.
    pub fn name(&self) -> String {
        self.video.path.file_name().map_or_else(
            || self.video.path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Frame ranges as seconds.
    pub fn ranges_secs(&self, ranges: &[FrameRange]) -> Vec<(f64, f64)> {
        self.index.ranges_secs(ranges)
    }

    /// The segment at a time.
    pub fn segment_at(&self, secs: f64) -> Option<usize> {
        let after = self
            .segments
            .partition_point(|s| s.start_secs <= secs + 1e-6);
        let at = after.checked_sub(1)?;
        (secs < self.segments[at].end_secs + 1e-6).then_some(at)
    }
}
