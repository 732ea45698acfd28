//! A few pictures of an export, made by the export's own way into the target's temporary file:
//! whether it can be made so, and how much it takes.

use ffmpeg_next as ff;

use super::choice::Wanted;
use super::packets::PacketReader;
use super::target::Target;
use super::{CutError, ExportOptions, Job, Made, Refusal, copy, exact, kept, smart};
use crate::domain::{FrameIndex, FrameRange};
use crate::jobs::{CancelToken, Progress};
use crate::media::opening::open_input;

/// Stretches that are encoded as a trial, and frames of each: enough that predicted pictures
/// outnumber those at the cuts.
const STRETCHES: u64 = 5;
const STRETCH_FRAMES: u64 = 30;
/// Pictures above this size are slow to encode, and fewer of them are as telling.
const MANY_PIXELS: u64 = 2_500_000;
/// Encoders begin anew at least every so many frames.
const MOST_BETWEEN_KEYS: f64 = 250.0;
/// So much is copied as a trial, seconds, unless that takes more than this many bytes.
const COPIED_SECS: f64 = 2.0;
const MOST_COPIED_BYTES: f64 = 5e7;
/// Bytes of a container's head, and of its tables for each picture and each second of sound.
const HEAD_BYTES: f64 = 1_500.0;
const PICTURE_BYTES: f64 = 12.0;
const SOUND_BYTES_PER_SEC: f64 = 400.0;

/// One way of writing the pictures.
type Writing = fn(&Job, &mut dyn FnMut(Progress)) -> Result<Made, Refusal>;

/// What a trial is of.
pub(super) struct Trial<'a> {
    pub facts: &'a kept::Facts,
    pub wanted: &'a Wanted,
    pub source: &'a std::path::Path,
    pub index: &'a FrameIndex,
    /// Where trials are written, one over the other.
    pub target: &'a Target,
    pub options: &'a ExportOptions,
    pub cancel: &'a CancelToken,
}

/// What a trial's file takes, without the container.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    secs: f64,
    keys: f64,
    key_bytes: f64,
    others: f64,
    other_bytes: f64,
    beside_bytes: f64,
}

/// What copying will keep.
pub(super) struct Copied {
    pub kept: Vec<FrameRange>,
    pub bytes: f64,
}

