//! Small widgets: labelled sliders, badges, panel frames, share bars. They know nothing of
//! summaries.

use egui::{
    Align, Align2, Button, Color32, CornerRadius, DragValue, Frame, Layout, Margin, Rect, Response,
    RichText, Role, Sense, Slider, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::icons::Icon;
use super::parts;
use super::theme::{self, Palette, RADIUS_CONTROL, RADIUS_PANEL};

/// A slider with its label and an editable value above it.
pub struct LabelledSlider<'a> {
    pub label: &'a str,
    /// One sentence: what it does to the summary.
    pub tooltip: &'a str,
    pub width: f32,
    pub range: std::ops::RangeInclusive<f64>,
    pub step: f64,
    pub logarithmic: bool,
    pub format: &'a dyn Fn(f64) -> String,
    /// Reads what a person typed; `None` where it cannot be understood.
    pub parse: &'a dyn Fn(&str) -> Option<f64>,
    pub enabled: bool,
    /// Why it is off, shown instead of the tooltip.
    pub disabled_reason: &'a str,
}

impl LabelledSlider<'_> {
    /// Shows the slider; `Some(new)` where a person changed the value.
    pub fn show(self, ui: &mut Ui, value: f64) -> Option<f64> {
        let palette = Palette::of(ui);
        let mut edited = value;
        ui.add_enabled_ui(self.enabled, |ui| {
            ui.allocate_ui_with_layout(
                vec2(self.width, 34.0),
                Layout::top_down(Align::Min),
                |ui| {
                    ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
                    ui.set_width(self.width);
                    let hover = |response: Response| {
                        response
                            .on_hover_text(self.tooltip)
                            .on_disabled_hover_text(self.disabled_reason)
                    };
                    ui.horizontal(|ui| {
                        ui.set_height(16.0);
                        hover(
                            ui.label(
                                RichText::new(self.label)
                                    .font(theme::regular(theme::SIZE_BODY))
                                    .color(palette.secondary),
                            ),
                        );
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            let widgets = &mut ui.visuals_mut().widgets;
                            for state in [
                                &mut widgets.inactive,
                                &mut widgets.hovered,
                                &mut widgets.active,
                            ] {
                                state.weak_bg_fill = Color32::TRANSPARENT;
                                state.bg_stroke = Stroke::NONE;
                            }
                            ui.spacing_mut().button_padding = vec2(0.0, 0.0);
                            ui.spacing_mut().interact_size = vec2(20.0, 16.0);
                            let format = self.format;
                            let parse = self.parse;
                            hover(
                                ui.add(
                                    DragValue::new(&mut edited)
                                        .range(self.range.clone())
                                        .speed(self.step)
                                        .update_while_editing(false)
                                        .custom_formatter(move |v, _| format(v))
                                        .custom_parser(parse),
                                )
                                .accessible_name(format!("{} value", self.label)),
                            );
                        });
                    });
                    ui.spacing_mut().slider_width = self.width;
                    ui.spacing_mut().interact_size.y = 13.0;
                    let mut slid = edited;
                    // egui's slider listens; the rail and the knob are painted below in the theme's
                    // own way.
                    let response = ui
                        .scope(|ui| {
                            let visuals = ui.visuals_mut();
                            visuals.selection.bg_fill = Color32::TRANSPARENT;
                            for state in [
                                &mut visuals.widgets.inactive,
                                &mut visuals.widgets.hovered,
                                &mut visuals.widgets.active,
                            ] {
                                state.bg_fill = Color32::TRANSPARENT;
                                state.bg_stroke = Stroke::NONE;
                                state.fg_stroke = Stroke::NONE;
                            }
                            let mut slider = Slider::new(&mut slid, self.range.clone())
                                .logarithmic(self.logarithmic)
                                .show_value(false);
                            // A step would also move values that were typed between two steps.
                            if self.step >= 1.0 {
                                slider = slider.integer();
                            }
                            ui.add(slider)
                        })
                        .inner;
                    let (least, greatest) = (*self.range.start(), *self.range.end());
                    let place = if self.logarithmic && least > 0.0 {
                        (slid / least).ln() / (greatest / least).ln()
                    } else {
                        (slid - least) / (greatest - least)
                    };
                    paint_slider(ui, &response, place.clamp(0.0, 1.0) as f32);
                    let response = hover(response).accessible_name(self.label);
                    if response.changed() {
                        edited = slid;
                    }
                },
            );
        });
        // Rounding of the widgets is no change.
        ((edited - value).abs() > 1e-9).then_some(edited)
    }
}

