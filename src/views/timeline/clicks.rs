//! What a press on a row of the timeline does, whatever the row shows. Paints nothing.

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::map::TimeMap;
use crate::session::Session;
use crate::state::Hover;
use crate::state::command::Command;

/// The time that lies under a press on a row.
pub(super) fn secs_under(response: &Response, map: &TimeMap, session: &Session) -> Option<f64> {
    let pos = response.interact_pointer_pos()?;
    Some(map.secs_from_x(pos.x).clamp(0.0, session.duration_secs()))
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place for what every row does alike"
)]
pub(super) fn lane_click(
    ui: &Ui,
    rect: Rect,
    salt: (&'static str, usize),
    map: &TimeMap,
    commands: &mut Vec<Command>,
    select: Command,
    hover: Hover,
    name: String,
) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(salt), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() {
        let secs = response.hover_pos().map(|pos| map.secs_from_x(pos.x));
        commands.push(Command::HoverOver(Hover { secs, ..hover }));
    }
    if response.double_clicked() {
        commands.push(Command::FitTimeline);
    } else if response.clicked() {
        commands.push(select);
        if let Some(pos) = response.interact_pointer_pos() {
            let secs = map.secs_from_x(pos.x);
            if secs >= 0.0 && f64::from(pos.x) >= map.left {
                commands.push(Command::SeekTo(secs));
            }
        }
    }
    response
}
