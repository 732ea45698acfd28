//! A report of a dataset's evaluation (`summdiff evaluate --json`) as one HTML file: means with
//! intervals, every video, and which samples match which annotator.

use serde_json::Value;

use super::page::Page;
use crate::figures;
use crate::figures::dataset::{MethodMatches, VideoMatches};
use crate::figures::{Scene, Style, svg};
use crate::session::provenance::Provenance;
use crate::ui::text;

/// Field of the JSON, name of the column, decimals.
const COLUMNS: [(&str, &str, usize); 11] = [
    ("tau", "τ-b", 3),
    ("rho", "ρ", 3),
    ("f1_avg", "F1 mean, %", 1),
    ("f1_max", "F1 best, %", 1),
    ("map50", "MAP at 50 %", 3),
    ("map15", "MAP at 15 %", 3),
    ("CIS", "CIS", 3),
    ("WIR", "WIR", 3),
    ("WSE", "WSE", 3),
    ("IR", "IR", 3),
    ("best_of_samples", "Best τ-b of samples", 3),
];

/// Whether a JSON value is the result of an evaluation.
pub fn is_evaluation(value: &Value) -> bool {
    value.get("overall").is_some() && value.get("videos").is_some_and(Value::is_array)
}

fn cell(of: &Value, field: &str, decimals: usize) -> String {
    match of.get(field).and_then(Value::as_f64) {
        Some(value) => format!("{value:.decimals$}").replace('-', "−"),
        None => "undefined".to_owned(),
    }
}

fn row(name: String, of: &Value) -> Vec<String> {
    let cells = COLUMNS.iter();
    std::iter::once(name)
        .chain(cells.map(|(field, _, decimals)| cell(of, field, *decimals)))
        .collect()
}

fn name_of(video: &Value) -> String {
    ["video_id", "key"]
        .iter()
        .filter_map(|field| video.get(field).and_then(Value::as_str))
        .find(|name| !name.is_empty())
        .unwrap_or("video")
        .to_owned()
}

/// The whole file. `name` is the evaluation's file, for the title.
pub fn html(evaluation: &Value, name: &str) -> String {
    let empty = Vec::new();
    let list = |field: &str| {
        evaluation
            .get(field)
            .and_then(Value::as_array)
            .unwrap_or(&empty)
    };
    let videos = list("videos");
    let provenance = Provenance {
        annotations: name.to_owned(),
        ..Provenance::of_this_program()
    };
    let mut page = Page::new(&format!("Evaluation {name}"));
    let overall = &evaluation["overall"];
    let interval = |field: &str| {
        let of = overall.get(field)?;
        let at = |key: &str| of.get(key).and_then(Value::as_f64);
        Some((at("low")?, at("high")?))
    };
    let mut text = format!("Measured on {}.", text::count(videos.len(), "video"));
    for (name, field) in [("τ-b", "tau_interval"), ("ρ", "rho_interval")] {
        if let Some((low, high)) = interval(field) {
            text.push_str(&format!(
                " {name} lies within [{low:.3}, {high:.3}] (95 %, videos resampled)."
            ));
        }
    }
    if let Some(area) = overall.get("area_covered").and_then(Value::as_f64) {
        text.push_str(&format!(
            " The match ratios cover {} of the map.",
            text::percent_fine(area)
        ));
    }
    page.paragraph(&text.replace('-', "−").replace("τ−b", "τ-b"));
    for left_out in list("left_out").iter().filter_map(Value::as_str) {
        page.note(&format!("Left out: {left_out}"));
    }
    page.heading("Measures");
    let mut head = vec!["Video"];
    head.extend(COLUMNS.iter().map(|(_, name, _)| *name));
    let splits = list("splits").iter().enumerate();
    let split_mean = evaluation.get("split_mean").filter(|mean| mean.is_object());
    let rows = std::iter::once(row("overall".to_owned(), overall))
        .chain(splits.map(|(at, means)| row(format!("split {}", at + 1), means)))
        .chain(split_mean.map(|means| row("mean of the splits".to_owned(), means)))
        .chain(videos.iter().map(|video| row(name_of(video), video)));
    page.table(&head, rows);
    let drawings: Option<Vec<String>> = [false, true]
        .into_iter()
        .map(|dark| {
            let scene = heat(videos, dark)?;
            let theme = if dark { "dark" } else { "light" };
            Some(svg::element(&scene, &provenance, &format!("heat {theme}")))
        })
        .collect();
    if let Some(drawings) = drawings {
        page.heading("Which samples match which annotator");
        page.figure(
            &drawings,
            "Share of samples that match each annotator, one row a video; struck out where it is undefined.",
        );
    }
    page.finish(&provenance)
}

/// Videos × annotators as heat; `None` where no video has annotators.
fn heat(videos: &[Value], dark: bool) -> Option<Scene> {
    let rows: Vec<VideoMatches> = videos
        .iter()
        .map(|video| {
            let ratios = video.get("match_ratio").and_then(Value::as_array);
            VideoMatches {
                name: name_of(video),
                shares: ratios.into_iter().flatten().map(Value::as_f64).collect(),
                annotators: Vec::new(),
            }
        })
        .collect();
    let rows = [MethodMatches {
        name: String::new(),
        videos: rows,
    }];
    let style = Style {
        size: figures::dataset::usual_size(&rows),
        dark,
    };
    figures::dataset::scene(&rows, None, &style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_becomes_a_page() {
        let evaluation = serde_json::json!({
            "overall": {"videos": 2, "tau": 0.1234, "rho": null, "area_covered": 0.5,
                "tau_interval": {"value": 0.1234, "low": -0.1, "high": 0.3}},
            "splits": [{"tau": 0.2}],
            "left_out": ["video 9 has no features"],
            "videos": [
                {"key": "video_1", "video_id": "a<b", "tau": -0.5, "match_ratio": [0.25, null, 1.0]},
                {"key": "video_2", "video_id": "", "tau": 0.7, "match_ratio": [0.0]},
            ],
        });
        assert!(is_evaluation(&evaluation));
        let page = html(&evaluation, "results.json");
        for words in [
            "0.123",
            "−0.500",
            "undefined",
            "a&lt;b",
            "video_2",
            "split 1",
            "video 9",
        ] {
            assert!(page.contains(words), "{words}");
        }
        assert_eq!(page.matches("<svg").count(), 2);
        assert_eq!(page.matches("<title>a&lt;b × annotator").count(), 6);
        assert!(!is_evaluation(&serde_json::json!({"videos": 3})));
    }
}
