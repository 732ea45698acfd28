//! Features of frames: preprocessing on all cores, the extractor network in batches, then PCA and
//! L2 normalisation where the bundle says so.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use ort::value::TensorRef;
use rayon::prelude::*;

use super::bundle::Bundle;
use super::error::BundleError;
use super::manifest::ExtractorSpec;
use super::preprocess::Preprocessor;
use super::session::{DeviceReport, ModelSession};
use super::trial;
use crate::domain::{DevicePreference, RgbImage};
use crate::jobs::CancelToken;

/// Frames in one call of the network. Larger batches gain nothing on the CPU and cost memory.
pub const BATCH_FRAMES: usize = 16;

/// A bundle's feature extractor, ready to work.
#[derive(Debug)]
pub struct Extractor {
    session: ModelSession,
    spec: ExtractorSpec,
    preprocessor: Preprocessor,
    pca: Option<Pca>,
}

#[derive(Debug)]
struct Pca {
    /// Length D0.
    mean: Array1<f32>,
    /// [D, D0], one component a row, divided by the deviation where the bundle whitens.
    basis: Array2<f32>,
}

impl Extractor {
    /// Loads the extractor of a bundle.
    ///
    /// # Errors
    /// When the bundle has none, ONNX Runtime is absent, or the network or its PCA does not fit the
    /// manifest.
    pub fn open(bundle: &Bundle, device: DevicePreference) -> Result<Self, BundleError> {
        let Some(spec) = bundle.manifest().extractor.clone() else {
            return Err(BundleError::NoPart {
                bundle: bundle.manifest().name.clone(),
                part: "extractor",
            });
        };
        trial::check(bundle)?;
        let path = bundle.path(&spec.file);
        let session = ModelSession::open(&path, bundle.read(&spec.file)?, device)?;
        let extractor = Self {
            session,
            preprocessor: Preprocessor::new(&spec),
            pca: read_pca(bundle, &spec)?,
            spec,
        };
        extractor.try_out()?;
        Ok(extractor)
    }

    /// Size D of the features.
    pub fn dim(&self) -> usize {
        self.spec.dim
    }

    /// Frames a second to sample.
    pub fn sampling_fps(&self) -> f64 {
        self.spec.sampling_fps
    }

    /// How frames are prepared; may be used on other threads, see [`Self::infer`].
    pub fn preprocessor(&self) -> &Preprocessor {
        &self.preprocessor
    }

    /// Where the network runs, and why not on CUDA.
    pub fn report(&self) -> DeviceReport {
        self.session.report()
    }

