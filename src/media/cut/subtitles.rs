//! Subtitles of the source cut along with its pictures: text that every target has a codec for.
//! Subtitles that are pictures are left out, which is said elsewhere (see `kept`).

use std::collections::{HashSet, VecDeque};
use std::ffi::CString;

use ff::codec::Id;
use ff::format::stream::Disposition;
use ffmpeg_next as ff;

use super::mux::Muxer;
use super::plan::CutPlan;
use super::subtitle_times::{Shown, TimedSubtitle, flattened, on_film};
use super::sys::{self, TextConverter};
use super::target::Container;
use super::{CutError, Job};
use crate::media::opening::{Input, device_error, open_input};
use crate::media::timetable::FilmClock;
use crate::media::{MediaError, source};

/// Reading begins this long before a piece: texts that are shown longer are missed at its start.
const LOOK_BACK_SECS: f64 = 60.0;
/// What lies between two pieces is read over where it is shorter than this.
const READ_ON_SECS: f64 = 120.0;
/// Reads in a row that may fail by damage.
const MOST_FAILURES: usize = 128;

/// The texts of a clip, waiting for their time.
pub(super) struct Subtitles(VecDeque<Waiting>);

struct Waiting {
    stream: usize,
    start_ms: i64,
    packet: ff::Packet,
}

/// One subtitle track of the source on its way into the clip.
struct Track {
    stream: usize,
    time_base: ff::Rational,
    codec: Id,
    parameters: ff::codec::Parameters,
    /// `None` where packets go over as they are.
    converter: Option<TextConverter>,
    events: Vec<TimedSubtitle<Content>>,
}

/// What an event shows.
#[derive(Clone)]
enum Content {
    Packet(ff::Packet),
    Lines(Vec<CString>),
}

/// The codec that a container's subtitles get; `None` for codecs that are no text.
fn target_codec(codec: Id, container: Container) -> Option<Id> {
    match codec {
        Id::ASS | Id::SSA if container == Container::Mkv => Some(Id::ASS),
        Id::SUBRIP | Id::TEXT | Id::SRT | Id::ASS | Id::SSA | Id::WEBVTT | Id::MOV_TEXT => {
            Some(match container {
                Container::Mp4 | Container::Mov => Id::MOV_TEXT,
                Container::Mkv => Id::SUBRIP,
                Container::WebM => Id::WEBVTT,
            })
        }
        _ => None,
    }
}

impl Subtitles {
    /// Reads the subtitles of the kept pieces and adds their streams to the clip. Also gives the
    /// source's streams that lose nothing by it.
    pub fn open(
        job: &Job,
        plan: &CutPlan,
        muxer: &mut Muxer,
    ) -> Result<(Self, Vec<usize>), CutError> {
        let container = job.target.container;
        let mut tracks = Vec::new();
        if !job.wanted.subtitles.is_empty() {
            let mut input = open_input(job.source, job.cancel)?;
            tracks = tracks_of(&input, container, &job.wanted.subtitles);
            if !tracks.is_empty() {
                read_pieces(&mut input, &mut tracks, job, plan)?;
            }
        }
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut kept = Vec::new();
        for mut track in tracks {
            let shown = on_film(&track.events, plan);
            if shown.is_empty() {
                kept.push(track.stream);
            } else if let Some(stream) = track.add(&mut waiting, shown, container, muxer) {
                kept.push(track.stream);
                if let Some(fact) = job.facts.track(track.stream) {
                    fact.describe(muxer.output(), stream, true);
                    let marks = Disposition::DEFAULT
                        | Disposition::FORCED
                        | Disposition::HEARING_IMPAIRED
                        | Disposition::COMMENT;
                    sys::set_disposition(muxer.output(), stream, fact.disposition & marks);
                }
            }
        }
        waiting.sort_by_key(|one| one.start_ms);
        Ok((Self(waiting.into()), kept))
    }

    /// Writes the texts that begin before a second of the clip.
    pub fn advance(&mut self, until_secs: f64, muxer: &mut Muxer) -> Result<(), CutError> {
        while let Some(first) = self.0.front()
            && first.start_ms as f64 <= until_secs * 1000.0
            && let Some(first) = self.0.pop_front()
        {
            muxer.write(first.stream, first.packet)?;
        }
        Ok(())
    }
}

