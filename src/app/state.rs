//! Everything the views read. Holds no threads, files or textures but the thumbnails'; see [`super::apply`] for how it changes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::annotate::{AnnotateRequest, AnnotateState};
use super::dataset::{DatasetRequest, DatasetState};
use super::event::{ErrorReport, Runtime};
use super::history::{Choices, History};
use super::page::Page;
use super::pane::Pane;
use super::thumbs::Thumbs;
use crate::analysis::matches::MatchTaus;
use crate::domain::timecode::{TimeFormat, Timebase, format_time};
use crate::domain::{
    DevicePreference, Draw, DrawSettings, Features, FrameIndex, FrameRange, Mark, Segment, Timings,
    VideoInfo,
};
use crate::jobs::Progress;
use crate::pipeline::GivenRequest;
use crate::ui::theme::ThemeChoice;

/// Air round the distribution's points and contours, as a share of their extent.
const BOUNDS_MARGIN: f64 = 0.08;

/// Samples and annotators on the two axes that tell them apart best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DistributionView {
    /// One point a sample, in the order of the draw.
    pub samples: Vec<[f64; 2]>,
    /// One point an annotator; empty without annotations.
    pub annotators: Vec<[f64; 2]>,
    /// The mean score of all samples.
    pub mean: Option<[f64; 2]>,
    /// Name and place of each installed scorer's one summary.
    pub baselines: Vec<(String, [f64; 2])>,
    /// Share of the variance each axis explains, in [0, 1].
    pub explained: [f64; 2],
    /// Filled contours of the density, lowest level first.
    pub contours: Vec<ContourView>,
    /// Whether the axes and the density were fitted on annotators (else on the samples).
    pub fitted_on_annotators: bool,
    /// Distance of each sample from the plane, in the unit of the axes.
    pub sample_residuals: Vec<f64>,
    /// Distance from which a point is not shown truly: no fitted summary lies further from the plane.
    pub residual_limit: f64,
}

impl DistributionView {
    /// Whether a sample lies further from the plane than any summary that the plane was fitted on.
    pub fn is_beyond(&self, sample: usize) -> bool {
        self.sample_residuals
            .get(sample)
            .is_some_and(|&residual| residual > self.residual_limit * 1.05 + 1e-9)
    }

    /// Least and greatest place along both axes that holds every point and every contour, with a margin.
    pub fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        let mut min = [f64::INFINITY; 2];
        let mut max = [f64::NEG_INFINITY; 2];
        let contours = self.contours.iter().flat_map(|contour| &contour.ring);
        let points = self.samples.iter().chain(&self.annotators);
        let baselines = self.baselines.iter().map(|(_, place)| place);
        for point in points.chain(&self.mean).chain(baselines).chain(contours) {
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
    /// Which alternative the row is about, for its colour and for clicks.
    pub alternative: Option<usize>,
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
    Sample(usize),
    Baseline(usize),
    Annotator(usize),
}

/// Two summaries compared on the timeline: mostly an annotator and a sample, or two samples.
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

    /// Both samples, where it is a pair of samples.
    pub fn samples(self) -> Option<(usize, usize)> {
        match (self.first, self.other) {
            (PairSide::Sample(first), PairSide::Sample(other)) => Some((first, other)),
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
    pub draw: Option<Arc<Draw>>,
    /// Generation of the request that `draw` answers.
    pub draw_generation: u64,
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
    pub fn new(video: VideoInfo, index: Arc<FrameIndex>) -> Self {
        Self {
            video,
            index,
            thumbs: Thumbs::default(),
            pick_times_secs: Arc::default(),
            segments: Arc::default(),
            draw: None,
            draw_generation: 0,
            distribution: None,
            matches: None,
            annotator_ranges_secs: Arc::default(),
            timings: None,
            features: None,
            baselines: Arc::default(),
            without_picture: false,
        }
    }

    /// Length of the video, seconds.
    pub fn duration_secs(&self) -> f64 {
        if self.index.is_empty() {
            self.video.duration_secs
        } else {
            self.index.duration_secs()
        }
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
        ranges
            .iter()
            .map(|range| {
                (
                    self.index.secs_from_frame(range.start),
                    self.index.secs_from_frame(range.end),
                )
            })
            .collect()
    }

    /// The summary of a sample, in seconds.
    pub fn summary_secs(&self, sample: usize) -> Vec<(f64, f64)> {
        self.draw.as_ref().map_or_else(Vec::new, |draw| {
            self.ranges_secs(&draw.summary_ranges(sample, &self.segments))
        })
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

/// Playing, stopped, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    pub position_secs: f64,
    pub playing: bool,
    /// Times normal speed; negative for backwards.
    pub speed: f64,
    /// Play only what the chosen summary keeps.
    pub summary_only: bool,
    /// Waiting for frames.
    pub buffering: bool,
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            position_secs: 0.0,
            playing: false,
            speed: 1.0,
            summary_only: false,
            buffering: false,
        }
    }
}

/// Preferences that outlive a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub theme: ThemeChoice,
    pub reduced_motion: bool,
    pub bundle: String,
    pub device: DevicePreference,
    /// Volume in [0, 1].
    pub volume: f32,
    pub muted: bool,
    /// Least τ that counts as a match.
    pub match_threshold: f64,
    /// How the time at the playhead is written.
    pub time_format: TimeFormat,
    /// Limit of the feature cache in bytes.
    pub cache_limit_bytes: u64,
    /// Videos opened before, newest first; kept apart from the preferences.
    #[serde(skip)]
    pub recent: Vec<PathBuf>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            reduced_motion: false,
            bundle: "lite".to_owned(),
            device: DevicePreference::Auto,
            volume: 1.0,
            muted: false,
            match_threshold: 0.25,
            time_format: TimeFormat::Clock,
            cache_limit_bytes: 4 << 30,
            recent: Vec::new(),
        }
    }
}

