//! The smart mode: copies whole closed groups of pictures, encodes the ends with matching
//! parameters, decodes to verify.
//!
//! H.264 only: a clip may hold several sets of coding parameters under different numbers, so the
//! encoded ends get numbers of their own beside the source's, in one configuration record. Whatever
//! does not fit is left to the exact mode.

use std::collections::VecDeque;

use ffmpeg_next as ff;

use super::copy::{add_copied_stream, unordered};
use super::exact::stated_rates;
use super::frames::FrameReader;
use super::mux::Muxer;
use super::nal::{self, Framing, ParameterSets};
use super::packets::{DecodeClock, PacketReader};
use super::plan::{CutPlan, Piece, PlannedFrame};
use super::target::Container;
use super::tracks::Tracks;
use super::{CutError, ExportMode, Job, Made, Refusal, sys, verify};
use crate::domain::{FrameIndex, FrameRange};
use crate::jobs::{Progress, StageClock};

/// Reordering of the encoded ends: x264's three B-frames with one as reference.
const ENCODED_DELAY: usize = 2;

/// A stretch of one piece that is treated one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    piece: usize,
    frames: FrameRange,
    copied: bool,
}

/// Exports with as few pictures encoded anew as can be.
pub(super) fn export(job: &Job, progress: &mut dyn FnMut(Progress)) -> Result<Made, Refusal> {
    let mut packets = PacketReader::open(job.source, job.index)?;
    let (input, stream) = packets.input();
    let plan = CutPlan::new(job.index, job.ranges, &stated_rates(input, stream), None)?;
    let parts = split(&plan, &mut packets)?;
    let copied: u64 = parts
        .iter()
        .filter(|part| part.copied)
        .map(|part| part.frames.len())
        .sum();
    if copied == 0 {
        return Err(nothing_to_copy());
    }
    let encodes = parts.iter().any(|part| !part.copied);
    let mut muxer = Muxer::create(job.target)?;
    let video_stream = add_copied_stream(job, &mut packets, &mut muxer, &plan)?;
    let mut splicer = if encodes {
        Some(Splicer::new(
            job,
            &mut packets,
            &plan,
            &mut muxer,
            video_stream,
        )?)
    } else {
        None
    };
    let (input, stream) = packets.input();
    let delay = sys::reorder_delay(input, stream).max(if encodes { ENCODED_DELAY } else { 0 });
    let mut notes = Vec::new();
    let tracks = Tracks::open(job, &plan, &mut muxer, &mut notes)?;
    muxer.begin(job, &job.chapters(&plan))?;

    let mut film = Film {
        job,
        plan: &plan,
        clock: DecodeClock::new(plan.frames().map(|frame| frame.pts).collect(), delay),
        stage: StageClock::start("Exporting"),
        stream: video_stream,
        written: 0,
        muxer,
        tracks,
    };
    for part in &parts {
        let piece = &plan.pieces[part.piece];
        if !part.copied {
            if let Some(splicer) = splicer.as_mut() {
                splicer.encode(part.frames, piece, &mut film, progress)?;
            }
            continue;
        }
        let framing = packets.framing;
        let reframe = splicer.is_some() && framing != Framing::Length(4);
        let found = packets.copy_range(part.frames, &mut |found| {
            let planned = plan.planned(piece, found.frame);
            let mut packet = found.packet;
            if reframe {
                packet = reframed(&packet, framing);
            }
            film.write(packet, &planned, progress)
        })?;
        if found != part.frames.len() {
            return Err(Refusal::Unfit(
                "some pictures could not be read by themselves".into(),
            ));
        }
    }
    let kept = film.tracks.kept.clone();
    film.finish(progress)?;
    let is_copied = |planned: &PlannedFrame| {
        parts
            .iter()
            .any(|part| part.copied && part.frames.contains(planned.source_frame))
    };
    verify::verify(job, &plan, is_copied, progress)?;
    if kept.sound {
        notes.push("the sound was encoded anew, so that its joins are exact".into());
    }
    Ok(Made {
        mode: ExportMode::Smart,
        frame_count: plan.frame_count(),
        duration_secs: plan.duration_secs(),
        encoder: encodes.then(|| "x264".to_owned()),
        copied_frames: copied,
        kept,
        widened: Vec::new(),
        notes,
    })
}

pub(super) fn nothing_to_copy() -> Refusal {
    Refusal::Unfit("no whole group of pictures lies inside the chosen parts".into())
}

/// What of the ranges is copied, in their order.
pub(super) fn copied_parts(
    index: &FrameIndex,
    ranges: &[FrameRange],
    packets: &mut PacketReader,
) -> Result<Vec<FrameRange>, CutError> {
    let plan = CutPlan::new(index, ranges, &[], None)?;
    let parts = split(&plan, packets)?.into_iter();
    Ok(parts
        .filter(|part| part.copied)
        .map(|part| part.frames)
        .collect())
}

