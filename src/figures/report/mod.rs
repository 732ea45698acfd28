//! A report of a video as one HTML file: figures, tables and storyboards, nothing loaded from
//! elsewhere. Light or dark as the reader's system is, and light on paper.

pub mod dataset;
mod measures;
pub(crate) mod page;
mod storyboard;

pub use storyboard::wanted_secs;

use self::measures::Measures;
use self::page::Page;
use super::{FigureError, Style, svg};
use crate::analysis::reliability::Interval;
use crate::domain::Draw;
use crate::domain::FigureKind;
use crate::domain::{Letter, SummaryRef};
use crate::session::Summarised;
use crate::session::material::Material;
use crate::ui::text;
use crate::ui::theme::Palette;

/// The whole file.
///
/// # Errors
/// [`FigureError::NoSamples`] before the first draw.
pub fn html(material: &Material) -> Result<String, FigureError> {
    let draw = material.draw.as_deref().ok_or(FigureError::NoSamples)?;
    let mut page = Page::new(&format!("Summaries of {}", material.name()));
    page.paragraph(&introduction(material, draw));
    if material
        .annotations
        .as_ref()
        .is_some_and(|set| set.simulated)
    {
        page.note("The annotators are simulated by a program; they are no people.");
    }
    let doubts = material.annotations.iter().flat_map(|set| &set.doubts);
    for warning in material.video.warnings.iter().chain(doubts) {
        page.note(warning);
    }
    page.heading("Alternatives");
    alternatives(&mut page, material, draw);
    edited(&mut page, material);
    storyboard::storyboards(&mut page, material, draw);
    reasons(&mut page, material);
    for kind in FigureKind::ALL
        .into_iter()
        .filter(|kind| super::is_possible(*kind, material))
    {
        figure(&mut page, material, kind)?;
    }
    page.heading("Settings and provenance");
    page.table(
        &["", "Value"],
        material
            .provenance
            .lines()
            .into_iter()
            .map(|(name, value)| vec![name.to_owned(), value]),
    );
    Ok(page.finish(&material.provenance))
}

fn introduction(material: &Material, draw: &Draw) -> String {
    let video = &material.video;
    let rate = video.frame_rate.as_f64();
    let (shortest, longest) = draw
        .durations_secs
        .iter()
        .fold((f64::INFINITY, 0.0f64), |(a, b), &secs| {
            (a.min(secs), b.max(secs))
        });
    format!(
        "{} of {}, {}×{}, {rate:.2} frames a second, in {}. {} drawn with a budget of {} of the frames last {} to {} and fall into {}.",
        text::clock(material.duration_secs()),
        material.name(),
        video.width,
        video.height,
        text::count(material.segments.len(), "segment"),
        text::count(draw.sample_count(), "sample"),
        text::percent_fine(draw.settings.budget),
        text::clock(if shortest.is_finite() { shortest } else { 0.0 }),
        text::clock(longest),
        text::count(draw.alternatives.len(), "alternative"),
    )
}

/// Why the summary in hand keeps each segment, or does not.
fn reasons(page: &mut Page, material: &Material) {
    let Some(of) = material.chosen else { return };
    let (Some(summary), Some(all)) = (material.summary(of), material.why(of)) else {
        return;
    };
    page.heading(&format!("Why: summary {}", summary.name));
    let number = |value: Option<f64>| value.map_or("undefined".to_owned(), |v| format!("{v:.2}"));
    page.table(
        &[
            "Segment",
            "From",
            "Length",
            "Score",
            "Over all samples",
            "A second",
            "Rank",
            "Kept by",
            "Verdict",
        ],
        all.iter().map(|why| {
            vec![
                (why.segment + 1).to_string(),
                text::clock(material.segments[why.segment].start_secs),
                format!("{:.1} s", why.duration_secs),
                number(why.score),
                number(why.score_over_all),
                number(why.per_sec),
                why.rank.to_string(),
                why.keepers().trim_start_matches("kept by ").to_owned(),
                why.verdict(),
            ]
        }),
    );
}

fn alternatives(page: &mut Page, material: &Material, draw: &Draw) {
    let measures = Measures::of(material, draw);
    let mut head = vec![
        "Alternative",
        "Share of samples",
        "Samples",
        "Nearest sample",
        "Length",
        "Stretches",
    ];
    if measures.is_some() {
        head.extend([
            "τ-b [95 %]",
            "ρ [95 %]",
            "F1, percent [95 %]",
            "Annotators reached",
        ]);
    }
    let interval = |value: Option<Interval>, decimals: usize| match value {
        Some(i) => format!(
            "{:.decimals$} [{:.decimals$},\u{a0}{:.decimals$}]",
            i.value, i.low, i.high
        )
        .replace('-', "−"),
        None => "undefined".to_owned(),
    };
    let rows = draw.alternatives.iter().enumerate().map(|(index, kind)| {
        let summary = material.summary(SummaryRef::Alternative(kind.letter()));
        let secs = summary.as_ref().map(|summary| summary.secs);
        let mut row = vec![
            material.name_of(kind.letter()),
            text::percent(kind.share),
            kind.members.len().to_string(),
            SummaryRef::Sample(kind.medoid_sample).to_string(),
            text::clock(secs.unwrap_or(0.0)),
            summary
                .map_or(0, |summary| summary.ranges.len())
                .to_string(),
        ];
        if let Some(measures) = &measures {
            let of = &measures.alternatives[index];
            row.push(interval(of.tau, 3));
            row.push(interval(of.rho, 3));
            row.push(interval(of.f1_percent, 1));
            row.push(match of.reached {
                Some((reached, all)) => format!("{reached} of {all}"),
                None => "not known".to_owned(),
            });
        }
        row
    });
    page.table(&head, rows);
    if measures.is_some() {
        page.small("τ-b and ρ: rank correlations of the alternative’s mean scores with each annotator’s. F1: overlap of its summary with each annotator’s. Means over annotators, intervals by resampling annotators 1,000 times. An annotator is reached where at least one sample matches.");
    }
}

