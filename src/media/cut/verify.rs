//! Decodes a spliced file and holds it against the plan and the source: frame count, times, and
//! what the pictures show.

use ffmpeg_next as ff;

use super::frames::FrameReader;
use super::plan::{CutPlan, PlannedFrame};
use super::{CutError, Job, Refusal};
use crate::jobs::{Progress, StageClock};

/// Fields on each side into which a picture's brightness is averaged.
const GRID: usize = 8;
/// Difference of a field's mean, of 255, above which a copied or a re-encoded picture is not the
/// promised one.
const MAX_COPIED_DIFFERENCE: f32 = 1.0;
const MAX_ENCODED_DIFFERENCE: f32 = 12.0;

/// Checks the target's temporary file.
///
/// # Errors
/// [`Refusal::Unfit`] with what is wrong, when the file does not keep its promise.
pub(super) fn verify(
    job: &Job,
    plan: &CutPlan,
    is_copied: impl Fn(&PlannedFrame) -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Refusal> {
    let unfit = |reason: String| Refusal::Unfit(reason);
    let path = job.target.temp_path();
    let made = crate::media::index(path, job.cancel, &mut |_| {})
        .map_err(|err| cancelled_or(job, unfit(format!("the result cannot be read ({err})"))))?
        .index;
    let total = plan.frame_count();
    if made.len() != total {
        return Err(unfit(format!(
            "the result has {} pictures instead of {total}",
            made.len()
        )));
    }
    let tolerance_secs = 0.0011f64.max(made.time_base.as_f64() * 1.01);
    let mut result = FrameReader::open(path, &made)?;
    let mut source = FrameReader::open(job.source, job.index)?;
    let clock = StageClock::start("Checking");
    for (number, planned) in (0u64..).zip(plan.frames()) {
        job.check_cancelled()?;
        let shown_secs = made.secs_from_frame(number);
        if (shown_secs - plan.secs(planned.pts)).abs() > tolerance_secs {
            return Err(unfit(format!(
                "picture {number} of the result is shown at {shown_secs:.4} s instead of {:.4} s",
                plan.secs(planned.pts)
            )));
        }
        let found = result
            .frame(number, job.cancel)
            .map_err(|err| cancelled_or(job, unfit(format!("the result breaks off ({err})"))))?;
        let Some(found) = found.filter(|frame| !frame.is_corrupt()) else {
            return Err(unfit(format!(
                "picture {number} of the result cannot be decoded"
            )));
        };
        let limit = if is_copied(&planned) {
            MAX_COPIED_DIFFERENCE
        } else {
            MAX_ENCODED_DIFFERENCE
        };
        if let Some(wanted) = source.frame(planned.source_frame, job.cancel)?
            && difference(&found, &wanted).is_some_and(|difference| difference > limit)
        {
            return Err(unfit(format!(
                "picture {number} of the result is not picture {} of the source",
                planned.source_frame
            )));
        }
        progress(clock.at(number + 1, total));
    }
    Ok(())
}

fn cancelled_or(job: &Job, refusal: Refusal) -> Refusal {
    if job.cancel.is_cancelled() {
        return CutError::Cancelled.into();
    }
    refusal
}

/// The largest difference of mean brightness between the fields of two pictures, of 255; `None`
/// where they cannot be compared.
fn difference(a: &ff::frame::Video, b: &ff::frame::Video) -> Option<f32> {
    if a.format() != b.format() || a.width() != b.width() || a.height() != b.height() {
        return None;
    }
    let (a, b) = (brightness(a)?, brightness(b)?);
    a.iter()
        .zip(&b)
        .map(|(a, b)| (a - b).abs())
        .max_by(f32::total_cmp)
}

/// Mean of the first plane in each field of a grid, scaled to 0–255.
fn brightness(frame: &ff::frame::Video) -> Option<[f32; GRID * GRID]> {
    let depth = super::sys::bit_depth(frame.format());
    if super::sys::is_rgb(frame.format()) || frame.planes() < 3 {
        return None;
    }
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    if width < GRID || height < GRID {
        return None;
    }
    let (bytes, stride) = (frame.data(0), frame.stride(0));
    let sample_bytes = if depth > 8 { 2 } else { 1 };
    let scale = 255.0 / ((1u32 << depth) - 1) as f32;
    let mut sums = [0f64; GRID * GRID];
    let mut counts = [0u32; GRID * GRID];
    // Every second row and column says enough.
    for y in (0..height).step_by(2) {
        let row = bytes.get(y * stride..y * stride + width * sample_bytes)?;
        for x in (0..width).step_by(2) {
            let value = if sample_bytes == 2 {
                u32::from(u16::from_ne_bytes([row[2 * x], row[2 * x + 1]]))
            } else {
                u32::from(row[x])
            };
            let field = y * GRID / height * GRID + x * GRID / width;
            sums[field] += f64::from(value);
            counts[field] += 1;
        }
    }
    let mut means = [0f32; GRID * GRID];
    for ((mean, sum), count) in means.iter_mut().zip(sums).zip(counts) {
        *mean = (sum / f64::from(count.max(1))) as f32 * scale;
    }
    Some(means)
}
