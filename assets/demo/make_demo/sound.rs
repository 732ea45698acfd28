//! The video's sound: what is heard at each place, and a quiet tune over all of it, computed sample
//! by sample.
//!
//! What this does not do: it reads no recordings.

use std::f32::consts::TAU;

use crate::night::BURSTS;
use crate::paint::{hash, pick, smooth};
use crate::script::{self, Ambience, SCENES};

const RATE: f32 = 44_100.0;
/// Length of a beat of the tune.
const BEAT_SECS: f32 = 0.625;

/// Two channels of sound.
struct Track {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Track {
    fn silent(secs: f32) -> Track {
        let count = (secs * RATE).ceil() as usize;
        Track {
            left: vec![0.0; count],
            right: vec![0.0; count],
        }
    }

    /// Adds a sound from `at_secs` on; `pan` runs from 0 (left) to 1 (right).
    fn add(&mut self, at_secs: f32, pan: f32, gain: f32, sound: impl IntoIterator<Item = f32>) {
        let first = (at_secs.max(0.0) * RATE) as usize;
        let (left, right) = (gain * (1.0 - pan).sqrt(), gain * pan.sqrt());
        for (offset, value) in sound.into_iter().enumerate() {
            let Some(slot) = self.left.get_mut(first + offset) else {
                break;
            };
            *slot += value * left;
            self.right[first + offset] += value * right;
        }
    }

    fn mix_in(&mut self, other: &Track) {
        for (mine, theirs) in [
            (&mut self.left, &other.left),
            (&mut self.right, &other.right),
        ] {
            for (a, b) in mine.iter_mut().zip(theirs) {
                *a += b;
            }
        }
    }
}

fn secs(length: f32) -> impl Iterator<Item = f32> {
    (0..(length * RATE) as usize).map(|index| index as f32 / RATE)
}

fn white(key: u32, index: usize) -> f32 {
    hash((index as u32).wrapping_add(key.wrapping_mul(0x51_7cc1))) * 2.0 - 1.0
}

/// A one-pole low pass at `cutoff_hz`.
struct LowPass {
    state: f32,
    share: f32,
}

impl LowPass {
    fn at(cutoff_hz: f32) -> LowPass {
        LowPass {
            state: 0.0,
            share: 1.0 - (-TAU * cutoff_hz / RATE).exp(),
        }
    }

