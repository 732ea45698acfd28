//! The other side: a process that exports for the program that started it. It reads one video and
//! writes one file, takes its orders until its input ends, and then ends at once.

use std::path::Path;

use crossbeam_channel::Receiver;

use super::super::foresee::foreseen_here;
use super::super::target::Target;
use super::super::{CutError, Order, Reel};
use super::messages::{Answer, Ask, CutFault, Work};
use crate::domain::{FrameIndex, RgbImage};
use crate::jobs::CancelToken;
use crate::media::remote::messages::{ReaderRequest, Reply, image_of};
use crate::media::remote::server::{Taken, Throttle, begin, index_asked};
use crate::media::remote::signs::reply;

/// Serves orders about one video and one file to write; returns only where it cannot begin, or with
/// the end of its input.
///
/// # Errors
/// A sentence.
pub fn serve(source: &Path, made: Option<&Path>) -> Result<(), String> {
    let made = made.ok_or("it names no file to write")?;
    let requests = begin(source, Some(made))?;
    crate::media::init();
    while let Ok((asked, mut blocks)) = requests.recv() {
        let index = index_asked(source, &asked, &mut blocks);
        let done = match asked.request {
            ReaderRequest::Other(value) => serde_json::from_value(value)
                .map_err(|err| CutError::Convert(err.to_string()))
                .and_then(|ask| worked(source, made, &index, ask, &requests)),
            _ => Err(CutError::Convert("it only exports".to_owned())),
        };
        send(&done.unwrap_or_else(|err| Answer::Failed(CutFault::of(&err))));
    }
    Ok(())
}

fn worked(
    source: &Path,
    made: &Path,
    index: &FrameIndex,
    ask: Ask,
    requests: &Receiver<Taken>,
) -> Result<Answer, CutError> {
    let Ask::Work {
        work,
        ranges,
        parts,
        options,
        container,
    } = ask
    else {
        return Err(CutError::Convert("no card was asked for".to_owned()));
    };
    let target = Target::over(made, container);
    let paint = |part: usize, size: [u32; 2]| asked_card(part, size, requests);
    let order = Order {
        source,
        index,
        ranges: &ranges,
        reel: parts.as_deref().map(|parts| Reel {
            parts,
            paint: &paint,
        }),
        out: made,
        options: &options,
    };
    // Who no longer wants it ends this process.
    let cancel = CancelToken::new();
    match work {
        Work::Export => {
            let mut throttle = Throttle::default();
            let mut progress = |news| throttle.report(&news);
            let outcome = order.made_here(&target, &mut progress, &cancel);
            outcome.map(Answer::Made)
        }
        Work::Foresee => foreseen_here(&order, &target, &cancel).map(Answer::Foreseen),
    }
}

/// Has the program paint a card.
fn asked_card(part: usize, size: [u32; 2], requests: &Receiver<Taken>) -> Option<RgbImage> {
    send(&Answer::Card { part, size });
    let (asked, blocks) = requests.recv().ok()?;
    let ReaderRequest::Other(value) = asked.request else {
        return None;
    };
    match serde_json::from_value(value) {
        Ok(Ask::Card {
            size: Some([width, height]),
        }) => image_of((width, height), blocks.into_iter().next()),
        _ => None,
    }
}

fn send(answer: &Answer) {
    // It always has a form in JSON.
    let value = serde_json::to_value(answer).unwrap_or_default();
    reply(&Reply::Other(value), Vec::new());
}
