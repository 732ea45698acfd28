use super::*;
use crate::domain::FrameRange;
use crate::domain::VideoRecord;

/// An engine whose workers a test runs itself, and their end of it.
fn idle_engine() -> (Engine, Reporter) {
    let (sender, events) = crossbeam_channel::bounded(EVENT_CAPACITY);
    let generation = Generation::default();
    let reporter = Reporter {
        sender,
        wake: Arc::new(|| {}),
        generation: generation.clone(),
    };
    let engine = Engine {
        wanted: Mailbox::default(),
        select: Mailbox::default(),
        generation,
        opening: Mutex::default(),
        drawing: Mutex::default(),
        settling: Arc::default(),
        events,
    };
    (engine, reporter)
}

fn video() -> Arc<GivenVideo> {
    let record = VideoRecord {
        frame_count: 60,
        features: Array2::from_elem((4, 3), 1.0),
        picks: vec![0, 15, 30, 45],
        segments: vec![FrameRange::new(0, 20), FrameRange::new(20, 60)],
        ..VideoRecord::default()
    };
    Arc::new(GivenVideo::from_record("d.h5/a".into(), &record))
}

fn request() -> OpenRequest {
    OpenRequest {
        path: "d.h5/a".into(),
        options: PrepareOptions::default(),
        settings: DrawSettings::default(),
        known_kinds: Vec::new(),
        given: Some(GivenRequest {
            video: video(),
            random: true,
        }),
    }
}

/// Lets the analyst work off what waits; the events of the current opening.
fn work_off(engine: &Engine, reporter: Reporter) -> Vec<Event> {
    engine.wanted.close();
    Analyst {
        mail: engine.wanted.clone(),
        select: engine.select.clone(),
        reporter,
        settling: Arc::default(),
        current: None,
    }
    .run();
    std::iter::from_fn(|| engine.poll()).collect()
}

#[test]
fn an_opening_is_cancelled_while_it_waits() {
    let (engine, reporter) = idle_engine();
    engine.open(request());
    engine.cancel();
    let events = work_off(&engine, reporter);
    assert!(matches!(events[..], [Event::Cancelled]), "{events:?}");
}

#[test]
fn a_draw_is_cancelled_while_it_waits_and_a_newer_one_is_not() {
    let (engine, reporter) = idle_engine();
    engine.open(request());
    engine.draw(DrawSettings::default());
    // Only the draw: the video is opened, and nothing is drawn from it.
    engine.drawing.lock().cancel();
    let events = work_off(&engine, reporter);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Ready { .. }))
    );
    assert!(
        matches!(events.last(), Some(Event::Cancelled)),
        "{events:?}"
    );

    let (engine, reporter) = idle_engine();
    engine.cancel();
    engine.open(request());
    engine.draw(DrawSettings::default());
    let events = work_off(&engine, reporter);
    assert!(matches!(events.last(), Some(Event::Done(_))), "{events:?}");
}

#[test]
fn scores_of_a_left_video_do_not_set_the_budget_of_the_next() {
    let (engine, reporter) = idle_engine();
    let mail = engine.select.clone();
    let selector = Selector {
        mail: mail.clone(),
        reporter,
    };
    let worker = jobs::spawn("selector test", move || selector.run()).unwrap();
    let scored = |generation: u64, budget: f64| Scored {
        generation,
        timeline: video().timeline(),
        scores: Arc::new(Array2::from_elem((2, 4), 0.5)),
        settings: DrawSettings {
            budget,
            ..DrawSettings::default()
        },
        partial: false,
        known: Vec::new(),
    };
    let old = engine.generation.advance();
    let new = engine.generation.advance();
    for (generation, budget) in [(old, 0.9), (new, 0.4)] {
        mail.update(|wanted| {
            wanted.get_or_insert_default().scores = Some(scored(generation, budget));
        });
        while mail.has_mail() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    mail.close();
    worker.join().unwrap();
    let draws: Vec<f64> = std::iter::from_fn(|| engine.poll())
        .filter_map(|event| match event {
            Event::Draw(draw) => Some(draw.settings.budget),
            _ => None,
        })
        .collect();
    assert_eq!(draws, [0.4]);
}

#[test]
fn answers_weigh_the_samples_that_are_there_and_those_that_come() {
    let (engine, reporter) = idle_engine();
    let mail = engine.select.clone();
    let selector = Selector { mail, reporter };
    let worker = jobs::spawn("selector test", move || selector.run()).unwrap();
    let generation = engine.generation.advance();
    let scores = ndarray::array![[0.9f32, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9]];
    let scored = |settings| Scored {
        generation,
        timeline: video().timeline(),
        scores: Arc::new(scores.clone()),
        settings,
        partial: false,
        known: Vec::new(),
    };
    let send = |settings| {
        let scores = Some(scored(settings));
        engine.select.put(SelectWanted {
            scores,
            ..SelectWanted::default()
        });
    };
    let next = || loop {
        if let Some(Event::Draw(draw)) = engine.poll() {
            break draw;
        }
        std::thread::yield_now();
    };
    send(DrawSettings::default());
    assert!(next().weights.is_none());
    let steering = Steering {
        keep: vec![(0.0, 0.6)],
        ..Steering::default()
    };
    engine.set_steering(steering.clone());
    let steered = next();
    assert!(steered.selections.iter().all(|chosen| chosen.contains(&0)));
    let weights = steered.weights.as_deref().unwrap();
    assert!(weights[0] == 1.0 && weights[1] < 1.0);
    // Samples that were asked for before the answer was given are steered, too.
    send(DrawSettings::default());
    assert_eq!(next().settings.steering, steering);
    // Those that were drawn under it weigh the same.
    send(DrawSettings {
        drawn_under: steering.clone(),
        ..DrawSettings::default()
    });
    assert_eq!(next().weights.as_deref(), Some(&[1.0, 1.0][..]));
    engine.select.close();
    worker.join().unwrap();
}

#[test]
fn the_sound_of_an_opening_is_measured_and_that_of_an_older_one_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mkv");
    let out = path.display().to_string();
    let tone = "aevalsrc='0.5*sin(880*t)*lt(t,1)':d=2:s=16000";
    let picture = crate::testing::video::numbered(20, "10");
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", tone];
    crate::testing::ffmpeg(inputs.into_iter().chain(["-c:a", "pcm_s16le", &out]));
    let cancel = CancelToken::new();
    let (probe, index) = crate::media::inspect(&path, &cancel, &mut |_| {}).unwrap();
    let index = Arc::new(index);
    let (engine, reporter) = idle_engine();
    let old = engine.generation.advance();
    let new = engine.generation.advance();
    for generation in [old, new] {
        let (video, index) = (probe.info.clone(), Arc::clone(&index));
        listen(
            video,
            index,
            generation,
            CancelToken::new(),
            reporter.clone(),
        );
    }
    drop(reporter);
    // Both threads have ended once the channel is closed.
    let mut heard = Vec::new();
    while let Ok(notice) = engine.events.recv() {
        assert_eq!(notice.generation, new);
        heard.push(notice.event);
    }
    let (Some(Event::Cues(cues)), Some(Event::Sound(levels))) = (heard.pop(), heard.pop()) else {
        panic!("{heard:?}");
    };
    assert!(cues.is_empty());
    assert!(levels.is_whole && levels.known_secs() == 2.0);
    assert!(levels.decibels_at(0.5) > Some(-20.0) && levels.decibels_at(1.5) < Some(-60.0));
}
