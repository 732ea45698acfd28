//! A video opened without a window: what is known of it, and what its figures and reports are made
//! with. Reads no file, infers nothing and draws nothing itself.

use std::sync::Arc;

use super::Session;
use super::comparison::{ComparisonInput, ComparisonSettings, Known, compare};
use super::intake::{Taken, take_in};
use super::material::Material;
use super::report::Runtime;
use crate::analysis::agreement::AgreementParams;
use crate::domain::project::Project;
use crate::domain::{AnnotationSet, AnnotatorWork, DevicePreference, DrawSettings, SummaryRef};
use crate::pipeline::Event;

/// A video opened without a window.
#[derive(Default)]
pub struct OpenedVideo {
    /// `None` until the video was probed.
    pub session: Option<Session>,
    pub runtime: Runtime,
    /// How its samples are drawn and selected.
    pub settings: DrawSettings,
    /// The people it is compared with.
    pub annotations: Option<Arc<AnnotationSet>>,
    /// What a person chose, named and edited; `None` where it was opened from no project.
    pub project: Option<Box<Project>>,
}

impl OpenedVideo {
    /// Takes in what the pipeline reports.
    pub fn take(&mut self, event: Event) -> Taken {
        let taken = take_in(&mut self.session, &mut self.runtime, event);
        match (&taken, &mut self.session, &self.runtime.stated) {
            (Taken::Runtime, _, Some(stated)) => self.settings.follow(stated),
            (Taken::Opened, Some(session), _) => {
                let edits = self.project.as_ref().map(|project| project.edits.clone());
                session.edits = Arc::new(edits.unwrap_or_default());
            }
            _ => {}
        }
        taken
    }

    /// Lays people beside the samples: those given, and those who finished their work in the
    /// project. `threshold` is the least Kendall's τ-b that counts as a match.
    pub fn compare(
        &mut self,
        annotations: Option<AnnotationSet>,
        threshold: f64,
        device: DevicePreference,
    ) {
        let Some(session) = &mut self.session else {
            return;
        };
        let works = self.project.as_ref().map(|project| &project.works);
        let works: Vec<AnnotatorWork> = (works.into_iter().flatten())
            .map(|work| work.clone().repaired())
            .collect();
        let with_works = session.with_works(annotations.as_ref(), &works);
        self.annotations = with_works.or(annotations).map(Arc::new);
        session.follow_annotations(self.annotations.as_deref());
        let settings = ComparisonSettings {
            annotations: self.annotations.clone(),
            threshold,
            device,
            bundle: session.extractor(&self.runtime),
            bandwidth_factor: 1.0,
            of_scores: false,
            earlier: None,
        };
        if let Some(input) = ComparisonInput::of(session, settings) {
            let compared = compare(input, Known::default());
            session.take_comparison(compared, self.annotations.as_ref());
        }
    }

    /// The summary in hand: the project's, else the alternative in front.
    pub fn in_hand(&self) -> Option<SummaryRef> {
        let project = self.project.as_deref();
        let selection = project.map_or_else(Default::default, |project| project.selection);
        let rejects = project.map_or(&[][..], |project| &project.rejects);
        self.session.as_ref()?.in_hand(&selection, rejects)
    }

    /// What figures and reports are made of; `None` with nothing open.
    pub fn material(&self) -> Option<Material> {
        let agreement = AgreementParams {
            budget: self.settings.budget,
            ..AgreementParams::default()
        };
        let material = Material::of(
            self.session.as_ref()?,
            self.annotations.as_ref(),
            &self.runtime,
            self.in_hand(),
            agreement,
        );
        let names = self.project.as_ref().map(|project| project.names.clone());
        Some(Material {
            names: names.unwrap_or_default(),
            ..material
        })
    }
}
