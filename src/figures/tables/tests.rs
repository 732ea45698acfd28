use super::*;
use crate::analysis::evaluation::VideoEvaluation;
use crate::domain::{EvaluationKind, Variant};
use crate::pipeline::evaluation::{Measures, RunResult};

fn row(name: &str, tau: f64, std: Option<f64>, seen: &[&str]) -> MethodResult {
    let (mut mean, mut spread) = (Measures::default(), Measures::default());
    (mean.0[0], spread.0[0]) = (Some(tau), std);
    MethodResult {
        name: name.to_owned(),
        kind: "samples".to_owned(),
        competes: true,
        bundles: Vec::new(),
        settings: None,
        trained_for: String::new(),
        runs: vec![RunResult {
            videos: vec![VideoEvaluation::default()],
        }],
        own_parts: Vec::new(),
        seen: seen.iter().map(|&key| key.to_owned()).collect(),
        with_seen: true,
        left_out: Vec::new(),
        mean,
        std: spread,
        parts: vec![Measures::default()],
        videos: 1,
        versus_first: None,
    }
}

fn table() -> EvaluationTable {
    EvaluationTable {
        kind: EvaluationKind::Tvsum,
        reason: "as stated".to_owned(),
        variant: Variant::Authors,
        shown: &[],
        methods: vec![
            row("mine_1 & co", 0.25, Some(0.01), &["video_1"]),
            row("=other", 0.2, None, &[]),
        ],
        left_out: Vec::new(),
    }
}

pub(crate) fn provenance() -> TableProvenance {
    TableProvenance {
        version: "1".to_owned(),
        bundle: None,
        dataset: FileProvenance {
            path: "d.h5".to_owned(),
            sha256: "abc".to_owned(),
        },
        annotations: String::new(),
        annotations_sha256: String::new(),
        protocol: "tvsum",
        seed: 0,
        seeds: 1,
        samples: 10,
        steps: None,
        guidance: None,
        eta: None,
        variant: Variant::Authors,
        budget: 0.15,
        threshold: 0.25,
    }
}

#[test]
fn every_form_says_where_its_numbers_come_from_and_which_rows_saw_their_test_videos() {
    let (table, provenance) = (table(), provenance());
    let latex = latex(&table, &provenance);
    assert!(
        latex.contains(r"\textbf{0.250} $\pm$ 0.010") && latex.contains(r"\underline{0.200}"),
        "{latex}"
    );
    assert!(latex.contains(r"mine\_1 \& co $\dagger$"), "{latex}");
    assert!(latex.starts_with("% {") && latex.contains("\"sha256\":\"abc\""));
    let page = html(&table, &provenance);
    assert!(
        page.contains("mine_1 &amp; co †") && page.contains("abc"),
        "{page}"
    );
    let plain = text(&table);
    assert!(plain.contains("0.250 ± 0.010"), "{plain}");
    assert!(
        plain.contains("includes 1 video that it was trained on"),
        "{plain}"
    );
    let csv = csv(&table, &provenance);
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| {
        rows[row][header.iter().position(|h| h == name).unwrap()].to_owned()
    };
    assert_eq!(
        (cell(0, "tau").as_str(), cell(0, "tau_std").as_str()),
        ("0.25", "0.01")
    );
    assert_eq!(
        (
            cell(1, "tau_std").as_str(),
            cell(0, "dataset_sha256").as_str()
        ),
        ("", "abc")
    );
}
