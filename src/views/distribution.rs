//! Samples and annotators on two axes, over the density they come from: the paper's figure 5 in its
//! own grammar. `controls` has the settings of the panel and the lassoed group, `framing` what of
//! the plane is in sight, `legend` its foot, `storyboard` the pictures under the pointer.
//! Annotators are outlines, samples are fills, each alternative's own summary has a ring, the mean
//! is a cross.

mod changes;
pub mod controls;
mod density;
mod framing;
mod legend;
mod points;
mod storyboard;

use egui::{Color32, Id, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{Plot, PlotBounds, PlotPoint};

use self::density::paint_density;
use self::framing::{Fitted, Framed, moved_by_hand, shaped};
use self::legend::{Legend, paint_upright_axis};
use crate::analysis::distribution::DistributionPlot;
use crate::domain::{Letter, SummaryRef};
use crate::session::DistributionView;
use crate::session::Summarised;
use crate::state::command::{Command, arrow_keys_owner};
use crate::state::{AppState, Hover};
use crate::ui::theme::Palette;
use crate::ui::{parts, text, widgets};
use crate::views::menus;

/// A click or the pointer this near a point means it.
const REACH_POINTS: f32 = 9.0;
/// Nearer than this a click means an alternative's own ring.
const RING_POINTS: f32 = 7.0;

/// Shows the plot with its title and legend.
pub fn distribution_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let view = state
        .session
        .as_ref()
        .and_then(|session| session.distribution.as_ref());
    let note = view.map_or_else(String::new, |view| {
        let samples = text::count(view.samples.len(), "sample");
        let note = if view.annotators.is_empty() {
            samples
        } else {
            format!(
                "{} · {samples}",
                annotators_text(state, view.annotators.len())
            )
        };
        if view.fitted_on_annotators {
            note
        } else {
            format!("{note} · fitted on samples")
        }
    });
    widgets::panel_title(ui, "Distribution", &note);
    let below = Rect::from_min_max(pos2(area.left(), area.top() + 24.0), area.max);
    // One summary has a place among annotators; by itself it has none.
    let shown = view.filter(|view| view.samples.len() > usize::from(!view.fitted_on_annotators));
    let Some(view) = shown else {
        let (first, second) = nothing_to_compare(state);
        widgets::paint_empty(ui, below, first, second);
        return;
    };
    let past = (state.draws.compared.as_ref()).filter(|_| !view.earlier.is_empty());
    let earlier = past.map(|past| format!("seed {}", past.draw.settings.seed));
    let legend = Legend::lay_out(ui, view, earlier.as_deref(), below.width());
    let line = changes::changes_ui(ui, below, state, commands);
    let rest = Rect::from_min_max(pos2(below.left(), below.top() + line), below.max);
    let lassoed = controls::lassoed_ui(ui, rest, state, commands);
    let plot = Rect::from_min_max(
        pos2(below.left() + 18.0, rest.top() + lassoed),
        pos2(below.right(), below.bottom() - legend.height() - 2.0),
    );
    let axis = Rect::from_min_max(pos2(below.left(), plot.top()), plot.left_bottom());
    let foot = Rect::from_min_max(pos2(below.left(), plot.bottom() + 2.0), below.max);
    plot_ui(ui, plot, state, view, commands);
    paint_upright_axis(ui, axis, view);
    legend.show(ui, foot);
    controls::controls_ui(ui, plot, state, view, commands);
}

/// Why there is no plot.
fn nothing_to_compare(state: &AppState) -> (&'static str, &'static str) {
    if state.session.is_none() {
        return (
            "Nothing to compare yet",
            "Open a video to see how its summaries differ.",
        );
    }
    let drawn = state
        .draw()
        .filter(|draw| !draw.partial && draw.sample_count() > 0);
    match drawn {
        Some(draw) if draw.sample_count() == 1 => (
            "Nothing to compare yet",
            "This bundle gives one summary; annotations show its place.",
        ),
        Some(draw) if draw.selections.windows(2).all(|pair| pair[0] == pair[1]) => (
            "Nothing to compare",
            "All samples keep the same; there is nothing to lay out.",
        ),
        _ => (
            "Nothing to compare yet",
            "It appears once a few samples are drawn.",
        ),
    }
}

