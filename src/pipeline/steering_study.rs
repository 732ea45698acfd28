//! How much a few answers say of viewers whose videos a bundle has samples of: weighed samples and
//! samples drawn under the answers, beside plain ones. The measures are those of
//! `analysis::steering_study`.

use std::path::Path;

use ndarray::{ArrayView2, Axis};

use super::given::GivenVideo;
use super::methods::Method;
use super::{PipelineError, SamplingNews, SamplingSession};
use crate::analysis::raters::{rating_shots, scores_at_frames};
use crate::analysis::steering_study::{AfterAnswers, Trial, by_samples};
use crate::domain::{DrawSettings, FrameRange, RatedRange, Steering, VideoRecord};
use crate::jobs::CancelToken;

/// The study on one video: trials for each number of answers. Nothing for a video without ratings
/// or features.
///
/// # Errors
/// When the network does not fit the features or fails, or cancelled.
pub fn trials_of_video(
    seed: u64,
    path: &Path,
    record: &VideoRecord,
    method: &Method,
    settings: &DrawSettings,
    answers: &[usize],
    cancel: &CancelToken,
) -> Result<Vec<Vec<Trial>>, PipelineError> {
    let set = record.annotation_set();
    let shots = rating_shots(&set);
    let middle: Vec<u64> = (shots.iter())
        .map(|shot| (shot.start + shot.end) / 2)
        .collect();
    let raters: Vec<Vec<f32>> = (set.annotators.iter())
        .filter(|rater| !rater.scores.is_empty())
        .map(|rater| scores_at_frames(rater, &middle))
        .collect();
    if raters.is_empty() || record.features.is_empty() {
        return Ok(vec![Vec::new(); answers.len()]);
    }
    let video = GivenVideo::from_record(path.to_owned(), record);
    let mut session = method.condition(&video.features)?;
    let pick_of_shot: Vec<usize> = middle
        .iter()
        .map(|&frame| {
            let after = video.features.picks.partition_point(|&pick| pick <= frame);
            after.saturating_sub(1)
        })
        .collect();
    let of_shots = |scores: ArrayView2<'_, f32>| -> Vec<Vec<f32>> {
        let rows = scores.axis_iter(Axis(0));
        rows.map(|row| pick_of_shot.iter().map(|&pick| row[pick]).collect())
            .collect()
    };
    let settings = session.allowed(settings);
    let plain = draw(&mut session, &settings, cancel)?;
    let pool = of_shots(plain.view());
    answers
        .iter()
        .map(|&count| {
            let mut under = |asked: &[usize], own: &[f32]| {
                let settings = DrawSettings {
                    drawn_under: said(asked, own, &shots, &video),
                    ..settings.clone()
                };
                let drawn = of_shots(draw(&mut session, &settings, cancel)?.view());
                Ok(mean(&drawn))
            };
            by_samples(seed, &raters, &pool, count, &mut under)
        })
        .collect()
}

/// The means over videos, one for each number of answers.
pub fn means(answers: &[usize], videos: &[Vec<Vec<Trial>>]) -> Vec<AfterAnswers> {
    (answers.iter().enumerate())
        .map(|(at, &count)| {
            let trials: Vec<Trial> = videos
                .iter()
                .flat_map(|video| &video[at])
                .copied()
                .collect();
            AfterAnswers::of(count, &trials)
        })
        .collect()
}

fn draw(
    session: &mut SamplingSession,
    settings: &DrawSettings,
    cancel: &CancelToken,
) -> Result<std::sync::Arc<ndarray::Array2<f32>>, PipelineError> {
    session.draw(settings, cancel, &mut |_: SamplingNews| ())
}

/// Ratings of the shots asked about.
fn said(asked: &[usize], own: &[f32], shots: &[FrameRange], video: &GivenVideo) -> Steering {
    let secs = |frame| video.index.secs_from_frame(frame);
    let rate = asked.iter().map(|&shot| RatedRange {
        start_secs: secs(shots[shot].start),
        end_secs: secs(shots[shot].end),
        rating: own[shot].round().clamp(1.0, 5.0) as u8,
    });
    Steering {
        rate: rate.collect(),
        ..Steering::default()
    }
}

fn mean(rows: &[Vec<f32>]) -> Vec<f32> {
    let shots = rows.first().map_or(0, Vec::len);
    let at = |shot: usize| rows.iter().map(|row| row[shot]).sum::<f32>() / rows.len() as f32;
    (0..shots).map(at).collect()
}
