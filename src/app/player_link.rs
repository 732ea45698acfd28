//! Joins the player of `media` and the textures of `gpu` to the window. Opens on a thread of its
//! own; never blocks.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use eframe::egui_wgpu::RenderState;
use egui::{Color32, Context, Rect, TextureHandle, TextureOptions, Ui, pos2};

use super::window::{MakePlayer, PlayerLink, PlayerStatus};
use crate::domain::{FrameIndex, RgbImage};
use crate::gpu::FrameTexture;
use crate::jobs;
use crate::media::player::{Player, PlayerOptions};
use crate::state::{AppState, PlayerRequest};
use crate::ui::picture::color_image;

/// Makes players that draw through `render_state`, or through the processor where there is none.
pub fn maker(ctx: Context, render_state: Option<RenderState>) -> MakePlayer {
    Box::new(move |state: &AppState| {
        let session = state.session.as_ref()?;
        let (sender, receiver) = bounded(1);
        let path = session.video.path.clone();
        let index = session.index.clone();
        let repaint = ctx.clone();
        let opened_index = index.clone();
        jobs::spawn("player opener", move || {
            let wake = repaint.clone();
            let options = PlayerOptions {
                sound: true,
                on_ready: Some(Box::new(move || wake.request_repaint())),
            };
            let player =
                Player::open(&path, &opened_index, options).map_err(|error| error.to_string());
            // The window may have gone on to another video; then this one is dropped.
            let _ = sender.send(player);
            repaint.request_repaint();
        })
        .ok()?;
        let volume = if state.prefs.muted {
            0.0
        } else {
            state.prefs.volume
        };
        Some(Box::new(VideoPlayer {
            player: Opening::Waiting(receiver),
            waiting: vec![PlayerRequest::Volume(volume)],
            index,
            rate: 1.0,
            texture: FrameTexture::default(),
            render_state: render_state.clone(),
            processor_texture: None,
        }) as Box<dyn PlayerLink>)
    })
}

enum Opening {
    Waiting(Receiver<Result<Player, String>>),
    Ready(Box<Player>),
    Failed(String),
}

struct VideoPlayer {
    player: Opening,
    /// Asked for before the player was open.
    waiting: Vec<PlayerRequest>,
    index: Arc<FrameIndex>,
    rate: f64,
    texture: FrameTexture,
    render_state: Option<RenderState>,
    /// Without a graphics context: the frame shown and its texture.
    processor_texture: Option<(u64, TextureHandle)>,
}

impl VideoPlayer {
    fn ready(&mut self) -> Option<&Player> {
        if let Opening::Waiting(receiver) = &self.player {
            match receiver.try_recv() {
                Ok(Ok(player)) => {
                    self.player = Opening::Ready(Box::new(player));
                    for request in std::mem::take(&mut self.waiting) {
                        self.send(&request);
                    }
                }
                Ok(Err(error)) => self.player = Opening::Failed(error),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => {
                    self.player = Opening::Failed("The player stopped while opening.".to_owned());
                }
            }
        }
        match &self.player {
            Opening::Ready(player) => Some(player),
            _ => None,
        }
    }
}

impl PlayerLink for VideoPlayer {
    fn send(&mut self, request: &PlayerRequest) {
        if let PlayerRequest::Speed(rate) = request {
            self.rate = if *rate == 0.0 { 1.0 } else { *rate };
        }
        let Opening::Ready(player) = &self.player else {
            self.waiting.push(request.clone());
            return;
        };
        match request {
            PlayerRequest::Play => player.play(self.rate),
            PlayerRequest::Pause => player.pause(),
            PlayerRequest::Seek { secs } => player.seek(self.index.frame_at_secs(*secs), true),
            PlayerRequest::Step { frames } => player.step(*frames),
            PlayerRequest::Speed(_) => {
                if player.state_at(Instant::now()).playing {
                    player.play(self.rate);
                }
            }
            PlayerRequest::Volume(volume) => player.set_volume(*volume),
            PlayerRequest::Ranges(ranges) => player.set_ranges(ranges.as_deref()),
        }
    }

    fn status(&mut self) -> Option<PlayerStatus> {
        let state = self.ready()?.state_at(Instant::now());
        Some(PlayerStatus {
            position_secs: state.secs,
            playing: state.playing,
            buffering: state.buffering,
        })
    }

    fn error(&self) -> Option<String> {
        match &self.player {
            Opening::Failed(error) => Some(error.clone()),
            Opening::Ready(player) => player.state_at(Instant::now()).error,
            Opening::Waiting(_) => None,
        }
    }

    fn paint(&mut self, ui: &Ui, rect: Rect) -> bool {
        let Some(frame) = self
            .ready()
            .and_then(|player| player.frame_at(Instant::now()))
        else {
            return false;
        };
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        if let Some(render_state) = &self.render_state
            && let Some(texture) = self.texture.show(render_state, &frame)
        {
            ui.painter().image(texture, rect, whole, Color32::WHITE);
            return true;
        }
        if self
            .processor_texture
            .as_ref()
            .is_none_or(|(shown, _)| *shown != frame.frame)
        {
            let image = frame.to_rgb();
            let picture = color_image(ui.ctx(), &image);
            match &mut self.processor_texture {
                Some((shown, texture)) => {
                    texture.set(picture, TextureOptions::LINEAR);
                    *shown = frame.frame;
                }
                None => {
                    let texture = ui
                        .ctx()
                        .load_texture("frame", picture, TextureOptions::LINEAR);
                    self.processor_texture = Some((frame.frame, texture));
                }
            }
        }
        if let Some((_, texture)) = &self.processor_texture {
            ui.painter()
                .image(texture.id(), rect, whole, Color32::WHITE);
        }
        true
    }

    fn picture(&mut self) -> Option<RgbImage> {
        let frame = self.ready()?.frame_at(Instant::now())?;
        Some(frame.to_rgb())
    }
}

impl Drop for VideoPlayer {
    fn drop(&mut self) {
        if let Some(render_state) = &self.render_state {
            self.texture.free(render_state);
        }
    }
}

#[cfg(test)]
#[path = "player_link_tests.rs"]
mod tests;
