//! Why the summary in hand keeps each segment, or does not: one entry for each, in order of time or
//! of rank. What is judged, and how, is `session::why`'s.

use std::sync::Arc;

use egui::{Align2, Id, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::menus;
use crate::domain::SummaryRef;
use crate::session::why::Why;
use crate::session::{Session, Summarised};
use crate::state::command::Command;
use crate::state::{AppState, Hover};
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Height of an entry, and of a line in it, points.
const ENTRY: f32 = 74.0;
const LINE: f32 = 16.0;

/// How the list is set; lives as long as the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Listing {
    by_rank: bool,
    /// Those that are kept, or those that are not; `None` for all.
    kept: Option<bool>,
}

/// What was judged last, and of what: judging all segments of a long video takes longer than
/// painting a few.
#[derive(Clone)]
struct Judged {
    of: (SummaryRef, [usize; 3]),
    all: Arc<Vec<Why>>,
}

/// Shows the list, or what there is to do first.
pub fn reasons_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let judged = (state.session.as_ref()).and_then(|session| {
        let of = state.chosen()?;
        Some((session, of, judged(ui, session, of)?))
    });
    let Some((session, of, all)) = judged else {
        widgets::panel_title(ui, "Reasons", "");
        let area = ui.available_rect_before_wrap();
        widgets::paint_empty(
            ui,
            area,
            "No summary",
            "Once there are summaries, this says what keeps each segment in or out.",
        );
        return;
    };
    let name = (session.summary(of)).map_or_else(String::new, |summary| summary.name);
    let kept = all.iter().filter(|why| why.is_kept).count();
    let of_all = text::count(all.len(), "segment");
    widgets::panel_title(ui, "Reasons", &format!("{name} · {kept} of {of_all} kept"));
    let id = Id::unique("listing of reasons");
    let mut listing: Listing = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    settings_ui(ui, &mut listing);
    ui.data_mut(|data| data.insert_temp(id, listing));
    let listed = listed(&all, listing);
    entries_ui(ui, state, session, &listed, commands);
}

fn judged(ui: &Ui, session: &Session, of: SummaryRef) -> Option<Arc<Vec<Why>>> {
    let draw = session.draw.as_ref()?;
    let key = [
        Arc::as_ptr(draw) as usize,
        Arc::as_ptr(&session.edits) as usize,
        session.annotator_ranges_secs.as_ptr() as usize,
    ];
    let id = Id::unique("reasons");
    if let Some(judged) = ui.data(|data| data.get_temp::<Judged>(id))
        && judged.of == (of, key)
    {
        return Some(judged.all);
    }
    let all = Arc::new(session.why(of)?);
    let judged = Judged {
        of: (of, key),
        all: Arc::clone(&all),
    };
    ui.data_mut(|data| data.insert_temp(id, judged));
    Some(all)
}

fn settings_ui(ui: &mut Ui, listing: &mut Listing) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        ui.spacing_mut().button_padding.x = 7.0;
        for (name, tip, kept) in [
            ("All", "Lists every segment.", None),
            ("Kept", "Lists what the summary keeps.", Some(true)),
            (
                "Left out",
                "Lists what the summary leaves out.",
                Some(false),
            ),
        ] {
            let label = ui.selectable_label(listing.kept == kept, name);
            if label.on_hover_text(tip).clicked() {
                listing.kept = kept;
            }
        }
        ui.add_space(8.0);
        for (name, tip, by_rank) in [
            (
                "By time",
                "Lists segments as they follow in the video.",
                false,
            ),
            (
                "By rank",
                "Lists the segment of the highest score first.",
                true,
            ),
        ] {
            let label = ui.selectable_label(listing.by_rank == by_rank, name);
            if label.on_hover_text(tip).clicked() {
                listing.by_rank = by_rank;
            }
        }
    });
}

fn listed(all: &[Why], listing: Listing) -> Vec<&Why> {
    let is_wanted = |why: &&Why| listing.kept.is_none_or(|kept| kept == why.is_kept);
    let mut listed: Vec<&Why> = all.iter().filter(is_wanted).collect();
    if listing.by_rank {
        listed.sort_by_key(|why| why.rank);
    }
    listed
}

