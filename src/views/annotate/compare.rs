//! The comparison: the picture, the matrix of agreement, everybody with their nearest samples, and
//! one pair in detail.

use egui::{Align, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::side::back_ui;
use super::{Pictures, matrix, nearness, pair};
use crate::session::Session;
use crate::session::people::{Comparison, PairPart, side_name};
use crate::state::AppState;
use crate::state::annotate::{AnnotateCommand, CompareTab};
use crate::state::command::Command;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{parts, text, widgets};
use crate::views::player::{PaintPicture, fit, screen_ui, time_ui};

/// From this width on, picture, matrix and annotators stand side by side; below it, tabs.
const THREE_COLUMNS: f32 = 1076.0;
/// From this width on, the picture stands beside the tabs; below it, it is one of them.
const WITH_PICTURE: f32 = 876.0;
/// Below this width the buttons of the pair take many rows.
const NARROW: f32 = 600.0;
/// Below this height the pair is a tab as well.
const WITH_PAIR: f32 = 400.0;
/// Share of the height that the pair takes, within its bounds.
const PAIR_SHARE: f32 = 0.46;
const TABS: f32 = 24.0;

/// What is compared, and what paints and listens.
struct View<'a, 'p, 'q> {
    state: &'a AppState,
    session: &'a Session,
    comparison: &'a Comparison,
    pictures: &'a mut Pictures<'p>,
    commands: &'q mut Vec<Command>,
}

/// Shows the screen.
pub fn compare_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let Some(comparison) = state.annotate.comparison.as_deref() else {
        widgets::panel_at(ui, area, "nothing", |ui| nothing_ui(ui, state, commands));
        return;
    };
    let mut view = View {
        state,
        session,
        comparison,
        pictures,
        commands,
    };
    let with_pair = area.height() >= WITH_PAIR;
    let mut above = area;
    if with_pair {
        let most = if area.width() < NARROW {
            pair::HEIGHT_NARROW
        } else {
            pair::HEIGHT
        };
        let height = (area.height() * PAIR_SHARE).clamp(pair::LEAST, most);
        let below = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
        above.max.y = below.top() - PANEL_GAP;
        view.panel(ui, below, CompareTab::Pair);
    }
    use CompareTab as T;
    if with_pair && area.width() >= THREE_COLUMNS {
        let places = columns(above, [0.38, 0.29, 0.33]);
        for (rect, tab) in places
            .into_iter()
            .zip([T::Picture, T::Agreement, T::Annotators])
        {
            view.panel(ui, rect, tab);
        }
        return;
    }
    let mut tabs = vec![T::Agreement, T::Annotators];
    if !with_pair {
        tabs.push(T::Pair);
    }
    if area.width() >= WITH_PICTURE {
        let [picture, rest] = columns(above, [0.42, 0.58]);
        view.panel(ui, picture, T::Picture);
        above = rest;
    } else {
        tabs.insert(0, T::Picture);
    }
    view.tabs(ui, above, &tabs);
}

/// Rectangles side by side with these shares of the width.
fn columns<const N: usize>(area: Rect, shares: [f32; N]) -> [Rect; N] {
    let room = area.width() - PANEL_GAP * (N - 1) as f32;
    let mut left = area.left();
    shares.map(|share| {
        let rect = Rect::from_min_size(pos2(left, area.top()), vec2(room * share, area.height()));
        left = rect.right() + PANEL_GAP;
        rect
    })
}

impl View<'_, '_, '_> {
    /// One part in a panel of its own.
    fn panel(&mut self, ui: &mut Ui, rect: Rect, tab: CompareTab) {
        widgets::panel_at(ui, rect, tab.name(), |ui| self.part(ui, tab, true));
    }

    /// Parts that share one panel, each behind its tab.
    fn tabs(&mut self, ui: &mut Ui, rect: Rect, tabs: &[CompareTab]) {
        let wanted = self.state.annotate.tab;
        let shown = if tabs.contains(&wanted) {
            wanted
        } else {
            CompareTab::default()
        };
        widgets::panel_at(ui, rect, "tabs", |ui| {
            let area = ui.available_rect_before_wrap();
            ui.horizontal(|ui| {
                ui.set_height(TABS);
                ui.spacing_mut().item_spacing.x = 4.0;
                ui.spacing_mut().interact_size.y = TABS;
                ui.spacing_mut().button_padding = vec2(8.0, 2.0);
                for &tab in tabs {
                    let command = AnnotateCommand::ShowTab(tab);
                    let response = ui
                        .selectable_label(tab == shown, tab.name())
                        .accessible_name(format!("Show {}", tab.name().to_lowercase()));
                    if response.clicked() {
                        self.commands.push(Command::Annotate(command));
                    }
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let name = if ui.available_width() > 100.0 {
                        "All annotators"
                    } else {
                        "Back"
                    };
                    back_ui(ui, name, self.commands);
                });
            });
            // Fixed beforehand: what stands above must not widen it.
            let rest = Rect::from_min_max(pos2(area.left(), area.top() + TABS + 8.0), area.max);
            let mut child = parts::column(ui, rest, shown.name());
            self.part(&mut child, shown, false);
        });
    }

    fn part(&mut self, ui: &mut Ui, tab: CompareTab, titled: bool) {
        let (state, comparison) = (self.state, self.comparison);
        match tab {
            CompareTab::Picture => {
                picture_ui(ui, state, self.session, self.pictures, self.commands);
            }
            CompareTab::Agreement => {
                matrix::matrix_ui(ui, state, comparison, titled, self.commands);
            }
            CompareTab::Annotators => {
                nearness::people_ui(ui, state, comparison, titled, self.commands);
            }
            CompareTab::Pair => {
                pair::pair_ui(ui, state, self.session, comparison, self.commands);
            }
        }
    }
}

