//! Times of the open video as text, and back.

use super::AppState;
use crate::domain::timecode::{TimeFormat, TimePoint, Timebase, format_time, parse_time};
use crate::session::Session;
use crate::ui::text;

impl AppState {
    /// A time of the open video in the chosen notation.
    pub fn time_text(&self, secs: f64) -> String {
        match &self.session {
            Some(session) if self.prefs.time_format != TimeFormat::Clock => {
                let (base, first) = self.numbering(session);
                let frame = first + session.index.frame_at_secs(secs);
                format_time(self.prefs.time_format, frame, secs, base)
            }
            _ => text::timecode(secs),
        }
    }

    /// A length of the open video in the chosen notation, counted from zero.
    pub fn length_text(&self, secs: f64) -> String {
        match &self.session {
            Some(session) if self.prefs.time_format != TimeFormat::Clock => {
                let (base, _) = self.numbering(session);
                let frames = session.index.frame_at_secs(secs);
                format_time(self.prefs.time_format, frames, secs, base)
            }
            _ => text::timecode(secs),
        }
    }

    /// Seconds of the open video that a text names in any notation; a timecode with frames means
    /// what the player shows.
    pub fn secs_from_text(&self, typed: &str) -> Option<f64> {
        let session = self.session.as_ref()?;
        let (base, first) = self.numbering(session);
        let has_frames = typed.matches([':', ';']).count() == 3;
        if !has_frames {
            return text::parse_time(typed, session.video.frame_rate.as_f64());
        }
        // Where both kinds are possible, colons mean the kind that is shown.
        let marked = match base.drop_frame && !typed.contains(';') {
            true => typed
                .rfind(':')
                .map(|at| format!("{};{}", &typed[..at], &typed[at + 1..]))?,
            false => typed.to_owned(),
        };
        match parse_time(&marked, self.prefs.time_format, base).ok()? {
            TimePoint::Frame(frame) => {
                let frame = frame.checked_sub(first)?;
                Some(session.index.secs_from_frame(frame))
            }
            TimePoint::Secs(secs) => Some(secs),
        }
    }

    /// How frames of the video are numbered, and the number of the first.
    fn numbering(&self, session: &Session) -> (Timebase, u64) {
        let base = Timebase::from_rate(session.video.frame_rate);
        let stated = session.video.start_timecode.as_deref();
        stated
            .filter(|_| self.prefs.time_format == TimeFormat::Source)
            .and_then(|stated| {
                let base = base.marked_as(stated).ok()?;
                Some((base, base.frame_from_smpte(stated).ok()?))
            })
            .unwrap_or((base, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rational;
    use crate::testing::fixture;

    /// The fixture's video with a rate and a start.
    fn state(rate: Rational, start: Option<&str>, format: TimeFormat) -> AppState {
        let mut state = fixture::state();
        state.prefs.time_format = format;
        let session = state.session.as_mut().unwrap();
        session.video.frame_rate = rate;
        session.video.start_timecode = start.map(str::to_owned);
        let mut index = (*session.index).clone();
        index.time_base = Rational::new(rate.den, rate.num);
        index.pts = (0..8000).collect::<Vec<i64>>().into();
        index.last_duration = 1;
        session.index = std::sync::Arc::new(index);
        state
    }

    #[test]
    fn the_source_s_own_timecode_is_shown_by_choice_and_understood() {
        for (num, den, start, frame, expected) in [
            (25, 1, "10:20:30:05", 30, "10:20:31:10"),
            (30000, 1001, "00:59:59;00", 30, "01:00:00;00"),
            (30000, 1001, "00:00:59;29", 1, "00:01:00;02"),
            (30000, 1001, "00:59:59:00", 30, "01:00:00:00"),
            (60000, 1001, "14:09:42;10", 30, "14:09:42;40"),
            (24000, 1001, "03:00:02:05", 240, "03:00:12:05"),
            (50, 1, "09:59:59:49", 1, "10:00:00:00"),
        ] {
            let rate = Rational::new(num, den);
            let state = state(rate, Some(start), TimeFormat::Source);
            let secs = frame as f64 * den as f64 / num as f64;
            assert_eq!(state.time_text(secs), expected, "{start}");
            assert_eq!(state.time_text(0.0), start);
            let back = state.secs_from_text(expected).unwrap();
            assert!((back - secs).abs() < 1e-6, "{expected}: {back} for {secs}");
            // Lengths count from zero, and what lies before the video is no time of it.
            assert!(state.length_text(0.0).starts_with("00:00:00"));
            assert_eq!(state.secs_from_text("00:00:00:00"), None, "{start}");
        }
    }

    #[test]
    fn a_typed_timecode_goes_where_it_is_shown() {
        for (num, den) in [(24000, 1001), (30000, 1001), (25, 1), (60, 1)] {
            let rate = Rational::new(num, den);
            for format in [TimeFormat::Smpte, TimeFormat::Clock, TimeFormat::Source] {
                let state = state(rate, None, format);
                let smpte = Timebase::from_rate(rate).smpte(7200);
                let secs = 7200.0 * den as f64 / num as f64;
                for typed in [smpte.clone(), smpte.replace(';', ":")] {
                    let back = state.secs_from_text(&typed).unwrap();
                    assert!((back - secs).abs() < 1e-6, "{typed}: {back} for {secs}");
                }
                assert_eq!(state.secs_from_text("1:02.5"), Some(62.5));
                assert_eq!(state.secs_from_text("soon"), None);
            }
        }
    }
}
