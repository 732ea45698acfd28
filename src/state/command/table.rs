//! The one table of commands: place, name, tip and keys of each, in the order of the palette and
//! the cheat sheet.
//!
//! What only the pointer does has no row. What a command does is not here: see
//! [`crate::state::apply`].

use std::sync::LazyLock;

use egui::Key;

use super::Command as C;
use super::annotating::annotating_rows;
use super::info::{ALT, CTRL, CTRL_SHIFT, Info, NONE, Place, Row, SHIFT, row};
use crate::domain::{FigureKind, Letter, SummaryRef, Verdict};
use crate::state::dataset::DatasetCommand;
use crate::state::figuring::FigureCommand;
use crate::state::pane::{Page, Pane};
use crate::state::steering::SteerCommand as S;
use crate::ui::theme::ThemeChoice;

impl C {
    /// The table of commands; those of the annotate page come last.
    pub fn table() -> &'static [Row] {
        static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| [rows(), annotating_rows()].concat());
        &TABLE
    }

    /// Commands that the palette and the cheat sheet list, in order; those of the annotate page
    /// depend on its screen.
    pub fn catalogue() -> impl Iterator<Item = &'static C> {
        let everywhere = |row: &&Row| row.info.place != Place::Annotating;
        Self::table()
            .iter()
            .filter(everywhere)
            .map(|row| &row.command)
    }

    /// Name, tip and keys; `None` for what only the pointer does.
    pub fn info(&self) -> Option<&'static Info> {
        let is_self = |row: &&Row| match (&row.command, self) {
            // One row for what is in hand, and for each that is named.
            (Self::PlaySummary(_), Self::PlaySummary(_))
            | (Self::OpenExport(_), Self::OpenExport(_))
            | (Self::MoreLikeFrame(_), Self::MoreLikeFrame(_)) => true,
            (row, command) => row == command,
        };
        Self::table().iter().find(is_self).map(|row| &row.info)
    }
}

/// All rows but those of the annotate page.
fn rows() -> Vec<Row> {
    [
        files(),
        edits(),
        playing(),
        timeline(),
        summaries(),
        steering(),
        window(),
    ]
    .concat()
}

#[rustfmt::skip]
fn files() -> Vec<Row> {
    use Place::File;
    let figures = FigureKind::ALL.map(|kind| {
        let name = format!("Save {} figure…", kind.name());
        row(C::Figure(FigureCommand::Save(kind)), File, &name, "Writes the plot as SVG or PNG, or the numbers behind it as CSV.", &[])
    });
    let mut rows = vec![
        row(C::OpenVideo, File, "Open…", "Opens a video and draws summaries of it.", &[(CTRL, Key::O)]),
        row(C::OpenToAnnotate, File, "Annotate a video…", "Opens a video for people to rate or pick in; its summaries stay hidden.", &[]),
        row(C::OpenDemo, File, "Open the demo", "Opens the bundled short video with simulated annotators.", &[]),
        row(C::Dataset(DatasetCommand::PickFile), File, "Open dataset…", "Opens a file with many videos' annotations: TVSum, SumMe, Mr. HiSum or eccv16.", &[(CTRL_SHIFT, Key::D)]),
        row(C::Dataset(DatasetCommand::SaveMatches), File, "Save who agrees with which method…", "Saves the dataset's figure as SVG, PNG or CSV.", &[]),
        row(C::Dataset(DatasetCommand::Evaluate), File, "Measure the dataset", "Measures every method on the dataset's videos, for the evaluation table.", &[]),
        row(C::Dataset(DatasetCommand::SaveTable), File, "Save the evaluation table…", "Saves the dataset's table as CSV, LaTeX, HTML, JSON or text.", &[]),
        row(C::Dataset(DatasetCommand::FindVideos), File, "Find the dataset's videos…", "Looks through a folder for the raw videos of the dataset, by id or name.", &[]),
        row(C::OpenProject, File, "Open project…", "Brings back a video with its settings, pins and annotations.", &[(CTRL_SHIFT, Key::O)]),
        row(C::SaveProject, File, "Save project", "Keeps the settings, pins and annotations of this video in a file.", &[(CTRL, Key::S)]),
        row(C::SaveProjectAs, File, "Save project as…", "Keeps the settings, pins and annotations in another file.", &[(CTRL_SHIFT, Key::S)]),
        row(C::Figure(FigureCommand::SaveReport), File, "Save report…", "Writes figures, tables and storyboards as one page that opens anywhere.", &[]),
    ];
    rows.extend(figures);
    rows.extend([
        row(C::LoadAnnotations, File, "Load annotations…", "Loads what people picked, to see which summaries they would agree with.", &[(CTRL, Key::L)]),
        row(C::OpenExport(None), File, "Export…", "Writes the chosen summary as a clip or as a list of cuts.", &[(NONE, Key::E)]),
        row(C::ShowInFolder, File, "Show in folder", "Shows the exported file in the system's file manager.", &[]),
        row(C::Snapshot, File, "Save this frame", "Saves the frame on screen as a picture.", &[(NONE, Key::C)]),
        row(C::Quit, File, "Quit", "Closes the window; the session is kept.", &[(CTRL, Key::Q)]),
    ]);
    rows
}

