//! Groups of views in a pool of samples, and how many of them there are.
//!
//! Spherical k-means over views, several starts for each number of groups. A grouping is accepted
//! where every two groups' summaries differ by at least a third, no group is a rarity, and shares
//! found in one half of the pool hold in the other. Of the accepted ones the largest number wins
//! whose every group brings the samples nearer. Deterministic.

use ndarray::{Array2, ArrayView2, Axis};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::anchors::nearest;
use super::views::views;

/// Most kinds of a video; more cards are not told apart.
pub const MOST_KINDS: usize = 6;

/// Groups that k-means is asked for; beyond [`MOST_KINDS`] they are merged until their summaries
/// differ.
const MOST_GROUPS: usize = 8;
const STARTS: u64 = 4;
const MOST_ROUNDS: usize = 30;
/// Least distance of two kinds' summaries (1 − shared over united duration).
const LEAST_DISTANCE: f64 = 1.0 / 3.0;
/// Least share of a kind in the pool.
const LEAST_SHARE: f64 = 0.06;
/// Least that each further kind must add to the mean ρ between samples and their kinds; fewer kinds
/// are better.
const LEAST_GAIN: f64 = 0.02;
/// Most that shares may move between two draws of [`DRAW`] samples, as a mean over kinds.
const MOST_MOVEMENT: f64 = 0.03;
const DRAW: f64 = 1000.0;
/// Ways to halve the pool.
const SPLITS: u64 = 4;

/// Groups of a pool: for each the ascending indices of its samples, the largest first; one group
/// where no two can be told apart.
///
/// `values`: segment values float32 [S, segments]. `distance`: of the summaries of two mean views,
/// given as segment values.
pub fn groups(
    values: ArrayView2<'_, f32>,
    distance: &(dyn Fn(&[f32], &[f32]) -> f64 + Sync),
) -> Vec<Vec<usize>> {
    let samples = values.nrows();
    if samples == 0 {
        return Vec::new();
    }
    let pool = Pool {
        views: views(values),
        values,
        distance,
    };
    let most = MOST_GROUPS.min(samples);
    let mut tries: Vec<(usize, u64)> = Vec::new();
    for count in 2..=most {
        tries.extend((0..STARTS).map(|start| (count, start)));
    }
    let found: Vec<Grouping> = tries
        .into_par_iter()
        .flat_map_iter(|(count, start)| pool.candidates(count, start))
        .collect();
    let everything = vec![0; samples];
    let mean = means(values, &everything, 1);
    let mut best = Grouping {
        nearness: pool.nearness(&everything, &mean),
        group_of: everything,
        count: 1,
    };
    for count in 2..=MOST_KINDS {
        // The first of equals, so that the order of the tries decides and not that of the threads.
        let of_count = found.iter().filter(|grouping| grouping.count == count);
        let nearest = of_count.reduce(|best, next| {
            if next.nearness > best.nearness {
                next
            } else {
                best
            }
        });
        let least_gain = LEAST_GAIN * (count - best.count) as f64;
        if let Some(next) = nearest
            && next.nearness >= best.nearness + least_gain
        {
            best = next.clone();
        }
    }
    let mut groups = members(&best.group_of, best.count);
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    groups
}

struct Pool<'a> {
    values: ArrayView2<'a, f32>,
    views: Array2<f32>,
    distance: &'a (dyn Fn(&[f32], &[f32]) -> f64 + Sync),
}

/// An accepted grouping.
#[derive(Clone)]
struct Grouping {
    group_of: Vec<usize>,
    count: usize,
    /// Mean ρ between samples and their groups.
    nearness: f64,
}

