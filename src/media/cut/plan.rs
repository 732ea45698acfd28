//! When each kept frame is shown in the exported clip. Pure arithmetic over the frame index: reads
//! and writes nothing.

use super::CutError;
use crate::domain::{FrameIndex, FrameRange, Rational};

/// A stretch of source frames that plays without a join, or a still picture that stands before one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    /// Empty where it is a still picture.
    pub frames: FrameRange,
    pub still: Option<Still>,
    /// Output time of its first frame, in ticks of the plan's time base.
    pub out_start: i64,
    pub out_end: i64,
    /// Presentation time of its first frame on the container's own clock, seconds.
    pub source_secs: f64,
}

/// A picture that is none of the source's and stands for a while, in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Still {
    /// The part that it introduces.
    pub part: usize,
    /// How many times the clip shows it.
    pub count: u64,
}

/// Ranges that play one after the other, with a still picture before them where it has a length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub ranges: &'a [FrameRange],
    pub still_secs: f64,
}

/// One frame of the exported clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlannedFrame {
    /// The frame shown; of a still picture the first one after it.
    pub source_frame: u64,
    /// The part whose still picture it shows instead of a frame of the source.
    pub still: Option<usize>,
    pub pts: i64,
    pub duration: i64,
    /// Whether the picture before it in the source is not the one before it in the clip.
    pub starts_piece: bool,
}

/// The layout of the exported clip: pieces one after the other, without gap or overlap.
#[derive(Clone, Debug)]
pub(super) struct CutPlan {
    pub pieces: Vec<Piece>,
    /// Seconds per output tick.
    pub time_base: Rational,
    /// Frames a second where the clip has a constant rate; then a tick is one frame.
    pub constant_rate: Option<Rational>,
    index: FrameIndex,
}

impl CutPlan {
    /// Lays out ranges in the given order; neighbours that continue each other become one piece.
    ///
    /// `rate_hints` are rates the container states; the clip gets a constant rate when all frames
    /// of the source keep one of them (or a usual rate) within the container's rounding. `max_den`
    /// limits the time base's denominator for encoders that cannot count finer.
    pub fn new(
        index: &FrameIndex,
        ranges: &[FrameRange],
        rate_hints: &[Rational],
        max_den: Option<i64>,
    ) -> Result<Self, CutError> {
        let whole = Part {
            ranges,
            still_secs: 0.0,
        };
        Self::of_parts(index, &[whole], rate_hints, max_den)
    }

    /// The same for parts that play one after the other. A part that keeps nothing has no still
    /// picture either.
    pub fn of_parts(
        index: &FrameIndex,
        parts: &[Part],
        rate_hints: &[Rational],
        max_den: Option<i64>,
    ) -> Result<Self, CutError> {
        let constant_rate = constant_rate(index, rate_hints);
        let time_base = match (constant_rate, max_den) {
            (Some(rate), _) => Rational::new(rate.den, rate.num),
            (None, Some(max)) if index.time_base.den > max => Rational::new(1, max.min(60_000)),
            (None, _) => index.time_base,
        };
        let mut plan = Self {
            pieces: Vec::new(),
            time_base,
            constant_rate,
            index: index.clone(),
        };
        for (number, part) in parts.iter().enumerate() {
            let merged = merged(index, part.ranges)?;
            if let (Some(first), true) = (merged.first(), part.still_secs > 0.0) {
                plan.push_still(number, first.start, part.still_secs);
            }
            for frames in merged {
                let ticks = plan.ticks_between(frames.start, frames.end);
                plan.push(frames, None, ticks);
            }
        }
        if plan.pieces.is_empty() {
            return Err(CutError::Empty);
        }
        Ok(plan)
    }

    /// Adds a piece that lasts so many ticks at the clip's end.
    fn push(&mut self, frames: FrameRange, still: Option<Still>, ticks: i64) {
        let start = self.end();
        let first = self.index.pts[frames.start as usize];
        self.pieces.push(Piece {
            frames,
            still,
            out_start: start,
            out_end: start + ticks,
            source_secs: first as f64 * self.index.time_base.as_f64(),
        });
    }

    /// A still picture before a frame, shown about as often as the source shows pictures, once at
    /// least.
    fn push_still(&mut self, part: usize, frame: u64, secs: f64) {
        let (count, ticks) = match self.constant_rate {
            Some(rate) => {
                let count = ((secs * rate.as_f64()).round() as i64).max(1);
                (count, count)
            }
            None => {
                let ticks = ((secs / self.time_base.as_f64()).round() as i64).max(1);
                let rate = self.index.len() as f64 / self.index.duration_secs().max(1e-3);
                (((secs * rate).round() as i64).clamp(1, ticks), ticks)
            }
        };
        let still = Still {
            part,
            count: count as u64,
        };
        self.push(FrameRange::new(frame, frame), Some(still), ticks);
    }

    /// Frames of the clip.
    pub fn frame_count(&self) -> u64 {
        self.pieces.iter().map(Piece::frame_count).sum()
    }

