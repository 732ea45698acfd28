//! The one map between seconds and horizontal points, in `f64` so that four hours at full zoom stay
//! exact.

/// Seconds shown over a stretch of points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeMap {
    pub left: f64,
    pub width: f64,
    pub start_secs: f64,
    pub span_secs: f64,
}

impl TimeMap {
    pub fn new(left: f32, width: f32, start_secs: f64, span_secs: f64) -> Self {
        Self {
            left: f64::from(left),
            width: f64::from(width).max(1.0),
            start_secs,
            span_secs: span_secs.max(1e-6),
        }
    }

    pub fn x_from_secs(&self, secs: f64) -> f32 {
        (self.left + (secs - self.start_secs) / self.span_secs * self.width) as f32
    }

    pub fn secs_from_x(&self, x: f32) -> f64 {
        self.start_secs + (f64::from(x) - self.left) / self.width * self.span_secs
    }

    /// Seconds one point wide.
    pub fn secs_per_point(&self) -> f64 {
        self.span_secs / self.width
    }

    pub fn end_secs(&self) -> f64 {
        self.start_secs + self.span_secs
    }

    /// Moves what is shown by points; a positive number shows earlier times.
    pub fn pan(&mut self, points: f32) {
        self.start_secs -= f64::from(points) * self.secs_per_point();
    }

    /// Shows a `factor` times shorter stretch; the time under `x` stays there.
    pub fn zoom_at(&mut self, x: f32, factor: f64) {
        let fixed = self.secs_from_x(x);
        self.span_secs = (self.span_secs / factor).max(1e-6);
        self.start_secs = fixed - (f64::from(x) - self.left) / self.width * self.span_secs;
    }

    /// Shows all of a video.
    pub fn fit(&mut self, duration_secs: f64) {
        self.start_secs = 0.0;
        self.span_secs = duration_secs.max(1e-6);
    }

    /// Whether any of `[start, end)` is on screen.
    pub fn overlaps(&self, start_secs: f64, end_secs: f64) -> bool {
        end_secs > self.start_secs && start_secs < self.end_secs()
    }
}

/// Distance of labelled ticks and of the small ones between, seconds, so that labels are at least
/// `min_points` apart.
pub fn tick_steps(map: &TimeMap, min_points: f64) -> (f64, f64) {
    const STEPS: [(f64, f64); 19] = [
        (0.01, 0.002),
        (0.02, 0.005),
        (0.05, 0.01),
        (0.1, 0.02),
        (0.2, 0.05),
        (0.5, 0.1),
        (1.0, 0.25),
        (2.0, 0.5),
        (5.0, 1.0),
        (10.0, 2.0),
        (15.0, 5.0),
        (30.0, 10.0),
        (60.0, 10.0),
        (120.0, 30.0),
        (300.0, 60.0),
        (600.0, 120.0),
        (1800.0, 300.0),
        (3600.0, 600.0),
        (7200.0, 1800.0),
    ];
    let least = min_points * map.secs_per_point();
    STEPS
        .iter()
        .copied()
        .find(|(major, _)| *major >= least)
        .unwrap_or((14_400.0, 3600.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_time_under_the_cursor_stays_there() {
        let mut map = TimeMap::new(120.0, 1000.0, 0.0, 347.0);
        let before = map.secs_from_x(620.0);
        map.zoom_at(620.0, 3.0);
        assert!((map.secs_from_x(620.0) - before).abs() < 1e-9);
        assert!((map.span_secs - 347.0 / 3.0).abs() < 1e-9);
        map.pan(100.0);
        assert!(map.secs_from_x(620.0) < before);
        map.fit(347.0);
        assert_eq!(map, TimeMap::new(120.0, 1000.0, 0.0, 347.0));
    }

    #[test]
    fn ticks_are_round_and_far_enough_apart() {
        for span in [1.0, 30.0, 347.0, 14_400.0] {
            let map = TimeMap::new(0.0, 1200.0, 0.0, span);
            let (major, minor) = tick_steps(&map, 90.0);
            assert!(major / map.secs_per_point() >= 90.0);
            assert!((major / minor).fract() < 1e-6 || (major / minor).fract() > 1.0 - 1e-6);
        }
    }

    proptest! {
        #[test]
        fn there_and_back(start in 0.0..14_400.0f64, span in 0.5..14_400.0f64, share in 0.0..1.0f64) {
            let map = TimeMap::new(100.0, 1500.0, start, span);
            let secs = start + share * span;
            let back = map.secs_from_x(map.x_from_secs(secs));
            // A point is an f32: at x < 2000 it resolves about 1/8000 of a point.
            prop_assert!((back - secs).abs() <= map.secs_per_point() * 1e-3);
        }
    }
}
