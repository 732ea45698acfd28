//! What is shown of a command: its place, name, one-sentence tip and keys. Which command has what
//! is in [`super::table`].

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Command;

/// Where a command stands in menus and in the cheat sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    File,
    Edit,
    Play,
    Timeline,
    Summaries,
    Steering,
    Window,
    Annotating,
}

impl Place {
    pub const ALL: [Place; 8] = [
        Self::File,
        Self::Edit,
        Self::Play,
        Self::Timeline,
        Self::Summaries,
        Self::Steering,
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
            Self::Steering => "Steering",
            Self::Window => "Window",
            Self::Annotating => "Annotating",
        }
    }
}

/// What is shown of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    pub place: Place,
    pub name: String,
    /// One sentence.
    pub tip: &'static str,
    pub keys: Vec<KeyboardShortcut>,
}

pub(crate) const NONE: Modifiers = Modifiers::NONE;
pub(crate) const CTRL: Modifiers = Modifiers::COMMAND;
pub(crate) const SHIFT: Modifiers = Modifiers::SHIFT;
pub(crate) const ALT: Modifiers = Modifiers::ALT;
pub(crate) const CTRL_SHIFT: Modifiers = Modifiers {
    alt: false,
    ctrl: false,
    shift: true,
    mac_cmd: false,
    command: true,
};

/// A command and what is shown of it.
#[derive(Clone, Debug)]
pub struct Row {
    pub command: Command,
    pub info: Info,
}

/// One row of the table.
pub(crate) fn row(
    command: Command,
    place: Place,
    name: &str,
    tip: &'static str,
    keys: &[(Modifiers, Key)],
) -> Row {
    let keys = keys
        .iter()
        .map(|&(modifiers, key)| KeyboardShortcut::new(modifiers, key));
    Row {
        command,
        info: Info {
            place,
            name: name.to_owned(),
            tip,
            keys: keys.collect(),
        },
    }
}
