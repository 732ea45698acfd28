//! Tables of training grids, each row the bundles of its runs, and how to make those that were not
//! given.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::{Paper, quoted, writing};
use crate::inference::Bundle;
use crate::pipeline::evaluation::{EvaluatedMethod, NetworkSettings};

/// Tables that need training: name, what it shows, and the grid of `python -m summdiff_models grid`
/// that makes its runs.
const TABLES: [(&str, &str, &str); 3] = [
    (
        "Table 5 (trained)",
        "Effect of individual components: learnable embedding and quantisation.",
        "components",
    ),
    (
        "Table I",
        "Effect of the quantisation strength K.",
        "levels",
    ),
    (
        "Table III",
        "Training on aggregated and on individual annotators, for several numbers of annotators.",
        "annotators",
    ),
];

/// What a grid's folder states (`grid.json`).
#[derive(Debug, Deserialize)]
struct Grid {
    /// One of the grids that `python -m summdiff_models grid` knows.
    grid: String,
    rows: Vec<GridRow>,
}

#[derive(Debug, Deserialize)]
struct GridRow {
    name: String,
    /// Folders of the row's bundles, below the grid's.
    bundles: Vec<String>,
}

/// Adds the table of each grid that was given, and says how to make the others.
pub(super) fn add(paper: &mut Paper<'_>) -> anyhow::Result<()> {
    let mut made = Vec::new();
    for folder in &paper.args.grids {
        let grid = read(folder)?;
        let Some((name, about, _)) = TABLES.iter().find(|(_, _, known)| *known == grid.grid) else {
            anyhow::bail!(
                "{} is a grid of {}, which is no table of the paper",
                folder.display(),
                grid.grid
            );
        };
        one(paper, folder, &grid, name, about)?;
        made.push(grid.grid);
    }
    for (name, about, grid) in TABLES {
        if made.iter().any(|known| known == grid) {
            continue;
        }
        let kind = paper.data.kind().name();
        let joined = paper.data.annotations();
        let joined = joined.map_or_else(String::new, |path| {
            format!(" --annotations {}", quoted(path))
        });
        let (why, command) = if paper.data.feature_size() == 0 {
            (
                "every row is a network of its own, and without features there is nothing to train on".to_owned(),
                String::new(),
            )
        } else {
            let dataset = paper.dataset();
            (
                "every row is a network of its own that has to be trained".to_owned(),
                format!(
                    "python -m summdiff_models grid {grid} --dataset {dataset} --kind {kind}{joined} --out runs/{grid}\n\
                     summdiff paper {dataset}{joined} -o {} --grid runs/{grid}",
                    quoted(&paper.args.output)
                ),
            )
        };
        paper.add_missing(name, about, why, command);
    }
    Ok(())
}

fn read(folder: &Path) -> anyhow::Result<Grid> {
    let path = folder.join("grid.json");
    let text = crate::reading::read_text(&path, 16 << 20)
        .with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no grid; make one with `python -m summdiff_models grid`",
            path.display()
        )
    })
}

fn one(
    paper: &mut Paper<'_>,
    folder: &Path,
    grid: &Grid,
    name: &str,
    about: &str,
) -> anyhow::Result<()> {
    let device = paper.args.methods.device.into();
    let mut methods = Vec::new();
    let mut not_trained = Vec::new();
    for row in &grid.rows {
        let mut found = 0;
        for place in &row.bundles {
            let place = folder.join(place);
            if !place.join("bundle.json").exists() {
                continue;
            }
            found += 1;
            let bundle = Bundle::find(&place.display().to_string())?;
            let settings = [NetworkSettings::default()];
            methods.extend(
                EvaluatedMethod::open(&bundle, device, &settings, true)?
                    .into_iter()
                    .map(|method| method.called(&row.name)),
            );
        }
        if found < row.bundles.len() {
            not_trained.push(format!("{} ({found} of {})", row.name, row.bundles.len()));
        }
    }
    let table = paper.measure(&methods)?.averaged_over_all(paper.plan.seed);
    let mut caption = about.to_owned();
    if !not_trained.is_empty() {
        caption.push_str(&format!(
            " Not all runs are trained: {}; run the same `python -m summdiff_models grid` again.",
            not_trained.join(", ")
        ));
    }
    let columns = &["tau", "rho", "map50", "map15"];
    writing::write_table(paper, name, &caption, &table.with_columns(columns))
}
