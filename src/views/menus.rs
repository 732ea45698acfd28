//! What the secondary button offers, wherever something lies. Each kind of thing has one menu here,
//! whatever view opens it.

use egui::{Button, Popup, Response, Ui};

use crate::domain::{FrameRange, SummaryEdit, SummaryRef};
use crate::session::Summarised;
use crate::session::{Pair, PairSide};
use crate::state::AppState;
use crate::state::command::{Command, key_text};
use crate::state::pane::Pane;
use crate::ui::theme::Palette;
use crate::ui::{text, widgets};

/// Opens a menu about what lay under the pointer when the secondary button was pressed.
pub fn subject_menu<T: Clone + Send + Sync + 'static>(
    response: &Response,
    subject: Option<T>,
    add: impl FnOnce(&mut Ui, T),
) {
    let id = response.id.with("subject of the menu");
    if response.secondary_clicked() {
        response.ctx.data_mut(|data| match subject {
            Some(subject) => {
                data.insert_temp(id, subject);
            }
            None => data.remove::<T>(id),
        });
    }
    if let Some(subject) = response.ctx.data(|data| data.get_temp::<T>(id)) {
        Popup::context_menu(response).show(|ui| add(ui, subject));
    }
}

/// An entry for a command, with its own name, tip and keys; it closes the menu.
pub fn entry_ui(ui: &mut Ui, command: Command, enabled: bool, commands: &mut Vec<Command>) {
    let Some(info) = command.info() else {
        return;
    };
    let mut button = Button::new(&info.name);
    if let Some(key) = info.keys.first() {
        button = button.shortcut_text(key_text(key));
    }
    if ui
        .add_enabled(enabled, button)
        .on_hover_text(info.tip)
        .clicked()
    {
        commands.push(command);
        ui.close();
    }
}

/// An entry that runs several commands.
pub fn steps_ui(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    steps: impl IntoIterator<Item = Command>,
    commands: &mut Vec<Command>,
) {
    if ui.button(name).on_hover_text(tip).clicked() {
        commands.extend(steps);
        ui.close();
    }
}

/// About the segment at a time, and the range where that holds it.
pub fn segment_menu_ui(ui: &mut Ui, state: &AppState, secs: f64, commands: &mut Vec<Command>) {
    let Some(session) = &state.session else {
        return;
    };
    if let Some((index, segment)) = session
        .segment_at(secs)
        .and_then(|index| Some((index, session.segments.get(index)?)))
    {
        let range = (segment.start_secs, segment.end_secs);
        let (from, to) = (text::clock(range.0), text::clock(range.1));
        widgets::note(ui, format!("Segment {} · {from}–{to}", index + 1));
        let all = state.chosen().and_then(|of| session.why(of));
        if let Some(why) = all.as_ref().and_then(|all| all.get(index)) {
            let verdict = widgets::text_button(ui, &why.verdict(), Palette::of(ui).accent);
            let tip = format!(
                "{}\n{}\nPress to list the reasons for all segments.",
                why.scores(),
                why.keepers()
            );
            if verdict.on_hover_text(tip).clicked() {
                if !state.shown_panes.contains(&Pane::Reasons) {
                    commands.push(Command::TogglePane(Pane::Reasons));
                }
                commands.push(Command::SeekTo(secs));
                ui.close();
            }
        }
        steps_ui(
            ui,
            "Play this segment",
            "Plays this segment alone.",
            [Command::SetRange(Some(range)), Command::PlayRange],
            commands,
        );
        steps_ui(
            ui,
            "Make it the range",
            "Puts the ends of the range at those of the segment.",
            [Command::SetRange(Some(range))],
            commands,
        );
        let air = (range.1 - range.0) * 0.5;
        steps_ui(
            ui,
            "Show it large",
            "Fits the segment into the timeline, with some of what is beside it.",
            [Command::ShowTimeline {
                start_secs: range.0 - air,
                span_secs: range.1 - range.0 + 2.0 * air,
            }],
            commands,
        );
        if state.chosen().is_some() {
            ui.separator();
            edit_entries_ui(ui, state, segment.frames(), secs, commands);
        }
        ui.separator();
    }
    if let Some(range) = state.steered_at(secs) {
        super::steering::menu_ui(ui, range, state, commands);
        ui.separator();
    }
    if state
        .session
        .as_ref()
        .is_some_and(|session| session.features.is_some())
    {
        steps_ui(
            ui,
            "More like this frame",
            "Finds frames of other segments that look like the one here.",
            [Command::MoreLikeFrame(Some(secs))],
            commands,
        );
    }
    steps_ui(
        ui,
        "Mark this moment",
        "Puts a marker here.",
        [Command::SeekTo(secs), Command::ToggleMarker],
        commands,
    );
    if (state.choices.range_secs).is_some_and(|(start, end)| start <= secs && secs <= end) {
        ui.separator();
        entry_ui(ui, Command::PlayRange, true, commands);
        entry_ui(ui, Command::ZoomRange, true, commands);
        steps_ui(
            ui,
            "Remove the range",
            "Takes the range away; nothing of the video changes.",
            [Command::SetRange(None)],
            commands,
        );
    }
}

