//! A snapshot of everything the figures show, cheap to take and to hand to another thread.

use std::sync::Arc;

use super::provenance::{Provenance, program};
use super::report::Runtime;
use super::{Baseline, DistributionView, MatchView, Session};
use crate::analysis::agreement::AgreementParams;
use crate::domain::{
    AnnotationSet, BundleRef, Draw, EditedSummary, FrameIndex, Letter, Names, RgbImage, Segment,
    SummaryRef, VideoInfo,
};

/// What figures and reports are made of: the same numbers that are on screen.
#[derive(Clone)]
pub struct Material {
    pub video: VideoInfo,
    pub index: Arc<FrameIndex>,
    pub pick_times_secs: Arc<[f64]>,
    pub segments: Arc<[Segment]>,
    pub draw: Option<Arc<Draw>>,
    /// Summaries edited by hand.
    pub edits: Arc<Vec<EditedSummary>>,
    pub distribution: Option<Arc<DistributionView>>,
    pub matches: Option<Arc<MatchView>>,
    pub annotations: Option<Arc<AnnotationSet>>,
    /// How the annotators' agreement is measured.
    pub agreement: AgreementParams,
    /// Ranges each annotator picked, seconds.
    pub annotator_ranges_secs: Arc<[Vec<(f64, f64)>]>,
    /// Each installed scorer's one summary.
    pub baselines: Arc<[Baseline]>,
    /// The summary in hand.
    pub chosen: Option<SummaryRef>,
    /// Names and notes that a person gave.
    pub names: Names,
    /// Time and picture of what the filmstrip has, ascending.
    pub thumbs: Vec<(f64, RgbImage)>,
    pub provenance: Provenance,
}

impl Material {
    /// Of a session, its annotators, the bundle in use, the summary in hand, and how agreement is
    /// measured.
    pub fn of(
        session: &Session,
        annotations: Option<&Arc<AnnotationSet>>,
        runtime: &Runtime,
        chosen: Option<SummaryRef>,
        agreement: AgreementParams,
    ) -> Self {
        let simulated = |set: &AnnotationSet| if set.simulated { " (simulated)" } else { "" };
        Self {
            video: session.video.clone(),
            index: session.index.clone(),
            pick_times_secs: session.pick_times_secs.clone(),
            segments: session.segments.clone(),
            draw: session.draw.clone(),
            edits: session.edits.clone(),
            distribution: session.distribution.clone(),
            matches: session.matches.clone(),
            annotations: annotations.cloned(),
            agreement,
            annotator_ranges_secs: session.annotator_ranges_secs.clone(),
            baselines: session.baselines.clone(),
            chosen,
            names: Names::default(),
            thumbs: session.thumbs.pictures(),
            provenance: Provenance {
                program: program(),
                video: session.name(),
                video_sha256: session.video.sha256.clone(),
                bundle: Some(runtime.bundle_ref.clone())
                    .filter(|bundle| *bundle != BundleRef::default()),
                device: runtime.device.to_lowercase(),
                settings: session.draw.as_ref().map(|draw| draw.settings.clone()),
                annotations: annotations
                    .map(|set| format!("{}{}", set.source, simulated(set)))
                    .unwrap_or_default(),
                parameters: None,
            },
        }
    }

    /// The name of an alternative as it is shown.
    pub fn name_of(&self, letter: Letter) -> String {
        self.names.title(letter)
    }

    /// Length of the video, seconds.
    pub fn duration_secs(&self) -> f64 {
        self.index.duration_secs_or(self.video.duration_secs)
    }

    /// The video's file name.
    pub fn name(&self) -> String {
        self.provenance.video.clone()
    }

    /// Name of an annotator.
    pub fn annotator_name(&self, annotator: usize) -> String {
        self.annotations
            .as_ref()
            .and_then(|set| set.annotators.get(annotator))
            .map(|annotator| annotator.name.clone())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| format!("annotator {}", annotator + 1))
    }

    /// For each sample the letter of the alternative that it belongs to.
    pub fn alternative_of_each(&self) -> Vec<Option<Letter>> {
        let Some(draw) = &self.draw else {
            return Vec::new();
        };
        let mut of = vec![None; draw.sample_count()];
        for alternative in &draw.alternatives {
            for &member in &alternative.members {
                if let Some(slot) = of.get_mut(member) {
                    *slot = Some(alternative.letter());
                }
            }
        }
        of
    }
}
