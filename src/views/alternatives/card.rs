//! One card: letter, share, length and annotators on top; scenes; the share as a bar; actions at the foot.

use egui::{
    Align2, Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::actions::{actions_ui, menu_ui};
use super::storyboard::storyboard_ui;
use super::why_empty;
use crate::domain::{Draw, SummaryRef};
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, RADIUS_PANEL};
use crate::ui::{text, widgets};

/// Below this width a card gives up air at its sides.
const NARROW: f32 = 220.0;
/// Below this height it gives up air between its lines.
const LOW: f32 = 118.0;
/// From the letter to the words.
const LETTER: f32 = 20.0;

/// Height of the line that says what distinguishes an alternative.
const LINE: f32 = 16.0;

pub(super) fn card_ui(
    ui: &mut Ui,
    card: Rect,
    index: usize,
    state: &AppState,
    session: &Session,
    draw: &Draw,
    commands: &mut Vec<Command>,
) {
    let Some(kind) = draw.alternatives.get(index) else {
        return;
    };
    let palette = Palette::of(ui);
    let color = palette.alternative(index);
    let of = SummaryRef::Alternative(kind.letter());
    let chosen = state.chosen() == Some(of);
    let rejected = state.is_rejected(index);
    let letter = text::letter(index);
    let secs = session.summary(of).map_or(0.0, |summary| summary.secs);
    let agreed = match state.annotators_reached(index) {
        Some((reached, all)) => format!("{} · {reached} of {all} annotators", text::clock(secs)),
        None => text::clock(secs),
    };
    let empty = why_empty(session, of);

    let response = ui.interact(card, ui.scope_id().with(("card", index)), Sense::click());
    let spoken = format!(
        "Alternative {letter}: {} of samples, {agreed}{}{}",
        text::percent(kind.share),
        if kind.distinguishes.is_empty() {
            ""
        } else {
            ". "
        },
        kind.distinguishes,
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &spoken));
    if response.clicked() {
        commands.push(Command::SelectAlternative(index));
    }
    if response.double_clicked() && empty.is_none() {
        commands.push(Command::PlaySummary(Some(index)));
    }
    egui::Popup::context_menu(&response).show(|ui| menu_ui(ui, index, state, empty, commands));
    let hovered = response.contains_pointer() || state.hover.alternative == Some(index);
    if response.contains_pointer() {
        commands.push(Command::HoverOver(Hover {
            alternative: Some(index),
            ..Hover::default()
        }));
    }
    paint_card(
        ui,
        card,
        color,
        chosen,
        hovered,
        palette.alternative_wash(index),
    );

    // A low card keeps its pictures and gives up air.
    let tight = card.height() < LOW;
    let sides = if card.width() < NARROW { 10.0 } else { 16.0 };
    let inner = card.shrink2(vec2(sides, if tight { 7.0 } else { 12.0 }));
    let inner = Rect::from_min_max(pos2(inner.left() + 2.0, inner.top()), inner.max);
    let title = if rejected {
        ["rejected".to_owned(), "rejected".to_owned()]
    } else {
        let share = text::share_with_error(kind.share, kind.share_error);
        [format!("{share} of samples"), text::percent(kind.share)]
    };
    let notes = [agreed, text::clock(secs)];
    let pinned = state.is_pinned(index);
    title_line(ui, card, inner, index, (&title, rejected), &notes, pinned);

    let actions_top = inner.bottom() - 18.0;
    let bar = Rect::from_min_max(
        pos2(inner.left(), actions_top - if tight { 7.0 } else { 12.0 }),
        pos2(inner.right(), actions_top - if tight { 3.0 } else { 8.0 }),
    );
    let mut pictures_top = inner.top() + if tight { 21.0 } else { 26.0 };
    if !kind.distinguishes.is_empty() {
        if !tight {
            widgets::paint_text_clipped(
                ui,
                pos2(inner.left(), pictures_top + 4.0),
                Align2::LEFT_CENTER,
                &kind.distinguishes,
                theme::regular(theme::SIZE_BODY),
                palette.secondary,
                inner.width(),
            );
            pictures_top += LINE;
        }
        response.on_hover_text(&kind.distinguishes);
    }
    let board = Rect::from_min_max(
        pos2(inner.left(), pictures_top),
        pos2(inner.right(), bar.top() - if tight { 4.0 } else { 8.0 }),
    );
    if board.height() > 16.0 {
        storyboard_ui(ui, board, (state, session), of, rejected, commands);
    }
    let fill = if rejected {
        color.gamma_multiply(0.35)
    } else {
        color
    };
    widgets::paint_share_bar(ui, bar, kind.share, fill);
    let row = Rect::from_min_max(pos2(inner.left(), actions_top), inner.max);
    actions_ui(ui, row, index, state, empty, commands);
}