    /// End of the clip in ticks.
    pub fn end(&self) -> i64 {
        self.pieces.last().map_or(0, |piece| piece.out_end)
    }

    pub fn duration_secs(&self) -> f64 {
        self.secs(self.end())
    }

    pub fn secs(&self, ticks: i64) -> f64 {
        ticks as f64 * self.time_base.as_f64()
    }

    /// Every frame of the clip in order.
    pub fn frames(&self) -> impl Iterator<Item = PlannedFrame> {
        self.pieces.iter().flat_map(move |piece| {
            (0..piece.frame_count()).map(move |at| match piece.still {
                Some(still) => piece.shown_still(still, at),
                None => self.planned(piece, piece.frames.start + at),
            })
        })
    }

    /// A source frame as it is shown in a piece.
    pub fn planned(&self, piece: &Piece, source_frame: u64) -> PlannedFrame {
        let pts = piece.out_start + self.ticks_between(piece.frames.start, source_frame);
        let next = piece.out_start + self.ticks_between(piece.frames.start, source_frame + 1);
        PlannedFrame {
            source_frame,
            still: None,
            pts,
            duration: next - pts,
            starts_piece: source_frame == piece.frames.start,
        }
    }

    /// Output ticks from the start of one source frame to the start of another.
    fn ticks_between(&self, from: u64, to: u64) -> i64 {
        if self.constant_rate.is_some() {
            return to as i64 - from as i64;
        }
        let ticks = container_ticks(&self.index, to) - container_ticks(&self.index, from);
        let (from_base, to_base) = (self.index.time_base, self.time_base);
        if from_base == to_base {
            return ticks;
        }
        let num = i128::from(ticks) * i128::from(from_base.num) * i128::from(to_base.den);
        let den = i128::from(from_base.den) * i128::from(to_base.num);
        // Round half up; ticks are never negative here.
        ((2 * num + den) / (2 * den)) as i64
    }
}

impl Piece {
    /// Pictures that the clip shows of it.
    pub fn frame_count(&self) -> u64 {
        self.still
            .map_or_else(|| self.frames.len(), |still| still.count)
    }

    /// A still picture for the time numbered `at`.
    fn shown_still(&self, still: Still, at: u64) -> PlannedFrame {
        let ticks = i128::from(self.out_end - self.out_start);
        let start =
            |at: u64| self.out_start + (ticks * i128::from(at) / i128::from(still.count)) as i64;
        PlannedFrame {
            source_frame: self.frames.start,
            still: Some(still.part),
            pts: start(at),
            duration: start(at + 1) - start(at),
            starts_piece: at == 0,
        }
    }
}

/// The ranges that hold something, neighbours that continue each other as one.
fn merged(index: &FrameIndex, ranges: &[FrameRange]) -> Result<Vec<FrameRange>, CutError> {
    let mut merged: Vec<FrameRange> = Vec::new();
    for &range in ranges.iter().filter(|range| !range.is_empty()) {
        if range.end > index.len() {
            return Err(CutError::OutOfRange {
                start: range.start,
                end: range.end,
                frame_count: index.len(),
            });
        }
        match merged.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => merged.push(range),
        }
    }
    Ok(merged)
}

/// Container time of a frame's start; the end of the video for the frame after the last.
fn container_ticks(index: &FrameIndex, frame: u64) -> i64 {
    match index.pts.get(frame as usize) {
        Some(&pts) => pts,
        None => index
            .pts
            .last()
            .map_or(0, |&pts| pts + index.last_duration.max(1)),
    }
}

