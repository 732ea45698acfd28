//! How large a film will be, as far as that can be told before it is made: an estimate from the source's bit rates, which does not look
//! at the pictures.

use std::path::Path;

use ff::codec::Id;
use ffmpeg_next as ff;

use super::kept::Facts;
use super::{Container, ExportMode, ExportOptions};
use crate::domain::FrameIndex;

/// Bits that encoded pictures seldom exceed, and those that they have where the source's rate says nothing, per pixel.
const MOST_BITS_PER_PIXEL: f64 = 0.4;
const USUAL_BITS_PER_PIXEL: f64 = 0.12;
/// What of H.264's bits the WebM encoder needs.
const WEBM_SHARE: f64 = 0.85;
/// Bits per second of a sound channel whose track states none.
const USUAL_CHANNEL_BITS: f64 = 96_000.0;
/// Bytes of a container's head, and its share of all.
const HEAD_BYTES: f64 = 2_000.0;
const CONTAINER_SHARE: f64 = 1.01;

/// What a source's streams take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Of the pictures as they are, bits per second.
    video_bits: f64,
    /// How many times as many bits the same pictures take encoded anew, in H.264; `None` where their rate says nothing of that.
    anew: Option<f64>,
    pixels_per_sec: f64,
    /// Channels of each sound track, and whether it is the one that players choose.
    sounds: Vec<(u32, bool)>,
}

impl Rates {
    pub(super) fn of(source: &Path, facts: &Facts, index: &FrameIndex) -> Self {
        let secs = index.duration_secs().max(1e-3);
        let all_bits = source.metadata().map_or(0, |file| file.len()) as f64 * 8.0 / secs;
        let channels = |track: &super::kept::Track| track.channels.max(1);
        let sound_bits = facts.sounds.iter().map(|track| match track.bits_per_sec {
            0 => f64::from(channels(track)) * USUAL_CHANNEL_BITS,
            stated => stated as f64,
        });
        let sound_bits: f64 = sound_bits.sum();
        let video_bits = match facts.video.bits_per_sec {
            // Sound that states nothing takes half of the file at most.
            0 => (all_bits - sound_bits).max(all_bits / 2.0),
            stated => (stated as f64).min(all_bits),
        };
        Self {
            video_bits,
            anew: bits_anew(facts.codec),
            pixels_per_sec: facts.pixels as f64 * index.len() as f64 / secs,
            sounds: (facts.sounds.iter())
                .map(|track| (channels(track), track.is_chosen))
                .collect(),
        }
    }

    /// Bytes of a film of so many seconds. What is encoded may take a third of it or three times as much, as its pictures are.
    pub fn estimated_bytes(
        &self,
        secs: f64,
        container: Container,
        mode: ExportMode,
        options: &ExportOptions,
    ) -> f64 {
        let share = match container {
            Container::WebM => WEBM_SHARE,
            _ => 1.0,
        };
        let usual = match self.anew {
            Some(times) => (self.video_bits * times).min(self.pixels_per_sec * MOST_BITS_PER_PIXEL),
            None => (self.video_bits).min(self.pixels_per_sec * USUAL_BITS_PER_PIXEL),
        };
        let video = match mode {
            ExportMode::Exact => usual * share,
            // All but the groups at the cuts stay as they are.
            ExportMode::Copy | ExportMode::Smart => self.video_bits,
        };
        let kept = |&&(_, is_chosen): &&(u32, bool)| {
            !options.without_sound && (is_chosen || options.all_sound)
        };
        let per_channel = match container {
            Container::WebM => 64_000.0,
            _ => USUAL_CHANNEL_BITS,
        };
        let sound = (self.sounds.iter().filter(kept))
            .map(|&(channels, _)| (f64::from(channels) * per_channel).min(512_000.0));
        HEAD_BYTES + (video + sound.sum::<f64>()) * secs.max(0.0) / 8.0 * CONTAINER_SHARE
    }
}

/// How many times as many bits pictures of a codec take as exports encode them. Measured on ordinary films; the newer the codec, the
/// more of what it saved comes back.
fn bits_anew(codec: Option<Id>) -> Option<f64> {
    match codec? {
        Id::H264 => Some(1.4),
        // An export of HEVC is HEVC.
        Id::HEVC => Some(1.4),
        Id::VP9 => Some(2.0),
        Id::AV1 => Some(3.0),
        Id::VP8 | Id::THEORA | Id::MPEG4 | Id::MSMPEG4V3 | Id::H263 | Id::FLV1 | Id::WMV3 => {
            Some(1.0)
        }
        Id::MPEG1VIDEO | Id::MPEG2VIDEO => Some(0.7),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_counted_where_it_is_kept_and_copies_keep_their_rate() {
        let rates = Rates {
            video_bits: 800_000.0,
            anew: Some(1.4),
            pixels_per_sec: 1280.0 * 720.0 * 30.0,
            sounds: vec![(2, true), (6, false)],
        };
        let bytes = |mode, options: &ExportOptions| {
            rates.estimated_bytes(10.0, Container::Mp4, mode, options)
        };
        let with = ExportOptions::default();
        let all = ExportOptions {
            all_sound: true,
            ..with.clone()
        };
        let without = ExportOptions {
            without_sound: true,
            ..with.clone()
        };
        let copy = bytes(ExportMode::Copy, &without);
        assert!((copy - 1.01e6).abs() < 1e4, "{copy}");
        assert!(bytes(ExportMode::Exact, &without) > copy);
        let stereo = bytes(ExportMode::Copy, &with) - copy;
        assert!((stereo - 240_000.0 * 1.01).abs() < 1.0, "{stereo}");
        let six = bytes(ExportMode::Copy, &all) - bytes(ExportMode::Copy, &with);
        assert!((six - 640_000.0 * 1.01).abs() < 1.0, "{six}");
    }
}
