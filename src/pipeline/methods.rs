//! Ways to score a video from its features: a bundle's samples, a deterministic scorer, or chance.
//! Networks are loaded once and used for any number of videos.

use std::sync::Arc;

use super::PipelineError;
use super::prepare::Prepared;
use super::sampling::SamplingSession;
use crate::domain::{DevicePreference, Features};
use crate::inference::{self, Bundle, BundleKind, ExtractorSpec, Network, Scorer};

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

impl SamplingSession {
    /// Loads the bundle's networks and encodes the video once.
    ///
    /// # Errors
    /// When a network is missing, faulty, or does not fit the features.
    pub fn open(prepared: &Prepared) -> Result<Self, PipelineError> {
        Method::open(&prepared.bundle, prepared.preference)?.condition(&prepared.features)
    }
}

impl Method {
    /// Loads a bundle's networks.
    ///
    /// # Errors
    /// When a network is missing or faulty, or ONNX Runtime is absent.
    pub fn open(bundle: &Bundle, device: DevicePreference) -> Result<Self, PipelineError> {
        Ok(match bundle.manifest().kind {
            BundleKind::Scorer => Self::Scorer(Arc::new(Scorer::open(bundle, device)?)),
            // A bundle of an extractor alone is recognised by the missing network.
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

/// Installed scorers for features that `beside` extracted: those that take their size and do not
/// name another extractor. `None` where nothing is known of the features but their size.
pub fn scorers_beside(beside: Option<&Bundle>, size: usize) -> Vec<(String, Bundle)> {
    let mut scorers = fitting(BundleKind::Scorer, size);
    if let Some(beside) = beside {
        scorers.retain(|(_, scorer)| same_features(beside, scorer));
    }
    scorers
}

/// Whether two bundles look at frames alike, as far as both state: the same networks and numbers,
/// at the same rate.
fn same_features(one: &Bundle, other: &Bundle) -> bool {
    let (one, other) = (one.manifest(), other.manifest());
    let (Some(a), Some(b)) = (&one.extractor, &other.extractor) else {
        return true;
    };
    // The opset is stated in one place or another; the file's hash holds it.
    let spec = |spec: &ExtractorSpec| ExtractorSpec {
        opset: None,
        ..spec.clone()
    };
    let same = |file: &&str| one.files.get(*file) == other.files.get(*file);
    spec(a) == spec(b) && a.files().iter().all(same)
}

/// The method for a video of a dataset: the wanted bundle where it fits, else another that does,
/// else chance. The name is the bundle's, or `random`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::onnx::{self, BundleShape, write_manifest};

    /// A scorer bundle with the tiny bundle's extractor, edited.
    fn scorer(edit: impl Fn(&mut serde_json::Value, &std::path::Path)) -> Bundle {
        let dir = tempfile::tempdir().unwrap();
        let shape = BundleShape::default();
        std::fs::write(dir.path().join("extractor.onnx"), onnx::extractor(12)).unwrap();
        std::fs::write(dir.path().join("scorer.onnx"), onnx::scorer(12)).unwrap();
        let mut manifest = shape.manifest();
        manifest["kind"] = "scorer".into();
        for part in [
            "encoder",
            "denoiser",
            "schedule",
            "defaults",
            "null_vector_file",
        ] {
            manifest[part] = serde_json::Value::Null;
        }
        manifest["scorer"] = serde_json::json!({"file": "scorer.onnx", "dim_in": 12});
        edit(&mut manifest, dir.path());
        write_manifest(dir.path(), &manifest).unwrap();
        Bundle::open(dir.path()).unwrap()
    }

    #[test]
    fn a_scorer_of_other_features_does_not_stand_beside_the_samples() {
        let dir = tempfile::tempdir().unwrap();
        BundleShape::default().write(dir.path()).unwrap();
        let drawn = Bundle::open(dir.path()).unwrap();
        assert!(same_features(&drawn, &scorer(|_, _| {})));
        // The opset stated at the extractor instead of the bundle is no difference; no extractor at
        // all states nothing.
        let restated = scorer(|manifest, _| manifest["extractor"]["opset"] = 17.into());
        assert!(same_features(&drawn, &restated));
        let silent = scorer(|manifest, dir| {
            manifest["extractor"] = serde_json::Value::Null;
            std::fs::remove_file(dir.join("extractor.onnx")).unwrap();
        });
        assert!(same_features(&drawn, &silent));

        let retrained = scorer(|_, dir| {
            let mut bytes = std::fs::read(dir.join("extractor.onnx")).unwrap();
            // An unknown field at the end, which readers of ONNX skip.
            bytes.extend([0xA2, 0x06, 0x01, b'x']);
            std::fs::write(dir.join("extractor.onnx"), bytes).unwrap();
        });
        assert!(!same_features(&drawn, &retrained));
        let scaled = scorer(|manifest, _| manifest["extractor"]["scale"] = 1.0.into());
        assert!(!same_features(&drawn, &scaled));
    }
}
