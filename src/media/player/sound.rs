//! Sound to a device, as the master clock: a worker decodes ahead into a short buffer that the
//! device empties. Without a device or a sound stream there is simply no [`Sound`], and the clock
//! of the system is followed.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use parking_lot::{Condvar, Mutex};

use super::sound_reader::{CHANNELS, SoundReader};
use super::tempo::Tempo;
use crate::domain::FrameIndex;
use crate::jobs;

/// Seconds of sound decoded ahead.
const AHEAD_SECS: f64 = 0.35;
/// A device that takes nothing for so long has stopped: time goes on without it.
const SILENT_SECS: f64 = 0.3;
/// Above this speed sound is noise: it is left out.
const FASTEST_SOUND: f64 = 4.0;

#[derive(Default)]
struct SoundState {
    generation: u64,
    /// What to play, from the newest restart: playing seconds it begins at, stretches of media
    /// seconds, speed.
    base_secs: f64,
    spans: Vec<(f64, f64)>,
    rate: f64,
    running: bool,
    volume: f32,
    /// Interleaved stereo waiting for the device.
    ring: VecDeque<f32>,
    /// Sample frames the device took since the restart, and when it last took some.
    taken: u64,
    taken_at: Option<Instant>,
    /// Whether everything was handed to the device.
    finished: bool,
    rate_hz: u32,
    device: Device,
    quit: bool,
}

/// What is known of the device.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Device {
    #[default]
    Opening,
    Open,
    /// It could not be opened, or was taken away: nothing will be heard any more.
    Gone,
}

struct Shared {
    state: Mutex<SoundState>,
    wake: Condvar,
}

/// The sound of a player; silent until restarted.
pub(crate) struct Sound {
    shared: Arc<Shared>,
}

impl Sound {
    /// Starts the worker; `None` where there is neither sound nor a device to play it.
    pub fn start(path: &Path, index: &FrameIndex) -> Option<Self> {
        let device = cpal::default_host().default_output_device()?;
        let config = device.default_output_config().ok()?;
        let rate_hz = config.sample_rate();
        let reader = SoundReader::open(path, index, rate_hz)
            .inspect_err(|err| log::info!("no sound: {err}"))
            .ok()?;
        let shared = new_shared(rate_hz);
        let worker = Arc::clone(&shared);
        jobs::spawn("player sound", move || {
            // The stream stays on the thread that made it: some systems demand it.
            let Some(_stream) = open_stream(&device, &config, &worker) else {
                worker.state.lock().device = Device::Gone;
                return;
            };
            worker.opened();
            produce(&worker, reader);
        })
        .ok()?;
        Some(Self { shared })
    }

    /// The worker alone: a test takes the samples as a device would, by [`Sound::pull`].
    #[cfg(test)]
    pub fn without_device(reader: SoundReader, rate_hz: u32) -> Self {
        let shared = new_shared(rate_hz);
        shared.opened();
        let worker = Arc::clone(&shared);
        jobs::spawn("player sound", move || produce(&worker, reader)).unwrap();
        Self { shared }
    }

    #[cfg(test)]
    pub fn taken(&self) -> u64 {
        self.shared.state.lock().taken
    }

    #[cfg(test)]
    pub fn pull(&self, out: &mut [f32], channels: usize) {
        take(&self.shared, out, channels, |v| v);
    }

    #[cfg(test)]
    pub fn fail(&self, kind: cpal::ErrorKind) {
        self.shared.failed(kind);
    }

    /// Whether there is a device that plays what it is given.
    pub fn is_playable(&self) -> bool {
        self.shared.state.lock().device == Device::Open
    }

    /// Drops what was decoded and begins again at a playing second.
    pub fn restart(&self, base_secs: f64, spans: Vec<(f64, f64)>, rate: f64, running: bool) {
        let mut state = self.shared.state.lock();
        state.generation += 1;
        state.base_secs = base_secs;
        state.spans = if (0.0..=FASTEST_SOUND).contains(&rate) {
            spans
        } else {
            Vec::new()
        };
        state.rate = rate;
        state.running = running;
        state.ring.clear();
        state.taken = 0;
        state.taken_at = None;
        state.finished = state.spans.is_empty();
        self.shared.wake.notify_all();
    }

    /// Lets the device take sound, or holds it while the picture waits.
    pub fn set_running(&self, running: bool) {
        let mut state = self.shared.state.lock();
        state.running = running;
        if !running {
            state.taken_at = None;
        }
    }

    pub fn set_volume(&self, volume: f32) {
        self.shared.state.lock().volume = volume.clamp(0.0, 1.0);
    }

