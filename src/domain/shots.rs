//! What consecutive pictures say of a video: where a new shot begins at once, and which stretches
//! show nothing.

use serde::{Deserialize, Serialize};

use super::time::FrameRange;

/// Cuts and empty stretches, in frames of the original video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shots {
    /// Ascending first frames of shots that begin with a hard cut.
    pub cuts: Vec<u64>,
    /// Ascending stretches of black or of one colour: dark frames, the dark part of fades.
    pub blank: Vec<FrameRange>,
    /// Ascending stretches of one unchanging picture, half a second or longer.
    pub still: Vec<FrameRange>,
}

/// Why a segment is not worth choosing while anything else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dull {
    /// Mostly black, or one colour.
    Blank,
    /// One frozen picture.
    Still,
    /// A shot so short that it is a flash.
    Brief,
}

/// A stretch is blank from this share of its frames on.
const BLANK_SHARE: f64 = 0.5;
/// A stretch is still where one unchanging picture is this share of its frames.
const STILL_SHARE: f64 = 0.8;

impl Shots {
    /// What makes a stretch of frames dull, if anything.
    pub fn dullness(&self, range: FrameRange) -> Option<Dull> {
        let frames = range.len() as f64;
        let common = |other: &FrameRange| {
            let (start, end) = (other.start.max(range.start), other.end.min(range.end));
            end.saturating_sub(start) as f64
        };
        let blank: f64 = self.blank.iter().map(common).sum();
        let still = self.still.iter().map(common).fold(0.0, f64::max);
        if frames > 0.0 && blank >= BLANK_SHARE * frames {
            Some(Dull::Blank)
        } else if frames > 0.0 && still >= STILL_SHARE * frames {
            Some(Dull::Still)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mostly_black_and_frozen_stretches_are_dull() {
        let shots = Shots {
            cuts: vec![],
            blank: vec![FrameRange::new(0, 12), FrameRange::new(90, 100)],
            still: vec![FrameRange::new(40, 70), FrameRange::new(70, 78)],
        };
        let of = |start, end| shots.dullness(FrameRange::new(start, end));
        assert_eq!(of(0, 20), Some(Dull::Blank));
        assert_eq!(of(0, 25), None);
        assert_eq!(of(40, 75), Some(Dull::Still));
        // Two pictures one after the other are a change.
        assert_eq!(of(50, 90), None);
        assert_eq!(of(20, 40), None);
        assert_eq!(of(5, 5), None);
    }
}
