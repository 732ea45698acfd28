//! Puts cuts on their exact frames where frames around them were not decoded: those few frames are
//! decoded in a second pass.
//!
//! Which frames a sampled decoder leaves out depends on the codec (see `sampled`); where it decodes
//! all, there is nothing to do here.

use std::collections::BTreeMap;
use std::path::Path;

use super::cuts::FoundCut;
use super::{MediaError, SampledDecoder, SampledOptions};
use crate::domain::{FrameIndex, RgbImage};
use crate::jobs::CancelToken;

/// Longer side in pixels that is enough to tell two shots apart.
const SIDE_PX: u32 = 32;
/// One step between neighbours must be this share of the whole change; else it is no hard cut but
/// movement.
const LEAST_SHARE: f32 = 0.6;

/// The first frames of the shots that begin with these cuts. A change that turns out to be gradual
/// is left out; a cut whose frames cannot be decoded stays where it was found.
///
/// # Errors
/// When the work was cancelled.
pub fn exact_cuts(
    path: &Path,
    index: &FrameIndex,
    found: &[FoundCut],
    threads: usize,
    cancel: &CancelToken,
) -> Result<Vec<u64>, MediaError> {
    let gaps: Vec<FoundCut> = (found.iter().copied())
        .filter(|cut| cut.frame > cut.before + 1)
        .collect();
    let mut exact: Vec<u64> = (found.iter())
        .filter(|cut| cut.frame == cut.before + 1)
        .map(|cut| cut.frame)
        .collect();
    let mut picks: Vec<u64> = (gaps.iter())
        .flat_map(|cut| cut.before..=cut.frame)
        .collect();
    picks.dedup();
    let options = SampledOptions {
        max_side: Some(SIDE_PX),
        thumb_width: None,
        threads,
        find_cuts: false,
    };
    let mut waiting = gaps.iter().peekable();
    if !picks.is_empty() {
        let decoder = SampledDecoder::open(path, index, &picks, options, cancel.clone())?;
        let mut pictures: BTreeMap<u64, RgbImage> = BTreeMap::new();
        for frame in decoder {
            let frame = match frame {
                Ok(frame) => frame,
                Err(err) if err.is_cancelled() => return Err(err),
                Err(_) => break,
            };
            if frame.stand_in.is_none() {
                pictures.insert(frame.frame, frame.image);
            }
            while let Some(cut) = waiting.next_if(|cut| cut.frame <= frame.frame) {
                exact.extend(within(cut, &pictures));
                pictures = pictures.split_off(&cut.frame);
            }
        }
    }
    exact.extend(waiting.map(|cut| cut.frame));
    exact.sort_unstable();
    exact.dedup();
    Ok(exact)
}

/// Where in a gap the new shot begins; `None` where it does not begin at once.
fn within(cut: &FoundCut, pictures: &BTreeMap<u64, RgbImage>) -> Option<u64> {
    let (Some(old), Some(new)) = (pictures.get(&cut.before), pictures.get(&cut.frame)) else {
        return Some(cut.frame);
    };
    let whole = difference(old, new);
    let mut last = old;
    for frame in cut.before + 1..=cut.frame {
        let Some(picture) = pictures.get(&frame) else {
            continue;
        };
        if difference(picture, new) < difference(picture, old) {
            return (difference(last, picture) >= LEAST_SHARE * whole).then_some(frame);
        }
        last = picture;
    }
    None
}

/// Mean difference of two pictures of one size; infinite for pictures of different sizes.
fn difference(a: &RgbImage, b: &RgbImage) -> f32 {
    if a.data.len() != b.data.len() || a.data.is_empty() {
        return f32::INFINITY;
    }
    let sum: u64 = (a.data.iter().zip(b.data.iter()))
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f32 / a.data.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_shot_begins_where_the_pictures_change_at_once() {
        let grey = |level: u8| RgbImage::new(4, 2, vec![level; 24]).unwrap();
        let of = |levels: [u8; 5]| {
            let pictures = (10..).zip(levels.map(grey)).collect();
            let cut = FoundCut {
                before: 10,
                frame: 14,
            };
            within(&cut, &pictures)
        };
        assert_eq!(of([50, 51, 52, 150, 150]), Some(13));
        assert_eq!(of([50, 150, 150, 150, 150]), Some(11));
        assert_eq!(of([50, 75, 100, 126, 150]), None);
        // Without the frames between, the cut stays where it was found.
        let ends = BTreeMap::from([(10, grey(1)), (14, grey(200))]);
        let cut = FoundCut {
            before: 10,
            frame: 14,
        };
        assert_eq!(within(&cut, &ends), Some(14));
    }
}
