//! Broken and unsuitable files: a clear refusal or a usable remainder, never a hang.

use super::source::Source;
use super::*;
use crate::testing::video::read_number;

fn refusal(path: &Path) -> MediaError {
    let err = look(path).unwrap_err();
    let sentence = err.to_string();
    assert!(
        sentence.contains(path.file_name().unwrap().to_str().unwrap()),
        "{sentence}"
    );
    err
}

#[test]
fn files_that_are_no_video_are_refused_by_name() {
    let dir = scratch();
    let path = |name: &str| dir.path().join(name);
    assert!(matches!(
        refusal(&path("gone.mp4")),
        MediaError::Missing { .. }
    ));
    assert!(matches!(refusal(dir.path()), MediaError::Folder { .. }));
    std::fs::write(path("zero.mp4"), b"").unwrap();
    assert!(matches!(
        refusal(&path("zero.mp4")),
        MediaError::Empty { .. }
    ));
    std::fs::write(
        path("page.mp4"),
        "<!DOCTYPE html><html><body>404</body></html>",
    )
    .unwrap();
    let page = refusal(&path("page.mp4")).to_string();
    assert!(page.contains("web page"), "{page}");
    std::fs::write(path("notes.mp4"), "nothing to see here\n".repeat(40)).unwrap();
    let notes = refusal(&path("notes.mp4")).to_string();
    assert!(notes.contains("plain text"), "{notes}");
    let noise: Vec<u8> = (0..4096u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    std::fs::write(path("noise.mp4"), noise).unwrap();
    refusal(&path("noise.mp4"));
}

#[test]
fn an_mp4_without_its_index_is_an_incomplete_recording() {
    let dir = scratch();
    let path = make(&dir, "whole.mp4", 60, "30", H264);
    let bytes = std::fs::read(&path).unwrap();
    let moov = bytes.windows(4).position(|w| w == b"moov").unwrap();
    let cut = dir.path().join("cut.mp4");
    std::fs::write(&cut, &bytes[..moov - 4]).unwrap();
    assert!(matches!(refusal(&cut), MediaError::Incomplete { .. }));
}

#[test]
fn sound_and_cover_pictures_are_not_video() {
    let dir = scratch();
    let sound = dir.path().join("sound.m4a");
    ffmpeg(["-f", "lavfi", "-i", "sine=d=1", sound.to_str().unwrap()]);
    assert!(matches!(refusal(&sound), MediaError::AudioOnly { .. }));
    let picture = dir.path().join("cover.png");
    ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "color=red:s=64x64",
        "-frames:v",
        "1",
        picture.to_str().unwrap(),
    ]);
    let album = dir.path().join("album.mp3");
    ffmpeg([
        "-i",
        sound.to_str().unwrap(),
        "-i",
        picture.to_str().unwrap(),
        "-map",
        "0:a",
        "-map",
        "1:v",
        "-c:v",
        "copy",
        "-disposition:v:0",
        "attached_pic",
        album.to_str().unwrap(),
    ]);
    assert!(matches!(refusal(&album), MediaError::CoverArtOnly { .. }));
}

#[test]
fn one_frame_is_a_video() {
    let dir = scratch();
    let path = make(&dir, "one.mp4", 1, "25", H264);
    let (probe, index) = look(&path).unwrap();
    assert_eq!(index.len(), 1);
    assert!((probe.info.duration_secs - 0.04).abs() < 1e-9);
    assert_eq!(index.picks_at(2.0), vec![0]);
    let (frames, _) = samples(&path, &index, &[0], SampledOptions::default());
    assert_eq!(frames.len(), 1);
}

#[test]
fn a_truncated_file_is_used_as_far_as_it_goes() {
    let dir = scratch();
    for (name, extra) in [
        ("a.mp4", &["-movflags", "+faststart", "-g", "30"][..]),
        ("a.mkv", &["-g", "30"][..]),
        ("a.ts", &["-g", "30"][..]),
    ] {
        let path = make(&dir, name, 300, "30", &[H264, extra].concat());
        let bytes = std::fs::read(&path).unwrap();
        let cut = dir.path().join(format!("cut-{name}"));
        std::fs::write(&cut, &bytes[..bytes.len() * 6 / 10]).unwrap();
        let (probe, index) = look(&cut).unwrap();
        assert!(
            (60..300).contains(&index.len()),
            "{name}: {} frames",
            index.len()
        );
        if name != "a.ts" {
            // A transport stream states no length that could be missed.
            assert!(
                probe.info.warnings.iter().any(|w| w.contains("cut off")),
                "{name}: {:?}",
                probe.info.warnings
            );
        }
        let picks = index.picks_at(2.0);
        let (frames, _) = samples(&cut, &index, &picks, SampledOptions::default());
        assert_eq!(frames.len(), picks.len(), "{name}");
        let sound = frames.len() - 2;
        for frame in &frames[..sound] {
            assert_eq!(read_number(&frame.image), frame.frame, "{name}");
        }
    }
}

