//! The card at the pointer: what a sample keeps or an annotator picked, as a row of pictures.

use egui::{Align2, Color32, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::session::Session;
use crate::ui::text;
use crate::ui::theme::{self, Palette};

/// Pictures in a row, and rows.
const COLUMNS: usize = 4;
const MOST: usize = 8;
const WIDTH: f32 = 84.0;
const GAP: f32 = 4.0;
const LINE: f32 = 14.0;

/// Paints the card beside `pos`: `title`, then one picture a stretch, the middle of each; evenly
/// where there are many.
pub fn paint_card(ui: &Ui, pos: Pos2, title: &str, ranges_secs: &[(f64, f64)], session: &Session) {
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Tooltip,
        ui.scope_id().with("storyboard"),
    ));
    let galley = painter.layout_no_wrap(
        title.to_owned(),
        theme::regular(theme::SIZE_BODY),
        palette.text,
    );
    let shown = ranges_secs.len().min(MOST);
    let (columns, rows) = (shown.min(COLUMNS), shown.div_ceil(COLUMNS));
    let picture = vec2(WIDTH, (WIDTH / session.thumbs.aspect()).clamp(30.0, 150.0));
    let cell = picture + vec2(GAP, GAP + LINE);
    let size = vec2(
        galley.size().x.max(columns as f32 * cell.x - GAP) + 12.0,
        galley.size().y + 10.0 + rows as f32 * cell.y,
    );
    let screen = ui.ctx().content_rect();
    let mut min = pos + vec2(14.0, -size.y - 8.0);
    if min.y < screen.top() {
        min.y = pos.y + 16.0;
    }
    min.x = min.x.min(screen.right() - size.x - 4.0).max(screen.left());
    let card = Rect::from_min_size(min, size);
    painter.rect(
        card,
        4,
        palette.control,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let top = card.top() + 8.0 + galley.size().y;
    painter.galley(card.min + vec2(6.0, 4.0), galley, palette.text);
    for at in 0..shown {
        let (start, end) = ranges_secs[at * ranges_secs.len() / shown];
        let place = Rect::from_min_size(
            pos2(
                card.left() + 6.0 + (at % COLUMNS) as f32 * cell.x,
                top + (at / COLUMNS) as f32 * cell.y,
            ),
            picture,
        );
        match session.thumbs.nearest((start + end) / 2.0) {
            Some(thumb) => {
                painter.image(thumb.texture, place, thumb.uv, Color32::WHITE);
            }
            None => {
                painter.rect_filled(place, 3, palette.well);
            }
        }
        painter.text(
            place.left_bottom() + vec2(0.0, 1.0),
            Align2::LEFT_TOP,
            format!("{}–{}", text::clock(start), text::clock(end)),
            theme::regular(theme::SIZE_SMALL),
            palette.secondary,
        );
    }
}
