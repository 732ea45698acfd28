//! The flags of `analyze` that other commands share: how a video is prepared and what is drawn.

use clap::Args;

use super::DeviceArg;
use crate::domain::{
    ChangePointPrice, DrawSettings, OwnSettings, SamplingMethod, SegmentSettings, Steering,
    SummaryBudget, Variant,
};
use crate::inference::bundle::DEFAULT_BUNDLE;
use crate::pipeline::{Capabilities, PrepareOptions, Prepared};

/// Flags about the video's features.
#[derive(Clone, Debug, Args)]
pub struct PrepareArgs {
    /// A bundle's name, folder or archive [default: what a project or an analysis names, else lite]
    #[arg(long, value_name = "NAME|DIR")]
    pub bundle: Option<String>,
    /// Where the networks run
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// Frames a second to sample [default: what the bundle states]
    #[arg(long, value_name = "F", value_parser = super::values::sampling_fps)]
    pub fps: Option<f64>,
    #[command(flatten)]
    pub segmenting: SegmentingArgs,
    /// Neither read nor write the feature cache
    #[arg(long)]
    pub no_cache: bool,
}

/// Flags about the segments of a raw video; a dataset's own are used as they are.
#[derive(Clone, Debug, Args)]
pub struct SegmentingArgs {
    /// What a change point costs: by the noise of the features, or the field's penalty over the
    /// sampled rows [default: what a project or an analysis states, else noise]
    #[arg(long, value_enum)]
    kts: Option<KtsArg>,
    /// Seconds of the shortest segment [default: 1, less in short videos]
    #[arg(long, value_name = "SECS", value_parser = super::values::segment_secs)]
    min_segment_secs: Option<f64>,
    /// Seconds of the longest segment [default: 8, less in short videos]
    #[arg(long, value_name = "SECS", value_parser = super::values::segment_secs)]
    max_segment_secs: Option<f64>,
}

impl SegmentingArgs {
    pub fn settings(&self) -> SegmentSettings {
        self.over(SegmentSettings::default())
    }

    /// What was asked for, and of the rest what `stated` says.
    pub fn over(&self, stated: SegmentSettings) -> SegmentSettings {
        SegmentSettings {
            kts: self.kts.map_or(stated.kts, ChangePointPrice::from),
            min_segment_secs: self.min_segment_secs.or(stated.min_segment_secs),
            max_segment_secs: self.max_segment_secs.or(stated.max_segment_secs),
        }
    }
}

/// `--kts`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KtsArg {
    Noise,
    Rows,
}

impl From<KtsArg> for ChangePointPrice {
    fn from(arg: KtsArg) -> Self {
        match arg {
            KtsArg::Noise => Self::Noise,
            KtsArg::Rows => Self::Rows,
        }
    }
}

impl PrepareArgs {
    pub fn options(&self) -> PrepareOptions {
        PrepareOptions {
            bundle: self.bundle_or_default().to_owned(),
            device: self.device.into(),
            fps: self.fps,
            use_cache: !self.no_cache,
            segments: self.segmenting.settings(),
        }
    }

    /// The bundle that was asked for, or the one that comes with the program.
    pub fn bundle_or_default(&self) -> &str {
        self.bundle.as_deref().unwrap_or(DEFAULT_BUNDLE)
    }
}

/// Flags about the draw; those not given take what the bundle states.
#[derive(Clone, Debug, Args)]
pub struct DrawArgs {
    /// Number of samples to draw
    #[arg(long, default_value_t = 100, value_parser = super::values::samples)]
    pub samples: u32,
    /// DDIM steps, 1 to 1000
    #[arg(long, value_parser = super::values::steps)]
    pub steps: Option<u32>,
    /// Seed of all randomness
    #[arg(long, default_value_t = 0, value_parser = super::seed)]
    pub seed: u64,
    /// How much of the video a summary may keep: a share (0.15), per cent (15%) or a time (30s,
    /// 1:30)
    #[arg(long, default_value = "0.15", value_parser = super::budget)]
    pub budget: SummaryBudget,
    /// Classifier-free guidance weight w; below 0, samples differ more [default: what the bundle
    /// states]
    #[arg(long, value_name = "W", value_parser = super::values::guidance, allow_negative_numbers = true)]
    pub guidance: Option<f64>,
    /// 0: deterministic after the first noise, 1: as DDPM
    #[arg(long, value_parser = super::values::eta)]
    pub eta: Option<f64>,
    /// Correlate the noise of neighbouring frames over so many seconds (pointwise bundles only)
    #[arg(long, default_value_t = 0.0, value_name = "SECS", value_parser = super::values::coherence_secs)]
    pub coherence: f64,
    /// Self-attention guidance strength (bundles with an attention output only)
    #[arg(long, default_value_t = 0.0, value_name = "S", value_parser = super::values::sag)]
    pub sag: f64,
    /// How samples are computed
    #[arg(long, value_enum, default_value_t = MethodArg::Auto)]
    pub method: MethodArg,
    /// Whose reading of the method: the released code's or the paper's
    #[arg(long, value_enum, default_value_t = VariantArg::Authors)]
    pub variant: VariantArg,
}

impl DrawArgs {
    /// The settings where no bundle is known yet: what a bundle states is left at its default.
    /// `budget` is a share.
    pub fn plain_settings(&self, budget: f64) -> DrawSettings {
        let plain = DrawSettings::default();
        DrawSettings {
            samples: self.samples as usize,
            steps: self.steps.map_or(plain.steps, |steps| steps as usize),
            seed: self.seed,
            budget,
            guidance: self.guidance.unwrap_or(plain.guidance),
            eta: self.eta.unwrap_or(plain.eta),
            coherence_secs: self.coherence,
            sag: self.sag,
            method: self.method.into(),
            variant: self.variant.into(),
            steering: Steering::default(),
            drawn_under: Steering::default(),
            segments: plain.segments,
            own: self.own(),
        }
    }

    /// The settings for a bundle's networks. Guidance is off by default where the bundle has no
    /// null video.
    pub fn settings(&self, prepared: &Prepared, capabilities: Capabilities) -> DrawSettings {
        let duration_secs = prepared.info.duration_secs;
        // Any time is the whole of a video without a length.
        let budget = self.budget.share_of(duration_secs).unwrap_or(1.0);
        let mut settings = self.plain_settings(budget);
        settings.follow(&prepared.bundle.manifest().defaults());
        // What was asked for stays, so that the sampler can say why it is not possible.
        if !capabilities.guidance && self.guidance.is_none() {
            settings.guidance = 0.0;
        }
        if !capabilities.samples {
            settings.samples = 1;
        }
        settings
    }

    fn own(&self) -> OwnSettings {
        OwnSettings {
            guidance: self.guidance.is_some(),
            steps: self.steps.is_some(),
            eta: self.eta.is_some(),
        }
    }
}

/// `--method`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum MethodArg {
    Auto,
    Direct,
    Table,
}

impl From<MethodArg> for SamplingMethod {
    fn from(arg: MethodArg) -> Self {
        match arg {
            MethodArg::Auto => Self::Auto,
            MethodArg::Direct => Self::Direct,
            MethodArg::Table => Self::Table,
        }
    }
}

/// `--variant`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum VariantArg {
    Authors,
    Paper,
}

impl From<VariantArg> for Variant {
    fn from(arg: VariantArg) -> Self {
        match arg {
            VariantArg::Authors => Self::Authors,
            VariantArg::Paper => Self::Paper,
        }
    }
}
