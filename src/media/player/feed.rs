//! The worker that keeps decoded frames ready in the order of playing, and the state it shares with
//! the window.

mod state;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::super::MediaError;
use super::super::frame::VideoFrame;
use super::clock::PlaybackClock;
use super::clock_for;
use super::playlist::Playlist;
use super::reader::FrameReader;
use crate::domain::FrameIndex;
use crate::jobs;

/// Memory for a stretch decoded to be played backwards.
const BACKWARDS_BYTES: usize = 160 << 20;
/// What the window wants to see next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub target: u64,
    /// Whether the keyframe before it is not enough.
    pub exact: bool,
    pub backwards: bool,
}

pub(super) struct FeedState {
    pub clock: PlaybackClock,
    pub playlist: Playlist,
    /// Number of the newest request; answers to older ones are dropped.
    generation: u64,
    pub wanted: Wanted,
    /// Decoded frames in the order of playing.
    pub queue: VecDeque<Arc<VideoFrame>>,
    pub shown: Option<Arc<VideoFrame>>,
    /// Whether no frame of the newest request was taken yet; the first one is shown wherever it
    /// lies.
    fresh: bool,
    /// Whether nothing follows the queue.
    finished: bool,
    /// Whether unreferenced frames may be left out.
    pub coarse: bool,
    pub error: Option<String>,
    /// Start of a range whose first frame the second decoder shall have ready.
    prefetch: Option<u64>,
    /// The second decoder, positioned at that start.
    prefetched: Option<(u64, FrameReader)>,
    /// The decoder that the second worker may use next.
    spare: Option<FrameReader>,
    quit: bool,
}

