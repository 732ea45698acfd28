//! Networks that can be installed by name: downloaded, checked, cut to a feature extractor, and
//! written as a bundle.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::bundle::{Bundle, MANIFEST};
use super::download::{DownloadError, Patience, Remote, fetch};
use super::error::BundleError;
use super::onnx::{self, Model};
use super::places;
use crate::jobs::CancelToken;

/// Where the models lie; `SUMMDIFF_MODELS_URL` names another place.
const BASE_URL: &str = "https://huggingface.co/onnxmodelzoo";

/// A network that can be installed.
#[derive(Clone, Debug)]
pub struct Installable {
    /// By which it is installed and opened.
    pub name: &'static str,
    pub description: &'static str,
    remote_path: &'static str,
    bytes: u64,
    sha256: &'static str,
    /// Size of the features.
    dim: usize,
    /// Height and width of the input.
    side: u32,
}

/// All networks that can be installed.
pub static INSTALLABLE: [Installable; 1] = [Installable {
    name: "googlenet",
    description: "BVLC GoogLeNet, pool5 (1024 values): the features of the TVSum and SumMe feature files",
    remote_path: "googlenet-7/resolve/main/googlenet-7.onnx",
    bytes: 28_020_232,
    sha256: "5725ccfd90845735ce5897faf7843c3f9b13acda3c4f3bff82cb21c9337c9de8",
    dim: 1024,
    side: 224,
}];

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("no model {name} can be installed; there is: {known}")]
    Unknown { name: String, known: String },
    #[error("there is no folder for the user's data; set SUMMDIFF_DATA_DIR to one")]
    NoFolder,
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error("{path} has no pooling layer to take features from; nothing was installed")]
    NotCuttable { path: PathBuf },
    #[error("{path} cannot be written ({reason}); check the folder and the free space")]
    Disk { path: PathBuf, reason: String },
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl Installable {
    /// The network of a name.
    ///
    /// # Errors
    /// A sentence with the names there are.
    pub fn find(name: &str) -> Result<&'static Self, InstallError> {
        INSTALLABLE
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| InstallError::Unknown {
                name: name.to_owned(),
                known: INSTALLABLE
                    .iter()
                    .map(|m| m.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Bytes to download.
    pub fn download_bytes(&self) -> u64 {
        self.bytes
    }

    fn remote(&self) -> Remote {
        let base = std::env::var("SUMMDIFF_MODELS_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let base = base.as_deref().unwrap_or(BASE_URL).trim_end_matches('/');
        Remote {
            url: format!("{base}/{}", self.remote_path),
            bytes: self.bytes,
            sha256: self.sha256.to_owned(),
        }
    }

    /// Downloads and installs into the user's bundles.
    ///
    /// # Errors
    /// When the download fails or the folder cannot be written.
    pub fn install(
        &self,
        cancel: &CancelToken,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Bundle, InstallError> {
        let data = places::user_data_dir().ok_or(InstallError::NoFolder)?;
        self.install_from(&self.remote(), &data, cancel, on_progress)
    }

    fn install_from(
        &self,
        remote: &Remote,
        data: &Path,
        cancel: &CancelToken,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Bundle, InstallError> {
        let download = data.join("downloads").join(format!("{}.onnx", self.name));
        fetch(remote, &download, Patience::default(), cancel, on_progress)?;
        let disk = |path: &Path, err: std::io::Error| InstallError::Disk {
            path: path.to_owned(),
            reason: err.to_string(),
        };
        let bytes = std::fs::read(&download).map_err(|err| disk(&download, err))?;
        let not_cuttable = || InstallError::NotCuttable {
            path: download.clone(),
        };
        let model = Model::parse(&bytes).map_err(|_| not_cuttable())?;
        let pooled = model.last_pooled_tensor().ok_or_else(not_cuttable)?;
        let trailing = [self.dim as u64, 1, 1];
        let cut = onnx::cut_at(&bytes, pooled, &trailing).map_err(|_| not_cuttable())?;
        let input = model.inputs.first().ok_or_else(not_cuttable)?;
        let manifest = self.manifest(&input.name, pooled, model.opset, &cut, remote);

        let bundles = data.join("bundles");
        std::fs::create_dir_all(&bundles).map_err(|err| disk(&bundles, err))?;
        let fresh = tempfile::tempdir_in(&bundles).map_err(|err| disk(&bundles, err))?;
        let write = |name: &str, bytes: &[u8]| {
            let path = fresh.path().join(name);
            std::fs::write(&path, bytes).map_err(|err| disk(&path, err))
        };
        write("extractor.onnx", &cut)?;
        write(MANIFEST, format!("{manifest:#}\n").as_bytes())?;
        Bundle::open(fresh.path())?;
        let target = bundles.join(self.name);
        if target.exists() {
            std::fs::remove_dir_all(&target).map_err(|err| disk(&target, err))?;
        }
        std::fs::rename(fresh.path(), &target).map_err(|err| disk(&target, err))?;
        let _ = fresh.keep();
        // The cut network holds all that is used; the download was only a step to it.
        let _ = std::fs::remove_file(&download);
        Ok(Bundle::open(&target)?)
    }

    fn manifest(
        &self,
        input: &str,
        output: &str,
        opset: i64,
        cut: &[u8],
        remote: &Remote,
    ) -> serde_json::Value {
        serde_json::json!({
            "format": 1, "name": self.name, "version": "7", "kind": "extractor", "description": self.description,
            "provenance": {
                "data": "ImageNet (ILSVRC 2012)",
                "recipe": format!("cut at its last pooling layer from {} (SHA-256 {})", remote.url, remote.sha256),
                "licence": "BVLC GoogLeNet: unrestricted use; ONNX model zoo: Apache-2.0",
                "notes": "",
            },
            "files": {"extractor.onnx": format!("{:x}", Sha256::digest(cut))},
            "extractor": {
                "file": "extractor.onnx",
                "resize": {"mode": "shorter_side", "size": self.side * 8 / 7, "crop": self.side, "filter": "bilinear"},
                "input_size": [self.side, self.side], "channel_order": "bgr", "scale": 1.0,
                "mean": [104.0, 117.0, 123.0], "std": [1.0, 1.0, 1.0], "sampling_fps": 2.0, "dim": self.dim,
                "pca": null, "l2_normalise": true, "input_name": input, "output_name": output, "opset": opset,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DevicePreference, RgbImage};
    use crate::inference::Extractor;
    use crate::testing::onnx::classifier;

    /// A classifier of GoogLeNet's shape in small, served by a file that is downloaded already.
    fn small() -> Installable {
        Installable {
            dim: 4,
            ..INSTALLABLE[0].clone()
        }
    }

    #[test]
    fn an_installed_classifier_is_an_extractor_bundle_that_takes_batches() {
        let dir = tempfile::tempdir().unwrap();
        let bytes = classifier(9);
        let remote = Remote {
            url: "http://127.0.0.1:1/never-asked.onnx".to_owned(),
            bytes: bytes.len() as u64,
            sha256: format!("{:x}", Sha256::digest(&bytes)),
        };
        let downloads = dir.path().join("downloads");
        std::fs::create_dir_all(&downloads).unwrap();
        // Installing twice replaces the first.
        for _ in 0..2 {
            std::fs::write(downloads.join("googlenet.onnx"), &bytes).unwrap();
            let bundle = small()
                .install_from(&remote, dir.path(), &CancelToken::new(), &mut |_, _| {})
                .unwrap();
            assert_eq!(bundle.dir(), dir.path().join("bundles/googlenet"));
            let extractor = Extractor::open(&bundle, DevicePreference::Cpu).unwrap();
            let frames: Vec<RgbImage> = (1..6u8)
                .map(|i| {
                    RgbImage::new(320, 240, [i * 40, 9, 255 - i * 30].repeat(320 * 240)).unwrap()
                })
                .collect();
            let features = extractor.extract(&frames, &CancelToken::new()).unwrap();
            assert_eq!(features.dim(), (5, 4));
            assert!((features.row(0).dot(&features.row(0)) - 1.0).abs() < 1e-5);
            assert!(features.row(0) != features.row(4));
        }
        let left: Vec<_> = std::fs::read_dir(dir.path().join("bundles"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = Installable::find("alexnet").unwrap_err().to_string();
        assert!(
            message.contains("alexnet") && message.contains("googlenet"),
            "{message}"
        );
    }
}
