//! The foot of the plot: what its first axis explains, and what its marks mean. What does not fit
//! beside the axis has lines of its own, so that no mark is left without its explanation.

use std::sync::Arc;

use egui::{Galley, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::session::DistributionView;
use crate::ui::text;
use crate::ui::theme::{self, Palette};

/// Height of the line with the axis, and of each further one.
const FIRST_LINE: f32 = 20.0;
const LINE: f32 = 16.0;
/// From the left end of a mark to its words, and between two entries.
const MARK: f32 = 14.0;
const GAP: f32 = 12.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Annotator,
    Sample,
    /// A sample that the plane does not show truly.
    Hollow,
    /// A sample of the earlier draw that is compared with.
    Earlier,
}

impl Mark {
    const fn tip(self) -> &'static str {
        match self {
            Self::Annotator => "A person's own summary, or that of a simulated one.",
            Self::Earlier => "A sample of the earlier draw, on the same axes.",
            Self::Sample => "A sample, in the colour of its kind of summary.",
            Self::Hollow => {
                "Samples are hollow where this flat picture does not show how far they are from the others."
            }
        }
    }
}

struct Entry {
    mark: Mark,
    words: Arc<Galley>,
}

impl Entry {
    fn width(&self) -> f32 {
        MARK + self.words.size().x
    }
}

/// The foot, laid out for a width.
pub(super) struct Legend {
    axis: Arc<Galley>,
    /// Entries of each line; those of the first stand at both sides of the axis.
    lines: Vec<Vec<Entry>>,
}

impl Legend {
    /// With what the samples of an earlier draw are called, where there are any.
    pub(super) fn lay_out(
        ui: &Ui,
        view: &DistributionView,
        earlier: Option<&str>,
        width: f32,
    ) -> Self {
        let palette = Palette::of(ui);
        let galley = |words: String| {
            let font = theme::regular(theme::SIZE_BODY);
            ui.painter().layout_no_wrap(words, font, palette.secondary)
        };
        let axis = galley(format!("PC 1 · {}", text::percent(view.explained[0])));
        let entry = |mark, words: &str| Entry {
            mark,
            words: galley(words.to_owned()),
        };
        let mut entries = Vec::new();
        if !view.annotators.is_empty() {
            entries.push(entry(Mark::Annotator, "annotator"));
        }
        entries.push(entry(Mark::Sample, "sample"));
        entries.extend(earlier.map(|words| entry(Mark::Earlier, words)));
        let beyond = hollow_count(view);
        let hollow = (beyond > 0).then(|| {
            let full = entry(
                Mark::Hollow,
                &format!("{beyond} hollow: further apart than they look"),
            );
            if full.width() <= width {
                full
            } else {
                entry(Mark::Hollow, &format!("{beyond} hollow"))
            }
        });
        let sides: Vec<f32> = entries.iter().map(|entry| entry.width() + GAP).collect();
        let beside = axis.size().x + sides.iter().sum::<f32>() <= width;
        let mut lines = if beside {
            let hollow: Vec<Entry> = hollow.into_iter().collect();
            vec![entries, hollow]
        } else {
            entries.extend(hollow);
            let widths: Vec<f32> = entries.iter().map(Entry::width).collect();
            let mut rest = entries.into_iter();
            let flowed = flow(&widths, width)
                .into_iter()
                .map(|count| rest.by_ref().take(count).collect());
            std::iter::once(Vec::new()).chain(flowed).collect()
        };
        while lines.len() > 1 && lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        Self { axis, lines }
    }

    pub(super) fn height(&self) -> f32 {
        FIRST_LINE + LINE * (self.lines.len() - 1) as f32
    }

