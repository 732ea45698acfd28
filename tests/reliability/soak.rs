//! Many openings in one process, half an hour of the window, and a long video: memory, threads and
//! open files stay where they are.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use summdiff_explorer::cache::{CachedFeatures, FeatureKey};
use summdiff_explorer::domain::{DrawSettings, Features};
use summdiff_explorer::files::sha256_of;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media;
use summdiff_explorer::pipeline::{Engine, OpenRequest, PrepareOptions, prepare};
use summdiff_explorer::session::Session;
use summdiff_explorer::session::intake::{Taken, take_in};
use summdiff_explorer::session::report::Runtime;
use summdiff_explorer::testing::ffmpeg;

use super::number_of;
use super::window::{Display, Shown};

const FOLDER: &str = "SUMMDIFF_TEST_SOAK";
const LONG: &str = "SUMMDIFF_TEST_LONG";
/// Openings where nobody says; enough to see that threads end.
const OPENINGS: usize = 10;
/// From so many openings on, memory is compared.
const MANY: usize = 100;
/// Openings after which an engine is given up for a new one.
const OPENINGS_OF_ENGINE: usize = 10;
/// So much more memory at the end than after the first tenth is a leak.
const GROWTH: f64 = 1.05;
/// The same for the window, whose software renderer keeps every shader that it compiled.
const GROWTH_OF_WINDOW: f64 = 1.15;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Usage {
    rss_kib: u64,
    peak_kib: u64,
    threads: usize,
    files: usize,
}

impl Usage {
    fn of(process: &str) -> Option<Self> {
        let proc = Path::new("/proc").join(process);
        let status = std::fs::read_to_string(proc.join("status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some(Self {
            rss_kib: field("VmRSS:")?,
            peak_kib: field("VmHWM:")?,
            threads: field("Threads:")? as usize,
            files: std::fs::read_dir(proc.join("fd")).ok()?.count(),
        })
    }
}

fn clip(path: &Path, source: &str, secs: u32) {
    let input = format!("{source}=s=160x120:r=10");
    let words = ["-f", "lavfi", "-i", &input, "-t", &secs.to_string()].map(str::to_owned);
    let tail = ["-pix_fmt", "yuv420p", &path.display().to_string()].map(str::to_owned);
    ffmpeg(words.into_iter().chain(tail));
}

/// Opens and closes; only when the test below starts it as a process of its own.
#[test]
fn play_openings() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let openings = number_of("SUMMDIFF_SOAK_OPENINGS", OPENINGS);
    let mut opened = 0;
    while opened < openings {
        let engine = Engine::start(|| {}).unwrap();
        for _ in 0..OPENINGS_OF_ENGINE.min(openings - opened) {
            let (mut session, mut runtime): (Option<Session>, _) = (None, Runtime::default());
            engine.open(OpenRequest {
                path: dir.join(["a.mp4", "b.mp4"][opened % 2]),
                options: PrepareOptions {
                    use_cache: rng.random_bool(0.5),
                    ..PrepareOptions::default()
                },
                settings: DrawSettings {
                    samples: 20,
                    ..DrawSettings::default()
                },
                known_kinds: Vec::new(),
                given: None,
            });
            // At any stage: after so many events, or once all is done.
            let stage = rng.random_range(0..60);
            let (mut taken, until) = (0, Instant::now() + PATIENCE);
            while taken < stage && Instant::now() < until {
                match engine.poll() {
                    Some(event) => {
                        taken += 1;
                        if let Taken::Done(_) = take_in(&mut session, &mut runtime, event) {
                            break;
                        }
                    }
                    None => std::thread::sleep(Duration::from_millis(2)),
                }
            }
            engine.cancel();
            engine.close();
            opened += 1;
        }
        drop(engine);
        // Threads that were told to stop take their time.
        let fewest = (0..50).map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            Usage::of("self").unwrap()
        });
        let found = fewest.min_by_key(|usage| usage.threads).unwrap();
        println!(
            "\nopened: {opened} {} {} {}",
            found.rss_kib, found.threads, found.files
        );
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn openings_leave_no_memory_no_threads_and_no_open_files() {
    let dir = tempfile::tempdir().unwrap();
    clip(&dir.path().join("a.mp4"), "testsrc2", 6);
    clip(&dir.path().join("b.mp4"), "mandelbrot", 4);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "soak::play_openings", "--nocapture"])
        .env(FOLDER, dir.path())
        .env("XDG_CACHE_HOME", dir.path().join("cache"))
        // As the program sets it for itself.
        .env("MALLOC_ARENA_MAX", "4")
        .env("MALLOC_MMAP_THRESHOLD_", (1 << 20).to_string())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success());
    let seen: Vec<(usize, Usage)> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let words = line.strip_prefix("opened: ")?;
            let numbers: Vec<u64> = words.split(' ').map(|word| word.parse().unwrap()).collect();
            let usage = Usage {
                rss_kib: numbers[1],
                threads: numbers[2] as usize,
                files: numbers[3] as usize,
                ..Usage::default()
            };
            Some((numbers[0] as usize, usage))
        })
        .collect();
    for (opened, usage) in &seen {
        println!(
            "after {opened} openings: {} MB, {} threads, {} open files",
            usage.rss_kib / 1024,
            usage.threads,
            usage.files
        );
    }
    let (_, first) = seen[0];
    let &(opened, last) = seen.last().unwrap();
    assert_eq!((last.threads, last.files), (first.threads, first.files));
    if opened >= MANY {
        let mean = |of: &[(usize, Usage)]| {
            of.iter()
                .map(|(_, usage)| usage.rss_kib as f64)
                .sum::<f64>()
                / of.len() as f64
        };
        let part = seen.len() / 5;
        let (early, late) = (
            mean(&seen[part..2 * part]),
            mean(&seen[seen.len() - part..]),
        );
        println!(
            "memory at the end over that after the first fifth: {:.3}",
            late / early
        );
        assert!(late < early * GROWTH, "{early} KiB, then {late} KiB");
    }
}

