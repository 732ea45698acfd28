//! The table as CSV: a row a method, mean and standard deviation of each measure unscaled,
//! provenance in the last columns.

use super::TableProvenance;
use crate::domain::repairs::spreadsheet_cell;
use crate::pipeline::evaluation::{EvaluationTable, MEASURES};

/// The table with a header. Undefined values are empty cells; F1 is in percent, MAP a share.
pub fn csv(table: &EvaluationTable, provenance: &TableProvenance) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut header = vec!["method".to_owned(), "videos".to_owned(), "runs".to_owned()];
    for measure in &MEASURES {
        header.extend([measure.name.to_owned(), format!("{}_std", measure.name)]);
    }
    header.extend(
        [
            "seen_in_training",
            "tau_difference_to_first",
            "tau_difference_low",
            "tau_difference_high",
            "protocol",
            "variant",
            "dataset",
            "dataset_sha256",
            "annotations",
            "bundles_sha256",
            "steps",
            "guidance",
            "eta",
            "sag",
            "samples",
            "seed",
            "seeds",
            "budget",
            "version",
        ]
        .map(str::to_owned),
    );
    // Writing to memory cannot fail.
    let _ = writer.write_record(&header);
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for method in &table.methods {
        let mut row = vec![
            method.name.clone(),
            method.videos.to_string(),
            method.parts.len().to_string(),
        ];
        for (mean, std) in method.mean.0.iter().zip(method.std.0) {
            row.extend([number(*mean), number(std)]);
        }
        let tau = method.versus_first.and_then(|difference| difference.tau);
        let settings = method.settings.unwrap_or_default();
        let bundles: Vec<&str> = method.bundles.iter().map(|b| b.sha256.as_str()).collect();
        row.extend([
            method.seen.len().to_string(),
            number(tau.map(|tau| tau.value)),
            number(tau.map(|tau| tau.low)),
            number(tau.map(|tau| tau.high)),
            provenance.protocol.to_owned(),
            variant_name(provenance.variant).to_owned(),
            provenance.dataset.path.clone(),
            provenance.dataset.sha256.clone(),
            provenance.annotations.clone(),
            bundles.join(" "),
            settings
                .steps
                .map_or_else(String::new, |steps| steps.to_string()),
            number(settings.guidance),
            number(settings.eta),
            number(method.settings.map(|settings| settings.sag)),
            provenance.samples.to_string(),
            provenance.seed.to_string(),
            provenance.seeds.to_string(),
            provenance.budget.to_string(),
            provenance.version.clone(),
        ]);
        let _ = writer.write_record(row.iter().map(|cell| spreadsheet_cell(cell).into_owned()));
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}

fn variant_name(variant: crate::domain::Variant) -> &'static str {
    match variant {
        crate::domain::Variant::Authors => "authors",
        crate::domain::Variant::Paper => "paper",
    }
}
