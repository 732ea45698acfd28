//! One card: letter, share, length and annotators on top; scenes; the share as a bar; actions at
//! the foot.

use egui::text::LayoutJob;
use egui::{
    Align2, Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::actions::{actions_ui, menu_ui};
use super::storyboard::storyboard_ui;
use super::why_empty;
use crate::analysis::kinds::shorter_line;
use crate::domain::{Alternative, Draw, Letter, Named, SummaryRef};
use crate::session::Session;
use crate::session::Summarised;
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, RADIUS_PANEL};
use crate::ui::{parts, text, widgets};

/// Below this width a card gives up air at its sides.
const NARROW: f32 = 220.0;
/// Below this height it gives up air between its lines.
const LOW: f32 = 118.0;
/// From the letter to the words.
const LETTER: f32 = 20.0;

/// Height of the line that says what distinguishes an alternative.
const LINE: f32 = 16.0;
/// From this height on it may have two lines; below the other, a card has none.
const HIGH: f32 = 170.0;
const LOWEST: f32 = 92.0;

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
    let color = palette.alternative(kind.letter());
    let of = SummaryRef::Alternative(kind.letter());
    let chosen = state.chosen() == Some(of);
    let rejected = state.is_rejected(index);
    let letter = kind.letter();
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
        palette.alternative_wash(letter),
    );

    // A low card keeps its pictures and gives up air.
    let tight = card.height() < LOW;
    let sides = if card.width() < NARROW { 10.0 } else { 16.0 };
    let inner = card.shrink2(vec2(sides, if tight { 7.0 } else { 12.0 }));
    let inner = Rect::from_min_max(pos2(inner.left() + 2.0, inner.top()), inner.max);
    let name = kind_name(state, letter);
    let title = if rejected {
        [format!("{name}rejected"), "rejected".to_owned()]
    } else {
        let share = text::share_with_error(kind.share, kind.share_error);
        let short = match name.strip_suffix(" · ") {
            Some(name) => name.to_owned(),
            None => text::percent(kind.share),
        };
        [format!("{name}{share} of samples"), short]
    };
    let notes = [agreed, text::clock(secs)];
    let pinned = state.is_pinned(index);
    title_line(ui, card, inner, letter, (&title, rejected), &notes, pinned);

    let actions_top = inner.bottom() - 18.0;
    let mut pictures_top = inner.top() + if tight { 19.0 } else { 24.0 };
    let line = Rect::from_min_max(
        pos2(inner.left(), pictures_top),
        pos2(
            inner.right(),
            pictures_top + LINE * if card.height() < HIGH { 1.0 } else { 2.0 },
        ),
    );
    // A low card gives up its bar for the line, and the lowest one both for its pictures.
    let has_line = card.height() >= LOWEST && !(tight && kind.distinguishes.is_empty());
    let has_bar = !(tight && has_line);
    if has_line {
        pictures_top += line_ui(ui, line, kind, rejected, tight, state, commands) + 2.0;
    }
    if !kind.distinguishes.is_empty() {
        response.on_hover_text(&kind.distinguishes);
    }
    let bar_height = if has_bar { 4.0 } else { 0.0 };
    let bar_bottom = actions_top - if tight { 3.0 } else { 8.0 };
    let bar = Rect::from_min_max(
        pos2(inner.left(), bar_bottom - bar_height),
        pos2(inner.right(), bar_bottom),
    );
    let board = Rect::from_min_max(
        pos2(inner.left(), pictures_top),
        pos2(inner.right(), bar.top() - if tight { 2.0 } else { 6.0 }),
    );
    let fill = if rejected {
        color.gamma_multiply(0.35)
    } else {
        color
    };
    if board.height() > 16.0 {
        let others: Vec<&[usize]> = (draw.alternatives.iter())
            .filter(|other| other.label != kind.label)
            .map(|other| other.selected_segments.as_slice())
            .collect();
        let shown = (state, session);
        storyboard_ui(ui, board, shown, of, &others, fill, rejected, commands);
    }
    if has_bar {
        widgets::paint_share_bar(ui, bar, kind.share, fill);
    }
    let row = Rect::from_min_max(pos2(inner.left(), actions_top), inner.max);
    actions_ui(ui, row, index, state, empty, commands);
}

