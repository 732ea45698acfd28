//! What an export will keep and take, found out before it begins by doing a little of it. Leaves
//! nothing on the disk.

use std::path::Path;

use ffmpeg_next as ff;

use super::choice::{self, TrackName};
use super::target::{Reserved, Target};
use super::trial::{Copied, Trial};
use super::{
    Container, CutError, ExportMode, ExportOptions, Order, Refusal, copy, elsewhere, kept, sys,
};
use crate::domain::{FrameIndex, FrameRange};
use crate::jobs::CancelToken;

/// What is known of an export before it begins.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Foreseen {
    /// Sound tracks of the source.
    pub sounds: Vec<TrackName>,
    /// Subtitles of the source that a clip can keep.
    pub subtitles: Vec<TrackName>,
    /// Whether the clip's colours have fewer bits or less resolution than the source's, unless high
    /// quality is asked for.
    pub has_finer_colours: bool,
    /// What copying will keep, or why the exact mode does it; `None` where that was asked for, or
    /// pieces are spliced as asked for.
    pub copying: Option<Copying>,
    /// About how many bytes the clip will take.
    pub bytes: f64,
}

/// What a mode that copies will do.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Copying {
    /// It keeps whole groups of pictures, which last `kept_secs` where `asked_secs` were chosen.
    Widens { asked_secs: f64, kept_secs: f64 },
    /// It leaves the export to the exact mode, for this reason.
    Exactly(String),
}

/// Looks at a source before `ranges` of it are exported. The export's own code decides whether
/// pictures can be copied, on a few of them; only what lies elsewhere and is damaged can still turn
/// out otherwise.
///
/// # Errors
/// What reading the source meets, what the export itself would fail by, and cancelling.
pub fn foresee(
    source: &Path,
    index: &FrameIndex,
    ranges: &[FrameRange],
    container: Container,
    options: &ExportOptions,
    cancel: &CancelToken,
) -> Result<Foreseen, CutError> {
    crate::media::init();
    let failed = |err: std::io::Error| CutError::write_io(&std::env::temp_dir(), &err);
    let folder = tempfile::tempdir().map_err(failed)?;
    let name = format!("trial.{}", container.extension());
    let reserved = Reserved::prepare(source, &folder.path().join(name), false, 0)?;
    let order = Order {
        source,
        index,
        ranges,
        reel: None,
        out: reserved.target.temp_path(),
        options,
    };
    let target = &reserved.target;
    elsewhere::foreseen(&order, target, cancel)
        .unwrap_or_else(|| foreseen_here(&order, target, cancel))
}

/// As [`foresee`], in this process, by trials in the target.
pub(super) fn foreseen_here(
    order: &Order,
    target: &Target,
    cancel: &CancelToken,
) -> Result<Foreseen, CutError> {
    let Order {
        source,
        index,
        ranges,
        options,
        ..
    } = *order;
    let facts = kept::Facts::read(source)?;
    let trial = Trial {
        facts: &facts,
        wanted: &facts.wanted(options)?,
        source,
        index,
        target,
        options,
        cancel,
    };
    let copied = match options.mode {
        ExportMode::Exact => None,
        ExportMode::Smart => Some(trial.spliced_bytes(ranges).map(|bytes| (None, bytes))),
        ExportMode::Copy => Some(trial.copied(ranges).map(|Copied { kept, bytes }| {
            let widens = Copying::Widens {
                asked_secs: copy::secs(ranges, index),
                kept_secs: copy::secs(&kept, index),
            };
            (Some(widens), bytes)
        })),
    };
    let (copying, bytes) = match copied {
        None => (None, trial.encoded_bytes(ranges)?),
        Some(Ok(found)) => found,
        Some(Err(Refusal::Failed(err))) => return Err(err),
        Some(Err(Refusal::Unfit(reason))) => {
            if cancel.is_cancelled() {
                return Err(CutError::Cancelled);
            }
            (Some(Copying::Exactly(reason)), trial.encoded_bytes(ranges)?)
        }
    };
    Ok(Foreseen {
        sounds: choice::names(facts.sounds.iter()),
        subtitles: facts.written_subtitles(),
        has_finer_colours: facts.pixel.is_some_and(is_finer),
        copying,
        bytes,
    })
}

/// Whether clips get fewer bits or less colour of such pictures by default.
fn is_finer(pixel: ff::format::Pixel) -> bool {
    let halved = pixel
        .descriptor()
        .is_some_and(|d| (d.log2_chroma_w(), d.log2_chroma_h()) == (1, 1));
    sys::is_rgb(pixel) || !(halved || sys::is_grey(pixel)) || sys::bit_depth(pixel) > 10
}
