//! The works of a study as units for the measures of reliability.

use super::Merged;
use crate::analysis::raters::in_ranges;
use crate::analysis::study::{Person, Video};
use crate::domain::AnnotatorWork;
use crate::domain::study::Task;

/// Frames between two units of picks, as in the paper.
const PICK_STRIDE: usize = 15;

/// What a unit is, for people.
pub fn unit_name(task: Task) -> &'static str {
    match task {
        Task::Rate => "two-second shot, rated from 1 to 5",
        Task::Pick => "every 15th frame, picked or not",
    }
}

/// Complete works as categories over units: ratings less one, or 1 where a frame is picked; with the number of categories.
pub fn videos(merged: &Merged) -> (Vec<Video>, usize) {
    let task = merged.study.task;
    let videos = (merged.videos.iter())
        .map(|studied| {
            let complete = studied.works.iter().filter(|work| work.complete);
            Video {
                name: studied.video.video.clone(),
                people: complete.map(|work| person(work, task)).collect(),
            }
        })
        .filter(|video| !video.people.is_empty())
        .collect();
    let categories = match task {
        Task::Rate => 5,
        Task::Pick => 2,
    };
    (videos, categories)
}

fn person(work: &AnnotatorWork, task: Task) -> Person {
    let category = |rating: u8| rating.saturating_sub(1);
    let values = match task {
        Task::Rate => (work.ratings.iter())
            .map(|rating| rating.map(category))
            .collect(),
        Task::Pick => (0..work.frame_count)
            .step_by(PICK_STRIDE)
            .map(|frame| Some(u8::from(in_ranges(&work.picks, frame))))
            .collect(),
    };
    let repeats = work.repeated_ratings().into_iter();
    let shot_secs = match task {
        Task::Rate => work.place_secs.clone(),
        // There are no shots: the whole video counts as one.
        Task::Pick => vec![work.spent_secs],
    };
    Person {
        name: work.name.clone(),
        values,
        repeats: repeats.map(|(a, b)| (category(a), category(b))).collect(),
        shot_secs,
    }
}
