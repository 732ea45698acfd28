//! Which rows the timeline has and what each is to show. Pure: paints nothing, knows no egui.

use super::map::TimeMap;
use crate::domain::SummaryRef;
use crate::domain::mark::jaccard;
use crate::state::AppState;

/// Annotator rows before "more" is asked for.
pub const FEW_ANNOTATORS: usize = 4;
/// Boxes nearer than this are painted as one, points.
pub const MERGE_POINTS: f32 = 1.0;

/// One row below the fixed head of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// An annotator and a summary, with what both keep.
    Pair,
    /// The sample in hand, on a lane of its own.
    Chosen {
        sample: usize,
    },
    /// A summary edited by hand, by its place among them.
    Edited {
        at: usize,
    },
    /// An alternative's summary.
    Lane {
        alternative: usize,
        open: bool,
    },
    /// One sample of an open lane.
    Sample {
        alternative: usize,
        sample: usize,
    },
    /// A pinned summary that is not an alternative of this draw.
    Pinned {
        pin: usize,
    },
    /// A thin line between samples and annotators.
    Rule,
    Annotator {
        annotator: usize,
    },
    /// "+16 more", or "fewer" where all are shown.
    MoreAnnotators {
        hidden: usize,
    },
}

impl Row {
    /// Least and greatest height in points.
    fn heights(&self) -> (f32, f32) {
        match self {
            Self::Pair => (44.0, 44.0),
            Self::Lane { .. } | Self::Chosen { .. } | Self::Pinned { .. } => (17.0, 30.0),
            Self::Edited { .. } => (21.0, 34.0),
            Self::Sample { .. } => (11.0, 16.0),
            Self::Rule => (7.0, 7.0),
            Self::Annotator { .. } => (12.0, 20.0),
            Self::MoreAnnotators { .. } => (16.0, 16.0),
        }
    }

    /// Height in whole points: the least one at a stretch of 0, the greatest at 1.
    pub fn height(&self, stretch: f32) -> f32 {
        stretched(self.heights(), stretch)
    }
}

/// A height between the least and the greatest, in whole points, so that edges stay sharp and a sum
/// never exceeds its room.
pub fn stretched((least, most): (f32, f32), stretch: f32) -> f32 {
    (least + (most - least) * stretch.clamp(0.0, 1.0)).floor()
}

/// Height of rows together.
pub fn height_of(rows: &[Row], stretch: f32) -> f32 {
    rows.iter().map(|row| row.height(stretch)).sum()
}

/// Rows in order, for the state.
pub fn rows(state: &AppState) -> Vec<Row> {
    let mut rows = Vec::new();
    let Some(session) = &state.session else {
        return rows;
    };
    if state
        .timeline
        .pair
        .is_some_and(|pair| state.pair_view(pair).is_some())
    {
        rows.push(Row::Pair);
    }
    if let Some(draw) = &session.draw {
        rows.extend((0..state.choices.edits.len()).map(|at| Row::Edited { at }));
        if let Some(SummaryRef::Sample(sample)) = state.chosen() {
            rows.push(Row::Chosen { sample });
        }
        for (index, alternative) in draw.alternatives.iter().enumerate() {
            let open = state.timeline.open_lanes.contains(&alternative.letter());
            rows.push(Row::Lane {
                alternative: index,
                open,
            });
            if open {
                let own = &alternative.selected_segments;
                let mut members = alternative.members.clone();
                // Most alike first, so that "more like this" reads from the top.
                let likeness = |sample: usize| {
                    let kept = draw.selections.get(sample);
                    kept.map_or(0.0, |kept| jaccard(own, kept))
                };
                members.sort_by(|&a, &b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(&b)));
                rows.extend(members.into_iter().map(|sample| Row::Sample {
                    alternative: index,
                    sample,
                }));
            }
        }
        for (pin, mark) in state.choices.pins.iter().enumerate() {
            if !state.is_of_an_alternative(mark) {
                rows.push(Row::Pinned { pin });
            }
        }
    }
    let annotators = session.annotator_ranges_secs.len();
    if annotators > 0 {
        if !rows.is_empty() {
            rows.push(Row::Rule);
        }
        let shown = if state.timeline.all_annotators {
            annotators
        } else {
            annotators.min(FEW_ANNOTATORS)
        };
        // Those who annotated here come first; they are who a person looks for among many.
        let made_here = |annotator: usize| {
            let set = state.choices.annotations.as_ref();
            set.and_then(|set| set.annotators.get(annotator))
                .is_some_and(|one| state.choices.works.iter().any(|work| work.name == one.name))
        };
        let mut order: Vec<usize> = (0..annotators).collect();
        order.sort_by_key(|&annotator| !made_here(annotator));
        order.truncate(shown);
        rows.extend(
            order
                .into_iter()
                .map(|annotator| Row::Annotator { annotator }),
        );
        if annotators > FEW_ANNOTATORS {
            rows.push(Row::MoreAnnotators {
                hidden: annotators - shown,
            });
        }
    }
    rows
}

