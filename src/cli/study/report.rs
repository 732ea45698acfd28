//! The report of a study's reliability as JSON and as text.

use std::fmt::Write;

use serde::Serialize;

use crate::analysis::study::{Between, Bootstrap, Figure, Reliability, Times, Within};
use crate::domain::conditions::Seen;
use crate::domain::study::Task;
use crate::session::study::{Merged, unit_name};
use crate::ui::text::{clock, count};

/// The report as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'a> {
    version: &'static str,
    task: Task,
    /// What is compared.
    unit: &'static str,
    budget: f64,
    repeat_share: f64,
    /// Interval: 95 % percentiles over this many draws of the videos.
    resamples: usize,
    seed: u64,
    overall: &'a Between,
    videos: Vec<VideoFacts<'a>>,
    within: &'a [Within],
    times: &'a [Times],
    annotators: Vec<AnnotatorFacts>,
    conflicts: &'a [String],
    notes: &'a [String],
}

#[derive(Debug, Serialize)]
struct VideoFacts<'a> {
    video: &'a str,
    annotators: usize,
    #[serde(flatten)]
    agreement: &'a Between,
}

/// One annotator's work on one video.
#[derive(Debug, Serialize)]
struct AnnotatorFacts {
    name: String,
    video: String,
    complete: bool,
    spent_secs: f64,
    /// Showings rated; picks.
    marks: usize,
    saw_others: bool,
    seen: Vec<Seen>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(merged: &'a Merged, found: &'a Reliability, bootstrap: &Bootstrap) -> Self {
        let works = merged.videos.iter().flat_map(|studied| {
            let video = &studied.video.video;
            studied.works.iter().map(move |work| AnnotatorFacts {
                name: work.name.clone(),
                video: video.clone(),
                complete: work.complete,
                spent_secs: work.spent_secs,
                marks: work.rated().0 + work.picks.len(),
                saw_others: work.saw_others,
                seen: work.seen.clone(),
            })
        });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            task: merged.study.task,
            unit: unit_name(merged.study.task),
            budget: merged.study.budget,
            repeat_share: merged.study.repeat_share,
            resamples: bootstrap.resamples,
            seed: bootstrap.seed,
            overall: &found.overall,
            videos: (found.videos.iter())
                .map(|(video, agreement)| VideoFacts {
                    video,
                    annotators: (merged.videos.iter())
                        .filter(|studied| studied.video.video == *video)
                        .flat_map(|studied| &studied.works)
                        .filter(|work| work.complete)
                        .count(),
                    agreement,
                })
                .collect(),
            within: &found.within,
            times: &found.times,
            annotators: works.collect(),
            conflicts: &merged.conflicts,
            notes: &merged.notes,
        }
    }
}

/// The report for people.
pub(super) fn text(facts: &Facts<'_>) -> String {
    let mut out = String::new();
    let task = match facts.task {
        Task::Rate => "ratings",
        Task::Pick => "picks",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Reliability of {task}: {}; unit: {}\nIntervals: 95 %, {} of the videos, seed {}\n",
        count(facts.videos.len(), "video"),
        facts.unit,
        count(facts.resamples, "draw"),
        facts.seed
    );
    let _ = writeln!(out, "Between annotators");
    for (name, figure) in figures(facts.overall, facts.task) {
        let _ = writeln!(out, "  {name:<34} {}", shown(figure));
    }
    let _ = writeln!(
        out,
        "\n{:<28} {:>10} {:>7} {:>7} {:>7} {:>7}",
        "By video", "annotators", "alpha", "Fleiss", "Cohen", "tau"
    );
    for video in &facts.videos {
        let short = |figure: Option<Figure>| {
            figure.map_or("-".to_owned(), |figure| format!("{:.3}", figure.value))
        };
        let between = video.agreement;
        let alpha = match facts.task {
            Task::Rate => between.alpha_interval,
            Task::Pick => between.alpha_nominal,
        };
        let _ = writeln!(
            out,
            "{:<28} {:>10} {:>7} {:>7} {:>7} {:>7}",
            video.video,
            video.annotators,
            short(alpha),
            short(between.fleiss_kappa),
            short(between.cohen_kappa),
            short(between.tau)
        );
    }
    if facts.within.is_empty() {
        let _ = writeln!(out, "\nNo shot was rated twice.");
    } else {
        let _ = writeln!(out, "\nThe same annotator again, on shots shown twice");
    }
    for within in facts.within {
        let _ = writeln!(out, "  {} ({})", within.name, count(within.pairs, "shot"));
        for (name, figure) in [
            ("same rating", within.same),
            ("at most one step apart", within.within_one),
            ("mean difference", within.difference),
            ("kappa, quadratic weights", within.weighted_kappa),
            ("tau-b", within.tau),
        ] {
            let _ = writeln!(out, "    {name:<32} {}", shown(figure));
        }
    }
    let each = match facts.task {
        Task::Rate => "shot",
        Task::Pick => "video",
    };
    let _ = writeln!(
        out,
        "\n{:<28} {:>8} {:>8} {:>18} {:>8}",
        format!("Seconds per {each}"),
        "number",
        "median",
        "quartiles",
        "mean"
    );
    for times in facts.times {
        let _ = writeln!(
            out,
            "{:<28} {:>8} {:>8.1} {:>18} {:>8.1}",
            times.name,
            times.showings,
            times.median_secs,
            format!(
                "{:.1} to {:.1}",
                times.lower_quartile_secs, times.upper_quartile_secs
            ),
            times.mean_secs
        );
    }
    let _ = writeln!(out, "\nWork");
    for one in &facts.annotators {
        let state = match (one.complete, one.saw_others) {
            (false, _) => "not complete",
            (true, false) => "complete, blind",
            (true, true) => "complete, NOT BLIND",
        };
        let _ = writeln!(
            out,
            "  {:<20} {:<24} {state}, {}",
            one.name,
            one.video,
            clock(one.spent_secs)
        );
    }
    for conflict in facts.conflicts {
        let _ = writeln!(out, "Conflict: {conflict}.");
    }
    out
}

/// The figures of a task, each with what it is.
fn figures(between: &Between, task: Task) -> Vec<(&'static str, Option<Figure>)> {
    let kappas = [
        ("Fleiss' kappa", between.fleiss_kappa),
        ("Cohen's kappa, mean of pairs", between.cohen_kappa),
    ];
    match task {
        Task::Rate => [
            ("Krippendorff's alpha, interval", between.alpha_interval),
            ("Krippendorff's alpha, ordinal", between.alpha_ordinal),
            ("Krippendorff's alpha, nominal", between.alpha_nominal),
        ]
        .into_iter()
        .chain(kappas)
        .chain([
            ("Cohen's kappa, quadratic weights", between.weighted_kappa),
            ("Kendall's tau-b, mean of pairs", between.tau),
        ])
        .collect(),
        Task::Pick => [("Krippendorff's alpha, nominal", between.alpha_nominal)]
            .into_iter()
            .chain(kappas)
            .chain([("Kendall's tau-b, mean of pairs", between.tau)])
            .collect(),
    }
}

fn shown(figure: Option<Figure>) -> String {
    match figure {
        None => "undefined".to_owned(),
        Some(Figure {
            value,
            low: Some(low),
            high: Some(high),
        }) => format!("{value:7.3}   {low:.3} to {high:.3}"),
        Some(figure) => format!("{:7.3}", figure.value),
    }
}
