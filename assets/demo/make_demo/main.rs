//! Makes the bundled demo: `demo.mp4`, a drawn video with synthesised sound, and
//! `demo.annotations.json`, its simulated annotators.
//!
//! `cargo run --release --example make_demo` writes both into `assets/demo`; `-- stills FOLDER
//! [STEP_SECS]` writes single frames as PNG instead, for looking at. Needs the `ffmpeg` program for
//! encoding; everything else is drawn and computed here.

mod annotators;
mod night;
mod paint;
mod props;
mod script;
mod sea;
mod sound;
mod town;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::paint::{Canvas, HEIGHT, WIDTH};

/// Frames painted at once, in parallel, before they are handed to the encoder in order.
const BATCH: u32 = 24;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("stills") => {
            let folder = PathBuf::from(args.get(1).map_or("stills", String::as_str));
            let step_secs = args
                .get(2)
                .map_or(Ok(2.0), |text| text.parse())
                .context("the step is a number of seconds")?;
            stills(&folder, step_secs)
        }
        Some("annotations") => write_annotations(&home()),
        Some(other) => {
            bail!("`{other}` is not known: leave it out to make the film, or say `stills FOLDER`")
        }
        None => {
            film(&home().join("demo.mp4"))?;
            write_annotations(&home())
        }
    }
}

fn home() -> PathBuf {
    std::env::var_os("DEMO_FOLDER").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo"),
        PathBuf::from,
    )
}

fn painted(frame: u32) -> Result<Canvas> {
    let mut canvas = Canvas::new().context("no memory for a frame")?;
    script::paint_frame(&mut canvas, frame);
    Ok(canvas)
}

fn stills(folder: &Path, step_secs: f32) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let step = (step_secs * script::FRAME_RATE_FPS as f32).max(1.0) as usize;
    let frames: Vec<u32> = (step as u32 / 2..script::frame_count())
        .step_by(step)
        .collect();
    frames.into_par_iter().try_for_each(|frame| {
        painted(frame)?
            .pixmap
            .save_png(folder.join(format!("{frame:05}.png")))
            .context("a still")
    })
}

/// Bits a second of the picture, so that the whole video stays below 4 MB.
const PICTURE_BITRATE: &str = "238k";
const SOUND_BITRATE: &str = "80k";

fn film(target: &Path) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("make_demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let made = paint_and_encode(&folder, target);
    std::fs::remove_dir_all(&folder)?;
    made
}

fn paint_and_encode(folder: &Path, target: &Path) -> Result<()> {
    let wav = folder.join("sound.wav");
    std::fs::write(&wav, sound::wav())?;
    let frames = folder.join("frames.mkv");
    paint_all(&frames)?;
    // Two passes over the lossless frames: the bits go where the water and the rain need them.
    for pass in ["1", "2"] {
        let mut encoder = ffmpeg();
        encoder.arg("-i").arg(&frames).arg("-i").arg(&wav);
        encoder
            .args(["-c:v", "libx264", "-preset", "slow", "-tune", "animation"])
            .args(["-b:v", PICTURE_BITRATE, "-g", "96", "-pix_fmt", "yuv420p"])
            .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv"])
            .args(["-color_range", "tv", "-colorspace", "bt709"])
            .args(["-color_primaries", "bt709", "-color_trc", "bt709"])
            .args(["-pass", pass, "-passlogfile"])
            .arg(folder.join("pass"));
        if pass == "1" {
            encoder.args(["-an", "-f", "null", "-"]);
        } else {
            encoder
                .args(["-c:a", "aac", "-b:a", SOUND_BITRATE])
                .args(["-movflags", "+faststart", "-fflags", "+bitexact"])
                .args(["-metadata", "title=A Day at the Harbour"])
                .arg(target);
        }
        finished(encoder.status())?;
    }
    Ok(())
}

/// Paints every frame into a lossless file.
fn paint_all(frames: &Path) -> Result<()> {
    let size = format!("{}x{}", WIDTH as u32, HEIGHT as u32);
    let rate = script::FRAME_RATE_FPS.to_string();
    let mut encoder = ffmpeg()
        .args(["-f", "rawvideo", "-pix_fmt", "rgba", "-s", &size])
        .args(["-r", &rate, "-i", "-"])
        .args(["-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0"])
        .arg(frames)
        .stdin(Stdio::piped())
        .spawn()
        .context("the ffmpeg program was not found: install it")?;
    let mut pipe = encoder.stdin.take().context("the encoder takes no input")?;
    let count = script::frame_count();
    for first in (0..count).step_by(BATCH as usize) {
        let batch: Vec<Canvas> = (first..(first + BATCH).min(count))
            .into_par_iter()
            .map(painted)
            .collect::<Result<_>>()?;
        for canvas in batch {
            pipe.write_all(canvas.pixmap.data())?;
        }
        let (scene, _) = script::scene_at(first as f32 / script::FRAME_RATE_FPS as f32);
        eprint!("\r{first}/{count} frames: {:<24}", scene.name);
    }
    drop(pipe);
    eprintln!();
    finished(encoder.wait())
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]);
    command
}

fn finished(status: std::io::Result<ExitStatus>) -> Result<()> {
    let status = status.context("the ffmpeg program was not found: install it")?;
    if !status.success() {
        bail!("ffmpeg failed ({status})");
    }
    Ok(())
}

fn write_annotations(folder: &Path) -> Result<()> {
    let text = serde_json::to_string(&annotators::simulated())?;
    std::fs::write(folder.join("demo.annotations.json"), text + "\n")?;
    Ok(())
}
