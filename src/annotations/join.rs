//! Joining annotations to raw videos: by id or name, lengths and frame rates reconciled by time,
//! every difference reported.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{file_name, file_stem};
use crate::analysis::raters::frame_count_of;
use crate::domain::{AnnotationSet, Annotator, FrameIndex, FrameRange};

/// Seconds by which annotations and video may differ in length without a word: two frames at 25
/// fps.
const SAME_SECS: f64 = 0.08;

/// Annotations laid on a video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// The set with one score a frame of the video and picks in its frames; its doubts are those of
    /// the differences that make one think of another video.
    pub set: AnnotationSet,
    /// One sentence for each difference.
    pub report: Vec<String>,
}

/// Share of the longer one's length by which annotations and video differ before one doubts that
/// they belong together.
const DOUBTFUL_SHARE: f64 = 0.05;
/// And seconds: short clips differ by much in share.
const DOUBTFUL_SECS: f64 = 1.0;

/// Lays a set on a video. Frames are matched by time where the set's frame rate is known; otherwise
/// annotations whose file states how long they are, or that rate each frame, are taken to span the
/// whole video, and bare picks are its frame numbers. What lies beyond the video is left out and
/// what the annotations do not reach stays 0: both are reported.
pub fn join(set: &AnnotationSet, index: &FrameIndex) -> Joined {
    let video_frames = index.len();
    let set_frames = frame_count_of(set);
    let video_secs = index.duration_secs();
    let video_rate = if video_secs > 0.0 {
        video_frames as f64 / video_secs
    } else {
        0.0
    };
    let mut joined = Joined {
        set: AnnotationSet {
            frame_count: video_frames,
            frame_rate_fps: video_rate,
            length_unstated: false,
            annotators: Vec::new(),
            doubts: Vec::new(),
            ..set.clone()
        },
        ..Joined::default()
    };
    if set_frames == 0 || video_frames == 0 {
        joined
            .report
            .push("there is nothing to lay on the video".into());
        return joined;
    }
    if set.length_unstated && set.frame_rate_fps <= 0.0 {
        lay_frame_numbers(set, video_frames, &mut joined);
        return joined;
    }
    if set_frames == video_frames {
        joined.set.annotators.clone_from(&set.annotators);
        return joined;
    }
    let in_milliseconds = set.frame_rate_fps == super::MILLISECOND_FPS;
    let rate = if set.frame_rate_fps > 0.0 {
        set.frame_rate_fps
    } else {
        let sentence = format!(
            "the annotations have {set_frames} frames and no frame rate, the video has {video_frames}: they are stretched over it"
        );
        let apart = set_frames.abs_diff(video_frames) as f64;
        if apart > DOUBTFUL_SHARE * set_frames.max(video_frames) as f64 {
            joined.set.doubts.push(sentence.clone());
        }
        joined.report.push(sentence);
        set_frames as f64 / video_secs.max(f64::MIN_POSITIVE)
    };
    let set_secs = set_frames as f64 / rate;
    if set.frame_rate_fps > 0.0 && !in_milliseconds {
        joined.report.push(format!(
            "the annotations have {set_frames} frames at {rate:.3} fps, the video {video_frames} at {video_rate:.3}: they are matched by time"
        ));
    }
    // Times of picks say nothing of where the video ends, unless the file states its length.
    let length_known = !in_milliseconds || !set.length_unstated;
    let sentence = if set_secs > video_secs + SAME_SECS.max(0.5 / rate) {
        Some(format!(
            "the annotations are {:.2} s longer than the video ({set_secs:.2} s for {video_secs:.2} s) and end with it",
            set_secs - video_secs
        ))
    } else if set_secs < video_secs - SAME_SECS.max(0.5 / rate)
        && length_known
        && set.frame_rate_fps > 0.0
    {
        Some(format!(
            "the annotations are {:.2} s shorter than the video ({set_secs:.2} s for {video_secs:.2} s); the rest counts as 0",
            video_secs - set_secs
        ))
    } else {
        None
    };
    if let Some(sentence) = sentence {
        let apart = (set_secs - video_secs).abs();
        if apart > DOUBTFUL_SECS && apart > DOUBTFUL_SHARE * set_secs.max(video_secs) {
            joined.set.doubts.push(sentence.clone());
        }
        joined.report.push(sentence);
    }
    joined.set.annotators = set
        .annotators
        .iter()
        .map(|annotator| Annotator {
            name: annotator.name.clone(),
            scores: resampled(&annotator.scores, rate, index),
            picks: FrameRange::merged(
                annotator
                    .picks
                    .iter()
                    .map(|range| {
                        frames_of_secs(range.start as f64 / rate, range.end as f64 / rate, index)
                    })
                    .collect(),
            ),
            conditions: annotator.conditions.clone(),
        })
        .collect();
    joined
}

