//! The first method video by video, for a terminal. Measures nothing.

use std::fmt::Write as _;

use crate::analysis::evaluation::VideoEvaluation;
use crate::pipeline::evaluation::MEASURES;

/// One line a video; F1 and MAP in percent.
pub(super) fn per_video(videos: &[VideoEvaluation]) -> String {
    let mut text = format!("{:<26} {:>7}", "video", "samples");
    for measure in &MEASURES {
        // Writing to a string cannot fail.
        let _ = write!(text, " {:>10}", measure.sign);
    }
    text.push('\n');
    for video in videos {
        let name: String = video.video_id.chars().take(26).collect();
        let _ = write!(text, "{name:<26} {:>7}", video.samples);
        for measure in &MEASURES {
            let cell = (measure.of)(video).map_or_else(
                || "–".to_owned(),
                |value| format!("{:.*}", measure.decimals, value * measure.scale),
            );
            let _ = write!(text, " {cell:>10}");
        }
        text.push('\n');
    }
    text
}
