//! Writing tables: one row a pick, or a run of equal ratings. Quoted where names need it.

use super::{Marks, Times, marks};
use crate::analysis::raters::frame_count_of;
use crate::domain::repairs::spreadsheet_cell;
use crate::domain::{AnnotationSet, FrameRange};

const HEADER: [&str; 9] = [
    "video",
    "annotator",
    "start_frame",
    "end_frame",
    "start_secs",
    "end_secs",
    "score",
    "frame_count",
    "frame_rate_fps",
];

pub(super) fn text<'a>(sets: impl Iterator<Item = (&'a AnnotationSet, Times<'a>)>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(HEADER);
    for (set, times) in sets {
        let stated = match set.length_unstated {
            true => [String::new(), String::new()],
            false => [
                frame_count_of(set).to_string(),
                set.frame_rate_fps.to_string(),
            ],
        };
        for annotator in &set.annotators {
            let mut row = |range: Option<FrameRange>, score: String| {
                let frame =
                    |frame: Option<u64>| frame.map_or_else(String::new, |frame| frame.to_string());
                let secs = |frame: Option<u64>| {
                    frame.map_or_else(String::new, |frame| format!("{:.6}", times.secs(frame)))
                };
                let (start, end) = (range.map(|range| range.start), range.map(|range| range.end));
                let _ = writer.write_record([
                    &*spreadsheet_cell(&set.video_id),
                    &spreadsheet_cell(&annotator.name),
                    &frame(start),
                    &frame(end),
                    &secs(start),
                    &secs(end),
                    &score,
                    &stated[0],
                    &stated[1],
                ]);
            };
            let Marks { ratings, picks } = marks(annotator);
            if ratings.is_empty() && picks.is_empty() {
                row(None, String::new());
            }
            for (range, score) in ratings {
                row(Some(range), score.to_string());
            }
            for range in picks {
                row(Some(range), String::new());
            }
        }
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}
