//! Sound but unusual files: variable rate, odd starts, edit lists, rotation, aspect, depth, several
//! streams, size changes.

use super::*;
use crate::testing::video::{ffprobe_frame_times, read_number};

#[test]
fn a_variable_rate_from_1_to_60_is_followed_by_time() {
    let dir = scratch();
    // Two seconds at 60 fps, five at 1 fps, two at 60 again: frame numbers stay those of the
    // source.
    let path = make(
        &dir,
        "vfr.mp4",
        245,
        "60",
        &[
            H264,
            &[
                "-vf",
                "setpts='if(lt(N,120),N/60,if(lt(N,125),2+(N-120),7+(N-125)/60))/TB'",
                "-vsync",
                "vfr",
                "-enc_time_base",
                "1/90000",
                "-video_track_timescale",
                "90000",
            ][..],
        ]
        .concat(),
    );
    let (probe, index) = look(&path).unwrap();
    assert_eq!(index.pts.as_ref(), ffprobe_frame_times(&path).as_slice());
    assert_eq!(index.len(), 245);
    assert!(probe.info.variable_frame_rate);
    assert!((index.secs_from_frame(123) - 5.0).abs() < 1e-6);
    let picks = index.picks_at(2.0);
    for (step, &pick) in picks.iter().enumerate().take(4) {
        assert_eq!(pick, step as u64 * 30);
    }
    let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
    for frame in frames {
        assert_eq!(read_number(&frame.image), frame.frame);
    }
}

#[test]
fn negative_and_late_starts_are_at_zero() {
    let dir = scratch();
    for (name, offset) in [
        ("late.mkv", "12.5"),
        ("late.ts", "700"),
        ("early.ts", "-0.5"),
    ] {
        let plain = make(&dir, "plain.mkv", 60, "30", H264);
        let path = dir.path().join(name);
        ffmpeg([
            "-itsoffset",
            offset,
            "-i",
            plain.to_str().unwrap(),
            "-c",
            "copy",
            "-copyts",
            "-avoid_negative_ts",
            "disabled",
            "-muxdelay",
            "0",
            "-muxpreload",
            "0",
            path.to_str().unwrap(),
        ]);
        let (_, index) = look(&path).unwrap();
        assert_eq!(
            index.pts.as_ref(),
            ffprobe_frame_times(&path).as_slice(),
            "{name}"
        );
        assert_eq!(index.secs_from_frame(0), 0.0);
        assert!((index.duration_secs() - 2.0).abs() < 0.01, "{name}");
        let picks = [0, 31, 59].map(|f: u64| f.min(index.len() - 1));
        let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
        let shift = 60 - index.len();
        for frame in frames {
            assert_eq!(read_number(&frame.image), frame.frame + shift, "{name}");
        }
    }
}

#[test]
fn an_edit_list_drops_the_frames_before_its_start() {
    let dir = scratch();
    let plain = make(&dir, "plain.mp4", 90, "30", &[H264, &["-g", "45"]].concat());
    let path = dir.path().join("edited.mp4");
    // A copy that starts between keyframes keeps the group and hides its beginning by an edit list.
    ffmpeg([
        "-ss",
        "0.7",
        "-i",
        plain.to_str().unwrap(),
        "-c",
        "copy",
        path.to_str().unwrap(),
    ]);
    let (_, index) = look(&path).unwrap();
    let shown = ffprobe_frame_times(&path);
    assert_eq!(index.pts.as_ref(), shown.as_slice());
    assert!(index.len() < 80, "{}", index.len());
    let picks = [0, 1, 20, index.len() - 1];
    let (frames, _) = samples(&path, &index, &picks, SampledOptions::default());
    let first = read_number(&frames[0].image);
    assert_eq!(first, 90 - index.len());
    for frame in frames {
        assert_eq!(read_number(&frame.image), first + frame.frame);
    }
}

