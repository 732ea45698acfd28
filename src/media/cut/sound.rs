//! Reading the source's sound by sample number. Does not join or encode.

use std::path::{Path, PathBuf};

use ffmpeg_next as ff;

use super::sys::{self, Converter, SoundFormat};
use crate::jobs::CancelToken;
use crate::media::MediaError;
use crate::media::opening::{Input, device_error, open_input};
use crate::media::timetable::FilmClock;

/// Decoding begins this much early, so that codecs whose frames overlap (AAC, Opus, MP3) have
/// settled.
const PREROLL_SECS: f64 = 0.4;
/// A hole of up to this much is read over rather than sought over.
const READ_ON_SECS: f64 = 10.0;
/// Timestamps that stray less than this are rounding of the container, not holes.
const JITTER_SECS: f64 = 0.02;
/// The same for the first frames after a seek, which settle where the sound lies: their times are
/// taken nearly at their word, as the first of them may have been shortened by the codec's delay.
const SETTLING_JITTER_SECS: f64 = 0.0015;
const SETTLING_FRAMES: u32 = 4;

/// Decoded sound as planar float in the format of its first frame. Sample 0 lies at second 0 of the
/// container's clock.
pub(super) struct SoundReader {
    input: Input,
    stream: usize,
    time_base: ff::Rational,
    /// The clip's clock, where the container's breaks off.
    clock: Option<FilmClock>,
    decoder: ff::decoder::Audio,
    pub format: SoundFormat,
    converter: Option<Converter>,
    /// Samples decoded and not yet taken, starting at sample `at`; none right after a seek.
    at: Option<i64>,
    planes: Vec<Vec<f32>>,
    /// Frames decoded since the last seek.
    frames: u32,
    /// Samples `[from, to)` that a seek has shown to be absent from the source.
    hole: std::ops::Range<i64>,
    draining: bool,
    ended: bool,
    /// Why the device could not be read, once that happened.
    failure: Option<MediaError>,
    path: PathBuf,
}

/// What was found of sound.
pub(super) enum Found {
    /// There is sound, but this FFmpeg cannot decode it; why.
    Undecodable(String),
    Sound(Box<SoundReader>),
}

impl SoundReader {
    /// Opens a sound stream.
    pub fn open(path: &Path, stream: usize, cancel: &CancelToken) -> Result<Found, MediaError> {
        let mut input = open_input(path, cancel)?;
        sys::keep_only(&mut input, stream);
        let Some((parameters, time_base)) = input
            .stream(stream)
            .map(|stream| (stream.parameters(), stream.time_base()))
        else {
            return Ok(Found::Undecodable("the sound stream is gone".into()));
        };
        let codec = format!("{:?}", parameters.id());
        let opened = ff::codec::Context::from_parameters(parameters).and_then(|mut context| {
            context.set_time_base(time_base);
            context.decoder().audio()
        });
        let decoder = match opened {
            Ok(decoder) => decoder,
            Err(err) => {
                return Ok(Found::Undecodable(format!(
                    "the sound ({codec}) cannot be decoded by this FFmpeg ({err})"
                )));
            }
        };
        let mut reader = Self {
            input,
            stream,
            time_base,
            clock: FilmClock::of(path),
            decoder,
            format: SoundFormat {
                sample: ff::format::Sample::F32(ff::format::sample::Type::Planar),
                layout: sys::Layout::of_count(2),
                rate: 48_000,
            },
            converter: None,
            at: None,
            planes: Vec::new(),
            frames: 0,
            hole: 0..0,
            draining: false,
            ended: false,
            failure: None,
            path: path.to_path_buf(),
        };
        // What a header states of AAC may lack the doubling of its rate; the first frame states it.
        let first = reader.first_frame(cancel);
        if let Some(failure) = reader.failure.take() {
            return Err(failure);
        }
        match first {
            Some(frame) => {
                reader.format = SoundFormat::of_frame(&frame).as_planar_float();
                reader.take(&frame);
                Ok(Found::Sound(Box::new(reader)))
            }
            None => Ok(Found::Undecodable(format!(
                "the sound ({codec}) holds nothing that can be decoded"
            ))),
        }
    }

    fn first_frame(&mut self, cancel: &CancelToken) -> Option<ff::frame::Audio> {
        let frame = self.decode(cancel)?;
        (frame.rate() > 0 && SoundFormat::of_frame(&frame).layout.channels() > 0).then_some(frame)
    }

    /// `count` samples from sample `start` on; where the source has none (before its start, after
    /// its end, in a hole) the samples are silent. Starts that ascend are read without seeking.
    ///
    /// # Errors
    /// [`MediaError::Unreadable`] when the device fails: silence would pass for the source's own.
    pub fn read(
        &mut self,
        start: i64,
        count: usize,
        cancel: &CancelToken,
    ) -> Result<Vec<Vec<f32>>, MediaError> {
        let samples = self.read_what_is_there(start, count, cancel);
        self.failure.take().map_or(Ok(samples), Err)
    }

