//! Every action of the window. The table has its place, name, tip and keys; what it does is in
//! [`crate::state::apply`].

mod annotating;
mod info;
mod keys;
mod table;

use std::path::PathBuf;

pub use annotating::heard;
pub use info::{Info, Place, Row};
pub use keys::{arrow_keys_owner, commands_from_keys, key_text};

use super::annotate::AnnotateCommand;
use super::dataset::DatasetCommand;
use super::drafting::DraftCommand;
use super::figuring::FigureCommand;
use super::pane::Page;
use super::pane::Pane;
use super::steering::SteerCommand;
use crate::domain::timecode::TimeFormat;
use crate::domain::{DevicePreference, DrawSettings, Letter, SummaryEdit, SummaryRef};
use crate::session::Pair;
use crate::state::study::StudyCommand;
use crate::state::{ExportForm, Hover, NamingForm};
use crate::ui::theme::ThemeChoice;

/// Which summaries are exported at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Several {
    Alternatives,
    /// Pinned alternatives.
    Pinned,
}

/// One action. Views push these and the window runs them at the end of the frame: views change
/// nothing themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    // Files
    OpenVideo,
    /// Asks for a video and shows the page of annotators, nothing else of it.
    OpenToAnnotate,
    OpenPath(PathBuf),
    OpenDemo,
    OpenProject,
    SaveProject,
    SaveProjectAs,
    Figure(FigureCommand),
    LoadAnnotations,
    Relink,
    /// Makes the open video the project's, which was made with another.
    AcceptVideo,
    Quit,
    // Undo
    Undo,
    Redo,
    // Playing
    TogglePlay,
    PlaySummary(Option<usize>),
    /// Play the chosen summary from its beginning.
    PlaySummaryFromStart,
    /// Begin again at the end of what is played, or stop there.
    ToggleLoop,
    /// Give the player the whole window, or take it back.
    ToggleLargePlayer,
    /// Play only what lies between in and out.
    PlayRange,
    PlayBackwards,
    Stop,
    PlayForwards,
    StepFrames(i64),
    SeekBy(f64),
    SeekKeyframe(i32),
    SeekSegment(i32),
    SeekTo(f64),
    GoToStart,
    GoToEnd,
    SlowerFaster(i32),
    SetSpeed(f64),
    SetVolume(f32),
    ToggleMute,
    GoToTime,
    Snapshot,
    // The summary in hand
    EditSummary(SummaryEdit),
    /// Keep the range too, or the segment at the playhead.
    AddToSummary,
    /// Take the range out, or the piece at the playhead.
    TakeOutOfSummary,
    SplitSummary,
    /// Let the piece at the playhead play earlier, or later.
    MovePiece {
        earlier: bool,
    },
    /// Forget a summary that was edited by hand, by its number.
    DiscardEdit(u32),
    // Range and markers
    SetIn,
    SetOut,
    SetRange(Option<(f64, f64)>),
    ToggleMarker,
    RemoveAtPlayhead,
    // Timeline
    FitTimeline,
    ZoomTimeline(f64),
    ShowTimeline {
        start_secs: f64,
        span_secs: f64,
    },
    /// Fit the range into the timeline.
    ZoomRange,
    ToggleLane(Letter),
    ToggleAllAnnotators,
    /// Show or hide the sound on the timeline.
    ToggleSound,
    // Finding
    /// Open the search.
    Find,
    /// Look for a time and for words of the subtitles.
    FindText(String),
    /// Look for frames like the one at a time, or at the playhead.
    MoreLikeFrame(Option<f64>),
    /// Look for such frames in the other videos of the folder too, or not.
    FindInFolder(bool),
    /// Open another video at a time, seconds.
    OpenAt(PathBuf, f64),
    ToggleSubtitles,
    // Draw
    SetSettings {
        settings: DrawSettings,
        what: &'static str,
    },
    NewDraw,
    /// Draw again as an earlier draw was made, by its place among them, newest first.
    GoToDraw(usize),
    /// Compare the draw on screen with an earlier one, or with none.
    CompareDraw(Option<usize>),
    StepBudget(i32),
    SelectBundle(String),
    SelectDevice(DevicePreference),
    CancelJob,
    Steer(SteerCommand),
    // Selection
    /// Choose the alternative at a place in the order of the cards.
    SelectAlternative(usize),
    /// Take a summary in hand: it is shown, played and exported.
    Choose(SummaryRef),
    SelectAnnotator(Option<usize>),
    HoverOver(Hover),
    Pin(usize),
    Reject(usize),
    MoreLikeThis(usize),
    /// Ask for the name of the alternative at a place, or of the one in hand.
    NameAlternative(Option<usize>),
    /// Ask for the name of the marker at the playhead.
    NameMarker,
    EditNaming(NamingForm),
    SetNaming(NamingForm),
    /// Put the chosen summary and an alternative side by side on the timeline.
    CompareWith(usize),
    /// Go back and forth between two summaries.
    FlipPair,
    /// Show an annotator and a summary with what they agree on.
    ChoosePair(Option<Pair>),
    /// Show or hide the samples of a row of the match grid.
    ToggleMatchRow(usize),
    // Dataset
    Dataset(DatasetCommand),
    // Export
    OpenExport(Option<usize>),
    EditExport(ExportForm),
    ChooseExportPath(ExportForm),
    StartExport(ExportForm),
    /// Export several summaries as the dialog says, into the folder of its path.
    ExportSeveral(ExportForm, Several),
    /// Export all alternatives as one clip, each behind a title card, into the folder of its path.
    ExportReel(ExportForm),
    CancelExport,
    /// Show the exported file in the system's file manager.
    ShowInFolder,
    /// Close the window though an export runs.
    LeaveAnyway,
    Draft(DraftCommand),
    Study(StudyCommand),
    // Window
    ShowPage(Page),
    Annotate(AnnotateCommand),
    Palette,
    CheatSheet,
    Settings,
    CloseOverlay,
    TypeOverlayText(String),
    ToggleFullscreen,
    ResetLayout,
    /// Show or hide a panel.
    TogglePane(Pane),
    SetTimeFormat(TimeFormat),
    SetTheme(ThemeChoice),
    SetReducedMotion(bool),
    SetMatchThreshold(f64),
    SetCacheLimit(u64),
    DismissError,
    Retry,
    CopyReport,
}

