//! The file of a study, and where its videos are.

use std::path::{Path, PathBuf};

use crate::domain::Study;
use crate::reading;

/// Longest study that is read, bytes.
const MOST_BYTES: u64 = 4 << 20;

/// The study of a file, and its videos' places: their paths are relative to the file's folder.
///
/// # Errors
/// A sentence for each thing that is wrong with it.
pub fn read_study(path: &Path) -> Result<(Study, Vec<PathBuf>), String> {
    let shown = path.display();
    let bytes =
        reading::read(path, MOST_BYTES).map_err(|err| format!("{shown} cannot be read: {err}"))?;
    let content =
        String::from_utf8(bytes).map_err(|_| format!("{shown} is no study: it is no text"))?;
    let study = Study::from_json(&content)
        .map_err(|faults| format!("{shown} is no study that can be used. {faults}"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let videos: Vec<PathBuf> = (study.videos.iter())
        .map(|video| folder.join(video))
        .collect();
    let missing: Vec<String> = (study.videos.iter().zip(&videos))
        .filter(|(_, video)| !video.is_file())
        .map(|(named, video)| format!("{named} is not there ({}).", video.display()))
        .collect();
    match missing.is_empty() {
        true => Ok((study, videos)),
        false => Err(format!("{shown} cannot begin. {}", missing.join(" "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_lie_relative_to_the_study_and_missing_ones_are_all_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.json");
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write(r#"{"format": 1, "task": "rate", "videos": ["films/a.mp4", "b.mp4"]}"#);
        let said = read_study(&path).unwrap_err();
        assert!(said.contains("films/a.mp4 is not there") && said.contains("b.mp4 is not"));
        std::fs::create_dir(dir.path().join("films")).unwrap();
        std::fs::write(dir.path().join("films/a.mp4"), "").unwrap();
        std::fs::write(dir.path().join("b.mp4"), "").unwrap();
        let (_, videos) = read_study(&path).unwrap();
        assert_eq!(videos[0], dir.path().join("films/a.mp4"));
        write(r#"{"format": 1, "task": "rate", "videos": [], "budget": 2}"#);
        let said = read_study(&path).unwrap_err();
        assert!(said.contains("budget must be above 0 and at most 1, and is 2."));
        assert!(said.contains("at least one video"), "{said}");
        assert!(read_study(dir.path()).is_err());
    }
}
