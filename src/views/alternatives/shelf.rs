//! Where the cards lie: side by side, in more rows where the panel is high, else scrolled with a
//! sign of what is hidden.

use egui::style::{ScrollFadeStyle, ScrollStyle};
use egui::{Button, Id, Rect, RichText, ScrollArea, Sense, Stroke, Ui, Vec2, pos2, vec2};

use crate::ui::parts;
use crate::ui::shapes;
use crate::ui::theme::{self, Palette};

/// Between two cards.
pub(super) const GAP: f32 = 12.0;
/// So narrow a card still has its letter, share, length, a picture and its main actions.
const LEAST_WIDTH: f32 = 165.0;
/// So low a card in a second row still has its pictures.
const LEAST_HEIGHT: f32 = 104.0;
/// What of the first hidden card is seen, as a share of its width.
const PEEK: f32 = 0.35;
/// The scroll bar under the cards, and the air above it.
const BAR: (f32, f32) = (5.0, 3.0);
/// Over so many points the cards fade out at an edge that hides more of them.
const FADE: f32 = 64.0;

/// How the cards are laid out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shelf {
    /// Size of a card.
    pub(super) card: Vec2,
    /// Cards in a row.
    per_row: usize,
    /// Whether some cards are out of sight.
    pub(super) scrolls: bool,
}

impl Shelf {
    /// One row where all cards fit; more rows where there is height for them; else one row that
    /// scrolls.
    pub(super) fn lay_out(area: Vec2, count: usize) -> Self {
        let count = count.max(1);
        let share =
            |room: f32, parts: usize| (room - GAP * parts.saturating_sub(1) as f32) / parts as f32;
        if count == 1 {
            // One kind alone keeps the width of a card and leaves room for why it is alone.
            let width = share(area.x, 2).max(LEAST_WIDTH.min(area.x));
            return Self {
                card: vec2(width, area.y),
                per_row: 1,
                scrolls: false,
            };
        }
        for rows in 1..=count {
            let per_row = count.div_ceil(rows);
            let card = vec2(share(area.x, per_row), share(area.y, rows));
            if rows > 1 && card.y < LEAST_HEIGHT {
                break;
            }
            if card.x >= LEAST_WIDTH {
                return Self {
                    card,
                    per_row,
                    scrolls: false,
                };
            }
        }
        // Never a whole number of cards: a part of one says that there are more.
        let whole = ((area.x - PEEK * LEAST_WIDTH) / (LEAST_WIDTH + GAP))
            .floor()
            .max(1.0);
        let width = ((area.x - GAP * whole) / (whole + PEEK)).max(LEAST_WIDTH.min(area.x));
        Self {
            card: vec2(width, area.y - BAR.0 - BAR.1),
            per_row: count,
            scrolls: true,
        }
    }

    fn step(&self) -> f32 {
        self.card.x + GAP
    }

    /// Where a card lies in an area that begins at `left_top`.
    fn place(&self, left_top: egui::Pos2, index: usize) -> Rect {
        let (row, column) = (index / self.per_row, index % self.per_row);
        let min = left_top
            + vec2(
                column as f32 * self.step(),
                row as f32 * (self.card.y + GAP),
            );
        Rect::from_min_size(min, self.card)
    }

    /// How many cards are not wholly seen before and after a window of one row that begins at
    /// `offset`.
    fn hidden(&self, count: usize, offset: f32, window: f32) -> (usize, usize) {
        let left = |index: usize| index as f32 * self.step();
        let before = (0..count).filter(|&i| left(i) < offset - 1.0).count();
        let after = (0..count)
            .filter(|&i| left(i) + self.card.x > offset + window + 1.0)
            .count();
        (before, after)
    }

    /// Offset of the next windowful of cards after `offset`, or of that before it.
    fn turned(&self, offset: f32, window: f32, forward: bool) -> f32 {
        let whole = ((window + GAP) / self.step()).floor().max(1.0);
        let first = offset / self.step();
        let first = if forward {
            first.floor() + whole
        } else {
            first.ceil() - whole
        };
        first.max(0.0) * self.step()
    }
}

/// Shows the cards; `card` shows one.
pub(super) fn shelf_ui(
    ui: &mut Ui,
    area: Rect,
    shelf: &Shelf,
    count: usize,
    chosen: Option<usize>,
    mut card: impl FnMut(&mut Ui, Rect, usize),
) {
    let mut child = parts::column(ui, area, "cards");
    if !shelf.scrolls {
        for index in 0..count {
            card(&mut child, shelf.place(area.min, index), index);
        }
        return;
    }
    let palette = Palette::of(ui);
    style_bar(&mut child, palette);
    let (chosen_id, target_id) = (
        Id::unique("chosen card"),
        Id::unique("offset of the cards to go to"),
    );
    let last = ui
        .data(|data| data.get_temp::<Option<usize>>(chosen_id))
        .flatten();
    ui.data_mut(|data| data.insert_temp(chosen_id, chosen));
    let mut scroll = ScrollArea::horizontal()
        .id_salt("cards scroll")
        .auto_shrink([false, false]);
    if let Some(offset) = ui.data_mut(|data| data.remove_temp::<f32>(target_id)) {
        scroll = scroll.horizontal_scroll_offset(offset);
    }
    let shown = scroll.show(&mut child, |ui| {
        let total = shelf.step() * count as f32 - GAP;
        let (space, _) = ui.allocate_exact_size(vec2(total, shelf.card.y), Sense::hover());
        for index in 0..count {
            let place = shelf.place(space.min, index);
            if ui.is_rect_visible(place) {
                card(ui, place, index);
            }
            // A kind that is chosen by its key or in another panel comes into sight.
            if chosen == Some(index) && chosen != last {
                ui.scroll_to_rect(place, None);
            }
        }
    });
    let window = shown.inner_rect;
    let offset = shown.state.clamped_offset().x;
    let (before, after) = shelf.hidden(count, offset, window.width());
    for (number, forward) in [(before, false), (after, true)] {
        if number > 0 && more_ui(ui, window, shelf.card.y, number, forward) {
            let target = shelf.turned(offset, window.width(), forward);
            ui.data_mut(|data| data.insert_temp(target_id, target));
            ui.request_repaint();
        }
    }
}

