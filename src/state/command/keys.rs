//! Shortcuts: how they are written and which commands the pressed keys mean.

use egui::{Event, Id, Key, KeyboardShortcut};

use super::Command;

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
    let owner: Option<Id> = ctx.data(|data| data.get_temp(arrow_keys_owner()));
    let walking = owner.is_some() && ctx.memory(|memory| memory.focused()) == owner;
    ctx.input_mut(|input| {
        // More modifiers first, so that Ctrl+Shift+Z is not taken for Ctrl+Z.
        let mut table: Vec<(KeyboardShortcut, &Command)> = commands
            .iter()
            .flat_map(|command| {
                let keys = command.info().map_or(&[][..], |info| &info.keys);
                keys.iter().map(move |&key| (key, command))
            })
            .collect();
        table.sort_by_key(|(key, _)| {
            let m = key.modifiers;
            std::cmp::Reverse(u8::from(m.command) + u8::from(m.shift) + u8::from(m.alt))
        });
        table.retain(|(key, _)| {
            let for_text =
                typing && (!key.modifiers.command || used_by_text_fields(key.logical_key));
            let for_widget = walking && key.modifiers.is_none() && is_arrow(key.logical_key);
            !for_text && !for_widget
        });
        // Presses between two frames count, each of them and in their order.
        let mut hits = Vec::new();
        input.events.retain(|event| {
            let Event::Key {
                key,
                modifiers,
                pressed: true,
                ..
            } = event
            else {
                return true;
            };
            let meant = table.iter().find(|(shortcut, _)| {
                shortcut.logical_key == *key && modifiers.matches_logically(shortcut.modifiers)
            });
            if let Some((_, command)) = meant {
                hits.push((*command).clone());
            }
            meant.is_none()
        });
        hits
    })
}

/// Where the id of the widget is kept that has the arrow keys to itself while it has the focus.
pub fn arrow_keys_owner() -> Id {
    Id::unique("owner of the arrow keys")
}

fn is_arrow(key: Key) -> bool {
    matches!(
        key,
        Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
    )
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