    fn read_what_is_there(
        &mut self,
        start: i64,
        count: usize,
        cancel: &CancelToken,
    ) -> Vec<Vec<f32>> {
        let mut out = vec![vec![0f32; count]; self.format.layout.channels()];
        let end = start + count as i64;
        self.approach(start, cancel);
        loop {
            if let Some(at) = self.at {
                let held = self.planes.first().map_or(0, Vec::len) as i64;
                let from = start.max(at);
                let to = end.min(at + held);
                if from < to {
                    for (target, plane) in out.iter_mut().zip(&self.planes) {
                        target[(from - start) as usize..(to - start) as usize]
                            .copy_from_slice(&plane[(from - at) as usize..(to - at) as usize]);
                    }
                }
                if at + held >= end {
                    return out;
                }
            }
            if cancel.is_cancelled() {
                return out;
            }
            // What is held ends before the wanted end: it is done with.
            let Some(frame) = self.decode(cancel) else {
                return out;
            };
            self.take(&frame);
        }
    }

    /// Seeks when the wanted sample lies behind, or far ahead of, what is being decoded.
    fn approach(&mut self, start: i64, cancel: &CancelToken) {
        let rate = f64::from(self.format.rate);
        if let Some(at) = self.at {
            let held_end = at + self.planes.first().map_or(0, Vec::len) as i64;
            let near = start >= at && ((start - held_end) as f64) < READ_ON_SECS * rate;
            if near || self.hole.contains(&start) {
                return;
            }
        }
        let start_secs = start as f64 / rate;
        let mut last_landing = None;
        for back_secs in [PREROLL_SECS, 2.0, 10.0] {
            let ticks = ((start_secs - back_secs) / f64::from(self.time_base)).floor() as i64;
            if let Some(clock) = &mut self.clock {
                clock.seek(&mut self.input, start_secs - back_secs);
            } else if sys::seek_stream(&mut self.input, self.stream, ticks).is_err() {
                // Before the first sample: from the start.
                let _ = sys::seek_stream(&mut self.input, self.stream, i64::MIN / 2)
                    .or_else(|_| self.input.seek(0, ..));
            }
            self.reset();
            let Some(frame) = self.decode(cancel) else {
                return;
            };
            self.take(&frame);
            // A container that seeks inexactly may land after the wanted sample; where going
            // further back lands at the same place, the sound simply begins there.
            let landing = self.at;
            if landing.is_some_and(|at| at <= start) {
                return;
            }
            if landing == last_landing {
                self.hole = start..landing.unwrap_or(start);
                return;
            }
            last_landing = landing;
        }
    }

    fn reset(&mut self) {
        self.decoder.flush();
        self.at = None;
        self.frames = 0;
        for plane in &mut self.planes {
            plane.clear();
        }
        self.draining = false;
        self.ended = false;
    }

    /// Replaces what is held by a decoded frame.
    fn take(&mut self, frame: &ff::frame::Audio) {
        let found = SoundFormat::of_frame(frame);
        if self
            .converter
            .as_ref()
            .is_none_or(|converter| !converter.from.same(&found))
        {
            self.converter = Converter::new(&found, &self.format).ok();
        }
        let held = self.planes.first().map_or(0, Vec::len) as i64;
        let expected = self.at.map(|at| at + held);
        let Some(planes) = self
            .converter
            .as_mut()
            .and_then(|converter| converter.planes_from_frame(frame).ok())
        else {
            return;
        };
        let rate = f64::from(self.format.rate);
        let jitter_secs = if self.frames < SETTLING_FRAMES {
            SETTLING_JITTER_SECS
        } else {
            JITTER_SECS
        };
        self.frames += 1;
        let stated = frame
            .pts()
            .or_else(|| frame.timestamp())
            .map(|ticks| (ticks as f64 * f64::from(self.time_base) * rate).round() as i64);
        let at = match (expected, stated) {
            (Some(expected), Some(stated))
                if ((stated - expected).abs() as f64) <= jitter_secs * rate =>
            {
                expected
            }
            (_, Some(stated)) => stated,
            (Some(expected), None) => expected,
            (None, None) => 0,
        };
        self.at = Some(at);
        self.planes = planes;
    }

    /// The next decoded frame; `None` at the end. Packets that cannot be decoded are skipped.
    fn decode(&mut self, cancel: &CancelToken) -> Option<ff::frame::Audio> {
        let mut frame = ff::frame::Audio::empty();
        let mut failures = 0;
        while !self.ended && !cancel.is_cancelled() {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => return Some(frame),
                Err(ff::Error::Eof) => self.ended = true,
                Err(_) if self.draining => self.ended = true,
                Err(_) => {
                    let mut packet = ff::Packet::empty();
                    let read = packet.read(&mut self.input);
                    if let Some(err) = device_error(&self.input) {
                        self.failure = Some(MediaError::unreadable(&self.path, err));
                        self.ended = true;
                        return None;
                    }
                    match read {
                        Ok(()) if packet.stream() == self.stream => {
                            failures = 0;
                            if let Some(clock) = &mut self.clock {
                                clock.retime(&mut packet, f64::from(self.time_base));
                            }
                            let _ = self.decoder.send_packet(&packet);
                        }
                        Ok(()) => {}
                        Err(err) => {
                            failures += 1;
                            if err == ff::Error::Eof || failures > 128 {
                                self.draining = true;
                                self.ended = self.decoder.send_eof().is_err();
                            }
                        }
                    }
                }
            }
        }
        None
    }
}
