//! The picking screen: the video, its segments on a timeline to pick from, the budget, and the picks so far.

use egui::{
    Align, Align2, Layout, PointerButton, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::side;
use crate::app::annotate::AnnotateCommand;
use crate::app::command::Command;
use crate::app::state::{AppState, Session};
use crate::domain::{AnnotatorWork, FrameRange, ranges};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{text, widgets};
use crate::views::player::{PaintPicture, screen_ui, time_ui};
use crate::views::timeline::map::TimeMap;
use crate::views::timeline::{model, paint};

const TIMELINE: f32 = 190.0;
const GUTTER: f32 = 76.0;

/// Shows the screen.
pub fn picking_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let below = Rect::from_min_max(pos2(area.left(), area.bottom() - TIMELINE), area.max);
    let above = Rect::from_min_max(area.min, pos2(area.right(), below.top() - PANEL_GAP));
    let wide = above.width() > 2.2 * side::WIDTH;
    let split = if wide {
        above.right() - side::WIDTH
    } else {
        above.right()
    };
    let main = Rect::from_min_max(
        above.min,
        pos2(if wide { split - PANEL_GAP } else { split }, above.bottom()),
    );
    widgets::panel_at(ui, main, "video", |ui| {
        video_ui(ui, state, session, picture, commands);
    });
    if wide {
        let right = Rect::from_min_max(pos2(split, above.top()), above.max);
        widgets::panel_at(ui, right, "work", |ui| {
            side_ui(ui, state, session, work, commands);
        });
    }
    widgets::panel_at(ui, below, "picks timeline", |ui| {
        timeline_ui(ui, state, session, work, commands);
    });
}

fn video_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    picture: &mut PaintPicture<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - 40.0));
    if screen.height() > 8.0 && screen_ui(ui, screen, state, session, picture).clicked() {
        commands.push(Command::TogglePlay);
    }
    let row = Rect::from_min_max(pos2(area.left(), area.bottom() - 32.0), area.max);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .id_salt("controls")
            .layout(Layout::left_to_right(Align::Center)),
    );
    let ui = &mut child;
    let (icon, name) = if state.playback.playing {
        (Icon::Pause, "Pause")
    } else {
        (Icon::Play, "Play")
    };
    if widgets::icon_button(ui, icon, 30.0, palette.text, name)
        .on_hover_text(Command::TogglePlay.tooltip())
        .clicked()
    {
        commands.push(Command::TogglePlay);
    }
    time_ui(ui, state, session.duration_secs(), commands);
    ui.add_space(8.0);
    for (label, command) in [
        ("Pick this segment", AnnotateCommand::ToggleSegment),
        ("Begin here", AnnotateCommand::SetIn),
        ("End here", AnnotateCommand::SetOut),
        ("Take out", AnnotateCommand::RemovePick),
    ] {
        if ui.available_width() < 110.0 {
            break;
        }
        if ui.button(label).on_hover_text(command.tooltip()).clicked() {
            commands.push(Command::Annotate(command));
        }
    }
}

fn side_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    side::head_ui(ui, work);
    ui.add_space(8.0);
    budget_ui(ui, session, work);
    side::time_ui(ui, state, work);
    ui.add_space(4.0);
    side::note_ui(ui, state);
    side::way_out_ui(ui, state, work, commands);
    ui.add_space(8.0);
    picks_ui(ui, session, work, commands);
}

/// How much of the budget is used.
fn budget_ui(ui: &mut Ui, session: &Session, work: &AnnotatorWork) {
    let palette = Palette::of(ui);
    let used_secs: f64 = work
        .picks
        .iter()
        .map(|r| session.index.range_secs(*r))
        .sum();
    let budget_secs = work.budget * session.duration_secs();
    side::fact_ui(
        ui,
        "Kept",
        &format!("{} of {}", text::clock(used_secs), text::clock(budget_secs)),
    );
    let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    let full = work.progress() > 0.995;
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::ProgressIndicator,
            true,
            format!("{} of the budget used", text::percent(work.progress())),
        )
    });
    let color = if full {
        palette.warning
    } else {
        palette.accent
    };
    widgets::paint_share_bar(ui, bar, work.progress(), color);
    side::fact_ui(
        ui,
        "Share of the video",
        &format!(
            "{} of {}",
            text::percent_fine(work.used_share()),
            text::percent_fine(work.budget)
        ),
    );
}

