//! The copy mode: whole groups of pictures as they are. Says what it had to widen, and decodes the result to verify it.

use ffmpeg_next as ff;

use super::exact::{open_sound, orientation, stated_rates};
use super::mux::Muxer;
use super::packets::{DecodeClock, PacketReader};
use super::plan::Plan;
use super::{CutError, ExportMode, Job, Made, Refusal, Widened, sys, verify};
use crate::domain::FrameRange;
use crate::jobs::{Progress, StageClock};
use crate::media::Orientation;

/// Copies the groups of pictures that cover the chosen ranges.
pub(super) fn export(job: &Job, progress: &mut dyn FnMut(Progress)) -> Result<Made, Refusal> {
    let mut reader = PacketReader::open(job.source, job.index)?;
    let (ranges, widened) = widen(job.ranges, &mut reader, job)?;
    let (input, stream) = reader.input();
    let plan = Plan::new(job.index, &ranges, &stated_rates(input, stream), None)?;
    let mut muxer = Muxer::create(job.target)?;
    let video_stream = add_copied_stream(job, &mut reader, &mut muxer, &plan)?;
    let mut notes = Vec::new();
    let mut sound = open_sound(job, stream, &plan, &mut muxer, &mut notes)?;
    muxer.begin(&job.options.title, &job.chapters(&plan))?;

    let (input, _) = reader.input();
    let delay = sys::reorder_delay(input, stream);
    let mut clock = DecodeClock::new(plan.frames().map(|frame| frame.pts).collect(), delay);
    let stage = StageClock::start("Copying");
    let total = plan.frame_count();
    let mut written = 0;
    for piece in &plan.pieces {
        let found = reader.copy_range(piece.frames, &mut |found| {
            job.check_cancelled()?;
            let planned = plan.planned(piece, found.frame);
            let mut packet = found.packet;
            packet.set_pts(Some(planned.pts));
            packet.set_dts(Some(clock.next(planned.pts).ok_or_else(unordered)?));
            packet.set_duration(planned.duration);
            muxer.write(video_stream, packet)?;
            if let Some(sound) = sound.as_mut() {
                sound.advance(plan.secs(planned.pts), &mut muxer, job.cancel)?;
            }
            written += 1;
            progress(stage.at(written, total));
            Ok(())
        })?;
        if found != piece.frames.len() {
            return Err(Refusal::Unfit(format!(
                "{} pictures could not be read by themselves",
                piece.frames.len() - found
            )));
        }
    }
    progress(Progress {
        stage: "Finalising",
        fraction: None,
        eta_secs: None,
    });
    if let Some(sound) = sound.as_mut() {
        sound.finish(&mut muxer, job.cancel)?;
    }
    muxer.finish()?;
    verify::verify(job, &plan, |_| true, progress)?;
    if sound.is_some() {
        notes.push("the sound was encoded anew, so that its joins are exact".into());
    }
    Ok(Made {
        mode: ExportMode::Copy,
        frame_count: total,
        duration_secs: plan.duration_secs(),
        encoder: None,
        copied_frames: total,
        has_sound: sound.is_some(),
        widened,
        notes,
    })
}

pub(super) fn unordered() -> Refusal {
    Refusal::Unfit("its pictures are stored in an order that cannot be spliced".into())
}

/// Widens each range to the nearest splices. Ranges that meet afterwards are joined.
fn widen(
    asked: &[FrameRange],
    reader: &mut PacketReader,
    job: &Job,
) -> Result<(Vec<FrameRange>, Vec<Widened>), Refusal> {
    let mut kept: Vec<FrameRange> = Vec::new();
    let mut widened = Vec::new();
    for &range in asked.iter().filter(|range| !range.is_empty()) {
        job.check_cancelled()?;
        let start = reader.splice_at_or_before(range.start)?.ok_or_else(|| {
            Refusal::Unfit(
                "no keyframe before the chosen part begins a closed group of pictures".into(),
            )
        })?;
        let wide = FrameRange::new(start, reader.splice_at_or_after(range.end)?);
        if wide != range {
            widened.push(Widened {
                asked: range,
                kept: wide,
            });
        }
        match kept.last_mut() {
            // Only what follows in the source too can be joined; another order is the person's wish.
            Some(last) if wide.start >= last.start && wide.start <= last.end => {
                last.end = last.end.max(wide.end);
            }
            _ => kept.push(wide),
        }
    }
    if kept.is_empty() {
        return Err(CutError::Empty.into());
    }
    Ok((kept, widened))
}

/// Adds the source's video stream as it is.
pub(super) fn add_copied_stream(
    job: &Job,
    reader: &mut PacketReader,
    muxer: &mut Muxer,
    plan: &Plan,
) -> Result<usize, Refusal> {
    let container = job.target.container;
    let codec = reader.codec();
    if !sys::muxer_takes(muxer.output(), codec) {
        return Err(Refusal::Unfit(format!(
            "{codec:?} video does not fit into .{}",
            container.extension()
        )));
    }
    let (input, stream) = reader.input();
    if !container.keeps_rotation() && orientation(input, stream) != Orientation::default() {
        return Err(Refusal::Unfit(format!(
            "the picture is turned by the container, which .{} does not carry",
            container.extension()
        )));
    }
    let parameters = input
        .stream(stream)
        .map(|stream| stream.parameters())
        .ok_or_else(|| Refusal::Unfit("the video stream is gone".into()))?;
    let sar = sys::pixel_shape(input, stream);
    let time_base = ff::Rational(plan.time_base.num as i32, plan.time_base.den as i32);
    let added = muxer.add_copy(parameters, time_base)?;
    if codec == ff::codec::Id::HEVC && container.keeps_rotation() {
        sys::set_codec_tag(muxer.output(), added, u32::from_le_bytes(*b"hvc1"));
    }
    sys::set_stream_sar(muxer.output(), added, sar);
    if let Some(rate) = plan.constant_rate {
        muxer.set_rate(added, ff::Rational(rate.num as i32, rate.den as i32));
    }
    sys::copy_picture_side_data(
        input,
        stream,
        muxer.output(),
        added,
        container.keeps_rotation(),
    );
    Ok(added)
}
