//! How reliable the annotations of a study are: agreement between annotators with intervals over
//! videos, of each annotator with herself on the shots shown twice, and time per shot.
//!
//! Units are two-second shots with ratings from 1 to 5, or flags of sampled frames for picks;
//! values are categories from 0 on. α is Krippendorff's (2011) from coincidences, with nominal,
//! ordinal and interval differences; Fleiss' κ lets the number of annotators differ between units;
//! Cohen's κ is the mean over pairs of annotators, over the units that both rated, plain and with
//! quadratic weights; τ is Kendall's τ-b, averaged over pairs and then over videos. What is
//! undefined is `None`.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::rank::kendall_tau_b;
use super::reliability::{Interval, interval};

/// What one annotator did on one video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    pub name: String,
    /// A category for each unit, below the number of categories; `None` is missing.
    pub values: Vec<Option<u8>>,
    /// First and second category of each unit that was shown twice.
    pub repeats: Vec<(u8, u8)>,
    /// Seconds spent on each showing.
    pub shot_secs: Vec<f64>,
}

/// What all annotators did on one video, over the same units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Video {
    pub name: String,
    pub people: Vec<Person>,
}

/// How intervals are worked out: by drawing videos with replacement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    pub resamples: usize,
    pub seed: u64,
}

/// A figure; its interval needs two videos.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub value: f64,
    /// 2.5 % and 97.5 % quantile of the figure over resampled videos.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// Agreement between annotators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Between {
    pub alpha_nominal: Option<Figure>,
    pub alpha_ordinal: Option<Figure>,
    pub alpha_interval: Option<Figure>,
    pub fleiss_kappa: Option<Figure>,
    pub cohen_kappa: Option<Figure>,
    /// With quadratic weights.
    pub weighted_kappa: Option<Figure>,
    pub tau: Option<Figure>,
}

/// Agreement of annotators with themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Within {
    pub name: String,
    /// Units rated twice.
    pub pairs: usize,
    /// Share with the same category, and with at most one category between them.
    pub same: Option<Figure>,
    pub within_one: Option<Figure>,
    /// Mean absolute difference, categories.
    pub difference: Option<Figure>,
    /// Cohen's κ with quadratic weights between the first and the second.
    pub weighted_kappa: Option<Figure>,
    pub tau: Option<Figure>,
}

/// Seconds per showing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    pub name: String,
    pub showings: usize,
    pub median_secs: f64,
    pub lower_quartile_secs: f64,
    pub upper_quartile_secs: f64,
    pub mean_secs: f64,
}

/// The whole report. The first entries of `within` and `times` are of all annotators together,
/// under the name `all`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reliability {
    pub overall: Between,
    /// Names and figures of each video by itself; without intervals.
    pub videos: Vec<(String, Between)>,
    pub within: Vec<Within>,
    pub times: Vec<Times>,
}

