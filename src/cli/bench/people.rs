//! Comparisons with people: the matches view of a whole dataset on made-up scores, and the files
//! that annotations come in.

use std::hint::black_box;
use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::report::Measure;
use super::stopwatch::median_of;
use crate::analysis::agreement::{AgreementParams, dataset_agreement};
use crate::analysis::matches::{MatchTaus, order_by_similarity};
use crate::analysis::raters::{scores_at_frames, user_summaries};
use crate::annotations::listing::{ListedVideo, list};
use crate::jobs::CancelToken;
use crate::pipeline::GivenVideo;

/// Scores of a video of five minutes at two picks a second.
const PICKS: usize = 600;
/// The paper's threshold.
const THRESHOLD: f64 = 0.25;

/// The matches view from scores: videos, annotators of each, samples of each. Annotators rate shots
/// of four picks from 1 to 5.
pub fn matches([videos, annotators, samples]: [usize; 3], runs: usize) -> Measure {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut scores = |rows: usize, rated: bool| -> Vec<Vec<f32>> {
        let mut row = || -> Vec<f32> {
            (0..PICKS / 4)
                .flat_map(|_| {
                    let rating = rng.random_range(1..=5) as f32;
                    (0..4)
                        .map(|_| if rated { rating } else { rng.random() })
                        .collect::<Vec<f32>>()
                })
                .collect()
        };
        (0..rows).map(|_| row()).collect()
    };
    let people = scores(annotators, true);
    let drawn = scores(samples, false);
    let members: Vec<usize> = (0..samples).collect();
    let spent = median_of(runs, || {
        let rows: Vec<Vec<Option<f64>>> = (0..videos)
            .map(|_| {
                let taus = MatchTaus::new(black_box(&drawn), black_box(&people));
                taus.row("", &members, THRESHOLD).shares
            })
            .collect();
        black_box(order_by_similarity(&rows));
    });
    Measure::new(
        "matches_view",
        format!("matches of {videos} videos × {annotators} annotators × {samples} samples"),
        spent,
    )
    .target(10.0)
    .pieces(videos * annotators * samples)
}

/// A file of annotations opened and listed, its first video's annotators made ready to compare, and
/// the agreement in all of it.
pub fn annotation_file(file: Option<&Path>, runs: usize) -> Vec<Measure> {
    let keys = [
        ("annotations_opened", "annotations opened and listed", 1.0),
        ("annotators_of_a_video", "annotators of one video", 0.1),
        ("agreement", "agreement of all videos", 10.0),
    ];
    let Some(file) = file else {
        let why = "name a file with --dataset";
        return keys
            .map(|(key, what, _)| Measure::missing(key, what, why))
            .to_vec();
    };
    let cancel = CancelToken::new();
    let read = || {
        let mut videos: Vec<ListedVideo> = Vec::new();
        list(file, &cancel, &mut |video, _, _| videos.push(video)).map(|_| videos)
    };
    let videos = match read() {
        Ok(videos) => videos,
        Err(error) => {
            let why = error.to_string();
            return keys
                .map(|(key, what, _)| Measure::missing(key, what, why.clone()))
                .to_vec();
        }
    };
    let opened = median_of(runs, || {
        // The same as a moment ago.
        let _ = black_box(read());
    });
    let mut measures = vec![opened];
    measures.push(median_of(runs, || {
        let Some(first) = videos.first() else { return };
        let video = GivenVideo::from_annotations(file.to_owned(), &first.set);
        for annotator in &first.set.annotators {
            black_box(scores_at_frames(annotator, &video.features.picks));
        }
        black_box(user_summaries(&first.set, &[], 0.15));
    }));
    let sets: Vec<_> = videos.iter().map(|video| video.set.clone()).collect();
    let params = AgreementParams::default();
    measures.push(median_of(runs.min(3), || {
        black_box(dataset_agreement(black_box(&sets), &params));
    }));
    let count = videos.len();
    keys.into_iter()
        .zip(measures)
        .map(|((key, what, target), spent)| {
            let what = format!("{what} ({count} videos)");
            Measure::new(key, what, spent).target(target)
        })
        .collect()
}