/// The picks in a list; a click goes there.
fn picks_ui(ui: &mut Ui, session: &Session, work: &AnnotatorWork, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    if ui.available_height() < 60.0 {
        return;
    }
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        widgets::note(ui, text::count(work.picks.len(), "pick"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !work.picks.is_empty()
                && widgets::text_button(ui, "Take all out", palette.secondary)
                    .on_hover_text("Takes all picks out; undo brings them back.")
                    .clicked()
            {
                commands.push(Command::Annotate(AnnotateCommand::ClearPicks));
            }
        });
    });
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for range in &work.picks {
            let start = session.index.secs_from_frame(range.start);
            let (rect, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
            let length = session.index.range_secs(*range);
            response.widget_info(|| {
                WidgetInfo::labeled(
                    Role::Button,
                    true,
                    format!("Pick at {}, {length:.1} s", text::clock(start)),
                )
            });
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(rect, 4, palette.control);
            }
            ui.painter().text(
                rect.left_center() + vec2(6.0, 0.0),
                Align2::LEFT_CENTER,
                text::timecode(start),
                theme::mono(theme::SIZE_BODY),
                palette.text,
            );
            ui.painter().text(
                rect.right_center() - vec2(6.0, 0.0),
                Align2::RIGHT_CENTER,
                format!("{length:.1} s"),
                theme::regular(theme::SIZE_BODY),
                palette.secondary,
            );
            if response.clicked() {
                commands.push(Command::SeekTo(start));
            }
        }
    });
}

/// Rows of the timeline.
struct Rows {
    ruler: Rect,
    film: Rect,
    segments: Rect,
    picks: Rect,
}

fn timeline_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let row = |top: f32, bottom: f32| {
        Rect::from_min_max(pos2(area.left() + GUTTER, top), pos2(area.right(), bottom))
    };
    let ruler = row(area.top(), area.top() + 20.0);
    let picks = row(area.bottom() - 26.0, area.bottom());
    let segments = row(picks.top() - 34.0, picks.top() - 6.0);
    let film = row(ruler.bottom(), segments.top() - 6.0);
    let rows = Rows {
        ruler,
        film,
        segments,
        picks,
    };
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(ruler.left(), ruler.width(), start_secs, span_secs);
    paint::paint_ruler(ui.painter(), rows.ruler, &map, palette);
    paint::paint_filmstrip(ui.painter(), rows.film, &map, session, palette, true);
    for (rect, label) in [(rows.segments, "Segments"), (rows.picks, "Picks")] {
        let gutter = Rect::from_min_max(
            pos2(area.left(), rect.top()),
            pos2(rect.left() - 8.0, rect.bottom()),
        );
        paint::paint_gutter_text(
            ui,
            gutter,
            label,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
    }
    seek_ui(ui, &rows, &map, commands);
    segments_ui(ui, &rows, &map, session, work, commands);
    drag_ui(ui, &rows, &map, state, session, work, commands);
    let x = map.x_from_secs(state.playback.position_secs);
    if x >= ruler.left() && x <= ruler.right() {
        let all = Rect::from_min_max(ruler.min, pos2(ruler.right(), area.bottom()));
        paint::paint_playhead(ui.painter(), all, x, palette);
    }
}

