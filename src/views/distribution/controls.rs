//! How the distribution panel is set, the lasso, and what can be done with the samples in it.

use egui::{Align, Id, Layout, Pos2, Rect, Response, Shape, Stroke, Ui, pos2};
use egui_plot::PlotTransform;

use crate::analysis::distribution::DistributionPlot;
use crate::domain::FigureKind;
use crate::domain::SummaryRef;
use crate::session::DistributionView;
use crate::state::AppState;
use crate::state::command::Command;
use crate::state::figuring::FigureCommand;
use crate::state::pane::BANDWIDTHS;
use crate::ui::pointing::{pressed_now, way_of_pointer};
use crate::ui::theme::Palette;
use crate::ui::{parts, text, widgets};

/// Height of the line about lassoed samples.
const LINE: f32 = 22.0;

/// A menu in the plot's corner.
pub fn controls_ui(
    ui: &mut Ui,
    plot: Rect,
    state: &AppState,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    let corner = Rect::from_min_max(
        pos2((plot.right() - 84.0).max(plot.left()), plot.top()),
        pos2(plot.right(), plot.top() + 20.0),
    );
    let palette = Palette::of(ui);
    let mut child = parts::row_from_right(ui, corner, "plot settings");
    let button = widgets::text_button(&mut child, "Plot options", palette.secondary)
        .on_hover_text("What is compared, how wide the density is, and the figure as a file. Shift and drag: lasso samples.");
    egui::Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| settings_ui(ui, state, view, commands));
}

/// A line about the lassoed samples at the top of `below`, and what can be done with them; returns
/// the height that it takes.
pub fn lassoed_ui(ui: &mut Ui, below: Rect, state: &AppState, commands: &mut Vec<Command>) -> f32 {
    let Some(group) = state.lassoed() else {
        return 0.0;
    };
    let palette = Palette::of(ui);
    let (shortest, longest) = group.durations_secs;
    let length = if text::clock(shortest) == text::clock(longest) {
        text::clock(longest)
    } else {
        format!("{}–{}", text::clock(shortest), text::clock(longest))
    };
    let words = format!(
        "{} · {} · {length}",
        text::count(group.samples.len(), "sample"),
        text::percent(group.share)
    );
    let layout = Layout::left_to_right(Align::Center).with_main_wrap(true);
    let line = Rect::from_min_max(below.min, pos2(below.right(), below.top() + LINE));
    let mut child = parts::part(ui, line, "lassoed", layout);
    widgets::note(&mut child, words);
    let mut action = |label: &str, tip: &str, command: Command| {
        if widgets::text_button(&mut child, label, palette.accent)
            .on_hover_text(tip)
            .clicked()
        {
            commands.push(command);
        }
    };
    action(
        "Select",
        "Shows the sample that is most like the others in the lasso.",
        Command::Choose(SummaryRef::Sample(group.centre)),
    );
    action(
        "Pin",
        "Keeps that sample in the timeline through new draws.",
        Command::Figure(FigureCommand::PinGroup),
    );
    action(
        "Let go",
        "Lets go of the lassoed samples.",
        Command::Figure(FigureCommand::Lasso(Vec::new())),
    );
    child.min_rect().height().max(LINE)
}

fn settings_ui(
    ui: &mut Ui,
    state: &AppState,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    ui.set_min_width(230.0);
    let choices = &state.distribution;
    let of_scores = choices.of_scores;
    for (label, tip, scores) in [
        (
            "Selections",
            "Lays out which frames each summary keeps.",
            false,
        ),
        (
            "Importance scores",
            "Lays out the scores, each stretched to run from 0 to 1.",
            true,
        ),
    ] {
        if ui
            .radio(of_scores == scores, label)
            .on_hover_text(tip)
            .clicked()
            && of_scores != scores
        {
            commands.push(Command::Figure(FigureCommand::CompareScores(scores)));
        }
    }
    ui.add_space(4.0);
    let slider = widgets::LabelledSlider {
        label: "Bandwidth",
        tooltip: "Widens or narrows the density, as a factor of Scott’s rule; the points stay where they are.",
        width: 210.0,
        range: BANDWIDTHS,
        step: 0.05,
        logarithmic: true,
        format: &|factor| format!("{factor:.2} × Scott’s rule"),
        parse: &|typed| {
            typed
                .trim_end_matches(|c: char| !c.is_ascii_digit())
                .trim()
                .parse()
                .ok()
        },
        enabled: !view.contours.is_empty(),
        disabled_reason: "There is no density: too few points, or all of them on one line.",
    };
    if let Some(factor) = slider.show(ui, choices.bandwidth_factor()) {
        commands.push(Command::Figure(FigureCommand::SetBandwidth(factor)));
    }
    super::changes::choice_ui(ui, state, commands);
    ui.add_space(4.0);
    let save = Command::Figure(FigureCommand::Save(FigureKind::Distribution));
    if ui
        .button("Save figure…")
        .on_hover_text(save.tooltip())
        .clicked()
    {
        commands.push(save);
        ui.close();
    }
}

/// Shift and drag draws round samples; letting go catches those inside.
pub fn lasso(
    ui: &Ui,
    response: &Response,
    transform: &PlotTransform,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    let id = Id::unique("lasso");
    let mut drawn: Vec<Pos2> = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let (shift, down) = ui.input(|input| (input.modifiers.shift, input.pointer.primary_down()));
    let begun = shift && pressed_now(ui, response.rect).is_some();
    if drawn.is_empty() && !begun {
        return;
    }
    for pos in ui.input(|input| way_of_pointer(input, begun)) {
        if drawn.last().is_none_or(|last| last.distance(pos) > 2.0) {
            drawn.push(pos);
        }
    }
    if down {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(response.rect);
        painter.add(Shape::closed_line(
            drawn.clone(),
            Stroke::new(1.5, palette.accent),
        ));
    } else {
        let ring: Vec<[f64; 2]> = drawn
            .iter()
            .map(|&pos| {
                let value = transform.value_from_position(pos);
                [value.x, value.y]
            })
            .collect();
        // A press alone catches nothing, and lets nothing go.
        if ring.len() > 2 {
            let inside = DistributionPlot::inside(&view.samples, &ring);
            commands.push(Command::Figure(FigureCommand::Lasso(inside)));
        }
        drawn.clear();
    }
    ui.data_mut(|data| data.insert_temp(id, drawn));
}

/// A small "Save figure…" in a corner of another plot.
pub fn save_button_ui(
    ui: &mut Ui,
    corner: Rect,
    layout: Layout,
    kind: FigureKind,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let mut child = parts::part(ui, corner, ("save figure", kind.name()), layout);
    let save = Command::Figure(FigureCommand::Save(kind));
    if widgets::text_button(&mut child, "Save figure…", palette.secondary)
        .on_hover_text(save.tooltip())
        .clicked()
    {
        commands.push(save);
    }
}
