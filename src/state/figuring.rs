//! Commands about figures: saving them, how the distribution panel is set: what it compares, how
//! wide its density is, and the samples a person has lassoed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::mark::jaccard;
use crate::domain::{Draw, FigureKind, Mark};
use crate::state::pane::Group;
use crate::state::request::FigureRequest;
use crate::state::{AppState, Request};
use crate::ui::text;

/// Lassoed samples that are compared with each other to find the one in their middle.
const MOST_COMPARED: usize = 300;

/// What a person can do with figures.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureCommand {
    /// Asks where to, then writes the plot.
    Save(FigureKind),
    SaveReport,
    /// Factor on Scott's bandwidth.
    SetBandwidth(f64),
    /// Importance scores instead of selections.
    CompareScores(bool),
    /// The lassoed samples; none lets go of them.
    Lasso(Vec<usize>),
    /// Pins the lassoed sample that is most like the others.
    PinGroup,
}

impl AppState {
    /// The lassoed samples; `None` without, or once another draw is shown.
    pub fn lassoed(&self) -> Option<&Group> {
        let draw = self.draw()?;
        let (of, group) = self.distribution.group.as_ref()?;
        Arc::ptr_eq(of, draw).then_some(group)
    }

    /// What was lassoed stays so where the samples are those of before, selected anew.
    pub(super) fn keep_lasso(&mut self, before: &Draw, draw: &Arc<Draw>) {
        let lassoed = self.distribution.group.take();
        let same = draw.settings.same_samples(&before.settings);
        self.distribution.group = lassoed
            .filter(|(of, _)| same && std::ptr::eq(&**of, before))
            .and_then(|(_, group)| Some((Arc::clone(draw), group_of(draw, group.samples)?)));
    }

    pub(super) fn run_figure(&mut self, command: FigureCommand) {
        match command {
            FigureCommand::Save(kind) => {
                self.ask_where(kind.name(), "svg", |path| FigureRequest::Pick(kind, path))
            }
            FigureCommand::SaveReport => {
                self.ask_where("report", "html", FigureRequest::PickReport);
            }
            FigureCommand::SetBandwidth(factor) => {
                self.distribution.set_bandwidth_factor(factor);
            }
            FigureCommand::CompareScores(of_scores) => self.distribution.of_scores = of_scores,
            FigureCommand::Lasso(samples) => {
                let draw = self.draw().cloned();
                self.distribution.group = draw.and_then(|draw| {
                    let group = group_of(&draw, samples)?;
                    Some((draw, group))
                });
            }
            FigureCommand::PinGroup => self.pin_group(),
        }
    }

    fn ask_where(&mut self, what: &str, ending: &str, ask: impl FnOnce(PathBuf) -> FigureRequest) {
        let Some(session) = &self.session else {
            self.status = "There is nothing to save yet.".to_owned();
            return;
        };
        let stem = session.video.path.file_stem().map_or_else(
            || "video".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        let name = format!("{stem}_{what}.{ending}");
        let offered = session.video.path.with_file_name(name);
        self.requests.push(Request::Figure(ask(offered)));
    }

    fn pin_group(&mut self) {
        let (Some(group), Some(draw)) = (self.lassoed().cloned(), self.draw().cloned()) else {
            return;
        };
        let mark = Mark {
            label: String::new(),
            segments: draw.selections[group.centre].clone(),
            seed: draw.settings.seed,
            sample: group.centre,
        };
        self.record("pin");
        let other = |pin: &Mark| !pin.label.is_empty() || !pin.is_like(&mark.segments);
        self.choices.pins.retain(other);
        self.choices.pins.push(mark);
        self.status = format!(
            "Pinned sample {}, the centre of {}",
            group.centre,
            text::count(group.samples.len(), "sample")
        );
    }
}

/// Describes samples of a draw; `None` where it has none of them.
fn group_of(draw: &Draw, mut samples: Vec<usize>) -> Option<Group> {
    samples.retain(|&sample| sample < draw.sample_count());
    samples.sort_unstable();
    // All where there are few, else some that are spread over all, so that ten thousand samples
    // take no longer than a frame.
    let step = samples.len().div_ceil(MOST_COMPARED).max(1);
    let compared: Vec<usize> = samples.iter().copied().step_by(step).collect();
    let selections = &draw.selections;
    let likeness = |sample: usize| -> f64 {
        let others = compared.iter();
        others
            .map(|&other| jaccard(&selections[sample], &selections[other]))
            .sum()
    };
    let (centre, _) = (compared.iter())
        .map(|&sample| (sample, likeness(sample)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let secs = samples.iter().map(|&sample| draw.durations_secs[sample]);
    Some(Group {
        share: samples.len() as f64 / draw.sample_count() as f64,
        durations_secs: secs.fold((f64::INFINITY, 0.0), |(a, b), s| (a.min(s), b.max(s))),
        samples,
        centre,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::pipeline::Event;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn a_lassoed_group_has_a_share_a_length_and_a_centre() {
        let mut state = fixture::state();
        assert!(state.lassoed().is_none());
        let samples = state.draw().unwrap().alternatives[3].members.clone();
        state.run(Command::Figure(FigureCommand::Lasso(samples.clone())));
        let group = state.lassoed().unwrap().clone();
        assert_eq!(group.samples, samples);
        assert!((group.share - samples.len() as f64 / 100.0).abs() < 1e-12);
        assert!(group.durations_secs.0 <= group.durations_secs.1);
        assert!(samples.contains(&group.centre));
        let pins = state.choices.pins.len();
        state.run(Command::Figure(FigureCommand::PinGroup));
        assert_eq!(state.choices.pins.len(), pins + 1);
        assert_eq!(state.choices.pins[pins].sample, group.centre);
        // The same samples with another budget.
        let mut draw = (**state.draw().unwrap()).clone();
        draw.settings.budget *= 2.0;
        draw.durations_secs.iter_mut().for_each(|secs| *secs *= 2.0);
        state.handle(Event::Draw(Arc::new(draw.clone())));
        let wider = state.lassoed().unwrap();
        assert_eq!(wider.samples, samples);
        assert_eq!(wider.durations_secs.1, group.durations_secs.1 * 2.0);
        // A new draw has other samples.
        draw.settings.seed += 1;
        state.handle(Event::Draw(Arc::new(draw)));
        assert!(state.lassoed().is_none());
    }

    #[test]
    fn a_figure_is_offered_beside_the_video() {
        let mut state = fixture::state();
        state.run(Command::Figure(FigureCommand::Save(FigureKind::Timeline)));
        let offered = state.requests.iter().find_map(|request| match request {
            Request::Figure(FigureRequest::Pick(kind, path)) => Some((*kind, path.clone())),
            _ => None,
        });
        let (kind, path) = offered.unwrap();
        assert_eq!(kind, FigureKind::Timeline);
        assert!(path.ends_with("harbour_day_timeline.svg"));
    }
}