fn entries_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    listed: &[&Why],
    commands: &mut Vec<Command>,
) {
    if listed.is_empty() {
        let area = ui.available_rect_before_wrap();
        widgets::paint_empty(ui, area, "None", "No segment is like that in this summary.");
        return;
    }
    let here = session.segment_at(state.playback.position_secs);
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical()
        .auto_shrink(false)
        .id_salt("entries of reasons");
    // The list goes with the playhead.
    let id = Id::unique("reasons shown at");
    let last = ui.data(|data| data.get_temp::<Option<usize>>(id)).flatten();
    if last != here {
        ui.data_mut(|data| data.insert_temp(id, here));
        let at = listed.iter().position(|why| Some(why.segment) == here);
        let middle = (ui.available_height() - ENTRY) / 2.0;
        if let Some(at) = at.filter(|_| !ui.rect_contains_pointer(ui.max_rect())) {
            area = area.vertical_scroll_offset((at as f32 * ENTRY - middle).max(0.0));
        }
    }
    area.show_rows(ui, ENTRY, listed.len(), |ui, shown| {
        for why in &listed[shown] {
            entry_ui(ui, state, session, why, here == Some(why.segment), commands);
        }
    });
}

fn entry_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    why: &Why,
    is_here: bool,
    commands: &mut Vec<Command>,
) {
    let Some(segment) = session.segments.get(why.segment) else {
        return;
    };
    let palette = Palette::of(ui);
    let (start, end) = (segment.start_secs, segment.end_secs);
    let name = format!(
        "Segment {} · {}–{}",
        why.segment + 1,
        text::clock(start),
        text::clock(end)
    );
    let size = vec2(ui.available_width(), ENTRY);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let verdict = why.verdict();
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, is_here, format!("{name}: {verdict}"))
    });
    let inner = rect.shrink2(vec2(0.0, 3.0));
    if is_here || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(inner, 4, palette.well);
    }
    if why.is_kept {
        let color = (state.chosen_letter()).map_or(palette.accent, |of| palette.alternative(of));
        let bar = Rect::from_min_size(inner.min, vec2(3.0, inner.height()));
        ui.painter().rect_filled(bar, 1, color);
    }
    let left = inner.left() + 10.0;
    let width = inner.right() - left - 6.0;
    let lines = [
        (name, theme::semibold(theme::SIZE_BODY), palette.text),
        (verdict, theme::regular(theme::SIZE_BODY), palette.text),
        (
            why.scores_alone(),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        ),
        (
            why.keepers(),
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        ),
    ];
    for (at, (words, font, color)) in lines.iter().enumerate() {
        let pos = pos2(left, inner.top() + 10.0 + at as f32 * LINE);
        let anchor = Align2::LEFT_CENTER;
        widgets::paint_text_clipped(ui, pos, anchor, words, font.clone(), *color, width);
    }
    let length = format!("rank {} · {:.1} s", why.rank, why.duration_secs);
    let corner = pos2(inner.right() - 6.0, inner.top() + 10.0);
    let font = theme::regular(theme::SIZE_BODY);
    ui.painter().text(
        corner,
        Align2::RIGHT_CENTER,
        length,
        font,
        palette.secondary,
    );
    if response.hovered() {
        commands.push(Command::HoverOver(Hover {
            secs: Some(start),
            segment: Some(why.segment),
            ..Hover::default()
        }));
    }
    let all = lines.map(|(words, ..)| words).join("\n");
    let response = response.on_hover_text(all);
    if response.clicked() {
        commands.push(Command::SeekTo(start));
    }
    menus::subject_menu(&response, Some(start), |ui, secs| {
        menus::segment_menu_ui(ui, state, secs, commands);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_listed_by_time_or_rank_and_by_what_is_kept() {
        let state = crate::testing::fixture::state();
        let session = state.session.as_ref().unwrap();
        let of = state.chosen().unwrap();
        let all = session.why(of).unwrap();
        let numbers = |listing| -> Vec<usize> {
            listed(&all, listing)
                .iter()
                .map(|why| why.segment)
                .collect()
        };
        assert!(numbers(Listing::default()).is_sorted());
        let kept = numbers(Listing {
            kept: Some(true),
            ..Listing::default()
        });
        assert_eq!(kept, session.summary(of).unwrap().segments.as_ref());
        let out = Listing {
            by_rank: true,
            kept: Some(false),
        };
        assert_eq!(numbers(out).len() + kept.len(), all.len());
        assert!(listed(&all, out).is_sorted_by_key(|why| why.rank));
    }
}
