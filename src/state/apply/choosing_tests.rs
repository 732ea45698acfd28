//! What is chosen is what is shown, played and exported: every way to choose, every place that
//! shows.

use super::super::*;
use crate::domain::{Draw, Letter, SummaryEdit, SummaryRef, Timings};
use crate::state::command::Command;
use crate::state::figuring::FigureCommand;
use crate::testing::fixture;

/// Ways to choose that end in commands, each with what has to be in hand then.
fn ways(state: &AppState) -> Vec<(&'static str, Vec<Command>, SummaryRef)> {
    let letter = |at: u8| SummaryRef::Alternative(Letter(at));
    let draw = state.draw().unwrap();
    let sample = |at: usize| SummaryRef::Sample(at);
    let pair = Pair::of_annotator(3, crate::session::PairSide::Summary(sample(17)));
    let lassoed = draw.alternatives[3].members.clone();
    let mut with_lasso = fixture::state();
    with_lasso.run(Command::Figure(FigureCommand::Lasso(lassoed.clone())));
    let centre = sample(with_lasso.lassoed().unwrap().centre);
    vec![
        (
            "card or key",
            vec![Command::SelectAlternative(2)],
            letter(2),
        ),
        (
            "dot, lane or row",
            vec![Command::Choose(sample(43))],
            sample(43),
        ),
        (
            "nearest sample",
            vec![Command::Choose(sample(draw.alternatives[1].medoid_sample))],
            sample(draw.alternatives[1].medoid_sample),
        ),
        (
            "match cell",
            vec![Command::ChoosePair(Some(pair))],
            sample(17),
        ),
        (
            "edit by hand",
            vec![
                Command::Choose(sample(17)),
                Command::EditSummary(SummaryEdit::RemovePiece(0)),
            ],
            SummaryRef::Edited(1),
        ),
        ("more like this", vec![Command::MoreLikeThis(1)], letter(1)),
        ("compare", vec![Command::CompareWith(3)], letter(3)),
        (
            "flip back",
            vec![
                Command::Choose(sample(9)),
                Command::SelectAlternative(1),
                Command::FlipPair,
            ],
            sample(9),
        ),
        ("play", vec![Command::PlaySummary(Some(2))], letter(2)),
        ("export", vec![Command::OpenExport(Some(1))], letter(1)),
        (
            "lasso",
            vec![
                Command::Figure(FigureCommand::Lasso(lassoed)),
                Command::Choose(centre),
            ],
            centre,
        ),
        (
            "undo",
            vec![
                Command::Choose(sample(5)),
                Command::SelectAlternative(3),
                Command::Undo,
            ],
            sample(5),
        ),
    ]
}

fn played(state: &AppState) -> Vec<crate::domain::FrameRange> {
    let ranges = state
        .requests
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::Player(PlayerRequest::Ranges(ranges)) => Some(ranges.clone()),
            _ => None,
        });
    ranges.flatten().unwrap()
}

#[test]
fn every_way_to_choose_is_followed_by_all_that_shows_plays_and_exports() {
    for (way, commands, expected) in ways(&fixture::state()) {
        let mut state = fixture::state();
        for command in commands {
            // Each is a step of its own.
            state.now_secs += 10.0;
            state.run(command);
        }
        state.run(Command::CloseOverlay);
        assert_eq!(state.chosen(), Some(expected), "{way}");
        let session = state.session.as_ref().unwrap();
        let kept = session.summary(expected).unwrap();
        let (ranges, secs, scores) = (kept.ranges, kept.ranges_secs, kept.scores.to_vec());
        // Shown: the curve and the lane of the timeline, figures and reports.
        assert_eq!(*state.chosen_summary().unwrap().scores, *scores, "{way}");
        let material = state.material().unwrap();
        assert_eq!(
            material.summary_secs(material.chosen.unwrap()),
            secs,
            "{way}"
        );
        // Played.
        state.playback.playing = false;
        state.run(Command::PlaySummary(None));
        assert_eq!(played(&state), ranges, "{way}");
        assert_eq!(state.extent_secs(), Some(secs), "{way}");
        // Exported, under a name of its own.
        state.run(Command::OpenExport(None));
        let Overlay::Export(form) = &state.overlay else {
            panic!("{way}");
        };
        assert_eq!(form.summary, expected, "{way}");
        let named = match expected {
            SummaryRef::Alternative(letter) => format!("_summary_{letter}.mp4"),
            SummaryRef::Sample(sample) => format!("_summary_{sample:03}.mp4"),
            SummaryRef::Edited(number) => format!("_summary_edit_{number}.mp4"),
        };
        assert!(form.path.ends_with(&named), "{way}: {}", form.path);
        // Saved, and the same when it is opened again.
        let project = state
            .to_project(std::path::Path::new("/p.summdiff"))
            .unwrap();
        let json = project.to_json();
        let back = crate::domain::project::Project::from_json(&json, std::path::Path::new("p"));
        assert_eq!(back.unwrap().selection.summary, Some(expected), "{way}");
    }
}

