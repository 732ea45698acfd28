//! The copy mode: whole groups of pictures as they are. Says what it had to widen, and decodes the
//! result to verify it.

use ffmpeg_next as ff;

use super::exact::{orientation, stated_rates};
use super::mux::Muxer;
use super::packets::{DecodeClock, PacketReader};
use super::plan::CutPlan;
use super::tracks::Tracks;
use super::{Container, CutError, ExportMode, Job, Made, Refusal, Widened, nal, sys, verify};
use crate::domain::timecode::clock_from_secs;
use crate::domain::{FrameIndex, FrameRange};
use crate::jobs::{CancelToken, Progress, StageClock};
use crate::media::Orientation;

/// Copying is given up where it would add more than the chosen ranges last, and more than this.
const MOST_ADDED_SECS: f64 = 10.0;

/// Copies the groups of pictures that cover the chosen ranges.
pub(super) fn export(job: &Job, progress: &mut dyn FnMut(Progress)) -> Result<Made, Refusal> {
    let mut reader = PacketReader::open(job.source, job.index)?;
    let (ranges, widened) = widen(job.ranges, &mut reader, job.cancel)?;
    let (asked_secs, kept_secs) = (secs(job.ranges, job.index), secs(&ranges, job.index));
    if let Some(reason) = excess(asked_secs, kept_secs) {
        return Err(Refusal::Unfit(reason));
    }
    let (input, stream) = reader.input();
    let plan = CutPlan::new(job.index, &ranges, &stated_rates(input, stream), None)?;
    let mut muxer = Muxer::create(job.target)?;
    let video_stream = add_copied_stream(job, &mut reader, &mut muxer, &plan)?;
    let mut notes = Vec::new();
    let mut tracks = Tracks::open(job, &plan, &mut muxer, &mut notes)?;
    muxer.begin(job, &job.chapters(&plan))?;

    let (input, _) = reader.input();
    let delay = sys::reorder_delay(input, stream);
    let (codec, framing) = (reader.codec(), reader.framing);
    let mut clock = DecodeClock::new(plan.frames().map(|frame| frame.pts).collect(), delay);
    let stage = StageClock::start("Copying");
    let total = plan.frame_count();
    let mut written = 0;
    for piece in &plan.pieces {
        let found = reader.copy_range(piece.frames, &mut |found| {
            job.check_cancelled()?;
            let planned = plan.planned(piece, found.frame);
            let mut packet = found.packet;
            if planned.starts_piece && codec == ff::codec::Id::HEVC {
                packet = broken_link(packet, framing);
            }
            packet.set_pts(Some(planned.pts));
            packet.set_dts(Some(clock.next(planned.pts).ok_or_else(unordered)?));
            packet.set_duration(planned.duration);
            muxer.write(video_stream, packet)?;
            tracks.advance(plan.secs(planned.pts), &mut muxer, job.cancel)?;
            written += 1;
            progress(stage.at(written, total));
            Ok(())
        })?;
        if found != piece.frames.len() {
            return Err(unreadable(piece.frames.len() - found));
        }
    }
    progress(Progress {
        stage: "Finalising",
        fraction: None,
        eta_secs: None,
    });
    tracks.finish(&mut muxer, job.cancel)?;
    muxer.finish()?;
    verify::verify(job, &plan, |_| true, progress)?;
    if tracks.kept.sound {
        notes.push("the sound was encoded anew, so that its joins are exact".into());
    }
    Ok(Made {
        mode: ExportMode::Copy,
        frame_count: total,
        duration_secs: plan.duration_secs(),
        encoder: None,
        copied_frames: total,
        kept: tracks.kept,
        widened,
        notes,
    })
}

/// Some pictures did not come as packets of their own.
pub(super) fn unreadable(count: u64) -> Refusal {
    Refusal::Unfit(format!("{count} pictures could not be read by themselves"))
}

pub(super) fn unordered() -> Refusal {
    Refusal::Unfit("its pictures are stored in an order that cannot be spliced".into())
}

/// An open HEVC keyframe says that what was shown before it is missing, so that decoders begin
/// afresh at it.
fn broken_link(packet: ff::Packet, framing: nal::Framing) -> ff::Packet {
    let Some(data) = nal::as_broken_link(packet.data().unwrap_or_default(), framing) else {
        return packet;
    };
    let mut changed = ff::Packet::copy(&data);
    changed.set_flags(packet.flags());
    changed
}

pub(super) fn secs(ranges: &[FrameRange], index: &FrameIndex) -> f64 {
    ranges.iter().map(|&range| index.range_secs(range)).sum()
}

/// Why copying is given up where it would keep this much more than was chosen.
pub(super) fn excess(asked_secs: f64, kept_secs: f64) -> Option<String> {
    (kept_secs - asked_secs > asked_secs.max(MOST_ADDED_SECS)).then(|| {
        format!(
            "whole groups of pictures would last {} instead of {}",
            clock_from_secs(kept_secs),
            clock_from_secs(asked_secs)
        )
    })
}

/// Widens each range to the nearest splices. Ranges that meet afterwards are joined.
pub(super) fn widen(
    asked: &[FrameRange],
    reader: &mut PacketReader,
    cancel: &CancelToken,
) -> Result<(Vec<FrameRange>, Vec<Widened>), Refusal> {
    let mut kept: Vec<FrameRange> = Vec::new();
    let mut widened = Vec::new();
    for &range in asked.iter().filter(|range| !range.is_empty()) {
        if cancel.is_cancelled() {
            return Err(CutError::Cancelled.into());
        }
        let start = reader.entry_at_or_before(range.start)?.ok_or_else(|| {
            Refusal::Unfit("no keyframe before the chosen part can begin a clip".into())
        })?;
        let wide = FrameRange::new(start, reader.exit_at_or_after(range.end)?);
        if wide != range {
            widened.push(Widened {
                asked: range,
                kept: wide,
            });
        }
        match kept.last_mut() {
            // Only what follows in the source too can be joined; another order is the person's
            // wish.
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

/// Why the pictures of a source cannot go into a container as they are.
pub(super) fn hindrance(reader: &mut PacketReader, container: Container) -> Option<String> {
    let codec = reader.codec();
    if !sys::muxer_takes(container.muxer(), codec) {
        return Some(format!(
            "{codec:?} video does not fit into .{}",
            container.extension()
        ));
    }
    let (input, stream) = reader.input();
    let is_turned = orientation(input, stream) != Orientation::default();
    (is_turned && !container.keeps_rotation()).then(|| {
        format!(
            "the picture is turned by the container, which .{} does not carry",
            container.extension()
        )
    })
}

/// Adds the source's video stream as it is.
pub(super) fn add_copied_stream(
    job: &Job,
    reader: &mut PacketReader,
    muxer: &mut Muxer,
    plan: &CutPlan,
) -> Result<usize, Refusal> {
    let container = job.target.container;
    let codec = reader.codec();
    if let Some(reason) = hindrance(reader, container) {
        return Err(Refusal::Unfit(reason));
    }
    let (input, stream) = reader.input();
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
    job.facts.video.describe(muxer.output(), added, true);
    if job.facts.copies_alpha(container) {
        sys::set_stream_tag(muxer.output(), added, "alpha_mode", "1");
    }
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
