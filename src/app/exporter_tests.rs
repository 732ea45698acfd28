//! Exports on their thread, from a state as the window has it.

use super::*;
use crate::domain::Letter;
use crate::session::Summarised;
use crate::testing::fixture;

fn wait(exporter: &mut Exporter) -> Report {
    loop {
        match exporter.poll() {
            Some(Report::Exporting(_)) => {}
            Some(news) => return news,
            None => std::thread::yield_now(),
        }
    }
}

#[test]
fn a_list_of_cuts_is_written_and_a_taken_name_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let state = fixture::state();
    let ctx = egui::Context::default();
    let mut paths = Vec::new();
    for _ in 0..2 {
        let form = ExportForm::new(
            SummaryRef::Sample(3),
            "csv",
            dir.path().join("cuts.csv").display().to_string(),
        );
        let mut exporter = Exporter::default();
        exporter.start(&state, form, &ctx).unwrap();
        match wait(&mut exporter) {
            Report::Exported(path, _) => paths.push(path),
            news => panic!("{news:?}"),
        }
    }
    assert_ne!(paths[0], paths[1]);
    let table = std::fs::read_to_string(&paths[0]).unwrap();
    assert_eq!(table, std::fs::read_to_string(&paths[1]).unwrap());
    let ranges = state
        .session
        .as_ref()
        .unwrap()
        .summary_secs(SummaryRef::Sample(3))
        .len();
    assert_eq!(
        table.lines().filter(|line| !line.starts_with('#')).count(),
        ranges + 1
    );
}

#[test]
fn an_edited_summary_is_written_in_every_list_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = fixture::state();
    let whole = state.chosen_summary().unwrap().ranges.len();
    let edit = crate::domain::SummaryEdit::RemovePiece(0);
    state.run(crate::state::command::Command::EditSummary(edit));
    for (format, _, clip) in crate::state::EXPORT_FORMATS {
        if clip {
            continue;
        }
        let form = ExportForm::new(
            state.chosen().unwrap(),
            format,
            dir.path()
                .join("cuts")
                .with_extension(format)
                .display()
                .to_string(),
        );
        let mut exporter = Exporter::default();
        exporter
            .start(&state, form, &egui::Context::default())
            .unwrap();
        let Report::Exported(path, _) = wait(&mut exporter) else {
            panic!("{format} was not written");
        };
        let text = std::fs::read_to_string(&path).unwrap();
        if ["json", "otio"].contains(&format) {
            assert!(text.contains("edited_by_hand"), "{format}: {text}");
        }
        assert!(
            text.contains("sampled, edited by hand: of A (seed "),
            "{format}: {text}"
        );
        if format == "csv" {
            let rows = text.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(rows, whole);
        }
        if format == "ffmeta" {
            assert_eq!(text.matches("[CHAPTER]").count(), whole - 1);
        }
    }
}

#[test]
fn speech_is_kept_whole_on_request_and_it_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let state = fixture::state_with_sound();
    let path = dir.path().join("cuts.csv").display().to_string();
    let plain = ExportForm::new(state.chosen().unwrap(), "csv", path);
    let form = ExportForm {
        whole_speech: true,
        ..plain.clone()
    };
    let (before, now) = (state.exported_ranges(&plain), state.exported_ranges(&form));
    assert_ne!(before, now);
    let mut exporter = Exporter::default();
    let ctx = egui::Context::default();
    exporter.start(&state, form.clone(), &ctx).unwrap();
    let Report::Exported(path, notes) = wait(&mut exporter) else {
        panic!("it was not written");
    };
    assert!(notes[0].contains("into pauses"), "{notes:?}");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("to keep speech whole"), "{text}");
    // Nothing is moved where the sound is not known, nor where pieces are copied.
    assert_eq!(fixture::state().exported_speech(&form), None);
    let copied = ExportForm {
        format: "mp4",
        mode: crate::media::cut::ExportMode::Copy,
        ..form
    };
    assert_eq!(state.exported_ranges(&copied), before);
}

