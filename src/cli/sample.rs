//! `summdiff sample`: importance scores from features, by seed or by recorded noise.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ndarray::{Array2, Array3};

use super::npy::{check_finite, read_matrix, read_npy, write_npy};
use super::{DeviceArg, Output, Usage, check_places};
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
    #[arg(long, value_parser = super::values::samples)]
    samples: Option<u32>,
    /// DDIM steps, 1 to 1000 [default: what the bundle states]
    #[arg(long, value_parser = super::values::steps)]
    steps: Option<u32>,
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    seed: u64,
    /// Classifier-free guidance weight; 0 for none [default: what the bundle states]
    #[arg(long, value_parser = super::values::guidance, allow_negative_numbers = true)]
    guidance: Option<f64>,
    /// Noise in each step: 0 none, 1 as DDPM [default: what the bundle states]
    #[arg(long, value_parser = super::values::eta)]
    eta: Option<f64>,
    /// Seconds over which the noise of neighbouring frames is correlated (pointwise bundles only)
    #[arg(long, value_name = "SECS", default_value_t = 0.0, value_parser = super::values::coherence_secs)]
    coherence: f64,
    /// Rows of the features a second, for --coherence [default: the extractor's rate, else 2]
    #[arg(long, value_parser = super::values::sampling_fps)]
    fps: Option<f64>,
    /// Strength of self-attention guidance; 0 for none
    #[arg(
        long,
        value_name = "S",
        default_value_t = 0.0,
        value_parser = super::values::sag,
        allow_negative_numbers = true
    )]
    sag: f64,
    /// Initial noise, float32 [S, M] (M score tokens: N divided by the bundle's score stride,
    /// rounded up)
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
/// A sentence that names the file and the fix.
pub fn run(args: &SampleArgs, output: &Output) -> anyhow::Result<()> {
    if args.initial_noise.is_some() && args.coherence != 0.0 {
        let words = "--coherence draws its own noise; leave out --initial-noise and --step-noise";
        return Err(Usage(words.to_owned()).into());
    }
    let inputs: Vec<&Path> = (args.initial_noise.iter().chain(&args.step_noise))
        .chain([&args.features])
        .map(PathBuf::as_path)
        .collect();
    check_places(&inputs, &[Some(&args.output), args.indices.as_deref()])?;
    let features = read_matrix(&args.features, "float32 [N, D]")?;
    check_finite(&args.features, &features)?;
    let bundle = Bundle::find(&args.bundle)?;
    if bundle.manifest().kind == BundleKind::Scorer {
        let scores = Scorer::open(&bundle, args.device.into())?
            .score(features.view())
            .with_context(|| args.features.display().to_string())?;
        let row = Array2::from_shape_vec((1, scores.len()), scores)?;
        return write_npy(&args.output, &row);
    }
    let network = Arc::new(Network::open(&bundle, args.device.into())?);
    let report = network.report();
    if let Some(reason) = &report.reason {
        output.say(&format!("on the {}: {reason}", report.device));
    }
    let video = network
        .condition(features.view())
        .with_context(|| args.features.display().to_string())?;
    let recorded = match (&args.initial_noise, &args.step_noise) {
        (Some(initial), Some(steps)) => Some(recorded_noise(initial, steps)?),
        _ => None,
    };
    let defaults = network.defaults();
    let recorded_steps = recorded.as_ref().map(|(_, steps)| steps.dim().0);
    let request = SampleRequest {
        imposed: None,
        first_sample: 0,
        samples: args
            .samples
            .map(|samples| samples as usize)
            .or(recorded.as_ref().map(|(initial, _)| initial.nrows()))
            .unwrap_or(100),
        steps: (args.steps.map(|steps| steps as usize))
            .or(recorded_steps)
            .unwrap_or(defaults.steps),
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
            Some((initial, steps)) => Noise::Given {
                initial: initial.view(),
                steps: steps.view(),
            },
            None => Noise::Seeded {
                seed: args.seed,
                coherence: coherence(args, &bundle, &video),
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
        Err(err) => Err(anyhow::Error::from(err).context(match &args.initial_noise {
            Some(initial) => format!("no samples from the noise of {}", initial.display()),
            None => format!("no samples from {}", args.features.display()),
        })),
    }
}

/// Noise from files: of the same samples and tokens in both.
fn recorded_noise(initial: &Path, steps: &Path) -> anyhow::Result<(Array2<f32>, Array3<f32>)> {
    let first: Array2<f32> = read_npy(initial, "float32 [S, M]")?;
    let later: Array3<f32> = read_npy(steps, "float32 [steps, S, M]")?;
    check_finite(initial, &first)?;
    check_finite(steps, &later)?;
    let (samples, tokens) = first.dim();
    let (_, later_samples, later_tokens) = later.dim();
    if (samples, tokens) != (later_samples, later_tokens) {
        bail!(
            "{} has noise of {later_samples} × {later_tokens} values a step, {} of {samples} × {tokens}; both must be samples × score tokens",
            steps.display(),
            initial.display()
        );
    }
    Ok((first, later))
}

fn coherence(
    args: &SampleArgs,
    bundle: &Bundle,
    video: &crate::inference::VideoDenoiser,
) -> Option<Coherence> {
    let extractor = bundle.manifest().extractor.as_ref();
    let fps = args
        .fps
        .or(extractor.map(|e| e.sampling_fps))
        .unwrap_or(2.0);
    let times: Vec<f64> = (0..video.picks()).map(|pick| pick as f64 / fps).collect();
    Coherence::new(args.coherence, &video.token_times_secs(&times))
}