fn nothing_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    back_ui(ui, "All annotators", commands);
    let area = ui.available_rect_before_wrap();
    if state.choices.annotations.is_some() {
        widgets::paint_empty(
            ui,
            area,
            "Comparing…",
            "Agreement and its intervals are worked out.",
        );
    } else {
        widgets::paint_empty(
            ui,
            area,
            "Nobody is complete yet",
            "Finish an annotation, or load what others have made.",
        );
    }
}

fn picture_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - 40.0));
    let second = state.annotate.side_by_side;
    let upper = if second {
        Rect::from_min_max(screen.min, pos2(screen.right(), screen.center().y - 2.0))
    } else {
        screen
    };
    if upper.height() > 8.0 && screen_ui(ui, upper, state, session, pictures.first).clicked() {
        commands.push(Command::TogglePlay);
    }
    if second {
        let lower = Rect::from_min_max(pos2(screen.left(), screen.center().y + 2.0), screen.max);
        second_ui(ui, lower, state, session, pictures.second);
        if let Some((first, other)) = state.compared_sides() {
            caption_ui(ui, upper, &side_name(&first));
            caption_ui(ui, lower, &side_name(&other));
        }
    }
    let row = Rect::from_min_max(pos2(area.left(), area.bottom() - 32.0), area.max);
    let mut child = parts::row(ui, row, "controls");
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
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let command = AnnotateCommand::ToggleSideBySide;
        if ui
            .selectable_label(second, "Side by side")
            .on_hover_text(command.tooltip())
            .clicked()
        {
            commands.push(Command::Annotate(command));
        }
        if state.annotate.plays_part && !second {
            let name = pair::part_name(state, state.annotate.part);
            ui.add(
                egui::Label::new(
                    RichText::new(name)
                        .font(theme::regular(theme::SIZE_BODY))
                        .color(palette.secondary),
                )
                .truncate(),
            );
        }
    });
}

/// The second picture; where its player has none yet, the thumbnail at the start of what it plays.
fn second_ui(
    ui: &Ui,
    rect: Rect,
    state: &AppState,
    session: &Session,
    picture: &mut PaintPicture<'_>,
) {
    let palette = Palette::of(ui);
    let place = fit(rect, session.thumbs.aspect());
    ui.painter().rect_filled(rect, 4, palette.letterbox);
    let start = state
        .pair_ranges(PairPart::Second)
        .first()
        .map(|range| session.index.secs_from_frame(range.start));
    if !picture(ui, place)
        && let Some(thumb) = start.and_then(|secs| session.thumbs.nearest(secs))
    {
        egui::Image::new((thumb.texture, place.size()))
            .uv(thumb.uv)
            .paint_at(ui, place);
    }
    ui.interact(rect, ui.scope_id().with("second picture"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Image, true, "Picture of the second"));
}

/// Whose picture it is, in its upper left corner.
fn caption_ui(ui: &Ui, rect: Rect, name: &str) {
    let palette = Palette::of(ui);
    let font = theme::medium(theme::SIZE_BODY);
    let mut job = egui::text::LayoutJob::simple_singleline(
        text::short_name(name).to_owned(),
        font,
        palette.text,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 30.0);
    let galley = ui.painter().layout_job(job);
    let back = Rect::from_min_size(rect.min + vec2(8.0, 8.0), galley.size() + vec2(14.0, 8.0));
    ui.painter().rect_filled(back, 4, palette.panel);
    ui.painter()
        .galley(back.min + vec2(7.0, 4.0), galley, palette.text);
}
