//! What commands and news of the evaluation table do to the state.

use super::DatasetRequest;
use super::news::NewsKind;
use super::table::{DatasetTab, TableRequest};
use crate::jobs::Progress;
use crate::state::AppState;

impl AppState {
    pub(super) fn request_table(&mut self) {
        let Some(path) = self.dataset.path.clone() else {
            self.status = "Open a dataset first.".to_owned();
            return;
        };
        self.dataset.tab = DatasetTab::Table;
        let table = &mut self.dataset.table;
        table.fault = None;
        table.progress = Some(Progress {
            stage: "Evaluating",
            fraction: None,
            eta_secs: None,
        });
        let request = TableRequest {
            path,
            annotations: table.annotations.clone(),
            has_features: self.dataset.videos.iter().any(|v| v.feature_size > 0),
            bundle: self.prefs.bundle.clone(),
            device: self.prefs.device,
            samples: self.choices.settings.samples,
            seed: self.choices.settings.seed,
            budget: self.choices.settings.budget,
            threshold: self.prefs.match_threshold,
            generation: self.dataset.generation,
        };
        self.ask_dataset(DatasetRequest::Evaluate(request));
    }

    /// Takes in news of the table; other news is none of its business.
    pub(super) fn take_table(&mut self, news: NewsKind) {
        let table = &mut self.dataset.table;
        match news {
            NewsKind::TableProgress(progress) => table.progress = Some(progress),
            NewsKind::Table(measured) => {
                table.progress = None;
                table.measured = Some(measured);
                table.update();
            }
            NewsKind::NoTable(fault) => {
                table.progress = None;
                if fault.is_some() {
                    (table.measured, table.shown) = (None, None);
                }
                table.fault = fault;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::state::Request;
    use crate::state::command::Command;
    use crate::state::dataset::news::{DatasetNews, NewsKind};
    use crate::state::dataset::table::DatasetTab;
    use crate::state::dataset::{DatasetCommand, DatasetRequest};
    use crate::testing::fixture;

    #[test]
    fn ratings_that_are_joined_start_the_measuring() {
        let mut state = fixture::state();
        state.run(Command::Dataset(DatasetCommand::Evaluate));
        assert!(state.dataset.table.progress.is_none(), "nothing is open");
        state.dataset.path = Some("data/tvsum.h5".into());
        state.run(Command::Dataset(DatasetCommand::UseRatings("r.mat".into())));
        let asked = state.requests.iter().find_map(|request| match request {
            Request::Dataset(DatasetRequest::Evaluate(request)) => Some(request.clone()),
            _ => None,
        });
        let asked = asked.unwrap();
        assert_eq!(asked.annotations, Some("r.mat".into()));
        assert_eq!(state.dataset.tab, DatasetTab::Table);
        let generation = state.dataset.generation;
        let why = "no ratings".to_owned();
        state.handle_dataset(DatasetNews {
            generation,
            kind: NewsKind::NoTable(Some(why.clone())),
        });
        assert_eq!(state.dataset.table.fault, Some(why));
        assert!(state.dataset.table.progress.is_none());
        state.run(Command::Dataset(DatasetCommand::SaveMatches));
        let offered = state.requests.iter().find_map(|request| match request {
            Request::Dataset(DatasetRequest::PickMatchesPath(path)) => Some(path.clone()),
            _ => None,
        });
        assert_eq!(offered, Some("data/tvsum_matches.svg".into()));
    }
}
