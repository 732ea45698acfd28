//! Exports summaries on a thread of its own, one file after the other. What a file is and says is
//! `session::exporting`'s.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::domain::ranges::length_secs;
use crate::domain::{FrameIndex, FrameRange, SummaryRef};
use crate::figures::title_card;
use crate::jobs::{self, CancelToken, Progress};
use crate::media::cut::{self, ExportReport};
use crate::session::exporting::{Export, Exported, Origin};
use crate::session::reel::{Part, Reel, TitleCard};
use crate::session::report::ErrorReport;
use crate::state::apply::Report;
use crate::state::{AppState, ExportForm};
use crate::summary::WholeSpeech;
use crate::ui::text;

/// Reports that may wait for the window; progress beyond is dropped, results never.
const WAITING: usize = 64;

/// The export that runs, if any.
#[derive(Default)]
pub struct Exporter {
    running: Option<(Receiver<Report>, CancelToken)>,
}

/// One file, and the summary that its news are of.
struct Job {
    of: SummaryRef,
    export: Export,
    /// What was done to keep speech whole.
    speech: Option<String>,
}

impl Exporter {
    /// Starts an export; one at a time.
    pub fn start(
        &mut self,
        state: &AppState,
        form: ExportForm,
        ctx: &egui::Context,
    ) -> Result<(), String> {
        self.start_all(state, vec![form], ctx)
    }

    /// Starts an export of several files, one after the other. What was written before a failure or
    /// a cancelling stays.
    pub fn start_all(
        &mut self,
        state: &AppState,
        forms: Vec<ExportForm>,
        ctx: &egui::Context,
    ) -> Result<(), String> {
        let jobs: Vec<Job> = (forms.into_iter())
            .map(|form| Self::job(state, form))
            .collect::<Result<_, _>>()?;
        self.work(ctx, move |sender, stop| run_all(jobs, sender, stop))
    }

    /// Starts an export of one clip in which all play in turn, each behind its title card.
    pub fn start_reel(
        &mut self,
        state: &AppState,
        forms: Vec<ExportForm>,
        ctx: &egui::Context,
    ) -> Result<(), String> {
        let reel = Self::reel(state, forms)?;
        self.work(ctx, move |sender, stop| run_reel(reel, sender, stop))
    }

    /// Does the work on a thread of its own; one at a time.
    fn work(
        &mut self,
        ctx: &egui::Context,
        work: impl FnOnce(&Sender<Report>, &CancelToken) -> Report + Send + 'static,
    ) -> Result<(), String> {
        if self.running.is_some() {
            return Err("Another export is running; wait for it or cancel it.".to_owned());
        }
        let (sender, receiver) = bounded(WAITING);
        let cancel = CancelToken::new();
        let (ctx, stop) = (ctx.clone(), cancel.clone());
        jobs::spawn("export", move || {
            let news = work(&sender, &stop);
            // The window may be closed by now.
            let _ = sender.send(news);
            ctx.request_repaint();
        })
        .map_err(|error| format!("The export did not start: {error}"))?;
        self.running = Some((receiver, cancel));
        Ok(())
    }

    /// All that one file needs, taken out of the state.
    fn job(state: &AppState, form: ExportForm) -> Result<Job, String> {
        let session = state.session.as_ref().ok_or("There is no video open.")?;
        let draw = session.draw.as_ref().ok_or("There is no summary yet.")?;
        let ranges = state.exported_ranges(&form);
        let ranges = ranges.ok_or("This summary is not there any more.")?;
        if ranges.is_empty() {
            return Err(match state.exported_within(&form) {
                Some(_) => "The summary keeps nothing between in and out.".to_owned(),
                None => "This summary keeps nothing; raise the budget.".to_owned(),
            });
        }
        let speech = state.exported_speech(&form);
        let origin = Origin {
            of: form.summary,
            edited: state.edited(form.summary),
            within_secs: state.exported_within(&form),
            speech: speech.as_ref(),
            bundle: &state.runtime.bundle_ref,
            device: &state.runtime.device.to_lowercase(),
            settings: &draw.settings,
            budget: draw.settings.budget,
            names: &state.choices.names,
            markers_secs: &state.choices.markers_secs,
        };
        Ok(Job {
            of: form.summary,
            speech: speech.as_ref().map(WholeSpeech::sentence),
            export: Export::new(
                &origin,
                session.video.clone(),
                session.index.clone(),
                ranges,
                PathBuf::from(form.path.trim()),
                form.film_options(),
            ),
        })
    }

