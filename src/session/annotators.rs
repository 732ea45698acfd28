//! The people that a video is compared with: those of a file, and those who finished their work
//! here. Reads and measures nothing.

use super::Session;
use super::report::Runtime;
use crate::domain::{AnnotationSet, Annotator, AnnotatorWork};

impl Session {
    /// A set of the video's own annotators, without any yet.
    pub fn set_made_here(&self) -> AnnotationSet {
        let stem = self.video.path.file_stem();
        let frame_count = self.index.len();
        let secs = self.duration_secs();
        AnnotationSet {
            source: "made here".to_owned(),
            video_id: stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            frame_count,
            frame_rate_fps: if secs > 0.0 {
                frame_count as f64 / secs
            } else {
                0.0
            },
            ..AnnotationSet::default()
        }
    }

    /// The loaded annotators with those of complete works, which take the place of others of their
    /// name; `None` without complete works.
    pub fn with_works(
        &self,
        loaded: Option<&AnnotationSet>,
        works: &[AnnotatorWork],
    ) -> Option<AnnotationSet> {
        let complete = complete_annotators(works);
        (!complete.is_empty()).then_some(())?;
        let mut set = loaded.cloned().unwrap_or_else(|| self.set_made_here());
        for annotator in complete {
            let mut others = set.annotators.iter_mut();
            match others.find(|other| other.name == annotator.name) {
                Some(other) => *other = annotator,
                None => set.annotators.push(annotator),
            }
        }
        Some(set)
    }

    /// Takes in what each annotator picked; without annotations nothing is known of matches.
    pub fn follow_annotations(&mut self, annotations: Option<&AnnotationSet>) {
        self.annotator_ranges_secs = annotations
            .map_or_else(Vec::new, |set| self.picks_secs(set))
            .into();
        if annotations.is_none() {
            self.matches = None;
            self.distribution = None;
        }
    }

    /// What each annotator picked, in seconds of this video. Annotators with scores alone have no
    /// ranges.
    fn picks_secs(&self, set: &AnnotationSet) -> Vec<Vec<(f64, f64)>> {
        // Annotations made on another frame rate are stretched to this video's frames.
        let frames = self.index.len().max(1) as f64;
        let scale = if set.frame_count > 0 {
            frames / set.frame_count as f64
        } else {
            1.0
        };
        let secs = |frame: u64| (self.index).secs_from_frame((frame as f64 * scale).round() as u64);
        let picks = |annotator: &Annotator| {
            let ranges = annotator.picks.iter();
            ranges
                .map(|range| (secs(range.start), secs(range.end)))
                .collect()
        };
        set.annotators.iter().map(picks).collect()
    }

    /// The bundle that extracted the features; empty where they came with a dataset.
    pub fn extractor(&self, runtime: &Runtime) -> String {
        match self.without_picture {
            true => String::new(),
            false => runtime.bundle.clone(),
        }
    }
}

/// The annotators of complete works.
pub fn complete_annotators(works: &[AnnotatorWork]) -> Vec<Annotator> {
    let complete = works.iter().filter(|work| work.complete);
    complete.map(AnnotatorWork::to_annotator).collect()
}
