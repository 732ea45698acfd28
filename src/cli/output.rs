//! What a command says while it works. Where its data goes is in [`super::destination`].

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use crate::domain::repairs::printable;
use crate::inference::session::end_runs;
use crate::jobs::{CancelToken, Progress, ending};
use crate::pipeline::Event;

/// How progress is shown on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressMode {
    /// No progress
    None,
    /// One line that is drawn over, where stderr is a terminal
    Bar,
    /// One JSON object a line, whatever is reported: {"stage", "fraction", "eta_secs"} or
    /// {"message"}
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
    /// A voice whose cancel token is set by Ctrl+C and by the system's wish that the program ends
    /// (SIGINT, SIGTERM, SIGHUP); half a second later the process ends in any case.
    pub fn new(quiet: bool, progress: ProgressMode) -> Self {
        let cancel = CancelToken::new();
        let flag = cancel.clone();
        let handler = move || {
            flag.cancel();
            end_runs();
            ending::end();
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

    /// An error; shown even when quiet.
    pub fn error(&self, words: &str) {
        self.line_out(&format!("summdiff: {words}"));
    }

    /// What a person hears while a video is worked on: how far it is, and why it does not run where
    /// it could.
    pub fn follow(&self, event: &Event) {
        match event {
            Event::Progress(progress) => self.progress(progress),
            Event::Device(report) => {
                if let Some(note) = &report.note {
                    self.say(&format!(
                        "the networks run on {}: {note}",
                        report.device.to_uppercase()
                    ));
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
        if self.progress == ProgressMode::Json {
            // A closed stderr is no reason to stop working.
            let _ = writeln!(err, "{}", serde_json::json!({ "message": words }));
            return;
        }
        if let Ok(mut line) = self.line.lock()
            && line.drawn > 0
        {
            let _ = write!(err, "\r{:width$}\r", "", width = line.drawn);
            line.drawn = 0;
        }
        // Names in it come from elsewhere.
        let _ = writeln!(err, "{}", printable(words));
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
