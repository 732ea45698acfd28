//! The one continuous sound stream of an exported clip: pieces cut by the sample, faded at joins,
//! through a single encoder.

use ffmpeg_next as ff;

use super::CutError;
use super::encode_sound::open_encoder;
use super::mux::Muxer;
use super::plan::CutPlan;
use super::sound::SoundReader;
use super::sys::{self, Converter, SoundFormat};
use super::target::Container;
use crate::jobs::CancelToken;

/// Length of the fade on each side of a join: long enough that no step is heard as a click, too
/// short to be heard itself.
const FADE_SECS: f64 = 0.005;
/// Samples read at a time.
const BLOCK: i64 = 8192;

/// A stretch of source samples in the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SoundPiece {
    source_start: i64,
    samples: i64,
    fade_in: bool,
    fade_out: bool,
    /// Whether nothing is heard, as while a still picture stands.
    silent: bool,
}

/// Where each piece's samples are. Counts come from the cumulative output time, so rounding never
/// adds up: the sound ends within half a sample of the pictures.
fn sound_pieces(plan: &CutPlan, rate: u32, source_end_secs: f64) -> Vec<SoundPiece> {
    let sample = |secs: f64| (secs * f64::from(rate)).round() as i64;
    plan.pieces
        .iter()
        .enumerate()
        .map(|(number, piece)| {
            let (start_secs, end_secs) = (plan.secs(piece.out_start), plan.secs(piece.out_end));
            let piece_end_secs = piece.source_secs + (end_secs - start_secs);
            SoundPiece {
                source_start: sample(piece.source_secs),
                samples: sample(end_secs) - sample(start_secs),
                // The source's own beginning and end need no fade.
                fade_in: number > 0 || piece.frames.start > 0,
                fade_out: number + 1 < plan.pieces.len() || piece_end_secs < source_end_secs - 1e-6,
                silent: piece.still.is_some(),
            }
        })
        .collect()
}

/// Gain of sample `n` of a piece: a raised cosine over [`FADE_SECS`] at the faded ends.
fn gain(piece: &SoundPiece, n: i64, rate: u32) -> f32 {
    let fade = ((FADE_SECS * f64::from(rate)) as i64).min(piece.samples / 2);
    if fade <= 0 {
        return 1.0;
    }
    let ramp = |distance: i64| {
        if distance >= fade {
            return 1.0;
        }
        let position = (distance as f64 + 0.5) / fade as f64;
        (0.5 - 0.5 * (std::f64::consts::PI * position).cos()) as f32
    };
    let rise = if piece.fade_in { ramp(n) } else { 1.0 };
    let fall = if piece.fade_out {
        ramp(piece.samples - 1 - n)
    } else {
        1.0
    };
    rise * fall
}

/// Encodes the clip's sound as far as the pictures have come.
pub(super) struct Soundtrack {
    reader: Box<SoundReader>,
    pieces: Vec<SoundPiece>,
    /// Piece being read, and samples of it already read.
    piece: usize,
    done: i64,
    /// Source samples handed to the encoder's side so far.
    read: i64,
    converter: Option<Converter>,
    encoder: ff::encoder::Audio,
    format: SoundFormat,
    frame_size: usize,
    pads_last: bool,
    /// Samples that wait for a full frame of the encoder.
    waiting: Vec<Vec<f32>>,
    sent: i64,
    /// Its stream in the clip.
    pub stream: usize,
    pub notes: Vec<String>,
}

impl Soundtrack {
    /// Opens an encoder for the container and adds its stream.
    ///
    /// # Errors
    /// When no encoder of sound works.
    pub fn open(
        reader: Box<SoundReader>,
        plan: &CutPlan,
        source_end_secs: f64,
        container: Container,
        muxer: &mut Muxer,
    ) -> Result<Self, CutError> {
        let source = reader.format.clone();
        let opened = open_encoder(&source, container, muxer.wants_global_header())?;
        let stream = muxer.add_encoder(&opened.encoder)?;
        let wanted = opened.format.as_planar_float();
        let converter = if wanted.same(&source) {
            None
        } else {
            let converter = Converter::new(&source, &wanted)
                .map_err(|err| CutError::convert("the sound", err))?;
            Some(converter)
        };
        Ok(Self {
            pieces: sound_pieces(plan, source.rate, source_end_secs),
            reader,
            piece: 0,
            done: 0,
            read: 0,
            converter,
            waiting: vec![Vec::new(); opened.format.layout.channels()],
            encoder: opened.encoder,
            format: opened.format,
            frame_size: opened.frame_size,
            pads_last: opened.pads_last,
            sent: 0,
            stream,
            notes: opened.notes,
        })
    }

