//! When the source's subtitles are shown in the clip: shifted to its clock and clipped at its
//! pieces. Pure arithmetic.

use super::plan::CutPlan;

/// Something shown for a while, in seconds of the source's container clock.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimedSubtitle<T> {
    pub start_secs: f64,
    /// Not after the start where the source states no end and nothing follows.
    pub end_secs: f64,
    pub content: T,
}

/// A stretch of the clip in which an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub start_ms: i64,
    pub end_ms: i64,
    /// Place of the event among those of the source.
    pub event: usize,
}

/// Where the events are shown in the clip, by start. An event that goes on in the next piece goes
/// on in the clip.
pub(super) fn on_film<T>(events: &[TimedSubtitle<T>], plan: &CutPlan) -> Vec<Shown> {
    let millis = |secs: f64| (secs * 1000.0).round() as i64;
    let mut shown: Vec<Shown> = Vec::new();
    for piece in plan.pieces.iter().filter(|piece| piece.still.is_none()) {
        let (film_start, film_end) = (plan.secs(piece.out_start), plan.secs(piece.out_end));
        let shift_secs = film_start - piece.source_secs;
        let last_start = |event: usize, shown: &[Shown]| {
            shown
                .iter()
                .rposition(|one| one.event == event && one.end_ms == millis(film_start))
        };
        for (number, event) in events.iter().enumerate() {
            let end_secs = match event.end_secs > event.start_secs {
                true => event.end_secs,
                false => f64::INFINITY,
            };
            let start_ms = millis((event.start_secs + shift_secs).max(film_start));
            let end_ms = millis((end_secs + shift_secs).min(film_end));
            if start_ms >= end_ms {
                continue;
            }
            match last_start(number, &shown) {
                Some(at) if start_ms == millis(film_start) => shown[at].end_ms = end_ms,
                _ => shown.push(Shown {
                    start_ms,
                    end_ms,
                    event: number,
                }),
            }
        }
    }
    shown.sort_by_key(|one| (one.start_ms, one.event));
    shown
}

/// The same without overlaps: each stretch with all events that are shown in it.
pub(super) fn flattened(shown: &[Shown]) -> Vec<(Shown, Vec<usize>)> {
    let mut edges: Vec<i64> = shown
        .iter()
        .flat_map(|one| [one.start_ms, one.end_ms])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut flat: Vec<(Shown, Vec<usize>)> = Vec::new();
    let mut first = 0;
    for pair in edges.windows(2) {
        let (start_ms, end_ms) = (pair[0], pair[1]);
        while first < shown.len() && shown[first].end_ms <= start_ms {
            first += 1;
        }
        let events: Vec<usize> = shown[first..]
            .iter()
            .take_while(|one| one.start_ms <= start_ms)
            .filter(|one| one.end_ms > start_ms)
            .map(|one| one.event)
            .collect();
        if let Some(&event) = events.first() {
            let stretch = Shown {
                start_ms,
                end_ms,
                event,
            };
            flat.push((stretch, events));
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FrameIndex, FrameRange, Rational};

    /// 20 s at 25 frames a second whose clock begins at 5 s.
    fn plan(ranges: &[(u64, u64)]) -> CutPlan {
        let index = FrameIndex {
            time_base: Rational::new(1, 25),
            pts: (125..625).collect::<Vec<i64>>().into(),
            last_duration: 1,
            keyframes: vec![0].into(),
        };
        let ranges: Vec<FrameRange> = ranges
            .iter()
            .map(|&(start, end)| FrameRange::new(start, end))
            .collect();
        CutPlan::new(&index, &ranges, &[], None).unwrap()
    }

    fn event(start_secs: f64, end_secs: f64) -> TimedSubtitle<()> {
        TimedSubtitle {
            start_secs,
            end_secs,
            content: (),
        }
    }

    fn shown(start_ms: i64, end_ms: i64, event: usize) -> Shown {
        Shown {
            start_ms,
            end_ms,
            event,
        }
    }

    #[test]
    fn times_are_shifted_and_clipped_at_pieces() {
        // 1–3 s and 10–12 s of the clip's own time.
        let plan = plan(&[(25, 75), (250, 300)]);
        let events = [
            event(5.0, 5.9),
            event(5.5, 6.5),
            event(7.0, 7.25),
            event(7.5, 16.0),
            event(16.5, 20.0),
        ];
        assert_eq!(
            on_film(&events, &plan),
            [
                shown(0, 500, 1),
                shown(1000, 1250, 2),
                // It goes on in the second piece.
                shown(1500, 3000, 3),
                shown(3500, 4000, 4),
            ]
        );
    }

    #[test]
    fn a_repeated_piece_repeats_its_texts_and_an_open_end_lasts() {
        let plan = plan(&[(50, 75), (25, 75)]);
        let events = [event(7.5, 7.5)];
        assert_eq!(
            on_film(&events, &plan),
            [shown(500, 1000, 0), shown(2500, 3000, 0)]
        );
    }

    #[test]
    fn texts_that_overlap_become_one() {
        let texts = [shown(0, 1000, 0), shown(400, 1600, 1), shown(2000, 2500, 2)];
        assert_eq!(
            flattened(&texts),
            [
                (shown(0, 400, 0), vec![0]),
                (shown(400, 1000, 0), vec![0, 1]),
                (shown(1000, 1600, 1), vec![1]),
                (shown(2000, 2500, 2), vec![2]),
            ]
        );
    }
}
