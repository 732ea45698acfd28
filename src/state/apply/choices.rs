//! Changes that can be undone: settings of the draw, what is chosen, pins, range and markers.

use crate::domain::ranges::length_secs;
use crate::domain::{DrawSettings, SummaryRef};
use crate::session::Summarised;
use crate::state::history::Choices;
use crate::state::pair::intersection;
use crate::state::{AppState, Extent, Request};
use crate::ui::text;

/// Markers nearer than this are the same.
const MARKER_SECS: f64 = 0.25;

impl AppState {
    /// Keeps the choices as they are for undoing, before one is changed. What the status says of
    /// the change before is over, but for a file that was written: it is still there.
    pub(crate) fn record(&mut self, what: &'static str) {
        self.history.record(what, &self.choices, self.now_secs);
        if self.exported_just_now().is_none() {
            self.status.clear();
        }
    }

    pub(super) fn set_settings(&mut self, settings: DrawSettings, what: &'static str) {
        if settings == self.choices.settings {
            return;
        }
        self.record(what);
        let old = std::mem::replace(&mut self.choices.settings, settings);
        self.choices.settings.own_changes(&old);
        if !self.choices.settings.same_samples(&old) {
            // Samples that are drawn anyway are drawn under the answers that were given.
            self.choices.settings.drawn_under = self.choices.settings.steering.clone();
        }
        self.request_draw(&old);
    }

    /// The same settings with the next seed.
    pub(super) fn draw_anew(&mut self) {
        let mut settings = self.choices.settings.clone();
        settings.seed = settings.seed.wrapping_add(1);
        self.set_settings(settings, "new draw");
    }

    /// Changes the budget by whole per cents.
    pub(super) fn step_budget(&mut self, step: i32) {
        let mut settings = self.choices.settings.clone();
        settings.budget =
            ((settings.budget * 100.0).round() + f64::from(step)).clamp(1.0, 100.0) / 100.0;
        self.set_settings(settings, "budget");
    }

    /// Shows what the bundle states, where nothing else was asked for; the bundle's samples are
    /// drawn so by themselves.
    pub(super) fn follow_bundle(&mut self) {
        if let Some(stated) = &self.runtime.stated {
            self.choices.settings.follow(stated);
        }
    }

    /// Asks for the draw of the current settings; only a new selection where the samples are those
    /// of `old`.
    pub(in crate::state) fn request_draw(&mut self, old: &DrawSettings) {
        if self.choices.settings.same_samples(old) {
            self.request_selection(old);
        } else {
            let settings = self.choices.settings.clone();
            self.requests.push(Request::Draw(settings));
        }
    }

    /// The choices are those of a draft in the place of `old`.
    pub(in crate::state) fn draft_settings_changed(&mut self, old: &Choices) {
        self.follow_bundle();
        self.request_draw(&old.settings);
        self.annotations_changed();
    }

    pub(super) fn undo_or_redo(&mut self, undo: bool) {
        let old = self.choices.clone();
        let mut choices = self.choices.clone();
        let name = if undo {
            self.history.undo(&mut choices)
        } else {
            self.history.redo(&mut choices)
        };
        let Some(name) = name else {
            self.status = if undo {
                "Nothing to undo"
            } else {
                "Nothing to redo"
            }
            .to_owned();
            return;
        };
        self.choices = choices;
        self.sync_edits();
        self.keep_what_was_seen(&old);
        self.status = format!("{} {name}", if undo { "Undid" } else { "Redid" });
        self.follow_bundle();
        self.request_draw(&old.settings);
        if self.choices.annotations != old.annotations {
            self.annotations_changed();
        }
        self.send_ranges();
    }

    /// Chooses the alternative at a place.
    pub(super) fn select_alternative(&mut self, index: usize) {
        if let Some(of) = self.alternative_ref(index) {
            self.choose(of);
        }
    }

    /// Takes a summary in hand: it is what is shown, played and exported from now on.
    pub(super) fn choose(&mut self, of: SummaryRef) {
        let Some(summary) = (self.session.as_ref()).and_then(|session| session.summary(of)) else {
            return;
        };
        let sentence = format!("Chose {} · {}", summary.name, text::clock(summary.secs));
        let place = (of.letter()).and_then(|letter| self.draw()?.place_of(letter));
        if place.is_some_and(|at| self.is_rejected(at) && self.front_alternative() != Some(at)) {
            self.status = format!("{of} is rejected; bring it back to choose it.");
            return;
        }
        if self.choices.selection.summary == Some(of) {
            return;
        }
        self.record("selection");
        self.shown_before = self.chosen();
        let ended = self.summary_has_ended();
        self.choices.selection.summary = Some(of);
        if !of.is_alternative() {
            self.status = sentence;
        }
        self.follow_choice(ended);
    }

