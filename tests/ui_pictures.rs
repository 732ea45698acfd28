//! Pictures of every view, compared with those in `tests/snapshots`.

#[path = "common/pictures.rs"]
mod pictures;

use std::sync::Arc;

use self::pictures::{check, drawn};
use summdiff_explorer::app::dataset_headless;
use summdiff_explorer::app::layout::Pane;
use summdiff_explorer::app::offscreen::PictureView;
use summdiff_explorer::domain::{Letter, SummaryRef};
use summdiff_explorer::jobs::{CancelToken, Progress};
use summdiff_explorer::session::report::ErrorReport;
use summdiff_explorer::session::{Pair, PairSide};
use summdiff_explorer::state::command::Command;
use summdiff_explorer::state::figuring::FigureCommand;
use summdiff_explorer::state::{AppState, Overlay};
use summdiff_explorer::testing::dataset;
use summdiff_explorer::testing::fixture::{self, Size};
use summdiff_explorer::ui::theme::ThemeChoice;

fn panel(name: &str, state: AppState, size: [u32; 2], pane: Pane) {
    check(
        name,
        state,
        size,
        PictureView::Panel(pane),
        ThemeChoice::Dark,
    );
}

#[test]
fn explorer_dark_and_light() {
    check(
        "explorer_dark",
        fixture::state(),
        [1600, 1000],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
    check(
        "explorer_light",
        fixture::state(),
        [1280, 800],
        PictureView::Explorer,
        ThemeChoice::Light,
    );
}

#[test]
fn small_and_narrow_windows() {
    check(
        "explorer_1280",
        fixture::state(),
        [1280, 760],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
    check(
        "six_1280",
        fixture::state_of(Size {
            alternatives: 6,
            ..Size::default()
        }),
        [1280, 720],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
    check(
        "explorer_narrow",
        fixture::state(),
        [560, 800],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn welcome() {
    let mut state = AppState::default();
    state.prefs.recent = ["/films/harbour_day.mp4", "/films/talks/opening.mkv"]
        .map(Into::into)
        .to_vec();
    check(
        "welcome",
        state,
        [960, 640],
        PictureView::Welcome,
        ThemeChoice::Dark,
    );
    check(
        "welcome_light",
        AppState::default(),
        [960, 640],
        PictureView::Welcome,
        ThemeChoice::Light,
    );
}

#[test]
fn analysing_shows_what_is_there() {
    let mut state = fixture::state();
    state.progress = Some(Progress {
        stage: "Reading frames",
        fraction: Some(0.42),
        eta_secs: Some(11.0),
    });
    state.status = "Opened harbour_day.mp4".to_owned();
    let session = state.session.as_mut().unwrap();
    session.draw = None;
    session.segments = Default::default();
    session.distribution = None;
    session.matches = None;
    session.thumbs.truncate_after(140.0);
    check(
        "analysing",
        state,
        [1280, 760],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn an_error() {
    let state = AppState {
        error: Some(ErrorReport {
            what: "harbour.mp4 is an incomplete recording".to_owned(),
            why: "The index that players need (the moov atom) was never written.".to_owned(),
            fix: "Open the original recording, or repair this one with the camera's own program."
                .to_owned(),
            path: Some("/films/harbour.mp4".into()),
            retry: true,
            ..ErrorReport::default()
        }),
        ..AppState::default()
    };
    check(
        "error",
        state,
        [960, 640],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn timeline_open_and_zoomed() {
    let mut state = fixture::state();
    state.run(Command::ToggleLane(Letter(3)));
    state.run(Command::ToggleAllAnnotators);
    panel("timeline_open", state, [1400, 640], Pane::Timeline);
    let mut state = fixture::state();
    state.run(Command::ShowTimeline {
        start_secs: 100.0,
        span_secs: 60.0,
    });
    state.run(Command::SetRange(Some((120.0, 140.0))));
    state.run(Command::ToggleMarker);
    panel("timeline_zoomed", state, [1400, 420], Pane::Timeline);
}

/// The pieces of a summary that was put into another order say when each plays.
#[test]
fn pieces_in_another_order() {
    let mut state = fixture::state();
    let piece = state.chosen_pieces()[1];
    let index = state.session.as_ref().unwrap().index.clone();
    state.run(Command::SeekTo(index.secs_from_frame(piece.start)));
    state.run(Command::MovePiece { earlier: true });
    panel("timeline_moved", state, [1280, 420], Pane::Timeline);
}

#[test]
fn single_panels() {
    panel("player", fixture::state(), [760, 520], Pane::Player);
    panel(
        "distribution",
        fixture::state(),
        [560, 520],
        Pane::Distribution,
    );
    panel("matches", fixture::state(), [560, 520], Pane::Matches);
}

#[test]
fn reasons() {
    panel("reasons", fixture::state(), [380, 620], Pane::Reasons);
}

#[test]
fn without_annotators() {
    let size = Size {
        annotators: 0,
        ..Size::default()
    };
    check(
        "no_annotators",
        fixture::state_of(size),
        [1280, 800],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn one_alternative_and_many() {
    let one = Size {
        alternatives: 1,
        ..Size::default()
    };
    panel(
        "alternatives_one",
        fixture::state_of(one),
        [1400, 240],
        Pane::Alternatives,
    );
    let many = Size {
        alternatives: 8,
        samples: 1000,
        annotators: 200,
        segments: 300,
    };
    check(
        "crowded",
        fixture::state_of(many),
        [1440, 900],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn more_kinds_than_fit() {
    let many = Size {
        alternatives: 8,
        ..Size::default()
    };
    let mut state = fixture::state_of(many);
    state.run(Command::Pin(0));
    state.run(Command::Reject(2));
    panel(
        "alternatives_scrolled",
        state,
        [900, 210],
        Pane::Alternatives,
    );
    let mut state = fixture::state_of(many);
    state.session.as_mut().unwrap().video.has_audio = false;
    panel("player_narrow", state, [420, 420], Pane::Player);
}

#[test]
fn lassoed_samples_stand_out() {
    for (name, size) in [
        ("distribution_lassoed", [560, 520]),
        ("distribution_lassoed_low", [420, 300]),
    ] {
        let mut state = fixture::state();
        let samples = state.draw().unwrap().alternatives[1].members.clone();
        state.run(Command::Figure(FigureCommand::Lasso(samples)));
        panel(name, state, size, Pane::Distribution);
    }
}

#[test]
fn a_low_plot_shows_every_point() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    let view = Arc::make_mut(session.distribution.as_mut().unwrap());
    view.sample_residuals[..30].fill(5.0);
    panel("distribution_low", state, [760, 330], Pane::Distribution);
}

/// Nothing but a band of one point is in that part of the picture; it was handed on without a
/// triangle.
#[test]
fn a_film_of_one_sampled_frame_is_drawn() {
    let mut state = fixture::state();
    let session = state.session.as_mut().unwrap();
    session.pick_times_secs = vec![0.0].into();
    let draw = Arc::make_mut(session.draw.as_mut().unwrap());
    draw.scores = Arc::new(draw.scores.slice(ndarray::s![.., ..1]).to_owned());
    for values in [
        &mut draw.mean_scores,
        &mut draw.low_scores,
        &mut draw.high_scores,
    ] {
        values.truncate(1);
    }
    let view = PictureView::Panel(Pane::Timeline);
    drawn(
        "one sampled frame",
        state,
        [700, 360],
        view,
        ThemeChoice::Dark,
    );
}

#[test]
fn pinned_and_rejected() {
    let mut state = fixture::state();
    state.run(Command::Pin(0));
    state.run(Command::Reject(2));
    panel(
        "alternatives_marked",
        state,
        [1400, 240],
        Pane::Alternatives,
    );
}

#[test]
fn overlays() {
    for (name, command) in [
        ("overlay_palette", Command::Palette),
        ("overlay_keys", Command::CheatSheet),
        ("overlay_settings", Command::Settings),
        ("overlay_export", Command::OpenExport(None)),
    ] {
        let mut state = fixture::state();
        state.run(command);
        check(
            name,
            state,
            [1280, 800],
            PictureView::Explorer,
            ThemeChoice::Dark,
        );
    }
}

/// The page of a made-up dataset; the samples of a bundle are made up from the annotators.
fn dataset_state() -> (AppState, tempfile::TempDir) {
    use summdiff_explorer::analysis::matches::MatchTaus;
    use summdiff_explorer::pipeline::MethodKind;
    use summdiff_explorer::state::dataset::figure::MethodTaus;

    let dir = tempfile::tempdir().unwrap();
    let path = dataset::file(dir.path(), 12, 10).unwrap();
    let mut state = AppState::default();
    dataset_headless::open(&mut state, path, true, &CancelToken::new(), &mut |_| ()).unwrap();
    let figure = &mut state.dataset.figure;
    let people = figure.methods[1].videos.clone();
    figure.note = None;
    let made = |kind, name: &str, members: &dyn Fn(usize) -> bool| MethodTaus {
        name: name.to_owned(),
        kind,
        videos: people
            .iter()
            .map(|taus| {
                let taus = taus.as_ref()?;
                let rows = taus.taus.iter().enumerate();
                Some(Arc::new(MatchTaus {
                    taus: rows
                        .filter(|(at, _)| members(*at))
                        .map(|(_, row)| row.iter().map(|tau| tau.or(Some(0.9))).collect())
                        .collect(),
                }))
            })
            .collect(),
        fault: None,
    };
    let samples = made(MethodKind::Samples, "lite", &|at| at < 6);
    let scorer = made(MethodKind::Scorer, "vasnet", &|at| at == 1);
    figure.methods.insert(0, samples);
    figure.methods.insert(1, scorer);
    state.dataset.join_report = vec![
        "harbour_03: the file lasts 52.0 s, the annotations 61.0 s; they are matched by time."
            .to_owned(),
    ];
    state.dataset.warnings =
        vec!["video harbour_12 occurs more than once; the first is used".to_owned()];
    state.update_figure();
    state.requests.clear();
    (state, dir)
}

#[test]
fn a_dataset() {
    for (name, theme) in [
        ("dataset_dark", ThemeChoice::Dark),
        ("dataset_light", ThemeChoice::Light),
    ] {
        check(
            name,
            dataset_state().0,
            [1440, 860],
            PictureView::Explorer,
            theme,
        );
    }
}

#[test]
fn a_video_without_its_file() {
    let (mut state, _dir) = dataset_state();
    dataset_headless::open_video(&mut state, 3, &CancelToken::new(), &mut |_| ()).unwrap();
    let matches = state.session.as_ref().unwrap().matches.clone().unwrap();
    let sample = matches.taus.nearest_sample(2).unwrap().0;
    state.run(Command::ChoosePair(Some(Pair::of_annotator(
        2,
        PairSide::Summary(SummaryRef::Sample(sample)),
    ))));
    check(
        "without_picture",
        state,
        [1440, 900],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
}

#[test]
fn matches_with_samples() {
    let mut state = fixture::state();
    state.compare_now();
    state.run(Command::ToggleMatchRow(3));
    panel("matches_open", state, [560, 520], Pane::Matches);
}

/// Boxes look the same whatever they stand for: two names of one script must not.
#[test]
fn names_are_drawn_in_every_script_that_the_system_has() {
    use skrifa::MetadataProvider as _;
    use summdiff_explorer::app::offscreen::render_image;

    let mut system = fontdb::Database::new();
    system.load_system_fonts();
    let has = |words: &str| {
        system.faces().any(|face| {
            let found = system.with_face_data(face.id, |bytes, index| {
                let font = skrifa::FontRef::from_index(bytes, index).ok()?;
                font.outline_glyphs().format()?;
                let map = font.charmap();
                Some(words.chars().all(|letter| map.map(letter).is_some()))
            });
            found.flatten() == Some(true)
        })
    };
    let picture = |name: &str| {
        // The page with least else on it.
        let mut state = AppState::default();
        state.prefs.recent = vec![format!("/films/{name}.mp4").into()];
        let size = [700, 500];
        render_image(state, size, PictureView::Welcome, ThemeChoice::Dark)
    };
    if let Err(error) = picture("film") {
        eprintln!("skipped: {error:#}");
        return;
    }
    for (one, other) in [
        ("日本", "東京"),
        ("中国", "上海"),
        ("한국", "서울"),
        ("سلام", "كتاب"),
        ("שלום", "ברכה"),
        ("कमल", "नगर"),
        ("กขค", "มยร"),
        ("კაც", "დედ"),
    ] {
        if !has(&format!("{one}{other}")) {
            eprintln!("skipped: no typeface of this system has {one} and {other}");
            continue;
        }
        assert!(
            picture(one).unwrap() != picture(other).unwrap(),
            "{one} is drawn as {other} is"
        );
    }
}

#[test]
fn the_sound_has_a_row_and_lies_on_the_filmstrip_where_room_is_short() {
    let state = fixture::state_with_sound();
    panel("timeline_sound", state, [1280, 420], Pane::Timeline);
    check(
        "timeline_sound_small",
        fixture::state_with_sound(),
        [800, 230],
        PictureView::Panel(Pane::Timeline),
        ThemeChoice::Light,
    );
}

#[test]
fn places_that_were_found_and_subtitles_under_the_picture() {
    let mut state = fixture::findable();
    state.run(Command::MoreLikeFrame(Some(20.0)));
    check(
        "find_alike",
        state,
        [1280, 720],
        PictureView::Explorer,
        ThemeChoice::Dark,
    );
    let mut state = fixture::findable();
    state.run(Command::SeekTo(134.0));
    state.run(Command::Find);
    state.run(Command::FindText("harbour".to_owned()));
    check(
        "find_words",
        state,
        [800, 600],
        PictureView::Explorer,
        ThemeChoice::Light,
    );
}

#[test]
fn the_export_says_which_ends_are_moved_to_keep_speech_whole() {
    let mut state = fixture::state_with_sound();
    state.run(Command::OpenExport(None));
    if let Overlay::Export(form) = &mut state.overlay {
        form.whole_speech = true;
    }
    check(
        "export_speech",
        state,
        [1280, 720],
        PictureView::Explorer,
        ThemeChoice::Light,
    );
}
