//! The sound tracks of a clip: those that are wanted, the one that players choose in front.

use super::mux::Muxer;
use super::plan::CutPlan;
use super::sound::{Found, SoundReader};
use super::soundtrack::Soundtrack;
use super::track::Track;
use super::{CutError, Job};
use crate::jobs::CancelToken;

/// At least one sound track under way.
pub(super) struct Sounds(Vec<Soundtrack>);

impl Sounds {
    /// Opens the source's sound and the clip's, or says why there is none.
    pub fn open(
        job: &Job,
        plan: &CutPlan,
        muxer: &mut Muxer,
        notes: &mut Vec<String>,
    ) -> Result<Option<Self>, CutError> {
        let wanted: Vec<&Track> = (job.facts.sounds.iter())
            .filter(|track| job.wanted.sounds.contains(&track.stream))
            .collect();
        // Where that one is left out, players get the first.
        let has_chosen = wanted.iter().any(|track| track.is_chosen);
        let first_secs = job
            .index
            .pts
            .first()
            .map_or(0.0, |&pts| pts as f64 * job.index.time_base.as_f64());
        let end_secs = first_secs + job.index.duration_secs();
        let mut tracks = Vec::new();
        let only = wanted.len() == 1;
        for track in wanted {
            let reader = match SoundReader::open(job.source, track.stream, job.cancel)? {
                Found::Undecodable(reason) => {
                    job.check_cancelled()?;
                    notes.push(if only || track.is_chosen {
                        format!("exported without sound: {reason}")
                    } else {
                        format!("a sound track is left out: {reason}")
                    });
                    continue;
                }
                Found::Sound(reader) => reader,
            };
            let mut sound = Soundtrack::open(reader, plan, end_secs, job.target.container, muxer)?;
            let is_default = match has_chosen {
                true => track.is_chosen,
                false => tracks.is_empty(),
            };
            track.describe(muxer.output(), sound.stream, is_default);
            notes.append(&mut sound.notes);
            tracks.push(sound);
        }
        Ok((!tracks.is_empty()).then_some(Self(tracks)))
    }

    /// Encodes all sound up to a second of the clip.
    pub fn advance(
        &mut self,
        until_secs: f64,
        muxer: &mut Muxer,
        cancel: &CancelToken,
    ) -> Result<(), CutError> {
        self.0
            .iter_mut()
            .try_for_each(|sound| sound.advance(until_secs, muxer, cancel))
    }

    /// Encodes what is left.
    pub fn finish(&mut self, muxer: &mut Muxer, cancel: &CancelToken) -> Result<(), CutError> {
        self.0
            .iter_mut()
            .try_for_each(|sound| sound.finish(muxer, cancel))
    }
}
