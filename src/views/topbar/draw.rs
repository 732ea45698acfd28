//! The controls of the draw, each a slider with label and value; those without room stand in a
//! menu.

use crate::domain::summary_budget::Bare;
use crate::domain::{DrawSettings, SummaryBudget};
use crate::session::Session;
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::widgets::LabelledSlider;
use crate::ui::{parts, text, widgets};
use egui::{Rect, Ui, pos2, vec2};

/// One slider of the bar: how it reads and writes the settings.
pub(super) struct Control {
    label: &'static str,
    what: &'static str,
    tooltip: &'static str,
    range: std::ops::RangeInclusive<f64>,
    step: f64,
    logarithmic: bool,
    get: fn(&DrawSettings) -> f64,
    set: fn(&mut DrawSettings, f64),
    format: fn(f64, f64) -> String,
    parse: fn(&str) -> Option<f64>,
    width: f32,
}

/// To three decimals, so that a value reads as what it is.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

pub(super) fn parse_number(text: &str) -> Option<f64> {
    let digits: String = text
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '−'))
        .map(|c| match c {
            ',' => '.',
            '−' => '-',
            c => c,
        })
        .collect();
    digits.parse().ok()
}

/// Reads a budget in per cent or in time, as the share of the video that it is; of what the slider
/// itself shows, the part in front.
pub(super) fn parse_budget(text: &str, duration_secs: f64) -> Option<f64> {
    let typed = text.split('·').next().unwrap_or(text);
    SummaryBudget::parse(typed, Bare::PerCent)?.share_of(duration_secs)
}

/// Lower, and summaries hardly look at the video.
const LEAST_GUIDANCE: f64 = -0.5;

pub(super) static CONTROLS: [Control; 5] = [
    Control {
        label: "Samples",
        what: "samples",
        tooltip: "How many summaries are drawn; more find rarer kinds.",
        range: 4.0..=1000.0,
        step: 1.0,
        logarithmic: true,
        get: |settings| settings.samples as f64,
        set: |settings, value| settings.samples = value.round().max(1.0) as usize,
        format: |value, _| format!("{value:.0}"),
        parse: parse_number,
        width: 110.0,
    },
    Control {
        label: "Steps",
        what: "steps",
        tooltip: "How finely each summary is worked out; more take longer.",
        range: 1.0..=1000.0,
        step: 1.0,
        logarithmic: true,
        get: |settings| settings.steps as f64,
        set: |settings, value| settings.steps = value.round().clamp(1.0, 1000.0) as usize,
        format: |value, _| format!("{value:.0}"),
        parse: parse_number,
        width: 90.0,
    },
    Control {
        label: "Guidance",
        what: "guidance",
        tooltip: "How strictly summaries follow the video; more makes them alike, less than 0 sets them apart.",
        range: LEAST_GUIDANCE..=2.0,
        step: 0.01,
        logarithmic: false,
        get: |settings| settings.guidance,
        set: |settings, value| settings.guidance = rounded(value.max(LEAST_GUIDANCE)),
        format: |value, _| format!("{value:.2}").replace('-', "−"),
        parse: parse_number,
        width: 100.0,
    },
    Control {
        label: "Coherence",
        what: "coherence",
        tooltip: "Over how long a stretch neighbouring frames change together; more makes summaries differ in whole scenes.",
        range: 0.0..=10.0,
        step: 0.1,
        logarithmic: false,
        get: |settings| settings.coherence_secs,
        set: |settings, value| settings.coherence_secs = rounded(value.max(0.0)),
        format: |value, _| format!("{value:.1} s"),
        parse: parse_number,
        width: 110.0,
    },
    Control {
        label: "Budget",
        what: "budget",
        tooltip: "How much of the video a summary may keep; type 15 %, 30s or 1:30. (Ctrl+[ and Ctrl+])",
        range: 0.01..=0.6,
        step: 0.01,
        logarithmic: false,
        get: |settings| settings.budget,
        set: |settings, value| settings.budget = rounded(value),
        format: |value, duration| {
            if duration > 0.0 {
                format!(
                    "{} · {}",
                    text::percent_fine(value),
                    text::clock(value * duration)
                )
            } else {
                text::percent_fine(value)
            }
        },
        parse: |text| parse_budget(text, 0.0),
        width: 170.0,
    },
];

