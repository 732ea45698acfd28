//! A made-up session with everything in it, the same on every machine: a video of 5:47 with painted
//! scenes, 42 segments, 100 samples of four kinds and 20 annotators. Views are developed and
//! pictured on it without a video file.

mod sound;
mod views;

use std::sync::Arc;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use self::sound::{findable, state_with_sound};
use self::views::{distribution, matches};
use crate::domain::{
    Alternative, AnnotationSet, Annotator, Draw, DrawSettings, FrameIndex, FrameRange, Letter,
    Rational, RgbImage, Segment, SummaryRef, Timings, VideoInfo,
};
use crate::session::Session;
use crate::session::report::Runtime;
use crate::session::thumbs::Thumb;
use crate::state::AppState;

/// Frames a second of the fixture video.
const FPS: u64 = 24;
/// Length in seconds.
const DURATION_SECS: u64 = 347;

/// How large a fixture is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub segments: usize,
    pub samples: usize,
    pub alternatives: usize,
    pub annotators: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            segments: 42,
            samples: 100,
            alternatives: 4,
            annotators: 20,
        }
    }
}

/// The window's state with a whole session in it.
pub fn state() -> AppState {
    state_of(Size::default())
}

/// The same with other numbers of things.
pub fn state_of(size: Size) -> AppState {
    let mut state = AppState::default();
    let session = session(size);
    state.choices.settings = DrawSettings {
        samples: size.samples,
        seed: 7,
        coherence_secs: 2.0,
        ..DrawSettings::default()
    };
    if size.annotators > 0 {
        state.choices.annotations = Some(Arc::new(annotations(size, &session.segments)));
    }
    state.choices.selection.summary = Some(SummaryRef::Alternative(Letter(0)));
    state.playback.position_secs = 133.458;
    state.runtime = Runtime {
        bundle: "lite".to_owned(),
        drawn_by: String::new(),
        bundles: vec!["lite".to_owned()],
        device: "CPU".to_owned(),
        device_note: String::new(),
        guidance: true,
        coherence: true,
        attention: false,
        ..Runtime::default()
    };
    state.session = Some(session);
    state.status = format!(
        "Ready · decoded 347 s in 6.1 s · {} samples in 0.9 s",
        size.samples
    );
    state
}

/// Which of the video's five places each of ten segments shows; then it begins again.
const PLACES: [usize; 10] = [0, 1, 2, 0, 3, 4, 1, 0, 2, 4];

/// The session alone.
pub fn session(size: Size) -> Session {
    let index = Arc::new(FrameIndex {
        pts: (0..(DURATION_SECS * FPS) as i64).collect(),
        keyframes: (0..DURATION_SECS * FPS).step_by(48).collect(),
        time_base: Rational::new(1, FPS as i64),
        last_duration: 1,
    });
    let video = VideoInfo {
        relative_path: None,
        path: "/films/harbour_day.mp4".into(),
        sha256: String::new(),
        duration_secs: DURATION_SECS as f64,
        frame_count: DURATION_SECS * FPS,
        frame_rate: Rational::new(FPS as i64, 1),
        width: 854,
        height: 480,
        rotation_deg: 0,
        has_audio: true,
        coded_width: 854,
        coded_height: 480,
        codec: "h264".to_owned(),
        variable_frame_rate: false,
        warnings: Vec::new(),
        start_timecode: None,
    };
    let mut session = Session::new(video, index);
    let segments = segments(size.segments);
    for (pick, secs) in (0..DURATION_SECS).step_by(3).enumerate() {
        session.thumbs.insert(Thumb {
            pick,
            frame: secs * FPS,
            secs: secs as f64,
            image: scene(secs as f64, &segments, 160, 90),
        });
    }
    session.pick_times_secs = (0..DURATION_SECS * 2).map(|i| i as f64 / 2.0).collect();
    session.segments = segments.into();
    let draw = draw(size, &session.segments);
    session.distribution = Some(Arc::new(distribution(size, &draw)));
    if size.annotators > 0 {
        let set = annotations(size, &session.segments);
        session.annotator_ranges_secs = set
            .annotators
            .iter()
            .map(|annotator| session.ranges_secs(&annotator.picks))
            .collect();
        session.matches = Some(Arc::new(matches(size, &draw)));
    }
    session.draw = Some(Arc::new(draw));
    session.timings = Some(Timings {
        decode: 6.1,
        sample: 0.8,
        select: 0.1,
        ..Timings::default()
    });
    session
}

/// Kind of summary an annotator or a sample is closest to: the first kinds are more common.
fn kind_of(index: usize, total: usize, kinds: usize) -> usize {
    const SHARES: [f64; 8] = [0.41, 0.30, 0.18, 0.11, 0.08, 0.06, 0.04, 0.02];
    let sum: f64 = SHARES[..kinds].iter().sum();
    let at = (index as f64 + 0.5) / total as f64 * sum;
    let mut reached = 0.0;
    for (kind, share) in SHARES[..kinds].iter().enumerate() {
        reached += share;
        if at < reached {
            return kind;
        }
    }
    kinds - 1
}