/// Divides each piece into an encoded head, a copied middle and an encoded tail; any of them may be
/// empty.
fn split(plan: &CutPlan, packets: &mut PacketReader) -> Result<Vec<Part>, CutError> {
    let mut parts = Vec::new();
    for (number, piece) in plan.pieces.iter().enumerate() {
        let FrameRange { start, end } = piece.frames;
        let first = packets.splice_at_or_after(start)?.min(end);
        let last = if packets.splice_at_or_after(end)? == end {
            end
        } else {
            packets.splice_at_or_before(end)?.unwrap_or(first)
        };
        let (first, last) = if first < last {
            (first, last)
        } else {
            (end, end)
        };
        for (from, to, copied) in [
            (start, first, false),
            (first, last, true),
            (last, end, false),
        ] {
            if from < to {
                parts.push(Part {
                    piece: number,
                    frames: FrameRange::new(from, to),
                    copied,
                });
            }
        }
    }
    Ok(parts)
}

/// The packet with four-byte lengths before its units.
fn reframed(packet: &ff::Packet, framing: Framing) -> ff::Packet {
    let data = nal::with_lengths(nal::units(packet.data().unwrap_or_default(), framing));
    let mut copy = ff::Packet::copy(&data);
    copy.set_flags(packet.flags());
    copy
}

/// The clip under construction.
struct Film<'a> {
    job: &'a Job<'a>,
    plan: &'a CutPlan,
    clock: DecodeClock,
    stage: StageClock,
    stream: usize,
    written: u64,
    muxer: Muxer,
    tracks: Tracks,
}

impl Film<'_> {
    fn write(
        &mut self,
        mut packet: ff::Packet,
        planned: &PlannedFrame,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Refusal> {
        self.job.check_cancelled()?;
        packet.set_pts(Some(planned.pts));
        packet.set_dts(Some(self.clock.next(planned.pts).ok_or_else(unordered)?));
        packet.set_duration(planned.duration);
        self.muxer.write(self.stream, packet)?;
        self.tracks.advance(
            self.plan.secs(planned.pts),
            &mut self.muxer,
            self.job.cancel,
        )?;
        self.written += 1;
        progress(self.stage.at(self.written, self.plan.frame_count()));
        Ok(())
    }

    fn finish(mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), CutError> {
        progress(Progress {
            stage: "Finalising",
            fraction: None,
            eta_secs: None,
        });
        self.tracks.finish(&mut self.muxer, self.job.cancel)?;
        self.muxer.finish()
    }
}

/// Encodes the ends so that they fit between copied pictures.
struct Splicer {
    reader: FrameReader,
    time_base: ff::Rational,
    rate: Option<ff::Rational>,
    sar: ff::Rational,
    /// Number of the encoder's parameter sets.
    set_id: u32,
    /// The encoder's parameter sets, which every run of it must repeat.
    sets: ParameterSets,
}

impl Splicer {
    /// Checks that the source can be matched, and puts both parameter sets into the stream's
    /// configuration record.
    fn new(
        job: &Job,
        packets: &mut PacketReader,
        plan: &CutPlan,
        muxer: &mut Muxer,
        video_stream: usize,
    ) -> Result<Self, Refusal> {
        let unfit = |reason: &str| Refusal::Unfit(reason.to_owned());
        if packets.codec() != ff::codec::Id::H264 {
            return Err(Refusal::Unfit(format!(
                "only H.264 can be spliced with encoded pictures, and this is {:?}",
                packets.codec()
            )));
        }
        if job.target.container == Container::WebM {
            return Err(unfit("WebM holds no H.264"));
        }
        let avoided = |name: &str| job.options.avoid_encoders.iter().any(|a| a == name);
        if avoided("libx264") || ff::encoder::find_by_name("libx264").is_none() {
            return Err(unfit("x264 is needed and not in this FFmpeg"));
        }
        let (input, stream) = packets.input();
        let sar = sys::pixel_shape(input, stream);
        let source_sets = ParameterSets::read(&sys::extradata(input, stream))
            .ok_or_else(|| unfit("the source states no coding parameters"))?;
        let used = source_sets.ids();
        let set_id = (1..32)
            .find(|id| !used.contains(id))
            .ok_or_else(|| unfit("the source uses all numbers of coding parameters"))?;
        let reader = FrameReader::open(job.source, job.index)?;
        let decoder = reader.decoder();
        if sys::bit_depth(decoder.format()) != 8
            || !matches!(
                decoder.format(),
                ff::format::Pixel::YUV420P | ff::format::Pixel::YUVJ420P
            )
        {
            return Err(unfit("only 8-bit 4:2:0 video can be spliced"));
        }
        if sys::is_interlaced(decoder) {
            return Err(unfit("interlaced video cannot be spliced"));
        }
        let mut splicer = Self {
            time_base: ff::Rational(plan.time_base.num as i32, plan.time_base.den as i32),
            rate: plan
                .constant_rate
                .map(|rate| ff::Rational(rate.num as i32, rate.den as i32)),
            sar,
            set_id,
            sets: ParameterSets::default(),
            reader,
        };
        let encoder = splicer.open_encoder()?;
        splicer.sets = ParameterSets::read(&sys::encoder_extradata(&encoder))
            .ok_or_else(|| unfit("x264 states no coding parameters"))?;
        if splicer.sets.ids().iter().any(|&id| id != set_id) {
            return Err(unfit("this x264 cannot number its coding parameters"));
        }
        let record = source_sets
            .merged_record(&splicer.sets)
            .ok_or_else(|| unfit("the coding parameters do not fit into one record"))?;
        sys::set_extradata(muxer.output(), video_stream, &record)
            .map_err(|err| CutError::convert("the coding parameters", err))?;
        Ok(splicer)
    }

