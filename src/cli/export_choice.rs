//! Which summary of an analysis `export` writes, and what it is called.

use std::path::Path;

use anyhow::{Context, bail};

use crate::domain::{Alternative, Analysis, EditedSummary, Names, SummaryRef};

/// What a person chose, called and marked in a project.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub summary: Option<SummaryRef>,
    pub names: Names,
    pub markers_secs: Vec<f64>,
    /// Summaries that were edited by hand.
    pub edits: Vec<EditedSummary>,
}

impl Chosen {
    /// The edited summary that is meant.
    pub(super) fn edited(&self, of: SummaryRef) -> Option<&EditedSummary> {
        self.edits.iter().find(|edited| edited.summary_ref() == of)
    }

    /// The edited summary with a number, or with a name such as "edit 2".
    fn edit_named(&self, named: &str) -> Option<SummaryRef> {
        let number = named.trim().trim_start_matches("edit").trim();
        let number: u32 = number.parse().ok()?;
        self.edited(SummaryRef::Edited(number))
            .map(EditedSummary::summary_ref)
    }
}

/// What of the arguments names a summary.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named<'a> {
    pub alternative: Option<&'a str>,
    pub sample: Option<usize>,
    pub edit: Option<&'a str>,
}

/// The summary that is named, else what a project had chosen, else the largest alternative's.
pub(super) fn summary_in_hand(
    input: &Path,
    named: Named,
    analysis: &Analysis,
    chosen: &Chosen,
) -> anyhow::Result<SummaryRef> {
    if analysis.samples.is_empty() {
        bail!("“{}” holds no samples", input.display());
    }
    if let Some(name) = named.edit {
        return chosen.edit_named(name).with_context(|| {
            let edits = chosen.edits.iter().map(|edited| edited.summary_ref());
            let edits: Vec<String> = edits.map(|of| of.to_string()).collect();
            let there = match edits.is_empty() {
                true => "no summary that was edited by hand".to_owned(),
                false => edits.join(", "),
            };
            let input = input.display();
            format!("there is no edited summary {name}: “{input}” has {there}")
        });
    }
    if let Some(name) = named.alternative {
        let found = alternative_named(input, name, analysis)?;
        return Ok(SummaryRef::Alternative(found.letter()));
    }
    if let Some(sample) = named.sample {
        if sample >= analysis.samples.len() {
            bail!(
                "there is no sample {sample}: “{}” has 0 to {}",
                input.display(),
                analysis.samples.len() - 1
            );
        }
        return Ok(SummaryRef::Sample(sample));
    }
    let there = |of: &SummaryRef| kept_by(*of, analysis).is_some() || chosen.edited(*of).is_some();
    let most = |one: &&Alternative, other: &&Alternative| one.share.total_cmp(&other.share);
    let largest = || (analysis.alternatives.iter().rev()).max_by(most);
    Ok((chosen.summary)
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
        // An analysis has none, and a project's need no scores (see [`Chosen::edited`]).
        SummaryRef::Edited(_) => None,
    }
}

/// The alternative with a letter, or with a number counted from 1.
pub(super) fn alternative_named<'a>(
    input: &Path,
    name: &str,
    analysis: &'a Analysis,
) -> anyhow::Result<&'a Alternative> {
    let position = alternative_at(name.trim(), analysis).with_context(|| {
        format!(
            "there is no alternative {name}: “{}” has {}",
            input.display(),
            letters(analysis)
        )
    })?;
    Ok(&analysis.alternatives[position])
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
