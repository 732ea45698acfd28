//! Axes: round ticks, and places on paper from values.

use crate::ui::text;

/// A straight map from values to places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    /// Values `low..high` lie at `from..to`; `to` may be less than `from`.
    pub fn new(values: (f64, f64), places: (f64, f64)) -> Self {
        let (low, high) = if values.1 > values.0 {
            values
        } else {
            (values.0 - 0.5, values.0 + 0.5)
        };
        Self {
            low,
            high,
            from: places.0,
            to: places.1,
        }
    }

    pub fn place(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Round values on the scale, about `count` of them.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        let step = round_step((self.high - self.low) / count.max(1) as f64);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        // Far more than a plot has room for is a mistake in the numbers.
        (first..=last.min(first + 1000))
            .map(|tick| tick as f64 * step)
            .collect()
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below `least`.
pub fn round_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// A tick's value, with as many decimals as the step needs.
pub fn tick_label(value: f64, step: f64) -> String {
    let decimals = (-(step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
    let value = if value.abs() < step * 1e-6 {
        0.0
    } else {
        value
    };
    format!("{value:.decimals$}").replace('-', "−")
}

/// Seconds between ticks of a time axis with about `count` of them: 1, 2, 5, 10, 15, 30 s, 1, 2, 5
/// … min, hours.
pub fn time_step(span_secs: f64, count: usize) -> f64 {
    const STEPS: [f64; 17] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
        3600.0, 7200.0,
    ];
    let least = span_secs / count.max(1) as f64;
    STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or_else(|| round_step(least / 3600.0) * 3600.0)
}

/// A time tick: `1:30`, or with a decimal where ticks are closer than a second.
pub fn time_label(secs: f64, step: f64) -> String {
    if step < 1.0 {
        format!("{secs:.1} s")
    } else {
        text::clock(secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::new((-1.3, 2.7), (100.0, 500.0));
        assert_eq!(scale.ticks(5), vec![-1.0, 0.0, 1.0, 2.0]);
        assert_eq!(scale.place(2.7), 500.0);
        assert_eq!(tick_label(-1.0, 1.0), "−1");
        assert_eq!(tick_label(0.30000000000000004, 0.1), "0.3");
        assert_eq!(tick_label(-1e-17, 0.5), "0.0");
        assert_eq!(Scale::new((2.0, 2.0), (0.0, 1.0)).place(2.0), 0.5);
        assert_eq!(time_step(347.0, 8), 60.0);
        assert_eq!(time_label(90.0, 30.0), "1:30");
        assert_eq!(time_step(40_000.0, 4), 18_000.0);
    }
}
