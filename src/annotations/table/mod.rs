//! Tables of picks or scores as CSV, for annotations made anywhere.
//!
//! Picks: a header with `start_frame,end_frame` (half-open) or `start_secs,end_secs`, and optionally `annotator` and `video`; one row a pick.
//! Scores: a header that starts with `frame` or `time_secs`, then one column an annotator; a score holds until the next row's time.
//! Times become milliseconds ([`MILLISECOND_FPS`]) until the set is joined to a video.

use std::collections::HashMap;
use std::path::Path;

use super::{AnnotationError, MILLISECOND_FPS, Opened, Result, file_stem};
use crate::domain::mending::MOST_SCORES;
use crate::domain::{AnnotationSet, Annotator, FrameRange};

/// Longest time or frame number believed: a day in milliseconds.
const MOST_FRAMES: f64 = 86_400_000.0;

/// Reads either kind of table.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = match text.lines().next() {
        Some(line) if line.contains('\t') => b'\t',
        Some(line) if line.contains(';') && !line.contains(',') => b';',
        _ => b',',
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(|err| AnnotationError::format(path, format!("not a table: {err}")))?
        .iter()
        .map(str::to_owned)
        .collect();
    let column = |names: &[&str]| {
        let is = |header: &String| names.iter().any(|name| header.eq_ignore_ascii_case(name));
        header.iter().position(is)
    };
    let rows: Vec<csv::StringRecord> = reader.records().flatten().collect();
    let frames = column(&["start_frame", "start"]).zip(column(&["end_frame", "end"]));
    let secs = column(&["start_secs", "start_time"]).zip(column(&["end_secs", "end_time"]));
    let named = (
        column(&["annotator", "name", "user"]),
        column(&["video", "video_id"]),
    );
    if let Some(columns) = frames {
        return Ok(picks(&rows, columns, named, 1.0, path));
    }
    if let Some(columns) = secs {
        return Ok(picks(&rows, columns, named, MILLISECOND_FPS, path));
    }
    if column(&["frame"]) == Some(0) && header.len() > 1 {
        return Ok(scores(&rows, &header, false, path));
    }
    if column(&["time_secs", "time"]) == Some(0) && header.len() > 1 {
        return Ok(scores(&rows, &header, true, path));
    }
    Err(AnnotationError::format(
        path,
        "its columns are not known: start_frame,end_frame or start_secs,end_secs for picks, frame or time_secs and a column an annotator for scores",
    ))
}

fn picks(
    rows: &[csv::StringRecord],
    (start, end): (usize, usize),
    (annotator, video): (Option<usize>, Option<usize>),
    scale: f64,
    path: &Path,
) -> Opened {
    let mut opened = Opened::default();
    let mut sets: HashMap<String, usize> = HashMap::new();
    let mut people: HashMap<(usize, String), usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column)).unwrap_or("");
        let position = |column: usize| {
            let value = row.get(column)?.parse::<f64>().ok()? * scale;
            (0.0..=MOST_FRAMES)
                .contains(&value)
                .then(|| value.round() as u64)
        };
        let range = position(start)
            .zip(position(end))
            .map(|(start, end)| FrameRange::new(start, end))
            .filter(|range| !range.is_empty());
        let Some(range) = range else {
            // The header is line 1.
            let line = at + 2;
            opened.warnings.push(format!(
                "line {line} has no start and end that make a range and is left out"
            ));
            continue;
        };
        let index = *sets.entry(cell(video).to_owned()).or_insert_with(|| {
            opened.sets.push(new_set(cell(video), scale, path));
            opened.sets.len() - 1
        });
        let annotators = &mut opened.sets[index].annotators;
        let name = cell(annotator);
        let person = *people.entry((index, name.to_owned())).or_insert_with(|| {
            annotators.push(Annotator {
                name: name.to_owned(),
                ..Annotator::default()
            });
            annotators.len() - 1
        });
        annotators[person].picks.push(range);
    }
    opened
}

fn new_set(video: &str, scale: f64, path: &Path) -> AnnotationSet {
    AnnotationSet {
        video_id: if video.is_empty() {
            file_stem(path)
        } else {
            video.to_owned()
        },
        frame_rate_fps: if scale == 1.0 { 0.0 } else { scale },
        ..AnnotationSet::default()
    }
}