/// What part of the video the timeline shows, and which lanes are open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineView {
    /// First second shown and number of seconds shown; `None` fits the whole video.
    pub window_secs: Option<(f64, f64)>,
    /// Alternatives whose samples are shown.
    pub open_lanes: BTreeSet<usize>,
    pub all_annotators: bool,
    /// Two summaries whose agreement is marked.
    pub pair: Option<Pair>,
}

/// What lies under the pointer, anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hover {
    pub secs: Option<f64>,
    pub segment: Option<usize>,
    pub alternative: Option<usize>,
    pub sample: Option<usize>,
    pub annotator: Option<usize>,
}

/// How an export writes a clip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportMode {
    #[default]
    Exact,
    Smart,
    Copy,
}

impl ExportMode {
    pub const ALL: [Self; 3] = [Self::Exact, Self::Smart, Self::Copy];

    pub fn label(self) -> &'static str {
        match self {
            Self::Exact => "Exact",
            Self::Smart => "Smart",
            Self::Copy => "Copy",
        }
    }

    pub fn explanation(self) -> &'static str {
        match self {
            Self::Exact => "Re-encodes, so that every cut falls on its frame.",
            Self::Smart => {
                "Copies what it can and re-encodes only around the cuts; checked by decoding."
            }
            Self::Copy => {
                "Copies without re-encoding; cuts widen to the nearest keyframes, and it says by how much."
            }
        }
    }
}

/// What the export dialog has been set to.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportForm {
    /// Sample to export.
    pub sample: usize,
    /// File ending without the dot.
    pub format: &'static str,
    pub mode: ExportMode,
    pub path: String,
}

/// File kinds of an export: ending, name, whether it is a clip.
pub const EXPORT_FORMATS: [(&str, &str, bool); 10] = [
    ("mp4", "MP4 video", true),
    ("mkv", "Matroska video", true),
    ("webm", "WebM video", true),
    ("mov", "QuickTime video", true),
    ("otio", "OpenTimelineIO", false),
    ("edl", "EDL (CMX 3600)", false),
    ("fcpxml", "Final Cut XML", false),
    ("csv", "Table of cuts (CSV)", false),
    ("json", "JSON", false),
    ("ffmeta", "Chapters", false),
];

/// Which overlay is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Overlay {
    #[default]
    None,
    Palette,
    CheatSheet,
    Settings,
    Export(ExportForm),
    GoTo,
}

/// Something that takes time or touches the outside; the window hands it to whoever does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Open {
        path: PathBuf,
        generation: u64,
        settings: DrawSettings,
        bundle: String,
        device: DevicePreference,
        /// What is known of a video without its file.
        given: Option<GivenRequest>,
    },
    Dataset(DatasetRequest),
    Draw {
        settings: DrawSettings,
        generation: u64,
    },
    Budget {
        budget: f64,
        generation: u64,
    },
    Cancel,
    PickVideo,
    PickAnnotations,
    PickProject,
    /// Ask where to save the project; the path is what is offered.
    PickSavePath(PathBuf),
    /// Save a figure or a report.
    Figure(super::figuring::FigureRequest),
    PickExportPath(ExportForm),
    OpenProject(PathBuf),
    SaveProject(PathBuf),
    LoadAnnotations(PathBuf),
    Export(ExportForm),
    CancelExport,
    /// Save the frame at a time as a picture.
    Snapshot {
        secs: f64,
    },
    Player(PlayerRequest),
    Annotate(AnnotateRequest),
    CopyText(String),
    ToggleFullscreen,
    ResetLayout,
    TogglePane(Pane),
    StylesChanged,
    PreferencesChanged,
    Quit,
}

