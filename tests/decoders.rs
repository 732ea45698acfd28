//! Videos are decoded in processes of their own: the same comes out of them as of the program itself, and their end, whatever the way,
//! is a sentence.
//!
//! Needs the ffmpeg program, which makes the clips. The library is told to start the real program; the processes are found among the
//! children of this one, by the clip in their arguments.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use summdiff_explorer::confined;
use summdiff_explorer::domain::FrameIndex;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::player::{FrameReader, SoundReader};
use summdiff_explorer::media::{
    self, MediaError, Player, PlayerOptions, SampledDecoder, SampledOptions, VideoFrame,
};
use summdiff_explorer::testing::ffmpeg;
use summdiff_explorer::testing::video::has_encoder;

/// Longest wait for what must happen, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Clips of several containers and codecs, and what this process itself reads of them.
static HERE: LazyLock<(tempfile::TempDir, Vec<(PathBuf, Vec<String>)>)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let clips = clips(dir.path());
    let read = clips
        .into_iter()
        .map(|clip| {
            let read = everything(&clip);
            (clip, read)
        })
        .collect();
    (dir, read)
});

/// From here on videos are decoded in processes of their own; what this one reads itself was read before.
fn decode_elsewhere() {
    LazyLock::force(&HERE);
    confined::use_other_program(Path::new(env!("CARGO_BIN_EXE_summdiff")));
}

fn clips(dir: &Path) -> Vec<PathBuf> {
    let words = dir.join("words.srt");
    std::fs::write(&words, "1\n00:00:01,000 --> 00:00:02,000\nHello\n").unwrap();
    let words = words.to_str().unwrap();
    let codecs: &[(&str, &str, &[&str])] = &[
        (
            "h264.mp4",
            "libx264",
            &["-bf", "2", "-g", "30", "-c:a", "aac"],
        ),
        (
            "mpeg2.ts",
            "mpeg2video",
            &["-bf", "2", "-g", "15", "-c:a", "mp2"],
        ),
        (
            "mpeg4.avi",
            "mpeg4",
            &["-bf", "2", "-g", "30", "-c:a", "mp3"],
        ),
        (
            "vp9.webm",
            "libvpx-vp9",
            &["-deadline", "realtime", "-c:a", "libopus"],
        ),
        (
            "deep.mkv",
            "libx265",
            &[
                "-pix_fmt",
                "yuv420p10le",
                "-x265-params",
                "log-level=none",
                "-c:a",
                "flac",
            ],
        ),
        (
            "words.mkv",
            "libx264",
            &[
                "-i", words, "-c:s", "srt", "-map", "0", "-map", "1", "-map", "2", "-c:a", "aac",
            ],
        ),
        ("raw.h264", "libx264", &["-bf", "2", "-g", "30", "-an"]),
        ("intra.mov", "mjpeg", &["-pix_fmt", "yuvj422p", "-an"]),
        ("rgb.mkv", "ffv1", &["-pix_fmt", "bgr0", "-an"]),
    ];
    let mut made = Vec::new();
    for (name, codec, args) in codecs {
        if !has_encoder(codec) {
            continue;
        }
        let path = dir.join(name);
        // Two shots: a test card, then another one in grey.
        let mut all = vec![
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=322x242:rate=25:duration=2,format=yuv420p[a];testsrc2=size=322x242:rate=25:duration=2,hue=s=0,format=yuv420p[b];[a][b]concat",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=4",
        ];
        all.extend(*args);
        all.extend(["-c:v", codec, "-shortest", path.to_str().unwrap()]);
        ffmpeg(all);
        made.push(path);
    }
    // The clock of the second half starts over.
    let broken = dir.join("broken.ts");
    let part = std::fs::read(dir.join("mpeg2.ts")).unwrap();
    std::fs::write(&broken, [&part[..], &part[..]].concat()).unwrap();
    made.push(broken);
    // A frame is damaged.
    let mut bytes = std::fs::read(dir.join("h264.mp4")).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle..middle + 900].fill(0x55);
    let damaged = dir.join("damaged.mp4");
    std::fs::write(&damaged, bytes).unwrap();
    made.push(damaged);
    // What is refused.
    for (name, bytes) in [
        ("text.mp4", &b"no video at all\n"[..]),
        (
            "cut.mp4",
            b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41\0\0\0\x08free\0\0\x10\0mdat",
        ),
        ("empty.mp4", b""),
    ] {
        std::fs::write(dir.join(name), bytes).unwrap();
        made.push(dir.join(name));
    }
    made.push(dir.join("missing.mp4"));
    made.push(dir.to_owned());
    made
}

