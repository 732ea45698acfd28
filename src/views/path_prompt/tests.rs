//! The prompt, driven by its labels and by keys.

use std::path::Path;

use super::*;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

fn question(folder: &Path, wanted: Wanted) -> Question {
    Question {
        title: "Open a video",
        filters: vec![("Videos", &["mp4", "mkv"])],
        wanted,
        folder: Some(folder.to_path_buf()),
    }
}

fn harness(question: Question) -> Harness<'static, (PathPrompt, Outcome)> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(800.0, 600.0))
        .build_ui_state(
            |ui, (prompt, outcome): &mut (PathPrompt, Outcome)| {
                crate::ui::fonts::install(ui.ctx(), false);
                let now = prompt.show(ui);
                if now != Outcome::Open {
                    *outcome = now;
                }
            },
            (PathPrompt::new(question), Outcome::Open),
        );
    settle(&mut harness);
    harness
}

/// Frames until the folder was read.
fn settle(harness: &mut Harness<'_, (PathPrompt, Outcome)>) {
    for _ in 0..200 {
        harness.step();
        let prompt = &harness.state().0;
        if prompt.waiting.is_none() && prompt.listing.folder == split(&prompt.typed).0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    harness.step();
}

fn films() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("holiday")).unwrap();
    for name in [
        "b.mp4",
        "a.MKV",
        "notes.txt",
        ".hidden.mp4",
        "holiday/sea.mp4",
    ] {
        std::fs::write(dir.path().join(name), "x").unwrap();
    }
    dir
}

#[test]
fn folders_come_first_and_only_wanted_files_are_listed() {
    let dir = films();
    let names: Vec<String> = list(dir.path().to_path_buf(), &["mp4", "mkv"])
        .entries
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, ["holiday", "a.MKV", "b.mp4"]);
    assert!(list(dir.path().join("no such"), &[]).error.is_some());
}

#[test]
fn a_file_is_chosen_by_walking_through_folders() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    harness.get_by_label("holiday/").click();
    harness.step();
    settle(&mut harness);
    harness.get_by_label("sea.mp4").click();
    harness.step();
    settle(&mut harness);
    harness.get_by_label("Open").click();
    harness.step();
    assert_eq!(
        harness.state().1,
        Outcome::Chosen(dir.path().join("holiday/sea.mp4"))
    );
}

#[test]
fn a_new_file_keeps_its_name_from_folder_to_folder_and_warns_before_replacing() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::NewFile("b.mp4".to_owned())));
    assert_eq!(
        harness.state().0.verdict(),
        Ok(Some("That file is there already and will be replaced."))
    );
    harness.get_by_label("holiday/").click();
    harness.step();
    settle(&mut harness);
    assert_eq!(harness.state().0.verdict(), Ok(None));
    harness.get_by_label("Save").click();
    harness.step();
    assert_eq!(
        harness.state().1,
        Outcome::Chosen(dir.path().join("holiday/b.mp4"))
    );
}

#[test]
fn escape_cancels_and_a_missing_file_cannot_be_opened() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    harness.state_mut().0.typed = dir.path().join("none.mp4").display().to_string();
    settle(&mut harness);
    assert_eq!(harness.state().0.verdict(), Err("There is no such file."));
    harness.key_press(egui::Key::Escape);
    harness.step();
    harness.step();
    assert_eq!(harness.state().1, Outcome::Cancelled);
}

fn typed(harness: &Harness<'_, (PathPrompt, Outcome)>) -> String {
    harness.state().0.typed.clone()
}

fn press(harness: &mut Harness<'_, (PathPrompt, Outcome)>, key: egui::Key) {
    harness.key_press(key);
    harness.step();
    settle(harness);
}

#[test]
fn tab_completes_and_enter_opens() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    harness.get_by_label("Path").type_text("ho");
    settle(&mut harness);
    press(&mut harness, egui::Key::Tab);
    let inside = dir.path().join("holiday").display().to_string() + "/";
    assert_eq!(typed(&harness), inside);
    // One file is there: its name is completed from nothing.
    press(&mut harness, egui::Key::Tab);
    assert_eq!(typed(&harness), format!("{inside}sea.mp4"));
    press(&mut harness, egui::Key::Enter);
    assert_eq!(
        harness.state().1,
        Outcome::Chosen(dir.path().join("holiday/sea.mp4"))
    );
}

#[test]
fn arrows_walk_through_the_list_and_enter_goes_into_folders() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    // The folder above, the folder, and the first file.
    for _ in 0..2 {
        press(&mut harness, egui::Key::ArrowDown);
    }
    press(&mut harness, egui::Key::Enter);
    let inside = dir.path().join("holiday").display().to_string() + "/";
    assert_eq!(typed(&harness), inside);
    assert_eq!(harness.state().1, Outcome::Open);
    for _ in 0..2 {
        press(&mut harness, egui::Key::ArrowDown);
    }
    press(&mut harness, egui::Key::ArrowUp);
    press(&mut harness, egui::Key::Enter);
    assert_eq!(typed(&harness), dir.path().display().to_string() + "/");
    press(&mut harness, egui::Key::ArrowUp);
    press(&mut harness, egui::Key::Enter);
    assert_eq!(harness.state().1, Outcome::Chosen(dir.path().join("b.mp4")));
}

#[test]
fn a_whole_path_replaces_what_stands_there() {
    let (dir, other) = (films(), films());
    let path = other.path().join("holiday/sea.mp4");
    let mut harness = harness(question(dir.path(), Wanted::File));
    let pasted = format!("file://{}", path.display());
    harness.event(egui::Event::Paste(pasted.clone()));
    harness.step();
    settle(&mut harness);
    assert_eq!(typed(&harness), pasted);
    press(&mut harness, egui::Key::Enter);
    assert_eq!(harness.state().1, Outcome::Chosen(path));
}

#[test]
fn tab_goes_on_where_there_is_nothing_to_complete() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    harness.get_by_label("Path").type_text("b.mp4");
    settle(&mut harness);
    press(&mut harness, egui::Key::Tab);
    harness.step();
    assert!(!harness.get_by_label("Path").is_focused());
    // Enter on a button is that button's: this one cancels.
    harness.get_by_label("Cancel").focus();
    harness.step();
    press(&mut harness, egui::Key::Enter);
    assert_eq!(harness.state().1, Outcome::Cancelled);
}

/// A slow window sees several signs of quick hands at once, which is no paste.
#[test]
fn a_path_that_is_typed_quickly_arrives_whole() {
    let dir = films();
    let mut harness = harness(question(dir.path(), Wanted::File));
    settle(&mut harness);
    let path = dir.path().join("holiday/sea.mp4").display().to_string();
    for part in path.split('/').skip(1) {
        for sign in format!("/{part}").chars() {
            harness.event(egui::Event::Text(sign.to_string()));
        }
        harness.step();
    }
    assert_eq!(typed(&harness), path);
}
