//! Names and notes of alternatives and markers: asked for in a dialog, taken back like everything
//! else a person does.

use crate::domain::naming::Named;
use crate::state::{AppState, NamingForm, Overlay};

impl AppState {
    /// Asks for the name of the alternative at a place; of the one in hand where none is given.
    pub(super) fn ask_for_name(&mut self, place: Option<usize>) {
        let letter = match place {
            Some(place) => self.draw().and_then(|draw| draw.letter_at(place)),
            None => self.chosen_letter(),
        };
        match letter {
            Some(letter) => self.ask_for_naming(Named::Alternative(letter)),
            None => self.status = "There is no alternative to name yet.".to_owned(),
        }
    }

    /// Asks for the name of the marker at the playhead, which is set where there is none.
    pub(super) fn ask_for_marker_name(&mut self) {
        if self.session.is_none() {
            return;
        }
        let marker = match self.marker_at_playhead() {
            Some(marker) => marker,
            None => {
                self.toggle_marker();
                self.playback.position_secs
            }
        };
        self.ask_for_naming(Named::Marker(marker));
    }

    fn ask_for_naming(&mut self, of: Named) {
        self.overlay = Overlay::Naming(NamingForm {
            of,
            naming: self.choices.names.of(of),
            is_new: true,
        });
    }

    pub(super) fn set_naming(&mut self, form: &NamingForm) {
        self.overlay = Overlay::None;
        if self.choices.names.of(form.of) == form.naming.repaired() {
            return;
        }
        self.record("name");
        self.choices.names.set(form.of, &form.naming);
        let name = &form.naming.repaired().name;
        self.status = match form.of {
            Named::Alternative(letter) if name.is_empty() => format!("{letter} has no name"),
            Named::Alternative(letter) => format!("{letter} is called {name}"),
            Named::Marker(secs) => format!("Named the marker at {}", self.time_text(secs)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Letter;
    use crate::domain::naming::Naming;
    use crate::domain::project::Project;
    use crate::state::command::Command;
    use crate::testing::fixture;

    fn named(state: &mut AppState, ask: Command, name: &str) {
        state.run(ask);
        let Overlay::Naming(mut form) = state.overlay.clone() else {
            panic!("the dialog is open");
        };
        form.naming = Naming {
            name: name.to_owned(),
            note: "a note".to_owned(),
        };
        state.now_secs += 10.0;
        state.run(Command::SetNaming(form));
        assert_eq!(state.overlay, Overlay::None);
    }

    #[test]
    fn names_are_given_undone_and_saved() {
        let mut state = fixture::state();
        named(&mut state, Command::NameAlternative(Some(1)), "Fireworks");
        assert_eq!(state.choices.names.title(Letter(1)), "B · Fireworks");
        assert_eq!(state.name_of(Letter(1)), "B · Fireworks");
        state.run(Command::Undo);
        assert_eq!(state.name_of(Letter(1)), "B");
        state.run(Command::Redo);
        // A marker is set where there is none, and loses its name when it goes.
        state.run(Command::SeekTo(12.0));
        named(&mut state, Command::NameMarker, "goal");
        assert_eq!(state.choices.markers_secs, [12.0]);
        assert_eq!(state.choices.names.of(Named::Marker(12.0)).name, "goal");
        let path = std::path::Path::new("/p.summdiff");
        let json = state.to_project(path).unwrap().to_json();
        let back = Project::from_json(&json, path).unwrap();
        assert_eq!(back.names, state.choices.names);
        state.now_secs += 10.0;
        state.run(Command::ToggleMarker);
        assert!(state.choices.names.markers.is_empty());
        state.run(Command::Undo);
        assert_eq!(state.choices.names.of(Named::Marker(12.0)).name, "goal");
    }
}
