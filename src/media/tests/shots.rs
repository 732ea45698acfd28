//! Cuts, black and still stretches as they come out of decoding.

use super::*;
use crate::domain::{FrameRange, Shots};
use crate::testing::{ffmpeg, shared_part};

fn shots(path: &std::path::Path, fps: f64) -> Shots {
    let (_, index) = look(path).unwrap();
    let picks = index.picks_at(fps);
    let options = SampledOptions {
        max_side: Some(64),
        find_cuts: true,
        ..SampledOptions::default()
    };
    let cancel = CancelToken::new();
    let mut decoder = SampledDecoder::open(path, &index, &picks, options, cancel).unwrap();
    assert!(decoder.by_ref().all(|frame| frame.is_ok()));
    decoder.shots().unwrap()
}

#[test]
fn cuts_of_an_edited_clip_are_found_at_their_frames() {
    let Some(clip) = shared_part("cases/scene_cuts.mp4") else {
        return;
    };
    for fps in [2.0, 4.0] {
        let cuts = shots(&clip, fps).cuts;
        // The last one lies behind the last pick at two a second.
        let expected: &[u64] = if fps == 4.0 {
            &[30, 76, 137, 187, 242]
        } else {
            &[30, 76, 137, 187]
        };
        assert_eq!(cuts, expected, "{fps} picks a second");
    }
}

/// A cut at frame 37 of 75, in codecs of which all, some or only the picked frames are decoded, in
/// 8 and 10 bits, RGB and YUV.
#[test]
fn a_cut_is_found_at_its_frame_in_any_codec() {
    let dir = scratch();
    let source = "[0]trim=end_frame=37[a];[1]trim=end_frame=38[b];[a][b]concat=n=2:v=1:a=0";
    for (name, codec) in [
        (
            "plain.mp4",
            "-c:v libx264 -bf 0 -g 250 -sc_threshold 0 -pix_fmt yuv420p",
        ),
        (
            "b_frames.mp4",
            "-c:v libx264 -bf 3 -b_strategy 0 -g 250 -sc_threshold 0 -pix_fmt yuv420p",
        ),
        (
            "mpeg2.ts",
            "-c:v mpeg2video -bf 2 -g 12 -sc_threshold 1000000000 -b:v 4M",
        ),
        ("ten_bits.mkv", "-c:v libx264 -pix_fmt yuv420p10le"),
        ("intra.mov", "-c:v prores_ks -profile:v 0"),
        ("rgb.mkv", "-c:v ffv1 -pix_fmt bgr0"),
        ("motion_jpeg.avi", "-c:v mjpeg -q:v 4 -pix_fmt yuvj422p"),
    ] {
        let path = dir.path().join(name);
        let mut args: Vec<&str> = vec![
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=25:d=4",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=s=320x180:r=25",
            "-filter_complex",
            source,
        ];
        args.extend(codec.split(' '));
        let out = path.to_string_lossy();
        args.extend(["-frames:v", "75", &out]);
        ffmpeg(args);
        assert_eq!(shots(&path, 2.0).cuts, [37], "{name}");
    }
}

#[test]
fn black_and_frozen_stretches_are_found() {
    let dir = scratch();
    let path = dir.path().join("a.mp4");
    let out = path.to_string_lossy();
    // A second of black, two of movement, two of one picture.
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "color=black:s=320x180:r=25:d=1",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x180:r=25:d=2",
        "-f",
        "lavfi",
        "-i",
        "mandelbrot=s=320x180:r=25",
        "-filter_complex",
        "[2]trim=end_frame=1,loop=loop=49:size=1,setpts=N/25/TB[c];[0][1][c]concat=n=3:v=1:a=0",
        "-c:v",
        "libx264",
        "-crf",
        "18",
        "-pix_fmt",
        "yuv420p",
        &out,
    ]);
    let shots = shots(&path, 2.0);
    let near = |range: &FrameRange, start: u64, end: u64| {
        range.start.abs_diff(start) <= 3 && range.end.abs_diff(end) <= 3
    };
    assert!(
        shots.blank.len() == 1 && near(&shots.blank[0], 0, 25),
        "{shots:?}"
    );
    assert!(
        shots.still.iter().any(|range| near(range, 75, 125)),
        "{shots:?}"
    );
    assert_eq!(shots.cuts, [25, 75]);
}
