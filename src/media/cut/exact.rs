//! The exact mode: decodes precisely the chosen frames and encodes them anew, with one continuous
//! sound stream.

use std::collections::VecDeque;

use ffmpeg_next as ff;

use super::encode::{self, Light, PictureSource, VideoEncoder};
use super::frames::FrameReader;
use super::mux::Muxer;
use super::picture::{FieldOrder, Fields, PictureFitter};
use super::plan::{CutPlan, PlannedFrame};
use super::reel::Cards;
use super::tracks::Tracks;
use super::{CutError, ExportMode, Job, Made, sys};
use crate::domain::Rational;
use crate::jobs::{Progress, StageClock};
use crate::media::Orientation;
use crate::media::stream::orientation as media_orientation;

/// Encodes the chosen frames into the target.
pub(super) fn export(job: &Job, progress: &mut dyn FnMut(Progress)) -> Result<Made, CutError> {
    let mut reader = FrameReader::open(job.source, job.index)?;
    let (input, stream) = reader.input();
    let container = job.target.container;
    let max_den = encode::max_time_base_den(container, &job.options.avoid_encoders);
    let plan = job.plan(&stated_rates(input, stream), max_den)?;
    let sar = sys::pixel_shape(input, stream);
    let displayed = orientation(input, stream);
    let turn = if container.keeps_rotation() {
        Orientation::default()
    } else {
        displayed
    };

    let is_interlaced = sys::is_interlaced(reader.decoder());
    let is_looked_at = is_interlaced || sys::is_hdr(reader.decoder()) || job.reel.is_some();
    let first = match is_looked_at {
        true => first_picture(job, &plan)?,
        false => None,
    };
    let light = first.as_ref().map_or_else(Light::default, sys::light_of);
    // The picture knows better which of its fields comes first than the container does.
    let fields = match first.as_ref().filter(|_| is_interlaced) {
        None => Fields::None,
        Some(_) if turn != Orientation::default() => Fields::First,
        Some(picture) if picture.is_top_first() => Fields::Kept(FieldOrder::Top),
        Some(_) => Fields::Kept(FieldOrder::Bottom),
    };
    let mut muxer = Muxer::create(job.target)?;
    let decoder = reader.decoder();
    let (width, height) = turn.displayed((decoder.width(), decoder.height()));
    let sar = if turn.swaps_sides() {
        sar.invert()
    } else {
        sar
    };
    let fps = plan.frame_count() as f64 / plan.duration_secs().max(1e-3);
    let mut video = encode::open(
        &PictureSource {
            decoder,
            width,
            height,
            sar,
            fields,
            light,
            high_quality: job.options.high_quality,
        },
        container,
        plan.time_base,
        plan.constant_rate,
        fps,
        muxer.wants_global_header(),
        &job.options.avoid_encoders,
    )?;
    let mut notes = std::mem::take(&mut video.notes);
    let video_stream =
        add_video_stream(&mut muxer, &video, &plan, sar, container.keeps_rotation())?;
    job.facts.video.describe(muxer.output(), video_stream, true);
    let (input, stream) = reader.input();
    sys::copy_picture_side_data(
        input,
        stream,
        muxer.output(),
        video_stream,
        container.keeps_rotation(),
    );
    let mut tracks = Tracks::open(job, &plan, &mut muxer, &mut notes)?;
    muxer.begin(job, &job.chapters(&plan))?;

    let mut fitter = PictureFitter::new(video.format, turn);
    let mut cards = match &job.reel {
        Some(reel) => {
            // Pictures that are turned for real lie upright.
            let lying = match container.keeps_rotation() {
                true => displayed,
                false => Orientation::default(),
            };
            let like = match (first, plan.frames().next()) {
                (None, Some(planned)) => {
                    let mut apart = FrameReader::open(job.source, job.index)?;
                    first_after(&mut apart, &planned, job, &mut fitter)?
                }
                (first, _) => fitter.fit(first.ok_or(CutError::Empty)?)?,
            };
            Some(Cards::new(reel.paint, video.format, lying, sar, like))
        }
        None => None,
    };
    let mut queue = PacketQueue::new(video_stream);
    let mut last: Option<ff::frame::Video> = None;
    let clock = StageClock::start("Exporting");
    let total = plan.frame_count();
    for (done, planned) in (0u64..).zip(plan.frames()) {
        job.check_cancelled()?;
        if let (Some(part), Some(cards)) = (planned.still, &mut cards) {
            let card = cards.take(part)?;
            let card = queue.encode(&mut video, &mut muxer, card, &planned, done > 0)?;
            cards.keep(part, card);
            // No card stands in for a picture that is lost.
            last = None;
        } else {
            let picture = match reader.frame(planned.source_frame, job.cancel)? {
                Some(frame) => {
                    job.check_cancelled()?;
                    fitter.fit(frame)?
                }
                // The file is damaged here: the picture before stands still, so that times stay
                // true.
                None => match last.take() {
                    Some(frame) => frame,
                    None => first_after(&mut reader, &planned, job, &mut fitter)?,
                },
            };
            last = Some(queue.encode(&mut video, &mut muxer, picture, &planned, done > 0)?);
        }
        tracks.advance(
            plan.secs(planned.pts + planned.duration),
            &mut muxer,
            job.cancel,
        )?;
        progress(clock.at(done + 1, total));
    }
    progress(Progress {
        stage: "Finalising",
        fraction: None,
        eta_secs: None,
    });
    queue.finish(&mut video, &mut muxer)?;
    tracks.finish(&mut muxer, job.cancel)?;
    if muxer.packets[video_stream] != total {
        return Err(CutError::Convert(format!(
            "the encoder made {} of {total} pictures",
            muxer.packets[video_stream]
        )));
    }
    muxer.finish()?;
    if reader.missing > 0 {
        notes.push(format!(
            "{} damaged pictures of the source could not be decoded; the picture before them stands still instead",
            reader.missing
        ));
    }
    Ok(Made {
        mode: ExportMode::Exact,
        frame_count: total,
        duration_secs: plan.duration_secs(),
        encoder: Some(video.title.to_owned()),
        copied_frames: 0,
        kept: tracks.kept,
        widened: Vec::new(),
        notes,
    })
}

