//! Tables with one row a frame or time and one column an annotator.

use std::path::Path;

use super::cells::{Cell, Column};
use super::columns::Scores;
use super::{LeftOut, Table, guessed, new_set, position};
use crate::annotations::Opened;
use crate::annotations::timed::{self, Room};
use crate::domain::budget::{too_many_annotators, too_many_scores};
use crate::domain::{Annotator, FrameRange};

pub(super) fn read(table: &Table, columns: &Scores, path: &Path) -> Opened {
    let mut opened = Opened::default();
    let places = table.column(columns.position, false);
    let (unit, said) = guessed(columns.unit, &[&places], &table.header[columns.position]);
    opened.warnings.extend(said);
    let people: Vec<Column> = columns
        .people
        .iter()
        .map(|&at| table.column(at, false))
        .collect();
    let mut set = new_set("", unit, path);
    let mut left_out = LeftOut::default();
    // Place and row of each line that is used.
    let mut kept: Vec<(u64, usize)> = Vec::new();
    for (row, place) in places.cells.iter().enumerate() {
        let line = table.lines[row];
        match position(place, unit) {
            Ok(place) if kept.last().is_none_or(|(last, _)| place > *last) => {
                kept.push((place, row))
            }
            Ok(_) => left_out.line(line, "has no frame or time behind the one before"),
            Err(why) => left_out.line(line, &why),
        }
    }
    for column in &people {
        let bad = column
            .cells
            .iter()
            .zip(&table.lines)
            .find_map(|(cell, line)| match cell {
                Cell::Bad(why) => Some((why, line)),
                Cell::Clock(_) => None,
                _ => None,
            });
        if let Some((why, line)) = bad {
            opened
                .warnings
                .push(format!("line {line} {why}; it counts as 0"));
        }
    }
    left_out.say(&mut opened.warnings);
    let Some(&(last, _)) = kept.last() else {
        return opened;
    };
    // The last row holds as long as the one before it.
    let step = match kept[..] {
        [.., (before, _), (last, _)] => last - before,
        _ => 1,
    };
    set.frame_count = last + step;
    let beyond = too_many_annotators(people.len());
    if let Some(clause) = beyond.or_else(|| too_many_scores(people.len(), set.frame_count)) {
        opened.warnings.push(clause);
        return opened;
    }
    let mut room = Room::default();
    for (&at, column) in columns.people.iter().zip(&people) {
        let ends = kept
            .iter()
            .skip(1)
            .map(|(place, _)| *place)
            .chain([set.frame_count]);
        let stretches: Vec<(FrameRange, f32)> = (kept.iter().zip(ends))
            .map(|(&(place, row), end)| {
                let score = match column.cells[row] {
                    Cell::Number(score) => score as f32,
                    _ => f32::NAN,
                };
                (FrameRange::new(place, end), score)
            })
            .collect();
        if !room.take(&stretches) {
            opened.warnings.push(format!(
                "{} columns of {} frames are too many; the last {} are left out",
                people.len(),
                set.frame_count,
                people.len() - set.annotators.len()
            ));
            break;
        }
        set.annotators.push(Annotator {
            name: table.header[at].clone(),
            scores: timed::scores(&stretches),
            ..Annotator::default()
        });
    }
    opened.sets.push(set);
    opened
}