/// What the player is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerRequest {
    Play,
    Pause,
    Seek {
        secs: f64,
    },
    Step {
        frames: i64,
    },
    Speed(f64),
    Volume(f32),
    /// Play only these ranges, gaplessly; `None` plays everything.
    Ranges(Option<Vec<FrameRange>>),
}

/// All of the window's state.
pub struct AppState {
    /// What the middle of the window is about.
    pub page: Page,
    pub choices: Choices,
    /// The annotate page, beside what is in the choices.
    pub annotate: AnnotateState,
    pub prefs: Preferences,
    pub session: Option<Session>,
    pub playback: Playback,
    /// Whether a real player keeps the position; else a silent clock does.
    pub player_attached: bool,
    pub timeline: TimelineView,
    /// The sample shown before the chosen one, to flip back to.
    pub shown_before: Option<usize>,
    /// Panels that are shown; kept by the window.
    pub shown_panes: Vec<Pane>,
    /// Rows of the match grid whose samples are shown.
    pub open_matches: BTreeSet<usize>,
    pub dataset: DatasetState,
    /// How the distribution panel is set.
    pub distribution: super::figuring::DistributionChoices,
    pub hover: Hover,
    /// Hover noted by the views of this frame, shown by those of the next.
    pub next_hover: Hover,
    pub history: History,
    pub runtime: Runtime,
    /// The stage at work, if any.
    pub progress: Option<Progress>,
    pub export_progress: Option<Progress>,
    pub error: Option<ErrorReport>,
    pub status: String,
    pub overlay: Overlay,
    /// Text typed into the palette or the go-to field.
    pub overlay_text: String,
    /// Path of the project file the session is saved to.
    pub project_path: Option<PathBuf>,
    /// A video named by a project that could not be found there.
    pub missing_video: Option<PathBuf>,
    /// Choices of a project that wait for its video, with the video's SHA-256.
    pub waiting_choices: Option<(Choices, String)>,
    pub generation: u64,
    pub open_generation: u64,
    pub requests: Vec<Request>,
    /// Seconds since the program started.
    pub now_secs: f64,
}

impl Default for AppState {
    fn default() -> Self {
        Self {
            page: Page::default(),
            choices: Choices::default(),
            annotate: AnnotateState::default(),
            prefs: Preferences::default(),
            session: None,
            playback: Playback::default(),
            player_attached: false,
            timeline: TimelineView::default(),
            shown_before: None,
            shown_panes: Pane::ALL.to_vec(),
            open_matches: BTreeSet::new(),
            dataset: DatasetState::default(),
            distribution: Default::default(),
            hover: Hover::default(),
            next_hover: Hover::default(),
            history: History::default(),
            runtime: Runtime::default(),
            progress: None,
            export_progress: None,
            error: None,
            status: "Ready".to_owned(),
            overlay: Overlay::None,
            overlay_text: String::new(),
            project_path: None,
            missing_video: None,
            waiting_choices: None,
            generation: 0,
            open_generation: 0,
            requests: Vec::new(),
            now_secs: 0.0,
        }
    }
}

impl AppState {
    pub fn draw(&self) -> Option<&Arc<Draw>> {
        self.session.as_ref()?.draw.as_ref()
    }

    /// Number of alternatives on screen.
    pub fn alternative_count(&self) -> usize {
        self.draw().map_or(0, |draw| draw.alternatives.len())
    }

    /// The sample shown in front: the selected one, else the representative of the selected or first alternative.
    pub fn chosen_sample(&self) -> Option<usize> {
        let draw = self.draw()?;
        if let Some(sample) = self.choices.selection.sample
            && sample < draw.sample_count()
        {
            return Some(sample);
        }
        let alternative = self.choices.selection.alternative.unwrap_or(0);
        draw.alternatives
            .get(alternative)
            .or(draw.alternatives.first())
            .map(|alternative| alternative.medoid_sample)
            .or((draw.sample_count() > 0).then_some(0))
    }

    /// The alternative shown in front.
    pub fn chosen_alternative(&self) -> Option<usize> {
        let draw = self.draw()?;
        match self.choices.selection.alternative {
            Some(alternative) if alternative < draw.alternatives.len() => Some(alternative),
            _ => draw.alternative_of(self.chosen_sample()?),
        }
    }

