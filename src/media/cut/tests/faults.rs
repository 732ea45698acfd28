//! Refusals, cancelling, vanishing sources, full disks: nothing may be left or overwritten.

use std::path::Path;
use std::process::Command;

use super::super::*;
use super::*;

#[test]
fn the_source_is_never_written_and_nothing_is_overwritten_unasked() {
    let film = film("film.mp4", 30, "25", "", &H264);
    let before = std::fs::read(&film.path).unwrap();
    let options = ExportOptions {
        overwrite: true,
        ..Default::default()
    };
    let mut same = vec![film.path.clone()];
    #[cfg(unix)]
    {
        let (soft, hard) = (film.out("soft.mp4"), film.out("hard.mp4"));
        std::os::unix::fs::symlink(&film.path, &soft).unwrap();
        std::fs::hard_link(&film.path, &hard).unwrap();
        same.extend([soft, hard]);
    }
    for path in &same {
        let err = film.try_export(&[(0, 10)], path, &options).unwrap_err();
        assert!(matches!(err, CutError::IsSource { .. }), "{err}");
    }
    assert_eq!(std::fs::read(&film.path).unwrap(), before);
    let taken = film.out("taken.mp4");
    std::fs::write(&taken, b"mine").unwrap();
    let err = film
        .try_export(&[(0, 10)], &taken, &ExportOptions::default())
        .unwrap_err();
    assert!(matches!(err, CutError::Exists { .. }), "{err}");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    film.try_export(&[(0, 10)], &taken, &options).unwrap();
    assert_eq!(read_numbers(&taken, "").len(), 10);
    for (path, ranges) in [
        (film.out("x.txt"), &[(0, 10)][..]),
        (film.out("no/such/folder.mp4"), &[(0, 10)]),
        (film.out("x.mp4"), &[(0, 31)]),
        (film.out("x.mp4"), &[]),
    ] {
        assert!(
            film.try_export(ranges, &path, &ExportOptions::default())
                .is_err()
        );
    }
    assert!(
        film.try_export(&[(0, 5)], Path::new("/proc/x.mp4"), &options)
            .is_err()
    );
    assert!(!film.others().iter().any(|name| name.contains("part")));
}

#[test]
fn cancelling_leaves_nothing_at_any_moment() {
    let film = film_with_beeps("film.mp4", "stereo", &["-c:a", "aac", "-sc_threshold", "0"]);
    for mode in [ExportMode::Exact, ExportMode::Copy, ExportMode::Smart] {
        for after in [1, 40, 120] {
            let cancel = CancelToken::new();
            let mut seen = 0;
            let err = export_video(
                &film.path,
                &film.index,
                &frame_ranges(&[(20, 220)]),
                &film.out("out.mp4"),
                &ExportOptions {
                    mode,
                    ..Default::default()
                },
                &mut |_| {
                    seen += 1;
                    if seen == after {
                        cancel.cancel();
                    }
                },
                &cancel,
            )
            .unwrap_err();
            assert!(err.is_cancelled(), "{mode:?}: {err}");
            assert!(film.others().is_empty(), "{:?}", film.others());
        }
    }
}

#[test]
fn a_source_that_vanishes_midway_leaves_nothing() {
    let film = film("film.mp4", 150, "25", "", &H264);
    let mut seen = 0;
    let err = export_video(
        &film.path,
        &film.index,
        &frame_ranges(&[(0, 150)]),
        &film.out("out.mp4"),
        &ExportOptions::default(),
        &mut |_| {
            seen += 1;
            if seen == 30 {
                std::fs::remove_file(&film.path).unwrap();
            }
        },
        &CancelToken::new(),
    )
    .unwrap_err();
    assert!(matches!(err, CutError::SourceGone { .. }), "{err}");
    assert!(err.may_retry());
    assert!(film.others().is_empty(), "{:?}", film.others());
}

#[test]
fn a_truncated_source_exports_its_usable_part() {
    let film = film(
        "film.mkv",
        150,
        "25",
        "",
        &[&H264[..], &["-g", "30"]].concat(),
    );
    let bytes = std::fs::read(&film.path).unwrap();
    let cut = film.out("cut.mkv");
    std::fs::write(&cut, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let Film { dir, .. } = film;
    let film = indexed(dir, cut);
    assert!(film.index.len() > 40 && film.index.len() < 150);
    let out = film.out("out.mp4");
    let end = film.index.len();
    let report = film.export(&[(5, end)], &out, ExportMode::Exact);
    assert_eq!(report.frame_count, end - 5);
    let numbers = read_numbers(&out, "");
    assert_eq!(numbers.len() as u64, end - 5);
    assert_eq!(numbers[..30], (5..35).collect::<Vec<u64>>()[..]);
}

#[test]
fn too_little_room_is_said_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("film.mp4");
    std::fs::write(&source, b"x").unwrap();
    let refused = Reserved::prepare(&source, &dir.path().join("out.mp4"), false, u64::MAX);
    let Err(err) = refused else {
        panic!("no disk has that much room");
    };
    assert!(matches!(err, CutError::NoSpace { .. }), "{err}");
    assert!(err.to_string().contains("make room"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Needs the right to mount a small file system; skipped with the reason elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let small = dir.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&small)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        crate::testing::skip("no right to mount a small file system");
        return;
    }
    let film = film(
        "film.mp4",
        100,
        "25",
        ",noise=alls=100:allf=t,scale=640:360",
        &H264,
    );
    let plan = CutPlan::new(&film.index, &frame_ranges(&[(0, 100)]), &[], None).unwrap();
    // Past the check of the room, as when another program fills the disk meanwhile.
    let outcome =
        Reserved::prepare(&film.path, &small.join("out.mp4"), false, 0).and_then(|reserved| {
            let options = ExportOptions::default();
            crate::media::cut::exact::export(
                &Job {
                    facts: &kept::Facts::default(),
                    wanted: &choice::Wanted::default(),
                    source: &film.path,
                    index: &film.index,
                    ranges: &frame_ranges(&[(0, 100)]),
                    reel: None,
                    options: &options,
                    target: &reserved.target,
                    cancel: &CancelToken::new(),
                },
                &mut |_| {},
            )
            .map(|_| ())
        });
    let left = std::fs::read_dir(&small).unwrap().count();
    let unmounted = Command::new("umount").arg(&small).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    let err = outcome.unwrap_err();
    assert!(matches!(err, CutError::DiskFull { .. }), "{err}");
    assert_eq!(left, 0);
    assert!(plan.frame_count() == 100);
}
