//! The comparison: the picture, the matrix of agreement, everybody with their nearest samples, and one pair in detail.

use egui::{
    Align, Align2, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::{Pictures, matrix, pair};
use crate::analysis::reliability::Interval;
use crate::app::annotate::compare::{Comparison, Nearness, PairPart, Side, side_name};
use crate::app::annotate::{AnnotateCommand, Screen};
use crate::app::command::Command;
use crate::app::state::{AppState, Session};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, PANEL_GAP, Palette};
use crate::ui::{text, widgets};
use crate::views::player::{PaintPicture, fit, screen_ui, time_ui};

/// Below this width the picture gives way.
const WITH_PICTURE: f32 = 900.0;
const ROW: f32 = 46.0;

/// Shows the screen.
pub fn compare_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let Some(comparison) = state.annotate.comparison.as_deref() else {
        widgets::panel_at(ui, area, "nothing", |ui| nothing_ui(ui, state, commands));
        return;
    };
    let below = Rect::from_min_max(pos2(area.left(), area.bottom() - pair::HEIGHT), area.max);
    let above = Rect::from_min_max(area.min, pos2(area.right(), below.top() - PANEL_GAP));
    let with_picture = area.width() >= WITH_PICTURE;
    let shares: &[f32] = if with_picture {
        &[0.38, 0.29, 0.33]
    } else {
        &[0.5, 0.5]
    };
    let room = above.width() - PANEL_GAP * (shares.len() - 1) as f32;
    let mut left = above.left();
    let mut column = |share: f32| {
        let rect = Rect::from_min_size(pos2(left, above.top()), vec2(room * share, above.height()));
        left = rect.right() + PANEL_GAP;
        rect
    };
    let mut places = shares
        .iter()
        .map(|&share| column(share))
        .collect::<Vec<_>>();
    if with_picture {
        let rect = places.remove(0);
        widgets::panel_at(ui, rect, "picture", |ui| {
            picture_ui(ui, state, session, pictures, commands);
        });
    }
    widgets::panel_at(ui, places[0], "matrix", |ui| {
        matrix::matrix_ui(ui, state, comparison, commands);
    });
    widgets::panel_at(ui, places[1], "people", |ui| {
        people_ui(ui, state, comparison, commands);
    });
    widgets::panel_at(ui, below, "pair", |ui| {
        pair::pair_ui(ui, state, session, comparison, commands);
    });
}

fn nothing_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    back_ui(ui, commands);
    let area = ui.available_rect_before_wrap();
    if state.choices.annotations.is_some() {
        widgets::paint_empty(
            ui,
            area,
            "Comparing…",
            "Agreement and its intervals are worked out.",
        );
    } else {
        widgets::paint_empty(
            ui,
            area,
            "Nobody is complete yet",
            "Finish an annotation, or load what others have made.",
        );
    }
}

fn back_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let back = AnnotateCommand::ShowScreen(Screen::People);
    if widgets::text_button(ui, "All annotators", palette.accent)
        .on_hover_text(back.tooltip())
        .clicked()
    {
        commands.push(Command::Annotate(back));
    }
}

fn picture_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    pictures: &mut Pictures<'_>,
    commands: &mut Vec<Command>,
) {
    let area = ui.available_rect_before_wrap();
    let palette = Palette::of(ui);
    let screen = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - 40.0));
    let second = state.annotate.side_by_side;
    let upper = if second {
        Rect::from_min_max(screen.min, pos2(screen.right(), screen.center().y - 2.0))
    } else {
        screen
    };
    if upper.height() > 8.0 && screen_ui(ui, upper, state, session, pictures.first).clicked() {
        commands.push(Command::TogglePlay);
    }
    if second {
        let lower = Rect::from_min_max(pos2(screen.left(), screen.center().y + 2.0), screen.max);
        second_ui(ui, lower, state, session, pictures.second);
        if let Some((first, other)) = state.compared_sides() {
            caption_ui(ui, upper, &side_name(&first));
            caption_ui(ui, lower, &side_name(&other));
        }
    }
    let row = Rect::from_min_max(pos2(area.left(), area.bottom() - 32.0), area.max);
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .id_salt("controls")
            .layout(Layout::left_to_right(Align::Center)),
    );
    let ui = &mut child;
    let (icon, name) = if state.playback.playing {
        (Icon::Pause, "Pause")
    } else {
        (Icon::Play, "Play")
    };
    if widgets::icon_button(ui, icon, 30.0, palette.text, name)
        .on_hover_text(Command::TogglePlay.tooltip())
        .clicked()
    {
        commands.push(Command::TogglePlay);
    }
    time_ui(ui, state, session.duration_secs(), commands);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let command = AnnotateCommand::ToggleSideBySide;
        if ui
            .selectable_label(second, "Side by side")
            .on_hover_text(command.tooltip())
            .clicked()
        {
            commands.push(Command::Annotate(command));
        }
        if state.annotate.plays_part && !second {
            widgets::note(ui, pair::part_name(state, state.annotate.part));
        }
    });
}

