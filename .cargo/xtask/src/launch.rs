//! `cargo xtask run`: builds, then opens the window, or does the same job without one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::setup;
use crate::shell::{self, Outcome, cargo, root, say};

/// The bundled video and its simulated annotators.
const DEMO: &str = "assets/demo/demo.mp4";
const DEMO_ANNOTATIONS: &str = "assets/demo/demo.annotations.json";

/// `[VIDEO] [-- ARGS…]`; ARGS go to `summdiff open`, or to `summdiff analyze` when there is no
/// display.
pub fn run(args: &[String]) -> Outcome {
    let (own, passed_on) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    if let Some(flag) = own.iter().find(|arg| arg.starts_with('-')) {
        return Err(format!(
            "`cargo xtask run` has no option `{flag}`: arguments for the program stand after `--`."
        ));
    }
    let video = match own {
        [] => root().join(DEMO),
        [video] => PathBuf::from(video),
        [_, extra, ..] => {
            return Err(format!(
                "`cargo xtask run` opens one video, but got `{extra}` too."
            ));
        }
    };
    if !video.exists() {
        return Err(format!(
            "{} does not exist: look at the name.",
            video.display()
        ));
    }
    setup::run(setup::For::Use)?;
    let program = build()?;
    if has_display() {
        open(&program, &video, passed_on)
    } else {
        without_display(&program, &video, passed_on)
    }
}

/// Where cargo builds.
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Builds the program in release mode.
pub fn build() -> Outcome<PathBuf> {
    let program = target_folder()
        .join("release")
        .join(format!("summdiff{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        say("building in release mode; the first time this takes some minutes");
    }
    let mut command = cargo();
    command.args([
        "build",
        "--release",
        "--package",
        "summdiff-explorer",
        "--bin",
        "summdiff",
    ]);
    if program.exists() {
        command.arg("--quiet");
    }
    shell::run(&mut command).map_err(|_| {
        "The build failed: fix what the compiler reports above, then try again.".to_owned()
    })?;
    Ok(program)
}

fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn is_demo(video: &Path) -> bool {
    let same = |a: &Path, b: &Path| {
        a.canonicalize()
            .ok()
            .zip(b.canonicalize().ok())
            .is_some_and(|(a, b)| a == b)
    };
    same(video, &root().join(DEMO))
}

fn open(program: &Path, video: &Path, args: &[String]) -> Outcome {
    shell::run(Command::new(program).arg("open").arg(video).args(args)).map_err(|error| {
        format!(
            "{error} `{} doctor` tells what works on this machine.",
            program.display()
        )
    })
}

fn without_display(program: &Path, video: &Path, args: &[String]) -> Outcome {
    say(
        "there is no display: writing the summary, the analysis and a picture of the window instead",
    );
    let folder = std::env::current_dir()
        .map_err(|error| format!("The current folder cannot be told: {error}."))?
        .join("summdiff-output");
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
    let analysis = folder.join("analysis.json");
    let clip = folder.join("summary.mp4");
    let picture = folder.join("window.png");
    let step = |command: &mut Command| {
        shell::run(shell::quiet_vulkan(command)).map_err(|error| {
            format!(
                "{error} `{} doctor` tells what works on this machine.",
                program.display()
            )
        })
    };
    let mut analyze = Command::new(program);
    analyze
        .arg("analyze")
        .arg(video)
        .arg("--json")
        .arg(&analysis);
    let annotations = root().join(DEMO_ANNOTATIONS);
    if is_demo(video) && annotations.exists() {
        analyze.arg("--annotations").arg(annotations);
    }
    step(analyze.args(args))?;
    step(
        Command::new(program)
            .arg("export")
            .arg(&analysis)
            .args(["--overwrite", "-o"])
            .arg(&clip),
    )?;
    step(
        Command::new(program)
            .arg("render")
            .arg(&analysis)
            .arg("-o")
            .arg(&picture),
    )?;
    println!("summary   {}", clip.display());
    println!("analysis  {}", analysis.display());
    println!("window    {}", picture.display());
    Ok(())
}
