//! `summdiff paper DATASET -o DIR`: every table and figure of the paper that can be made of a data
//! set, with an index page.
//!
//! What cannot be made stands on the page with its reason and the command that would make it. An
//! interrupted run goes on where it was: measurements are kept in DIR. [`tables`] and [`drawings`]
//! make the parts.

mod drawings;
mod grids;
mod tables;
mod writing;

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::evaluate::{MethodArgs, stopped};
use super::{Output, write_bytes, write_text};
use crate::figures::paper::{Body, Item, page};
use crate::figures::{Scene, csv_with_provenance, png, svg};
use crate::inference::{Bundle, BundleKind};
use crate::pipeline::evaluation::{
    self, EvaluatedMethod, EvaluationData, EvaluationPlan, EvaluationTable, Measured, Protocol,
    Row, TableProvenance,
};
use crate::pipeline::methods::{feature_size, fitting};
use crate::session::provenance::Provenance;

/// Every table and figure of the paper for a data set, with an index page
#[derive(Debug, clap::Args)]
pub struct PaperArgs {
    /// Dataset (.h5), or ratings alone: ydata-tvsum50.mat, TVSum's .tsv, a folder of such files
    dataset: PathBuf,
    /// Folder for the tables, figures and index.html; a run that was interrupted goes on there
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    methods: MethodArgs,
    /// Folder of a grid of training runs (`python -m summdiff_models grid`): its table of
    /// ablations; may be given several times
    #[arg(long = "grid", value_name = "DIR")]
    grids: Vec<PathBuf>,
    /// Videos of figures 4, 5, II and III by key [default: those that the first sampling bundle,
    /// else people, cover most]
    #[arg(long, value_delimiter = ',', value_name = "KEY,…")]
    videos: Vec<String>,
    /// Random value vectors behind figure 6
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    trials: u32,
}

/// What all parts are made of.
struct Paper<'a> {
    args: &'a PaperArgs,
    output: &'a Output,
    data: EvaluationData,
    /// Bundles, then the rows that need none.
    methods: Vec<EvaluatedMethod>,
    /// The bundles of `methods`, in order.
    bundles: Vec<Bundle>,
    plan: EvaluationPlan,
    provenance: TableProvenance,
    measured: Measured,
    /// Why networks have no rows, if so.
    without_networks: Option<String>,
    items: Vec<Item>,
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the fix.
pub fn run(args: &PaperArgs, output: &Output) -> anyhow::Result<()> {
    let alone = args.dataset.is_dir() || crate::annotations::is_annotations_alone(&args.dataset)?;
    let data = if alone {
        open_ratings(args, output)?
    } else {
        args.methods.open_data(&args.dataset, output)?
    };
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("the folder {} cannot be made", args.output.display()))?;
    let mut paper = Paper::open(args, output, data)?;
    let table = paper.evaluate()?;
    tables::add(&mut paper, &table)?;
    grids::add(&mut paper)?;
    drawings::add(&mut paper, &table)?;
    paper.finish(&table)
}

fn open_ratings(args: &PaperArgs, output: &Output) -> anyhow::Result<EvaluationData> {
    anyhow::ensure!(
        args.methods.annotations.is_none(),
        "{} holds annotations itself; --annotations joins them to a dataset of features",
        args.dataset.display()
    );
    let data = EvaluationData::open_ratings(
        &args.dataset,
        args.methods.kind.map(Into::into),
        args.methods.budget,
        output.cancel_token(),
    )
    .map_err(stopped)?;
    for warning in data.warnings() {
        output.say(warning);
    }
    Ok(data)
}

impl<'a> Paper<'a> {
    fn open(args: &'a PaperArgs, output: &'a Output, data: EvaluationData) -> anyhow::Result<Self> {
        let (bundles, without_networks) = bundles(args, &data)?;
        if let Some(why) = &without_networks {
            output.say(why);
        }
        let settings = args.methods.settings();
        let mut methods = Vec::new();
        for bundle in &bundles {
            let device = args.methods.device.into();
            let opened = EvaluatedMethod::open(bundle, device, &settings, true)?;
            methods.extend(opened.into_iter().map(|method| {
                let name = distinct_name(bundle, &bundles, method.name());
                method.called(&name)
            }));
        }
        methods.extend(Row::ALL.into_iter().map(EvaluatedMethod::row));
        // Together these are all videos, so that any averaging can be done afterwards.
        let parts = evaluation::parts_of(Protocol::FiveFold, data.keys(), args.methods.seed);
        let plan = args.methods.plan(data.kind(), parts);
        let provenance =
            TableProvenance::of(&data, &methods, &plan, output.cancel_token()).map_err(stopped)?;
        let hashes = format!(
            "{} {}",
            provenance.dataset.sha256, provenance.annotations_sha256
        );
        let kept = args.output.join("measured.jsonl");
        let measured = Measured::open(&kept, hashes)
            .with_context(|| format!("{} cannot be written", kept.display()))?;
        if !measured.is_empty() {
            output.say(&format!(
                "{} holds {} measurements; those that still hold are taken over",
                kept.display(),
                measured.len()
            ));
        }
        Ok(Self {
            args,
            output,
            data,
            methods,
            bundles,
            plan,
            provenance,
            measured,
            without_networks,
            items: Vec::new(),
        })
    }

