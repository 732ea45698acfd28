//! The timeline: ruler, filmstrip, importance curve, selection frequency, one lane for each alternative and the annotators.
//!
//! `map` turns seconds into points, `model` decides what to paint, `paint` paints it; this file lays out and listens.

pub mod map;
pub mod model;
pub mod paint;
mod pair;

use egui::{
    Id, Key, Modifiers, PointerButton, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use self::map::TimeMap;
use self::model::Row;
use super::distribution::controls::save_button_ui;
use crate::app::command::Command;
use crate::app::state::{AppState, Hover, Session};
use crate::figures::FigureKind;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

const GUTTER: f32 = 104.0;
const RULER: f32 = 22.0;
const STRIP: f32 = 13.0;
const GAP: f32 = 4.0;
/// Zoom of one notch of the wheel is egui's; this bounds one frame's.
const MAX_ZOOM_STEP: f64 = 4.0;

/// Where the fixed rows lie.
struct Head {
    ruler: Rect,
    film: Rect,
    scores: Rect,
    frequency: Rect,
}

impl Head {
    /// The filmstrip and the curve take what the lanes (`rows_height`) leave, within limits.
    fn lay_out(area: Rect, rows_height: f32) -> Self {
        let left = area.left() + GUTTER;
        let row = |top: f32, height: f32| {
            Rect::from_min_max(pos2(left, top), pos2(area.right(), top + height))
        };
        let fixed = RULER + STRIP + 3.0 * GAP;
        let squeeze = ((area.height() - fixed - rows_height) / 110.0).clamp(0.45, 1.6);
        let ruler = row(area.top(), RULER);
        let film = row(ruler.bottom(), 44.0 * squeeze);
        let scores = row(film.bottom() + GAP, 66.0 * squeeze);
        let frequency = row(scores.bottom() + GAP, STRIP);
        Self {
            ruler,
            film,
            scores,
            frequency,
        }
    }
}

/// Shows the timeline in all the space there is.
pub fn timeline_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let Some(session) = &state.session else {
        widgets::paint_empty(ui, area, "No video", "Open a video to see its timeline.");
        return;
    };
    let palette = Palette::of(ui);
    let rows = model::rows(state);
    let head = Head::lay_out(area, rows.iter().map(Row::height).sum());
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(head.ruler.left(), head.ruler.width(), start_secs, span_secs);

    let content = Rect::from_min_max(head.ruler.min, area.max);
    let surface = ui.interact(
        content,
        ui.scope_id().with("surface"),
        Sense::click_and_drag(),
    );
    surface.widget_info(|| {
        WidgetInfo::slider(
            true,
            state.playback.position_secs,
            "Timeline position, seconds",
        )
    });
    let ruler = ui
        .interact(
            head.ruler,
            ui.scope_id().with("ruler"),
            Sense::click_and_drag(),
        )
        .on_hover_cursor(egui::CursorIcon::Text);
    ruler.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Ruler: drag to choose a range"));

    paint_head(ui, &head, &map, state, session, palette);
    if session.draw.is_some() {
        let corner = Rect::from_min_max(
            pos2(area.left() + 2.0, area.top()),
            pos2(head.ruler.left() - 8.0, head.ruler.bottom()),
        );
        let side = egui::Layout::left_to_right(egui::Align::Center);
        save_button_ui(ui, corner, side, FigureKind::Timeline, commands);
    }
    rows_ui(ui, area, &head, &rows, &map, state, session, commands);
    listen(ui, &surface, &ruler, &head, map, state, session, commands);
    paint_over(ui, area, &head, &map, state, palette);
    if let Some(pos) = surface.hover_pos().or(ruler.hover_pos())
        && pos.x >= head.ruler.left()
        && pos.y <= head.frequency.bottom()
        && !ui.ctx().input(|input| input.pointer.any_down())
    {
        let secs = map.secs_from_x(pos.x).clamp(0.0, session.duration_secs());
        let when = state.time_text(secs);
        paint::paint_hover_card(ui, head.ruler, pos.x, secs, when, session);
    }
}

