//! What the secondary button offers, wherever something lies: one entry a command, with its name, tip and keys. Each menu has one
//! function here, whatever view opens it.

use egui::{Button, Ui};

use crate::state::command::{Command, key_text};

/// An entry for a command; it closes the menu.
pub fn entry_ui(ui: &mut Ui, command: Command, enabled: bool, commands: &mut Vec<Command>) {
    let Some(info) = command.info() else {
        return;
    };
    named_entry_ui(ui, &info.name, command, enabled, commands);
}

/// An entry under a name of its own.
pub fn named_entry_ui(
    ui: &mut Ui,
    name: &str,
    command: Command,
    enabled: bool,
    commands: &mut Vec<Command>,
) {
    let info = command.info();
    let key = info.as_ref().and_then(|info| info.keys.first());
    let mut button = Button::new(name);
    if let Some(key) = key {
        button = button.shortcut_text(key_text(key));
    }
    let mut response = ui.add_enabled(enabled, button);
    if let Some(info) = &info {
        response = response.on_hover_text(info.tip);
    }
    if response.clicked() {
        commands.push(command);
        ui.close();
    }
}
