//! Samples and annotators on two axes, over the density they come from: the paper's figure 5 in its own grammar.
//! `controls` has the settings of the panel and the lassoed group, `storyboard` the pictures under the pointer.
//! Annotators are outlines, samples are fills, the representative of each kind has a ring, the mean is a cross.

pub mod controls;
mod points;
mod storyboard;

use std::sync::Arc;

use egui::{
    Align2, Color32, Id, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use egui_plot::{Plot, PlotBounds, PlotPoint};

use crate::analysis::distribution::DistributionPlot;
use crate::app::command::{Command, arrow_keys_owner};
use crate::app::state::{AppState, DistributionView, Hover};
use crate::ui::theme::{self, Palette, mix};
use crate::ui::triangulate::triangulate;
use crate::ui::{text, widgets};

/// A click or the pointer this near a point means it.
const REACH_POINTS: f32 = 9.0;

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
        let alone = state
            .draw()
            .is_some_and(|draw| draw.sample_count() == 1 && !draw.partial);
        let second = if state.session.is_none() {
            "Open a video to see how its summaries differ."
        } else if alone {
            "This bundle gives one summary; annotations show its place."
        } else {
            "It appears once a few samples are drawn."
        };
        widgets::paint_empty(ui, below, "Nothing to compare yet", second);
        return;
    };
    let axis = Rect::from_min_max(below.min, pos2(below.left() + 18.0, below.bottom() - 22.0));
    let plot = Rect::from_min_max(
        pos2(axis.right(), below.top()),
        pos2(below.right(), below.bottom() - 22.0),
    );
    let foot = Rect::from_min_max(pos2(below.left(), plot.bottom() + 2.0), below.max);
    plot_ui(ui, plot, state, view, commands);
    paint_axes(ui, axis, foot, view);
    controls::controls_ui(ui, plot, state, view, commands);
}

