//! `summdiff sample`: importance scores from features, by seed or by recorded noise.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ndarray::{Array2, Array3};

use super::{DeviceArg, Output, keep_inputs};
use crate::diffusion::{
    Coherence, Denoiser, Noise, SampleError, SampleRequest, Sampler, SelfAttentionGuidance, Solver,
};
use crate::domain::{SamplingMethod, Variant};
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::inference::{Bundle, BundleKind, Network, Scorer};
use crate::jobs::StageClock;

/// Sample importance scores from features
#[derive(Debug, Args)]
pub struct SampleArgs {
    /// Bundle by name, folder or .zip
    #[arg(long, default_value = DEFAULT_BUNDLE)]
    bundle: String,
    /// Features, float32 [N, D] in NumPy's format
    #[arg(long)]
    features: PathBuf,
    /// Where the scores go, float32 [S, N] in NumPy's format
    #[arg(short, long)]
    output: PathBuf,
    /// Number of samples, S [default: 100, or as many as the recorded noise has]
    #[arg(long)]
    samples: Option<usize>,
    /// DDIM steps, 1 to 1000 [default: what the bundle states]
    #[arg(long)]
    steps: Option<usize>,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Classifier-free guidance weight; 0 for none [default: what the bundle states]
    #[arg(long, allow_negative_numbers = true)]
    guidance: Option<f64>,
    /// Noise in each step: 0 none, 1 as DDPM [default: what the bundle states]
    #[arg(long)]
    eta: Option<f64>,
    /// Seconds over which the noise of neighbouring frames is correlated (pointwise bundles only)
    #[arg(long, value_name = "SECS", default_value_t = 0.0)]
    coherence: f64,
    /// Rows of the features a second, for --coherence [default: the extractor's rate, else 2]
    #[arg(long)]
    fps: Option<f64>,
    /// Strength of self-attention guidance; 0 for none
    #[arg(
        long,
        value_name = "S",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    sag: f64,
    /// Initial noise, float32 [S, M] (M score tokens: N divided by the bundle's score stride, rounded up)
    #[arg(long, requires = "step_noise", value_name = "FILE.npy")]
    initial_noise: Option<PathBuf>,
    /// Noise of each step, float32 [steps, S, M]
    #[arg(long, requires = "initial_noise", value_name = "FILE.npy")]
    step_noise: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = MethodArg::Auto)]
    method: MethodArg,
    /// Whose reading of the method: the released code's or the paper's
    #[arg(long, value_enum, default_value_t = VariantArg::Authors)]
    variant: VariantArg,
    #[arg(long, value_enum, default_value_t = SolverArg::Ddim)]
    solver: SolverArg,
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    device: DeviceArg,
    /// Also write the quantised score indices of every evaluation, int32 [evaluations, S, M]
    #[arg(long, value_name = "FILE.npy")]
    indices: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodArg {
    /// The table for pointwise bundles, direct calls otherwise
    Auto,
    Direct,
    Table,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VariantArg {
    Authors,
    Paper,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SolverArg {
    Ddim,
    /// All training steps; ignores --steps and --eta
    Ddpm,
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the mend.
pub fn run(args: &SampleArgs, output: &Output) -> anyhow::Result<()> {
    keep_inputs(
        &[&args.features],
        &[Some(&args.output), args.indices.as_deref()],
    )?;
    let features: Array2<f32> = read_npy(&args.features, "float32 [N, D]")?;
    let bundle = Bundle::find(&args.bundle)?;
    if bundle.manifest().kind == BundleKind::Scorer {
        let scores = Scorer::open(&bundle, args.device.into())?.score(features.view())?;
        let row = Array2::from_shape_vec((1, scores.len()), scores)?;
        return write_npy(&args.output, &row);
    }
    let network = Arc::new(Network::open(&bundle, args.device.into())?);
    let report = network.report();
    if let Some(reason) = &report.reason {
        output.say(&format!("on the {}: {reason}", report.device));
    }
    let video = network.condition(features.view())?;
    let recorded = match (&args.initial_noise, &args.step_noise) {
        (Some(initial), Some(steps)) => Some((
            read_npy::<Array2<f32>>(initial, "float32 [S, M]")?,
            read_npy::<Array3<f32>>(steps, "float32 [steps, S, M]")?,
        )),
        _ => None,
    };
    let defaults = network.defaults();
    let recorded_steps = recorded.as_ref().map(|(_, steps)| steps.dim().0);
    let request = SampleRequest {
        samples: args
            .samples
            .or(recorded.as_ref().map(|(initial, _)| initial.nrows()))
            .unwrap_or(100),
        steps: args.steps.or(recorded_steps).unwrap_or(defaults.steps),
        eta: args.eta.unwrap_or(defaults.eta),
        guidance: args.guidance.unwrap_or(defaults.guidance),
        sag: SelfAttentionGuidance::with_strength(args.sag),
        variant: match args.variant {
            VariantArg::Authors => Variant::Authors,
            VariantArg::Paper => Variant::Paper,
        },
        solver: match args.solver {
            SolverArg::Ddim => Solver::Ddim,
            SolverArg::Ddpm => Solver::Ddpm,
        },
        method: match args.method {
            MethodArg::Auto => SamplingMethod::Auto,
            MethodArg::Direct => SamplingMethod::Direct,
            MethodArg::Table => SamplingMethod::Table,
        },
        noise: match &recorded {
            Some(_) if args.coherence != 0.0 => {
                bail!("--coherence draws its own noise; leave out --initial-noise and --step-noise")
            }
            Some((initial, steps)) => Noise::Given {
                initial: initial.view(),
                steps: steps.view(),
            },
            None => Noise::Seeded {
                seed: args.seed,
                coherence: coherence(args, &bundle, &video)?,
            },
        },
    };
    let clock = StageClock::start("Sampling");
    let total = request.samples as u64;
    let mut sampler = Sampler::new(network.schedule());
    let cancel = output.cancel_token();
    let result = if let Some(path) = &args.indices {
        sampler
            .sample_traced(&video, &request, cancel)
            .map(|(scores, trace)| write_npy(path, &trace.indices).map(|()| scores))
    } else {
        sampler
            .sample(&video, &request, cancel, &mut |range, _| {
                output.progress(&clock.at(range.end as u64, total));
            })
            .map(Ok)
    };
    match result {
        Ok(scores) => write_npy(&args.output, &scores?),
        Err(SampleError::Cancelled) => output.check_interrupt(),
        Err(err) => Err(err.into()),
    }
}

fn coherence(
    args: &SampleArgs,
    bundle: &Bundle,
    video: &crate::inference::VideoDenoiser,
) -> anyhow::Result<Option<Coherence>> {
    if !(args.coherence.is_finite() && args.coherence >= 0.0) {
        bail!("--coherence must be a number of seconds, 0 or more");
    }
    let extractor = bundle.manifest().extractor.as_ref();
    let fps = args
        .fps
        .or(extractor.map(|e| e.sampling_fps))
        .unwrap_or(2.0);
    if !(fps.is_finite() && fps > 0.0) {
        bail!("--fps must be above 0");
    }
    let times: Vec<f64> = (0..video.picks()).map(|pick| pick as f64 / fps).collect();
    Ok(Coherence::new(
        args.coherence,
        &video.token_times_secs(&times),
    ))
}

/// Reads an array, with a sentence that names the file and what is expected of it.
fn read_npy<A: ndarray_npy::ReadNpyExt>(path: &Path, expected: &str) -> anyhow::Result<A> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("{} cannot be opened; check the path", path.display()))?;
    A::read_npy(std::io::BufReader::new(file)).with_context(|| {
        format!(
            "{} is not a NumPy array of {expected}; write it with numpy.save",
            path.display()
        )
    })
}

/// Writes an array beside its place and renames it there, so that no half-written one stays under the name.
pub(super) fn write_npy<A: ndarray_npy::WriteNpyExt>(path: &Path, array: &A) -> anyhow::Result<()> {
    let unwritable = || {
        format!(
            "{} cannot be written; check the folder and the free space",
            path.display()
        )
    };
    let mut name = path.file_name().with_context(unwritable)?.to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let write = || -> anyhow::Result<()> {
        let mut writer = std::io::BufWriter::new(std::fs::File::create(&partial)?);
        array.write_npy(&mut writer)?;
        writer.flush()?;
        Ok(std::fs::rename(&partial, path)?)
    };
    write().with_context(unwritable).inspect_err(|_| {
        // What could not be finished is of no use.
        let _ = std::fs::remove_file(&partial);
    })
}