    fn next(&mut self, input: f32) -> f32 {
        self.state += (input - self.state) * self.share;
        self.state
    }
}

/// Noise between two frequencies, shaped in time by `envelope`.
fn band(
    key: u32,
    length: f32,
    low_hz: f32,
    high_hz: f32,
    envelope: impl Fn(f32) -> f32,
) -> Vec<f32> {
    let (mut upper, mut upper2, mut lower) = (
        LowPass::at(high_hz),
        LowPass::at(high_hz),
        LowPass::at(low_hz),
    );
    secs(length)
        .enumerate()
        .map(|(index, time)| {
            let soft = upper.next(white(key, index));
            let soft = upper2.next(soft);
            (soft - lower.next(soft)) * envelope(time)
        })
        .collect()
}

/// A plucked string (Karplus and Strong, 1983).
fn pluck(key: u32, frequency_hz: f32, length: f32, bright: f32) -> Vec<f32> {
    let period = (RATE / frequency_hz).round().max(2.0) as usize;
    let mut soften = LowPass::at(1200.0 + 7000.0 * bright);
    let mut string: Vec<f32> = (0..period)
        .map(|index| soften.next(white(key, index)))
        .collect();
    let decay = 0.996 - 0.0025 * (frequency_hz / 440.0).min(2.0);
    (0..(length * RATE) as usize)
        .map(|index| {
            let at = index % period;
            let next = (at + 1) % period;
            let value = string[at];
            string[at] = decay * 0.5 * (string[at] + string[next]);
            value * (1.0 - smooth(length * 0.7, length, index as f32 / RATE))
        })
        .collect()
}

fn bell(frequency_hz: f32, length: f32) -> Vec<f32> {
    let partials = [
        (1.0, 1.0, 1.0),
        (2.01, 0.5, 1.6),
        (2.76, 0.4, 2.2),
        (4.1, 0.22, 3.4),
        (5.4, 0.15, 5.0),
    ];
    secs(length)
        .map(|time| {
            partials
                .iter()
                .map(|(ratio, level, fade)| {
                    level * (-time * fade * 1.5).exp() * (TAU * frequency_hz * ratio * time).sin()
                })
                .sum::<f32>()
                * 0.4
        })
        .collect()
}

fn gull_cry(key: u32) -> Vec<f32> {
    let length = pick(key, 1, 0.28, 0.5);
    let base = pick(key, 2, 900.0, 1350.0);
    let mut phase = 0.0;
    secs(length)
        .map(|time| {
            let share = time / length;
            let pitch = base * (1.0 + 0.55 * (share * 3.3).sin().max(0.0) - 0.25 * share)
                + 18.0 * (TAU * 27.0 * time).sin();
            phase += TAU * pitch / RATE;
            let voice = phase.sin() + 0.5 * (2.0 * phase).sin() + 0.25 * (3.0 * phase).sin();
            voice * smooth(0.0, 0.06, share) * (1.0 - smooth(0.65, 1.0, share)) * 0.4
        })
        .collect()
}

fn thunder(key: u32) -> Vec<f32> {
    let crack = band(key, 3.4, 60.0, 2400.0, |time| 1.4 * (-time * 9.0).exp());
    let roll = band(key + 1, 3.4, 18.0, 130.0, |time| {
        9.0 * smooth(0.0, 0.08, time) * (-time * 1.15).exp() * (0.6 + 0.4 * (time * 11.0).sin())
    });
    crack.iter().zip(&roll).map(|(a, b)| a + b).collect()
}

fn rocket_burst(key: u32) -> Vec<f32> {
    let boom = band(key, 2.4, 24.0, 170.0, |time| {
        9.0 * smooth(0.0, 0.012, time) * (-time * 4.2).exp()
    });
    let crackle: Vec<f32> = band(key + 9, 2.4, 1600.0, 8000.0, |time| {
        let grain = hash(key.wrapping_mul(77).wrapping_add((time * 90.0) as u32));
        if grain > 0.72 {
            smooth(0.25, 0.8, time)
                * (-time * 1.3).exp()
                * (-(time * 90.0).fract() * 6.0).exp()
                * 1.1
        } else {
            0.0
        }
    });
    boom.iter().zip(&crackle).map(|(a, b)| a + b).collect()
}

fn ambience(track: &mut Track, kind: Ambience, key: u32, began: f32, length: f32) {
    // Neighbouring places overlap for a tenth of a second, so that a cut is heard but does not
    // click.
    let edge =
        |time: f32| smooth(0.0, 0.12, time) * (1.0 - smooth(length - 0.02, length + 0.1, time));
    let whole = length + 0.1;
    let mut noise =
        |seed: u32, low: f32, high: f32, gain: f32, pan: f32, shape: &dyn Fn(f32) -> f32| {
            let sound = band(key * 50 + seed, whole, low, high, |time| {
                shape(time) * edge(time)
            });
            track.add(began, pan, gain, sound);
        };
    let swell = |rate: f32, phase: f32| {
        move |time: f32| 0.35 + 0.65 * (0.5 + 0.5 * (time * rate + phase).sin()).powi(2)
    };
    match kind {
        Ambience::Surf | Ambience::Gulls | Ambience::Wind => {
            let strength = if kind == Ambience::Wind { 1.7 } else { 1.0 };
            noise(1, 120.0, 900.0, 1.5 * strength, 0.25, &swell(1.3, 0.4));
            noise(2, 120.0, 1100.0, 1.5 * strength, 0.75, &swell(1.1, 2.0));
            noise(3, 900.0, 4200.0, 0.35 * strength, 0.5, &swell(1.3, 0.1));
        }
        Ambience::Crowd => {
            for voice in 0..7u32 {
                let pitch = pick(key, voice, 240.0, 620.0);
                let pace = pick(key, voice + 9, 8.0, 14.0);
                let talk = move |time: f32| {
                    (0.5 + 0.5 * (time * pace + voice as f32).sin())
                        * smooth(
                            0.35,
                            0.6,
                            hash(voice * 91 + (time * 2.3 + voice as f32) as u32),
                        )
                };
                noise(
                    voice,
                    pitch * 0.8,
                    pitch * 1.5,
                    0.95,
                    0.1 + 0.8 * hash(voice + 5),
                    &talk,
                );
            }
            noise(20, 200.0, 1200.0, 0.5, 0.5, &|_| 1.0);
        }
        Ambience::Deep => {
            noise(1, 30.0, 170.0, 4.0, 0.4, &swell(0.9, 0.0));
            noise(2, 40.0, 240.0, 3.0, 0.7, &swell(0.7, 1.0));
        }
        Ambience::Storm => {
            noise(1, 80.0, 700.0, 3.6, 0.35, &swell(1.6, 0.0));
            noise(2, 150.0, 1500.0, 2.0, 0.7, &swell(2.1, 1.0));
            noise(3, 1500.0, 9000.0, 0.5, 0.5, &|_| 1.0);
        }
        Ambience::RainOnGlass => {
            noise(1, 700.0, 6500.0, 0.36, 0.3, &|_| 1.0);
            noise(2, 500.0, 5200.0, 0.36, 0.7, &|_| 1.0);
            noise(3, 60.0, 260.0, 0.9, 0.5, &swell(0.5, 0.0));
        }
        Ambience::City => {
            noise(1, 50.0, 280.0, 1.9, 0.3, &swell(0.8, 0.0));
            noise(2, 60.0, 420.0, 1.4, 0.7, &swell(0.6, 2.0));
        }
        Ambience::Dance | Ambience::Fireworks => {
            noise(1, 260.0, 1500.0, 0.55, 0.5, &swell(2.2, 0.0))
        }
        Ambience::StillWater => {
            noise(1, 120.0, 700.0, 0.7, 0.35, &swell(1.2, 0.0));
            noise(2, 1500.0, 5000.0, 0.1, 0.65, &swell(1.5, 1.0));
        }
    }
    events(track, kind, key, began, length);
}

fn events(track: &mut Track, kind: Ambience, key: u32, began: f32, length: f32) {
    match kind {
        Ambience::Gulls => {
            for cry in 0..(length * 1.5) as u32 {
                track.add(
                    began + pick(key, cry, 0.1, length - 0.5),
                    hash(cry + 3),
                    pick(key, cry + 50, 0.07, 0.2),
                    gull_cry(key * 9 + cry),
                );
            }
        }
        Ambience::Deep => {
            for bubble in 0..30u32 {
                let pitch = pick(key, bubble, 320.0, 900.0);
                let blip = secs(0.09).map(|time| {
                    (TAU * (pitch + 5200.0 * time) * time).sin()
                        * (time / 0.09 * std::f32::consts::PI).sin()
                });
                track.add(
                    began + pick(key, bubble + 60, 0.05, length - 0.1),
                    hash(bubble),
                    0.09,
                    blip,
                );
            }
        }
        Ambience::Storm => {
            for (number, at) in [1.0, 3.15].into_iter().enumerate() {
                track.add(
                    began + at,
                    0.4 + 0.2 * number as f32,
                    0.55,
                    thunder(key + number as u32 * 3)
                        .into_iter()
                        .take(((length - at) * RATE) as usize),
                );
            }
        }
        Ambience::RainOnGlass => {
            for drop in 0..110u32 {
                let pitch = pick(key, drop, 1400.0, 3600.0);
                let tick =
                    secs(0.03).map(|time| (TAU * pitch * time).sin() * (-time * 190.0).exp());
                track.add(
                    began + pick(key, drop + 200, 0.0, length - 0.05),
                    hash(drop + 8),
                    pick(key, drop + 400, 0.02, 0.1),
                    tick,
                );
            }
        }
        Ambience::Fireworks => {
            for (number, (at, x, _, size, _)) in BURSTS.into_iter().enumerate() {
                let whistle = secs(0.5).map(|time| {
                    (TAU * (900.0 + 1500.0 * time) * time).sin()
                        * smooth(0.0, 0.1, time)
                        * (1.0 - smooth(0.4, 0.5, time))
                });
                track.add(began + at - 0.5, x / 854.0, 0.02, whistle);
                let rest = ((length - at).max(0.0) * RATE) as usize;
                track.add(
                    began + at + 0.05,
                    x / 854.0,
                    0.85 * size,
                    rocket_burst(number as u32 * 5 + 1).into_iter().take(rest),
                );
            }
        }
        _ => {}
    }
}

/// Semitones above A at 220 Hz to Hertz.
fn hertz(semitones: i32) -> f32 {
    220.0 * 2.0_f32.powf(semitones as f32 / 12.0)
}

/// Chords of the day and of the night: root, third, fifth and an added note, two bars each.
const DAY: [[i32; 4]; 4] = [
    [-7, 0, 9, 16],
    [-14, 2, 9, 14],
    [-10, 2, 5, 12],
    [-12, 4, 7, 14],
];
const NIGHT: [[i32; 4]; 4] = [
    [-10, 2, 5, 14],
    [-14, -2, 5, 12],
    [-7, 0, 9, 12],
    [-12, 4, 7, 11],
];

/// How loud plucked strings and held chords are in a place.
fn loudness(kind: Ambience) -> (f32, f32) {
    match kind {
        Ambience::Surf | Ambience::StillWater => (0.3, 0.9),
        Ambience::Gulls | Ambience::City => (0.36, 0.7),
        Ambience::Crowd => (0.44, 0.4),
        Ambience::Wind => (0.5, 0.8),
        Ambience::Deep => (0.2, 1.2),
        Ambience::Storm => (0.0, 0.8),
        Ambience::RainOnGlass => (0.26, 0.7),
        Ambience::Dance => (0.0, 0.0),
        Ambience::Fireworks => (0.3, 0.8),
    }
}

fn tune(length: f32) -> Track {
    let mut track = Track::silent(length);
    let half = BEAT_SECS / 2.0;
    for step in 0..(length / half) as u32 {
        let at = step as f32 * half;
        let (scene, _) = script::scene_at(at);
        let (plucked, held) = loudness(scene.ambience);
        let chords = if scene.offer.night > 0.4 || scene.ambience == Ambience::Storm {
            NIGHT
        } else {
            DAY
        };
        let chord = chords[(step / 8) as usize % 4];
        if plucked > 0.0 {
            let calm = scene.offer.calm > 0.8 && step % 2 == 1;
            let note = match step % 8 {
                0 => chord[0],
                2 | 6 => chord[2],
                4 => chord[3],
                odd => chord[1 + (odd as usize / 2) % 3] + if hash(step) > 0.6 { 12 } else { 0 },
            };
            if !calm {
                track.add(
                    at,
                    0.35 + 0.3 * hash(step + 40),
                    plucked * pick(3, step, 0.7, 1.0),
                    pluck(step, hertz(note), 1.9, 0.35),
                );
            }
            if step % 8 == 0 {
                track.add(
                    at,
                    0.6,
                    plucked * 0.5,
                    pluck(step + 999, hertz(chord[3] + 12), 2.2, 0.6),
                );
            }
        }
        if step % 8 == 0 && held > 0.0 {
            let span = half * 8.0 + 0.8;
            let rest = (length - at).min(span);
            for (voice, note) in chord.into_iter().enumerate() {
                let frequency = hertz(note);
                let sound = secs(rest).map(|time| {
                    let (_, held_now) =
                        loudness(script::scene_at((at + time).min(length - 0.01)).0.ambience);
                    let waver = 1.0 + 0.003 * (TAU * 4.6 * time + voice as f32).sin();
                    let wave = (TAU * frequency * time * 1.001).sin()
                        + 0.4 * (TAU * frequency * 2.0 * time + waver).sin()
                        + 0.6 * (TAU * frequency * 0.999 * time).sin();
                    wave * smooth(0.0, 0.9, time)
                        * (1.0 - smooth(span - 0.9, span, time))
                        * held_now
                });
                track.add(at, 0.3 + 0.13 * voice as f32, 0.016, sound);
            }
        }
    }
    track
}

/// The tune of the festival: drum, bass, and an accordion's melody.
fn dance(track: &mut Track, began: f32, length: f32) {
    let step_secs = 0.1875;
    let melody = [
        12, 16, 19, 16, 21, 19, 16, 14, 12, 14, 16, 19, 17, 16, 14, 11, 12, 16, 19, 24, 23, 21, 19,
        16, 17, 16, 14, 16, 12, 12, 7, 7,
    ];
    for step in 0..(length / step_secs) as usize {
        let at = began + step as f32 * step_secs;
        if step % 4 == 0 {
            let thump = secs(0.22).map(|time| {
                (TAU * (52.0 + 60.0 * (-time * 30.0).exp()) * time).sin() * (-time * 14.0).exp()
            });
            track.add(at, 0.45, 0.62, thump);
            track.add(
                at,
                0.5,
                0.4,
                pluck(
                    step as u32 + 5000,
                    hertz([-21, -16, -19, -14][(step / 8) % 4]),
                    0.6,
                    0.2,
                ),
            );
        }
        if step % 4 == 2 {
            track.add(
                at,
                0.55,
                0.34,
                band(step as u32, 0.12, 900.0, 5000.0, |time| {
                    (-time * 42.0).exp()
                }),
            );
        }
        if step % 2 == 1 {
            track.add(
                at,
                0.7,
                0.08,
                band(step as u32 + 70, 0.05, 4000.0, 12_000.0, |time| {
                    (-time * 80.0).exp()
                }),
            );
        }
        let frequency = hertz(melody[step % melody.len()]);
        let reed = secs(step_secs * 0.96).map(|time| {
            let saw = |hz: f32| {
                (1..7)
                    .map(|partial| (TAU * hz * partial as f32 * time).sin() / partial as f32)
                    .sum::<f32>()
            };
            (saw(frequency) + saw(frequency * 1.006))
                * smooth(0.0, 0.02, time)
                * (1.0 - smooth(step_secs * 0.75, step_secs * 0.96, time))
        });
        track.add(at, 0.4, 0.075, reed);
    }
}

/// Four combs and two all-passes a channel (Schroeder, 1962).
fn reverberated(dry: &Track, wet: f32) -> Track {
    let channel = |input: &[f32], spread: usize| -> Vec<f32> {
        let mut sum = vec![0.0; input.len()];
        for (delay, feedback) in [(1557, 0.80), (1617, 0.79), (1491, 0.81), (1422, 0.78)] {
            let mut line = vec![0.0; delay + spread];
            let mut soften = LowPass::at(5200.0);
            for (index, value) in input.iter().enumerate() {
                let at = index % line.len();
                let echo = line[at];
                sum[index] += echo * 0.25;
                line[at] = value + soften.next(echo) * feedback;
            }
        }
        for delay in [225, 556] {
            let mut line = vec![0.0; delay + spread];
            for (index, value) in sum.iter_mut().enumerate() {
                let at = index % line.len();
                let old = line[at];
                line[at] = *value + old * 0.5;
                *value = old - *value * 0.5;
            }
        }
        sum
    };
    let (left, right) = (channel(&dry.left, 0), channel(&dry.right, 23));
    let join =
        |dry: &[f32], echo: Vec<f32>| dry.iter().zip(echo).map(|(a, b)| a + b * wet).collect();
    Track {
        left: join(&dry.left, left),
        right: join(&dry.right, right),
    }
}

/// The whole sound as a WAV file: stereo, 16 bits, 44.1 kHz, exactly as long as the video.
pub fn wav() -> Vec<u8> {
    let length = script::duration_secs();
    let mut music = tune(length);
    let mut places = Track::silent(length);
    let mut began = 0.0;
    for (number, scene) in SCENES.iter().enumerate() {
        ambience(
            &mut places,
            scene.ambience,
            number as u32 + 1,
            began,
            scene.duration_secs,
        );
        if scene.ambience == Ambience::Dance {
            dance(&mut music, began, scene.duration_secs);
        }
        if scene.offer.words > 0.5 {
            music.add(began + 0.15, 0.5, 0.16, bell(587.3, 3.0));
            music.add(began + 0.15, 0.6, 0.08, bell(880.0, 3.0));
        }
        began += scene.duration_secs;
    }
    let mut mixed = reverberated(&music, 0.5);
    let places = reverberated(&places, 0.12);
    mixed.mix_in(&places);
    encode(&mixed, length)
}

fn encode(track: &Track, length: f32) -> Vec<u8> {
    let peak = track
        .left
        .iter()
        .chain(&track.right)
        .fold(0.0f32, |peak, value| peak.max(value.abs()))
        .max(1e-6);
    let gain = 1.6 / peak;
    let count = (length * RATE).round() as usize;
    let bytes = (count * 4) as u32;
    let mut out = Vec::with_capacity(44 + bytes as usize);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + bytes).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16u32.to_le_bytes());
    for value in [1u16, 2] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&(RATE as u32).to_le_bytes());
    out.extend_from_slice(&(RATE as u32 * 4).to_le_bytes());
    for value in [4u16, 16] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(b"data");
    out.extend_from_slice(&bytes.to_le_bytes());
    for index in 0..count {
        let time = index as f32 / RATE;
        let fade = smooth(0.0, 0.5, time) * (1.0 - smooth(length - 1.2, length, time));
        for channel in [&track.left, &track.right] {
            // Loud moments are bent rather than cut.
            let value = (channel.get(index).copied().unwrap_or(0.0) * gain).tanh() * 0.92 * fade;
            out.extend_from_slice(&((value * 32_767.0) as i16).to_le_bytes());
        }
    }
    out
}
