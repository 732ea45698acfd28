//! Tests of the room on real encoded videos, made by the ffmpeg program at test time.

mod clocks;
mod cues;
mod faults;
mod formats;
mod matrix;
mod odd;
mod playing;
mod shots;
mod sound;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::domain::FrameIndex;
use crate::jobs::CancelToken;
use crate::testing::ffmpeg;
use crate::testing::video::numbered;

/// A folder for a test's videos.
fn scratch() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Makes a numbered video with the given encoder arguments.
fn make(dir: &TempDir, name: &str, frames: u32, rate: &str, args: &[&str]) -> PathBuf {
    let path = dir.path().join(name);
    let source = numbered(frames, rate);
    let mut all = vec!["-f", "lavfi", "-i", &source];
    all.extend_from_slice(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    path
}

const H264: &[&str] = &["-c:v", "libx264", "-preset", "veryfast", "-crf", "20"];

fn look(path: &Path) -> Result<(Probe, FrameIndex), MediaError> {
    inspect(path, &CancelToken::new(), &mut |_| {})
}

fn samples(
    path: &Path,
    index: &FrameIndex,
    picks: &[u64],
    options: SampledOptions,
) -> (Vec<SampledFrame>, Vec<String>) {
    let mut decoder =
        SampledDecoder::open(path, index, picks, options, CancelToken::new()).unwrap();
    let frames = decoder.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
    (frames, decoder.warnings())
}
