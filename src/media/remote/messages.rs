//! What the program asks of a process that decodes, and what that answers. The program believes no
//! answer: an index out of order, a picture of another size than its bytes or a stand-in that is no
//! frame is refused.

use serde::{Deserialize, Serialize};

use super::wire::Message;
use crate::confined::limits::Held;
use crate::domain::cue::Cue;
use crate::domain::{FrameIndex, Rational, RgbImage, Shots};
use crate::media::bounds::MOST_PIXELS;
use crate::media::color::Colour;
use crate::media::frame::Plane;
use crate::media::timetable::Timetable;
use crate::media::{Orientation, Probe, SampledOptions, VideoFrame};

use super::faults::Fault;

/// Timestamps from here on are damage: see `index::stored`.
const ABSURD_TICKS: i64 = i64::MAX / 8;

/// What is asked. Those with an index have its blocks first.
#[derive(Debug, Serialize, Deserialize)]
pub enum ReaderRequest {
    Probe,
    Inspect,
    Index,
    /// Blocks: index, picks.
    Sample(SampledOptions),
    /// Of what was sampled.
    Shots,
    Levels,
    Cues,
    Frames {
        threads: usize,
    },
    Seek {
        frame: u64,
        serial: u64,
    },
    /// Gives up the seek of this number, those before, and the frames that were asked for after
    /// them.
    Stop {
        serial: u64,
    },
    /// The next frame after the seek of this number.
    NextFrame {
        serial: u64,
    },
    KeyFrame {
        frame: u64,
    },
    Thumb {
        frame: u64,
        width: u32,
    },
    Coarse(bool),
    Sound {
        rate_hz: u32,
    },
    Spans(Vec<(f64, f64)>),
    Samples,
    /// Of another kind of work, which reads it itself.
    Other(serde_json::Value),
}

/// The head of a request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    pub request: ReaderRequest,
    pub index: Option<IndexHead>,
    /// Whether the last block is the file's timetable.
    pub has_table: bool,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The process is there, and has given this up.
    Ready(Held),
    /// The memory it may take from here on.
    Limit {
        most_bytes: u64,
    },
    /// It is getting on, though there is nothing to report.
    Working,
    Progress {
        stage: String,
        fraction: Option<f32>,
        eta_secs: Option<f64>,
    },
    Failed(Fault),
    Done,
    Probe(Box<Probe>),
    /// Blocks: index, and the timetable where there is one.
    Index(Box<IndexReply>),
    /// Blocks: picture, and thumbnail where it is another.
    Sample(SampleReply),
    Shots {
        shots: Shots,
        looking_secs: f64,
        busy_secs: f64,
    },
    /// Blocks: peaks, mean levels.
    Levels {
        is_whole: bool,
    },
    Cues(Vec<Cue>),
    /// A frame near the one that is sought. Blocks: three planes.
    Near(PictureHead),
    Sought(bool),
    /// Blocks: three planes.
    Frame(Option<PictureHead>),
    Thumb(Option<(u32, u32)>),
    /// Block: samples.
    Samples {
        goes_on: bool,
    },
    /// Of another kind of work, which reads it itself.
    Other(serde_json::Value),
}

/// What a frame index is beside its two lists.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct IndexHead {
    time_base: Rational,
    last_duration: i64,
}

/// What was learnt by reading through a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct IndexReply {
    pub probe: Option<Probe>,
    pub index: IndexHead,
    pub frame_rate: Rational,
    pub variable_frame_rate: bool,
    pub damaged: Vec<u64>,
    pub warnings: Vec<String>,
    pub has_table: bool,
}

/// A sampled frame.
#[derive(Debug, Serialize, Deserialize)]
pub struct SampleReply {
    pub pick: usize,
    pub stand_in: Option<u64>,
    pub image: (u32, u32),
    pub thumb: Option<(u32, u32)>,
    /// So far.
    pub stand_ins: usize,
    pub busy_secs: f64,
}

/// A decoded frame beside its planes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PictureHead {
    frame: u64,
    width: u32,
    height: u32,
    pixel_aspect: f64,
    orientation: Orientation,
    colour: Colour,
    bit_depth: u32,
    chroma_shift: (u32, u32),
}

/// An index as a head and blocks.
pub fn parted(index: &FrameIndex) -> (IndexHead, Vec<Vec<u8>>) {
    let head = IndexHead {
        time_base: index.time_base,
        last_duration: index.last_duration,
    };
    let pts = index.pts.iter().flat_map(|pts| pts.to_le_bytes());
    (head, vec![pts.collect(), bytes_of(&index.keyframes)])
}

