//! The page for annotators: who they are, rating shots, marking picks, and the comparison.
//!
//! While an annotator's work is not complete, nothing of the others and nothing of the samples is
//! drawn here.

mod compare;
mod figures;
mod lanes;
mod matrix;
mod nearness;
mod pair;
mod people;
mod picking;
mod picking_timeline;
mod rating;
mod side;
mod strip;

use egui::Ui;

use super::player::PaintPicture;
use crate::domain::annotator_work::Method;
use crate::state::AppState;
use crate::state::annotate::{AnnotateCommand, Screen};
use crate::state::command::{Command, key_text};

/// What paints the video: the player, and the second one that plays beside it in a comparison.
pub struct Pictures<'a> {
    pub first: &'a mut PaintPicture<'a>,
    pub second: &'a mut PaintPicture<'a>,
}

/// Shows the page in all the space there is.
pub fn annotate_ui(
    ui: &mut Ui,
    state: &AppState,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let Some(session) = &state.session else {
        return;
    };
    match (state.annotate.screen, state.current_work()) {
        (Screen::Work, Some(work)) => match work.method {
            Method::Ratings => {
                rating::rating_ui(ui, state, session, work, pictures.first, commands)
            }
            Method::Picks => {
                picking::picking_ui(ui, state, session, work, pictures.first, commands)
            }
        },
        (Screen::Compare, _) => compare::compare_ui(ui, state, session, pictures, commands),
        _ => people::people_ui(ui, state, commands),
    }
}

/// The keys worth knowing on this page.
pub fn keys_that_help(state: &AppState) -> String {
    let key = |command: AnnotateCommand| {
        command
            .info()
            .and_then(|info| info.keys.first().map(key_text))
            .unwrap_or_default()
    };
    use AnnotateCommand as A;
    match state.work_on_screen().map(|work| work.method) {
        Some(Method::Ratings) => format!(
            "1–5 rate · {} skip · {} previous · {} again · {} pause",
            key(A::Skip),
            key(A::Step(-1)),
            key(A::Replay),
            key(A::TogglePause)
        ),
        Some(Method::Picks) => format!(
            "{} pick segment · {} {} range · {} take out",
            key(A::ToggleSegment),
            key(A::SetIn),
            key(A::SetOut),
            key(A::RemovePick)
        ),
        None if state.annotate.screen == Screen::Compare => format!(
            "1–6 play a part · {} side by side · {} all annotators",
            key(A::ToggleSideBySide),
            key(A::ShowScreen(Screen::People))
        ),
        None => "Ctrl+1 explore".to_owned(),
    }
}
