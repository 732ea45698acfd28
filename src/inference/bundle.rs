//! A bundle on disk: found by name or path, unpacked from an archive, its hashes held, its ONNX
//! files checked against the manifest.
//!
//! Loads nothing into ONNX Runtime; what only a run can show (finite output, the pointwise claim)
//! is checked by `network`.

mod archive;
mod ports;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::error::BundleError;
use super::manifest::Manifest;
use super::onnx::{FLOAT, INT64, Model};
use super::places;
use crate::domain::BundleRef;
use crate::reading;
use archive::{ARCHIVE_LIMITS, unpack, unpacked_folder};
use ports::PortCheck;

/// Name of the bundle that is used where none is given.
pub const DEFAULT_BUNDLE: &str = "lite";
/// Name of the manifest in a bundle.
pub const MANIFEST: &str = "bundle.json";
/// Largest ONNX file: the limit of the protocol-buffer format.
const ONNX_BYTES_MAX: u64 = 2 << 30;
/// Opsets ONNX Runtime 1.17 and later take.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=25;

/// A bundle whose manifest and hashes hold.
#[derive(Clone, Debug)]
pub struct Bundle {
    dir: PathBuf,
    manifest: Arc<Manifest>,
    sha256: String,
}

impl Bundle {
    /// Opens a bundle by name (see [`places::bundle_folders`]), by folder, or by `.zip` archive.
    ///
    /// # Errors
    /// When it is not there, or its manifest, a hash or an ONNX file is not in order.
    pub fn find(name: &str) -> Result<Self, BundleError> {
        let path = Path::new(name);
        if path.join(MANIFEST).is_file() || path.components().count() > 1 || path.is_file() {
            return Self::open(path);
        }
        let folders = places::bundle_folders();
        for folder in &folders {
            let dir = folder.join(name);
            if dir.join(MANIFEST).is_file() {
                return Self::open(&dir);
            }
        }
        let looked: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        Err(BundleError::NotFound {
            name: name.to_owned(),
            looked: if looked.is_empty() {
                "no folder at all".to_owned()
            } else {
                looked.join(", ")
            },
        })
    }

