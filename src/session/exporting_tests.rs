//! What exported files say of edited summaries and of parts, read back with this program's own
//! readers.

use super::*;
use crate::annotations;
use crate::domain::{Letter, Named, Naming, SummaryEdit};
use crate::session::Summarised;
use crate::state::AppState;
use crate::state::command::Command;
use crate::testing::fixture;

/// A summary of the fixture, edited: a piece taken out and another trimmed; B has a name.
fn edited() -> AppState {
    let mut state = fixture::state();
    state.run(Command::SelectAlternative(1));
    let naming = Naming {
        name: "Fireworks, 1/2".to_owned(),
        note: String::new(),
    };
    let b = Named::Alternative(Letter(1));
    state.choices.names.set(b, &naming);
    state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
    state
}

fn export(state: &AppState, out: PathBuf, within_secs: Option<(f64, f64)>) -> Export {
    let session = state.session.as_ref().unwrap();
    let of = state.chosen().unwrap();
    let draw = state.draw().unwrap();
    let ranges = session.summary(of).unwrap().ranges;
    let origin = Origin {
        of,
        edited: state.edited(of),
        within_secs,
        speech: None,
        bundle: &BundleRef::default(),
        device: "cpu",
        settings: &draw.settings,
        budget: draw.settings.budget,
        names: &state.choices.names,
        markers_secs: &[],
    };
    Export::new(
        &origin,
        session.video.clone(),
        session.index.clone(),
        within(ranges, &session.index, within_secs),
        out,
        ExportOptions::default(),
    )
}

fn text_of(export: &Export) -> String {
    let written = export.run(&mut |_| {}, &CancelToken::new()).unwrap();
    assert!(matches!(written, Exported::List(_)));
    std::fs::read_to_string(&export.out).unwrap()
}

#[test]
fn every_list_says_that_a_hand_edited_the_sampled_summary_and_how() {
    let state = edited();
    let dir = tempfile::tempdir().unwrap();
    let of = state.edited(state.chosen().unwrap()).unwrap();
    let seed = of.seed;
    let said = format!("sampled, edited by hand: of B (seed {seed}) it keeps ");
    for ending in ["edl", "otio", "fcpxml", "csv", "json", "ffmeta"] {
        let export = export(&state, dir.path().join(format!("cut.{ending}")), None);
        assert_eq!(
            export.title,
            "harbour_day · summary edit 1 of B · Fireworks, 1/2"
        );
        let text = text_of(&export);
        let lines = text.lines().filter(|line| line.contains(&said));
        assert!(lines.count() >= 1, "{ending}: {text}");
        assert!(text.contains("leaves out ") && text.contains(" adds 0.0 s"));
        if ending == "edl" {
            let comment = format!("* COMMENT: {said}");
            let (first, at) = (text.find("\n001 "), text.find(&comment));
            assert!(first.is_some() && first < at, "{text}");
            assert_eq!(text.find('*'), text.find("* FROM CLIP NAME"));
        }
        if ending == "ffmeta" {
            assert!(text.contains("\ncomment=edit 1 of B · Fireworks, 1/2 – sampled"));
        }
    }
    // What nobody edited says nothing of that.
    let mut plain = state;
    plain.run(Command::SelectAlternative(0));
    for ending in ["edl", "fcpxml", "csv", "ffmeta"] {
        let export = export(&plain, dir.path().join(format!("plain.{ending}")), None);
        assert!(!text_of(&export).contains("by hand"), "{ending}");
    }
}

#[test]
fn a_table_of_an_edited_summary_is_read_back_as_what_was_written() {
    let state = edited();
    let dir = tempfile::tempdir().unwrap();
    let export = export(&state, dir.path().join("cut.csv"), None);
    text_of(&export);
    let opened = annotations::open(&export.out).unwrap();
    let set = &opened.sets[0];
    assert_eq!(set.annotators.len(), 1, "{:?}", opened.warnings);
    assert_eq!(set.annotators[0].picks, export.ranges);
}