impl Command {
    /// Tip with the shortcut, for hovering.
    pub fn tooltip(&self) -> String {
        match self.info() {
            Some(info) => match info.keys.first() {
                Some(key) => format!("{} ({})", info.tip, key_text(key)),
                None => info.tip.to_owned(),
            },
            None => String::new(),
        }
    }

    /// Whether holding the key repeats the command.
    pub fn repeats(&self) -> bool {
        matches!(
            self,
            Self::StepFrames(_)
                | Self::SeekBy(_)
                | Self::SeekKeyframe(_)
                | Self::SeekSegment(_)
                | Self::ZoomTimeline(_)
                | Self::StepBudget(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_two_commands_share_a_key() {
        let mut seen: HashMap<String, String> = HashMap::new();
        for command in Command::catalogue() {
            let info = command.info().expect("listed commands have texts");
            for key in &info.keys {
                let normal = format!(
                    "{:?} {:?}",
                    (
                        key.modifiers.command,
                        key.modifiers.shift,
                        key.modifiers.alt
                    ),
                    key.logical_key
                );
                if let Some(other) = seen.insert(normal.clone(), info.name.clone()) {
                    panic!("{normal} means both {other} and {}", info.name);
                }
            }
        }
    }

    #[test]
    fn every_listed_command_says_what_it_does_in_one_sentence() {
        let mut names = std::collections::HashSet::new();
        for command in Command::catalogue() {
            let info = command.info().unwrap();
            assert!(
                info.tip.ends_with('.') && !info.tip.contains('!'),
                "{}",
                info.name
            );
            assert!(
                names.insert(info.name.clone()),
                "{} is listed twice",
                info.name
            );
        }
    }

    #[test]
    fn the_conventional_keys_are_there() {
        let all: Vec<String> = Command::catalogue()
            .flat_map(|command| &command.info().unwrap().keys)
            .map(key_text)
            .collect();
        for key in [
            "Space",
            "J",
            "K",
            "L",
            ",",
            ".",
            "←",
            "→",
            "Ctrl+Shift+←",
            "Alt+→",
            "I",
            "O",
            "↑",
            "↓",
            "Backspace",
            "G",
            "Z",
            "Ctrl+↑",
            "Ctrl+↓",
            "C",
            "F",
            "M",
            "E",
            "?",
            "Ctrl+Z",
            "Ctrl+Shift+Z",
            "Ctrl+Y",
            "Ctrl+O",
            "Ctrl+S",
            "Ctrl+,",
            "Ctrl+P",
            "[",
            "]",
            "Home",
            "End",
        ] {
            assert!(all.iter().any(|other| other == key), "{key} is missing");
        }
    }
}
