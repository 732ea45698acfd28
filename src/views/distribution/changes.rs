//! The line that says what has changed since the earlier draw that is compared with, and the choice
//! of that draw.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, widgets};

/// Most lines of the sentence, and the room of the button that ends the comparison.
const MOST_LINES: usize = 3;
const CLOSE: f32 = 20.0;

/// Shows the line at the top of a rectangle; the height used, 0 where no draw is compared.
pub(super) fn changes_ui(
    ui: &mut Ui,
    below: Rect,
    state: &AppState,
    commands: &mut Vec<Command>,
) -> f32 {
    let Some(words) = state.draw_changes() else {
        return 0.0;
    };
    let palette = Palette::of(ui);
    let font = theme::regular(theme::SIZE_BODY);
    let width = (below.width() - CLOSE - 4.0).max(0.0);
    let mut job = egui::text::LayoutJob::simple(unbroken(&words), font, palette.text, width);
    job.wrap.max_rows = MOST_LINES;
    let galley = ui.painter().layout_job(job);
    let height = galley.size().y.max(CLOSE);
    let place = Rect::from_min_size(below.min, vec2(width, height));
    ui.painter().galley(place.min, galley, palette.text);
    let line = ui.interact(place, ui.scope_id().with("changes"), Sense::hover());
    line.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    line.on_hover_text(&words);
    let corner = Rect::from_min_size(pos2(below.right() - CLOSE, below.top()), vec2(CLOSE, CLOSE));
    let mut child = parts::column(ui, corner, "end comparison");
    let close = widgets::icon_button(
        &mut child,
        Icon::Close,
        CLOSE,
        palette.secondary,
        "End the comparison of draws",
    );
    if close
        .on_hover_text("Shows this draw alone again.")
        .clicked()
    {
        commands.push(Command::CompareDraw(None));
    }
    height + 4.0
}

/// The same words, broken between its parts alone.
fn unbroken(words: &str) -> String {
    let parts = words.split(" · ");
    let whole: Vec<String> = parts
        .map(|part| part.replace([' ', '\u{202f}'], "\u{a0}"))
        .collect();
    whole.join(" · ")
}

/// Which earlier draw is shown behind this one.
pub(super) fn choice_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let compared = state.draws.compared.as_ref();
    if compared.is_none() && state.draws.earlier().next().is_none() {
        return;
    }
    ui.add_space(4.0);
    widgets::note(ui, "Behind it, in grey");
    if ui
        .radio(compared.is_none(), "No other draw")
        .on_hover_text("Shows this draw alone.")
        .clicked()
    {
        commands.push(Command::CompareDraw(None));
    }
    for (place, past) in state.draws.earlier().enumerate() {
        let chosen = compared.is_some_and(|compared| compared.is_like(past));
        if ui
            .radio(chosen, past.words())
            .on_hover_text(
                "Shows the samples of this draw behind those on screen, and says what has changed.",
            )
            .clicked()
        {
            commands.push(Command::CompareDraw(Some(place)));
        }
    }
}
