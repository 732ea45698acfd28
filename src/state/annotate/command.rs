//! The actions of the annotate page, with their names and keys.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::state::{CompareTab, Screen, StartForm};
use crate::domain::FrameRange;
use crate::domain::annotator_work::{HIGHEST_RATING, Method};
use crate::session::people::{Measure, PairPart, Side};
use crate::session::people_export::ExportKind;
use crate::session::people_merge::Resolution;
use crate::state::AppState;
use crate::state::command::{Command, Info, Place};
use crate::state::pane::Page;

/// One action of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum AnnotateCommand {
    // People
    ShowScreen(Screen),
    EditForm(StartForm),
    /// Begins new work as the form says.
    Start,
    Resume(String),
    /// Removes an annotator's work.
    Remove(String),
    // Work
    Rate(u8),
    Skip,
    Step(isize),
    GoToShot(usize),
    Replay,
    TogglePause,
    Finish,
    /// Opens complete work again.
    Reopen(String),
    // Picks
    ToggleSegment,
    Toggle(FrameRange),
    PickRange(FrameRange),
    SetIn,
    SetOut,
    RemovePick,
    ClearPicks,
    // Comparison
    SetMeasure(Measure),
    /// Brings a tab of the comparison to the front.
    ShowTab(CompareTab),
    SetFirstSide(Side),
    SetSecondSide(Side),
    /// Plays a part of the pair, or pauses it.
    PlayPart(PairPart),
    /// Plays both of the pair at once, or shows one picture again.
    ToggleSideBySide,
    // Files
    /// Asks for another person's project.
    PickMerge,
    /// Answers what to do about one name in conflict.
    Resolve(usize, Resolution),
    Merge,
    CancelMerge,
    /// Asks where to write what was made here.
    PickExport(ExportKind),
}

use AnnotateCommand as A;

/// What each rating means.
pub const RATING_NAMES: [&str; HIGHEST_RATING as usize] = [
    "Not important",
    "Slightly important",
    "Somewhat important",
    "Important",
    "Very important",
];

impl AnnotateCommand {
    /// Actions with keys on a screen, in the order of the cheat sheet.
    pub fn catalogue(screen: Screen, method: Option<Method>) -> Vec<Self> {
        let mut list = Vec::new();
        match (screen, method) {
            (Screen::Work, Some(Method::Ratings)) => {
                list.extend((1..=HIGHEST_RATING).map(A::Rate));
                list.extend([A::Skip, A::Step(-1), A::Step(1), A::Replay]);
                list.extend([A::TogglePause, A::Finish, A::ShowScreen(Screen::People)]);
            }
            (Screen::Work, Some(Method::Picks)) => {
                list.extend([
                    A::ToggleSegment,
                    A::SetIn,
                    A::SetOut,
                    A::RemovePick,
                    A::TogglePause,
                    A::Finish,
                    A::ShowScreen(Screen::People),
                ]);
            }
            (Screen::Compare, _) => {
                list.extend(PairPart::ALL.map(A::PlayPart));
                list.push(A::ToggleSideBySide);
                list.push(A::ShowScreen(Screen::People));
            }
            _ => {}
        }
        list
    }

