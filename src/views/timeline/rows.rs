//! The rows under the strips: alternatives, samples, pins, a pair and annotators.

use super::clicks::{lane_click, secs_under};
use super::map::TimeMap;
use super::model::{self, Row};
use super::{GAP, GUTTER, Head, edges, edited, paint, pair};
use crate::domain::SummaryRef;
use crate::session::Session;
use crate::session::Summarised;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};
use crate::views::alternatives::{menu_ui, why_empty};
use crate::views::menus;
use egui::{Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

#[expect(clippy::too_many_arguments, reason = "one pass over all rows")]
/// The lanes under the fixed rows, scrolled where they do not fit; only visible rows are painted.
pub(super) fn rows_ui(
    ui: &mut Ui,
    area: Rect,
    head: &Head,
    rows: &[Row],
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let below = Rect::from_min_max(pos2(area.left(), head.bottom() + GAP), area.max);
    if below.height() < 8.0 || rows.is_empty() {
        return;
    }
    let total = model::height_of(rows, head.stretch);
    let mut child = parts::column(ui, below, "lanes");
    ScrollArea::vertical()
        .id_salt("lanes scroll")
        .auto_shrink([false, false])
        .show_viewport(&mut child, |ui, viewport| {
            let (space, _) = ui.allocate_exact_size(vec2(below.width(), total), Sense::hover());
            let mut y = 0.0;
            for row in rows {
                let height = row.height(head.stretch);
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

pub(super) fn row_ui(
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
            let color = palette.alternative(state.letter_at(*alternative));
            let rejected = state.is_rejected(*alternative);
            let bar = lane.shrink2(vec2(0.0, 2.0));
            ui.painter().rect_filled(bar, 2, palette.well);
            if let Some(of) = state.alternative_ref(*alternative) {
                let kept = session.summary_secs(of);
                let boxes = model::boxes(&kept, map, model::MERGE_POINTS);
                let fill = if rejected {
                    color.gamma_multiply(0.3)
                } else {
                    color
                };
                paint::paint_filled(ui.painter(), bar, &boxes, fill);
                if state.chosen() == Some(of) {
                    ui.painter()
                        .vline(bar.left() - 4.0, bar.y_range(), Stroke::new(2.0, color));
                }
            }
            lane_label_ui(ui, gutter, *alternative, *open, state, session, commands);
            let response = lane_click(
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
                format!(
                    "Alternative {} on the timeline",
                    state.letter_at(*alternative)
                ),
            );
            let empty = (state.alternative_ref(*alternative)).and_then(|of| why_empty(session, of));
            let secs = secs_under(&response, map, session);
            menus::subject_menu(&response, secs, |ui, secs| {
                let name = format!(
                    "Alternative {}",
                    state.name_of(state.letter_at(*alternative))
                );
                ui.menu_button(name, |ui| menu_ui(ui, *alternative, state, empty, commands));
                ui.separator();
                menus::segment_menu_ui(ui, state, secs, commands);
            });
            if state.chosen() == state.alternative_ref(*alternative) {
                edges::edges_ui(ui, lane, map, state, session, commands);
            }
        }
        Row::Edited { at } => {
            edited::edited_ui(ui, gutter, lane, *at, map, state, session, commands);
        }
        Row::Chosen { sample } => {
            chosen_ui(ui, gutter, lane, *sample, map, state, session, commands);
        }
        Row::Sample {
            alternative,
            sample,
        } => {
            let of = SummaryRef::Sample(*sample);
            let chosen = state.chosen() == Some(of);
            let boxes = model::boxes(&session.summary_secs(of), map, model::MERGE_POINTS);
            let color = palette.alternative(state.letter_at(*alternative));
            let fill = if chosen {
                color
            } else {
                color.gamma_multiply(0.62)
            };
            paint::paint_filled(ui.painter(), lane.shrink2(vec2(0.0, 1.0)), &boxes, fill);
            paint::paint_gutter_text(
                ui,
                gutter.translate(vec2(28.0, 0.0)),
                &sample.to_string(),
                theme::regular(theme::SIZE_SMALL),
                if chosen {
                    palette.text
                } else {
                    palette.secondary
                },
            );
            let response = lane_click(
                ui,
                lane,
                ("sample", *sample),
                map,
                commands,
                Command::Choose(of),
                Hover {
                    sample: Some(*sample),
                    alternative: Some(*alternative),
                    ..Hover::default()
                },
                format!("Sample {sample} on the timeline"),
            );
            let secs = secs_under(&response, map, session);
            menus::subject_menu(&response, secs, |ui, secs| {
                let name = format!("Sample {sample}");
                ui.menu_button(name, |ui| {
                    menus::sample_menu_ui(ui, state, *sample, commands)
                });
                ui.separator();
                menus::segment_menu_ui(ui, state, secs, commands);
            });
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
                    // The gutter is narrow; that they are simulated stands beside their number.
                    |a| text::short_name(&a.name).to_owned(),
                );
            paint::paint_gutter_text(
                ui,
                gutter,
                &name,
                theme::regular(theme::SIZE_SMALL),
                if chosen {
                    palette.accent
                } else {
                    palette.secondary
                },
            );
            let next =
                (state.choices.selection.annotator != Some(*annotator)).then_some(*annotator);
            let response = lane_click(
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
            let secs = secs_under(&response, map, session);
            menus::subject_menu(&response, secs, |ui, secs| {
                menus::annotator_menu_ui(ui, state, *annotator, commands);
                ui.separator();
                menus::segment_menu_ui(ui, state, secs, commands);
            });
        }
        Row::MoreAnnotators { hidden } => {
            let label = if *hidden > 0 {
                format!("+{hidden} more")
            } else {
                "Show fewer".to_owned()
            };
            let mut child = parts::column(ui, gutter, "more annotators");
            if widgets::text_button(&mut child, &label, palette.accent)
                .on_hover_text(Command::ToggleAllAnnotators.tooltip())
                .clicked()
            {
                commands.push(Command::ToggleAllAnnotators);
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row among others")]
/// The lane of the sample in hand, in its alternative's colour.
fn chosen_ui(
    ui: &mut Ui,
    gutter: Rect,
    lane: Rect,
    sample: usize,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let of = SummaryRef::Sample(sample);
    let alternative = state.chosen_alternative();
    let color = state
        .chosen_letter()
        .map_or(palette.secondary, |letter| palette.alternative(letter));
    let bar = lane.shrink2(vec2(0.0, 2.0));
    ui.painter().rect_filled(bar, 2, palette.well);
    let boxes = model::boxes(&session.summary_secs(of), map, model::MERGE_POINTS);
    paint::paint_filled(ui.painter(), bar, &boxes, color);
    let mark = Stroke::new(2.0, color);
    ui.painter().vline(bar.left() - 4.0, bar.y_range(), mark);
    paint::paint_gutter_text(
        ui,
        gutter,
        &of.to_string(),
        theme::medium(theme::SIZE_BODY),
        (state.chosen_letter()).map_or(palette.text, |letter| palette.alternative_text(letter)),
    );
    let hover = Hover {
        sample: Some(sample),
        alternative,
        ..Hover::default()
    };
    let name = format!("Chosen: {of} on the timeline");
    let select = Command::Choose(of);
    let response = lane_click(
        ui,
        lane,
        ("chosen", sample),
        map,
        commands,
        select,
        hover,
        name,
    );
    let secs = secs_under(&response, map, session);
    menus::subject_menu(&response, secs, |ui, secs| {
        let name = format!("Sample {sample}");
        ui.menu_button(name, |ui| {
            menus::sample_menu_ui(ui, state, sample, commands)
        });
        ui.separator();
        menus::segment_menu_ui(ui, state, secs, commands);
    });
    edges::edges_ui(ui, lane, map, state, session, commands);
}

/// Letter and share of an alternative, with the triangle that opens its samples.
pub(super) fn lane_label_ui(
    ui: &mut Ui,
    gutter: Rect,
    alternative: usize,
    open: bool,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let share = session
        .draw
        .as_ref()
        .and_then(|draw| draw.alternatives.get(alternative))
        .map_or(0.0, |kind| kind.share);
    let letter = (session.draw.as_ref()).and_then(|draw| draw.letter_at(alternative));
    let letter = letter.unwrap_or_default();
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
        .on_hover_text(format!(
            "{}\n{}",
            state.name_of(letter),
            Command::SelectAlternative(alternative).tooltip()
        ));
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
        palette.alternative_text(letter),
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
        commands.push(Command::ToggleLane(letter));
    }
    let color = if toggle.hovered() {
        palette.text
    } else {
        palette.faint
    };
    let icon = Rect::from_center_size(triangle.center(), vec2(8.0, 8.0));
    Icon::Expand(open).paint(ui.painter(), icon, color);
}