/// A picture whose left half is white and right half black, with metadata applied by a second,
/// copying pass.
fn halves(dir: &TempDir, name: &str, args: &[&str], copy_args: &[&str]) -> PathBuf {
    let plain = dir.path().join(format!("plain-{name}"));
    let mut all = vec![
        "-f",
        "lavfi",
        "-i",
        "color=black:s=96x64:r=10:d=1,drawbox=0:0:48:64:white:fill",
        "-c:v",
        "libx264",
    ];
    all.extend_from_slice(args);
    all.push(plain.to_str().unwrap());
    ffmpeg(all);
    let path = dir.path().join(name);
    let mut all = vec!["-i", plain.to_str().unwrap(), "-c", "copy"];
    all.extend_from_slice(copy_args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    path
}

fn bright(image: &crate::domain::RgbImage, x: f64, y: f64) -> bool {
    let (column, row) = (
        (x * f64::from(image.width)) as usize,
        (y * f64::from(image.height)) as usize,
    );
    image.data[(row * image.width as usize + column) * 3] > 128
}

#[test]
fn rotations_are_shown_upright() {
    let dir = scratch();
    // The tag of the ffmpeg 5 program counts counter-clockwise when written; the matrix is what is
    // read back.
    for (turn, clockwise) in [("90", 270), ("180", 180), ("270", 90), ("0", 0)] {
        let name = format!("r{turn}.mp4");
        let path = halves(
            &dir,
            &name,
            &[],
            &["-metadata:s:v:0", &format!("rotate={turn}")],
        );
        let (probe, index) = look(&path).unwrap();
        let rotation = probe.info.rotation_deg;
        assert!(
            rotation == clockwise || rotation == (360 - clockwise) % 360,
            "{turn}: {rotation}"
        );
        let (frames, _) = samples(&path, &index, &[0, 5], SampledOptions::default());
        let image = &frames[1].image;
        assert_eq!(
            (image.width, image.height),
            (probe.info.width, probe.info.height)
        );
        assert_eq!(rotation % 180 == 0, image.width > image.height);
        // Where the white left half must be after turning clockwise.
        let (x, y) = match rotation {
            90 => (0.5, 0.1),
            180 => (0.9, 0.5),
            270 => (0.5, 0.9),
            _ => (0.1, 0.5),
        };
        assert!(bright(image, x, y), "{turn}");
        assert!(!bright(image, 1.0 - x, 1.0 - y), "{turn}");
        // And it is what ffmpeg shows when it turns the picture itself.
        let shown = dir.path().join("shown.png");
        ffmpeg([
            "-i",
            path.to_str().unwrap(),
            "-frames:v",
            "1",
            shown.to_str().unwrap(),
        ]);
        let shown = image::open(&shown).unwrap().to_rgb8();
        assert_eq!(shown.dimensions(), (image.width, image.height));
        let at = |x: f64, y: f64| {
            shown.get_pixel(
                (x * f64::from(image.width)) as u32,
                (y * f64::from(image.height)) as u32,
            )[0] > 128
        };
        assert!(at(x, y) && !at(1.0 - x, 1.0 - y), "{turn}");
    }
}

#[test]
fn wide_pixels_become_square() {
    let dir = scratch();
    let path = halves(&dir, "sar.mkv", &["-vf", "setsar=2/1"], &[]);
    let (probe, index) = look(&path).unwrap();
    assert_eq!((probe.info.width, probe.info.height), (192, 64));
    assert_eq!((probe.info.coded_width, probe.info.coded_height), (96, 64));
    let (frames, _) = samples(&path, &index, &[3], SampledOptions::default());
    assert_eq!((frames[0].image.width, frames[0].image.height), (192, 64));
    assert!(bright(&frames[0].image, 0.4, 0.5) && !bright(&frames[0].image, 0.6, 0.5));
}

#[test]
fn ten_bits_and_odd_sizes() {
    let dir = scratch();
    let deep = make(
        &dir,
        "deep.mkv",
        20,
        "10",
        &[H264, &["-pix_fmt", "yuv420p10le"]].concat(),
    );
    let (probe, index) = look(&deep).unwrap();
    assert_eq!(probe.bit_depth, 10);
    let (frames, _) = samples(&deep, &index, &[0, 13, 19], SampledOptions::default());
    for frame in &frames {
        assert_eq!(read_number(&frame.image), frame.frame);
    }
    let odd = make(
        &dir,
        "odd.mkv",
        6,
        "10",
        &[
            H264,
            &["-pix_fmt", "yuv444p", "-vf", "scale=191:63,setsar=1"],
        ]
        .concat(),
    );
    let (probe, index) = look(&odd).unwrap();
    assert_eq!((probe.info.width, probe.info.height), (191, 63));
    let (frames, _) = samples(&odd, &index, &[5], SampledOptions::default());
    assert_eq!((frames[0].image.width, frames[0].image.height), (191, 63));
    assert_eq!(read_number(&frames[0].image), 5);
}

#[test]
fn untagged_and_tagged_colours_are_told() {
    let dir = scratch();
    let red = |name: &str, args: &[&str]| {
        let path = dir.path().join(name);
        let mut all = vec!["-f", "lavfi", "-i", "color=red:s=64x64:r=5:d=1"];
        all.extend_from_slice(args);
        all.extend_from_slice(&["-c:v", "libx264", path.to_str().unwrap()]);
        ffmpeg(all);
        let (probe, index) = look(&path).unwrap();
        let (frames, _) = samples(&path, &index, &[2], SampledOptions::default());
        let at = (32 * 64 + 32) * 3;
        (probe.colour, frames[0].image.data[at..at + 3].to_vec())
    };
    for (name, matrix, want) in [
        ("bt601.mp4", "smpte170m", color::Matrix::Bt601),
        ("bt709.mp4", "bt709", color::Matrix::Bt709),
    ] {
        let scale = format!(
            "scale=out_color_matrix={}",
            if matrix == "bt709" { "bt709" } else { "bt601" }
        );
        let (colour, rgb) = red(
            name,
            &["-vf", &scale, "-colorspace", matrix, "-pix_fmt", "yuv420p"],
        );
        assert_eq!(colour.matrix, want);
        assert!(
            rgb[0] > 245 && rgb[1] < 10 && rgb[2] < 10,
            "{name}: {rgb:?}"
        );
    }
}

#[test]
fn hdr_is_tone_mapped_in_samples_and_on_screen_alike() {
    let dir = scratch();
    let path = dir.path().join("pq.mkv");
    // A grey of PQ code 0.58, about the brightness of paper.
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "color=0x949494:s=64x64:r=5:d=1",
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p10le",
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "smpte2084",
        "-colorspace",
        "bt2020nc",
        path.to_str().unwrap(),
    ]);
    let (probe, index) = look(&path).unwrap();
    assert!(probe.colour.is_hdr() && probe.colour.wide_gamut);
    assert_eq!(probe.colour.matrix, color::Matrix::Bt2020);
    let (frames, _) = samples(&path, &index, &[3], SampledOptions::default());
    let shown = Thumbnailer::open(&path, &index).unwrap().exact(3).unwrap();
    let shown = shown.to_rgb();
    assert_eq!((shown.width, frames[0].image.width), (64, 64));
    let at = (30 * 64 + 30) * 3;
    // Coded about 148 of 255; as paper white it belongs near the top.
    assert!(shown.data[at] > 225, "{}", shown.data[at]);
    assert!(shown.data[at].abs_diff(frames[0].image.data[at]) <= 2);
}

