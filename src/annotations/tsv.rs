//! TVSum's `ydata-anno.tsv`: one line a rater, `video id ⇥ category ⇥ comma-separated ratings`, one
//! rating a frame. Titles and lengths come from `ydata-info.tsv` beside it, where there is one.

use std::collections::HashMap;
use std::path::Path;

use super::{AnnotationError, Opened, Result};
use crate::domain::budget::{Budget, warn};
use crate::domain::{AnnotationSet, Annotator};

/// Whether a text looks like the file: its first line has three columns, the last of which starts
/// with a list of numbers.
pub(super) fn is_tvsum_tsv(text: &str) -> bool {
    let Some(line) = text.lines().next() else {
        return false;
    };
    line.contains('\t')
        && line.split('\t').next_back().is_some_and(|last| {
            let mut numbers = last.split(',').map(|n| n.trim().parse::<f32>().is_ok());
            numbers.next() == Some(true) && numbers.next() == Some(true)
        })
}

/// Reads the raters, grouped by video in order of appearance.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    let budget = Budget::default();
    let beyond = |reason: String| AnnotationError::format(path, reason);
    let mut opened = Opened::default();
    let mut at: HashMap<String, usize> = HashMap::new();
    for (line_number, line) in text.lines().enumerate() {
        let line_number = line_number + 1;
        if line.trim().is_empty() {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [video_id, .., ratings] = columns[..] else {
            warn(
                &mut opened.warnings,
                format!(
                    "line {line_number} has {} column instead of 3 and is left out",
                    columns.len()
                ),
            );
            continue;
        };
        let scores: std::result::Result<Vec<f32>, _> = ratings
            .split(',')
            .map(|rating| rating.trim().parse::<f32>())
            .collect();
        let Ok(scores) = scores else {
            warn(
                &mut opened.warnings,
                format!("line {line_number} holds a rating that is not a number and is left out"),
            );
            continue;
        };
        let index = *at.entry(video_id.to_owned()).or_insert_with(|| {
            opened.sets.push(AnnotationSet {
                video_id: video_id.to_owned(),
                ..AnnotationSet::default()
            });
            opened.sets.len() - 1
        });
        let set = &mut opened.sets[index];
        // Vectors that grow have up to twice the room.
        let bytes = 512 + 8 * scores.len() as u64;
        budget.take(bytes, "its ratings").map_err(beyond)?;
        budget
            .check_annotators(set.annotators.len() + 1)
            .map_err(beyond)?;
        set.annotators.push(Annotator {
            name: format!("annotator {}", set.annotators.len() + 1),
            scores,
            ..Annotator::default()
        });
    }
    let info = read_info(&path.with_file_name("ydata-info.tsv"));
    for set in &mut opened.sets {
        let frames = set
            .annotators
            .iter()
            .map(|a| a.scores.len())
            .max()
            .unwrap_or(0);
        if let Some((title, length_secs)) = info.get(&set.video_id) {
            set.title.clone_from(title);
            if *length_secs > 0.0 {
                set.frame_rate_fps = frames as f64 / length_secs;
            }
        }
    }
    Ok(opened)
}

/// Title and length in seconds of each video; empty where there is no such file.
fn read_info(path: &Path) -> HashMap<String, (String, f64)> {
    let Ok((text, _)) = super::text::read(path) else {
        return HashMap::new();
    };
    let mut lines = text.lines();
    let header: Vec<String> = lines
        .next()
        .map(|line| {
            line.split('\t')
                .map(|name| name.trim().to_lowercase())
                .collect()
        })
        .unwrap_or_default();
    let column = |name: &str| header.iter().position(|other| other == name);
    let (Some(id), Some(title)) = (column("video_id"), column("title")) else {
        return HashMap::new();
    };
    let length = column("length");
    lines
        .filter_map(|line| {
            let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
            let secs = length.and_then(|at| columns.get(at)).map_or(0.0, |text| {
                text.split(':').fold(0.0, |secs, part| {
                    secs * 60.0 + part.parse::<f64>().unwrap_or(0.0)
                })
            });
            Some((
                columns.get(id)?.to_string(),
                (columns.get(title)?.to_string(), secs),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn crlf_and_broken_lines_do_not_stop_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ydata-anno.tsv");
        let text = "abc\tVT\t1,2,3,4\r\nabc\tVT\t2,2,x,1\r\nxyz\tVT\t5,5\r\nonly one column\r\nabc\tVT\t4,4,4\r\n";
        std::fs::write(&path, text).unwrap();
        let info = "category\tvideo_id\ttitle\turl\tlength\r\nVT\tabc\tA title\thttp\t0:02\r\n";
        std::fs::write(dir.path().join("ydata-info.tsv"), info).unwrap();
        let opened = super::super::open(&path).unwrap();
        assert_eq!(opened.sets.len(), 2);
        let abc = &opened.sets[0];
        assert_eq!(
            (abc.title.as_str(), abc.annotators.len(), abc.frame_count),
            ("A title", 2, 4)
        );
        assert_eq!(abc.frame_rate_fps, 2.0);
        assert_eq!(abc.annotators[1].scores, vec![4.0, 4.0, 4.0, 0.0]);
        assert!(opened.warnings[0].contains("line 2"));
        assert!(opened.warnings[1].contains("line 4"));
        assert!(opened.warnings[2].contains("rated 3 frames"));
    }
}
