//! Tables with one row a pick, or a rating of a stretch.

use std::collections::HashMap;
use std::path::Path;

use super::cells::{Cell, Column, Unit};
use super::columns::Picks;
use super::{LeftOut, Table, guessed, new_set, position};
use crate::annotations::timed::{self, Room};
use crate::annotations::{MILLISECOND_FPS, Opened};
use crate::domain::repairs::most_frames;
use crate::domain::{Annotator, FrameRange};

/// Someone's row of a video, as read so far.
#[derive(Default)]
struct Person {
    annotator: Annotator,
    rated: Vec<(FrameRange, f32)>,
}

pub(super) fn read(table: &Table, columns: &Picks, path: &Path) -> Opened {
    let mut opened = Opened::default();
    let starts = table.column(columns.start, columns.unit == Some(Unit::Frames));
    let ends = table.column(columns.end, columns.end_unit == Some(Unit::Frames));
    let scores = columns.score.map(|at| table.column(at, false));
    // Words in a column called rating are no ratings.
    let scores = scores.filter(Column::has_number);
    let name = format!(
        "{} and {}",
        table.header[columns.start], table.header[columns.end]
    );
    let (unit, said) = guessed(columns.unit, &[&starts, &ends], &name);
    opened.warnings.extend(said);
    // A length of time beside a frame number, or the other way round, is no pair.
    let end_unit = match (columns.end_unit, unit) {
        (Some(Unit::Frames), unit) if unit != Unit::Frames => unit,
        (Some(end_unit), Unit::Seconds | Unit::Milliseconds) => end_unit,
        _ => unit,
    };
    let mut sets: HashMap<String, usize> = HashMap::new();
    let mut places: HashMap<(usize, String), usize> = HashMap::new();
    let mut people: Vec<Vec<Person>> = Vec::new();
    let mut left_out = LeftOut::default();
    let mut rounded = false;
    for row in 0..table.rows.len() {
        let (start, end) = (&starts.cells[row], &ends.cells[row]);
        let nothing = *start == Cell::Empty && *end == Cell::Empty;
        // Without a pick, a row says that there is an annotator who picked nothing.
        let range = match nothing && columns.annotator.is_some() {
            true => None,
            false => match range(start, end, (unit, end_unit), columns.by_duration) {
                Ok(range) => Some(range),
                Err(why) => {
                    left_out.line(table.lines[row], &why);
                    continue;
                }
            },
        };
        let fraction = |cell: &Cell| matches!(cell, Cell::Number(number) if number.fract() != 0.0);
        rounded |= unit == Unit::Frames && (fraction(start) || fraction(end));
        let video = table.cell(row, columns.video);
        let index = *sets.entry(video.to_owned()).or_insert_with(|| {
            let mut set = new_set(video, unit, path);
            if unit == Unit::Frames {
                (set.frame_count, set.frame_rate_fps) = stated(table, columns, row);
            }
            opened.sets.push(set);
            people.push(Vec::new());
            opened.sets.len() - 1
        });
        let name = table.cell(row, columns.annotator);
        let place = *places.entry((index, name.to_owned())).or_insert_with(|| {
            let mut person = Person::default();
            person.annotator.name = name.to_owned();
            people[index].push(person);
            people[index].len() - 1
        });
        let Some(range) = range else { continue };
        let person = &mut people[index][place];
        match scores.as_ref().map(|scores| &scores.cells[row]) {
            Some(Cell::Number(score)) => person.rated.push((range, *score as f32)),
            Some(Cell::Bad(why)) => left_out.line(table.lines[row], why),
            _ => person.annotator.picks.push(range),
        }
    }
    left_out.say(&mut opened.warnings);
    if rounded {
        opened.warnings.push(format!(
            "{name} are frame numbers, and fractions in them are rounded"
        ));
    }
    for (set, people) in opened.sets.iter_mut().zip(people) {
        let count = people.len();
        let mut room = Room::default();
        for person in people {
            let mut annotator = person.annotator;
            if !person.rated.is_empty() {
                if !room.take(&person.rated) {
                    break;
                }
                annotator.scores = timed::scores(&person.rated);
            }
            set.annotators.push(annotator);
        }
        if set.annotators.len() < count {
            opened.warnings.push(format!(
                "video {}: the ratings of {count} annotators are too many; the last {} are left out",
                set.video_id,
                count - set.annotators.len()
            ));
        }
    }
    opened
}

fn range(
    start: &Cell,
    end: &Cell,
    (unit, end_unit): (Unit, Unit),
    by_duration: bool,
) -> Result<FrameRange, String> {
    let start = position(start, unit)?;
    let mut end = position(end, end_unit)?;
    if by_duration {
        end += start;
    }
    match start < end {
        true => Ok(FrameRange::new(start, end)),
        false => Err("has no start and end that make a range".to_owned()),
    }
}

/// Frames and frame rate of the video, where the table states them; 0 where it does not.
fn stated(table: &Table, columns: &Picks, row: usize) -> (u64, f64) {
    let number = |column: Option<usize>| {
        let value = table.cell(row, column).parse::<f64>().ok();
        value
            .filter(|value| value.is_finite() && *value >= 0.0)
            .unwrap_or(0.0)
    };
    let rate = number(columns.frame_rate_fps);
    let frames = number(columns.frame_count) as u64;
    match frames <= most_frames(rate) && rate < MILLISECOND_FPS {
        true => (frames, rate),
        false => (0, 0.0),
    }
}
