//! What `summdiff export` is asked for.

use std::path::PathBuf;

use super::DeviceArg;
use crate::domain::{Analysis, SummaryBudget};
use crate::media::cut::{ExportMode, ExportOptions, TrackChoice};

/// Write one sampled summary as a clip or as a cut list; the output's ending decides which
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// An analysis (written by `analyze --json`) or a project
    #[arg(value_name = "ANALYSIS|PROJECT")]
    pub(super) input: PathBuf,
    /// Which sample to export; where nothing is named, what a project has chosen, else the largest
    /// alternative
    #[arg(long, value_name = "K", conflicts_with = "alternative")]
    pub(super) sample: Option<usize>,
    /// Which alternative to export: its letter, or its number counted from 1; of a reel several,
    /// such as A,C
    #[arg(long, value_name = "E", value_delimiter = ',')]
    pub(super) alternative: Vec<String>,
    /// Which summary edited by hand to export, of a project: its number, or its name such as "edit
    /// 1"
    #[arg(long, value_name = "NAME|N", conflicts_with_all = ["sample", "alternative", "budget"])]
    pub(super) edit: Option<String>,
    /// A clip for each alternative, in the folder that -o names
    #[arg(long, conflicts_with_all = ["sample", "alternative", "edit"])]
    pub(super) all_alternatives: bool,
    /// One clip in which all alternatives, or those that --alternative names, play in turn, each
    /// behind a title card
    #[arg(long, conflicts_with_all = ["sample", "edit", "all_alternatives"])]
    pub(super) reel: bool,
    /// Only the part of the summary from A to B seconds of the video
    #[arg(long, value_name = "A-B", value_parser = super::steering::range)]
    pub(super) range: Option<(f64, f64)>,
    /// The file to write: .mp4 .mkv .webm .mov, or .edl .otio .fcpxml .csv .json .ffmeta; in a
    /// folder the name is made up
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Selects anew with this much of the video: a share (0.15), per cent (15%) or a time (30s,
    /// 1:30)
    #[arg(long, value_name = "SHARE|TIME", value_parser = super::kept_budget)]
    pub(super) budget: Option<SummaryBudget>,
    /// How pictures get into the clip
    #[arg(long, value_enum, default_value_t = Mode::Exact)]
    pub(super) mode: Mode,
    /// Replaces a file of that name
    #[arg(long)]
    pub(super) overwrite: bool,
    /// The video, where it is no longer at the place that the analysis names
    #[arg(long, value_name = "VIDEO")]
    pub(super) video: Option<PathBuf>,
    /// Where the networks run, for a project
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub(super) device: DeviceArg,
    /// Timecode of the video's first frame, for cut lists: HH:MM:SS:FF, or HH:MM:SS;FF for drop
    /// frame
    #[arg(long, value_name = "TIMECODE")]
    pub(super) source_timecode: Option<String>,
    /// Leaves the sound out of the clip
    #[arg(long)]
    pub(super) no_sound: bool,
    /// Keeps all sound tracks, not only the one that players choose
    #[arg(long, conflicts_with = "no_sound")]
    pub(super) all_sound: bool,
    /// Keeps these sound tracks instead: numbers, counted from 1, or languages, such as 2 or deu
    #[arg(long, value_name = "N|LANG", value_delimiter = ',', conflicts_with_all = ["no_sound", "all_sound"])]
    sound_track: Vec<String>,
    /// Which subtitles of text are kept: all, none, or numbers, counted from 1, or languages, such
    /// as 2 or deu [default: all]
    #[arg(long, value_name = "all|none|N|LANG", value_delimiter = ',')]
    subtitles: Vec<String>,
    /// Keeps the resolution and bits of colours even where few players show them
    #[arg(long)]
    pub(super) high_quality: bool,
    /// Moves the ends of pieces by at most 0.5 s into pauses of the sound, so that words are not
    /// cut
    #[arg(long)]
    pub(super) speech_whole: bool,
    /// Marks each kept piece as a chapter of the clip
    #[arg(long)]
    pub(super) chapters: bool,
}

impl ExportArgs {
    pub(super) fn film_options(&self) -> ExportOptions {
        ExportOptions {
            mode: self.mode.into(),
            overwrite: self.overwrite,
            sounds: self.sounds(),
            subtitles: track_choice(&self.subtitles),
            high_quality: self.high_quality,
            chapters: self.chapters,
            ..ExportOptions::default()
        }
    }

    /// The share of the video that --budget names.
    pub(super) fn budget_share(&self, analysis: &Analysis) -> Option<f64> {
        let duration_secs = analysis.video.duration_secs;
        // Any time is the whole of a video without a length.
        (self.budget).map(|budget| budget.share_of(duration_secs).unwrap_or(1.0))
    }

    fn sounds(&self) -> TrackChoice {
        match (self.no_sound, self.all_sound) {
            (true, _) => TrackChoice::None,
            (_, true) => TrackChoice::All,
            _ => track_choice(&self.sound_track),
        }
    }
}

/// Tracks by the words of an option.
fn track_choice(words: &[String]) -> TrackChoice {
    match words {
        [] => TrackChoice::Usual,
        [all] if all.eq_ignore_ascii_case("all") => TrackChoice::All,
        [none] if none.eq_ignore_ascii_case("none") => TrackChoice::None,
        these => TrackChoice::These(these.to_vec()),
    }
}

/// How pictures get into the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Mode {
    /// Encode precisely the chosen frames
    Exact,
    /// Copy whole groups of pictures, widening where needed
    Copy,
    /// Copy what can be copied, encode the ends, verify
    Smart,
}

impl From<Mode> for ExportMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Exact => Self::Exact,
            Mode::Copy => Self::Copy,
            Mode::Smart => Self::Smart,
        }
    }
}
