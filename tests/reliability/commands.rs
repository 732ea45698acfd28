//! Commands that are killed while they replace an earlier result: the old or the new is there, and
//! the next run works.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use summdiff_explorer::annotations::dataset::Dataset;
use summdiff_explorer::domain::{AnnotatorWork, FrameRange, Study, StudyResults};
use summdiff_explorer::testing::ffmpeg;

use super::{kill, number_of, temporaries};

/// How often each command is killed by default.
const KILLS: usize = 2;
/// So many of a hundred kills are to fall into the work.
const AT_WORK_PERCENT: usize = 80;
/// From so many kills on, that is demanded.
const MANY: usize = 10;

/// One command and its result.
struct Job {
    name: &'static str,
    result: PathBuf,
    /// Arguments of the run that makes the old result, and of the one that is killed.
    old: Vec<String>,
    new: Vec<String>,
    /// Says which of the two a whole result is; `None` for one that is not whole.
    whole: fn(&Path) -> Option<String>,
    /// Whether the result may be absent after a kill: it is made in parts that the next run takes
    /// up.
    in_parts: bool,
    /// What is there as soon as the work has begun, where the start is long beside it.
    begun: Option<PathBuf>,
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn summdiff(dir: &Path, args: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_summdiff"));
    command
        .current_dir(dir)
        .env("XDG_CACHE_HOME", dir.join("cache"))
        .args(["--quiet", "--progress", "none"])
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Twelve seconds in four scenes.
fn clip(path: &Path) {
    let scene = |source: &str| {
        ["-f", "lavfi", "-i"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!(
                "{source}=s=160x120:r=10,trim=duration=3,format=yuv420p,setsar=1"
            )])
    };
    let sources = ["testsrc2", "mandelbrot", "smptebars", "life"];
    let mut args: Vec<String> = sources.into_iter().flat_map(scene).collect();
    args.extend(words("-filter_complex [0][1][2][3]concat=n=4:v=1:a=0"));
    args.push(path.display().to_string());
    ffmpeg(args);
}

fn seed_of_analysis(path: &Path) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let samples = value["samples"].as_array()?.len();
    (samples == 20).then(|| value["settings"]["seed"].to_string())
}

fn seed_of_project(path: &Path) -> Option<String> {
    let project = summdiff_explorer::state::project_io::load(path).ok()?;
    Some(project.settings.seed.to_string())
}