/// All that the library reads of a clip, as lines that can be compared: every byte counts.
fn everything(clip: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let name = clip.file_name().unwrap().to_string_lossy().into_owned();
    let mut say = |what: &str, found: String| lines.push(format!("{name} {what}: {found}"));
    let cancel = CancelToken::new();
    say(
        "probe",
        format!("{:?}", media::probe(clip).map_err(|err| err.to_string())),
    );
    let indexed = media::index(clip, &cancel, &mut |_| {});
    say(
        "index",
        format!("{:?}", indexed.map_err(|err| err.to_string())),
    );
    let (probe, index) = match media::inspect(clip, &cancel, &mut |_| {}) {
        Ok(found) => found,
        Err(err) => {
            say("refused", err.to_string());
            return lines;
        }
    };
    say("facts", format!("{probe:?} {index:?}"));
    for (find_cuts, thumb_width, max_side) in [(true, Some(100), Some(640)), (false, None, None)] {
        let options = SampledOptions {
            max_side,
            thumb_width,
            threads: 0,
            find_cuts,
        };
        let picks: Vec<u64> = (0..index.len()).step_by(9).collect();
        let mut decoder =
            SampledDecoder::open(clip, &index, &picks, options, cancel.clone()).unwrap();
        for sample in decoder.by_ref() {
            let sample = sample.unwrap();
            let print = (print_of(&sample.image.data), print_of(&sample.thumb.data));
            let sizes = (sample.image.width, sample.image.height, sample.thumb.width);
            say(
                "sample",
                format!(
                    "{} {} {} {:?} {print:?} {sizes:?}",
                    sample.pick, sample.frame, sample.secs, sample.stand_in
                ),
            );
        }
        say("shots", format!("{:?}", decoder.shots().unwrap()));
        say("warnings", format!("{:?}", decoder.warnings()));
    }
    let levels = media::sound_levels(clip, &index, &cancel, &mut |_| {});
    say(
        "levels",
        format!("{:?}", levels.map_err(|err| err.to_string())),
    );
    let cues = media::text_cues(clip, &index, &cancel).unwrap();
    say("cues", format!("{cues:?}"));
    let mut reader = FrameReader::open(clip, &index, 0).unwrap();
    let last = index.len() - 1;
    for target in [0, 40, 41, 12, last, 60, 61, 3] {
        let reached = reader.seek(target, &|| false, &mut |_| {}).unwrap();
        say("sought", format!("{target} {reached}"));
        for _ in 0..3 {
            let frame = reader.next_frame().unwrap();
            say("frame", format!("{:?}", frame.as_ref().map(frame_print)));
        }
    }
    let key = reader.key_frame(70).unwrap();
    say("key", format!("{:?}", key.as_ref().map(frame_print)));
    let thumb = media::Thumbnailer::open(clip, &index)
        .unwrap()
        .at_frame(50, 80);
    say(
        "thumb",
        format!(
            "{:?}",
            thumb
                .map(|thumb| print_of(&thumb.data))
                .map_err(|err| err.to_string())
        ),
    );
    match SoundReader::open(clip, &index, 48_000) {
        Ok(mut sound) => {
            sound.set_spans(vec![(0.5, 1.25), (2.0, 2.5)]);
            let mut samples = Vec::new();
            while sound.read(&mut samples) {}
            let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
            say("sound", format!("{} {}", samples.len(), print_of(&bytes)));
        }
        Err(err) => say("sound", err.to_string()),
    }
    lines
}