/// Picks as they are, up to the video's end: where the last one ends says nothing of how long the
/// video was.
fn lay_frame_numbers(set: &AnnotationSet, video_frames: u64, joined: &mut Joined) {
    let mut beyond = Vec::new();
    for annotator in &set.annotators {
        let mut annotator = annotator.clone();
        if annotator.picks.iter().any(|pick| pick.end > video_frames) {
            beyond.push(annotator.name.clone());
        }
        for pick in &mut annotator.picks {
            pick.end = pick.end.min(video_frames);
        }
        annotator.picks.retain(|pick| pick.start < pick.end);
        joined.set.annotators.push(annotator);
    }
    if let Some((first, others)) = beyond.split_first() {
        let others = match others.len() {
            0 => String::new(),
            count => format!(" and {count} others"),
        };
        let sentence = format!(
            "picks of {first}{others} lie beyond the video's {video_frames} frames and are cut there"
        );
        joined.set.doubts.push(sentence.clone());
        joined.report.push(sentence);
    }
}

/// The frames between the boundaries that are nearest to two times; times that came through a file
/// are rounded.
fn frames_of_secs(start_secs: f64, end_secs: f64, index: &FrameIndex) -> FrameRange {
    let boundary = |secs: f64| {
        let frame = index.nearest_frame(secs);
        // The last boundary is the end of the last frame.
        let is_last = frame + 1 == index.len();
        let to_end = (index.duration_secs() - secs).abs();
        if is_last && to_end < (secs - index.secs_from_frame(frame)).abs()
            || secs >= index.duration_secs()
        {
            index.len()
        } else {
            frame
        }
    };
    FrameRange::new(boundary(start_secs), boundary(end_secs))
}

/// Score of each frame of the video: the annotation's at the middle of the time the frame is shown.
fn resampled(scores: &[f32], rate: f64, index: &FrameIndex) -> Vec<f32> {
    if scores.is_empty() {
        return Vec::new();
    }
    (0..index.len())
        .map(|frame| {
            let secs = (index.secs_from_frame(frame) + index.secs_from_frame(frame + 1)) / 2.0;
            let at = (secs * rate).floor().max(0.0) as usize;
            scores.get(at).copied().unwrap_or(0.0)
        })
        .collect()
}

/// Which raw video belongs to which set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoMatches {
    /// For each set the video file, where one was found.
    pub videos: Vec<Option<PathBuf>>,
    /// One sentence for each set or file that is left alone.
    pub report: Vec<String>,
}