    fn open_encoder(&self) -> Result<ff::encoder::Video, Refusal> {
        let refused = |err: ff::Error| Refusal::Unfit(format!("x264 refused ({err})"));
        let codec = ff::encoder::find_by_name("libx264")
            .ok_or_else(|| refused(ff::Error::EncoderNotFound))?;
        let mut encoder = ff::codec::Context::new_with_codec(codec)
            .encoder()
            .video()
            .map_err(refused)?;
        let decoder = self.reader.decoder();
        encoder.set_width(decoder.width());
        encoder.set_height(decoder.height());
        encoder.set_format(decoder.format());
        encoder.set_aspect_ratio(self.sar);
        encoder.set_time_base(self.time_base);
        if let Some(rate) = self.rate {
            encoder.set_frame_rate(Some(rate));
        }
        encoder.set_flags(ff::codec::Flags::GLOBAL_HEADER);
        sys::copy_picture_tags(decoder, &mut encoder);
        let mut options = ff::Dictionary::new();
        options.set("preset", "fast");
        options.set("crf", "16");
        options.set("a53cc", "0");
        options.set("bf", "3");
        // Closed groups only, so that what follows never depends on what was encoded here.
        options.set(
            "x264-params",
            &format!("sps-id={}:open-gop=0:b-pyramid=normal", self.set_id),
        );
        encoder.open_with(options).map_err(refused)
    }

    fn encode(
        &mut self,
        frames: FrameRange,
        piece: &Piece,
        film: &mut Film,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Refusal> {
        let mut encoder = self.open_encoder()?;
        let sets = ParameterSets::read(&sys::encoder_extradata(&encoder));
        if sets.as_ref() != Some(&self.sets) {
            return Err(Refusal::Unfit(
                "x264 changed its coding parameters between the parts".into(),
            ));
        }
        let mut inside: VecDeque<PlannedFrame> = VecDeque::new();
        for number in frames.start..frames.end {
            film.job.check_cancelled()?;
            let mut picture = self.reader.frame(number, film.job.cancel)?.ok_or_else(|| {
                Refusal::Unfit("a picture at the end of a part is damaged".into())
            })?;
            let planned = film.plan.planned(piece, number);
            picture.set_pts(Some(planned.pts));
            picture.set_kind(ff::picture::Type::None);
            inside.push_back(planned);
            encoder
                .send_frame(&picture)
                .map_err(|err| CutError::convert("a picture", err))?;
            drain(&mut encoder, &mut inside, film, progress)?;
        }
        encoder
            .send_eof()
            .map_err(|err| CutError::convert("the pictures", err))?;
        drain(&mut encoder, &mut inside, film, progress)?;
        if !inside.is_empty() {
            return Err(Refusal::Unfit("x264 kept pictures to itself".into()));
        }
        Ok(())
    }
}

fn drain(
    encoder: &mut ff::encoder::Video,
    inside: &mut VecDeque<PlannedFrame>,
    film: &mut Film,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Refusal> {
    loop {
        let mut packet = ff::Packet::empty();
        match encoder.receive_packet(&mut packet) {
            Ok(()) => {
                let at = inside
                    .iter()
                    .position(|planned| Some(planned.pts) == packet.pts());
                let planned = at
                    .and_then(|at| inside.remove(at))
                    .ok_or_else(|| Refusal::Unfit("x264 gave a picture nobody sent".into()))?;
                film.write(reframed(&packet, Framing::AnnexB), &planned, progress)?;
            }
            Err(ff::Error::Eof)
            | Err(ff::Error::Other {
                errno: ff::error::EAGAIN,
            }) => return Ok(()),
            Err(err) => return Err(CutError::convert("the pictures", err).into()),
        }
    }
}
