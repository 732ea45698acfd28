//! What background work reports, taken into the state. Results of an older opening never come here:
//! the pipeline drops them.

use std::sync::Arc;

use ndarray::Array2;

use crate::analysis::kinds::{match_views, views};
use crate::domain::{Alternative, AnnotationSet, Draw, Letter, SummaryRef, Timings};
use crate::pipeline::Event;
use crate::session::intake::{Taken, take_in};
use crate::session::report::ErrorReport;
use crate::session::{Pair, PairSide};
use crate::state::draws::Draws;
use crate::state::history::Choices;
use crate::state::pane::Page;
use crate::state::steering::effective_sentence;
use crate::state::{AppState, Extent, Finding, Poster, Request, TimelineView};
use crate::ui::text;

/// Recent files kept.
const MAX_RECENT: usize = 12;
/// Follows the status until the kinds of the video are settled.
const SETTLING: &str = " · the alternatives may still change";

impl AppState {
    /// Takes in what the pipeline reports.
    pub fn handle(&mut self, event: Event) {
        if self.waiting_choices.is_some() && matches!(event, Event::Probed { .. }) {
            // A project's video is opened anew even where the same one is on screen.
            self.session = None;
        }
        match take_in(&mut self.session, &mut self.runtime, event) {
            Taken::Opened => self.opened(),
            Taken::Facts => {
                self.dataset_video_opened();
                self.study_video_known();
            }
            Taken::Runtime => {
                if !self.runtime.device_note.is_empty() {
                    self.status.clone_from(&self.runtime.device_note);
                }
                self.follow_bundle();
            }
            Taken::Part => self.look_for_poster(),
            Taken::Draw(before) => self.drawn(before.as_deref()),
            Taken::Progress(progress) => self.progress = Some(progress),
            Taken::Done(timings) => {
                self.progress = None;
                self.status = self.done_sentence(&timings);
            }
            Taken::Cancelled => self.progress = None,
            Taken::Failed(failure) => {
                self.progress = None;
                // What was being done is not done any more.
                self.status.clear();
                self.error = Some(ErrorReport::of_failure(&failure, self.opening.as_deref()));
            }
        }
    }

    /// Takes in annotations of the open video.
    pub fn take_annotations(&mut self, annotations: Arc<AnnotationSet>) {
        self.status = annotators_sentence(&annotations);
        self.record("annotations");
        self.choices.annotations = Some(annotations);
        self.annotations_changed();
        self.put_into_annotations();
    }

    /// A new draw is there: what was chosen in the one before is kept where it still means
    /// something.
    fn drawn(&mut self, before: Option<&Draw>) {
        if let (Some(before), Some(draw)) = (before, self.draw().cloned()) {
            // A sample number means nothing in another draw, but the kind of summary does.
            let same_samples = before.settings.seed == draw.settings.seed
                && before.settings.samples == draw.settings.samples
                && before.settings.steps == draw.settings.steps
                && before.settings.drawn_under == draw.settings.drawn_under;
            if let Some(SummaryRef::Sample(sample)) = self.choices.selection.summary
                && !(same_samples && sample < draw.sample_count())
            {
                // Its alternative takes its place.
                self.choices.selection.summary = (before.alternative_of(sample))
                    .map(|at| SummaryRef::Alternative(before.alternatives[at].letter()));
            }
            self.keep_lasso(before, &draw);
            if !same_samples {
                self.shown_before = self.shown_before.filter(|of| of.is_alternative());
                let is_sample = |side| matches!(side, PairSide::Summary(SummaryRef::Sample(_)));
                self.timeline.pair = (self.timeline.pair)
                    .filter(|pair| !is_sample(pair.first) && !is_sample(pair.other));
            }
            if before.settings.steering != draw.settings.steering
                && let Some(sentence) = effective_sentence(&draw)
            {
                self.status = format!("{} · {sentence}", self.status.trim_end_matches('.'));
            }
            let continued = Continued::of(before, &draw);
            carry_over(&mut self.choices, &mut self.timeline, &continued);
            self.shown_before = self.shown_before.and_then(|of| continued.summary(of));
        }
        if self.draw().is_some_and(|draw| draw.kinds_settled)
            && let Some(settled) = self.status.strip_suffix(SETTLING)
        {
            self.status = settled.to_owned();
        }
        self.note_draw();
        self.send_ranges();
    }