/// A thin rail, filled up to the knob.
fn paint_slider(ui: &Ui, response: &Response, place: f32) {
    let palette = Palette::of(ui);
    let rect = response.rect;
    let radius = 5.5;
    let (left, right) = (rect.left() + radius, rect.right() - radius);
    let x = left + (right - left) * place;
    let y = rect.center().y;
    let painter = ui.painter();
    let rail = |from: f32, to: f32, color: Color32| {
        let bar = Rect::from_min_max(pos2(from, y - 1.5), pos2(to, y + 1.5));
        painter.rect_filled(bar, 2, color);
    };
    rail(rect.left(), rect.right(), palette.control_hover);
    let (fill, knob) = if ui.is_enabled() {
        (palette.accent, palette.knob)
    } else {
        (palette.faint, palette.faint)
    };
    rail(rect.left(), x, fill);
    let grown = if response.hovered() || response.dragged() {
        radius + 1.0
    } else {
        radius
    };
    painter.circle(pos2(x, y), grown, knob, Stroke::new(1.0, palette.bar));
    if response.has_focus() {
        painter.circle_stroke(pos2(x, y), radius + 3.0, Stroke::new(1.5, palette.accent));
    }
}

/// The frame of a panel or card.
pub fn panel_frame(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.panel)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CornerRadius::same(RADIUS_PANEL))
        .inner_margin(Margin::symmetric(14, 12))
}

/// Shows something in a panel that fills a rectangle.
pub fn panel_at<R>(
    ui: &mut Ui,
    rect: Rect,
    id: impl egui::AsIdSalt,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let palette = Palette::of(ui);
    ui.painter().rect(
        rect,
        RADIUS_PANEL,
        palette.panel,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let mut child = parts::column(ui, rect.shrink2(vec2(14.0, 12.0)), id);
    child.shrink_clip_rect(rect);
    add(&mut child)
}

/// A panel's title on the left and a note on the right.
pub fn panel_title(ui: &mut Ui, title: &str, note: &str) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        ui.label(
            RichText::new(title)
                .font(theme::semibold(theme::SIZE_STRONG))
                .color(palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(
                egui::Label::new(
                    RichText::new(note)
                        .font(theme::regular(theme::SIZE_BODY))
                        .color(palette.secondary),
                )
                .truncate(),
            );
        });
    });
}

/// Secondary text of the body size.
pub fn note(ui: &mut Ui, text: impl Into<String>) -> Response {
    let color = Palette::of(ui).secondary;
    ui.label(
        RichText::new(text.into())
            .font(theme::regular(theme::SIZE_BODY))
            .color(color),
    )
}

/// An accented button for the main action of a place.
pub fn primary_button(text: &str, palette: &Palette) -> Button<'static> {
    Button::new(
        RichText::new(text)
            .font(theme::medium(theme::SIZE_STRONG))
            .color(palette.text),
    )
    .fill(palette.accent_fill)
    .stroke(Stroke::new(1.0, palette.accent))
}

/// A main action over the whole width; `why_not` says why it is off.
pub fn wide_primary_button(ui: &mut Ui, text: &str, why_not: Option<&str>) -> Response {
    let button = primary_button(text, Palette::of(ui));
    let size = vec2(ui.available_width(), 34.0);
    ui.add_enabled_ui(why_not.is_none(), |ui| ui.add_sized(size, button))
        .inner
        .on_disabled_hover_text(why_not.unwrap_or_default())
}

/// A flat button that looks like a link.
pub fn text_button(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = vec2(0.0, 2.0);
            ui.spacing_mut().interact_size.y = 18.0;
            ui.add(
                Button::new(
                    RichText::new(text)
                        .font(theme::regular(theme::SIZE_BODY))
                        .color(color),
                )
                .frame(false),
            )
        })
        .inner;
    if response.hovered() || response.has_focus() {
        ui.painter().hline(
            response.rect.x_range(),
            response.rect.bottom() - 2.0,
            Stroke::new(1.0, color),
        );
    }
    response
}

/// A square button with a painted icon; `name` is what a screen reader says.
pub fn icon_button(ui: &mut Ui, icon: Icon, size: f32, color: Color32, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(size, size), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        if response.hovered() || response.has_focus() {
            ui.painter()
                .rect_filled(rect, RADIUS_CONTROL, palette.control_hover);
        }
        icon.paint(ui.painter(), rect.shrink(size * 0.25), color);
    }
    response
}

fn with_room_for_triangle(text: &str) -> String {
    format!("{text}     ")
}

