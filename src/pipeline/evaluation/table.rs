//! What an evaluation found, as rows of means with their spread, ready to be written in any form.
//! Measures and formats nothing.

use serde::Serialize;
use serde_json::json;

use super::method::{EvaluatedMethod, MethodSource, NetworkSettings};
use super::{EvaluationData, EvaluationPlan, TestPart, find};
use crate::analysis::agreement::mean_of;
use crate::analysis::evaluation::VideoEvaluation;
use crate::analysis::reliability::{Interval, mean_interval};
use crate::domain::{BundleRef, EvaluationKind, Variant};

/// Resamples of the videos behind an interval.
const RESAMPLES: usize = 1000;

/// A measure of the tables: its name in JSON and CSV, its sign in tables, and what is better.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub name: &'static str,
    pub sign: &'static str,
    pub latex: &'static str,
    pub of: fn(&VideoEvaluation) -> Option<f64>,
    pub higher_is_better: bool,
    /// What a table multiplies by, and its decimals: the paper prints MAP and F1 in percent.
    pub scale: f64,
    pub decimals: usize,
}

/// The columns, in the order of the paper's tables.
pub const MEASURES: [Measure; 13] = {
    const fn of(
        name: &'static str,
        sign: &'static str,
        latex: &'static str,
        of: fn(&VideoEvaluation) -> Option<f64>,
    ) -> Measure {
        Measure {
            name,
            sign,
            latex,
            of,
            higher_is_better: true,
            scale: 1.0,
            decimals: 3,
        }
    }
    const fn percent(measure: Measure, scale: f64) -> Measure {
        Measure {
            scale,
            decimals: 2,
            ..measure
        }
    }
    const fn lower(measure: Measure, decimals: usize) -> Measure {
        Measure {
            higher_is_better: false,
            decimals,
            ..measure
        }
    }
    [
        of("tau", "τ", r"$\tau$", |v| v.tau),
        of("rho", "ρ", r"$\rho$", |v| v.rho),
        percent(
            of("f1_avg", "F1 avg", r"F1$_\mathrm{avg}$", |v| v.f1_avg),
            1.0,
        ),
        percent(
            of("f1_max", "F1 max", r"F1$_\mathrm{max}$", |v| v.f1_max),
            1.0,
        ),
        percent(of("map50", "MAP50", r"MAP$_{50\%}$", |v| v.map50), 100.0),
        percent(of("map15", "MAP15", r"MAP$_{15\%}$", |v| v.map15), 100.0),
        lower(of("CIS", "CIS", "CIS", |v| v.cis), 3),
        of("WIR", "WIR", "WIR", |v| v.wir),
        of("IR", "IR", "IR", |v| v.ir),
        lower(of("WSE", "WSE", "WSE", |v| v.wse), 1),
        of("best_of_11", "best of 11", r"best$_{11}$ $\tau$", |v| {
            v.best_of_11
        }),
        of("best_of_samples", "best τ", r"best $\tau$", |v| {
            v.best_of_samples
        }),
        of("covers", "covers", "covers", |v| v.covers),
    ]
};

/// One value for each of [`MEASURES`]; `None` is undefined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures(pub [Option<f64>; MEASURES.len()]);