fn plot_ui(
    ui: &mut Ui,
    rect: Rect,
    state: &AppState,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    // What is laid out changes with the budget, the density with its bandwidth, the panel with the
    // window: all of it stays in sight, unless a person moved or zoomed the plot.
    let fitted = Fitted {
        bounds: view.bounds(),
        size: rect.size(),
    };
    let (min, max) = shaped(fitted.bounds, fitted.size);
    let shown = Id::unique("distribution bounds");
    let before: Framed = ui.data(|data| data.get_temp(shown)).unwrap_or_default();
    let refit = before.fitted != Some(fitted) && !before.by_hand;
    let mut child = parts::column(ui, rect, "distribution plot");
    let response = Plot::new("distribution")
        .show_axes(false)
        .show_grid(false)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .data_aspect(1.0)
        .set_margin_fraction(vec2(0.0, 0.0))
        .default_x_bounds(min[0], max[0])
        .default_y_bounds(min[1], max[1])
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .label_formatter(|_| None)
        .cursor_color(Color32::TRANSPARENT)
        .width(rect.width())
        .height(rect.height())
        // With Shift a drag draws a lasso.
        .allow_drag(!ui.input(|input| input.modifiers.shift))
        .show(&mut child, |plot| {
            let current = plot.plot_bounds();
            if refit || !current.is_finite() || !current.is_valid() {
                plot.set_plot_bounds(PlotBounds::from_min_max(min, max));
            }
        });
    let transform = response.transform;
    let at = |point: &[f64; 2]| transform.position_from_point(&PlotPoint::new(point[0], point[1]));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    paint_density(&painter, view, palette, &at);
    points::paint_points(&painter, rect, state, view, palette, &at);

    let response = response.response;
    let by_hand = (before.by_hand || moved_by_hand(ui, &response)) && !response.double_clicked();
    let fitted = (before.by_hand == by_hand || by_hand).then_some(fitted);
    ui.data_mut(|data| data.insert_temp(shown, Framed { fitted, by_hand }));
    if fitted.is_none() {
        ui.ctx().request_repaint();
    }
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!(
                "Distribution of {} samples and {} annotators",
                view.samples.len(),
                view.annotators.len()
            ),
        )
    });
    controls::lasso(ui, &response, &transform, view, commands);
    let under = response.hover_pos().and_then(|pos| nearest(pos, view, &at));
    menus::subject_menu(&response, under, |ui, found| match found {
        Found::Alternative(letter) => {
            if let Some(place) = state.draw().and_then(|draw| draw.place_of(letter)) {
                super::alternatives::menu_ui(ui, place, state, None, commands);
            }
        }
        Found::Sample(sample) => menus::sample_menu_ui(ui, state, sample, commands),
        Found::Annotator(annotator) => menus::annotator_menu_ui(ui, state, annotator, commands),
    });
    if let Some(pos) = response.hover_pos() {
        match nearest(pos, view, &at) {
            Some(Found::Sample(sample)) => {
                commands.push(Command::HoverOver(Hover {
                    sample: Some(sample),
                    alternative: state.draw().and_then(|draw| draw.alternative_of(sample)),
                    ..Hover::default()
                }));
                let secs = state
                    .draw()
                    .and_then(|draw| draw.durations_secs.get(sample).copied())
                    .unwrap_or(0.0);
                let mut tip = format!("sample {sample} · {}", text::clock(secs));
                if view.is_beyond(sample) {
                    tip.push_str(" · far from this plane: not shown truly");
                }
                if let Some(session) = &state.session {
                    let of = SummaryRef::Sample(sample);
                    storyboard::paint_card(ui, pos, &tip, &session.summary_secs(of), session);
                }
                if response.clicked() {
                    commands.push(Command::Choose(SummaryRef::Sample(sample)));
                }
            }
            Some(Found::Alternative(letter)) => {
                let of = SummaryRef::Alternative(letter);
                commands.push(Command::HoverOver(Hover {
                    alternative: state.draw().and_then(|draw| draw.place_of(letter)),
                    ..Hover::default()
                }));
                if let Some((session, summary)) = (state.session.as_ref())
                    .and_then(|session| Some((session, session.summary(of)?)))
                {
                    let tip = format!("{} · {}", state.name_of(letter), text::clock(summary.secs));
                    storyboard::paint_card(ui, pos, &tip, &summary.ranges_secs, session);
                }
                if response.clicked() {
                    commands.push(Command::Choose(of));
                }
            }
            Some(Found::Annotator(annotator)) => {
                commands.push(Command::HoverOver(Hover {
                    annotator: Some(annotator),
                    ..Hover::default()
                }));
                let name = annotator_name(state, annotator);
                if let Some(session) = &state.session {
                    let ranges = session.annotator_ranges_secs.get(annotator);
                    let ranges = ranges.map_or(&[][..], Vec::as_slice);
                    storyboard::paint_card(ui, pos, &name, ranges, session);
                }
                if response.clicked() {
                    commands.push(Command::SelectAnnotator(Some(annotator)));
                }
            }
            None => {
                if response.clicked() && state.choices.selection.annotator.is_some() {
                    commands.push(Command::SelectAnnotator(None));
                }
            }
        }
    }
    keyboard(ui, rect, state, view, commands);
}

