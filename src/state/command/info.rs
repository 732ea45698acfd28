//! What a person is told about each command: its place, name, one-sentence tip and keys.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Command;
use crate::state::dataset::DatasetCommand;
use crate::state::figuring::FigureCommand;
use crate::ui::text;
use crate::ui::theme::ThemeChoice;

/// Where a command stands in menus and in the cheat sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    File,
    Edit,
    Play,
    Timeline,
    Summaries,
    Window,
    Annotating,
}

impl Place {
    pub const ALL: [Place; 7] = [
        Self::File,
        Self::Edit,
        Self::Play,
        Self::Timeline,
        Self::Summaries,
        Self::Window,
        Self::Annotating,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::File => "Files",
            Self::Edit => "Edit",
            Self::Play => "Playing",
            Self::Timeline => "Timeline",
            Self::Summaries => "Summaries",
            Self::Window => "Window",
            Self::Annotating => "Annotating",
        }
    }
}

/// What a person is told about a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    pub place: Place,
    pub name: String,
    /// One sentence.
    pub tip: &'static str,
    pub keys: Vec<KeyboardShortcut>,
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;
const CTRL_SHIFT: Modifiers = Modifiers {
    alt: false,
    ctrl: false,
    shift: true,
    mac_cmd: false,
    command: true,
};

const NUMBER_KEYS: [Key; 8] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
];
const LETTER_KEYS: [Key; 8] = [
    Key::A,
    Key::B,
    Key::C,
    Key::D,
    Key::E,
    Key::F,
    Key::G,
    Key::H,
];

fn keys(list: &[(Modifiers, Key)]) -> Vec<KeyboardShortcut> {
    list.iter()
        .map(|&(modifiers, key)| KeyboardShortcut::new(modifiers, key))
        .collect()
}

