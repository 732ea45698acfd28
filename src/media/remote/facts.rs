//! What is known of a file before it is decoded, out of a process of its own: its facts, and the
//! times of its frames.

use std::path::Path;

use super::client::Client;
use super::messages::{IndexReply, ReaderRequest, Reply, index_of, table_of};
use crate::domain::repairs::one_line;
use crate::jobs::{CancelToken, Progress};
use crate::media::index::stages::STAGES;
use crate::media::timetable::Timetable;
use crate::media::{Indexed, MediaError, Probe};

/// Reads through a file in a process of its own; `None` where there is none.
pub fn read_through(
    path: &Path,
    with_probe: bool,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Option<Result<(Option<Probe>, Indexed), MediaError>> {
    let client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    Some(read_by(client, path, with_probe, cancel, progress))
}

fn read_by(
    mut client: Client,
    path: &Path,
    with_probe: bool,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Option<Probe>, Indexed), MediaError> {
    let request = match with_probe {
        true => ReaderRequest::Inspect,
        false => ReaderRequest::Index,
    };
    client.ask(request, None, Vec::new());
    let answer = client.last_answer(&|| cancel.is_cancelled(), |reply, _| {
        if let Reply::Progress {
            stage,
            fraction,
            eta_secs,
        } = reply
        {
            progress(Progress {
                stage: known_stage(&stage),
                fraction,
                eta_secs,
            });
        }
    })?;
    let nonsense = || MediaError::Crashed {
        path: path.to_path_buf(),
        how: "its answer made no sense".to_owned(),
    };
    let (Reply::Index(reply), blocks) = answer else {
        return Err(nonsense());
    };
    let reply: IndexReply = *reply;
    let [pts, keyframes, table @ ..] = blocks.as_slice() else {
        return Err(nonsense());
    };
    let index = index_of(reply.index, pts, keyframes).ok_or_else(nonsense)?;
    match table.first().and_then(|table| table_of(table)) {
        Some(table) => table.remember(path),
        None => Timetable::forget(path),
    }
    let indexed = Indexed {
        index,
        frame_rate: reply.frame_rate,
        variable_frame_rate: reply.variable_frame_rate,
        damaged: reply.damaged,
        warnings: reply.warnings.iter().map(|text| one_line(text)).collect(),
    };
    Ok((reply.probe.map(|probe| of_path(probe, path)), indexed))
}

/// The facts of a file, from a process of its own; `None` where there is none.
pub fn probe(path: &Path) -> Option<Result<Probe, MediaError>> {
    let mut client = match Client::start(path) {
        Ok(client) => client?,
        Err(err) => return Some(Err(err)),
    };
    client.ask(ReaderRequest::Probe, None, Vec::new());
    Some(match client.last_answer(&|| false, |_, _| {}) {
        Ok((Reply::Probe(probe), _)) => Ok(of_path(*probe, path)),
        Ok(_) => Err(MediaError::Crashed {
            path: path.to_path_buf(),
            how: "its answer made no sense".to_owned(),
        }),
        Err(err) => Err(err),
    })
}

/// Facts with the program's own path; names are one line each.
fn of_path(mut probe: Probe, path: &Path) -> Probe {
    probe.info.path = path.to_path_buf();
    for text in [
        &mut probe.info.codec,
        &mut probe.pixel_format,
        &mut probe.container,
    ] {
        *text = one_line(text);
    }
    for warning in &mut probe.info.warnings {
        *warning = one_line(warning);
    }
    probe
}

/// The stage of that name.
fn known_stage(name: &str) -> &'static str {
    STAGES
        .into_iter()
        .find(|stage| *stage == name)
        .unwrap_or(STAGES[0])
}
