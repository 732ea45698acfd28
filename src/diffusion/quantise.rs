//! Scores from logits and their quantisation: score = 1/(1+exp(−τx)), index =
//! round-half-to-even(score·K).

/// The score of a float32 logit, in float32.
pub fn score_f32(x: f32, temp: f64) -> f32 {
    1.0 / (1.0 + (-(temp as f32) * x).exp())
}

/// The index of a float32 logit, all in float32: the rule for the initial noise.
pub fn index_f32(x: f32, temp: f64, levels: usize) -> u16 {
    (score_f32(x, temp) * levels as f32).round_ties_even() as u16
}

/// The index of a float64 logit by the formula: the rule from the first update on.
pub fn index_f64(x: f64, temp: f64, levels: usize) -> u16 {
    (levels as f64 / (1.0 + (-temp * x).exp())).round_ties_even() as u16
}

/// [`index_f64`] without exponentials: thresholds are found once, a table leads near the right one.
#[derive(Clone, Debug)]
pub struct Quantiser {
    /// `thresholds[k]` is the smallest logit whose index exceeds k; for k = K, which none exceeds,
    /// it is not a number.
    thresholds: Vec<f64>,
    /// Index at the start of each cell.
    cells: Vec<u16>,
    start: f64,
    cells_per_unit: f64,
}

const CELLS: usize = 4096;

impl Quantiser {
    pub fn new(temp: f64, levels: usize) -> Self {
        let mut thresholds: Vec<f64> = (0..levels)
            .map(|level| smallest_above(level as u16, temp, levels))
            .collect();
        let start = thresholds[0];
        // With one threshold there is no span; any will do.
        let span = (thresholds[levels - 1] - start).max(1e-3);
        let cells_per_unit = (CELLS - 1) as f64 / span;
        let cells = (0..CELLS)
            .map(|cell| {
                // One cell of margin, so that rounding in the cell's number never starts past the
                // answer.
                let logit = start + (cell as f64 - 1.0) / cells_per_unit;
                thresholds.partition_point(|&threshold| threshold <= logit) as u16
            })
            .collect();
        thresholds.push(f64::NAN);
        Self {
            thresholds,
            cells,
            start,
            cells_per_unit,
        }
    }

    /// The index of a float64 logit.
    #[inline]
    pub fn index(&self, x: f64) -> u16 {
        // The cast saturates, and NaN gives 0.
        let cell = ((x - self.start) * self.cells_per_unit) as i32;
        let first = usize::from(self.cells[cell.clamp(0, CELLS as i32 - 1) as usize]);
        // Thresholds are mostly further apart than cells are wide: one comparison settles it,
        // without a branch nobody can predict.
        let mut index = first + usize::from(x >= self.thresholds[first]);
        while x >= self.thresholds[index] {
            index += 1;
        }
        index as u16
    }
}

/// The smallest float64 whose index exceeds `level`, by bisection over the representable numbers.
fn smallest_above(level: u16, temp: f64, levels: usize) -> f64 {
    // Floats of either sign in the order of their values.
    let ordered = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    let float = |order: i64| {
        let bits = if order < 0 { i64::MIN - order } else { order };
        f64::from_bits(bits as u64)
    };
    let limit = 800.0 / temp;
    let (mut below, mut above) = (ordered(-limit), ordered(limit));
    while below < above - 1 {
        // The mean, rounded down, without overflow: the orders span nearly all of i64.
        let middle = (below >> 1) + (above >> 1) + (below & above & 1);
        if index_f64(float(middle), temp, levels) > level {
            above = middle;
        } else {
            below = middle;
        }
    }
    float(above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_halves_go_to_the_even_index() {
        // score(0) = 1/2 exactly, so 1/2·K is an exact half for odd K.
        for (levels, expected) in [(1, 0), (3, 2), (5, 2), (101, 50), (103, 52)] {
            assert_eq!(index_f32(0.0, 2.0, levels), expected);
            assert_eq!(index_f64(0.0, 2.0, levels), expected);
            assert_eq!(Quantiser::new(2.0, levels).index(0.0), expected);
        }
    }

    #[test]
    fn extremes_stay_in_range() {
        let quantiser = Quantiser::new(2.0, 100);
        for (x, index) in [
            (-1e9, 0),
            (1e9, 100),
            (f64::NEG_INFINITY, 0),
            (f64::INFINITY, 100),
        ] {
            assert_eq!(index_f64(x, 2.0, 100), index);
            assert_eq!(quantiser.index(x), index);
        }
    }

    #[test]
    fn thresholds_are_the_very_float_where_the_index_changes() {
        let quantiser = Quantiser::new(2.0, 200);
        for (level, &threshold) in quantiser.thresholds.iter().take(200).enumerate() {
            assert_eq!(usize::from(quantiser.index(threshold)), level + 1);
            assert_eq!(usize::from(quantiser.index(threshold.next_down())), level);
            assert_eq!(
                usize::from(index_f64(threshold.next_down(), 2.0, 200)),
                level
            );
        }
    }

    proptest! {
        #[test]
        fn the_table_equals_the_formula(x in -12.0f64..12.0, levels in 1usize..400, temp in 0.5f64..4.0) {
            prop_assert_eq!(Quantiser::new(temp, levels).index(x), index_f64(x, temp, levels));
        }
    }
}
