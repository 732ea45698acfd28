//! The other side: a process that decodes one file for the program that started it. It gives up
//! what it does not need, takes requests until its input ends, and then ends at once, whatever it
//! is doing.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::faults::Fault;
use super::messages::{
    Asked, IndexReply, ReaderRequest, Reply, SampleReply, block_of_table, bytes_of_samples,
    index_of, numbers_of, parted, parted_frame, table_of,
};
use super::signs::{self, reply};
use super::wire;
use crate::confined::limits::{self, Reach};
use crate::domain::FrameIndex;
use crate::jobs::{self, CancelToken, Progress};
use crate::media::bounds::MOST_PIXELS;
use crate::media::picture::Converter;
use crate::media::player::{LocalReader, LocalSound};
use crate::media::sampled::LocalSampler;
use crate::media::timetable::Timetable;
use crate::media::{MediaError, cues, index, levels, probe};

/// The newest seek that was given up.
static STOPPED: AtomicU64 = AtomicU64::new(0);

fn is_stopped(serial: u64) -> bool {
    STOPPED.load(Ordering::Relaxed) >= serial
}

/// A request as it came, with its blocks.
pub type Taken = (Asked, Vec<Vec<u8>>);

/// Serves requests about one file; returns only where it cannot begin.
///
/// # Errors
/// A sentence.
pub fn serve(path: &Path) -> Result<(), String> {
    let requests = begin(path, None)?;
    let mut open = Open::default();
    while let Ok((asked, blocks)) = requests.recv() {
        if let Err(err) = open.serve(path, asked, blocks) {
            reply(&Reply::Failed(Fault::of(&err)), Vec::new());
        }
    }
    Ok(())
}

/// Gives up what is not needed to read one file, and to write one where it is named, and says so.
/// What is asked comes out of what is returned.
///
/// # Errors
/// A sentence.
pub fn begin(path: &Path, made: Option<&Path>) -> Result<Receiver<Taken>, String> {
    let (from, to) = pipes().map_err(|err| err.to_string())?;
    end_with_the_program();
    let held = limits::confine_to(&Reach {
        file: path,
        made,
        most_pixels: MOST_PIXELS as u64,
    });
    signs::tell_to(to);
    let (sender, requests) = bounded(8);
    jobs::spawn("requests", move || listen(from, &sender)).map_err(|err| err.to_string())?;
    reply(&Reply::Ready(held), Vec::new());
    Ok(requests)
}

/// The index that came with a request, and what else the file itself cannot say, which is
/// remembered.
pub fn index_asked(path: &Path, asked: &Asked, blocks: &mut Vec<Vec<u8>>) -> FrameIndex {
    let table = blocks.pop_if(|_| asked.has_table);
    match asked.index {
        Some(head) if blocks.len() >= 2 => {
            let index = index_of(head, &blocks[0], &blocks[1]);
            match table.and_then(|table| table_of(&table)) {
                Some(table) => table.remember(path),
                None => Timetable::forget(path),
            }
            index.unwrap_or_else(no_index)
        }
        _ => no_index(),
    }
}

