//! The annotate page's part of the table of commands, and which keys are heard on which page.

use egui::Key;

use super::Command;
use super::info::{CTRL, Info, NONE, Place, Row, row};
use crate::domain::annotator_work::{HIGHEST_RATING, Method};
use crate::session::people::PairPart;
use crate::state::AppState;
use crate::state::annotate::Screen;
use crate::state::annotate::command::{AnnotateCommand, AnnotateCommand as A, RATING_NAMES};
use crate::state::pane::Page;

impl AnnotateCommand {
    /// Name, tip and keys; `None` for what only the pointer does.
    pub fn info(&self) -> Option<&'static Info> {
        Command::Annotate(self.clone()).info()
    }

    /// Tip with the key, for hovering.
    pub fn tooltip(&self) -> String {
        Command::Annotate(self.clone()).tooltip()
    }
}

/// The rows of the annotate page in the table of commands.
#[rustfmt::skip]
pub(super) fn annotating_rows() -> Vec<Row> {
    const RATING_KEYS: [Key; HIGHEST_RATING as usize] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    let action = |command, name: &str, tip, keys: &[_]| row(Command::Annotate(command), Place::Annotating, name, tip, keys);
    let ratings = (1..=HIGHEST_RATING).zip(RATING_NAMES.iter().zip(RATING_KEYS)).map(|(rating, (name, key))| {
        let name = format!("Rate {rating}: {}", name.to_lowercase());
        action(A::Rate(rating), &name, "Rates this shot and goes on to the next one.", &[(NONE, key)])
    });
    let mut rows: Vec<Row> = ratings.collect();
    rows.extend([
        action(A::Skip, "Skip for now", "Goes on; the shot comes back at the end.", &[(NONE, Key::S)]),
        action(A::Step(-1), "Previous shot", "Goes back, to look again or to change a rating.", &[(NONE, Key::ArrowLeft), (NONE, Key::Backspace)]),
        action(A::Step(1), "Next shot", "Goes on without changing the rating.", &[(NONE, Key::ArrowRight)]),
        action(A::Replay, "Play the shot again", "Plays the shot from its start.", &[(NONE, Key::Space)]),
        action(A::TogglePause, "Pause or go on", "Stops the clock and the picture, or goes on.", &[(NONE, Key::P)]),
        action(A::Finish, "Finish", "Says that this is all, and shows the others.", &[(CTRL, Key::Enter)]),
        action(A::ShowScreen(Screen::People), "Back to the annotators", "Leaves this; it can be taken up again where it was left.", &[(NONE, Key::Escape)]),
        action(A::ToggleSegment, "Pick this segment", "Keeps the segment at the playhead, or takes it out.", &[(NONE, Key::Enter)]),
        action(A::SetIn, "Begin a pick here", "The pick begins at the playhead.", &[(NONE, Key::I)]),
        action(A::SetOut, "End the pick here", "Keeps everything from its beginning to the playhead.", &[(NONE, Key::O)]),
        action(A::RemovePick, "Take the pick out", "Takes the pick at the playhead out.", &[(NONE, Key::Backspace), (NONE, Key::Delete)]),
        action(A::ToggleSideBySide, "Side by side", "Plays what each of the two keeps at once, one picture above the other.", &[(NONE, Key::B)]),
        action(A::PlayPart(PairPart::First), "Play the first", "Plays what the first one keeps.", &[(NONE, Key::Num1)]),
        action(A::PlayPart(PairPart::Second), "Play the second", "Plays what the second one keeps.", &[(NONE, Key::Num2)]),
        action(A::PlayPart(PairPart::Both), "Play what both keep", "Plays only what both keep.", &[(NONE, Key::Num3)]),
        action(A::PlayPart(PairPart::OnlyFirst), "Play only in the first", "Plays what the first one keeps and the second does not.", &[(NONE, Key::Num4)]),
        action(A::PlayPart(PairPart::OnlySecond), "Play only in the second", "Plays what the second one keeps and the first does not.", &[(NONE, Key::Num5)]),
        action(A::PlayPart(PairPart::Either), "Play what either keeps", "Plays everything that one of the two keeps.", &[(NONE, Key::Num6)]),
    ]);
    rows
}

/// Commands whose keys are heard on the page that is shown. Those of the page come first and take
/// their keys from the others.
pub fn heard(state: &AppState) -> Vec<Command> {
    let all = Command::catalogue().cloned();
    if state.shown_page() != Page::Annotate {
        return all.collect();
    }
    let screen = state.annotate.screen;
    let method = state.work_on_screen().map(|work| work.method);
    let own = AnnotateCommand::catalogue(screen, method);
    // What plays and what the timeline shows belongs to the player's own keys, but not while a shot
    // is looped.
    let plays = screen == Screen::Compare || method == Some(Method::Picks);
    let rest = all.filter(|command| {
        let Some(info) = command.info() else {
            return false;
        };
        match info.place {
            Place::File => !matches!(command, Command::OpenExport(_)),
            Place::Edit => matches!(command, Command::Undo | Command::Redo),
            Place::Window => true,
            Place::Play => {
                plays && !matches!(command, Command::PlaySummary(_) | Command::PlayRange)
            }
            Place::Timeline => plays && !matches!(command, Command::ToggleAllAnnotators),
            Place::Summaries => matches!(command, Command::CancelJob),
            Place::Steering => false,
            Place::Annotating => true,
        }
    });
    let all = own.into_iter().map(Command::Annotate).chain(rest);
    all.filter(|command| state.study_allows(command)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_actions_of_a_screen_share_a_key() {
        for (screen, method) in [
            (Screen::Work, Some(Method::Ratings)),
            (Screen::Work, Some(Method::Picks)),
            (Screen::Compare, None),
        ] {
            let mut seen = HashSet::new();
            for command in AnnotateCommand::catalogue(screen, method) {
                let info = command.info().unwrap();
                assert!(info.tip.ends_with('.'), "{}", info.name);
                for key in &info.keys {
                    assert!(seen.insert(key), "{} shares its key", info.name);
                }
            }
        }
    }

    #[test]
    fn digits_rate_while_rating_and_choose_alternatives_elsewhere() {
        let mut state = crate::testing::fixture::state();
        assert!(heard(&state).contains(&Command::SelectAlternative(0)));
        state.page = Page::Annotate;
        state.annotate.form.name = "Ann".to_owned();
        state.run(Command::Annotate(AnnotateCommand::Start));
        let heard = heard(&state);
        assert!(heard.contains(&Command::Annotate(AnnotateCommand::Rate(3))));
        assert!(!heard.contains(&Command::SelectAlternative(0)));
        assert!(!heard.contains(&Command::TogglePlay));
        assert!(heard.contains(&Command::Undo));
    }
}
