//! Which summary of an analysis `export` writes, and what it is called.

use std::path::Path;

use anyhow::{Context, bail};

use crate::domain::{Alternative, Analysis, Names, SummaryRef};

/// What a person chose, called and marked in a project.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub summary: Option<SummaryRef>,
    pub names: Names,
    pub markers_secs: Vec<f64>,
}

/// The summary that is named, else what a project had chosen, else the largest alternative's.
pub(super) fn summary_in_hand(
    input: &Path,
    alternative: Option<&str>,
    sample: Option<usize>,
    analysis: &Analysis,
    chosen: Option<SummaryRef>,
) -> anyhow::Result<SummaryRef> {
    if analysis.samples.is_empty() {
        bail!("“{}” holds no samples", input.display());
    }
    if let Some(named) = alternative {
        return alternative_at(named, analysis)
            .map(|position| SummaryRef::Alternative(analysis.alternatives[position].letter()))
            .with_context(|| {
                format!(
                    "there is no alternative {named}: “{}” has {}",
                    input.display(),
                    letters(analysis)
                )
            });
    }
    if let Some(sample) = sample {
        if sample >= analysis.samples.len() {
            bail!(
                "there is no sample {sample}: “{}” has 0 to {}",
                input.display(),
                analysis.samples.len() - 1
            );
        }
        return Ok(SummaryRef::Sample(sample));
    }
    let there = |of: &SummaryRef| kept_by(*of, analysis).is_some();
    let most = |one: &&Alternative, other: &&Alternative| one.share.total_cmp(&other.share);
    let largest = || (analysis.alternatives.iter().rev()).max_by(most);
    Ok(chosen
        .filter(there)
        .or_else(|| largest().map(|kind| SummaryRef::Alternative(kind.letter())))
        .unwrap_or(SummaryRef::Sample(0)))
}

/// The segments that a summary keeps, and its scores; `None` where the analysis does not have it.
pub(super) fn kept_by(of: SummaryRef, analysis: &Analysis) -> Option<(&[usize], &[f32])> {
    match of {
        SummaryRef::Alternative(letter) => {
            let kind = (analysis.alternatives.iter()).find(|kind| kind.letter() == letter)?;
            Some((&kind.selected_segments, &kind.scores))
        }
        SummaryRef::Sample(sample) => {
            let sample = analysis.samples.get(sample)?;
            Some((&sample.selected_segments, &sample.scores))
        }
        // An analysis has none; a project's are exported from the window.
        SummaryRef::Edited(_) => None,
    }
}

/// Place of the alternative with a letter, or with a number counted from 1.
fn alternative_at(named: &str, analysis: &Analysis) -> Option<usize> {
    let labelled = |alternative: &Alternative| alternative.label.eq_ignore_ascii_case(named);
    let position = analysis.alternatives.iter().position(labelled);
    position.or_else(|| {
        let position = named.parse::<usize>().ok()?.checked_sub(1)?;
        (position < analysis.alternatives.len()).then_some(position)
    })
}

/// The letters of all alternatives, for a sentence.
fn letters(analysis: &Analysis) -> String {
    let labels = analysis.alternatives.iter().map(|one| one.label.as_str());
    let labels: Vec<&str> = labels.collect();
    match labels.is_empty() {
        true => "none".to_owned(),
        false => labels.join(", "),
    }
}

/// How a summary is called in a sentence.
pub(super) fn words_for(of: SummaryRef) -> String {
    match of {
        SummaryRef::Alternative(letter) => format!("alternative {letter}"),
        SummaryRef::Sample(_) | SummaryRef::Edited(_) => of.to_string(),
    }
}

pub(super) fn title_of(video: &Path, of: SummaryRef) -> String {
    let stem = video
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    match of {
        SummaryRef::Alternative(letter) => format!("{stem} · summary {letter}"),
        SummaryRef::Sample(sample) => format!("{stem} · summary {sample:03}"),
        SummaryRef::Edited(number) => format!("{stem} · summary edit {number}"),
    }
}
