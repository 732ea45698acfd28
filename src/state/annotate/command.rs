//! The actions of the annotate page. Their names and keys are in [`crate::state::command`].

use super::state::{CompareTab, Screen, StartForm};
use crate::analysis::agreement::{RatingScale, SummaryUnit};
use crate::domain::FrameRange;
use crate::domain::annotator_work::{HIGHEST_RATING, Method};
use crate::session::people::{Measure, PairPart, Side};
use crate::session::people_export::ExportKind;
use crate::session::people_merge::Resolution;

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
    /// What F1 and κ of ratings compare.
    SetUnit(SummaryUnit),
    /// On which scale α is taken.
    SetRatings(RatingScale),
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
}
