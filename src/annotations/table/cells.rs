//! The cells of one column: numbers with points or commas, clock times, and what stands for
//! nothing. How a column writes its numbers is decided by all of its cells together.

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing, or a word for it such as NaN.
    Empty,
    Number(f64),
    /// A clock time, in seconds.
    Clock(f64),
    /// Neither, and why, as the end of a sentence.
    Bad(String),
}

/// What a column's numbers count, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Frames,
    Seconds,
    Milliseconds,
}

/// The cells of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Column {
    pub cells: Vec<Cell>,
}

impl Column {
    /// Reads a column's cells; `whole` where its numbers are whole, so that `1.000` in it is a
    /// thousand if anything says so.
    pub(super) fn read<'a>(cells: impl Iterator<Item = &'a str> + Clone, whole: bool) -> Self {
        let style = Style::of(cells.clone().map(str::trim), whole);
        Self {
            cells: cells.map(|cell| read(cell.trim(), style)).collect(),
        }
    }

    pub(super) fn has_clock(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell, Cell::Clock(_)))
    }

    pub(super) fn has_fraction(&self) -> bool {
        let fraction = |cell: &Cell| matches!(cell, Cell::Number(number) if number.fract() != 0.0);
        self.cells.iter().any(fraction)
    }

    pub(super) fn has_number(&self) -> bool {
        self.cells
            .iter()
            .any(|cell| matches!(cell, Cell::Number(_)))
    }
}

/// How a column writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

impl Style {
    fn of<'a>(cells: impl Iterator<Item = &'a str>, whole: bool) -> Self {
        // Cells with one comma before three digits, which both styles write.
        let mut either = false;
        for cell in cells.filter(|cell| !cell.contains(':')) {
            match (cell.matches(',').count(), cell.matches('.').count()) {
                (0, 0 | 1) | (1.., 1) if cell.rfind(',') < cell.rfind('.') => {
                    if cell.contains(',') {
                        return Self::Point;
                    }
                }
                (0, 0) => {}
                (0, _) => return Self::Comma,
                (1, 0) if is_grouped(cell, ',') => either = true,
                (1, _) => return Self::Comma,
                _ => return Self::Point,
            }
        }
        if either && !whole {
            Self::Comma
        } else {
            Self::Point
        }
    }
}

/// Whether a separator stands before three digits and behind one to three, as between thousands.
fn is_grouped(cell: &str, separator: char) -> bool {
    cell.split_once(separator).is_some_and(|(before, after)| {
        let before = before.trim_start_matches(['-', '+', '\u{2212}']);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (1..=3).contains(&before.len())
            && before != "0"
            && after.len() == 3
            && digits(before)
            && digits(after)
    })
}

fn read(cell: &str, style: Style) -> Cell {
    const NOTHING: [&str; 9] = ["", "-", "nan", "na", "n/a", "null", "none", "nat", "?"];
    if NOTHING.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return Cell::Empty;
    }
    if cell.contains(':') {
        return match clock_secs(cell) {
            Some(secs) => Cell::Clock(secs),
            None if cell.matches([':', ';']).count() == 3 => Cell::Bad(format!(
                "holds the timecode {cell}; write a clock time such as 00:00:01.480 or a frame number"
            )),
            None => Cell::Bad(format!(
                "holds {cell}, which is no clock time such as 0:01:02.5"
            )),
        };
    }
    match number(cell, style) {
        Some(number) => Cell::Number(number),
        None => Cell::Bad(format!("holds {cell}, which is no number")),
    }
}

