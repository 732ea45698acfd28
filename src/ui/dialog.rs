//! Dialogs over the window: what opens from one lies above it, and a click beside it closes the innermost first. Knows nothing of
//! what they show.

use std::collections::HashSet;

use egui::{Area, Context, Frame, Id, LayerId, Margin, Modal, Order, Stroke, Ui};

use super::theme::{self, Palette};

/// Shows a dialog; what its content gives, and whether it is to be closed: by Escape, or by a click beside it.
pub fn show<R>(
    ctx: &Context,
    area: Area,
    palette: &Palette,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let layer = area.layer();
    let response = Modal::new(layer.id)
        .area(area)
        .backdrop_color(palette.scrim)
        .frame(
            Frame::new()
                .fill(palette.panel)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(theme::RADIUS_PANEL)
                .inner_margin(Margin::same(16)),
        )
        .show(ctx, content);
    if response.is_top_modal {
        raise_popups(ctx, layer);
    }
    // A click beside an open menu closes the menu alone.
    let beside_a_menu = response.any_popup_open && response.backdrop_response.clicked();
    let close = response.should_close() && !beside_a_menu;
    (response.inner, close)
}

/// Puts menus and lists directly above the dialog. Press and release may come in one frame; then the dialog and the list that opens
/// from it both ask to be on top, and keep the order that they had before.
fn raise_popups(ctx: &Context, dialog: LayerId) {
    let dialogs = ctx.data_mut(|data| {
        let known = data.get_temp_mut_or_default::<HashSet<Id>>(Id::unique("dialogs"));
        known.insert(dialog.id);
        known.clone()
    });
    let shown = ctx.memory(|memory| memory.areas().visible_layer_ids());
    for layer in shown {
        if layer.order == Order::Foreground && !dialogs.contains(&layer.id) {
            ctx.set_sublayer(dialog, layer);
        }
    }
}
