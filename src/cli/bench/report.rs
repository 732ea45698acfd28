//! What was measured, as JSON and as a table. A thing that could not be measured says why; nothing
//! is made up.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::stopwatch::Spent;
use crate::domain::{BundleRef, Timings};

/// One measurement.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measure {
    /// Its name in the JSON.
    #[serde(skip)]
    pub key: &'static str,
    /// What was done, for a person.
    pub what: String,
    /// Wall seconds; null where not measured.
    pub wall_secs: Option<f64>,
    /// Processor seconds of all threads; null where the system does not report it.
    pub cpu_secs: Option<f64>,
    /// How many of its kind were done each second of wall time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<f64>,
    /// What the wall time is meant to stay below on two cores that have nothing else to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_secs: Option<f64>,
    /// Why there are no numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_measured: Option<String>,
}

impl Measure {
    pub fn new(key: &'static str, what: impl Into<String>, spent: Spent) -> Self {
        Self {
            key,
            what: what.into(),
            wall_secs: Some(spent.wall_secs),
            cpu_secs: spent.cpu_secs,
            ..Self::default()
        }
    }

    /// A measurement that could not be made.
    pub fn missing(key: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            key,
            what: what.into(),
            not_measured: Some(why.into()),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn target(mut self, secs: f64) -> Self {
        self.target_secs = Some(secs);
        self
    }

    /// States how many pieces of work the time was for.
    #[must_use]
    pub fn pieces(mut self, count: usize) -> Self {
        self.per_second = self
            .wall_secs
            .filter(|&secs| secs > 0.0)
            .map(|secs| count as f64 / secs);
        self
    }
}

/// Measurements by name, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Measures(pub Vec<Measure>);

impl Serialize for Measures {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for measure in &self.0 {
            map.serialize_entry(measure.key, measure)?;
        }
        map.end()
    }
}

/// Under which circumstances was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Circumstances {
    pub version: &'static str,
    /// `release`, or `debug`, whose numbers mean little.
    pub build: &'static str,
    pub system: String,
    pub cores: usize,
    /// Processes that wanted to run in the minute before; null where the system does not report it.
    pub load_average: Option<f64>,
}

impl Circumstances {
    pub fn now() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            load_average: std::fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split_whitespace().next()?.parse().ok()),
        }
    }
}

/// The video and bundle measured on.
#[derive(Clone, Debug, Serialize)]
pub struct Subject {
    pub path: std::path::PathBuf,
    pub duration_secs: f64,
    pub width: u32,
    pub height: u32,
    pub codec: String,
    pub frame_count: u64,
    /// Sampled frames, N.
    pub picks: usize,
    pub segments: usize,
    pub bundle: BundleRef,
    pub device: String,
}

/// Largest resident memory of the process so far, bytes; null where the system does not report it.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PeakMemory {
    /// After the video was analysed, before anything else was measured.
    pub after_analysis: Option<u64>,
    pub at_the_end: Option<u64>,
}

/// Everything that was measured: what `--json` holds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub circumstances: Circumstances,
    pub video: Subject,
    /// Decoding and extraction overlap, so the parts may exceed the total.
    pub stages_secs: Timings,
    pub measures: Measures,
    pub peak_memory_bytes: PeakMemory,
}

impl Report {
    /// The report for a person.
    pub fn table(&self) -> String {
        let (now, video) = (&self.circumstances, &self.video);
        let mut lines = vec![
            format!(
                "summdiff {} ({} build) on {}, {} cores{}",
                now.version,
                now.build,
                now.system,
                now.cores,
                now.load_average
                    .map_or_else(String::new, |load| format!(", load {load:.1}"))
            ),
            format!(
                "{}: {:.1} s, {}×{} {}, {} picks, {} segments; bundle {} on {}",
                video.path.display(),
                video.duration_secs,
                video.width,
                video.height,
                video.codec,
                video.picks,
                video.segments,
                video.bundle.name,
                video.device
            ),
            String::new(),
        ];
        let stages = &self.stages_secs;
        let stages = [
            ("probe", stages.probe),
            ("decode", stages.decode),
            ("extract", stages.extract),
            ("segment", stages.segment),
            ("sample", stages.sample),
            ("select", stages.select),
            ("total", stages.total),
        ];
        let stages = stages.map(|(name, secs)| format!("{name} {}", seconds(secs)));
        lines.push(format!("stages: {}", stages.join(", ")));
        lines.push(String::new());
        let whats = self
            .measures
            .0
            .iter()
            .map(|measure| measure.what.chars().count());
        let width = whats.max().unwrap_or(0);
        lines.push(format!(
            "{:width$}  {:>9}  {:>9}  {:>9}",
            "", "wall", "CPU", "target"
        ));
        for measure in &self.measures.0 {
            lines.push(row(measure, width));
        }
        lines.push(String::new());
        let memory = self.peak_memory_bytes;
        for (what, bytes) in [
            ("peak memory after the analysis", memory.after_analysis),
            ("peak memory at the end", memory.at_the_end),
        ] {
            let text = bytes.map_or_else(
                || "not measured: the system does not report it".to_owned(),
                |bytes| format!("{} MB", bytes / 1_000_000),
            );
            lines.push(format!("{what}: {text}"));
        }
        if now.build == "debug" {
            lines.push(
                "This is a debug build: build with --release for numbers that mean something."
                    .to_owned(),
            );
        }
        lines.join("\n") + "\n"
    }
}

fn row(measure: &Measure, width: usize) -> String {
    let what = &measure.what;
    if let Some(why) = &measure.not_measured {
        return format!("{what:width$}  not measured: {why}");
    }
    let text = |secs: Option<f64>| secs.map_or_else(|| "–".to_owned(), seconds);
    let rate = measure
        .per_second
        .map_or_else(String::new, |rate| format!("  {rate:.0}/s"));
    let line = format!(
        "{what:width$}  {:>9}  {:>9}  {:>9}{rate}",
        text(measure.wall_secs),
        text(measure.cpu_secs),
        measure
            .target_secs
            .map_or_else(String::new, |secs| format!("≤ {}", seconds(secs))),
    );
    line.trim_end().to_owned()
}

/// Seconds with three digits and a fitting unit.
fn seconds(secs: f64) -> String {
    let (value, unit) = match secs.abs() {
        s if s >= 1.0 => (secs, "s"),
        s if s >= 1e-3 => (secs * 1e3, "ms"),
        _ => (secs * 1e6, "µs"),
    };
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_in_a_fitting_unit() {
        assert_eq!(seconds(12.34), "12.3 s");
        assert_eq!(seconds(0.0456), "45.6 ms");
        assert_eq!(seconds(0.000_123_4), "123 µs");
        assert_eq!(seconds(-0.004_2), "-4.20 ms");
    }

    #[test]
    fn what_was_not_measured_says_why_and_gives_no_number() {
        let missing = Measure::missing("first_frame", "first frame", "no display");
        let json = serde_json::to_value(Measures(vec![missing.clone()])).unwrap();
        assert!(json["first_frame"]["wall_secs"].is_null());
        assert_eq!(json["first_frame"]["not_measured"], "no display");
        assert_eq!(row(&missing, 12), "first frame   not measured: no display");
        let made = Measure::new(
            "x",
            "x",
            Spent {
                wall_secs: 0.5,
                cpu_secs: None,
            },
        )
        .pieces(4)
        .target(1.0);
        assert_eq!(made.per_second, Some(8.0));
        assert!(row(&made, 1).contains("≤ 1.00 s"));
    }
}