    /// Features of frames of any size, float32 [frames, D].
    ///
    /// # Errors
    /// When the network fails or gives numbers that are not finite, and when it was cancelled.
    pub fn extract(
        &self,
        frames: &[RgbImage],
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, BundleError> {
        let mut features = Array2::zeros((frames.len(), self.dim()));
        let frame_len = self.preprocessor.frame_len();
        let mut prepared = Vec::new();
        for (batch, mut rows) in frames
            .chunks(BATCH_FRAMES)
            .zip(features.axis_chunks_iter_mut(Axis(0), BATCH_FRAMES))
        {
            prepared.resize(batch.len() * frame_len, 0.0);
            prepared
                .par_chunks_exact_mut(frame_len)
                .zip(batch)
                .filter(|_| !cancel.is_cancelled())
                .for_each(|(out, frame)| self.preprocessor.prepare(frame, out));
            rows.assign(&self.infer(&prepared, cancel)?);
        }
        Ok(features)
    }

    /// Features of frames that [`Preprocessor::prepare`] wrote one after another, float32 [frames,
    /// D].
    ///
    /// # Errors
    /// As [`Self::extract`].
    pub fn infer(
        &self,
        prepared: &[f32],
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, BundleError> {
        let (height, width) = self.preprocessor.input_size();
        let frames = prepared.len() / self.preprocessor.frame_len();
        let shape = [frames, 3, height as usize, width as usize];
        let raw = self.session.run_until(
            cancel,
            || {
                let image = TensorRef::from_array_view((shape, prepared))?;
                Ok(vec![(self.spec.input_name.as_str().into(), image.into())])
            },
            &[self.spec.output_name.as_str()],
            |outputs| {
                let (dims, values) = super::session::floats(self.session.path(), outputs[0])?;
                let width = values.len() / frames.max(1);
                Array2::from_shape_vec((frames, width), values.to_vec()).map_err(|_| {
                    BundleError::WrongPort {
                        path: self.session.path().to_owned(),
                        name: self.spec.output_name.clone(),
                        expected: format!("{frames} rows"),
                        found: format!("{dims:?}"),
                    }
                })
            },
        )?;
        let expected = self
            .pca
            .as_ref()
            .map_or(self.spec.dim, |pca| pca.mean.len());
        if raw.ncols() != expected {
            return Err(BundleError::WrongPort {
                path: self.session.path().to_owned(),
                name: self.spec.output_name.clone(),
                expected: format!("{expected} values a frame"),
                found: format!("{}", raw.ncols()),
            });
        }
        let mut features = self
            .pca
            .as_ref()
            .map_or_else(|| raw.clone(), |pca| pca.apply(raw.view()));
        if self.spec.l2_normalise {
            for mut row in features.rows_mut() {
                let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
                // A black frame's zero vector stays zero.
                if norm > 0.0 {
                    row /= norm;
                }
            }
        }
        if features.iter().any(|v| !v.is_finite()) {
            return Err(BundleError::NotFinite {
                path: self.session.path().to_owned(),
            });
        }
        Ok(features)
    }

    /// Two grey frames, to find out now and not after minutes of decoding that the network does not
    /// do as the manifest says.
    fn try_out(&self) -> Result<(), BundleError> {
        let mut prepared = vec![0.25; 2 * self.preprocessor.frame_len()];
        prepared[..self.preprocessor.frame_len()].fill(-0.5);
        self.infer(&prepared, &CancelToken::new()).map(|_| ())
    }
}

impl Pca {
    fn apply(&self, raw: ArrayView2<'_, f32>) -> Array2<f32> {
        (&raw - &self.mean).dot(&self.basis.t())
    }
}

fn read_pca(bundle: &Bundle, spec: &ExtractorSpec) -> Result<Option<Pca>, BundleError> {
    let Some(pca) = &spec.pca else {
        return Ok(None);
    };
    let mean: Array1<f32> = bundle.read_array(&pca.mean_file)?;
    let mut basis: Array2<f32> = bundle.read_array(&pca.basis_file)?;
    let fits = |file: &str, expected: String, found: String, right: bool| {
        if right {
            return Ok(());
        }
        Err(BundleError::WrongPort {
            path: bundle.path(file),
            name: file.to_owned(),
            expected,
            found,
        })
    };
    fits(
        &pca.basis_file,
        format!("[{}, {}]", pca.dim, mean.len()),
        format!("{:?}", basis.shape()),
        basis.dim() == (pca.dim, mean.len()),
    )?;
    if pca.whiten
        && let Some(file) = &pca.eigenvalues_file
    {
        let eigenvalues: Array1<f32> = bundle.read_array(file)?;
        fits(
            file,
            format!("{} values", pca.dim),
            format!("{}", eigenvalues.len()),
            eigenvalues.len() == pca.dim,
        )?;
        for (mut row, &eigenvalue) in basis.rows_mut().into_iter().zip(&eigenvalues) {
            let deviation = (f64::from(eigenvalue) + pca.epsilon)
                .max(f64::MIN_POSITIVE)
                .sqrt();
            row.mapv_inplace(|v| (f64::from(v) / deviation) as f32);
        }
    }
    Ok(Some(Pca { mean, basis }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::onnx::{BundleShape, write_manifest};
    use std::path::Path;

    fn assert_close(a: ndarray::ArrayView1<'_, f32>, b: ndarray::ArrayView1<'_, f32>, within: f32) {
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= within, "{a} {b}");
        }
    }

    fn frame(level: u8) -> RgbImage {
        RgbImage::new(64, 48, [level, level / 2, 255 - level].repeat(64 * 48)).unwrap()
    }

    fn open(dir: &Path) -> Extractor {
        Extractor::open(&Bundle::open(dir).unwrap(), DevicePreference::Cpu).unwrap()
    }

    #[test]
    fn features_do_not_depend_on_the_batch_they_are_computed_in() {
        let dir = tempfile::tempdir().unwrap();
        BundleShape::default().write(dir.path()).unwrap();
        let extractor = open(dir.path());
        let frames: Vec<RgbImage> = (0..37).map(|i| frame(i * 6)).collect();
        let all = extractor.extract(&frames, &CancelToken::new()).unwrap();
        assert_eq!(all.dim(), (37, 12));
        let one = extractor
            .extract(&frames[20..21], &CancelToken::new())
            .unwrap();
        assert_close(one.row(0), all.row(20), 1e-6);
        assert!(all.row(0) != all.row(36));
        assert_eq!(
            extractor.extract(&[], &CancelToken::new()).unwrap().dim(),
            (0, 12)
        );
    }

    #[test]
    fn pca_takes_off_the_mean_projects_and_whitens() {
        let dir = tempfile::tempdir().unwrap();
        let shape = BundleShape::default();
        shape.write(dir.path()).unwrap();
        let plain = open(dir.path())
            .extract(&[frame(90)], &CancelToken::new())
            .unwrap();
        let mean = Array1::from_iter((0..12).map(|i| i as f32 * 0.1));
        let basis = Array2::from_shape_fn((5, 12), |(i, j)| ((i * 12 + j) as f32).cos());
        let eigenvalues = Array1::from(vec![4.0f64, 3.0, 2.0, 1.0, 0.5]);
        ndarray_npy::write_npy(dir.path().join("mean.npy"), &mean).unwrap();
        ndarray_npy::write_npy(dir.path().join("basis.npy"), &basis).unwrap();
        ndarray_npy::write_npy(dir.path().join("eigenvalues.npy"), &eigenvalues).unwrap();
        let mut manifest = shape.manifest();
        manifest["kind"] = "extractor".into();
        for part in ["encoder", "denoiser", "null_vector_file"] {
            manifest[part] = serde_json::Value::Null;
        }
        manifest["extractor"]["dim"] = 5.into();
        manifest["extractor"]["l2_normalise"] = true.into();
        manifest["extractor"]["pca"] = serde_json::json!({
            "mean_file": "mean.npy", "basis_file": "basis.npy", "eigenvalues_file": "eigenvalues.npy",
            "whiten": true, "epsilon": 0.01, "dim": 5,
        });
        write_manifest(dir.path(), &manifest).unwrap();
        let mut expected = basis.dot(&(&plain.row(0) - &mean));
        expected.zip_mut_with(&eigenvalues, |v, e| *v /= ((e + 0.01) as f32).sqrt());
        let norm = expected.dot(&expected).sqrt();
        expected /= norm;
        let found = open(dir.path())
            .extract(&[frame(90)], &CancelToken::new())
            .unwrap();
        assert_close(found.row(0), expected.view(), 1e-5);
    }

    #[test]
    fn a_wrong_dim_is_found_when_the_extractor_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let shape = BundleShape::default();
        shape.write(dir.path()).unwrap();
        let mut manifest = shape.manifest();
        manifest["kind"] = "extractor".into();
        manifest["encoder"] = serde_json::Value::Null;
        manifest["extractor"]["dim"] = 7.into();
        write_manifest(dir.path(), &manifest).unwrap();
        let bundle = Bundle::open(dir.path()).unwrap();
        let message = Extractor::open(&bundle, DevicePreference::Cpu)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("7 values a frame") && message.contains("12"),
            "{message}"
        );
    }

    #[test]
    fn cuda_that_is_not_there_is_said_or_refused_never_hidden() {
        let dir = tempfile::tempdir().unwrap();
        BundleShape::default().write(dir.path()).unwrap();
        let bundle = Bundle::open(dir.path()).unwrap();
        let auto = Extractor::open(&bundle, DevicePreference::Auto)
            .unwrap()
            .report();
        match auto.device {
            crate::inference::Device::Cuda => assert_eq!(auto.reason, None),
            crate::inference::Device::Cpu => {
                assert!(auto.reason.is_some());
                let message = Extractor::open(&bundle, DevicePreference::Cuda)
                    .unwrap_err()
                    .to_string();
                assert!(message.contains("CUDA was asked for"), "{message}");
            }
        }
        let cpu = Extractor::open(&bundle, DevicePreference::Cpu)
            .unwrap()
            .report();
        assert_eq!(cpu.reason, None);
    }
}
