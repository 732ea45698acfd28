//! One cache entry: features, picks and filmstrip of one video through one extractor.

use std::fs;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::sync::Arc;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder};
use ndarray::Array2;
use ndarray_npy::{ReadNpyExt, WriteNpyExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::store::{BESIDE, CacheError, Store};
use crate::domain::{Features, RgbImage, Shots};
use crate::files::hex;

/// Raised when the layout or the meaning of stored features changes (sampling, resizing), so that
/// old entries are not found.
const LAYOUT_VERSION: u32 = 4;

/// JPEG quality of filmstrip pictures: no visible blocks at 160 pixels' width, about 5 kB each.
const THUMB_QUALITY: u8 = 85;
/// Pixels of the largest picture that is read; a file of a few bytes can state one of gigabytes.
const MOST_THUMB_PIXELS: u64 = 1 << 20;

/// What features depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureKey {
    /// SHA-256 of the video file.
    pub content_sha256: String,
    /// SHA-256 of the bundle.
    pub bundle_sha256: String,
    pub sampling_fps: f64,
    /// Devices differ in the last digits, so each keeps its own features.
    pub device: String,
}

impl FeatureKey {
    fn file_name(&self) -> String {
        let text = format!(
            "{LAYOUT_VERSION} {} {} {} {}",
            self.content_sha256, self.bundle_sha256, self.sampling_fps, self.device
        );
        format!("{:x}", Sha256::digest(text.as_bytes()))
    }
}

/// A filmstrip picture and the pick it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedThumb {
    pub pick: usize,
    pub image: RgbImage,
}

/// What an entry holds.
#[derive(Clone, Debug)]
pub struct CachedFeatures {
    pub features: Features,
    pub thumbs: Vec<CachedThumb>,
    /// Cuts, blank and still stretches, found while decoding.
    pub shots: Shots,
    /// Sentences about damage met while decoding.
    pub warnings: Vec<String>,
}

/// The features of an entry, and its filmstrip as it is stored.
#[derive(Clone, Debug)]
pub struct StoredFeatures {
    pub features: Features,
    /// Of each picture its pick and its place in `jpegs`.
    thumbs: Vec<(usize, std::ops::Range<usize>)>,
    jpegs: Vec<u8>,
    shots: Shots,
    warnings: Vec<String>,
}

impl StoredFeatures {
    /// The picture of the filmstrip that is nearest to a pick.
    pub fn picture_near(&self, pick: usize) -> Option<RgbImage> {
        let nearest = |(at, _): &&(usize, _)| at.abs_diff(pick);
        let (_, place) = self.thumbs.iter().min_by_key(nearest)?;
        decoded(&self.jpegs[place.clone()]).ok()
    }
}

#[derive(Serialize, Deserialize)]
struct Meta {
    picks: Vec<u64>,
    pick_times_secs: Vec<f64>,
    /// For each filmstrip picture its pick and the length of its JPEG in `thumbs.jpegs`.
    thumbs: Vec<(usize, usize)>,
    shots: Shots,
    warnings: Vec<String>,
}

impl Store {
    /// Reads an entry; `None` where there is none or it is damaged.
    pub fn load_features(&self, key: &FeatureKey) -> Option<CachedFeatures> {
        let dir = self.entry(&key.file_name())?;
        match read_entry(&dir) {
            Ok(entry) => Some(entry),
            Err(err) => {
                log::warn!(
                    "cache entry {} is damaged and is made again: {err}",
                    dir.display()
                );
                self.forget(&key.file_name());
                None
            }
        }
    }

    /// The features of an entry without decoding its filmstrip; `None` where there is none or it is
    /// damaged.
    pub fn stored_features(&self, key: &FeatureKey) -> Option<StoredFeatures> {
        let dir = self.entry(&key.file_name())?;
        read_stored(&dir)
            .inspect_err(|err| log::warn!("cache entry {} is damaged: {err}", dir.display()))
            .ok()
    }

    /// Stores an entry and evicts old ones over the limit.
    ///
    /// # Errors
    /// When the cache folder cannot be written.
    pub fn store_features(
        &self,
        key: &FeatureKey,
        entry: &CachedFeatures,
    ) -> Result<(), CacheError> {
        self.insert(&key.file_name(), |dir| write_entry(dir, entry))
    }
}

impl Store {
    /// Mean scores of the alternatives kept beside an entry under a name; `None` where there are
    /// none.
    pub fn load_kinds(&self, key: &FeatureKey, name: &str) -> Option<Vec<Vec<f32>>> {
        let dir = self.entry(&key.file_name())?;
        let text = fs::read_to_string(dir.join(kinds_file(name))).ok()?;
        let (stated, json) = text.split_once('\n')?;
        (stated == sum_of(json)).then(|| serde_json::from_str(json).ok())?
    }

