//! Parts of a panel that have a place of their own, where egui's own layouts would not keep them:
//! beside what is painted, at an edge, in a card.

use egui::{Align, AsIdSalt, Layout, Rect, Ui, UiBuilder};

/// A part laid out from left to right.
pub fn row(ui: &mut Ui, place: Rect, id: impl AsIdSalt) -> Ui {
    part(ui, place, id, Layout::left_to_right(Align::Center))
}

/// A part laid out from right to left.
pub fn row_from_right(ui: &mut Ui, place: Rect, id: impl AsIdSalt) -> Ui {
    part(ui, place, id, Layout::right_to_left(Align::Center))
}

/// A part laid out from top to bottom.
pub fn column(ui: &mut Ui, place: Rect, id: impl AsIdSalt) -> Ui {
    part(ui, place, id, Layout::top_down(Align::Min))
}

/// A part with a layout of its own.
pub fn part(ui: &mut Ui, place: Rect, id: impl AsIdSalt, layout: Layout) -> Ui {
    let builder = UiBuilder::new().max_rect(place).id_salt(id).layout(layout);
    ui.new_child(builder)
}
