//! Sound of chosen stretches of a video, sample-exact: decoding, resampling, silence where there is
//! none. Knows nothing of devices.

use std::collections::VecDeque;
use std::path::Path;

use ff::ffi;
use ffmpeg_next as ff;

use super::super::super::remote::signs;
use super::super::super::source::{Input, is_discarded, open_input};
use super::super::super::timetable::FilmClock;
use super::super::super::{MediaError, stream};
use super::CHANNELS;
use crate::domain::FrameIndex;
use crate::jobs::CancelToken;

/// Length of the fade at both ends of a stretch, so that joins do not click.
const FADE_SECS: f64 = 0.004;
/// Differences between stated and counted time below this are rounding, not gaps.
const TOLERANCE_SECS: f64 = 0.015;
/// How far before a stretch decoding starts, for codecs that need a run-up.
const RUN_UP_SECS: f64 = 0.2;
/// Longest piece of silence made at once.
const SILENCE_FRAMES: i64 = 4096;

/// Reads the default sound stream as interleaved stereo at one rate.
pub(crate) struct LocalSound {
    input: Input,
    decoder: ff::decoder::Audio,
    resampler: Option<(ResamplerKey, ff::software::resampling::Context)>,
    stream: usize,
    tick_secs: f64,
    /// The video's clock, where the container's breaks off.
    clock: Option<FilmClock>,
    /// Time of the first video frame on the sound stream's clock: media second 0.
    zero_secs: f64,
    rate_hz: u32,
    spans: VecDeque<(f64, f64)>,
    span: Option<Span>,
    ready: VecDeque<f32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct ResamplerKey {
    format: i32,
    channels: i32,
    rate: i32,
}

/// The stretch being read, in sample frames since media second 0.
struct Span {
    start: i64,
    end: i64,
    /// Next sample frame to hand out.
    at: i64,
    /// Where the decoder's next output is taken to lie; `None` right after a seek.
    heard_until: Option<i64>,
    ended: bool,
}

impl LocalSound {
    /// Opens the sound that goes with a video.
    ///
    /// # Errors
    /// [`MediaError::NoDecoder`] or [`MediaError::Unreadable`] where there is no sound that can be
    /// decoded.
    pub fn open(path: &Path, index: &FrameIndex, rate_hz: u32) -> Result<Self, MediaError> {
        let mut input = open_input(path, &CancelToken::new())?;
        let silent = || MediaError::unreadable(path, "it has no sound");
        let (stream, time_base, parameters) = input
            .streams()
            .best(ff::media::Type::Audio)
            .map(|s| (s.index(), s.time_base(), s.parameters()))
            .ok_or_else(silent)?;
        let codec = stream::codec_name(&parameters);
        let decoder = ff::codec::Context::from_parameters(parameters)
            .and_then(|mut context| {
                // SAFETY: the context is ours and not yet open.
                unsafe { (*context.as_mut_ptr()).pkt_timebase = time_base.into() };
                context.decoder().audio()
            })
            .map_err(|_| {
                signs::heed_memory();
                MediaError::NoDecoder {
                    path: path.to_path_buf(),
                    codec,
                }
            })?;
        super::super::super::source::keep_only(&mut input, stream);
        Ok(Self {
            input,
            decoder,
            resampler: None,
            stream,
            tick_secs: f64::from(time_base),
            clock: FilmClock::of(path),
            zero_secs: index.pts.first().copied().unwrap_or(0) as f64 * index.time_base.as_f64(),
            rate_hz,
            spans: VecDeque::new(),
            span: None,
            ready: VecDeque::new(),
        })
    }

    /// Chooses what is read: stretches of media seconds, one after the other.
    pub fn set_spans(&mut self, spans: Vec<(f64, f64)>) {
        self.spans = spans.into();
        self.span = None;
        self.ready.clear();
    }