/// As many rows as a height has room for: annotators at the end give way, so that the line that
/// says how many there are more is in sight. At least one of them stays; where all were asked for,
/// all are there.
pub fn in_room(mut rows: Vec<Row>, room: f32) -> Vec<Row> {
    let Some(Row::MoreAnnotators { hidden: 1.. }) = rows.last() else {
        return rows;
    };
    let is_annotator = |row: &Row| matches!(row, Row::Annotator { .. });
    let mut height = height_of(&rows, 0.0);
    let mut left = rows.iter().filter(|row| is_annotator(row)).count();
    while height > room && left > 1 {
        let last = rows.remove(rows.len() - 2);
        height -= last.height(0.0);
        left -= 1;
        if let Some(Row::MoreAnnotators { hidden }) = rows.last_mut() {
            *hidden += 1;
        }
    }
    rows
}

/// Horizontal extents in points of time ranges (ascending) that are on screen. Ranges that touch
/// within `merge` points become one, and none is narrower than one point.
pub fn boxes(ranges_secs: &[(f64, f64)], map: &TimeMap, merge: f32) -> Vec<(f32, f32)> {
    let first = ranges_secs.partition_point(|range| range.1 <= map.start_secs);
    let mut out: Vec<(f32, f32)> = Vec::new();
    for &(start, end) in &ranges_secs[first..] {
        if start >= map.end_secs() {
            break;
        }
        let (left, right) = (map.x_from_secs(start), map.x_from_secs(end));
        match out.last_mut() {
            Some(last) if left - last.1 < merge => last.1 = last.1.max(right),
            _ => out.push((left, right.max(left + 1.0))),
        }
    }
    out
}

/// A coloured stretch of the frequency strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatBox {
    pub left: f32,
    pub right: f32,
    /// Mean over the segments that were joined, weighted by their length.
    pub value: f32,
}

/// The frequency strip: one box a segment, segments narrower than a point joined.
pub fn heat_boxes(spans_secs: &[(f64, f64)], values: &[f64], map: &TimeMap) -> Vec<HeatBox> {
    let first = spans_secs.partition_point(|span| span.1 <= map.start_secs);
    let mut out = Vec::new();
    let mut pending: Option<(f64, f64, f64)> = None;
    let flush = |pending: &mut Option<(f64, f64, f64)>, out: &mut Vec<HeatBox>| {
        if let Some((start, end, weighted)) = pending.take() {
            out.push(HeatBox {
                left: map.x_from_secs(start),
                right: map.x_from_secs(end),
                value: (weighted / (end - start).max(1e-12)) as f32,
            });
        }
    };
    for (&(start, end), &value) in spans_secs.iter().zip(values).skip(first) {
        if start >= map.end_secs() {
            break;
        }
        let narrow = (end - start) < map.secs_per_point();
        match &mut pending {
            Some((from, to, weighted)) if narrow && end - *from < 2.0 * map.secs_per_point() => {
                *to = end;
                *weighted += value * (end - start);
            }
            _ => {
                flush(&mut pending, &mut out);
                pending = Some((start, end, value * (end - start)));
            }
        }
        if !narrow {
            flush(&mut pending, &mut out);
        }
    }
    flush(&mut pending, &mut out);
    out
}

/// How several values that fall on one point of the screen become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    Mean,
    Least,
    Greatest,
}

