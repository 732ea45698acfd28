//! An opened file: finding the video stream, reading its packets, seeking. Does not decode.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use ff::ffi;
use ff::packet::Ref as _;
use ffmpeg_next as ff;

pub(crate) use super::opening::open_input;
use super::opening::{clear_device_error, device_error};
use super::order::{self, DisplayOrder};
use super::{MediaError, runs, stream};
use crate::domain::Rational;

/// Reads in a row that may fail by damage before the file counts as ended.
const MAX_FAILED_READS: u32 = 128;
/// Packets looked at to learn whether a stream states presentation times.
const LOOK_AHEAD: usize = 8;

/// A container opened for reading, with its default video stream chosen.
pub(crate) struct Source {
    pub input: ff::format::context::Input,
    pub path: PathBuf,
    /// Index of the default video stream in the container.
    pub stream: usize,
    /// Seconds per tick of that stream.
    pub time_base: Rational,
    pending: Option<ff::Packet>,
    /// Packets read at opening and not yet handed out.
    ahead: VecDeque<ff::Packet>,
    /// Finds presentation times where the stream states decoding times only.
    order: Option<DisplayOrder>,
    /// Decoding time of the next packet where the stream states no times at all; they are counted from the start.
    counted: Option<i64>,
    /// Byte at which the file's clock starts over; nothing from there on is read.
    end: Option<i64>,
    /// Reads that failed by damage and were skipped.
    pub failed_reads: u32,
    video_only: bool,
}

