//! What is asked of the outside: opening, drawing, playing, exporting. Does nothing itself.

use crate::domain::{
    DevicePreference, DrawSettings, FigureKind, FrameRange, KnownKind, Named, Naming, Steering,
    SummaryRef,
};
use crate::media::cut::{ExportMode, ExportOptions, TrackChoice};
use crate::pipeline::GivenRequest;
use crate::session::people_export::ExportKind;
use crate::state::dataset::DatasetRequest;
use crate::state::drafting::DraftCommand;
use crate::state::pane::Pane;
use std::path::{Path, PathBuf};

/// What the export dialog has been set to.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportForm {
    /// What is exported.
    pub summary: SummaryRef,
    /// File ending without the dot.
    pub format: &'static str,
    pub mode: ExportMode,
    /// Only what of the summary lies in the range between in and out.
    pub within_range: bool,
    /// Whether ends of pieces are moved into pauses of the sound.
    pub whole_speech: bool,
    pub sounds: TrackChoice,
    pub subtitles: TrackChoice,
    /// Whether colours keep their resolution and bits even where few players show them.
    pub high_quality: bool,
    /// Whether each piece becomes a chapter.
    pub chapters: bool,
    pub path: String,
    /// Whether the path was typed or chosen; else it follows the summary and the format.
    pub path_is_chosen: bool,
}

impl ExportForm {
    /// What the dialog begins with: all of the summary, cut exactly, with the sound that players
    /// choose.
    pub fn new(summary: SummaryRef, format: &'static str, path: String) -> Self {
        Self {
            summary,
            format,
            mode: ExportMode::Exact,
            within_range: false,
            whole_speech: false,
            sounds: TrackChoice::Usual,
            subtitles: TrackChoice::Usual,
            high_quality: false,
            chapters: false,
            path,
            path_is_chosen: false,
        }
    }

    /// How a video is written.
    pub fn film_options(&self) -> ExportOptions {
        ExportOptions {
            mode: self.mode,
            sounds: self.sounds.clone(),
            subtitles: self.subtitles.clone(),
            high_quality: self.high_quality,
            chapters: self.chapters,
            ..ExportOptions::default()
        }
    }

    /// The form with a chosen path. A known ending states the format.
    #[must_use]
    pub fn with_path(self, path: String) -> Self {
        let ending = Path::new(path.trim())
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        let format = EXPORT_FORMATS
            .iter()
            .find(|(known, _, _)| ending.as_deref() == Some(known))
            .map_or(self.format, |(known, _, _)| known);
        Self {
            format,
            path,
            path_is_chosen: true,
            ..self
        }
    }

    /// Whether the format is a clip, not a list of cuts.
    pub fn is_clip(&self) -> bool {
        (EXPORT_FORMATS.iter()).any(|(ending, _, clip)| *clip && *ending == self.format)
    }
}

/// What the naming dialog has been set to.
#[derive(Clone, Debug, PartialEq)]
pub struct NamingForm {
    pub of: Named,
    pub naming: Naming,
    /// Whether it has just been opened.
    pub is_new: bool,
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

/// What of saving figures takes time or asks a person.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureRequest {
    /// Ask where to; the path is what is offered.
    Pick(FigureKind, PathBuf),
    Write(FigureKind, PathBuf),
    PickReport(PathBuf),
    WriteReport(PathBuf),
}

/// Something of this page that takes time or asks a person.
#[derive(Clone, Debug, PartialEq)]
pub enum AnnotateRequest {
    /// Ask which project or annotations to merge.
    PickMerge,
    Merge(PathBuf),
    /// Ask where to write; the path is what is offered.
    PickExport(ExportKind, PathBuf),
    Export(ExportKind, PathBuf),
    /// For the second of two pictures; its player is made when the first of these comes.
    Second(PlayerRequest),
}

/// Something that takes time or touches the outside; the window hands it to the worker that does
/// it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Open {
        path: PathBuf,
        settings: DrawSettings,
        bundle: String,
        device: DevicePreference,
        /// Alternatives whose letters go on to those that continue them.
        known_kinds: Vec<KnownKind>,
        /// What is known of a video without its file.
        given: Option<GivenRequest>,
    },
    Dataset(DatasetRequest),
    /// Draw samples anew.
    Draw(DrawSettings),
    /// Select again within this share of the video, in (0, 1].
    Budget(f64),
    /// Weigh and select again under these answers.
    Steer(Steering),
    Cancel,
    PickVideo,
    PickAnnotations,
    PickProject,
    /// Ask where to save the project; the path is what is offered.
    PickSavePath(PathBuf),
    /// Save a figure or a report.
    Figure(FigureRequest),
    PickExportPath(ExportForm),
    OpenProject(PathBuf),
    SaveProject(PathBuf),
    LoadAnnotations(PathBuf),
    Draft(DraftCommand),
    Export(ExportForm),
    /// One file after the other.
    ExportSeveral(Vec<ExportForm>),
    /// One clip of all, each behind a title card; they have one path.
    ExportReel(Vec<ExportForm>),
    CancelExport,
    /// Show a file in the system's file manager.
    ShowInFolder(PathBuf),
    /// Close the window though an export runs: it is cancelled first.
    LeaveAnyway,
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
