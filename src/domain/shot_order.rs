//! In which order an annotator sees the shots, and which of them twice. Both follow from the seed
//! alone, so that they are the same after a restart and on every machine.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::annotator_work::{AnnotatorWork, ShotOrder};

/// Shots between the two showings of a shot, where there are so many; of fewer, a third.
const LEAST_BETWEEN: usize = 20;

/// A place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the shot in time.
    pub shot: usize,
    /// Which of the repeats it is; `None` for the first showing.
    pub again: Option<usize>,
}

impl AnnotatorWork {
    /// The same work with a share of its shots, in [0, 1], to be shown twice. For work that has not
    /// begun.
    #[must_use]
    pub fn with_repeats(mut self, share: f64) -> Self {
        let shots = self.shots.len();
        let wanted = ((share * shots as f64).round() as usize).min(shots);
        let mut early: Vec<usize> = self.base_order();
        // Those that come late would be shown again too soon; they are taken last.
        let mut late = early.split_off(shots - least_between(shots).min(shots));
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 1);
        early.shuffle(&mut rng);
        late.shuffle(&mut rng);
        early.append(&mut late);
        early.truncate(wanted);
        self.second_ratings = vec![None; early.len()];
        self.repeats = early;
        self
    }

    /// Shots in the order of their first showing.
    fn base_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.shots.len()).collect();
        if self.order == ShotOrder::Random {
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
        }
        order
    }

    /// Every showing in order. Repeats come at random after the first showing; where shots come in
    /// sequence, at the end.
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = (self.base_order().into_iter())
            .map(|shot| Place { shot, again: None })
            .collect();
        let between = least_between(self.shots.len());
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 2);
        for (again, &shot) in self.repeats.iter().enumerate() {
            let first = places.iter().position(|place| place.shot == shot);
            let end = places.len();
            let least = match self.order {
                ShotOrder::Sequence => end,
                ShotOrder::Random => first.map_or(end, |first| (first + 1 + between).min(end)),
            };
            let place = Place {
                shot,
                again: Some(again),
            };
            places.insert(rng.random_range(least..=end), place);
        }
        places
    }

    /// Shots in the order in which they are rated.
    pub fn shot_order(&self) -> Vec<usize> {
        self.places().iter().map(|place| place.shot).collect()
    }

    /// The rating given at a place.
    pub fn rating_at(&self, place: Place) -> Option<u8> {
        match place.again {
            None => self.ratings.get(place.shot).copied().flatten(),
            Some(again) => self.second_ratings.get(again).copied().flatten(),
        }
    }

    /// The rating of what is on screen now.
    pub fn current_rating(&self) -> Option<u8> {
        let place = self.places().get(self.at).copied()?;
        self.rating_at(place)
    }

    /// Both ratings of each shot that was rated twice: the first and the second.
    pub fn repeated_ratings(&self) -> Vec<(u8, u8)> {
        let pairs = self.repeats.iter().zip(&self.second_ratings);
        pairs
            .filter_map(|(&shot, second)| Some(((*self.ratings.get(shot)?)?, (*second)?)))
            .collect()
    }

    /// Repeats that fit the shots; what does not goes.
    pub(super) fn mend_repeats(&mut self, all_shots_fit: bool) {
        if !all_shots_fit {
            self.repeats.clear();
        }
        let shots = self.shots.len();
        let mut seen = std::collections::HashSet::new();
        let fits: Vec<bool> = (self.repeats.iter())
            .map(|&shot| shot < shots && seen.insert(shot))
            .collect();
        self.second_ratings.resize(fits.len(), None);
        let mut fit = fits.iter();
        self.repeats.retain(|_| fit.next() == Some(&true));
        let mut fit = fits.iter();
        self.second_ratings.retain(|_| fit.next() == Some(&true));
        self.place_secs.truncate(shots + self.repeats.len());
        for secs in &mut self.place_secs {
            *secs = if secs.is_finite() { secs.max(0.0) } else { 0.0 };
        }
    }
}

fn least_between(shots: usize) -> usize {
    LEAST_BETWEEN.min(shots / 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FrameRange;
    use crate::domain::annotator_work::Method;

    fn work(shots: u64, seed: u64, order: ShotOrder, share: f64) -> AnnotatorWork {
        AnnotatorWork {
            method: Method::Ratings,
            order,
            seed,
            frame_count: shots * 10,
            shots: (0..shots)
                .map(|shot| FrameRange::new(shot * 10, shot * 10 + 10))
                .collect(),
            ratings: vec![None; shots as usize],
            ..AnnotatorWork::default()
        }
        .with_repeats(share)
    }

    #[test]
    fn a_share_of_the_shots_comes_twice_and_not_too_soon() {
        for seed in 0..50 {
            let work = work(60, seed, ShotOrder::Random, 0.1);
            let places = work.places();
            assert_eq!((work.repeats.len(), places.len()), (6, 66));
            assert_eq!(places, work.clone().repaired().places());
            for &shot in &work.repeats {
                let at: Vec<usize> = (0..places.len())
                    .filter(|&at| places[at].shot == shot)
                    .collect();
                assert_eq!(at.len(), 2);
                assert!(at[1] - at[0] > 20, "{at:?}");
                assert!(places[at[0]].again.is_none() && places[at[1]].again.is_some());
            }
        }
        let in_sequence = work(30, 3, ShotOrder::Sequence, 0.2);
        let order = in_sequence.shot_order();
        assert!(order[..30].is_sorted() && order.len() == 36);
        assert_ne!(
            work(60, 1, ShotOrder::Random, 0.1).shot_order(),
            work(60, 2, ShotOrder::Random, 0.1).shot_order()
        );
        for shots in 0..4 {
            let few = work(shots, 1, ShotOrder::Random, 1.0);
            assert_eq!(few.places().len() as u64, 2 * shots);
        }
    }

    #[test]
    fn the_second_rating_stands_beside_the_first() {
        let mut work = work(9, 5, ShotOrder::Random, 0.34);
        let places = work.places();
        assert_eq!(places.len(), 12);
        for (at, place) in places.iter().enumerate() {
            assert_eq!(work.at, at);
            assert_eq!(work.current_rating(), None, "the first rating is not shown");
            let rating = if place.again.is_some() { 5 } else { 2 };
            work.rate(rating);
        }
        assert_eq!(work.rated(), (12, 12));
        assert_eq!(work.hindrance_to_finish(), None);
        assert_eq!(work.repeated_ratings(), [(2, 5); 3]);
        assert!(work.to_annotator().scores.iter().all(|&score| score == 2.0));
        let mut broken = work.clone();
        broken.repeats[0] = 99;
        broken.place_secs = vec![f64::NAN; 40];
        let repaired = broken.repaired();
        assert_eq!(
            (repaired.repeats.len(), repaired.second_ratings.len()),
            (2, 2)
        );
        assert_eq!(repaired.place_secs, vec![0.0; 11]);
    }
}
