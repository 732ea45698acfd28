//! A prepared video's segments: how densely a short one is sampled, its change points, and the cuts
//! they stand on.
//!
//! Decides nothing by itself but what suits the video's length; the change points are found in
//! `summary`.

use super::PipelineError;
use crate::domain::{
    ChangePointPrice, Dull, Features, FrameIndex, FrameRange, Segment, SegmentSettings,
    Segmentation, Shots,
};
use crate::summary::noise_price::{self, Edge};
use crate::summary::segments::segment_from_frames;
use crate::summary::{self, KtsParams, NoisePrice, select};

/// Rows that a short video should have at least, so that its shortest segments hold a few.
const LEAST_ROWS: f64 = 40.0;
/// A short video is sampled at most so many times as densely as its bundle asks.
pub(super) const MOST_DENSITY: f64 = 10.0;

/// A shot between two cuts that is shorter than this share of the shortest length is a flash.
const BRIEF_SHARE: f64 = 0.5;

/// How many times as densely as `fps` a video is sampled: once, unless it is short.
pub(super) fn density(duration_secs: f64, fps: f64) -> f64 {
    let wanted = LEAST_ROWS / (duration_secs * fps);
    // Not a number for a video without duration: sampled once.
    if wanted > 1.0 {
        wanted.ceil().min(MOST_DENSITY)
    } else {
        1.0
    }
}

/// The rows among `picks` that stand for `seen`, the picks at the networks' own rate; empty where
/// these are all.
pub(super) fn network_rows(picks: &[u64], seen: &[u64]) -> Vec<usize> {
    if picks.len() <= seen.len() {
        return Vec::new();
    }
    let mut rows: Vec<usize> = seen
        .iter()
        .map(|&frame| picks.partition_point(|&pick| pick < frame))
        .filter(|&row| row < picks.len())
        .collect();
    rows.dedup();
    rows
}

/// The sentence for a video that is too short to choose from; `None` for any other.
pub(super) fn too_short(index: &FrameIndex) -> Option<String> {
    if !select::is_too_short(index.duration_secs(), index.len()) {
        return None;
    }
    let what = match index.len() {
        1 => "is a single picture".to_owned(),
        frames if index.duration_secs() >= select::LEAST_SECS => {
            format!("has only {frames} pictures")
        }
        _ => format!("lasts only {:.1} s", index.duration_secs()),
    };
    Some(format!(
        "The video {what}, too little to choose from: every summary is the whole video."
    ))
}

/// Segments of a raw video, and how they were found. Each begins at a cut or at a sampled frame.
pub(super) fn segments(
    features: &Features,
    index: &FrameIndex,
    shots: &Shots,
    settings: &SegmentSettings,
    price: &NoisePrice,
) -> (Vec<Segment>, Segmentation) {
    let kts = settings.kts;
    if kts == ChangePointPrice::Rows {
        let found = summary::kts(features.values.view(), &KtsParams::default());
        let segments =
            summary::segments_from_change_points(&found.change_points, &features.picks, index);
        let how = Segmentation {
            kts,
            cuts: shots.cuts.clone(),
            ..Segmentation::default()
        };
        return (segments, how);
    }
    let (duration_secs, frame_count) = (index.duration_secs(), index.len());
    if select::is_too_short(duration_secs, frame_count) {
        let whole = segment_from_frames(FrameRange::new(0, frame_count), index);
        let how = Segmentation {
            cuts: shots.cuts.clone(),
            ..Segmentation::default()
        };
        return (vec![whole], how);
    }
    let edges = edges(&features.picks, index, &shots.cuts);
    let wanted = [settings.min_segment_secs, settings.max_segment_secs];
    let lengths = price.lengths(duration_secs, frame_count, wanted);
    let found = noise_price::segment(features.values.view(), &edges, price, &lengths);
    let starts = std::iter::once(0).chain(found.change_points.iter().copied());
    let ends = (found.change_points.iter().copied()).chain([features.len()]);
    let segments = starts
        .zip(ends)
        .map(|(start, end)| FrameRange::new(edges[start].frame, edges[end].frame))
        .map(|range| {
            let segment = segment_from_frames(range, index);
            let is_brief = segment.duration_secs() < BRIEF_SHARE * lengths.shortest_secs;
            Segment {
                dull: shots.dullness(range).or(is_brief.then_some(Dull::Brief)),
                ..segment
            }
        })
        .collect();
    let how = Segmentation {
        kts,
        noise: found.noise,
        price: found.price,
        min_segment_secs: lengths.shortest_secs,
        max_segment_secs: Some(lengths.longest_secs),
        cuts: shots.cuts.clone(),
    };
    (segments, how)
}

/// Where segments may begin and end: at the first row's start, at each further pick or, where a cut
/// lies between it and the pick before, at the cut, and at the end of the video.
fn edges(picks: &[u64], index: &FrameIndex, cuts: &[u64]) -> Vec<Edge> {
    let edge = |frame: u64, is_cut: bool| Edge {
        frame,
        secs: index.secs_from_frame(frame),
        is_cut,
    };
    let inner = picks.windows(2).map(|pair| {
        // Of two cuts within one step the later one: what follows it is one shot.
        let at = cuts.partition_point(|&cut| cut <= pair[1]);
        match at.checked_sub(1).map(|at| cuts[at]) {
            Some(cut) if cut > pair[0] => edge(cut, true),
            _ => edge(pair[1], false),
        }
    });
    std::iter::once(edge(0, false))
        .chain(inner)
        .chain([edge(index.len(), false)])
        .collect()
}