/// Works out the report. `categories`: 5 for ratings, 2 for picks.
pub fn reliability(videos: &[Video], categories: usize, bootstrap: Bootstrap) -> Reliability {
    let names = names(videos);
    let tables: Vec<Table> = (videos.iter())
        .map(|video| Table::new(video, &names, categories))
        .collect();
    let all: Vec<usize> = (0..tables.len()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(bootstrap.seed);
    let drawn: Vec<Vec<usize>> = (0..bootstrap.resamples)
        .filter(|_| tables.len() > 1)
        .map(|_| {
            (all.iter())
                .map(|_| rng.random_range(0..all.len()))
                .collect()
        })
        .collect();
    let figure = |of: &dyn Fn(&[usize]) -> Option<f64>| {
        let value = of(&all)?;
        let values: Vec<f64> = drawn.iter().filter_map(|drawn| of(drawn)).collect();
        let about = (!values.is_empty()).then(|| interval(value, values));
        Some(Figure {
            value,
            low: about.map(|Interval { low, .. }| low),
            high: about.map(|Interval { high, .. }| high),
        })
    };
    let picked = |drawn: &[usize]| -> Vec<&Table> { drawn.iter().map(|&at| &tables[at]).collect() };
    let between = |measure: fn(&[&Table]) -> Option<f64>| figure(&|drawn| measure(&picked(drawn)));
    let overall = Between::of(&between);
    let own = |at: usize| {
        let table = [&tables[at]];
        Between::of(&|measure| {
            measure(&table).map(|value| Figure {
                value,
                low: None,
                high: None,
            })
        })
    };
    let by_name = |name: Option<&str>| {
        let pairs = |drawn: &[usize]| -> Vec<(u8, u8)> {
            let videos = drawn.iter().map(|&at| &videos[at]);
            let people = videos.flat_map(|video| &video.people);
            let own = people.filter(|person| name.is_none_or(|name| person.name == name));
            own.flat_map(|person| person.repeats.iter().copied())
                .collect()
        };
        let of = |measure: Measure| figure(&|drawn| measure(&pairs(drawn)));
        let share = |most: u8| {
            move |pairs: &[(u8, u8)]| {
                mean(
                    pairs
                        .iter()
                        .map(|(a, b)| f64::from(u8::from(a.abs_diff(*b) <= most))),
                )
            }
        };
        Within {
            name: name.unwrap_or(ALL).to_owned(),
            pairs: pairs(&all).len(),
            same: of(&share(0)),
            within_one: of(&share(1)),
            difference: of(&|pairs| mean(pairs.iter().map(|(a, b)| f64::from(a.abs_diff(*b))))),
            weighted_kappa: of(&|pairs| {
                let mut counts = vec![0.0; categories * categories];
                for &(a, b) in pairs {
                    counts[usize::from(a) * categories + usize::from(b)] += 1.0;
                }
                kappa_of(&counts, categories, true)
            }),
            tau: of(&|pairs| {
                let (a, b): (Vec<f32>, Vec<f32>) = (pairs.iter())
                    .map(|&(a, b)| (f32::from(a), f32::from(b)))
                    .unzip();
                kendall_tau_b(&a, &b)
            }),
        }
    };
    let everyone: Vec<Option<&str>> = std::iter::once(None)
        .chain(names.iter().map(|name| Some(name.as_str())))
        .collect();
    Reliability {
        overall,
        videos: (all.iter())
            .map(|&at| (videos[at].name.clone(), own(at)))
            .collect(),
        within: (everyone.iter())
            .map(|name| by_name(*name))
            .filter(|within| within.pairs > 0)
            .collect(),
        times: (everyone.iter())
            .filter_map(|name| times_of(videos, *name))
            .collect(),
    }
}

/// A figure of pairs of first and repeated ratings.
type Measure<'a> = &'a dyn Fn(&[(u8, u8)]) -> Option<f64>;
/// A figure of some tables of ratings.
type OfTables = fn(&[&Table]) -> Option<f64>;

/// Stands for all annotators together.
const ALL: &str = "all";

impl Between {
    fn of(figure: &dyn Fn(OfTables) -> Option<Figure>) -> Self {
        Self {
            alpha_nominal: figure(|tables| alpha(tables, Metric::Nominal)),
            alpha_ordinal: figure(|tables| alpha(tables, Metric::Ordinal)),
            alpha_interval: figure(|tables| alpha(tables, Metric::Interval)),
            fleiss_kappa: figure(fleiss),
            cohen_kappa: figure(|tables| cohen(tables, false)),
            weighted_kappa: figure(|tables| cohen(tables, true)),
            tau: figure(|tables| mean(tables.iter().filter_map(|table| table.tau))),
        }
    }
}

/// Names of all annotators, each once, in the order in which they come.
fn names(videos: &[Video]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for person in videos.iter().flat_map(|video| &video.people) {
        if !names.contains(&person.name) {
            names.push(person.name.clone());
        }
    }
    names
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u64);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Sums over the units of a video; those of several videos are added up.
struct Table {
    categories: usize,
    /// Coincidences [categories × categories] of the units rated at least twice.
    coincidences: Vec<f64>,
    /// Sum over units of the share of agreeing pairs, units, and ratings in each category.
    agreeing: f64,
    units: f64,
    ratings: Vec<f64>,
    /// For each pair of annotators that rated both: their numbers and the counts [categories ×
    /// categories].
    pairs: Vec<((usize, usize), Vec<f64>)>,
    /// Mean τ-b over pairs.
    tau: Option<f64>,
}

impl Table {
    fn new(video: &Video, names: &[String], categories: usize) -> Self {
        let units = (video.people.iter())
            .map(|person| person.values.len())
            .max()
            .unwrap_or(0);
        let mut table = Self {
            categories,
            coincidences: vec![0.0; categories * categories],
            agreeing: 0.0,
            units: 0.0,
            ratings: vec![0.0; categories],
            pairs: Vec::new(),
            tau: None,
        };
        for unit in 0..units {
            let mut counts = vec![0.0; categories];
            for person in &video.people {
                if let Some(Some(value)) = person.values.get(unit)
                    && let Some(count) = counts.get_mut(usize::from(*value))
                {
                    *count += 1.0;
                }
            }
            table.add_unit(&counts);
        }
        let mut taus = Vec::new();
        for (b, second) in video.people.iter().enumerate() {
            for first in &video.people[..b] {
                let both: Vec<(u8, u8)> = (first.values.iter().zip(&second.values))
                    .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
                    .collect();
                let mut counts = vec![0.0; categories * categories];
                for &(a, b) in &both {
                    counts[usize::from(a) * categories + usize::from(b)] += 1.0;
                }
                let place = |name: &str| names.iter().position(|one| one == name);
                if let (Some(a), Some(b)) = (place(&first.name), place(&second.name)) {
                    table.pairs.push(((a, b), counts));
                }
                let (a, b): (Vec<f32>, Vec<f32>) = (both.iter())
                    .map(|&(a, b)| (f32::from(a), f32::from(b)))
                    .unzip();
                taus.extend(kendall_tau_b(&a, &b));
            }
        }
        table.tau = mean(taus.into_iter());
        table
    }

    fn add_unit(&mut self, counts: &[f64]) {
        let raters: f64 = counts.iter().sum();
        if raters < 2.0 {
            return;
        }
        let size = self.categories;
        for (a, &first) in counts.iter().enumerate() {
            for (b, &second) in counts.iter().enumerate() {
                let pairs = first * (second - f64::from(u8::from(a == b)));
                self.coincidences[a * size + b] += pairs / (raters - 1.0);
            }
            self.agreeing += first * (first - 1.0) / (raters * (raters - 1.0));
            self.ratings[a] += first;
        }
        self.units += 1.0;
    }
}

#[derive(Clone, Copy)]
enum Metric {
    Nominal,
    Ordinal,
    Interval,
}

/// Krippendorff's α of the units of all tables.
fn alpha(tables: &[&Table], metric: Metric) -> Option<f64> {
    let size = tables.first()?.categories;
    let mut coincidences = vec![0.0; size * size];
    for table in tables {
        for (sum, value) in coincidences.iter_mut().zip(&table.coincidences) {
            *sum += value;
        }
    }
    let totals: Vec<f64> = coincidences
        .chunks(size)
        .map(|row| row.iter().sum())
        .collect();
    let all: f64 = totals.iter().sum();
    let difference = |a: usize, b: usize| match metric {
        Metric::Nominal => f64::from(u8::from(a != b)),
        Metric::Interval => (a as f64 - b as f64).powi(2),
        Metric::Ordinal => {
            let between: f64 = totals[a.min(b)..=a.max(b)].iter().sum();
            (between - (totals[a] + totals[b]) / 2.0).powi(2)
        }
    };
    let (mut observed, mut expected) = (0.0, 0.0);
    for a in 0..size {
        for b in (0..size).filter(|&b| b != a) {
            observed += coincidences[a * size + b] * difference(a, b);
            expected += totals[a] * totals[b] * difference(a, b);
        }
    }
    (all > 1.0 && expected > 0.0).then(|| 1.0 - (all - 1.0) * observed / expected)
}

/// Fleiss' κ of the units of all tables.
fn fleiss(tables: &[&Table]) -> Option<f64> {
    let units: f64 = tables.iter().map(|table| table.units).sum();
    let agreeing: f64 = tables.iter().map(|table| table.agreeing).sum();
    let size = tables.first()?.categories;
    let ratings: Vec<f64> = (0..size)
        .map(|at| tables.iter().map(|table| table.ratings[at]).sum())
        .collect();
    let all: f64 = ratings.iter().sum();
    let by_chance: f64 = ratings.iter().map(|count| (count / all).powi(2)).sum();
    (units > 0.0 && by_chance < 1.0 - 1e-12)
        .then(|| (agreeing / units - by_chance) / (1.0 - by_chance))
}

/// Mean over pairs of annotators of Cohen's κ over the units of all tables.
fn cohen(tables: &[&Table], weighted: bool) -> Option<f64> {
    let size = tables.first()?.categories;
    let mut pairs: std::collections::BTreeMap<(usize, usize), Vec<f64>> = Default::default();
    for table in tables {
        for (pair, counts) in &table.pairs {
            // The same two may come in another order on another video.
            let turned = pair.0 > pair.1;
            let key = (pair.0.min(pair.1), pair.0.max(pair.1));
            let sums = pairs.entry(key).or_insert_with(|| vec![0.0; size * size]);
            for (at, count) in counts.iter().enumerate() {
                let place = if turned {
                    at % size * size + at / size
                } else {
                    at
                };
                sums[place] += count;
            }
        }
    }
    mean(
        pairs
            .values()
            .filter_map(|counts| kappa_of(counts, size, weighted)),
    )
}

/// Cohen's κ of counts [categories × categories].
fn kappa_of(counts: &[f64], size: usize, weighted: bool) -> Option<f64> {
    let all: f64 = counts.iter().sum();
    let row = |a: usize| counts[a * size..(a + 1) * size].iter().sum::<f64>();
    let column = |b: usize| (0..size).map(|a| counts[a * size + b]).sum::<f64>();
    let (mut observed, mut expected) = (0.0, 0.0);
    for a in 0..size {
        for b in 0..size {
            let weight = match weighted {
                true => (a as f64 - b as f64).powi(2),
                false => f64::from(u8::from(a != b)),
            };
            observed += weight * counts[a * size + b];
            expected += weight * row(a) * column(b) / all;
        }
    }
    (all > 0.0 && expected > 1e-12).then(|| 1.0 - observed / expected)
}

fn times_of(videos: &[Video], name: Option<&str>) -> Option<Times> {
    let people = videos.iter().flat_map(|video| &video.people);
    let own = people.filter(|person| name.is_none_or(|name| person.name == name));
    let mut secs: Vec<f64> = own
        .flat_map(|person| person.shot_secs.iter().copied())
        .collect();
    secs.sort_by(f64::total_cmp);
    Some(Times {
        name: name.unwrap_or(ALL).to_owned(),
        showings: secs.len(),
        mean_secs: mean(secs.iter().copied())?,
        median_secs: quantile(&secs, 0.5),
        lower_quartile_secs: quantile(&secs, 0.25),
        upper_quartile_secs: quantile(&secs, 0.75),
    })
}

/// Quantile of ascending values, linear between neighbours as numpy's.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

#[cfg(test)]
#[path = "study_tests.rs"]
mod tests;
