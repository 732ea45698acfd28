//! Exporting the chosen stretches of a video as a clip of their own.
//!
//! Three modes: *exact* re-encodes precisely the chosen frames (the default), *copy* keeps whole
//! groups of pictures untouched and says what it had to widen, *smart* copies what it can and
//! re-encodes the ends. In every mode frames are chosen by presentation number, times are rebuilt
//! without gap, and the sound is one continuous stream, cut by the sample.
//!
//! The source is never written, and nothing appears under the target's name before it is complete.
//! Choosing what to keep is not done here (see `summary`), nor are cut lists (see `interchange`).

mod choice;
mod copy;
mod elsewhere;
mod encode;
mod encode_sound;
mod error;
mod exact;
mod foresee;
mod frames;
mod kept;
mod mux;
mod nal;
mod packets;
mod picture;
mod plan;
mod reel;
mod smart;
mod sound;
mod sounds;
mod soundtrack;
mod subtitle_times;
mod subtitles;
mod sys;
pub(super) use sys::TextConverter;
mod target;
mod track;
mod tracks;
mod trial;
mod verify;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use choice::{TrackChoice, TrackName};
pub use elsewhere::{KIND, on_this_system, serve};
pub use error::CutError;
pub use foresee::{Copying, Foreseen, foresee};
pub use reel::{CARD_SECS, CardPainter, Reel, ReelPart};
pub use target::Container;

use crate::domain::{FrameIndex, FrameRange, Rational};
use crate::jobs::{CancelToken, Progress};
use crate::media::FileStamp;
use plan::CutPlan;
use target::{Reserved, Target};

/// How pictures get into the export.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ExportMode {
    /// Re-encodes precisely the chosen frames.
    #[default]
    Exact,
    /// Keeps whole groups of pictures as they are; ranges are widened to their edges, and by how
    /// much is reported.
    Copy,
    /// Copies whole groups of pictures, re-encodes the ends, decodes the result to verify it, and
    /// falls back to exact.
    Smart,
}

impl ExportMode {
    pub const ALL: [Self; 3] = [Self::Exact, Self::Smart, Self::Copy];
}

/// How a video is exported.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct ExportOptions {
    pub mode: ExportMode,
    /// Whether a file of the target's name may be replaced.
    pub overwrite: bool,
    /// Title stored in the file; empty for none.
    pub title: String,
    /// Comment stored in the file, in the place of the source's own; empty to keep that.
    pub comment: String,
    pub sounds: TrackChoice,
    pub subtitles: TrackChoice,
    /// Whether colours keep their resolution and bits even where few players show them.
    pub high_quality: bool,
    /// Whether each piece becomes a chapter.
    pub chapters: bool,
    /// Video encoders not to use, by FFmpeg's names.
    pub avoid_encoders: Vec<String>,
}

/// A range that copying had to widen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Widened {
    pub asked: FrameRange,
    pub kept: FrameRange,
}

/// What an export made.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportReport {
    pub path: PathBuf,
    /// The mode that was used in the end.
    pub mode: ExportMode,
    pub frame_count: u64,
    pub duration_secs: f64,
    pub bytes: u64,
    /// Encoder of the pictures; `None` where all were copied.
    pub encoder: Option<String>,
    /// Frames copied as they were.
    pub copied_frames: u64,
    pub has_sound: bool,
    /// What copying had to widen.
    pub widened: Vec<Widened>,
    /// Sentences for the person: fallbacks with their reason, converted formats, damage.
    pub notes: Vec<String>,
}

/// What a mode's attempt made, before the file gets its name.
struct Made {
    mode: ExportMode,
    frame_count: u64,
    duration_secs: f64,
    encoder: Option<String>,
    copied_frames: u64,
    kept: tracks::Kept,
    widened: Vec<Widened>,
    notes: Vec<String>,
}

/// What was made, for the one who gives the file its name.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Outcome {
    mode: ExportMode,
    frame_count: u64,
    duration_secs: f64,
    encoder: Option<String>,
    copied_frames: u64,
    has_sound: bool,
    widened: Vec<Widened>,
    notes: Vec<String>,
}

