//! Which samples match which annotator: kinds of summary and all samples by annotators, as heat.

mod cells;
mod grid;
mod rows;

use egui::{Align2, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::distribution::controls::save_button_ui;
use super::menus;
use crate::domain::FigureKind;
use crate::session::MatchView;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, widgets};

use self::cells::{click_cell, hover_cell, paint_cells, paint_legend};
use self::grid::{Grid, Line, lines};
use self::rows::labels_ui;

/// Width of the rows' labels; those with names may take as much as the second, and the third's
/// share of the panel.
const LABELS: (f32, f32, f32) = (68.0, 170.0, 0.4);
const LEGEND: f32 = 34.0;

/// Shows the grid with its title and legend, or what to do where there are no annotators.
pub fn matches_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let view = state
        .session
        .as_ref()
        .and_then(|session| session.matches.as_ref());
    let note = view.map_or_else(String::new, |view| {
        format!(
            "τ ≥ {:.2} · {} of {} reached",
            view.threshold,
            view.reached,
            view.annotators.len()
        )
    });
    widgets::panel_title(ui, "Matches", &note);
    let below = Rect::from_min_max(pos2(area.left(), area.top() + 24.0), area.max);
    match view.filter(|view| !view.annotators.is_empty() && !view.rows.is_empty()) {
        Some(view) => grid_ui(ui, below, state, view, commands),
        None => invite_ui(ui, below, state, commands),
    }
}

/// No annotators: offers to load some.
fn invite_ui(ui: &mut Ui, below: Rect, state: &AppState, commands: &mut Vec<Command>) {
    let waiting = state.choices.annotations.is_some();
    let (first, second) = if state.session.is_none() {
        ("No video", "Open a video first.")
    } else if waiting {
        ("Comparing samples with annotators", "This takes a moment.")
    } else {
        (
            "Who would agree?",
            "Load what people picked, to see which kinds of summary each of them would agree with.",
        )
    };
    let text_area = Rect::from_min_max(below.min, pos2(below.right(), below.bottom() - 30.0));
    widgets::paint_empty(ui, text_area, first, second);
    if state.session.is_some() && !waiting {
        let row = Rect::from_center_size(
            pos2(
                below.center().x,
                (below.center().y + 50.0).min(below.bottom() - 18.0),
            ),
            vec2(180.0, 30.0),
        );
        let mut child = parts::part(
            ui,
            row,
            "invite",
            egui::Layout::centered_and_justified(egui::Direction::LeftToRight),
        );
        let palette = Palette::of(&child);
        if child
            .add(widgets::primary_button("Load annotations…", palette))
            .on_hover_text(Command::LoadAnnotations.tooltip())
            .clicked()
        {
            commands.push(Command::LoadAnnotations);
        }
    }
}

fn grid_ui(
    ui: &mut Ui,
    below: Rect,
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let window = Rect::from_min_max(
        pos2(below.left(), below.top() + 18.0),
        pos2(below.right(), below.bottom() - LEGEND - 8.0),
    );
    let left = below.left() + label_width(ui, state, view, below.width());
    if window.height() < 8.0 || window.right() - left < 8.0 {
        return;
    }
    ui.painter().text(
        pos2(left, below.top() + 8.0),
        Align2::LEFT_CENTER,
        "annotators →",
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
    );
    let corner = Rect::from_min_max(
        pos2((below.right() - 78.0).max(left + 80.0), below.top() - 2.0),
        pos2(below.right(), below.top() + 16.0),
    );
    let side = egui::Layout::right_to_left(egui::Align::Center);
    save_button_ui(ui, corner, side, FigureKind::Matches, commands);
    let lines = lines(state, view);
    let cells = Rect::from_min_max(pos2(left, window.top()), window.max);
    let height = Grid::new(cells, view.annotators.len(), &lines).height();
    let mut child = parts::column(ui, window, "match rows");
    ScrollArea::vertical()
        .id_salt("match scroll")
        .auto_shrink([false, false])
        .show_viewport(&mut child, |ui, viewport| {
            // As high as the window where nothing is to scroll, whatever rounding says.
            let total = if height > window.height() + 0.5 {
                height
            } else {
                window.height() - 0.5
            };
            ui.allocate_exact_size(vec2(window.width() - 1.0, total), Sense::hover());
            // The frame of a chosen row stands out of its cells.
            ui.set_clip_rect(window.expand2(vec2(4.0, 3.0)));
            let grid = Grid::new(
                cells.translate(vec2(0.0, -viewport.top())),
                view.annotators.len(),
                &lines,
            );
            lines_ui(ui, &grid, below.left(), &lines, state, view, commands);
        });
    paint_legend(
        ui,
        Rect::from_min_max(pos2(left, below.bottom() - LEGEND), below.max),
        view,
    );
}

