//! The way of the keyboard through the window: Tab goes along rows from left to right, and a ring
//! shows where it is.
//!
//! Widgets are visited in the order in which they were shown; only what stands side by side in one
//! row is put in order, because rows that are laid out from the right are shown from the right.
//! Menus and lists keep egui's own way.

use egui::{Context, FocusDirection, Id, Key, Modifiers, Popup, Rect, Stroke, StrokeKind};

use super::theme::{Palette, RADIUS_CONTROL};

/// Where the id of the widget is kept that has the Tab key to itself while it has the focus.
pub fn tab_key_owner() -> Id {
    Id::unique("owner of the Tab key")
}

/// Moves the focus where Tab or Shift+Tab was pressed. Call it before the widgets are shown.
pub fn walk(ctx: &Context) {
    let pressed = |modifiers| {
        ctx.input(|input| {
            input.events.iter().any(|event| {
                matches!(event, egui::Event::Key { key: Key::Tab, pressed: true, modifiers: held, .. }
                    if *held == modifiers)
            })
        })
    };
    let step = match (pressed(Modifiers::NONE), pressed(Modifiers::SHIFT)) {
        (true, _) => 1,
        (_, true) => -1,
        _ => return,
    };
    let focused = ctx.memory(|memory| memory.focused());
    let owner: Option<Id> = ctx.data(|data| data.get_temp(tab_key_owner()));
    if Popup::is_any_open(ctx) || (owner.is_some() && owner == focused) {
        return;
    }
    let order = stops(ctx);
    let at = focused.and_then(|id| order.iter().position(|stop| *stop == id));
    let next = match (at, step) {
        _ if order.is_empty() => return,
        (Some(at), step) => (at as isize + step).rem_euclid(order.len() as isize) as usize,
        (None, 1) => 0,
        (None, _) => order.len() - 1,
    };
    ctx.memory_mut(|memory| {
        memory.move_focus(FocusDirection::None);
        memory.request_focus(order[next]);
    });
}

/// What can have the focus, in the order of the last frame.
fn stops(ctx: &Context) -> Vec<Id> {
    let layers: Vec<_> = ctx.memory(|memory| {
        let all = memory.layer_ids();
        all.filter(|layer| memory.allows_interaction(*layer))
            .collect()
    });
    ctx.viewport(|viewport| {
        let widgets = &viewport.prev_pass.widgets;
        let mut order = Vec::new();
        for layer in layers {
            let shown = widgets.get_layer(layer).filter(|widget| {
                widget.sense.is_focusable()
                    && widget.enabled
                    && widget.visible
                    && widget.rect.is_finite()
                    && widget.rect.is_positive()
            });
            let places: Vec<(Id, Rect)> = shown.map(|widget| (widget.id, widget.rect)).collect();
            order.extend(in_rows(places));
        }
        order
    })
}

/// The order of widgets, with those that follow each other in one row sorted from left to right.
fn in_rows(places: Vec<(Id, Rect)>) -> Vec<Id> {
    let mut order = Vec::with_capacity(places.len());
    let mut row: Vec<(Id, Rect)> = Vec::new();
    let mut flush = |row: &mut Vec<(Id, Rect)>| {
        row.sort_by(|a, b| a.1.left().total_cmp(&b.1.left()));
        order.extend(row.drain(..).map(|(id, _)| id));
    };
    for (id, rect) in places {
        if row
            .first()
            .is_some_and(|(_, first)| !same_row(first, &rect))
        {
            flush(&mut row);
        }
        row.push((id, rect));
    }
    flush(&mut row);
    order
}

/// Whether two widgets stand in one row: neither is twice as high as the other, and the middle of
/// one lies beside the other.
fn same_row(a: &Rect, b: &Rect) -> bool {
    let (low, high) = if a.height() < b.height() {
        (a, b)
    } else {
        (b, a)
    };
    low.height() * 2.0 >= high.height() && high.y_range().contains(low.center().y)
}

/// Paints a ring around what has the focus. Text fields have a frame of their own. Call it after
/// the widgets were shown.
pub fn paint_ring(ctx: &Context) {
    if ctx.text_edit_focused() {
        return;
    }
    let Some(response) = ctx
        .memory(|memory| memory.focused())
        .and_then(|id| ctx.read_response(id))
    else {
        return;
    };
    if !response.interact_rect.is_positive() {
        return;
    }
    let accent = Palette::for_dark_mode(ctx.global_style().visuals.dark_mode).accent;
    ctx.layer_painter(response.layer_id).rect_stroke(
        response.interact_rect.expand(1.0),
        RADIUS_CONTROL,
        Stroke::new(2.0, accent),
        StrokeKind::Outside,
    );
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    #[test]
    fn a_row_shown_from_the_right_is_walked_from_the_left() {
        let id = |name: &str| Id::unique(name);
        let place = |name, x: f32, y: f32, height: f32| {
            let rect = Rect::from_min_size(pos2(x, y), vec2(40.0, height));
            (id(name), rect)
        };
        let order = in_rows(vec![
            place("open", 0.0, 10.0, 28.0),
            place("commands", 300.0, 10.0, 28.0),
            place("draw", 200.0, 12.0, 24.0),
            // A card is no part of the row of buttons in it.
            place("card", 0.0, 60.0, 150.0),
            place("export", 90.0, 190.0, 18.0),
            place("pin", 10.0, 190.0, 18.0),
            place("next card", 150.0, 60.0, 150.0),
        ]);
        let names = [
            "open",
            "draw",
            "commands",
            "card",
            "pin",
            "export",
            "next card",
        ];
        assert_eq!(order, names.map(id));
    }
}
