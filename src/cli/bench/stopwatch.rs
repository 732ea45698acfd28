//! Wall and processor time of a piece of work, once or as the median of several runs.

use std::time::{Duration, Instant};

use crate::jobs::cpu;

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub wall_secs: f64,
    /// Processor seconds of all threads of this process; `None` where the system does not report
    /// it.
    pub cpu_secs: Option<f64>,
}

/// Started when made.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self {
            cpu: cpu::process_time(),
            wall: Instant::now(),
        }
    }

    /// Time since the start.
    pub fn spent(&self) -> Spent {
        let wall_secs = self.wall.elapsed().as_secs_f64();
        let cpu = cpu::process_time().zip(self.cpu);
        Spent {
            wall_secs,
            cpu_secs: cpu.map(|(now, then)| now.saturating_sub(then).as_secs_f64()),
        }
    }
}

/// The median of `runs` runs after one that is not counted; wall and processor time each by itself.
pub fn median_of(runs: usize, mut work: impl FnMut()) -> Spent {
    work();
    let spent: Vec<Spent> = (0..runs.max(1))
        .map(|_| {
            let watch = Stopwatch::start();
            work();
            watch.spent()
        })
        .collect();
    median_spent(&spent)
}

/// Medians of wall and of processor time.
pub fn median_spent(spent: &[Spent]) -> Spent {
    let wall: Vec<f64> = spent.iter().map(|spent| spent.wall_secs).collect();
    let cpu: Option<Vec<f64>> = spent.iter().map(|spent| spent.cpu_secs).collect();
    Spent {
        wall_secs: quantile(&wall, 0.5).unwrap_or_default(),
        cpu_secs: cpu.and_then(|cpu| quantile(&cpu, 0.5)),
    }
}

/// The smallest value that at least this share of the values does not exceed; `None` for no values.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_there() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&values, 0.5), Some(50.0));
        assert_eq!(quantile(&values, 0.99), Some(99.0));
        assert_eq!(quantile(&values, 1.0), Some(100.0));
        assert_eq!(quantile(&[3.0], 0.99), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_run_is_measured_and_the_first_is_not_counted() {
        let mut runs = 0;
        let spent = median_of(3, || {
            runs += 1;
            std::thread::sleep(Duration::from_millis(if runs == 1 { 40 } else { 2 }));
        });
        assert_eq!(runs, 4);
        assert!(spent.wall_secs >= 0.002);
    }
}
