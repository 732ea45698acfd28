//! What a command says while it works, and where its data goes. Knows nothing of what the data is, only how the work on a video tells of itself.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use serde::Serialize;

use crate::app::persist::replace_file;
use crate::interchange::names::same_file;
use crate::jobs::{CancelToken, Progress};
use crate::pipeline::Event;

/// How progress is shown on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressMode {
    /// No progress
    None,
    /// One line that is drawn over, where stderr is a terminal
    Bar,
    /// One JSON object a line
    Json,
}

/// The error of a command that was stopped by Ctrl+C; exit code 130.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// The voice of a command on stderr, and its interrupt flag.
#[derive(Debug)]
pub struct Output {
    quiet: bool,
    progress: ProgressMode,
    cancel: CancelToken,
    line: Mutex<LineState>,
}

#[derive(Debug, Default)]
struct LineState {
    /// Width of the line drawn over; 0 when the cursor stands at a line's start.
    drawn: usize,
    last: Option<(&'static str, std::time::Instant)>,
}

impl Output {
    /// A voice whose cancel token Ctrl+C sets; a second Ctrl+C ends the process at once.
    pub fn new(quiet: bool, progress: ProgressMode) -> Self {
        let cancel = CancelToken::new();
        let flag = cancel.clone();
        let handler = move || {
            if flag.is_cancelled() {
                std::process::exit(130);
            }
            flag.cancel();
        };
        if let Err(err) = ctrlc::set_handler(handler) {
            log::warn!("Ctrl+C cannot be caught: {err}");
        }
        let progress = match progress {
            ProgressMode::Bar if !std::io::stderr().is_terminal() => ProgressMode::None,
            mode => mode,
        };
        Self {
            quiet,
            progress,
            cancel,
            line: Mutex::default(),
        }
    }

    /// Set when the person pressed Ctrl+C.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Fails with [`Interrupted`] once Ctrl+C was pressed.
    pub fn check_interrupt(&self) -> anyhow::Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Interrupted.into());
        }
        Ok(())
    }

    /// A line for the person, unless quiet.
    pub fn say(&self, words: &str) {
        if !self.quiet {
            self.line_out(words);
        }
    }

    /// An error; said even when quiet.
    pub fn error(&self, words: &str) {
        self.line_out(&format!("summdiff: {words}"));
    }

    /// What a person hears while a video is worked on: how far it is, and why it does not run where it could.
    pub fn follow(&self, event: &Event) {
        match event {
            Event::Progress(progress) => self.progress(progress),
            Event::Device(report) => {
                if let Some(note) = &report.note {
                    self.say(&format!("running on {}: {note}", report.device));
                }
            }
            _ => {}
        }
    }

    /// Shows how far a stage has come, at most ten times a second a stage.
    pub fn progress(&self, progress: &Progress) {
        if self.quiet || self.progress == ProgressMode::None {
            return;
        }
        let Ok(mut line) = self.line.lock() else {
            return;
        };
        let now = std::time::Instant::now();
        let finished = progress.fraction.is_some_and(|f| f >= 1.0);
        if let Some((stage, at)) = line.last
            && stage == progress.stage
            && !finished
            && now.duration_since(at).as_millis() < 100
        {
            return;
        }
        line.last = Some((progress.stage, now));
        let mut err = std::io::stderr().lock();
        // A closed stderr is no reason to stop working.
        let _ = match self.progress {
            ProgressMode::Json => writeln!(
                err,
                "{}",
                serde_json::json!({
                    "stage": progress.stage,
                    "fraction": progress.fraction,
                    "eta_secs": progress.eta_secs,
                })
            ),
            _ => {
                let text = bar_text(progress);
                let pad = line.drawn.saturating_sub(text.chars().count());
                line.drawn = text.chars().count();
                write!(err, "\r{text}{:pad$}", "").and_then(|()| err.flush())
            }
        };
    }

    fn line_out(&self, words: &str) {
        let mut err = std::io::stderr().lock();
        if let Ok(mut line) = self.line.lock()
            && line.drawn > 0
        {
            let _ = write!(err, "\r{:width$}\r", "", width = line.drawn);
            line.drawn = 0;
        }
        let _ = writeln!(err, "{words}");
    }
}

fn bar_text(progress: &Progress) -> String {
    let Some(fraction) = progress.fraction else {
        return progress.stage.to_owned();
    };
    let eta = progress
        .eta_secs
        .filter(|secs| *secs >= 1.0)
        .map_or_else(String::new, |secs| format!(", {secs:.0} s left"));
    format!("{} {:3.0} %{eta}", progress.stage, fraction * 100.0)
}

/// Refuses to begin where a result would be written over what it is made from.
///
/// # Errors
/// One sentence that names the file.
pub fn keep_inputs(inputs: &[&Path], outputs: &[Option<&Path>]) -> anyhow::Result<()> {
    for output in outputs.iter().flatten() {
        if let Some(input) = inputs.iter().find(|input| same_file(input, output)) {
            anyhow::bail!(
                "{} is read by this command and is never written over: choose another name for the result",
                input.display()
            );
        }
    }
    Ok(())
}

/// Writes bytes to a file, or to stdout for `-`. A file has either its old or its new content, whatever happens meanwhile.
///
/// # Errors
/// When the file cannot be written; its folder must be there.
pub fn write_bytes(destination: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if destination.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        return out
            .write_all(bytes)
            .and_then(|()| out.flush())
            .context("cannot write to standard output");
    }
    let folder = destination
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        anyhow::bail!(
            "cannot write {}: there is no folder {}",
            destination.display(),
            folder.display()
        );
    }
    // Devices and pipes are written as they are: a rename would put a file in their place. So is what a link leads to.
    let plain = std::fs::symlink_metadata(destination).map_or(true, |found| found.is_file());
    let written = if plain {
        replace_file(destination, bytes)
    } else {
        std::fs::write(destination, bytes)
    };
    written.with_context(|| format!("cannot write {}", destination.display()))
}

/// Writes text to a file, or to stdout for `-`.
///
/// # Errors
/// As [`write_bytes`].
pub fn write_text(destination: &Path, text: &str) -> anyhow::Result<()> {
    write_bytes(destination, text.as_bytes())
}

/// Writes a value as indented JSON with a final newline to a file, or to stdout for `-`.
///
/// # Errors
/// When the value cannot be expressed in JSON or the file cannot be written.
pub fn write_json(destination: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut text =
        serde_json::to_string_pretty(value).context("cannot express the result in JSON")?;
    text.push('\n');
    write_text(destination, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_never_written_over_what_it_is_made_from() {
        let dir = tempfile::tempdir().unwrap();
        let film = dir.path().join("film.mp4");
        std::fs::write(&film, b"film").unwrap();
        let link = dir.path().join("link.json");
        std::fs::hard_link(&film, &link).unwrap();
        let other = dir.path().join("other.json");
        assert!(keep_inputs(&[&film], &[None, Some(&other)]).is_ok());
        for output in [&film, &link] {
            let said = keep_inputs(&[&film], &[Some(&other), Some(output)]).unwrap_err();
            assert!(said.to_string().contains("film.mp4"), "{said}");
        }
    }

    #[test]
    fn files_are_replaced_whole_and_readable_and_folders_are_not_made_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_text(&path, "old").unwrap();
        write_text(&path, "new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let plain = dir.path().join("plain");
            std::fs::write(&plain, b"").unwrap();
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain));
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            write_text(&link, "through").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"through");
        }
        let missing = dir.path().join("no/a.json");
        let said = write_text(&missing, "x").unwrap_err().to_string();
        assert!(said.contains("there is no folder"), "{said}");
    }
}
