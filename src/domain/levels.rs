//! How loud the sound of a video is over time: a peak and a mean level for each fiftieth of a
//! second, however the sound was stored. Does not decode (see `media`), and finds no pauses (see
//! `summary::pauses`).

/// Bins a second.
pub const BINS_PER_SEC: f64 = 50.0;
/// Bins that one of the coarse envelope stands for.
const COARSE: usize = 50;
/// Level that stands for silence, dBFS: the least that a stored level can tell from nothing.
pub const SILENCE_DB: f32 = -127.5;

/// Levels of bins of one length. A level is a byte in steps of half a decibel: 0 is silence (−127.5
/// dBFS or less), 255 is full scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// Greatest magnitude of any channel in each bin.
    pub peaks: Vec<u8>,
    /// Root of the mean square of all channels in each bin.
    pub rms: Vec<u8>,
}

/// The levels of a video's sound from media second 0 on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundLevels {
    fine: Envelope,
    /// One bin for each [`COARSE`] of the fine ones, for long videos on a screen.
    coarse: Envelope,
    /// Whether all of the sound was read.
    pub is_whole: bool,
}

/// The byte of an amplitude in [0, 1].
pub fn level_from_amplitude(amplitude: f32) -> u8 {
    if amplitude > 0.0 {
        // `as` saturates; what is no number is silence.
        (255.0 + 40.0 * amplitude.log10()).round() as u8
    } else {
        0
    }
}

/// The amplitude that a byte stands for, in [0, 1].
pub fn amplitude_from_level(level: u8) -> f32 {
    if level == 0 {
        0.0
    } else {
        10f32.powf((f32::from(level) - 255.0) / 40.0)
    }
}

/// The level of a byte in dBFS.
pub fn decibels_from_level(level: u8) -> f32 {
    SILENCE_DB + f32::from(level) / 2.0
}

impl Envelope {
    pub fn len(&self) -> usize {
        self.peaks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.peaks.is_empty()
    }

    fn reduced(&self, by: usize) -> Self {
        let power = |level: &u8| amplitude_from_level(*level).powi(2);
        let loudest = |bins: &[u8]| bins.iter().copied().max().unwrap_or(0);
        let mean = |bins: &[u8]| {
            let power: f32 = bins.iter().map(power).sum::<f32>() / bins.len() as f32;
            level_from_amplitude(power.sqrt())
        };
        Self {
            peaks: self.peaks.chunks(by).map(loudest).collect(),
            rms: self.rms.chunks(by).map(mean).collect(),
        }
    }
}

impl SoundLevels {
    /// The levels of bins of 1/[`BINS_PER_SEC`] s; the two lists of the envelope are of one length.
    pub fn new(fine: Envelope, is_whole: bool) -> Self {
        let coarse = fine.reduced(COARSE);
        Self {
            fine,
            coarse,
            is_whole,
        }
    }

    /// Mean level of each bin of 1/[`BINS_PER_SEC`] s.
    pub fn rms(&self) -> &[u8] {
        &self.fine.rms
    }

    /// Seconds whose levels are known.
    pub fn known_secs(&self) -> f64 {
        self.fine.len() as f64 / BINS_PER_SEC
    }

    /// The loudest peak, as an amplitude.
    pub fn loudest(&self) -> f32 {
        amplitude_from_level(self.coarse.peaks.iter().copied().max().unwrap_or(0))
    }

    /// Mean level at a time, dBFS; `None` where it is not known.
    pub fn decibels_at(&self, secs: f64) -> Option<f32> {
        let bin = (secs * BINS_PER_SEC).floor();
        (bin >= 0.0)
            .then(|| self.fine.rms.get(bin as usize))
            .flatten()
            .map(|&level| decibels_from_level(level))
    }

    /// The envelope to paint where `secs_per_point` seconds fall on a point, and its bins a second.
    pub fn envelope_for(&self, secs_per_point: f64) -> (&Envelope, f64) {
        let coarse_rate = BINS_PER_SEC / COARSE as f64;
        if secs_per_point * coarse_rate >= 2.0 {
            (&self.coarse, coarse_rate)
        } else {
            (&self.fine, BINS_PER_SEC)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_kept_to_a_quarter_of_a_decibel() {
        for decibels in [-0.0f32, -3.0, -20.3, -60.0, -120.0] {
            let amplitude = 10f32.powf(decibels / 20.0);
            let back = decibels_from_level(level_from_amplitude(amplitude));
            assert!((back - decibels).abs() <= 0.26, "{decibels} became {back}");
        }
        assert_eq!(level_from_amplitude(0.0), 0);
        assert_eq!(level_from_amplitude(f32::NAN), 0);
        assert_eq!(level_from_amplitude(1e-9), 0);
        assert_eq!(level_from_amplitude(4.0), 255);
        assert_eq!(amplitude_from_level(0), 0.0);
        assert_eq!(amplitude_from_level(255), 1.0);
    }

    #[test]
    fn a_wide_view_reads_the_coarse_envelope_which_keeps_peak_and_power() {
        let mut fine = Envelope {
            peaks: vec![0; 150],
            rms: vec![0; 150],
        };
        fine.peaks[60] = 255;
        // Half of the second second at full scale: 3 dB less on average.
        fine.rms[50..75].fill(255);
        let levels = SoundLevels::new(fine, true);
        assert_eq!(levels.known_secs(), 3.0);
        assert_eq!(levels.loudest(), 1.0);
        let (coarse, rate) = levels.envelope_for(4.0);
        assert_eq!(rate, 1.0);
        assert_eq!(coarse.peaks, [0, 255, 0]);
        assert_eq!(coarse.rms, [0, 249, 0]);
        let (fine, rate) = levels.envelope_for(0.1);
        assert_eq!((fine.len(), rate), (150, BINS_PER_SEC));
        assert_eq!(levels.decibels_at(1.2), Some(0.0));
        assert_eq!(levels.decibels_at(0.2), Some(SILENCE_DB));
        assert_eq!(levels.decibels_at(-0.1), None);
        assert_eq!(levels.decibels_at(3.0), None);
    }
}
