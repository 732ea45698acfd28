//! Keeps the work of a study: reads what an annotator did before, and writes every change in the
//! frame in which it was made, on a thread, whole or not at all. One file an annotator, beside the
//! study or, where that cannot be written, in the state folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use parking_lot::{Condvar, Mutex};

use crate::domain::annotator_work::seed_of_name;
use crate::domain::study_results::MOST_RESULTS_BYTES;
use crate::domain::{AnnotatorWork, Study, StudyResults};
use crate::files::{self, Lock};
use crate::jobs::{self, ending};
use crate::reading;
use crate::session::drafts::{key_of, now_secs};
use crate::state::AppState;
use crate::state::study::Step;

/// Between two attempts while writing fails.
const RETRY: Duration = Duration::from_secs(2);
/// Time spent is written at least so often while the annotator is at work, seconds.
const TIME_EVERY_SECS: f64 = 10.0;

/// Where the results of a study can be kept, the best place first.
#[derive(Clone, Debug)]
pub struct Places(Vec<PathBuf>);

impl Places {
    /// `NAME.results` beside the study, else a folder for this study in `state_folder`.
    pub fn of(study: &Path, state_folder: Option<&Path>) -> Self {
        let mut name = study.file_stem().unwrap_or_default().to_owned();
        name.push(".results");
        let whole = study.canonicalize().unwrap_or_else(|_| study.to_path_buf());
        let elsewhere = state_folder.map(|state| state.join("studies").join(key_of("", &whole)));
        let beside = study.with_file_name(name);
        Self([Some(beside), elsewhere].into_iter().flatten().collect())
    }
}

