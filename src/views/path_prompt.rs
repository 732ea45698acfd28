//! The program's own way to choose a file, for systems without file dialogs: a path that can be
//! typed or pasted, over the entries of its folder. Folders are listed on a thread; the window
//! never waits for a disk.

mod listing;
mod row;
mod typing;

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, bounded};
use egui::{
    Align, Button, Event, FocusDirection, Id, Key, Layout, Margin, Modal, Modifiers, RichText,
    ScrollArea, TextEdit, Ui,
};

use self::listing::{Entry, Listing, MAX_ENTRIES, list, split, with_slash};
use self::row::Row;
use self::typing::{completed, restarted};
use crate::files::typed_path;
use crate::jobs;
use crate::ui::theme::{self, Palette};
use crate::ui::{dialog, focus, text, widgets};

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
    /// The row of the list that the arrow keys stand on; the first is the folder above where there
    /// is one.
    marked: Option<usize>,
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
            marked: None,
        }
    }

    /// Shows the prompt over the window.
    pub fn show(&mut self, ui: &mut Ui) -> Outcome {
        self.follow_folder(ui.ctx());
        let palette = Palette::of(ui);
        let width = WIDTH.min(ui.ctx().content_rect().width() - 64.0);
        let area = Modal::default_area(Id::unique("path prompt"));
        let (outcome, close) = dialog::show(ui.ctx(), area, palette, |ui| {
            ui.set_width(width);
            self.contents(ui, palette)
        });
        if close && outcome == Outcome::Open {
            return Outcome::Cancelled;
        }
        outcome
    }

    fn contents(&mut self, ui: &mut Ui, palette: &Palette) -> Outcome {
        ui.label(
            RichText::new(self.question.title)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        );
        ui.add_space(4.0);
        let id = Id::unique("path");
        if ui.memory(|memory| memory.focused()) == Some(id) {
            self.listen(ui);
        }
        ui.data_mut(|data| data.insert_temp(focus::tab_key_owner(), id));
        let before = self.typed.clone();
        let is_paste = |event: &Event| matches!(event, Event::Paste(_));
        let is_pasted = ui.input(|input| input.events.iter().any(is_paste));
        let field = ui
            .add(
                TextEdit::singleline(&mut self.typed)
                    .id(id)
                    .lock_focus(true)
                    .hint_text("A path")
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(10, 8)),
            )
            .accessible_name("Path");
        if field.changed() {
            self.marked = None;
            if let Some(whole) = restarted(&before, &self.typed, is_pasted) {
                self.typed = whole;
                self.cursor_to_end(ui);
            }
        }
        if std::mem::take(&mut self.fresh) {
            field.request_focus();
            self.cursor_to_end(ui);
        }
        // Enter is the field's, or nobody's: on a button it presses that button.
        let mine = field.has_focus()
            || field.lost_focus()
            || ui.memory(|memory| memory.focused().is_none());
        let pressed = mine && ui.input(|input| input.key_pressed(Key::Enter));
        let mut outcome = match pressed.then(|| self.entered_row()).flatten() {
            Some(row) => self.enter(ui, &row),
            None => Outcome::Open,
        };
        let pressed = pressed && self.typed == before && self.marked.is_none();
        if let Outcome::Chosen(path) = self.list_ui(ui, palette) {
            outcome = Outcome::Chosen(path);
        }
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
            let refused = verdict.is_err() && !self.is_reading();
            self.entered = !refused && (pressed || (self.entered && !field.changed()));
            if outcome == Outcome::Open && verdict.is_ok() && (go.clicked() || self.entered) {
                outcome = Outcome::Chosen(self.path());
            }
            if ui.add(Button::new("Cancel")).clicked() {
                outcome = Outcome::Cancelled;
            }
        });
        outcome
    }

    /// Tab completes, and goes on where there is nothing to complete; the arrow keys walk through
    /// the list.
    fn listen(&mut self, ui: &Ui) {
        let (down, up, tab, back) = ui.input_mut(|input| {
            (
                input.consume_key(Modifiers::NONE, Key::ArrowDown),
                input.consume_key(Modifiers::NONE, Key::ArrowUp),
                input.consume_key(Modifiers::NONE, Key::Tab),
                input.consume_key(Modifiers::SHIFT, Key::Tab),
            )
        });
        let rows = self.rows();
        if down {
            self.marked = Some(self.marked.map_or(0, |at| at + 1)).filter(|at| *at < rows.len());
        }
        if up {
            self.marked = match self.marked {
                None => rows.len().checked_sub(1),
                Some(at) => at.checked_sub(1),
            };
        }
        if back {
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::Previous));
        }
        if !tab {
            return;
        }
        let marked = self.marked.and_then(|at| rows.get(at).cloned());
        let (folder, part) = split(&self.typed);
        let whole = match marked {
            Some(Row::Above(parent)) => Some(with_slash(&parent)),
            Some(Row::Entry(entry)) => Some(self.typed_as(&folder, &entry)),
            None => completed(&part, &self.listing.entries).map(|name| {
                let there = self.listing.entries.iter().find(|entry| entry.name == name);
                match there {
                    Some(entry) => self.typed_as(&folder, entry),
                    None => format!("{}{name}", with_slash(&folder)),
                }
            }),
        };
        match whole {
            Some(whole) => {
                self.go_to(ui, whole);
                self.marked = None;
            }
            // Several begin so: the first is marked, and Tab once more takes it.
            None if !part.is_empty() && self.beginning_with(&part) > 1 => {
                self.marked = rows.iter().position(|row| matches!(row, Row::Entry(_)));
            }
            None => ui.memory_mut(|memory| memory.move_focus(FocusDirection::Next)),
        }
    }

    fn beginning_with(&self, part: &str) -> usize {
        let part = part.to_lowercase();
        let entries = self.listing.entries.iter();
        entries
            .filter(|entry| entry.name.to_lowercase().starts_with(&part))
            .count()
    }

    /// What stands in the field once an entry of a folder is taken.
    fn typed_as(&self, folder: &Path, entry: &Entry) -> String {
        let path = folder.join(&entry.name);
        match entry.is_file {
            true => path.display().to_string(),
            false => with_slash(&path),
        }
    }

    /// What Enter goes into or takes: the marked row, else a folder whose name is typed without a
    /// slash.
    fn entered_row(&self) -> Option<Row> {
        if let Some(at) = self.marked {
            return self.rows().get(at).cloned();
        }
        if self.is_reading() || self.question.wanted == Wanted::Folder {
            return None;
        }
        let (_, part) = split(&self.typed);
        let there = (self.listing.entries.iter()).find(|entry| entry.name == part);
        there
            .filter(|entry| !entry.is_file)
            .cloned()
            .map(Row::Entry)
    }

    fn enter(&mut self, ui: &Ui, row: &Row) -> Outcome {
        let (folder, _) = split(&self.typed);
        self.marked = None;
        ui.memory_mut(|memory| memory.request_focus(Id::unique("path")));
        match row {
            Row::Above(parent) => self.go_to(ui, with_slash(parent)),
            Row::Entry(entry) => {
                if entry.is_file && self.question.wanted == Wanted::File {
                    return Outcome::Chosen(folder.join(&entry.name));
                }
                self.go_to(ui, self.typed_as(&folder, entry));
            }
        }
        Outcome::Open
    }

    /// The rows of the list, the folder above first.
    fn rows(&self) -> Vec<Row> {
        let (folder, part) = split(&self.typed);
        let current = self.listing.folder == folder;
        let above = folder.parent().map(Path::to_path_buf).map(Row::Above);
        let entries = if current {
            self.shown(&part)
        } else {
            Vec::new()
        };
        above
            .into_iter()
            .chain(entries.into_iter().map(Row::Entry))
            .collect()
    }

    fn list_ui(&mut self, ui: &mut Ui, palette: &Palette) -> Outcome {
        let mut outcome = Outcome::Open;
        let (folder, _) = split(&self.typed);
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
                for (at, row) in self.rows().into_iter().enumerate() {
                    let marked = self.marked == Some(at);
                    let response = entry_ui(ui, row.name(), row.is_file(), marked, palette);
                    if marked {
                        response.scroll_to_me(None);
                    }
                    let opens = row.is_file() && self.question.wanted == Wanted::File;
                    if response.double_clicked() && opens {
                        outcome = self.enter(ui, &row);
                    } else if response.clicked() {
                        match &row {
                            Row::Above(parent) => self.go_to(ui, with_slash(parent)),
                            Row::Entry(entry) => self.go_to(ui, self.typed_as(&folder, entry)),
                        }
                        self.marked = None;
                    }
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
        typed_path(&self.typed)
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

fn entry_ui(
    ui: &mut Ui,
    name: &str,
    is_file: bool,
    marked: bool,
    palette: &Palette,
) -> egui::Response {
    let text = if is_file {
        RichText::new(name).color(palette.text)
    } else {
        RichText::new(format!("{name}/")).color(palette.accent)
    };
    ui.add(
        Button::selectable(marked, text.font(theme::regular(theme::SIZE_BODY)))
            .truncate()
            .min_size(egui::vec2(ui.available_width(), 0.0)),
    )
}

#[cfg(test)]
mod tests;
