//! Which way round a table of a dataset lies: numpy writes users × frames, MATLAB and Julia write
//! the same table as frames × users.
//!
//! Decided by lengths that the file states elsewhere; a table that fits none of them is refused
//! rather than guessed.

use ndarray::Array2;

use super::hdf5_values::Fault;

/// Share of its columns by which a table may miss the stated number of frames: files of the field
/// are a few frames off.
const NEARLY: f64 = 0.01;

/// A table with one row a user and one column a frame (or a pick). `columns` are the lengths a row
/// may have; lengths of 0 are not known.
pub(super) fn by_user(
    name: &str,
    table: Array2<f32>,
    columns: &[usize],
) -> Result<Array2<f32>, Fault> {
    let (rows, width) = table.dim();
    let known: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|&length| length > 0)
        .collect();
    if table.is_empty() || known.contains(&width) {
        return Ok(table);
    }
    if known.contains(&rows) {
        return Ok(turned(&table));
    }
    match known.first() {
        None if rows <= width => Ok(table),
        None => Err(format!(
            "{name} is {rows} × {width}, and no n_frames says which of them is frames; add n_frames"
        )),
        Some(&frames) => {
            let nearly = |side: usize| side.abs_diff(frames) as f64 <= NEARLY * frames as f64;
            match (nearly(width), nearly(rows)) {
                (true, _) => Ok(table),
                (false, true) => Ok(turned(&table)),
                (false, false) => Err(format!(
                    "{name} is {rows} × {width}, and neither of them is the {frames} of n_frames"
                )),
            }
        }
    }
}

/// A table with one row a pick.
pub(super) fn by_pick(table: Array2<f32>, picks: usize) -> Array2<f32> {
    let (rows, width) = table.dim();
    if is_turned(rows, width, picks) {
        turned(&table)
    } else {
        table
    }
}

/// Whether a table of features lies the other way round.
pub(super) fn is_turned(rows: usize, columns: usize, picks: usize) -> bool {
    picks > 0 && rows != picks && columns == picks
}

/// Pairs of first and last (or end) frame, one a row.
pub(super) fn pairs(table: Array2<f32>) -> Result<Array2<f32>, Fault> {
    match table.dim() {
        // Of two segments the first ends before the second begins.
        (2, 2) if table[[0, 1]] > table[[1, 0]] => Ok(turned(&table)),
        (_, 2) => Ok(table),
        (2, _) => Ok(turned(&table)),
        (_, columns) => Err(format!("change_points has {columns} columns instead of 2")),
    }
}

fn turned(table: &Array2<f32>) -> Array2<f32> {
    table.t().as_standard_layout().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_side_that_is_stated_is_frames() {
        let table = Array2::from_shape_fn((4, 30), |(user, frame)| (user * 100 + frame) as f32);
        let lying = table.t().as_standard_layout().into_owned();
        for lengths in [[30, 2], [7, 30]] {
            assert_eq!(by_user("t", table.clone(), &lengths), Ok(table.clone()));
            assert_eq!(by_user("t", lying.clone(), &lengths), Ok(table.clone()));
        }
        // As many users as frames are not turned.
        let square = Array2::from_shape_fn((30, 30), |(user, frame)| (user * 30 + frame) as f32);
        assert_eq!(by_user("t", square.clone(), &[30]), Ok(square));
        assert_eq!(by_user("t", table.clone(), &[0]), Ok(table.clone()));
        for (table, frames, said) in [
            (&lying, 0, "add n_frames"),
            (&table, 50, "the 50 of n_frames"),
        ] {
            let fault = by_user("t", table.clone(), &[frames]).unwrap_err();
            assert!(fault.contains(said), "{fault}");
        }
    }

    #[test]
    fn a_few_frames_off_is_still_the_frames() {
        let table = Array2::zeros((4, 1000));
        assert_eq!(
            by_user("t", table.clone(), &[1003]).unwrap().dim(),
            (4, 1000)
        );
        let lying = table.reversed_axes();
        assert_eq!(by_user("t", lying, &[1003]).unwrap().dim(), (4, 1000));
    }

    #[test]
    fn change_points_are_pairs_either_way() {
        let three = array![[0.0, 9.0], [10.0, 19.0], [20.0, 29.0]];
        assert_eq!(pairs(three.clone()), Ok(three.clone()));
        assert_eq!(pairs(turned(&three)), Ok(three));
        for two in [
            array![[0.0, 9.0], [10.0, 19.0]],
            array![[0.0, 10.0], [10.0, 20.0]],
        ] {
            assert_eq!(pairs(two.clone()), Ok(two.clone()));
            let lying = turned(&two);
            // Half-open pairs read the same both ways: nothing distinguishes them, and nothing need
            // be turned.
            assert_eq!(
                pairs(lying),
                Ok(if two[[0, 1]] == 10.0 {
                    turned(&two)
                } else {
                    two
                })
            );
        }
        assert!(pairs(Array2::zeros((3, 4))).is_err());
    }
}