#[rustfmt::skip]
fn edits() -> Vec<Row> {
    use Place::Edit;
    vec![
        row(C::Undo, Edit, "Undo", "Takes the last change back.", &[(CTRL, Key::Z)]),
        row(C::Redo, Edit, "Redo", "Makes the change again that was taken back.", &[(CTRL_SHIFT, Key::Z), (CTRL, Key::Y)]),
        row(C::AddToSummary, Edit, "Add to the summary", "Adds the range to the summary, or the segment at the playhead; what was chosen stays as it is.", &[(NONE, Key::A)]),
        row(C::TakeOutOfSummary, Edit, "Take out of the summary", "Takes the range out of the summary, or the piece at the playhead.", &[(NONE, Key::Delete)]),
        row(C::SplitSummary, Edit, "Split the summary here", "Makes two pieces of the one at the playhead, to trim each by itself.", &[(NONE, Key::B)]),
        row(C::Find, Edit, "Find…", "Finds a time, words of the subtitles, or frames that look alike.", &[(CTRL, Key::F)]),
        row(C::MoreLikeFrame(None), Edit, "More like this frame", "Finds frames of other segments that look like this one.", &[(SHIFT, Key::S)]),
        row(C::MovePiece { earlier: true }, Edit, "Play the piece earlier", "Lets the piece at the playhead change places with the one that plays before it.", &[(ALT, Key::Comma)]),
        row(C::MovePiece { earlier: false }, Edit, "Play the piece later", "Lets the piece at the playhead change places with the one that plays after it.", &[(ALT, Key::Period)]),
        row(C::ToggleMarker, Edit, "Mark this moment", "Puts a marker at the playhead, or takes it away.", &[(NONE, Key::M)]),
        row(C::NameMarker, Edit, "Name the marker…", "Gives the marker at the playhead a name and a note, and sets it where there is none.", &[(CTRL, Key::M)]),
        row(C::RemoveAtPlayhead, Edit, "Remove marker or range", "Removes the marker at the playhead, else the range.", &[(NONE, Key::Backspace)]),
        row(C::SetIn, Edit, "Start the range here", "Starts the range at the playhead.", &[(NONE, Key::I)]),
        row(C::SetOut, Edit, "End the range here", "Ends the range at the playhead.", &[(NONE, Key::O)]),
    ]
}