    /// Opens a bundle at a path: a folder, its `bundle.json`, or a `.zip` archive (unpacked beside
    /// the user's bundles).
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let bundle = Self::open_unchecked(path)?;
        bundle.check_files()?;
        Ok(bundle)
    }

    /// Opens a bundle without reading its files: only the manifest is checked. Good for listing.
    ///
    /// # Errors
    /// When it is not there or its manifest is not in order.
    pub fn open_unchecked(path: &Path) -> Result<Self, BundleError> {
        let dir = if path.is_file() {
            if path.file_name().is_some_and(|name| name == MANIFEST) {
                path.parent().map_or_else(PathBuf::new, Path::to_owned)
            } else {
                unpack(path, &unpacked_folder(), ARCHIVE_LIMITS)?
            }
        } else {
            path.to_owned()
        };
        let manifest_path = dir.join(MANIFEST);
        if !manifest_path.is_file() {
            return Err(BundleError::NotFound {
                name: path.display().to_string(),
                looked: manifest_path.display().to_string(),
            });
        }
        let json = read_up_to(&manifest_path, 16 << 20)?;
        let manifest = Manifest::parse(&json).map_err(|reason| BundleError::Manifest {
            path: manifest_path,
            reason,
        })?;
        // The manifest holds the hash of every file, so its own hash stands for the whole bundle.
        let sha256 = format!("{:x}", Sha256::digest(&json));
        Ok(Self {
            dir,
            manifest: Arc::new(manifest),
            sha256,
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Lower-case hex SHA-256 that names the bundle's whole content.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Name, version and hash, as results carry them.
    pub fn reference(&self) -> BundleRef {
        BundleRef {
            name: self.manifest.name.clone(),
            version: self.manifest.version.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// Path of a file of the bundle.
    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// Reads a file and holds it against its hash in the manifest.
    ///
    /// # Errors
    /// When it is missing, not listed, too large, unreadable or another file.
    pub fn read(&self, file: &str) -> Result<Arc<[u8]>, BundleError> {
        let path = self.path(file);
        let Some(expected) = self.manifest.files.get(file) else {
            return Err(BundleError::Unlisted { path });
        };
        if !path.is_file() {
            return Err(BundleError::FileMissing { path });
        }
        let bytes = read_up_to(&path, ONNX_BYTES_MAX)?;
        let found = format!("{:x}", Sha256::digest(&bytes));
        if !expected.eq_ignore_ascii_case(&found) {
            return Err(BundleError::HashMismatch {
                path,
                expected: short(expected),
                found: short(&found),
            });
        }
        Ok(bytes.into())
    }

    /// Reads a float32 (or float64) array in NumPy's format.
    ///
    /// # Errors
    /// As [`Self::read`], or when it is not an array of that rank or has values that are not
    /// finite.
    pub fn read_array<D: ndarray::Dimension>(
        &self,
        file: &str,
    ) -> Result<ndarray::Array<f32, D>, BundleError> {
        use ndarray_npy::ReadNpyExt;
        let bytes = self.read(file)?;
        let path = self.path(file);
        if !reading::npy_fits(&bytes, bytes.len() as u64) {
            return Err(BundleError::Unreadable {
                path,
                reason: "it states more values than its bytes can hold; export the bundle again"
                    .to_owned(),
            });
        }
        let array = ndarray::Array::<f32, D>::read_npy(&bytes[..])
            .or_else(|_| {
                ndarray::Array::<f64, D>::read_npy(&bytes[..]).map(|a| a.mapv(|v| v as f32))
            })
            .map_err(|err| BundleError::Unreadable {
                path: path.clone(),
                reason: format!(
                    "{err}; it must be a NumPy array of floats; export the bundle again"
                ),
            })?;
        if array.iter().any(|v| !v.is_finite()) {
            return Err(BundleError::NotFinite { path });
        }
        Ok(array)
    }

    /// Checks every file: hashes, and each ONNX file's opset, inputs and outputs.
    fn check_files(&self) -> Result<(), BundleError> {
        let manifest = &*self.manifest;
        for file in manifest.referenced_files() {
            if !manifest.files.contains_key(file) {
                return Err(BundleError::Unlisted {
                    path: self.path(file),
                });
            }
        }
        for file in manifest.files.keys() {
            let bytes = self.read(file)?;
            if file.ends_with(".onnx") {
                self.check_onnx(file, &bytes)?;
            }
        }
        Ok(())
    }

    fn check_onnx(&self, file: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let path = self.path(file);
        let model = Model::parse(bytes).map_err(|_| BundleError::NotOnnx { path: path.clone() })?;
        if model.external_data {
            return Err(BundleError::ExternalData { path });
        }
        let manifest = &*self.manifest;
        let extractor = manifest.extractor.as_ref().filter(|e| e.file == file);
        let stated = extractor.and_then(|e| e.opset).or(manifest.opset);
        if let Some(stated) = stated
            && stated != model.opset
        {
            return Err(BundleError::OpsetMismatch {
                path,
                found: model.opset,
                stated,
            });
        }
        if !OPSETS.contains(&model.opset) {
            return Err(BundleError::OpsetUnsupported {
                path,
                found: model.opset,
                min: *OPSETS.start(),
                max: *OPSETS.end(),
            });
        }
        let ports = PortCheck {
            path: &path,
            model: &model,
        };
        if let Some(extractor) = extractor {
            let [height, width] = extractor.input_size.map(|side| Some(u64::from(side)));
            ports.input(
                &extractor.input_name,
                FLOAT,
                &[None, Some(3), height, width],
            )?;
            ports.output(&extractor.output_name, FLOAT, &[])?;
            return Ok(());
        }
        if let Some(encoder) = manifest.encoder.as_ref().filter(|e| e.file == file) {
            ports.input("features", FLOAT, &[None, Some(encoder.dim_in as u64)])?;
            ports.output("memory", FLOAT, &[None, Some(encoder.hidden as u64)])?;
        }
        if let Some(denoiser) = manifest.denoiser.as_ref().filter(|d| d.file == file) {
            let hidden = manifest.encoder.as_ref().map(|e| e.hidden as u64);
            ports.input("score_index", INT64, &[None, None])?;
            ports.input("time", INT64, &[Some(1)])?;
            ports.input("memory", FLOAT, &[None, hidden])?;
            ports.output("x0", FLOAT, &[None, None])?;
            if denoiser.attention {
                ports.output("attention", FLOAT, &[None, None])?;
            }
            if let (Some(k), Some(rows)) = (manifest.k, model.lookup_rows("score_index"))
                && rows != k as u64 + 1
            {
                return Err(BundleError::Levels {
                    path,
                    rows,
                    k,
                    needed: k + 1,
                });
            }
        }
        if let Some(scorer) = manifest.scorer.as_ref().filter(|s| s.file == file) {
            ports.input("features", FLOAT, &[None, scorer.dim_in.map(|d| d as u64)])?;
            ports.output("scores", FLOAT, &[None])?;
        }
        Ok(())
    }
}

/// Unpacks an archive into a folder of one's own choice; for tests.
///
/// # Errors
/// When it is no archive of a bundle or goes beyond the limits.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn unpack_into(archive: &Path, folder: &Path) -> Result<PathBuf, BundleError> {
    unpack(archive, folder, ARCHIVE_LIMITS)
}

/// The beginning of a hash, enough for a person to compare.
fn short(hash: &str) -> String {
    let start: String = hash.chars().take(12).collect();
    format!("{start}…")
}

/// Reads a file whose size is looked at first.
fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, BundleError> {
    reading::read(path, limit).map_err(|err| {
        let too_large = err.get_ref().and_then(|err| err.downcast_ref());
        match too_large {
            Some(reading::TooLarge { found, most }) => BundleError::TooLarge {
                path: path.to_owned(),
                size_mib: found >> 20,
                limit_mib: most >> 20,
            },
            None => BundleError::Unreadable {
                path: path.to_owned(),
                reason: err.to_string(),
            },
        }
    })
}

/// A bundle that was found while listing.
#[derive(Debug)]
pub struct Listed {
    /// Name of its folder, by which it is opened.
    pub name: String,
    pub dir: PathBuf,
    /// Its manifest, or what is wrong with it.
    pub bundle: Result<Bundle, BundleError>,
}

/// Name to open the bundle by that made a result: the very same where it is installed, else one of
/// the same name and version, else the name.
pub fn name_of(made_by: &BundleRef) -> String {
    name_among(made_by, &list())
}

fn name_among(made_by: &BundleRef, listed: &[Listed]) -> String {
    let with = |fits: &dyn Fn(&BundleRef) -> bool| {
        let mut bundles = listed
            .iter()
            .filter_map(|one| Some((&one.name, one.bundle.as_ref().ok()?.reference())));
        bundles
            .find(|(_, reference)| fits(reference))
            .map(|(name, _)| name.clone())
    };
    with(&|one| one.sha256 == made_by.sha256)
        .or_else(|| with(&|one| (&one.name, &one.version) == (&made_by.name, &made_by.version)))
        .unwrap_or_else(|| made_by.name.clone())
}

/// All bundles that can be opened by name, the one that a name stands for only, sorted by name.
pub fn list() -> Vec<Listed> {
    let mut found: Vec<Listed> = Vec::new();
    for folder in places::bundle_folders() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for dir in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let Some(name) = dir.file_name().map(|n| n.to_string_lossy().into_owned()) else {
                continue;
            };
            if dir.join(MANIFEST).is_file() && found.iter().all(|listed| listed.name != name) {
                let bundle = Bundle::open_unchecked(&dir);
                found.push(Listed { name, dir, bundle });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
