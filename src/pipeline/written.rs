//! A written analysis as the events that its analysing sent: nothing is inferred anew, and the
//! video may be missing.

use std::sync::Arc;

use ndarray::Array2;

use super::{Event, Thumb, score_band};
use crate::domain::{Analysis, Draw, Features, FrameIndex, Rational};
use crate::jobs::CancelToken;
use crate::media::{self, SampledDecoder, SampledOptions};

/// Thumbnails of a filmstrip that is seen once.
const THUMBS: usize = 60;

/// The events of an analysis whose parts fit each other, in the order in which they were sent, and
/// a sentence where the video is no longer what was analysed. Where `thumbnails` are asked for and
/// the video is there, it is decoded for them. Features have no columns: an analysis does not keep
/// them.
pub fn written_events(
    analysis: &Analysis,
    thumbnails: bool,
    cancel: &CancelToken,
) -> (Vec<Event>, Option<String>) {
    let (index, note) = frame_index(analysis, cancel);
    let thumbs = match thumbnails && note.is_none() && analysis.video.path.is_file() {
        true => thumbs(analysis, &index, cancel),
        false => Vec::new(),
    };
    let features = Features {
        values: Array2::zeros((analysis.picks.len(), 0)),
        picks: analysis.picks.clone(),
        pick_times_secs: analysis.pick_times_secs.clone(),
        network_rows: Vec::new(),
    };
    let cuts = (analysis.segmentation.as_ref()).map_or(Vec::new(), |how| how.cuts.clone());
    let mut events = vec![Event::Probed {
        info: analysis.video.clone(),
        index: Arc::new(index),
    }];
    events.extend(thumbs.into_iter().map(Event::Thumb));
    events.extend([
        Event::Features(Arc::new(features)),
        Event::Segments(analysis.segments.as_slice().into()),
        Event::Cuts(cuts.into()),
        Event::Draw(Arc::new(draw(analysis))),
        Event::Done(analysis.timings_secs.clone()),
    ]);
    (events, note)
}

fn draw(analysis: &Analysis) -> Draw {
    let samples = &analysis.samples;
    let mut scores = Array2::zeros((samples.len(), analysis.picks.len()));
    for (sample, mut row) in samples.iter().zip(scores.outer_iter_mut()) {
        row.assign(&ndarray::ArrayView1::from(&sample.scores));
    }
    let band = score_band(scores.view());
    let selected = samples
        .iter()
        .map(|sample| sample.selected_segments.clone());
    Draw {
        settings: analysis.settings.clone(),
        partial: false,
        scores: Arc::new(scores),
        selections: Arc::new(selected.collect()),
        durations_secs: samples.iter().map(|sample| sample.duration_secs).collect(),
        selection_frequency: analysis.selection_frequency.clone(),
        mean_scores: band.mean,
        low_scores: band.low,
        high_scores: band.high,
        alternatives: analysis.alternatives.clone(),
        weights: analysis.weights.as_deref().map(Into::into),
        coverage: analysis.coverage,
        kinds_settled: true,
    }
}

/// A filmstrip of the video; what there is of it where it cannot be decoded to the end.
fn thumbs(analysis: &Analysis, index: &FrameIndex, cancel: &CancelToken) -> Vec<Thumb> {
    let every = analysis.picks.len().div_ceil(THUMBS).max(1);
    let numbers: Vec<usize> = (0..analysis.picks.len()).step_by(every).collect();
    let frames: Vec<u64> = numbers.iter().map(|&pick| analysis.picks[pick]).collect();
    let (path, options) = (&analysis.video.path, SampledOptions::default());
    let decoder = SampledDecoder::open(path, index, &frames, options, cancel.clone());
    (decoder.into_iter().flatten())
        .map_while(Result::ok)
        .map(|frame| Thumb {
            pick: numbers[frame.pick],
            frame: frame.frame,
            secs: frame.secs,
            image: frame.thumb,
        })
        .collect()
}

/// Frame times of the video where it is still there and the same, else even ones; with a sentence
/// where it is another.
fn frame_index(analysis: &Analysis, cancel: &CancelToken) -> (FrameIndex, Option<String>) {
    let video = &analysis.video;
    let mut note = None;
    if video.path.is_file() {
        match media::inspect(&video.path, cancel, &mut |_| {}) {
            Ok((_, index)) if index.len() == video.frame_count => return (index, None),
            Ok(_) => {
                let path = video.path.display();
                note = Some(format!(
                    "{path} has changed since it was analysed; times are taken from the analysis"
                ));
            }
            Err(error) => note = Some(format!("{error}; times are taken from the analysis")),
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
    (index, note)
}