/// Letter, share and note; both have a longer and a shorter form, and take the longest that fits beside the other's shortest.
fn title_line(
    ui: &Ui,
    card: Rect,
    inner: Rect,
    index: usize,
    (title, rejected): (&[String; 2], bool),
    notes: &[String; 2],
    pinned: bool,
) {
    const AIR: f32 = 12.0;
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let line = inner.top() + 9.0;
    painter.text(
        pos2(inner.left(), line),
        Align2::LEFT_CENTER,
        text::letter(index),
        theme::semibold(theme::SIZE_TITLE),
        palette.alternative_text(index),
    );
    let mut right = inner.right();
    if pinned {
        let place = pos2(card.right() - 9.0, card.top() + 10.0);
        let icon = Rect::from_center_size(place, vec2(11.0, 11.0));
        Icon::Pin.paint(painter, icon, palette.alternative_text(index));
        right = right.min(icon.left());
    }
    let (strong, body) = (
        theme::medium(theme::SIZE_STRONG),
        theme::regular(theme::SIZE_BODY),
    );
    let width = |words: &str, font: &egui::FontId| {
        let galley = painter.layout_no_wrap(words.to_owned(), font.clone(), palette.text);
        galley.size().x
    };
    let room = right - inner.left() - LETTER;
    let beside = width(&notes[1], &body) + AIR;
    let title = title
        .iter()
        .find(|words| width(words, &strong) + beside <= room)
        .unwrap_or(&title[1]);
    let color = if rejected {
        palette.secondary
    } else {
        palette.text
    };
    let used = widgets::paint_text_clipped(
        ui,
        pos2(inner.left() + LETTER, line),
        Align2::LEFT_CENTER,
        title,
        strong,
        color,
        room,
    );
    let room = (room - used - AIR).max(0.0);
    let note = notes
        .iter()
        .find(|words| width(words, &body) <= room)
        .unwrap_or(&notes[1]);
    widgets::paint_text_clipped(
        ui,
        pos2(right, line),
        Align2::RIGHT_CENTER,
        note,
        body,
        palette.secondary,
        room,
    );
}

fn paint_card(ui: &Ui, card: Rect, color: Color32, chosen: bool, hovered: bool, wash: Color32) {
    let palette = Palette::of(ui);
    let fill = if chosen { wash } else { palette.panel };
    let stroke = if chosen {
        Stroke::new(1.5, color)
    } else if hovered {
        Stroke::new(1.0, color.gamma_multiply(0.7))
    } else {
        Stroke::new(1.0, palette.line)
    };
    ui.painter()
        .rect(card, RADIUS_PANEL, fill, stroke, StrokeKind::Inside);
    let edge = Rect::from_min_max(card.min, pos2(card.left() + 4.0, card.bottom()));
    ui.painter().rect_filled(
        edge,
        CornerRadius {
            nw: RADIUS_PANEL,
            sw: RADIUS_PANEL,
            ne: 0,
            se: 0,
        },
        color,
    );
}
