//! The player on real videos: which frame is shown is read off the picture itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::domain::FrameRange;
use crate::testing::video::read_number;

/// How long a test waits for something that must happen; generous, because machines are busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn open(path: &Path) -> Player {
    let (_, index) = look(path).unwrap();
    Player::open(path, &index, PlayerOptions::default()).unwrap()
}

fn number(frame: &VideoFrame) -> u64 {
    read_number(&frame.to_rgb())
}

/// Waits until the shown picture is the wanted one; returns the pictures seen before.
fn wait_for(player: &Player, wanted: u64) -> Vec<u64> {
    let started = Instant::now();
    let mut seen: Vec<u64> = Vec::new();
    loop {
        if let Some(frame) = player.frame_at(Instant::now()) {
            if seen.last() != Some(&frame.frame) {
                seen.push(frame.frame);
            }
            if frame.frame == wanted {
                assert_eq!(number(&frame), wanted);
                return seen;
            }
        }
        assert!(
            started.elapsed() < PATIENCE,
            "frame {wanted} never came: {seen:?}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Plays until pausing by itself; returns the frames shown, in order.
fn watch(player: &Player) -> Vec<Arc<VideoFrame>> {
    let started = Instant::now();
    let mut seen: Vec<Arc<VideoFrame>> = Vec::new();
    loop {
        let now = Instant::now();
        if let Some(frame) = player.frame_at(now)
            && seen.last().is_none_or(|last| !Arc::ptr_eq(last, &frame))
        {
            seen.push(frame);
        }
        if !player.state_at(now).playing {
            return seen;
        }
        assert!(started.elapsed() < PATIENCE, "it never ended");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn long_groups(dir: &TempDir, frames: u32, rate: &str) -> PathBuf {
    make(
        dir,
        "a.mp4",
        frames,
        rate,
        &[
            H264,
            &[
                "-g",
                "60",
                "-bf",
                "2",
                "-keyint_min",
                "60",
                "-sc_threshold",
                "0",
            ][..],
        ]
        .concat(),
    )
}

#[test]
fn seeking_and_stepping_show_the_very_frame() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 240, "30"));
    wait_for(&player, 0);
    for target in [100, 239, 7, 8, 61, 59, 60, 0] {
        player.seek(target, true);
        wait_for(&player, target);
        assert_eq!(player.state_at(Instant::now()).frame, target);
    }
    player.seek(118, true);
    wait_for(&player, 118);
    for target in [119, 120, 121] {
        player.step(1);
        wait_for(&player, target);
    }
    for target in [120, 119, 118] {
        player.step(-1);
        wait_for(&player, target);
    }
    player.step(1000);
    wait_for(&player, 239);
}

#[test]
fn a_coarse_seek_shows_the_keyframe_and_playing_starts_at_the_frame() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 240, "30"));
    wait_for(&player, 0);
    player.seek(100, false);
    wait_for(&player, 60);
    assert_eq!(player.state_at(Instant::now()).frame, 100);
    player.play(1.0);
    let seen = wait_for(&player, 104);
    assert!(!seen.iter().any(|f| (61..100).contains(f)), "{seen:?}");
}

#[test]
fn pausing_keeps_a_seek_whose_picture_is_not_there_yet() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 240, "30"));
    wait_for(&player, 0);
    player.play(1.0);
    wait_for(&player, 2);
    player.seek(117, true);
    player.pause();
    assert_eq!(player.state_at(Instant::now()).frame, 117);
    wait_for(&player, 117);
    assert_eq!(player.state_at(Instant::now()).frame, 117);
    // Once the picture is there, the one that is seen stays.
    player.pause();
    assert_eq!(player.state_at(Instant::now()).frame, 117);
}

/// Ten quick presses of the key that pauses and steps: none waits for the picture of the one
/// before.
#[test]
fn quick_steps_count_from_where_the_last_one_went() {
    let dir = tempfile::tempdir().unwrap();
    let path = long_groups(&dir, 120, "25");
    let player = open(&path);
    player.seek(40, true);
    wait_for(&player, 40);
    for _ in 0..10 {
        player.pause();
        player.step(1);
    }
    assert_eq!(player.state_at(Instant::now()).frame, 50);
    wait_for(&player, 50);
}

#[test]
fn an_error_is_gone_with_the_next_request() {
    let dir = scratch();
    // Several megabytes, so that no buffer holds what is lost; a raw stream, which is opened anew
    // where seeking fails.
    let noise = [
        "-vf",
        "scale=576:-2,noise=alls=12:allf=t",
        "-g",
        "20",
        "-qp",
        "4",
    ];
    let path = make(&dir, "large.h264", 100, "25", &[H264, &noise].concat());
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 2_000_000, "{} bytes", whole.len());
    let player = open(&path);
    wait_for(&player, 0);
    std::fs::write(&path, b"").unwrap();
    player.seek(90, true);
    let started = Instant::now();
    while player.state_at(Instant::now()).error.is_none() {
        assert!(started.elapsed() < PATIENCE, "the loss was not noticed");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::fs::write(&path, whole).unwrap();
    player.seek(50, true);
    assert_eq!(player.state_at(Instant::now()).error, None);
    wait_for(&player, 50);
    assert_eq!(player.state_at(Instant::now()).error, None);
}