    /// Appends at least one sample frame to `out`, and some more; `false` when all stretches were
    /// read.
    pub fn read(&mut self, out: &mut Vec<f32>) -> bool {
        let before = out.len();
        while out.len() == before {
            if self.span.as_ref().is_none_or(|span| span.at >= span.end) && !self.next_span() {
                return false;
            }
            self.fill(out);
        }
        true
    }

    fn next_span(&mut self) -> bool {
        let Some((from, to)) = self.spans.pop_front() else {
            self.span = None;
            return false;
        };
        let rate_hz = f64::from(self.rate_hz);
        let frames = |secs: f64| (secs * rate_hz).round() as i64;
        // Stretches that follow each other are read on without a seek.
        let heard_until = self
            .span
            .as_ref()
            .filter(|span| (span.end - frames(from)).abs() <= 1)
            .map(|span| (span.heard_until, span.ended));
        let (heard_until, ended) = heard_until.unwrap_or_else(|| {
            self.ready.clear();
            self.seek(from);
            (None, false)
        });
        self.span = Some(Span {
            start: frames(from),
            end: frames(to),
            at: frames(from),
            heard_until,
            ended,
        });
        true
    }

    fn seek(&mut self, media_secs: f64) {
        let ticks = ((media_secs + self.zero_secs - RUN_UP_SECS) / self.tick_secs) as i64;
        self.decoder.flush();
        self.resampler = None;
        if let Some(clock) = &mut self.clock {
            clock.seek(&mut self.input, media_secs + self.zero_secs - RUN_UP_SECS);
            return;
        }
        // SAFETY: the context is open, the stream index came from it. A failure leaves the
        // position; what is decoded then is placed by its timestamps all the same.
        unsafe {
            ffi::avformat_seek_file(
                self.input.as_mut_ptr(),
                self.stream as i32,
                i64::MIN,
                ticks,
                ticks,
                0,
            );
        }
    }

    /// Hands out what is ready of the stretch, decoding more or making silence as needed.
    fn fill(&mut self, out: &mut Vec<f32>) {
        let Some(span) = &mut self.span else { return };
        let ready = (self.ready.len() / CHANNELS) as i64;
        let ready_from = span.heard_until.map_or(i64::MAX, |until| until - ready);
        if ready > 0 && ready_from < span.at {
            // Sound before the stretch: the run-up.
            let drop = (span.at - ready_from).min(ready);
            self.ready.drain(..drop as usize * CHANNELS);
            return;
        }
        if ready > 0 && ready_from == span.at {
            let take = ready.min(span.end - span.at);
            for (step, sample) in self.ready.drain(..take as usize * CHANNELS).enumerate() {
                let at = span.at + (step / CHANNELS) as i64;
                out.push(sample * fade(at, span.start, span.end, self.rate_hz));
            }
            span.at += take;
            return;
        }
        let gap = if ready > 0 {
            ready_from - span.at
        } else if span.ended {
            span.end - span.at
        } else {
            0
        };
        if gap > 0 {
            let silent = gap.min(span.end - span.at).min(SILENCE_FRAMES);
            out.extend(std::iter::repeat_n(0.0, silent as usize * CHANNELS));
            span.at += silent;
        } else {
            self.decode();
        }
    }

