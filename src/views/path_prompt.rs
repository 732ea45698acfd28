//! The program's own way to choose a file, for systems without file dialogs: a path that can be typed or pasted, over the
//! entries of its folder. Folders are listed on a thread; the window never waits for a disk.

mod listing;

use std::path::PathBuf;

use crossbeam_channel::{Receiver, bounded};
use egui::{
    Align, Button, Frame, Id, Key, Layout, Margin, Modal, RichText, ScrollArea, Stroke, TextEdit,
    Ui,
};

use self::listing::{Entry, Listing, MAX_ENTRIES, expanded, list, split, with_slash};
use crate::jobs;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Width and height of the list, points.
const WIDTH: f32 = 560.0;
const LIST_HEIGHT: f32 = 300.0;

/// A kind of file: label and endings.
pub type Filter = (&'static str, &'static [&'static str]);

/// What can be chosen in a dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A file that is there.
    File,
    Folder,
    /// A new file, under this name or another.
    NewFile(String),
}

/// What a dialog asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub title: &'static str,
    /// Kinds of file it lists. Empty: all files.
    pub filters: Vec<Filter>,
    pub wanted: Wanted,
    /// The folder to begin in.
    pub folder: Option<PathBuf>,
}

/// What became of the prompt this frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Open,
    Cancelled,
    Chosen(PathBuf),
}

/// The prompt.
pub struct PathPrompt {
    question: Question,
    typed: String,
    listing: Listing,
    waiting: Option<(PathBuf, Receiver<Listing>)>,
    fresh: bool,
    /// Enter was pressed before the folder was read.
    entered: bool,
}

impl PathPrompt {
    pub fn new(question: Question) -> Self {
        let folder = question
            .folder
            .clone()
            .or_else(|| std::env::current_dir().ok())
            .unwrap_or_else(|| PathBuf::from("/"));
        let typed = match &question.wanted {
            Wanted::NewFile(name) => folder.join(name).display().to_string(),
            Wanted::File | Wanted::Folder => with_slash(&folder),
        };
        Self {
            question,
            typed,
            listing: Listing::default(),
            waiting: None,
            fresh: true,
            entered: false,
        }
    }

    /// Shows the prompt over the window.
    pub fn show(&mut self, ui: &mut Ui) -> Outcome {
        self.follow_folder(ui.ctx());
        let palette = Palette::of(ui);
        let modal = Modal::new(Id::unique("path prompt"))
            .backdrop_color(palette.scrim)
            .frame(
                Frame::new()
                    .fill(palette.panel)
                    .stroke(Stroke::new(1.0, palette.line))
                    .corner_radius(theme::RADIUS_PANEL)
                    .inner_margin(Margin::same(16)),
            );
        let width = WIDTH.min(ui.ctx().content_rect().width() - 64.0);
        let response = modal.show(ui.ctx(), |ui| {
            ui.set_width(width);
            self.contents(ui, palette)
        });
        if response.should_close() && response.inner == Outcome::Open {
            return Outcome::Cancelled;
        }
        response.inner
    }

