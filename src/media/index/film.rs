//! Which packets are shown, in which order and when: from what the container states, what the
//! pictures' headers say, and where both fall short from what a decoder gives. Reads no file
//! itself.

use std::ops::Range;

use super::super::MediaError;
use super::super::headers::Structure;
use super::super::timetable::Part;
use super::runs::runs;
use super::stored::Stored;
use super::times::{self, Stream, is_decoding_clock};

/// Pictures that a decoder is asked for to see where the video begins.
const HEAD_PICTURES: usize = 48;
/// Packets that make up the head of the video at most.
const HEAD_PACKETS: usize = 400;
/// Longest time that a picture is stored before it is shown, seconds.
const LONGEST_DELAY_SECS: f64 = 3.0;

/// A stretch of the file between two breaks of its clock.
#[derive(Clone, Debug)]
pub(super) struct FilmRun {
    /// Its packets, by ordinal.
    pub packets: Range<usize>,
    /// Video time of the container's tick 0.
    pub shift: i64,
    /// First and last time on the container's clock.
    pub stated: (i64, i64),
}

/// The video: what becomes of each packet, and the packets shown in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Film {
    pub parts: Vec<Part>,
    /// Ordinal and time of each picture; times ascend strictly.
    pub shown: Vec<(usize, i64)>,
    pub runs: Vec<FilmRun>,
    /// Pictures before the first that can be decoded.
    pub lost: usize,
    /// Pictures whose time had to be found.
    pub untimed: usize,
    /// Pictures whose time is that of another or runs against the order of showing.
    pub contradicting: usize,
    /// Whether the whole file had to be decoded.
    pub was_decoded: bool,
}

/// Asks a decoder that begins at a packet for the order of pictures: of so many, or of all.
pub(super) type Witness<'a> =
    &'a mut dyn FnMut(usize, Option<usize>) -> Result<Vec<usize>, MediaError>;

/// Lays out the video.
///
/// # Errors
/// What the witness meets.
pub(super) fn lay_out(
    stored: &[Stored],
    stream: &Stream,
    witness: Witness<'_>,
) -> Result<Film, MediaError> {
    let mut film = Film {
        parts: vec![Part::Silent; stored.len()],
        ..Film::default()
    };
    let decoding_times: Vec<Option<i64>> = stored.iter().map(|packet| packet.dts).collect();
    let stretches = runs(&decoding_times, stream.gap_ticks.unwrap_or(i64::MAX));
    let mut decoded: Option<Vec<usize>> = None;
    let mut orders: Vec<(Range<usize>, Vec<usize>)> = Vec::new();
    let mut begin = 0;
    for (number, packets) in stretches.into_iter().enumerate() {
        let first_key = first_key(stored, &packets);
        let mut candidates = candidates(stored, first_key..packets.end, &mut film.parts);
        let (mut order, is_sure) =
            ordered(stored, &candidates, stream).unwrap_or((Vec::new(), false));
        if number == 0 && stream.has_true_keys {
            begin = first_key;
        }
        if number == 0 && !order.is_empty() && needs_head(stored, first_key, &order, is_sure) {
            let mut head = witness(begin, Some(HEAD_PICTURES))?;
            head.retain(|&at| at < packets.end);
            match begin_with(&head, &order, first_key) {
                Head::From(start) => {
                    film.lost += order.drain(..start).count();
                }
                // The decoder begins before the first keyframe: the marks lie.
                Head::Earlier => {
                    candidates = self::candidates(stored, packets.clone(), &mut film.parts);
                    order = ordered(stored, &candidates, stream)
                        .map_or_else(Vec::new, |(order, _)| order);
                }
                Head::Other if !is_sure => order.clear(),
                Head::Other => {}
            }
        } else if number > 0 {
            // Nothing before a break helps to decode what is shown before the first keyframe after
            // it.
            let at = order.iter().position(|&at| at == first_key).unwrap_or(0);
            order.drain(..at);
        }
        if order.is_empty() && !candidates.is_empty() {
            film.was_decoded = true;
            let all = match decoded.take() {
                Some(all) => all,
                None => witness(begin, None)?,
            };
            order = decoded_within(&all, &candidates, &packets);
            decoded = Some(all);
        }
        for at in packets.clone() {
            if at < first_key && candidates.first().is_none_or(|&first| at < first) {
                film.parts[at] = Part::Lost;
                film.lost += 1;
            }
        }
        orders.push((packets, order));
    }
    place(&mut film, stored, stream, orders);
    Ok(film)
}