impl Measures {
    /// Means over videos.
    pub fn of<'a>(videos: impl Iterator<Item = &'a VideoEvaluation> + Clone) -> Self {
        Self(MEASURES.map(|measure| mean_of(videos.clone().filter_map(measure.of))))
    }

    fn over(runs: &[Self], of: fn(&[f64]) -> Option<f64>) -> Self {
        let mut values = [None; MEASURES.len()];
        for (at, value) in values.iter_mut().enumerate() {
            let defined: Vec<f64> = runs.iter().filter_map(|run| run.0[at]).collect();
            *value = of(&defined);
        }
        Self(values)
    }

    /// As a JSON object.
    pub fn json(&self) -> serde_json::Value {
        MEASURES
            .iter()
            .zip(self.0)
            .map(|(measure, value)| (measure.name.to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// The videos of one run: one seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunResult {
    pub videos: Vec<VideoEvaluation>,
}

/// How much more a method reaches than the first one, video by video.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub tau: Option<Interval>,
    pub rho: Option<Interval>,
    /// Videos that both were measured on.
    pub videos: usize,
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct MethodResult {
    pub name: String,
    /// `samples`, `scorer`, or the row's own name.
    pub kind: String,
    /// Whether it may be the best of a column: not the rows of people.
    pub competes: bool,
    pub bundles: Vec<BundleRef>,
    pub settings: Option<NetworkSettings>,
    /// The protocol that the bundles' own split is of, as their training record states it; empty
    /// where it states none.
    pub trained_for: String,
    /// One a seed.
    pub runs: Vec<RunResult>,
    /// Test videos of each of its own splits; empty where it goes by the table's.
    pub own_parts: Vec<Vec<String>>,
    /// Keys of the videos that it was trained on; they are in its row only where `with_seen`.
    pub seen: Vec<String>,
    pub with_seen: bool,
    /// One sentence for each video that it failed on.
    pub left_out: Vec<String>,
    /// Mean over runs and parts, and the standard deviation over them where there are several.
    pub mean: Measures,
    pub std: Measures,
    /// Means of each part and seed, in that order.
    pub parts: Vec<Measures>,
    /// Distinct videos measured.
    pub videos: usize,
    /// `None` for the first row.
    pub versus_first: Option<Difference>,
}

impl MethodResult {
    pub(super) fn of(method: &EvaluatedMethod, plan: &EvaluationPlan) -> Self {
        let (kind, competes) = match method.source() {
            MethodSource::Samples(..) => ("samples".to_owned(), true),
            MethodSource::Scorer(_) => ("scorer".to_owned(), true),
            MethodSource::Row(row) => (row.title().to_lowercase(), row.competes()),
        };
        let own = method.own_test_keys();
        Self {
            name: method.name().to_owned(),
            kind,
            competes,
            bundles: method.bundle().cloned().into_iter().collect(),
            settings: method.settings(),
            trained_for: method
                .training()
                .map_or_else(String::new, |training| training.protocol.clone()),
            runs: Vec::new(),
            own_parts: if own.is_empty() {
                Vec::new()
            } else {
                vec![own.to_vec()]
            },
            seen: Vec::new(),
            with_seen: plan.with_seen,
            left_out: Vec::new(),
            mean: Measures::default(),
            std: Measures::default(),
            parts: Vec::new(),
            videos: 0,
            versus_first: None,
        }
    }

    pub(super) fn add(&mut self, run: u64, video: VideoEvaluation) {
        let run = run as usize;
        if self.runs.len() <= run {
            self.runs.resize(run + 1, RunResult::default());
        }
        self.runs[run].videos.push(video);
    }

    /// Whether another bundle is of another split of the same method.
    pub(super) fn is_same_row(&self, other: &Self) -> bool {
        !self.own_parts.is_empty()
            && !other.own_parts.is_empty()
            && self.name == other.name
            && self.settings == other.settings
    }

    pub(super) fn take_over(&mut self, other: Self) {
        self.bundles.extend(other.bundles);
        self.own_parts.extend(other.own_parts);
        self.left_out.extend(other.left_out);
        for (at, run) in other.runs.into_iter().enumerate() {
            if self.runs.len() <= at {
                self.runs.push(RunResult::default());
            }
            self.runs[at].videos.extend(run.videos);
        }
    }

    fn summarise(&mut self, parts: &[TestPart]) {
        self.parts.clear();
        let parts: Vec<Vec<String>> = if self.own_parts.is_empty() {
            parts.iter().map(|part| part.keys.clone()).collect()
        } else {
            self.own_parts.clone()
        };
        for run in &self.runs {
            if parts.is_empty() {
                self.parts.push(Measures::of(run.videos.iter()));
            }
            for keys in &parts {
                let tested = run.videos.iter().filter(|video| keys.contains(&video.key));
                if tested.clone().next().is_some() {
                    self.parts.push(Measures::of(tested));
                }
            }
        }
        self.mean = Measures::over(&self.parts, |values| mean_of(values.iter().copied()));
        self.std = Measures::over(&self.parts, standard_deviation);
        let mut keys: Vec<&String> = self
            .runs
            .iter()
            .flat_map(|run| &run.videos)
            .map(|v| &v.key)
            .collect();
        keys.sort();
        keys.dedup();
        self.videos = keys.len();
    }

    /// Mean of a measure over seeds for each video.
    fn per_video(&self, of: fn(&VideoEvaluation) -> Option<f64>) -> Vec<(&str, f64)> {
        let Some(first) = self.runs.first() else {
            return Vec::new();
        };
        first
            .videos
            .iter()
            .filter_map(|video| {
                let runs = self
                    .runs
                    .iter()
                    .filter_map(|run| of(find(&run.videos, &video.key)?));
                Some((video.key.as_str(), mean_of(runs)?))
            })
            .collect()
    }

    fn difference(&self, first: &Self, seed: u64) -> Difference {
        let paired = |of: fn(&VideoEvaluation) -> Option<f64>| -> Vec<f64> {
            let theirs = first.per_video(of);
            self.per_video(of)
                .into_iter()
                .filter_map(|(key, value)| {
                    let (_, other) = theirs.iter().find(|(other, _)| *other == key)?;
                    Some(value - other)
                })
                .collect()
        };
        let (tau, rho) = (paired(|v| v.tau), paired(|v| v.rho));
        let interval = |values: &[f64]| {
            // One video says nothing of how others would turn out.
            mean_interval(values, RESAMPLES, seed).filter(|_| values.len() > 1)
        };
        Difference {
            videos: tau.len(),
            tau: interval(&tau),
            rho: interval(&rho),
        }
    }
}

/// Averages every row, and compares all with the first.
fn settle(methods: &mut [MethodResult], parts: &[TestPart], seed: u64) {
    for method in &mut *methods {
        method.summarise(parts);
    }
    if let Some((first, others)) = methods.split_first_mut() {
        first.versus_first = None;
        for method in others {
            method.versus_first = Some(method.difference(first, seed));
        }
    }
}

/// Sample standard deviation; `None` for fewer than two values.
fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean_of(values.iter().copied()).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// All rows, and by what rule they were measured.
#[derive(Clone, Debug)]
pub struct EvaluationTable {
    pub kind: EvaluationKind,
    pub reason: String,
    pub variant: Variant,
    /// Names of the measures that are printed, in the order of [`MEASURES`]; empty for all that any
    /// row has.
    pub shown: &'static [&'static str],
    pub methods: Vec<MethodResult>,
    /// Videos that no method could be measured on, one sentence each.
    pub left_out: Vec<String>,
}

impl EvaluationTable {
    pub(super) fn new(
        data: &EvaluationData,
        plan: &EvaluationPlan,
        mut methods: Vec<MethodResult>,
        left_out: Vec<String>,
    ) -> Self {
        settle(&mut methods, &plan.parts, plan.seed);
        Self {
            kind: data.kind(),
            reason: data.reason().to_owned(),
            variant: plan.params.variant,
            shown: &[],
            methods,
            left_out,
        }
    }

    /// The same measurements averaged over other parts, none for all videos. Rows of bundles that
    /// were trained for another protocol than `protocol` are left out, since their test videos are
    /// those of another split.
    #[must_use]
    pub fn averaged_over(&self, protocol: &str, parts: &[TestPart], seed: u64) -> Self {
        let belongs =
            |method: &&MethodResult| method.own_parts.is_empty() || method.trained_for == protocol;
        let mut methods: Vec<MethodResult> = self.methods.iter().filter(belongs).cloned().collect();
        settle(&mut methods, parts, seed);
        Self {
            methods,
            ..self.clone()
        }
    }

    /// The same measurements averaged over all videos; rows of bundles that go by their own splits
    /// over those.
    #[must_use]
    pub fn averaged_over_all(&self, seed: u64) -> Self {
        let mut methods = self.methods.clone();
        settle(&mut methods, &[], seed);
        Self {
            methods,
            ..self.clone()
        }
    }

    /// The same with some columns alone.
    #[must_use]
    pub fn with_columns(mut self, shown: &'static [&'static str]) -> Self {
        self.shown = shown;
        self
    }

    /// Best and second-best row of a column among those that compete, as a table prints them: rows
    /// that print alike are equally good.
    pub fn ranks(&self, column: usize) -> Vec<Option<usize>> {
        let measure = &MEASURES[column];
        let printed = |method: &MethodResult| {
            let value = method.mean.0[column].filter(|_| method.competes)?;
            let unit = 10f64.powi(measure.decimals as i32);
            let rounded = (value * measure.scale * unit).round() as i64;
            Some(if measure.higher_is_better {
                -rounded
            } else {
                rounded
            })
        };
        let mut values: Vec<i64> = self.methods.iter().filter_map(printed).collect();
        values.sort_unstable();
        values.dedup();
        self.methods
            .iter()
            .map(|method| {
                let value = printed(method)?;
                values
                    .iter()
                    .position(|&other| other == value)
                    .filter(|&rank| rank < 2)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, competes: bool, tau: f64, cis: f64) -> MethodResult {
        let mut mean = Measures::default();
        (mean.0[0], mean.0[6]) = (Some(tau), Some(cis));
        MethodResult {
            name: name.to_owned(),
            kind: "samples".to_owned(),
            competes,
            bundles: Vec::new(),
            settings: None,
            trained_for: String::new(),
            runs: Vec::new(),
            own_parts: Vec::new(),
            seen: Vec::new(),
            with_seen: false,
            left_out: Vec::new(),
            mean,
            std: Measures::default(),
            parts: Vec::new(),
            videos: 0,
            versus_first: None,
        }
    }

    #[test]
    fn the_best_is_among_methods_alone_and_by_what_is_printed() {
        let table = EvaluationTable {
            kind: EvaluationKind::Tvsum,
            reason: String::new(),
            variant: Variant::Authors,
            shown: &[],
            methods: vec![
                row("a", true, 0.1234, 2.0),
                row("b", true, 0.1231, 1.0),
                row("c", true, 0.1, 3.0),
                row("people", false, 0.9, 0.0),
            ],
            left_out: Vec::new(),
        };
        assert_eq!(table.ranks(0), [Some(0), Some(0), Some(1), None]);
        assert_eq!(table.ranks(6), [Some(1), Some(0), None, None]);
        assert_eq!(table.ranks(1), [None; 4]);
    }

    #[test]
    fn spread_needs_two_values() {
        assert_eq!(standard_deviation(&[1.0]), None);
        assert!((standard_deviation(&[1.0, 3.0]).unwrap() - 2f64.sqrt()).abs() < 1e-12);
    }
}