fn scores(rows: &[csv::StringRecord], header: &[String], by_time: bool, path: &Path) -> Opened {
    let scale = if by_time { MILLISECOND_FPS } else { 1.0 };
    let mut opened = Opened::default();
    let mut set = new_set("", scale, path);
    let mut columns: Vec<Vec<f32>> = vec![Vec::new(); header.len() - 1];
    let mut positions: Vec<u64> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let line = at + 2;
        let position = row
            .get(0)
            .and_then(|cell| cell.parse::<f64>().ok())
            .map(|value| value * scale)
            .filter(|value| (0.0..=MOST_FRAMES).contains(value))
            .map(|value| value.round() as u64);
        let ascending = position.filter(|p| positions.last().is_none_or(|last| p > last));
        let Some(position) = ascending else {
            opened.warnings.push(format!(
                "line {line} has no frame or time behind the one before and is left out"
            ));
            continue;
        };
        positions.push(position);
        for (column, scores) in columns.iter_mut().enumerate() {
            let cell = row.get(column + 1).unwrap_or("");
            scores.push(cell.parse().unwrap_or(f32::NAN));
        }
    }
    if positions.is_empty() {
        return opened;
    }
    // The last row holds as long as the one before it.
    let step = positions
        .windows(2)
        .last()
        .map_or(1, |pair| pair[1] - pair[0]);
    let frame_count = positions[positions.len() - 1] + step;
    set.frame_count = frame_count;
    let most = (MOST_SCORES / frame_count) as usize;
    if columns.len() > most {
        opened.warnings.push(format!(
            "{} columns of {frame_count} frames are too many; the last {} are left out",
            columns.len(),
            columns.len() - most
        ));
        columns.truncate(most);
    }
    for (name, values) in header[1..].iter().zip(columns) {
        let mut scores = vec![0.0; frame_count as usize];
        for (at, &value) in values.iter().enumerate() {
            let end = positions.get(at + 1).copied().unwrap_or(frame_count);
            scores[positions[at] as usize..end as usize].fill(value);
        }
        set.annotators.push(Annotator {
            name: name.clone(),
            scores,
            picks: Vec::new(),
        });
    }
    opened.sets.push(set);
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &[u8]) -> Result<Opened> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clip.csv");
        std::fs::write(&path, text).unwrap();
        super::super::open(&path)
    }

    #[test]
    fn picks_by_frame_and_by_time() {
        let text = b"annotator,start_frame,end_frame\r\nAnn,10,20\r\nBob,0,5\r\nAnn,20,25\r\nAnn,9,x\r\nBob,7,6\r\n";
        let opened = open(text).unwrap();
        let set = &opened.sets[0];
        assert_eq!(
            (set.video_id.as_str(), set.annotators.len(), set.frame_count),
            ("clip", 2, 25)
        );
        assert_eq!(set.annotators[0].picks, vec![FrameRange::new(10, 25)]);
        assert_eq!(opened.warnings.len(), 2);
        let opened = open(b"video;start_secs;end_secs\nv1;0.5;1.25\nv2;1;2\n").unwrap();
        assert_eq!(opened.sets.len(), 2);
        assert_eq!(opened.sets[0].frame_rate_fps, 1000.0);
        assert_eq!(
            opened.sets[0].annotators[0].picks,
            vec![FrameRange::new(500, 1250)]
        );
        assert_eq!(opened.sets[0].annotators[0].name, "annotator 1");
    }

    #[test]
    fn scores_hold_until_the_next_row() {
        let opened = open(b"frame,Ann,B\xf6b\n0,1,5\n15,2,\n30,3,1\n").unwrap();
        let set = &opened.sets[0];
        assert_eq!(set.frame_count, 45);
        assert_eq!(set.annotators[0].scores[14..16], [1.0, 2.0]);
        assert_eq!(set.annotators[1].scores[20], 0.0);
        assert!(opened.warnings.iter().any(|w| w.contains("not numbers")));
        assert!(opened.warnings.iter().any(|w| w.contains("UTF-8")));
    }

    #[test]
    fn tables_of_something_else_are_refused() {
        let err = open(b"a,b\n1,2\n").unwrap_err().to_string();
        assert!(err.contains("clip.csv") && err.contains("columns"), "{err}");
        assert!(open(b"").is_err());
        assert!(open(b"\xff\xfe\x00garbage").is_err());
        assert!(open(b"annotator,start_frame,end_frame\n").is_err());
    }
}