/// What a person calls an alternative, as the head of its title; empty where it has no name.
fn kind_name(state: &AppState, letter: Letter) -> String {
    match state.choices.names.of(Named::Alternative(letter)).name {
        name if name.is_empty() => name,
        name => format!("{name} · "),
    }
}

/// What distinguishes the alternative, over as many lines as there is room for, with the nearest
/// sample at its end; the height used.
fn line_ui(
    ui: &mut Ui,
    place: Rect,
    kind: &Alternative,
    rejected: bool,
    tight: bool,
    state: &AppState,
    commands: &mut Vec<Command>,
) -> f32 {
    const AIR: f32 = 10.0;
    let palette = Palette::of(ui);
    let font = theme::regular(theme::SIZE_BODY);
    let nearest = SummaryRef::Sample(kind.medoid_sample);
    let words = nearest.to_string();
    let measured = (ui.painter()).layout_no_wrap(words.clone(), font.clone(), palette.text);
    let width = measured.size().x.ceil();
    let rows = (place.height() / LINE).floor().max(1.0) as usize;
    let said = (ui.painter())
        .layout_no_wrap(kind.distinguishes.clone(), font.clone(), palette.text)
        .size()
        .x;
    // The sample is in the menu of a card that has no room for it; what distinguishes the
    // alternative goes first.
    let beside =
        !tight && place.width() > 3.0 * width && (rows > 1 || said + AIR + width <= place.width());
    let room = place.width() - if beside { width + AIR } else { 0.0 };
    let color = if rejected {
        palette.faint
    } else {
        palette.secondary
    };
    let laid_out = |words: &str| {
        let mut job = LayoutJob::simple(words.to_owned(), font.clone(), color, room);
        job.wrap.max_rows = rows;
        job.wrap.break_anywhere = false;
        ui.painter().layout_job(job)
    };
    // Where there is no room for all of it, whole parts are left out; the tip has them.
    let candidates =
        std::iter::successors(Some(kind.distinguishes.as_str()), |line| shorter_line(line));
    let mut galley = laid_out(&kind.distinguishes);
    for words in candidates {
        galley = laid_out(words);
        if !galley.elided {
            break;
        }
    }
    let height = galley.size().y.max(LINE);
    ui.painter().galley(place.min, galley, color);
    if beside {
        let corner = Rect::from_min_size(
            pos2(place.right() - width, place.top() - 1.5),
            vec2(width, LINE),
        );
        let is_chosen = state.chosen() == Some(nearest);
        let color = if is_chosen {
            palette.alternative_text(kind.letter())
        } else {
            palette.secondary
        };
        let mut child = parts::column(ui, corner, ("nearest", &kind.label));
        child.spacing_mut().button_padding = vec2(0.0, 0.0);
        child.spacing_mut().interact_size.y = LINE;
        let response = widgets::text_button(&mut child, &words, color)
            .on_hover_text("The real sample nearest to this alternative: a click chooses it, to be shown, played and exported.")
            .accessible_name(format!("Nearest to {}: {words}", kind.letter()));
        if response.clicked() {
            commands.push(Command::Choose(nearest));
        }
    }
    height
}

/// Letter, share and note; both have a longer and a shorter form, and take the longest that fits
/// beside the other's shortest.
fn title_line(
    ui: &Ui,
    card: Rect,
    inner: Rect,
    letter: Letter,
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
        letter,
        theme::semibold(theme::SIZE_TITLE),
        palette.alternative_text(letter),
    );
    let mut right = inner.right();
    if pinned {
        let place = pos2(card.right() - 9.0, card.top() + 10.0);
        let icon = Rect::from_center_size(place, vec2(11.0, 11.0));
        Icon::Pin.paint(painter, icon, palette.alternative_text(letter));
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

pub(super) fn paint_card(
    ui: &Ui,
    card: Rect,
    color: Color32,
    chosen: bool,
    hovered: bool,
    wash: Color32,
) {
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
