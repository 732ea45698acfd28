//! The encoder and denoiser of a bundle as a [`Denoiser`] for one video, and deterministic scorers.
//!
//! A network is tried out when it is opened: what it claims (pointwise, K, shapes, finite numbers)
//! is checked by running it.

mod scorer;
mod video;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use ort::value::TensorRef;

use super::bundle::Bundle;
use super::error::BundleError;
use super::manifest::BundleKind;
use super::session::{DeviceReport, ModelSession, floats};
use super::trial;
use crate::diffusion::Schedule;
use crate::domain::BundleDefaults;
use crate::domain::DevicePreference;
pub use scorer::Scorer;
use video::Piece;
pub use video::VideoDenoiser;

/// Working memory one call of the denoiser may take, by the estimate of [`rows_per_call`].
///
/// Measured: about sixteen samples of 150 tokens a call are fastest; more spill out of the caches.
const CALL_BYTES: usize = 40 << 20;
/// Values of the features that a network is tried out on, if one token has fewer.
const MOST_TRIED: usize = 1 << 20;
/// Attention heads assumed in that estimate.
const HEADS: usize = 8;

/// A bundle's encoder and denoiser, ready to work.
#[derive(Debug)]
pub struct Network {
    bundle: Bundle,
    encoder: ModelSession,
    denoiser: ModelSession,
    shape: Shape,
    /// The null video's feature vector, length D.
    null: Option<Array1<f32>>,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    dim_in: usize,
    hidden: usize,
    levels: usize,
    sigmoid_temp: f64,
    stride: usize,
    pointwise: bool,
    attention: bool,
    max_frames: usize,
}

impl Network {
    /// Loads and tries out the network of a bundle.
    ///
    /// # Errors
    /// When the bundle has no encoder and denoiser, ONNX Runtime is absent, or the network does not
    /// do what the manifest says.
    pub fn open(bundle: &Bundle, device: DevicePreference) -> Result<Self, BundleError> {
        let manifest = bundle.manifest();
        let no_part = |part| BundleError::NoPart {
            bundle: manifest.name.clone(),
            part,
        };
        if manifest.kind != BundleKind::Summdiff {
            return Err(no_part("denoiser"));
        }
        let (Some(encoder), Some(denoiser)) = (&manifest.encoder, &manifest.denoiser) else {
            return Err(no_part("encoder"));
        };
        let shape = Shape {
            dim_in: encoder.dim_in,
            hidden: encoder.hidden,
            // The manifest was checked to state both.
            levels: manifest.k.unwrap_or(1),
            sigmoid_temp: manifest.sigmoid_temp.unwrap_or(1.0),
            stride: manifest.stride(),
            pointwise: denoiser.pointwise,
            attention: denoiser.attention,
            max_frames: manifest.max_frames.unwrap_or(usize::MAX),
        };
        trial::check(bundle)?;
        let open = |file: &str| ModelSession::open(&bundle.path(file), bundle.read(file)?, device);
        let null = manifest
            .null_vector_file
            .as_deref()
            .map(|file| read_null(bundle, file, shape.dim_in))
            .transpose()?;
        let network = Self {
            encoder: open(&encoder.file)?,
            denoiser: open(&denoiser.file)?,
            bundle: bundle.clone(),
            shape,
            null,
        };
        network.try_out()?;
        Ok(network)
    }

    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Where the denoiser runs, and why not on CUDA.
    pub fn report(&self) -> DeviceReport {
        self.denoiser.report()
    }

    /// Sampling settings the bundle states.
    pub fn defaults(&self) -> BundleDefaults {
        self.bundle.manifest().defaults()
    }

    /// The bundle's noise schedule.
    pub fn schedule(&self) -> Schedule {
        let stated = self.bundle.manifest().schedule.as_ref();
        stated.map_or_else(Schedule::default, |s| Schedule::cosine(s.train_steps, s.s))
    }

    /// Size D of the features it takes.
    pub fn dim_in(&self) -> usize {
        self.shape.dim_in
    }

    /// Whether classifier-free guidance can be used.
    pub fn has_null(&self) -> bool {
        self.null.is_some()
    }

    /// Whether self-attention guidance can be used.
    pub fn has_attention(&self) -> bool {
        self.shape.attention
    }

    /// Whether frames are sampled independently given the video, so that the table and coherent
    /// noise can be used.
    pub fn pointwise(&self) -> bool {
        self.shape.pointwise
    }

    /// Picks a score token stands for.
    pub fn stride(&self) -> usize {
        self.shape.stride
    }