#[test]
fn lists_hold_pieces_in_the_order_in_which_they_play() {
    let mut state = edited();
    let edit = SummaryEdit::Move {
        piece: 0,
        earlier: false,
    };
    state.run(Command::EditSummary(edit));
    let dir = tempfile::tempdir().unwrap();
    let summary = state.chosen_summary().unwrap();
    let (lies, plays) = (summary.ranges.clone(), summary.played.clone());
    assert_eq!((plays[0], plays[1]), (lies[1], lies[0]));
    for ending in ["json", "edl", "otio", "fcpxml", "csv"] {
        let mut export = export(&state, dir.path().join(format!("cut.{ending}")), None);
        export.ranges.clone_from(&plays);
        let text = text_of(&export);
        assert!(
            text.contains("its pieces play in another order"),
            "{ending}"
        );
        let place = |range: FrameRange| match ending {
            "json" => text.find(&format!("\"start_frame\": {}", range.start)),
            "csv" => text.find(&format!(",{},{},", range.start, range.end)),
            "edl" => {
                let timecode = crate::domain::Timebase::from_rate(export.video.frame_rate);
                text.find(&format!(" {} ", timecode.smpte(range.start)))
            }
            "otio" => text.find(&format!("\"start_frame\": {},", range.start)),
            _ => text.find(&format!("start=\"{}", range.start)),
        };
        let (first, second) = (place(plays[0]), place(plays[1]));
        if ending != "fcpxml" {
            assert!(first.is_some() && first < second, "{ending}: {text}");
        }
    }
}

#[test]
fn a_part_of_a_summary_is_what_lies_within_and_says_so() {
    let state = edited();
    let dir = tempfile::tempdir().unwrap();
    let session = state.session.as_ref().unwrap();
    let whole = session.summary(state.chosen().unwrap()).unwrap().ranges;
    let index = &session.index;
    // From the middle of the first piece to the middle of the last.
    let (first, last) = (whole[0], whole[whole.len() - 1]);
    let middle = |range: FrameRange| (range.start + range.end) / 2;
    let part_secs = (
        index.secs_from_frame(middle(first)),
        index.secs_from_frame(middle(last)),
    );
    let export = export(&state, dir.path().join("cut.json"), Some(part_secs));
    let mut wanted = whole.clone();
    wanted[0].start = middle(first);
    wanted.last_mut().unwrap().end = middle(last);
    assert_eq!(export.ranges, wanted);
    let json: serde_json::Value = serde_json::from_str(&text_of(&export)).unwrap();
    assert!(
        json["origin"]
            .as_str()
            .unwrap()
            .contains("; the part of the summary from ")
    );
    assert_eq!(json["provenance"]["within_secs"][0], part_secs.0);
    assert_eq!(json["provenance"]["edited_from"], "B");
    assert_eq!(json["pieces"].as_array().unwrap().len(), wanted.len());
    // Nothing is left of a part that the summary does not touch.
    let past = index.duration_secs() + 5.0;
    assert!(within(vec![FrameRange::new(0, 5)], index, Some((past, past + 1.0))).is_empty());
}

#[test]
fn the_window_and_a_film_carry_title_and_comment() {
    let dir = tempfile::tempdir().unwrap();
    let film = dir.path().join("film.mp4");
    let name = film.display().to_string();
    crate::testing::ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x48:r=24:d=347",
        "-preset",
        "ultrafast",
        "-metadata",
        "comment=of the source",
        &name,
    ]);
    let mut state = edited();
    let (probe, index) = crate::media::inspect(&film, &CancelToken::new(), &mut |_| {}).unwrap();
    let session = state.session.as_mut().unwrap();
    (session.video, session.index) = (probe.info, Arc::new(index));
    let export = export(&state, dir.path().join("out.mkv"), None);
    let Exported::Film(report) = export.run(&mut |_| {}, &CancelToken::new()).unwrap() else {
        panic!("the ending says a film");
    };
    let bytes = std::fs::read(report.path).unwrap();
    let has = |text: &str| bytes.windows(text.len()).any(|at| at == text.as_bytes());
    assert!(has("film · summary edit 1 of B · Fireworks, 1/2"));
    assert!(has("sampled, edited by hand: of B") && !has("of the source"));
}