    fn evaluate(&mut self) -> anyhow::Result<EvaluationTable> {
        let table = self.measure(&self.methods.clone())?;
        let measured = table.methods.iter().any(|method| !method.runs.is_empty());
        anyhow::ensure!(
            measured,
            "{}: no video could be evaluated; the first reason: {}",
            self.args.dataset.display(),
            table.left_out.first().map_or("it has none", String::as_str)
        );
        for sentence in &table.left_out {
            self.output.say(&format!("left out: {sentence}"));
        }
        Ok(table)
    }

    /// Measures methods on all videos that may test them.
    fn measure(&mut self, methods: &[EvaluatedMethod]) -> anyhow::Result<EvaluationTable> {
        let output = self.output;
        evaluation::evaluate_onto(
            &self.data,
            methods,
            &self.plan,
            &mut self.measured,
            output.cancel_token(),
            &mut |progress| output.progress(progress),
        )
        .map_err(stopped)
    }

    /// Provenance in the form that figures carry.
    fn figure_provenance(&self) -> Provenance {
        Provenance {
            bundle: self.provenance.bundle.clone(),
            annotations: if self.provenance.annotations.is_empty() {
                self.provenance.dataset.path.clone()
            } else {
                self.provenance.annotations.clone()
            },
            parameters: serde_json::to_value(&self.provenance).ok(),
            ..Provenance::of_this_program()
        }
    }

    /// Writes a figure as SVG, PNG and CSV and puts it on the page.
    fn add_figure(
        &mut self,
        name: &str,
        caption: String,
        scene: &Scene,
        csv: &str,
        provenance: &Provenance,
    ) -> anyhow::Result<()> {
        self.output.check_interrupt()?;
        let item = Item {
            name: name.to_owned(),
            caption,
            body: Body::Figure(String::new()),
            files: Vec::new(),
        };
        let stem = item.anchor();
        let files = ["svg", "png", "csv"].map(|ending| format!("{stem}.{ending}"));
        write_text(&self.at(&files[0]), &svg::write(scene, provenance))?;
        write_bytes(&self.at(&files[1]), &png::encode(scene, provenance)?)?;
        write_text(&self.at(&files[2]), &csv_with_provenance(csv, provenance))?;
        self.items.push(Item {
            body: Body::Figure(svg::element(scene, provenance, &stem)),
            files: files.to_vec(),
            ..item
        });
        Ok(())
    }

    fn add_missing(&mut self, name: &str, caption: &str, why: String, command: String) {
        self.items.push(Item {
            name: name.to_owned(),
            caption: caption.to_owned(),
            body: Body::Missing { why, command },
            files: Vec::new(),
        });
    }

    fn at(&self, file: &str) -> PathBuf {
        self.args.output.join(file)
    }

    /// The data set as an argument of a command line.
    fn dataset(&self) -> String {
        quoted(&self.args.dataset)
    }

    /// What gives the rows of networks: features, or a bundle that takes those that are there.
    fn networks_command(&self) -> String {
        if self.data.feature_size() == 0 {
            format!(
                "summdiff dataset build VIDEOS… --annotations {} -o DATASET.h5\nsummdiff paper DATASET.h5 -o DIR",
                self.dataset()
            )
        } else {
            let joined = self.data.annotations();
            let joined =
                joined.map_or_else(String::new, |p| format!(" --annotations {}", quoted(p)));
            let dataset = self.dataset();
            format!("summdiff paper {dataset}{joined} -o DIR --bundle BUNDLE")
        }
    }

