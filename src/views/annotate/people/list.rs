//! Who has annotated the video: one row each, with what can be done.

use crate::domain::AnnotatorWork;
use crate::domain::annotator_work::{During, Method};
use crate::state::AppState;
use crate::state::annotate::AnnotateCommand;
use crate::state::annotate::apply::method_text;
use crate::state::command::Command;
use crate::ui::parts;
use crate::ui::text;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{self};
use egui::{Button, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

pub(super) const ROW: f32 = 58.0;

/// One annotator: name, what was asked, how far, time spent, and the way on.
pub(super) fn work_row_ui(
    ui: &mut Ui,
    state: &AppState,
    work: &AnnotatorWork,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("{}: {}", work.name, progress_text(work)),
        )
    });
    ui.painter()
        .rect_filled(rect, theme::RADIUS_CONTROL, palette.well);
    let buttons = 236.0;
    let middle = rect.left() + 12.0 + ((rect.width() - buttons) * 0.5).max(120.0);
    let left_width = middle - rect.left() - 28.0;
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left() + 14.0, rect.top() + 20.0),
        egui::Align2::LEFT_CENTER,
        &work.name,
        theme::semibold(theme::SIZE_STRONG),
        palette.text,
        left_width,
    );
    let mut facts = vec![method_text(work)];
    let spent = state.spent_secs(&work.name);
    if spent >= 1.0 {
        facts.push(format!("{} of work", text::clock(spent)));
    }
    if work.saw_others {
        let at_work =
            work.seen.is_empty() || work.seen.iter().any(|seen| seen.during == During::Work);
        facts.push(
            if at_work {
                "not blind"
            } else {
                "results shown before"
            }
            .to_owned(),
        );
    }
    widgets::paint_text_clipped(
        ui,
        pos2(rect.left() + 14.0, rect.top() + 39.0),
        egui::Align2::LEFT_CENTER,
        &facts.join(" · "),
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
        left_width,
    );
    let bar_width = (rect.right() - buttons - middle - 16.0).max(0.0);
    if bar_width > 40.0 {
        widgets::paint_text_clipped(
            ui,
            pos2(middle, rect.top() + 20.0),
            egui::Align2::LEFT_CENTER,
            &progress_text(work),
            theme::regular(theme::SIZE_BODY),
            palette.text,
            bar_width,
        );
        let bar = Rect::from_min_size(pos2(middle, rect.top() + 36.0), vec2(bar_width, 4.0));
        let color = if work.complete {
            palette.good
        } else {
            palette.accent
        };
        widgets::paint_share_bar(ui, bar, work.progress(), color);
    }
    let place = Rect::from_min_max(
        pos2(rect.right() - buttons, rect.top()),
        rect.max - vec2(12.0, 0.0),
    );
    let mut child = parts::row_from_right(ui, place, ("row", &work.name));
    let ui = &mut child;
    ui.spacing_mut().item_spacing.x = 12.0;
    if widgets::text_button(ui, "Remove", palette.secondary)
        .on_hover_text("Removes this annotator's work; undo brings it back.")
        .accessible_name(format!("Remove {}", work.name))
        .clicked()
    {
        commands.push(Command::Annotate(AnnotateCommand::Remove(
            work.name.clone(),
        )));
    }
    let (name, command, tip) = if work.complete {
        (
            "Reopen",
            AnnotateCommand::Reopen(work.name.clone()),
            "Opens the work again to change it; it counts as not blind from then on.",
        )
    } else {
        (
            "Continue",
            AnnotateCommand::Resume(work.name.clone()),
            "Goes on where it was left.",
        )
    };
    if ui
        .add(Button::new(name).min_size(vec2(84.0, 28.0)))
        .on_hover_text(tip)
        .accessible_name(format!("{name} {}", work.name))
        .clicked()
    {
        commands.push(Command::Annotate(command));
    }
}

/// `43 of 174 shots · 25 %`, `complete`.
pub(super) fn progress_text(work: &AnnotatorWork) -> String {
    if work.complete {
        return match work.method {
            Method::Ratings => format!("Complete · {}", text::count(work.shots.len(), "shot")),
            Method::Picks => format!("Complete · keeps {}", text::percent_fine(work.used_share())),
        };
    }
    match work.method {
        Method::Ratings => {
            let (done, all) = work.rated();
            format!("{done} of {all} shots · {}", text::percent(work.progress()))
        }
        Method::Picks => format!(
            "{} of {} kept",
            text::percent_fine(work.used_share()),
            text::percent_fine(work.budget)
        ),
    }
}

pub(super) fn loaded_row_ui(ui: &mut Ui, state: &AppState, loaded: usize) {
    let palette = Palette::of(ui);
    let source = state
        .choices
        .annotations
        .as_deref()
        .map_or("", |set| set.source.as_str());
    let simulated = state
        .choices
        .annotations
        .as_deref()
        .is_some_and(|set| set.simulated);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = text::count(
        loaded,
        if simulated {
            "simulated annotator"
        } else {
            "annotator"
        },
    );
    response
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} from {source}")));
    ui.painter()
        .rect_filled(rect, theme::RADIUS_CONTROL, palette.well);
    for (y, words, font, color) in [
        (
            20.0,
            name.as_str(),
            theme::semibold(theme::SIZE_STRONG),
            palette.text,
        ),
        (
            39.0,
            source,
            theme::regular(theme::SIZE_BODY),
            palette.secondary,
        ),
    ] {
        widgets::paint_text_clipped(
            ui,
            pos2(rect.left() + 14.0, rect.top() + y),
            egui::Align2::LEFT_CENTER,
            words,
            font,
            color,
            rect.width() - 28.0,
        );
    }
}