/// Width of a [`menu_button`] with this text.
pub fn menu_button_width(ui: &Ui, text: &str) -> f32 {
    let font = egui::TextStyle::Button.resolve(ui.style());
    let words = with_room_for_triangle(text);
    let galley = ui
        .painter()
        .layout_no_wrap(words, font, Color32::PLACEHOLDER);
    (galley.size().x + 2.0 * ui.spacing().button_padding.x).ceil()
}

/// A button that opens a menu: its text and a small triangle.
pub fn menu_button(
    ui: &mut Ui,
    text: &str,
    min_width: f32,
    keep_open: bool,
    add: impl FnOnce(&mut Ui),
) -> Response {
    let palette = Palette::of(ui);
    let button = Button::new(with_room_for_triangle(text)).min_size(vec2(min_width, 28.0));
    let mut menu = egui::containers::menu::MenuButton::from_button(button);
    if keep_open {
        menu = menu.config(
            egui::containers::menu::MenuConfig::new()
                .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside),
        );
    }
    let response = menu.ui(ui, add).0;
    let triangle = Rect::from_center_size(
        pos2(response.rect.right() - 15.0, response.rect.center().y + 1.0),
        vec2(8.0, 8.0),
    );
    Icon::Expand(true).paint(ui.painter(), triangle, palette.secondary);
    response
}

/// A labelled badge that cannot be clicked away, such as the device.
pub fn badge(ui: &mut Ui, text: &str, color: Color32, fill: Color32, height: f32) -> Response {
    let galley =
        ui.painter()
            .layout_no_wrap(text.to_owned(), theme::semibold(theme::SIZE_BODY), color);
    let size = vec2(galley.size().x + 24.0, height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Device: {text}")));
    ui.painter().rect(
        rect,
        RADIUS_CONTROL,
        fill,
        Stroke::new(1.0, color.gamma_multiply(0.7)),
        StrokeKind::Inside,
    );
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, color);
    response
}

/// A thin bar filled up to `share` in [0, 1].
pub fn paint_share_bar(ui: &Ui, rect: Rect, share: f64, color: Color32) {
    let palette = Palette::of(ui);
    ui.painter().rect_filled(rect, 2, palette.line);
    let mut filled = rect;
    filled.set_width(rect.width() * share.clamp(0.0, 1.0) as f32);
    ui.painter().rect_filled(filled, 2, color);
}

/// Text centred in a panel that has nothing to show, with a second line that says what to do.
pub fn paint_empty(ui: &Ui, rect: Rect, first: &str, second: &str) {
    let palette = Palette::of(ui);
    let width = (rect.width() - 32.0).max(40.0);
    // Every line is centred, not only the block of them.
    let centred = |words: &str, font: egui::FontId, color: Color32| {
        let mut job = egui::text::LayoutJob::simple(words.to_owned(), font, color, width);
        job.halign = Align::Center;
        ui.painter().layout_job(job)
    };
    let title = centred(first, theme::medium(theme::SIZE_STRONG), palette.text);
    let detail = centred(second, theme::regular(theme::SIZE_BODY), palette.secondary);
    let total = title.size().y + 4.0 + detail.size().y;
    let top = rect.center().y - total / 2.0;
    let below = top + title.size().y + 4.0;
    for (galley, y, color) in [
        (title, top, palette.text),
        (detail, below, palette.secondary),
    ] {
        ui.painter().galley(pos2(rect.center().x, y), galley, color);
    }
}

/// Text cut with an ellipsis where it does not fit `max_width`; returns the width used.
pub fn paint_text_clipped(
    ui: &Ui,
    pos: egui::Pos2,
    anchor: Align2,
    text: &str,
    font: egui::FontId,
    color: Color32,
    max_width: f32,
) -> f32 {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(max_width.max(0.0));
    let galley = ui.painter().layout_job(job);
    let rect = anchor.anchor_size(pos, galley.size());
    let width = galley.size().x;
    ui.painter().galley(rect.min, galley, color);
    width
}

/// A key cap, as in the cheat sheet.
pub fn key_cap(ui: &mut Ui, text: &str) {
    let palette = Palette::of(ui);
    let galley = ui.painter().layout_no_wrap(
        text.to_owned(),
        theme::medium(theme::SIZE_SMALL),
        palette.text,
    );
    let (rect, _) = ui.allocate_exact_size(galley.size() + vec2(12.0, 6.0), Sense::hover());
    ui.painter().rect(
        rect,
        4,
        palette.well,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, palette.text);
}