#[test]
fn half_an_hour_of_the_window_takes_no_more_memory_than_its_first_minutes() {
    let minutes = number_of("SUMMDIFF_SOAK_MINUTES", 0);
    if minutes == 0 {
        summdiff_explorer::testing::skip("SUMMDIFF_SOAK_MINUTES gives the window no time");
        return;
    }
    let Some(display) = Display::start().filter(Display::takes_keys) else {
        summdiff_explorer::testing::skip("no Xvfb or xdotool");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let videos = ["a.mp4", "b.mp4", "c.mp4"].map(|name| dir.path().join(name));
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4");
    std::fs::copy(demo, &videos[0]).unwrap();
    clip(&videos[1], "testsrc2", 40);
    clip(&videos[2], "mandelbrot", 60);
    let shown = Shown::open(
        &display,
        dir.path(),
        &dir.path().join("home"),
        &videos[0],
        |_| {},
    );
    let process = shown.child.id().to_string();
    let keys = |keys: &[&str]| {
        for key in keys {
            let _ = display.xdotool(&["key", key]);
            std::thread::sleep(Duration::from_millis(150));
        }
    };
    let pause = |secs| std::thread::sleep(Duration::from_secs(secs));
    let until = Instant::now() + Duration::from_secs(60 * minutes as u64);
    let mut seen = Vec::new();
    for round in 0.. {
        keys(&["Escape", "Escape", "ctrl+o"]);
        pause(3);
        keys(&["ctrl+a"]);
        let path = videos[round % videos.len()].display().to_string();
        let _ = display.xdotool(&["type", "--delay", "60", &path]);
        pause(2);
        keys(&["Return"]);
        // The first of each video is analysed, the others come from the cache.
        pause(if round < videos.len() { 60 } else { 15 });
        keys(&["Right"; 8]);
        keys(&[
            "ctrl+shift+Right",
            "Down",
            "m",
            "Right",
            "i",
            "Right",
            "Right",
            "o",
            "space",
        ]);
        pause(4);
        keys(&["space", "n"]);
        pause(8);
        keys(&["a", "Right", "Right", "b", "Delete"]);
        keys(&["ctrl+z"; 4]);
        keys(&["e"]);
        pause(2);
        keys(&["Return"]);
        pause(6);
        keys(&["Escape", "c"]);
        let usage = Usage::of(&process).expect("the window lives");
        println!(
            "round {round}: {} MB, {} threads, {} open files",
            usage.rss_kib / 1024,
            usage.threads,
            usage.files
        );
        seen.push(usage);
        if Instant::now() > until {
            break;
        }
    }
    // By video, as each has its own size: the last round of each against its second.
    if seen.len() >= 4 * videos.len() {
        let of_round = |from: usize| -> f64 {
            let rounds = &seen[from..from + videos.len()];
            rounds.iter().map(|usage| usage.rss_kib as f64).sum()
        };
        let (early, late) = (of_round(videos.len()), of_round(seen.len() - videos.len()));
        println!(
            "memory of the last rounds over that of the second: {:.3}",
            late / early
        );
        assert!(late < early * GROWTH_OF_WINDOW);
    }
}

/// Puts features of a long video into the cache; only when the test below starts it as a process of
/// its own. Extracting them takes hours in a build for tests, and memory that does not depend on
/// the length.
#[test]
fn play_features() {
    let (Some(dir), Some(long)) = (std::env::var_os(FOLDER), std::env::var_os(LONG)) else {
        return;
    };
    let short = PathBuf::from(dir).join("short.mp4");
    let cancel = CancelToken::new();
    let prepared = prepare(&short, &PrepareOptions::default(), &cancel, &mut |_| {}).unwrap();
    let (store, key) = prepared.kept.unwrap();
    let (_, index) = media::inspect(Path::new(&long), &cancel, &mut |_| {}).unwrap();
    // The short one may have been sampled more densely.
    let key = FeatureKey {
        content_sha256: sha256_of(std::fs::File::open(&long).unwrap(), &|| false)
            .unwrap()
            .unwrap(),
        sampling_fps: 2.0,
        ..key
    };
    let picks = index.picks_at(key.sampling_fps);
    let columns = prepared.features.values.ncols();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(9);
    let mut scene = vec![0.0_f32; columns];
    let mut values = ndarray::Array2::zeros((picks.len(), columns));
    for (at, mut row) in values.outer_iter_mut().enumerate() {
        if at % 17 == 0 {
            scene.fill_with(|| rng.random_range(-1.0..1.0));
        }
        for (value, scene) in row.iter_mut().zip(&scene) {
            *value = scene + rng.random_range(-0.1..0.1);
        }
    }
    let found = CachedFeatures {
        features: Features {
            values,
            pick_times_secs: picks
                .iter()
                .map(|&pick| index.secs_from_frame(pick))
                .collect(),
            picks,
            network_rows: Vec::new(),
        },
        thumbs: Vec::new(),
        warnings: Vec::new(),
        shots: Default::default(),
    };
    store.store_features(&key, &found).unwrap();
}

#[test]
fn a_long_video_takes_little_memory() {
    let minutes = number_of("SUMMDIFF_LONG_MINUTES", 0);
    if minutes == 0 {
        summdiff_explorer::testing::skip("SUMMDIFF_LONG_MINUTES gives no length");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [short, ten, long] = ["short.mp4", "ten.mp4", "long.mp4"].map(|name| dir.path().join(name));
    clip(&short, "testsrc2", 6);
    clip(&ten, "testsrc2", 600);
    let times = (minutes / 10).saturating_sub(1).to_string();
    let looped = ["-stream_loop", &times, "-i"]
        .map(str::to_owned)
        .into_iter();
    let paths = [
        ten.display().to_string(),
        "-c".into(),
        "copy".into(),
        long.display().to_string(),
    ];
    ffmpeg(looped.chain(paths));
    let cache = dir.path().join("cache");
    let filled = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "soak::play_features", "--nocapture"])
        .env(FOLDER, dir.path())
        .env(LONG, &long)
        .env("XDG_CACHE_HOME", &cache)
        .status()
        .unwrap();
    assert!(filled.success());
    let mut child = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .args(["--progress", "json", "analyze"])
        .arg(&long)
        .arg("--json")
        .arg(dir.path().join("long.json"))
        .env("XDG_CACHE_HOME", &cache)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(dir.path().join("progress")).unwrap())
        .spawn()
        .unwrap();
    let process = child.id().to_string();
    let (mut peak, mut stage) = (0, String::new());
    while child.try_wait().unwrap().is_none() {
        let said = std::fs::read_to_string(dir.path().join("progress")).unwrap_or_default();
        let now = said.lines().last().unwrap_or_default();
        let now = now
            .rsplit("\"stage\":")
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Some(usage) = Usage::of(&process) {
            peak = peak.max(usage.peak_kib);
            if now != stage {
                println!(
                    "{} MB, at most {} MB, after {stage}",
                    usage.rss_kib / 1024,
                    peak / 1024
                );
                stage = now;
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(child.wait().unwrap().success());
    println!("{minutes} minutes: at most {} MB", peak / 1024);
    assert!(peak < 400 * 1024, "{peak} KiB");
}