    /// Brings the sound up to a time of the clip.
    pub fn advance(
        &mut self,
        until_secs: f64,
        muxer: &mut Muxer,
        cancel: &CancelToken,
    ) -> Result<(), CutError> {
        let until = (until_secs * f64::from(self.reader.format.rate)).round() as i64;
        while self.read < until {
            let Some(piece) = self.pieces.get(self.piece).copied() else {
                break;
            };
            let count = BLOCK.min(piece.samples - self.done);
            if count <= 0 {
                self.piece += 1;
                self.done = 0;
                continue;
            }
            let start = piece.source_start + self.done;
            let mut planes = match piece.silent {
                true => vec![vec![0f32; count as usize]; self.reader.format.layout.channels()],
                false => self.reader.read(start, count as usize, cancel)?,
            };
            if cancel.is_cancelled() {
                return Err(CutError::Cancelled);
            }
            let rate = self.reader.format.rate;
            for plane in &mut planes {
                for (n, sample) in plane.iter_mut().enumerate() {
                    *sample *= gain(&piece, self.done + n as i64, rate);
                }
            }
            self.done += count;
            self.read += count;
            let borrowed: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
            match self.converter.as_mut() {
                Some(converter) => {
                    let converted = converter
                        .planes_from_planes(&borrowed)
                        .map_err(|err| CutError::convert("the sound", err))?;
                    self.queue(&converted);
                }
                None => self.queue(&planes),
            }
            self.encode_full_frames(muxer)?;
        }
        Ok(())
    }

    /// Encodes what is left.
    pub fn finish(&mut self, muxer: &mut Muxer, cancel: &CancelToken) -> Result<(), CutError> {
        self.advance(f64::MAX / 1e9, muxer, cancel)?;
        if let Some(converter) = self.converter.as_mut() {
            let rest = converter
                .flush()
                .map_err(|err| CutError::convert("the sound", err))?;
            self.queue(&rest);
            self.encode_full_frames(muxer)?;
        }
        let rest = self.waiting.first().map_or(0, Vec::len);
        if rest > 0 {
            if self.pads_last {
                let size = self.frame_size;
                self.waiting.iter_mut().for_each(|p| p.resize(size, 0.0));
            }
            let size = self.waiting[0].len();
            self.encode(0, size, muxer)?;
        }
        self.encoder
            .send_eof()
            .map_err(|err| CutError::convert("the sound", err))?;
        self.drain(muxer)
    }

    fn queue(&mut self, planes: &[Vec<f32>]) {
        for (waiting, plane) in self.waiting.iter_mut().zip(planes) {
            waiting.extend_from_slice(plane);
        }
    }

    fn encode_full_frames(&mut self, muxer: &mut Muxer) -> Result<(), CutError> {
        let held = self.waiting.first().map_or(0, Vec::len);
        let mut from = 0;
        while from + self.frame_size <= held {
            self.encode(from, from + self.frame_size, muxer)?;
            from += self.frame_size;
        }
        self.waiting.iter_mut().for_each(|plane| {
            plane.drain(..from);
        });
        Ok(())
    }

    fn encode(&mut self, from: usize, to: usize, muxer: &mut Muxer) -> Result<(), CutError> {
        let planes: Vec<&[f32]> = self.waiting.iter().map(|plane| &plane[from..to]).collect();
        let frame = sys::sound_frame(&self.format, &planes, self.sent)
            .map_err(|err| CutError::convert("the sound", err))?;
        self.sent += (to - from) as i64;
        self.encoder
            .send_frame(&frame)
            .map_err(|err| CutError::convert("the sound", err))?;
        self.drain(muxer)
    }

    fn drain(&mut self, muxer: &mut Muxer) -> Result<(), CutError> {
        loop {
            let mut packet = ff::Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => muxer.write(self.stream, packet)?,
                Err(ff::Error::Eof)
                | Err(ff::Error::Other {
                    errno: ff::error::EAGAIN,
                }) => return Ok(()),
                Err(err) => return Err(CutError::convert("the sound", err)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FrameIndex, FrameRange, Rational};

    #[test]
    fn sample_counts_never_drift_from_the_pictures() {
        // 29.97 frames a second and 44.1 kHz: a frame is 1471.47 samples.
        let frames = 100_000i64;
        let index = FrameIndex {
            pts: (0..frames).map(|n| n * 1001).collect(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, 30_000),
            last_duration: 1001,
        };
        let ranges: Vec<FrameRange> = (0..9000)
            .map(|n| FrameRange::new(n * 11, n * 11 + 1))
            .collect();
        let plan = CutPlan::new(&index, &ranges, &[], None).unwrap();
        let pieces = sound_pieces(&plan, 44_100, 1e9);
        let total: i64 = pieces.iter().map(|piece| piece.samples).sum();
        assert!((total as f64 / 44_100.0 - plan.duration_secs()).abs() < 1.0 / 44_100.0);
        assert!(!pieces[0].fade_in && pieces[1].fade_in && pieces[8999].fade_out);
    }

    #[test]
    fn fades_touch_only_the_ends_of_a_piece() {
        let piece = SoundPiece {
            source_start: 0,
            samples: 4800,
            fade_in: true,
            fade_out: true,
            silent: false,
        };
        assert!(gain(&piece, 0, 48_000) < 0.001);
        assert!(gain(&piece, 4799, 48_000) < 0.001);
        assert_eq!(gain(&piece, 240, 48_000), 1.0);
        assert_eq!(gain(&piece, 4559, 48_000), 1.0);
        let tiny = SoundPiece {
            samples: 1,
            ..piece
        };
        assert_eq!(gain(&tiny, 0, 48_000), 1.0);
    }
}
