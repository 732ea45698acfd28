//! How long a seek takes until a near picture and the exact one are there, beside decoding from the
//! keyframe alone.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::report::Measure;
use super::stopwatch::{Spent, quantile};
use crate::domain::FrameIndex;
use crate::media::player::{FrameReader, Player, PlayerOptions};

/// Places that are sought.
const SEEKS: usize = 16;
/// A picture that is not there after this long will not come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two seeks.
const SEEK_EVERY: Duration = Duration::from_millis(150);
/// Between two looks, as a window that paints quickly would.
const LOOK_EVERY: Duration = Duration::from_micros(200);

/// Medians over places all over the video, in an order that never plays on.
pub fn seeks(path: &Path, index: &FrameIndex) -> anyhow::Result<Vec<Measure>> {
    let places = targets(index);
    // Decoding alone first, each place after a seek from elsewhere, while nothing else runs.
    let mut reader = FrameReader::open(path, index, 0)?;
    let mut alone = Vec::new();
    for &target in &places {
        let begun = Instant::now();
        reader.seek(target, &|| false, &mut |_| {})?;
        reader.next_frame()?.context("a frame was not decoded")?;
        alone.push(begun.elapsed().as_secs_f64());
    }
    drop(reader);
    let player = Player::open(path, index, PlayerOptions::default())?;
    let mut shown = wait(&player, |_| true)?.0;
    let (mut near, mut exact, mut beyond) = (vec![], vec![], vec![]);
    for (&target, alone) in places.iter().zip(&alone) {
        if target == shown {
            continue;
        }
        // The player reads ahead while it stands; a person does not seek faster than this.
        std::thread::sleep(SEEK_EVERY);
        let begun = Instant::now();
        player.seek(target, true);
        let (_, first) = wait(&player, |frame| frame != shown)?;
        let (frame, last) = wait(&player, |frame| frame == target)?;
        shown = frame;
        near.push((first - begun).as_secs_f64());
        exact.push((last - begun).as_secs_f64());
        beyond.push((last - begun).as_secs_f64() - alone);
    }
    let median = |values: &[f64]| Spent {
        wall_secs: quantile(values, 0.5).unwrap_or(f64::NAN),
        cpu_secs: None,
    };
    if near.is_empty() {
        let why = "the video has one frame only";
        return Ok(
            ["seek_near", "seek_exact", "seek_decoding", "seek_overhead"]
                .map(|key| Measure::missing(key, key.replace('_', " "), why))
                .into(),
        );
    }
    Ok(vec![
        Measure::new("seek_near", "seek: a near picture", median(&near)).target(0.04),
        Measure::new("seek_exact", "seek: the exact picture", median(&exact)),
        Measure::new(
            "seek_decoding",
            "decoding from the keyframe alone",
            median(&alone),
        ),
        Measure::new(
            "seek_overhead",
            "seek: the exact picture, less that",
            median(&beyond),
        )
        .target(0.02),
    ])
}

/// Frames all over the video: steps of the golden ratio never come near each other.
fn targets(index: &FrameIndex) -> Vec<u64> {
    (1..=SEEKS)
        .map(|at| {
            let share = (at as f64 * 0.618_033_988_749_895).fract();
            (share * index.len() as f64) as u64
        })
        .collect()
}

/// Waits until the frame on screen is as wanted; its number and when that was.
fn wait(player: &Player, wanted: impl Fn(u64) -> bool) -> anyhow::Result<(u64, Instant)> {
    let begun = Instant::now();
    loop {
        let now = Instant::now();
        if let Some(frame) = player.frame_at(now)
            && wanted(frame.frame)
        {
            return Ok((frame.frame, now));
        }
        if let Some(error) = player.state_at(now).error {
            bail!("{error}");
        }
        if begun.elapsed() > PATIENCE {
            bail!("no picture came within {} s of a seek", PATIENCE.as_secs());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
