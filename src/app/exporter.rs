//! Exports summaries on a thread of its own, one file after the other. What a file is and says is `session::exporting`'s.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::domain::{FrameIndex, FrameRange, SummaryRef};
use crate::figures::title_card;
use crate::jobs::{self, CancelToken, Progress};
use crate::media::cut::{self, ExportReport};
use crate::session::exporting::{Export, Exported, Origin};
use crate::session::reel::{Part, Reel, TitleCard};
use crate::session::report::ErrorReport;
use crate::state::{AppState, ExportForm};
use crate::summary::WholeSpeech;
use crate::ui::text;

/// Reports that may wait for the window; progress beyond is dropped, results never.
const WAITING: usize = 64;

/// What an export says.
#[derive(Clone, Debug)]
pub enum ExportNews {
    Progress(Progress),
    /// Written, with sentences worth knowing.
    Done {
        path: PathBuf,
        notes: Vec<String>,
    },
    Cancelled,
    Failed(ErrorReport),
}

/// The export that runs, if any.
#[derive(Default)]
pub struct Exporter {
    running: Option<(Receiver<ExportNews>, CancelToken)>,
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

    /// Starts an export of several files, one after the other. What was written before a failure or a cancelling stays.
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
        work: impl FnOnce(&Sender<ExportNews>, &CancelToken) -> ExportNews + Send + 'static,
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

    /// The clip of several forms, which are of alternatives and have one path. What keeps nothing between in and out is left out.
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
            let secs = session
                .ranges_secs(&kept)
                .iter()
                .map(|(start, end)| end - start)
                .sum();
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
        while let Ok(ExportNews::Progress(_)) = receiver.recv_deadline(until) {}
    }

    /// The next report.
    pub fn poll(&mut self) -> Option<ExportNews> {
        let (receiver, _) = self.running.as_ref()?;
        match receiver.try_recv() {
            Ok(news) => {
                if !matches!(news, ExportNews::Progress(_)) {
                    self.running = None;
                }
                Some(news)
            }
            Err(crossbeam_channel::TryRecvError::Empty) => None,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                self.running = None;
                Some(ExportNews::Cancelled)
            }
        }
    }
}

/// Writes one file after the other; the last one's news, with how many there are.
fn run_all(jobs: Vec<Job>, sender: &Sender<ExportNews>, cancel: &CancelToken) -> ExportNews {
    let count = jobs.len();
    let mut all_notes = Vec::new();
    let mut last = ExportNews::Cancelled;
    for job in jobs {
        let summary = job.of;
        match job.run(sender, cancel) {
            ExportNews::Done { path, notes } => {
                let named = notes.into_iter().map(|note| match count {
                    1 => note,
                    _ => format!("{summary}: {note}"),
                });
                all_notes.extend(named);
                last = ExportNews::Done {
                    path,
                    notes: Vec::new(),
                };
            }
            news => return news,
        }
    }
    if let ExportNews::Done { notes, .. } = &mut last {
        if count > 1 {
            notes.push(format!("{count} files in all"));
        }
        notes.extend(all_notes);
    }
    last
}

/// Writes a reel.
fn run_reel(mut reel: Reel, sender: &Sender<ExportNews>, cancel: &CancelToken) -> ExportNews {
    reel.out = crate::files::free_path(&reel.out);
    let mut progress = |progress: Progress| drop(sender.try_send(ExportNews::Progress(progress)));
    match reel.run(title_card::paint, &mut progress, cancel) {
        Ok(report) => ExportNews::Done {
            path: report.path,
            notes: report.notes,
        },
        Err(error) if error.is_cancelled() => ExportNews::Cancelled,
        Err(error) => failed(&error.to_string(), &reel.out),
    }
}

impl Job {
    fn run(mut self, sender: &Sender<ExportNews>, cancel: &CancelToken) -> ExportNews {
        // A name that is taken gets a number.
        self.export.out = crate::files::free_path(&self.export.out);
        // Progress that does not fit is dropped: the next one says more.
        let mut progress =
            |progress: Progress| drop(sender.try_send(ExportNews::Progress(progress)));
        let said: Vec<String> = self.speech.into_iter().collect();
        match self.export.run(&mut progress, cancel) {
            Ok(Exported::Film(report)) => ExportNews::Done {
                notes: [said, notes_of(&report, &self.export.index)].concat(),
                path: report.path,
            },
            Ok(Exported::List(report)) => ExportNews::Done {
                path: report.files.into_iter().next().unwrap_or(self.export.out),
                notes: [said, report.notes].concat(),
            },
            Err(error) if error.is_cancelled() => ExportNews::Cancelled,
            Err(error) => failed(&error.to_string(), &self.export.out),
        }
    }
}

