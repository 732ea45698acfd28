//! Places in the open video: by words of its subtitles, and by frames that look alike. Pure; times
//! are read elsewhere.

use ndarray::ArrayView1;

use crate::domain::cue::Cue;
use crate::domain::{Features, Segment};

/// Most places that are found by words.
pub const MOST_BY_WORDS: usize = 200;
/// Most places that are found by a frame.
pub const MOST_ALIKE: usize = 24;

/// A place that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub secs: f64,
    pub by: FoundBy,
}

/// Why it was found.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundBy {
    /// The time was named.
    Time,
    /// The words that are shown there.
    Words(String),
    /// Cosine of its feature vector and that of the frame in question, in [-1, 1].
    Likeness(f32),
}

impl FoundBy {
    /// How much alike a place is: what was named or says the words is as like as can be.
    pub fn likeness(&self) -> f32 {
        match self {
            Self::Time | Self::Words(_) => 1.0,
            Self::Likeness(cosine) => *cosine,
        }
    }
}

/// Cues that hold all of the words, in any order and in part, ascending.
pub fn by_words(cues: &[Cue], typed: &str) -> Vec<Found> {
    let typed = typed.to_lowercase();
    let wanted: Vec<&str> = typed.split_whitespace().collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    cues.iter()
        .filter(|cue| {
            let text = cue.text.to_lowercase();
            wanted.iter().all(|word| text.contains(word))
        })
        .take(MOST_BY_WORDS)
        .map(|cue| Found {
            secs: cue.start_secs.max(0.0),
            by: FoundBy::Words(cue.text.replace('\n', " ")),
        })
        .collect()
}

/// Frames whose feature vectors are nearest to that of a pick by their cosine, nearest first: at
/// most one of each segment, none of the pick's own. Segments ascend.
pub fn alike(features: &Features, segments: &[Segment], pick: usize) -> Vec<Found> {
    let length = |row: ArrayView1<'_, f32>| row.dot(&row).sqrt();
    if pick >= features.len() {
        return Vec::new();
    }
    let wanted = features.values.row(pick);
    let wanted_length = length(wanted);
    let segment_of = |frame: u64| {
        let after = segments.partition_point(|segment| segment.start_frame <= frame);
        after.checked_sub(1)
    };
    let own = segment_of(features.picks[pick]);
    let mut best: Vec<Option<(f32, usize)>> = vec![None; segments.len()];
    for (at, row) in features.values.outer_iter().enumerate() {
        let segment = segment_of(features.picks[at]);
        let Some(segment) = segment.filter(|_| segment != own) else {
            continue;
        };
        let cosine = row.dot(&wanted) / (length(row) * wanted_length);
        // Where one of them is zero there is no angle.
        if cosine.is_finite() && best[segment].is_none_or(|(other, _)| cosine > other) {
            best[segment] = Some((cosine, at));
        }
    }
    let mut found: Vec<(f32, usize)> = best.into_iter().flatten().collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(MOST_ALIKE);
    found
        .into_iter()
        .map(|(cosine, at)| Found {
            secs: features.pick_times_secs[at],
            by: FoundBy::Likeness(cosine.clamp(-1.0, 1.0)),
        })
        .collect()
}

/// Rows whose vectors are nearest to one by their cosine, nearest first, at most one of each
/// stretch of a few seconds.
pub fn nearest_rows(features: &Features, wanted: &[f32], most: usize) -> Vec<(usize, f32)> {
    /// Frames nearer than this to a better one show the same.
    const APART_SECS: f64 = 4.0;
    let wanted = ArrayView1::from(wanted);
    let length = |row: ArrayView1<'_, f32>| row.dot(&row).sqrt();
    let wanted_length = length(wanted);
    if features.values.ncols() != wanted.len() {
        return Vec::new();
    }
    let mut rows: Vec<(usize, f32)> = (features.values.outer_iter().enumerate())
        .map(|(at, row)| (at, row.dot(&wanted) / (length(row) * wanted_length)))
        // Where one of them is zero there is no angle.
        .filter(|(_, cosine)| cosine.is_finite())
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut best: Vec<(usize, f32)> = Vec::new();
    for (at, cosine) in rows {
        let secs = |row: usize| features.pick_times_secs[row];
        if best.len() == most {
            break;
        }
        if (best.iter()).all(|(other, _)| (secs(*other) - secs(at)).abs() >= APART_SECS) {
            best.push((at, cosine.clamp(-1.0, 1.0)));
        }
    }
    best
}