#[test]
fn several_summaries_are_written_one_after_the_other() {
    use crate::state::command::{Command, Several};
    use crate::state::{Overlay, Request};

    let dir = tempfile::tempdir().unwrap();
    let mut state = fixture::state();
    state.run(Command::Pin(2));
    let exported = |state: &mut AppState, what: Several| -> Vec<String> {
        state.run(Command::OpenExport(None));
        let Overlay::Export(mut form) = state.overlay.clone() else {
            panic!("the dialog is open");
        };
        form.format = "csv";
        form.path = dir.path().join("mine.csv").display().to_string();
        state.requests.clear();
        state.run(Command::ExportSeveral(form, what));
        let Some(Request::ExportSeveral(forms)) = state.requests.pop() else {
            panic!("{:?}", state.requests);
        };
        let mut exporter = Exporter::default();
        exporter
            .start_all(state, forms.clone(), &egui::Context::default())
            .unwrap();
        assert!(matches!(wait(&mut exporter), Report::Exported(..)));
        (forms.iter())
            .map(|form| {
                assert!(std::path::Path::new(&form.path).is_file(), "{}", form.path);
                let path = std::path::Path::new(&form.path);
                assert_eq!(path.parent(), Some(dir.path()));
                path.file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect()
    };
    let all = exported(&mut state, Several::Alternatives);
    let names = ["A", "B", "C", "D"].map(|l| format!("harbour_day_summary_{l}.csv"));
    assert_eq!(all, names);
    for name in &names {
        std::fs::remove_file(dir.path().join(name)).unwrap();
    }
    assert_eq!(exported(&mut state, Several::Pinned), [names[2].clone()]);
}

/// A clip as long as the video that the fixture's segments are of, open in the window.
fn state_with_a_clip(film: &Path) -> AppState {
    let source = "testsrc2=size=320x180:rate=24:duration=347";
    let name = film.display().to_string();
    crate::testing::ffmpeg(["-f", "lavfi", "-i", source, "-preset", "ultrafast", &name]);
    let mut state = fixture::state();
    let probed = crate::media::inspect(film, &CancelToken::new(), &mut |_| {}).unwrap();
    let session = state.session.as_mut().unwrap();
    session.video = probed.0.info;
    session.index = std::sync::Arc::new(probed.1);
    state
}

#[test]
fn a_reel_is_one_clip_of_all_alternatives_behind_their_cards() {
    use crate::state::command::Command;
    use crate::state::{Overlay, Request};

    let dir = tempfile::tempdir().unwrap();
    let mut state = state_with_a_clip(&dir.path().join("harbour.mp4"));
    state.run(Command::OpenExport(None));
    let Overlay::Export(form) = state.overlay.clone() else {
        panic!("the dialog is open");
    };
    state.choices.range_secs = Some((0.0, 90.0));
    let form = ExportForm {
        within_range: true,
        ..form
    };
    state.requests.clear();
    state.run(Command::ExportReel(form));
    let Some(Request::ExportReel(forms)) = state.requests.pop() else {
        panic!("{:?}", state.requests);
    };
    let mut exporter = Exporter::default();
    let ctx = egui::Context::default();
    let wanted = Exporter::reel(&state, forms.clone()).unwrap();
    assert!(wanted.parts.len() > 1);
    exporter.start_reel(&state, forms, &ctx).unwrap();
    let Report::Exported(path, _) = wait(&mut exporter) else {
        panic!("it was not written");
    };
    assert_eq!(path.file_name().unwrap(), "harbour_reel.mp4");
    let made = crate::media::inspect(&path, &CancelToken::new(), &mut |_| {}).unwrap();
    let kept = wanted.parts.iter().flat_map(|part| &part.export.ranges);
    let kept: u64 = kept.map(|range| range.len()).sum();
    assert_eq!(made.1.len(), kept + 48 * wanted.parts.len() as u64);
}

#[test]
fn a_stopped_export_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let state = state_with_a_clip(&dir.path().join("film.mp4"));
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let form = ExportForm::new(
        SummaryRef::Alternative(Letter(0)),
        "mp4",
        out.join("clip.mp4").display().to_string(),
    );
    let mut exporter = Exporter::default();
    exporter
        .start(&state, form, &egui::Context::default())
        .unwrap();
    assert!(exporter.is_running());
    exporter.stop(Duration::from_secs(60));
    assert!(!exporter.is_running());
    let left: Vec<_> = std::fs::read_dir(&out).unwrap().flatten().collect();
    // Either it was done already, or nothing is there.
    assert!(
        left.iter().all(|entry| entry.file_name() == "clip.mp4"),
        "{left:?}"
    );
}

#[test]
fn a_missing_video_is_reported_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clip.mp4");
    let form = ExportForm::new(SummaryRef::Sample(0), "mp4", path.display().to_string());
    let mut exporter = Exporter::default();
    exporter
        .start(&fixture::state(), form, &egui::Context::default())
        .unwrap();
    assert!(matches!(wait(&mut exporter), Report::ExportFailed(_)));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
