//! Text subtitles read from real containers.

use super::*;

const SRT: &str = "1\n00:00:01,000 --> 00:00:02,500\nThe <i>harbour</i> wakes up.\n\n\
    2\n00:00:04,000 --> 00:00:05,000\nBoats leave,\none after the other.\n";

/// Ten seconds of numbered video with the subtitles in a codec.
fn subtitled(dir: &TempDir, name: &str, codec: &str, more: &[&str]) -> PathBuf {
    let path = dir.path().join(name);
    let text = dir.path().join("text.srt");
    std::fs::write(&text, SRT).unwrap();
    let video = crate::testing::video::numbered(100, "10");
    let text = text.display().to_string();
    let mut all = vec!["-f", "lavfi", "-i", &video, "-i", &text, "-c:s", codec];
    all.extend_from_slice(more);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    path
}

#[test]
fn words_and_times_are_the_same_in_every_codec_and_container() {
    let dir = scratch();
    let webm = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"];
    for (name, codec, more) in [
        ("a.mkv", "srt", H264),
        ("b.mp4", "mov_text", H264),
        ("c.mkv", "ass", H264),
        ("d.webm", "webvtt", &webm[..]),
        // The container's clock begins elsewhere.
        (
            "e.mkv",
            "srt",
            &[H264, &["-output_ts_offset", "7"]].concat(),
        ),
    ] {
        let path = subtitled(&dir, name, codec, more);
        let (_, index) = look(&path).unwrap();
        let cues = text_cues(&path, &index, &CancelToken::new()).unwrap();
        let words: Vec<&str> = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(
            words,
            [
                "The harbour wakes up.",
                "Boats leave,\none after the other."
            ],
            "{name}"
        );
        for (cue, (start, end)) in cues.iter().zip([(1.0, 2.5), (4.0, 5.0)]) {
            assert!((cue.start_secs - start).abs() < 0.02, "{name} {cue:?}");
            assert!((cue.end_secs - end).abs() < 0.02, "{name} {cue:?}");
        }
    }
}

#[test]
fn a_video_without_text_has_no_cues_and_reading_them_can_be_cancelled() {
    let dir = scratch();
    let plain = make(&dir, "plain.mp4", 5, "5", H264);
    let (_, index) = look(&plain).unwrap();
    let none = text_cues(&plain, &index, &CancelToken::new()).unwrap();
    assert!(none.is_empty());
    let path = subtitled(&dir, "a.mkv", "srt", H264);
    let (_, index) = look(&path).unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    assert!(
        text_cues(&path, &index, &cancel)
            .unwrap_err()
            .is_cancelled()
    );
}
