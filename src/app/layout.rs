//! The panels and how they are arranged: `egui_tiles` in the drawing's order, or tabs in a narrow
//! window.

use egui::{Color32, Frame, Stroke, Ui, Visuals, WidgetText};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, ResizeState, SimplificationOptions, Tile, TileId,
    Tiles, Tree, UiResponse,
};

use crate::state::AppState;
use crate::state::command::Command;
pub use crate::state::pane::Pane;
use crate::ui::theme::{PANEL_GAP, Palette};
use crate::ui::widgets;
use crate::views;
use crate::views::player::PaintPicture;

/// Below this width the panels become tabs, points.
pub const NARROW: f32 = 820.0;

/// The drawing's arrangement.
pub fn default_tree() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let player = tiles.insert_pane(Pane::Player);
    let distribution = tiles.insert_pane(Pane::Distribution);
    let matches = tiles.insert_pane(Pane::Matches);
    let alternatives = tiles.insert_pane(Pane::Alternatives);
    let timeline = tiles.insert_pane(Pane::Timeline);
    let mut top = Linear::new(LinearDir::Horizontal, vec![player, distribution, matches]);
    for (tile, share) in [(player, 578.0), (distribution, 379.0), (matches, 379.0)] {
        top.shares.set_share(tile, share);
    }
    let top = tiles.insert_container(Container::Linear(top));
    let mut root = Linear::new(LinearDir::Vertical, vec![top, alternatives, timeline]);
    for (tile, share) in [(top, 351.0), (alternatives, 124.0), (timeline, 296.0)] {
        root.shares.set_share(tile, share);
    }
    let root = tiles.insert_container(Container::Linear(root));
    with_reasons(Tree::new(egui::Id::unique("panels"), root, tiles))
}

/// An arrangement with the panel of reasons at its side, hidden, where it has none: those stored by
/// earlier versions.
pub fn with_reasons(mut tree: Tree<Pane>) -> Tree<Pane> {
    let (None, Some(main)) = (tree.tiles.find_pane(&Pane::Reasons), tree.root()) else {
        return tree;
    };
    let reasons = tree.tiles.insert_pane(Pane::Reasons);
    let mut root = Linear::new(LinearDir::Horizontal, vec![main, reasons]);
    root.shares.set_share(main, 1000.0);
    root.shares.set_share(reasons, 360.0);
    tree.root = Some(tree.tiles.insert_container(Container::Linear(root)));
    tree.set_visible(reasons, false);
    tree
}

/// All panels as tabs over a timeline that stays, for a narrow window.
pub fn narrow_tree() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let panes: Vec<TileId> = [
        Pane::Player,
        Pane::Alternatives,
        Pane::Distribution,
        Pane::Matches,
        Pane::Reasons,
    ]
    .into_iter()
    .map(|pane| tiles.insert_pane(pane))
    .collect();
    let reasons = panes.last().copied();
    let tabs = tiles.insert_tab_tile(panes);
    let timeline = tiles.insert_pane(Pane::Timeline);
    let mut root = Linear::new(LinearDir::Vertical, vec![tabs, timeline]);
    root.shares.set_share(tabs, 3.0);
    root.shares.set_share(timeline, 2.0);
    let root = tiles.insert_container(Container::Linear(root));
    let mut tree = Tree::new(egui::Id::unique("narrow panels"), root, tiles);
    if let Some(reasons) = reasons {
        tree.set_visible(reasons, false);
    }
    tree
}

/// Whether a stored arrangement can be used: it must have every panel once.
pub fn is_complete(tree: &Tree<Pane>) -> bool {
    Pane::ALL.iter().all(|pane| {
        tree.tiles
            .iter()
            .filter(|(_, tile)| matches!(tile, Tile::Pane(other) if other == pane))
            .count()
            == 1
    }) && tree.root().is_some()
}

/// Shows or hides a panel; whether it is shown now. The last panel stays.
pub fn toggle_pane(tree: &mut Tree<Pane>, pane: Pane) -> bool {
    let Some(tile) = tree.tiles.find_pane(&pane) else {
        return false;
    };
    let shown = !tree.tiles.is_visible(tile);
    if !shown && shown_panes(tree) == [pane] {
        return true;
    }
    tree.set_visible(tile, shown);
    if let Some(root) = tree.root() {
        hide_empty(tree, root);
    }
    shown
}

/// Hides containers that have nothing to show, and shows the others; whether `tile` has something.
fn hide_empty(tree: &mut Tree<Pane>, tile: TileId) -> bool {
    let children: Vec<TileId> = match tree.tiles.get(tile) {
        Some(Tile::Container(container)) => container.children().copied().collect(),
        _ => return tree.tiles.is_visible(tile),
    };
    let mut any = false;
    for child in children {
        any |= hide_empty(tree, child);
    }
    tree.set_visible(tile, any);
    any
}

/// The panels that are shown, in the order of [`Pane::ALL`].
pub fn shown_panes(tree: &Tree<Pane>) -> Vec<Pane> {
    Pane::ALL
        .into_iter()
        .filter(|pane| is_shown(tree, *pane))
        .collect()
}

/// Whether a panel is shown.
pub fn is_shown(tree: &Tree<Pane>, pane: Pane) -> bool {
    tree.tiles
        .find_pane(&pane)
        .is_some_and(|tile| tree.tiles.is_visible(tile))
}