fn paint_head(
    ui: &Ui,
    head: &Head,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    palette: &Palette,
) {
    let painter = ui.painter();
    paint::paint_ruler(painter, head.ruler, map, palette);
    let complete = !state.is_busy() || !session.segments.is_empty();
    paint::paint_filmstrip(painter, head.film, map, session, palette, complete);
    let edges = Rect::from_min_max(head.scores.min, head.scores.max);
    paint::paint_segment_edges(painter, edges, map, session, palette);
    let chosen = state.chosen_sample().map(|sample| {
        (
            sample,
            palette.alternative(state.chosen_alternative().unwrap_or(0)),
        )
    });
    paint::paint_scores(painter, head.scores, map, session, chosen, palette);
    if let Some(draw) = &session.draw {
        let spans: Vec<(f64, f64)> = session
            .segments
            .iter()
            .map(|segment| (segment.start_secs, segment.end_secs))
            .collect();
        painter.rect_filled(head.frequency, 2, palette.well);
        let strip = model::heat_boxes(&spans, &draw.selection_frequency, map);
        paint::paint_heat(painter, head.frequency, &strip, palette);
    } else {
        painter.rect_filled(head.frequency, 2, palette.well);
    }
    let gutter = |row: Rect| {
        Rect::from_min_max(
            pos2(row.left() - GUTTER + 2.0, row.top()),
            pos2(row.left() - 8.0, row.bottom()),
        )
    };
    let scores = gutter(head.scores);
    let middle = scores.center().y;
    let line =
        |top: f32| Rect::from_min_max(pos2(scores.left(), top), pos2(scores.right(), top + 16.0));
    paint::paint_gutter_text(
        ui,
        line(middle - 17.0),
        "Importance",
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    paint::paint_gutter_text(
        ui,
        line(middle - 1.0),
        "10–90 %",
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
    );
    paint::paint_gutter_text(
        ui,
        gutter(head.frequency),
        "Frequency",
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
}

#[expect(clippy::too_many_arguments, reason = "one pass over all rows")]
/// The lanes under the fixed rows, scrolled where they do not fit; only visible rows are painted.
fn rows_ui(
    ui: &mut Ui,
    area: Rect,
    head: &Head,
    rows: &[Row],
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let below = Rect::from_min_max(pos2(area.left(), head.frequency.bottom() + GAP), area.max);
    if below.height() < 8.0 || rows.is_empty() {
        return;
    }
    let total: f32 = rows.iter().map(Row::height).sum();
    let mut child = ui.new_child(UiBuilder::new().max_rect(below).id_salt("lanes"));
    ScrollArea::vertical()
        .id_salt("lanes scroll")
        .auto_shrink([false, false])
        .show_viewport(&mut child, |ui, viewport| {
            let (space, _) = ui.allocate_exact_size(vec2(below.width(), total), Sense::hover());
            let mut y = 0.0;
            for row in rows {
                let height = row.height();
                if y + height >= viewport.top() && y <= viewport.bottom() {
                    let rect = Rect::from_min_size(
                        pos2(space.left(), space.top() + y),
                        vec2(below.width(), height),
                    );
                    row_ui(ui, rect, row, map, state, session, commands);
                }
                y += height;
            }
        });
}

fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    row: &Row,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let gutter = Rect::from_min_max(
        pos2(rect.left() + 2.0, rect.top()),
        pos2(rect.left() + GUTTER - 8.0, rect.bottom()),
    );
    let lane = Rect::from_min_max(pos2(rect.left() + GUTTER, rect.top()), rect.max);
    match row {
        Row::Pair => pair::pair_ui(ui, gutter, lane, map, state, commands),
        Row::Lane { alternative, open } => {
            let color = palette.alternative(*alternative);
            let rejected = state.is_rejected(*alternative);
            let bar = lane.shrink2(vec2(0.0, 2.0));
            ui.painter().rect_filled(bar, 2, palette.well);
            if let Some(draw) = &session.draw
                && let Some(kind) = draw.alternatives.get(*alternative)
            {
                let boxes = model::boxes(
                    &session.summary_secs(kind.medoid_sample),
                    map,
                    model::MERGE_POINTS,
                );
                let fill = if rejected {
                    color.gamma_multiply(0.3)
                } else {
                    color
                };
                paint::paint_filled(ui.painter(), bar, &boxes, fill);
                if state.chosen_alternative() == Some(*alternative) {
                    ui.painter()
                        .vline(bar.left() - 4.0, bar.y_range(), Stroke::new(2.0, color));
                }
            }
            lane_label_ui(ui, gutter, *alternative, *open, session, commands);
            lane_click(
                ui,
                lane,
                ("lane", *alternative),
                map,
                commands,
                Command::SelectAlternative(*alternative),
                Hover {
                    alternative: Some(*alternative),
                    ..Hover::default()
                },
                format!("Alternative {} on the timeline", text::letter(*alternative)),
            );
        }
        Row::Sample {
            alternative,
            sample,
        } => {
            let chosen = state.choices.selection.sample == Some(*sample);
            let boxes = model::boxes(&session.summary_secs(*sample), map, model::MERGE_POINTS);
            let color = palette.alternative(*alternative);
            let fill = if chosen {
                color
            } else {
                color.gamma_multiply(0.62)
            };
            paint::paint_filled(ui.painter(), lane.shrink2(vec2(0.0, 1.0)), &boxes, fill);
            paint::paint_gutter_text(
                ui,
                gutter.translate(vec2(28.0, 0.0)),
                &format!("{}", sample + 1),
                theme::regular(9.5),
                if chosen {
                    palette.text
                } else {
                    palette.secondary
                },
            );
            lane_click(
                ui,
                lane,
                ("sample", *sample),
                map,
                commands,
                Command::SelectSample(*sample),
                Hover {
                    sample: Some(*sample),
                    alternative: Some(*alternative),
                    ..Hover::default()
                },
                format!("Sample {} on the timeline", sample + 1),
            );
        }
        Row::Pinned { pin } => {
            let Some(mark) = state.choices.pins.get(*pin) else {
                return;
            };
            let ranges: Vec<(f64, f64)> = mark
                .segments
                .iter()
                .filter_map(|&segment| session.segments.get(segment))
                .map(|segment| (segment.start_secs, segment.end_secs))
                .collect();
            let bar = lane.shrink2(vec2(0.0, 2.0));
            ui.painter().rect_filled(bar, 2, palette.well);
            paint::paint_filled(
                ui.painter(),
                bar,
                &model::boxes(&ranges, map, model::MERGE_POINTS),
                palette.secondary,
            );
            let icon = Rect::from_center_size(
                pos2(gutter.left() + 5.0, gutter.center().y),
                vec2(10.0, 10.0),
            );
            Icon::Pin.paint(ui.painter(), icon, palette.secondary);
            paint::paint_gutter_text(
                ui,
                gutter.translate(vec2(18.0, 0.0)),
                &format!("draw {}", mark.seed),
                theme::regular(theme::SIZE_SMALL),
                palette.secondary,
            );
        }
        Row::Rule => {
            ui.painter().hline(
                rect.x_range(),
                rect.center().y,
                Stroke::new(1.0, palette.line),
            );
        }
        Row::Annotator { annotator } => {
            let chosen = state.choices.selection.annotator == Some(*annotator)
                || state.hover.annotator == Some(*annotator);
            let empty = Vec::new();
            let ranges = session
                .annotator_ranges_secs
                .get(*annotator)
                .unwrap_or(&empty);
            let color = if chosen {
                palette.accent
            } else {
                palette.annotator
            };
            paint::paint_edged(
                ui.painter(),
                lane.shrink2(vec2(0.0, 1.5)),
                &model::boxes(ranges, map, model::MERGE_POINTS),
                color,
            );
            let name = state
                .choices
                .annotations
                .as_ref()
                .and_then(|set| set.annotators.get(*annotator))
                .map_or_else(
                    || format!("annotator {}", annotator + 1),
                    // The gutter is narrow; that they are simulated is said beside their number.
                    |a| a.name.trim_start_matches("simulated: ").to_owned(),
                );
            paint::paint_gutter_text(
                ui,
                gutter,
                &name,
                theme::regular(10.0),
                if chosen {
                    palette.accent
                } else {
                    palette.secondary
                },
            );
            let next =
                (state.choices.selection.annotator != Some(*annotator)).then_some(*annotator);
            lane_click(
                ui,
                rect,
                ("annotator", *annotator),
                map,
                commands,
                Command::SelectAnnotator(next),
                Hover {
                    annotator: Some(*annotator),
                    ..Hover::default()
                },
                format!("{name} on the timeline"),
            );
        }
        Row::MoreAnnotators { hidden } => {
            let label = if *hidden > 0 {
                format!("+{hidden} more")
            } else {
                "Show fewer".to_owned()
            };
            let mut child =
                ui.new_child(UiBuilder::new().max_rect(gutter).id_salt("more annotators"));
            if widgets::text_button(&mut child, &label, palette.accent)
                .on_hover_text(Command::ToggleAllAnnotators.tooltip())
                .clicked()
            {
                commands.push(Command::ToggleAllAnnotators);
            }
        }
    }
}

/// Letter and share of an alternative, with the triangle that opens its samples.
fn lane_label_ui(
    ui: &mut Ui,
    gutter: Rect,
    alternative: usize,
    open: bool,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let share = session
        .draw
        .as_ref()
        .and_then(|draw| draw.alternatives.get(alternative))
        .map_or(0.0, |kind| kind.share);
    let letter = text::letter(alternative);
    let triangle = Rect::from_min_size(
        pos2(gutter.right() - 16.0, gutter.top()),
        vec2(16.0, gutter.height()),
    );
    let name = Rect::from_min_max(gutter.min, pos2(triangle.left(), gutter.bottom()));
    let response = ui
        .interact(
            name,
            ui.scope_id().with(("lane name", alternative)),
            Sense::click(),
        )
        .on_hover_text(Command::SelectAlternative(alternative).tooltip());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("Lane of alternative {letter}"))
    });
    if response.clicked() {
        commands.push(Command::SelectAlternative(alternative));
    }
    ui.painter().text(
        name.left_center(),
        egui::Align2::LEFT_CENTER,
        letter,
        theme::semibold(theme::SIZE_BODY),
        palette.alternative_text(alternative),
    );
    ui.painter().text(
        name.left_center() + vec2(18.0, 0.0),
        egui::Align2::LEFT_CENTER,
        text::percent(share),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    let toggle = ui
        .interact(
            triangle,
            ui.scope_id().with(("lane toggle", alternative)),
            Sense::click(),
        )
        .on_hover_text(if open {
            "Hides the samples of this kind."
        } else {
            "Shows every sample of this kind, most alike first."
        });
    toggle.widget_info(|| {
        WidgetInfo::labeled(
            Role::DisclosureTriangle,
            true,
            format!("{} samples of {letter}", if open { "Hide" } else { "Show" }),
        )
    });
    if toggle.clicked() {
        commands.push(Command::ToggleLane(alternative));
    }
    let color = if toggle.hovered() {
        palette.text
    } else {
        palette.faint
    };
    let icon = Rect::from_center_size(triangle.center(), vec2(8.0, 8.0));
    Icon::Expand(open).paint(ui.painter(), icon, color);
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place for what every row does alike"
)]
fn lane_click(
    ui: &Ui,
    rect: Rect,
    salt: (&'static str, usize),
    map: &TimeMap,
    commands: &mut Vec<Command>,
    select: Command,
    hover: Hover,
    name: String,
) {
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
}

/// Pointer and wheel: seek, scrub, range, pan, zoom, fit.
#[expect(
    clippy::too_many_arguments,
    reason = "the pointer touches everything there is"
)]
fn listen(
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
    // Drag on the ruler chooses a range; a click there, or a drag anywhere else, moves the playhead.
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
        .and_then(Response::interact_pointer_pos);
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
        // Arrow keys on the focused timeline do what they do everywhere; Shift makes the step a frame.
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

/// Range, markers, hovered time and playhead, over all rows.
fn paint_over(
    ui: &Ui,
    area: Rect,
    head: &Head,
    map: &TimeMap,
    state: &AppState,
    palette: &Palette,
) {
    let whole = Rect::from_min_max(head.ruler.min, area.max);
    let painter = ui
        .painter()
        .with_clip_rect(whole.expand2(vec2(7.0, 0.0)).intersect(ui.clip_rect()));
    if let Some((start, end)) = state.choices.range_secs
        && map.overlaps(start, end)
    {
        let range = Rect::from_x_y_ranges(
            map.x_from_secs(start).max(whole.left())..=map.x_from_secs(end).min(whole.right()),
            whole.y_range(),
        );
        painter.rect_filled(range, 0, palette.accent.gamma_multiply(0.12));
        for x in [range.left(), range.right()] {
            painter.vline(x, range.y_range(), Stroke::new(1.0, palette.accent));
        }
    }
    for &marker in &state.choices.markers_secs {
        let x = map.x_from_secs(marker);
        if whole.x_range().contains(x) {
            painter.add(egui::Shape::convex_polygon(
                vec![
                    pos2(x - 4.0, head.ruler.bottom() - 9.0),
                    pos2(x + 4.0, head.ruler.bottom() - 9.0),
                    pos2(x, head.ruler.bottom() - 1.0),
                ],
                palette.warning,
                Stroke::NONE,
            ));
        }
    }
    if let Some(secs) = state.hover.secs {
        let x = map.x_from_secs(secs);
        if whole.x_range().contains(x) {
            painter.vline(
                x,
                whole.y_range(),
                Stroke::new(1.0, palette.secondary.gamma_multiply(0.6)),
            );
        }
    }
    // A seek of this frame already moves the playhead.
    paint::paint_playhead(
        &painter,
        whole,
        map.x_from_secs(state.playback.position_secs),
        palette,
    );
}