/// The first picture of the clip, which carries what containers may not state.
fn first_picture(job: &Job, plan: &CutPlan) -> Result<Option<ff::frame::Video>, CutError> {
    let first = plan.frames().next().map_or(0, |frame| frame.source_frame);
    FrameReader::open(job.source, job.index)?.frame(first, job.cancel)
}

/// The first picture that can be decoded after a frame that cannot, where there is none before it.
fn first_after(
    reader: &mut FrameReader,
    planned: &PlannedFrame,
    job: &Job,
    fitter: &mut PictureFitter,
) -> Result<ff::frame::Video, CutError> {
    let end = job.index.len().min(planned.source_frame + 1000);
    for frame in planned.source_frame + 1..end {
        if let Some(frame) = reader.frame(frame, job.cancel)? {
            return fitter.fit(frame);
        }
    }
    Err(CutError::Convert(
        "no picture of the chosen part can be decoded".into(),
    ))
}

/// Rates the container states, for finding the constant rate of the clip.
pub(super) fn stated_rates(input: &ff::format::context::Input, stream: usize) -> Vec<Rational> {
    input.stream(stream).map_or_else(Vec::new, |stream| {
        [stream.avg_frame_rate(), stream.rate()]
            .iter()
            .map(|rate| Rational::new(i64::from(rate.numerator()), i64::from(rate.denominator())))
            .collect()
    })
}

/// How a stream's pictures are turned for display.
pub(super) fn orientation(input: &ff::format::context::Input, stream: usize) -> Orientation {
    input
        .stream(stream)
        .map_or_else(Orientation::default, |stream| media_orientation(&stream))
}

fn add_video_stream(
    muxer: &mut Muxer,
    video: &VideoEncoder,
    plan: &CutPlan,
    sar: ff::Rational,
    tagged: bool,
) -> Result<usize, CutError> {
    let stream = muxer.add_encoder(&video.encoder)?;
    if let (Some(tag), true) = (video.tag, tagged) {
        sys::set_codec_tag(muxer.output(), stream, u32::from_le_bytes(*tag));
    }
    sys::set_stream_sar(muxer.output(), stream, sar);
    if let Some(rate) = plan.constant_rate {
        muxer.set_rate(stream, ff::Rational(rate.num as i32, rate.den as i32));
    }
    Ok(stream)
}

/// Frames on their way through the encoder, which gives packets back later and in another order,
/// without durations.
pub(super) struct PacketQueue {
    stream: usize,
    /// Presentation time and duration of the frames inside the encoder.
    inside: VecDeque<(i64, i64)>,
}

impl PacketQueue {
    pub fn new(stream: usize) -> Self {
        Self {
            stream,
            inside: VecDeque::new(),
        }
    }

    /// Encodes one picture and writes what packets come out. Gives the picture back.
    fn encode(
        &mut self,
        video: &mut VideoEncoder,
        muxer: &mut Muxer,
        mut picture: ff::frame::Video,
        planned: &PlannedFrame,
        after_another: bool,
    ) -> Result<ff::frame::Video, CutError> {
        picture.set_pts(Some(planned.pts));
        // A keyframe at each join makes seeking to it clean; everywhere else the encoder must
        // choose for itself, not repeat the source's choice that the decoder left on the frame.
        picture.set_kind(if planned.starts_piece && after_another {
            ff::picture::Type::I
        } else {
            ff::picture::Type::None
        });
        self.inside.push_back((planned.pts, planned.duration));
        video
            .encoder
            .send_frame(&picture)
            .map_err(|err| CutError::convert("a picture", err))?;
        self.drain(video, muxer)?;
        Ok(picture)
    }

    fn finish(&mut self, video: &mut VideoEncoder, muxer: &mut Muxer) -> Result<(), CutError> {
        video
            .encoder
            .send_eof()
            .map_err(|err| CutError::convert("the pictures", err))?;
        self.drain(video, muxer)
    }

    fn drain(&mut self, video: &mut VideoEncoder, muxer: &mut Muxer) -> Result<(), CutError> {
        loop {
            let mut packet = ff::Packet::empty();
            match video.encoder.receive_packet(&mut packet) {
                Ok(()) => {
                    let position = self
                        .inside
                        .iter()
                        .position(|&(pts, _)| Some(pts) == packet.pts());
                    if let Some((_, duration)) = position.and_then(|at| self.inside.remove(at)) {
                        packet.set_duration(duration);
                    }
                    muxer.write(self.stream, packet)?;
                }
                Err(ff::Error::Eof)
                | Err(ff::Error::Other {
                    errno: ff::error::EAGAIN,
                }) => return Ok(()),
                Err(err) => return Err(CutError::convert("the pictures", err)),
            }
        }
    }
}