/// A number that tells bytes apart (FNV-1a).
fn print_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |print: u64, &byte| {
            (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

fn frame_print(frame: &VideoFrame) -> String {
    let planes = frame.planes.each_ref().map(|plane| print_of(&plane.data));
    format!(
        "{} {} {}x{} {} {:?} {:?} {} {:?} {planes:?}",
        frame.frame,
        frame.secs,
        frame.width,
        frame.height,
        frame.pixel_aspect,
        frame.orientation,
        frame.colour,
        frame.bit_depth,
        frame.chroma_shift
    )
}

#[test]
fn the_same_comes_out_of_a_process_of_its_own() {
    decode_elsewhere();
    let (_, read) = &*HERE;
    assert!(read.len() >= 8);
    for (clip, here) in read {
        let elsewhere = everything(clip);
        for (here, elsewhere) in here.iter().zip(&elsewhere) {
            assert_eq!(here, elsewhere);
        }
        assert_eq!(here.len(), elsewhere.len());
    }
}

/// A clip that takes a while to be read.
fn long_clip(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=640x360:rate=25:duration=60",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=330:duration=60",
        "-c:v",
        "mpeg4",
        "-q:v",
        "4",
        "-g",
        "50",
        path.to_str().unwrap(),
    ]);
    path
}

/// Processes that decode a clip, among the children of a process.
fn decoders_of(parent: u32, clip: &Path) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let arguments: Vec<&[u8]> = arguments.split(|&byte| byte == 0).collect();
        let is_decoder = arguments.get(2) == Some(&&b"media"[..])
            && arguments.get(3) == Some(&clip.as_os_str().as_encoded_bytes());
        if is_decoder && status(id, "PPid:").parse() == Ok(parent) {
            found.push(id);
        }
    }
    found
}

/// A line of what the system says of a process; empty where it is gone.
fn status(id: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().trim().to_owned()
}

fn is_there(id: u32) -> bool {
    Path::new(&format!("/proc/{id}")).exists()
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process has a clip open.
fn is_reading(id: u32, clip: &Path) -> bool {
    let open = std::fs::read_dir(format!("/proc/{id}/fd"));
    open.is_ok_and(|open| {
        open.flatten()
            .any(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path == clip))
    })
}

fn signal(id: u32, name: &str) {
    // The first one of this kind only takes away the handler by which Rust tells an overflowing stack from other faults.
    let times = if name == "SEGV" { 2 } else { 1 };
    for _ in 0..times {
        let _ = Command::new("kill")
            .args(["-s", name, &id.to_string()])
            .stderr(Stdio::null())
            .status();
    }
}

/// The process that a command has started, once it reads the clip.
fn decoder_at_work(child: &std::process::Child, clip: &Path) -> u32 {
    wait_for("a decoder at work", || {
        let mut decoders = decoders_of(child.id(), clip).into_iter();
        decoders.find(|&id| is_reading(id, clip))
    })
}

/// The command that reads a clip from beginning to end.
fn analyze(home: &Path, clip: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_summdiff"));
    command
        .args(["features", clip.to_str().unwrap(), "-o"])
        .arg(home.join("f.npy"))
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn last_line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.trim_end()
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_crash_while_a_command_works_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    for name in ["SEGV", "ABRT", "KILL"] {
        let child = analyze(dir.path(), &clip).spawn().unwrap();
        let decoder = decoder_at_work(&child, &clip);
        signal(decoder, name);
        let output = child.wait_with_output().unwrap();
        let said = last_line(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("the video decoder crashed"), "{name}: {said}");
        assert!(said.contains("clip.mp4"), "{name}: {said}");
        assert!(!is_there(decoder), "{name}: a process is left behind");
    }
}

#[test]
fn memory_that_runs_out_is_a_sentence_with_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    let child = analyze(dir.path(), &clip).spawn().unwrap();
    // From the first frames on, nothing more is given to it.
    let decoder = decoder_at_work(&child, &clip);
    let limited = Command::new("prlimit")
        .args(["--pid", &decoder.to_string(), "--data=4096:4096"])
        .status();
    assert!(limited.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = last_line(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("MB of memory") && said.contains("clip.mp4"),
        "{said}"
    );
}

#[test]
fn decoders_end_with_the_program_however_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    for (name, stopped) in [("KILL", false), ("KILL", true), ("INT", false)] {
        let mut child = analyze(dir.path(), &clip).spawn().unwrap();
        let decoder = decoder_at_work(&child, &clip);
        if stopped {
            // It can no longer see that its input has ended.
            signal(decoder, "STOP");
        }
        signal(child.id(), name);
        child.wait().unwrap();
        wait_for("the end of the decoder", || {
            // Whoever inherits it may take its time to take leave of it.
            (!is_there(decoder) || status(decoder, "State:").starts_with('Z')).then_some(())
        });
    }
}