impl Trial<'_> {
    /// Bytes of the encoded ranges with their sound, by encoding short stretches of them.
    pub fn encoded_bytes(&self, ranges: &[FrameRange]) -> Result<f64, CutError> {
        let frames: u64 = ranges.iter().map(|range| range.len()).sum();
        let weight = self.encoded(ranges).map_err(|refusal| match refusal {
            Refusal::Failed(err) => err,
            Refusal::Unfit(reason) => CutError::Convert(reason),
        })?;
        let pieces = ranges.iter().filter(|range| !range.is_empty()).count();
        Ok(weight.video_bytes(frames as f64, pieces as f64)
            + self.beside_bytes(&weight, ranges, frames as f64))
    }

    fn encoded(&self, ranges: &[FrameRange]) -> Result<Weight, Refusal> {
        let frames = match self.facts.pixels > MANY_PIXELS {
            true => STRETCH_FRAMES / 2,
            false => STRETCH_FRAMES,
        };
        let exactly: Writing =
            |job, progress| exact::export(job, progress).map_err(Refusal::Failed);
        self.run(exactly, &stretches(ranges, STRETCHES, frames))
    }

    /// What copying keeps of the ranges, and how much it takes: decided as the export decides, by
    /// copying a little.
    pub fn copied(&self, ranges: &[FrameRange]) -> Result<Copied, Refusal> {
        let mut reader = PacketReader::open(self.source, self.index)?;
        if let Some(reason) = copy::hindrance(&mut reader, self.target.container) {
            return Err(Refusal::Unfit(reason));
        }
        let (kept, _) = copy::widen(ranges, &mut reader, self.cancel)?;
        let (asked_secs, kept_secs) = (
            copy::secs(ranges, self.index),
            copy::secs(&kept, self.index),
        );
        if let Some(reason) = copy::excess(asked_secs, kept_secs) {
            return Err(Refusal::Unfit(reason));
        }
        let bytes = self.packet_bytes(&mut reader, &kept)?;
        let first = kept.first().copied().ok_or(CutError::Empty)?;
        let secs = COPIED_SECS.min(MOST_COPIED_BYTES / (bytes / kept_secs.max(1e-3)).max(1.0));
        let wanted = self.index.secs_from_frame(first.start) + secs;
        let least = self.index.frame_at_secs(wanted).max(first.start + 1);
        let end = reader
            .exit_at_or_after(least.min(first.end))?
            .min(first.end);
        let little = [FrameRange::new(first.start, end)];
        let weight = self.run(copy::export, &little)?;
        let frames: u64 = kept.iter().map(|range| range.len()).sum();
        let bytes = bytes + self.beside_bytes(&weight, &kept, frames as f64);
        Ok(Copied { kept, bytes })
    }

    /// Bytes of the ranges where whole groups of pictures are copied and the ends encoded: decided
    /// as the export decides, by doing so with one range.
    pub fn spliced_bytes(&self, ranges: &[FrameRange]) -> Result<f64, Refusal> {
        let mut reader = PacketReader::open(self.source, self.index)?;
        let copied = smart::copied_parts(self.index, ranges, &mut reader)?;
        let Some(first) = copied.first() else {
            return Err(smart::nothing_to_copy());
        };
        let holds = |range: &&FrameRange| range.start <= first.start && first.end <= range.end;
        let around: Vec<FrameRange> = ranges.iter().find(holds).copied().into_iter().collect();
        let weight = self.run(smart::export, &around)?;
        let frames: u64 = ranges.iter().map(|range| range.len()).sum();
        let kept: u64 = copied.iter().map(|range| range.len()).sum();
        let mut bytes = self.packet_bytes(&mut reader, &copied)?;
        bytes += self.beside_bytes(&weight, ranges, frames as f64);
        if kept < frames {
            let ends = self.encoded(ranges)?;
            bytes += ends.video_bytes((frames - kept) as f64, 2.0 * ranges.len() as f64);
        }
        Ok(bytes)
    }

    /// Bytes of the source's own packets of ranges that begin and end at splices.
    fn packet_bytes(
        &self,
        reader: &mut PacketReader,
        ranges: &[FrameRange],
    ) -> Result<f64, Refusal> {
        let mut bytes = 0usize;
        for &range in ranges {
            let found = reader.copy_range(range, &mut |found| {
                if self.cancel.is_cancelled() {
                    return Err(CutError::Cancelled.into());
                }
                bytes += found.packet.size();
                Ok(())
            })?;
            if found != range.len() {
                return Err(copy::unreadable(range.len() - found));
            }
        }
        Ok(bytes as f64)
    }

    /// Sound, subtitles and the container, by what the trial's took in its time.
    fn beside_bytes(&self, weight: &Weight, ranges: &[FrameRange], frames: f64) -> f64 {
        let secs = copy::secs(ranges, self.index);
        let beside = weight.beside_bytes / weight.secs.max(1e-3) * secs;
        let tables = match weight.beside_bytes > 0.0 {
            true => SOUND_BYTES_PER_SEC * secs,
            false => 0.0,
        };
        HEAD_BYTES + PICTURE_BYTES * frames + tables + beside
    }

    fn run(&self, writing: Writing, ranges: &[FrameRange]) -> Result<Weight, Refusal> {
        self.target.restart()?;
        let job = Job {
            facts: self.facts,
            wanted: self.wanted,
            source: self.source,
            index: self.index,
            ranges,
            reel: None,
            options: self.options,
            target: self.target,
            cancel: self.cancel,
        };
        let made = writing(&job, &mut |_| {})?;
        let mut weight = weighed(self.target, self.cancel)?;
        weight.secs = made.duration_secs;
        Ok(weight)
    }
}

