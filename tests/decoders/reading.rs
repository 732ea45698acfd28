//! Clips of many kinds, and all that the library reads of them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use summdiff_explorer::confined;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::player::{FrameReader, SoundReader};
use summdiff_explorer::media::{self, SampledDecoder, SampledOptions, VideoFrame};
use summdiff_explorer::testing::ffmpeg;
use summdiff_explorer::testing::video::has_encoder;

/// A clip, and what was read of it.
type Read = (PathBuf, Vec<String>);

/// Clips of several containers and codecs, and what this process itself reads of them.
pub static HERE: LazyLock<(tempfile::TempDir, Vec<Read>)> = LazyLock::new(|| {
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

/// From here on videos are decoded in processes of their own; what this one reads itself was read
/// before.
pub fn decode_elsewhere() {
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
pub fn everything(clip: &Path) -> Vec<String> {
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
pub fn print_of(bytes: &[u8]) -> u64 {
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

/// A clip that takes a while to be read.
pub fn long_clip(dir: &Path, name: &str) -> PathBuf {
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
