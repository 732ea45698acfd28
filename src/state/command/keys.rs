//! Shortcuts: how they are written and which commands the pressed keys mean.

use egui::{Event, Id, Key, KeyboardShortcut};

use super::Command;
use crate::state::annotate::command::AnnotateCommand;

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

/// Takes the commands whose keys were pressed out of the input. Keys rest while a text field has
/// the focus, but for those with Ctrl that text fields do not use.
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
        // Presses between two frames count, each of them and in their order; a key that is held
        // presses itself again and again.
        let mut hits = Vec::new();
        input.events.retain(|event| {
            let Event::Key {
                key,
                modifiers,
                pressed: true,
                repeat,
                ..
            } = event
            else {
                return true;
            };
            let meant = table.iter().find(|(shortcut, _)| {
                shortcut.logical_key == *key && modifiers.matches_logically(shortcut.modifiers)
            });
            if let Some((_, command)) = meant
                && (!repeat || goes_on(command))
            {
                hits.push((*command).clone());
            }
            meant.is_none()
        });
        hits
    })
}

/// Whether a command goes on while its key is held, as steps do. What switches something, rates or
/// opens is meant once, however long the key is down.
fn goes_on(command: &Command) -> bool {
    matches!(
        command,
        Command::StepFrames(_)
            | Command::SeekBy(_)
            | Command::SeekKeyframe(_)
            | Command::SeekSegment(_)
            | Command::SlowerFaster(_)
            | Command::ZoomTimeline(_)
            | Command::StepBudget(_)
            | Command::Undo
            | Command::Redo
            | Command::Annotate(AnnotateCommand::Step(_))
    )
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

#[cfg(test)]
mod tests {
    use egui::Modifiers;
    use egui_kittest::Harness;

    use super::*;

    #[test]
    fn a_held_key_steps_on_and_switches_once() {
        let commands: Vec<Command> = Command::catalogue().cloned().collect();
        let mut harness = Harness::new_ui_state(
            |ui, given: &mut Vec<Command>| {
                given.extend(commands_from_keys(ui.ctx(), &commands));
            },
            Vec::new(),
        );
        let mut given_while_held = |key: Key, times: usize| -> usize {
            harness.state_mut().clear();
            let event = |pressed| Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: Modifiers::NONE,
            };
            for _ in 0..times {
                harness.event(event(true));
                harness.step();
            }
            harness.event(event(false));
            harness.step();
            harness.state().len()
        };
        assert_eq!(given_while_held(Key::Period, 5), 5);
        assert_eq!(given_while_held(Key::ArrowRight, 5), 5);
        for key in [Key::M, Key::Space, Key::Delete, Key::N, Key::Num3] {
            assert_eq!(given_while_held(key, 5), 1, "{key:?}");
            assert_eq!(given_while_held(key, 1), 1, "{key:?} again");
        }
    }
}