#[test]
fn flipped_bits_leave_the_rest_usable() {
    let dir = scratch();
    for name in ["a.mp4", "a.mkv", "a.ts"] {
        let path = make(
            &dir,
            name,
            200,
            "20",
            &[H264, &["-g", "20", "-movflags", "+faststart"][..]].concat(),
        );
        let mut bytes = std::fs::read(&path).unwrap();
        let (from, to) = (bytes.len() / 2, bytes.len() / 2 + bytes.len() / 12);
        for at in (from..to).step_by(97) {
            bytes[at] ^= 0x24;
        }
        let broken = dir.path().join(format!("broken-{name}"));
        std::fs::write(&broken, &bytes).unwrap();
        let (_, index) = look(&broken).unwrap();
        assert!(index.len() > 100, "{name}");
        let picks = index.picks_at(2.0);
        let (frames, _) = samples(&broken, &index, &picks, SampledOptions::default());
        assert_eq!(frames.len(), picks.len(), "{name}");
        let right = frames
            .iter()
            // Lost packets shift the count of frames, not their times.
            .filter(|f| read_number(&f.image) == (f.secs * 20.0).round() as u64)
            .count();
        assert!(right * 10 >= frames.len() * 6, "{name}: {right} right");
    }
}

#[test]
fn a_container_that_claims_ten_times_its_length_is_not_believed() {
    let dir = scratch();
    let path = make(&dir, "a.mkv", 60, "30", H264);
    let mut bytes = std::fs::read(&path).unwrap();
    // Matroska: the element Duration (0x4489), eight bytes, a float in milliseconds.
    let at = bytes
        .windows(3)
        .position(|w| w == [0x44, 0x89, 0x88])
        .unwrap()
        + 3;
    let stated = f64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    bytes[at..at + 8].copy_from_slice(&(stated * 10.0).to_be_bytes());
    let liar = dir.path().join("liar.mkv");
    std::fs::write(&liar, bytes).unwrap();
    assert!(probe(&liar).unwrap().info.duration_secs > 15.0);
    let (probe, index) = look(&liar).unwrap();
    assert!((index.duration_secs() - 2.0).abs() < 0.01);
    assert_eq!(probe.info.frame_count, 60);
    assert!(!probe.info.warnings.is_empty());
}

/// A disk that gives nothing any more.
unsafe extern "C" fn broken_disk(_: *mut std::ffi::c_void, _: *mut u8, _: i32) -> i32 {
    -ffmpeg_next::error::EIO
}

#[test]
fn a_failing_disk_is_not_the_end_of_the_file() {
    let dir = scratch();
    for name in ["a.mp4", "a.mkv", "a.ts", "a.avi"] {
        // Noise takes room: the file must be longer than what is read at once.
        let path = make(
            &dir,
            name,
            200,
            "20",
            &[H264, &["-vf", "noise=alls=60:allf=t"]].concat(),
        );
        let mut source = Source::open(&path).unwrap().video_only();
        for _ in 0..20 {
            assert!(source.next_packet().unwrap().is_some(), "{name}");
        }
        // SAFETY: the context is open and reads a file, so that it has a reader; the function does
        // nothing.
        unsafe { (*(*source.input.as_mut_ptr()).pb).read_packet = Some(broken_disk) };
        let err = loop {
            match source.next_packet() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{name}: taken for the end"),
                Err(err) => break err,
            }
        };
        assert!(err.may_retry(), "{name}: {err}");
        let sentence = err.to_string();
        assert!(
            sentence.contains(name) && sentence.contains("Input/output error"),
            "{sentence}"
        );
        // Once the disk is back, the file is read again.
        source.rewind().unwrap();
        assert!(source.next_packet().unwrap().is_some(), "{name}");
    }
}

#[test]
fn a_single_lost_picture_is_told_in_the_singular() {
    let dir = scratch();
    let path = make(
        &dir,
        "a.mp4",
        60,
        "20",
        &["-c:v", "mpeg4", "-bf", "0", "-g", "1"],
    );
    let (_, index) = look(&path).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // Of the thirtieth picture only noise is left.
    let starts: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| bytes[at..at + 4] == [0, 0, 1, 0xb6])
        .collect();
    bytes[starts[30]..starts[31]].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let (_, warnings) = samples(&path, &index, &[0, 30, 50], SampledOptions::default());
    assert_eq!(
        warnings,
        ["1 sampled frame could not be decoded; the nearest sound frame stands in for it."]
    );
}