/// The number of frames that decode without a complaint.
fn frames_of_film(path: &Path) -> Option<String> {
    let output = Command::new("ffprobe")
        .args(words(
            "-v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0",
        ))
        .arg(path)
        .output()
        .ok()?;
    let sound = output.status.success() && output.stderr.is_empty();
    sound.then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn videos_of_dataset(path: &Path) -> Option<String> {
    Some(Dataset::open(path).ok()?.keys().len().to_string())
}

fn text_of_file(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    (text.ends_with('\n') || text.ends_with('}')).then_some(text)
}

/// The files of a folder, with their sizes and times.
fn files_of(dir: &Path) -> Vec<(PathBuf, u64, Option<std::time::SystemTime>)> {
    let entries = std::fs::read_dir(dir).unwrap().flatten();
    let facts = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    facts
        .filter(|(_, facts)| facts.is_file())
        .map(|(path, facts)| (path, facts.len(), facts.modified().ok()))
        .collect()
}

fn jobs(dir: &Path) -> Vec<Job> {
    let job = |name, result: &str, line: &str, [old, new]: [&str; 2], whole| Job {
        name,
        result: dir.join(result),
        old: words(&line.replace("NUMBER", old)),
        new: words(&line.replace("NUMBER", new)),
        whole,
        in_parts: false,
        begun: None,
    };
    let analyze = "analyze film.mp4 --samples 20 --seed NUMBER";
    let export = "export analysis.json --overwrite --budget NUMBER --sample 3";
    let mut dataset = job(
        "dataset build",
        "set.h5",
        "dataset build --no-cache film.mp4NUMBER --annotations people.json -o set.h5",
        ["", " other.mp4"],
        videos_of_dataset,
    );
    dataset.in_parts = true;
    dataset.begun = Some(dir.join("set.h5.parts"));
    vec![
        job(
            "analyze to JSON",
            "out.json",
            &format!("{analyze} --json out.json"),
            ["1", "2"],
            seed_of_analysis,
        ),
        job(
            "analyze to a project",
            "out.summdiff",
            &format!("{analyze} --project out.summdiff --replace-project"),
            ["1", "2"],
            seed_of_project,
        ),
        job(
            "export of a film",
            "out.mp4",
            &format!("{export} -o out.mp4"),
            ["0.3", "0.7"],
            frames_of_film,
        ),
        job(
            "export of a list",
            "out.otio",
            &format!("{export} -o out.otio"),
            ["0.3", "0.7"],
            text_of_file,
        ),
        dataset,
        job(
            "study merge",
            "study.h5",
            "study merge results-NUMBER -o study.h5",
            ["1", "2"],
            videos_of_dataset,
        ),
    ]
}

/// Results of some annotators who rated so many of two videos.
fn results_of_study(folder: &Path, videos_done: usize) {
    let text = r#"{"format": 1, "task": "rate", "videos": ["film.mp4", "other.mp4"]}"#;
    let study = Study::from_json(text).unwrap();
    std::fs::create_dir(folder).unwrap();
    for annotator in 0..12 {
        let name = format!("p{annotator}");
        let mut results = StudyResults::new(&study, &name);
        for video in results.videos.iter_mut().take(videos_done) {
            let shots: Vec<_> = (0..600)
                .map(|at| FrameRange::new(at * 50, at * 50 + 50))
                .collect();
            video.frame_count = 30_000;
            video.frame_rate_fps = 25.0;
            video.work = Some(AnnotatorWork {
                name: name.clone(),
                frame_count: 30_000,
                ratings: (0..600).map(|at| Some(1 + at as u8 % 5)).collect(),
                shots,
                complete: true,
                ..AnnotatorWork::default()
            });
        }
        std::fs::write(folder.join(format!("{name}.json")), results.to_json()).unwrap();
    }
}

#[test]
fn a_killed_command_leaves_the_old_or_the_new_and_the_next_run_works() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    clip(&dir.join("film.mp4"));
    std::fs::copy(dir.join("film.mp4"), dir.join("other.mp4")).unwrap();
    let picks = serde_json::json!([{"start": 20, "end": 40}]);
    let set = |id: &str| {
        serde_json::json!({"video_id": id, "frame_count": 120, "frame_rate_fps": 10.0,
            "annotators": [{"name": "a", "picks": picks}]})
    };
    let sets = serde_json::json!([set("film"), set("other")]);
    std::fs::write(dir.join("people.json"), sets.to_string()).unwrap();
    results_of_study(&dir.join("results-1"), 1);
    results_of_study(&dir.join("results-2"), 2);
    let analysis = words("analyze film.mp4 --samples 20 --json analysis.json");
    assert!(summdiff(dir, &analysis).status().unwrap().success());

    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let kills = number_of("SUMMDIFF_KILLS", KILLS);
    // `SUMMDIFF_COMMANDS=merge` kills those alone whose names have that word.
    let asked = std::env::var("SUMMDIFF_COMMANDS").unwrap_or_default();
    for job in jobs(dir)
        .into_iter()
        .filter(|job| job.name.contains(&asked))
    {
        let run = |args: &[String]| {
            let began = Instant::now();
            assert!(
                summdiff(dir, args).status().unwrap().success(),
                "{}",
                job.name
            );
            let made = (job.whole)(&job.result);
            (
                made.unwrap_or_else(|| panic!("{}: not whole", job.name)),
                began.elapsed(),
            )
        };
        // A data set keeps the videos that it has already.
        let _ = std::fs::remove_file(&job.result);
        let (old, _) = run(&job.old);
        let old_bytes = std::fs::read(&job.result).unwrap();
        // The faster of two, since a kill after the end shows nothing; and faster yet where a run
        // turns out to be.
        let (_, first) = run(&job.new);
        std::fs::write(&job.result, &old_bytes).unwrap();
        let (new, second) = run(&job.new);
        let mut takes = first.min(second);
        let (mut at_work, mut replaced) = (0, 0);
        for kill_number in 0..kills {
            std::fs::write(&job.result, &old_bytes).unwrap();
            let mut child = summdiff(dir, &job.new).spawn().unwrap();
            let began = Instant::now();
            if let Some(begun) = &job.begun {
                while !begun.exists() && child.try_wait().unwrap().is_none() {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            if kill_number % 2 == 0 {
                let left = takes.saturating_sub(began.elapsed()).as_micros() as u64;
                let wait = Duration::from_micros(rng.random_range(0..left.max(2_000)));
                let until = Instant::now() + wait;
                while Instant::now() < until && child.try_wait().unwrap().is_none() {
                    std::thread::sleep(Duration::from_millis(1));
                }
            } else {
                // Every other one at the moment in which something is written beside the result, or
                // into it.
                let before = files_of(dir);
                while files_of(dir) == before && child.try_wait().unwrap().is_none() {
                    std::hint::spin_loop();
                }
                std::thread::sleep(Duration::from_micros(rng.random_range(0..300)));
            }
            match child.try_wait().unwrap() {
                None => at_work += 1,
                Some(_) => takes = takes.min(began.elapsed()),
            }
            kill(child);
            let absent = !job.result.exists();
            assert!(
                !absent || job.in_parts,
                "{}: the old result is gone",
                job.name
            );
            if !absent {
                let found = (job.whole)(&job.result);
                let is_new = found.as_ref() == Some(&new);
                assert!(
                    is_new || found.as_ref() == Some(&old),
                    "{}: neither old nor new",
                    job.name
                );
                replaced += usize::from(is_new);
            }
        }
        if kills >= MANY {
            let least = kills * AT_WORK_PERCENT / 100;
            assert!(
                at_work >= least,
                "{}: {at_work} of {kills} at work",
                job.name
            );
        }
        assert_eq!(run(&job.new).0, new, "{}: the next run", job.name);
        assert_eq!(temporaries(dir), [""; 0], "{}", job.name);
        println!(
            "{}: {kills} kills, {at_work} of them at work, {replaced} with the new result, no temporaries after the next run",
            job.name
        );
    }
}
