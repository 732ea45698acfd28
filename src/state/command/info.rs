//! What is shown of a command: its place, name, one-sentence tip and keys. Which command has what is in [`super::table`].

use std::sync::LazyLock;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::{Command, table};
use crate::state::annotate::command::annotating_rows;

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

impl Command {
    /// The table of commands; those of the annotate page come last.
    pub fn table() -> &'static [Row] {
        static TABLE: LazyLock<Vec<Row>> =
            LazyLock::new(|| [table::rows(), annotating_rows()].concat());
        &TABLE
    }

    /// Commands that the palette and the cheat sheet list, in order; those of the annotate page depend on its screen.
    pub fn catalogue() -> impl Iterator<Item = &'static Command> {
        let everywhere = |row: &&Row| row.info.place != Place::Annotating;
        Self::table()
            .iter()
            .filter(everywhere)
            .map(|row| &row.command)
    }

    /// Name, tip and keys; `None` for what only the pointer does.
    pub fn info(&self) -> Option<&'static Info> {
        let is_self = |row: &&Row| match (&row.command, self) {
            // One row for the chosen summary and for each that is named.
            (Self::PlaySummary(_), Self::PlaySummary(_))
            | (Self::OpenExport(_), Self::OpenExport(_)) => true,
            (row, command) => row == command,
        };
        Self::table().iter().find(is_self).map(|row| &row.info)
    }
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