/// The sliders, from the most important on as many as fit; the others are in a menu.
pub(super) fn sliders_ui(ui: &mut Ui, rect: Rect, state: &AppState, commands: &mut Vec<Command>) {
    // What the menu is called beside sliders, alone, and where there is hardly room.
    const MORE: &str = "More";
    const ALL: &str = "Sliders";
    const NARROW: &str = "…";
    const WIDEST_GAP: f32 = 26.0;
    const NARROWEST_GAP: f32 = 16.0;
    // All sliders give up some width before one goes into the menu.
    const LEAST_SCALE: f32 = 0.84;
    let widths: f32 = CONTROLS.iter().map(|control| control.width).sum();
    let gaps = (CONTROLS.len() - 1) as f32;
    let gap = ((rect.width() - widths) / gaps).clamp(NARROWEST_GAP, WIDEST_GAP);
    let scale = ((rect.width() - NARROWEST_GAP * gaps) / widths).min(1.0);
    let fits_all = scale >= LEAST_SCALE;
    let shown = if fits_all {
        CONTROLS
            .iter()
            .map(|control| (control, control.width * scale))
            .collect()
    } else {
        fitting(rect.width() - widgets::menu_button_width(ui, MORE), gap)
    };
    let menu = if !shown.is_empty() {
        MORE
    } else if widgets::menu_button_width(ui, ALL) <= rect.width() {
        ALL
    } else {
        NARROW
    };
    let menu_width = widgets::menu_button_width(ui, menu);
    let used: f32 = shown.iter().map(|(_, width)| width + gap).sum::<f32>() - gap
        + if fits_all { 0.0 } else { menu_width };
    let slack = (rect.width() - used).max(0.0);
    let mut x = rect.left() + (slack / 2.0).min(60.0);
    for &(control, width) in &shown {
        let place = Rect::from_min_size(pos2(x, rect.center().y - 17.0), vec2(width, 36.0));
        let mut child = parts::column(ui, place, control.label);
        control_ui(&mut child, control, width, state, commands);
        x += width + gap;
    }
    if !fits_all {
        let place = Rect::from_min_size(
            pos2(x.min(rect.right() - menu_width), rect.center().y - 14.0),
            vec2(menu_width, 28.0),
        );
        let mut child = parts::row(ui, place, "more controls");
        let response = widgets::menu_button(&mut child, menu, 0.0, true, |ui| {
            for control in CONTROLS
                .iter()
                .filter(|control| !shown.iter().any(|(other, _)| other.label == control.label))
            {
                control_ui(ui, control, 180.0, state, commands);
            }
        });
        response
            .on_hover_text("The other sliders of the draw.")
            .accessible_name("Sliders of the draw");
    }
}

/// The sliders that fit, in their order, with their widths: budget first, then samples, what a
/// person moves most. The budget gives up some width before it goes.
fn fitting(mut room: f32, gap: f32) -> Vec<(&'static Control, f32)> {
    const LEAST_BUDGET: f32 = 116.0;
    const BUDGET: usize = 4;
    let mut shown: Vec<usize> = Vec::new();
    let budget = (room - gap).clamp(LEAST_BUDGET, CONTROLS[BUDGET].width);
    let width_of = |index: usize| match index {
        BUDGET => budget,
        _ => CONTROLS[index].width,
    };
    for index in [BUDGET, 0, 2, 3, 1] {
        let needed = width_of(index) + if shown.is_empty() { 4.0 } else { gap };
        if needed > room {
            break;
        }
        room -= needed;
        shown.push(index);
    }
    shown.sort_unstable();
    (shown.into_iter())
        .map(|index| (&CONTROLS[index], width_of(index)))
        .collect()
}

pub(super) fn control_ui(
    ui: &mut Ui,
    control: &Control,
    width: f32,
    state: &AppState,
    commands: &mut Vec<Command>,
) {
    let settings = &state.choices.settings;
    let duration = state.session.as_ref().map_or(0.0, Session::duration_secs);
    let (allowed, disabled_reason) = match control.label {
        "Coherence" => (
            state.runtime.coherence,
            "The samples of this bundle are coherent by themselves.",
        ),
        "Guidance" => (
            state.runtime.guidance,
            "This bundle was trained without guidance.",
        ),
        _ => (true, ""),
    };
    let format = |value: f64| (control.format)(value, duration);
    let parse = |typed: &str| match control.label {
        "Budget" => parse_budget(typed, duration),
        _ => (control.parse)(typed),
    };
    let slider = LabelledSlider {
        label: control.label,
        tooltip: control.tooltip,
        width,
        range: control.range.clone(),
        step: control.step,
        logarithmic: control.logarithmic,
        format: &format,
        parse: &parse,
        enabled: allowed || state.runtime.device.is_empty(),
        disabled_reason,
    };
    if let Some(value) = slider.show(ui, (control.get)(settings)) {
        let mut settings = settings.clone();
        (control.set)(&mut settings, value);
        commands.push(Command::SetSettings {
            settings,
            what: control.what,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_the_last_slider_to_go() {
        let labels = |room: f32| -> Vec<&str> {
            (fitting(room, 16.0).into_iter())
                .map(|(control, _)| control.label)
                .collect()
        };
        assert!(labels(100.0).is_empty());
        assert_eq!(labels(125.0), ["Budget"]);
        assert_eq!(labels(330.0), ["Samples", "Budget"]);
        for room in 0..800 {
            let used: f32 = fitting(room as f32, 16.0)
                .iter()
                .map(|(_, width)| width)
                .sum();
            assert!(used <= room as f32, "{used} of {room}");
        }
    }

    #[test]
    fn a_budget_may_be_typed_in_any_way() {
        for text in [
            "15",
            "15 %",
            "15%",
            "0.15",
            "15\u{202f}% · 0:52",
            "30s",
            "30 s",
            "30 sec",
            "0:30",
            "0.5 min",
            "15\u{202f}% · 0:30",
        ] {
            assert_eq!(parse_budget(text, 200.0), Some(0.15), "{text}");
        }
        // Without a video, a time is no share; it is not taken for per cent.
        assert_eq!(parse_budget("30s", 0.0), None);
        assert_eq!(parse_budget("30", 0.0), Some(0.3));
        assert_eq!(parse_budget("a lot", 200.0), None);
        assert_eq!(parse_number("2,5 s"), Some(2.5));
        assert_eq!(parse_number("−0.15"), Some(-0.15));
    }
}
