//! `bundle.json`: what a bundle says of itself. Reads no network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::BundleDefaults;
use crate::domain::limits::{self, OutOfRange};
use crate::domain::repairs::one_line;
use crate::summary::NoisePrice;

/// The only version of the format there is.
pub const FORMAT: u32 = 1;

/// What a bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleKind {
    /// Encoder and denoiser: samples many summaries.
    Summdiff,
    /// A deterministic network: features to scores.
    Scorer,
    /// Only an extractor, to be used by other bundles.
    Extractor,
}

/// `bundle.json`, field by field; see `models/README.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub name: String,
    pub version: String,
    pub kind: BundleKind,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub provenance: Provenance,
    /// Lower-case hex SHA-256 of every file beside the manifest.
    pub files: BTreeMap<String, String>,
    #[serde(default)]
    pub extractor: Option<ExtractorSpec>,
    #[serde(default)]
    pub encoder: Option<EncoderSpec>,
    #[serde(default)]
    pub denoiser: Option<DenoiserSpec>,
    #[serde(default)]
    pub scorer: Option<ScorerSpec>,
    /// Picks a score token stands for, at least 1.
    #[serde(default)]
    pub score_stride: Option<usize>,
    #[serde(default)]
    pub schedule: Option<ScheduleSpec>,
    /// Quantisation size K: scores are rounded to multiples of 1/K.
    #[serde(default)]
    pub k: Option<usize>,
    #[serde(default)]
    pub sigmoid_temp: Option<f64>,
    #[serde(default)]
    pub defaults: Option<BundleDefaults>,
    /// Constants of the price of change points that suit the features; the program's own where it
    /// is not stated.
    #[serde(default)]
    pub segments: Option<NoisePrice>,
    #[serde(default)]
    pub null_vector_file: Option<String>,
    /// Most picks that go through the network in one piece; longer videos are cut into equal
    /// pieces.
    #[serde(default)]
    pub max_frames: Option<usize>,
    /// Opset of the encoder, denoiser and scorer.
    #[serde(default)]
    pub opset: Option<i64>,
    /// What it was trained on; `None` where the bundle does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
}

/// Which videos of which data set a network was trained on, so that none of them tests it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingRecord {
    /// File name of the data set and SHA-256 of its content.
    pub dataset: String,
    pub dataset_sha256: String,
    /// `tvt`, `5fcv` or the name of a split file, which of its splits, and the seed they are made
    /// from.
    pub protocol: String,
    pub split: usize,
    pub split_seed: u64,
    pub train_keys: Vec<String>,
    pub val_keys: Vec<String>,
    pub test_keys: Vec<String>,
    /// SHA-256 of the features of every video by its key: float32 [N, D] row by row, little-endian.
    pub features_sha256: BTreeMap<String, String>,
}

/// Where the weights come from; free text for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    pub data: String,
    pub recipe: String,
    pub licence: String,
    pub notes: String,
}

/// The extractor network and how a frame becomes its input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractorSpec {
    pub file: String,
    pub resize: ResizeSpec,
    /// Height and width of the network's input.
    pub input_size: [u32; 2],
    pub channel_order: ChannelOrder,
    /// Pixels (0 to 255) are divided by this first: 255 or 1.
    pub scale: f32,
    /// Then the mean is taken off, and the result divided by the standard deviation; in the
    /// network's channel order.
    pub mean: [f32; 3],
    pub std: [f32; 3],
    /// Frames a second to sample.
    pub sampling_fps: f64,
    /// Size D of the features, after PCA.
    pub dim: usize,
    #[serde(default)]
    pub pca: Option<PcaSpec>,
    #[serde(default)]
    pub l2_normalise: bool,
    pub input_name: String,
    pub output_name: String,
    /// Opset of this file where it differs from the bundle's.
    #[serde(default)]
    pub opset: Option<i64>,
}

impl ExtractorSpec {
    /// Names of the files it needs: the network's, and the PCA's.
    pub fn files(&self) -> Vec<&str> {
        let mut names = vec![self.file.as_str()];
        if let Some(pca) = &self.pca {
            names.extend([pca.mean_file.as_str(), pca.basis_file.as_str()]);
            names.extend(pca.eigenvalues_file.as_deref());
        }
        names
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    Rgb,
    Bgr,
}

/// How a frame is brought to the network's input size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResizeSpec {
    pub mode: ResizeMode,
    /// The shorter side after resizing (for `shorter_side`).
    #[serde(default)]
    pub size: Option<u32>,
    /// Side of the centre crop taken then; must equal the input size.
    #[serde(default)]
    pub crop: Option<u32>,
    #[serde(default)]
    pub filter: ResizeFilter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResizeMode {
    /// Keep the aspect ratio, then crop the centre.
    ShorterSide,
    /// To the input size at once.
    Stretch,
}

/// Pillow's resampling filter of that name; `area` is Pillow's box filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResizeFilter {
    #[default]
    Bilinear,
    Bicubic,
    Area,
    Lanczos,
}