    fn opened(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        let path = session.video.path.clone();
        session.without_picture = self.dataset.given_for(&path).is_some();
        if let Some(warning) = session.video.warnings.first() {
            self.status = warning.clone();
        } else {
            self.status = format!("Opened {}", path.display());
        }
        self.missing_video = None;
        let waiting = self.waiting_choices.take();
        self.open_matches.clear();
        self.finding = Finding {
            in_folder: self.finding.in_folder,
            ..Finding::default()
        };
        self.error = None;
        self.timeline = TimelineView::default();
        self.playback.position_secs = 0.0;
        self.playback.playing = false;
        self.playback.extent = Extent::Video;
        self.playback.poster = Poster::Wanted;
        self.history.clear();
        self.draws = Draws::default();
        self.drafting.given = waiting.is_some();
        self.drafting.opened += 1;
        self.choices = match waiting {
            Some((choices, _)) => choices,
            None => Choices {
                settings: self.choices.settings.clone(),
                ..Choices::default()
            },
        };
        self.dataset_video_opened();
        self.sync_edits();
        self.adopt_works();
        if std::mem::take(&mut self.opens_to_annotate) {
            self.page = Page::Annotate;
        }
        self.go_on_annotating();
        self.annotations_changed();
        self.seek_where_wanted();
        if self.study.is_some() {
            self.study_video_opened();
            return;
        }
        if self.choices.annotations.is_none()
            && let Some(file) = crate::annotations::beside(&path)
        {
            self.requests.push(Request::LoadAnnotations(file));
        }
        if self.dataset.given_for(&path).is_none() {
            self.remember(path);
        }
    }

    /// Puts a file at the head of those opened before.
    pub(crate) fn remember(&mut self, path: std::path::PathBuf) {
        self.prefs.recent.retain(|other| *other != path);
        self.prefs.recent.insert(0, path);
        self.prefs.recent.truncate(MAX_RECENT);
        self.requests.push(Request::PreferencesChanged);
    }

    pub(in crate::state) fn done_sentence(&self, timings: &Timings) -> String {
        // A scorer gives one, whatever was asked for. The last samples may still be on their way:
        // their selection is made beside.
        let drawn = self.session.as_ref().and_then(|s| s.draw.as_ref());
        let samples = drawn.map_or(self.choices.settings.samples, |draw| draw.settings.samples);
        let mut parts = vec!["Ready".to_owned()];
        let no_picture = self
            .session
            .as_ref()
            .is_some_and(|session| session.without_picture);
        if no_picture {
            // There was nothing to decode.
            if self.runtime.drawn_by == "random" {
                parts.push("samples by chance, as there are no features".to_owned());
            }
        } else if timings.decode > 0.0 {
            parts.push(format!(
                "decoded {:.0} s in {:.1} s",
                self.duration_secs(),
                timings.decode
            ));
        } else {
            parts.push("features from the cache".to_owned());
        }
        if samples > 0 {
            parts.push(format!(
                "{} in {:.1} s",
                text::count(samples, "sample"),
                timings.sample + timings.select
            ));
        }
        let mut sentence = parts.join(" · ");
        if drawn.is_some_and(|draw| !draw.kinds_settled) {
            sentence.push_str(SETTLING);
        }
        sentence
    }

    pub(crate) fn annotations_changed(&mut self) {
        if let Some(session) = &mut self.session {
            session.follow_annotations(self.choices.annotations.as_deref());
        }
    }
}

/// How many annotators there are, and from where.
pub(in crate::state) fn annotators_sentence(annotations: &AnnotationSet) -> String {
    let count = annotations.annotators.len();
    if annotations.simulated {
        return format!(
            "{}, made by a program",
            text::count(count, "simulated annotator")
        );
    }
    let annotators = text::count(count, "annotator");
    format!("{annotators} from {}", annotations.source)
}

/// Which alternative of a new draw each one of the draw before goes on as.
struct Continued<'a> {
    old: &'a Draw,
    new: &'a Draw,
    /// Places in `new`, for each alternative of `old`.
    places: Vec<Option<usize>>,
}

