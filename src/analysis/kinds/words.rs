//! One line for each kind on how it differs from the others: what it alone keeps or leaves out,
//! where in the video it looks, how much moves, which recurring scene it shows. Every part is
//! derived from the kinds' summaries, so that none contradicts them.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::domain::Segment;
use crate::ui::text;

/// Parts of a line; more are not read.
const MOST_PARTS: usize = 3;
/// Ranges named in one part.
const MOST_RANGES: usize = 2;
/// Share of a summary in one third of the video from which it counts as being from there.
const MOSTLY: f64 = 0.6;
/// How much more, or less, must move than in any other kind's summary.
const MORE_MOTION: f64 = 1.15;
/// Cosine of two segments' mean features, the video's mean taken off, from which they show one
/// scene.
const SAME_SCENE: f32 = 0.8;

/// What a segment shows, as far as features show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SegmentTraits {
    /// Mean difference of neighbouring picks' features in units of the video's mean; `None` where
    /// it has a single pick.
    pub motion: Option<f64>,
    /// The first segment of a scene that comes back after others.
    pub scene: Option<usize>,
}

/// Traits of each segment. `features`: float32 [N, D], `picks`: their frames, ascending.
pub fn segment_traits(
    features: ArrayView2<'_, f32>,
    picks: &[u64],
    segments: &[Segment],
) -> Vec<SegmentTraits> {
    let rows = features.nrows().min(picks.len());
    let of_segment: Vec<std::ops::Range<usize>> = segments
        .iter()
        .map(|segment| {
            let at = |frame| picks[..rows].partition_point(|&pick| pick < frame);
            at(segment.start_frame)..at(segment.end_frame)
        })
        .collect();
    let motions: Vec<Option<f64>> = of_segment
        .iter()
        .map(|range| {
            let steps = range.len().checked_sub(1).filter(|&steps| steps > 0)?;
            let sum: f64 = (range.start + 1..range.end)
                .map(|at| {
                    let step = &features.row(at) - &features.row(at - 1);
                    f64::from(step.dot(&step)).sqrt()
                })
                .sum();
            Some(sum / steps as f64)
        })
        .collect();
    let known: Vec<f64> = motions.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let scenes = scenes(features, &of_segment);
    motions
        .into_iter()
        .zip(scenes)
        .map(|(motion, scene)| SegmentTraits {
            motion: motion.filter(|_| mean > 0.0).map(|motion| motion / mean),
            scene,
        })
        .collect()
}

/// For each segment the first one of its scene, where that comes back after another one.
fn scenes(
    features: ArrayView2<'_, f32>,
    of_segment: &[std::ops::Range<usize>],
) -> Vec<Option<usize>> {
    let overall = features
        .mean_axis(Axis(0))
        .unwrap_or_else(|| Array1::zeros(features.ncols()));
    let mut means = Array2::<f32>::zeros((of_segment.len(), features.ncols()));
    for (mut out, range) in means.outer_iter_mut().zip(of_segment) {
        let rows = features.slice(ndarray::s![range.clone(), ..]);
        if let Some(mean) = rows.mean_axis(Axis(0)) {
            let mean = mean - &overall;
            let length = mean.dot(&mean).sqrt();
            if length > 0.0 {
                out.assign(&(mean / length));
            }
        }
    }
    let alike = means.dot(&means.t());
    let first: Vec<usize> = (0..of_segment.len())
        .map(|at| {
            (0..at)
                .find(|&earlier| alike[[earlier, at]] >= SAME_SCENE)
                .unwrap_or(at)
        })
        .collect();
    let recurs = |scene: usize| {
        let mut places = (0..first.len()).filter(|&at| first[at] == scene);
        let begin = places.next();
        begin
            .zip(places.next_back())
            .is_some_and(|(begin, end)| (begin..end).any(|between| first[between] != scene))
    };
    first
        .iter()
        .map(|&scene| Some(scene).filter(|&scene| recurs(scene)))
        .collect()
}

