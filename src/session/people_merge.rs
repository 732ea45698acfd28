//! Putting another person's annotators beside one's own: reading their project or annotations,
//! checking whether they are about the same video, and settling names that mean different things.
//! The settling is pure; reading happens on a worker's thread.

use std::path::Path;

use crate::annotations;
use crate::domain::project::Project;
use crate::domain::{AnnotationSet, Annotator, AnnotatorWork};

/// How this video is recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoIdentity {
    /// Lower-case hex SHA-256 of the content; empty while it is still being worked out.
    pub sha256: String,
    pub frame_count: u64,
}

/// What another person's file brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Name of the file, for the person.
    pub source: String,
    pub works: Vec<AnnotatorWork>,
    /// Annotators without a work: loaded by the other person.
    pub annotators: Vec<Annotator>,
    /// What had to be taken on trust, in a sentence; empty where nothing.
    pub note: String,
}

/// One annotator of the offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Offered {
    Work(AnnotatorWork),
    Annotator(Annotator),
}

impl Offered {
    pub fn name(&self) -> &str {
        match self {
            Self::Work(work) => &work.name,
            Self::Annotator(annotator) => &annotator.name,
        }
    }

    fn renamed(self, name: String) -> Self {
        match self {
            Self::Work(work) => Self::Work(AnnotatorWork { name, ..work }),
            Self::Annotator(annotator) => Self::Annotator(Annotator { name, ..annotator }),
        }
    }
}

/// What to do with a name that both sides have and that means different things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    KeepMine,
    TakeTheirs,
    /// Theirs under a new name.
    #[default]
    KeepBoth,
}

impl Resolution {
    pub const ALL: [Self; 3] = [Self::KeepMine, Self::TakeTheirs, Self::KeepBoth];

    pub fn label(self) -> &'static str {
        match self {
            Self::KeepMine => "Keep mine",
            Self::TakeTheirs => "Take theirs",
            Self::KeepBoth => "Keep both",
        }
    }
}

/// A merge that waits for answers.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeQuestion {
    pub source: String,
    pub note: String,
    /// Annotators with names of their own.
    pub fresh: Vec<Offered>,
    /// Number of annotators that are here already, word for word.
    pub same: usize,
    /// Names that mean different things, and what to do about each.
    pub conflicts: Vec<(Offered, Resolution)>,
}

/// Lays an offer beside what is here.
pub fn compare(
    works: &[AnnotatorWork],
    set: Option<&AnnotationSet>,
    offer: Offer,
) -> MergeQuestion {
    let mut question = MergeQuestion {
        source: offer.source,
        note: offer.note,
        fresh: Vec::new(),
        same: 0,
        conflicts: Vec::new(),
    };
    let all = offer
        .works
        .into_iter()
        .map(Offered::Work)
        .chain(offer.annotators.into_iter().map(Offered::Annotator));
    for offered in all {
        let my_work = works.iter().find(|work| work.name == offered.name());
        let mine = set.and_then(|set| set.annotators.iter().find(|a| a.name == offered.name()));
        let same = match (&offered, my_work, mine) {
            (_, None, None) => {
                question.fresh.push(offered);
                continue;
            }
            (Offered::Work(theirs), Some(mine), _) => theirs.says_the_same(mine),
            (Offered::Work(theirs), None, Some(mine)) => {
                theirs.complete && theirs.to_annotator() == *mine
            }
            (Offered::Annotator(theirs), Some(mine), _) => {
                mine.complete && mine.to_annotator() == *theirs
            }
            (Offered::Annotator(theirs), None, Some(mine)) => theirs == mine,
        };
        if same {
            question.same += 1;
        } else {
            question.conflicts.push((offered, Resolution::default()));
        }
    }
    question
}

/// Works and annotators after a merge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    pub works: Vec<AnnotatorWork>,
    pub annotators: Vec<Annotator>,
    /// Annotators that came in, under the names they have now.
    pub added: Vec<String>,
}

/// Settles a merge as answered.
pub fn merged(
    works: &[AnnotatorWork],
    set: Option<&AnnotationSet>,
    question: MergeQuestion,
) -> Merged {
    let mut out = Merged {
        works: works.to_vec(),
        annotators: set.map_or_else(Vec::new, |set| set.annotators.clone()),
        added: Vec::new(),
    };
    for offered in question.fresh {
        out.add(offered);
    }
    for (offered, resolution) in question.conflicts {
        match resolution {
            Resolution::KeepMine => {}
            Resolution::TakeTheirs => {
                let name = offered.name().to_owned();
                out.works.retain(|work| work.name != name);
                out.annotators.retain(|annotator| annotator.name != name);
                out.add(offered);
            }
            Resolution::KeepBoth => {
                let name = out.free_name(offered.name());
                out.add(offered.renamed(name));
            }
        }
    }
    out
}