/// The index that a head and blocks are; `None` where its times or keyframes do not ascend.
pub fn index_of(head: IndexHead, pts: &[u8], keyframes: &[u8]) -> Option<FrameIndex> {
    let (pts, _) = pts.as_chunks();
    let pts: Vec<i64> = pts.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let keyframes = numbers_of(keyframes);
    let is_sane = pts.is_sorted_by(|a, b| a < b)
        && pts.iter().all(|pts| pts.abs() < ABSURD_TICKS)
        && keyframes.is_sorted_by(|a, b| a < b)
        && keyframes.last().is_none_or(|&last| last < pts.len() as u64)
        && head.last_duration.abs() < ABSURD_TICKS;
    is_sane.then(|| FrameIndex {
        pts: pts.into(),
        keyframes: keyframes.into(),
        time_base: head.time_base,
        last_duration: head.last_duration,
    })
}

pub fn bytes_of(numbers: &[u64]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

pub fn numbers_of(bytes: &[u8]) -> Vec<u64> {
    let (numbers, _) = bytes.as_chunks();
    numbers
        .iter()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .collect()
}

pub fn bytes_of_samples(samples: &[f32]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

pub fn samples_of(bytes: &[u8]) -> impl Iterator<Item = f32> {
    let (samples, _) = bytes.as_chunks();
    samples.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// A timetable as a block.
pub fn block_of_table(table: &Timetable) -> Vec<u8> {
    serde_json::to_vec(&table.stored()).unwrap_or_default()
}

/// The timetable that a block is.
pub fn table_of(block: &[u8]) -> Option<Timetable> {
    serde_json::from_slice(block)
        .ok()
        .map(Timetable::from_stored)
}

/// A frame as a head and its planes.
pub fn parted_frame(frame: VideoFrame) -> (PictureHead, Vec<Vec<u8>>) {
    let head = PictureHead {
        frame: frame.frame,
        width: frame.width,
        height: frame.height,
        pixel_aspect: frame.pixel_aspect,
        orientation: frame.orientation,
        colour: frame.colour,
        bit_depth: frame.bit_depth,
        chroma_shift: frame.chroma_shift,
    };
    (head, frame.planes.map(|plane| plane.data).into())
}

/// The frame that a head and planes are; `None` where the planes are not of the size that the head
/// states.
pub fn frame_of(head: PictureHead, blocks: Vec<Vec<u8>>, index: &FrameIndex) -> Option<VideoFrame> {
    let (width, height) = (head.width, head.height);
    let pixels = i64::from(width) * i64::from(height);
    let turns = [0, 90, 180, 270];
    let is_sane = (1..=MOST_PIXELS).contains(&pixels)
        && (8..=16).contains(&head.bit_depth)
        && head.chroma_shift.0 <= 4
        && head.chroma_shift.1 <= 4
        && head.pixel_aspect.is_finite()
        && head.pixel_aspect > 0.0
        && turns.contains(&head.orientation.rotation_deg)
        && head.frame < index.len();
    if !is_sane {
        return None;
    }
    let chroma = (
        width.div_ceil(1 << head.chroma_shift.0),
        height.div_ceil(1 << head.chroma_shift.1),
    );
    let sample_bytes = if head.bit_depth > 8 { 2 } else { 1 };
    let blocks: [Vec<u8>; 3] = blocks.try_into().ok()?;
    let mut sizes = [(width, height), chroma, chroma].into_iter();
    let planes = blocks.map(|data| {
        let (width, height) = sizes.next().unwrap_or_default();
        Plane {
            width,
            height,
            data,
        }
    });
    let fits = |plane: &Plane| {
        plane.data.len() == plane.width as usize * plane.height as usize * sample_bytes
    };
    planes.iter().all(fits).then(|| VideoFrame {
        frame: head.frame,
        secs: index.secs_from_frame(head.frame),
        width,
        height,
        pixel_aspect: head.pixel_aspect,
        orientation: head.orientation,
        colour: head.colour,
        bit_depth: head.bit_depth,
        chroma_shift: head.chroma_shift,
        planes,
    })
}

/// The picture that a block is; `None` where it has another size.
pub fn image_of((width, height): (u32, u32), block: Option<Vec<u8>>) -> Option<RgbImage> {
    let fits = i64::from(width) * i64::from(height) <= MOST_PIXELS;
    RgbImage::new(width, height, block.filter(|_| fits)?)
}

/// A reply as it goes over the pipe. Its head always has a form in JSON; where a number in it has
/// none, the other side refuses it.
pub fn message(reply: &Reply, blocks: Vec<Vec<u8>>) -> Message {
    Message::new(reply, blocks).unwrap_or_default()
}