    /// Name, tip and keys; `None` for what only the pointer does.
    pub fn info(&self) -> Option<Info> {
        const NONE: Modifiers = Modifiers::NONE;
        let info = |name: &str, tip, keys: &[(Modifiers, Key)]| {
            Some(Info {
                place: Place::Annotating,
                name: name.to_owned(),
                tip,
                keys: keys
                    .iter()
                    .map(|&(modifiers, key)| KeyboardShortcut::new(modifiers, key))
                    .collect(),
            })
        };
        match self {
            A::Rate(rating) => {
                let index = usize::from(rating.saturating_sub(1));
                let key = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5].get(index)?;
                info(
                    &format!("Rate {rating}: {}", RATING_NAMES.get(index)?.to_lowercase()),
                    "Rates this shot and goes on to the next one.",
                    &[(NONE, *key)],
                )
            }
            A::Skip => info(
                "Skip for now",
                "Goes on; the shot comes back at the end.",
                &[(NONE, Key::S)],
            ),
            A::Step(by) if *by < 0 => info(
                "Previous shot",
                "Goes back, to look again or to change a rating.",
                &[(NONE, Key::ArrowLeft), (NONE, Key::Backspace)],
            ),
            A::Step(_) => info(
                "Next shot",
                "Goes on without changing the rating.",
                &[(NONE, Key::ArrowRight)],
            ),
            A::Replay => info(
                "Play the shot again",
                "Plays the shot from its start.",
                &[(NONE, Key::Space)],
            ),
            A::TogglePause => info(
                "Pause or go on",
                "Stops the clock and the picture, or goes on.",
                &[(NONE, Key::P)],
            ),
            A::Finish => info(
                "Finish",
                "Says that this is all, and shows the others.",
                &[(Modifiers::COMMAND, Key::Enter)],
            ),
            A::ShowScreen(Screen::People) => info(
                "Back to the annotators",
                "Leaves this; it can be taken up again where it was left.",
                &[(NONE, Key::Escape)],
            ),
            A::ToggleSideBySide => info(
                "Side by side",
                "Plays what each of the two keeps at once, one picture above the other.",
                &[(NONE, Key::B)],
            ),
            A::PlayPart(part) => {
                let (name, tip, key) = match part {
                    PairPart::First => (
                        "Play the first",
                        "Plays what the first one keeps.",
                        Key::Num1,
                    ),
                    PairPart::Second => (
                        "Play the second",
                        "Plays what the second one keeps.",
                        Key::Num2,
                    ),
                    PairPart::Both => (
                        "Play what both keep",
                        "Plays only what both keep.",
                        Key::Num3,
                    ),
                    PairPart::OnlyFirst => (
                        "Play only in the first",
                        "Plays what the first one keeps and the second does not.",
                        Key::Num4,
                    ),
                    PairPart::OnlySecond => (
                        "Play only in the second",
                        "Plays what the second one keeps and the first does not.",
                        Key::Num5,
                    ),
                    PairPart::Either => (
                        "Play what either keeps",
                        "Plays everything that one of the two keeps.",
                        Key::Num6,
                    ),
                };
                info(name, tip, &[(NONE, key)])
            }
            A::ToggleSegment => info(
                "Pick this segment",
                "Keeps the segment at the playhead, or takes it out.",
                &[(NONE, Key::Enter)],
            ),
            A::SetIn => info(
                "Begin a pick here",
                "The pick begins at the playhead.",
                &[(NONE, Key::I)],
            ),
            A::SetOut => info(
                "End the pick here",
                "Keeps everything from its beginning to the playhead.",
                &[(NONE, Key::O)],
            ),
            A::RemovePick => info(
                "Take the pick out",
                "Takes the pick at the playhead out.",
                &[(NONE, Key::Backspace), (NONE, Key::Delete)],
            ),
            _ => None,
        }
    }

    /// Tip with the key, for hovering.
    pub fn tooltip(&self) -> String {
        Command::Annotate(self.clone()).tooltip()
    }
}

/// Commands whose keys are heard on the page that is shown. Those of the page come first and take their keys from the others.
pub fn heard(state: &AppState) -> Vec<Command> {
    let all = Command::catalogue();
    if state.shown_page() != Page::Annotate {
        return all;
    }
    let screen = state.annotate.screen;
    let method = state.work_on_screen().map(|work| work.method);
    let own = AnnotateCommand::catalogue(screen, method);
    // What plays and what the timeline shows belongs to the player's own keys, but not while a shot is looped.
    let plays = screen == Screen::Compare || method == Some(Method::Picks);
    let rest = all.into_iter().filter(|command| {
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
    own.into_iter().map(Command::Annotate).chain(rest).collect()
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
                for key in info.keys {
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