/// A line with its last part left out, for where it has no room: what is left is true by itself.
/// `None` where nothing can be left out.
pub fn shorter_line(line: &str) -> Option<&str> {
    let cut = ["; ", " in place of ", " and ", ", with "]
        .iter()
        .find_map(|between| line.rfind(between))?;
    let left = &line[..cut];
    // Without a time only the likeness says something.
    (left.contains(':') || left.starts_with("Like ")).then_some(left)
}

/// One line for each kind's summary (ascending segment indices), given all of them. `names`: what
/// the kinds are called.
pub fn distinguishing_lines(
    faces: &[Vec<usize>],
    names: &[String],
    segments: &[Segment],
    traits: &[SegmentTraits],
) -> Vec<String> {
    let video = Described { segments, traits };
    (0..faces.len())
        .map(|kind| video.line(kind, faces, names))
        .collect()
}

struct Described<'a> {
    segments: &'a [Segment],
    traits: &'a [SegmentTraits],
}

impl Described<'_> {
    fn line(&self, kind: usize, faces: &[Vec<usize>], names: &[String]) -> String {
        let own = &faces[kind];
        if own.is_empty() {
            return "Keeps nothing within this budget".to_owned();
        }
        if own.len() == self.segments.len() {
            return "The whole video".to_owned();
        }
        let others: Vec<&Vec<usize>> = (faces.iter().enumerate())
            .filter(|&(other, _)| other != kind)
            .map(|(_, face)| face)
            .collect();
        let mut parts = Vec::new();
        if others.is_empty() {
            parts.push(format!("keeps {}", self.ranges(own)));
            parts.extend(self.place(own).map(str::to_owned));
        } else {
            parts.push(self.difference(kind, faces, names));
            let place = self.place(own);
            if others.iter().any(|other| self.place(other) != place) {
                parts.extend(place.map(str::to_owned));
            }
            parts.extend(self.motion(own, &others));
            parts.extend(self.scene(own, &others));
        }
        parts.truncate(MOST_PARTS);
        let mut line = parts.join("; ");
        if let Some(first) = line.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        line
    }

    /// What a kind alone keeps, or alone leaves out, or else how it differs from the nearest other
    /// one.
    fn difference(&self, kind: usize, faces: &[Vec<usize>], names: &[String]) -> String {
        let own = &faces[kind];
        let others = || (0..faces.len()).filter(|&other| other != kind);
        let has = |face: usize, segment: &usize| faces[face].binary_search(segment).is_ok();
        let alone: Vec<usize> = (own.iter().copied())
            .filter(|segment| others().all(|other| !has(other, segment)))
            .collect();
        if !alone.is_empty() {
            return format!("only one with {}", self.ranges(&alone));
        }
        let missing: Vec<usize> = (0..self.segments.len())
            .filter(|segment| !has(kind, segment) && others().all(|other| has(other, segment)))
            .collect();
        if !missing.is_empty() {
            return format!("only one without {}", self.ranges(&missing));
        }
        let apart = |other: usize| {
            let one = own.iter().filter(|segment| !has(other, segment)).count();
            let two = faces[other].iter().filter(|s| !has(kind, s)).count();
            one + two
        };
        let Some(nearest) = others().min_by_key(|&other| apart(other)) else {
            return format!("keeps {}", self.ranges(own));
        };
        let name = &names[nearest];
        let more: Vec<usize> = (own.iter().copied())
            .filter(|segment| !has(nearest, segment))
            .collect();
        let less: Vec<usize> = (faces[nearest].iter().copied())
            .filter(|segment| !has(kind, segment))
            .collect();
        match (more.is_empty(), less.is_empty()) {
            (true, true) => format!("same as {name} within this budget"),
            (false, true) => format!("{name} and {}", self.ranges(&more)),
            (true, false) => format!("{name} without {}", self.ranges(&less)),
            (false, false) => format!(
                "like {name}, with {} in place of {}",
                self.ranges(&more),
                self.ranges(&less)
            ),
        }
    }

    /// In which third of the video most of a summary lies, or that it lies in all of them.
    fn place(&self, face: &[usize]) -> Option<&'static str> {
        let start = self.segments.first()?.start_secs;
        let third = (self.segments.last()?.end_secs - start) / 3.0;
        let mut kept = [0.0f64; 3];
        for &segment in face {
            let Segment {
                start_secs,
                end_secs,
                ..
            } = self.segments[segment];
            for (at, kept) in kept.iter_mut().enumerate() {
                let from = start + third * at as f64;
                *kept += (end_secs.min(from + third) - start_secs.max(from)).max(0.0);
            }
        }
        let all: f64 = kept.iter().sum();
        let words = [
            "mostly the beginning",
            "mostly the middle",
            "mostly the end",
        ];
        let most = kept.iter().position(|&part| part >= MOSTLY * all);
        match most {
            Some(at) if all > 0.0 => Some(words[at]),
            _ if all > 0.0 && kept.iter().all(|&part| part >= 0.2 * all) => {
                Some("spread over the video")
            }
            _ => None,
        }
    }

    fn motion(&self, own: &[usize], others: &[&Vec<usize>]) -> Option<String> {
        let own = self.mean_motion(own)?;
        let others: Vec<f64> = others.iter().filter_map(|o| self.mean_motion(o)).collect();
        if others.is_empty() {
            return None;
        }
        let most = others.iter().copied().fold(f64::MIN, f64::max);
        let least = others.iter().copied().fold(f64::MAX, f64::min);
        if own > most * MORE_MOTION {
            Some("most movement".to_owned())
        } else if own * MORE_MOTION < least {
            Some("least movement".to_owned())
        } else {
            None
        }
    }

    fn mean_motion(&self, face: &[usize]) -> Option<f64> {
        let (mut sum, mut secs) = (0.0, 0.0);
        for &segment in face {
            if let Some(motion) = self.traits.get(segment).and_then(|traits| traits.motion) {
                let duration = self.segments[segment].duration_secs();
                sum += motion * duration;
                secs += duration;
            }
        }
        (secs > 0.0).then(|| sum / secs)
    }

    /// A scene that comes back and that this kind alone shows, or alone does not.
    fn scene(&self, own: &[usize], others: &[&Vec<usize>]) -> Option<String> {
        let scene = |segment: usize| self.traits.get(segment).and_then(|traits| traits.scene);
        let shows = |face: &[usize], wanted| face.iter().any(|&s| scene(s) == Some(wanted));
        let mut all: Vec<usize> = (0..self.segments.len()).filter_map(scene).collect();
        all.sort_unstable();
        all.dedup();
        let at = |scene: usize| text::clock(self.segments[scene].start_secs);
        all.into_iter().find_map(|wanted| {
            let shown = others.iter().filter(|o| shows(o, wanted)).count();
            match (shows(own, wanted), shown) {
                (true, 0) => Some(format!(
                    "only one with the recurring scene of {}",
                    at(wanted)
                )),
                (false, shown) if shown == others.len() => {
                    Some(format!("without the recurring scene of {}", at(wanted)))
                }
                _ => None,
            }
        })
    }

    /// The longest ranges of some segments, in order, neighbours joined: "0:12–0:18 and 1:03–1:07".
    fn ranges(&self, segments: &[usize]) -> String {
        let mut ranges: Vec<(f64, f64)> = Vec::new();
        for run in segments.chunk_by(|a, b| a + 1 == *b) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            ranges.push((
                self.segments[*first].start_secs,
                self.segments[*last].end_secs,
            ));
        }
        ranges.sort_by(|a, b| {
            (b.1 - b.0)
                .total_cmp(&(a.1 - a.0))
                .then(a.0.total_cmp(&b.0))
        });
        let left_out = ranges.len().saturating_sub(MOST_RANGES);
        ranges.truncate(MOST_RANGES);
        ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut names: Vec<String> = ranges
            .iter()
            .map(
                |&(start, end)| match (text::clock(start), text::clock(end)) {
                    (start, end) if start == end => start,
                    (start, end) => format!("{start}–{end}"),
                },
            )
            .collect();
        if left_out > 0 {
            names.push(format!("{left_out} more"));
        }
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
