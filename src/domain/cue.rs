//! A line of subtitles with its time. Knows no styles.

/// Words that are shown for a while.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cue {
    /// Seconds from the first frame.
    pub start_secs: f64,
    /// After the start.
    pub end_secs: f64,
    /// Lines are parted by `\n`; never empty.
    pub text: String,
}

/// Words of all cues that are shown at a time, one below the other; `cues` ascend by start.
pub fn words_at(cues: &[Cue], secs: f64) -> Option<String> {
    // Cues that began earlier and are shown still are few and near.
    const LOOK_BACK: usize = 16;
    let after = cues.partition_point(|cue| cue.start_secs <= secs);
    let shown = cues[after.saturating_sub(LOOK_BACK)..after].iter();
    let shown: Vec<&str> = shown
        .filter(|cue| secs < cue.end_secs)
        .map(|cue| cue.text.as_str())
        .collect();
    (!shown.is_empty()).then(|| shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_shown_at_a_time_is_found() {
        let cue = |start_secs: f64, end_secs: f64, text: &str| Cue {
            start_secs,
            end_secs,
            text: text.to_owned(),
        };
        let cues = [
            cue(1.0, 9.0, "long"),
            cue(2.0, 3.0, "short"),
            cue(5.0, 6.0, "late"),
        ];
        assert_eq!(words_at(&cues, 0.5), None);
        assert_eq!(words_at(&cues, 2.0).as_deref(), Some("long\nshort"));
        assert_eq!(words_at(&cues, 3.0).as_deref(), Some("long"));
        assert_eq!(words_at(&cues, 5.5).as_deref(), Some("long\nlate"));
        assert_eq!(words_at(&cues, 9.0), None);
    }
}