/// The second picture; where its player has none yet, the thumbnail at the start of what it plays.
fn second_ui(
    ui: &Ui,
    rect: Rect,
    state: &AppState,
    session: &Session,
    picture: &mut PaintPicture<'_>,
) {
    let palette = Palette::of(ui);
    let place = fit(rect, session.thumbs.aspect());
    ui.painter().rect_filled(rect, 4, palette.letterbox);
    let start = state
        .pair_ranges(PairPart::Second)
        .first()
        .map(|range| session.index.secs_from_frame(range.start));
    if !picture(ui, place)
        && let Some(thumb) = start.and_then(|secs| session.thumbs.nearest(secs))
    {
        egui::Image::new((thumb.texture, place.size()))
            .uv(thumb.uv)
            .paint_at(ui, place);
    }
    ui.interact(rect, ui.scope_id().with("second picture"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Image, true, "Picture of the second"));
}

/// Whose picture it is, in its upper left corner.
fn caption_ui(ui: &Ui, rect: Rect, name: &str) {
    let palette = Palette::of(ui);
    let font = theme::medium(theme::SIZE_BODY);
    let galley = ui
        .painter()
        .layout_no_wrap(name.to_owned(), font, palette.text);
    let back = Rect::from_min_size(rect.min + vec2(8.0, 8.0), galley.size() + vec2(14.0, 8.0));
    ui.painter().rect_filled(back, 4, palette.panel);
    ui.painter()
        .galley(back.min + vec2(7.0, 4.0), galley, palette.text);
}

fn people_ui(ui: &mut Ui, state: &AppState, comparison: &Comparison, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        ui.label(
            RichText::new("Who sees it how")
                .font(theme::semibold(theme::SIZE_STRONG))
                .color(palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            back_ui(ui, commands)
        });
    });
    ui.add_space(2.0);
    headline_ui(ui, state, comparison);
    let first = state.compared_sides().map(|(first, _)| first);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        // Whoever has just finished stands first.
        let own = state.annotate.current.as_ref();
        let mut order: Vec<usize> = (0..comparison.names.len()).collect();
        order.sort_by_key(|&index| Some(&comparison.names[index]) != own);
        for index in order {
            let name = &comparison.names[index];
            let chosen = first == Some(Side::Annotator(name.clone()));
            person_ui(ui, state, comparison, index, chosen, commands);
        }
    });
}

/// The sentence about whoever has just finished.
fn headline_ui(ui: &mut Ui, state: &AppState, comparison: &Comparison) {
    let palette = Palette::of(ui);
    let Some(name) = state.annotate.current.as_deref() else {
        return;
    };
    let Some(at) = comparison.names.iter().position(|other| other == name) else {
        return;
    };
    let sentence = match &comparison.nearness[at] {
        Some(near) => format!("{} of samples see it your way.", text::percent(near.share)),
        None if state.draw().is_some() => {
            "Whether samples see it your way is undefined: there is nothing to rank.".to_owned()
        }
        None => "Samples are still being drawn.".to_owned(),
    };
    ui.add(
        egui::Label::new(
            RichText::new(sentence)
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.good),
        )
        .wrap(),
    )
    .on_hover_text(format!(
        "Samples whose importance scores have a Kendall τ of at least {:.2} with {name}'s.",
        state.prefs.match_threshold
    ));
    ui.add_space(2.0);
}