    /// The playing second being heard now; `None` while nothing is, so that the clock of the system
    /// is followed.
    pub fn heard_secs(&self) -> Option<f64> {
        let state = self.shared.state.lock();
        let taken_at = state
            .taken_at
            .filter(|_| state.running && !state.finished && state.device == Device::Open)?;
        let hz = f64::from(state.rate_hz);
        let since_secs = taken_at.elapsed().as_secs_f64();
        if since_secs > SILENT_SECS {
            return None;
        }
        // What the device took is heard over the following moments.
        let since_secs = since_secs.min(0.1);
        let heard = state.taken as f64 / hz + since_secs;
        Some(state.base_secs + heard * state.rate)
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        self.shared.state.lock().quit = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    fn opened(&self) {
        let mut state = self.state.lock();
        // Its callbacks may have failed before the opening returned.
        if state.device == Device::Opening {
            state.device = Device::Open;
        }
    }

    /// Notes what the device reported; only what ends the sound counts.
    fn failed(&self, kind: cpal::ErrorKind) {
        use cpal::ErrorKind::{DeviceBusy, DeviceChanged, RealtimeDenied, Xrun};
        if !matches!(kind, DeviceBusy | DeviceChanged | RealtimeDenied | Xrun) {
            self.state.lock().device = Device::Gone;
        }
    }
}

fn new_shared(rate_hz: u32) -> Arc<Shared> {
    Arc::new(Shared {
        state: Mutex::new(SoundState {
            volume: 1.0,
            rate: 1.0,
            rate_hz,
            ..SoundState::default()
        }),
        wake: Condvar::new(),
    })
}

/// Keeps the buffer filled until it is to quit.
fn produce(shared: &Shared, mut reader: SoundReader) {
    let mut generation = 0;
    let mut tempo: Option<Tempo> = None;
    let mut more = false;
    let mut read = Vec::new();
    let mut ready = Vec::new();
    loop {
        {
            let mut state = shared.state.lock();
            loop {
                if state.quit {
                    return;
                }
                if state.generation != generation {
                    generation = state.generation;
                    reader.set_spans(state.spans.clone());
                    more = !state.spans.is_empty();
                    tempo = if (state.rate - 1.0).abs() > 1e-3 && more {
                        Tempo::new(state.rate, state.rate_hz)
                    } else {
                        None
                    };
                    break;
                }
                let ahead = state.ring.len() as f64 / CHANNELS as f64 / f64::from(state.rate_hz);
                if more && ahead < AHEAD_SECS {
                    break;
                }
                if !more && state.ring.is_empty() {
                    state.finished = true;
                }
                shared.wake.wait_for(&mut state, Duration::from_millis(20));
            }
        }
        if !more {
            continue;
        }
        read.clear();
        ready.clear();
        more = reader.read(&mut read);
        match &mut tempo {
            Some(tempo) => {
                let _ = tempo.run(&read, &mut ready);
            }
            None => ready.append(&mut read),
        }
        let mut state = shared.state.lock();
        if state.generation == generation {
            state.ring.extend(&ready);
        }
    }
}

fn open_stream(
    device: &cpal::Device,
    config: &cpal::SupportedStreamConfig,
    shared: &Arc<Shared>,
) -> Option<cpal::Stream> {
    let noting = Arc::clone(shared);
    let failed = move |err: cpal::Error| {
        log::warn!("the sound device failed: {err}");
        noting.failed(err.kind());
    };
    let channels = usize::from(config.channels()).max(1);
    let stream_config = config.config();
    let shared = Arc::clone(shared);
    let stream = match config.sample_format() {
        cpal::SampleFormat::F32 => device.build_output_stream(
            stream_config,
            move |out: &mut [f32], _: &cpal::OutputCallbackInfo| {
                take(&shared, out, channels, |v| v);
            },
            failed,
            None,
        ),
        cpal::SampleFormat::I16 => device.build_output_stream(
            stream_config,
            move |out: &mut [i16], _: &cpal::OutputCallbackInfo| {
                take(&shared, out, channels, |v| (v * 32_767.0) as i16);
            },
            failed,
            None,
        ),
        cpal::SampleFormat::I32 => device.build_output_stream(
            stream_config,
            move |out: &mut [i32], _: &cpal::OutputCallbackInfo| {
                take(&shared, out, channels, |v| (v * 2_147_483_000.0) as i32);
            },
            failed,
            None,
        ),
        other => {
            log::warn!("the sound device wants {other}, which is not supported");
            return None;
        }
    };
    let stream = stream
        .inspect_err(|err| log::warn!("no sound device: {err}"))
        .ok()?;
    stream.play().ok()?;
    Some(stream)
}

/// Fills a device's buffer; silence where nothing is ready. Never waits for a lock: the device
/// cannot.
fn take<T: Copy>(shared: &Shared, out: &mut [T], channels: usize, from_sample: impl Fn(f32) -> T) {
    let silence = from_sample(0.0);
    out.fill(silence);
    let Some(mut state) = shared.state.try_lock() else {
        return;
    };
    if !state.running {
        return;
    }
    let count = (out.len() / channels).min(state.ring.len() / CHANNELS);
    let volume = state.volume;
    for frame in out.chunks_mut(channels).take(count) {
        let left = state.ring.pop_front().unwrap_or(0.0) * volume;
        let right = state.ring.pop_front().unwrap_or(0.0) * volume;
        match frame {
            [only] => *only = from_sample(((left + right) * 0.5).clamp(-1.0, 1.0)),
            [first, second, ..] => {
                *first = from_sample(left.clamp(-1.0, 1.0));
                *second = from_sample(right.clamp(-1.0, 1.0));
            }
            [] => {}
        }
    }
    if count > 0 {
        state.taken += count as u64;
        state.taken_at = Some(Instant::now());
    }
}
