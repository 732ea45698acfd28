//! How soon the stages of an opening, of a draw and of an export end once they are cancelled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use summdiff_explorer::confined;
use summdiff_explorer::domain::{DrawSettings, FrameRange};
use summdiff_explorer::jobs::{self, CancelToken};
use summdiff_explorer::media;
use summdiff_explorer::media::cut::{ExportMode, ExportOptions, export_video};
use summdiff_explorer::pipeline::{Engine, Event, OpenRequest, PrepareOptions};
use summdiff_explorer::testing::ffmpeg;

use super::number_of;

const VIDEO: &str = "SUMMDIFF_TEST_CANCELS";
/// How often each stage is cancelled where nobody says.
const CANCELS: usize = 2;
/// Length of the video, seconds.
const SECS: &str = "40";
const PATIENCE: Duration = Duration::from_secs(120);

fn video(path: &Path) {
    let pictures = "testsrc2=s=1280x720:r=30";
    let words = [
        "-f",
        "lavfi",
        "-i",
        pictures,
        "-f",
        "lavfi",
        "-i",
        "sine=f=300",
    ];
    let tail = [
        "-t",
        SECS,
        "-pix_fmt",
        "yuv420p",
        "-preset",
        "ultrafast",
        "-g",
        "300",
    ];
    let target = path.display().to_string();
    let words = words.iter().chain(&tail).map(|word| (*word).to_owned());
    ffmpeg(words.chain([target]));
}

fn opening(path: &Path) -> OpenRequest {
    OpenRequest {
        path: path.to_owned(),
        options: PrepareOptions {
            use_cache: false,
            ..PrepareOptions::default()
        },
        settings: DrawSettings {
            samples: 2000,
            ..DrawSettings::default()
        },
        known_kinds: Vec::new(),
        given: None,
    }
}

/// What the engine reports next.
fn next(engine: &Engine, until: Instant) -> Option<Event> {
    while Instant::now() < until {
        match engine.poll() {
            Some(event) => return Some(event),
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    None
}

/// Stages that report progress, in their order.
fn stages(path: &Path) -> Vec<&'static str> {
    let engine = Engine::start(|| {}).unwrap();
    engine.open(opening(path));
    let until = Instant::now() + PATIENCE;
    let mut stages = Vec::new();
    loop {
        match next(&engine, until).expect("the opening ends") {
            Event::Progress(progress) if !stages.contains(&progress.stage) => {
                stages.push(progress.stage);
            }
            Event::Done(_) => return stages,
            Event::Failed(failure) => panic!("{}", failure.message),
            _ => {}
        }
    }
}

/// Time from the cancelling of a stage to the word that all has ended; `None` where the stage was
/// over before.
fn time_to_end(path: &Path, stage: &str, wait: Duration) -> Option<Duration> {
    let engine = Engine::start(|| {}).unwrap();
    engine.open(opening(path));
    let until = Instant::now() + PATIENCE;
    loop {
        match next(&engine, until).expect("the opening goes on") {
            Event::Progress(progress) if progress.stage == stage => break,
            Event::Done(_) => return None,
            _ => {}
        }
    }
    std::thread::sleep(wait);
    let began = Instant::now();
    engine.cancel();
    loop {
        match next(&engine, until).expect("what is cancelled ends") {
            Event::Cancelled => return Some(began.elapsed()),
            // It went on, or was over before.
            Event::Progress(progress) if progress.stage != stage => return None,
            Event::Done(_) => return None,
            _ => {}
        }
    }
}

/// The same for an export.
fn export_time_to_end(path: &Path, mode: ExportMode, wait: Duration) -> Option<Duration> {
    let never = CancelToken::new();
    let (_, index) = media::inspect(path, &never, &mut |_| {}).unwrap();
    let ranges = [FrameRange::new(100, 1000)];
    let options = ExportOptions {
        mode,
        overwrite: true,
        ..ExportOptions::default()
    };
    let target = path.with_extension("clip.mp4");
    let cancel = CancelToken::new();
    let token = cancel.clone();
    let canceller = jobs::spawn("cancel", move || {
        std::thread::sleep(wait);
        let began = Instant::now();
        token.cancel();
        began
    });
    let done = export_video(
        path,
        &index,
        &ranges,
        &target,
        &options,
        &mut |_| {},
        &cancel,
    );
    let ended = Instant::now();
    let began = canceller.unwrap().join().unwrap();
    match done {
        Ok(_) => {
            std::fs::remove_file(&target).unwrap();
            None
        }
        Err(error) if error.is_cancelled() => Some(ended - began),
        Err(error) => panic!("{error}"),
    }
}

/// Measures; only when the test below starts it as a process of its own, in which videos are
/// decoded by the real program's processes.
#[test]
fn cancel_stages() {
    let Some(path) = std::env::var_os(VIDEO).map(PathBuf::from) else {
        return;
    };
    confined::use_other_program(Path::new(env!("CARGO_BIN_EXE_summdiff")));
    let count = number_of("SUMMDIFF_CANCELS", CANCELS);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut found: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    let stages = stages(&path);
    assert!(stages.len() >= 3, "{stages:?}");
    for stage in stages {
        for _ in 0..count {
            let wait = Duration::from_millis(rng.random_range(0..150));
            let time = time_to_end(&path, stage, wait);
            found.entry(stage.to_owned()).or_default().extend(time);
        }
    }
    for mode in ExportMode::ALL {
        for _ in 0..count {
            let wait = Duration::from_millis(rng.random_range(0..600));
            let name = format!("Export, {mode:?}").to_lowercase();
            let time = export_time_to_end(&path, mode, wait);
            found.entry(name).or_default().extend(time);
        }
    }
    for (stage, times) in &found {
        let millis = |time: &Duration| time.as_secs_f64() * 1000.0;
        let most = times.iter().map(millis).fold(0.0, f64::max);
        let mean = times.iter().map(millis).sum::<f64>() / times.len().max(1) as f64;
        println!(
            "{stage}: {} of {count} cancelled amid it, ended after {mean:.0} ms, at most {most:.0} ms",
            times.len()
        );
    }
    // What takes seconds is never over before.
    for slow in ["Reading frames", "export, exact"] {
        assert_eq!(found[slow].len(), count, "{slow}");
    }
}

#[test]
fn what_is_cancelled_ends_at_every_stage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.mp4");
    video(&path);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cancelling::cancel_stages", "--nocapture"])
        .env(VIDEO, &path)
        .env("XDG_CACHE_HOME", dir.path().join("cache"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    println!("{words}");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    assert!(words.contains("cancelled amid it"), "{words}");
    // Nothing of an export is left.
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 2, "{words}");
}
