//! Writing a summary as a clip or as a list of cuts: the one way that the window and the command
//! line share. The file's ending decides which it is. Does not choose a summary or a file's name,
//! and starts no thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::ranges::intersection;
use crate::domain::timecode::TimecodeError;
use crate::domain::{
    BundleRef, DrawSettings, EditedSummary, FrameIndex, FrameRange, Names, SummaryRef, VideoInfo,
};
use crate::interchange::{self, Cut, InterchangeError, NamedCut, WriteReport};
use crate::jobs::{CancelToken, Progress};
use crate::media::cut::{Container, CutError, ExportOptions, ExportReport, export_video};
use crate::session::provenance::of_summary;
use crate::summary::WholeSpeech;

/// Where an exported summary comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub of: SummaryRef,
    /// What a hand has made of it, where it is an edited one.
    pub edited: Option<&'a EditedSummary>,
    /// The times between which it is exported, seconds; `None` for all of it.
    pub within_secs: Option<(f64, f64)>,
    /// What was done to keep speech whole, where that was asked for.
    pub speech: Option<&'a WholeSpeech>,
    pub bundle: &'a BundleRef,
    pub device: &'a str,
    pub settings: &'a DrawSettings,
    pub budget: f64,
    /// What a person calls alternatives and markers.
    pub names: &'a Names,
    pub markers_secs: &'a [f64],
}

impl Origin<'_> {
    /// What gives the same summary again.
    pub fn provenance(&self) -> serde_json::Value {
        let mut value = of_summary(
            self.bundle,
            self.device,
            self.settings,
            self.budget,
            self.of,
        );
        let Some(facts) = value.as_object_mut() else {
            return value;
        };
        if let Some(edited) = self.edited {
            facts.insert("edited_by_hand".to_owned(), true.into());
            facts.insert("edited_from".to_owned(), edited.from.to_string().into());
            facts.insert("edited_from_seed".to_owned(), edited.seed.into());
            facts.insert("pieces_before".to_owned(), serde_json::json!(edited.before));
        }
        if let Some(within) = self.within_secs {
            facts.insert("within_secs".to_owned(), serde_json::json!(within));
        }
        if let Some(speech) = self.speech {
            let moved = serde_json::json!({
                "ends_moved": speech.moved,
                "furthest_secs": speech.furthest_secs,
            });
            facts.insert("speech_whole".to_owned(), moved);
        }
        value
    }

    /// Name, note and markers, and what the name does not say of where it comes from.
    pub fn named_cut(&self, index: &FrameIndex) -> NamedCut {
        let mut named = NamedCut::of(self.of, self.names, self.markers_secs);
        if let Some(edited) = self.edited {
            let from = NamedCut::of(edited.from, self.names, &[]);
            named.summary = format!("{} of {}", self.of, from.summary);
        }
        let by_hand = self.edited.map(|edited| edited.origin(index));
        let part = self.within_secs.map(|(start, end)| {
            format!("the part of the summary from {start:.1} to {end:.1} s of the video")
        });
        let speech = (self.speech).filter(|speech| speech.moved > 0);
        let speech = speech.map(|speech| format!("to keep speech whole, {}", speech.sentence()));
        let said: Vec<String> = by_hand.into_iter().chain(part).chain(speech).collect();
        named.origin = said.join("; ");
        named
    }

    /// Title of the clip and of the list: the video and the summary.
    pub fn title(&self, video: &Path, named: &NamedCut) -> String {
        let stem = video.file_stem().unwrap_or_default().to_string_lossy();
        match self.of {
            SummaryRef::Sample(sample) => format!("{stem} · summary {sample:03}"),
            _ => format!("{stem} · summary {}", named.summary),
        }
    }
}

/// The part of a summary between two times; all of it without them.
pub fn within(
    ranges: Vec<FrameRange>,
    index: &FrameIndex,
    within_secs: Option<(f64, f64)>,
) -> Vec<FrameRange> {
    match within_secs {
        None => ranges,
        Some((start, end)) => {
            let wanted = [index.frames_between(start, end)];
            (ranges.iter())
                .flat_map(|range| intersection(&[*range], &wanted))
                .collect()
        }
    }
}

/// One file to write.
#[derive(Clone, Debug)]
pub struct Export {
    pub video: VideoInfo,
    pub index: Arc<FrameIndex>,
    /// In the order in which they play.
    pub ranges: Vec<FrameRange>,
    pub title: String,
    pub named: NamedCut,
    pub provenance: serde_json::Value,
    /// Timecode of the video's first frame in lists of cuts, where it is another one than the file
    /// states.
    pub source_timecode: Option<String>,
    /// How a clip is written; its title and comment are those of this export.
    pub film: ExportOptions,
    pub out: PathBuf,
}

impl Export {
    /// All that a summary's file needs.
    pub fn new(
        origin: &Origin,
        video: VideoInfo,
        index: Arc<FrameIndex>,
        ranges: Vec<FrameRange>,
        out: PathBuf,
        film: ExportOptions,
    ) -> Self {
        let named = origin.named_cut(&index);
        Self {
            title: origin.title(&video.path, &named),
            provenance: origin.provenance(),
            source_timecode: None,
            video,
            index,
            ranges,
            named,
            film,
            out,
        }
    }

    /// Writes the file. Blocks until done; a list of cuts is written at once.
    ///
    /// # Errors
    /// Every kind of [`ExportError`]; nothing is left on the disk then.
    pub fn run(
        &self,
        progress: &mut dyn FnMut(Progress),
        cancel: &CancelToken,
    ) -> Result<Exported, ExportError> {
        if Container::from_path(&self.out).is_some() {
            let options = ExportOptions {
                title: self.title.clone(),
                comment: self.named.origin.clone(),
                ..self.film.clone()
            };
            let report = export_video(
                &self.video.path,
                &self.index,
                &self.ranges,
                &self.out,
                &options,
                progress,
                cancel,
            )?;
            return Ok(Exported::Film(report));
        }
        let mut cut = Cut {
            provenance: &self.provenance,
            named: Some(&self.named),
            ..Cut::new(&self.video, &self.index, &self.ranges, &self.title)
        };
        if let Some(text) = &self.source_timecode {
            cut.start_at(text)?;
        }
        let report = interchange::write(&cut, &self.out, self.film.overwrite)?;
        Ok(Exported::List(report))
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Exported {
    Film(ExportReport),
    List(WriteReport),
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Film(#[from] CutError),
    #[error(transparent)]
    List(#[from] InterchangeError),
    #[error("the source's timecode: {0}")]
    Timecode(#[from] TimecodeError),
}

impl ExportError {
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Film(err) if err.is_cancelled())
    }
}

#[cfg(test)]
#[path = "exporting_tests.rs"]
mod tests;
