//! What clips, lists and reels of `summdiff export` share: the video they are made of, the frames
//! that a summary keeps, and what a file needs. Writes nothing.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::export_args::{ExportArgs, Mode};
use super::export_choice::{Chosen, kept_by, words_for};
use super::export_report::say_widening;
use super::{Interrupted, Output, export_speech, sources};
use crate::domain::{Analysis, FrameIndex, FrameRange, Segment, SummaryRef, VideoInfo};
use crate::interchange::InterchangeError;
use crate::media;
use crate::media::cut::Container;
use crate::session::exporting::{self, Export, ExportError, Origin};

/// The video that is exported from.
pub(super) struct Source {
    pub video: VideoInfo,
    index: Arc<FrameIndex>,
}

impl Source {
    /// Finds the video of an analysis and lists its frames.
    pub fn open(args: &ExportArgs, analysis: &Analysis, output: &Output) -> anyhow::Result<Self> {
        let named = args.video.as_deref();
        let path = sources::find_video(analysis, &args.input, named)
            .with_context(|| sources::moved(&analysis.video.path, named))?;
        let cancel = output.cancel_token();
        let indexed = media::index(&path, cancel, &mut |progress| output.progress(&progress))
            .map_err(|err| match err.is_cancelled() {
                true => Interrupted.into(),
                false => anyhow::Error::from(err),
            })?;
        if indexed.index.len() != analysis.video.frame_count {
            bail!(
                "“{}” has {} frames, but “{}” was made from a video of {}: name the right video with --video",
                path.display(),
                indexed.index.len(),
                args.input.display(),
                analysis.video.frame_count
            );
        }
        let mut video = analysis.video.clone();
        video.path = std::path::absolute(&path).unwrap_or(path);
        video.frame_rate = indexed.frame_rate;
        video.variable_frame_rate = indexed.variable_frame_rate;
        if let Ok(probe) = media::probe(&video.path) {
            video.start_timecode = probe.info.start_timecode;
        }
        Ok(Self {
            video,
            index: Arc::new(indexed.index),
        })
    }

    /// Seconds that ranges last.
    pub fn secs(&self, ranges: &[FrameRange]) -> f64 {
        ranges
            .iter()
            .map(|&range| self.index.range_secs(range))
            .sum()
    }

    /// What of a summary lies between the wanted times.
    pub fn within(&self, args: &ExportArgs, ranges: Vec<FrameRange>) -> Vec<FrameRange> {
        exporting::within(ranges, &self.index, args.range)
    }

    /// All that one summary's file needs; `ranges` are those that it keeps.
    pub fn prepared(
        &self,
        args: &ExportArgs,
        analysis: &Analysis,
        chosen: &Chosen,
        (of, ranges): (SummaryRef, Vec<FrameRange>),
        out: PathBuf,
        output: &Output,
    ) -> anyhow::Result<Export> {
        let (video, index) = (&self.video, &self.index);
        let ranges = self.within(args, ranges);
        if ranges.is_empty() {
            let (start, end) = args.range.unwrap_or_default();
            bail!(
                "{} keeps nothing from {start} to {end} s: name another part with --range",
                words_for(of)
            );
        }
        let copies = args.mode == Mode::Copy && Container::from_path(&out).is_some();
        let speech = match args.speech_whole {
            true if copies => export_speech::cannot(output),
            true => export_speech::keep_whole(&video.path, index, &ranges, output)?,
            false => None,
        };
        let ranges = speech
            .as_ref()
            .map_or(ranges, |speech| speech.ranges.clone());
        if let (Mode::Copy, Some(container)) = (args.mode, Container::from_path(&out)) {
            say_widening(output, &video.path, index, &ranges, container)?;
        }
        let origin = Origin {
            of,
            edited: chosen.edited(of),
            within_secs: args.range,
            speech: speech.as_ref(),
            bundle: &analysis.bundle,
            device: &analysis.device,
            settings: &analysis.settings,
            budget: (args.budget_share(analysis)).unwrap_or(analysis.settings.budget),
            names: &chosen.names,
            markers_secs: &chosen.markers_secs,
        };
        let (video, index) = (video.clone(), index.clone());
        Ok(Export {
            source_timecode: args.source_timecode.clone(),
            ..Export::new(&origin, video, index, ranges, out, args.film_options())
        })
    }
}

/// A failure with the flag that avoids it.
pub(super) fn explained(err: ExportError) -> anyhow::Error {
    match err {
        err if err.is_cancelled() => Interrupted.into(),
        ExportError::List(InterchangeError::Exists { path }) => exists(&path),
        ExportError::Timecode(err) => anyhow::Error::from(err).context("--source-timecode"),
        err => err.into(),
    }
}

/// The refusal to write over a file without being asked to.
pub(super) fn exists(path: &str) -> anyhow::Error {
    anyhow::anyhow!("{path} already exists: choose another name, or replace it with --overwrite")
}

/// The frames that a summary keeps, selected anew where a budget is given; possibly none.
pub(super) fn kept_ranges(
    args: &ExportArgs,
    analysis: &Analysis,
    of: SummaryRef,
) -> anyhow::Result<Vec<FrameRange>> {
    let (kept, scores) = kept_by(of, analysis).unwrap_or_default();
    let chosen = match args.budget_share(analysis) {
        None => kept.to_vec(),
        Some(budget) => {
            if scores.len() != analysis.picks.len() {
                bail!(
                    "“{}” has {} scores for {} sampled frames: analyse the video again",
                    args.input.display(),
                    scores.len(),
                    analysis.picks.len()
                );
            }
            reselected(scores, analysis, budget)
        }
    };
    let ranges: Vec<FrameRange> = chosen
        .iter()
        .filter_map(|&segment| analysis.segments.get(segment))
        .map(Segment::frames)
        .collect();
    Ok(FrameRange::merged(ranges))
}

fn reselected(scores: &[f32], analysis: &Analysis, budget: f64) -> Vec<usize> {
    let Ok(scores) = ndarray::ArrayView2::from_shape((1, scores.len()), scores) else {
        return Vec::new();
    };
    crate::summary::Selector::new(
        scores,
        &analysis.picks,
        &analysis.segments,
        analysis.video.frame_count,
    )
    .select_under(
        budget,
        &analysis.settings.steering.conditions(&analysis.segments),
        None,
    )
    .chosen
    .into_iter()
    .next()
    .unwrap_or_default()
}

/// The output itself, or the name inside it when it is a folder.
pub(super) fn out_named(args: &ExportArgs, name: &str) -> PathBuf {
    if !args.output.is_dir() {
        return args.output.clone();
    }
    let path = args.output.join(format!("{name}.mp4"));
    if args.overwrite {
        path
    } else {
        crate::files::free_path(&path)
    }
}
