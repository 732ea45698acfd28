//! Exports in a process of their own: what crashes FFmpeg, fills the memory or never ends there is
//! a sentence here.
//!
//! The process reads the video and writes one temporary file, which the program has made, and which
//! it flushes, names or removes. Where no such process is to be had, the program does the work. How
//! such processes are started, asked and held back is `media::remote`'s.

mod messages;
mod server;

pub use server::serve;

use messages::{Answer, Ask, STAGES, Work};

use super::target::Target;
use super::{CutError, Foreseen, Order, Outcome};
use crate::confined;
use crate::confined::limits::Held;
use crate::domain::RgbImage;
use crate::jobs::{CancelToken, Progress};
use crate::media::MediaError;
use crate::media::bounds::MOST_PIXELS;
use crate::media::remote::client::Client;
use crate::media::remote::messages::{ReaderRequest, Reply};

/// The kind of confined work.
pub const KIND: &str = "export";

/// What a process that exports gives up on this system; `None` where none can be started, so that
/// the program exports.
pub fn on_this_system() -> Option<Held> {
    let program = confined::program()?;
    let made = tempfile::NamedTempFile::new().ok()?;
    // Any file will do: nothing of it is read.
    let client = Client::start_new(program, KIND, &[program, made.path()], None);
    client.map(|client| client.held)
}

/// Makes a clip in a process of its own; `None` where there is none.
pub(super) fn made(
    order: &Order,
    target: &Target,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Option<Result<Outcome, CutError>> {
    let answer = answered(order, target, Work::Export, progress, cancel)?;
    Some(answer.and_then(|answer| match answer {
        Answer::Made(outcome) if outcome.is_sane(order.index.len()) => Ok(outcome.of_one_line()),
        _ => Err(nonsense(order)),
    }))
}

/// Foresees an export in a process of its own; `None` where there is none.
pub(super) fn foreseen(
    order: &Order,
    target: &Target,
    cancel: &CancelToken,
) -> Option<Result<Foreseen, CutError>> {
    let answer = answered(order, target, Work::Foresee, &mut |_| {}, cancel)?;
    Some(answer.and_then(|answer| match answer {
        Answer::Foreseen(foreseen) => Ok(foreseen.of_one_line()),
        _ => Err(nonsense(order)),
    }))
}

/// The last answer of a process to an order.
fn answered(
    order: &Order,
    target: &Target,
    work: Work,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Option<Result<Answer, CutError>> {
    match Client::start_writing(KIND, order.source, target.temp_path()) {
        Ok(client) => Some(worked(client?, order, target, work, progress, cancel)),
        Err(err) => Some(Err(err.into())),
    }
}

fn worked(
    mut client: Client,
    order: &Order,
    target: &Target,
    work: Work,
    progress: &mut dyn FnMut(Progress),
    cancel: &CancelToken,
) -> Result<Answer, CutError> {
    let ask = Ask::Work {
        work,
        ranges: order.ranges.to_vec(),
        parts: order.reel.map(|reel| reel.parts.to_vec()),
        options: order.options.clone(),
        container: target.container,
    };
    client.ask(request(&ask), Some(order.index), Vec::new());
    loop {
        let (reply, _) =
            client
                .answer(&|| cancel.is_cancelled())
                .map_err(|err| match err.is_cancelled() {
                    true => CutError::Cancelled,
                    false => err.into(),
                })?;
        match reply {
            Reply::Progress {
                stage,
                fraction,
                eta_secs,
            } => progress(Progress {
                stage: (STAGES.into_iter())
                    .find(|known| *known == stage)
                    .unwrap_or(STAGES[0]),
                fraction,
                eta_secs,
            }),
            Reply::Other(value) => match serde_json::from_value(value) {
                Ok(Answer::Card { part, size }) => {
                    let card = painted(order, part, size);
                    let size = card.as_ref().map(|card| [card.width, card.height]);
                    let block = card.map(|card| card.data.to_vec());
                    let answer = Ask::Card { size };
                    client.ask(request(&answer), None, block.into_iter().collect());
                }
                Ok(Answer::Failed(fault)) => {
                    return Err(fault.about(order.source, &target.path, target.container));
                }
                Ok(answer) => return Ok(answer),
                Err(_) => return Err(client.nonsense().into()),
            },
            _ => return Err(client.nonsense().into()),
        }
    }
}

/// The card that is asked for, where there is such a part and a picture may be so large.
fn painted(order: &Order, part: usize, size: [u32; 2]) -> Option<RgbImage> {
    let fits = i64::from(size[0]) * i64::from(size[1]) <= MOST_PIXELS;
    let reel = order.reel.filter(|reel| fits && part < reel.parts.len())?;
    (reel.paint)(part, size)
}

fn request(ask: &Ask) -> ReaderRequest {
    // It always has a form in JSON.
    ReaderRequest::Other(serde_json::to_value(ask).unwrap_or_default())
}

fn nonsense(order: &Order) -> CutError {
    CutError::Source(MediaError::Crashed {
        path: order.source.to_owned(),
        how: "its answer made no sense".to_owned(),
    })
}
