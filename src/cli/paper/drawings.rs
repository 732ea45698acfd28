//! The paper's figures: 3 over all videos, 4, 5, II and III of a few, 6 by simulation, I over all
//! scores.

use super::Paper;
use crate::analysis::distribution::DensityStyle;
use crate::analysis::quantised_knapsack::{QuantisedKnapsackParams, simulate};
use crate::analysis::quantised_scores::{ScoreHistogram, score_histogram};
use crate::cli::evaluate::{matches_of, stopped};
use crate::figures::{Style, dataset, histogram, knapsack, lanes, planes};
use crate::jobs::StageClock;
use crate::pipeline::evaluation::{
    EvaluationTable, MethodResult, Row, VideoSummaries, summaries_of,
};

/// K of figures 6 and I.
const LEVELS: [usize; 7] = [5, 10, 50, 100, 200, 400, 800];
/// Videos of figures 4 and II together: the first half stands in figure 4.
const PLANES: usize = 8;

/// Makes all figures.
pub(super) fn add(paper: &mut Paper<'_>, table: &EvaluationTable) -> anyhow::Result<()> {
    matches(paper, table)?;
    let (keys, chosen_by) = chosen(paper, table)?;
    let videos = summaries(paper, &keys)?;
    distributions(paper, &videos, &chosen_by)?;
    timelines(paper, &videos, &chosen_by)?;
    knapsacks(paper)?;
    histograms(paper)
}

fn style(size: [u32; 2]) -> Style {
    Style { size, dark: false }
}

fn matches(paper: &mut Paper<'_>, table: &EvaluationTable) -> anyhow::Result<()> {
    let people = Row::Mean.title();
    let methods: Vec<_> = table
        .methods
        .iter()
        .filter(|method| method.name != people && !method.runs.is_empty())
        .map(|method| aligned(paper, method))
        .collect();
    let human = Row::Human.title();
    let by = match paper.bundles.is_empty() {
        true => methods.iter().position(|method| method.name == human),
        false => None,
    };
    let by = by.unwrap_or(0);
    let leading = methods.get(by).map_or_else(String::new, |m| m.name.clone());
    let methods = dataset::by_similarity(methods, by);
    let size = dataset::usual_size(&methods);
    let threshold = paper.plan.params.threshold;
    let caption = format!(
        "Share of each method's summaries with τ ≥ {threshold:.2} for each pair of video and annotator. Rows are ordered by similarity in the grid \
         {leading}, the same in all; the percentage above a grid is the area it covers. The grid Human shows the other annotators. A video that a \
         method was trained on has no cells there."
    );
    let Some(scene) = dataset::scene(&methods, Some(threshold), &style(size)) else {
        let why = "no video has annotators of its own".to_owned();
        paper.add_missing("Figure 3", &caption, why, String::new());
        return Ok(());
    };
    let provenance = paper.figure_provenance();
    paper.add_figure(
        "Figure 3",
        caption,
        &scene,
        &dataset::csv(&methods),
        &provenance,
    )
}

/// A method's match ratios in the order of the data set, without cells where it was not measured.
fn aligned(paper: &Paper<'_>, method: &MethodResult) -> dataset::MethodMatches {
    let videos = method.runs.first().map_or(&[][..], |run| &run.videos);
    let found = matches_of(method, videos);
    let by_key = |key: &String| videos.iter().position(|video| video.key == *key);
    dataset::MethodMatches {
        videos: paper
            .data
            .keys()
            .iter()
            .map(|key| match by_key(key) {
                Some(at) => found.videos[at].clone(),
                None => dataset::VideoMatches {
                    name: key.clone(),
                    ..dataset::VideoMatches::default()
                },
            })
            .collect(),
        ..found
    }
}

/// The videos that figures show, and by what they were chosen.
fn chosen(paper: &Paper<'_>, table: &EvaluationTable) -> anyhow::Result<(Vec<String>, String)> {
    let wanted = &paper.args.videos;
    if !wanted.is_empty() {
        let known = paper.data.keys();
        if let Some(unknown) = wanted.iter().find(|key| !known.contains(key)) {
            anyhow::bail!(
                "{} has no video {unknown}; --videos takes its keys, such as {}",
                paper.args.dataset.display(),
                known.first().map_or("video_1", String::as_str)
            );
        }
        return Ok((wanted.clone(), "chosen by --videos".to_owned()));
    }
    let human = Row::Human.title();
    let leading = table
        .methods
        .iter()
        .find(|method| method.kind == "samples" && !method.runs.is_empty())
        .or_else(|| table.methods.iter().find(|method| method.name == human));
    let Some(leading) = leading else {
        return Ok((Vec::new(), String::new()));
    };
    let mut covered: Vec<(f64, String)> = leading
        .runs
        .first()
        .map_or(&[][..], |run| &run.videos)
        .iter()
        .map(|video| (video.covers.unwrap_or(0.0), video.key.clone()))
        .collect();
    // Of equal ones the first of the file.
    covered.sort_by(|a, b| b.0.total_cmp(&a.0));
    let keys = covered.into_iter().take(PLANES).map(|(_, key)| key);
    let words = if leading.name == human {
        "the videos whose annotators agree most; --videos shows others".to_owned()
    } else {
        format!(
            "the videos that {} covers most; --videos shows others",
            leading.name
        )
    };
    Ok((keys.collect(), words))
}

