//! How a command that failed says so: one sentence, each cause once.

/// The error of a command that was asked for what there is not; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The error and its causes as one sentence. A cause that the words before it hold already is left
/// out, and so are the names of temporary files, which nobody has chosen.
pub(super) fn sentence(err: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in err.chain() {
        let words = without_temporary_names(&cause.to_string());
        if text.is_empty() {
            text = words;
        } else if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
    }
    text
}

fn without_temporary_names(words: &str) -> String {
    let named = words.split_once(" at path \"");
    match named.and_then(|(before, rest)| Some((before, rest.split_once('"')?))) {
        Some((before, (path, after))) if path.contains(".summdiff-") => format!("{before}{after}"),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_cause_is_told_once() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let words = missing.to_string();
        let err = crate::annotations::AnnotationError::Io {
            path: "a.csv".into(),
            source: missing,
        };
        let text = sentence(&anyhow::Error::from(err));
        assert_eq!(text, format!("a.csv cannot be read: {words}"));
        let err: anyhow::Result<()> =
            Err(anyhow::anyhow!("the disk is full")).context("cannot write a.json");
        assert_eq!(
            sentence(&err.unwrap_err()),
            "cannot write a.json: the disk is full"
        );
    }

    #[test]
    fn temporary_names_stay_inside() {
        let folder = std::path::Path::new("/nowhere/at/all");
        let err = tempfile::Builder::new()
            .prefix(".summdiff-")
            .tempfile_in(folder)
            .unwrap_err();
        let text = sentence(&anyhow::Error::from(err));
        assert!(!text.contains(".summdiff-"), "{text}");
        assert!(!text.is_empty());
    }
}