/// The rate that all frames keep within the rounding of the container's clock, if any.
fn constant_rate(index: &FrameIndex, hints: &[Rational]) -> Option<Rational> {
    let (&first, &last) = (index.pts.first()?, index.pts.last()?);
    let tick_secs = index.time_base.as_f64();
    let usual = [
        Rational::new(25, 1),
        Rational::new(30000, 1001),
        Rational::new(30, 1),
        Rational::new(24000, 1001),
        Rational::new(24, 1),
        Rational::new(50, 1),
        Rational::new(60000, 1001),
        Rational::new(60, 1),
        Rational::new(15, 1),
        Rational::new(12, 1),
        Rational::new(10, 1),
        Rational::new(120, 1),
    ];
    let keeps =
        |rate: &Rational| {
            let frame_ticks = rate.den as f64 / (rate.num as f64 * tick_secs);
            // Two roundings, the first frame's and this one's; but never so coarse that a fifth of
            // a frame hides in it.
            let tolerance = 1.01f64.min(frame_ticks * 0.2).max(1e-6);
            let expected = |frame: usize| frame as f64 * frame_ticks;
            ((last - first) as f64 - expected(index.pts.len() - 1)).abs() <= tolerance
                && index.pts.iter().enumerate().all(|(frame, &pts)| {
                    ((pts - first) as f64 - expected(frame)).abs() <= tolerance
                })
        };
    hints
        .iter()
        .copied()
        .filter(|rate| rate.is_known() && rate.as_f64() < 1000.0)
        .chain(usual)
        .find(keeps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(pts: Vec<i64>, den: i64, last_duration: i64) -> FrameIndex {
        FrameIndex {
            pts: pts.into(),
            keyframes: vec![0].into(),
            time_base: Rational::new(1, den),
            last_duration,
        }
    }

    #[test]
    fn a_rate_hidden_by_milliseconds_is_found_again() {
        // 29.97 as Matroska stores it, from a start that is not 0.
        let pts = (0..3000)
            .map(|n| 7 + (n as f64 * 1001.0 / 30.0).round() as i64)
            .collect();
        let plan = CutPlan::new(
            &index(pts, 1000, 33),
            &[FrameRange::new(10, 20), FrameRange::new(40, 45)],
            &[],
            None,
        )
        .unwrap();
        assert_eq!(plan.constant_rate, Some(Rational::new(30000, 1001)));
        let frames: Vec<_> = plan.frames().collect();
        assert_eq!(frames.len(), 15);
        assert!(frames.iter().enumerate().all(|(n, f)| f.pts == n as i64));
        assert_eq!(
            frames
                .iter()
                .map(|f| f.starts_piece)
                .filter(|&join| join)
                .count(),
            2
        );
    }

    #[test]
    fn uneven_durations_are_kept_and_contiguous() {
        let plan = CutPlan::new(
            &index(vec![100, 140, 150, 400, 430], 1000, 70),
            &[
                FrameRange::new(3, 5),
                FrameRange::new(1, 2),
                FrameRange::new(2, 3),
            ],
            &[Rational::new(25, 1)],
            None,
        )
        .unwrap();
        assert_eq!(plan.constant_rate, None);
        assert_eq!(
            plan.pieces.len(),
            2,
            "ranges that continue each other are one piece"
        );
        let times: Vec<_> = plan
            .frames()
            .map(|f| (f.source_frame, f.pts, f.duration))
            .collect();
        assert_eq!(
            times,
            [(3, 0, 30), (4, 30, 70), (1, 100, 10), (2, 110, 250)]
        );
        assert_eq!(plan.end(), 360);
        let coarse = CutPlan::new(
            &index(vec![0, 90_000, 91_000], 90_000, 1000),
            &[FrameRange::new(0, 3)],
            &[],
            Some(65_535),
        )
        .unwrap();
        assert_eq!(coarse.time_base, Rational::new(1, 60_000));
        assert_eq!(
            coarse.frames().map(|f| f.pts).collect::<Vec<_>>(),
            [0, 60_000, 60_667]
        );
    }

    #[test]
    fn still_pictures_stand_before_parts_and_move_what_follows() {
        let part = |ranges, still_secs| Part { ranges, still_secs };
        let steady = index((0..100).map(|n| n * 40).collect(), 1000, 40);
        let (first, second) = ([FrameRange::new(10, 20)], [FrameRange::new(20, 30)]);
        let parts = [part(&first, 2.0), part(&[], 2.0), part(&second, 2.0)];
        let plan = CutPlan::of_parts(&steady, &parts, &[], None).unwrap();
        assert_eq!(plan.frame_count(), 50 + 10 + 50 + 10);
        let frames: Vec<_> = plan.frames().collect();
        assert!(
            (frames.iter().enumerate()).all(|(n, f)| (f.pts, f.duration) == (n as i64, 1)),
            "one continuous film"
        );
        assert_eq!((frames[0].still, frames[0].source_frame), (Some(0), 10));
        assert_eq!((frames[50].still, frames[50].source_frame), (None, 10));
        assert_eq!(frames[60].still, Some(2), "the empty part has no card");
        assert_eq!(frames.iter().filter(|f| f.starts_piece).count(), 4);
        // 5 pictures in 2 s, unevenly: the still picture is shown as often.
        let uneven = index(vec![0, 100, 900, 1000, 1900], 1000, 100);
        let ranges = [FrameRange::new(1, 3)];
        let plan = CutPlan::of_parts(&uneven, &[part(&ranges, 1.0)], &[], None).unwrap();
        let times: Vec<_> = plan.frames().map(|f| (f.still, f.pts)).collect();
        assert_eq!(
            times,
            [
                (Some(0), 0),
                (Some(0), 333),
                (Some(0), 666),
                (None, 1000),
                (None, 1800)
            ]
        );
        assert_eq!(plan.end(), 1900);
    }

    #[test]
    fn ranges_outside_the_video_are_refused() {
        let index = index(vec![0, 1, 2], 25, 1);
        assert!(matches!(
            CutPlan::new(&index, &[FrameRange::new(1, 4)], &[], None),
            Err(CutError::OutOfRange { .. })
        ));
        assert!(matches!(
            CutPlan::new(&index, &[FrameRange::new(1, 1)], &[], None),
            Err(CutError::Empty)
        ));
    }
}
