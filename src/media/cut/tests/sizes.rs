//! What is foreseen of an export, its size and whether it can be copied, against the one that is
//! made.

use super::*;

/// Moving pictures with sound for `secs` seconds.
fn made(name: &str, video: &str, secs: u32, args: &[&str]) -> Film {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let video = format!("{video},trim=duration={secs}");
    let sound =
        format!("anoisesrc=r=44100:a=0.2,aformat=channel_layouts=stereo,atrim=duration={secs}");
    let mut all = vec!["-f", "lavfi", "-i", &video, "-f", "lavfi", "-i", &sound];
    all.extend_from_slice(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    indexed(dir, path)
}

#[test]
fn a_foreseen_size_is_near_that_of_the_film() {
    const ZOOM: &str = "mandelbrot=s=320x240:r=25,gblur=1.2";
    const TINY: &str = "mandelbrot=s=160x120:r=30000/1001";
    const GRAINY: &str = "testsrc2=s=256x144:r=50,noise=alls=20:allf=t";
    const STILL: &str = "testsrc2=s=256x144:r=24,loop=loop=23:size=1:start=0";
    let clips: [(&str, &str, &[&str]); 8] = [
        (
            "fine.mp4",
            ZOOM,
            &["-c:v", "libx264", "-crf", "14", "-g", "25"],
        ),
        (
            "coarse.mp4",
            ZOOM,
            &["-c:v", "libx264", "-crf", "36", "-g", "50"],
        ),
        (
            "mpeg4.mkv",
            ZOOM,
            &["-c:v", "mpeg4", "-q:v", "4", "-g", "25"],
        ),
        (
            "mpeg2.ts",
            GRAINY,
            &["-c:v", "mpeg2video", "-q:v", "6", "-g", "15"],
        ),
        (
            "vp9.webm",
            TINY,
            &[
                "-c:v",
                "libvpx-vp9",
                "-crf",
                "30",
                "-b:v",
                "0",
                "-cpu-used",
                "8",
                "-deadline",
                "realtime",
                "-g",
                "30",
                "-c:a",
                "libopus",
            ],
        ),
        (
            "hevc.mp4",
            STILL,
            &[
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-crf",
                "28",
                "-x265-params",
                "log-level=error:keyint=24",
            ],
        ),
        (
            "jpeg.mov",
            GRAINY,
            &["-c:v", "mjpeg", "-q:v", "5", "-c:a", "pcm_s16le"],
        ),
        (
            "raw.mkv",
            TINY,
            &["-c:v", "rawvideo", "-pix_fmt", "yuv420p"],
        ),
    ];
    for (name, video, args) in clips {
        let film = made(name, video, 16, args);
        let frames = film.index.len();
        let asked = [
            (frames / 10, frames / 4),
            (frames / 3, frames / 2),
            (frames * 7 / 10, frames * 9 / 10),
        ];
        let ranges = frame_ranges(&asked);
        let cancel = CancelToken::new();
        for (out, mode, sounds) in [
            ("a.mp4", ExportMode::Exact, TrackChoice::Usual),
            ("b.mkv", ExportMode::Exact, TrackChoice::None),
            ("c.mkv", ExportMode::Copy, TrackChoice::Usual),
            ("d.mp4", ExportMode::Smart, TrackChoice::Usual),
        ] {
            let options = ExportOptions {
                mode,
                sounds,
                ..ExportOptions::default()
            };
            let path = film.out(out);
            let container = Container::from_path(&path).unwrap();
            let foreseen = foresee(
                &film.path,
                &film.index,
                &ranges,
                container,
                &options,
                &cancel,
            )
            .unwrap();
            let report = film.try_export(&asked, &path, &options).unwrap();
            let ratio = foreseen.bytes / report.bytes as f64;
            let most = match report.mode {
                ExportMode::Copy => 1.1,
                _ => 1.5,
            };
            eprintln!("{name} to {out}: {:?} {ratio:.2}", report.mode);
            assert!(
                (1.0 / most..=most).contains(&ratio),
                "{name} to {out}: {:.0} for {} bytes",
                foreseen.bytes,
                report.bytes
            );
        }
    }
}

#[test]
fn what_is_foreseen_of_copying_is_what_is_done() {
    let codecs: [(&str, &[&str]); 10] = [
        ("h264.mp4", &["-c:v", "libx264", "-g", "10"]),
        (
            "hevc.mkv",
            &[
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-x265-params",
                "log-level=error:keyint=10",
            ],
        ),
        (
            "vp9.webm",
            &[
                "-c:v",
                "libvpx-vp9",
                "-cpu-used",
                "8",
                "-deadline",
                "realtime",
                "-g",
                "10",
            ],
        ),
        (
            "vp8.webm",
            &[
                "-c:v",
                "libvpx",
                "-cpu-used",
                "8",
                "-deadline",
                "realtime",
                "-g",
                "10",
            ],
        ),
        ("mpeg4.avi", &["-c:v", "mpeg4", "-g", "10"]),
        ("mpeg2.ts", &["-c:v", "mpeg2video", "-g", "10"]),
        ("jpeg.mov", &["-c:v", "mjpeg"]),
        ("raw.y4m", &[]),
        ("ffv1.mkv", &["-c:v", "ffv1"]),
        ("prores.mov", &["-c:v", "prores_ks"]),
    ];
    for (name, args) in codecs {
        let film = film(name, 60, "25", "", args);
        let asked = [(12, 25), (31, 50)];
        let ranges = frame_ranges(&asked);
        for container in Container::ALL {
            for mode in [ExportMode::Copy, ExportMode::Smart] {
                let options = ExportOptions {
                    mode,
                    overwrite: true,
                    ..ExportOptions::default()
                };
                let out = film.out(&format!("out.{}", container.extension()));
                let cancel = CancelToken::new();
                let foreseen = foresee(
                    &film.path,
                    &film.index,
                    &ranges,
                    container,
                    &options,
                    &cancel,
                )
                .unwrap();
                let report = film.try_export(&asked, &out, &options).unwrap();
                let is_exact = matches!(foreseen.copying, Some(Copying::Exactly(_)));
                let said = format!("{name} to {container:?} {mode:?}: {foreseen:?} {report:?}");
                assert_eq!(is_exact, report.mode == ExportMode::Exact, "{said}");
                if let Some(Copying::Exactly(reason)) = &foreseen.copying {
                    // Numbers of pictures are those of the trial.
                    let words = reason.split(' ').next_back().unwrap();
                    assert!(report.notes[0].contains(words), "{said}");
                }
                if let Some(Copying::Widens { kept_secs, .. }) = foreseen.copying {
                    assert!((kept_secs - report.duration_secs).abs() < 0.01, "{said}");
                }
            }
        }
        let left = film.others();
        assert!(left.iter().all(|name| name.starts_with("out.")), "{left:?}");
    }
}