    /// The clip of several forms, which are of alternatives and have one path. What keeps nothing
    /// between in and out is left out.
    fn reel(state: &AppState, forms: Vec<ExportForm>) -> Result<Reel, String> {
        let session = state.session.as_ref().ok_or("There is no video open.")?;
        let draw = session.draw.as_ref().ok_or("There is no summary yet.")?;
        let form = forms.first().ok_or("There is nothing to export.")?;
        let (out, film) = (PathBuf::from(form.path.trim()), form.film_options());
        let mut parts = Vec::new();
        for form in &forms {
            let kept = state.exported_ranges(form).unwrap_or_default();
            let place = form
                .summary
                .letter()
                .and_then(|letter| draw.place_of(letter));
            let Some(place) = place.filter(|_| !kept.is_empty()) else {
                continue;
            };
            let secs = length_secs(&session.ranges_secs(&kept));
            parts.push(Part {
                card: TitleCard::new(&draw.alternatives[place], &state.choices.names, secs),
                export: Self::job(state, form.clone())?.export,
            });
        }
        if parts.is_empty() {
            return Err("No summary keeps anything between in and out.".to_owned());
        }
        Ok(Reel { parts, out, film })
    }

    pub fn cancel(&self) {
        if let Some((_, cancel)) = &self.running {
            cancel.cancel();
        }
    }

    /// Whether an export is being written.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Cancels the export and waits until what it wrote is removed, as long as `patience` allows.
    pub fn stop(&mut self, patience: Duration) {
        let Some((receiver, cancel)) = self.running.take() else {
            return;
        };
        cancel.cancel();
        let until = Instant::now() + patience;
        while let Ok(Report::Exporting(_)) = receiver.recv_deadline(until) {}
    }

    /// The next report.
    pub fn poll(&mut self) -> Option<Report> {
        let (receiver, _) = self.running.as_ref()?;
        match receiver.try_recv() {
            Ok(news) => {
                if !matches!(news, Report::Exporting(_)) {
                    self.running = None;
                }
                Some(news)
            }
            Err(crossbeam_channel::TryRecvError::Empty) => None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                self.running = None;
                Some(Report::ExportCancelled)
            }
        }
    }
}

/// Writes one file after the other; the last one's news, with how many there are.
fn run_all(jobs: Vec<Job>, sender: &Sender<Report>, cancel: &CancelToken) -> Report {
    let count = jobs.len();
    let mut all_notes = Vec::new();
    let mut last = Report::ExportCancelled;
    for job in jobs {
        let summary = job.of;
        match job.run(sender, cancel) {
            Report::Exported(path, notes) => {
                let named = notes.into_iter().map(|note| match count {
                    1 => note,
                    _ => format!("{summary}: {note}"),
                });
                all_notes.extend(named);
                last = Report::Exported(path, Vec::new());
            }
            news => return news,
        }
    }
    if let Report::Exported(_, notes) = &mut last {
        if count > 1 {
            notes.push(format!("{count} files in all"));
        }
        notes.extend(all_notes);
    }
    last
}

/// Writes a reel.
fn run_reel(mut reel: Reel, sender: &Sender<Report>, cancel: &CancelToken) -> Report {
    reel.out = crate::files::free_path(&reel.out);
    let mut progress = |progress: Progress| drop(sender.try_send(Report::Exporting(progress)));
    match reel.run(title_card::paint, &mut progress, cancel) {
        Ok(report) => Report::Exported(report.path, report.notes),
        Err(error) if error.is_cancelled() => Report::ExportCancelled,
        Err(error) => failed(&error.to_string(), &reel.out),
    }
}

impl Job {
    fn run(mut self, sender: &Sender<Report>, cancel: &CancelToken) -> Report {
        // A name that is taken gets a number.
        self.export.out = crate::files::free_path(&self.export.out);
        // Progress that does not fit is dropped: the next one says more.
        let mut progress = |progress: Progress| drop(sender.try_send(Report::Exporting(progress)));
        let said: Vec<String> = self.speech.into_iter().collect();
        match self.export.run(&mut progress, cancel) {
            Ok(Exported::Film(report)) => {
                let notes = [said, notes_of(&report, &self.export.index)].concat();
                Report::Exported(report.path, notes)
            }
            Ok(Exported::List(report)) => Report::Exported(
                report.files.into_iter().next().unwrap_or(self.export.out),
                [said, report.notes].concat(),
            ),
            Err(error) if error.is_cancelled() => Report::ExportCancelled,
            Err(error) => failed(&error.to_string(), &self.export.out),
        }
    }
}

fn failed(what: &str, out: &Path) -> Report {
    Report::ExportFailed(ErrorReport {
        what: format!("The export was not written: {what}"),
        fix: "Nothing was left behind and the video is unchanged.".to_owned(),
        path: Some(out.to_owned()),
        ..ErrorReport::default()
    })
}

/// What a person should know of a video, the widening of its cuts first.
fn notes_of(report: &ExportReport, index: &FrameIndex) -> Vec<String> {
    let secs = |range: fn(&cut::Widened) -> FrameRange| -> f64 {
        (report.widened.iter().map(range))
            .map(|range| index.range_secs(range))
            .sum()
    };
    let widened = (!report.widened.is_empty()).then(|| {
        let added = secs(|widened| widened.kept) - secs(|widened| widened.asked);
        format!(
            "its cuts lie at whole groups of pictures, which adds {}",
            text::clock(added)
        )
    });
    widened
        .into_iter()
        .chain(report.notes.iter().cloned())
        .collect()
}

#[cfg(test)]
#[path = "exporter_tests.rs"]
mod tests;
