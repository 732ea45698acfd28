//! Pointer, wheel and keys over the timeline: seek, scrub, range, pan, zoom, fit.

use super::Head;
use super::edges::is_edge_taken;
use super::map::TimeMap;
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use egui::{Id, Key, Modifiers, PointerButton, Response, Ui};

/// Zoom of one notch of the wheel is egui's; this bounds one frame's.
pub(super) const MAX_ZOOM_STEP: f64 = 4.0;

/// Pointer and wheel: seek, scrub, range, pan, zoom, fit.
#[expect(
    clippy::too_many_arguments,
    reason = "the pointer touches everything there is"
)]
pub(super) fn listen(
    ui: &Ui,
    surface: &Response,
    ruler: &Response,
    head: &Head,
    mut map: TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let duration = session.duration_secs();
    let secs_at = |x: f32| map.secs_from_x(x).clamp(0.0, duration);
    if surface.double_clicked() || ruler.double_clicked() {
        commands.push(Command::FitTimeline);
        return;
    }
    // Drag on the ruler chooses a range; a click there, or a drag anywhere else, moves the
    // playhead.
    let origin_id = Id::unique("timeline range origin");
    if ruler.drag_started_by(PointerButton::Primary)
        && let Some(pos) = ui.input(|input| input.pointer.press_origin())
    {
        ui.data_mut(|data| data.insert_temp(origin_id, secs_at(pos.x)));
    }
    if ruler.dragged_by(PointerButton::Primary)
        && let Some(pos) = ruler.interact_pointer_pos()
        && let Some(origin) = ui.data(|data| data.get_temp::<f64>(origin_id))
    {
        let here = secs_at(pos.x);
        commands.push(Command::SetRange(Some((
            origin.min(here),
            origin.max(here),
        ))));
    }
    let seek_to = [surface, ruler]
        .into_iter()
        .find(|response| response.clicked())
        .or_else(|| {
            surface
                .dragged_by(PointerButton::Primary)
                .then_some(surface)
        })
        .and_then(Response::interact_pointer_pos)
        .filter(|_| !is_edge_taken(ui));
    if let Some(pos) = seek_to {
        commands.push(Command::SeekTo(secs_at(pos.x)));
    }
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let inside = pointer.filter(|pos| surface.rect.contains(*pos) && pos.x >= head.ruler.left());
    let mut moved = false;
    if surface.dragged_by(PointerButton::Middle) || ruler.dragged_by(PointerButton::Middle) {
        map.pan(ui.input(|input| input.pointer.delta().x));
        moved = true;
    }
    if let Some(pos) = inside {
        let (zoom, scroll) =
            ui.input(|input| (f64::from(input.zoom_delta()), input.smooth_scroll_delta()));
        if (zoom - 1.0).abs() > 1e-4 {
            map.zoom_at(pos.x, zoom.clamp(1.0 / MAX_ZOOM_STEP, MAX_ZOOM_STEP));
            moved = true;
        }
        if scroll.x.abs() > 0.1 {
            map.pan(scroll.x);
            moved = true;
        }
        let secs = map.secs_from_x(pos.x).clamp(0.0, duration);
        if surface.hovered() || ruler.hovered() {
            commands.push(Command::HoverOver(Hover {
                secs: Some(secs),
                segment: session.segment_at(secs),
                ..Hover::default()
            }));
        }
    }
    if surface.has_focus() {
        // Arrow keys on the focused timeline do what they do everywhere; Shift makes the step a
        // frame.
        let step = ui.input_mut(|input| {
            i64::from(input.consume_key(Modifiers::SHIFT, Key::ArrowRight))
                - i64::from(input.consume_key(Modifiers::SHIFT, Key::ArrowLeft))
        });
        if step != 0 {
            commands.push(Command::StepFrames(step));
        }
    }
    if moved {
        commands.push(Command::ShowTimeline {
            start_secs: map.start_secs,
            span_secs: map.span_secs,
        });
    }
    let _ = state;
}
