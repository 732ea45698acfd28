//! What the columns of a table are, by their names: case, punctuation and the order of the words do
//! not count.

use super::cells::Unit;

/// Columns of a table that is known.
#[derive(Debug, PartialEq)]
pub(super) enum Layout {
    Picks(Picks),
    Scores(Scores),
}

/// One row a pick, or a rating of a stretch.
#[derive(Debug, PartialEq)]
pub(super) struct Picks {
    pub start: usize,
    pub end: usize,
    /// Whether `end` holds how long the pick lasts.
    pub by_duration: bool,
    /// `None` where the names do not say.
    pub unit: Option<Unit>,
    pub end_unit: Option<Unit>,
    pub annotator: Option<usize>,
    pub video: Option<usize>,
    pub score: Option<usize>,
    pub frame_count: Option<usize>,
    pub frame_rate_fps: Option<usize>,
}

/// One row a time, one column an annotator.
#[derive(Debug, PartialEq)]
pub(super) struct Scores {
    pub position: usize,
    pub unit: Option<Unit>,
    /// Columns of the annotators.
    pub people: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Start,
    End,
    Duration,
    Position,
}

/// What the columns under these names are; `None` where they are of neither kind.
pub(super) fn layout(header: &[String]) -> Option<Layout> {
    let roles: Vec<Option<(Role, Option<Unit>)>> = header.iter().map(|name| role(name)).collect();
    let named = |names: &[&str]| {
        let is = |name: &String| names.contains(&words(name).join("_").as_str());
        header.iter().position(is)
    };
    let all = |wanted: Role| {
        roles
            .iter()
            .enumerate()
            .filter_map(move |(at, role)| (*role)?.0.eq(&wanted).then_some((at, (*role)?.1)))
    };
    let (starts, ends): (Vec<_>, Vec<_>) = (all(Role::Start).collect(), all(Role::End).collect());
    let durations: Vec<_> = all(Role::Duration).collect();
    // Where there are several, frames are exact, and both ends count the same.
    let preferred = [
        Some(Unit::Frames),
        Some(Unit::Seconds),
        Some(Unit::Milliseconds),
        None,
    ];
    let of = |list: &[(usize, Option<Unit>)], unit: Option<Unit>| {
        list.iter().find(|(_, of)| *of == unit).map(|(at, _)| *at)
    };
    let pair = |others: &[(usize, Option<Unit>)]| {
        let same = preferred
            .iter()
            .find_map(|&unit| Some((of(&starts, unit)?, of(others, unit)?, unit, unit)));
        same.or_else(|| {
            let (&(start, unit), &(other, end_unit)) = starts.first().zip(others.first())?;
            Some((start, other, unit, end_unit))
        })
    };
    let found = pair(&ends).map(|pair| (pair, false));
    if let Some(((start, end, unit, end_unit), by_duration)) =
        found.or_else(|| pair(&durations).map(|pair| (pair, true)))
    {
        return Some(Layout::Picks(Picks {
            start,
            end,
            by_duration,
            unit,
            end_unit,
            annotator: named(&[
                "annotator",
                "annotator_name",
                "annotator_id",
                "name",
                "user",
                "user_id",
                "rater",
                "participant",
                "person",
                "coder",
                "tier",
            ]),
            video: named(&[
                "video",
                "video_id",
                "video_name",
                "file",
                "filename",
                "file_name",
                "media",
            ]),
            score: named(&["score", "rating", "importance"]),
            frame_count: named(&["frame_count", "n_frames"]),
            frame_rate_fps: named(&["frame_rate_fps", "fps"]),
        }));
    }
    let (position, unit) = all(Role::Position).next()?;
    // Pandas writes the numbers of rows into a column without a name.
    let is_index = |name: &str| name.is_empty() || name.starts_with("Unnamed:");
    let people: Vec<usize> = (0..header.len())
        .filter(|&at| at != position && !is_index(&header[at]))
        .filter(|&at| roles[at].is_none_or(|(role, _)| role != Role::Position))
        .collect();
    let leads = position == 0 || (0..position).all(|at| is_index(&header[at]));
    (leads && !people.is_empty()).then_some(Layout::Scores(Scores {
        position,
        unit,
        people,
    }))
}

/// The words of a name in lower case.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// What a column is by its name; `None` for a name with any other word in it.
fn role(name: &str) -> Option<(Role, Option<Unit>)> {
    let (mut role, mut unit, mut timely) = (None, None, false);
    let words = words(name);
    for word in &words {
        let found = match word.as_str() {
            "start" | "begin" | "beginning" | "onset" | "from" => Some(Role::Start),
            "end" | "stop" | "offset" | "to" | "until" => Some(Role::End),
            "duration" | "length" => Some(Role::Duration),
            _ => None,
        };
        if found.is_some() {
            if role.is_some() {
                return None;
            }
            role = found;
            continue;
        }
        let of = match word.as_str() {
            "frame" | "frames" => Some(Unit::Frames),
            "s" | "sec" | "secs" | "second" | "seconds" | "ss" | "hh" => Some(Unit::Seconds),
            "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => Some(Unit::Milliseconds),
            "time" | "timestamp" => {
                timely = true;
                None
            }
            "mm" | "number" | "no" | "nr" | "index" if !words.is_empty() => None,
            _ => return None,
        };
        // ELAN's "Begin Time - hh:mm:ss.ms" and "ss.msec" are seconds.
        unit = unit.or(of);
    }
    let unit = unit.or(timely.then_some(Unit::Seconds));
    match role {
        Some(role) => Some((role, unit)),
        None => unit.map(|unit| (Role::Position, Some(unit))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Layout> {
        layout(&header.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    fn picks(header: &str) -> (usize, usize, bool, Option<Unit>) {
        match of(header) {
            Some(Layout::Picks(picks)) => (picks.start, picks.end, picks.by_duration, picks.unit),
            other => panic!("{header}: {other:?}"),
        }
    }

    #[test]
    fn names_of_many_tools_are_known() {
        let (frames, secs, ms) = (
            Some(Unit::Frames),
            Some(Unit::Seconds),
            Some(Unit::Milliseconds),
        );
        for (header, expected) in [
            ("annotator,start_frame,end_frame", (1, 2, false, frames)),
            ("Start,End", (0, 1, false, None)),
            ("start (s),end (s),who", (0, 1, false, secs)),
            (
                "Begin Time - ss.msec,End Time - ss.msec,Tier",
                (0, 1, false, secs),
            ),
            ("Begin Time - msec,End Time - msec", (0, 1, false, ms)),
            (
                "Begin Time - hh:mm:ss.ms,Duration - hh:mm:ss.ms",
                (0, 1, true, secs),
            ),
            ("onset,duration,trial_type", (0, 1, true, None)),
            (
                "start_time,end_time,start_frame,end_frame",
                (2, 3, false, frames),
            ),
            ("frame_start,frame_end", (0, 1, false, frames)),
        ] {
            assert_eq!(picks(header), expected, "{header}");
        }
        let scores = |header: &str| match of(header) {
            Some(Layout::Scores(scores)) => Some((scores.position, scores.unit, scores.people)),
            _ => None,
        };
        assert_eq!(scores("frame,Ann,Bob"), Some((0, frames, vec![1, 2])));
        assert_eq!(scores("time_secs,Ann"), Some((0, secs, vec![1])));
        assert_eq!(scores(",Time (ms),Ann"), Some((1, ms, vec![2])));
        for other in [
            "a,b",
            "frame",
            "Ann,frame",
            "start_frame,Ann",
            "annotator,score",
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
