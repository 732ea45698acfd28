use super::*;
use crate::jobs::CancelToken;
use crate::testing::{ffmpeg, fixture, video};

/// A link to a clip of 48 numbered frames at 24 a second.
fn link(dir: &std::path::Path) -> Box<dyn PlayerLink> {
    let clip = dir.join("clip.mp4");
    let source = video::numbered(48, "24");
    let args = ["-f", "lavfi", "-i", source.as_str(), "-g", "12"];
    ffmpeg(args.into_iter().chain([clip.to_str().unwrap()]));
    let (probe, index) = crate::media::inspect(&clip, &CancelToken::new(), &mut |_| {}).unwrap();
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    session.video = probe.info;
    session.index = Arc::new(index);
    maker(Context::default(), None)(&state).unwrap()
}

fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn wait_for_frame(link: &mut dyn PlayerLink, number: u64) {
    let shows = |picture: &RgbImage| video::read_number(picture) == number;
    wait(|| link.picture().filter(shows));
}

#[test]
fn what_is_asked_before_the_player_is_open_is_done_once_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut link = link(dir.path());
    link.send(&PlayerRequest::Seek { secs: 30.0 / 24.0 });
    let status = wait(|| link.status());
    assert!(
        (status.position_secs - 30.0 / 24.0).abs() < 1e-6,
        "{status:?}"
    );
    assert!(!status.playing);
    // The keyframe before it may be shown first.
    wait_for_frame(link.as_mut(), 30);
    link.send(&PlayerRequest::Step { frames: -1 });
    wait_for_frame(link.as_mut(), 29);
    // A speed by itself starts nothing.
    link.send(&PlayerRequest::Speed(2.0));
    assert!(!link.status().unwrap().playing);
    link.send(&PlayerRequest::Play);
    assert!(link.status().unwrap().playing);
    link.send(&PlayerRequest::Pause);
    assert!(!link.status().unwrap().playing);
    assert_eq!(link.error(), None);
}

#[test]
fn a_video_that_is_gone_gives_a_sentence_and_no_picture() {
    let mut state = fixture::state();
    state.session.as_mut().unwrap().video.path = "/nowhere/clip.mp4".into();
    let mut link = maker(Context::default(), None)(&state).unwrap();
    let error = wait(|| {
        link.status();
        link.error()
    });
    assert!(error.contains("clip.mp4"), "{error}");
    assert!(link.picture().is_none());
    assert!(maker(Context::default(), None)(&AppState::default()).is_none());
}