fn number(cell: &str, style: Style) -> Option<f64> {
    let (decimal, thousands) = match style {
        Style::Point => ('.', ','),
        Style::Comma => (',', '.'),
    };
    // Without a comma a point is a point, in whichever column.
    let lone_point = style == Style::Comma && !cell.contains(',') && cell.matches('.').count() == 1;
    let plain: String = cell
        .chars()
        .filter(|&c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}'))
        .filter(|&c| lone_point || c != thousands)
        .map(|c| match c {
            '\u{2212}' => '-',
            c if c == decimal => '.',
            c => c,
        })
        .collect();
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Seconds of `h:mm:ss`, `m:ss`, with a fraction behind a point or comma, and of Python's `0 days
/// 00:00:01.5`.
fn clock_secs(cell: &str) -> Option<f64> {
    let (days, clock) = match cell.split_once(" day") {
        Some((days, rest)) => {
            let clock = rest.trim_start_matches('s').trim_start_matches(',').trim();
            (days.trim().parse::<u32>().ok()?, clock)
        }
        None => (0, cell),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (last, first) = parts.split_last()?;
    if first.len() > 2 {
        return None;
    }
    let mut whole = 0.0;
    for (at, part) in first.iter().enumerate() {
        let part: u32 = part.trim().parse().ok()?;
        if at > 0 && part > 59 {
            return None;
        }
        whole = whole * 60.0 + f64::from(part);
    }
    let last = last.trim();
    if !last.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let secs: f64 = last.replacen(',', ".", 1).parse().ok()?;
    (secs < 60.0).then_some(f64::from(days) * 86_400.0 + whole * 60.0 + secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str], whole: bool) -> Vec<Cell> {
        Column::read(cells.iter().copied(), whole).cells
    }

    fn numbers(cells: &[&str], whole: bool) -> Vec<f64> {
        column(cells, whole)
            .into_iter()
            .map(|cell| match cell {
                Cell::Number(number) => number,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_column_decides_by_all_its_cells() {
        assert_eq!(numbers(&["1.5", "2"], false), [1.5, 2.0]);
        assert_eq!(numbers(&["1,5", "2", "3,25"], false), [1.5, 2.0, 3.25]);
        assert_eq!(numbers(&["1,000", "2,500"], false), [1.0, 2.5]);
        assert_eq!(numbers(&["1,000", "2,500"], true), [1000.0, 2500.0]);
        assert_eq!(numbers(&["1,000", "2,5"], true), [1.0, 2.5]);
        assert_eq!(numbers(&["1,234.5", "1,000"], false), [1234.5, 1000.0]);
        assert_eq!(
            numbers(&["1.234,5", "1.000,25", "2.5"], false),
            [1234.5, 1000.25, 2.5]
        );
        assert_eq!(numbers(&["1,234,567", "8"], false), [1_234_567.0, 8.0]);
        assert_eq!(numbers(&["1.234.567", "8"], true), [1_234_567.0, 8.0]);
        assert_eq!(
            numbers(&["1'234.5", "2 345", "1\u{a0}000", "\u{2212}3"], false),
            [1234.5, 2345.0, 1000.0, -3.0]
        );
        assert_eq!(numbers(&["25.0", "1e3", "0,5"], false), [25.0, 1000.0, 0.5]);
        assert_eq!(numbers(&["0,125", "0,250"], true), [0.125, 0.25]);
    }

    #[test]
    fn clock_times_and_what_is_none() {
        let secs = |cell| match &column(&[cell], false)[0] {
            Cell::Clock(secs) => Some(*secs),
            _ => None,
        };
        assert_eq!(secs("00:00:01.000"), Some(1.0));
        assert_eq!(secs("0:03"), Some(3.0));
        assert_eq!(secs("1:02:03,5"), Some(3723.5));
        assert_eq!(secs("90:00"), Some(5400.0));
        assert_eq!(secs("0 days 00:00:01.500000"), Some(1.5));
        assert_eq!(secs("1 day, 0:00:02"), Some(86_402.0));
        for wrong in ["1:75", "0:60:00", "::", "a:b", "1:-2", "0:00:inf"] {
            assert_eq!(secs(wrong), None, "{wrong}");
        }
        let Cell::Bad(why) = &column(&["00:00:01:12"], false)[0] else {
            panic!("a timecode without its rate is no time");
        };
        assert!(why.contains("timecode 00:00:01:12"), "{why}");
        for nothing in ["", " ", "NaN", "n/a", "null"] {
            assert_eq!(column(&[nothing], false), [Cell::Empty], "{nothing}");
        }
        assert!(matches!(&column(&["x1"], false)[0], Cell::Bad(_)));
        assert!(matches!(&column(&["inf"], false)[0], Cell::Bad(_)));
    }
}