/// As wide as the longest name of a row needs, within limits.
fn label_width(ui: &Ui, state: &AppState, view: &MatchView, panel: f32) -> f32 {
    let named = (view.rows.iter()).filter_map(|row| rows::own_name(state, row));
    let width = |name: String| {
        let font = theme::semibold(theme::SIZE_BODY);
        let galley = ui
            .painter()
            .layout_no_wrap(name, font, Palette::of(ui).text);
        galley.size().x
    };
    let widest = named.map(width).fold(0.0, f32::max);
    let (least, most, share) = LABELS;
    (least + widest).min(most).min(panel * share).max(least)
}

/// The lines themselves, and what the pointer does on them.
fn lines_ui(
    ui: &mut Ui,
    grid: &Grid,
    left: f32,
    lines: &[Line],
    state: &AppState,
    view: &MatchView,
    commands: &mut Vec<Command>,
) {
    let place = Rect::from_min_size(grid.cells.min, vec2(grid.cells.width(), grid.height()))
        .intersect(ui.clip_rect());
    let response = ui.interact(place, ui.scope_id().with("grid"), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Grid,
            true,
            format!(
                "Matches: {} of {} annotators reached",
                view.reached,
                view.annotators.len()
            ),
        )
    });
    paint_cells(ui, grid, lines, state, view);
    labels_ui(ui, grid, left, lines, state, view, commands);
    let found = response.hover_pos().and_then(|pos| grid.find(pos));
    let under = found.map(|(line, column)| (lines[line], column));
    menus::subject_menu(&response, under, |ui, (line, column)| {
        let mut both = Vec::new();
        click_cell(line, column, view, &mut both);
        menus::steps_ui(
            ui,
            "Compare both on the timeline",
            "Chooses this summary and this annotator, and shows what both keep.",
            both,
            commands,
        );
        ui.separator();
        let (Line::Row(row) | Line::Sample { row, .. }) = line;
        if let Line::Sample { sample, .. } = line {
            menus::sample_menu_ui(ui, state, sample, commands);
        } else if let Some(letter) = view.rows[row].alternative
            && let Some(place) = state.draw().and_then(|draw| draw.place_of(letter))
        {
            widgets::note(ui, format!("Alternative {}", state.name_of(letter)));
            super::alternatives::menu_ui(ui, place, state, None, commands);
        }
        if let Some(&annotator) = view.columns.get(column) {
            ui.separator();
            menus::annotator_menu_ui(ui, state, annotator, commands);
        }
    });
    if let Some((line, column)) = found {
        hover_cell(ui, grid, (line, column), lines[line], state, view, commands);
        if response.clicked() {
            click_cell(lines[line], column, view, commands);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::grid::{OPEN_ROW, SAMPLE_ROW, nearest, words};
    use super::*;
    use crate::session::{Pair, PairSide};

    #[test]
    fn a_position_finds_its_cell() {
        let cells = Rect::from_min_size(pos2(100.0, 50.0), vec2(200.0, 60.0));
        let even: Vec<Line> = (0..6).map(Line::Row).collect();
        let grid = Grid::new(cells, 20, &even);
        assert_eq!(grid.find(pos2(100.5, 50.5)), Some((0, 0)));
        assert_eq!(grid.find(pos2(299.0, 109.0)), Some((5, 19)));
        assert_eq!(grid.find(pos2(99.0, 60.0)), None);
        let mut open = even;
        open.splice(1..1, (0..40).map(|sample| Line::Sample { row: 0, sample }));
        let opened = Grid::new(cells, 20, &open);
        assert_eq!(opened.height(), 6.0 * OPEN_ROW + 40.0 * SAMPLE_ROW);
        for (line, column) in [(0, 0), (3, 7), (45, 19)] {
            let cell = opened.cell(line, column);
            assert_eq!(opened.find(cell.center()), Some((line, column)));
        }
    }

    use crate::domain::SummaryRef;

    #[test]
    fn an_open_row_shows_its_samples_and_a_cell_stands_for_a_pair() {
        let mut state = crate::testing::fixture::state();
        state.compare_now();
        state.run(Command::ToggleMatchRow(1));
        let view = state.session.as_ref().unwrap().matches.clone().unwrap();
        let lines = lines(&state, &view);
        let members = view.rows[1].members.len();
        assert!(members > 0);
        assert_eq!(lines.len(), view.rows.len() + members);
        let mut commands = Vec::new();
        click_cell(Line::Row(1), 4, &view, &mut commands);
        let annotator = view.columns[4];
        let (best, tau) = nearest(&view, &view.rows[1].members, annotator).unwrap();
        let pair = Pair::of_annotator(annotator, PairSide::Summary(SummaryRef::Sample(best)));
        assert!(commands.contains(&Command::ChoosePair(Some(pair))));
        let words = words(
            Line::Sample {
                row: 1,
                sample: best,
            },
            4,
            &view,
        );
        assert!(words[1].starts_with(&format!("τ {tau:.3}")), "{words:?}");
    }
}