/// Principal components of the extractor's output, as YouTube-8M's for Inception-v3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PcaSpec {
    /// `.npy`, length D0.
    pub mean_file: String,
    /// `.npy`, [dim, D0], one component a row.
    pub basis_file: String,
    /// `.npy`, length dim; needed for whitening.
    #[serde(default)]
    pub eigenvalues_file: Option<String>,
    /// Whether components are divided by `sqrt(eigenvalue + epsilon)`.
    #[serde(default)]
    pub whiten: bool,
    #[serde(default)]
    pub epsilon: f64,
    /// Components kept.
    pub dim: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderSpec {
    pub file: String,
    pub dim_in: usize,
    pub hidden: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenoiserSpec {
    pub file: String,
    /// Whether x0 of a frame depends on that frame's score alone.
    #[serde(default)]
    pub pointwise: bool,
    /// Whether there is an `attention` output for self-attention guidance.
    #[serde(default)]
    pub attention: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScorerSpec {
    pub file: String,
    #[serde(default)]
    pub dim_in: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleSpec {
    pub kind: String,
    pub train_steps: usize,
    pub s: f64,
}

impl Manifest {
    /// Reads and checks a manifest by itself.
    ///
    /// # Errors
    /// A phrase that says what is wrong and what would be right, to follow "…bundle.json is not a
    /// valid bundle manifest:".
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        Self::parsed(json).map_err(|reason| one_line(&reason))
    }

    fn parsed(json: &[u8]) -> Result<Self, String> {
        let stated: serde_json::Value = serde_json::from_slice(json)
            .map_err(|err| format!("it is not JSON ({err}); export the bundle again"))?;
        match stated.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => {
                return Err(format!(
                    "its format is {format}, but only {FORMAT} is known; use a newer program or export again"
                ));
            }
            None => return Err("it states no \"format\"; export the bundle again".to_owned()),
        }
        let manifest: Self = serde_json::from_value(stated)
            .map_err(|err| format!("{err}; correct it or export the bundle again"))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Picks a score token stands for.
    pub fn stride(&self) -> usize {
        self.score_stride.unwrap_or(1)
    }

    /// Sampling settings to begin with.
    pub fn defaults(&self) -> BundleDefaults {
        self.defaults.unwrap_or_default()
    }

    /// Names of all files that the parts refer to.
    pub fn referenced_files(&self) -> Vec<&str> {
        let mut names = Vec::new();
        names.extend(self.extractor.iter().flat_map(ExtractorSpec::files));
        names.extend(self.encoder.iter().map(|part| part.file.as_str()));
        names.extend(self.denoiser.iter().map(|part| part.file.as_str()));
        names.extend(self.scorer.iter().map(|part| part.file.as_str()));
        names.extend(self.null_vector_file.as_deref());
        names
    }

    fn check(&self) -> Result<(), String> {
        if self.segments.is_some_and(|price| !price.is_valid()) {
            return Err(
                "\"segments\" needs prices of at least 0 and a longest length of at least twice the shortest".to_owned(),
            );
        }
        for name in self
            .files
            .keys()
            .map(String::as_str)
            .chain(self.referenced_files())
        {
            let plain = !name.is_empty()
                && name != "."
                && name != ".."
                && !name.contains(['/', '\\', ':', '\0']);
            if !plain {
                return Err(format!(
                    "\"{name}\" is not a plain file name; files must lie beside bundle.json"
                ));
            }
        }
        if self.name.is_empty() {
            return Err("\"name\" is empty; give the bundle a name".to_owned());
        }
        match self.kind {
            BundleKind::Summdiff => self.check_summdiff()?,
            BundleKind::Scorer if self.scorer.is_none() => {
                return Err("a scorer bundle needs \"scorer\"; export it again".to_owned());
            }
            BundleKind::Extractor if self.extractor.is_none() => {
                return Err("an extractor bundle needs \"extractor\"; export it again".to_owned());
            }
            BundleKind::Scorer | BundleKind::Extractor => {}
        }
        if let Some(most) = self.max_frames {
            limits::MAX_FRAMES
                .check_whole(most as u64)
                .map_err(in_manifest)?;
        }
        limits::SCORE_STRIDE
            .check_whole(self.stride() as u64)
            .map_err(in_manifest)?;
        let sizes = [
            self.extractor.as_ref().map(|part| part.dim),
            self.encoder.as_ref().map(|part| part.dim_in),
            self.encoder.as_ref().map(|part| part.hidden),
            self.scorer.as_ref().and_then(|part| part.dim_in),
        ];
        for size in sizes.into_iter().flatten() {
            limits::FEATURE_SIZE
                .check_whole(size as u64)
                .map_err(in_manifest)?;
        }
        self.extractor
            .as_ref()
            .map_or(Ok(()), ExtractorSpec::check)?;
        if let (Some(extractor), Some(encoder)) = (&self.extractor, &self.encoder)
            && extractor.dim != encoder.dim_in
        {
            return Err(format!(
                "the extractor gives {} values a frame, but the encoder takes {}; put the right extractor beside it",
                extractor.dim, encoder.dim_in
            ));
        }
        Ok(())
    }

    fn check_summdiff(&self) -> Result<(), String> {
        if self.encoder.is_none() || self.denoiser.is_none() {
            return Err(
                "a summdiff bundle needs \"encoder\" and \"denoiser\"; export it again".to_owned(),
            );
        }
        if !matches!(self.k, Some(1..=65_535)) {
            return Err("\"k\" must be stated, from 1 to 65535".to_owned());
        }
        if !self
            .sigmoid_temp
            .is_some_and(|temp| temp.is_finite() && temp > 0.0)
        {
            return Err("\"sigmoid_temp\" must be stated, above 0".to_owned());
        }
        let Some(schedule) = &self.schedule else {
            return Err("\"schedule\" is missing; export the bundle again".to_owned());
        };
        if schedule.kind != "cosine"
            || !(2..=10_000).contains(&schedule.train_steps)
            || !(0.0..1.0).contains(&schedule.s)
        {
            return Err(
                "\"schedule\" must be cosine with 2 to 10000 steps and s in [0, 1)".to_owned(),
            );
        }
        let defaults = self.defaults();
        if !(1..=schedule.train_steps).contains(&defaults.steps) {
            return Err(format!(
                "\"defaults.steps\" must be from 1 to {}",
                schedule.train_steps
            ));
        }
        if self.null_vector_file.is_none() && defaults.guidance != 0.0 {
            return Err(
                "\"defaults.guidance\" needs a \"null_vector_file\"; set it to 0".to_owned(),
            );
        }
        Ok(())
    }
}

/// The clause for a value beyond its limit.
fn in_manifest(err: OutOfRange) -> String {
    format!("{err}; correct it or export the bundle again")
}

impl ExtractorSpec {
    fn check(&self) -> Result<(), String> {
        let [height, width] = self.input_size;
        for side in [height, width] {
            limits::INPUT_SIDE
                .check_whole(u64::from(side))
                .map_err(in_manifest)?;
        }
        let positive = |value: f32| value.is_finite() && value > 0.0;
        if !positive(self.scale) || !self.std.iter().copied().all(positive) {
            return Err("\"extractor.scale\" and \"std\" must be above 0".to_owned());
        }
        limits::SAMPLING_FPS
            .check(self.sampling_fps)
            .map_err(in_manifest)?;
        if self.resize.mode == ResizeMode::ShorterSide {
            let size = self.resize.size.unwrap_or(0);
            limits::RESIZE_SIDE
                .check_whole(u64::from(size))
                .map_err(in_manifest)?;
            if size < height.max(width) {
                return Err("\"extractor.resize.size\" must not be below the input size".to_owned());
            }
            if self
                .resize
                .crop
                .is_some_and(|crop| [crop, crop] != self.input_size)
            {
                return Err("\"extractor.resize.crop\" must equal the input size".to_owned());
            }
        }
        if let Some(pca) = &self.pca {
            if pca.dim != self.dim {
                return Err(format!(
                    "\"extractor.dim\" is {}, but its PCA keeps {}",
                    self.dim, pca.dim
                ));
            }
            if pca.whiten && pca.eigenvalues_file.is_none() {
                return Err(
                    "\"extractor.pca\" whitens, but names no \"eigenvalues_file\"".to_owned(),
                );
            }
        }
        Ok(())
    }
}
