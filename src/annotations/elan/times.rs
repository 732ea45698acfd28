//! The times of annotations: slots as stated, open slots evenly between their neighbours, and
//! annotations that refer to others.

use std::collections::{HashMap, HashSet};

use super::document::{Document, Place, SlotTime, Tier};
use crate::domain::FrameRange;

/// How many tiers deep dependence is followed; documents in a circle end there.
const MOST_DEPTH: usize = 32;

/// Place of each tier's parent, by the tier's place.
pub(super) fn parents(document: &Document) -> Vec<Option<usize>> {
    let places: HashMap<&str, usize> = (document.tiers.iter().enumerate())
        .map(|(at, tier)| (tier.id.as_str(), at))
        .collect();
    let parent = |tier: &Tier| places.get(tier.parent.as_deref()?).copied();
    document.tiers.iter().map(parent).collect()
}

/// How many tiers stand above one, and the uppermost of them.
pub(super) fn depth_and_root(parents: &[Option<usize>], tier: usize) -> (usize, usize) {
    let (mut depth, mut root) = (0, tier);
    while depth < MOST_DEPTH
        && let Some(parent) = parents[root]
    {
        root = parent;
        depth += 1;
    }
    (depth, root)
}

/// Media time of each annotation by tier, in milliseconds from the video's start; `None` where it
/// refers to what is not in the document, lasts no time, or lies before the video.
pub(super) fn ranges(
    document: &Document,
    parents: &[Option<usize>],
    origin_milliseconds: f64,
) -> Vec<Vec<Option<FrameRange>>> {
    let mut order: Vec<usize> = (0..document.tiers.len()).collect();
    // Parents first: a slot that they share with their children is where they say.
    order.sort_by_key(|&tier| depth_and_root(parents, tier).0);
    let slots = Slots::new(document, &order);
    let mut spans: HashMap<&str, (f64, f64)> = HashMap::new();
    let mut ranges = vec![Vec::new(); document.tiers.len()];
    for at in order {
        let tier = &document.tiers[at];
        let found: Vec<Option<(f64, f64)>> = tier_spans(document, tier, &slots, &spans);
        for (mark, span) in tier.marks.iter().zip(&found) {
            if let Some(span) = span {
                spans.insert(&mark.id, *span);
            }
        }
        let milliseconds = |time: f64| {
            (time * document.unit_milliseconds + origin_milliseconds)
                .round()
                .max(0.0) as u64
        };
        ranges[at] = (found.into_iter())
            .map(|span| {
                span.map(|(start, end)| FrameRange::new(milliseconds(start), milliseconds(end)))
            })
            .map(|range| range.filter(|range| !range.is_empty()))
            .collect();
    }
    ranges
}

/// Beginning and end of each annotation of a tier, in the document's units.
fn tier_spans(
    document: &Document,
    tier: &Tier,
    slots: &Slots<'_>,
    spans: &HashMap<&str, (f64, f64)>,
) -> Vec<Option<(f64, f64)>> {
    // A symbolic subdivision shares its parent's time out evenly.
    let subdivides = document
        .constraints
        .get(&tier.linguistic_type)
        .is_some_and(|constraint| constraint == "Symbolic_Subdivision");
    let mut siblings: HashMap<&str, usize> = HashMap::new();
    for mark in &tier.marks {
        if let Place::Of(parent) = &mark.place {
            *siblings.entry(parent).or_default() += 1;
        }
    }
    let mut before: HashMap<&str, usize> = HashMap::new();
    (tier.marks.iter())
        .map(|mark| match &mark.place {
            Place::Slots { start, end } => slots.time(start).zip(slots.time(end)),
            Place::Of(parent) => {
                let &(start, end) = spans.get(parent.as_str())?;
                if !subdivides {
                    return Some((start, end));
                }
                let number = before.entry(parent).or_default();
                let step = (end - start) / siblings[parent.as_str()] as f64;
                let start = start + step * *number as f64;
                *number += 1;
                Some((start, start + step))
            }
        })
        .collect()
}

/// Times of the slots, open ones filled in.
struct Slots<'a> {
    times: HashMap<&'a str, f64>,
}

impl<'a> Slots<'a> {
    fn new(document: &'a Document, order: &[usize]) -> Self {
        let mut times = HashMap::new();
        let mut open = HashSet::new();
        for slot in &document.slots {
            match slot.time {
                SlotTime::Stated(time) => {
                    times.insert(slot.id.as_str(), time);
                }
                SlotTime::Open => {
                    open.insert(slot.id.as_str());
                }
                SlotTime::Broken => {}
            }
        }
        let mut slots = Self { times };
        if open.is_empty() {
            return slots;
        }
        for &tier in order {
            let mut chain: Vec<&str> = Vec::new();
            for mark in &document.tiers[tier].marks {
                if let Place::Slots { start, end } = &mark.place {
                    if chain.last() != Some(&start.as_str()) {
                        chain.push(start);
                    }
                    chain.push(end);
                }
            }
            slots.fill(&chain, &open);
        }
        // What no tier encloses lies between its neighbours in the order of time.
        let all: Vec<&str> = document.slots.iter().map(|slot| slot.id.as_str()).collect();
        slots.fill(&all, &open);
        slots
    }

    fn time(&self, id: &str) -> Option<f64> {
        self.times.get(id).copied()
    }

    /// Spreads open slots evenly between the known ones around them.
    fn fill(&mut self, chain: &[&'a str], open: &HashSet<&str>) {
        let mut known: Option<(usize, f64)> = None;
        for at in 0..chain.len() {
            let Some(&time) = self.times.get(chain[at]) else {
                if !open.contains(chain[at]) {
                    known = None;
                }
                continue;
            };
            if let Some((first, start)) = known
                && start <= time
            {
                let step = (time - start) / (at - first) as f64;
                for (count, &between) in chain[first + 1..at].iter().enumerate() {
                    self.times
                        .insert(between, start + step * (count + 1) as f64);
                }
            }
            known = Some((at, time));
        }
    }
}
