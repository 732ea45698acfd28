//! The pages of the window: which there are, what they are called, and when each can be shown. Draws nothing.

use egui::{Key, Modifiers};

use crate::state::AppState;

/// What the middle of the window is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// Summaries of the open video: player, plots, cards, timeline.
    #[default]
    Explore,
    /// Rating shots, marking picks, and comparing annotators.
    Annotate,
    /// The videos of an open dataset.
    Dataset,
}

impl Page {
    pub const ALL: [Self; 3] = [Self::Explore, Self::Annotate, Self::Dataset];

    pub fn label(self) -> &'static str {
        match self {
            Self::Explore => "Explore",
            Self::Annotate => "Annotate",
            Self::Dataset => "Dataset",
        }
    }

    /// Name in the list of commands.
    pub fn command_name(self) -> &'static str {
        match self {
            Self::Explore => "Explore summaries",
            Self::Annotate => "Annotate and compare",
            Self::Dataset => "Dataset",
        }
    }

    /// One sentence.
    pub fn tip(self) -> &'static str {
        match self {
            Self::Explore => "Shows the summaries of this video.",
            Self::Annotate => "Rate shots or mark your own picks, and compare annotators.",
            Self::Dataset => "Shows all videos of the open dataset.",
        }
    }

    pub fn shortcut(self) -> (Modifiers, Key) {
        let key = match self {
            Self::Explore => Key::Num1,
            Self::Annotate => Key::Num2,
            Self::Dataset => Key::Num3,
        };
        (Modifiers::COMMAND, key)
    }

    /// Why the page cannot be shown now, in a sentence; `None` where it can.
    pub fn hindrance(self, state: &AppState) -> Option<&'static str> {
        match self {
            Self::Explore => None,
            Self::Annotate if state.session.is_some() => None,
            Self::Annotate => Some("Open a video first."),
            Self::Dataset if state.dataset.is_open() => None,
            Self::Dataset => Some("Open a dataset first."),
        }
    }
}

impl AppState {
    /// Pages that the switch in the top bar offers; empty where there is but one.
    pub fn offered_pages(&self) -> Vec<Page> {
        let pages: Vec<Page> = Page::ALL
            .into_iter()
            .filter(|page| page.hindrance(self).is_none())
            .collect();
        if pages.len() > 1 { pages } else { Vec::new() }
    }

    /// Shows a page, or says why it cannot be shown.
    pub fn show_page(&mut self, page: Page) {
        match page.hindrance(self) {
            None => {
                if self.page != page {
                    // What happened on the other page is old here.
                    self.status.clear();
                }
                self.page = page;
            }
            Some(why) => self.status = why.to_owned(),
        }
    }

    /// The page on screen: the chosen one where it can be shown.
    pub fn shown_page(&self) -> Page {
        match self.page.hindrance(self) {
            None => self.page,
            Some(_) => Page::Explore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn a_page_is_shown_only_where_it_has_something_to_show() {
        let mut state = AppState::default();
        state.run(Command::ShowPage(Page::Annotate));
        assert_eq!(state.page, Page::Explore);
        assert_eq!(state.status, "Open a video first.");
        assert!(state.offered_pages().is_empty());

        let mut state = fixture::state();
        assert_eq!(state.offered_pages(), [Page::Explore, Page::Annotate]);
        state.run(Command::ShowPage(Page::Annotate));
        assert_eq!(state.shown_page(), Page::Annotate);
        state.session = None;
        assert_eq!(state.shown_page(), Page::Explore);
    }
}
