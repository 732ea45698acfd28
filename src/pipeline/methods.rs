//! Ways to score a video from its features: a bundle's samples, a deterministic scorer, or chance. Networks are loaded once and
//! used for any number of videos.

use std::sync::Arc;

use super::PipelineError;
use super::sampling::SamplingSession;
use crate::domain::{DevicePreference, Features};
use crate::inference::{self, Bundle, BundleKind, Network, Scorer};

/// What kind of method it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MethodKind {
    /// Many samples of a SummDiff bundle.
    Samples,
    /// One summary of a deterministic network.
    Scorer,
    /// Scores by chance, one for each two-second shot.
    Random,
    /// Each annotator's summary as judged by the others.
    People,
}

/// A method, loaded.
#[derive(Clone, Debug)]
pub enum Method {
    Samples(Arc<Network>),
    Scorer(Arc<Scorer>),
    Random,
}

impl Method {
    /// Loads a bundle's networks.
    ///
    /// # Errors
    /// When a network is missing or faulty, or ONNX Runtime is absent.
    pub fn open(bundle: &Bundle, device: DevicePreference) -> Result<Self, PipelineError> {
        Ok(match bundle.manifest().kind {
            BundleKind::Scorer => Self::Scorer(Arc::new(Scorer::open(bundle, device)?)),
            // A bundle of an extractor alone is told by the missing network.
            BundleKind::Summdiff | BundleKind::Extractor => {
                Self::Samples(Arc::new(Network::open(bundle, device)?))
            }
        })
    }

    pub fn kind(&self) -> MethodKind {
        match self {
            Self::Samples(_) => MethodKind::Samples,
            Self::Scorer(_) => MethodKind::Scorer,
            Self::Random => MethodKind::Random,
        }
    }

    /// Makes the method ready for one video.
    ///
    /// # Errors
    /// When the features do not fit the network, or the network fails.
    pub fn condition(&self, features: &Features) -> Result<SamplingSession, PipelineError> {
        match self {
            Self::Samples(network) => SamplingSession::of_network(network, features),
            Self::Scorer(scorer) => SamplingSession::of_scorer(scorer, features),
            Self::Random => Ok(SamplingSession::random(features)),
        }
    }
}

/// Size D of the features that a bundle's networks take; `None` where it takes any.
pub fn feature_size(bundle: &Bundle) -> Option<usize> {
    let manifest = bundle.manifest();
    match manifest.kind {
        BundleKind::Scorer => manifest.scorer.as_ref()?.dim_in,
        BundleKind::Summdiff => Some(manifest.encoder.as_ref()?.dim_in),
        BundleKind::Extractor => None,
    }
}

/// Installed bundles of a kind whose networks take features of a size, by name.
pub fn fitting(kind: BundleKind, size: usize) -> Vec<(String, Bundle)> {
    inference::bundle::list()
        .into_iter()
        .filter_map(|listed| Some((listed.name, listed.bundle.ok()?)))
        .filter(|(_, bundle)| bundle.manifest().kind == kind)
        .filter(|(_, bundle)| feature_size(bundle).is_none_or(|taken| taken == size))
        .collect()
}

/// The method for a video of a dataset: the wanted bundle where it fits, else another that does, else chance. The name is the
/// bundle's, or `random`.
///
/// # Errors
/// As [`Method::open`], for the wanted bundle alone.
pub fn choose(
    wanted: &str,
    device: DevicePreference,
    size: usize,
) -> Result<(String, Method), PipelineError> {
    if size > 0 && wanted != RANDOM {
        if let Ok(bundle) = Bundle::find(wanted)
            && feature_size(&bundle).is_none_or(|taken| taken == size)
        {
            return Ok((wanted.to_owned(), Method::open(&bundle, device)?));
        }
        for kind in [BundleKind::Summdiff, BundleKind::Scorer] {
            for (name, bundle) in fitting(kind, size) {
                match Method::open(&bundle, device) {
                    Ok(method) => return Ok((name, method)),
                    Err(err) => log::warn!("{err}"),
                }
            }
        }
    }
    Ok((RANDOM.to_owned(), Method::Random))
}

/// Name of the method of chance.
pub const RANDOM: &str = "random";
