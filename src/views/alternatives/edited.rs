//! The card of a summary that was edited by hand: what it came from, its length against the budget,
//! what editing did to the match with annotators, its scenes and what can be done with it.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::card::paint_card;
use super::storyboard::storyboard_ui;
use crate::domain::EditedSummary;
use crate::session::Session;
use crate::session::Summarised;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, widgets};
use crate::views::menus;

/// Height of the foot with the actions.
const FOOT: f32 = 18.0;

pub(super) fn edited_card_ui(
    ui: &mut Ui,
    card: Rect,
    edited: &EditedSummary,
    state: &AppState,
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let of = edited.summary_ref();
    let (Some(summary), Some(facts)) = (session.summary(of), state.edit_facts(of)) else {
        return;
    };
    let palette = Palette::of(ui);
    let letter = summary.letter;
    let color = letter.map_or(palette.secondary, |letter| palette.alternative(letter));
    let chosen = state.chosen() == Some(of);
    let response = ui.interact(
        card,
        ui.scope_id().with(("edited card", edited.number)),
        Sense::click(),
    );
    let length = facts.length();
    let matching = facts.matching().unwrap_or_default();
    let spoken = format!("{}, edited by hand: {length}. {matching}", summary.name);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &spoken));
    if response.double_clicked() {
        commands.extend([Command::Choose(of), Command::PlaySummaryFromStart]);
    } else if response.clicked() {
        commands.push(Command::Choose(of));
    }
    response.context_menu(|ui| menus::edited_menu_ui(ui, edited.number, commands));
    let wash = letter.map_or(palette.well, |letter| palette.alternative_wash(letter));
    paint_card(ui, card, color, chosen, response.contains_pointer(), wash);
    let inner = card.shrink2(vec2(14.0, 9.0));
    let line = |y: f32, words: &str, anchor: Align2, font, color| {
        let x = match anchor {
            Align2::RIGHT_CENTER => inner.right(),
            _ => inner.left(),
        };
        widgets::paint_text_clipped(ui, pos2(x, y), anchor, words, font, color, inner.width());
    };
    let title = letter.map_or(palette.text, |letter| palette.alternative_text(letter));
    let y = inner.top() + 8.0;
    let strong = theme::semibold(theme::SIZE_STRONG);
    line(y, &summary.name, Align2::LEFT_CENTER, strong, title);
    let body = || theme::regular(theme::SIZE_BODY);
    line(y, "edited", Align2::RIGHT_CENTER, body(), palette.secondary);
    let words = match matching.as_str() {
        "" => length,
        matching => format!("{length} · {matching}"),
    };
    let over = facts.kept_secs - facts.budget_secs >= 0.5;
    let tone = if over {
        palette.warning
    } else {
        palette.secondary
    };
    line(y + 18.0, &words, Align2::LEFT_CENTER, body(), tone);
    let board = Rect::from_min_max(
        pos2(inner.left(), y + 28.0),
        pos2(inner.right(), inner.bottom() - FOOT - 4.0),
    );
    if board.height() > 16.0 {
        let shown = (state, session);
        storyboard_ui(ui, board, shown, of, &[], color, false, commands);
    }
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - FOOT), inner.max);
    let mut child = parts::row(ui, foot, ("edited actions", edited.number));
    child.spacing_mut().item_spacing.x = 12.0;
    for (name, tip, color, steps) in [
        (
            "Export…",
            "Writes this summary as a clip or as a list of cuts.",
            palette.accent,
            vec![Command::Choose(of), Command::OpenExport(None)],
        ),
        (
            "Discard",
            "Forgets this edited summary; what it came from stays as it was.",
            palette.secondary,
            vec![Command::DiscardEdit(edited.number)],
        ),
    ] {
        let button = widgets::text_button(&mut child, name, color)
            .on_hover_text(tip)
            .accessible_name(format!("{name}: edit {}", edited.number));
        if button.clicked() {
            commands.extend(steps);
        }
    }
}
