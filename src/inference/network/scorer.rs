//! Deterministic scorers (VASNet, PGL-SUM, CSTA…): features in, one score a pick out. Draws
//! nothing.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use ort::value::TensorRef;

use super::token_pieces;
use crate::domain::DevicePreference;
use crate::inference::bundle::Bundle;
use crate::inference::error::BundleError;
use crate::inference::session::{ModelSession, floats};
use crate::inference::trial;

/// A deterministic network: features to scores.
#[derive(Debug)]
pub struct Scorer {
    bundle: Bundle,
    session: ModelSession,
}

impl Scorer {
    /// Loads the network of a scorer bundle.
    ///
    /// # Errors
    /// When the bundle has no scorer or ONNX Runtime is absent.
    pub fn open(bundle: &Bundle, device: DevicePreference) -> Result<Self, BundleError> {
        let Some(spec) = &bundle.manifest().scorer else {
            return Err(BundleError::NoPart {
                bundle: bundle.manifest().name.clone(),
                part: "scorer",
            });
        };
        trial::check(bundle)?;
        let session =
            ModelSession::open(&bundle.path(&spec.file), bundle.read(&spec.file)?, device)?;
        Ok(Self {
            bundle: bundle.clone(),
            session,
        })
    }

    /// Runs the network on made-up features of the size the manifest states, if it does.
    pub(in crate::inference) fn try_out(&self) -> Result<(), BundleError> {
        let spec = self.bundle.manifest().scorer.as_ref();
        if let Some(dim) = spec.and_then(|spec| spec.dim_in) {
            let features = Array2::from_shape_fn((12, dim), |(n, d)| {
                ((n * 37 + d * 11) as f32 * 0.731).sin() * 0.5
            });
            self.score(features.view())?;
        }
        Ok(())
    }

    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Importance scores of the picks, length N.
    ///
    /// # Errors
    /// When the features do not fit, the network fails, or gives scores that are not finite.
    pub fn score(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f32>, BundleError> {
        let manifest = self.bundle.manifest();
        if let Some(expected) = manifest.scorer.as_ref().and_then(|spec| spec.dim_in)
            && expected != features.ncols()
        {
            return Err(BundleError::FeatureSize {
                bundle: manifest.name.clone(),
                expected,
                found: features.ncols(),
            });
        }
        if features.nrows() == 0 {
            return Err(BundleError::NoFrames);
        }
        let most = manifest.max_frames.unwrap_or(usize::MAX);
        let pieces = token_pieces(features.nrows(), most)
            .into_iter()
            .map(|rows| self.score_piece(features.slice(s![rows, ..])))
            .collect::<Result<Vec<_>, _>>()?;
        let views: Vec<_> = pieces.iter().map(|piece| piece.view()).collect();
        // All pieces are vectors, so they can be joined.
        Ok(concatenate(Axis(0), &views).unwrap_or_default().to_vec())
    }

    fn score_piece(&self, features: ArrayView2<'_, f32>) -> Result<Array1<f32>, BundleError> {
        let features = features.as_standard_layout();
        self.session.run_named(
            || {
                let features = TensorRef::from_array_view(features.view())?;
                Ok(vec![("features".into(), features.into())])
            },
            &["scores"],
            |outputs| {
                let (dims, values) = floats(self.session.path(), outputs[0])?;
                if values.len() != features.nrows() {
                    return Err(BundleError::WrongPort {
                        path: self.session.path().to_owned(),
                        name: "scores".to_owned(),
                        expected: format!("{} scores", features.nrows()),
                        found: format!("{dims:?}"),
                    });
                }
                if values.iter().any(|v| !v.is_finite()) {
                    return Err(BundleError::NotFinite {
                        path: self.session.path().to_owned(),
                    });
                }
                Ok(Array1::from(values.to_vec()))
            },
        )
    }
}
