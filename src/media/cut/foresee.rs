//! What an export will keep, as far as it can be known before it begins. Reads the source and writes nothing.

use std::path::Path;

use ffmpeg_next as ff;

use super::packets::PacketReader;
use super::size::Rates;
use super::{Container, CutError, ExportMode, Refusal, copy, kept, sys};
use crate::domain::{FrameIndex, FrameRange};
use crate::jobs::CancelToken;

/// What is known of an export before it begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreseen {
    /// Sound tracks of the source.
    pub sound_tracks: usize,
    /// Whether the film's colours have fewer bits or less resolution than the source's, unless high quality is asked for.
    pub has_finer_colours: bool,
    /// What copying will keep; `None` in other modes.
    pub copying: Option<Copying>,
    /// What the source's streams take, to estimate the film's size.
    pub rates: Rates,
}

/// What the copy mode will do.
#[derive(Clone, Debug, PartialEq)]
pub enum Copying {
    /// It keeps whole groups of pictures, which last `kept_secs` where `asked_secs` were chosen.
    Widens { asked_secs: f64, kept_secs: f64 },
    /// It leaves the export to the exact mode, for this reason.
    Exactly(String),
}

/// Looks at a source before `ranges` of it are exported.
///
/// # Errors
/// What reading the source meets.
pub fn foresee(
    source: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    container: Container,
    mode: ExportMode,
    cancel: &CancelToken,
) -> Result<Foreseen, CutError> {
    crate::media::init();
    let facts = kept::Facts::read(source)?;
    let copying = match mode {
        ExportMode::Copy => Some(foresee_copy(source, index, ranges, container, cancel)?),
        _ => None,
    };
    Ok(Foreseen {
        rates: Rates::of(source, &facts, index),
        sound_tracks: facts.sounds.len(),
        has_finer_colours: facts.pixel.is_some_and(is_finer),
        copying,
    })
}

fn foresee_copy(
    source: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    container: Container,
    cancel: &CancelToken,
) -> Result<Copying, CutError> {
    let mut reader = PacketReader::open(source, index)?;
    if let Some(reason) = copy::hindrance(&mut reader, container) {
        return Ok(Copying::Exactly(reason));
    }
    match copy::widen(ranges, &mut reader, cancel) {
        Ok((kept, _)) => {
            let (asked_secs, kept_secs) = (copy::secs(ranges, index), copy::secs(&kept, index));
            Ok(match copy::excess(asked_secs, kept_secs) {
                Some(reason) => Copying::Exactly(reason),
                None => Copying::Widens {
                    asked_secs,
                    kept_secs,
                },
            })
        }
        Err(Refusal::Unfit(reason)) => Ok(Copying::Exactly(reason)),
        Err(Refusal::Failed(err)) => Err(err),
    }
}

/// Whether films get fewer bits or less colour of such pictures by default.
fn is_finer(pixel: ff::format::Pixel) -> bool {
    let halved = pixel
        .descriptor()
        .is_some_and(|d| (d.log2_chroma_w(), d.log2_chroma_h()) == (1, 1));
    sys::is_rgb(pixel) || !(halved || sys::is_grey(pixel)) || sys::bit_depth(pixel) > 10
}
