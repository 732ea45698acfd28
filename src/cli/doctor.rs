//! `summdiff doctor`: what works on this machine, and what to do about what does not.
//!
//! It changes nothing and always succeeds; scripts read `ok` of each part from `--json`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{Output, write_json, write_text};
use crate::confined::limits::Held;
use crate::confined::{self, Confinement};
use crate::gpu::Adapter;
use crate::inference::{Device, Runtime, bundle, places};
use crate::media::facts::{Facts, facts};
use crate::media::{cut, remote};

/// Say what works on this machine: FFmpeg, ONNX Runtime, devices, graphics, bundles, folders
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Write the findings as JSON, to a file or to stdout
    #[arg(long, value_name = "FILE|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// Everything that was found out.
#[derive(Debug, Serialize)]
struct Findings {
    version: &'static str,
    system: String,
    cores: usize,
    ffmpeg: Facts,
    onnx_runtime: RuntimeFindings,
    /// What limits strangers' networks and data sets are tried in; absent where that cannot be
    /// found out.
    confined: Option<Confinement>,
    /// What a process that decodes videos gives up; absent where the program decodes them itself.
    decoder: Option<Held>,
    /// What a process that exports clips gives up; absent where the program exports them itself.
    exporter: Option<Held>,
    graphics: GraphicsFindings,
    bundles: Vec<BundleFindings>,
    places: Places,
    /// What to do, most important first; empty when all is well.
    advice: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RuntimeFindings {
    ok: bool,
    path: Option<PathBuf>,
    version: Option<String>,
    devices: Vec<Device>,
    /// Why there is no GPU inference; absent when there is.
    cuda_missing: Option<String>,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct GraphicsFindings {
    ok: bool,
    adapters: Vec<Adapter>,
    /// Whether a window can be opened here: a display is named in the environment.
    display: bool,
}

#[derive(Debug, Serialize)]
struct BundleFindings {
    name: String,
    path: PathBuf,
    ok: bool,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Places {
    data: Option<PathBuf>,
    cache: Option<PathBuf>,
    config: Option<PathBuf>,
    state: Option<PathBuf>,
    bundles: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When the findings cannot be written.
pub fn run(args: &DoctorArgs, _output: &Output) -> anyhow::Result<()> {
    let findings = examine();
    match &args.json {
        Some(destination) => write_json(destination, &findings),
        None => write_text("-".as_ref(), &as_text(&findings)),
    }
}

fn examine() -> Findings {
    let mut findings = Findings {
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        ffmpeg: facts(),
        onnx_runtime: runtime_findings(),
        confined: confined::on_this_system(),
        decoder: remote::on_this_system(),
        exporter: cut::on_this_system(),
        graphics: graphics_findings(),
        bundles: bundle_findings(),
        places: places_in_use(),
        advice: Vec::new(),
    };
    findings.advice = advice(&findings);
    findings
}

/// Where videos are decoded or clips are made ("decoded", "made"), and what is held back there.
fn working(done: &str, held: Option<Held>, nothing_written: &str) -> String {
    let Some(held) = held else {
        return format!("{done} in the program itself: no process could be started");
    };
    let held = [
        (held.most_bytes.is_some(), "limited memory"),
        (held.network, "no network"),
        (held.reading, "no other file"),
        (held.writing, nothing_written),
        (held.processes, "no other program"),
    ];
    let held: Vec<&str> = (held.iter())
        .filter_map(|&(is, what)| is.then_some(what))
        .collect();
    match held[..] {
        [] => format!("{done} in a process of its own, which this system limits in nothing"),
        _ => format!("{done} in a process of its own: {}", held.join(", ")),
    }
}

fn runtime_findings() -> RuntimeFindings {
    match Runtime::get() {
        Ok(runtime) => RuntimeFindings {
            ok: true,
            path: Some(runtime.path().to_owned()),
            version: Some(runtime.version().to_owned()),
            devices: runtime.devices(),
            cuda_missing: runtime.cuda_missing(),
            error: None,
        },
        Err(err) => RuntimeFindings {
            ok: false,
            path: None,
            version: None,
            devices: Vec::new(),
            cuda_missing: None,
            error: Some(err.to_string()),
        },
    }
}

fn graphics_findings() -> GraphicsFindings {
    let adapters = crate::gpu::adapters();
    GraphicsFindings {
        ok: !adapters.is_empty(),
        adapters,
        display: super::open::has_display(),
    }
}

fn bundle_findings() -> Vec<BundleFindings> {
    bundle::list()
        .into_iter()
        .map(|listed| BundleFindings {
            name: listed.name,
            path: listed.dir,
            ok: listed.bundle.is_ok(),
            error: listed.bundle.err().map(|err| err.to_string()),
        })
        .collect()
}

fn places_in_use() -> Places {
    let user = directories::ProjectDirs::from("", "", "summdiff");
    let user = user.as_ref();
    Places {
        data: places::user_data_dir(),
        cache: user.map(|dirs| dirs.cache_dir().to_owned()),
        config: user.map(|dirs| dirs.config_dir().to_owned()),
        state: user.map(|dirs| {
            dirs.state_dir()
                .unwrap_or_else(|| dirs.data_local_dir())
                .to_owned()
        }),
        bundles: places::bundle_folders(),
    }
}

fn advice(findings: &Findings) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(error) = &findings.onnx_runtime.error {
        advice.push(format!("Analysis is off: {error}"));
    }
    if findings.bundles.iter().all(|bundle| !bundle.ok) {
        advice.push(
            "No bundle can be used: start the program from the project's folder, or put bundles where `summdiff models path` says."
                .to_owned(),
        );
    }
    if findings.graphics.adapters.is_empty() {
        advice.push(
            "The window cannot be drawn: install a Vulkan driver (on Debian `mesa-vulkan-drivers`), which `cargo xtask setup` does."
                .to_owned(),
        );
    } else if findings.graphics.adapters.iter().all(Adapter::is_software) {
        advice.push(
            "The window is drawn by the processor: install your graphics card's Vulkan driver for smoother playback."
                .to_owned(),
        );
    }
    let film_encoders = ["libx264", "libopenh264", "mpeg4"];
    if !film_encoders
        .iter()
        .any(|name| findings.ffmpeg.encoders.contains(name))
    {
        advice.push("Summaries cannot be exported as clips: this FFmpeg has no H.264 or MPEG-4 encoder; install your system's full FFmpeg.".to_owned());
    }
    advice
}

/// The findings as lines for a person.
fn as_text(findings: &Findings) -> String {
    let mut lines = vec![
        line(
            "program",
            format!("summdiff {} on {}", findings.version, findings.system),
        ),
        line("processor", format!("{} cores", findings.cores)),
    ];
    let ffmpeg = &findings.ffmpeg;
    let release = ffmpeg
        .release()
        .map_or_else(String::new, |release| format!("{release} "));
    lines.push(line(
        "FFmpeg",
        format!("{release}(libavcodec {})", ffmpeg.avcodec_version),
    ));
    lines.push(line("  decoders", listed(&ffmpeg.decoders)));
    lines.push(line("  encoders", listed(&ffmpeg.encoders)));
    if !ffmpeg.missing_encoders.is_empty() {
        lines.push(line("  without", listed(&ffmpeg.missing_encoders)));
    }
    let runtime = &findings.onnx_runtime;
    match (&runtime.version, &runtime.path) {
        (Some(version), Some(path)) => {
            lines.push(line(
                "ONNX Runtime",
                format!("{version}, {}", path.display()),
            ));
            let devices: Vec<String> = runtime.devices.iter().map(Device::to_string).collect();
            let without = runtime
                .cuda_missing
                .as_ref()
                .map_or_else(String::new, |reason| format!(" (no CUDA: {reason})"));
            lines.push(line(
                "  devices",
                format!("{}{without}", devices.join(", ")),
            ));
        }
        _ => lines.push(line("ONNX Runtime", "not usable".to_owned())),
    }
    let held = findings.confined.unwrap_or_default();
    let held = [
        (held.memory, "limited memory"),
        (held.time, "limited time"),
        (held.network, "no network"),
    ];
    let held: Vec<&str> = held
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, what)| *what)
        .collect();
    lines.push(line(
        "first tries",
        match held[..] {
            [] => "not confined: this system limits no process".to_owned(),
            _ => format!("of bundles and HDF5 files: {}", held.join(", ")),
        },
    ));
    let decoding = working("decoded", findings.decoder, "nothing written");
    lines.push(line("videos", decoding));
    let exporting = working("made", findings.exporter, "nothing else written");
    lines.push(line("clips", exporting));
    if findings.graphics.adapters.is_empty() {
        lines.push(line("graphics", "no adapter".to_owned()));
    }
    for (number, adapter) in findings.graphics.adapters.iter().enumerate() {
        let name = if number == 0 { "graphics" } else { "" };
        lines.push(line(
            name,
            format!("{} ({}, {})", adapter.name, adapter.backend, adapter.driver),
        ));
    }
    let display = if findings.graphics.display {
        "yes"
    } else {
        "none: commands work, the window does not"
    };
    lines.push(line("display", display.to_owned()));
    for (number, bundle) in findings.bundles.iter().enumerate() {
        let name = if number == 0 { "bundles" } else { "" };
        let fault = bundle
            .error
            .as_ref()
            .map_or_else(String::new, |error| format!(": {error}"));
        lines.push(line(
            name,
            format!("{} ({}){fault}", bundle.name, bundle.path.display()),
        ));
    }
    let places = &findings.places;
    for (name, place) in [
        ("data", &places.data),
        ("cache", &places.cache),
        ("config", &places.config),
        ("state", &places.state),
    ] {
        let shown = place
            .as_ref()
            .map_or_else(|| "none".to_owned(), |path| path.display().to_string());
        lines.push(line(name, shown));
    }
    lines.push(String::new());
    if findings.advice.is_empty() {
        lines.push("Everything works.".to_owned());
    } else {
        lines.extend(findings.advice.iter().cloned());
    }
    lines.join("\n") + "\n"
}

fn line(name: &str, value: String) -> String {
    format!("{name:<14}{value}")
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_name_every_part_in_words_and_in_json() {
        let findings = examine();
        let words = as_text(&findings);
        for part in ["FFmpeg", "ONNX Runtime", "graphics", "display", "config"] {
            assert!(words.contains(part), "{part} is missing in\n{words}");
        }
        let json = serde_json::to_value(&findings).unwrap();
        assert_eq!(json["onnx_runtime"]["ok"], findings.onnx_runtime.ok);
        assert!(json["ffmpeg"]["avcodec_version"].is_string());
    }

    #[test]
    fn what_is_missing_is_said_with_its_mend() {
        let mut findings = examine();
        findings.onnx_runtime.error = Some("libonnxruntime.so was not found".to_owned());
        findings.graphics.adapters.clear();
        findings.bundles.clear();
        findings.ffmpeg.encoders.clear();
        let said = advice(&findings);
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].contains("libonnxruntime.so was not found"));
        assert!(said.iter().any(|words| words.contains("Vulkan driver")));
    }
}