/// Takes the pipes, and leaves nothing on standard output that a library's chatter could get
/// between the answers.
#[cfg(unix)]
fn pipes() -> std::io::Result<(File, File)> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use std::os::fd::AsFd;
    let from = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let to = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    nix::unistd::dup2_stdout(std::io::stderr())?;
    // Nobody reads it before the end: what does not fit is lost, and keeps nothing waiting.
    fcntl(std::io::stderr(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok((from, to))
}

#[cfg(not(unix))]
fn pipes() -> std::io::Result<(File, File)> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Asks the system to end this process with the one that started it, also where this one no longer
/// looks at its input.
fn end_with_the_program() {
    #[cfg(target_os = "linux")]
    // Else the end of the input does it.
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
}

/// Takes requests; the end of the input is the end of the process.
fn listen(from: File, requests: &Sender<Taken>) {
    let mut from = BufReader::with_capacity(1 << 16, from);
    while let Ok(Some(message)) = wire::read(&mut from) {
        let Ok(asked) = message.read_head::<Asked>() else {
            break;
        };
        if let ReaderRequest::Stop { serial } = asked.request {
            STOPPED.fetch_max(serial, Ordering::Relaxed);
        } else if requests.send((asked, message.blocks)).is_err() {
            break;
        }
    }
    signs::leave();
}

/// What is open, for requests that follow one another.
#[derive(Default)]
struct Open {
    sampler: Option<LocalSampler>,
    busy: Duration,
    reader: Option<LocalReader>,
    converter: Converter,
    sound: Option<LocalSound>,
}

impl Open {
    fn serve(
        &mut self,
        path: &Path,
        asked: Asked,
        mut blocks: Vec<Vec<u8>>,
    ) -> Result<(), MediaError> {
        let index = index_asked(path, &asked, &mut blocks);
        match asked.request {
            ReaderRequest::Probe => {
                let mut probe = probe::probe_here(path)?;
                probe.info.path.clear();
                reply(&Reply::Probe(Box::new(probe)), Vec::new());
            }
            ReaderRequest::Inspect => read_through(path, true)?,
            ReaderRequest::Index => read_through(path, false)?,
            ReaderRequest::Sample(options) => {
                let picks = numbers_of(blocks.last().map_or(&[], Vec::as_slice));
                let cancel = CancelToken::new();
                let sampler = LocalSampler::open(path, &index, &picks, options, cancel)?;
                reply(&Reply::Done, Vec::new());
                self.busy = Duration::ZERO;
                self.sample(sampler)?;
            }
            ReaderRequest::Shots => {
                let begun = Instant::now();
                let Some(sampler) = &mut self.sampler else {
                    return Err(not_open(path));
                };
                let shots = sampler.shots()?;
                let answer = Reply::Shots {
                    shots,
                    looking_secs: sampler.looking_secs(),
                    busy_secs: (self.busy + begun.elapsed()).as_secs_f64(),
                };
                reply(&answer, Vec::new());
            }
            ReaderRequest::Levels => {
                let send = |envelope: &crate::domain::levels::Envelope, is_whole| {
                    let blocks = vec![envelope.peaks.clone(), envelope.rms.clone()];
                    reply(&Reply::Levels { is_whole }, blocks);
                };
                let whole = levels::envelope(path, &index, &CancelToken::new(), &mut |part| {
                    send(part, false);
                })?;
                send(&whole, true);
            }
            ReaderRequest::Cues => {
                let cues = cues::read_cues(path, &index, &CancelToken::new())?;
                reply(&Reply::Cues(cues), Vec::new());
            }
            ReaderRequest::Sound { rate_hz } => {
                self.sound = Some(LocalSound::open(path, &index, rate_hz)?);
                reply(&Reply::Done, Vec::new());
            }
            ReaderRequest::Spans(spans) => {
                if let Some(sound) = &mut self.sound {
                    sound.set_spans(spans);
                }
            }
            ReaderRequest::Samples => {
                let sound = self.sound.as_mut().ok_or_else(|| not_open(path))?;
                let mut samples = Vec::new();
                let goes_on = sound.read(&mut samples);
                let block = vec![bytes_of_samples(&samples)];
                reply(&Reply::Samples { goes_on }, block);
            }
            ReaderRequest::Frames { threads } => {
                self.reader = Some(LocalReader::open(path, &index, threads)?);
                reply(&Reply::Done, Vec::new());
            }
            ReaderRequest::Seek { .. }
            | ReaderRequest::NextFrame { .. }
            | ReaderRequest::KeyFrame { .. }
            | ReaderRequest::Thumb { .. }
            | ReaderRequest::Coarse(_) => self.read(path, asked.request)?,
            // Taken by the thread that listens, and no work of this process.
            ReaderRequest::Stop { .. } | ReaderRequest::Other(_) => {}
        }
        Ok(())
    }

    /// Sends all sampled frames; the pipe holds as many as the other side does not yet want.
    fn sample(&mut self, mut sampler: LocalSampler) -> Result<(), MediaError> {
        loop {
            let begun = Instant::now();
            let sample = sampler.next();
            self.busy += begun.elapsed();
            let Some(sample) = sample else {
                break;
            };
            let sample = sample?;
            let has_thumb = sampler.has_thumbs();
            let answer = Reply::Sample(SampleReply {
                pick: sample.pick,
                stand_in: sample.stand_in,
                image: (sample.image.width, sample.image.height),
                thumb: has_thumb.then_some((sample.thumb.width, sample.thumb.height)),
                stand_ins: sampler.stand_ins(),
                busy_secs: self.busy.as_secs_f64(),
            });
            let mut blocks = vec![sample.image.data.to_vec()];
            if has_thumb {
                blocks.push(sample.thumb.data.to_vec());
            }
            reply(&answer, blocks);
        }
        self.sampler = Some(sampler);
        reply(&Reply::Done, Vec::new());
        Ok(())
    }

    /// What the player asks.
    fn read(&mut self, path: &Path, request: ReaderRequest) -> Result<(), MediaError> {
        let reader = self.reader.as_mut().ok_or_else(|| not_open(path))?;
        match request {
            ReaderRequest::Seek { frame, serial } => {
                let stop = || is_stopped(serial);
                let reached = reader.seek(frame, &stop, &mut |near| {
                    let (head, planes) = parted_frame(near);
                    reply(&Reply::Near(head), planes);
                })?;
                reply(&Reply::Sought(reached), Vec::new());
            }
            ReaderRequest::NextFrame { serial } if is_stopped(serial) => frame_reply(None),
            ReaderRequest::NextFrame { .. } => frame_reply(reader.next_frame()?),
            ReaderRequest::KeyFrame { frame } => frame_reply(reader.key_frame(frame)?),
            ReaderRequest::Thumb { frame, width } => {
                let thumb = reader.key_thumbnail(frame, width, &mut self.converter)?;
                let size = thumb.as_ref().map(|thumb| (thumb.width, thumb.height));
                let blocks = thumb.map(|thumb| thumb.data.to_vec());
                reply(&Reply::Thumb(size), blocks.into_iter().collect());
            }
            ReaderRequest::Coarse(coarse) => reader.set_coarse(coarse),
            _ => {}
        }
        Ok(())
    }
}

fn frame_reply(frame: Option<crate::media::VideoFrame>) {
    match frame.map(parted_frame) {
        Some((head, planes)) => reply(&Reply::Frame(Some(head)), planes),
        None => reply(&Reply::Frame(None), Vec::new()),
    }
}

fn read_through(path: &Path, with_probe: bool) -> Result<(), MediaError> {
    let mut throttle = Throttle::default();
    let mut progress = |news: Progress| throttle.report(&news);
    let cancel = CancelToken::new();
    let (mut probe, indexed) = match with_probe {
        true => {
            let (probe, indexed) = probe::inspect_here(path, &cancel, &mut progress)?;
            (Some(probe), indexed)
        }
        false => (None, index::index_here(path, &cancel, &mut progress)?),
    };
    if let Some(probe) = &mut probe {
        probe.info.path.clear();
    }
    let (head, mut blocks) = parted(&indexed.index);
    let table = Timetable::of(path);
    blocks.extend(table.as_ref().map(|table| block_of_table(table)));
    let answer = Reply::Index(Box::new(IndexReply {
        probe,
        index: head,
        frame_rate: indexed.frame_rate,
        variable_frame_rate: indexed.variable_frame_rate,
        damaged: indexed.damaged,
        warnings: indexed.warnings,
        has_table: table.is_some(),
    }));
    reply(&answer, blocks);
    Ok(())
}

/// Lets some of the news of progress through.
#[derive(Default)]
pub struct Throttle(Option<(Instant, &'static str)>);

impl Throttle {
    /// Sends the news, or leaves them out.
    pub fn report(&mut self, news: &Progress) {
        if self.is_due(news) {
            let answer = Reply::Progress {
                stage: news.stage.to_owned(),
                fraction: news.fraction,
                eta_secs: news.eta_secs,
            };
            reply(&answer, Vec::new());
        }
    }

    fn is_due(&mut self, news: &Progress) -> bool {
        const EVERY: Duration = Duration::from_millis(30);
        let is_due = self
            .0
            .is_none_or(|(sent, stage)| stage != news.stage || sent.elapsed() >= EVERY);
        if is_due {
            self.0 = Some((Instant::now(), news.stage));
        }
        is_due
    }
}

fn no_index() -> FrameIndex {
    FrameIndex {
        pts: Vec::new().into(),
        keyframes: Vec::new().into(),
        time_base: crate::domain::Rational::new(1, 1000),
        last_duration: 0,
    }
}

fn not_open(path: &Path) -> MediaError {
    MediaError::unreadable(path, "nothing is open")
}
