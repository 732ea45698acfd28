//! Decoding of chosen frames only, in one pass over the file, in this process.
//!
//! Frames are found by timestamp, never by counting. Work that no chosen frame needs is left out:
//! other streams are not demuxed, groups of pictures without a chosen frame are not decoded, and
//! within a group non-reference frames that were not chosen are skipped. When a chosen frame does
//! not come out that way, its group is decoded again in full; when it still does not, the packet is
//! damaged and the nearest decoded frame stands in for it.

mod watching;

use std::path::PathBuf;
use std::time::Duration;

use ffmpeg_next as ff;

use super::super::cuts::CutDetector;
use super::super::picture::{Converter, Size};
use super::super::remote::signs;
use super::super::source::{Source, packet_time};
use super::super::{MediaError, Orientation, aspect, stream};
use super::{SampledFrame, SampledOptions, frame_time, skipping_is_safe};
use crate::domain::FrameIndex;
use crate::jobs::CancelToken;

/// A gap between chosen frames longer than this is crossed by seeking rather than by reading.
const SEEK_OVER_SECS: f64 = 20.0;

/// Decodes ascending picks on the caller's thread; an iterator of [`SampledFrame`], one for each
/// pick.
///
/// Memory is bounded by a few frames whatever the duration.
pub(crate) struct LocalSampler {
    source: Source,
    decoder: ff::decoder::Video,
    index: FrameIndex,
    picks: Vec<u64>,
    options: SampledOptions,
    cancel: CancelToken,
    orientation: Orientation,
    pixel_aspect: f64,
    images: Converter,
    thumbs: Converter,
    /// Next pick to hand out.
    next: usize,
    /// Whether the packet of each pick was given to the decoder since the last seek.
    sent: Vec<bool>,
    /// Whether non-reference frames may be skipped at all.
    may_skip: bool,
    /// Whether every frame stands by itself, so that only picks need decoding.
    intra_only: bool,
    /// Until this frame everything is decoded, because skipping lost a pick.
    full_until: u64,
    /// Whether packets are dropped until the keyframe that the next pick needs.
    dropping: bool,
    state: State,
    /// The newest decoded frame before the wanted one.
    before: Option<ff::frame::Video>,
    /// The decoded frame at or after the wanted one.
    current: Option<ff::frame::Video>,
    stand_ins: usize,
    cuts: Option<CutDetector>,
    /// Time spent on looking for cuts.
    looking: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The decoder knows that no packet follows; `true` when the file goes on behind a gap.
    Draining(bool),
    Ended,
}

impl LocalSampler {
    /// Opens the file for decoding `picks`: ascending frame numbers of `index`.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file.
    pub fn open(
        path: &std::path::Path,
        index: &FrameIndex,
        picks: &[u64],
        options: SampledOptions,
        cancel: CancelToken,
    ) -> Result<Self, MediaError> {
        let mut source = Source::open_until(path, &cancel)?.video_only();
        let decoder = stream::open_decoder(&source.input, source.stream, options.threads, path)?;
        let pixel_aspect = aspect::pixel_aspect(&mut source.input, source.stream);
        let (orientation, may_skip, intra_only) = source
            .input
            .stream(source.stream)
            .map(|s| {
                let parameters = s.parameters();
                (
                    stream::orientation(&s),
                    skipping_is_safe(&parameters),
                    stream::is_intra_only(&parameters),
                )
            })
            .unwrap_or_default();
        Ok(Self {
            source,
            decoder,
            index: index.clone(),
            picks: picks.to_vec(),
            options,
            cancel,
            orientation,
            pixel_aspect,
            images: Converter::default(),
            thumbs: Converter::default(),
            next: 0,
            sent: vec![false; picks.len()],
            may_skip,
            intra_only,
            full_until: 0,
            dropping: true,
            state: State::Reading,
            before: None,
            current: None,
            stand_ins: 0,
            cuts: options.find_cuts.then(CutDetector::default),
            looking: Duration::ZERO,
        })
    }

    /// Picks so far for which another frame stands in.
    pub fn stand_ins(&self) -> usize {
        self.stand_ins
    }

    /// Whether thumbnails are made.
    pub fn has_thumbs(&self) -> bool {
        self.options.thumb_width.is_some()
    }

    fn path(&self) -> PathBuf {
        self.source.path.clone()
    }

