//! Everybody with how many samples see it their way, and the nearest of them.

use egui::{
    Align, Align2, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::side::back_ui;
use crate::analysis::study::Figure;
use crate::session::people::{Comparison, Nearness, Side};
use crate::session::study::own_measures;
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

const ROW: f32 = 46.0;
/// Room for `100 %`.
const PERCENT: f32 = 46.0;

/// Shows the list; `titled` where no tab above says what it is.
pub fn people_ui(
    ui: &mut Ui,
    state: &AppState,
    comparison: &Comparison,
    titled: bool,
    commands: &mut Vec<Command>,
) {
    if titled {
        title_ui(ui, commands);
    }
    headline_ui(ui, state, comparison);
    let first = state.compared_sides().map(|(first, _)| first);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        // The one who has just finished stands first.
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

fn title_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        ui.label(
            RichText::new("Who sees it how")
                .font(theme::semibold(theme::SIZE_STRONG))
                .color(palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            back_ui(ui, "All annotators", commands);
        });
    });
    ui.add_space(2.0);
}

/// The sentence about the one who has just finished.
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
    let [above, below] = nearness_ui(ui, rect, near, palette);
    widgets::paint_text_clipped(
        ui,
        pos2(left, rect.top() + 15.0),
        Align2::LEFT_CENTER,
        text::short_name(name),
        theme::medium(theme::SIZE_STRONG),
        palette.text,
        above - left - 8.0,
    );
    let (pace, care) = care(state, name);
    let origin = match pace.is_empty() {
        true => origin(state, name),
        false => format!("{} · {pace}", origin(state, name)),
    };
    widgets::paint_text_clipped(
        ui,
        pos2(left, rect.top() + 32.0),
        Align2::LEFT_CENTER,
        &origin,
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
        below - left - 8.0,
    );
    let tip = format!("{name}: {sentence}.{care}\nClick to look at this one in detail.");
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::Annotate(AnnotateCommand::SetFirstSide(
            Side::Annotator(name.clone()),
        )));
    }
}

/// Where an annotator comes from: made here, loaded, or no person at all.
fn origin(state: &AppState, name: &str) -> String {
    if state.work_of(name).is_some() {
        return format!("made here in {}", text::clock(state.spent_secs(name)));
    }
    let set = state.choices.annotations.as_deref();
    let simulated = text::short_name(name) != name || set.is_some_and(|set| set.simulated);
    if simulated { "simulated" } else { "loaded" }.to_owned()
}

/// How long an annotator who worked here took for a shot, in short, and with how shots shown twice
/// were rated again in sentences of their own lines; both empty where nothing of it is known.
fn care(state: &AppState, name: &str) -> (String, String) {
    let Some(work) = state.work_of(name) else {
        return (String::new(), String::new());
    };
    let live = state.annotate.place_secs.get(name);
    let (times, within) = own_measures(work, live.unwrap_or(&work.place_secs));
    let pace = times
        .as_ref()
        .map(|times| format!("{:.1} s a shot", times.median_secs));
    let mut said = String::new();
    if let Some(times) = times {
        said += &format!(
            "\nSeconds per shot: median {:.1}, quartiles {:.1} and {:.1}, over {}.",
            times.median_secs,
            times.lower_quartile_secs,
            times.upper_quartile_secs,
            text::count(times.showings, "showing")
        );
    }
    if let Some(within) = within {
        let share = |figure: Option<Figure>| {
            figure.map_or_else(|| "–".to_owned(), |figure| text::percent(figure.value))
        };
        said += &format!(
            "\n{} shown twice: {} with the same rating, {} at most one step apart.",
            text::count(within.pairs, "shot"),
            share(within.same),
            share(within.within_one)
        );
    }
    (pace.unwrap_or_default(), said)
}

/// `41 %` with a bar, and the nearest alternative and sample under it; where each of the two lines
/// begins.
fn nearness_ui(ui: &Ui, row: Rect, near: Option<Nearness>, palette: &Palette) -> [f32; 2] {
    let right = row.right() - 10.0;
    let Some(near) = near else {
        let place = ui.painter().text(
            pos2(right, row.center().y),
            Align2::RIGHT_CENTER,
            "undefined",
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        );
        return [place.left(); 2];
    };
    ui.painter().text(
        pos2(right, row.top() + 15.0),
        Align2::RIGHT_CENTER,
        text::percent(near.share),
        theme::medium(theme::SIZE_STRONG),
        palette.text,
    );
    // Names come first: the bar does not show who it is.
    let length = (row.width() * 0.2).clamp(32.0, 100.0);
    let bar = Rect::from_min_max(
        pos2(right - PERCENT - length, row.top() + 13.0),
        pos2(right - PERCENT, row.top() + 17.0),
    );
    widgets::paint_share_bar(ui, bar, near.share, palette.accent);
    let mut words = egui::text::LayoutJob::default();
    let format = |color, font| egui::TextFormat::simple(font, color);
    let small = || theme::regular(theme::SIZE_SMALL);
    words.append("nearest ", 0.0, format(palette.secondary, small()));
    if let Some((letter, _)) = near.alternative {
        words.append(
            &letter.to_string(),
            0.0,
            format(
                palette.alternative_text(letter),
                theme::semibold(theme::SIZE_SMALL),
            ),
        );
        words.append(" · ", 0.0, format(palette.secondary, small()));
    }
    words.append(
        &format!("sample {} · τ {:.2}", near.sample, near.tau),
        0.0,
        format(palette.secondary, small()),
    );
    let galley = ui.painter().layout_job(words);
    let place = pos2(
        right - galley.size().x,
        row.top() + 32.0 - galley.size().y / 2.0,
    );
    ui.painter().galley(place, galley, palette.secondary);
    [bar.left(), place.x]
}

#[cfg(test)]
mod tests {
    use super::{care, origin};
    use crate::domain::AnnotatorWork;
    use crate::testing::fixture;

    #[test]
    fn time_per_shot_and_repeats_are_said_of_who_worked_here() {
        let mut state = fixture::state();
        assert_eq!(care(&state, "annotator 1"), Default::default());
        std::sync::Arc::make_mut(&mut state.choices.works).push(AnnotatorWork {
            name: "Ann".to_owned(),
            ratings: vec![Some(1), Some(3)],
            repeats: vec![0, 1],
            second_ratings: vec![Some(1), Some(5)],
            place_secs: vec![1.0, 2.0, 6.0],
            ..AnnotatorWork::default()
        });
        let (pace, said) = care(&state, "Ann");
        assert_eq!(pace, "2.0 s a shot");
        assert!(said.contains("over 3 showings"), "{said}");
        assert!(
            said.contains("2 shots shown twice: 50\u{202f}% with the same"),
            "{said}"
        );
    }

    #[test]
    fn who_is_simulated_is_said() {
        let mut state = fixture::state();
        assert_eq!(origin(&state, "annotator 1"), "simulated");
        let set = state.choices.annotations.as_mut().unwrap();
        std::sync::Arc::make_mut(set).simulated = false;
        assert_eq!(origin(&state, "annotator 1"), "loaded");
        assert_eq!(origin(&state, "simulated: sailor"), "simulated");
    }
}
