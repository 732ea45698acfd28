//! Drafts: what a person did with a video, kept by the video's content until it is thrown away on
//! purpose.
//!
//! One file for each video in the folder of drafts, in the form of a project with a few facts
//! beside it. A process holds the [`lease`] of the draft it writes; a second window on the same
//! video with a project of its own has a draft of its own (`KEY.2`). Does not know the window: see
//! [`keeper`] for when a draft is written, and `app` for what becomes of one that is found.

pub mod keeper;
mod known;
pub mod lease;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::lease::Lease;
use crate::domain::project::Project;
use crate::files::{self, hex};
use crate::ui::text;

const ENDING: &str = "summdiff";
/// Field of a draft's JSON beside those of a project.
const FACTS: &str = "draft";
/// Windows on one video at a time.
const MAX_SLOTS: u32 = 9;

/// What is known of a draft beside its project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The project file that the work is saved to as well.
    pub saved_to: Option<PathBuf>,
    /// SHA-256 of that file, in hex, when the two were last the same.
    pub saved_sha256: String,
    /// When the draft was written, in seconds since 1970.
    pub written_secs: u64,
    /// Whether the video was open: true in a draft that nobody holds after a crash.
    pub open: bool,
    /// Whether it was being brought back after a crash and had not run for long.
    pub restoring: bool,
}

/// A draft as it lies on the disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub project: Project,
    pub facts: Facts,
}

impl Draft {
    /// As JSON that is a project, too.
    pub fn to_json(&self) -> Vec<u8> {
        let mut value: serde_json::Value =
            serde_json::from_slice(&self.project.to_json()).unwrap_or_default();
        // Plain data with string keys: serde_json cannot fail on it.
        value[FACTS] = serde_json::to_value(&self.facts).unwrap_or_default();
        serde_json::to_vec_pretty(&value).unwrap_or_default()
    }

    /// Reads a draft, or a project as one.
    ///
    /// # Errors
    /// When the file cannot be read or is no project; names the file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path)?;
        let project = Project::from_json(&bytes, path)?;
        let facts = serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()
            .and_then(|value| serde_json::from_value(value.get(FACTS)?.clone()).ok())
            .unwrap_or_default();
        Ok(Self { project, facts })
    }

    /// What is in it, for a list: `2 pins, 3 markers, 12 ratings by Ann`. Empty where a person has
    /// put nothing into it.
    pub fn contents(&self) -> String {
        let project = &self.project;
        let mut parts = Vec::new();
        let mut count = |number: usize, noun: &str| {
            if number > 0 {
                parts.push(text::count(number, noun));
            }
        };
        count(project.pins.len(), "pin");
        count(project.rejects.len(), "rejection");
        count(project.markers_secs.len(), "marker");
        count(usize::from(project.range_secs.is_some()), "range");
        count(project.names.alternatives.len(), "name");
        for work in &project.works {
            let done = work.ratings.iter().flatten().count() + work.picks.len();
            parts.push(match work.picks.is_empty() {
                true => format!("{} by {}", text::count(done, "rating"), work.name),
                false => format!("{} by {}", text::count(done, "pick"), work.name),
            });
        }
        parts.join(", ")
    }
}

/// The name that a video's draft goes by: its content hash, or its place while that is unknown.
pub fn key_of(sha256: &str, path: &Path) -> String {
    if sha256.len() >= 16 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return sha256.to_ascii_lowercase();
    }
    let digest = Sha256::digest(path.to_string_lossy().as_bytes());
    format!("path-{}", hex(&digest[..16]))
}

/// Seconds since 1970.
pub fn now_secs() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A draft of which this process has the lock.
#[derive(Debug)]
pub struct Held {
    pub key: String,
    pub path: PathBuf,
    /// 1, or more where other windows have the same video open.
    pub slot: u32,
    pub lease: Lease,
}

/// A draft that nobody holds, for a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub path: PathBuf,
    pub draft: Draft,
}

/// The folder of drafts.
#[derive(Clone, Debug)]
pub struct Drafts {
    folder: PathBuf,
}