impl Pool<'_> {
    /// What k-means finds from one start, and what is left when groups with like summaries are
    /// merged.
    fn candidates(&self, count: usize, start: u64) -> Option<Grouping> {
        let centres = self.start(count, start);
        let mut group_of = refine(self.views.view(), centres);
        loop {
            let mut count = compact(&mut group_of);
            count = self.settle(&mut group_of, count);
            if count < 2 {
                return None;
            }
            let means = means(self.values, &group_of, count);
            let (a, b, apart) = self.nearest_pair(&means);
            let smallest = members(&group_of, count).iter().map(Vec::len).min();
            let rare = smallest.unwrap_or(0) as f64 / (group_of.len() as f64) < LEAST_SHARE;
            if apart >= LEAST_DISTANCE && !rare && count <= MOST_KINDS {
                let nearness = self.nearness(&group_of, &means);
                let accepted = self.movement(&group_of, count) <= MOST_MOVEMENT;
                return accepted.then_some(Grouping {
                    group_of,
                    count,
                    nearness,
                });
            }
            let (into, from) = if apart >= LEAST_DISTANCE {
                self.most_alike(&means)
            } else {
                (a, b)
            };
            for group in &mut group_of {
                if *group == from {
                    *group = into;
                }
            }
        }
    }

    /// Centres for k-means: each next one is a sample chosen by its distance from those there
    /// (k-means++).
    fn start(&self, count: usize, start: u64) -> Array2<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(start * 100 + count as u64);
        let samples = self.views.nrows();
        let mut chosen = vec![rng.random_range(0..samples)];
        let mut far = vec![f64::INFINITY; samples];
        while chosen.len() < count {
            let last = self.views.row(chosen[chosen.len() - 1]);
            for (far, view) in far.iter_mut().zip(self.views.axis_iter(Axis(0))) {
                *far = far.min(f64::from(1.0 - view.dot(&last)).max(0.0));
            }
            let total: f64 = far.iter().sum();
            if total < 1e-6 {
                break;
            }
            let mut at = rng.random_range(0.0..total);
            let next = far.iter().position(|far| {
                at -= far;
                at <= 0.0
            });
            chosen.push(next.unwrap_or(samples - 1));
        }
        self.views.select(Axis(0), &chosen)
    }

    /// Assigns samples to the views of the groups' mean values, as every later sample is, until
    /// that changes little. The number of groups that are left.
    fn settle(&self, group_of: &mut Vec<usize>, mut count: usize) -> usize {
        for _ in 0..5 {
            let anchors = views(means(self.values, group_of, count).view());
            let next = nearest(self.views.view(), anchors.view());
            if next == *group_of {
                break;
            }
            *group_of = next;
            count = compact(group_of);
        }
        count
    }

    /// The two groups whose summaries differ least, and by how much.
    fn nearest_pair(&self, means: &Array2<f32>) -> (usize, usize, f64) {
        let rows: Vec<Vec<f32>> = means.outer_iter().map(|row| row.to_vec()).collect();
        pairs(rows.len())
            .map(|(a, b)| (a, b, (self.distance)(&rows[a], &rows[b])))
            .min_by(|one, other| one.2.total_cmp(&other.2))
            .unwrap_or((0, 0, 1.0))
    }

    /// The two groups with the likest views.
    fn most_alike(&self, means: &Array2<f32>) -> (usize, usize) {
        let views = views(means.view());
        let likeness = |&(a, b): &(usize, usize)| views.row(a).dot(&views.row(b));
        pairs(means.nrows())
            .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
            .unwrap_or((0, 0))
    }

    fn nearness(&self, group_of: &[usize], means: &Array2<f32>) -> f64 {
        let anchors = views(means.view());
        let own = group_of.iter().zip(self.views.axis_iter(Axis(0)));
        let sum: f64 = own
            .map(|(&group, view)| f64::from(view.dot(&anchors.row(group))))
            .sum();
        sum / group_of.len().max(1) as f64
    }

    /// How far shares move from one draw of [`DRAW`] samples to another: the groups of one half of
    /// the pool, refined there, against the samples of the other half that are nearest to them.
    fn movement(&self, group_of: &[usize], count: usize) -> f64 {
        let samples = group_of.len();
        if samples < 4 {
            return 0.0;
        }
        let moved: f64 = (0..SPLITS)
            .map(|split| {
                let mut order: Vec<usize> = (0..samples).collect();
                order.shuffle(&mut ChaCha8Rng::seed_from_u64(split));
                let (one, other) = order.split_at(samples / 2);
                let one_views = self.views.select(Axis(0), one);
                let one_values = self.values.select(Axis(0), one);
                let here: Vec<usize> = one.iter().map(|&sample| group_of[sample]).collect();
                let refined = refine(
                    one_views.view(),
                    views(means(one_values.view(), &here, count).view()),
                );
                let anchors = views(means(one_values.view(), &refined, count).view());
                let there = nearest(self.views.select(Axis(0), other).view(), anchors.view());
                let here = nearest(one_views.view(), anchors.view());
                let (here, there) = (shares(&here, count), shares(&there, count));
                let sum: f64 = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).sum();
                sum / count as f64
            })
            .sum();
        // Chance moves shares by the root of the number of samples.
        moved / SPLITS as f64 * ((samples / 2) as f64 / DRAW).min(1.0).sqrt()
    }
}

/// k-means from these centres: for each view its group.
fn refine(views: ArrayView2<'_, f32>, mut centres: Array2<f32>) -> Vec<usize> {
    let mut group_of = nearest(views, centres.view());
    for _ in 0..MOST_ROUNDS {
        let mut sums = Array2::<f32>::zeros(centres.dim());
        for (&group, view) in group_of.iter().zip(views.axis_iter(Axis(0))) {
            let mut sum = sums.row_mut(group);
            sum += &view;
        }
        for (mut centre, sum) in centres.outer_iter_mut().zip(sums.outer_iter()) {
            let length = sum.dot(&sum).sqrt();
            if length > 0.0 {
                centre.assign(&sum.mapv(|v| v / length));
            }
        }
        let next = nearest(views, centres.view());
        if next == group_of {
            break;
        }
        group_of = next;
    }
    group_of
}

/// Mean segment values of each group, float32 [groups, segments]; zeros for a group without
/// samples.
fn means(values: ArrayView2<'_, f32>, group_of: &[usize], count: usize) -> Array2<f32> {
    let mut sums = Array2::<f64>::zeros((count, values.ncols()));
    let mut sizes = vec![0usize; count];
    for (&group, row) in group_of.iter().zip(values.axis_iter(Axis(0))) {
        sizes[group] += 1;
        sums.row_mut(group)
            .zip_mut_with(&row, |sum, &value| *sum += f64::from(value));
    }
    for (mut row, size) in sums.outer_iter_mut().zip(sizes) {
        row /= size.max(1) as f64;
    }
    sums.mapv(|mean| mean as f32)
}

/// Numbers groups without gaps; how many there are.
fn compact(group_of: &mut [usize]) -> usize {
    let mut present = group_of.to_vec();
    present.sort_unstable();
    present.dedup();
    for group in group_of {
        // Every group is among those present.
        *group = present.partition_point(|&other| other < *group);
    }
    present.len()
}

fn members(group_of: &[usize], count: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); count];
    for (sample, &group) in group_of.iter().enumerate() {
        members[group].push(sample);
    }
    members
}

fn shares(group_of: &[usize], count: usize) -> Vec<f64> {
    let sizes = members(group_of, count);
    let total = group_of.len().max(1) as f64;
    sizes.iter().map(|m| m.len() as f64 / total).collect()
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |a| (a + 1..count).map(move |b| (a, b)))
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