impl Track {
    /// Adds the track's stream and puts its packets among those that wait. `None` where its texts
    /// cannot be converted.
    fn add(
        &mut self,
        waiting: &mut Vec<Waiting>,
        shown: Vec<Shown>,
        container: Container,
        muxer: &mut Muxer,
    ) -> Option<usize> {
        let time_base = ff::Rational(1, 1000);
        let mut packets = Vec::new();
        // Timed text of MP4 holds one sample at a time, so texts that overlap become one.
        let groups = match (&self.converter, container) {
            (Some(_), Container::Mp4 | Container::Mov) => flattened(&shown),
            _ => shown.iter().map(|&one| (one, vec![one.event])).collect(),
        };
        for (number, (shown, events)) in groups.into_iter().enumerate() {
            let millis = shown.end_ms - shown.start_ms;
            let mut packet = match &mut self.converter {
                None => self.copied(shown.event, number)?,
                Some(converter) => {
                    let lines: Vec<CString> = events
                        .iter()
                        .filter_map(|&event| match &self.events.get(event)?.content {
                            Content::Lines(lines) => Some(lines.iter().cloned()),
                            Content::Packet(_) => None,
                        })
                        .flatten()
                        .collect();
                    let data = converter.encode(&together(&lines), millis as u32).ok()?;
                    ff::Packet::copy(&data)
                }
            };
            packet.set_pts(Some(shown.start_ms));
            packet.set_dts(Some(shown.start_ms));
            packet.set_duration(millis);
            packet.set_flags(ff::packet::Flags::KEY);
            packets.push((shown.start_ms, packet));
        }
        let stream = match &self.converter {
            Some(converter) => muxer.add_encoder(converter.encoder()).ok()?,
            None => muxer.add_copy(self.parameters.clone(), time_base).ok()?,
        };
        waiting.extend(packets.into_iter().map(|(start_ms, packet)| Waiting {
            stream,
            start_ms,
            packet,
        }));
        Some(stream)
    }

    /// A packet as it is; lines of ASS get the number of their place in the clip, as players show
    /// each number once.
    fn copied(&self, event: usize, number: usize) -> Option<ff::Packet> {
        let Content::Packet(packet) = &self.events.get(event)?.content else {
            return None;
        };
        if !matches!(self.codec, Id::ASS | Id::SSA) {
            return Some(packet.clone());
        }
        let data = packet.data()?;
        let rest = data.iter().position(|&byte| byte == b',')?;
        let line = [number.to_string().as_bytes(), &data[rest..]].concat();
        Some(ff::Packet::copy(&line))
    }

    /// Takes in a packet of the source.
    fn take(&mut self, packet: ff::Packet) {
        let Some(pts) = packet.pts() else { return };
        let secs = |ticks: i64| ticks as f64 * f64::from(self.time_base);
        let start_secs = secs(pts);
        let content = match &mut self.converter {
            None => Content::Packet(packet.clone()),
            // A text that cannot be read is damaged, as a picture may be.
            Some(converter) => Content::Lines(converter.lines(&packet).unwrap_or_default()),
        };
        let is_empty = match &content {
            // Timed text fills the time between texts by empty samples.
            Content::Packet(packet) => packet.data().is_none_or(|data| {
                data.is_empty() || self.codec == Id::MOV_TEXT && data.starts_with(&[0, 0])
            }),
            Content::Lines(lines) => lines.is_empty(),
        };
        // What is shown next ends what states no end.
        if let Some(last) = self.events.last_mut()
            && last.end_secs <= last.start_secs
        {
            last.end_secs = start_secs;
        }
        if !is_empty {
            self.events.push(TimedSubtitle {
                start_secs,
                end_secs: start_secs + secs(packet.duration().max(0)),
                content,
            });
        }
    }
}

/// Lines of dialogue as one, below each other: not every encoder parts them.
fn together(lines: &[CString]) -> Vec<CString> {
    let Some((first, others)) = lines.split_first() else {
        return Vec::new();
    };
    let mut bytes = first.as_bytes().to_vec();
    for line in others {
        // Before the words stand eight fields, of place and style.
        if let Some(words) = line.as_bytes().splitn(9, |&byte| byte == b',').nth(8) {
            bytes.extend(b"\\N");
            bytes.extend(words);
        }
    }
    CString::new(bytes).into_iter().collect()
}

/// The tracks of text that a container takes.
fn tracks_of(input: &Input, container: Container, wanted: &[usize]) -> Vec<Track> {
    let mut tracks = Vec::new();
    for stream in input.streams() {
        let parameters = stream.parameters();
        let codec = parameters.id();
        if !wanted.contains(&stream.index()) {
            continue;
        }
        let Some(target) = target_codec(codec, container) else {
            continue;
        };
        let is_same = target == codec || (target, codec) == (Id::ASS, Id::SSA);
        let converter = match is_same {
            true => None,
            false => match TextConverter::open(parameters.clone(), stream.time_base(), target) {
                Ok(converter) => Some(converter),
                Err(err) => {
                    log::warn!("subtitles cannot be converted: {err}");
                    continue;
                }
            },
        };
        tracks.push(Track {
            stream: stream.index(),
            time_base: stream.time_base(),
            codec,
            parameters,
            converter,
            events: Vec::new(),
        });
    }
    tracks
}

