use super::*;
use crate::domain::{FrameRange, VideoRecord};
use crate::pipeline::methods::Method;
use crate::pipeline::{GivenVideo, ScoredSamples};

/// A minute of video in segments of 3 s, scored by chance: the hardest case, as no sample is like
/// another.
fn video() -> (GivenVideo, SamplingSession) {
    let record = VideoRecord {
        frame_count: 1800,
        frame_rate_fps: 30.0,
        features: Array2::from_shape_fn((120, 4), |(row, at)| ((row * 7 + at * 3) % 13) as f32),
        picks: (0..120).map(|pick| pick * 15).collect(),
        segments: (0..20)
            .map(|at| FrameRange::new(at * 90, (at + 1) * 90))
            .collect(),
        ..VideoRecord::default()
    };
    let video = GivenVideo::from_record("d.h5/a".into(), &record);
    let session = Method::Random.condition(&video.features).unwrap();
    (video, session)
}

fn settled(from: &KindsFrom) -> (Timeline, SamplingSession, Arc<Kinds>) {
    let (video, mut session) = video();
    let timeline = video.timeline();
    let cancel = CancelToken::new();
    let kinds = settled_kinds(&mut session, &timeline, None, from, &cancel, &mut |_| ()).unwrap();
    (timeline, session, kinds)
}

fn drawn(
    timeline: &Timeline,
    session: &mut SamplingSession,
    kinds: &Arc<Kinds>,
    seed: u64,
) -> ScoredSamples {
    let settings = DrawSettings {
        seed,
        samples: 40,
        ..DrawSettings::default()
    };
    let scores = session
        .draw(&settings, &CancelToken::new(), &mut |_| ())
        .unwrap();
    ScoredSamples::new(timeline, scores, settings, false, Arc::clone(kinds))
}

#[test]
fn neither_seed_nor_budget_changes_a_letter_or_a_face() {
    let (timeline, mut session, kinds) = settled(&KindsFrom::Pool);
    assert!(
        kinds.settled && kinds.kinds.len() >= 2,
        "{}",
        kinds.kinds.len()
    );
    let first = drawn(&timeline, &mut session, &kinds, 0).select(0.15);
    let letters: Vec<String> = first.alternatives.iter().map(|k| k.label.clone()).collect();
    assert_eq!(letters[..2], ["A", "B"]);
    for seed in 1..10 {
        let draw = drawn(&timeline, &mut session, &kinds, seed).select(0.15);
        for (one, other) in first.alternatives.iter().zip(&draw.alternatives) {
            assert_eq!(one.label, other.label);
            assert_eq!(one.selected_segments, other.selected_segments);
            assert_eq!(one.distinguishes, other.distinguishes);
        }
    }
    let samples = drawn(&timeline, &mut session, &kinds, 3);
    let members = |draw: &crate::domain::Draw| -> Vec<Vec<usize>> {
        draw.alternatives
            .iter()
            .map(|k| k.members.clone())
            .collect()
    };
    let at_15 = members(&samples.select(0.15));
    for percent in 0..=100 {
        let draw = samples.select(f64::from(percent) / 100.0);
        let found: Vec<String> = draw.alternatives.iter().map(|k| k.label.clone()).collect();
        assert_eq!(found, letters, "at {percent} %");
        assert_eq!(members(&draw), at_15, "at {percent} %");
        let kept: usize = draw.alternatives[0].selected_segments.len();
        assert!(kept <= percent as usize / 5, "{kept} at {percent} %");
    }
}

#[test]
fn steering_holds_in_every_summary_and_moves_shares_alone() {
    let (timeline, mut session, kinds) = settled(&KindsFrom::Pool);
    let plain = drawn(&timeline, &mut session, &kinds, 1);
    let before = plain.select(0.3);
    let steering = crate::domain::Steering {
        keep: vec![(3.0, 6.0)],
        leave_out: vec![(30.5, 31.0)],
        rate: vec![crate::domain::RatedRange {
            start_secs: 12.0,
            end_secs: 15.0,
            rating: 5,
        }],
    };
    let steered = plain.with_steering(steering);
    let after = steered.select(0.3);
    let faces = after
        .alternatives
        .iter()
        .map(|kind| &kind.selected_segments);
    for summary in faces.chain(after.selections.iter()) {
        assert!(
            summary.contains(&1) && !summary.contains(&10),
            "{summary:?}"
        );
    }
    assert_eq!(after.selection_frequency[1], 1.0);
    assert_eq!(after.selection_frequency[10], 0.0);
    assert!(after.selection_frequency[4] > before.selection_frequency[4]);
    for (one, other) in before.alternatives.iter().zip(&after.alternatives) {
        assert_eq!((&one.label, &one.members), (&other.label, &other.members));
    }
    assert!(after.alternatives[0].share != before.alternatives[0].share);
    let cleared = steered
        .with_steering(crate::domain::Steering::default())
        .select(0.3);
    assert_eq!(cleared.alternatives, before.alternatives);
    assert_eq!(cleared.selections, before.selections);
    assert!(cleared.weights.is_none());
}

