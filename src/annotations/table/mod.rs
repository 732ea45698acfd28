//! Tables of picks or ratings as CSV, for annotations made anywhere; `docs/annotation-files.md`
//! lists the columns.
//!
//! Picks: a start and an end (or a duration), in frames (half-open), seconds, milliseconds or clock
//! times, and optionally `annotator` and `video`; one row a pick, or a rating where there is a
//! `score`. Scores: a `frame` or time, then one column an annotator; a score holds until the next
//! row's time. Delimiter, decimal comma and units are found out ([`columns`], [`cells`]); a guess
//! is reported. Times become milliseconds ([`MILLISECOND_FPS`]) until the set is joined to a video.

mod cells;
mod columns;
mod picks;
mod scores;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::{AnnotationError, MILLISECOND_FPS, Opened, Result, file_stem};
use crate::domain::AnnotationSet;
use crate::domain::budget::MOST_BYTES;
use crate::domain::repairs::text_of_cell;
use cells::{Cell, Column, Unit};
use columns::{Layout, layout};

/// Longest time or frame number believed: a day in milliseconds.
const MOST_FRAMES: f64 = 86_400_000.0;
/// Lines that are reported one by one before the rest is counted.
const MOST_SAID: usize = 5;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table with a header that is known.
struct Table {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    /// Line of the file on which each row begins.
    lines: Vec<u64>,
}

impl Table {
    fn cell(&self, row: usize, column: Option<usize>) -> &str {
        let cell = column.and_then(|column| self.rows[row].get(column));
        text_of_cell(cell.map_or("", str::trim))
    }

    fn column(&self, column: usize, whole: bool) -> Column {
        let cells = self.rows.iter().map(|row| row.get(column).unwrap_or(""));
        Column::read(cells, whole)
    }
}

/// Reads either kind of table.
pub(super) fn read(text: &str, path: &Path) -> Result<Opened> {
    // A row has this much of its own, however short it is.
    const ROW_BYTES: u64 = 160;
    let rows = text.bytes().filter(|&byte| byte == b'\n').count() as u64;
    if rows * ROW_BYTES + text.len() as u64 > MOST_BYTES {
        let reason = format!(
            "its {rows} lines would take more than the {} MB of memory that one file may use",
            MOST_BYTES >> 20
        );
        return Err(AnnotationError::format(path, reason));
    }
    let (table, layout) = parsed(text, path)?;
    Ok(match layout {
        Layout::Picks(columns) => picks::read(&table, &columns, path),
        Layout::Scores(columns) => scores::read(&table, &columns, path),
    })
}

/// Splits a text into rows, its delimiter recognised by which one makes a header that is known.
fn parsed(text: &str, path: &Path) -> Result<(Table, Layout)> {
    let mut stated = None;
    let mut comment = None;
    let mut rest = text;
    let mut first_line = 1;
    // What comes before the header: the delimiter as Excel states it, comments, empty lines.
    while let Some((line, after)) = first_line_of(rest) {
        let plain = line.trim();
        let separator = plain.strip_prefix("sep=").or(plain.strip_prefix("\"sep="));
        if let Some(separator) = separator.filter(|_| stated.is_none()) {
            stated = separator.bytes().next().or(Some(b'\t'));
        } else if plain.starts_with('#') {
            comment = Some(plain.trim_start_matches(['#', ' ']));
        } else if !plain.is_empty() {
            break;
        }
        rest = after;
        first_line += 1;
    }
    let delimiters = || stated.into_iter().chain(DELIMITERS);
    let header = first_line_of(rest).map_or("", |(line, _)| line);
    let table = |header: &str, delimiter, headed| {
        let (rows, lines) = rows(rest, delimiter, headed, first_line, path)?;
        let table = Table {
            header: fields(header, delimiter),
            rows,
            lines,
        };
        Ok(table.without_comments())
    };
    let known =
        delimiters().find_map(|delimiter| Some((delimiter, layout(&fields(header, delimiter))?)));
    if let Some((delimiter, layout)) = known {
        return Ok((table(header, delimiter, true)?, layout));
    }
    // NumPy writes its header as a comment.
    let commented = comment.and_then(|line| {
        delimiters().find_map(|delimiter| Some((delimiter, layout(&fields(line, delimiter))?)))
    });
    if let (Some((delimiter, layout)), Some(line)) = (commented, comment) {
        return Ok((table(line, delimiter, false)?, layout));
    }
    let delimiter = delimiters()
        .max_by_key(|&delimiter| header.bytes().filter(|&byte| byte == delimiter).count())
        .unwrap_or(b',');
    let found = fields(header, delimiter).join(", ");
    Err(AnnotationError::format(
        path,
        format!(
            "its columns are not known ({found}): start_frame,end_frame or start_secs,end_secs for picks, frame or time_secs and a column an annotator for scores"
        ),
    ))
}

