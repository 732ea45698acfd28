//! Everything the views read. Holds no threads, files or textures but the thumbnails'; see
//! [`crate::state::apply`] for how it changes.

pub mod annotate;
pub mod apply;
pub mod command;
mod comparing;
pub mod dataset;
pub mod drafting;
pub mod draws;
mod editing;
pub mod figuring;
mod finding;
pub mod foreseeing;
pub mod history;
pub mod page;
pub mod pair;
pub mod pane;
mod playback;
pub mod project_io;
pub mod request;
pub mod showing;
pub mod steering;
pub mod study;
mod timing;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub use editing::EditFacts;
pub use finding::{Finding, FolderAnswer, FolderQuestion, FolderWish};
pub use playback::{Extent, Playback, Poster, next_in_ranges, within_ranges};
pub use request::{
    AnnotateRequest, EXPORT_FORMATS, ExportForm, NamingForm, PlayerRequest, Request,
};
use serde::{Deserialize, Serialize};

use crate::analysis::matches::MATCH_TAU;
use crate::domain::timecode::TimeFormat;
use crate::domain::{DevicePreference, Draw, KnownKind, Letter, Mark, SummaryRef};
use crate::jobs::Progress;
use crate::session::Summarised;
use crate::session::hand::{front_alternative, marks};
use crate::session::report::{ErrorReport, Runtime};
use crate::session::summaries::Summary;
use crate::session::{Pair, Session};
use crate::state::annotate::AnnotateState;
use crate::state::dataset::DatasetState;
use crate::state::history::{Choices, History};
use crate::state::pane::Page;
use crate::state::pane::Pane;
use crate::ui::theme::ThemeChoice;

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
    /// Whether the timeline shows the sound.
    pub shows_sound: bool,
    /// Whether text subtitles are shown under the picture.
    pub shows_subtitles: bool,
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
            match_threshold: MATCH_TAU,
            time_format: TimeFormat::Clock,
            shows_sound: true,
            shows_subtitles: true,
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
    pub open_lanes: BTreeSet<Letter>,
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