/// The file name of an annotator: what every file system takes, and different names give different
/// ones.
fn file_name(annotator: &str) -> String {
    let plain: String = (annotator.chars())
        .map(|c| {
            if c.is_alphanumeric() || "-_".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    // File systems may not tell capitals apart, either.
    let is_plain = plain == annotator && !plain.chars().any(char::is_uppercase);
    match is_plain {
        true => format!("{plain}.json"),
        false => format!("{plain}-{:08x}.json", seed_of_name(annotator) as u32),
    }
}

/// What was found of an annotator, and the right to write it.
struct Loaded {
    results: StudyResults,
    path: PathBuf,
    /// `None` where the file system knows no locks.
    lock: Option<Lock>,
}

fn load(places: &Places, study: &Study, annotator: &str) -> Result<Loaded, String> {
    let name = file_name(annotator);
    let mut newest: Option<StudyResults> = None;
    for folder in &places.0 {
        let path = folder.join(&name);
        if !path.exists() {
            continue;
        }
        let unreadable = |why: String| format!("{} cannot be read: {why}.", path.display());
        let bytes =
            reading::read(&path, MOST_RESULTS_BYTES).map_err(|err| unreadable(err.to_string()))?;
        let found = StudyResults::from_json(&bytes).map_err(unreadable)?;
        let is_newer = (newest.as_ref())
            .is_none_or(|newest| newest.written_unix_secs < found.written_unix_secs);
        if is_newer {
            newest = Some(found);
        }
    }
    let results = newest.unwrap_or_else(|| StudyResults::new(study, annotator));
    let mut refused = String::new();
    for folder in &places.0 {
        let path = folder.join(&name);
        match Lock::try_take(&path.with_extension("lock")) {
            Ok(None) => {
                return Err(format!(
                    "{annotator} is at work in another window{}; close it first.",
                    files::owner(&path.with_extension("lock"))
                        .map_or_else(String::new, |owner| format!(" (process {})", owner.process))
                ));
            }
            Ok(lock) => {
                return Ok(Loaded {
                    results,
                    path,
                    lock,
                });
            }
            Err(err) if err.kind() == std::io::ErrorKind::Unsupported => {
                return Ok(Loaded {
                    results,
                    path,
                    lock: None,
                });
            }
            Err(err) => refused = format!("{} cannot be written: {err}.", path.display()),
        }
    }
    Err(format!("Your work could not be kept: {refused}"))
}

/// What waits to be written.
#[derive(Default)]
struct Waiting {
    unwritten: Option<(PathBuf, StudyResults)>,
    /// Counts the changes.
    change: u64,
    trouble: String,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// Held while writing, so that an older state never replaces a newer one.
    turn: Mutex<()>,
}

impl Shared {
    /// Writes what waits; whether all is on the disk.
    fn write(&self) -> bool {
        let _turn = self.turn.lock();
        let (job, change) = {
            let waiting = self.waiting.lock();
            (waiting.unwritten.clone(), waiting.change)
        };
        let Some((path, mut results)) = job else {
            return true;
        };
        results.written_unix_secs = now_secs();
        let written = files::write(&path, &results.to_json());
        let mut waiting = self.waiting.lock();
        match written {
            Ok(()) => {
                waiting.trouble.clear();
                if waiting.change == change {
                    waiting.unwritten = None;
                }
            }
            Err(err) => {
                waiting.trouble = format!(
                    "Your work is not being saved: {} cannot be written ({err}). It is tried again.",
                    path.display()
                );
            }
        }
        waiting.unwritten.is_none()
    }

    fn work(&self, wake: &dyn Fn()) {
        loop {
            {
                let mut waiting = self.waiting.lock();
                while waiting.unwritten.is_none() && !waiting.closing {
                    self.changed.wait(&mut waiting);
                }
                if waiting.closing {
                    return;
                }
            }
            let was = self.waiting.lock().trouble.clone();
            let done = self.write();
            let mut waiting = self.waiting.lock();
            if was != waiting.trouble {
                wake();
            }
            if !done && !waiting.trouble.is_empty() {
                self.changed.wait_for(&mut waiting, RETRY);
            }
        }
    }
}

/// Keeps the results of the study in the window.
pub struct StudyKeeper {
    places: Places,
    shared: Arc<Shared>,
    wake: Arc<dyn Fn() + Send + Sync>,
    loading: Option<Receiver<Result<Loaded, String>>>,
    /// The file that is written, and the right to it.
    file: Option<(PathBuf, Option<Lock>)>,
    /// What was handed on last: the video, its works, and the time spent.
    posted: Option<(usize, Arc<Vec<AnnotatorWork>>, Step, String)>,
    posted_secs: f64,
}

impl StudyKeeper {
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(places: Places, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let (worker, waker) = (Arc::clone(&shared), Arc::clone(&wake));
        jobs::spawn("keep study results", move || worker.work(&*waker))?;
        let last = Arc::clone(&shared);
        ending::before_ending(move || {
            if !last.write() {
                log::error!("the last changes could not be written before the end");
            }
        });
        Ok(Self {
            places,
            shared,
            wake,
            loading: None,
            file: None,
            posted: None,
            posted_secs: 0.0,
        })
    }

    /// Follows the window, once a frame and after its commands.
    pub fn follow(&mut self, state: &mut AppState) {
        self.load(state);
        if let Some(study) = &mut state.study {
            let trouble = &self.shared.waiting.lock().trouble;
            if study.trouble != *trouble {
                study.trouble.clone_from(trouble);
            }
        }
        self.post(state, false);
    }

    /// Reads what there is of an annotator who wants to begin, on a thread.
    fn load(&mut self, state: &mut AppState) {
        let Some(study) = &state.study else { return };
        if study.step != Step::Loading {
            return;
        }
        let loading = self.loading.get_or_insert_with(|| {
            let (sender, receiver) = crossbeam_channel::bounded(1);
            let (places, asked) = (self.places.clone(), Arc::clone(&study.study));
            let (name, wake) = (study.name.clone(), Arc::clone(&self.wake));
            let refused = sender.clone();
            let started = jobs::spawn("read study results", move || {
                // Nobody listens any more once the window is closed.
                let _ = sender.send(load(&places, &asked, &name));
                wake();
            });
            if let Err(err) = started {
                let _ = refused.send(Err(format!("Your work could not be read: {err}.")));
            }
            receiver
        });
        if let Ok(loaded) = loading.try_recv() {
            self.loading = None;
            let loaded = loaded.map(|found| {
                self.file = Some((found.path.clone(), found.lock));
                (found.results, found.path)
            });
            state.study_loaded(loaded);
            if state
                .study
                .as_ref()
                .is_some_and(|study| study.step == Step::Begin)
            {
                self.file = None;
            }
        }
    }

    fn post(&mut self, state: &AppState, last: bool) {
        let (Some(study), Some((path, _))) = (&state.study, &self.file) else {
            return;
        };
        let sha256 = (state.session.as_ref())
            .map(|session| session.video.sha256.clone())
            .unwrap_or_default();
        let now = (
            study.at,
            Arc::clone(&state.choices.works),
            study.step,
            sha256,
        );
        let spent: f64 = state.annotate.spent_secs.values().sum();
        let is_new = self.posted.as_ref().is_none_or(|old| {
            !Arc::ptr_eq(&old.1, &now.1) || (old.0, old.2, &old.3) != (now.0, now.2, &now.3)
        });
        let time_passed = (spent - self.posted_secs).abs() >= TIME_EVERY_SECS;
        if !(is_new || time_passed || last) {
            return;
        }
        if let Some(results) = state.study_results() {
            let mut waiting = self.shared.waiting.lock();
            waiting.unwritten = Some((path.clone(), results));
            waiting.change += 1;
            self.shared.changed.notify_all();
            drop(waiting);
            self.posted = Some(now);
            self.posted_secs = spent;
        }
    }

    /// Writes the last state and gives everything back; whether all is on the disk.
    pub fn close(&mut self, state: &AppState) -> bool {
        self.post(state, true);
        let done = self.shared.write();
        self.file = None;
        done
    }
}

impl Drop for StudyKeeper {
    fn drop(&mut self) {
        self.shared.waiting.lock().closing = true;
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::study::Task;

    fn study() -> Study {
        Study::from_json(r#"{"format": 1, "task": "pick", "videos": ["a.mp4"]}"#).unwrap()
    }

    #[test]
    fn names_give_files_that_every_system_takes() {
        assert_eq!(file_name("p-07_b"), "p-07_b.json");
        let names = ["../Ann", "Ann", "ann", "Ann/", "A nn", &"x".repeat(300)];
        let files: std::collections::HashSet<String> = names
            .iter()
            .map(|name| file_name(name).to_lowercase())
            .collect();
        assert_eq!(files.len(), names.len(), "{files:?}");
        assert!(
            files
                .iter()
                .all(|file| !file.contains(['/', '\\', ' ']) && file.len() < 80)
        );
    }

    #[test]
    fn results_lie_beside_the_study_or_where_they_can_and_belong_to_one_window() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let file = dir.path().join("harbour.json");
        std::fs::write(&file, "{}").unwrap();
        let places = Places::of(&file, Some(&state));
        let first = load(&places, &study(), "ann").unwrap();
        assert_eq!(first.path, dir.path().join("harbour.results/ann.json"));
        assert_eq!(first.results.study.task, Task::Pick);
        let again = load(&places, &study(), "ann").err().unwrap();
        assert!(again.contains("another window"), "{again}");
        drop(first.lock);
        // What cannot be a folder cannot be written.
        std::fs::remove_dir_all(dir.path().join("harbour.results")).unwrap();
        std::fs::write(dir.path().join("harbour.results"), "").unwrap();
        let mut elsewhere = load(&places, &study(), "ann").unwrap();
        assert!(elsewhere.path.starts_with(&state), "{:?}", elsewhere.path);
        elsewhere.results.written_unix_secs = 5;
        files::write(&elsewhere.path, &elsewhere.results.to_json()).unwrap();
        drop(elsewhere.lock.take());
        // The newest counts, wherever it lies.
        std::fs::remove_file(dir.path().join("harbour.results")).unwrap();
        let found = load(&places, &study(), "ann").unwrap();
        assert_eq!(found.results.written_unix_secs, 5);
        assert_eq!(found.path, dir.path().join("harbour.results/ann.json"));
        std::fs::write(&found.path, "{").unwrap();
        drop(found.lock);
        let broken = load(&places, &study(), "ann").err().unwrap();
        assert!(broken.contains("cannot be read"), "{broken}");
    }

    #[test]
    fn what_cannot_be_written_is_said_and_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let shared = Shared::default();
        let path = dir.path().join("gone/ann.json");
        let results = StudyResults::new(&study(), "ann");
        shared.waiting.lock().unwritten = Some((path.clone(), results.clone()));
        assert!(!shared.write());
        assert!(shared.waiting.lock().trouble.contains("not being saved"));
        std::fs::create_dir(dir.path().join("gone")).unwrap();
        assert!(shared.write());
        assert!(shared.waiting.lock().trouble.is_empty());
        let read = StudyResults::from_json(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read.videos, results.videos);
    }
}