impl Merged {
    fn add(&mut self, offered: Offered) {
        self.added.push(offered.name().to_owned());
        match offered {
            Offered::Work(work) => {
                if work.complete {
                    self.annotators.push(work.to_annotator());
                }
                self.works.push(work);
            }
            Offered::Annotator(annotator) => self.annotators.push(annotator),
        }
    }

    /// `Ann (2)`, or the next number that is free.
    fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| {
            self.works.iter().any(|work| work.name == name)
                || self
                    .annotators
                    .iter()
                    .any(|annotator| annotator.name == name)
        };
        let mut number = 2;
        loop {
            let candidate = format!("{name} ({number})");
            if !taken(&candidate) {
                return candidate;
            }
            number += 1;
        }
    }
}

/// Reads another person's project or annotations of the same video.
///
/// # Errors
/// A sentence where the file cannot be read, or is about another video.
pub fn read(path: &Path, video: &VideoIdentity) -> Result<Offer, String> {
    let source = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let is_project = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("summdiff"));
    if is_project {
        return read_project(path, source, video);
    }
    let opened = annotations::open(path).map_err(|error| format!("{error}."))?;
    let stated = stated_hashes(path);
    let mut set = None;
    for (at, candidate) in opened.sets.into_iter().enumerate() {
        let hash = stated.get(at).cloned().unwrap_or_default();
        if same_video(&hash, candidate.frame_count, video).is_ok() {
            set = Some((candidate, hash));
            break;
        }
    }
    let Some((set, hash)) = set else {
        return Err(format!(
            "{source} is about another video; only annotators of the same video can be merged."
        ));
    };
    Ok(Offer {
        note: same_video(&hash, set.frame_count, video).unwrap_or_default(),
        source,
        works: Vec::new(),
        annotators: set.annotators,
    })
}

fn read_project(path: &Path, source: String, video: &VideoIdentity) -> Result<Offer, String> {
    let bytes = crate::reading::read(path, crate::domain::project::MOST_FILE_BYTES)
        .map_err(|error| format!("{source} cannot be read: {error}."))?;
    let project = Project::from_json(&bytes, path).map_err(|error| format!("{error}."))?;
    let note = same_video(&project.video.sha256, project.video.frame_count, video).map_err(|()| {
        let other = project.video.path.file_name();
        format!(
            "{source} is about another video{}; only annotators of the same video can be merged.",
            other.map_or_else(String::new, |name| format!(" ({})", name.to_string_lossy()))
        )
    })?;
    let works: Vec<AnnotatorWork> = project
        .works
        .into_iter()
        .map(AnnotatorWork::repaired)
        .collect();
    let annotators = project
        .annotations
        .map_or_else(Vec::new, |set| set.annotators)
        .into_iter()
        .filter(|annotator| !works.iter().any(|work| work.name == annotator.name))
        .collect();
    Ok(Offer {
        source,
        works,
        annotators,
        note,
    })
}

/// Whether a file is about this video: by content hash, or by the number of frames where either
/// hash is not known, with a sentence that says so.
fn same_video(sha256: &str, frame_count: u64, video: &VideoIdentity) -> Result<String, ()> {
    if !sha256.is_empty() && !video.sha256.is_empty() {
        return if sha256.eq_ignore_ascii_case(&video.sha256) {
            Ok(String::new())
        } else {
            Err(())
        };
    }
    if frame_count > 0 && frame_count == video.frame_count {
        Ok(
            "The file states no content hash; it was taken for this video by its number of frames."
                .to_owned(),
        )
    } else {
        Err(())
    }
}

/// Content hashes that a JSON of annotations states, one a set; empty where it states none.
fn stated_hashes(path: &Path) -> Vec<String> {
    let Ok(text) = crate::reading::read_text(path, crate::domain::project::MOST_FILE_BYTES) else {
        return Vec::new();
    };
    let hash = |value: &serde_json::Value| {
        value
            .get(crate::session::people_export::HASH_FIELD)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(serde_json::Value::Array(values)) => values.iter().map(hash).collect(),
        Ok(value) => vec![hash(&value)],
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
#[path = "people_merge_tests.rs"]
mod tests;
