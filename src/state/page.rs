//! When each page of the window can be shown. Draws nothing.

use crate::state::AppState;
use crate::state::pane::Page;

impl AppState {
    /// Why the page cannot be shown now, in a sentence; `None` where it can.
    pub fn page_hindrance(&self, page: Page) -> Option<&'static str> {
        match page {
            Page::Explore => None,
            Page::Annotate if self.session.is_some() => None,
            Page::Annotate => Some("Open a video first."),
            Page::Dataset if self.dataset.is_open() => None,
            Page::Dataset => Some("Open a dataset first."),
        }
    }

    /// Pages that the switch in the top bar offers; empty where there is but one.
    pub fn offered_pages(&self) -> Vec<Page> {
        let pages: Vec<Page> = Page::ALL
            .into_iter()
            .filter(|&page| self.page_hindrance(page).is_none())
            .collect();
        if pages.len() > 1 { pages } else { Vec::new() }
    }

    /// Shows a page, or says why it cannot be shown.
    pub fn show_page(&mut self, page: Page) {
        match self.page_hindrance(page) {
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
        match self.page_hindrance(self.page) {
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
