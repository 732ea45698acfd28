//! What the installed scorers make of the open video.

use super::ComparisonInput;
use super::matching::pick_frames;
use crate::domain::{Features, FrameRange};
use crate::inference::Bundle;
use crate::pipeline::{Method, methods};
use crate::session::Baseline;
use crate::summary::select::select;
use std::sync::Arc;

/// Scores of every installed scorer that fits, and the features they are of. The networks stay
/// loaded.
#[derive(Clone, Default)]
pub(super) struct KnownScorers {
    /// By name; loaded for features of this size, extracted by this bundle.
    pub(super) networks: Arc<[(String, Method)]>,
    pub(super) size: usize,
    pub(super) bundle: String,
    pub(super) features: Option<Arc<Features>>,
    /// In the order of `networks`, those that failed left out.
    pub(super) scores: Arc<[(String, Vec<f32>)]>,
}

/// The scorers' scores of the input's features; known ones are kept, and networks are loaded once
/// for a size of features.
pub(super) fn scorers_of(input: &ComparisonInput, known: KnownScorers) -> KnownScorers {
    let Some(features) = input
        .features
        .clone()
        .filter(|features| features.values.ncols() > 0)
    else {
        // The empty list is kept as it is, so that what was worked out with it is too.
        return match known.features {
            None => known,
            Some(_) => KnownScorers {
                features: None,
                scores: Arc::default(),
                ..known
            },
        };
    };
    if known
        .features
        .as_ref()
        .is_some_and(|old| Arc::ptr_eq(old, &features))
    {
        return known;
    }
    let size = features.values.ncols();
    let networks = if known.size == size && known.bundle == input.settings.bundle {
        known.networks
    } else {
        let loaded =
            |(name, bundle): (String, Bundle)| match Method::open(&bundle, input.settings.device) {
                Ok(method) => Some((name, method)),
                Err(error) => {
                    log::warn!("{error}");
                    None
                }
            };
        let extracted_by = Some(&input.settings.bundle)
            .filter(|name| !name.is_empty())
            .and_then(|name| Bundle::find(name).ok());
        methods::scorers_beside(extracted_by.as_ref(), size)
            .into_iter()
            .filter_map(loaded)
            .collect()
    };
    let scored = |(name, method): &(String, Method)| {
        let Method::Scorer(scorer) = method else {
            return None;
        };
        match scorer.score(features.for_network().values.view()) {
            Ok(scores) => Some((name.clone(), features.on_picks(scores))),
            Err(error) => {
                log::warn!("{error}");
                None
            }
        }
    };
    KnownScorers {
        scores: networks.iter().filter_map(scored).collect(),
        networks,
        size,
        bundle: input.settings.bundle.clone(),
        features: Some(features),
    }
}

/// Each scorer's summary within the budget.
pub(super) fn baselines(input: &ComparisonInput, scores: &[(String, Vec<f32>)]) -> Vec<Baseline> {
    (scores.iter())
        .filter(|(_, scores)| scores.len() == input.pick_times_secs.len())
        .map(|(name, scores)| Baseline {
            name: name.clone(),
            scores: scores.clone(),
            summary: summary_by(input, scores),
        })
        .collect()
}

/// The summary that scores at the picks give within the budget, chosen as those of the samples are.
pub(super) fn summary_by(input: &ComparisonInput, scores: &[f32]) -> Vec<FrameRange> {
    let frames = pick_frames(input);
    let segments = &input.segments;
    let row = ndarray::ArrayView1::from(scores).insert_axis(ndarray::Axis(0));
    let budget = input.draw.settings.budget;
    let selected = select(row, &frames, segments, input.index.len(), budget);
    let chosen = selected.chosen.into_iter().flatten();
    FrameRange::merged(chosen.map(|item| segments[item].frames()).collect())
}