/// What can be done to the summary in hand at a time.
fn edit_entries_ui(
    ui: &mut Ui,
    state: &AppState,
    segment: FrameRange,
    secs: f64,
    commands: &mut Vec<Command>,
) {
    let Some(session) = &state.session else {
        return;
    };
    let frame = session.index.frame_at_secs(secs);
    let held = |piece: &FrameRange| piece.contains(frame);
    let piece = state.chosen_pieces().iter().position(held);
    let mut edit = |ui: &mut Ui, name: &str, tip: &str, edit: SummaryEdit| {
        steps_ui(ui, name, tip, [Command::EditSummary(edit)], commands);
    };
    match piece {
        Some(piece) => {
            edit(
                ui,
                "Take this piece out of the summary",
                "Takes out the piece under the pointer.",
                SummaryEdit::RemovePiece(piece),
            );
            edit(
                ui,
                "Split the summary here",
                "Makes two pieces of this one, to trim each by itself.",
                SummaryEdit::Split(frame),
            );
            edit(
                ui,
                "Play this piece earlier",
                "Lets this piece change places with the one that plays before it.",
                SummaryEdit::Move {
                    piece,
                    earlier: true,
                },
            );
            edit(
                ui,
                "Play this piece later",
                "Lets this piece change places with the one that plays after it.",
                SummaryEdit::Move {
                    piece,
                    earlier: false,
                },
            );
        }
        None => edit(
            ui,
            "Add this segment to the summary",
            "Keeps this segment, too.",
            SummaryEdit::Add(segment),
        ),
    }
    let range = (state.choices.range_secs).filter(|(start, end)| *start <= secs && secs <= *end);
    if let Some((start, end)) = range {
        let start = session.index.frame_at_secs(start);
        let range = FrameRange::new(start, session.index.frame_at_secs(end).max(start + 1));
        edit(
            ui,
            "Add the range to the summary",
            "Keeps all of the range.",
            SummaryEdit::Add(range),
        );
        edit(
            ui,
            "Take the range out of the summary",
            "Keeps nothing of the range.",
            SummaryEdit::Remove(range),
        );
    }
}

/// About a summary that was edited by hand.
pub fn edited_menu_ui(ui: &mut Ui, number: u32, commands: &mut Vec<Command>) {
    let of = SummaryRef::Edited(number);
    widgets::note(ui, format!("Edit {number}"));
    let choose = Command::Choose(of);
    steps_ui(
        ui,
        "Play it",
        "Plays what this summary keeps, from its beginning.",
        [choose.clone(), Command::PlaySummaryFromStart],
        commands,
    );
    steps_ui(
        ui,
        "Export…",
        "Writes this summary as a clip or as a list of cuts.",
        [choose, Command::OpenExport(None)],
        commands,
    );
    steps_ui(
        ui,
        "Discard the edit",
        "Forgets this edited summary; what it came from stays as it was.",
        [Command::DiscardEdit(number)],
        commands,
    );
}

/// About one sample.
pub fn sample_menu_ui(ui: &mut Ui, state: &AppState, sample: usize, commands: &mut Vec<Command>) {
    let of = SummaryRef::Sample(sample);
    widgets::note(ui, format!("Sample {sample}"));
    let choose = Command::Choose(of);
    steps_ui(
        ui,
        "Choose it",
        "Shows this sample everywhere.",
        [choose.clone()],
        commands,
    );
    steps_ui(
        ui,
        "Play it",
        "Plays what this sample keeps, from its beginning.",
        [choose.clone(), Command::PlaySummaryFromStart],
        commands,
    );
    if let Some(chosen) = state.chosen().filter(|chosen| *chosen != of) {
        let pair = Pair {
            first: PairSide::Summary(chosen),
            other: PairSide::Summary(of),
        };
        steps_ui(
            ui,
            "Compare with the chosen summary",
            "Shows on the timeline what both keep; X goes back and forth between them.",
            [Command::ChoosePair(Some(pair))],
            commands,
        );
    }
    steps_ui(
        ui,
        "Export…",
        "Writes this sample as a clip or as a list of cuts.",
        [choose, Command::OpenExport(None)],
        commands,
    );
}

/// About an annotator.
pub fn annotator_menu_ui(
    ui: &mut Ui,
    state: &AppState,
    annotator: usize,
    commands: &mut Vec<Command>,
) {
    let name = (state.choices.annotations.as_ref())
        .and_then(|set| set.annotators.get(annotator))
        .map_or_else(
            || format!("annotator {}", annotator + 1),
            |one| one.name.clone(),
        );
    widgets::note(ui, name);
    steps_ui(
        ui,
        "Choose this annotator",
        "Marks this annotator everywhere.",
        [Command::SelectAnnotator(Some(annotator))],
        commands,
    );
    if let Some(chosen) = state.chosen() {
        let pair = Pair::of_annotator(annotator, PairSide::Summary(chosen));
        steps_ui(
            ui,
            "Compare with the chosen summary",
            "Shows on the timeline what this annotator and the chosen summary both keep.",
            [Command::ChoosePair(Some(pair))],
            commands,
        );
    }
}
