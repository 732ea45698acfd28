use super::*;
use crate::domain::FigureKind;
use crate::session::people_export::ExportKind;
use crate::testing::fixture;

fn asking() -> Vec<Request> {
    let mut state = fixture::state();
    state.run(crate::state::command::Command::OpenExport(None));
    let crate::state::Overlay::Export(form) = state.overlay else {
        panic!("the export dialog is open");
    };
    let offered = PathBuf::from("/videos/offered");
    vec![
        Request::PickVideo,
        Request::PickAnnotations,
        Request::PickProject,
        Request::PickSavePath(offered.clone()),
        Request::PickExportPath(form),
        Request::Dataset(DatasetRequest::PickFile),
        Request::Dataset(DatasetRequest::PickFolder),
        Request::Dataset(DatasetRequest::PickVideo(2)),
        Request::Figure(FigureRequest::Pick(FigureKind::Matches, offered.clone())),
        Request::Figure(FigureRequest::PickReport(offered.clone())),
        Request::Annotate(AnnotateRequest::PickMerge),
        Request::Annotate(AnnotateRequest::PickExport(ExportKind::Json, offered)),
    ]
}

#[test]
fn every_request_that_asks_has_an_answer_and_no_other_has() {
    let chosen = PathBuf::from("/videos/chosen.summdiff");
    for request in asking() {
        let folder = Some(PathBuf::from("/videos"));
        let question = question_of(&request, folder.clone()).expect("a question");
        assert_eq!(question.folder, folder);
        assert!(
            answer(request.clone(), chosen.clone()).is_some(),
            "{request:?}"
        );
    }
    for request in [Request::Cancel, Request::Quit, Request::CancelExport] {
        assert!(question_of(&request, None).is_none());
        assert!(answer(request, chosen.clone()).is_none());
    }
}

#[test]
fn what_is_written_gets_an_ending() {
    for request in asking() {
        let named = PathBuf::from("/videos/named");
        let (path, ending) = match answer(request.clone(), named) {
            Some(Answer::SaveProject(path)) => (path, "summdiff"),
            Some(Answer::Export(form)) => (PathBuf::from(&form.path), form.format),
            Some(Answer::Annotate(AnnotateRequest::Export(kind, path))) => (path, kind.ending()),
            _ => continue,
        };
        assert_eq!(path, Path::new("/videos/named").with_extension(ending));
    }
}

#[test]
fn the_dialog_begins_in_the_nearest_folder_that_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("gone/away/film.mp4");
    assert_eq!(folder_of(&gone).as_deref(), Some(dir.path()));
}

fn open() -> (Dialogs, Sender<Shown>) {
    let (sender, receiver) = bounded(1);
    let dialogs = Dialogs {
        open: Some((Request::PickVideo, receiver)),
        ..Dialogs::default()
    };
    (dialogs, sender)
}

#[test]
fn a_choice_of_the_systems_dialog_arrives_once() {
    let (mut dialogs, sender) = open();
    assert_eq!(dialogs.poll(), None);
    assert!(dialogs.is_open() && !dialogs.is_over_window());
    // One at a time: a second request opens nothing.
    let ctx = egui::Context::default();
    dialogs.ask(&ctx, Request::PickProject, &AppState::default());
    sender.send(Shown::Chosen("/a.mp4".into())).unwrap();
    assert_eq!(dialogs.poll(), Some(Answer::Open("/a.mp4".into())));
    assert!(!dialogs.is_open());
    assert_eq!(dialogs.poll(), None);
}

#[test]
fn a_dialog_that_was_cancelled_or_lost_is_closed_without_an_answer() {
    let (mut dialogs, sender) = open();
    sender.send(Shown::Cancelled).unwrap();
    assert_eq!(dialogs.poll(), None);
    assert!(!dialogs.is_open());
    let (mut dialogs, sender) = open();
    drop(sender);
    assert_eq!(dialogs.poll(), None);
    assert!(!dialogs.is_open());
}

#[test]
fn without_a_dialog_of_the_systems_the_programs_own_asks() {
    let (mut dialogs, sender) = open();
    sender.send(Shown::Never).unwrap();
    assert_eq!(dialogs.poll(), None);
    assert!(dialogs.is_over_window());
}
