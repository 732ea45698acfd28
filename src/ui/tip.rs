//! A small card of text beside what the pointer is on, for things that are painted rather than laid
//! out.

use egui::{LayerId, Order, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::theme::{self, Palette};

/// Paints lines of text above `anchor` (below it where there is no room), within the window; the
/// first line is stronger.
pub fn paint_tip(ui: &Ui, anchor: Rect, lines: &[String]) {
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(
        Order::Tooltip,
        ui.scope_id().with("painted tip"),
    ));
    let galleys: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let (font, color) = if at == 0 {
                (theme::medium(theme::SIZE_BODY), palette.text)
            } else {
                (theme::regular(theme::SIZE_BODY), palette.secondary)
            };
            painter.layout(line.clone(), font, color, 420.0)
        })
        .collect();
    let width = galleys.iter().map(|g| g.size().x).fold(0.0, f32::max);
    let height: f32 = galleys.iter().map(|g| g.size().y + 2.0).sum();
    let size = vec2(width + 16.0, height + 10.0);
    let screen = ui.ctx().content_rect();
    let x = (anchor.center().x - size.x / 2.0).clamp(
        screen.left() + 4.0,
        (screen.right() - size.x - 4.0).max(screen.left() + 4.0),
    );
    let above = anchor.top() - size.y - 6.0;
    let y = if above < screen.top() + 4.0 {
        anchor.bottom() + 6.0
    } else {
        above
    };
    let card = Rect::from_min_size(pos2(x, y), size);
    painter.rect(
        card,
        theme::RADIUS_CONTROL,
        palette.control,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let mut top = card.top() + 5.0;
    for galley in galleys {
        let step = galley.size().y + 2.0;
        painter.galley(pos2(card.left() + 8.0, top), galley, palette.text);
        top += step;
    }
}