    /// Keeps mean scores of alternatives beside an entry; without the entry nothing is kept.
    ///
    /// # Errors
    /// When the cache folder cannot be written.
    pub fn store_kinds(
        &self,
        key: &FeatureKey,
        name: &str,
        means: &[Vec<f32>],
    ) -> Result<(), CacheError> {
        let Some(dir) = self.entry(&key.file_name()) else {
            return Ok(());
        };
        let json =
            serde_json::to_string(means).map_err(|err| CacheError::Encode(err.to_string()))?;
        let io = |source| CacheError::Io {
            path: dir.clone(),
            source,
        };
        // Written beside and renamed, so that no reader finds half of it.
        let mut file = tempfile::Builder::new()
            .prefix(BESIDE)
            .tempfile_in(&dir)
            .map_err(io)?;
        let text = format!("{}\n{json}", sum_of(&json));
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(io)?;
        file.persist(dir.join(kinds_file(name)))
            .map_err(|err| io(err.error))?;
        Ok(())
    }
}

fn kinds_file(name: &str) -> String {
    format!("{BESIDE}{name}.json")
}

/// SHA-256 of a text, in hex.
fn sum_of(text: &str) -> String {
    hex(Sha256::digest(text))
}

fn write_entry(dir: &Path, entry: &CachedFeatures) -> Result<(), CacheError> {
    let encode = |err: &dyn std::fmt::Display| CacheError::Encode(err.to_string());
    let io = |source| CacheError::Io {
        path: dir.to_owned(),
        source,
    };
    let features = fs::File::create(dir.join("features.npy")).map_err(io)?;
    entry
        .features
        .values
        .write_npy(BufWriter::new(features))
        .map_err(|err| encode(&err))?;
    let mut jpegs = Vec::new();
    let mut lengths = Vec::with_capacity(entry.thumbs.len());
    for thumb in &entry.thumbs {
        let before = jpegs.len();
        JpegEncoder::new_with_quality(&mut jpegs, THUMB_QUALITY)
            .write_image(
                &thumb.image.data,
                thumb.image.width,
                thumb.image.height,
                ExtendedColorType::Rgb8,
            )
            .map_err(|err| encode(&err))?;
        lengths.push((thumb.pick, jpegs.len() - before));
    }
    fs::write(dir.join("thumbs.jpegs"), jpegs).map_err(io)?;
    let meta = Meta {
        picks: entry.features.picks.clone(),
        pick_times_secs: entry.features.pick_times_secs.clone(),
        thumbs: lengths,
        shots: entry.shots.clone(),
        warnings: entry.warnings.clone(),
    };
    let json = serde_json::to_vec(&meta).map_err(|err| encode(&err))?;
    fs::write(dir.join("meta.json"), json).map_err(io)
}

/// Reads the files of an entry, whose checksum is not looked at here.
pub(crate) fn read_entry(dir: &Path) -> anyhow::Result<CachedFeatures> {
    let stored = read_stored(dir)?;
    let thumbs = stored.thumbs.into_iter().map(|(pick, place)| {
        let image = decoded(&stored.jpegs[place])?;
        Ok(CachedThumb { pick, image })
    });
    Ok(CachedFeatures {
        thumbs: thumbs.collect::<anyhow::Result<_>>()?,
        features: stored.features,
        shots: stored.shots,
        warnings: stored.warnings,
    })
}

fn read_stored(dir: &Path) -> anyhow::Result<StoredFeatures> {
    let meta: Meta = serde_json::from_slice(&fs::read(dir.join("meta.json"))?)?;
    let file = fs::File::open(dir.join("features.npy"))?;
    let values = Array2::<f32>::read_npy(BufReader::new(file))?;
    anyhow::ensure!(
        values.nrows() == meta.picks.len() && meta.picks.len() == meta.pick_times_secs.len(),
        "lengths differ"
    );
    let jpegs = fs::read(dir.join("thumbs.jpegs"))?;
    let mut end = 0usize;
    let mut thumbs = Vec::with_capacity(meta.thumbs.len());
    for (pick, length) in meta.thumbs {
        let start = end;
        end = start.saturating_add(length);
        anyhow::ensure!(
            end <= jpegs.len() && pick < values.nrows(),
            "filmstrip is cut short"
        );
        thumbs.push((pick, start..end));
    }
    Ok(StoredFeatures {
        features: Features {
            values,
            picks: meta.picks,
            pick_times_secs: meta.pick_times_secs,
            network_rows: Vec::new(),
        },
        thumbs,
        jpegs,
        shots: meta.shots,
        warnings: meta.warnings,
    })
}