impl Command {
    /// Name, tip and shortcuts; `None` for what only the pointer does.
    pub fn info(&self) -> Option<Info> {
        use Place::{Edit, File, Play, Summaries, Timeline, Window};
        let info = |place, name: &str, tip, list: &[(Modifiers, Key)]| {
            Some(Info {
                place,
                name: name.to_owned(),
                tip,
                keys: keys(list),
            })
        };
        match self {
            Self::OpenVideo => info(
                File,
                "Open…",
                "Opens a video and draws summaries of it.",
                &[(CTRL, Key::O)],
            ),
            Self::Dataset(DatasetCommand::PickFile) => info(
                File,
                "Open dataset…",
                "Opens a file with many videos' annotations: TVSum, SumMe, Mr. HiSum or eccv16.",
                &[(CTRL_SHIFT, Key::D)],
            ),
            Self::Dataset(DatasetCommand::FindVideos) => info(
                File,
                "Find the dataset's videos…",
                "Looks through a folder for the raw videos of the dataset, by id or name.",
                &[],
            ),
            Self::OpenDemo => info(
                File,
                "Open the demo",
                "Opens the bundled short film with simulated annotators.",
                &[],
            ),
            Self::OpenProject => info(
                File,
                "Open project…",
                "Brings back a video with its settings, pins and annotations.",
                &[(CTRL_SHIFT, Key::O)],
            ),
            Self::SaveProject => info(
                File,
                "Save project",
                "Keeps the settings, pins and annotations of this video in a file.",
                &[(CTRL, Key::S)],
            ),
            Self::SaveProjectAs => info(
                File,
                "Save project as…",
                "Keeps the settings, pins and annotations in another file.",
                &[(CTRL_SHIFT, Key::S)],
            ),
            Self::Figure(FigureCommand::SaveReport) => info(
                File,
                "Save report…",
                "Writes figures, tables and storyboards as one page that opens anywhere.",
                &[],
            ),
            Self::Figure(FigureCommand::Save(kind)) => info(
                File,
                &format!("Save {} figure…", kind.name()),
                "Writes the plot as SVG or PNG, or the numbers behind it as CSV.",
                &[],
            ),
            Self::LoadAnnotations => info(
                File,
                "Load annotations…",
                "Loads what people picked, to see which summaries they would agree with.",
                &[(CTRL, Key::L)],
            ),
            Self::OpenExport(_) => info(
                File,
                "Export…",
                "Writes the chosen summary as a clip or as a list of cuts.",
                &[(NONE, Key::E)],
            ),
            Self::Snapshot => info(
                File,
                "Save this frame",
                "Saves the frame on screen as a picture.",
                &[(NONE, Key::C)],
            ),
            Self::Quit => info(
                File,
                "Quit",
                "Closes the window; the session is kept.",
                &[(CTRL, Key::Q)],
            ),
            Self::Undo => info(
                Edit,
                "Undo",
                "Takes the last change back.",
                &[(CTRL, Key::Z)],
            ),
            Self::Redo => info(
                Edit,
                "Redo",
                "Makes the change again that was taken back.",
                &[(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)],
            ),
            Self::ToggleMarker => info(
                Edit,
                "Mark this moment",
                "Puts a marker at the playhead, or takes it away.",
                &[(NONE, Key::M)],
            ),
            Self::RemoveAtPlayhead => info(
                Edit,
                "Remove marker or range",
                "Removes the marker at the playhead, else the range.",
                &[(NONE, Key::Backspace)],
            ),
            Self::SetIn => info(
                Edit,
                "Start the range here",
                "Starts the range at the playhead.",
                &[(NONE, Key::I)],
            ),
            Self::SetOut => info(
                Edit,
                "End the range here",
                "Ends the range at the playhead.",
                &[(NONE, Key::O)],
            ),
            Self::TogglePlay => info(
                Play,
                "Play or pause",
                "Plays the video, or pauses it.",
                &[(NONE, Key::Space)],
            ),
            Self::PlaySummary(_) => info(
                Play,
                "Play the summary",
                "Plays only what the chosen summary keeps, without gaps.",
                &[(SHIFT, Key::Space)],
            ),
            Self::PlayRange => info(
                Play,
                "Play the range",
                "Plays only what lies between the range's ends.",
                &[(NONE, Key::P)],
            ),
            Self::PlayBackwards => info(
                Play,
                "Play backwards",
                "Plays backwards; again for faster.",
                &[(NONE, Key::J)],
            ),
            Self::Stop => info(Play, "Stop", "Stops playing.", &[(NONE, Key::K)]),
            Self::PlayForwards => info(
                Play,
                "Play forwards",
                "Plays forwards; again for faster.",
                &[(NONE, Key::L)],
            ),
            Self::StepFrames(n) if *n < 0 => info(
                Play,
                "One frame back",
                "Shows the frame before.",
                &[(NONE, Key::Comma)],
            ),
            Self::StepFrames(_) => info(
                Play,
                "One frame on",
                "Shows the next frame.",
                &[(NONE, Key::Period)],
            ),
            Self::SeekBy(secs) if *secs == -1.0 => info(
                Play,
                "One second back",
                "Moves the playhead one second back.",
                &[(NONE, Key::ArrowLeft)],
            ),
            Self::SeekBy(secs) if *secs == 1.0 => info(
                Play,
                "One second on",
                "Moves the playhead one second on.",
                &[(NONE, Key::ArrowRight)],
            ),
            Self::SeekBy(secs) if *secs == -10.0 => info(
                Play,
                "Ten seconds back",
                "Moves the playhead ten seconds back.",
                &[(CTRL_SHIFT, Key::ArrowLeft)],
            ),
            Self::SeekBy(secs) if *secs == 10.0 => info(
                Play,
                "Ten seconds on",
                "Moves the playhead ten seconds on.",
                &[(CTRL_SHIFT, Key::ArrowRight)],
            ),
            Self::SeekKeyframe(n) if *n < 0 => info(
                Play,
                "Keyframe before",
                "Moves to the keyframe before; copied cuts start there.",
                &[(ALT, Key::ArrowLeft)],
            ),
            Self::SeekKeyframe(_) => info(
                Play,
                "Next keyframe",
                "Moves to the next keyframe; copied cuts start there.",
                &[(ALT, Key::ArrowRight)],
            ),
            Self::SeekSegment(n) if *n < 0 => info(
                Play,
                "Segment before",
                "Moves to the start of the segment before.",
                &[(NONE, Key::ArrowUp)],
            ),
            Self::SeekSegment(_) => info(
                Play,
                "Next segment",
                "Moves to the start of the next segment.",
                &[(NONE, Key::ArrowDown)],
            ),
            Self::GoToStart => info(
                Play,
                "Go to the start",
                "Moves the playhead to the first frame.",
                &[(NONE, Key::Home)],
            ),
            Self::GoToEnd => info(
                Play,
                "Go to the end",
                "Moves the playhead to the last frame.",
                &[(NONE, Key::End)],
            ),
            Self::GoToTime => info(
                Play,
                "Go to a time…",
                "Moves the playhead to a timecode that you type.",
                &[(NONE, Key::G)],
            ),
            Self::SlowerFaster(n) if *n < 0 => info(
                Play,
                "Slower",
                "Plays at a lower speed.",
                &[(NONE, Key::OpenBracket)],
            ),
            Self::SlowerFaster(_) => info(
                Play,
                "Faster",
                "Plays at a higher speed.",
                &[(NONE, Key::CloseBracket)],
            ),
            Self::PlaySummaryFromStart => info(
                Play,
                "Play the summary from its beginning",
                "Plays the chosen summary from its first frame.",
                &[(SHIFT, Key::Home)],
            ),
            Self::ToggleLoop => info(
                Play,
                "Loop on or off",
                "Begins again at the end of what is played: the summary, the range or the video.",
                &[(SHIFT, Key::L)],
            ),
            Self::ToggleLargePlayer => info(
                Play,
                "Large player",
                "Gives the picture the whole window, or takes it back; so does a double click on it.",
                &[(CTRL, Key::Enter)],
            ),
            Self::ToggleMute => info(
                Play,
                "Sound on or off",
                "Switches the sound off, or on again.",
                &[(SHIFT, Key::M)],
            ),
            Self::FitTimeline => info(
                Timeline,
                "Show the whole video",
                "Fits the whole video into the timeline.",
                &[(NONE, Key::Z)],
            ),
            Self::ZoomTimeline(factor) if *factor > 1.0 => info(
                Timeline,
                "Zoom in",
                "Shows a shorter part of the video, around the playhead.",
                &[(CTRL, Key::ArrowUp)],
            ),
            Self::ZoomTimeline(_) => info(
                Timeline,
                "Zoom out",
                "Shows a longer part of the video.",
                &[(CTRL, Key::ArrowDown)],
            ),
            Self::ZoomRange => info(
                Timeline,
                "Show the range",
                "Fits the range into the timeline.",
                &[(SHIFT, Key::Z)],
            ),
            Self::ToggleAllAnnotators => info(
                Timeline,
                "Show all annotators",
                "Gives every annotator a row, or only the first four.",
                &[(SHIFT, Key::Y)],
            ),
            Self::SelectAlternative(index) => Some(Info {
                place: Summaries,
                name: format!("Choose alternative {}", text::letter(*index)),
                tip: "Shows this kind of summary everywhere.",
                keys: match (NUMBER_KEYS.get(*index), LETTER_KEYS.get(*index)) {
                    (Some(&number), Some(&letter)) => keys(&[(NONE, number), (SHIFT, letter)]),
                    _ => Vec::new(),
                },
            }),
            Self::FlipPair => info(
                Summaries,
                "Flip between two summaries",
                "Goes back to the summary chosen before, and forth again, and shows on the timeline what both keep.",
                &[(NONE, Key::X)],
            ),
            Self::NewDraw => info(
                Summaries,
                "New draw",
                "Draws other samples with the next seed; the same seed always gives the same summaries.",
                &[(NONE, Key::N)],
            ),
            Self::StepBudget(n) if *n < 0 => info(
                Summaries,
                "Shorter summaries",
                "Lets summaries keep one per cent less of the video.",
                &[(CTRL, Key::OpenBracket)],
            ),
            Self::StepBudget(_) => info(
                Summaries,
                "Longer summaries",
                "Lets summaries keep one per cent more of the video.",
                &[(CTRL, Key::CloseBracket)],
            ),
            Self::CancelJob => info(
                Summaries,
                "Cancel",
                "Stops what is being computed; what is done already stays.",
                &[(CTRL, Key::Period)],
            ),
            Self::ShowPage(page) => {
                info(Window, page.command_name(), page.tip(), &[page.shortcut()])
            }
            Self::Annotate(command) => command.info(),
            Self::Palette => info(
                Window,
                "Find a command…",
                "Lists every command; type to find one.",
                &[(CTRL, Key::P)],
            ),
            Self::CheatSheet => info(
                Window,
                "Keys",
                "Shows all keys.",
                &[
                    (SHIFT, Key::Slash),
                    (NONE, Key::Questionmark),
                    (NONE, Key::F1),
                ],
            ),
            Self::Settings => info(
                Window,
                "Settings…",
                "Theme, device, cache and more.",
                &[(CTRL, Key::Comma)],
            ),
            Self::ToggleFullscreen => info(
                Window,
                "Full screen",
                "Fills the screen, or leaves it.",
                &[(NONE, Key::F), (NONE, Key::F11)],
            ),
            Self::ResetLayout => info(
                Window,
                "Reset the panels",
                "Puts all panels back where they were at first.",
                &[],
            ),
            Self::TogglePane(pane) => info(
                Window,
                &pane.command_name(),
                "Shows the panel, or takes it out of the window; the others get its room.",
                &[],
            ),
            Self::SetTheme(choice) => info(
                Window,
                match choice {
                    ThemeChoice::Dark => "Dark theme",
                    ThemeChoice::Light => "Light theme",
                    ThemeChoice::System => "Theme as the system",
                },
                "Changes the colours of the window.",
                &[],
            ),
            _ => None,
        }
    }
}