pub(super) struct Feed {
    pub state: Mutex<FeedState>,
    pub wake: Condvar,
    on_ready: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Feed {
    /// Opens the decoder and starts both workers.
    pub fn start(
        path: &Path,
        index: &FrameIndex,
        playlist: Playlist,
        on_ready: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> Result<Arc<Self>, MediaError> {
        let reader = FrameReader::open(path, index, 0)?;
        let feed = Arc::new(Self {
            state: Mutex::new(FeedState {
                clock: clock_for(&playlist),
                wanted: Wanted {
                    target: playlist.first_frame(),
                    exact: true,
                    backwards: false,
                },
                playlist,
                generation: 1,
                queue: VecDeque::new(),
                shown: None,
                fresh: true,
                finished: false,
                coarse: false,
                error: None,
                prefetch: None,
                prefetched: None,
                spare: None,
                quit: false,
            }),
            wake: Condvar::new(),
            on_ready,
        });
        let failed = |err: std::io::Error| MediaError::Worker {
            path: path.to_path_buf(),
            reason: err.to_string(),
        };
        let mut worker = Worker {
            feed: Arc::clone(&feed),
            index: index.clone(),
            reader,
            generation: 0,
            next: None,
            contiguous: false,
            stretch: Vec::new(),
        };
        jobs::spawn("player frames", move || worker.run()).map_err(failed)?;
        let second = Arc::clone(&feed);
        let (path, index) = (path.to_path_buf(), index.clone());
        let started = jobs::spawn("player joins", move || second.prefetch(&path, &index));
        if let Err(err) = started {
            feed.quit();
            return Err(failed(err));
        }
        Ok(feed)
    }

    /// Asks both workers to end; does not wait for them.
    pub fn quit(&self) {
        self.state.lock().quit = true;
        self.wake.notify_all();
    }

    fn is_stale(&self, generation: u64) -> bool {
        let state = self.state.lock();
        state.quit || state.generation != generation
    }

    /// The second worker: keeps a decoder at the start of the range that comes next.
    fn prefetch(&self, path: &Path, index: &FrameIndex) {
        let mut own: Option<FrameReader> = None;
        loop {
            let start = {
                let mut state = self.state.lock();
                loop {
                    if state.quit {
                        return;
                    }
                    let ready = state.prefetched.as_ref().map(|(start, _)| *start);
                    if let Some(start) = state.prefetch.filter(|&start| ready != Some(start)) {
                        // A decoder made ready for something else is free again.
                        let freed = state.prefetched.take().map(|(_, reader)| reader);
                        own = own.or(state.spare.take()).or(freed);
                        break start;
                    }
                    self.wake.wait(&mut state);
                }
            };
            if own.is_none() {
                own = FrameReader::open(path, index, 0).ok();
            }
            let stop = || {
                let state = self.state.lock();
                state.quit || state.prefetch != Some(start)
            };
            let reached = own
                .as_mut()
                .is_some_and(|reader| matches!(reader.seek(start, &stop, &mut |_| {}), Ok(true)));
            let mut state = self.state.lock();
            if state.prefetch == Some(start) {
                if reached {
                    state.prefetched = own.take().map(|reader| (start, reader));
                } else {
                    // The first worker finds its own way.
                    state.prefetch = None;
                }
            }
            self.wake.notify_all();
        }
    }
}

/// The first worker's own state.
struct Worker {
    feed: Arc<Feed>,
    index: FrameIndex,
    reader: FrameReader,
    generation: u64,
    /// Next frame to produce; `None` when there is nothing to do.
    next: Option<u64>,
    /// Whether the reader stands at `next`.
    contiguous: bool,
    /// Frames decoded forwards to be played backwards; the last is the next.
    stretch: Vec<VideoFrame>,
}

impl Worker {
    fn run(&mut self) {
        loop {
            let (wanted, playlist, is_new, coarse) = {
                let mut state = self.feed.state.lock();
                loop {
                    if state.quit {
                        return;
                    }
                    let is_new = state.generation != self.generation;
                    if is_new || (self.next.is_some() && state.has_room()) {
                        self.generation = state.generation;
                        break (state.wanted, state.playlist.clone(), is_new, state.coarse);
                    }
                    self.feed.wake.wait(&mut state);
                }
            };
            self.reader.set_coarse(coarse && !wanted.backwards);
            let done = if is_new {
                self.begin(wanted)
            } else if wanted.backwards {
                self.produce_backwards(&playlist)
            } else {
                self.produce(&playlist)
            };
            if let Err(err) = done {
                self.next = None;
                self.fail(&err);
            }
        }
    }

    /// Starts on a new request.
    fn begin(&mut self, wanted: Wanted) -> Result<(), MediaError> {
        self.stretch.clear();
        self.next = None;
        if !wanted.exact {
            if let Some(frame) = self.reader.key_frame(wanted.target)? {
                self.show_now(frame);
            }
            return Ok(());
        }
        if wanted.backwards {
            self.next = Some(wanted.target);
            return Ok(());
        }
        let (feed, generation) = (Arc::clone(&self.feed), self.generation);
        let reached =
            self.reader
                .seek(wanted.target, &|| feed.is_stale(generation), &mut |frame| {
                    show(&feed, generation, frame)
                })?;
        if reached {
            self.next = Some(wanted.target);
            self.contiguous = true;
        }
        Ok(())
    }

    /// Decodes one frame forwards.
    fn produce(&mut self, playlist: &Playlist) -> Result<(), MediaError> {
        let Some(next) = self.next else { return Ok(()) };
        if !self.contiguous && !self.go_to(next)? {
            return Ok(());
        }
        let Some(frame) = self.reader.next_frame()? else {
            self.finish();
            return Ok(());
        };
        let number = frame.frame;
        // A decoder that leaves pictures out may pass the end of a range; what follows in the video
        // need not follow in playing.
        let is_played = playlist.share_range(next, number);
        self.next = match is_played {
            true => playlist.after(number),
            false => playlist.after_range(next),
        };
        self.contiguous = self.next == Some(number + 1);
        if is_played {
            self.push(frame);
        }
        if self.next.is_none() {
            self.finish();
        }
        self.want_prefetch(playlist, number);
        Ok(())
    }

    /// Moves the reader over a join: by the second decoder where it is ready or about to be, else
    /// by its own seek.
    fn go_to(&mut self, next: u64) -> Result<bool, MediaError> {
        {
            let mut state = self.feed.state.lock();
            loop {
                if state.quit || state.generation != self.generation {
                    return Ok(false);
                }
                if state
                    .prefetched
                    .as_ref()
                    .is_some_and(|(start, _)| *start == next)
                {
                    if let Some((_, reader)) = state.prefetched.take() {
                        let old = std::mem::replace(&mut self.reader, reader);
                        state.spare = Some(old);
                    }
                    state.prefetch = None;
                    self.contiguous = true;
                    return Ok(true);
                }
                if state.prefetch != Some(next) {
                    break;
                }
                self.feed.wake.wait(&mut state);
            }
        }
        let (feed, generation) = (Arc::clone(&self.feed), self.generation);
        let reached = self
            .reader
            .seek(next, &|| feed.is_stale(generation), &mut |_| {})?;
        self.contiguous = reached;
        Ok(reached)
    }

    /// Asks for the next range's start unless reading on gets there as soon.
    fn want_prefetch(&self, playlist: &Playlist, number: u64) {
        let start = playlist
            .next_range_start(number)
            .filter(|&start| self.index.keyframe_before(start) > number + 1);
        let mut state = self.feed.state.lock();
        if state.generation == self.generation && state.prefetch != start {
            state.prefetch = start;
            self.feed.wake.notify_all();
        }
    }

    /// Hands out one frame backwards; decodes a stretch forwards when none is left.
    fn produce_backwards(&mut self, playlist: &Playlist) -> Result<(), MediaError> {
        let Some(next) = self.next else { return Ok(()) };
        if self.stretch.is_empty() {
            let in_range = playlist
                .ranges()
                .iter()
                .find(|range| range.contains(next))
                .map_or(0, |range| range.start);
            let bytes = self
                .feed
                .state
                .lock()
                .shown
                .as_ref()
                .map_or(4 << 20, |frame| frame.byte_len().max(1));
            let limit = (BACKWARDS_BYTES / bytes).clamp(6, 96) as u64;
            let from = self
                .index
                .keyframe_before(next)
                .max(in_range)
                .max((next + 1).saturating_sub(limit));
            if !self.decode_stretch(from, next)? {
                return Ok(());
            }
            if self.stretch.is_empty() {
                // Nothing sound in this stretch: go on before it.
                self.next = playlist.before(from);
                if self.next.is_none() {
                    self.finish();
                }
                return Ok(());
            }
        }
        if let Some(frame) = self.stretch.pop() {
            self.next = playlist.before(frame.frame);
            self.push(frame);
        }
        if self.next.is_none() {
            self.finish();
        }
        Ok(())
    }

    /// Decodes the frames `from..=to`; `false` when something newer is wanted.
    fn decode_stretch(&mut self, from: u64, to: u64) -> Result<bool, MediaError> {
        let (feed, generation) = (Arc::clone(&self.feed), self.generation);
        let stop = || feed.is_stale(generation);
        if !self.reader.seek(from, &stop, &mut |_| {})? {
            return Ok(false);
        }
        while let Some(frame) = self.reader.next_frame()? {
            if stop() {
                self.stretch.clear();
                return Ok(false);
            }
            let number = frame.frame;
            if number <= to {
                self.stretch.push(frame);
            }
            if number >= to {
                break;
            }
        }
        Ok(true)
    }

    fn push(&self, frame: VideoFrame) {
        let mut state = self.feed.state.lock();
        if state.generation != self.generation {
            return;
        }
        let waited_for = state.queue.is_empty();
        state.queue.push_back(Arc::new(frame));
        drop(state);
        if waited_for && let Some(on_ready) = &self.feed.on_ready {
            on_ready();
        }
    }

    fn show_now(&self, frame: VideoFrame) {
        show(&self.feed, self.generation, frame);
    }

    fn fail(&self, err: &MediaError) {
        let mut state = self.feed.state.lock();
        // What failed for an older request says nothing of the newest.
        if state.generation == self.generation {
            state.error = Some(err.to_string());
            state.finished = true;
        }
    }

    fn finish(&self) {
        let mut state = self.feed.state.lock();
        if state.generation == self.generation {
            state.finished = true;
        }
    }
}

/// Puts a near frame on screen while the wanted one is being decoded.
fn show(feed: &Feed, generation: u64, frame: VideoFrame) {
    let mut state = feed.state.lock();
    if state.generation != generation {
        return;
    }
    state.shown = Some(Arc::new(frame));
    drop(state);
    if let Some(on_ready) = &feed.on_ready {
        on_ready();
    }
}
