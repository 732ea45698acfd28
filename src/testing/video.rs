//! Test videos whose every frame carries its number as bright and dark columns, and reading it
//! back.

use std::path::Path;
use std::process::Command;

use crate::domain::RgbImage;

/// Number of bits burnt into a frame, least significant on the left.
const BITS: u32 = 12;
/// Width of one bit's column in pixels.
const COLUMN: u32 = 16;
/// Size of a numbered picture.
pub const NUMBERED_SIZE: (u32, u32) = (BITS * COLUMN, 64);

/// A lavfi source of `frames` numbered pictures at `rate` frames a second (an expression such as
/// `30000/1001`).
pub fn numbered(frames: u32, rate: &str) -> String {
    let (width, height) = NUMBERED_SIZE;
    format!(
        "color=black:s={width}x{height}:r={rate},format=yuv420p,trim=end_frame={frames},\
         geq=lum='if(mod(floor(N/pow(2,floor(X/{COLUMN}))),2),220,30)':cb=128:cr=128"
    )
}

/// The number burnt into an upright picture of any size that shows a whole numbered frame.
pub fn read_number(image: &RgbImage) -> u64 {
    let (width, row) = (image.width as usize, image.height as usize / 2);
    (0..BITS)
        .filter(|bit| {
            let x = (f64::from(*bit) + 0.5) / f64::from(BITS) * width as f64;
            image.data[(row * width + x as usize) * 3 + 1] > 125
        })
        .map(|bit| 1u64 << bit)
        .sum()
}

/// Presentation timestamps of the frames of the first video stream, as the ffprobe program decodes
/// them.
pub fn ffprobe_frame_times(path: &Path) -> Vec<i64> {
    let output = Command::new("ffprobe")
        .args(["-v", "quiet", "-select_streams", "v:0", "-show_entries"])
        .args(["frame=best_effort_timestamp", "-of", "csv=p=0"])
        .arg(path)
        .output();
    let Ok(output) = output else {
        panic!("the ffprobe program is needed by the tests");
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.trim_matches(',').trim().parse().ok())
        .collect()
}

/// Whether the ffmpeg program has an encoder.
pub fn has_encoder(name: &str) -> bool {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-encoders"])
        .output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .any(|word| word == name)
    })
}