    fn medoid_selection(&self, alternative: usize) -> Option<&[usize]> {
        let draw = self.draw()?;
        let medoid = draw.alternatives.get(alternative)?.medoid_sample;
        draw.selections.get(medoid).map(Vec::as_slice)
    }

    pub fn is_pinned(&self, alternative: usize) -> bool {
        self.medoid_selection(alternative)
            .is_some_and(|selection| self.choices.pins.iter().any(|mark| mark.is_like(selection)))
    }

    pub fn is_rejected(&self, alternative: usize) -> bool {
        self.medoid_selection(alternative).is_some_and(|selection| {
            self.choices
                .rejects
                .iter()
                .any(|mark| mark.is_like(selection))
        })
    }

    /// The mark of an alternative's representative.
    pub fn mark_of(&self, alternative: usize) -> Option<Mark> {
        let draw = self.draw()?;
        let medoid = draw.alternatives.get(alternative)?.medoid_sample;
        Some(Mark {
            segments: draw.selections.get(medoid)?.clone(),
            seed: draw.settings.seed,
            sample: medoid,
        })
    }

    /// Number of annotators that some sample of an alternative matches, and of all; `None` without annotations.
    pub fn annotators_reached(&self, alternative: usize) -> Option<(usize, usize)> {
        let matches = self.session.as_ref()?.matches.as_ref()?;
        let row = matches
            .rows
            .iter()
            .find(|row| row.alternative == Some(alternative))?;
        let reached = row
            .shares
            .iter()
            .filter(|share| share.is_some_and(|share| share > 0.0))
            .count();
        Some((reached, matches.annotators.len()))
    }

    /// Seconds the timeline shows: start and length.
    pub fn timeline_window_secs(&self) -> (f64, f64) {
        let duration = self
            .session
            .as_ref()
            .map_or(1.0, |session| session.duration_secs().max(1e-3));
        self.timeline.window_secs.unwrap_or((0.0, duration))
    }

    /// A time of the open video in the chosen notation.
    pub fn time_text(&self, secs: f64) -> String {
        match (&self.session, self.prefs.time_format) {
            (None, _) | (_, TimeFormat::Clock) => crate::ui::text::timecode(secs),
            (Some(session), format) => format_time(
                format,
                session.index.frame_at_secs(secs),
                secs,
                Timebase::from_rate(session.video.frame_rate),
            ),
        }
    }

    /// Whether something is being computed.
    pub fn is_busy(&self) -> bool {
        self.progress.is_some()
    }

    /// Moves the playhead on where no player does, jumping over what the summary leaves out.
    pub fn advance_clock(&mut self, elapsed_secs: f64) {
        if !self.playback.playing || self.player_attached {
            return;
        }
        let Some(session) = &self.session else {
            return;
        };
        let duration = session.duration_secs();
        let mut position = self.playback.position_secs + elapsed_secs * self.playback.speed;
        let mut stop = position >= duration || position < 0.0;
        if self.playback.summary_only
            && let Some(sample) = self.chosen_sample()
        {
            match next_in_ranges(
                &session.summary_secs(sample),
                self.playback.position_secs,
                position,
            ) {
                Some(next) => position = next,
                None => stop = true,
            }
        }
        self.playback.position_secs = position.clamp(0.0, duration);
        if stop {
            self.playback.playing = false;
        }
    }
}

/// Where the playhead is when only `ranges` (ascending) are played and the clock went from `from` to `to`;
/// `None` past the last range.
pub fn next_in_ranges(ranges: &[(f64, f64)], from: f64, to: f64) -> Option<f64> {
    if let Some(&(_, end)) = ranges
        .iter()
        .find(|(start, end)| *start <= from && from < *end)
    {
        if to < end {
            return Some(to);
        }
        let over = to - end;
        let next = ranges.iter().find(|(start, _)| *start >= end)?;
        return Some(next.0 + over.min(next.1 - next.0));
    }
    ranges
        .iter()
        .find(|(start, _)| *start >= from)
        .map(|range| range.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_a_summary_leaps_from_range_to_range() {
        let ranges = [(2.0, 4.0), (6.0, 7.0)];
        assert_eq!(next_in_ranges(&ranges, 0.0, 0.1), Some(2.0));
        assert_eq!(next_in_ranges(&ranges, 2.5, 2.6), Some(2.6));
        let next = next_in_ranges(&ranges, 3.95, 4.05).unwrap();
        assert!((next - 6.05).abs() < 1e-9);
        assert_eq!(next_in_ranges(&ranges, 6.95, 7.05), None);
        assert_eq!(next_in_ranges(&ranges, 9.0, 9.1), None);
    }
}
