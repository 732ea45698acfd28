//! The two sides that the comparison of annotators shows in detail.

use crate::domain::FrameRange;
use crate::session::Summarised;
use crate::session::people::{PairPart, Side};
use crate::state::AppState;

impl AppState {
    /// The two sides that are compared in detail: the chosen ones, else the annotator who has just
    /// finished and their nearest alternative, else the first two annotators.
    pub fn compared_sides(&self) -> Option<(Side, Side)> {
        let comparison = self.annotate.comparison.as_ref()?;
        let exists = |side: &Side| match side {
            Side::Annotator(name) => comparison.names.contains(name),
            Side::Summary(of) => {
                (self.session.as_ref()).is_some_and(|session| session.summary(*of).is_some())
            }
        };
        let first = self
            .annotate
            .first_side
            .clone()
            .filter(exists)
            .or_else(|| {
                let name = self.annotate.current.clone()?;
                comparison
                    .names
                    .contains(&name)
                    .then_some(Side::Annotator(name))
            })
            // Those who annotated here are who people want to see; loaded annotators are the
            // background.
            .or_else(|| {
                comparison
                    .names
                    .iter()
                    .find(|name| self.is_made_here(name))
                    .or(comparison.names.first())
                    .cloned()
                    .map(Side::Annotator)
            })?;
        let second = self
            .annotate
            .second_side
            .clone()
            .filter(|side| exists(side) && *side != first)
            .or_else(|| {
                let mut others = comparison
                    .names
                    .iter()
                    .rev()
                    .filter(|name| first != Side::Annotator((*name).clone()));
                let other = others
                    .clone()
                    .find(|name| self.is_made_here(name))
                    .or_else(|| others.next())?;
                Some(Side::Annotator(other.clone()))
            })
            .or_else(|| self.alternative_ref(0).map(Side::Summary))?;
        Some((first, second))
    }

    fn is_made_here(&self, name: &str) -> bool {
        self.choices.works.iter().any(|work| work.name == name)
    }

    /// What a side keeps.
    pub fn side_ranges(&self, side: &Side) -> Vec<FrameRange> {
        match side {
            Side::Annotator(name) => self.annotate.comparison.as_ref().and_then(|comparison| {
                let at = comparison.names.iter().position(|other| other == name)?;
                comparison.summaries.get(at).cloned()
            }),
            Side::Summary(of) => (self.session.as_ref())
                .and_then(|session| session.summary(*of))
                .map(|summary| summary.ranges),
        }
        .unwrap_or_default()
    }

    /// The frames of a part of the two compared sides.
    pub fn pair_ranges(&self, part: PairPart) -> Vec<FrameRange> {
        self.compared_sides()
            .map_or_else(Vec::new, |(first, second)| {
                part.of(&self.side_ranges(&first), &self.side_ranges(&second))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Letter, SummaryRef};
    use crate::testing::fixture;

    #[test]
    fn sides_fall_back_where_one_is_gone() {
        let mut state = fixture::state();
        assert_eq!(state.compared_sides(), None);
        state.compare_people_now();
        let first = Side::Annotator("annotator 1".to_owned());
        let (a, b) = state.compared_sides().unwrap();
        assert_eq!((a, b), (first, Side::Annotator("annotator 20".to_owned())));
        let gone = Side::Summary(SummaryRef::Alternative(Letter(99)));
        state.annotate.second_side = Some(gone.clone());
        assert_ne!(state.compared_sides().unwrap().1, gone);
        let of = state.alternative_ref(2).unwrap();
        state.annotate.second_side = Some(Side::Summary(of));
        let ranges = state.pair_ranges(PairPart::Second);
        let session = state.session.as_ref().unwrap();
        assert_eq!(ranges, session.summary(of).unwrap().ranges);
    }
}
