//! Dialogs over the window: what opens from one lies above it, and a click beside it closes the
//! innermost first. Knows nothing of what they show.

use std::collections::HashSet;

use egui::{Area, Context, Frame, Id, LayerId, Margin, Modal, Order, PointerState, Stroke, Ui};

use super::theme::{self, Palette};

/// Shows a dialog; what its content gives, and whether it is to be closed: by Escape, or by a click
/// beside it.
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
    if just_opened(ctx, layer.id) {
        // What the pointer rests on lies under the dialog now. Until the pointer moves it is over
        // nothing, so that no tooltip stays above the dialog.
        ctx.input_mut(|input| input.pointer = PointerState::default());
    }
    // A click beside an open menu closes the menu alone.
    let beside_a_menu = response.any_popup_open && response.backdrop_response.clicked();
    let close = response.should_close() && !beside_a_menu;
    (response.inner, close)
}

/// Whether the dialog was not shown in the pass before.
fn just_opened(ctx: &Context, dialog: Id) -> bool {
    let pass = ctx.cumulative_pass_nr();
    let before = ctx.data_mut(|data| {
        let last = data.get_temp_mut_or_default::<Option<u64>>(dialog.with("last pass"));
        last.replace(pass)
    });
    before.is_none_or(|before| before + 1 < pass)
}

/// Puts menus and lists directly above the dialog. Press and release may come in one frame; then
/// the dialog and the list that opens from it both ask to be on top, and keep the order that they
/// had before.
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

#[cfg(test)]
mod tests {
    use egui::{Area, Id};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;

    #[test]
    fn a_dialog_that_opens_over_the_pointer_closes_the_tooltip_beneath() {
        let mut harness = Harness::builder()
            .with_size(egui::vec2(400.0, 300.0))
            .build_ui_state(
                |ui, open: &mut bool| {
                    let palette = Palette::of(ui);
                    ui.button("Tile").on_hover_text("What a click does");
                    if *open {
                        let area = Area::new(Id::unique("dialog"));
                        show(ui.ctx(), area, palette, |ui| {
                            ui.label("Title");
                            ui.button("Inside").on_hover_text("What this does");
                        });
                    }
                },
                false,
            );
        let tip = |harness: &Harness<'_, bool>, text: &str| harness.query_by_label(text).is_some();
        harness.get_by_label("Tile").hover();
        harness.run_steps(60);
        assert!(tip(&harness, "What a click does"));
        *harness.state_mut() = true;
        harness.run_steps(3);
        assert!(
            !tip(&harness, "What a click does"),
            "it lies over the dialog"
        );
        // The dialog's own are as ever.
        harness.get_by_label("Inside").hover();
        harness.run_steps(60);
        assert!(tip(&harness, "What this does"));
    }
}
