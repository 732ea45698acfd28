//! When the packets of a file are shown, where its own statements do not do: times are missing, its
//! clock breaks off, fields are stored one by one, or it begins inside a group of pictures.
//!
//! Only reading the whole file shows this; the indexing remembers it here for those who open it
//! afterwards. A packet is known again by its place in the file and its content, wherever reading
//! began. Does not read packets.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use ff::ffi;
use ffmpeg_next as ff;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::stamp::FileStamp;

/// Files remembered at once; a timetable takes some tens of bytes for each picture.
const REMEMBERED: usize = 32;
/// Sound may lie outside its run of the clock, as seen by the pictures, by this much.
const SOUND_MARGIN_SECS: f64 = 3.0;
/// Sound is stored at most this long before the pictures it goes with.
const SOUND_AHEAD_SECS: f64 = 1.5;

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Part {
    /// Shows a picture at this time, in ticks of the video.
    Shown(i64),
    /// The second field of the picture in the packet before.
    Second,
    /// Decoded for the sake of others, never shown.
    Silent,
    /// Cannot be decoded: it comes before the first picture at which decoding can start.
    Lost,
}

/// A packet of the video stream in the order of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Byte of the file at which it begins; negative where the container does not say.
    pub position: i64,
    pub print: u32,
    /// The container's own time by which it is sought.
    pub stated: i64,
    pub part: Part,
    pub is_key: bool,
}

/// A stretch of the file whose clock runs without a break.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClockRun {
    pub position: i64,
    /// First and last second on the container's clock.
    pub from_secs: f64,
    pub to_secs: f64,
    /// Second of the video at second 0 of the container's clock.
    pub shift_secs: f64,
}

/// Every packet of a file's video stream, and the runs of its clock.
#[derive(Debug)]
pub(crate) struct Timetable {
    places: Vec<Place>,
    /// Time and ordinal of each keyframe that is shown, ascending.
    keys: Vec<(i64, usize)>,
    by_place: HashMap<(i64, u32), usize>,
    runs: Vec<ClockRun>,
    /// Seconds in a tick of the video.
    tick_secs: f64,
    /// Whether the container is sought by bytes: its times do not lead anywhere.
    pub by_bytes: bool,
}

/// What a timetable is made of: packets, runs, seconds in a tick, whether it is sought by bytes.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredTable<'a>(Cow<'a, [Place]>, Cow<'a, [ClockRun]>, f64, bool);

impl Timetable {
    /// As it goes from one process to another.
    pub fn stored(&self) -> StoredTable<'_> {
        let (places, runs) = (Cow::from(&self.places), Cow::from(&self.runs));
        StoredTable(places, runs, self.tick_secs, self.by_bytes)
    }

    pub fn from_stored(stored: StoredTable<'_>) -> Self {
        let StoredTable(places, runs, tick_secs, by_bytes) = stored;
        Self::new(places.into_owned(), runs.into_owned(), tick_secs, by_bytes)
    }

    pub fn new(places: Vec<Place>, runs: Vec<ClockRun>, tick_secs: f64, by_bytes: bool) -> Self {
        let mut keys: Vec<(i64, usize)> = places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| match place.part {
                Part::Shown(time) if place.is_key => Some((time, at)),
                _ => None,
            })
            .collect();
        keys.sort_unstable();
        let mut by_place = HashMap::with_capacity(places.len());
        for (at, place) in places.iter().enumerate() {
            if place.position >= 0 {
                by_place.entry((place.position, place.print)).or_insert(at);
            }
        }
        Self {
            places,
            keys,
            by_place,
            runs,
            tick_secs,
            by_bytes,
        }
    }

    pub fn place(&self, at: usize) -> Option<&Place> {
        self.places.get(at)
    }

    /// Which packet it is, by its place in the file and its content.
    pub fn find(&self, position: i64, print: u32) -> Option<usize> {
        self.by_place.get(&(position, print)).copied()
    }

    /// The last keyframe shown at or before a time.
    pub fn key_at(&self, time: i64) -> Option<usize> {
        let after = self.keys.partition_point(|&(key, _)| key <= time);
        self.keys.get(after.checked_sub(1)?).map(|&(_, at)| at)
    }

    /// The last packet at or before another whose byte is known.
    pub fn placed_before(&self, at: usize) -> Option<usize> {
        (0..=at.min(self.places.len().checked_sub(1)?))
            .rev()
            .find(|&at| self.places[at].position >= 0)
    }

    /// Remembers this for the next opening of the file.
    pub fn remember(self, path: &Path) {
        let Some(stamp) = FileStamp::of(path) else {
            return;
        };
        let mut known = KNOWN.lock();
        known.retain(|entry| entry.path != same_for_all(path));
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push(Known {
            path: same_for_all(path),
            stamp,
            table: Arc::new(self),
        });
    }

    /// The timetable of an indexed, unchanged file; `None` where the file's own times do.
    pub fn of(path: &Path) -> Option<Arc<Self>> {
        let mut known = KNOWN.lock();
        if known.is_empty() {
            return None;
        }
        let path = same_for_all(path);
        let at = known.iter().position(|entry| entry.path == path)?;
        if FileStamp::of(&path) != Some(known[at].stamp) {
            known.remove(at);
            return None;
        }
        // The one used last is forgotten last.
        let entry = known.remove(at);
        let table = entry.table.clone();
        known.push(entry);
        Some(table)
    }

    /// Forgets a file whose own times do.
    pub fn forget(path: &Path) {
        KNOWN
            .lock()
            .retain(|entry| entry.path != same_for_all(path));
    }
}

