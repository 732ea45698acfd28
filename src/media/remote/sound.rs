//! Sound and subtitles from a process of their own.

use std::path::{Path, PathBuf};

use super::client::Client;
use super::messages::{ReaderRequest, Reply, samples_of};
use crate::domain::FrameIndex;
use crate::domain::cue::Cue;
use crate::domain::levels::Envelope;
use crate::jobs::CancelToken;
use crate::media::MediaError;
use crate::media::player::CHANNELS;

/// The other side of a sound reader. A process that died is followed by a new one when the next
/// stretches are chosen.
pub(crate) struct RemoteSound {
    client: Client,
    path: PathBuf,
    index: FrameIndex,
    rate_hz: u32,
}

impl RemoteSound {
    /// `None` where there is no process to decode in.
    ///
    /// # Errors
    /// As of the sound reader.
    pub fn open(path: &Path, index: &FrameIndex, rate_hz: u32) -> Result<Option<Self>, MediaError> {
        let Some(client) = opened(path, index, rate_hz)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            client,
            path: path.to_path_buf(),
            index: index.clone(),
            rate_hz,
        }))
    }

    pub fn set_spans(&mut self, spans: Vec<(f64, f64)>) {
        if self.client.is_dead() {
            match opened(&self.path, &self.index, self.rate_hz) {
                Ok(Some(client)) => self.client = client,
                Ok(None) => {}
                Err(err) => log::warn!("no sound: {err}"),
            }
        }
        self.client
            .ask(ReaderRequest::Spans(spans), None, Vec::new());
    }

    /// As of the sound reader; where the process died, nothing more is read.
    pub fn read(&mut self, out: &mut Vec<f32>) -> bool {
        if self.client.is_dead() {
            return false;
        }
        self.client.ask(ReaderRequest::Samples, None, Vec::new());
        match self.client.answer(&|| false) {
            Ok((Reply::Samples { goes_on }, blocks)) => {
                let before = out.len();
                let block = blocks.first().map_or(&[][..], Vec::as_slice);
                out.extend(samples_of(block));
                let whole = (out.len() - before) / CHANNELS * CHANNELS;
                out.truncate(before + whole);
                goes_on && whole > 0
            }
            Ok(_) => {
                log::warn!("{}", self.client.nonsense());
                false
            }
            Err(err) => {
                log::warn!("the sound ends here: {err}");
                self.client.end();
                false
            }
        }
    }
}

fn opened(path: &Path, index: &FrameIndex, rate_hz: u32) -> Result<Option<Client>, MediaError> {
    let Some(mut client) = Client::start(path)? else {
        return Ok(None);
    };
    client.ask(ReaderRequest::Sound { rate_hz }, Some(index), Vec::new());
    match client.answer(&|| false)? {
        (Reply::Done, _) => Ok(Some(client)),
        _ => Err(client.nonsense()),
    }
}

/// Levels of a video's sound, measured in a process of its own; `None` where there is none.
pub(crate) fn envelope(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
    on_part: &mut dyn FnMut(&Envelope),
) -> Option<Result<Envelope, MediaError>> {
    let mut client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    client.ask(ReaderRequest::Levels, Some(index), Vec::new());
    let answer = client.last_answer(&|| cancel.is_cancelled(), |reply, blocks| {
        if let (Reply::Levels { .. }, Some(part)) = (reply, envelope_of(blocks)) {
            on_part(&part);
        }
    });
    Some(answer.and_then(|answer| match answer {
        (Reply::Levels { .. }, blocks) => envelope_of(blocks).ok_or_else(|| nonsense(path)),
        _ => Err(nonsense(path)),
    }))
}

/// Levels from their blocks; `None` where the lists are not of one length.
fn envelope_of(blocks: Vec<Vec<u8>>) -> Option<Envelope> {
    let [peaks, rms]: [Vec<u8>; 2] = blocks.try_into().ok()?;
    (peaks.len() == rms.len()).then_some(Envelope { peaks, rms })
}

/// Subtitles, read in a process of its own; `None` where there is none.
pub(crate) fn cues(
    path: &Path,
    index: &FrameIndex,
    cancel: &CancelToken,
) -> Option<Result<Vec<Cue>, MediaError>> {
    let mut client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    client.ask(ReaderRequest::Cues, Some(index), Vec::new());
    let answer = client.last_answer(&|| cancel.is_cancelled(), |_, _| {});
    Some(answer.and_then(|answer| match answer {
        (Reply::Cues(cues), _) => Ok(cues),
        _ => Err(nonsense(path)),
    }))
}

fn nonsense(path: &Path) -> MediaError {
    MediaError::Crashed {
        path: path.to_path_buf(),
        how: "its answer made no sense".to_owned(),
    }
}
