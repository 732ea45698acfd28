//! The size that is estimated before an export, against the one that the file has in the end.

use super::*;

/// Moving pictures with sound, of a usual encoding.
fn made(name: &str, args: &[&str]) -> Film {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let video = "mandelbrot=s=320x240:r=25,gblur=1.2,trim=duration=8";
    let sound = "anoisesrc=r=44100:a=0.2,aformat=channel_layouts=stereo,atrim=duration=8";
    let mut all = vec!["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound];
    all.extend_from_slice(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    indexed(dir, path)
}

#[test]
fn an_estimate_is_of_the_order_of_the_film() {
    let sources = [
        (
            "h264.mp4",
            &["-c:v", "libx264", "-crf", "23", "-g", "25"][..],
        ),
        ("mpeg4.mkv", &["-c:v", "mpeg4", "-q:v", "4", "-g", "25"][..]),
        ("raw.mkv", &["-c:v", "rawvideo", "-pix_fmt", "yuv420p"][..]),
    ];
    for (name, args) in sources {
        let film = made(name, args);
        let ranges = frame_ranges(&[(25, 75), (100, 150)]);
        let cancel = CancelToken::new();
        for (out, mode, without_sound) in [
            ("a.mp4", ExportMode::Exact, false),
            ("b.mp4", ExportMode::Exact, true),
            ("c.webm", ExportMode::Exact, false),
            ("d.mkv", ExportMode::Copy, false),
        ] {
            // No container takes raw pictures as they are.
            if mode == ExportMode::Copy && name == "raw.mkv" {
                continue;
            }
            let options = ExportOptions {
                mode,
                without_sound,
                ..ExportOptions::default()
            };
            let path = film.out(out);
            let container = Container::from_path(&path).unwrap();
            let foreseen = foresee(&film.path, &film.index, &ranges, container, mode, &cancel);
            let foreseen = foreseen.unwrap();
            let report = film
                .try_export(&[(25, 75), (100, 150)], &path, &options)
                .unwrap();
            // What cannot be copied is foreseen to be encoded.
            let mode = match foreseen.copying {
                Some(Copying::Exactly(_)) => ExportMode::Exact,
                _ => mode,
            };
            let secs = report.duration_secs;
            let estimate = (foreseen.rates).estimated_bytes(secs, container, mode, &options);
            let ratio = estimate / report.bytes as f64;
            let most = if report.mode == ExportMode::Copy {
                1.6
            } else {
                3.0
            };
            assert!(
                (1.0 / most..=most).contains(&ratio),
                "{name} to {out}: {estimate:.0} for {} bytes",
                report.bytes
            );
        }
    }
}