impl Drafts {
    /// Makes the folder where it is not there. A disk that refuses it now is asked again when there
    /// is something to write.
    pub fn in_folder(folder: &Path) -> Self {
        match files::make_folder(folder) {
            Ok(()) => files::sweep(folder),
            Err(err) => log::warn!("{}: {err}", folder.display()),
        }
        Self {
            folder: folder.to_path_buf(),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The lock of the first draft of a video.
    pub fn draft_lock(&self, key: &str) -> PathBuf {
        lock_of(&self.slot(key, 1))
    }

    /// The first draft of a video, for one who only looks at what another window does.
    pub fn first_of(&self, key: &str) -> PathBuf {
        self.slot(key, 1)
    }

    fn slot(&self, key: &str, slot: u32) -> PathBuf {
        self.folder.join(match slot {
            1 => format!("{key}.{ENDING}"),
            slot => format!("{key}.{slot}.{ENDING}"),
        })
    }

    /// Takes the draft of a video that no other window holds: the one that belongs to a project
    /// where there is one, else the first.
    ///
    /// # Errors
    /// When too many windows hold drafts of this video.
    pub fn hold(&self, key: &str, project: Option<&Path>) -> io::Result<Held> {
        let belongs = |slot: &u32| {
            let draft = project.and_then(|_| Draft::read(&self.slot(key, *slot)).ok());
            draft.is_some_and(|draft| draft.facts.saved_to.as_deref() == project)
        };
        let own = (1..=MAX_SLOTS).find(belongs);
        for slot in own.into_iter().chain(1..=MAX_SLOTS) {
            let path = self.slot(key, slot);
            if let Some(lease) = Lease::take(&lock_of(&path)) {
                return Ok(Held {
                    key: key.to_owned(),
                    path,
                    slot,
                    lease,
                });
            }
        }
        Err(io::Error::other(format!(
            "{MAX_SLOTS} windows have this video open; close one of them"
        )))
    }

    /// Takes the right to write a project file; `None` while another window has it.
    pub fn hold_project(&self, project: &Path) -> Option<Lease> {
        Lease::take(&self.project_lock(project))
    }

    /// The lock of a project file.
    pub fn project_lock(&self, project: &Path) -> PathBuf {
        let place = project
            .canonicalize()
            .unwrap_or_else(|_| project.to_path_buf());
        let key = key_of("", &place);
        self.folder.join(format!("project-{key}.lock"))
    }
    /// Gives a draft a name that no session writes to; its path.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set_apart(&self, held: &Held, draft: &Draft) -> io::Result<PathBuf> {
        set_apart(&held.path, draft)
    }

    /// Drafts that nobody holds, the newest first. Those that nobody put anything into are left
    /// out.
    pub fn list(&self) -> Vec<Listed> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut listed: Vec<Listed> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .filter(|path| !is_held(path))
            .filter_map(|path| {
                let draft = Draft::read(&path)
                    .inspect_err(|err| log::warn!("{}: {err:#}", path.display()))
                    .ok()?;
                Some(Listed { path, draft })
            })
            .filter(|listed| !listed.draft.contents().is_empty() || listed.draft.facts.open)
            .collect();
        listed.sort_by_key(|listed| std::cmp::Reverse(listed.draft.facts.written_secs));
        listed
    }

    /// Throws a draft away, on purpose.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn throw_away(&self, path: &Path) -> io::Result<()> {
        if is_held(path) {
            return Err(io::Error::other("another window has it open"));
        }
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
            _ => files::sync_folder(&self.folder),
        }
    }

    /// Takes in the journal and the `recovered-N` projects of earlier versions as drafts; what is
    /// no project stays where it is.
    pub fn take_in(&self, journal_folder: &Path) {
        let Ok(entries) = fs::read_dir(journal_folder) else {
            return;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            let Ok(mut draft) = Draft::read(&path) else {
                log::warn!("{} is no project; it stays where it is", path.display());
                continue;
            };
            let written = path.metadata().and_then(|found| found.modified()).ok();
            draft.facts.written_secs = written
                .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
                .map_or_else(now_secs, |since| since.as_secs());
            let video = &draft.project.video;
            let key = key_of(&video.sha256, &video.path);
            let place = match self.slot(&key, 1) {
                place if place.exists() => apart_name(&place),
                place => place,
            };
            let taken =
                files::write(&place, &draft.to_json()).and_then(|()| fs::remove_file(&path));
            if let Err(err) = taken {
                log::warn!("cannot take in {}: {err}", path.display());
            }
        }
    }
}

/// Whether two projects hold the same work of a person, wherever they lie.
pub fn same_work(a: &Project, b: &Project) -> bool {
    let work = |project: &Project| Project {
        version: 0,
        video: Default::default(),
        bundle: String::new(),
        selection: Default::default(),
        annotations: None,
        kinds: Default::default(),
        ..project.clone()
    };
    work(a) == work(b)
}

/// Writes a draft beside that of a video, under a name that no session writes to.
fn set_apart(beside: &Path, draft: &Draft) -> io::Result<PathBuf> {
    let path = apart_name(beside);
    let mut draft = draft.clone();
    draft.facts.open = false;
    draft.facts.saved_to = None;
    files::write(&path, &draft.to_json())?;
    Ok(path)
}

/// `KEY.kept.summdiff`, or with a number behind it.
fn apart_name(beside: &Path) -> PathBuf {
    let name = beside.file_name().unwrap_or_default().to_string_lossy();
    let key = name.split('.').next().unwrap_or_default();
    files::free_path(&beside.with_file_name(format!("{key}.kept.{ENDING}")))
}

fn lock_of(draft: &Path) -> PathBuf {
    draft.with_extension("lock")
}

/// Whether a window that lives holds a draft.
fn is_held(draft: &Path) -> bool {
    files::is_locked(&lock_of(draft))
}