#[rustfmt::skip]
fn playing() -> Vec<Row> {
    use Place::Play;
    vec![
        row(C::TogglePlay, Play, "Play or pause", "Plays the video, or pauses it.", &[(NONE, Key::Space)]),
        row(C::PlaySummary(None), Play, "Play the summary", "Plays only what the chosen summary keeps, without gaps.", &[(SHIFT, Key::Space)]),
        row(C::PlaySummaryFromStart, Play, "Summary from its beginning", "Plays the chosen summary from its first frame.", &[(SHIFT, Key::Home)]),
        row(C::PlayRange, Play, "Play the range", "Plays only what lies between the range's ends.", &[(NONE, Key::P)]),
        row(C::PlayBackwards, Play, "Play backwards", "Plays backwards; again for faster.", &[(NONE, Key::J)]),
        row(C::Stop, Play, "Stop", "Stops playing.", &[(NONE, Key::K)]),
        row(C::PlayForwards, Play, "Play forwards", "Plays forwards; again for faster.", &[(NONE, Key::L)]),
        row(C::StepFrames(-1), Play, "One frame back", "Shows the frame before.", &[(NONE, Key::Comma)]),
        row(C::StepFrames(1), Play, "One frame on", "Shows the next frame.", &[(NONE, Key::Period)]),
        row(C::SeekBy(-1.0), Play, "One second back", "Moves the playhead one second back.", &[(NONE, Key::ArrowLeft)]),
        row(C::SeekBy(1.0), Play, "One second on", "Moves the playhead one second on.", &[(NONE, Key::ArrowRight)]),
        row(C::SeekBy(-10.0), Play, "Ten seconds back", "Moves the playhead ten seconds back.", &[(CTRL_SHIFT, Key::ArrowLeft)]),
        row(C::SeekBy(10.0), Play, "Ten seconds on", "Moves the playhead ten seconds on.", &[(CTRL_SHIFT, Key::ArrowRight)]),
        row(C::SeekKeyframe(-1), Play, "Keyframe before", "Moves to the keyframe before; copied cuts start there.", &[(ALT, Key::ArrowLeft)]),
        row(C::SeekKeyframe(1), Play, "Next keyframe", "Moves to the next keyframe; copied cuts start there.", &[(ALT, Key::ArrowRight)]),
        row(C::SeekSegment(-1), Play, "Segment before", "Moves to the start of the segment before.", &[(NONE, Key::ArrowUp)]),
        row(C::SeekSegment(1), Play, "Next segment", "Moves to the start of the next segment.", &[(NONE, Key::ArrowDown)]),
        row(C::GoToStart, Play, "Go to the start", "Moves the playhead to the first frame.", &[(NONE, Key::Home)]),
        row(C::GoToEnd, Play, "Go to the end", "Moves the playhead to the last frame.", &[(NONE, Key::End)]),
        row(C::GoToTime, Play, "Go to a time…", "Moves the playhead to a timecode that you type.", &[(NONE, Key::G)]),
        row(C::SlowerFaster(-1), Play, "Slower", "Plays at a lower speed.", &[(NONE, Key::OpenBracket)]),
        row(C::SlowerFaster(1), Play, "Faster", "Plays at a higher speed.", &[(NONE, Key::CloseBracket)]),
        row(C::ToggleMute, Play, "Sound on or off", "Switches the sound off, or on again.", &[(SHIFT, Key::M)]),
        row(C::ToggleLoop, Play, "Loop on or off", "Begins again at the end of what is played: the summary, the range or the video.", &[(SHIFT, Key::L)]),
        row(C::ToggleSubtitles, Play, "Subtitles on or off", "Shows the video's text subtitles under the picture, or hides them.", &[(NONE, Key::V)]),
        row(C::ToggleLargePlayer, Play, "Large player", "Gives the picture the whole window, or takes it back; so does a double click on it.", &[(CTRL, Key::Enter)]),
    ]
}

#[rustfmt::skip]
fn timeline() -> Vec<Row> {
    use Place::Timeline;
    vec![
        row(C::FitTimeline, Timeline, "Show the whole video", "Fits the whole video into the timeline.", &[(NONE, Key::Z)]),
        row(C::ZoomTimeline(1.5), Timeline, "Zoom in", "Shows a shorter part of the video, around the playhead.", &[(CTRL, Key::ArrowUp)]),
        row(C::ZoomTimeline(1.0 / 1.5), Timeline, "Zoom out", "Shows a longer part of the video.", &[(CTRL, Key::ArrowDown)]),
        row(C::ZoomRange, Timeline, "Show the range", "Fits the range into the timeline.", &[(SHIFT, Key::Z)]),
        row(C::ToggleSound, Timeline, "Show or hide the sound", "Shows on the timeline how loud the sound is, or hides it.", &[(NONE, Key::W)]),
        row(C::ToggleAllAnnotators, Timeline, "Show all annotators", "Gives every annotator a row, or only the first four.", &[(SHIFT, Key::Y)]),
    ]
}