    /// Decodes and resamples one more frame into `ready`, or notes the end.
    fn decode(&mut self) {
        let mut frame = ff::frame::Audio::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => break,
                Err(ff::Error::Eof) => {
                    self.note_end();
                    return;
                }
                Err(err) => signs::heed(err),
            }
            if !self.feed() {
                let _ = self.decoder.send_eof();
            }
        }
        if frame.samples() == 0 {
            return;
        }
        let stated = frame
            .pts()
            .or_else(|| frame.timestamp())
            .map(|pts| pts as f64 * self.tick_secs - self.zero_secs);
        let Some(samples) = self.resample(&mut frame) else {
            return;
        };
        let Some(span) = &mut self.span else { return };
        let stated = stated.map(|secs| (secs * f64::from(self.rate_hz)).round() as i64);
        let counted = span.heard_until;
        let tolerance = (TOLERANCE_SECS * f64::from(self.rate_hz)) as i64;
        let start = match (stated, counted) {
            (Some(stated), Some(counted)) if (stated - counted).abs() > tolerance => stated,
            (_, Some(counted)) => counted,
            (Some(stated), None) => stated,
            (None, None) => span.at,
        };
        if counted.is_some_and(|counted| counted != start) {
            // A jump in time: what is ready no longer joins what comes; it has been handed out or
            // is dropped.
            self.ready.clear();
        }
        span.heard_until = Some(start + (samples.len() / CHANNELS) as i64);
        self.ready.extend(samples);
    }

    fn note_end(&mut self) {
        if let Some(span) = &mut self.span {
            span.ended = true;
        }
    }

    /// Gives the decoder one packet; `false` at the end of the file.
    fn feed(&mut self) -> bool {
        let mut failures = 0;
        loop {
            let mut packet = ff::Packet::empty();
            match self.input.read(&mut packet) {
                Ok(()) if packet.stream() == self.stream && !is_discarded(&packet) => {
                    if let Some(clock) = &mut self.clock {
                        clock.retime(&mut packet, self.tick_secs);
                    }
                    // A refused packet is damage: its sound is missing and becomes silence.
                    let _ = self.decoder.send_packet(&packet);
                    return true;
                }
                Ok(()) => {}
                Err(ff::Error::Eof) => return false,
                Err(_) => {
                    failures += 1;
                    if failures > 64 {
                        return false;
                    }
                }
            }
        }
    }

    fn resample(&mut self, frame: &mut ff::frame::Audio) -> Option<Vec<f32>> {
        // SAFETY: reads plain fields of a live frame.
        let key = unsafe {
            let raw = frame.as_ptr();
            ResamplerKey {
                format: (*raw).format,
                channels: (*raw).ch_layout.nb_channels,
                rate: (*raw).sample_rate,
            }
        };
        if frame.channel_layout().is_empty() {
            // The file names no speakers: take the usual ones for the number of channels. SAFETY:
            // the frame is ours; the function fills a plain struct that owns nothing for these
            // layouts.
            unsafe {
                ffi::av_channel_layout_default(&mut (*frame.as_mut_ptr()).ch_layout, key.channels);
            }
            frame.set_channel_layout(ff::ChannelLayout::default(key.channels));
        }
        let layout = frame.channel_layout();
        if self.resampler.as_ref().is_none_or(|(old, _)| *old != key) {
            let context = ff::software::resampling::Context::get(
                frame.format(),
                layout,
                frame.rate(),
                ff::format::Sample::F32(ff::format::sample::Type::Packed),
                ff::ChannelLayout::STEREO,
                self.rate_hz,
            )
            .ok()?;
            self.resampler = Some((key, context));
        }
        let (_, context) = self.resampler.as_mut()?;
        // Room for what the resampler held back, too.
        let room = (frame.samples() as u64 * u64::from(self.rate_hz))
            .div_ceil(u64::from(frame.rate().max(1))) as usize
            + 256;
        let mut out = ff::frame::Audio::new(
            ff::format::Sample::F32(ff::format::sample::Type::Packed),
            room,
            ff::ChannelLayout::STEREO,
        );
        context.run(frame, &mut out).ok()?;
        let count = out.samples() * CHANNELS;
        let bytes = out.data(0).get(..count * 4)?;
        Some(
            bytes
                .chunks_exact(4)
                .map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
        )
    }
}

/// Gain near the ends of a stretch.
fn fade(at: i64, start: i64, end: i64, rate_hz: u32) -> f32 {
    let length = (FADE_SECS * f64::from(rate_hz)) as f32;
    let into = (at - start) as f32 + 0.5;
    let left = (end - at) as f32 - 0.5;
    (into.min(left) / length).clamp(0.0, 1.0)
}
