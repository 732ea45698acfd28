//! What comparisons and figures are made with, and how results are taken in. Starts no thread: the
//! window's workers are in `app::comparer`.

use std::sync::Arc;

use crate::analysis::agreement::AgreementParams;
use crate::session::comparison::{Compared, ComparisonInput, ComparisonSettings, Known, compare};
use crate::session::material::Material;
use crate::session::people::{PeopleInput, compare_people};
use crate::state::AppState;

impl AppState {
    /// What figures and reports are made of; `None` with nothing open.
    pub fn material(&self) -> Option<Material> {
        let names = self.choices.names.clone();
        let material = Material::of(
            self.session.as_ref()?,
            self.choices.annotations.as_ref(),
            &self.runtime,
            self.chosen(),
            self.agreement_params(),
        );
        Some(Material { names, ..material })
    }

    /// What the distribution and the matches depend on; `None` while there are no samples.
    pub fn comparison_input(&self) -> Option<ComparisonInput> {
        let session = self.session.as_ref()?;
        let settings = ComparisonSettings {
            annotations: self.choices.annotations.clone(),
            threshold: self.prefs.match_threshold,
            device: self.prefs.device,
            bundle: session.extractor(&self.runtime),
            bandwidth_factor: self.distribution.bandwidth_factor(),
            of_scores: self.distribution.of_scores,
            earlier: (self.draws.compared.as_ref())
                .map(|past| (past.draw.clone(), past.segments.clone())),
        };
        ComparisonInput::of(session, settings)
    }

    /// Takes in a comparison, unless another video or other annotations are open by now. What it
    /// knows for the next one.
    pub fn take_comparison(&mut self, compared: Compared) -> Known {
        let known = compared.known.clone();
        let annotations = self.choices.annotations.as_ref();
        if let Some(session) = &mut self.session
            && session.take_comparison(compared, annotations)
        {
            self.settle_pair();
        }
        known
    }

    /// The comparison at once, on this thread: for pictures without a window.
    pub fn compare_now(&mut self) {
        if let Some(input) = self.comparison_input() {
            self.take_comparison(compare(input, Known::default()));
        }
    }

    /// How the agreement of the annotators is measured: by the field's rule unless a person chose
    /// otherwise, within the budget in force.
    pub fn agreement_params(&self) -> AgreementParams {
        AgreementParams {
            unit: self.annotate.unit,
            ratings: self.annotate.ratings,
            budget: self.choices.settings.budget,
            ..AgreementParams::default()
        }
    }

    /// What the comparison of the annotators depends on; `None` without annotators.
    pub fn people_input(&self) -> Option<PeopleInput> {
        Some(PeopleInput::of(
            self.session.as_ref()?,
            self.choices.annotations.clone()?,
            self.prefs.match_threshold,
            self.agreement_params(),
        ))
    }

    /// The comparison of the annotators at once, on this thread: for pictures without a window.
    pub fn compare_people_now(&mut self) {
        self.annotate.comparison = self
            .people_input()
            .map(|input| Arc::new(compare_people(&input)));
    }
}