/// Matches sets to video files by id, then by title, in the file's name; case, spaces and
/// punctuation do not count.
pub fn match_videos(sets: &[AnnotationSet], files: &[PathBuf]) -> VideoMatches {
    let mut by_name: HashMap<String, &Path> = HashMap::new();
    let mut matches = VideoMatches::default();
    let mut by_full_name: HashMap<String, &Path> = HashMap::new();
    for file in files {
        by_full_name.insert(plain(&file_name(file)), file);
        if by_name.insert(plain(&file_stem(file)), file).is_some() {
            matches
                .report
                .push(format!("{} has the name of another file", file.display()));
        }
    }
    let mut used: Vec<&Path> = Vec::new();
    for set in sets {
        let named = [&set.video_id, &set.title]
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(|name| {
                let name = plain(name);
                by_name.get(&name).or(by_full_name.get(&name)).copied()
            });
        // Downloads are often called "title-id" or "title [id]".
        let containing = || {
            let id = plain(&set.video_id);
            let mut names = by_name
                .iter()
                .filter(|(name, _)| id.len() >= 6 && name.ends_with(&id));
            names.next().map(|(_, file)| *file)
        };
        let found = named.or_else(containing);
        match found {
            Some(file) => used.push(file),
            None => matches.report.push(format!(
                "no video file is named {}{}",
                set.video_id,
                if set.title.is_empty() {
                    String::new()
                } else {
                    format!(" or \"{}\"", set.title)
                }
            )),
        }
        matches.videos.push(found.map(Path::to_owned));
    }
    for file in files.iter().filter(|file| !used.contains(&file.as_path())) {
        matches
            .report
            .push(format!("no annotations belong to {}", file.display()));
    }
    matches
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rational;

    fn video(frames: i64, ms: i64) -> FrameIndex {
        FrameIndex {
            pts: (0..frames).map(|f| f * ms).collect(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, 1000),
            last_duration: ms,
        }
    }

    fn set(scores: &[f32], rate: f64) -> AnnotationSet {
        AnnotationSet {
            frame_count: scores.len() as u64,
            frame_rate_fps: rate,
            annotators: vec![Annotator {
                name: "a".into(),
                scores: scores.to_vec(),
                picks: vec![FrameRange::new(1, 2)],
                ..Annotator::default()
            }],
            ..AnnotationSet::default()
        }
    }

    #[test]
    fn other_frame_rates_are_matched_by_time_and_said() {
        let joined = join(&set(&[1.0, 2.0, 3.0, 4.0], 1.0), &video(40, 100));
        let annotator = &joined.set.annotators[0];
        assert_eq!(
            (
                annotator.scores[9],
                annotator.scores[10],
                annotator.scores[39]
            ),
            (1.0, 2.0, 4.0)
        );
        assert_eq!(annotator.picks, vec![FrameRange::new(10, 20)]);
        assert_eq!(joined.report.len(), 1);
        assert!(joined.report[0].contains("matched by time"));
    }

    #[test]
    fn longer_and_shorter_annotations_are_said() {
        let longer = join(&set(&[1.0; 6], 1.0), &video(40, 100));
        assert!(
            longer.report.iter().any(|r| r.contains("2.00 s longer")),
            "{:?}",
            longer.report
        );
        let shorter = join(&set(&[1.0; 3], 1.0), &video(40, 100));
        assert!(shorter.report.iter().any(|r| r.contains("1.00 s shorter")));
        assert_eq!(shorter.set.annotators[0].scores[35], 0.0);
        // A second of four is much; what makes one doubt stays.
        assert_eq!((longer.set.doubts.len(), shorter.set.doubts.len()), (1, 0));
        let far = join(&set(&[1.0; 2], 1.0), &video(40, 100));
        assert!(
            far.set.doubts[0].contains("2.00 s for 4.00 s"),
            "{:?}",
            far.set.doubts
        );
        let near = join(&set(&[1.0; 401], 100.0), &video(40, 100));
        assert_eq!((near.report.len(), near.set.doubts.len()), (1, 0));
        let unknown = join(&set(&[1.0, 2.0], 0.0), &video(40, 100));
        assert!(unknown.report[0].contains("stretched"));
        assert_eq!(unknown.set.annotators[0].scores[20], 2.0);
        assert!(
            join(&set(&[1.0; 40], 0.0), &video(40, 100))
                .report
                .is_empty()
        );
    }

    #[test]
    fn bare_picks_are_frame_numbers_of_the_video() {
        let mut set = set(&[], 0.0);
        set.annotators[0].picks = vec![FrameRange::new(5, 10)];
        set.repair(&mut Vec::new());
        assert_eq!((set.frame_count, set.length_unstated), (10, true));
        // Opened, listed, repaired once more: still no statement of a length.
        set.repair(&mut Vec::new());
        let joined = join(&set, &video(40, 100));
        assert_eq!(joined.set.annotators[0].picks, vec![FrameRange::new(5, 10)]);
        assert!(joined.report.is_empty(), "{:?}", joined.report);
        assert!(!joined.set.length_unstated);
        assert_eq!(joined.set.frame_count, 40);

        let short = join(&set, &video(8, 100));
        assert_eq!(short.set.annotators[0].picks, vec![FrameRange::new(5, 8)]);
        assert!(short.report[0].contains("beyond the video's 8 frames"));
        let shorter = join(&set, &video(4, 100));
        assert!(shorter.set.annotators[0].picks.is_empty());

        // A file that states its length is levelled as before.
        set.length_unstated = false;
        set.frame_count = 20;
        let stated = join(&set, &video(40, 100));
        assert_eq!(
            stated.set.annotators[0].picks,
            vec![FrameRange::new(10, 20)]
        );
    }

    #[test]
    fn videos_are_found_by_id_title_or_the_end_of_the_name() {
        let named = |id: &str, title: &str| AnnotationSet {
            video_id: id.into(),
            title: title.into(),
            ..AnnotationSet::default()
        };
        let sets = [
            named("AwmHb44_ouw", ""),
            named("x1", "How to wash"),
            named("zzzzzzzz", ""),
        ];
        let files = [
            "/v/Some title [AwmHb44_ouw].mp4",
            "/v/how_to-wash.mkv",
            "/v/other.mp4",
        ]
        .map(PathBuf::from);
        let found = match_videos(&sets, &files);
        assert_eq!(found.videos[0].as_deref(), Some(files[0].as_path()));
        assert_eq!(found.videos[1].as_deref(), Some(files[1].as_path()));
        assert_eq!(found.videos[2], None);
        assert_eq!(found.report.len(), 2);
    }
}