impl Weight {
    /// Bytes of so many encoded frames in so many pieces, each of which begins anew.
    fn video_bytes(&self, frames: f64, pieces: f64) -> f64 {
        let shown = self.keys + self.others;
        if shown < 1.0 {
            return 0.0;
        }
        let key = self.key_bytes / self.keys.max(1.0);
        if self.others < 1.0 {
            return key * frames;
        }
        // Beyond the starts of stretches, keys come where scenes change, or at every picture.
        let starts = (STRETCHES as f64).min(self.keys);
        let changes = (self.keys - starts) / (shown - starts).max(1.0);
        let rest = (frames - pieces).max(0.0);
        let keys = (pieces + rest * changes + rest / MOST_BETWEEN_KEYS).min(frames);
        keys * key + (frames - keys) * self.other_bytes / self.others
    }
}

/// Short stretches, evenly spread over the ranges; the ranges themselves where they are short.
fn stretches(ranges: &[FrameRange], count: u64, frames: u64) -> Vec<FrameRange> {
    let total: u64 = ranges.iter().map(|range| range.len()).sum();
    if total <= count * frames {
        return ranges.to_vec();
    }
    let mut found = Vec::new();
    for number in 0..count {
        // The middle of the first fifth, of the second, and so on.
        let mut skipped = (total * (2 * number + 1) / (2 * count)).saturating_sub(frames / 2);
        for range in ranges {
            if skipped < range.len() {
                let start = range.start + skipped;
                found.push(FrameRange::new(start, (start + frames).min(range.end)));
                break;
            }
            skipped -= range.len();
        }
    }
    found
}

fn weighed(target: &Target, cancel: &CancelToken) -> Result<Weight, CutError> {
    let mut input = open_input(target.temp_path(), cancel)?;
    let is_video = |stream: &ff::Stream| stream.parameters().medium() == ff::media::Type::Video;
    let video = input.streams().find(is_video);
    let video = video.map(|stream| stream.index());
    let mut weight = Weight::default();
    loop {
        let mut packet = ff::Packet::empty();
        match packet.read(&mut input) {
            Ok(()) => {}
            Err(ff::Error::Eof) => return Ok(weight),
            Err(err) => return Err(CutError::convert("a trial", err)),
        }
        let bytes = packet.size() as f64;
        match (Some(packet.stream()) == video, packet.is_key()) {
            (true, true) => {
                weight.keys += 1.0;
                weight.key_bytes += bytes;
            }
            (true, false) => {
                weight.others += 1.0;
                weight.other_bytes += bytes;
            }
            (false, _) => weight.beside_bytes += bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_lie_evenly_within_the_ranges() {
        let ranges = [FrameRange::new(0, 500), FrameRange::new(1000, 1500)];
        let found = stretches(&ranges, 5, 30);
        let starts: Vec<u64> = found.iter().map(|range| range.start).collect();
        assert_eq!(starts, [85, 285, 485, 1185, 1385]);
        // One is cut at the end of its range.
        assert_eq!(found[2], FrameRange::new(485, 500));
        let short = [FrameRange::new(10, 100)];
        assert_eq!(stretches(&short, 5, 30), short);
    }

    #[test]
    fn pictures_at_cuts_weigh_more_than_those_between() {
        let weight = Weight {
            keys: 5.0,
            key_bytes: 5000.0,
            others: 145.0,
            other_bytes: 14_500.0,
            ..Weight::default()
        };
        // Two pieces of 250 frames: two cuts, and two more keys by the encoder.
        let bytes = weight.video_bytes(500.0, 2.0);
        let keys = 2.0 + 498.0 / MOST_BETWEEN_KEYS;
        assert!((bytes - (keys * 1000.0 + (500.0 - keys) * 100.0)).abs() < 1.0);
        let all_keys = Weight {
            keys: 10.0,
            key_bytes: 1000.0,
            ..Weight::default()
        };
        assert_eq!(all_keys.video_bytes(50.0, 2.0), 5000.0);
    }
}