impl<'a> Continued<'a> {
    fn of(old: &'a Draw, new: &'a Draw) -> Self {
        let places = continued_by(&old.alternatives, &new.alternatives);
        Self { old, new, places }
    }

    /// Whether the kinds of the first samples gave way to those of more samples, or to those of the
    /// video.
    fn gives_way(&self) -> bool {
        !self.old.kinds_settled
    }

    /// Whether a sample's number means the same in both.
    fn shares_samples(&self) -> bool {
        self.new.kinds_settled || self.old.settings.seed == self.new.settings.seed
    }

    /// Letters that are settled stay with their kinds. Those of the first samples are no more than
    /// places in a list: what had one goes on as the alternative that is most like it, else as the
    /// one its nearest sample is near to now.
    fn letter(&self, letter: Letter) -> Option<Letter> {
        if !self.gives_way() && self.new.place_of(letter).is_some() {
            return Some(letter);
        }
        let place = self.old.place_of(letter)?;
        let near = || {
            let nearest = self.old.alternatives[place].medoid_sample;
            ((self.gives_way() && self.shares_samples()).then(|| self.new.alternative_of(nearest)))
                .flatten()
        };
        let continued = self.places.get(place).copied().flatten();
        self.new.letter_at(continued.or_else(near)?)
    }

    fn summary(&self, of: SummaryRef) -> Option<SummaryRef> {
        match of {
            SummaryRef::Alternative(letter) => self.letter(letter).map(SummaryRef::Alternative),
            SummaryRef::Sample(_) | SummaryRef::Edited(_) => Some(of),
        }
    }
}

/// For each old alternative the new one that continues it, by what they rate high; its own place
/// where nothing changed.
fn continued_by(old: &[Alternative], new: &[Alternative]) -> Vec<Option<usize>> {
    let same = old.len() == new.len()
        && (old.iter().zip(new)).all(|(a, b)| a.label == b.label && a.scores == b.scores);
    let picks = old.first().map_or(0, |kind| kind.scores.len());
    let fit = |kinds: &[Alternative]| kinds.iter().all(|kind| kind.scores.len() == picks);
    if same || !(fit(old) && fit(new)) {
        return (0..old.len())
            .map(|at| Some(at).filter(|&at| at < new.len()))
            .collect();
    }
    let of = |kinds: &[Alternative]| {
        views(
            Array2::from_shape_fn((kinds.len(), picks), |(kind, pick)| {
                kinds[kind].scores[pick]
            })
            .view(),
        )
    };
    let matched = match_views(of(old).view(), of(new).view());
    (0..old.len())
        .map(|at| matched.iter().position(|&before| before == Some(at)))
        .collect()
}

/// What was chosen, compared, pinned, rejected, named, edited and opened stays with the
/// alternatives that it belonged to.
fn carry_over(choices: &mut Choices, timeline: &mut TimelineView, continued: &Continued<'_>) {
    let moved = |letter| continued.letter(letter);
    choices.selection.summary = (choices.selection.summary).and_then(|of| continued.summary(of));
    timeline.pair = timeline.pair.and_then(|pair| {
        let side = |side| match side {
            PairSide::Summary(of) => continued.summary(of).map(PairSide::Summary),
            other => Some(other),
        };
        let (first, other) = (side(pair.first)?, side(pair.other)?);
        Some(Pair { first, other })
    });
    let opened = timeline.open_lanes.iter();
    timeline.open_lanes = opened.filter_map(|&letter| moved(letter)).collect();
    let names = std::mem::take(&mut choices.names.alternatives);
    // A name whose alternative is gone waits for it to come back.
    let names = names.into_iter();
    choices.names.alternatives = names
        .map(|(letter, naming)| (moved(letter).unwrap_or(letter), naming))
        .collect();
    for mark in choices.pins.iter_mut().chain(&mut choices.rejects) {
        if let Some(letter) = Letter::from_label(&mark.label).and_then(moved) {
            mark.label = letter.label();
        }
    }
    if continued.gives_way() {
        for edited in Arc::make_mut(&mut choices.edits) {
            // An edit of another draw keeps the name under which its summary went there.
            if edited.seed == continued.old.settings.seed
                && let Some(of) = continued.summary(edited.from)
            {
                edited.from = of;
            }
        }
    }
}