fn plot_ui(
    ui: &mut Ui,
    rect: Rect,
    state: &AppState,
    view: &DistributionView,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let (min, max) = view.bounds();
    // What is laid out changes with the budget, the density with its bandwidth: all of it stays in sight, unless a
    // person moved or zoomed the plot.
    let shown = Id::unique("distribution bounds");
    let before: Framed = ui.data(|data| data.get_temp(shown)).unwrap_or_default();
    let refit = before.bounds != Some((min, max)) && !before.by_hand;
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("distribution plot"));
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
    let bounds = (before.by_hand == by_hand || by_hand).then_some((min, max));
    ui.data_mut(|data| data.insert_temp(shown, Framed { bounds, by_hand }));
    if bounds.is_none() {
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
                let mut tip = format!("sample {} · {}", sample + 1, text::clock(secs));
                if view.is_beyond(sample) {
                    tip.push_str(" · far from this plane: not shown truly");
                }
                if let Some(session) = &state.session {
                    storyboard::paint_card(ui, pos, &tip, &session.summary_secs(sample), session);
                }
                if response.clicked() {
                    commands.push(Command::SelectSample(sample));
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

/// What the plot was last fitted to.
#[derive(Clone, Copy, Default)]
struct Framed {
    /// Least and greatest place along both axes; `None` asks for a fit.
    bounds: Option<([f64; 2], [f64; 2])>,
    /// Whether a person moved or zoomed the plot since; a double click ends that.
    by_hand: bool,
}

/// Whether the plot is being moved or zoomed.
fn moved_by_hand(ui: &Ui, response: &egui::Response) -> bool {
    let (shift, wheel) = ui.input(|input| {
        let wheel = input.smooth_scroll_delta != egui::Vec2::ZERO || input.zoom_delta() != 1.0;
        (input.modifiers.shift, wheel)
    });
    (response.dragged() && !shift) || (response.contains_pointer() && wheel)
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
    let here = state.chosen_sample().unwrap_or(0);
    if let Some(direction) = pressed
        && let Some(next) = DistributionPlot::neighbour(&view.samples, here, direction)
    {
        commands.push(Command::SelectSample(next));
    }
}

enum Found {
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

/// Triangles of each contour, in the order of the contours.
type Triangles = Arc<Vec<Vec<[u32; 3]>>>;

/// The triangles of a view's contours, worked out once for each view.
fn triangles_of(ctx: &egui::Context, view: &DistributionView) -> Triangles {
    let id = Id::unique("density triangles");
    // The address tells views apart; the number of contours guards against a new view at an old address.
    let key = (std::ptr::from_ref(view) as usize, view.contours.len());
    let known: Option<((usize, usize), Triangles)> = ctx.data(|data| data.get_temp(id));
    if let Some((known_key, triangles)) = known
        && known_key == key
        && triangles
            .iter()
            .zip(&view.contours)
            .all(|(t, c)| t.len() + 2 == c.ring.len().max(2))
    {
        return triangles;
    }
    let triangles: Triangles = Arc::new(
        view.contours
            .iter()
            .map(|contour| triangulate(&contour.ring))
            .collect(),
    );
    ctx.data_mut(|data| data.insert_temp(id, (key, triangles.clone())));
    triangles
}

fn paint_density(
    painter: &egui::Painter,
    view: &DistributionView,
    palette: &Palette,
    at: &dyn Fn(&[f64; 2]) -> Pos2,
) {
    let triangles = triangles_of(painter.ctx(), view);
    let mut below = palette.panel;
    let mut level = f64::NEG_INFINITY;
    let mut here = palette.panel;
    for (contour, triangles) in view.contours.iter().zip(triangles.iter()) {
        let strength = contour.level as f32;
        let fill = mix(palette.panel, palette.accent, 0.04 + strength * 0.32);
        if contour.level > level {
            below = here;
            here = fill;
            level = contour.level;
        }
        let mut mesh = egui::Mesh::default();
        for point in &contour.ring {
            mesh.colored_vertex(at(point), if contour.hole { below } else { fill });
        }
        for &[a, b, c] in triangles {
            mesh.add_triangle(a, b, c);
        }
        painter.add(mesh);
        let line = mix(palette.panel, palette.accent, 0.16 + strength * 0.36);
        painter.add(Shape::closed_line(
            contour.ring.iter().map(at).collect(),
            Stroke::new(1.0, line),
        ));
    }
}

fn paint_axes(ui: &Ui, axis: Rect, foot: Rect, view: &DistributionView) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let font = theme::regular(theme::SIZE_BODY);
    let vertical = painter.layout_no_wrap(
        format!("PC 2 · {}", text::percent(view.explained[1])),
        font.clone(),
        palette.secondary,
    );
    let size = vertical.size();
    let pos = pos2(
        axis.center().x - size.y / 2.0,
        axis.center().y + size.x / 2.0,
    );
    painter.add(
        egui::epaint::TextShape::new(pos, vertical, palette.secondary)
            .with_angle(-std::f32::consts::FRAC_PI_2),
    );
    let mut between = foot.x_range();
    if !view.annotators.is_empty() && foot.width() > 260.0 {
        let left = pos2(foot.left() + 6.0, foot.center().y);
        painter.circle_stroke(left, 3.5, Stroke::new(1.5, palette.annotator));
        let used = painter.text(
            left + vec2(9.0, 0.0),
            Align2::LEFT_CENTER,
            "annotator",
            font.clone(),
            palette.secondary,
        );
        between.min = used.right();
    }
    if foot.width() > 200.0 {
        let mut right = pos2(foot.right() - 2.0, foot.center().y);
        let beyond = (0..view.samples.len())
            .filter(|&sample| view.fitted_on_annotators && view.is_beyond(sample))
            .count();
        if beyond > 0 && foot.width() > 330.0 {
            let words = format!("{beyond} off the plane");
            let used = painter.text(
                right,
                Align2::RIGHT_CENTER,
                words,
                font.clone(),
                palette.secondary,
            );
            let place = pos2(used.left() - 8.0, foot.center().y);
            painter.circle_stroke(place, 3.0, Stroke::new(1.25, palette.alternative(1)));
            let whole = Rect::from_min_max(pos2(place.x - 4.0, foot.top()), foot.max);
            ui.interact(whole, ui.scope_id().with("off the plane"), Sense::hover())
                .on_hover_text(
                    "Samples that lie further from this plane than any annotator does are hollow: how far they are from \
                     the others cannot be seen here.",
                );
            right.x = place.x - 12.0;
        }
        let used = painter.text(
            right,
            Align2::RIGHT_CENTER,
            "sample",
            font.clone(),
            palette.secondary,
        );
        painter.circle_filled(
            pos2(used.left() - 9.0, foot.center().y),
            3.5,
            palette.alternative(1),
        );
        between.max = used.left() - 13.0;
    }
    // In the middle of the panel where there is room, else of what the legend leaves.
    let words = painter.layout_no_wrap(
        format!("PC 1 · {}", text::percent(view.explained[0])),
        font,
        palette.secondary,
    );
    let half = words.size().x / 2.0 + 12.0;
    let middle = if between.shrink(half).contains(foot.center().x) {
        foot.center().x
    } else {
        between.center()
    };
    painter.galley(
        pos2(middle, foot.center().y) - words.size() / 2.0,
        words,
        palette.secondary,
    );
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