/// Arrow keys go to the nearest sample in their direction while the plot has the focus.
fn keyboard(
    ui: &Ui,
    rect: Rect,
    state: &AppState,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    let corner = Rect::from_min_size(rect.min, vec2(1.0, 1.0));
    let response = ui.interact(
        corner,
        ui.scope_id().with("plot keys"),
        Sense::focusable_noninteractive(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Sample in the distribution"));
    if !response.has_focus() {
        return;
    }
    ui.painter().rect_stroke(
        rect,
        4,
        Stroke::new(1.0, Palette::of(ui).accent),
        egui::StrokeKind::Inside,
    );
    // The keys are this plot's: they neither move the focus nor the playhead.
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.data_mut(|data| data.insert_temp(arrow_keys_owner(), response.id));
    let pressed = ui.input_mut(|input| {
        use egui::Key::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp};
        let mut taken = |key| input.consume_key(egui::Modifiers::NONE, key);
        [
            (ArrowLeft, [-1.0, 0.0]),
            (ArrowRight, [1.0, 0.0]),
            (ArrowUp, [0.0, 1.0]),
            (ArrowDown, [0.0, -1.0]),
        ]
        .into_iter()
        .find_map(|(key, direction)| taken(key).then_some(direction))
    });
    let nearest = |letter| state.session.as_ref()?.summaries()?.nearest_sample(letter);
    let chosen = state.chosen();
    let chosen = chosen.and_then(|of| of.letter().map_or(Some(of), nearest));
    let here = chosen.and_then(SummaryRef::sample).unwrap_or(0);
    if let Some(direction) = pressed
        && let Some(next) = DistributionPlot::neighbour(&view.samples, here, direction)
    {
        commands.push(Command::Choose(SummaryRef::Sample(next)));
    }
}

#[derive(Clone, Copy)]
enum Found {
    Alternative(Letter),
    Sample(usize),
    Annotator(usize),
}

fn nearest(pos: Pos2, view: &DistributionView, at: &dyn Fn(&[f64; 2]) -> Pos2) -> Option<Found> {
    let closest = |points: &[[f64; 2]]| {
        points
            .iter()
            .map(|point| at(point).distance(pos))
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, distance)| *distance < REACH_POINTS)
    };
    // The rings are few and lie over the samples.
    let places: Vec<[f64; 2]> = view.alternatives.iter().map(|(_, place)| *place).collect();
    let ring = closest(&places).filter(|(_, distance)| *distance < RING_POINTS);
    if let Some((at, _)) = ring {
        return Some(Found::Alternative(view.alternatives[at].0));
    }
    let sample = closest(&view.samples);
    let annotator = closest(&view.annotators);
    match (sample, annotator) {
        (Some((sample, near)), Some((_, far))) if near <= far => Some(Found::Sample(sample)),
        (_, Some((annotator, _))) => Some(Found::Annotator(annotator)),
        (Some((sample, _)), None) => Some(Found::Sample(sample)),
        (None, None) => None,
    }
}

fn annotator_name(state: &AppState, annotator: usize) -> String {
    state
        .choices
        .annotations
        .as_ref()
        .and_then(|set| set.annotators.get(annotator))
        .map_or_else(
            || format!("annotator {}", annotator + 1),
            |a| a.name.clone(),
        )
}

/// `12 simulated annotators`, or `13 annotators, 12 simulated` where people stand among them.
fn annotators_text(state: &AppState, count: usize) -> String {
    let Some(set) = state
        .choices
        .annotations
        .as_ref()
        .filter(|set| set.simulated)
    else {
        return text::count(count, "annotator");
    };
    let people = set
        .annotators
        .iter()
        .filter(|annotator| {
            state
                .choices
                .works
                .iter()
                .any(|work| work.name == annotator.name)
        })
        .count();
    if people == 0 {
        text::count(count, "simulated annotator")
    } else {
        format!(
            "{}, {} simulated",
            text::count(count, "annotator"),
            count.saturating_sub(people)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn an_empty_plot_says_why_it_is_empty() {
        assert!(
            nothing_to_compare(&AppState::default())
                .1
                .contains("Open a video")
        );
        let mut state = crate::testing::fixture::state();
        assert!(nothing_to_compare(&state).1.contains("once a few samples"));
        let session = state.session.as_mut().unwrap();
        let draw = Arc::make_mut(session.draw.as_mut().unwrap());
        let selections = Arc::make_mut(&mut draw.selections);
        let first = selections[0].clone();
        selections.fill(first);
        assert_eq!(
            nothing_to_compare(&state).1,
            "All samples keep the same; there is nothing to lay out."
        );
        // While samples are on their way, the others may yet differ.
        let session = state.session.as_mut().unwrap();
        Arc::make_mut(session.draw.as_mut().unwrap()).partial = true;
        assert!(nothing_to_compare(&state).1.contains("once a few samples"));
    }
}