/// What a hand has made of summaries; nothing where it has made none.
fn edited(page: &mut Page, material: &Material) {
    let edits = material.edits.iter();
    let rows: Vec<Vec<String>> = edits
        .filter_map(|edit| {
            let summary = material.summary(edit.summary_ref())?;
            Some(vec![
                summary.name,
                text::clock(summary.secs),
                edit.pieces.len().to_string(),
                edit.origin(&material.index),
            ])
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.heading("Edited by hand");
    page.table(&["Summary", "Length", "Pieces", "Made how"], rows);
}

fn figure(page: &mut Page, material: &Material, kind: FigureKind) -> Result<(), FigureError> {
    let mut drawn = [false, true].into_iter().map(|dark| {
        let style = Style {
            size: kind.usual_size(),
            dark,
        };
        let theme = if dark { "dark" } else { "light" };
        let scene = super::scene(kind, material, &style)?;
        let class = format!("{} {theme}", kind.name());
        Ok((
            scene.description.clone(),
            scene.title.clone(),
            svg::element(&scene, &material.provenance, &class),
        ))
    });
    if let (Some(light), Some(dark)) = (drawn.next(), drawn.next()) {
        let ((description, title, light), (_, _, dark)) = (light?, dark?);
        page.heading(&title);
        page.figure(&[light, dark], &description);
    }
    Ok(())
}

/// `#rrggbb` of an alternative on white.
fn alternative_color(letter: Letter) -> String {
    let [r, g, b, _] = Palette::light().alternative(letter).to_array();
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SummaryEdit;
    use crate::state::command::Command;
    use crate::testing::fixture;

    #[test]
    fn a_report_holds_everything_and_loads_nothing() {
        let mut state = fixture::state();
        state.compare_now();
        let material = state.material().unwrap();
        let page = html(&material).unwrap();
        assert!(page.starts_with("<!doctype html>"));
        assert_eq!(page.matches("<svg").count(), 2 * FigureKind::ALL.len());
        let outside = [
            "http://", "https://", "src=\"/", "url(http", "<script", "<link",
        ];
        for word in outside {
            let found = page
                .match_indices(word)
                // The name of the SVG language is no address that is loaded.
                .filter(|(at, _)| !page[*at..].starts_with("http://www.w3.org/2000/svg"))
                .count();
            assert_eq!(found, 0, "{word}");
        }
        assert!(page.contains("data:image/jpeg;base64,/9j/"));
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
        for kind in &material.draw.as_ref().unwrap().alternatives {
            assert!(page.contains(&format!("sample {}", kind.medoid_sample)));
        }
        // Clip paths of the figures have names of their own.
        let ids: Vec<&str> = page
            .split("id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len());
    }

    #[test]
    fn what_a_hand_made_stands_in_the_report_with_where_it_came_from() {
        let mut state = fixture::state();
        assert!(
            !html(&state.material().unwrap())
                .unwrap()
                .contains("by hand")
        );
        let before = html(&state.material().unwrap()).unwrap();
        state.run(Command::EditSummary(SummaryEdit::RemovePiece(0)));
        let material = state.material().unwrap();
        let page = html(&material).unwrap();
        let edit = &material.edits[0];
        assert!(page.contains("Edited by hand"));
        assert!(page.contains(&edit.origin(&material.index)));
        // One storyboard more, of what it keeps.
        let boards = |page: &str| page.matches("class=\"board\"").count();
        assert_eq!(boards(&page), boards(&before) + 1);
        let first = material.index.range_secs(edit.pieces[0]) / 2.0
            + material.index.secs_from_frame(edit.pieces[0].start);
        let wanted = wanted_secs(&material);
        assert!(
            wanted.iter().any(|secs| (secs - first).abs() < 0.1),
            "{wanted:?} {first}"
        );
    }

    #[test]
    fn without_annotators_and_pictures_there_is_still_a_report() {
        let mut state = fixture::state_of(fixture::Size {
            annotators: 0,
            ..Default::default()
        });
        state.compare_now();
        let mut material = state.material().unwrap();
        material.thumbs.clear();
        let page = html(&material).unwrap();
        assert!(!page.contains("<img") && !page.contains("τ-b [95"));
        assert_eq!(page.matches("<svg").count(), 4);
        material.draw = None;
        assert!(html(&material).is_err());
    }
}
