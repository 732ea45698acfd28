//! Fills the window's state from a written analysis, as it is written: nothing is inferred anew.

use std::sync::Arc;

use ndarray::Array2;

use super::Output;
use crate::domain::{Analysis, Draw, Features, FrameIndex, Rational};
use crate::media::{self, SampledDecoder, SampledOptions};
use crate::pipeline::{self, Event, Thumb};
use crate::session::report::Runtime;
use crate::state::AppState;

/// Thumbnails of a filmstrip that is seen once.
const THUMBS: usize = 60;

/// Puts a written analysis, whose parts fit each other, into the state.
///
/// # Errors
/// After Ctrl+C.
pub(super) fn fill_from_analysis(
    state: &mut AppState,
    analysis: &Analysis,
    thumbnails: bool,
    output: &Output,
) -> anyhow::Result<()> {
    let mut scores = Array2::zeros((analysis.samples.len(), analysis.picks.len()));
    for (sample, mut row) in analysis.samples.iter().zip(scores.outer_iter_mut()) {
        row.assign(&ndarray::ArrayView1::from(&sample.scores));
    }
    let (index, same) = frame_index(analysis, output);
    let thumbs = match thumbnails && same {
        true => thumbs(analysis, &index, output)?,
        false => Vec::new(),
    };
    let band = pipeline::score_band(scores.view());
    let draw = Draw {
        settings: analysis.settings.clone(),
        partial: false,
        scores: Arc::new(scores),
        selections: Arc::new(
            analysis
                .samples
                .iter()
                .map(|sample| sample.selected_segments.clone())
                .collect(),
        ),
        durations_secs: analysis.samples.iter().map(|s| s.duration_secs).collect(),
        selection_frequency: analysis.selection_frequency.clone(),
        mean_scores: band.mean,
        low_scores: band.low,
        high_scores: band.high,
        alternatives: analysis.alternatives.clone(),
        weights: analysis.weights.as_deref().map(Into::into),
        coverage: analysis.coverage,
        kinds_settled: true,
    };
    state.choices.settings = analysis.settings.clone();
    let runtime = Runtime {
        bundle: analysis.bundle.name.clone(),
        bundle_ref: analysis.bundle.clone(),
        device: analysis.device.to_uppercase(),
        // No network is there to ask; what was used was possible.
        guidance: analysis.settings.guidance != 0.0,
        coherence: analysis.settings.coherence_secs != 0.0,
        ..Runtime::default()
    };
    let features = Features {
        values: Array2::zeros((analysis.picks.len(), 0)),
        picks: analysis.picks.clone(),
        pick_times_secs: analysis.pick_times_secs.clone(),
        network_rows: Vec::new(),
    };
    state.runtime = runtime;
    let cuts = (analysis.segmentation.as_ref()).map_or(Vec::new(), |how| how.cuts.clone());
    let facts = Event::Probed {
        info: analysis.video.clone(),
        index: Arc::new(index),
    };
    let parts = [
        Event::Features(Arc::new(features)),
        Event::Segments(analysis.segments.as_slice().into()),
        Event::Cuts(cuts.into()),
        Event::Draw(Arc::new(draw)),
        Event::Done(analysis.timings_secs.clone()),
    ];
    let thumbs = thumbs.into_iter().map(Event::Thumb);
    for event in std::iter::once(facts).chain(thumbs).chain(parts) {
        state.handle(event);
    }
    Ok(())
}

/// A filmstrip of the video, decoded anew; without one where it cannot be decoded.
fn thumbs(analysis: &Analysis, index: &FrameIndex, output: &Output) -> anyhow::Result<Vec<Thumb>> {
    let every = analysis.picks.len().div_ceil(THUMBS).max(1);
    let numbers: Vec<usize> = (0..analysis.picks.len()).step_by(every).collect();
    let frames: Vec<u64> = numbers.iter().map(|&pick| analysis.picks[pick]).collect();
    let cancel = output.cancel_token().clone();
    let options = SampledOptions::default();
    let decoder = SampledDecoder::open(&analysis.video.path, index, &frames, options, cancel);
    let mut thumbs = Vec::new();
    for frame in decoder.into_iter().flatten() {
        output.check_interrupt()?;
        let Ok(frame) = frame else {
            break;
        };
        thumbs.push(Thumb {
            pick: numbers[frame.pick],
            frame: frame.frame,
            secs: frame.secs,
            image: frame.thumb,
        });
    }
    Ok(thumbs)
}

/// Frame times of the video where it is still there and the same, else even ones; and whether it is.
fn frame_index(analysis: &Analysis, output: &Output) -> (FrameIndex, bool) {
    let video = &analysis.video;
    if video.path.is_file() {
        match media::inspect(&video.path, output.cancel_token(), &mut |_| {}) {
            Ok((_, index)) if index.len() == video.frame_count => return (index, true),
            Ok(_) => output.say(&format!(
                "{} has changed since it was analysed; times are taken from the analysis",
                video.path.display()
            )),
            Err(error) => output.say(&format!("{error}; times are taken from the analysis")),
        }
    }
    // Microseconds: the exact times are those of the segments, which the analysis states.
    let frames = video.frame_count.max(1);
    let ticks =
        |frame: u64| (frame as f64 / frames as f64 * video.duration_secs * 1e6).round() as i64;
    let mut index = FrameIndex {
        pts: (0..frames).map(ticks).collect(),
        keyframes: Arc::from([0]),
        time_base: Rational::new(1, 1_000_000),
        last_duration: 0,
    };
    index.last_duration = ticks(frames) - ticks(frames - 1);
    (index, false)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::ProgressMode;
    use crate::cli::analyze::{DrawArgs, PrepareArgs};
    use crate::cli::filling::{Filling, fill_as_written};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        prepare: PrepareArgs,
        #[command(flatten)]
        draw: DrawArgs,
    }

    fn filled(source: &std::path::Path, words: &[&str]) -> anyhow::Result<AppState> {
        let line = Line::try_parse_from([&["x"], words].concat())?;
        let mut state = AppState::default();
        let args = Filling {
            source,
            video: None,
            whole_dataset: false,
            thumbnails: true,
            annotations: None,
            prepare: &line.prepare,
            draw: &line.draw,
        };
        fill_as_written(&mut state, &args, &Output::new(true, ProgressMode::None))?;
        Ok(state)
    }

    #[test]
    fn a_written_analysis_is_shown_as_it_is_without_its_video_or_a_network() {
        let seed = include_bytes!("../../tests/fuzz/seeds/analysis/demo.json");
        let mut analysis = Analysis::from_json(seed).unwrap();
        analysis.video.path = "/gone/film.mp4".into();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        std::fs::write(&file, serde_json::to_vec(&analysis).unwrap()).unwrap();
        let state = filled(&file, &[]).unwrap();
        let draw = state.session.unwrap().draw.unwrap();
        assert_eq!(draw.settings, analysis.settings);
        let stored: Vec<Vec<usize>> = (analysis.samples.iter())
            .map(|sample| sample.selected_segments.clone())
            .collect();
        assert_eq!(*draw.selections, stored);
        // Another bundle cannot be shown as written: it needs the video.
        let refused = filled(&file, &["--bundle", "other"]).err().unwrap();
        assert!(refused.to_string().contains("--video"), "{refused}");
    }
}