/// The ruler and the filmstrip move the playhead.
fn seek_ui(ui: &Ui, rows: &Rows, map: &TimeMap, commands: &mut Vec<Command>) {
    let rect = rows.ruler.union(rows.film);
    let response = ui.interact(rect, ui.scope_id().with("seek"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Position in the video"));
    if (response.clicked() || response.dragged_by(PointerButton::Primary))
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(Command::SeekTo(map.secs_from_x(pos.x)));
    }
}

/// Segments to click: picked ones filled, partly picked ones outlined.
fn segments_ui(
    ui: &Ui,
    rows: &Rows,
    map: &TimeMap,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rows.segments.expand(1.0));
    painter.rect_filled(rows.segments, 3, palette.well);
    let response = ui.interact(
        rows.segments,
        ui.scope_id().with("segments"),
        Sense::click(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Grid,
            true,
            format!(
                "{}: click one to keep it or to take it out",
                text::count(session.segments.len(), "segment")
            ),
        )
    });
    let hovered = response
        .hover_pos()
        .and_then(|pos| session.segment_at(map.secs_from_x(pos.x)));
    for (index, segment) in session.segments.iter().enumerate() {
        if !map.overlaps(segment.start_secs, segment.end_secs) {
            continue;
        }
        let rect = Rect::from_min_max(
            pos2(
                map.x_from_secs(segment.start_secs) + 0.5,
                rows.segments.top(),
            ),
            pos2(
                map.x_from_secs(segment.end_secs) - 0.5,
                rows.segments.bottom(),
            ),
        );
        let range = segment.frames();
        let left_out = ranges::frames_in(&ranges::difference(&[range], &work.picks));
        let fill = if left_out == 0 {
            palette.accent
        } else if hovered == Some(index) {
            palette.faint
        } else {
            palette.control_hover
        };
        painter.rect_filled(rect, 3, fill);
        if left_out > 0 && left_out < range.len() {
            painter.rect_stroke(
                rect,
                3,
                Stroke::new(1.0, palette.accent),
                StrokeKind::Inside,
            );
        }
    }
    if response.clicked()
        && let Some(segment) = hovered
    {
        let range = session.segments[segment].frames();
        commands.push(Command::Annotate(AnnotateCommand::Toggle(range)));
    }
    let tip = hovered.map_or_else(String::new, |segment| {
        let segment = &session.segments[segment];
        format!(
            "{} to {} · {:.1} s. Click to keep it or to take it out.",
            text::clock(segment.start_secs),
            text::clock(segment.end_secs),
            segment.duration_secs()
        )
    });
    if !tip.is_empty() {
        response.on_hover_text(tip);
    }
}

/// The picks; dragging over the row makes one.
fn drag_ui(
    ui: &Ui,
    rows: &Rows,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let rect = rows.picks;
    ui.painter().rect_filled(rect, 3, palette.well);
    let boxes = model::boxes(&session.ranges_secs(&work.picks), map, model::MERGE_POINTS);
    let inside = rect.shrink2(vec2(0.0, 3.0));
    let painter = ui.painter().with_clip_rect(rect);
    paint::paint_filled(&painter, inside, &boxes, palette.accent);
    let response = ui
        .interact(rect, ui.scope_id().with("draw"), Sense::click_and_drag())
        .on_hover_cursor(egui::CursorIcon::Crosshair);
    response.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Picks: drag to make one"));
    if work.picks.is_empty() && !response.dragged() {
        painter.text(
            rect.left_center() + vec2(10.0, 0.0),
            Align2::LEFT_CENTER,
            "Drag here to pick a stretch, click a segment above, or press Enter at the playhead.",
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
    }
    // A pick that has begun and waits for its end, by key or by pointer.
    let begun = state
        .annotate
        .in_frame
        .map(|frame| session.index.secs_from_frame(frame));
    let id = ui.scope_id().with("drag from");
    if response.drag_started()
        && let Some(pos) = response.interact_pointer_pos()
    {
        let secs = map.secs_from_x(pos.x);
        ui.data_mut(|data| data.insert_temp(id, secs));
    }
    let from: Option<f64> = ui.data(|data| data.get_temp(id));
    let to = response
        .interact_pointer_pos()
        .map(|pos| map.secs_from_x(pos.x));
    let open = match (from, to) {
        (Some(from), Some(to)) if response.dragged() || response.drag_stopped() => {
            Some((from.min(to), from.max(to)))
        }
        _ => begun.map(|start| {
            let at = state.playback.position_secs;
            (start.min(at), start.max(at))
        }),
    };
    if let Some((start, end)) = open {
        let place = Rect::from_min_max(
            pos2(map.x_from_secs(start), rect.top() + 1.0),
            pos2(
                map.x_from_secs(end).max(map.x_from_secs(start) + 1.5),
                rect.bottom() - 1.0,
            ),
        );
        painter.rect_stroke(place, 2, Stroke::new(1.5, palette.text), StrokeKind::Inside);
    }
    if response.drag_stopped() {
        if let Some((start, end)) = open.filter(|_| from.is_some()) {
            let range = FrameRange::new(
                session.index.frame_at_secs(start.max(0.0)),
                (session.index.frame_at_secs(end) + 1).min(session.index.len()),
            );
            commands.push(Command::Annotate(AnnotateCommand::PickRange(range)));
        }
        ui.data_mut(|data| data.remove::<f64>(id));
    } else if response.clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        commands.push(Command::SeekTo(map.secs_from_x(pos.x)));
    }
    response.on_hover_text("Drag to pick a stretch; click to go there.");
}