    /// Paints the foot into a rectangle of its height; the marks have tips.
    pub(super) fn show(self, ui: &mut Ui, foot: Rect) {
        let palette = Palette::of(ui);
        let first = foot.top() + FIRST_LINE / 2.0;
        let (mut left, mut right) = (foot.left() + 2.0, foot.right() - 2.0);
        for (at, line) in self.lines.into_iter().enumerate() {
            if at == 0 {
                // Annotators at the left, samples at the right.
                for entry in line {
                    if entry.mark == Mark::Annotator {
                        let width = entry.width();
                        entry_ui(ui, pos2(left, first), entry);
                        left += width;
                    } else {
                        right -= entry.width();
                        entry_ui(ui, pos2(right, first), entry);
                        right -= GAP;
                    }
                }
                continue;
            }
            let y = foot.top() + FIRST_LINE + LINE * (at as f32 - 0.5);
            let total: f32 = line.iter().map(Entry::width).sum::<f32>()
                + GAP * line.len().saturating_sub(1) as f32;
            let mut x = (foot.right() - 2.0 - total).max(foot.left());
            for entry in line {
                let width = entry.width();
                entry_ui(ui, pos2(x, y), entry);
                x += width + GAP;
            }
        }
        // In the middle of the panel where there is room, else of what the legend leaves.
        let between = egui::Rangef::new(left, (right + GAP).min(foot.right()));
        let half = self.axis.size().x / 2.0 + GAP;
        let middle = if between.shrink(half).contains(foot.center().x) {
            foot.center().x
        } else {
            between.center()
        };
        let min = pos2(middle, first) - self.axis.size() / 2.0;
        ui.painter().galley(min, self.axis, palette.secondary);
    }
}

/// How many entries each line takes, of entries so wide.
fn flow(widths: &[f32], room: f32) -> Vec<usize> {
    let mut lines: Vec<usize> = Vec::new();
    let mut used = f32::INFINITY;
    for width in widths {
        match lines.last_mut() {
            Some(count) if used + GAP + width <= room => {
                *count += 1;
                used += GAP + width;
            }
            _ => {
                lines.push(1);
                used = *width;
            }
        }
    }
    lines
}

/// How many samples are drawn hollow for their distance from a plane that was fitted on annotators.
fn hollow_count(view: &DistributionView) -> usize {
    (0..view.samples.len())
        .filter(|&sample| view.fitted_on_annotators && view.is_beyond(sample))
        .count()
}

fn entry_ui(ui: &mut Ui, left_center: Pos2, entry: Entry) {
    let palette = Palette::of(ui);
    let place = Rect::from_min_max(
        left_center - vec2(0.0, LINE / 2.0),
        left_center + vec2(entry.width(), LINE / 2.0),
    );
    let mark = left_center + vec2(4.0, 0.0);
    let painter = ui.painter();
    match entry.mark {
        Mark::Annotator => {
            painter.circle_stroke(mark, 3.5, Stroke::new(1.5, palette.annotator));
        }
        Mark::Earlier => {
            painter.circle_filled(mark, 3.5, palette.faint);
        }
        Mark::Sample => {
            painter.circle_filled(mark, 3.5, palette.category(1));
        }
        Mark::Hollow => {
            painter.circle_stroke(mark, 3.0, Stroke::new(1.25, palette.category(1)));
        }
    }
    let spoken = entry.words.text().to_owned();
    let min = pos2(
        left_center.x + MARK,
        left_center.y - entry.words.size().y / 2.0,
    );
    painter.galley(min, entry.words, palette.secondary);
    let id = ui.scope_id().with(("legend", entry.mark as u8));
    let response = ui.interact(place, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    response.on_hover_text(entry.mark.tip());
}

/// What the second axis explains, upright at the plot's left.
pub(super) fn paint_upright_axis(ui: &Ui, axis: Rect, view: &DistributionView) {
    let palette = Palette::of(ui);
    let words = ui.painter().layout_no_wrap(
        format!("PC 2 · {}", text::percent(view.explained[1])),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    let size = words.size();
    let pos = pos2(
        axis.center().x - size.y / 2.0,
        axis.center().y + size.x / 2.0,
    );
    ui.painter().add(
        egui::epaint::TextShape::new(pos, words, palette.secondary)
            .with_angle(-std::f32::consts::FRAC_PI_2),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_flow_over_lines_and_none_is_dropped() {
        let widths = [60.0, 50.0, 220.0];
        assert_eq!(flow(&widths, 400.0), vec![3]);
        assert_eq!(flow(&widths, 300.0), vec![2, 1]);
        assert_eq!(flow(&widths, 100.0), vec![1, 1, 1]);
        assert!(flow(&[], 100.0).is_empty());
    }
}
