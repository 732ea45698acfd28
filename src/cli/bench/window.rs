//! The window's own cost: frames drawn off-screen, a move of the budget slider through all views,
//! the start of the program.
//!
//! A frame here is what the processor does for it: layout, painting into shapes, tessellation. What
//! the graphics card does is not in it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::bounded;
use egui::{Event as InputEvent, MouseWheelUnit, Pos2, RawInput, Rect, pos2, vec2};

use super::made_up::TenMinutes;
use super::report::Measure;
use super::stopwatch::{Spent, Stopwatch, median_spent, quantile};
use crate::app::Window;
use crate::app::comparer::Comparer;
use crate::cli::open::PAINTED;
use crate::jobs::{self, cpu};
use crate::pipeline::Event;
use crate::state::AppState;

const SIZE: [f32; 2] = [1600.0, 1000.0];
/// Frames before the measured ones, for sizes, textures and the fonts' atlas.
const SETTLING_FRAMES: usize = 12;
/// A program that has not painted after this long will not.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// Draws frames of a window off-screen.
struct Offscreen {
    window: Window,
    ctx: egui::Context,
    frame: usize,
}

impl Offscreen {
    fn new(state: AppState) -> Self {
        let mut screen = Self {
            window: Window::still(state),
            ctx: egui::Context::default(),
            frame: 0,
        };
        for _ in 0..SETTLING_FRAMES {
            screen.draw(Vec::new());
        }
        screen
    }

    /// One frame, up to the triangles that would go to the graphics card.
    fn draw(&mut self, events: Vec<InputEvent>) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(SIZE[0], SIZE[1]))),
            time: Some(self.frame as f64 / 60.0),
            focused: true,
            events,
            ..RawInput::default()
        };
        self.frame += 1;
        let window = &mut self.window;
        let mut output = self.ctx.run_ui(input, |ui| window.frame(ui));
        // Textures would go to the graphics card.
        drop(output.textures_delta.set.drain());
        output.textures_delta.free.clear();
        std::hint::black_box(self.ctx.tessellate(output.shapes, 1.0));
    }
}

/// Frames of a video that plays while the pointer wanders over all panels and the timeline is
/// zoomed: p50 and p99.
///
/// `keys` name the two measures, `what` the session for a person.
pub fn frames(state: AppState, count: usize, keys: [&'static str; 2], what: &str) -> Vec<Measure> {
    let mut screen = Offscreen::new(state);
    screen.window.state.playback.playing = true;
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for frame in 0..count {
        let events = wandering(frame);
        let watch = Stopwatch::start();
        let begun = cpu::thread_time();
        screen.draw(events);
        if let (Some(begun), Some(ended)) = (begun, cpu::thread_time()) {
            cpus.push(ended.saturating_sub(begun).as_secs_f64());
        }
        walls.push(watch.spent().wall_secs);
    }
    [(keys[0], "p50", 0.5), (keys[1], "p99", 0.99)]
        .map(|(key, name, share)| {
            let what = format!("window frame, {what}, {name} of {count}");
            let Some(wall_secs) = quantile(&walls, share) else {
                return Measure::missing(key, what, "no frame was asked for");
            };
            let cpu_secs = quantile(&cpus, share);
            Measure::new(
                key,
                what,
                Spent {
                    wall_secs,
                    cpu_secs,
                },
            )
            .target(0.006)
        })
        .into()
}

/// The pointer goes back and forth over the window; every so often the wheel turns with Ctrl held,
/// in and out.
fn wandering(frame: usize) -> Vec<InputEvent> {
    let at = frame as f32 / 60.0;
    let place = pos2(
        SIZE[0] * (0.5 + 0.45 * (at * 1.7).sin()),
        SIZE[1] * (0.5 + 0.45 * (at * 1.1).cos()),
    );
    let mut events = vec![InputEvent::PointerMoved(place)];
    if frame.is_multiple_of(10) {
        let way = if (frame / 100).is_multiple_of(2) {
            1.0
        } else {
            -1.0
        };
        events.push(InputEvent::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, way),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::COMMAND,
        });
    }
    events
}

/// The state of the window with the made-up video open.
pub fn state_of(video: &TenMinutes) -> AppState {
    let mut state = AppState::default();
    state.prefs.reduced_motion = true;
    state.handle(Event::Probed {
        info: video.info.clone(),
        index: Arc::clone(&video.timeline.index),
    });
    if let Some(session) = &mut state.session {
        session.pick_times_secs = Arc::clone(&video.pick_times_secs);
    }
    state.handle(Event::Segments(Arc::clone(&video.timeline.segments)));
    let draw = video.scored().select(video.settings.budget);
    state.handle(Event::Draw(Arc::new(draw)));
    state.take_annotations(Arc::clone(&video.annotations));
    state.choices.settings = video.settings.clone();
    state.requests.clear();
    state
}