/// Everything an attempt needs.
struct Job<'a> {
    /// What the source holds, to be compared with what is made.
    facts: &'a kept::Facts,
    /// Its streams that the clip keeps beside the pictures.
    wanted: &'a choice::Wanted,
    source: &'a Path,
    index: &'a FrameIndex,
    ranges: &'a [FrameRange],
    /// Its parts instead of `ranges`, where it is a reel.
    reel: Option<Reel<'a>>,
    options: &'a ExportOptions,
    target: &'a Target,
    cancel: &'a CancelToken,
}

impl Job<'_> {
    fn check_cancelled(&self) -> Result<(), CutError> {
        if self.cancel.is_cancelled() {
            return Err(CutError::Cancelled);
        }
        Ok(())
    }

    /// When each picture is shown, for an encoder that counts no finer than `max_den` says.
    fn plan(&self, rate_hints: &[Rational], max_den: Option<i64>) -> Result<CutPlan, CutError> {
        match &self.reel {
            None => CutPlan::new(self.index, self.ranges, rate_hints, max_den),
            Some(reel) => CutPlan::of_parts(self.index, &reel.laid_out(), rate_hints, max_den),
        }
    }

    /// Chapters for the container's head: start and end in the clip, and a title.
    fn chapters(&self, plan: &CutPlan) -> Vec<(f64, f64, String)> {
        match &self.reel {
            Some(reel) => part_chapters(reel.parts, plan),
            None if self.options.chapters => self.piece_chapters(plan),
            None => Vec::new(),
        }
    }

    fn piece_chapters(&self, plan: &CutPlan) -> Vec<(f64, f64, String)> {
        plan.pieces
            .iter()
            .enumerate()
            .map(|(number, piece)| {
                (
                    plan.secs(piece.out_start),
                    plan.secs(piece.out_end),
                    crate::interchange::chapter_title(
                        number + 1,
                        self.index.secs_from_frame(piece.frames.start),
                    ),
                )
            })
            .collect()
    }
}

/// A chapter for each part of a reel, from its card to the next one's.
fn part_chapters(parts: &[ReelPart], plan: &CutPlan) -> Vec<(f64, f64, String)> {
    let mut chapters: Vec<(f64, f64, String)> = Vec::new();
    for piece in &plan.pieces {
        let end = plan.secs(piece.out_end);
        let part = piece.still.and_then(|still| parts.get(still.part));
        match (part, chapters.last_mut()) {
            (Some(part), _) => {
                chapters.push((plan.secs(piece.out_start), end, part.title.clone()));
            }
            (None, Some(last)) => last.1 = end,
            (None, None) => {}
        }
    }
    chapters
}