fn first_line_of(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..));
    Some((line, rest.unwrap_or("")))
}

fn fields(line: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .from_reader(line.as_bytes());
    let record = reader.records().flatten().next().unwrap_or_default();
    record.iter().map(|field| field.trim().to_owned()).collect()
}

/// The rows, behind the header where the text begins with one, and the line of the file on which
/// each begins.
fn rows(
    text: &str,
    delimiter: u8,
    has_header: bool,
    first_line: u64,
    path: &Path,
) -> Result<(Vec<csv::StringRecord>, Vec<u64>)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(has_header)
        .from_reader(text.as_bytes());
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for row in reader.records() {
        let row =
            row.map_err(|err| AnnotationError::format(path, format!("not a table: {err}")))?;
        lines.push(row.position().map_or(0, csv::Position::line) + first_line - 1);
        rows.push(row);
    }
    Ok((rows, lines))
}

impl Table {
    /// A line that begins like a comment and is no full row is one.
    fn without_comments(mut self) -> Self {
        let width = self.header.len();
        let is_row = |row: &csv::StringRecord| {
            row.len() >= width || !row.get(0).is_some_and(|cell| cell.trim().starts_with('#'))
        };
        let kept: Vec<bool> = self.rows.iter().map(is_row).collect();
        let mut keep = kept.iter();
        self.rows.retain(|_| keep.next() == Some(&true));
        let mut keep = kept.iter();
        self.lines.retain(|_| keep.next() == Some(&true));
        self
    }
}

/// What the numbers of a column without a unit in its name count, and the sentence that says so;
/// clock times and fractions are no frame numbers.
fn guessed(unit: Option<Unit>, columns: &[&Column], name: &str) -> (Unit, Option<String>) {
    if columns.iter().any(|column| column.has_clock()) {
        return (Unit::Seconds, None);
    }
    let fraction = columns.iter().any(|column| column.has_fraction());
    match unit {
        Some(unit) => (unit, None),
        None if fraction => (
            Unit::Seconds,
            Some(format!("{name} have fractions and are taken for seconds")),
        ),
        None => (
            Unit::Frames,
            Some(format!(
                "{name} name no unit and are taken for frame numbers; call them start_secs and end_secs where they are seconds"
            )),
        ),
    }
}

/// The frame or millisecond of a cell; `None` where there is none that is believed.
fn position(cell: &Cell, unit: Unit) -> std::result::Result<u64, String> {
    let value = match (cell, unit) {
        (Cell::Clock(secs), _) => secs * MILLISECOND_FPS,
        (Cell::Number(number), Unit::Seconds) => number * MILLISECOND_FPS,
        (Cell::Number(number), Unit::Frames | Unit::Milliseconds) => *number,
        (Cell::Empty, _) => return Err("is empty where a frame or time belongs".to_owned()),
        (Cell::Bad(why), _) => return Err(why.clone()),
    };
    match (0.0..=MOST_FRAMES).contains(&value) {
        true => Ok(value.round() as u64),
        false => Err("holds a frame or time below 0 or beyond a day".to_owned()),
    }
}

/// Lines that are left out: the first few each with its reason, the rest counted.
#[derive(Default)]
struct LeftOut {
    count: usize,
    sentences: Vec<String>,
}

impl LeftOut {
    fn line(&mut self, line: u64, why: &str) {
        self.count += 1;
        if self.count <= MOST_SAID {
            self.sentences
                .push(format!("line {line} {why} and is left out"));
        }
    }

    fn say(mut self, warnings: &mut Vec<String>) {
        warnings.append(&mut self.sentences);
        if self.count > MOST_SAID {
            let more = self.count - MOST_SAID;
            warnings.push(format!("{more} more lines are left out for such reasons"));
        }
    }
}

fn new_set(video: &str, unit: Unit, path: &Path) -> AnnotationSet {
    AnnotationSet {
        video_id: if video.is_empty() {
            file_stem(path)
        } else {
            video.to_owned()
        },
        frame_rate_fps: match unit {
            Unit::Frames => 0.0,
            Unit::Seconds | Unit::Milliseconds => MILLISECOND_FPS,
        },
        ..AnnotationSet::default()
    }
}
