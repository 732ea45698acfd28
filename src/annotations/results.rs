//! Results of a study as annotations: what is complete in them. Other JSON is read in
//! [`super::json`].

use std::path::Path;

use serde_json::Value;

use super::{Opened, Result};
use crate::domain::StudyResults;
use crate::domain::study_results::{MOST_RESULTS_BYTES, RESULTS_FIELD};
use crate::reading;

/// Whether a value is a file of results.
pub(super) fn is_value(value: &Value) -> bool {
    value.get(RESULTS_FIELD).is_some()
}

/// The complete works of results; the others are said.
pub(super) fn opened(text: &str, path: &Path) -> Result<Opened> {
    let results = StudyResults::from_json(text.as_bytes())
        .map_err(|reason| super::AnnotationError::format(path, reason))?;
    let (sets, warnings) = results.sets();
    Ok(Opened { sets, warnings })
}

/// Whether a file begins as results do, whatever else is wrong with it.
pub fn is_results(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = reading::open(path).map(|file| file.take(200).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    matches!(read, Ok(Ok(_))) && head.contains(&format!("\"{RESULTS_FIELD}\""))
}

/// Reads all of a file of results.
///
/// # Errors
/// A sentence that names the file.
pub fn read(path: &Path) -> std::result::Result<StudyResults, String> {
    let bytes = reading::read(path, MOST_RESULTS_BYTES)
        .map_err(|err| format!("{} cannot be read: {err}", path.display()))?;
    StudyResults::from_json(&bytes).map_err(|why| format!("{}: {why}", path.display()))
}