#[test]
fn the_newest_of_many_seeks_wins() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 240, "30"));
    for target in (0..230).step_by(3) {
        player.seek(target, true);
    }
    player.seek(205, true);
    wait_for(&player, 205);
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(2));
        let shown = player.frame_at(Instant::now()).unwrap();
        assert_eq!(shown.frame, 205, "an older answer came later");
    }
}

#[test]
fn playing_shows_frames_in_order_and_ends_paused() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 45, "30"));
    wait_for(&player, 0);
    player.play(1.0);
    let seen = watch(&player);
    assert!(seen.windows(2).all(|w| w[0].frame < w[1].frame));
    assert_eq!(seen.last().unwrap().frame, 44);
    for frame in &seen {
        assert_eq!(number(frame), frame.frame);
    }
    // Playing again starts over.
    player.play(4.0);
    let again = watch(&player);
    assert!(again.iter().any(|frame| frame.frame < 10));
    assert_eq!(again.last().unwrap().frame, 44);
}

#[test]
fn backwards_goes_frame_by_frame_to_the_start() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 150, "30"));
    player.seek(70, true);
    wait_for(&player, 70);
    player.play(-2.0);
    let seen = watch(&player);
    assert!(seen.windows(2).all(|w| w[0].frame > w[1].frame));
    assert_eq!(seen.last().unwrap().frame, 0);
    for frame in &seen {
        assert_eq!(number(frame), frame.frame);
    }
    player.play(1.0);
    wait_for(&player, 3);
}

#[test]
fn only_the_summary_is_played_and_joins_lose_nothing() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 600, "30"));
    wait_for(&player, 0);
    let ranges = [
        FrameRange::new(10, 20),
        FrameRange::new(200, 215),
        FrameRange::new(215, 220),
        FrameRange::new(395, 405),
        FrameRange::new(590, 600),
    ];
    player.set_ranges(Some(&ranges));
    wait_for(&player, 10);
    let state = player.state_at(Instant::now());
    assert!((state.played_total_secs - 50.0 / 30.0).abs() < 1e-6);
    // Slowly, so that a busy machine does not pass over frames.
    player.play(0.25);
    let seen: Vec<u64> = watch(&player).iter().map(|f| f.frame).collect();
    let expected: Vec<u64> = ranges.iter().flat_map(|r| r.start..r.end).collect();
    assert!(
        seen.iter().all(|frame| expected.contains(frame)),
        "{seen:?}"
    );
    assert!(seen.len() * 10 >= expected.len() * 9, "{seen:?}");
    for range in ranges {
        assert!(
            seen.iter().any(|&f| range.contains(f)),
            "{range:?} {seen:?}"
        );
    }
    // Another sample while playing: the position moves to the next frame that is played.
    player.seek(396, true);
    wait_for(&player, 396);
    player.set_ranges(Some(&[
        FrameRange::new(100, 110),
        FrameRange::new(500, 520),
    ]));
    wait_for(&player, 500);
    player.seek(50, true);
    wait_for(&player, 100);
    player.set_ranges(None);
    wait_for(&player, 100);
    assert_eq!(player.state_at(Instant::now()).frame, 100);
}

#[test]
fn pieces_play_in_the_order_in_which_they_are_given_both_ways() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 300, "30"));
    let range = FrameRange::new;
    // The last goes on in the video where the first begins.
    let ranges = [range(200, 212), range(90, 102), range(188, 200)];
    player.set_ranges(Some(&ranges));
    player.seek(200, true);
    wait_for(&player, 200);
    player.play(0.25);
    let seen: Vec<u64> = watch(&player).iter().map(|f| f.frame).collect();
    let expected: Vec<u64> = ranges.iter().flat_map(|r| r.start..r.end).collect();
    let turn = |frame: &u64| expected.iter().position(|other| other == frame);
    let turns: Vec<usize> = seen.iter().filter_map(turn).collect();
    assert_eq!(turns.len(), seen.len(), "{seen:?}");
    assert!(turns.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    assert!(seen.len() * 10 >= expected.len() * 9, "{seen:?}");
    assert_eq!(seen.last(), Some(&199));
    // Over the joins by single frames, and backwards.
    player.seek(211, true);
    wait_for(&player, 211);
    player.step(1);
    wait_for(&player, 90);
    player.step(-1);
    wait_for(&player, 211);
    player.seek(190, true);
    wait_for(&player, 190);
    player.play(-0.5);
    let back: Vec<u64> = watch(&player).iter().map(|f| f.frame).collect();
    let turns: Vec<usize> = back.iter().filter_map(turn).collect();
    assert!(turns.windows(2).all(|pair| pair[0] > pair[1]), "{back:?}");
    assert_eq!(back.last(), Some(&200));
    // At a speed at which pictures are left out, too.
    player.play(4.0);
    let fast: Vec<u64> = watch(&player).iter().map(|f| f.frame).collect();
    let turns: Vec<usize> = fast.iter().filter_map(turn).collect();
    // The first may be there from before, and comes again.
    assert!(turns.windows(2).all(|pair| pair[0] <= pair[1]), "{fast:?}");
    assert_eq!(fast.last(), Some(&199));
}

