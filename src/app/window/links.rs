//! The workers and the player as the window knows them.

use crate::domain::RgbImage;
use crate::pipeline::Event;
use crate::state::{AppState, PlayerRequest, Request};
use egui::{Rect, Ui};

/// The worker for what takes time: opening, drawing, exporting. Never blocks.
pub trait Backend {
    /// Takes a request; the answer comes through [`Backend::poll`].
    fn send(&mut self, request: Request);
    /// The next event, without waiting.
    fn poll(&mut self) -> Option<Event>;
}

/// Does nothing: for pictures and tests.
#[derive(Debug, Default)]
pub struct NoBackend;

impl Backend for NoBackend {
    fn send(&mut self, request: Request) {
        log::debug!("nobody takes {request:?}");
    }

    fn poll(&mut self) -> Option<Event> {
        None
    }
}

/// A player of the open video. Never blocks.
pub trait PlayerLink {
    fn send(&mut self, request: &PlayerRequest);
    /// Where it is; `None` until it is open. Called once a frame.
    fn status(&mut self) -> Option<PlayerStatus>;
    /// Why it cannot play, in a sentence.
    fn error(&self) -> Option<String>;
    /// Paints the current picture into a rectangle; false where there is none yet.
    fn paint(&mut self, ui: &Ui, rect: Rect) -> bool;
    /// The current picture in full size.
    fn picture(&mut self) -> Option<RgbImage>;
}

/// Where the player is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlayerStatus {
    pub position_secs: f64,
    pub playing: bool,
    pub buffering: bool,
}

/// Makes the player of a video that was opened; `None` where it cannot be played.
pub type MakePlayer = Box<dyn FnMut(&AppState) -> Option<Box<dyn PlayerLink>>>;