#[test]
fn the_default_video_stream_is_taken() {
    let dir = scratch();
    let small = make(&dir, "small.mkv", 40, "20", H264);
    let large = make(
        &dir,
        "large.mkv",
        20,
        "20",
        &[H264, &["-vf", "scale=384:128"]].concat(),
    );
    let both = |name: &str, first: &str, second: &str| {
        let path = dir.path().join(name);
        ffmpeg([
            "-i",
            small.to_str().unwrap(),
            "-i",
            large.to_str().unwrap(),
            "-map",
            "0:v",
            "-map",
            "1:v",
            "-c",
            "copy",
            "-disposition:v:0",
            first,
            "-disposition:v:1",
            second,
            path.to_str().unwrap(),
        ]);
        look(&path).unwrap().0
    };
    let second = both("second.mkv", "0", "default");
    assert_eq!((second.info.width, second.info.frame_count), (384, 20));
    assert_eq!(second.video_streams, 2);
    let first = both("first.mkv", "default", "0");
    assert_eq!((first.info.width, first.info.frame_count), (192, 40));
}

#[test]
fn the_picture_may_change_size_on_the_way() {
    let dir = scratch();
    let one = make(&dir, "one.ts", 30, "30", H264);
    let two = make(
        &dir,
        "two.ts",
        30,
        "30",
        &[
            H264,
            &[
                "-vf",
                "scale=384:128,format=yuv444p",
                "-output_ts_offset",
                "1.5",
            ][..],
        ]
        .concat(),
    );
    let path = dir.path().join("both.ts");
    let mut bytes = std::fs::read(one).unwrap();
    bytes.extend(std::fs::read(two).unwrap());
    std::fs::write(&path, bytes).unwrap();
    let (_, index) = look(&path).unwrap();
    assert_eq!(index.len(), 60);
    let (frames, _) = samples(&path, &index, &[3, 20, 35, 59], SampledOptions::default());
    let sizes: Vec<u32> = frames.iter().map(|f| f.image.width).collect();
    assert_eq!(sizes, [192, 192, 384, 384]);
    let numbers: Vec<u64> = frames.iter().map(|f| read_number(&f.image)).collect();
    assert_eq!(numbers, [3, 20, 5, 29]);
}