/// The bar is always in sight and takes no pointer from the cards.
fn style_bar(ui: &mut Ui, palette: &Palette) {
    ui.spacing_mut().scroll = ScrollStyle {
        bar_width: BAR.0,
        bar_inner_margin: BAR.1,
        // The edges have a fade of their own.
        fade: ScrollFadeStyle {
            strength: 0.0,
            ..ScrollFadeStyle::default()
        },
        ..ScrollStyle::solid()
    };
    let widgets = &mut ui.visuals_mut().widgets;
    widgets.inactive.bg_fill = palette.faint;
    widgets.hovered.bg_fill = palette.secondary;
    widgets.active.bg_fill = palette.secondary;
}

/// The edge behind which more cards are, with how many; whether it was clicked.
fn more_ui(ui: &mut Ui, window: Rect, height: f32, number: usize, forward: bool) -> bool {
    let palette = Palette::of(ui);
    let cards = Rect::from_min_size(window.min, vec2(window.width(), height));
    let (label, name, edge) = if forward {
        let edge = Rect::from_min_max(pos2(cards.right() - FADE, cards.top()), cards.max);
        (format!("{number} more ›"), "later", edge)
    } else {
        let edge = Rect::from_min_max(cards.min, pos2(cards.left() + FADE, cards.bottom()));
        (format!("‹ {number} more"), "earlier", edge)
    };
    let (left, right) = if forward {
        (egui::Color32::TRANSPARENT, palette.ground)
    } else {
        (palette.ground, egui::Color32::TRANSPARENT)
    };
    shapes::paint_fade(ui.painter(), edge, left, right);
    let words = RichText::new(label)
        .font(theme::medium(theme::SIZE_BODY))
        .color(palette.text);
    let size = vec2(74.0, 28.0);
    let centre = if forward {
        pos2(edge.right() - size.x / 2.0 - 2.0, edge.center().y)
    } else {
        pos2(edge.left() + size.x / 2.0 + 2.0, edge.center().y)
    };
    let button = Button::new(words)
        .fill(palette.control)
        .stroke(Stroke::new(1.0, palette.faint))
        .min_size(size);
    let mut child = parts::column(
        ui,
        Rect::from_center_size(centre, size),
        ("more cards", forward),
    );
    child.spacing_mut().button_padding.x = 4.0;
    child
        .add_sized(size, button)
        .on_hover_text("Scrolls to the other kinds of summary.")
        .accessible_name(format!("{number} {name} kinds of summary"))
        .clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_cards_fit_a_large_window_and_four_keep_their_width() {
        let eight = Shelf::lay_out(vec2(1576.0, 124.0), 8);
        assert!(!eight.scrolls && eight.per_row == 8);
        assert!(eight.card.x >= 175.0, "{eight:?}");
        let four = Shelf::lay_out(vec2(1576.0, 124.0), 4);
        assert_eq!(four.card, vec2((1576.0 - 36.0) / 4.0, 124.0));
        let one = Shelf::lay_out(vec2(1576.0, 124.0), 1);
        assert_eq!(one.card.x, (1576.0 - 12.0) / 2.0);
    }

    #[test]
    fn a_high_panel_has_rows_and_a_low_one_scrolls_with_a_part_of_a_card_in_sight() {
        let tab = Shelf::lay_out(vec2(776.0, 256.0), 8);
        assert!(!tab.scrolls);
        assert_eq!(tab.per_row, 4);
        for width in [300.0, 500.0, 776.0, 1000.0, 1256.0] {
            let low = Shelf::lay_out(vec2(width, 94.0), 8);
            assert!(low.scrolls && low.card.x >= LEAST_WIDTH, "{width}: {low:?}");
            let (before, after) = low.hidden(8, 0.0, width);
            assert_eq!(before, 0);
            let whole = (8 - after) as f32;
            let peek = width - whole * low.step();
            assert!(peek > 20.0, "a sign of {after} hidden cards at {width}");
        }
    }

    #[test]
    fn turning_the_shelf_shows_what_was_hidden_and_goes_back() {
        let (window, count) = (1256.0, 8);
        let shelf = Shelf::lay_out(vec2(window, 94.0), count);
        let most = shelf.step() * count as f32 - GAP - window;
        let end = shelf.turned(0.0, window, true).min(most);
        let (before, after) = shelf.hidden(count, end, window);
        assert!(before > 0);
        assert_eq!(after, 0);
        assert_eq!(shelf.turned(end, window, false), 0.0);
    }
}
