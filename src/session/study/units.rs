//! The works of a study as units for the measures of reliability.

use super::Merged;
use crate::analysis::raters::in_ranges;
use crate::analysis::study::{Bootstrap, Person, Times, Video, Within, reliability};
use crate::domain::AnnotatorWork;
use crate::domain::conditions::Method;
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

/// Complete works as categories over units: ratings less one, or 1 where a frame is picked; with
/// the number of categories.
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

/// Seconds on each showing of one annotator's work, and how shots that were rated twice were rated
/// again, as in a study's report; each `None` where there are none. `shot_secs` are those of the
/// work, or newer ones.
pub fn own_measures(work: &AnnotatorWork, shot_secs: &[f64]) -> (Option<Times>, Option<Within>) {
    if work.method != Method::Ratings {
        return (None, None);
    }
    let person = Person {
        shot_secs: shot_secs.to_vec(),
        ..person(work, Task::Rate)
    };
    let alone = Video {
        people: vec![person],
        ..Video::default()
    };
    let bootstrap = Bootstrap {
        resamples: 0,
        seed: 0,
    };
    let found = reliability(&[alone], 5, bootstrap);
    // The first entries are of all together; the last ones are hers.
    let times = found.times.into_iter().next_back();
    let within = found.within.into_iter().next_back();
    (
        times.filter(|times| times.showings > 0),
        within.filter(|within| within.pairs > 0),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_work_has_its_median_time_and_its_repeats() {
        let mut work = AnnotatorWork {
            name: "Ann".to_owned(),
            ratings: vec![Some(1), Some(3), Some(5), None],
            repeats: vec![0, 1, 3],
            second_ratings: vec![Some(1), Some(5), Some(2)],
            ..AnnotatorWork::default()
        };
        let (times, within) = own_measures(&work, &[1.0, 2.0, 6.0]);
        let times = times.unwrap();
        assert_eq!((times.showings, times.median_secs), (3, 2.0));
        let within = within.unwrap();
        // The fourth shot was not rated before.
        assert_eq!(within.pairs, 2);
        assert_eq!(within.same.unwrap().value, 0.5);
        assert_eq!(own_measures(&AnnotatorWork::default(), &[]), (None, None));
        work.method = Method::Picks;
        assert_eq!(own_measures(&work, &[1.0]), (None, None));
    }
}
