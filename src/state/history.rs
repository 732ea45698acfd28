//! Undo and redo: snapshots of everything a person may change, with neighbouring changes of one
//! gesture joined.

use std::sync::Arc;

use crate::domain::conditions::Seen;
use crate::domain::{
    AnnotationSet, AnnotatorWork, DrawSettings, EditedSummary, Mark, Names, Selection,
};

/// Changes of the same kind within this time become one step.
const GESTURE_SECS: f64 = 0.8;
/// Most steps kept.
const MAX_STEPS: usize = 500;

/// Everything undo brings back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    pub settings: DrawSettings,
    pub selection: Selection,
    pub pins: Vec<Mark>,
    pub rejects: Vec<Mark>,
    /// Summaries edited by hand.
    pub edits: Arc<Vec<EditedSummary>>,
    /// Marked times, seconds, ascending.
    pub markers_secs: Vec<f64>,
    /// Names and notes of alternatives and markers.
    pub names: Names,
    /// Range between in and out, seconds.
    pub range_secs: Option<(f64, f64)>,
    pub annotations: Option<Arc<AnnotationSet>>,
    /// What annotators did here, complete or not.
    pub works: Arc<Vec<AnnotatorWork>>,
    /// What was on screen that annotators are not to see. Undo leaves it.
    pub shown: Vec<Seen>,
}

/// A step that can be taken back.
#[derive(Clone, Debug)]
struct Step {
    name: &'static str,
    at_secs: f64,
    before: Choices,
}

/// The steps behind and ahead.
#[derive(Clone, Debug, Default)]
pub struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
}

impl History {
    /// Notes that `before` is about to be changed by `name` at a time. Steps of the same name in
    /// quick succession are one.
    pub fn record(&mut self, name: &'static str, before: &Choices, now_secs: f64) {
        self.redo.clear();
        if let Some(last) = self.undo.last_mut()
            && last.name == name
            && now_secs - last.at_secs < GESTURE_SECS
        {
            last.at_secs = now_secs;
            return;
        }
        self.undo.push(Step {
            name,
            at_secs: now_secs,
            before: before.clone(),
        });
        if self.undo.len() > MAX_STEPS {
            self.undo.remove(0);
        }
    }

    /// As [`History::record`], but always a step of its own: each rating is taken back by itself,
    /// however fast they came.
    pub fn record_apart(&mut self, name: &'static str, before: &Choices) {
        self.record(name, before, f64::NEG_INFINITY);
    }

    /// Takes the last step back; its name, or `None` where there is none.
    pub fn undo(&mut self, current: &mut Choices) -> Option<&'static str> {
        let step = self.undo.pop()?;
        let after = std::mem::replace(current, step.before);
        self.redo.push(Step {
            name: step.name,
            at_secs: f64::NEG_INFINITY,
            before: after,
        });
        Some(step.name)
    }

    /// Takes the last undone step again.
    pub fn redo(&mut self, current: &mut Choices) -> Option<&'static str> {
        let step = self.redo.pop()?;
        let before = std::mem::replace(current, step.before);
        self.undo.push(Step {
            name: step.name,
            at_secs: f64::NEG_INFINITY,
            before,
        });
        Some(step.name)
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_budget(budget: f64) -> Choices {
        Choices {
            settings: DrawSettings {
                budget,
                ..DrawSettings::default()
            },
            ..Choices::default()
        }
    }

    #[test]
    fn a_slider_gesture_is_one_step() {
        let mut history = History::default();
        let mut current = with_budget(0.15);
        for (i, budget) in [0.16, 0.17, 0.18].into_iter().enumerate() {
            history.record("budget", &current, 10.0 + i as f64 * 0.1);
            current = with_budget(budget);
        }
        history.record("seed", &current, 10.4);
        current.settings.seed = 5;
        assert_eq!(history.undo(&mut current), Some("seed"));
        assert_eq!(current, with_budget(0.18));
        assert_eq!(history.undo(&mut current), Some("budget"));
        assert_eq!(current, with_budget(0.15));
        assert_eq!(history.undo(&mut current), None);
        assert_eq!(history.redo(&mut current), Some("budget"));
        assert_eq!(history.redo(&mut current), Some("seed"));
        assert_eq!(current.settings.seed, 5);
        assert!(!history.can_redo());
    }

    #[test]
    fn steps_recorded_apart_are_never_joined() {
        let mut history = History::default();
        let mut current = with_budget(0.1);
        for budget in [0.2, 0.3, 0.4] {
            history.record_apart("rating", &current);
            current = with_budget(budget);
        }
        for budget in [0.3, 0.2, 0.1] {
            assert_eq!(history.undo(&mut current), Some("rating"));
            assert_eq!(current, with_budget(budget));
        }
    }

    #[test]
    fn a_new_change_forgets_what_was_undone() {
        let mut history = History::default();
        let mut current = with_budget(0.15);
        history.record("budget", &current, 0.0);
        current = with_budget(0.3);
        history.undo(&mut current);
        history.record("samples", &current, 9.0);
        assert!(!history.can_redo());
        assert!(history.can_undo());
    }
}