    pub(super) fn toggle_mark(&mut self, index: usize, pin: bool) {
        let Some(mark) = self.mark_of(index) else {
            return;
        };
        let letter = self.letter_at(index);
        let had = if pin {
            self.is_pinned(index)
        } else {
            self.is_rejected(index)
        };
        self.record(if pin { "pin" } else { "rejection" });
        self.unmark(index);
        self.status = match (pin, had) {
            (true, true) => format!("Unpinned {letter}"),
            (true, false) => {
                format!("Pinned {letter}; it stays in the timeline through new draws.")
            }
            (false, true) => format!("{letter} is back"),
            (false, false) => format!("Rejected {letter}; it is dimmed and no longer in front."),
        };
        if !had {
            if pin {
                self.choices.pins.push(mark);
            } else {
                self.choices.rejects.push(mark);
            }
        }
    }

    /// Chooses an alternative and shows its samples on the timeline.
    pub(super) fn show_more_like(&mut self, index: usize) {
        self.select_alternative(index);
        self.timeline.open_lanes.insert(self.letter_at(index));
        let members = self
            .draw()
            .and_then(|draw| draw.alternatives.get(index))
            .map_or(0, |alternative| alternative.members.len());
        self.status = format!(
            "The timeline shows all {} of alternative {}.",
            text::count(members, "sample"),
            self.letter_at(index)
        );
    }

    /// The range starts at the playhead.
    pub(super) fn set_in(&mut self) {
        let at = self.playback.position_secs;
        let end = self
            .choices
            .range_secs
            .map_or(f64::INFINITY, |range| range.1);
        let end = if end > at { end } else { f64::INFINITY };
        self.set_range(Some((at, end.min(self.duration_secs()))));
    }

    /// The range ends at the playhead.
    pub(super) fn set_out(&mut self) {
        let at = self.playback.position_secs;
        let start = self.choices.range_secs.map_or(0.0, |range| range.0);
        self.set_range(Some((if start < at { start } else { 0.0 }, at)));
    }

    pub(super) fn set_range(&mut self, range: Option<(f64, f64)>) {
        if range == self.choices.range_secs {
            return;
        }
        self.record("range");
        self.choices.range_secs = range.filter(|(start, end)| end > start);
        if let Some(range) = self.choices.range_secs {
            self.status = self.range_sentence(range);
        }
        if self.playback.extent == Extent::Range {
            if self.choices.range_secs.is_none() {
                self.playback.extent = Extent::Video;
            }
            self.send_ranges();
        }
    }

    /// How long a range is and how much of it the samples keep.
    fn range_sentence(&self, (start, end): (f64, f64)) -> String {
        let mut sentence = format!(
            "Range {}–{} · {:.1} s",
            self.time_text(start),
            self.time_text(end),
            end - start
        );
        let Some(session) = &self.session else {
            return sentence;
        };
        let kept_of = |ranges: &[(f64, f64)]| {
            length_secs(&intersection(ranges, &[(start, end)])) / (end - start)
        };
        if let Some(summary) = self.chosen_summary() {
            sentence.push_str(&format!(
                " · this summary keeps {} of it",
                text::percent(kept_of(&summary.ranges_secs))
            ));
        }
        if let Some(draw) = self.draw().filter(|draw| draw.sample_count() > 0) {
            let all: f64 = (0..draw.sample_count())
                .map(|sample| kept_of(&session.summary_secs(SummaryRef::Sample(sample))))
                .sum();
            sentence.push_str(&format!(
                ", all samples {}",
                text::percent(all / draw.sample_count() as f64)
            ));
        }
        sentence
    }

    pub(super) fn toggle_marker(&mut self) {
        let at = self.playback.position_secs;
        self.record("marker");
        let markers = &mut self.choices.markers_secs;
        let before = markers.len();
        let near = |marker: &f64| (marker - at).abs() <= MARKER_SECS;
        for gone in markers.iter().filter(|marker| near(marker)) {
            self.choices.names.forget_marker(*gone);
        }
        markers.retain(|marker| !near(marker));
        if markers.len() == before {
            let index = markers.partition_point(|marker| *marker < at);
            markers.insert(index, at);
        }
    }

    /// The marker at the playhead.
    pub(super) fn marker_at_playhead(&self) -> Option<f64> {
        let at = self.playback.position_secs;
        let mut markers = self.choices.markers_secs.iter().copied();
        markers.find(|marker| (marker - at).abs() <= MARKER_SECS)
    }

    pub(super) fn remove_at_playhead(&mut self) {
        if self.marker_at_playhead().is_some() {
            self.toggle_marker();
        } else if self.choices.range_secs.is_some() {
            self.set_range(None);
        }
    }
}
