//! Annotations spread over several files or a folder of them: a file a video, as SumMe's, or a file
//! an annotator. The annotators of one video are put together.

use std::collections::HashMap;
use std::path::PathBuf;

use super::{AnnotationError, Opened, Result, file_name, listing, open};
use crate::domain::AnnotationSet;

/// Opens every file, and every annotation file of each folder. A file that cannot be used is
/// reported and left out, where there are others.
///
/// # Errors
/// When a single file cannot be used, a folder has no annotation files, or nothing is usable.
pub fn open_all(paths: &[PathBuf]) -> Result<Opened> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(listing::annotation_files(path)?),
            false => files.push(path.clone()),
        }
    }
    if let [file] = &files[..] {
        return open(file);
    }
    let mut opened = Opened::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut first_fault = None;
    for file in &files {
        let found = match open(file) {
            Ok(found) => found,
            Err(err) => {
                opened.warnings.push(format!("{err}; it is left out"));
                first_fault.get_or_insert(err);
                continue;
            }
        };
        let name = file_name(file);
        let said = found.warnings.into_iter();
        opened
            .warnings
            .extend(said.map(|warning| format!("{name}: {warning}")));
        // A JSON of a folder may be anything.
        for set in found
            .sets
            .into_iter()
            .filter(|set| !set.annotators.is_empty())
        {
            match places.get(&set.video_id) {
                None => {
                    places.insert(set.video_id.clone(), opened.sets.len());
                    opened.sets.push(set);
                }
                Some(&at) => {
                    if same_frames(&opened.sets[at], &set) {
                        unite(&mut opened.sets[at], set);
                    } else {
                        opened.warnings.push(format!(
                            "{name}: video {} has another length or frame rate than in {}; the first counts",
                            set.video_id, opened.sets[at].source
                        ));
                    }
                }
            }
        }
    }
    for set in &mut opened.sets {
        set.repair(&mut opened.warnings);
    }
    match first_fault {
        Some(err) if opened.sets.is_empty() => Err(err),
        _ if opened.sets.is_empty() => Err(AnnotationError::format(
            paths.first().map_or("".as_ref(), |path| path.as_path()),
            "there are no annotations of videos in it",
        )),
        _ => Ok(opened),
    }
}

/// Whether two sets of one video count its frames alike.
fn same_frames(set: &AnnotationSet, other: &AnnotationSet) -> bool {
    let open_ended = set.length_unstated
        || other.length_unstated
        || set.frame_rate_fps == super::MILLISECOND_FPS;
    set.frame_rate_fps == other.frame_rate_fps
        && (set.frame_count == other.frame_count || open_ended)
}

/// Adds the annotators of a set to those of another one of the same video and frames.
fn unite(set: &mut AnnotationSet, other: AnnotationSet) {
    set.frame_count = match (set.length_unstated, other.length_unstated) {
        (false, true) => set.frame_count,
        (true, false) => other.frame_count,
        _ => set.frame_count.max(other.frame_count),
    };
    set.length_unstated &= other.length_unstated;
    set.source = format!("{}, {}", set.source, other.source);
    set.annotators.extend(other.annotators);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_file_an_annotator_is_one_set() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ann = write(
            "ann.csv",
            "video,annotator,start_secs,end_secs\na,Ann,1,2\nb,Ann,3,4\n",
        );
        let bob = write(
            "bob.csv",
            "video,annotator,start_secs,end_secs\na,Bob,2,9\n",
        );
        write(
            "cem.json",
            r#"{"video_id": "a", "frame_count": 50, "frame_rate_fps": 25, "annotators": [{"name": "Cem"}]}"#,
        );
        write("notes.txt", "nothing");
        write("broken.eaf", "<html/>");
        let names = |opened: &Opened| -> Vec<Vec<String>> {
            let of =
                |set: &AnnotationSet| set.annotators.iter().map(|one| one.name.clone()).collect();
            opened.sets.iter().map(of).collect()
        };
        let opened = open_all(&[dir.path().to_owned()]).unwrap();
        assert_eq!(names(&opened), [vec!["Ann", "Bob"], vec!["Ann"]]);
        assert_eq!(opened.sets[0].frame_count, 9000);
        let warnings = opened.warnings.join("; ");
        assert!(
            warnings.contains("broken.eaf") && warnings.contains("cem.json"),
            "{warnings}"
        );
        let opened = open_all(&[bob, ann]).unwrap();
        assert_eq!(names(&opened), [vec!["Bob", "Ann"], vec!["Ann"]]);
        let alone = open_all(&[dir.path().join("broken.eaf")]).unwrap_err();
        assert!(alone.to_string().contains("broken.eaf"), "{alone}");
    }
}