/// Reads the texts of all pieces, each stretch of the source once.
fn read_pieces(
    input: &mut Input,
    tracks: &mut [Track],
    job: &Job,
    plan: &CutPlan,
) -> Result<(), CutError> {
    let mut clock = FilmClock::of(job.source);
    let pictures = source::Source::open(job.source)?;
    let (video, video_base) = (pictures.stream, pictures.time_base.as_f64());
    drop(pictures);
    let wanted: HashSet<usize> = tracks.iter().map(|track| track.stream).collect();
    sys::keep_all_of(input, |stream| stream == video || wanted.contains(&stream));
    let mut seen: HashSet<(usize, i64)> = HashSet::new();
    for (start_secs, end_secs) in stretches(plan) {
        job.check_cancelled()?;
        let far = start_secs > READ_ON_SECS;
        match &mut clock {
            Some(clock) if far => drop(clock.seek(input, start_secs)),
            None if far => {
                let micros = (start_secs * f64::from(ff::ffi::AV_TIME_BASE)) as i64;
                // Where seeking fails, what lies between is read.
                let _ = input.seek(micros, ..micros + 1);
            }
            _ => {}
        }
        let mut failures = 0;
        loop {
            job.check_cancelled()?;
            let mut packet = ff::Packet::empty();
            match packet.read(input) {
                Ok(()) => failures = 0,
                Err(ff::Error::Eof) => break,
                Err(_) => {
                    if let Some(err) = device_error(input) {
                        return Err(MediaError::unreadable(job.source, err).into());
                    }
                    failures += 1;
                    if failures > MOST_FAILURES {
                        break;
                    }
                    continue;
                }
            }
            let stream = packet.stream();
            let track = tracks.iter_mut().find(|track| track.stream == stream);
            let tick_secs = match &track {
                Some(track) => f64::from(track.time_base),
                None if stream == video => video_base,
                None => continue,
            };
            if let Some(clock) = &mut clock {
                clock.retime(&mut packet, tick_secs);
            }
            match track {
                Some(track) => {
                    if packet.pts().is_some_and(|pts| seen.insert((stream, pts))) {
                        track.take(packet);
                    }
                }
                // Pictures tell how far reading has come; they are stored a little out of order.
                None => {
                    if (packet.dts()).is_some_and(|dts| dts as f64 * tick_secs > end_secs + 1.0) {
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// The stretches of the source to read, ascending and apart.
fn stretches(plan: &CutPlan) -> Vec<(f64, f64)> {
    let mut wanted: Vec<(f64, f64)> = plan
        .pieces
        .iter()
        .filter(|piece| piece.still.is_none())
        .map(|piece| {
            let secs = plan.secs(piece.out_end - piece.out_start);
            (piece.source_secs - LOOK_BACK_SECS, piece.source_secs + secs)
        })
        .collect();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for (start, end) in wanted {
        match stretches.last_mut() {
            Some(last) if start <= last.1 + READ_ON_SECS => last.1 = last.1.max(end),
            _ => stretches.push((start, end)),
        }
    }
    stretches
}

/// Attaches the source's files, such as typefaces of its subtitles, where the container takes
/// files. Gives their streams.
pub(super) fn attach_files(job: &Job, muxer: &mut Muxer) -> Result<Vec<usize>, CutError> {
    let mut attached = Vec::new();
    if job.target.container != Container::Mkv || !job.facts.has_files() {
        return Ok(attached);
    }
    let input = open_input(job.source, job.cancel)?;
    for stream in input.streams() {
        let parameters = stream.parameters();
        let name = stream.metadata().get("filename").map(str::to_owned);
        let kind = stream.metadata().get("mimetype").map(str::to_owned);
        let (ff::media::Type::Attachment, Some(name), Some(kind)) =
            (parameters.medium(), name, kind)
        else {
            continue;
        };
        let added = muxer.add_copy(parameters, stream.time_base())?;
        sys::set_stream_tag(muxer.output(), added, "filename", &name);
        sys::set_stream_tag(muxer.output(), added, "mimetype", &kind);
        attached.push(stream.index());
    }
    Ok(attached)
}
