//! Twelve simulated annotators of the video: each weighs what a scene offers by a taste of their
//! own, and rates shots of two seconds.
//!
//! These are not people, and the file says so (`simulated`); they exist so that the demo has
//! something to compare summaries with.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use summdiff_explorer::domain::annotator::{AnnotationSet, Annotator};

use crate::script::{self, FRAME_RATE_FPS, Offer};

/// Length of a rated shot, as in TVSum.
const SHOT_SECS: f32 = 2.0;
const SEED: u64 = 20_240_607;

/// How much an annotator likes each thing a scene may offer, and the video's beginning or end (-1
/// to 1: end to beginning).
struct Taste {
    name: &'static str,
    likes: Offer,
    early: f32,
    /// Standard deviation of the ratings before rounding.
    noise: f32,
}

const NONE: Offer = Offer {
    sea: 0.0,
    people: 0.0,
    night: 0.0,
    motion: 0.0,
    calm: 0.0,
    words: 0.0,
    colour: 0.0,
};

const TASTES: [Taste; 12] = [
    Taste {
        name: "likes the sea",
        likes: Offer {
            sea: 3.4,
            calm: 0.4,
            words: -0.6,
            ..NONE
        },
        early: 0.0,
        noise: 0.35,
    },
    Taste {
        name: "likes the sea, and wind",
        likes: Offer {
            sea: 2.4,
            motion: 1.6,
            words: -0.6,
            ..NONE
        },
        early: 0.0,
        noise: 0.4,
    },
    Taste {
        name: "sailor",
        likes: Offer {
            sea: 3.0,
            motion: 0.8,
            people: -0.4,
            night: -0.6,
            words: -0.5,
            ..NONE
        },
        early: 0.1,
        noise: 0.5,
    },
    Taste {
        name: "likes people",
        likes: Offer {
            people: 3.5,
            colour: 0.3,
            words: -0.4,
            ..NONE
        },
        early: 0.0,
        noise: 0.35,
    },
    Taste {
        name: "market goer",
        likes: Offer {
            people: 2.4,
            colour: 1.6,
            night: -0.9,
            words: -0.4,
            ..NONE
        },
        early: 0.2,
        noise: 0.45,
    },
    Taste {
        name: "likes company",
        likes: Offer {
            people: 3.0,
            motion: 0.8,
            calm: -0.4,
            words: -0.2,
            ..NONE
        },
        early: 0.0,
        noise: 0.5,
    },
    Taste {
        name: "likes the night",
        likes: Offer {
            night: 3.3,
            colour: 0.4,
            words: -0.5,
            ..NONE
        },
        early: 0.0,
        noise: 0.35,
    },
    Taste {
        name: "likes lights and fireworks",
        likes: Offer {
            night: 2.3,
            colour: 1.5,
            motion: 0.6,
            words: -0.5,
            ..NONE
        },
        early: -0.2,
        noise: 0.4,
    },
    Taste {
        name: "likes it quiet",
        likes: Offer {
            calm: 3.3,
            motion: -0.6,
            words: -0.3,
            ..NONE
        },
        early: 0.0,
        noise: 0.4,
    },
    Taste {
        name: "likes motion",
        likes: Offer {
            motion: 3.3,
            calm: -0.4,
            words: -0.5,
            ..NONE
        },
        early: 0.0,
        noise: 0.4,
    },
    Taste {
        name: "likes beginnings",
        likes: Offer {
            words: 1.5,
            sea: 0.5,
            colour: 0.4,
            ..NONE
        },
        early: 1.9,
        noise: 0.45,
    },
    Taste {
        name: "undecided",
        likes: Offer {
            sea: 0.9,
            people: 0.9,
            night: 0.8,
            motion: 0.5,
            colour: 0.6,
            words: -0.3,
            calm: 0.0,
        },
        early: 0.0,
        noise: 1.0,
    },
];

impl Taste {
    fn value(&self, offer: &Offer, place: f32) -> f32 {
        let likes = &self.likes;
        likes.sea * offer.sea
            + likes.people * offer.people
            + likes.night * offer.night
            + likes.motion * offer.motion
            + likes.calm * offer.calm
            + likes.words * offer.words
            + likes.colour * offer.colour
            + self.early * (1.0 - 2.0 * place)
    }
}

/// The annotators with one rating (1 to 5) per frame, constant within a shot of two seconds.
pub fn simulated() -> AnnotationSet {
    let (frame_count, duration_secs) = (script::frame_count(), script::duration_secs());
    let shots = (duration_secs / SHOT_SECS).ceil() as usize;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let annotators = TASTES.iter().map(|taste| {
        let ratings: Vec<f32> = (0..shots)
            .map(|shot| rate(taste, shot, duration_secs, &mut rng))
            .collect();
        let frames_per_shot = (SHOT_SECS * FRAME_RATE_FPS as f32) as usize;
        Annotator {
            name: format!("simulated: {}", taste.name),
            scores: (0..frame_count as usize)
                .map(|frame| ratings[frame / frames_per_shot])
                .collect(),
            ..Annotator::default()
        }
    });
    AnnotationSet {
        source: "simulated by assets/demo/make_demo".to_owned(),
        video_id: "demo".to_owned(),
        title: "A Day at the Harbour".to_owned(),
        frame_count: u64::from(frame_count),
        length_unstated: false,
        frame_rate_fps: f64::from(FRAME_RATE_FPS),
        simulated: true,
        annotators: annotators.collect(),
        ..AnnotationSet::default()
    }
}

/// The middle of a shot decides less than all of it: the value is the mean over eight moments of
/// the shot.
fn rate(taste: &Taste, shot: usize, duration_secs: f32, rng: &mut ChaCha8Rng) -> f32 {
    let moments = 8;
    let value: f32 = (0..moments)
        .map(|moment| {
            let secs = ((shot as f32 + (moment as f32 + 0.5) / moments as f32) * SHOT_SECS)
                .min(duration_secs - 0.01);
            let (scene, began) = script::scene_at(secs);
            // Scenes are liked a little better once they have unfolded.
            let unfolded = 0.25 * ((secs - began) / scene.duration_secs - 0.5);
            taste.value(&scene.offer, secs / duration_secs) + unfolded
        })
        .sum::<f32>()
        / moments as f32;
    let slip = Normal::new(0.0, taste.noise).map_or(0.0, |normal| normal.sample(rng));
    (1.3 + value + slip).round().clamp(1.0, 5.0)
}