fn decoded(jpeg: &[u8]) -> anyhow::Result<RgbImage> {
    let decoder = JpegDecoder::new(std::io::Cursor::new(jpeg))?;
    let (width, height) = decoder.dimensions();
    anyhow::ensure!(
        u64::from(width) * u64::from(height) <= MOST_THUMB_PIXELS,
        "a thumbnail of {width} × {height} pixels"
    );
    let image = DynamicImage::from_decoder(decoder)?.into_rgb8();
    let (width, height) = image.dimensions();
    Ok(RgbImage {
        width,
        height,
        data: Arc::from(image.into_raw()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_that_states_a_huge_size_is_refused() {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, THUMB_QUALITY)
            .write_image(&[128; 16 * 8 * 3], 16, 8, ExtendedColorType::Rgb8)
            .unwrap();
        assert_eq!(decoded(&jpeg).unwrap().width, 16);
        // Height and width follow the frame header's length and depth.
        let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
        let refused = decoded(&jpeg).unwrap_err().to_string();
        assert_eq!(refused, "a thumbnail of 65500 × 65500 pixels");
    }

    fn key(content: &str) -> FeatureKey {
        FeatureKey {
            content_sha256: content.into(),
            bundle_sha256: "b".into(),
            sampling_fps: 2.0,
            device: "cpu".into(),
        }
    }

    fn entry(rows: usize) -> CachedFeatures {
        let image = RgbImage::new(16, 8, vec![128; 16 * 8 * 3]).unwrap();
        CachedFeatures {
            features: Features {
                values: Array2::from_shape_fn((rows, 4), |(n, d)| (n * 4 + d) as f32),
                picks: (0..rows as u64).map(|n| n * 12).collect(),
                pick_times_secs: (0..rows).map(|n| n as f64 / 2.0).collect(),
                network_rows: Vec::new(),
            },
            thumbs: vec![CachedThumb { pick: 1, image }],
            shots: Shots {
                cuts: vec![7],
                ..Shots::default()
            },
            warnings: vec!["1 sampled frame could not be decoded.".into()],
        }
    }

    #[test]
    fn what_was_stored_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path(), 1 << 20);
        assert!(store.load_features(&key("a")).is_none());
        store.store_features(&key("a"), &entry(5)).unwrap();
        let back = store.load_features(&key("a")).unwrap();
        assert_eq!(back.features, entry(5).features);
        assert_eq!(back.warnings, entry(5).warnings);
        assert_eq!(back.shots, entry(5).shots);
        assert_eq!(back.thumbs[0].pick, 1);
        let value = f64::from(back.thumbs[0].image.data[0]);
        assert!(
            (value - 128.0).abs() <= 2.0,
            "JPEG changed a flat grey to {value}"
        );
        assert!(store.load_features(&key("other")).is_none());
    }

    #[test]
    fn a_damaged_entry_counts_as_absent() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path(), 1 << 20);
        store.store_features(&key("a"), &entry(5)).unwrap();
        let file = dir
            .path()
            .join("features")
            .join(key("a").file_name())
            .join("features.npy");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(store.load_features(&key("a")).is_none());
        assert_eq!(store.usage().unwrap().entries, 0, "it is removed");
    }

    #[test]
    fn one_changed_bit_anywhere_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path(), 1 << 20);
        let folder = dir.path().join("features").join(key("a").file_name());
        for name in ["features.npy", "thumbs.jpegs", "meta.json", "sha256"] {
            store.store_features(&key("a"), &entry(5)).unwrap();
            assert!(store.load_features(&key("a")).is_some());
            let mut bytes = fs::read(folder.join(name)).unwrap();
            let last = bytes.len() - 3;
            bytes[last] ^= 1;
            fs::write(folder.join(name), bytes).unwrap();
            assert!(store.load_features(&key("a")).is_none(), "{name}");
        }
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_never_counted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path(), 1 << 20);
        let left = dir.path().join("features/.writing-abc");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("features.npy"), b"half").unwrap();
        assert_eq!(store.usage().unwrap().entries, 0);
        fs::write(left.join("lock"), b"").unwrap();
        let empty = dir.path().join("features/.writing-def");
        fs::create_dir(&empty).unwrap();
        store.store_features(&key("a"), &entry(5)).unwrap();
        assert!(!left.exists() && !empty.exists());
    }

    #[test]
    fn the_entry_used_longest_ago_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let size = {
            let store = Store::at(dir.path(), u64::MAX);
            store.store_features(&key("old"), &entry(200)).unwrap();
            store.usage().unwrap().bytes
        };
        let store = Store::at(dir.path(), size * 5 / 2);
        for name in ["mid", "new"] {
            std::thread::sleep(std::time::Duration::from_millis(20));
            store.store_features(&key(name), &entry(200)).unwrap();
        }
        assert!(store.load_features(&key("old")).is_none());
        assert!(store.load_features(&key("mid")).is_some());
        assert!(store.load_features(&key("new")).is_some());
        assert_eq!(store.clear().unwrap().entries, 2);
        assert_eq!(store.usage().unwrap(), super::super::CacheUsage::default());
    }
}