struct Known {
    path: PathBuf,
    stamp: FileStamp,
    table: Arc<Timetable>,
}

static KNOWN: LazyLock<Mutex<Vec<Known>>> = LazyLock::new(Mutex::default);

fn same_for_all(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// A number that tells packets at the same place apart: of the length and both ends of the data
/// (FNV-1a).
pub(crate) fn print_of(data: &[u8]) -> u32 {
    let head = &data[..data.len().min(64)];
    let tail = &data[data.len().saturating_sub(16)..];
    let length = (data.len() as u32).to_le_bytes();
    length
        .iter()
        .chain(head)
        .chain(tail)
        .fold(0x811c_9dc5, |print: u32, &byte| {
            (print ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
}

/// The clock of a video whose file's own clock breaks off: where sound lies among the pictures.
pub(crate) struct FilmClock {
    table: Arc<Timetable>,
    /// Byte of the newest packet that states one.
    position: i64,
}

impl FilmClock {
    /// `None` where the file's clock runs through.
    pub fn of(path: &Path) -> Option<Self> {
        Timetable::of(path)
            .filter(|table| table.runs.len() > 1)
            .map(|table| Self { table, position: 0 })
    }

    /// Puts a packet of sound onto the video's clock.
    pub fn retime(&mut self, packet: &mut ff::Packet, tick_secs: f64) {
        let Some(stated) = packet.pts().or(packet.dts()) else {
            return;
        };
        let shift_secs = self.shift_secs(packet.position() as i64, stated as f64 * tick_secs);
        let shift = (shift_secs / tick_secs).round() as i64;
        packet.set_pts(packet.pts().map(|pts| pts.saturating_add(shift)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_add(shift)));
    }

    /// Goes to where the sound of a second of the video is stored; `false` where the container
    /// cannot.
    pub fn seek(&mut self, input: &mut ff::format::context::Input, film_secs: f64) -> bool {
        self.position = self.byte_before(film_secs);
        // SAFETY: the context is open and exclusively borrowed.
        unsafe {
            ffi::avformat_seek_file(
                input.as_mut_ptr(),
                -1,
                i64::MIN,
                self.position,
                self.position,
                ffi::AVSEEK_FLAG_BYTE,
            ) >= 0
        }
    }

    /// Seconds to add to a packet's time to get the video's.
    fn shift_secs(&mut self, position: i64, stated_secs: f64) -> f64 {
        if position >= 0 {
            self.position = position;
        }
        let runs = &self.table.runs;
        let here = runs
            .partition_point(|run| run.position <= self.position)
            .saturating_sub(1);
        let holds = |run: &&ClockRun| {
            stated_secs > run.from_secs - SOUND_MARGIN_SECS
                && stated_secs < run.to_secs + SOUND_MARGIN_SECS
        };
        // Sound near a break may be stored on its other side.
        [Some(here), here.checked_sub(1), Some(here + 1)]
            .into_iter()
            .flatten()
            .filter_map(|at| runs.get(at))
            .find(holds)
            .or(runs.get(here))
            .map_or(0.0, |run| run.shift_secs)
    }

    /// A byte from which on the sound of a second of the video is stored.
    fn byte_before(&self, film_secs: f64) -> i64 {
        let time = ((film_secs - SOUND_AHEAD_SECS) / self.table.tick_secs) as i64;
        self.table
            .key_at(time)
            .and_then(|at| self.table.placed_before(at))
            .map_or(0, |at| self.table.places[at].position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(position: i64, print: u32, part: Part, is_key: bool) -> Place {
        Place {
            position,
            print,
            stated: 0,
            part,
            is_key,
        }
    }

    #[test]
    fn packets_are_found_by_place_and_content() {
        let table = Timetable::new(
            vec![
                place(0, 1, Part::Lost, true),
                place(10, 1, Part::Shown(40), true),
                place(10, 2, Part::Shown(0), false),
                place(-1, 3, Part::Silent, false),
                place(20, 1, Part::Shown(80), true),
            ],
            Vec::new(),
            1.0,
            true,
        );
        assert_eq!(table.find(10, 2), Some(2));
        assert_eq!(table.find(10, 3), None);
        assert_eq!(table.key_at(39), None, "what is lost is no start");
        assert_eq!(table.key_at(79), Some(1));
        assert_eq!(table.key_at(500), Some(4));
        assert_eq!(table.placed_before(3), Some(2));
    }

    #[test]
    fn sound_near_a_break_is_placed_by_its_time() {
        let run = |position, from_secs, to_secs, shift_secs| ClockRun {
            position,
            from_secs,
            to_secs,
            shift_secs,
        };
        let runs = vec![run(0, 1.0, 7.0, -1.0), run(1000, 1007.0, 1013.0, -1001.0)];
        let mut clock = FilmClock {
            table: Arc::new(Timetable::new(Vec::new(), runs, 1.0, true)),
            position: 0,
        };
        assert_eq!(clock.shift_secs(500, 3.0), -1.0);
        assert_eq!(clock.shift_secs(1100, 6.9), -1.0);
        assert_eq!(clock.shift_secs(1200, 1008.0), -1001.0);
        assert_eq!(clock.shift_secs(-1, 1008.0), -1001.0);
    }

    #[test]
    fn content_tells_packets_apart() {
        assert_ne!(print_of(&[0; 100]), print_of(&[0; 101]));
        let mut other = [0; 100];
        other[99] = 1;
        assert_ne!(print_of(&[0; 100]), print_of(&other));
    }
}