impl Source {
    /// Opens a file and chooses its video stream.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file as a whole.
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        let input = open_input(path)?;
        let stream = stream::default_video(&input, path)?;
        let time_base = input
            .stream(stream)
            .map(|s| s.time_base())
            .unwrap_or(ff::Rational(1, 1000));
        let mut source = Self {
            input,
            path: path.to_path_buf(),
            stream,
            time_base: Rational::new(
                i64::from(time_base.numerator()),
                i64::from(time_base.denominator()),
            ),
            pending: None,
            ahead: VecDeque::new(),
            order: None,
            counted: None,
            end: runs::first_end(path),
            failed_reads: 0,
            video_only: false,
        };
        source.learn_times()?;
        Ok(source)
    }

    /// Tells the demuxer to skip every stream but the video.
    pub fn video_only(mut self) -> Self {
        self.video_only = true;
        keep_only(&mut self.input, self.stream);
        self
    }

    /// Reads on where the file's clock starts over, to find that place anew.
    pub fn read_whole_file(&mut self) {
        self.end = None;
    }

    /// Whether presentation times are found here, since the stream states none.
    pub fn is_reordered(&self) -> bool {
        self.order.is_some()
    }

    /// Whether the file states no times, so that its pictures are taken to follow each other evenly.
    pub fn is_untimed(&self) -> bool {
        self.counted.is_some()
    }

    /// The next packet of the video stream; `None` at the end of what can be read.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] when the device fails; damage in the data is passed over.
    pub fn next_packet(&mut self) -> Result<Option<ff::Packet>, MediaError> {
        if let Some(packet) = self.pending.take() {
            return Ok(Some(packet));
        }
        loop {
            if let Some(packet) = self.order.as_mut().and_then(DisplayOrder::pop) {
                return Ok(Some(packet));
            }
            let packet = match self.ahead.pop_front() {
                Some(packet) => Some(packet),
                None => self.read()?,
            };
            match (&mut self.order, packet) {
                (None, packet) => return Ok(packet),
                (Some(order), Some(packet)) => order.push(packet),
                (Some(order), None) => {
                    order.finish();
                    return Ok(order.pop());
                }
            }
        }
    }

    /// Reads one packet of the video stream as the container gives it.
    fn read(&mut self) -> Result<Option<ff::Packet>, MediaError> {
        let mut failures = 0;
        loop {
            let mut packet = ff::Packet::empty();
            let read = packet.read(&mut self.input);
            if let Some(err) = device_error(&self.input) {
                return Err(MediaError::unreadable(&self.path, err));
            }
            match read {
                Ok(()) if packet.stream() == self.stream => {
                    if self.end.is_some_and(|end| packet.position() as i64 >= end) {
                        return Ok(None);
                    }
                    self.count(&mut packet);
                    return Ok(Some(packet));
                }
                Ok(()) => failures = 0,
                Err(ff::Error::Eof) => return Ok(None),
                Err(_) => {
                    failures += 1;
                    self.failed_reads += 1;
                    if failures >= MAX_FAILED_READS {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Looks at the first packets: containers such as AVI say when pictures are decoded but not when they are shown, and
    /// raw streams say neither.
    fn learn_times(&mut self) -> Result<(), MediaError> {
        let parameters = self.input.stream(self.stream).map(|s| s.parameters());
        let Some(parameters) = parameters.filter(|p| order::is_told(p.id())) else {
            return Ok(());
        };
        while self.ahead.len() < LOOK_AHEAD
            && let Some(packet) = self.read()?
        {
            self.ahead.push_back(packet);
        }
        // Where some pictures are shown later than decoded, the container knows, and a missing time is damage.
        let is_told = |p: &ff::Packet| p.pts().is_some() && p.pts() != p.dts();
        if self.ahead.iter().all(|p| p.pts().is_some()) || self.ahead.iter().any(is_told) {
            return Ok(());
        }
        self.order = DisplayOrder::new(parameters);
        let is_untimed = |p: &ff::Packet| p.pts().is_none() && p.dts().is_none();
        if self.order.is_some() && self.ahead.iter().all(is_untimed) {
            self.counted = Some(0);
            let mut ahead = std::mem::take(&mut self.ahead);
            ahead.iter_mut().for_each(|packet| self.count(packet));
            self.ahead = ahead;
        }
        Ok(())
    }

    /// Gives a packet of an untimed stream its time.
    fn count(&mut self, packet: &mut ff::Packet) {
        if let Some(next) = &mut self.counted {
            packet.set_dts(Some(*next));
            *next += packet.duration().max(1);
        }
    }

    /// Hands a packet back, to be the next one.
    pub fn unread(&mut self, packet: ff::Packet) {
        self.pending = Some(packet);
    }

    /// Moves to a keyframe whose timestamp is not after `key_pts`, as near before it as the container allows.
    /// The next packet is that keyframe. The decoder must be flushed by the caller.
    ///
    /// Containers seek by decoding time, by byte guesses or not at all, so the landing is checked and, when it is too
    /// late, tried again further back, at last from the very start.
    pub fn seek_to_key(&mut self, key_pts: i64) -> Result<(), MediaError> {
        let tick_secs = self.time_base.as_f64();
        if self.counted.is_some() {
            return self.rewind_to_key(key_pts);
        }
        for back_secs in [0.0, 1.0, 5.0, 30.0] {
            let ticks = if tick_secs > 0.0 {
                (back_secs / tick_secs) as i64
            } else {
                0
            };
            if !self.seek_raw(key_pts.saturating_sub(ticks)) {
                break;
            }
            if self.skip_to_key(key_pts)? {
                return Ok(());
            }
        }
        if self.end.is_some() {
            return self.rewind_to_key(key_pts);
        }
        self.rewind()
    }

    /// Starts again from the first packet.
    pub fn rewind(&mut self) -> Result<(), MediaError> {
        self.input = open_input(&self.path)?;
        if self.video_only {
            keep_only(&mut self.input, self.stream);
        }
        self.counted = self.counted.map(|_| 0);
        self.forget();
        Ok(())
    }

    /// Reads from the start to a keyframe, where seeking cannot find it.
    fn rewind_to_key(&mut self, key_pts: i64) -> Result<(), MediaError> {
        self.rewind()?;
        while let Some(packet) = self.next_packet()? {
            if packet.is_key() && packet_time(&packet) == Some(key_pts) {
                self.unread(packet);
                return Ok(());
            }
        }
        self.rewind()
    }

    fn seek_raw(&mut self, ts: i64) -> bool {
        self.forget();
        clear_device_error(&mut self.input);
        // SAFETY: the context is open and owned by `self.input`; the stream index came from it.
        unsafe {
            ffi::avformat_seek_file(
                self.input.as_mut_ptr(),
                self.stream as i32,
                i64::MIN,
                ts,
                ts,
                0,
            ) >= 0
        }
    }

    /// Drops what was read of the place left behind.
    fn forget(&mut self) {
        self.pending = None;
        self.ahead.clear();
        if let Some(order) = &mut self.order {
            order.restart();
        }
    }

    /// Reads on to the first keyframe packet; whether it is not after `key_pts`.
    fn skip_to_key(&mut self, key_pts: i64) -> Result<bool, MediaError> {
        while let Some(packet) = self.next_packet()? {
            if packet.is_key() {
                let on_time = packet_time(&packet).is_none_or(|pts| pts <= key_pts);
                self.unread(packet);
                return Ok(on_time);
            }
        }
        Ok(false)
    }
}

/// Presentation timestamp of a packet, or its decoding timestamp where the container has no other.
pub(crate) fn packet_time(packet: &ff::Packet) -> Option<i64> {
    packet.pts().or(packet.dts())
}

/// Whether an edit list drops the packet's picture after decoding.
pub(crate) fn is_discarded(packet: &ff::Packet) -> bool {
    // SAFETY: the pointer is to the packet's own, always valid struct.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

pub(crate) fn keep_only(input: &mut ff::format::context::Input, stream: usize) {
    for index in 0..input.nb_streams() as usize {
        if index != stream {
            // SAFETY: the index is below the number of streams, whose pointers FFmpeg keeps valid while the input lives.
            unsafe {
                let pointer = *(*input.as_mut_ptr()).streams.add(index);
                (*pointer).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
}

/// Seconds the container claims for the video stream, by itself or up to its end on the container's clock; `None` where it
/// claims nothing that can be compared.
pub(crate) fn claimed_secs(source: &Source) -> Option<f64> {
    let video = source.input.stream(source.stream)?;
    let stated = video.duration();
    if stated > 0 && stated != ffi::AV_NOPTS_VALUE {
        return Some(stated as f64 * source.time_base.as_f64());
    }
    let whole = source.input.duration();
    (whole > 0 && whole != ffi::AV_NOPTS_VALUE).then(|| whole as f64 / f64::from(ffi::AV_TIME_BASE))
}