fn failed(what: &str, out: &Path) -> ExportNews {
    ExportNews::Failed(ErrorReport {
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
mod tests {
    use super::*;
    use crate::domain::Letter;
    use crate::session::Summarised;
    use crate::testing::fixture;

    fn wait(exporter: &mut Exporter) -> ExportNews {
        loop {
            match exporter.poll() {
                Some(ExportNews::Progress(_)) => {}
                Some(news) => return news,
                None => std::thread::yield_now(),
            }
        }
    }

    #[test]
    fn a_list_of_cuts_is_written_and_a_taken_name_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let state = fixture::state();
        let ctx = egui::Context::default();
        let mut paths = Vec::new();
        for _ in 0..2 {
            let form = ExportForm::new(
                SummaryRef::Sample(3),
                "csv",
                dir.path().join("cuts.csv").display().to_string(),
            );
            let mut exporter = Exporter::default();
            exporter.start(&state, form, &ctx).unwrap();
            match wait(&mut exporter) {
                ExportNews::Done { path, .. } => paths.push(path),
                news => panic!("{news:?}"),
            }
        }
        assert_ne!(paths[0], paths[1]);
        let table = std::fs::read_to_string(&paths[0]).unwrap();
        assert_eq!(table, std::fs::read_to_string(&paths[1]).unwrap());
        let ranges = state
            .session
            .as_ref()
            .unwrap()
            .summary_secs(SummaryRef::Sample(3))
            .len();
        assert_eq!(
            table.lines().filter(|line| !line.starts_with('#')).count(),
            ranges + 1
        );
    }

    #[test]
    fn an_edited_summary_is_written_in_every_list_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = fixture::state();
        let whole = state.chosen_summary().unwrap().ranges.len();
        let edit = crate::domain::SummaryEdit::RemovePiece(0);
        state.run(crate::state::command::Command::EditSummary(edit));
        for (format, _, clip) in crate::state::EXPORT_FORMATS {
            if clip {
                continue;
            }
            let form = ExportForm::new(
                state.chosen().unwrap(),
                format,
                dir.path()
                    .join("cuts")
                    .with_extension(format)
                    .display()
                    .to_string(),
            );
            let mut exporter = Exporter::default();
            exporter
                .start(&state, form, &egui::Context::default())
                .unwrap();
            let ExportNews::Done { path, .. } = wait(&mut exporter) else {
                panic!("{format} was not written");
            };
            let text = std::fs::read_to_string(&path).unwrap();
            if ["json", "otio"].contains(&format) {
                assert!(text.contains("edited_by_hand"), "{format}: {text}");
            }
            assert!(
                text.contains("sampled, edited by hand: of A (seed "),
                "{format}: {text}"
            );
            if format == "csv" {
                let rows = text.lines().filter(|line| !line.starts_with('#')).count();
                assert_eq!(rows, whole);
            }
            if format == "ffmeta" {
                assert_eq!(text.matches("[CHAPTER]").count(), whole - 1);
            }
        }
    }

    #[test]
    fn speech_is_kept_whole_on_request_and_it_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let state = fixture::state_with_sound();
        let path = dir.path().join("cuts.csv").display().to_string();
        let plain = ExportForm::new(state.chosen().unwrap(), "csv", path);
        let form = ExportForm {
            whole_speech: true,
            ..plain.clone()
        };
        let (before, now) = (state.exported_ranges(&plain), state.exported_ranges(&form));
        assert_ne!(before, now);
        let mut exporter = Exporter::default();
        let ctx = egui::Context::default();
        exporter.start(&state, form.clone(), &ctx).unwrap();
        let ExportNews::Done { notes, path } = wait(&mut exporter) else {
            panic!("it was not written");
        };
        assert!(notes[0].contains("into pauses"), "{notes:?}");
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("to keep speech whole"), "{text}");
        // Nothing is moved where the sound is not known, nor where pieces are copied.
        assert_eq!(fixture::state().exported_speech(&form), None);
        let copied = ExportForm {
            format: "mp4",
            mode: crate::state::ExportMode::Copy,
            ..form
        };
        assert_eq!(state.exported_ranges(&copied), before);
    }

    #[test]
    fn several_summaries_are_written_one_after_the_other() {
        use crate::state::command::{Command, Several};
        use crate::state::{Overlay, Request};

        let dir = tempfile::tempdir().unwrap();
        let mut state = fixture::state();
        state.run(Command::Pin(2));
        let exported = |state: &mut AppState, what: Several| -> Vec<String> {
            state.run(Command::OpenExport(None));
            let Overlay::Export(mut form) = state.overlay.clone() else {
                panic!("the dialog is open");
            };
            form.format = "csv";
            form.path = dir.path().join("mine.csv").display().to_string();
            state.requests.clear();
            state.run(Command::ExportSeveral(form, what));
            let Some(Request::ExportSeveral(forms)) = state.requests.pop() else {
                panic!("{:?}", state.requests);
            };
            let mut exporter = Exporter::default();
            exporter
                .start_all(state, forms.clone(), &egui::Context::default())
                .unwrap();
            assert!(matches!(wait(&mut exporter), ExportNews::Done { .. }));
            (forms.iter())
                .map(|form| {
                    assert!(std::path::Path::new(&form.path).is_file(), "{}", form.path);
                    let path = std::path::Path::new(&form.path);
                    assert_eq!(path.parent(), Some(dir.path()));
                    path.file_name().unwrap().to_string_lossy().into_owned()
                })
                .collect()
        };
        let all = exported(&mut state, Several::Alternatives);
        let names = ["A", "B", "C", "D"].map(|l| format!("harbour_day_summary_{l}.csv"));
        assert_eq!(all, names);
        for name in &names {
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
        assert_eq!(exported(&mut state, Several::Pinned), [names[2].clone()]);
    }

    /// A clip as long as the video that the fixture's segments are of, open in the window.
    fn state_with_a_clip(film: &Path) -> AppState {
        let source = "testsrc2=size=320x180:rate=24:duration=347";
        let name = film.display().to_string();
        crate::testing::ffmpeg(["-f", "lavfi", "-i", source, "-preset", "ultrafast", &name]);
        let mut state = fixture::state();
        let probed = crate::media::inspect(film, &CancelToken::new(), &mut |_| {}).unwrap();
        let session = state.session.as_mut().unwrap();
        session.video = probed.0.info;
        session.index = std::sync::Arc::new(probed.1);
        state
    }

    #[test]
    fn a_reel_is_one_clip_of_all_alternatives_behind_their_cards() {
        use crate::state::command::Command;
        use crate::state::{Overlay, Request};

        let dir = tempfile::tempdir().unwrap();
        let mut state = state_with_a_clip(&dir.path().join("harbour.mp4"));
        state.run(Command::OpenExport(None));
        let Overlay::Export(form) = state.overlay.clone() else {
            panic!("the dialog is open");
        };
        state.choices.range_secs = Some((0.0, 90.0));
        let form = ExportForm {
            within_range: true,
            ..form
        };
        state.requests.clear();
        state.run(Command::ExportReel(form));
        let Some(Request::ExportReel(forms)) = state.requests.pop() else {
            panic!("{:?}", state.requests);
        };
        let mut exporter = Exporter::default();
        let ctx = egui::Context::default();
        let wanted = Exporter::reel(&state, forms.clone()).unwrap();
        assert!(wanted.parts.len() > 1);
        exporter.start_reel(&state, forms, &ctx).unwrap();
        let ExportNews::Done { path, .. } = wait(&mut exporter) else {
            panic!("it was not written");
        };
        assert_eq!(path.file_name().unwrap(), "harbour_reel.mp4");
        let made = crate::media::inspect(&path, &CancelToken::new(), &mut |_| {}).unwrap();
        let kept = wanted.parts.iter().flat_map(|part| &part.export.ranges);
        let kept: u64 = kept.map(|range| range.len()).sum();
        assert_eq!(made.1.len(), kept + 48 * wanted.parts.len() as u64);
    }

    #[test]
    fn a_stopped_export_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let state = state_with_a_clip(&dir.path().join("film.mp4"));
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let form = ExportForm::new(
            SummaryRef::Alternative(Letter(0)),
            "mp4",
            out.join("clip.mp4").display().to_string(),
        );
        let mut exporter = Exporter::default();
        exporter
            .start(&state, form, &egui::Context::default())
            .unwrap();
        assert!(exporter.is_running());
        exporter.stop(Duration::from_secs(60));
        assert!(!exporter.is_running());
        let left: Vec<_> = std::fs::read_dir(&out).unwrap().flatten().collect();
        // Either it was done already, or nothing is there.
        assert!(
            left.iter().all(|entry| entry.file_name() == "clip.mp4"),
            "{left:?}"
        );
    }

    #[test]
    fn a_missing_video_is_reported_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clip.mp4");
        let form = ExportForm::new(SummaryRef::Sample(0), "mp4", path.display().to_string());
        let mut exporter = Exporter::default();
        exporter
            .start(&fixture::state(), form, &egui::Context::default())
            .unwrap();
        assert!(matches!(wait(&mut exporter), ExportNews::Failed(_)));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