fn person_ui(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    index: usize,
    chosen: bool,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let name = &comparison.names[index];
    let near = comparison.nearness[index];
    let yours = state.annotate.current.as_ref() == Some(name);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let sentence = near.map_or_else(
        || "undefined".to_owned(),
        |near| {
            format!(
                "{} of samples see it {} way",
                text::percent(near.share),
                if yours { "your" } else { "this" }
            )
        },
    );
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, chosen, format!("{name}: {sentence}"))
    });
    let fill = if chosen {
        palette.accent_fill
    } else if response.hovered() {
        palette.control
    } else {
        palette.well
    };
    ui.painter().rect_filled(rect, theme::RADIUS_CONTROL, fill);
    let number = (index + 1).to_string();
    ui.painter().text(
        pos2(rect.left() + 20.0, rect.center().y),
        Align2::CENTER_CENTER,
        number,
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    let left = rect.left() + 40.0;
    let split = rect.right() - 190.0;
    widgets::paint_text_clipped(
        ui,
        pos2(left, rect.top() + 15.0),
        Align2::LEFT_CENTER,
        name,
        theme::medium(theme::SIZE_STRONG),
        palette.text,
        split - left - 8.0,
    );
    let work = state.work_of(name);
    let facts = work.map_or_else(
        || "loaded".to_owned(),
        |_| format!("made here in {}", text::clock(state.spent_secs(name))),
    );
    widgets::paint_text_clipped(
        ui,
        pos2(left, rect.top() + 32.0),
        Align2::LEFT_CENTER,
        &facts,
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
        split - left - 8.0,
    );
    nearness_ui(
        ui,
        Rect::from_min_max(pos2(split, rect.top()), rect.max),
        near,
        palette,
    );
    let tip = format!("{sentence}. Click to look at this one in detail.");
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::Annotate(AnnotateCommand::SetFirstSide(
            Side::Annotator(name.clone()),
        )));
    }
}

/// `41 %` with a bar, and the nearest alternative and sample under it.
fn nearness_ui(ui: &Ui, rect: Rect, near: Option<Nearness>, palette: &Palette) {
    let right = rect.right() - 10.0;
    let Some(near) = near else {
        ui.painter().text(
            pos2(right, rect.center().y),
            Align2::RIGHT_CENTER,
            "undefined",
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
        return;
    };
    let percent = ui.painter().text(
        pos2(right, rect.top() + 15.0),
        Align2::RIGHT_CENTER,
        text::percent(near.share),
        theme::medium(theme::SIZE_STRONG),
        palette.text,
    );
    let bar = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 13.0),
        pos2((right - 44.0).min(percent.left() - 6.0), rect.top() + 17.0),
    );
    widgets::paint_share_bar(ui, bar, near.share, palette.accent);
    let mut words = egui::text::LayoutJob::default();
    let format = |color, font| egui::TextFormat::simple(font, color);
    let small = || theme::regular(theme::SIZE_SMALL);
    words.append("nearest ", 0.0, format(palette.secondary, small()));
    if let Some((alternative, _)) = near.alternative {
        words.append(
            &text::letter(alternative).to_string(),
            0.0,
            format(
                palette.alternative_text(alternative),
                theme::semibold(theme::SIZE_SMALL),
            ),
        );
        words.append(" · ", 0.0, format(palette.secondary, small()));
    }
    words.append(
        &format!("sample {} · τ {:.2}", near.sample + 1, near.tau),
        0.0,
        format(palette.secondary, small()),
    );
    let galley = ui.painter().layout_job(words);
    let place = pos2(
        right - galley.size().x,
        rect.top() + 32.0 - galley.size().y / 2.0,
    );
    ui.painter().galley(place, galley, palette.secondary);
}

/// `0.18`, and its interval as `0.12 to 0.24`.
pub fn interval_texts(interval: Option<Interval>, scale: f64, digits: usize) -> (String, String) {
    interval.map_or_else(
        || ("undefined".to_owned(), String::new()),
        |found| {
            let number = |value: f64| number_text(value * scale, digits);
            (
                number(found.value),
                format!("{} to {}", number(found.low), number(found.high)),
            )
        },
    )
}

/// A number with a true minus sign, and no minus before what rounds to zero.
pub fn number_text(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn nothing_has_no_sign() {
        assert_eq!(number_text(-0.001, 2), "0.00");
        assert_eq!(number_text(-0.17, 2), "−0.17");
        assert_eq!(number_text(34.6, 0), "35");
    }
}