/// Which overlay is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Overlay {
    #[default]
    None,
    Palette,
    CheatSheet,
    Settings,
    Export(ExportForm),
    /// Names an alternative or a marker.
    Naming(NamingForm),
    GoTo,
    Find,
    /// The window is to be closed while an export runs.
    Leaving,
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
    /// The player alone fills the window.
    pub large_player: bool,
    pub timeline: TimelineView,
    /// The summary shown before the chosen one, to flip back to.
    pub shown_before: Option<SummaryRef>,
    /// Panels that are shown; kept by the window.
    pub shown_panes: Vec<Pane>,
    /// Rows of the match grid whose samples are shown.
    pub open_matches: BTreeSet<usize>,
    pub dataset: DatasetState,
    /// The study that the window is locked to.
    pub study: Option<study::StudyState>,
    pub drafting: drafting::Drafting,
    /// How the distribution panel is set.
    pub distribution: crate::state::pane::DistributionChoices,
    pub hover: Hover,
    /// Hover noted by the views of this frame, shown by those of the next.
    pub next_hover: Hover,
    pub history: History,
    /// The draws of this session.
    pub draws: draws::Draws,
    pub runtime: Runtime,
    /// The stage at work, if any.
    pub progress: Option<Progress>,
    pub export_progress: Option<Progress>,
    /// What was last found out for the export dialog.
    pub foresight: Option<(foreseeing::ExportQuestion, foreseeing::Foresight)>,
    pub error: Option<ErrorReport>,
    pub status: String,
    /// The file that was exported last.
    pub exported: Option<PathBuf>,
    pub overlay: Overlay,
    /// What was looked for last in the open video.
    pub finding: Finding,
    /// What was last found in the other videos of a folder.
    pub folder_found: Option<(FolderQuestion, FolderAnswer)>,
    /// A video that is to be shown at a time in seconds as soon as it is open.
    pub seek_when_open: Option<(PathBuf, f64)>,
    /// Text typed into the palette or the go-to field.
    pub overlay_text: String,
    /// Path of the project file the session is saved to.
    pub project_path: Option<PathBuf>,
    /// A video named by a project that could not be found there.
    pub missing_video: Option<PathBuf>,
    /// What the open project says its video is, until a person accepts another.
    pub project_video: Option<crate::domain::project::VideoRef>,
    /// The alternatives that the open project named, until its video has its own.
    pub known_kinds: Vec<KnownKind>,
    /// Choices of a project that wait for its video, with the video's SHA-256.
    pub waiting_choices: Option<(Choices, String)>,
    /// Whether the video that is being opened is for annotators.
    pub opens_to_annotate: bool,
    /// The video that is open or being opened.
    pub opening: Option<PathBuf>,
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
            large_player: false,
            timeline: TimelineView::default(),
            shown_before: None,
            shown_panes: Pane::AT_FIRST.to_vec(),
            open_matches: BTreeSet::new(),
            dataset: DatasetState::default(),
            study: None,
            drafting: Default::default(),
            distribution: Default::default(),
            hover: Hover::default(),
            next_hover: Hover::default(),
            history: History::default(),
            draws: draws::Draws::default(),
            runtime: Runtime::default(),
            progress: None,
            export_progress: None,
            foresight: None,
            error: None,
            status: "Ready".to_owned(),
            exported: None,
            overlay: Overlay::None,
            finding: Finding::default(),
            folder_found: None,
            seek_when_open: None,
            overlay_text: String::new(),
            project_path: None,
            missing_video: None,
            project_video: None,
            known_kinds: Vec::new(),
            waiting_choices: None,
            opens_to_annotate: false,
            opening: None,
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

    /// The summary in hand, which is shown, played and exported everywhere: the chosen one, else
    /// the alternative in front.
    pub fn chosen(&self) -> Option<SummaryRef> {
        let choices = &self.choices;
        (self.session.as_ref()?).in_hand(&choices.selection, &choices.rejects)
    }

    /// What the summary in hand keeps, how it scores and what it is called.
    pub fn chosen_summary(&self) -> Option<Summary<'_>> {
        self.session.as_ref()?.summary(self.chosen()?)
    }

    /// The alternative at a place, as a summary that can be chosen.
    pub fn alternative_ref(&self, at: usize) -> Option<SummaryRef> {
        let kind = self.draw()?.alternatives.get(at)?;
        Some(SummaryRef::Alternative(kind.letter()))
    }

    /// Letter of the alternative at a place; A where there is none.
    pub fn letter_at(&self, at: usize) -> Letter {
        (self.draw().and_then(|draw| draw.letter_at(at))).unwrap_or_default()
    }

    /// The name of an alternative as it is shown: its letter, and what a person calls it.
    pub fn name_of(&self, letter: Letter) -> String {
        self.choices.names.title(letter)
    }

    /// Letter of the alternative that the summary in hand is or belongs to.
    pub fn chosen_letter(&self) -> Option<Letter> {
        self.draw()?.letter_at(self.chosen_alternative()?)
    }

    /// Place of the alternative that the summary in hand is or belongs to.
    pub fn chosen_alternative(&self) -> Option<usize> {
        let draw = self.draw()?;
        match self.chosen()? {
            SummaryRef::Alternative(letter) => draw.place_of(letter),
            SummaryRef::Sample(sample) => draw.alternative_of(sample),
            of @ SummaryRef::Edited(_) => {
                let letter = self.session.as_ref()?.summary(of)?.letter?;
                draw.place_of(letter)
            }
        }
    }

    /// The chosen alternative, or the one with the greatest share; a rejected one only where all
    /// are.
    fn front_alternative(&self) -> Option<usize> {
        let choices = &self.choices;
        front_alternative(self.draw()?, &choices.selection, &choices.rejects)
    }

    /// Whether a mark is that of an alternative.
    fn marks(&self, mark: &Mark, alternative: usize) -> bool {
        (self.draw()).is_some_and(|draw| marks(draw, mark, alternative))
    }

    pub fn is_pinned(&self, alternative: usize) -> bool {
        let pins = &self.choices.pins;
        pins.iter().any(|mark| self.marks(mark, alternative))
    }

    pub fn is_rejected(&self, alternative: usize) -> bool {
        let rejects = &self.choices.rejects;
        rejects.iter().any(|mark| self.marks(mark, alternative))
    }

    /// Whether a pin marks one of the alternatives that are there.
    pub fn is_of_an_alternative(&self, mark: &Mark) -> bool {
        (0..self.alternative_count()).any(|alternative| self.marks(mark, alternative))
    }

    /// Removes what marks an alternative.
    pub(crate) fn unmark(&mut self, alternative: usize) {
        let keep = |marks: &[Mark]| -> Vec<Mark> {
            let others = marks.iter().filter(|mark| !self.marks(mark, alternative));
            others.cloned().collect()
        };
        let (pins, rejects) = (keep(&self.choices.pins), keep(&self.choices.rejects));
        self.choices.pins = pins;
        self.choices.rejects = rejects;
    }

    /// The mark of an alternative.
    pub fn mark_of(&self, alternative: usize) -> Option<Mark> {
        let draw = self.draw()?;
        let kind = draw.alternatives.get(alternative)?;
        Some(Mark {
            label: kind.label.clone(),
            segments: kind.selected_segments.clone(),
            seed: draw.settings.seed,
            sample: kind.medoid_sample,
        })
    }

    /// Number of annotators that some sample of an alternative matches, and of all; `None` without
    /// annotations.
    pub fn annotators_reached(&self, alternative: usize) -> Option<(usize, usize)> {
        let matches = self.session.as_ref()?.matches.as_ref()?;
        let row = matches
            .rows
            .iter()
            .find(|row| row.alternative == Some(self.letter_at(alternative)))?;
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

    /// Names that came from outside, in whatever script: of files, videos and people.
    pub fn foreign_names(&self) -> String {
        let session = self.session.iter().map(|session| &session.video.path);
        let paths = session
            .chain(&self.project_path)
            .chain(&self.missing_video)
            .chain(&self.prefs.recent)
            .chain(&self.dataset.path)
            .map(|path| path.to_string_lossy().into_owned());
        let sets = (self.choices.annotations.iter())
            .chain(self.dataset.videos.iter().map(|video| &video.set));
        let said = sets.flat_map(|set| {
            let people = set.annotators.iter().map(|annotator| &annotator.name);
            people
                .chain([&set.video_id, &set.title, &set.source])
                .cloned()
        });
        let works = self.works().iter().map(|work| work.name.clone());
        paths.chain(said).chain(works).collect()
    }

    /// The exported file while the status line names it.
    pub fn exported_just_now(&self) -> Option<&PathBuf> {
        let named = |path: &&PathBuf| self.status.contains(&*path.to_string_lossy());
        self.exported.as_ref().filter(named)
    }

    /// Whether a video is being opened and nothing of it is there yet.
    pub fn opening_is_under_way(&self) -> bool {
        self.is_busy() && self.session.is_none()
    }

    /// Whether something is being computed.
    pub fn is_busy(&self) -> bool {
        self.progress.is_some()
    }
}