/// Draws panels for `egui_tiles`.
pub struct Panels<'a, 'p> {
    pub state: &'a AppState,
    pub commands: &'a mut Vec<Command>,
    pub picture: &'a mut PaintPicture<'p>,
}

impl Behavior<Pane> for Panels<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        let palette = Palette::of(ui);
        let framed = match pane {
            // The cards are panels of their own.
            Pane::Alternatives => Frame::NONE,
            _ => widgets::panel_frame(palette),
        };
        framed.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.push_id(*pane as u8, |ui| match pane {
                Pane::Player => {
                    views::player::player_ui(ui, self.state, self.picture, self.commands);
                }
                Pane::Distribution => {
                    views::distribution::distribution_ui(ui, self.state, self.commands);
                }
                Pane::Matches => views::matches::matches_ui(ui, self.state, self.commands),
                Pane::Alternatives => {
                    views::alternatives::alternatives_ui(ui, self.state, self.commands);
                }
                Pane::Timeline => {
                    views::timeline::timeline_ui(ui, self.state, self.commands);
                }
                Pane::Reasons => views::reasons::reasons_ui(ui, self.state, self.commands),
            });
        });
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        pane.title().into()
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        PANEL_GAP
    }

    fn min_size(&self) -> f32 {
        96.0
    }

    fn resize_stroke(&self, style: &egui::Style, state: ResizeState) -> Stroke {
        let palette = Palette::for_dark_mode(style.visuals.dark_mode);
        match state {
            ResizeState::Idle => Stroke::NONE,
            ResizeState::Hovering => Stroke::new(2.0, palette.faint),
            ResizeState::Dragging => Stroke::new(2.0, palette.accent),
        }
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        Palette::for_dark_mode(visuals.dark_mode).ground
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        32.0
    }

    fn tab_title_spacing(&self, _visuals: &Visuals) -> f32 {
        12.0
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        _state: &egui_tiles::TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bg_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &egui_tiles::TabState,
    ) -> Color32 {
        let palette = Palette::for_dark_mode(visuals.dark_mode);
        if state.active {
            palette.panel
        } else {
            palette.ground
        }
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &egui_tiles::TabState,
    ) -> Color32 {
        let palette = Palette::for_dark_mode(visuals.dark_mode);
        if state.active {
            palette.text
        } else {
            palette.secondary
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: false,
            ..SimplificationOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_arrangements_have_every_panel_and_survive_storage() {
        for tree in [default_tree(), narrow_tree()] {
            assert!(is_complete(&tree));
            let json = serde_json::to_string(&tree).unwrap();
            let back: Tree<Pane> = serde_json::from_str(&json).unwrap();
            assert!(is_complete(&back));
        }
        assert!(!is_complete(&Tree::empty(egui::Id::unique("nothing"))));
    }

    #[test]
    fn an_earlier_arrangement_gets_the_panel_of_reasons_hidden() {
        let mut tiles = Tiles::default();
        let panes = Pane::AT_FIRST.map(|pane| tiles.insert_pane(pane));
        let root = tiles.insert_vertical_tile(panes.to_vec());
        let earlier = Tree::new(egui::Id::unique("panels"), root, tiles);
        assert!(!is_complete(&earlier));
        let mut tree = with_reasons(earlier);
        assert!(is_complete(&tree));
        assert_eq!(shown_panes(&tree), Pane::AT_FIRST);
        assert!(toggle_pane(&mut tree, Pane::Reasons));
        assert_eq!(shown_panes(&tree), Pane::ALL);
        assert_eq!(shown_panes(&with_reasons(tree)), Pane::ALL);
        assert_eq!(shown_panes(&default_tree()), Pane::AT_FIRST);
        assert_eq!(shown_panes(&narrow_tree()), Pane::AT_FIRST);
    }

    #[test]
    fn a_panel_can_be_hidden_and_brought_back() {
        let mut tree = default_tree();
        assert!(!toggle_pane(&mut tree, Pane::Matches));
        assert!(!is_shown(&tree, Pane::Matches));
        assert!(toggle_pane(&mut tree, Pane::Matches));
        assert!(is_shown(&tree, Pane::Matches));
    }

    #[test]
    fn a_row_without_panels_takes_no_room_and_the_last_panel_stays() {
        let mut tree = default_tree();
        for pane in [Pane::Player, Pane::Distribution, Pane::Matches] {
            toggle_pane(&mut tree, pane);
        }
        let hidden = tree
            .tiles
            .iter()
            .filter(|(id, tile)| matches!(tile, Tile::Container(_)) && !tree.tiles.is_visible(**id))
            .count();
        assert_eq!(hidden, 1, "the upper row");
        assert_eq!(shown_panes(&tree), [Pane::Alternatives, Pane::Timeline]);
        toggle_pane(&mut tree, Pane::Alternatives);
        assert!(toggle_pane(&mut tree, Pane::Timeline), "the last one stays");
        toggle_pane(&mut tree, Pane::Matches);
        assert_eq!(shown_panes(&tree), [Pane::Timeline, Pane::Matches]);
        // What is hidden stays so in the next session.
        let json = serde_json::to_string(&tree).unwrap();
        let back: Tree<Pane> = serde_json::from_str(&json).unwrap();
        assert!(is_complete(&back));
        assert_eq!(shown_panes(&back), [Pane::Timeline, Pane::Matches]);
    }
}
