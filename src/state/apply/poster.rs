//! The first picture of a video: one with something in it. Looks at thumbnails; decodes nothing.

use crate::state::{AppState, Poster};

impl AppState {
    /// Moves the untouched playhead to the first picture with something in it, once its thumbnail
    /// is there.
    pub(super) fn look_for_poster(&mut self) {
        if self.playback.poster != Poster::Wanted {
            return;
        }
        if self.playback.playing || self.playback.position_secs > 0.0 {
            self.playback.poster = Poster::None;
            return;
        }
        let Some(thumbs) = self.session.as_ref().map(|session| &session.thumbs) else {
            return;
        };
        // They come in order: all before the last one were looked at already.
        let Some(thumb) = thumbs
            .len()
            .checked_sub(1)
            .and_then(|last| thumbs.get(last))
        else {
            return;
        };
        if !thumb.image.has_something() {
            return;
        }
        let secs = thumb.secs;
        if thumbs.len() == 1 {
            self.playback.poster = Poster::None;
            return;
        }
        self.seek(secs);
        self.playback.poster = Poster::Shown(secs);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::RgbImage;
    use crate::pipeline::{Event, Thumb};
    use crate::state::command::Command;
    use crate::state::{AppState, Extent, Poster};
    use crate::testing::fixture;

    fn thumb(pick: usize, image: RgbImage) -> Event {
        Event::Thumb(Thumb {
            pick,
            frame: pick as u64 * 12,
            secs: pick as f64 * 0.5,
            image,
        })
    }

    fn opened() -> AppState {
        let mut state = fixture::state();
        let session = state.session.take().unwrap();
        state.handle(Event::Probed {
            info: session.video.clone(),
            index: session.index,
        });
        state
    }

    fn black() -> RgbImage {
        RgbImage::new(4, 4, vec![9u8; 48]).unwrap()
    }

    fn scene() -> RgbImage {
        let bytes: Vec<u8> = (0..48).map(|at| at * 5).collect();
        RgbImage::new(4, 4, bytes).unwrap()
    }

    #[test]
    fn a_film_that_begins_in_black_shows_its_first_scene_and_plays_from_its_start() {
        let mut state = opened();
        state.handle(thumb(0, black()));
        state.handle(thumb(1, black()));
        assert_eq!(state.playback.position_secs, 0.0);
        state.handle(thumb(2, scene()));
        assert_eq!(state.playback.position_secs, 1.0);
        state.handle(thumb(3, scene()));
        assert_eq!(state.playback.position_secs, 1.0);
        state.run(Command::TogglePlay);
        assert!(state.playback.playing && state.playback.extent == Extent::Video);
        assert_eq!(state.playback.position_secs, 0.0);
    }

    #[test]
    fn a_playhead_that_somebody_moved_stays() {
        let mut state = opened();
        state.handle(thumb(0, black()));
        state.run(Command::SeekTo(7.0));
        state.handle(thumb(1, scene()));
        assert_eq!(state.playback.position_secs, 7.0);
        state.run(Command::TogglePlay);
        assert_eq!(state.playback.position_secs, 7.0);
        let mut bright = opened();
        bright.handle(thumb(0, scene()));
        assert_eq!(bright.playback.poster, Poster::None);
        assert_eq!(bright.playback.position_secs, 0.0);
    }
}