/// Exports `ranges` of a video, in their order, to `out`, whose ending chooses the container.
/// Blocks until done: call it from a job's thread. `index` must be of this very file.
///
/// # Errors
/// Every kind of [`CutError`]; nothing is left on the disk then.
pub fn export_video(
    source: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    out: &Path,
    options: &ExportOptions,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Result<ExportReport, CutError> {
    let order = Order {
        source,
        index,
        ranges,
        reel: None,
        out,
        options,
    };
    order.carry_out(progress, cancel)
}

/// Exports the parts of a reel one after the other, each behind its card, as one clip with a
/// chapter for each. Always encodes precisely the chosen frames, whatever mode is asked for. Else
/// as [`export_video`].
///
/// # Errors
/// As [`export_video`], and where a card cannot be painted.
pub fn export_reel(
    source: &Path,
    index: &FrameIndex,
    reel: Reel,
    out: &Path,
    options: &ExportOptions,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Result<ExportReport, CutError> {
    let order = Order {
        source,
        index,
        ranges: &[],
        reel: Some(reel),
        out,
        options: &ExportOptions {
            mode: ExportMode::Exact,
            ..options.clone()
        },
    };
    order.carry_out(progress, cancel)
}

/// What is to be exported, and where to.
struct Order<'a> {
    source: &'a Path,
    index: &'a FrameIndex,
    ranges: &'a [FrameRange],
    reel: Option<Reel<'a>>,
    out: &'a Path,
    options: &'a ExportOptions,
}

impl Order<'_> {
    fn carry_out(
        &self,
        progress: &mut dyn FnMut(Progress),
        cancel: &CancelToken,
    ) -> Result<ExportReport, CutError> {
        let (source, options) = (self.source, self.options);
        crate::media::init();
        let plan = match &self.reel {
            None => CutPlan::new(self.index, self.ranges, &[], None)?,
            Some(reel) => CutPlan::of_parts(self.index, &reel.laid_out(), &[], None)?,
        };
        let before = FileStamp::of(source);
        let needed = estimated_bytes(source, self.index, &plan);
        let reserved = Reserved::prepare(source, self.out, options.overwrite, needed)?;
        let target = &reserved.target;
        let made = match elsewhere::made(self, target, progress, cancel) {
            Some(made) => made?,
            None => self.made_here(target, progress, cancel)?,
        };
        if cancel.is_cancelled() {
            return Err(CutError::Cancelled);
        }
        if FileStamp::of(source) != before {
            return Err(CutError::SourceGone {
                path: source.to_owned(),
            });
        }
        progress(Progress {
            stage: "Finalising",
            fraction: None,
            eta_secs: None,
        });
        let bytes = reserved.commit()?;
        Ok(ExportReport {
            path: self.out.to_owned(),
            mode: made.mode,
            frame_count: made.frame_count,
            duration_secs: made.duration_secs,
            bytes,
            encoder: made.encoder,
            copied_frames: made.copied_frames,
            has_sound: made.has_sound,
            widened: made.widened,
            notes: made.notes,
        })
    }

    /// Makes the clip in this process.
    fn made_here(
        &self,
        target: &Target,
        progress: &mut dyn FnMut(Progress),
        cancel: &CancelToken,
    ) -> Result<Outcome, CutError> {
        let facts = kept::Facts::read(self.source)?;
        let wanted = facts.wanted(self.options)?;
        let job = Job {
            facts: &facts,
            wanted: &wanted,
            source: self.source,
            index: self.index,
            ranges: self.ranges,
            reel: self.reel,
            options: self.options,
            target,
            cancel,
        };
        let mut made = made_by(&job, progress)?;
        made.notes
            .extend(facts.losses(&wanted, target.container, self.options, &made));
        Ok(Outcome {
            mode: made.mode,
            frame_count: made.frame_count,
            duration_secs: made.duration_secs,
            encoder: made.encoder,
            copied_frames: made.copied_frames,
            has_sound: made.kept.sound,
            widened: made.widened,
            notes: made.notes,
        })
    }
}

/// Lets the mode that is asked for do it, and the exact one where that cannot.
fn made_by(job: &Job, progress: &mut dyn FnMut(Progress)) -> Result<Made, CutError> {
    match job.options.mode {
        ExportMode::Exact => exact::export(job, progress),
        ExportMode::Copy | ExportMode::Smart => {
            let attempt = match job.options.mode {
                ExportMode::Copy => copy::export(job, progress),
                _ => smart::export(job, progress),
            };
            match attempt {
                Ok(made) => Ok(made),
                Err(Refusal::Failed(err)) => Err(err),
                Err(Refusal::Unfit(reason)) => {
                    job.check_cancelled()?;
                    job.target.restart()?;
                    let wanted = match job.options.mode {
                        ExportMode::Copy => "copying",
                        _ => "smart cutting",
                    };
                    exact::export(job, progress).map(|mut made| {
                        made.notes
                            .insert(0, format!("exported exactly instead of {wanted}: {reason}"));
                        made
                    })
                }
            }
        }
    }
}

/// Why an attempt to copy ended.
enum Refusal {
    /// Another mode must do it; the reason is reported.
    Unfit(String),
    /// No mode could do it.
    Failed(CutError),
}

impl From<CutError> for Refusal {
    fn from(err: CutError) -> Self {
        match err {
            CutError::Refused { reason, .. } => Self::Unfit(format!(
                "the target's format does not take its packets ({reason})"
            )),
            err => Self::Failed(err),
        }
    }
}

/// Room to ask for: the kept share of the source at twice its rate, for sources that are coded
/// tighter than the export, and some for the container.
fn estimated_bytes(source: &Path, index: &FrameIndex, plan: &CutPlan) -> u64 {
    let size = source.metadata().map_or(0, |metadata| metadata.len());
    let share = plan.duration_secs() / index.duration_secs().max(1e-3);
    (size as f64 * share.clamp(0.0, 1e3) * 2.0) as u64 + 8_000_000
}
