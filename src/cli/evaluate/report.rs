//! What `summdiff evaluate` tells: means over videos and splits, as JSON and as the paper's tables. Measures nothing itself.

use serde::Serialize;

use crate::analysis::agreement::mean_of;
use crate::analysis::evaluation::VideoEvaluation;
use crate::analysis::reliability::Interval;
use crate::ui::text;

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) overall: Overall,
    /// Means over the test videos of each split; empty without splits.
    pub(super) splits: Vec<Means>,
    /// Means over the splits, as the field's tables state them; null without splits.
    pub(super) split_mean: Option<Means>,
    pub(super) videos: Vec<VideoEvaluation>,
    /// Videos that were left out, one sentence each.
    pub(super) left_out: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Overall {
    #[serde(flatten)]
    pub(super) means: Means,
    pub(super) tau_interval: Option<Interval>,
    pub(super) rho_interval: Option<Interval>,
    /// Mean of all match ratios.
    pub(super) area_covered: Option<f64>,
}

#[derive(Clone, Serialize)]
pub(super) struct Means {
    pub(super) videos: usize,
    pub(super) tau: Option<f64>,
    pub(super) rho: Option<f64>,
    pub(super) f1_avg: Option<f64>,
    pub(super) f1_max: Option<f64>,
    pub(super) map50: Option<f64>,
    pub(super) map15: Option<f64>,
    #[serde(rename = "CIS")]
    pub(super) cis: Option<f64>,
    #[serde(rename = "WIR")]
    pub(super) wir: Option<f64>,
    #[serde(rename = "WSE")]
    pub(super) wse: Option<f64>,
    #[serde(rename = "IR")]
    pub(super) ir: Option<f64>,
    pub(super) best_of_samples: Option<f64>,
}

impl Means {
    pub(super) fn of(videos: &[&VideoEvaluation]) -> Self {
        let mean = |of: fn(&VideoEvaluation) -> Option<f64>| {
            mean_of(videos.iter().filter_map(|video| of(video)))
        };
        Self {
            videos: videos.len(),
            tau: mean(|v| v.tau),
            rho: mean(|v| v.rho),
            f1_avg: mean(|v| v.f1_avg),
            f1_max: mean(|v| v.f1_max),
            map50: mean(|v| v.map50),
            map15: mean(|v| v.map15),
            cis: mean(|v| v.cis),
            wir: mean(|v| v.wir),
            wse: mean(|v| v.wse),
            ir: mean(|v| v.ir),
            best_of_samples: mean(|v| v.best_of_samples),
        }
    }

    /// The mean of each measure over those splits where it is defined; `None` without splits.
    pub(super) fn over(splits: &[Self]) -> Option<Self> {
        let mean = |of: fn(&Self) -> Option<f64>| mean_of(splits.iter().filter_map(of));
        (!splits.is_empty()).then(|| Self {
            videos: splits.iter().map(|split| split.videos).sum(),
            tau: mean(|s| s.tau),
            rho: mean(|s| s.rho),
            f1_avg: mean(|s| s.f1_avg),
            f1_max: mean(|s| s.f1_max),
            map50: mean(|s| s.map50),
            map15: mean(|s| s.map15),
            cis: mean(|s| s.cis),
            wir: mean(|s| s.wir),
            wse: mean(|s| s.wse),
            ir: mean(|s| s.ir),
            best_of_samples: mean(|s| s.best_of_samples),
        })
    }

    /// In the order of [`COLUMNS`].
    pub(super) fn values(&self) -> [Option<f64>; 11] {
        [
            self.tau,
            self.rho,
            self.f1_avg,
            self.f1_max,
            self.map50,
            self.map15,
            self.cis,
            self.wir,
            self.wse,
            self.ir,
            self.best_of_samples,
        ]
    }
}

/// The columns of the paper's tables 1 to 4: each video, each split's mean, and the mean of all videos.
pub(super) fn table(report: &Report) -> String {
    use std::fmt::Write;

    let mut text = format!("{:<26} {:>7}", "video", "samples");
    for column in COLUMNS {
        let _ = write!(text, " {column:>8}");
    }
    text.push('\n');
    let mut line = |name: &str, samples: String, values: [Option<f64>; 11]| {
        let short: String = name.chars().take(26).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "{short:<26} {samples:>7}");
        for (column, value) in COLUMNS.iter().zip(values) {
            let percent = column.starts_with("F1");
            let cell = match value {
                None => "–".to_owned(),
                Some(value) if percent => format!("{value:.1}"),
                Some(value) => format!("{value:.3}"),
            };
            let _ = write!(text, " {cell:>8}");
        }
        text.push('\n');
    };
    for v in &report.videos {
        let values = [
            v.tau,
            v.rho,
            v.f1_avg,
            v.f1_max,
            v.map50,
            v.map15,
            v.cis,
            v.wir,
            v.wse,
            v.ir,
            v.best_of_samples,
        ];
        line(&v.video_id, v.samples.to_string(), values);
    }
    for (at, means) in report.splits.iter().enumerate() {
        let name = format!(
            "split {}: {}",
            at + 1,
            text::count(means.videos, "test video")
        );
        line(&name, String::new(), means.values());
    }
    if let Some(mean) = report
        .split_mean
        .as_ref()
        .filter(|_| report.splits.len() > 1)
    {
        let name = format!("mean of {} splits", report.splits.len());
        line(&name, String::new(), mean.values());
    }
    let overall = &report.overall.means;
    let name = match report.videos.len() {
        1 => "the one video".to_owned(),
        videos => format!("all {videos} videos"),
    };
    line(&name, String::new(), overall.values());
    if text.contains('–') {
        text.push_str("–: undefined, as for annotators or scores that are all alike\n");
    }
    if let Some(area) = report.overall.area_covered {
        text.push_str(&format!(
            "area covered: {area:.4} of all video and annotator pairs match\n"
        ));
    }
    text
}

/// F1 is in percent; `best τ` is the mean over annotators of the best sample's.
const COLUMNS: [&str; 11] = [
    "τ", "ρ", "F1 avg", "F1 max", "MAP50", "MAP15", "CIS", "WIR", "WSE", "IR", "best τ",
];