fn summaries(paper: &Paper<'_>, keys: &[String]) -> anyhow::Result<Vec<VideoSummaries>> {
    let clock = StageClock::start("Summarising the videos of the figures");
    let mut found = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let cancel = paper.output.cancel_token();
        let (video, left_out) =
            summaries_of(&paper.data, &paper.methods, &paper.plan, key, cancel).map_err(stopped)?;
        for sentence in left_out {
            paper.output.say(&format!("left out: {sentence}"));
        }
        found.push(video);
        paper
            .output
            .progress(&clock.at(at as u64 + 1, keys.len() as u64));
    }
    Ok(found)
}

fn seen(videos: &[VideoSummaries]) -> String {
    let mut names: Vec<&str> = videos
        .iter()
        .flat_map(|video| &video.methods)
        .filter(|method| method.seen)
        .map(|method| method.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        String::new()
    } else {
        format!(" Trained on some of these videos: {}.", names.join(", "))
    }
}

fn distributions(
    paper: &mut Paper<'_>,
    videos: &[VideoSummaries],
    chosen_by: &str,
) -> anyhow::Result<()> {
    let half = videos.len().div_ceil(2).min(PLANES / 2);
    for (name, part) in [
        ("Figure 4", &videos[..half]),
        ("Figure II", &videos[half..]),
    ] {
        let shown: Vec<planes::Plane> = part
            .iter()
            .filter_map(|video| planes::plane_of(video, &DensityStyle::default()))
            .collect();
        let caption = format!(
            "Distribution of true and predicted summaries on the first two principal components of the annotators' summaries, over their density \
             ({chosen_by}).{}",
            seen(part)
        );
        if shown.is_empty() {
            let why = "too few videos have annotators whose summaries differ".to_owned();
            paper.add_missing(name, &caption, why, String::new());
            continue;
        }
        let scene = planes::scene(&shown, &style(planes::usual_size(shown.len())));
        let provenance = paper.figure_provenance();
        paper.add_figure(name, caption, &scene, &planes::csv(&shown), &provenance)?;
    }
    Ok(())
}

fn timelines(
    paper: &mut Paper<'_>,
    videos: &[VideoSummaries],
    chosen_by: &str,
) -> anyhow::Result<()> {
    for (at, name) in ["Figure 5", "Figure III"].into_iter().enumerate() {
        let figure = videos.get(at).and_then(lanes::lanes_of);
        let caption = format!(
            "Summaries by competing methods; the two rows of boxes in each lane are two annotators' summaries: those whom the samples reach best \
             and who share least ({chosen_by}).{}",
            videos
                .get(at)
                .map_or_else(String::new, |video| seen(std::slice::from_ref(video)))
        );
        let Some(figure) = figure else {
            let why = "there is no further video with two annotators".to_owned();
            paper.add_missing(name, &caption, why, String::new());
            continue;
        };
        let scene = lanes::scene(&figure, &style(lanes::usual_size(figure.lanes.len())));
        let provenance = paper.figure_provenance();
        paper.add_figure(name, caption, &scene, &lanes::csv(&figure), &provenance)?;
    }
    Ok(())
}

fn knapsacks(paper: &mut Paper<'_>) -> anyhow::Result<()> {
    let params = QuantisedKnapsackParams {
        items: 50,
        weights: (1, 20),
        budget: paper.plan.params.budget,
        trials: paper.args.trials as usize,
        seed: paper.plan.seed,
    };
    let clock = StageClock::start("Simulating knapsacks");
    let mut found = Vec::new();
    for (at, k) in LEVELS.into_iter().enumerate() {
        found.extend(simulate(k, &params, paper.output.cancel_token()));
        paper.output.check_interrupt()?;
        paper
            .output
            .progress(&clock.at(at as u64 + 1, LEVELS.len() as u64));
    }
    let caption = format!(
        "Expected number of optimal summaries and expected deviation against the quantisation strength K, with 95 % intervals: {} simulated \
         knapsacks of {} items, weights {} to {}; it does not depend on the data set.",
        params.trials, params.items, params.weights.0, params.weights.1
    );
    let mut provenance = paper.figure_provenance();
    provenance.parameters = Some(serde_json::json!({
        "evaluation": provenance.parameters,
        "items": params.items,
        "weights": [params.weights.0, params.weights.1],
        "trials": params.trials,
    }));
    let scene = knapsack::scene(&found, &style([1000, 420]));
    paper.add_figure(
        "Figure 6",
        caption,
        &scene,
        &knapsack::csv(&found),
        &provenance,
    )
}

fn histograms(paper: &mut Paper<'_>) -> anyhow::Result<()> {
    let mut scores: Vec<f32> = Vec::new();
    for key in paper.data.keys() {
        paper.output.check_interrupt()?;
        if let Ok(record) = paper.data.read(key) {
            scores.extend(&record.gt_scores);
        }
    }
    let of = format!("{} true scores (gtscore) of all videos", scores.len());
    let caption = format!(
        "Number of importance scores on each of the K + 1 levels of the codebook, for several K: {of}. The paper shows a subset of Mr. HiSum."
    );
    if scores.is_empty() {
        let why = "its videos have no true scores".to_owned();
        paper.add_missing("Figure I", &caption, why, String::new());
        return Ok(());
    }
    let found: Vec<ScoreHistogram> = LEVELS
        .iter()
        .map(|&k| score_histogram(&scores, k))
        .collect();
    let size = histogram::usual_size(found.len());
    let scene = histogram::scene(&found, &of, &style(size));
    let provenance = paper.figure_provenance();
    paper.add_figure(
        "Figure I",
        caption,
        &scene,
        &histogram::csv(&found),
        &provenance,
    )
}
