//! What one file may ask for: memory, annotators and scores. Small files can state sizes that fill
//! a machine; every reader takes from one budget what it is about to make, and refuses the file in
//! a sentence where that is too much.

use std::cell::Cell;

/// Memory that reading one file may take, what is made of it included: 384 MB.
pub const MOST_BYTES: u64 = 384 << 20;
/// Annotators that one video may have. Everybody is compared with everybody, so that twice as many
/// cost four times as much.
pub const MOST_ANNOTATORS: usize = 1000;
/// Scores that one video's annotators may have together, a score for each frame: 128 MB. At 30
/// frames a second that is fifteen hours rated by twenty people.
pub const MOST_SCORES: u64 = 1 << 25;
/// Scores that the annotators of all videos of a file may have together: 256 MB.
pub const MOST_SCORES_OF_FILE: u64 = 1 << 26;
/// Warnings about one file that are kept, each about a line or an entry of it.
pub const MOST_WARNINGS: usize = 200;

/// What is left for reading one file.
#[derive(Debug)]
pub struct Budget {
    left: Cell<u64>,
    refused: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(MOST_BYTES)
    }
}

impl Budget {
    pub fn of(bytes: u64) -> Self {
        Self {
            left: Cell::new(bytes),
            refused: Cell::new(false),
        }
    }

    /// Bytes that may still be taken.
    pub fn left(&self) -> u64 {
        self.left.get()
    }

    /// Whether something was refused: then the file as a whole is.
    pub fn is_exceeded(&self) -> bool {
        self.refused.get()
    }

    /// Takes `bytes` for `what` ("user_summary"), before they are made.
    ///
    /// # Errors
    /// A clause that names the limit, without the file's name.
    pub fn take(&self, bytes: u64, what: &str) -> Result<(), String> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.refuse(format!(
                "{what} would take more than the {} MB of memory that one file may use",
                MOST_BYTES >> 20
            ))),
        }
    }

    /// Takes the bytes of so many values of a size.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_values(&self, values: usize, size: usize, what: &str) -> Result<(), String> {
        self.take((values as u64).saturating_mul(size as u64), what)
    }

    /// Fails where there are more annotators than one video may have.
    ///
    /// # Errors
    /// A clause that names the limit.
    pub fn check_annotators(&self, count: usize) -> Result<(), String> {
        too_many_annotators(count).map_or(Ok(()), |clause| Err(self.refuse(clause)))
    }

    fn refuse(&self, clause: String) -> String {
        self.refused.set(true);
        clause
    }
}

/// The clause that refuses so many people's scores of so many frames; `None` where they may be.
pub fn too_many_scores(people: usize, frames: u64) -> Option<String> {
    let scores = frames.saturating_mul(people as u64);
    (scores > MOST_SCORES).then(|| {
        format!("{people} × {frames} frames are rated, more than the {MOST_SCORES} scores that are read of one video")
    })
}

/// The clause that refuses so many annotators; `None` where they may be.
pub fn too_many_annotators(count: usize) -> Option<String> {
    (count > MOST_ANNOTATORS).then(|| {
        format!("it has {count} annotators of one video, more than the {MOST_ANNOTATORS} that are compared")
    })
}

/// Adds a warning about a line or an entry, of which there may be millions.
pub fn warn(warnings: &mut Vec<String>, warning: String) {
    match warnings.len() {
        count if count < MOST_WARNINGS => warnings.push(warning),
        MOST_WARNINGS => warnings.push("there is more of this kind".to_owned()),
        _ => {}
    }
}

/// Memory that JSON takes as a tree of values, at most: a value has 32 bytes, a list at least four
/// of them, an object room for eleven named ones.
pub fn json_bytes(text: &[u8]) -> u64 {
    let of = |byte: u8| match byte {
        b'{' => 700,
        b'[' => 160,
        b',' => 40,
        _ => 1,
    };
    text.iter().map(|&byte| of(byte)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_and_says_where() {
        let budget = Budget::of(100);
        budget.take(60, "features").unwrap();
        budget.take_values(10, 4, "picks").unwrap();
        assert!(!budget.is_exceeded());
        let refused = budget.take(1, "gtscore").unwrap_err();
        assert!(
            refused.contains("gtscore") && refused.contains("384 MB"),
            "{refused}"
        );
        assert!(budget.is_exceeded());
        assert!(Budget::default().take_values(usize::MAX, 8, "x").is_err());
        assert!(Budget::default().check_annotators(MOST_ANNOTATORS).is_ok());
        let refused = Budget::default().check_annotators(1001).unwrap_err();
        assert!(refused.contains("1000"), "{refused}");
    }

    #[test]
    fn warnings_end() {
        let mut warnings = Vec::new();
        (0..10_000).for_each(|line| warn(&mut warnings, format!("line {line}")));
        assert_eq!(warnings.len(), MOST_WARNINGS + 1);
    }

    #[test]
    fn json_of_small_objects_is_estimated_far_above_its_text() {
        let text = br#"[{"a":1},{"a":1}]"#;
        assert!(json_bytes(text) > 1500);
        // Numbers, of which ratings consist, are not.
        let numbers = vec![b"3,".as_slice(); 1000].concat();
        assert!(json_bytes(&numbers) < 50_000);
    }
}
