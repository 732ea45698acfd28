//! What can go wrong with the runtime and with bundles, each as one sentence that names the file
//! and the fix.

use std::path::PathBuf;

/// ONNX Runtime is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    #[error(
        "ONNX Runtime ({library}) was not found beside the program, in vendor/onnxruntime/lib or in the data folder; \
         run `cargo xtask setup`, or set ORT_DYLIB_PATH to the library"
    )]
    NotFound { library: &'static str },
    #[error(
        "ORT_DYLIB_PATH names {path}, which is not there; correct or unset it, or run `cargo xtask setup`"
    )]
    NamedMissing { path: PathBuf },
    #[error(
        "{path} cannot be loaded as ONNX Runtime ({reason}); run `cargo xtask setup`, or set ORT_DYLIB_PATH to a working library"
    )]
    Unloadable { path: PathBuf, reason: String },
    #[error(
        "{path} is ONNX Runtime {found}, but at least {needed} is needed; run `cargo xtask setup` or install a newer one"
    )]
    TooOld {
        path: PathBuf,
        found: String,
        needed: String,
    },
}

/// A bundle cannot be used, or failed at work.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BundleError {
    #[error(
        "no bundle {name} was found (looked in {looked}); run `summdiff models list` to see what is there"
    )]
    NotFound { name: String, looked: String },
    #[error("{path} is not a valid bundle manifest: {reason}")]
    Manifest { path: PathBuf, reason: String },
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error(
        "{path} is missing, but bundle.json names it; restore the file or export the bundle again"
    )]
    FileMissing { path: PathBuf },
    #[error(
        "{path} is not listed under \"files\" in bundle.json, so it cannot be checked; export the bundle again"
    )]
    Unlisted { path: PathBuf },
    #[error(
        "{path} is not the file bundle.json was written for (SHA-256 {found} instead of {expected}); restore it or export again"
    )]
    HashMismatch {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error(
        "{path} has {size_mib} MiB, more than the {limit_mib} MiB that one ONNX file may have; export a smaller network"
    )]
    TooLarge {
        path: PathBuf,
        size_mib: u64,
        limit_mib: u64,
    },
    #[error("{path} is not a valid ONNX file; export the bundle again")]
    NotOnnx { path: PathBuf },
    #[error("{path} is cut up: its weights lie in other files; export it as one file")]
    ExternalData { path: PathBuf },
    #[error(
        "{path} uses ONNX opset {found}, but bundle.json states {stated}; export the bundle again"
    )]
    OpsetMismatch {
        path: PathBuf,
        found: i64,
        stated: i64,
    },
    #[error(
        "{path} uses ONNX opset {found}, which is outside {min} to {max}; export it with opset 17"
    )]
    OpsetUnsupported {
        path: PathBuf,
        found: i64,
        min: i64,
        max: i64,
    },
    #[error("{path} has no {port} \"{name}\" (it has {present}); export the bundle again")]
    MissingPort {
        path: PathBuf,
        port: &'static str,
        name: String,
        present: String,
    },
    #[error("{path}: \"{name}\" must be {expected}, but is {found}; export the bundle again")]
    WrongPort {
        path: PathBuf,
        name: String,
        expected: String,
        found: String,
    },
    #[error(
        "{path} gives numbers that are not finite; the network is damaged or was exported wrongly"
    )]
    NotFinite { path: PathBuf },
    #[error(
        "{path} looks scores up in a table of {rows} rows, but bundle.json states k = {k}, which needs {needed}; correct k"
    )]
    Levels {
        path: PathBuf,
        rows: u64,
        k: usize,
        needed: usize,
    },
    #[error(
        "{path} does not take the score index {k} that bundle.json's k = {k} allows ({reason}); correct k"
    )]
    TopLevel {
        path: PathBuf,
        k: usize,
        reason: String,
    },
    #[error(
        "{path} is stated to be pointwise, but x0 of one frame changes by {change:.1e} when other frames' scores change; \
         set \"pointwise\" to false in bundle.json"
    )]
    NotPointwise { path: PathBuf, change: f32 },
    #[error("{path} failed: {reason}")]
    Run { path: PathBuf, reason: String },
    #[error(
        "the features have {found} values a frame, but the bundle {bundle} takes {expected}; use features of its extractor"
    )]
    FeatureSize {
        bundle: String,
        expected: usize,
        found: usize,
    },
    #[error("there are no frames to work on; give a longer video")]
    NoFrames,
    #[error("the bundle {bundle} has no {part}; choose another bundle with --bundle")]
    NoPart { bundle: String, part: &'static str },
    #[error("{path} is not a safe bundle archive: {reason}")]
    Archive { path: PathBuf, reason: String },
    #[error(
        "{path} was tried in a process of its own with {mb} MB of memory and {secs} s of processor time, where it {reason}; use a bundle from a source you trust"
    )]
    Trial {
        path: PathBuf,
        reason: String,
        mb: u64,
        secs: u64,
    },
    /// What the process on trial reported, a sentence as the others.
    #[error("{0}")]
    Tried(String),
    #[error("CUDA was asked for, but {reason}; choose `--device auto` or `cpu`")]
    NoCuda { reason: String },
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}