    fn contents(&mut self, ui: &mut Ui, palette: &Palette) -> Outcome {
        ui.label(
            RichText::new(self.question.title)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        );
        ui.add_space(4.0);
        let field = ui
            .add(
                TextEdit::singleline(&mut self.typed)
                    .id(Id::unique("path"))
                    .hint_text("A path")
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(10, 8)),
            )
            .accessible_name("Path");
        if std::mem::take(&mut self.fresh) {
            field.request_focus();
            self.cursor_to_end(ui);
        }
        let mut outcome = self.list_ui(ui, palette);
        let verdict = self.verdict();
        ui.add_space(4.0);
        match &verdict {
            Ok(Some(warning)) => ui.label(
                RichText::new(*warning)
                    .font(theme::regular(theme::SIZE_BODY))
                    .color(palette.warning),
            ),
            Ok(None) => widgets::note(ui, " "),
            Err(why) => widgets::note(ui, *why),
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = match self.question.wanted {
                Wanted::NewFile(_) => "Save",
                Wanted::File => "Open",
                Wanted::Folder => "Choose",
            };
            let go = ui.add_enabled(verdict.is_ok(), widgets::primary_button(name, palette));
            // Enter that comes while the folder is still read counts once it is.
            let pressed = ui.input(|input| input.key_pressed(Key::Enter));
            let refused = verdict.is_err() && !self.is_reading();
            self.entered = !refused && (pressed || (self.entered && !field.changed()));
            if verdict.is_ok() && (go.clicked() || self.entered) {
                outcome = Outcome::Chosen(self.path());
            }
            if ui.add(Button::new("Cancel")).clicked() {
                outcome = Outcome::Cancelled;
            }
        });
        outcome
    }

    fn list_ui(&mut self, ui: &mut Ui, palette: &Palette) -> Outcome {
        let mut outcome = Outcome::Open;
        let (folder, part) = split(&self.typed);
        let current = self.listing.folder == folder;
        ScrollArea::vertical()
            .id_salt(&folder)
            .max_height(LIST_HEIGHT)
            .min_scrolled_height(LIST_HEIGHT)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                if let Some(error) = self.listing.error.as_ref().filter(|_| current) {
                    widgets::note(ui, error);
                    return;
                }
                let mut to = None;
                if let Some(parent) = folder.parent()
                    && entry_ui(ui, "..", false, palette).clicked()
                {
                    to = Some(with_slash(parent));
                }
                if current {
                    for entry in self.shown(&part) {
                        let row = entry_ui(ui, &entry.name, entry.is_file, palette);
                        let path = folder.join(&entry.name);
                        if row.double_clicked()
                            && entry.is_file
                            && self.question.wanted == Wanted::File
                        {
                            outcome = Outcome::Chosen(path);
                        } else if row.clicked() {
                            to = Some(if entry.is_file {
                                path.display().to_string()
                            } else {
                                with_slash(&path)
                            });
                        }
                    }
                }
                if let Some(to) = to {
                    self.go_to(ui, to);
                }
            });
        outcome
    }

    /// Entries that the typed name begins, all of them where it is a whole name or nothing.
    fn shown(&self, part: &str) -> Vec<Entry> {
        let entries = &self.listing.entries;
        let whole = self.is_saving() || entries.iter().any(|entry| entry.name == part);
        let part = part.to_lowercase();
        entries
            .iter()
            .filter(|entry| whole || entry.name.to_lowercase().starts_with(&part))
            .take(MAX_ENTRIES)
            .cloned()
            .collect()
    }

    fn go_to(&mut self, ui: &Ui, typed: String) {
        // A folder clicked while a new file is named keeps that name.
        self.typed = match &self.question.wanted {
            Wanted::NewFile(name) if typed.ends_with('/') => {
                let (_, part) = split(&self.typed);
                let part = if part.is_empty() { name.clone() } else { part };
                format!("{typed}{part}")
            }
            _ => typed,
        };
        self.cursor_to_end(ui);
    }

    fn cursor_to_end(&self, ui: &Ui) {
        let id = Id::unique("path");
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let end = egui::text::CCursor::new(self.typed.chars().count());
        state
            .cursor
            .set_char_range(Some(egui::text::CCursorRange::one(end)));
        TextEdit::store_state(ui.ctx(), id, state);
    }

    fn is_saving(&self) -> bool {
        matches!(self.question.wanted, Wanted::NewFile(_))
    }

    fn path(&self) -> PathBuf {
        expanded(self.typed.trim())
    }

    /// Whether the folder of the typed path is not the one that is listed yet.
    fn is_reading(&self) -> bool {
        self.listing.folder != split(&self.typed).0
    }

    /// Whether the path can be taken: a warning beside it, or why not.
    fn verdict(&self) -> Result<Option<&'static str>, &'static str> {
        let (_, part) = split(&self.typed);
        if self.is_reading() {
            return Err("Reading the folder…");
        }
        if self.listing.error.is_some() {
            return Err("That folder cannot be read.");
        }
        let there = self.listing.entries.iter().find(|entry| entry.name == part);
        if self.question.wanted == Wanted::Folder {
            return match self.path().is_dir() {
                true => Ok(None),
                false => Err("There is no such folder."),
            };
        }
        match (self.is_saving(), there) {
            (_, Some(entry)) if !entry.is_file => Err("That is a folder; choose a file in it."),
            (true, Some(_)) => Ok(Some("That file is there already and will be replaced.")),
            (true, None) if part.is_empty() => Err("Give the new file a name."),
            (false, None) if part.is_empty() => Err("Choose a file, or type or paste its path."),
            (false, None) if !self.path().is_file() => Err("There is no such file."),
            _ => Ok(None),
        }
    }

    /// Has the folder of the typed path read, when it is another one than shown.
    fn follow_folder(&mut self, ctx: &egui::Context) {
        if let Some((_, receiver)) = &self.waiting {
            match receiver.try_recv() {
                Ok(listing) => {
                    self.listing = listing;
                    self.waiting = None;
                }
                Err(crossbeam_channel::TryRecvError::Empty) => {}
                Err(crossbeam_channel::TryRecvError::Disconnected) => self.waiting = None,
            }
        }
        let (folder, _) = split(&self.typed);
        let asked = self.waiting.as_ref().map(|(folder, _)| folder);
        if self.listing.folder == folder || asked.is_some() {
            return;
        }
        let endings: Vec<&'static str> = self
            .question
            .filters
            .iter()
            .flat_map(|(_, endings)| endings.iter().copied())
            .collect();
        let folders_only = self.question.wanted == Wanted::Folder;
        let (sender, receiver) = bounded(1);
        let (ctx, wanted) = (ctx.clone(), folder.clone());
        let started = jobs::spawn("list folder", move || {
            // Nobody listens once the prompt is closed.
            let mut listing = list(wanted, &endings);
            listing
                .entries
                .retain(|entry| !(folders_only && entry.is_file));
            let _ = sender.send(listing);
            ctx.request_repaint();
        });
        match started {
            Ok(_) => self.waiting = Some((folder, receiver)),
            Err(error) => {
                self.listing = Listing {
                    folder,
                    entries: Vec::new(),
                    error: Some(format!(
                        "The folder cannot be read: {}",
                        text::system_reason(&error)
                    )),
                }
            }
        }
    }
}

fn entry_ui(ui: &mut Ui, name: &str, is_file: bool, palette: &Palette) -> egui::Response {
    let text = if is_file {
        RichText::new(name).color(palette.text)
    } else {
        RichText::new(format!("{name}/")).color(palette.accent)
    };
    ui.add(
        Button::new(text.font(theme::regular(theme::SIZE_BODY)))
            .frame(false)
            .truncate()
            .min_size(egui::vec2(ui.available_width(), 0.0)),
    )
}

#[cfg(test)]
mod tests {
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
}