#[test]
fn backwards_over_a_join() {
    let dir = scratch();
    let player = open(&long_groups(&dir, 240, "30"));
    player.set_ranges(Some(&[FrameRange::new(30, 36), FrameRange::new(130, 136)]));
    player.seek(134, true);
    wait_for(&player, 134);
    player.play(-0.5);
    let seen: Vec<u64> = watch(&player).iter().map(|f| f.frame).collect();
    assert_eq!(seen.last(), Some(&30));
    assert!(
        seen.iter()
            .all(|f| (30..36).contains(f) || (130..136).contains(f))
    );
    assert!(seen.contains(&35) || seen.contains(&34));
}

#[test]
fn damage_and_truncation_do_not_stop_the_player() {
    let dir = scratch();
    let path = long_groups(&dir, 240, "30");
    let mut bytes = std::fs::read(&path).unwrap();
    let (from, to) = (bytes.len() * 3 / 10, bytes.len() * 4 / 10);
    for at in (from..to).step_by(61) {
        bytes[at] ^= 0x5a;
    }
    let broken = dir.path().join("broken.mp4");
    std::fs::write(&broken, bytes).unwrap();
    let Ok((_, index)) = look(&broken) else {
        panic!("the index is whole");
    };
    let player = Player::open(&broken, &index, PlayerOptions::default()).unwrap();
    player.seek(239, true);
    wait_for(&player, 239);
    player.seek(0, true);
    wait_for(&player, 0);
    player.play(8.0);
    let seen = watch(&player);
    assert!(seen.last().unwrap().frame > 200);
}

#[test]
fn thumbnails_come_from_the_nearest_keyframe() {
    let dir = scratch();
    let path = long_groups(&dir, 200, "20");
    let (_, index) = look(&path).unwrap();
    let mut thumbs = Thumbnailer::open(&path, &index).unwrap();
    for (secs, key) in [(0.0, 0), (2.0, 60), (9.9, 180), (3.1, 60), (0.2, 0)] {
        let image = thumbs.at_secs(secs, 160).unwrap();
        assert_eq!(image.width, 160);
        assert_eq!(read_number(&image), key, "{secs}");
    }
    assert_eq!(read_number(&thumbs.exact(77).unwrap().to_rgb()), 77);
    assert_eq!(read_number(&thumbs.at_frame(119, 96).unwrap()), 120);
}

#[test]
fn deep_and_rgb_pictures_keep_their_planes() {
    let dir = scratch();
    let deep = make(
        &dir,
        "deep.mkv",
        12,
        "10",
        &[H264, &["-pix_fmt", "yuv422p10le"]].concat(),
    );
    let (_, index) = look(&deep).unwrap();
    let frame = Thumbnailer::open(&deep, &index).unwrap().exact(9).unwrap();
    assert_eq!((frame.bit_depth, frame.chroma_shift), (10, (1, 0)));
    assert_eq!(number(&frame), 9);
    let rgb = make(
        &dir,
        "rgb.mkv",
        12,
        "10",
        &["-c:v", "ffv1", "-pix_fmt", "bgr0"],
    );
    let (_, index) = look(&rgb).unwrap();
    let frame = Thumbnailer::open(&rgb, &index).unwrap().exact(11).unwrap();
    assert_eq!(frame.colour.matrix, color::Matrix::Identity);
    assert_eq!(number(&frame), 11);
    // Formats that are no three plain planes, shallow and deep.
    for (name, format) in [
        ("grey", "gray10le"),
        ("pal", "gray"),
        ("deep rgb", "gbrp12le"),
    ] {
        let path = make(
            &dir,
            &format!("{name}.mkv"),
            8,
            "8",
            &["-c:v", "ffv1", "-strict", "-2", "-pix_fmt", format],
        );
        let (_, index) = look(&path).unwrap();
        let frame = Thumbnailer::open(&path, &index).unwrap().exact(6).unwrap();
        assert_eq!(number(&frame), 6, "{name}");
    }
}
