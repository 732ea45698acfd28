//! An opened file: finding the video stream, reading its packets, seeking. Does not decode.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ff::ffi;
use ff::packet::Ref as _;
use ffmpeg_next as ff;

pub(crate) use super::opening::{Input, open_input};
use super::opening::{clear_device_error, device_error};
use super::timetable::{Part, Timetable, print_of};
use super::{MediaError, stream};
use crate::domain::Rational;
use crate::jobs::CancelToken;

/// Reads in a row that may fail by damage before the file counts as ended.
const MAX_FAILED_READS: u32 = 128;
/// Packets read in search of a known one after a seek.
const MAX_UNKNOWN: usize = 64;

/// FFmpeg's names of streams without a container.
const RAW_STREAMS: [&str; 13] = [
    "h264",
    "hevc",
    "vvc",
    "m4v",
    "mpegvideo",
    "vc1",
    "h261",
    "h263",
    "cavsvideo",
    "avs2",
    "dirac",
    "obu",
    "mjpeg",
];

/// A container opened for reading, with its default video stream chosen.
pub(crate) struct Source {
    pub input: Input,
    pub path: PathBuf,
    /// Index of the default video stream in the container.
    pub stream: usize,
    /// Seconds per tick of that stream.
    pub time_base: Rational,
    pending: Option<ff::Packet>,
    /// A packet read beyond the one handed out, as the container gives it.
    ahead: Option<ff::Packet>,
    /// Times of the packets where the container's own do not do.
    table: Option<Arc<Timetable>>,
    /// Ordinal of the next packet in the timetable; unknown after a seek, until a packet is known
    /// again.
    next: Option<usize>,
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
        Self::open_until(path, &CancelToken::new())
    }

    /// As [`Self::open`]; `cancel` ends the opening, and every later read.
    ///
    /// # Errors
    /// As [`Self::open`], and [`MediaError::Cancelled`].
    pub fn open_until(path: &Path, cancel: &CancelToken) -> Result<Self, MediaError> {
        let input = open_input(path, cancel)?;
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
            ahead: None,
            table: Timetable::of(path),
            next: None,
            failed_reads: 0,
            video_only: false,
        };
        if source.table.is_some() {
            source.rewind_in_place();
        }
        Ok(source)
    }

    /// Tells the demuxer to skip every stream but the video.
    pub fn video_only(mut self) -> Self {
        self.video_only = true;
        keep_only(&mut self.input, self.stream);
        self
    }

    /// From here on packets come from the start as they are stored, with the times that the
    /// container states and no others.
    pub fn inspect_packets(&mut self) -> Result<(), MediaError> {
        self.table = None;
        if self.is_parsed() && !self.states_no_times() {
            // SAFETY: the context is open and ours; the flag is read with each packet.
            unsafe { (*self.input.as_mut_ptr()).flags |= ffi::AVFMT_FLAG_NOFILLIN };
        }
        self.rewind_in_place();
        Ok(())
    }

    /// Codec parameters of the video stream.
    pub fn parameters(&self) -> Option<ff::codec::Parameters> {
        self.input.stream(self.stream).map(|s| s.parameters())
    }

    /// Whether pictures are found in the stream by a parser, which guesses times, rather than in an
    /// index of the container.
    pub fn is_parsed(&self) -> bool {
        self.states_no_times() || matches!(self.input.format().name(), "mpegts" | "mpeg")
    }

    /// Whether the container is a raw stream.
    pub fn states_no_times(&self) -> bool {
        RAW_STREAMS.contains(&self.input.format().name())
    }

    /// Whether the container's clock may break off in the middle of a video.
    pub fn clock_may_break(&self) -> bool {
        self.is_parsed() && !self.states_no_times()
    }

    /// The next packet of the video stream; `None` at the end of what can be read.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] when the device fails; damage in the data is skipped.
    pub fn next_packet(&mut self) -> Result<Option<ff::Packet>, MediaError> {
        if let Some(packet) = self.pending.take() {
            return Ok(Some(packet));
        }
        let Some(table) = self.table.clone() else {
            return self.read();
        };
        while let Some((at, mut packet)) = self.read_known(&table)? {
            let Some(place) = table.place(at) else {
                continue;
            };
            let time = match place.part {
                Part::Shown(time) => Some(time),
                Part::Silent => None,
                Part::Lost | Part::Second => continue,
            };
            if table
                .place(at + 1)
                .is_some_and(|next| next.part == Part::Second)
                && let Some((_, second)) = self.read_known(&table)?
            {
                packet = joined(&packet, &second);
            }
            packet.set_pts(time);
            packet.set_dts(None);
            let mut flags = packet.flags();
            flags.set(ff::packet::Flags::KEY, place.is_key && time.is_some());
            packet.set_flags(flags);
            return Ok(Some(packet));
        }
        Ok(None)
    }

    /// The next packet that the timetable knows, with its ordinal.
    fn read_known(&mut self, table: &Timetable) -> Result<Option<(usize, ff::Packet)>, MediaError> {
        loop {
            let packet = match self.ahead.take() {
                Some(packet) => packet,
                None => match self.read()? {
                    Some(packet) => packet,
                    None => return Ok(None),
                },
            };
            let known = self.next.or_else(|| {
                let print = print_of(packet.data().unwrap_or_default());
                table.find(packet.position() as i64, print)
            });
            if let Some(at) = known {
                self.next = Some(at + 1);
                return Ok(Some((at, packet)));
            }
        }
    }

    /// Reads one packet of the video stream as the container gives it.
    fn read(&mut self) -> Result<Option<ff::Packet>, MediaError> {
        let mut failures = 0;
        loop {
            let mut packet = ff::Packet::empty();
            let read = self.input.read(&mut packet);
            if read.is_err() && self.input.is_cancelled() {
                return Err(MediaError::cancelled(&self.path));
            }
            if let Some(err) = device_error(&self.input) {
                return Err(MediaError::unreadable(&self.path, err));
            }
            match read {
                Ok(()) if packet.stream() == self.stream => return Ok(Some(packet)),
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

    /// Hands a packet back, to be the next one.
    pub fn unread(&mut self, packet: ff::Packet) {
        self.pending = Some(packet);
    }

    /// Moves to a keyframe whose timestamp is not after `key_pts`, as near before it as the
    /// container allows. The next packet is that keyframe. The decoder must be flushed by the
    /// caller.
    ///
    /// Containers seek by decoding time, by byte guesses or not at all, so the landing is checked
    /// and, when it is too late, tried again further back, at last from the very start.
    pub fn seek_to_key(&mut self, key_pts: i64) -> Result<(), MediaError> {
        if let Some(table) = self.table.clone() {
            return self.seek_by_table(&table, key_pts);
        }
        let tick_secs = self.time_base.as_f64();
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
        self.rewind()
    }

    /// Moves to the last keyframe at or before a time of the video, known by its place in the file.
    fn seek_by_table(&mut self, table: &Timetable, key_pts: i64) -> Result<(), MediaError> {
        let Some(key) = table.key_at(key_pts) else {
            return self.rewind();
        };
        for back in [0, 8, 64, 512] {
            let Some(start) = table.placed_before(key.saturating_sub(back)) else {
                break;
            };
            let Some(place) = table.place(start).copied() else {
                break;
            };
            let sought = if table.by_bytes {
                self.seek_byte(place.position)
            } else {
                self.seek_raw(place.stated)
            };
            if !sought {
                break;
            }
            if self.read_to(table, key, MAX_UNKNOWN)? {
                return Ok(());
            }
        }
        self.rewind()?;
        if self.read_to(table, key, usize::MAX)? {
            return Ok(());
        }
        self.rewind()
    }

    /// Reads on until `key` is the next packet; `false` where reading began after it or among
    /// unknown packets.
    fn read_to(
        &mut self,
        table: &Timetable,
        key: usize,
        most_unknown: usize,
    ) -> Result<bool, MediaError> {
        let mut unknown = 0;
        while let Some(packet) = self.read()? {
            let print = print_of(packet.data().unwrap_or_default());
            let known = self
                .next
                .or_else(|| table.find(packet.position() as i64, print));
            match known {
                Some(at) if at == key => {
                    self.next = Some(at);
                    self.ahead = Some(packet);
                    return Ok(true);
                }
                Some(at) if at > key => return Ok(false),
                Some(at) => self.next = Some(at + 1),
                None => unknown += 1,
            }
            if unknown > most_unknown {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Starts again from the first packet.
    pub fn rewind(&mut self) -> Result<(), MediaError> {
        self.input = open_input(&self.path, &self.input.cancel_token())?;
        if self.video_only {
            keep_only(&mut self.input, self.stream);
        }
        self.forget();
        if self.table.is_some() {
            self.rewind_in_place();
        }
        Ok(())
    }

    /// Goes to the first byte of a stream in which pictures are found by a parser. What was read
    /// while the file was opened is read again, now that its streams are known.
    fn rewind_in_place(&mut self) {
        if self.is_parsed() {
            self.seek_byte(0);
        }
    }

    fn seek_byte(&mut self, position: i64) -> bool {
        self.forget();
        clear_device_error(&mut self.input);
        // SAFETY: the context is open and owned by `self.input`.
        unsafe {
            ffi::avformat_seek_file(
                self.input.as_mut_ptr(),
                -1,
                i64::MIN,
                position,
                position,
                ffi::AVSEEK_FLAG_BYTE,
            ) >= 0
        }
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
        self.ahead = None;
        self.next = None;
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

/// Two packets as one: the fields of a picture.
fn joined(first: &ff::Packet, second: &ff::Packet) -> ff::Packet {
    let data = [
        first.data().unwrap_or_default(),
        second.data().unwrap_or_default(),
    ]
    .concat();
    let mut packet = ff::Packet::copy(&data);
    packet.set_stream(first.stream());
    packet.set_position(first.position());
    packet.set_flags(first.flags() | second.flags());
    packet.set_duration(first.duration() + second.duration());
    packet
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
            // SAFETY: the index is below the number of streams, whose pointers FFmpeg keeps valid
            // while the input lives.
            unsafe {
                let pointer = *(*input.as_mut_ptr()).streams.add(index);
                (*pointer).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
}

/// Seconds the container claims for the video stream, by itself or up to its end on the container's
/// clock; `None` where it claims nothing that can be compared.
pub(crate) fn claimed_secs(source: &Source) -> Option<f64> {
    let video = source.input.stream(source.stream)?;
    let stated = video.duration();
    if stated > 0 && stated != ffi::AV_NOPTS_VALUE {
        return Some(stated as f64 * source.time_base.as_f64());
    }
    let whole = source.input.duration();
    (whole > 0 && whole != ffi::AV_NOPTS_VALUE).then(|| whole as f64 / f64::from(ffi::AV_TIME_BASE))
}
