//! Where the pointer went, however slow frames are. egui looks at where it is at the end of a
//! frame.

use egui::{Event, InputState, Pos2, Rect, Ui};

/// Where the pointer was pressed in `place` in this frame; `None` where it was not, or something
/// lies above. Where it moved to within the same frame does not matter.
pub fn pressed_now(ui: &Ui, place: Rect) -> Option<Pos2> {
    let origin = ui.input(|input| {
        let pointer = &input.pointer;
        let begins = pointer.primary_pressed().then(|| pointer.press_origin());
        begins.flatten()
    });
    origin.filter(|&origin| {
        place.contains(origin) && ui.ctx().layer_id_at(origin) == Some(ui.layer_id())
    })
}

/// All places of the pointer in this frame, from its last press on where it was `pressed` in it.
pub fn way_of_pointer(input: &InputState, pressed: bool) -> Vec<Pos2> {
    let is_press = |event: &Event| matches!(event, Event::PointerButton { pressed: true, .. });
    let press = (input.events.iter().rposition(is_press)).filter(|_| pressed);
    let way = input.events.iter().skip(press.unwrap_or(0));
    way.filter_map(|event| match event {
        Event::PointerMoved(pos) | Event::PointerButton { pos, .. } => Some(*pos),
        _ => None,
    })
    .collect()
}