#[test]
fn a_pool_in_parts_is_the_pool() {
    let (_, mut session) = video();
    let settings = |samples| DrawSettings {
        samples,
        ..DrawSettings::default()
    };
    let cancel = CancelToken::new();
    let whole = session.draw(&settings(50), &cancel, &mut |_| ()).unwrap();
    let part = session
        .draw_from(20, &settings(30), &cancel, &mut |_| ())
        .unwrap();
    assert_eq!(whole.slice(s![20.., ..]), *part);
}

#[test]
fn a_cancelled_pool_goes_on_where_it_was() {
    let (timeline, _, kinds) = settled(&KindsFrom::Pool);
    let (_, mut session) = video();
    let mut pool = Pool::new(&session, None, Vec::new());
    for _ in 0..3 {
        let found = pool.step(&mut session, &timeline, &CancelToken::new());
        assert!(found.unwrap().is_none());
    }
    let found = loop {
        let found = pool.step(&mut session, &timeline, &CancelToken::new());
        if let Some(found) = found.unwrap() {
            break found;
        }
    };
    assert_eq!(found, kinds);
}

#[test]
fn letters_are_carried_over_and_other_analyses_kinds_are_kept() {
    let (timeline, _, kinds) = settled(&KindsFrom::Pool);
    let mut known = known_kinds(&timeline, &kinds);
    known[0].label = "Y".to_owned();
    known[1].label = "X".to_owned();
    let (_, _, named) = settled(&KindsFrom::Named(known.clone()));
    let letter_of = |scores: &[f32]| {
        let found = named.kinds.iter().find(|kind| kind.scores == scores);
        found.unwrap().letter.label()
    };
    assert_eq!(letter_of(&kinds.kinds[0].scores), "Y");
    assert_eq!(letter_of(&kinds.kinds[1].scores), "X");
    assert!(
        named
            .kinds
            .windows(2)
            .all(|pair| pair[0].letter < pair[1].letter)
    );
    known.truncate(2);
    let (_, _, kept) = settled(&KindsFrom::Kept(known));
    let letters: Vec<String> = kept.kinds.iter().map(|k| k.letter.label()).collect();
    assert_eq!(letters, ["X", "Y"]);
    assert_eq!(kept.kinds[1].scores, kinds.kinds[0].scores);
}

#[test]
fn kinds_are_kept_beside_the_features() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), 1 << 20);
    let key = FeatureKey {
        content_sha256: "a".to_owned(),
        bundle_sha256: "b".to_owned(),
        sampling_fps: 2.0,
        device: "cpu".to_owned(),
    };
    let cache = KindCache {
        store: store.clone(),
        key: key.clone(),
        name: "x".to_owned(),
    };
    let (timeline, session, kinds) = settled(&KindsFrom::Pool);
    let means: Vec<Vec<f32>> = kinds.kinds.iter().map(|k| k.scores.clone()).collect();
    // Without the features nothing is kept.
    cache.keep(&means);
    assert!(cache.load(120).is_none());
    let features = crate::cache::CachedFeatures {
        features: crate::domain::Features {
            values: Array2::zeros((1, 1)),
            picks: vec![0],
            pick_times_secs: vec![0.0],
            network_rows: Vec::new(),
        },
        thumbs: Vec::new(),
        shots: crate::domain::Shots::default(),
        warnings: Vec::new(),
    };
    store.store_features(&key, &features).unwrap();
    cache.keep(&means);
    assert!(cache.load(121).is_none(), "of other picks");
    let pool = Pool::new(&session, Some(cache), Vec::new());
    assert_eq!(pool.cached(&timeline), Some(kinds));
}

#[test]
fn letters_of_the_first_samples_have_no_gaps_and_those_that_a_person_knows_stay() {
    let (timeline, mut session, _) = settled(&KindsFrom::Pool);
    let settings = DrawSettings {
        samples: 40,
        ..DrawSettings::default()
    };
    let scores = session.draw(&settings, &CancelToken::new(), &mut |_| ());
    let scores = scores.unwrap();
    // As after other samples, of whose kinds one is gone and one goes on far behind.
    let mut before = known_kinds(&timeline, &first_kinds(&timeline, scores.view(), &[]));
    assert!(before.len() >= 2);
    before[0].label = "H".to_owned();
    let letters = |kinds: &Kinds| -> Vec<String> {
        (kinds.kinds.iter())
            .map(|kind| kind.letter.label())
            .collect()
    };
    let found = first_kinds(&timeline, scores.view(), &before);
    let row: Vec<String> = (0..found.kinds.len() as u8)
        .map(|at| Letter(at).label())
        .collect();
    assert_eq!(letters(&found), row);
    // Those that were there stay with their kinds.
    assert_eq!(found.kinds[1].scores, before[1].scores);
    let named = first_kinds_named(&timeline, scores.view(), &before);
    assert!(letters(&named).contains(&"H".to_owned()), "{named:?}");
}
