//! The commands that the palette and the cheat sheet list.

use super::Command;
use crate::domain::FigureKind;
use crate::state::dataset::DatasetCommand;
use crate::state::figuring::FigureCommand;
use crate::state::pane::Page;
use crate::state::pane::Pane;
use crate::ui::theme::ThemeChoice;

impl Command {
    /// Commands that the palette and the cheat sheet list, in order.
    pub fn catalogue() -> Vec<Command> {
        let mut list = vec![
            Self::OpenVideo,
            Self::OpenDemo,
            Self::Dataset(DatasetCommand::PickFile),
            Self::Dataset(DatasetCommand::FindVideos),
            Self::OpenProject,
            Self::SaveProject,
            Self::SaveProjectAs,
            Self::Figure(FigureCommand::SaveReport),
            Self::Figure(FigureCommand::Save(FigureKind::Timeline)),
            Self::Figure(FigureCommand::Save(FigureKind::Distribution)),
            Self::Figure(FigureCommand::Save(FigureKind::Matches)),
            Self::Figure(FigureCommand::Save(FigureKind::Agreement)),
            Self::LoadAnnotations,
            Self::OpenExport(None),
            Self::Snapshot,
            Self::Quit,
            Self::Undo,
            Self::Redo,
            Self::ToggleMarker,
            Self::RemoveAtPlayhead,
            Self::SetIn,
            Self::SetOut,
            Self::TogglePlay,
            Self::PlaySummary(None),
            Self::PlaySummaryFromStart,
            Self::PlayRange,
            Self::PlayBackwards,
            Self::Stop,
            Self::PlayForwards,
            Self::StepFrames(-1),
            Self::StepFrames(1),
            Self::SeekBy(-1.0),
            Self::SeekBy(1.0),
            Self::SeekBy(-10.0),
            Self::SeekBy(10.0),
            Self::SeekKeyframe(-1),
            Self::SeekKeyframe(1),
            Self::SeekSegment(-1),
            Self::SeekSegment(1),
            Self::GoToStart,
            Self::GoToEnd,
            Self::GoToTime,
            Self::SlowerFaster(-1),
            Self::SlowerFaster(1),
            Self::ToggleMute,
            Self::ToggleLoop,
            Self::ToggleLargePlayer,
            Self::FitTimeline,
            Self::ZoomTimeline(1.5),
            Self::ZoomTimeline(1.0 / 1.5),
            Self::ZoomRange,
            Self::ToggleAllAnnotators,
        ];
        list.extend((0..8).map(Self::SelectAlternative));
        list.extend([
            Self::FlipPair,
            Self::NewDraw,
            Self::StepBudget(-1),
            Self::StepBudget(1),
            Self::CancelJob,
            Self::ShowPage(Page::Explore),
            Self::ShowPage(Page::Annotate),
            Self::ShowPage(Page::Dataset),
            Self::Palette,
            Self::CheatSheet,
            Self::Settings,
            Self::ToggleFullscreen,
            Self::ResetLayout,
            Self::SetTheme(ThemeChoice::Dark),
            Self::SetTheme(ThemeChoice::Light),
            Self::SetTheme(ThemeChoice::System),
        ]);
        list.extend(Pane::ALL.map(Self::TogglePane));
        list
    }
}
