//! The reference clips, where they are there: each opens, exports its middle, and keeps count.

use std::process::Command;

use super::*;
use crate::testing::shared_dir;

#[test]
fn the_middle_of_every_reference_clip_is_exported() {
    let Some(shared) = shared_dir() else {
        return;
    };
    let mut clips: Vec<PathBuf> = std::fs::read_dir(shared.join("data/videos"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "md"))
        .collect();
    clips.sort();
    let dir = tempfile::tempdir().unwrap();
    for clip in clips {
        let name = clip.file_stem().unwrap().to_string_lossy().into_owned();
        let index = crate::media::index(&clip, &CancelToken::new(), &mut |_| {})
            .unwrap()
            .index;
        let (third, end) = (index.len() / 3, index.len());
        let ranges = frame_ranges(&[
            (third, (third + 20).min(end)),
            (end - 9.min(end - third - 1), end),
        ]);
        let wanted: u64 = ranges.iter().map(|range| range.len()).sum();
        for mode in [ExportMode::Exact, ExportMode::Smart] {
            let out = dir.path().join(format!("{name}-{mode:?}.mp4"));
            let report = export_video(
                &clip,
                &index,
                &ranges,
                &out,
                &ExportOptions {
                    mode,
                    ..Default::default()
                },
                &mut |_| {},
                &CancelToken::new(),
            )
            .unwrap_or_else(|err| panic!("{name}: {err}"));
            assert_eq!(report.frame_count, wanted, "{name}");
            let counted = Command::new("ffprobe")
                .args(["-v", "error", "-count_frames", "-select_streams", "v:0"])
                .args(["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"])
                .arg(&out)
                .output()
                .unwrap();
            assert!(
                counted.stderr.is_empty(),
                "{name}: {}",
                String::from_utf8_lossy(&counted.stderr)
            );
            let counted = String::from_utf8_lossy(&counted.stdout);
            assert_eq!(
                counted.trim().trim_matches(','),
                wanted.to_string(),
                "{name}"
            );
            eprintln!("{name} {mode:?}: {:?} {:?}", report.mode, report.notes);
        }
    }
}