/// Refuses bounds within which not every video can be cut.
pub(super) fn check_bounds(settings: &SegmentSettings) -> Result<(), PipelineError> {
    let (min, max) = (settings.min_segment_secs, settings.max_segment_secs);
    let is_length = |secs: Option<f64>| secs.is_none_or(|secs| secs.is_finite() && secs > 0.0);
    let are_apart = min.zip(max).is_none_or(|(min, max)| max >= 2.0 * min);
    if is_length(min) && is_length(max) && are_apart {
        return Ok(());
    }
    let secs = |secs: Option<f64>| secs.map_or("any length".to_owned(), |secs| format!("{secs} s"));
    Err(PipelineError::Bounds {
        min: secs(min),
        max: secs(max),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::domain::Rational;

    fn index(frames: i64, frame_millis: i64) -> FrameIndex {
        FrameIndex {
            pts: (0..frames).map(|frame| frame * frame_millis).collect(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, 1000),
            last_duration: frame_millis,
        }
    }

    fn features(index: &FrameIndex, fps: f64) -> Features {
        let picks = index.picks_at(fps * density(index.duration_secs(), fps));
        Features {
            values: Array2::from_shape_fn((picks.len(), 6), |(row, d)| {
                ((row / 5 * 7 + d * 3) % 11) as f32 + 0.01 * ((row * 13 + d) % 7) as f32
            }),
            pick_times_secs: picks.iter().map(|&p| index.secs_from_frame(p)).collect(),
            network_rows: network_rows(&picks, &index.picks_at(fps)),
            picks,
        }
    }

    #[test]
    fn short_videos_are_sampled_densely_and_networks_see_their_own_rate() {
        assert_eq!(density(600.0, 2.0), 1.0);
        assert_eq!(density(20.0, 2.0), 1.0);
        assert_eq!(density(9.9, 2.0), 3.0);
        assert_eq!(density(2.0, 2.0), 10.0);
        assert_eq!(density(0.0, 2.0), MOST_DENSITY);
        for (frames, millis) in [(250, 40), (75, 40), (60, 33), (9, 250), (1, 40)] {
            let index = index(frames, millis);
            let features = features(&index, 2.0);
            assert_eq!(
                features.for_network().picks,
                index.picks_at(2.0),
                "{frames}"
            );
        }
    }

    #[test]
    fn any_video_of_two_seconds_has_several_segments_that_fit_into_a_summary() {
        for (frames, millis) in [
            (50, 40),
            (60, 33),
            (20, 100),
            (120, 25),
            (250, 40),
            (1500, 40),
        ] {
            let index = index(frames, millis);
            let features = features(&index, 2.0);
            let settings = SegmentSettings::default();
            let price = NoisePrice::default();
            let (segments, how) = segments(&features, &index, &Shots::default(), &settings, &price);
            let capacity = select::capacity(0.15, index.len());
            let fitting = segments
                .iter()
                .filter(|s| s.frame_count() <= capacity)
                .count();
            assert!(fitting >= 3 && fitting == segments.len(), "{segments:?}");
            assert!(how.price > 0.0 && how.max_segment_secs.unwrap() <= 8.0);
            assert_eq!(segments[0].start_frame, 0);
            assert!(
                segments
                    .windows(2)
                    .all(|p| p[0].end_frame == p[1].start_frame)
            );
            assert_eq!(segments[segments.len() - 1].end_frame, index.len());
        }
    }

    #[test]
    fn the_shortest_videos_are_one_segment_with_a_sentence() {
        for (frames, millis, said) in [
            (1, 40, "a single picture"),
            (25, 40, "lasts only 1.0 s"),
            (3, 5000, "only 3 pictures"),
        ] {
            let index = index(frames, millis);
            let features = features(&index, 2.0);
            let settings = SegmentSettings::default();
            let price = NoisePrice::default();
            let (segments, _) = segments(&features, &index, &Shots::default(), &settings, &price);
            assert_eq!(segments.len(), 1);
            assert!(too_short(&index).unwrap().contains(said));
        }
        assert_eq!(too_short(&index(50, 40)), None);
    }

    #[test]
    fn edges_stand_on_the_cuts_between_picks() {
        let index = index(100, 40);
        let at = |cuts: &[u64]| -> Vec<(u64, bool)> {
            (edges(&[0, 12, 25, 37], &index, cuts).iter())
                .map(|edge| (edge.frame, edge.is_cut))
                .collect()
        };
        let plain = [
            (0, false),
            (12, false),
            (25, false),
            (37, false),
            (100, false),
        ];
        assert_eq!(at(&[]), plain);
        // A cut on a pick, one before a pick, two within one step, and one behind the last pick,
        // which has no row of its own.
        let cut = at(&[12, 13, 26, 30, 80]);
        assert_eq!(
            cut,
            [(0, false), (12, true), (13, true), (30, true), (100, false)]
        );
    }

    #[test]
    fn bounds_that_leave_no_segmentation_are_refused() {
        let bounds = |min, max| SegmentSettings {
            min_segment_secs: min,
            max_segment_secs: max,
            ..SegmentSettings::default()
        };
        assert!(check_bounds(&bounds(Some(2.0), Some(3.0))).is_err());
        assert!(check_bounds(&bounds(Some(2.0), Some(4.0))).is_ok());
        assert!(check_bounds(&bounds(None, Some(0.5))).is_ok());
    }
}