    fn next_sample(&mut self) -> Result<Option<SampledFrame>, MediaError> {
        while self.next < self.picks.len() {
            if self.cancel.is_cancelled() {
                return Err(MediaError::cancelled(&self.source.path));
            }
            let frame = self.picks[self.next];
            let wanted = self.pts_of(frame);
            // A frame decoded earlier may serve several picks' neighbourhoods: look at it before
            // reading on.
            if let Some(pts) = self.current.as_ref().and_then(frame_time) {
                if pts == wanted {
                    return self.emit(None).map(Some);
                }
                if pts < wanted {
                    self.before = self.current.take();
                } else if self.try_in_full(frame)? {
                    continue;
                } else {
                    return self.emit_nearest(wanted).map(Some);
                }
            }
            if !self.decode_one()? {
                if self.try_in_full(frame)? {
                    continue;
                }
                if self.before.is_none() && self.current.is_none() {
                    return Err(MediaError::NoFrames { path: self.path() });
                }
                return self.emit_nearest(wanted).map(Some);
            }
        }
        Ok(None)
    }

    /// Decodes until one more frame is in `current`; `false` at the end of the file.
    fn decode_one(&mut self) -> Result<bool, MediaError> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(MediaError::cancelled(&self.source.path));
            }
            let mut frame = ff::frame::Video::empty();
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    if frame.width() > 0 && frame.height() > 0 && frame_time(&frame).is_some() {
                        self.look_for_cuts(&frame);
                        self.current = Some(frame);
                        return Ok(true);
                    }
                    continue;
                }
                Err(ff::Error::Eof) => match self.state {
                    State::Draining(true) => {
                        self.decoder.flush();
                        self.state = State::Reading;
                    }
                    _ => {
                        self.state = State::Ended;
                        return Ok(false);
                    }
                },
                // Damage is met again as a missing frame; "again" means that a packet is wanted.
                Err(err) => signs::heed(err),
            }
            match self.state {
                State::Ended => return Ok(false),
                State::Draining(_) => {}
                State::Reading => self.feed()?,
            }
        }
    }

    /// Gives the decoder one packet that a pick needs, or the end.
    fn feed(&mut self) -> Result<(), MediaError> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(MediaError::cancelled(&self.source.path));
            }
            let Some(packet) = self.source.next_packet()? else {
                self.drain(false);
                return Ok(());
            };
            let time = packet_time(&packet);
            let needed = self.needed_key_pts();
            if time.is_none() || needed == i64::MIN {
                self.dropping = false;
            } else if let Some(pts) = time.filter(|_| packet.is_key()) {
                if self.dropping {
                    self.dropping = pts < needed;
                } else if self.intra_only {
                    if !self.is_in_full(pts) && self.pick_at(pts).is_none() {
                        continue;
                    }
                } else if needed > pts {
                    self.dropping = true;
                    self.source.unread(packet);
                    self.seek_over_gap(pts)?;
                    self.drain(true);
                    return Ok(());
                }
            }
            if self.dropping {
                continue;
            }
            self.send(&packet, time);
            return Ok(());
        }
    }

    fn send(&mut self, packet: &ff::Packet, time: Option<i64>) {
        let picked = time.and_then(|pts| self.pick_at(pts));
        if let Some(pick) = picked {
            self.sent[pick] = true;
        }
        let in_full = time.is_none_or(|pts| self.is_in_full(pts));
        self.decoder
            .skip_frame(if picked.is_some() || !self.may_skip || in_full {
                ff::Discard::Default
            } else {
                ff::Discard::NonReference
            });
        // A refusal concerns a damaged packet: its frame will be missing.
        let _ = self.decoder.send_packet(packet);
    }

    /// The pick yet to come whose frame has this timestamp.
    fn pick_at(&self, pts: i64) -> Option<usize> {
        let found = self.picks[self.next..]
            .binary_search_by_key(&pts, |&frame| self.pts_of(frame))
            .ok()?;
        Some(self.next + found)
    }

    fn is_in_full(&self, pts: i64) -> bool {
        self.full_until > 0 && pts < self.pts_of(self.full_until)
    }

    fn drain(&mut self, goes_on: bool) {
        let _ = self.decoder.send_eof();
        self.state = State::Draining(goes_on);
    }

    /// Timestamp of the keyframe that the first pick not yet given to the decoder depends on:
    /// earlier than all when it precedes every known keyframe, later than all when no pick is left.
    ///
    /// A group whose keyframe comes before this holds no pick. A pick that was not sent when the
    /// next keyframe comes is one of that keyframe's leading pictures, shown before it and stored
    /// after it; then this lies before that keyframe.
    fn needed_key_pts(&self) -> i64 {
        let Some(pick) = (self.next..self.picks.len()).find(|&pick| !self.sent[pick]) else {
            return i64::MAX;
        };
        let key = self.index.keyframe_before(self.picks[pick]);
        if self.index.keyframes.binary_search(&key).is_ok() {
            self.pts_of(key)
        } else {
            i64::MIN
        }
    }

    fn seek_over_gap(&mut self, from_pts: i64) -> Result<(), MediaError> {
        let to = self.needed_key_pts();
        let gap_secs = to.saturating_sub(from_pts) as f64 * self.index.time_base.as_f64();
        if to != i64::MAX && gap_secs > SEEK_OVER_SECS {
            self.source.seek_to_key(to)?;
        }
        Ok(())
    }

    /// Goes back to decode the group of a lost pick without skipping; `false` when that was done
    /// already or is no use.
    fn try_in_full(&mut self, frame: u64) -> Result<bool, MediaError> {
        if frame < self.full_until || !(self.may_skip || self.intra_only) {
            return Ok(false);
        }
        // Where every frame is a group of its own, the neighbours are wanted too.
        let from = frame.saturating_sub(u64::from(self.intra_only));
        let key = self.index.keyframe_before(from);
        self.full_until = self
            .index
            .keyframe_after(frame)
            .unwrap_or(self.index.len())
            .max(frame + 1 + u64::from(self.intra_only));
        self.sent[self.next..].fill(false);
        self.before = None;
        self.current = None;
        self.decoder.flush();
        self.source.seek_to_key(self.pts_of(key))?;
        // The landing is a keyframe at or before the wanted one.
        self.dropping = false;
        self.state = State::Reading;
        Ok(true)
    }

    fn emit_nearest(&mut self, wanted: i64) -> Result<SampledFrame, MediaError> {
        let distance = |frame: &Option<ff::frame::Video>| {
            frame
                .as_ref()
                .and_then(frame_time)
                .map_or(i64::MAX, |pts| (pts - wanted).abs())
        };
        if distance(&self.before) <= distance(&self.current) {
            // The frame after the gap waits for the following picks.
            std::mem::swap(&mut self.before, &mut self.current);
            let sample = self.emit_with_stand_in();
            std::mem::swap(&mut self.before, &mut self.current);
            sample
        } else {
            self.emit_with_stand_in()
        }
    }

    fn emit_with_stand_in(&mut self) -> Result<SampledFrame, MediaError> {
        let stand_in = self
            .current
            .as_ref()
            .and_then(frame_time)
            .and_then(|pts| self.frame_of(pts));
        // Timestamps guessed by the decoder may miss the index by a little without any damage.
        let stand_in = stand_in.filter(|&frame| frame != self.picks[self.next]);
        self.stand_ins += usize::from(stand_in.is_some());
        self.emit(stand_in)
    }

    /// Converts `current` for the next pick.
    fn emit(&mut self, stand_in: Option<u64>) -> Result<SampledFrame, MediaError> {
        let pick = self.next;
        let Some(frame) = self.current.as_ref() else {
            return Err(MediaError::NoFrames { path: self.path() });
        };
        let stated = frame.aspect_ratio();
        let pixel_aspect = if frame.width() == self.decoder.width() || stated.numerator() == 0 {
            self.pixel_aspect
        } else {
            aspect::aspect_from_ratio(stated.numerator(), stated.denominator())
        };
        let size = self.options.max_side.map_or(Size::Native, Size::Enough);
        let image = self.images.convert(
            frame,
            pixel_aspect,
            self.orientation,
            size,
            &self.source.path,
        )?;
        let thumb = match self.options.thumb_width {
            Some(width) => self.thumbs.convert(
                frame,
                pixel_aspect,
                self.orientation,
                Size::Width(width),
                &self.source.path,
            )?,
            None => image.clone(),
        };
        self.next += 1;
        Ok(SampledFrame {
            pick,
            frame: self.picks[pick],
            secs: self.index.secs_from_frame(self.picks[pick]),
            image,
            thumb,
            stand_in,
        })
    }

    /// Timestamp of a frame; beyond the last one, later than all.
    fn pts_of(&self, frame: u64) -> i64 {
        self.index
            .pts
            .get(frame as usize)
            .copied()
            .unwrap_or(i64::MAX)
    }

    /// Frame shown at a timestamp.
    fn frame_of(&self, pts: i64) -> Option<u64> {
        let after = self.index.pts.partition_point(|&p| p <= pts) as u64;
        after.checked_sub(1)
    }
}

impl Iterator for LocalSampler {
    type Item = Result<SampledFrame, MediaError>;

    fn next(&mut self) -> Option<Self::Item> {
        let sample = self.next_sample().transpose();
        if matches!(sample, Some(Err(_))) {
            self.next = self.picks.len();
        }
        sample
    }
}