/// The pick nearest to a time.
pub fn nearest_pick(features: &Features, secs: f64) -> Option<usize> {
    let times = &features.pick_times_secs;
    let right = times.partition_point(|&time| time < secs);
    let left = right.checked_sub(1);
    match (left, times.get(right)) {
        (Some(left), Some(next)) if secs - times[left] <= next - secs => Some(left),
        (left, None) => left,
        (_, Some(_)) => Some(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn features() -> Features {
        Features {
            values: array![
                [1.0, 0.0],
                [0.9, 0.1],
                [0.0, 1.0],
                [0.1, 1.0],
                [2.0, 0.1],
                [1.0, 0.4],
                [0.0, 0.0],
            ],
            picks: vec![0, 10, 20, 30, 40, 50, 60],
            pick_times_secs: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            network_rows: Vec::new(),
        }
    }

    fn segments() -> Vec<Segment> {
        [(0, 20), (20, 40), (40, 60), (60, 70)]
            .map(|(start_frame, end_frame)| Segment {
                start_frame,
                end_frame,
                start_secs: start_frame as f64 / 10.0,
                end_secs: end_frame as f64 / 10.0,
                dull: None,
            })
            .to_vec()
    }

    #[test]
    fn the_nearest_frame_of_each_other_segment_is_found_nearest_first() {
        let found = alike(&features(), &segments(), 0);
        let places: Vec<f64> = found.iter().map(|found| found.secs).collect();
        // The own segment, and the one whose vector is zero, are left out.
        assert_eq!(places, [4.0, 3.0]);
        let FoundBy::Likeness(cosine) = found[0].by else {
            panic!("{found:?}");
        };
        assert!((cosine - 2.0 / (4.0f32 + 0.01).sqrt()).abs() < 1e-6);
        assert!(alike(&features(), &segments(), 6).is_empty());
        assert!(alike(&features(), &segments(), 7).is_empty());
        assert!(alike(&features(), &[], 0).is_empty());
    }

    #[test]
    fn rows_nearest_to_a_vector_are_some_seconds_apart() {
        let rows = |most| -> Vec<usize> {
            let found = nearest_rows(&features(), &[3.0, 0.0], most);
            found.into_iter().map(|(row, _)| row).collect()
        };
        // The zero vector is left out, and so are neighbours of better ones.
        assert_eq!(rows(9), [0, 4]);
        assert_eq!(rows(1), [0]);
        assert!(nearest_rows(&features(), &[1.0], 9).is_empty());
        assert!(nearest_rows(&features(), &[0.0, 0.0], 9).is_empty());
    }

    #[test]
    fn the_pick_nearest_to_a_time_is_meant() {
        let features = features();
        assert_eq!(nearest_pick(&features, -1.0), Some(0));
        assert_eq!(nearest_pick(&features, 1.4), Some(1));
        assert_eq!(nearest_pick(&features, 1.6), Some(2));
        assert_eq!(nearest_pick(&features, 99.0), Some(6));
    }

    #[test]
    fn words_are_found_in_any_order_and_case() {
        let cue = |start_secs: f64, text: &str| Cue {
            start_secs,
            end_secs: start_secs + 1.0,
            text: text.to_owned(),
        };
        let cues = [
            cue(-0.5, "The Harbour\nwakes up"),
            cue(4.0, "Boats leave the harbour"),
        ];
        let places = |typed: &str| -> Vec<f64> {
            by_words(&cues, typed)
                .iter()
                .map(|found| found.secs)
                .collect()
        };
        assert_eq!(places("harbour"), [0.0, 4.0]);
        assert_eq!(places("HARB boat"), [4.0]);
        assert!(places("harbour night").is_empty() && places("  ").is_empty());
        let first = by_words(&cues, "wakes").remove(0);
        assert_eq!(first.by, FoundBy::Words("The Harbour wakes up".to_owned()));
    }
}