    fn finish(mut self, table: &EvaluationTable) -> anyhow::Result<()> {
        // Tables first, then figures, by the numbers that the paper gives them.
        self.items.sort_by_key(|item| {
            let (kind, number) = item.name.split_once(' ').unwrap_or((&item.name, ""));
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            let arabic: u32 = digits.parse().unwrap_or(100);
            (kind != "Table", arabic, number.to_owned())
        });
        let facts = facts(&self, table);
        let title = format!("Tables and figures of {}", self.provenance.dataset.path);
        let index = page(&title, &facts, &self.items, &self.provenance);
        let path = self.at("index.html");
        write_text(&path, &index)?;
        self.output.say(&format!("wrote {}", path.display()));
        Ok(())
    }
}

/// The bundles that take the data set's features, and why there are none.
fn bundles(
    args: &PaperArgs,
    data: &EvaluationData,
) -> anyhow::Result<(Vec<Bundle>, Option<String>)> {
    let size = data.feature_size();
    if size == 0 {
        anyhow::ensure!(
            args.methods.is_default(),
            "{} has no features, which bundles score; leave --bundle out, or give a dataset that has them",
            args.dataset.display()
        );
        let why = "it has no features, so no network can score its videos";
        return Ok((Vec::new(), Some(why.to_owned())));
    }
    let named: Vec<Bundle> = args
        .methods
        .bundles
        .iter()
        .map(|name| Bundle::find(name))
        .collect::<Result<_, _>>()?;
    if !args.methods.is_default() {
        for bundle in &named {
            let taken = feature_size(bundle).unwrap_or(size);
            anyhow::ensure!(
                taken == size,
                "{} has features of size {size}, but {} takes {taken}; give a bundle of its extractor, or leave it out",
                args.dataset.display(),
                bundle.manifest().name
            );
        }
        return Ok((named, None));
    }
    let fits = |bundle: &Bundle| feature_size(bundle).is_none_or(|taken| taken == size);
    let samples = named.into_iter().find(fits).or_else(|| {
        let fitting = fitting(BundleKind::Summdiff, size).into_iter().next();
        fitting.map(|(_, bundle)| bundle)
    });
    let scorers = fitting(BundleKind::Scorer, size).into_iter();
    let found: Vec<Bundle> = samples
        .into_iter()
        .chain(scorers.map(|(_, bundle)| bundle))
        .collect();
    let why = found.is_empty().then(|| {
        format!(
            "no installed bundle takes its features of size {size}; train one with `python -m summdiff_models train` and give it by --bundle"
        )
    });
    Ok((found, why))
}

/// A method's name with its bundle's version where two versions of one name stand side by side.
/// Bundles of one name and version are those of several splits, which make one row.
fn distinct_name(bundle: &Bundle, all: &[Bundle], name: &str) -> String {
    let own = bundle.manifest();
    let other = |other: &&Bundle| {
        let other = other.manifest();
        other.name == own.name && other.version != own.version
    };
    match all.iter().find(other) {
        Some(_) => name.replacen(&own.name, &format!("{} {}", own.name, own.version), 1),
        None => name.to_owned(),
    }
}

/// Sentences about the data set and how it was measured.
fn facts(paper: &Paper<'_>, table: &EvaluationTable) -> Vec<String> {
    let data = &paper.data;
    let mut facts = vec![format!(
        "{} videos, measured by the rule of {}: {}.",
        data.keys().len(),
        data.kind().title(),
        data.reason()
    )];
    if let Some(joined) = data.annotations() {
        let name = joined.file_name().unwrap_or(joined.as_os_str());
        facts.push(format!("Ratings are joined from {}.", name.display()));
    }
    if let Some(why) = &paper.without_networks {
        facts.push(format!("Networks have no rows: {why}."));
    }
    if paper.plan.seeds > 1 {
        facts.push(format!(
            "Tables are means over {} seeds; figures show the samples of seed {}.",
            paper.plan.seeds, paper.plan.seed
        ));
    }
    if data.feature_size() == 0 {
        facts.push(
            "Without features there are no change points: two-second shots stand for segments wherever summaries are made, so F1, CIS, WIR, IR \
             and WSE are not those of the field's files; τ and ρ of people are."
                .to_owned(),
        );
    }
    facts.extend(
        table
            .left_out
            .iter()
            .map(|sentence| format!("Left out: {sentence}.")),
    );
    facts.push(
        "Figures 1 and 2 of the paper are drawings of the method and show no data.".to_owned(),
    );
    facts
}

/// A path as one word of a command line.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text
        .chars()
        .all(|c| c.is_alphanumeric() || "/._-".contains(c))
    {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