fn segments(count: usize) -> Vec<Segment> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let total = DURATION_SECS * FPS;
    let weights: Vec<f64> = (0..count).map(|_| rng.random_range(0.25..1.6)).collect();
    let sum: f64 = weights.iter().sum();
    let mut reached = 0.0;
    let mut start = 0;
    weights
        .iter()
        .enumerate()
        .map(|(i, weight)| {
            reached += weight / sum;
            let end = if i + 1 == count {
                total
            } else {
                ((reached * total as f64) as u64).max(start + 1)
            };
            let segment = Segment {
                start_frame: start,
                end_frame: end,
                start_secs: start as f64 / FPS as f64,
                end_secs: end as f64 / FPS as f64,
                dull: None,
            };
            start = end;
            segment
        })
        .collect()
}

/// How much a kind of summary likes each segment.
fn taste(kind: usize, segments: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(100 + kind as u64);
    (0..segments)
        .map(|segment| {
            let shared = ((segment as f32 * 0.37).sin() + 1.0) * 0.16;
            shared + rng.random_range(0.0..0.62f32)
        })
        .collect()
}

/// Segments of highest taste within the budget.
fn select(values: &[f32], segments: &[Segment], budget_frames: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut left = budget_frames;
    let mut chosen = Vec::new();
    for segment in order {
        let frames = segments[segment].frame_count();
        if frames <= left {
            left -= frames;
            chosen.push(segment);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn draw(size: Size, segments: &[Segment]) -> Draw {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let picks = (DURATION_SECS * 2) as usize;
    let tastes: Vec<Vec<f32>> = (0..size.alternatives)
        .map(|kind| taste(kind, segments.len()))
        .collect();
    let mut scores = Array2::<f32>::zeros((size.samples, picks));
    let mut selections = Vec::new();
    let mut durations_secs = Vec::new();
    for sample in 0..size.samples {
        let kind = kind_of(sample, size.samples, size.alternatives);
        let values: Vec<f32> = tastes[kind]
            .iter()
            .map(|taste| taste + rng.random_range(-0.04..0.04f32))
            .collect();
        let mut smooth = values[0];
        let mut segment = 0;
        for pick in 0..picks {
            let secs = pick as f64 / 2.0;
            while segment + 1 < segments.len() && segments[segment].end_secs <= secs {
                segment += 1;
            }
            smooth += (values[segment] - smooth) * 0.16 + rng.random_range(-0.01..0.01f32);
            scores[[sample, pick]] = smooth.clamp(0.0, 1.0);
        }
        let chosen = select(&values, segments, DURATION_SECS * FPS * 15 / 100);
        durations_secs.push(chosen.iter().map(|&s| segments[s].duration_secs()).sum());
        selections.push(chosen);
    }
    let mut frequency = vec![0.0; segments.len()];
    for selection in &selections {
        for &segment in selection {
            frequency[segment] += 1.0 / size.samples as f64;
        }
    }
    let mut mean_scores = Vec::with_capacity(picks);
    let (mut low_scores, mut high_scores) = (Vec::new(), Vec::new());
    for column in scores.columns() {
        let mut values = column.to_vec();
        values.sort_by(f32::total_cmp);
        mean_scores.push(values.iter().sum::<f32>() / values.len() as f32);
        low_scores.push(values[values.len() / 10]);
        high_scores.push(values[values.len() * 9 / 10]);
    }
    let alternatives = (0..size.alternatives)
        .filter_map(|kind| {
            let members: Vec<usize> = (0..size.samples)
                .filter(|&sample| kind_of(sample, size.samples, size.alternatives) == kind)
                .collect();
            let medoid_sample = *members.get(members.len() / 2)?;
            Some(Alternative {
                label: Letter(kind as u8).label(),
                medoid_sample,
                share: members.len() as f64 / size.samples as f64,
                share_error: 0.0,
                members,
                coverage: 0.9,
                scores: scores.row(medoid_sample).to_vec(),
                selected_segments: selections[medoid_sample].clone(),
                duration_secs: durations_secs[medoid_sample],
                distinguishes: [
                    "Only one with 5:23–5:35; most movement",
                    "Only one with 0:50–0:56 and 3:38–3:42",
                    "Only one with 0:11–0:30; mostly the beginning",
                    "Only one without 3:02–3:18",
                ][kind % 4]
                    .to_owned(),
                naming: Default::default(),
            })
        })
        .collect();
    Draw {
        settings: DrawSettings {
            samples: size.samples,
            seed: 7,
            ..DrawSettings::default()
        },
        partial: false,
        scores: Arc::new(scores),
        selections: Arc::new(selections),
        durations_secs,
        selection_frequency: frequency,
        mean_scores,
        low_scores,
        high_scores,
        alternatives,
        weights: None,
        coverage: 0.9,
        kinds_settled: true,
    }
}

fn annotations(size: Size, segments: &[Segment]) -> AnnotationSet {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let annotators = (0..size.annotators)
        .map(|index| {
            let kind = kind_of(index, size.annotators, size.alternatives);
            let values: Vec<f32> = taste(kind, segments.len())
                .iter()
                .map(|taste| taste + rng.random_range(-0.15..0.15f32))
                .collect();
            let chosen = select(&values, segments, DURATION_SECS * FPS * 15 / 100);
            Annotator {
                name: format!("annotator {}", index + 1),
                picks: FrameRange::merged(chosen.iter().map(|&s| segments[s].frames()).collect()),
                ..Annotator::default()
            }
        })
        .collect();
    AnnotationSet {
        source: "harbour_day.json".to_owned(),
        video_id: "harbour_day".to_owned(),
        title: "Harbour day".to_owned(),
        frame_count: DURATION_SECS * FPS,
        length_unstated: false,
        frame_rate_fps: FPS as f64,
        simulated: true,
        doubts: Vec::new(),
        annotators,
    }
}

/// A painted landscape: sky, sun, hills and water, with another palette for each segment.
fn scene(secs: f64, segments: &[Segment], width: u32, height: u32) -> RgbImage {
    let segment = segments
        .iter()
        .position(|s| s.start_secs <= secs && secs < s.end_secs)
        .unwrap_or(0);
    // Five places, to which the video returns.
    let place = PLACES[segment % 10];
    type Rgb = [f64; 3];
    let (sky, low_sky, far, near, water): (Rgb, Rgb, Rgb, Rgb, Rgb) = [
        (
            [86.0, 148.0, 206.0],
            [214.0, 226.0, 232.0],
            [98.0, 130.0, 128.0],
            [58.0, 92.0, 66.0],
            [52.0, 98.0, 134.0],
        ),
        (
            [238.0, 170.0, 128.0],
            [250.0, 218.0, 176.0],
            [146.0, 104.0, 122.0],
            [84.0, 62.0, 84.0],
            [164.0, 110.0, 106.0],
        ),
        (
            [38.0, 48.0, 84.0],
            [86.0, 92.0, 128.0],
            [48.0, 56.0, 84.0],
            [24.0, 30.0, 46.0],
            [34.0, 46.0, 76.0],
        ),
        (
            [150.0, 190.0, 170.0],
            [220.0, 230.0, 200.0],
            [96.0, 140.0, 84.0],
            [62.0, 108.0, 48.0],
            [88.0, 138.0, 120.0],
        ),
        (
            [196.0, 206.0, 214.0],
            [230.0, 232.0, 232.0],
            [150.0, 160.0, 168.0],
            [104.0, 112.0, 116.0],
            [132.0, 148.0, 158.0],
        ),
    ][place];
    let drift = secs * 0.02;
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (
                f64::from(x) / f64::from(width),
                f64::from(y) / f64::from(height),
            );
            let far_line =
                0.52 + 0.07 * (u * 6.0 + drift + place as f64).sin() + 0.03 * (u * 15.0).sin();
            let near_line = 0.68 + 0.06 * (u * 4.0 - drift * 2.0 + place as f64 * 2.0).cos();
            let color = if v > 0.82 {
                let glint = ((v * 90.0).sin() * (u * 40.0 + drift * 30.0).sin()).max(0.0) * 26.0;
                [water[0] + glint, water[1] + glint, water[2] + glint]
            } else if v > near_line {
                let shade = 1.0 - (v - near_line) * 0.9;
                near.map(|c| c * shade)
            } else if v > far_line {
                far
            } else {
                let sun = [0.25 + 0.1 * place as f64, 0.26];
                let distance = ((u - sun[0]).powi(2) * 3.0 + (v - sun[1]).powi(2)).sqrt();
                let glow =
                    (-distance * 7.0).exp() * 70.0 + if distance < 0.07 { 60.0 } else { 0.0 };
                [0, 1, 2].map(|c| sky[c] + (low_sky[c] - sky[c]) * v * 1.6 + glow)
            };
            data.extend(color.map(|c| c.clamp(0.0, 255.0) as u8));
        }
    }
    RgbImage::new(width, height, data).unwrap_or(RgbImage {
        width: 0,
        height: 0,
        data: Arc::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixture_is_whole_and_the_same_each_time() {
        let (one, two) = (session(Size::default()), session(Size::default()));
        let (a, b) = (one.draw.unwrap(), two.draw.unwrap());
        assert_eq!(a.scores, b.scores);
        assert_eq!(a.selections, b.selections);
        assert_eq!(a.sample_count(), 100);
        assert_eq!(a.alternatives.len(), 4);
        assert_eq!(one.segments.len(), 42);
        assert_eq!(one.annotator_ranges_secs.len(), 20);
        let members: usize = a.alternatives.iter().map(|x| x.members.len()).sum();
        assert_eq!(members, 100);
        assert!(
            a.durations_secs
                .iter()
                .all(|&secs| secs <= 347.0 * 0.15 + 1e-6)
        );
        assert!(!one.distribution.unwrap().contours.is_empty());
    }
}