#[test]
fn a_decoder_has_given_up_what_it_does_not_need() {
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "clip.mp4");
    let mut child = analyze(dir.path(), &clip).spawn().unwrap();
    let decoder = decoder_at_work(&child, &clip);
    let limits = std::fs::read_to_string(format!("/proc/{decoder}/limits")).unwrap();
    let (filters, privileges) = (status(decoder, "Seccomp:"), status(decoder, "NoNewPrivs:"));
    signal(child.id(), "KILL");
    child.wait().unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..]
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(limit("Max data size").parse::<u64>().unwrap() >= 1 << 30);
    assert_eq!(limit("Max file size"), "0");
    assert_eq!(limit("Max core file size"), "0");
    let said = Command::new(env!("CARGO_BIN_EXE_summdiff"))
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let held = &said["decoder"];
    assert!(held.is_object(), "{said}");
    assert_eq!(held["processes"], filters == "2", "{held} {filters}");
    if held["processes"] == true || held["reading"] == true {
        assert_eq!(privileges, "1");
    }
}

fn inspected(clip: &Path) -> FrameIndex {
    let (_, index) = media::inspect(clip, &CancelToken::new(), &mut |_| {}).unwrap();
    index
}

#[test]
fn sampling_ends_with_a_crash_and_when_asked_to() {
    decode_elsewhere();
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "sampled.mp4");
    let index = inspected(&clip);
    let picks: Vec<u64> = (0..index.len()).collect();
    let open = |cancel: &CancelToken| {
        SampledDecoder::open(
            &clip,
            &index,
            &picks,
            SampledOptions::default(),
            cancel.clone(),
        )
        .unwrap()
    };
    let mut decoder = open(&CancelToken::new());
    decoder.next().unwrap().unwrap();
    for id in decoders_of(std::process::id(), &clip) {
        signal(id, "SEGV");
    }
    let failure = decoder.by_ref().find_map(Result::err).unwrap();
    assert!(matches!(failure, MediaError::Crashed { .. }), "{failure}");
    assert!(failure.to_string().contains("signal 11"), "{failure}");
    assert!(decoder.next().is_none());
    assert!(decoder.shots().unwrap().cuts.is_empty());
    // Asked to end while it waits for a process that does nothing.
    let cancel = CancelToken::new();
    let mut decoder = open(&cancel);
    decoder.next().unwrap().unwrap();
    for id in decoders_of(std::process::id(), &clip) {
        signal(id, "STOP");
    }
    let asking = std::thread::scope(|scope| {
        scope.spawn(|| cancel.cancel());
        decoder.by_ref().find_map(Result::err).unwrap()
    });
    assert!(asking.is_cancelled(), "{asking}");
    drop(decoder);
    wait_for("the end of all decoders", || {
        decoders_of(std::process::id(), &clip)
            .is_empty()
            .then_some(())
    });
}

#[test]
fn a_player_whose_decoder_crashed_plays_again_from_the_next_seek() {
    decode_elsewhere();
    let dir = tempfile::tempdir().unwrap();
    let clip = long_clip(dir.path(), "played.mp4");
    let index = inspected(&clip);
    let player = Player::open(&clip, &index, PlayerOptions::default()).unwrap();
    let shown = |wanted: u64| {
        wait_for("a picture", || {
            let frame = player.frame_at(Instant::now())?;
            (frame.frame == wanted).then_some(())
        });
    };
    shown(0);
    for target in [400, 900] {
        for id in decoders_of(std::process::id(), &clip) {
            signal(id, "KILL");
        }
        // What was decoded ahead is played; then the crash is told.
        player.play(8.0);
        let error = wait_for("an error", || {
            player.frame_at(Instant::now());
            player.state_at(Instant::now()).error
        });
        assert!(error.contains("the video decoder crashed"), "{error}");
        player.pause();
        player.seek(target, true);
        shown(target);
        assert_eq!(player.state_at(Instant::now()).error, None);
    }
    drop(player);
    wait_for("the end of all decoders", || {
        decoders_of(std::process::id(), &clip)
            .is_empty()
            .then_some(())
    });
}