#[test]
fn after_a_summary_has_ended_another_one_starts_at_its_beginning() {
    let mut state = fixture::state();
    state.run(Command::PlaySummary(Some(0)));
    let end = state.extent_secs().unwrap().last().unwrap().1;
    state.playback.position_secs = end - 0.02;
    state.playback.playing = false;
    state.requests.clear();
    state.run(Command::SelectAlternative(2));
    let ranges = state.extent_secs().unwrap();
    assert_eq!(state.playback.position_secs, ranges[0].0);
    assert!(!state.playback.playing);
    // The player is told where after what, so that it does not stay at the end.
    let sought = state
        .requests
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::Player(PlayerRequest::Seek { secs }) => Some(*secs),
            Request::Player(PlayerRequest::Ranges(_)) => Some(-1.0),
            _ => None,
        });
    assert_eq!(sought, Some(ranges[0].0));
    // In the middle of one, the playhead stays where the other keeps it, else goes on to where it
    // does.
    state.playback.position_secs = ranges[0].0 + 0.5;
    state.run(Command::SelectAlternative(1));
    let (at, ranges) = (state.playback.position_secs, state.extent_secs().unwrap());
    assert!(ranges.iter().any(|(start, end)| *start <= at && at < *end));
}

#[test]
fn steps_and_marks_count_from_where_the_playhead_was_asked_to_be() {
    let mut state = fixture::state();
    state.player_attached = true;
    let index = state.session.as_ref().unwrap().index.clone();
    let from = index.frame_at_secs(state.playback.position_secs);
    for _ in 0..10 {
        state.run(Command::StepFrames(1));
    }
    let at = index.secs_from_frame(from + 10);
    assert_eq!(state.playback.position_secs, at);
    // A pause would send the player back to the picture that it has.
    let paused = Request::Player(PlayerRequest::Pause);
    assert!(!state.requests.contains(&paused));
    state.run(Command::ToggleMarker);
    assert_eq!(state.choices.markers_secs, [at]);
    state.run(Command::SetIn);
    assert_eq!(state.choices.range_secs.unwrap().0, at);
    state.playback.playing = true;
    state.run(Command::StepFrames(1));
    assert!(state.requests.contains(&paused));
}

#[test]
fn a_rejected_alternative_is_never_in_hand() {
    let mut state = fixture::state();
    state.run(Command::SelectAlternative(1));
    state.run(Command::Reject(1));
    assert_ne!(state.chosen_alternative(), Some(1));
    let before = state.chosen();
    state.run(Command::SelectAlternative(1));
    assert_eq!(state.chosen(), before);
    assert!(state.status.contains("is rejected"), "{}", state.status);
    state.run(Command::Reject(1));
    state.run(Command::SelectAlternative(1));
    assert_eq!(state.chosen_alternative(), Some(1));
}

/// A draw of the same video whose alternatives have other letters, in another order.
fn relettered(state: &AppState, letters: &[(u8, usize)]) -> std::sync::Arc<crate::domain::Draw> {
    let mut draw = (**state.draw().unwrap()).clone();
    let kinds = letters.iter().map(|&(letter, at)| {
        let mut kind = draw.alternatives[at].clone();
        kind.label = Letter(letter).label();
        kind
    });
    draw.alternatives = kinds.collect();
    draw.settings.seed += 1;
    std::sync::Arc::new(draw)
}

#[test]
fn what_belongs_to_a_letter_stays_with_it_wherever_it_stands() {
    let mut state = fixture::state();
    state.run(Command::SelectAlternative(2));
    state.run(Command::Pin(1));
    state.run(Command::Reject(3));
    state.run(Command::ToggleLane(Letter(2)));
    // A is gone, and the others stand one place further to the front.
    let draw = relettered(&state, &[(1, 1), (2, 2), (3, 3)]);
    state.handle(crate::pipeline::Event::Draw(draw));
    assert_eq!(state.chosen(), Some(SummaryRef::Alternative(Letter(2))));
    assert_eq!(state.chosen_alternative(), Some(1));
    let of = |test: fn(&AppState, usize) -> bool| -> Vec<usize> {
        (0..3).filter(|&at| test(&state, at)).collect()
    };
    assert_eq!(of(AppState::is_pinned), [0], "exactly one");
    assert_eq!(of(AppState::is_rejected), [2], "exactly one");
    assert!(state.timeline.open_lanes.contains(&Letter(2)));
    assert_eq!(state.letter_at(0), Letter(1));
    // Its letters are handed on when the networks change.
    state.requests.clear();
    state.run(Command::SelectBundle("other".to_owned()));
    let known = state.requests.iter().find_map(|request| match request {
        Request::Open { known_kinds, .. } => Some(known_kinds.clone()),
        _ => None,
    });
    let labels: Vec<String> = known.unwrap().into_iter().map(|kind| kind.label).collect();
    assert_eq!(labels, ["B", "C", "D"]);
}

