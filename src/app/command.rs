//! Every action of the window, with its name, what it does to the summary, its shortcuts and its place.

use std::path::PathBuf;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::page::Page;
use super::state::{ExportForm, Hover};
use crate::domain::{DevicePreference, DrawSettings};
use crate::ui::text;
use crate::ui::theme::ThemeChoice;

/// One action. Views push these; nothing else changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    // Files
    OpenVideo,
    OpenPath(PathBuf),
    OpenDemo,
    OpenProject,
    SaveProject,
    SaveProjectAs,
    LoadAnnotations,
    Relink,
    Quit,
    // Undo
    Undo,
    Redo,
    // Playing
    TogglePlay,
    PlaySummary(Option<usize>),
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
    ToggleLane(usize),
    ToggleAllAnnotators,
    // Draw
    SetSettings {
        settings: DrawSettings,
        what: &'static str,
    },
    NewDraw,
    StepBudget(i32),
    SelectBundle(String),
    SelectDevice(DevicePreference),
    CancelJob,
    // Selection
    SelectAlternative(usize),
    SelectSample(usize),
    SelectAnnotator(Option<usize>),
    HoverOver(Hover),
    Pin(usize),
    Reject(usize),
    MoreLikeThis(usize),
    // Export
    OpenExport(Option<usize>),
    EditExport(ExportForm),
    ChooseExportPath(ExportForm),
    StartExport(ExportForm),
    CancelExport,
    // Window
    ShowPage(Page),
    Palette,
    CheatSheet,
    Settings,
    CloseOverlay,
    TypeOverlayText(String),
    ToggleFullscreen,
    ResetLayout,
    SetTheme(ThemeChoice),
    SetReducedMotion(bool),
    SetMatchThreshold(f64),
    SetCacheLimit(u64),
    DismissError,
    Retry,
    CopyReport,
}

/// Where a command stands in menus and in the cheat sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    File,
    Edit,
    Play,
    Timeline,
    Summaries,
    Window,
}

impl Place {
    pub const ALL: [Place; 6] = [
        Self::File,
        Self::Edit,
        Self::Play,
        Self::Timeline,
        Self::Summaries,
        Self::Window,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::File => "Files",
            Self::Edit => "Edit",
            Self::Play => "Playing",
            Self::Timeline => "Timeline",
            Self::Summaries => "Summaries",
            Self::Window => "Window",
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
    /// Commands that the palette and the cheat sheet list, in order.
    pub fn catalogue() -> Vec<Command> {
        let mut list = vec![
            Self::OpenVideo,
            Self::OpenDemo,
            Self::OpenProject,
            Self::SaveProject,
            Self::SaveProjectAs,
            Self::LoadAnnotations,
            Self::OpenExport(None),
            Self::Snapshot,
            Self::Quit,
            Self::Undo,
            Self::Redo,
            Self::ToggleMarker,
            Self::RemoveAtPlayhead,
            Self::SetIn,
            Self::SetOut,
            Self::TogglePlay,
            Self::PlaySummary(None),
            Self::PlayBackwards,
            Self::Stop,
            Self::PlayForwards,
            Self::StepFrames(-1),
            Self::StepFrames(1),
            Self::SeekBy(-1.0),
            Self::SeekBy(1.0),
            Self::SeekBy(-10.0),
            Self::SeekBy(10.0),
            Self::SeekKeyframe(-1),
            Self::SeekKeyframe(1),
            Self::SeekSegment(-1),
            Self::SeekSegment(1),
            Self::GoToStart,
            Self::GoToEnd,
            Self::GoToTime,
            Self::SlowerFaster(-1),
            Self::SlowerFaster(1),
            Self::ToggleMute,
            Self::FitTimeline,
            Self::ZoomTimeline(1.5),
            Self::ZoomTimeline(1.0 / 1.5),
            Self::ToggleAllAnnotators,
        ];
        list.extend((0..8).map(Self::SelectAlternative));
        list.extend([
            Self::NewDraw,
            Self::StepBudget(-1),
            Self::StepBudget(1),
            Self::CancelJob,
            Self::ShowPage(Page::Explore),
            Self::ShowPage(Page::Annotate),
            Self::ShowPage(Page::Dataset),
            Self::Palette,
            Self::CheatSheet,
            Self::Settings,
            Self::ToggleFullscreen,
            Self::ResetLayout,
            Self::SetTheme(ThemeChoice::Dark),
            Self::SetTheme(ThemeChoice::Light),
            Self::SetTheme(ThemeChoice::System),
        ]);
        list
    }

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

/// A shortcut as people read it: `Ctrl+Shift+Z`, `?`, `←`.
pub fn key_text(shortcut: &KeyboardShortcut) -> String {
    let mut out = String::new();
    let modifiers = shortcut.modifiers;
    let key = match shortcut.logical_key {
        Key::Slash if modifiers.shift => return "?".to_owned(),
        Key::Questionmark => "?",
        Key::Comma => ",",
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        other => other.name(),
    };
    for (held, name) in [
        (modifiers.command || modifiers.ctrl, "Ctrl+"),
        (modifiers.shift, "Shift+"),
        (modifiers.alt, "Alt+"),
    ] {
        if held {
            out.push_str(name);
        }
    }
    out.push_str(key);
    out
}

/// Takes the commands whose keys were pressed out of the input. Keys rest while a text field has the focus, but for
/// those with Ctrl that text fields do not use.
pub fn commands_from_keys(ctx: &egui::Context, commands: &[Command]) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    let mut hits = Vec::new();
    ctx.input_mut(|input| {
        // More modifiers first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
        let mut table: Vec<(KeyboardShortcut, &Command)> = commands
            .iter()
            .flat_map(|command| {
                command
                    .info()
                    .map(|info| info.keys)
                    .unwrap_or_default()
                    .into_iter()
                    .map(move |key| (key, command))
            })
            .collect();
        table.sort_by_key(|(key, _)| {
            let m = key.modifiers;
            std::cmp::Reverse(u8::from(m.command) + u8::from(m.shift) + u8::from(m.alt))
        });
        for (key, command) in table {
            if typing && (!key.modifiers.command || used_by_text_fields(key.logical_key)) {
                continue;
            }
            if input.consume_key(key.modifiers, key.logical_key) {
                hits.push(command.clone());
            }
        }
    });
    hits
}

fn used_by_text_fields(key: Key) -> bool {
    matches!(
        key,
        Key::Z
            | Key::Y
            | Key::A
            | Key::C
            | Key::V
            | Key::X
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::ArrowUp
            | Key::ArrowDown
    )
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
            .iter()
            .flat_map(|command| command.info().unwrap().keys)
            .map(|key| key_text(&key))
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