/// Gives every picture its time, one run after the other.
fn place(
    film: &mut Film,
    stored: &[Stored],
    stream: &Stream,
    orders: Vec<(Range<usize>, Vec<usize>)>,
) {
    let mut end: Option<i64> = None;
    for (packets, order) in orders {
        if order.is_empty() {
            continue;
        }
        let found = times::times(stored, &order, stream, &film.parts);
        film.untimed += found.filled;
        film.contradicting += found.contradicting;
        let (first, last) = (found.times[0], found.times[found.times.len() - 1]);
        let shift = end.map_or(0, |end| end - first);
        film.shown.extend(
            order
                .iter()
                .zip(&found.times)
                .map(|(&at, &time)| (at, time + shift)),
        );
        end = Some(last + shift + found.typical_step);
        film.runs.push(FilmRun {
            packets,
            shift,
            stated: (first, last),
        });
    }
    for &(at, time) in &film.shown {
        film.parts[at] = Part::Shown(time);
    }
}

/// The first packet of a stretch at which decoding can start; its first packet where none says so.
fn first_key(stored: &[Stored], packets: &Range<usize>) -> usize {
    packets
        .clone()
        .find(|&at| stored[at].is_key)
        .unwrap_or(packets.start)
}

/// Packets that show a picture of their own; second fields and silent packets are marked.
fn candidates(stored: &[Stored], packets: Range<usize>, parts: &mut [Part]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    // The field that waits for its other half.
    let mut open: Option<usize> = None;
    for at in packets {
        let packet = &stored[at];
        parts[at] = Part::Silent;
        if packet.is_silent {
            continue;
        }
        if let Some(first) = open.take()
            && first + 1 == at
            && are_halves(&stored[first], packet)
        {
            parts[at] = Part::Second;
            continue;
        }
        if packet
            .header
            .is_some_and(|header| header.structure != Structure::Whole)
        {
            open = Some(at);
        }
        found.push(at);
    }
    found
}

/// Whether two packets hold the two fields of one picture: opposite ones, next to each other in the
/// order of showing.
fn are_halves(first: &Stored, second: &Stored) -> bool {
    let (Some(a), Some(b)) = (first.header, second.header) else {
        return false;
    };
    let is_opposite = matches!(
        (a.structure, b.structure),
        (Structure::TopField, Structure::BottomField)
            | (Structure::BottomField, Structure::TopField)
    );
    let (Some(a), Some(b)) = (a.number, b.number) else {
        return false;
    };
    // The second field of a picture at which the count begins anew may be counted from there.
    is_opposite && a.abs_diff(b) <= 1
}

/// The order of showing by what is stated, and whether it is beyond doubt; `None` where nothing
/// says.
fn ordered(stored: &[Stored], candidates: &[usize], stream: &Stream) -> Option<(Vec<usize>, bool)> {
    let mut order = candidates.to_vec();
    if is_consistent(stored, candidates, stream) {
        order.sort_by_key(|&at| stored[at].pts);
        return Some((order, true));
    }
    if !stream.may_reorder {
        return Some((order, true));
    }
    let has_headers = |&at: &usize| stored[at].header.is_some();
    if candidates.iter().all(has_headers) {
        order = by_headers(stored, candidates);
        // Times that run against the order of the headers in many places: one of them is wrong.
        let stated: Vec<i64> = order.iter().filter_map(|&at| stored[at].pts).collect();
        let against = stated.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let says_more = !is_decoding_clock(stored, candidates);
        return (!says_more || against * 20 <= stated.len() + 20).then_some((order, false));
    }
    // A container that states all times is taken at its word, however odd they are.
    let all_stated = candidates.iter().all(|&at| stored[at].pts.is_some());
    all_stated.then(|| {
        order.sort_by_key(|&at| stored[at].pts);
        (order, true)
    })
}