    /// Memory of features in one piece, float32 [ceil(N / stride), H].
    ///
    /// # Errors
    /// When the features have another size, or the network fails.
    pub fn encode(&self, features: ArrayView2<'_, f32>) -> Result<Array2<f32>, BundleError> {
        let shape = &self.shape;
        if features.ncols() != shape.dim_in {
            return Err(BundleError::FeatureSize {
                bundle: self.bundle.manifest().name.clone(),
                expected: shape.dim_in,
                found: features.ncols(),
            });
        }
        if features.nrows() == 0 {
            return Err(BundleError::NoFrames);
        }
        let features = features.as_standard_layout();
        let memory = self.encoder.run_named(
            || {
                let features = TensorRef::from_array_view(features.view())?;
                Ok(vec![("features".into(), features.into())])
            },
            &["memory"],
            |outputs| matrix(&self.encoder, "memory", outputs[0]),
        )?;
        let expected = (features.nrows().div_ceil(shape.stride), shape.hidden);
        expect_shape(&self.encoder, "memory", &memory, expected)?;
        Ok(memory)
    }

    /// Encodes a video, for sampling. Videos longer than the bundle's `max_frames` are cut into
    /// equal pieces.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn condition(
        self: &Arc<Self>,
        features: ArrayView2<'_, f32>,
    ) -> Result<VideoDenoiser, BundleError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if features.iter().any(|v| !v.is_finite()) {
            return Err(BundleError::Run {
                path: self.encoder.path().to_owned(),
                reason: "the features have values that are not finite".to_owned(),
            });
        }
        let picks = features.nrows();
        let stride = self.shape.stride;
        let mut pieces = Vec::new();
        for tokens in token_pieces(picks.div_ceil(stride), self.shape.max_frames / stride) {
            let rows = tokens.start * stride..(tokens.end * stride).min(picks);
            let memory = self.encode(features.slice(s![rows.clone(), ..]))?;
            let null = match &self.null {
                None => None,
                Some(null) => {
                    let repeated = null.broadcast((rows.len(), null.len()));
                    // A vector can always be repeated as rows.
                    repeated.map(|video| self.encode(video)).transpose()?
                }
            };
            pieces.push(Piece {
                tokens,
                memory,
                null,
            });
        }
        if pieces.is_empty() {
            return Err(BundleError::NoFrames);
        }
        Ok(VideoDenoiser {
            network: self.clone(),
            pieces,
            picks,
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Runs the denoiser: x0 and, if asked for, attention, both [S, M].
    fn denoise(
        &self,
        index: ArrayView2<'_, i64>,
        time: usize,
        memory: ArrayView2<'_, f32>,
        attention: bool,
    ) -> Result<(Array2<f32>, Option<Array2<f32>>), BundleError> {
        let index = index.as_standard_layout();
        let memory = memory.as_standard_layout();
        let time = Array1::from_elem(1, time as i64);
        let names: &[&str] = if attention {
            &["x0", "attention"]
        } else {
            &["x0"]
        };
        let mut results = self.denoiser.run_named(
            || {
                Ok(vec![
                    (
                        "score_index".into(),
                        TensorRef::from_array_view(index.view())?.into(),
                    ),
                    (
                        "time".into(),
                        TensorRef::from_array_view(time.view())?.into(),
                    ),
                    (
                        "memory".into(),
                        TensorRef::from_array_view(memory.view())?.into(),
                    ),
                ])
            },
            names,
            |outputs| {
                names
                    .iter()
                    .zip(outputs)
                    .map(|(name, output)| {
                        let values = matrix(&self.denoiser, name, output)?;
                        expect_shape(&self.denoiser, name, &values, index.dim())?;
                        Ok(values)
                    })
                    .collect::<Result<Vec<_>, BundleError>>()
            },
        )?;
        let attention = attention.then(|| results.pop()).flatten();
        // One output was asked for at least.
        Ok((results.pop().unwrap_or_default(), attention))
    }

    /// Runs encoder and denoiser on made-up features and holds them against the manifest.
    fn try_out(&self) -> Result<(), BundleError> {
        let shape = &self.shape;
        // Few, so that the made-up features stay small whatever the manifest states.
        let most = (MOST_TRIED / (shape.stride * shape.dim_in)).clamp(1, 12);
        let tokens = (shape.max_frames / shape.stride).clamp(1, most);
        let rows = tokens * shape.stride;
        let features = Array2::from_shape_fn((rows, shape.dim_in), |(n, d)| {
            ((n * 37 + d * 11) as f32 * 0.731).sin() * 0.5
        });
        let memory = self.encode(features.view())?;
        if let Some(null) = &self.null
            && let Some(video) = null.broadcast((rows, null.len()))
        {
            self.encode(video)?;
        }
        let levels = shape.levels as i64;
        let index = |seed: usize| {
            Array2::from_shape_fn((1, tokens), |(_, m)| {
                ((m * 7919 + seed * 104_729 + 17) as i64 * 31) % (levels + 1)
            })
        };
        self.denoise(index(0).view(), 500, memory.view(), shape.attention)?;
        let top = Array2::from_elem((1, tokens), levels);
        if let Err(BundleError::Run { reason, .. }) =
            self.denoise(top.view(), 500, memory.view(), false)
        {
            return Err(BundleError::TopLevel {
                path: self.denoiser.path().to_owned(),
                k: shape.levels,
                reason,
            });
        }
        if shape.pointwise {
            for time in [999, 99] {
                self.check_pointwise(index(0).row(0), index(1).row(0), time, memory.view())?;
            }
        }
        Ok(())
    }

    /// Holds some tokens' indices while all others change: their x0 must not move.
    fn check_pointwise(
        &self,
        base: ArrayView1<'_, i64>,
        other: ArrayView1<'_, i64>,
        time: usize,
        memory: ArrayView2<'_, f32>,
    ) -> Result<(), BundleError> {
        let tokens = base.len();
        let held: Vec<usize> = vec![0, tokens / 2, tokens - 1];
        let mut index = Array2::zeros((1 + held.len(), tokens));
        index.row_mut(0).assign(&base);
        for (row, &token) in held.iter().enumerate() {
            index.row_mut(row + 1).assign(&other);
            index[[row + 1, token]] = base[token];
        }
        let (x0, _) = self.denoise(index.view(), time, memory, false)?;
        for (row, &token) in held.iter().enumerate() {
            let change = (x0[[row + 1, token]] - x0[[0, token]]).abs();
            if change > 1e-5 * x0[[0, token]].abs().max(1.0) {
                return Err(BundleError::NotPointwise {
                    path: self.denoiser.path().to_owned(),
                    change,
                });
            }
        }
        Ok(())
    }
}

/// Token ranges of the pieces that so many tokens are cut into, all nearly equally long.
fn token_pieces(tokens: usize, most: usize) -> Vec<Range<usize>> {
    let count = tokens.div_ceil(most.max(1));
    (0..count)
        .map(|piece| piece * tokens / count..(piece + 1) * tokens / count)
        .collect()
}

/// Samples that go through the denoiser at once, so that attention between all tokens stays within
/// [`CALL_BYTES`].
fn rows_per_call(tokens: usize, hidden: usize) -> usize {
    let floats = 2 * HEADS * tokens * tokens + 24 * tokens * hidden;
    (CALL_BYTES / (floats * size_of::<f32>()).max(1)).clamp(1, 256)
}

fn read_null(bundle: &Bundle, file: &str, dim: usize) -> Result<Array1<f32>, BundleError> {
    let null: Array1<f32> = bundle.read_array(file)?;
    if null.len() != dim {
        return Err(BundleError::WrongPort {
            path: bundle.path(file),
            name: file.to_owned(),
            expected: format!("{dim} values"),
            found: format!("{}", null.len()),
        });
    }
    Ok(null)
}

/// A float32 matrix output, checked to be finite.
fn matrix(
    session: &ModelSession,
    name: &str,
    output: &ort::value::DynValue,
) -> Result<Array2<f32>, BundleError> {
    let (dims, values) = floats(session.path(), output)?;
    let sides: Vec<usize> = dims.iter().map(|&side| side.max(0) as usize).collect();
    let &[rows, columns] = &sides[..] else {
        return Err(BundleError::WrongPort {
            path: session.path().to_owned(),
            name: name.to_owned(),
            expected: "a matrix".to_owned(),
            found: format!("{dims:?}"),
        });
    };
    if values.iter().any(|v| !v.is_finite()) {
        return Err(BundleError::NotFinite {
            path: session.path().to_owned(),
        });
    }
    // The runtime's shapes fit its values; were that not so, the shape check of the caller would
    // find it.
    Ok(Array2::from_shape_vec((rows, columns), values.to_vec()).unwrap_or_default())
}

fn expect_shape(
    session: &ModelSession,
    name: &str,
    found: &Array2<f32>,
    expected: (usize, usize),
) -> Result<(), BundleError> {
    if found.dim() == expected {
        return Ok(());
    }
    Err(BundleError::WrongPort {
        path: session.path().to_owned(),
        name: name.to_owned(),
        expected: format!("{expected:?}"),
        found: format!("{:?}", found.dim()),
    })
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
