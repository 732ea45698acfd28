//! Sound of stretches, to the sample.

use super::*;
use crate::media::player::{SoundReader, TestSound};

const HZ: u32 = 8000;

/// Ten seconds of numbered video whose sound is a tone during the odd seconds only.
fn beeping(dir: &TempDir, name: &str, args: &[&str]) -> PathBuf {
    let path = dir.path().join(name);
    let video = crate::testing::video::numbered(100, "10");
    let tone = "aevalsrc='0.5*sin(880*t)*mod(floor(t),2)':d=10:s=44100";
    let mut all = vec!["-f", "lavfi", "-i", &video, "-f", "lavfi", "-i", tone];
    all.extend_from_slice(args);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    path
}

fn read_all(reader: &mut SoundReader) -> Vec<f32> {
    let mut out = Vec::new();
    while reader.read(&mut out) {}
    // Left channel only.
    out.chunks(2).map(|pair| pair[0]).collect()
}

fn loudness(samples: &[f32], from_secs: f64, to_secs: f64) -> f32 {
    let at = |secs: f64| (secs * f64::from(HZ)) as usize;
    let part = &samples[at(from_secs)..at(to_secs)];
    (part.iter().map(|v| v * v).sum::<f32>() / part.len() as f32).sqrt()
}

#[test]
fn stretches_are_exact_and_joined_without_a_gap() {
    let dir = scratch();
    for (name, codec) in [
        ("a.mkv", "pcm_s16le"),
        ("b.mp4", "aac"),
        ("c.webm", "libopus"),
    ] {
        let video: &[&str] = if name.ends_with("webm") {
            &["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]
        } else {
            H264
        };
        let path = beeping(&dir, name, &[video, &["-c:a", codec]].concat());
        let (probe, index) = look(&path).unwrap();
        assert!(probe.info.has_audio);
        let mut reader = SoundReader::open(&path, &index, HZ).unwrap();
        // Half a second loud, one silent, a quarter loud.
        reader.set_spans(vec![(1.25, 1.75), (4.0, 5.0), (7.5, 7.75)]);
        let samples = read_all(&mut reader);
        assert_eq!(samples.len(), (1.75 * f64::from(HZ)) as usize, "{name}");
        assert!(loudness(&samples, 0.02, 0.48) > 0.2, "{name}");
        assert!(loudness(&samples, 0.55, 1.45) < 0.02, "{name}");
        assert!(loudness(&samples, 1.52, 1.74) > 0.2, "{name}");
        // Fades at the joins.
        assert!(
            samples[0].abs() < 0.1 && samples[3999].abs() < 0.1,
            "{name}"
        );
        // Read again elsewhere, backwards in the file.
        reader.set_spans(vec![(0.0, 2.0)]);
        let samples = read_all(&mut reader);
        assert_eq!(samples.len(), 2 * HZ as usize, "{name}");
        assert!(loudness(&samples, 0.05, 0.95) < 0.02, "{name}");
        assert!(loudness(&samples, 1.05, 1.95) > 0.2, "{name}");
    }
}

#[test]
fn missing_sound_is_silence() {
    let dir = scratch();
    // Sound that starts at 3 s and ends at 5 s of ten.
    let path = dir.path().join("late.mkv");
    let video = crate::testing::video::numbered(100, "10");
    let mut all = vec![
        "-f",
        "lavfi",
        "-i",
        &video,
        "-itsoffset",
        "3",
        "-f",
        "lavfi",
    ];
    all.extend_from_slice(&["-i", "sine=f=300:d=2:r=44100", "-c:a", "pcm_s16le"]);
    all.extend_from_slice(H264);
    all.push(path.to_str().unwrap());
    ffmpeg(all);
    let (_, index) = look(&path).unwrap();
    let mut reader = SoundReader::open(&path, &index, HZ).unwrap();
    reader.set_spans(vec![(2.0, 6.0), (8.0, 9.0)]);
    let samples = read_all(&mut reader);
    assert_eq!(samples.len(), 5 * HZ as usize);
    assert!(loudness(&samples, 0.0, 0.95) < 0.001);
    assert!(loudness(&samples, 1.05, 2.95) > 0.05);
    assert!(loudness(&samples, 3.05, 5.0) < 0.001);
}

#[test]
fn a_silent_video_has_no_sound_to_read() {
    let dir = scratch();
    let path = make(&dir, "mute.mp4", 5, "5", H264);
    let (probe, index) = look(&path).unwrap();
    assert!(!probe.info.has_audio);
    assert!(SoundReader::open(&path, &index, HZ).is_err());
}

/// Takes sample frames as a device does, waiting for the worker; the left channel.
fn pull(sound: &TestSound, frames: usize) -> Vec<f32> {
    let started = std::time::Instant::now();
    let mut out = Vec::new();
    while out.len() < frames {
        let before = sound.taken();
        let mut block = [0.0f32; 2 * 64];
        sound.pull(&mut block, 2);
        let took = (sound.taken() - before) as usize;
        out.extend(block.chunks(2).take(took).map(|pair| pair[0]));
        if took == 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert!(started.elapsed().as_secs() < 60, "no sound came");
    }
    out
}

#[test]
fn the_device_hears_what_is_played_from_where_it_is_played() {
    let dir = scratch();
    let path = beeping(&dir, "a.mkv", &[H264, &["-c:a", "pcm_s16le"]].concat());
    let (_, index) = look(&path).unwrap();
    let sound = TestSound::without_device(SoundReader::open(&path, &index, HZ).unwrap(), HZ);
    assert_eq!(sound.heard_secs(), None);
    // From playing second 0.5: half a second of tone, then silence.
    sound.restart(0.5, vec![(1.5, 2.0), (4.0, 5.0)], 1.0, true);
    let samples = pull(&sound, 8000);
    assert!(loudness(&samples, 0.05, 0.45) > 0.2);
    assert!(loudness(&samples, 0.55, 0.95) < 0.01);
    let heard = sound.heard_secs().unwrap();
    assert!((1.49..1.62).contains(&heard), "{heard}");
    // Held while the picture waits: the device gets silence and nothing is used up.
    sound.set_running(false);
    let before = sound.taken();
    let mut block = [1.0f32; 64];
    sound.pull(&mut block, 2);
    assert_eq!(block, [0.0; 64]);
    assert_eq!((sound.taken(), sound.heard_secs()), (before, None));
    // A new place drops what was decoded ahead; twice the speed covers two seconds in one.
    sound.restart(0.0, vec![(0.0, 4.0)], 2.0, true);
    let samples = pull(&sound, 12_000);
    assert!(loudness(&samples, 0.05, 0.4) < 0.02);
    assert!(loudness(&samples, 0.6, 0.9) > 0.2);
    assert!(loudness(&samples, 1.1, 1.4) < 0.02);
    assert!(sound.heard_secs().unwrap() > 2.9);
    // Backwards there is no sound.
    sound.restart(3.0, vec![(0.0, 4.0)], -1.0, true);
    assert_eq!(sound.heard_secs(), None);
}

#[test]
fn a_device_that_stops_is_not_followed_any_more() {
    let dir = scratch();
    let path = beeping(&dir, "a.mkv", &[H264, &["-c:a", "pcm_s16le"]].concat());
    let (_, index) = look(&path).unwrap();
    let sound = TestSound::without_device(SoundReader::open(&path, &index, HZ).unwrap(), HZ);
    sound.restart(0.0, vec![(0.0, 10.0)], 1.0, true);
    pull(&sound, 1000);
    assert!(sound.heard_secs().is_some());
    // It takes nothing any more, without a word.
    std::thread::sleep(std::time::Duration::from_millis(350));
    assert_eq!(sound.heard_secs(), None);
    // It goes on, and a hiccup is no end.
    pull(&sound, 1000);
    sound.fail(cpal::ErrorKind::Xrun);
    pull(&sound, 64);
    assert!(sound.heard_secs().is_some() && sound.is_playable());
    sound.fail(cpal::ErrorKind::DeviceNotAvailable);
    assert_eq!(sound.heard_secs(), None);
    assert!(!sound.is_playable());
}

#[test]
fn levels_follow_the_sound_in_every_codec_and_channel_layout() {
    let dir = scratch();
    for (name, args) in [
        ("a.mkv", &["-c:a", "pcm_s16le"][..]),
        ("b.mp4", &["-c:a", "aac"]),
        ("c.mkv", &["-c:a", "flac", "-ar", "96000", "-ac", "6"]),
        ("d.mkv", &["-c:a", "pcm_u8", "-ar", "8000", "-ac", "1"]),
    ] {
        let path = beeping(&dir, name, &[H264, args].concat());
        let (_, index) = look(&path).unwrap();
        let mut parts = 0;
        let levels = sound_levels(&path, &index, &CancelToken::new(), &mut |_| parts += 1).unwrap();
        assert!(levels.is_whole, "{name}");
        assert_eq!(levels.known_secs(), 10.0, "{name}");
        // A tone of amplitude 0.5 during the odd seconds, -9 dB as its root of the mean square;
        // what is mixed into other channels on the way is a few dB less.
        for second in 0..10 {
            let middle = levels.decibels_at(f64::from(second) + 0.5).unwrap();
            if second % 2 == 1 {
                assert!((-16.0..-8.0).contains(&middle), "{name} {second}: {middle}");
            } else {
                assert!(middle < -40.0, "{name} {second}: {middle}");
            }
        }
        assert!((0.2..0.62).contains(&levels.loudest()), "{name}");
    }
}

#[test]
fn measuring_stops_when_it_is_cancelled_and_a_silent_video_has_no_levels() {
    let dir = scratch();
    let path = beeping(&dir, "a.mkv", &[H264, &["-c:a", "pcm_s16le"]].concat());
    let (_, index) = look(&path).unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    let stopped = sound_levels(&path, &index, &cancel, &mut |_| {}).unwrap_err();
    assert!(stopped.is_cancelled());
    let mute = make(&dir, "mute.mp4", 5, "5", H264);
    let (_, index) = look(&mute).unwrap();
    assert!(sound_levels(&mute, &index, &CancelToken::new(), &mut |_| {}).is_err());
}