#[rustfmt::skip]
fn summaries() -> Vec<Row> {
    use Place::Summaries;
    const KEYS: [(Key, Key); 8] = [
        (Key::Num1, Key::A), (Key::Num2, Key::B), (Key::Num3, Key::C), (Key::Num4, Key::D),
        (Key::Num5, Key::E), (Key::Num6, Key::F), (Key::Num7, Key::G), (Key::Num8, Key::H),
    ];
    const TIP: &str = "Shows, plays and exports this alternative from now on.";
    let cards = KEYS.iter().enumerate().map(|(index, (number, _))| {
        row(C::SelectAlternative(index), Summaries, &format!("Choose the alternative on card {}", index + 1), TIP, &[(NONE, *number)])
    });
    let letters = (0..).map(Letter).zip(KEYS).map(|(letter, (_, key))| {
        row(C::Choose(SummaryRef::Alternative(letter)), Summaries, &format!("Choose alternative {letter}"), TIP, &[(SHIFT, key)])
    });
    let mut rows: Vec<Row> = cards.chain(letters).collect();
    rows.extend([
        row(C::FlipPair, Summaries, "Flip between two summaries", "Goes back to the summary chosen before, and forth again, and shows on the timeline what both keep.", &[(NONE, Key::X)]),
        row(C::NameAlternative(None), Summaries, "Name the alternative…", "Gives the alternative in hand a name and a note; both go into lists of cuts.", &[(NONE, Key::F2)]),
        row(C::NewDraw, Summaries, "New draw", "Draws other samples with the next seed; the same seed always gives the same summaries.", &[(NONE, Key::N)]),
        row(C::GoToDraw(0), Summaries, "Back to the draw before", "Draws the samples again that were on screen before this draw, and back; budget and answers stay.", &[(SHIFT, Key::N)]),
        row(C::CompareDraw(Some(0)), Summaries, "Compare with the draw before", "Shows the samples of the draw before in grey behind those on screen, and says what has changed.", &[]),
        row(C::StepBudget(-1), Summaries, "Shorter summaries", "Lets summaries keep one per cent less of the video.", &[(CTRL, Key::OpenBracket)]),
        row(C::StepBudget(1), Summaries, "Longer summaries", "Lets summaries keep one per cent more of the video.", &[(CTRL, Key::CloseBracket)]),
        row(C::CancelJob, Summaries, "Cancel", "Stops what is being computed; what is done already stays.", &[(CTRL, Key::Period)]),
    ]);
    rows
}

#[rustfmt::skip]
fn steering() -> Vec<Row> {
    use Place::Steering;
    const RATING_KEYS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    let here = |verdict, name: &str, tip, key| row(C::Steer(S::Here(verdict)), Steering, name, tip, &[key]);
    let rating = |(rating, key)| here(Some(Verdict::Rate(rating)), &format!("Rate {rating}"), "Rates the segment or range from 1 to 5; samples that agree weigh more.", (ALT, key));
    let mut rows = vec![
        here(Some(Verdict::Keep), "Keep", "Keeps the segment at the pointer or the playhead, or the range around it, in every summary.", (NONE, Key::T)),
        here(Some(Verdict::LeaveOut), "Leave out", "Leaves the segment at the pointer or the playhead, or the range around it, out of every summary.", (NONE, Key::D)),
    ];
    rows.extend((1..=5).zip(RATING_KEYS).map(rating));
    rows.extend([
        here(None, "Clear answer", "Takes the answer on the segment or range back.", (ALT, Key::Num0)),
        row(C::Steer(S::Clear), Steering, "Clear steering", "Takes all answers back.", &[(ALT, Key::Backspace)]),
    ]);
    rows
}

#[rustfmt::skip]
fn window() -> Vec<Row> {
    use Place::Window;
    let pages = Page::ALL.map(|page| row(C::ShowPage(page), Window, page.command_name(), page.tip(), &[page.shortcut()]));
    let themes = [
        (ThemeChoice::Dark, "Dark theme"),
        (ThemeChoice::Light, "Light theme"),
        (ThemeChoice::System, "Theme as the system"),
    ].map(|(theme, name)| row(C::SetTheme(theme), Window, name, "Changes the colours of the window.", &[]));
    let panes = Pane::ALL.map(|pane| row(C::TogglePane(pane), Window, &pane.command_name(), "Shows the panel, or takes it out of the window; the others get its room.", &[]));
    let mut rows = pages.to_vec();
    rows.extend([
        row(C::Palette, Window, "Find a command…", "Lists every command; type to find one.", &[(CTRL, Key::P)]),
        row(C::CheatSheet, Window, "Keys", "Shows all keys.", &[(SHIFT, Key::Slash), (NONE, Key::Questionmark), (NONE, Key::F1)]),
        row(C::Settings, Window, "Settings…", "Theme, device, cache and more.", &[(CTRL, Key::Comma)]),
        row(C::ToggleFullscreen, Window, "Full screen", "Fills the screen, or leaves it.", &[(NONE, Key::F), (NONE, Key::F11)]),
        row(C::ResetLayout, Window, "Reset the panels", "Puts all panels back where they were at first.", &[]),
    ]);
    rows.extend(themes);
    rows.extend(panes);
    rows
}