#[test]
fn a_letter_that_is_gone_is_carried_over_by_what_continues_it() {
    let mut state = fixture::state();
    state.run(Command::SelectAlternative(2));
    state.run(Command::Pin(2));
    let draw = relettered(&state, &[(4, 0), (5, 1), (6, 2), (7, 3)]);
    state.handle(crate::pipeline::Event::Draw(draw));
    assert_eq!(state.chosen(), Some(SummaryRef::Alternative(Letter(6))));
    assert!(state.is_pinned(2) && !state.is_pinned(1));
}

#[test]
fn a_window_that_only_looks_changes_no_work_by_any_command() {
    use crate::state::annotate::AnnotateCommand;
    use crate::state::drafting::Looking;
    let work = |state: &AppState| {
        let choices = &state.choices;
        (
            choices.pins.clone(),
            choices.rejects.clone(),
            choices.edits.clone(),
            choices.markers_secs.clone(),
            choices.names.clone(),
            choices.range_secs,
            choices.works.clone(),
            choices.settings.steering.clone(),
        )
    };
    let mut state = fixture::state();
    state.run(Command::SetRange(Some((10.0, 20.0))));
    state.run(Command::Pin(0));
    state.run(Command::SeekTo(30.0));
    state.run(Command::ToggleMarker);
    let before = work(&state);
    assert!(!before.0.is_empty() && !before.3.is_empty());
    state.drafting.looking = Some(Looking::default());
    let own = [
        Command::Pin(1),
        Command::Reject(0),
        Command::SetRange(None),
        Command::Annotate(AnnotateCommand::Start),
        Command::Steer(crate::state::steering::SteerCommand::Clear),
    ];
    for command in Command::catalogue().cloned().chain(own) {
        state.run(command.clone());
        assert!(work(&state) == before, "{command:?}");
    }
}

#[test]
fn what_was_done_to_the_first_alternatives_goes_on_with_their_kinds_once_those_are_settled() {
    let mut state = fixture::state();
    let first = Draw {
        kinds_settled: false,
        ..(**state.draw().unwrap()).clone()
    };
    state.handle(crate::pipeline::Event::Draw(Arc::new(first)));
    state.handle(crate::pipeline::Event::Done(Timings::default()));
    assert!(
        state.status.contains("may still change"),
        "{}",
        state.status
    );
    state.run(Command::SelectAlternative(2));
    state.run(Command::Pin(2));
    state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
    let edit = state.chosen().unwrap();
    assert!(matches!(edit, SummaryRef::Edited(_)));
    // The same kinds under letters of their own: C is B now.
    let mut settled = (*relettered(&state, &[(0, 1), (1, 2), (2, 3), (3, 0)])).clone();
    settled.settings.seed -= 1;
    settled.kinds_settled = true;
    state.handle(crate::pipeline::Event::Draw(Arc::new(settled)));
    assert_eq!(
        state.edited(edit).unwrap().from,
        SummaryRef::Alternative(Letter(1))
    );
    assert_eq!(state.chosen(), Some(edit));
    assert!(state.is_pinned(1) && !state.is_pinned(2));
    state.handle(crate::pipeline::Event::Done(Timings::default()));
    assert!(
        !state.status.contains("may still change"),
        "{}",
        state.status
    );
}

#[test]
fn what_was_done_among_the_first_samples_goes_on_with_its_kind_as_more_come() {
    let mut state = fixture::state();
    let unsettled = |draw: &Draw| {
        let mut draw = draw.clone();
        draw.kinds_settled = false;
        Arc::new(draw)
    };
    let first = unsettled(state.draw().unwrap());
    let seed = first.settings.seed;
    state.handle(crate::pipeline::Event::Draw(first));
    state.run(Command::SelectAlternative(3));
    state.run(Command::Pin(3));
    // B is gone, so that D closes the row, and what it was is another kind's now.
    let mut more = (*unsettled(&relettered(&state, &[(0, 0), (1, 3), (2, 2)]))).clone();
    more.settings.seed = seed;
    state.handle(crate::pipeline::Event::Draw(Arc::new(more)));
    assert_eq!(state.chosen(), Some(SummaryRef::Alternative(Letter(1))));
    assert!(state.is_pinned(1) && !state.is_pinned(2));
}

/// What the status says of one change is over with the next; a file that was written is still
/// there.
#[test]
fn the_status_says_nothing_of_a_change_before_the_last() {
    let mut state = fixture::state();
    state.run(Command::StepBudget(1));
    state.run(Command::Undo);
    assert_eq!(state.status, "Undid budget");
    state.run(Command::StepBudget(1));
    assert_eq!(state.status, "");
    state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
    assert!(state.status.contains("keeps"), "{}", state.status);
    state.run(Command::StepBudget(-1));
    assert_eq!(state.status, "");
    let file = std::path::PathBuf::from("/films/summary.mp4");
    state.status = format!("Wrote {}", file.display());
    state.exported = Some(file);
    state.run(Command::SelectAlternative(2));
    assert!(state.status.starts_with("Wrote"), "{}", state.status);
}
