//! The video's script: its scenes in order, how long each lasts, what it shows and what it sounds
//! like.

use crate::paint::{Canvas, smooth};
use crate::{night, sea, town};

/// Frames a second.
pub const FRAME_RATE_FPS: u32 = 24;

/// What a scene offers to a viewer, each 0 to 1; the simulated annotators weigh these.
#[derive(Clone, Copy, Default)]
pub struct Offer {
    pub sea: f32,
    pub people: f32,
    pub night: f32,
    pub motion: f32,
    pub calm: f32,
    pub words: f32,
    pub colour: f32,
}

/// What is heard under the music.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ambience {
    Surf,
    Gulls,
    Crowd,
    Wind,
    Deep,
    Storm,
    RainOnGlass,
    City,
    Dance,
    Fireworks,
    StillWater,
}

pub struct Scene {
    pub name: &'static str,
    pub duration_secs: f32,
    pub paint: fn(&mut Canvas, f32, f32),
    pub ambience: Ambience,
    pub offer: Offer,
}

macro_rules! offer {
    ($($field:ident $value:literal),*) => { Offer { $($field: $value,)* ..Offer { sea: 0.0, people: 0.0, night: 0.0, motion: 0.0, calm: 0.0, words: 0.0, colour: 0.0 } } };
}

/// The video, cut by cut. Durations are whole multiples of half a second, so that cuts fall on
/// whole frames.
pub const SCENES: [Scene; 18] = [
    scene(
        "opening",
        3.5,
        night::opening,
        Ambience::Surf,
        offer!(words 1.0, calm 0.4),
    ),
    scene(
        "sunrise",
        7.0,
        sea::sunrise,
        Ambience::Surf,
        offer!(sea 0.9, calm 0.9, colour 0.6),
    ),
    scene(
        "gulls",
        4.5,
        sea::gulls,
        Ambience::Gulls,
        offer!(sea 0.4, motion 0.6, calm 0.3),
    ),
    scene(
        "boats leaving",
        6.0,
        sea::boats_leaving,
        Ambience::Gulls,
        offer!(sea 0.9, motion 0.4, calm 0.4),
    ),
    scene(
        "market card",
        2.5,
        night::market_card,
        Ambience::Crowd,
        offer!(words 1.0),
    ),
    scene(
        "market",
        7.0,
        town::market,
        Ambience::Crowd,
        offer!(people 1.0, colour 0.8, motion 0.4),
    ),
    scene(
        "fruit",
        4.0,
        town::fruit,
        Ambience::Crowd,
        offer!(people 0.3, colour 1.0, calm 0.3),
    ),
    scene(
        "quay",
        6.0,
        town::quay,
        Ambience::Crowd,
        offer!(people 0.9, sea 0.4, motion 0.3),
    ),
    scene(
        "regatta",
        6.0,
        sea::regatta,
        Ambience::Wind,
        offer!(sea 1.0, motion 1.0, colour 0.6),
    ),
    scene(
        "under water",
        5.0,
        sea::under_water,
        Ambience::Deep,
        offer!(sea 0.8, calm 0.6, colour 0.6, motion 0.3),
    ),
    scene(
        "storm",
        5.0,
        sea::storm,
        Ambience::Storm,
        offer!(sea 0.8, motion 0.9, night 0.3),
    ),
    scene(
        "rain on the window",
        7.0,
        town::rain_window,
        Ambience::RainOnGlass,
        offer!(calm 1.0, night 0.3),
    ),
    scene(
        "night card",
        2.5,
        night::night_card,
        Ambience::City,
        offer!(words 1.0, night 0.5),
    ),
    scene(
        "city",
        7.0,
        night::city,
        Ambience::City,
        offer!(night 1.0, calm 0.5, colour 0.5),
    ),
    scene(
        "festival",
        6.0,
        night::festival,
        Ambience::Dance,
        offer!(people 1.0, night 0.9, motion 0.7, colour 0.7),
    ),
    scene(
        "fireworks",
        8.0,
        night::fireworks,
        Ambience::Fireworks,
        offer!(night 1.0, motion 0.9, colour 1.0, people 0.2),
    ),
    scene(
        "lanterns afloat",
        6.0,
        night::lanterns_afloat,
        Ambience::StillWater,
        offer!(night 0.9, sea 0.6, calm 1.0),
    ),
    scene(
        "ending",
        3.0,
        night::ending,
        Ambience::StillWater,
        offer!(words 1.0, calm 0.4),
    ),
];

const fn scene(
    name: &'static str,
    duration_secs: f32,
    paint: fn(&mut Canvas, f32, f32),
    ambience: Ambience,
    offer: Offer,
) -> Scene {
    Scene {
        name,
        duration_secs,
        paint,
        ambience,
        offer,
    }
}

/// Length of the video in seconds.
pub fn duration_secs() -> f32 {
    SCENES.iter().map(|scene| scene.duration_secs).sum()
}

/// Number of frames of the video.
pub fn frame_count() -> u32 {
    (duration_secs() * FRAME_RATE_FPS as f32).round() as u32
}

/// The scene that is on at `secs`, and when it began.
pub fn scene_at(secs: f32) -> (&'static Scene, f32) {
    let mut began = 0.0;
    for scene in &SCENES {
        if secs < began + scene.duration_secs - 1e-4 {
            return (scene, began);
        }
        began += scene.duration_secs;
    }
    let last = &SCENES[SCENES.len() - 1];
    (last, began - last.duration_secs)
}

/// Paints one frame of the video.
pub fn paint_frame(canvas: &mut Canvas, frame: u32) {
    let secs = frame as f32 / FRAME_RATE_FPS as f32;
    let (scene, began) = scene_at(secs);
    (scene.paint)(canvas, secs - began, scene.duration_secs);
    let dark = (1.0 - smooth(0.0, 0.8, secs)).max(smooth(
        duration_secs() - 0.9,
        duration_secs() - 0.1,
        secs,
    ));
    canvas.finish(frame, dark);
}