/// A move of the budget slider: selection, statistics, alternatives, plane, matches, and the frame
/// that shows them.
pub fn slider_move(video: &TenMinutes, runs: usize) -> Measure {
    let scored = video.scored();
    let mut comparer = Comparer::default();
    let mut state = state_of(video);
    comparer.compare_now(&mut state);
    let mut screen = Offscreen::new(state);
    let mut spent = Vec::new();
    for run in 0..=runs.max(1) {
        let budget = 0.12 + 0.18 * run as f64 / runs.max(1) as f64;
        let watch = Stopwatch::start();
        let state = &mut screen.window.state;
        state.choices.settings.budget = budget;
        state.handle(Event::Draw(Arc::new(scored.select(budget))));
        comparer.compare_now(state);
        screen.draw(Vec::new());
        if run > 0 {
            spent.push(watch.spent());
        }
    }
    Measure::new(
        "slider_move",
        format!(
            "slider move through all views, {} samples × 10 min",
            video.scores.nrows()
        ),
        median_spent(&spent),
    )
    .target(0.1)
}

/// From the start of the program to its first frame on a screen. Where there is no display, on
/// Xvfb's if that program is there.
pub fn first_frame(runs: usize) -> Measure {
    let (key, what) = ("first_frame", "start of the program to its first frame");
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_display = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    let own = if has_display {
        None
    } else {
        match OwnDisplay::start() {
            Some(display) => Some(display),
            None => return Measure::missing(key, what, "no display"),
        }
    };
    let mut spent = Vec::new();
    for run in 0..=runs.max(1) {
        match start_once(own.as_ref().map(|display| display.name.as_str())) {
            Ok(one) if run > 0 => spent.push(one),
            Ok(_) => {}
            Err(why) => return Measure::missing(key, what, why),
        }
    }
    Measure::new(key, what, median_spent(&spent)).target(0.7)
}

fn start_once(display: Option<&str>) -> Result<Spent, String> {
    let program = std::env::current_exe().map_err(|err| err.to_string())?;
    // Nothing of the person's own session is read or changed.
    let home = tempfile::tempdir().map_err(|err| err.to_string())?;
    let mut command = Command::new(program);
    command
        .args(["open", "--leave-when-painted"])
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(display) = display {
        command.env("DISPLAY", display);
    }
    let watch = Stopwatch::start();
    let mut child = command.spawn().map_err(|err| err.to_string())?;
    let line = first_line(&mut child, START_PATIENCE);
    let wall_secs = watch.spent().wall_secs;
    let used = line
        .as_deref()
        .and_then(|line| line.strip_prefix(PAINTED)?.trim().parse::<f64>().ok());
    if used.is_none() {
        // It may hang before its first frame; ended already, there is nothing to kill.
        let _ = child.kill();
    }
    // Its exit code says nothing more.
    let _ = child.wait();
    used.map(|used| Spent {
        wall_secs,
        cpu_secs: used.is_finite().then_some(used),
    })
    .ok_or_else(|| "the window could not be opened".to_owned())
}

/// A display that nobody sees.
struct OwnDisplay {
    server: Child,
    name: String,
}

impl OwnDisplay {
    fn start() -> Option<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24"])
            .args(["-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let number = first_line(&mut server, START_PATIENCE).unwrap_or_default();
        let display = Self {
            server,
            name: format!(":{}", number.trim()),
        };
        number.trim().parse::<u32>().is_ok().then_some(display)
    }
}

impl Drop for OwnDisplay {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The first line a program says, if it comes in time.
fn first_line(child: &mut Child, patience: Duration) -> Option<String> {
    let said = child.stdout.take()?;
    let (sender, receiver) = bounded(1);
    jobs::spawn("first line", move || {
        let mut line = String::new();
        // An error is no line, and a line that comes too late is not waited for.
        let _ = BufReader::new(said).read_line(&mut line);
        let _ = sender.send(line);
    })
    .ok()?;
    receiver.recv_timeout(patience).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_made_up_video_are_drawn_and_measured() {
        let video = TenMinutes::new(24);
        let state = state_of(&video);
        assert!(state.chosen().is_some());
        let measures = frames(state, 4, ["p50", "p99"], "made up");
        assert!(measures[0].wall_secs <= measures[1].wall_secs);
        assert!(measures.iter().all(|measure| measure.cpu_secs.is_some()));
        let moved = slider_move(&video, 1);
        assert!(moved.wall_secs.is_some_and(|secs| secs > 0.0));
    }
}
