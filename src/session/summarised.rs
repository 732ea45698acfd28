//! One way into summaries, of the open video and of its snapshot alike. Computes nothing itself.

use super::Session;
use super::material::Material;
use super::summaries::{Summaries, Summary};
use super::why::{Judge, Why};
use crate::domain::SummaryRef;

/// What summaries are looked up in: the open video, or the snapshot of it that figures are made of.
pub trait Summarised {
    /// What a summary of this video is judged by; `None` while there are none.
    fn judge(&self) -> Option<Judge<'_>>;

    /// Where summaries of this video are looked up; `None` while there are none.
    fn summaries(&self) -> Option<Summaries<'_>> {
        Some(self.judge()?.summaries)
    }

    /// The summary that is meant; `None` where it is not there.
    fn summary(&self, of: SummaryRef) -> Option<Summary<'_>> {
        self.summaries()?.get(of)
    }

    /// What a summary keeps, in seconds; nothing where it is not there.
    fn summary_secs(&self, of: SummaryRef) -> Vec<(f64, f64)> {
        self.summary(of)
            .map_or_else(Vec::new, |summary| summary.ranges_secs)
    }

    /// Why a summary keeps each segment, or does not.
    fn why(&self, of: SummaryRef) -> Option<Vec<Why>> {
        self.judge()?.all(of)
    }
}

// Both hold the same under the same names.
macro_rules! summarised {
    ($($kind:ty),*) => {
        $(impl Summarised for $kind {
            fn judge(&self) -> Option<Judge<'_>> {
                Some(Judge {
                    summaries: Summaries {
                        draw: self.draw.as_deref()?,
                        segments: &self.segments,
                        index: &self.index,
                        edits: &self.edits,
                    },
                    pick_times_secs: &self.pick_times_secs,
                    annotator_ranges_secs: &self.annotator_ranges_secs,
                    duration_secs: self.duration_secs(),
                })
            }
        })*
    };
}

summarised!(Session, Material);