#[test]
fn paths_need_not_be_text() {
    let dir = scratch();
    let plain = make(&dir, "plain.mp4", 4, "4", H264);
    for name in ["http:x%03d.mp4", "bl ank “ü”.mp4"] {
        let path = dir.path().join(name);
        std::fs::copy(&plain, &path).unwrap();
        assert_eq!(look(&path).unwrap().1.len(), 4);
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = dir
            .path()
            .join(std::ffi::OsStr::from_bytes(b"\xff\xfe.mp4"));
        std::fs::copy(&plain, &path).unwrap();
        assert_eq!(look(&path).unwrap().1.len(), 4);
    }
}

#[test]
fn the_shared_clips_open_upright() {
    let Some(shared) = crate::testing::shared_dir() else {
        return;
    };
    for name in [
        "av1_video.mkv",
        "bbb_480p_30s.mp4",
        "carphone_pristine.mp4",
        "corrupted.mp4",
        "h265_10bits.mp4",
        "one-by-one-person-detection.mp4",
        "pancake.mkv",
        "video_90.mov",
    ] {
        let path = shared.join("data/videos").join(name);
        if !path.exists() {
            crate::testing::skip_outside_ci(&format!("no {name}"));
            continue;
        }
        let (probe, index) = look(&path).unwrap();
        let decoded = ffprobe_frame_times(&path);
        if name == "corrupted.mp4" {
            // Whether ffprobe shows its damaged picture depends on how the decoder's threads fall;
            // its container states 50.
            assert_eq!(index.len(), 50);
            assert!(decoded.len() >= 45, "{}", decoded.len());
            assert!(decoded.iter().all(|time| index.pts.contains(time)));
        } else {
            assert_eq!(index.pts.as_ref(), decoded.as_slice(), "{name}");
        }
        let picks = index.picks_at(0.5);
        let (frames, warnings) = samples(&path, &index, &picks, SampledOptions::default());
        assert_eq!(frames.len(), picks.len(), "{name}");
        if name != "corrupted.mp4" {
            assert!(warnings.is_empty(), "{name}: {warnings:?}");
        }
        for frame in &frames {
            assert_eq!(
                (frame.image.width, frame.image.height),
                (probe.info.width, probe.info.height),
                "{name}"
            );
        }
        eprintln!("{name}: {:?}", probe.info);
    }
}