/// Whether every picture has a time of its own that lies shortly after its decoding time.
fn is_consistent(stored: &[Stored], candidates: &[usize], stream: &Stream) -> bool {
    let most = (LONGEST_DELAY_SECS * stream.ticks_per_sec) as i64;
    let is_near = |at: &usize| {
        let packet = &stored[*at];
        packet
            .pts
            .is_some_and(|pts| packet.dts.is_none_or(|dts| pts >= dts && pts - dts <= most))
    };
    if !candidates.iter().all(is_near) {
        return false;
    }
    let mut times: Vec<i64> = candidates.iter().filter_map(|&at| stored[at].pts).collect();
    times.sort_unstable();
    times.windows(2).all(|pair| pair[0] < pair[1])
}

/// The order of showing by the pictures' headers. A keyframe and what is stored after it are shown
/// after everything stored before it, so the order begins anew at each keyframe.
fn by_headers(stored: &[Stored], candidates: &[usize]) -> Vec<usize> {
    let mut ranked: Vec<((usize, i64, i64), usize)> = Vec::with_capacity(candidates.len());
    let (mut group, mut anchors, mut between) = (0, 0i64, 0i64);
    for &at in candidates {
        let packet = &stored[at];
        let Some(header) = packet.header else {
            continue;
        };
        if packet.is_key {
            group += 1;
            (anchors, between) = (0, 0);
        }
        let rank = match header.number {
            Some(number) => (group, i64::from(number), 0),
            // A picture of kind B is shown where it is stored; the others are shown before the next
            // of their kind.
            None if header.is_between => {
                between += 1;
                (group, anchors, between)
            }
            None => {
                anchors += 1;
                between = 0;
                (group, anchors, i64::MAX)
            }
        };
        ranked.push((rank, at));
    }
    ranked.sort_by_key(|&(rank, _)| rank);
    ranked.into_iter().map(|(_, at)| at).collect()
}

/// Whether a decoder must be asked where the video begins.
fn needs_head(stored: &[Stored], first_key: usize, order: &[usize], is_sure: bool) -> bool {
    let skips = stored[..first_key].iter().any(|packet| !packet.is_silent);
    skips || !is_sure || order.first() != Some(&first_key)
}

/// How a decoder's first pictures compare to the expected ones.
enum Head {
    /// They begin with this one.
    From(usize),
    /// They begin before the first keyframe.
    Earlier,
    /// They are others.
    Other,
}

fn begin_with(head: &[usize], order: &[usize], first_key: usize) -> Head {
    let Some(&first) = head.first() else {
        return Head::From(0);
    };
    if first < first_key {
        // What a decoder makes up before the first keyframe is no picture, if it comes to one.
        let later: Vec<usize> = head.iter().copied().filter(|&at| at >= first_key).collect();
        return match later.first() {
            Some(_) => begin_with(&later, order, first_key),
            None => Head::Earlier,
        };
    }
    let most = order.len().min(HEAD_PACKETS);
    let Some(start) = order[..most].iter().position(|&at| at == first) else {
        return Head::Other;
    };
    // Pictures may be missing by damage, but those that come must come in this order.
    let mut last = start;
    for at in head {
        match order[..most].iter().position(|expected| expected == at) {
            Some(place) if place >= last => last = place,
            None if most < order.len() => break,
            _ => return Head::Other,
        }
    }
    Head::From(start)
}

/// Of the pictures that a decoder gave those of one stretch; all its candidates where it gave none.
fn decoded_within(decoded: &[usize], candidates: &[usize], packets: &Range<usize>) -> Vec<usize> {
    let first = candidates.first().copied().unwrap_or(packets.start);
    let mut seen = std::collections::HashSet::new();
    let order: Vec<usize> = decoded
        .iter()
        .copied()
        .filter(|&at| at >= first && packets.contains(&at) && seen.insert(at))
        .collect();
    if order.is_empty() {
        candidates.to_vec()
    } else {
        order
    }
}