/// A curve as points `(x, value)`: at most about one a point of the screen, with one point beyond
/// either edge so that the line runs off it.
pub fn curve(times_secs: &[f64], values: &[f32], map: &TimeMap, reduce: Reduce) -> Vec<(f32, f32)> {
    let count = times_secs.len().min(values.len());
    let first = times_secs[..count]
        .partition_point(|&t| t < map.start_secs)
        .saturating_sub(1);
    let last = (times_secs[..count].partition_point(|&t| t <= map.end_secs()) + 1).min(count);
    if first >= last {
        return Vec::new();
    }
    let visible = first..last;
    if (visible.len() as f64) < map.width * 1.5 {
        return visible
            .map(|i| (map.x_from_secs(times_secs[i]), values[i]))
            .collect();
    }
    let mut out: Vec<(f32, f32)> = Vec::with_capacity(map.width as usize + 2);
    let mut column = i64::MIN;
    let mut members = 0u32;
    for i in visible {
        let x = map.x_from_secs(times_secs[i]);
        let here = x.floor() as i64;
        if here != column {
            column = here;
            members = 1;
            out.push((here as f32 + 0.5, values[i]));
            continue;
        }
        members += 1;
        if let Some((_, value)) = out.last_mut() {
            *value = match reduce {
                Reduce::Mean => *value + (values[i] - *value) / members as f32,
                Reduce::Least => value.min(values[i]),
                Reduce::Greatest => value.max(values[i]),
            };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Letter;
    use crate::state::command::Command;
    use crate::testing::fixture;

    fn map() -> TimeMap {
        TimeMap::new(0.0, 1000.0, 0.0, 100.0)
    }

    #[test]
    fn boxes_under_a_point_become_one() {
        let ranges = [(10.0, 10.02), (10.05, 10.06), (50.0, 60.0)];
        assert_eq!(
            boxes(&ranges, &map(), MERGE_POINTS),
            vec![(100.0, 101.0), (500.0, 600.0)]
        );
    }

    #[test]
    fn boxes_off_screen_are_left_out() {
        let mut zoomed = map();
        zoomed.zoom_at(550.0, 10.0);
        let ranges: Vec<(f64, f64)> = (0..50)
            .map(|i| (f64::from(i) * 2.0, f64::from(i) * 2.0 + 1.0))
            .collect();
        let shown = boxes(&ranges, &zoomed, MERGE_POINTS);
        assert!(shown.len() <= 6 && !shown.is_empty());
    }

    #[test]
    fn narrow_segments_keep_their_weight_in_the_strip() {
        let spans: Vec<(f64, f64)> = (0..10_000)
            .map(|i| (f64::from(i) * 0.01, f64::from(i + 1) * 0.01))
            .collect();
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i % 2)).collect();
        let strip = heat_boxes(&spans, &values, &map());
        assert!(strip.len() <= 1100, "{} boxes", strip.len());
        assert!(strip.iter().all(|b| (b.value - 0.5).abs() < 0.06));
        assert!((strip[0].left, strip[strip.len() - 1].right) == (0.0, 1000.0));
        let wide = heat_boxes(&[(0.0, 40.0), (40.0, 100.0)], &[0.2, 0.9], &map());
        assert_eq!(wide.len(), 2);
        assert!((wide[1].value - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_long_curve_is_reduced_to_the_screen() {
        let times: Vec<f64> = (0..28_800).map(|i| f64::from(i) / 288.0).collect();
        let values: Vec<f32> = (0..28_800).map(|i| (i % 7) as f32).collect();
        let mean = curve(&times, &values, &map(), Reduce::Mean);
        assert!(mean.len() <= 1001);
        assert!(mean.iter().all(|(_, v)| (v - 3.0).abs() < 0.5));
        let most = curve(&times, &values, &map(), Reduce::Greatest);
        assert!(most.iter().take(999).all(|(_, v)| *v == 6.0));
        let least = curve(&times, &values, &map(), Reduce::Least);
        assert!(least.iter().take(999).all(|(_, v)| *v == 0.0));
        assert!(curve(&[], &[], &map(), Reduce::Mean).is_empty());
    }

    #[test]
    fn annotators_give_way_to_the_line_that_counts_them() {
        let mut state = fixture::state();
        let all = rows(&state);
        let height = |rows: &[Row]| height_of(rows, 0.0);
        let whole = height(&all);
        assert_eq!(in_room(all.clone(), whole), all);
        let fewer = in_room(all.clone(), whole - 1.0);
        assert_eq!(fewer.last(), Some(&Row::MoreAnnotators { hidden: 17 }));
        assert!(height(&fewer) <= whole - 1.0);
        // One stays, and the rest is scrolled to.
        let least = in_room(all.clone(), 10.0);
        assert_eq!(least.len(), all.len() - FEW_ANNOTATORS + 1);
        state.timeline.all_annotators = true;
        let every = rows(&state);
        assert_eq!(in_room(every.clone(), 10.0), every);
    }

    #[test]
    fn rows_follow_the_alternatives_then_the_annotators() {
        let mut state = fixture::state();
        let all = rows(&state);
        assert_eq!(all.len(), 4 + 1 + FEW_ANNOTATORS + 1);
        assert_eq!(all[all.len() - 1], Row::MoreAnnotators { hidden: 16 });
        state.timeline.all_annotators = true;
        state.timeline.open_lanes.insert(Letter(3));
        let opened = rows(&state);
        let members = state.draw().unwrap().alternatives[3].members.len();
        assert_eq!(opened.len(), 4 + members + 1 + 20 + 1);
        // The likest leads the samples.
        let first = opened.iter().find_map(|row| match row {
            Row::Sample { sample, .. } => Some(*sample),
            _ => None,
        });
        let likeness = |s: usize| {
            let draw = state.draw().unwrap();
            jaccard(&draw.alternatives[3].selected_segments, &draw.selections[s])
        };
        assert_eq!(likeness(first.unwrap()), 1.0);
        // A sample in hand has a lane of its own, in front of the alternatives'.
        state.run(Command::Choose(SummaryRef::Sample(9)));
        assert_eq!(rows(&state)[0], Row::Chosen { sample: 9 });
        state.run(Command::SelectAlternative(1));
        assert!(!rows(&state).contains(&Row::Chosen { sample: 9 }));
        // What was edited by hand keeps a lane, whatever is in hand.
        let edit = crate::domain::SummaryEdit::RemovePiece(0);
        state.run(Command::EditSummary(edit));
        state.run(Command::SelectAlternative(2));
        assert_eq!(rows(&state)[0], Row::Edited { at: 0 });
    }
}
