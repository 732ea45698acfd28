//! `summdiff analyze`: the whole pipeline, headless.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use super::analyze_args::{DrawArgs, MethodArg, PrepareArgs, SegmentingArgs, VariantArg};
use super::earlier_work::{earlier_work, with_earlier_work};
use super::explanations::{nothing_fits, summary_of};
use super::sources::{People, read_analysis};
use super::steering::SteeringArgs;
use super::{Output, batch, check_ending, check_places, write_json, write_text};
use crate::analysis::matches::MATCH_TAU;
use crate::analysis::matches::MatchTaus;
use crate::analysis::raters;
use crate::annotations::join;
use crate::domain::project::{PROJECT_VERSION, Project, VideoRef, relative_video_path};
use crate::domain::{Analysis, AnnotationSet, DrawSettings, Names, Steering};
use crate::files::hex;
use crate::pipeline::{self, KindsFrom, Prepared, SamplingSession, Stability};
use crate::state::project_io;

/// Analyse a video: features, segments, samples and the kinds of summary among them
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// The video; with -o also many, folders of them, and @list.txt with one a line
    #[arg(required = true, value_name = "VIDEO")]
    videos: Vec<PathBuf>,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    draw: DrawArgs,
    /// Where to write the result as JSON; - for standard output
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Folder for one JSON a video and a manifest; the same command goes on where it was stopped
    #[arg(short, long, value_name = "DIR", conflicts_with_all = ["json", "project"])]
    output: Option<PathBuf>,
    /// Hold the alternatives against the draws of so many seeds, from --seed on, of at least 1,000
    /// samples each; prints a table and adds `stability` to the JSON
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100))]
    stability: Option<u32>,
    /// Keep the alternatives of another analysis of this video instead of finding its own
    #[arg(long, value_name = "ANALYSIS.json")]
    kinds_from: Option<PathBuf>,
    #[command(flatten)]
    steering: SteeringArgs,
    /// Annotations to compare with: adds each annotator's matches to the JSON and goes into the
    /// project
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    /// Where to write a project that the window opens
    #[arg(long, value_name = "FILE.summdiff")]
    project: Option<PathBuf>,
    /// Replace the project that is there, with what annotators did in it
    #[arg(long, requires = "project")]
    replace_project: bool,
}

/// How the samples meet one annotator.
#[derive(Debug, Serialize)]
struct AnnotatorMatch {
    name: String,
    /// Sample with the highest Kendall τ-b, and that τ; null where τ is undefined.
    nearest_sample: Option<usize>,
    nearest_tau: Option<f64>,
    /// Share of samples with τ-b of at least 0.25.
    matched_share: Option<f64>,
}

/// What `--json` holds.
#[derive(Debug, Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    analysis: &'a Analysis,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotators: Option<Vec<AnnotatorMatch>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stability: Option<Stability>,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &AnalyzeArgs, output: &Output) -> anyhow::Result<()> {
    if let Some(folder) = &args.output {
        let recipe = recipe(args)?;
        let videos = batch::videos(&args.videos)?;
        return batch::run(
            &videos,
            folder,
            "json",
            &recipe,
            output,
            &mut |video, target| {
                let places = Places {
                    json: Some(target),
                    project: None,
                };
                analyze(args, video, &places, output)
            },
        );
    }
    match &args.videos[..] {
        [video] if !batch::are_many(&args.videos) => {
            let places = Places {
                json: args.json.as_deref(),
                project: args.project.as_deref(),
            };
            analyze(args, video, &places, output)
        }
        _ => Err(super::Usage(
            "several videos need a folder for their results: name it with -o DIR".to_owned(),
        )
        .into()),
    }
}

/// Where results go.
struct Places<'a> {
    json: Option<&'a Path>,
    project: Option<&'a Path>,
}

/// Stands for everything but the video that an analysis depends on.
fn recipe(args: &AnalyzeArgs) -> anyhow::Result<String> {
    let read = |file: &Option<PathBuf>| match file {
        Some(file) => {
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
        }
        None => Ok(Vec::new()),
    };
    let (annotations, kinds) = (read(&args.annotations)?, read(&args.kinds_from)?);
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update(format!(
        "{:?} {:?} {:?} {:?}",
        args.prepare, args.draw, args.stability, args.steering
    ));
    hasher.update(annotations);
    hasher.update(kinds);
    let digest = hasher.finalize();
    Ok(hex(&digest[..8]))
}

fn analyze(
    args: &AnalyzeArgs,
    video: &Path,
    places: &Places<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    let inputs: Vec<&Path> = (args.annotations.iter().map(PathBuf::as_path))
        .chain(args.kinds_from.as_deref())
        .chain([video])
        .collect();
    check_places(&inputs, &[places.json, places.project])?;
    if let Some(json) = places.json {
        super::check_json(json)?;
    }
    let mut names = Names::default();
    if let Some(project) = places.project {
        check_ending(project, "a project", &["summdiff"])?;
        // Found out before the work: what is there is kept, or a person says that it need not be.
        if let Some(earlier) = earlier_work(project, args.replace_project, None)? {
            names = earlier.names;
        }
    }
    // Hours of work are not begun with a file that cannot be read at their end.
    let people = match &args.annotations {
        Some(file) => Some(People::read(file, output)?),
        None => None,
    };
    let kinds = match &args.kinds_from {
        Some(file) => {
            let kept = kinds_of(file)?;
            names = kept.names();
            KindsFrom::Kept(kept.known_kinds())
        }
        None => KindsFrom::Pool,
    };
    let result = pipeline::analyze(
        video,
        &args.prepare.options(),
        &|prepared, capabilities| DrawSettings {
            steering: args.steering.steering(),
            // A scorer's one summary is what it is.
            drawn_under: if capabilities.samples {
                args.steering.drawn_under()
            } else {
                Steering::default()
            },
            ..args.draw.settings(prepared, capabilities)
        },
        &kinds,
        output.cancel_token(),
        &mut |event| output.follow(&event),
    );
    output.check_interrupt()?;
    let (mut analysis, prepared) = result?;
    analysis.take_names(&names);
    for warning in &analysis.video.warnings {
        output.say(warning);
    }
    let set = match people {
        Some(people) => Some(laid(people, &prepared, &mut analysis, output)?),
        None => None,
    };
    let stability = match args.stability {
        Some(seeds) => Some(stability(seeds as usize, &analysis, &prepared, output)?),
        None => None,
    };
    analysis.video.path = std::path::absolute(&analysis.video.path)
        .with_context(|| format!("cannot find where {} is", analysis.video.path.display()))?;
    if let Some(destination) = places.json {
        if destination.as_os_str() != "-" {
            analysis.video.relative_path = relative_video_path(destination, &analysis.video.path);
        }
        let report = Report {
            stability: stability.clone(),
            analysis: &analysis,
            annotators: set.as_ref().map(|set| matches(&analysis, set)),
        };
        write_json(destination, &report)?;
    }
    if let Some(path) = places.project {
        // Read again: it may have been changed meanwhile.
        let earlier = earlier_work(path, args.replace_project, Some(&analysis.video.sha256))?;
        let project = project(args, &analysis, set, path);
        let kept = earlier.as_ref().map(|earlier| earlier.works.len());
        project_io::save(&with_earlier_work(project, earlier), path)?;
        if let Some(kept @ 1..) = kept {
            output.say(&format!(
                "kept the work of {} in {}",
                crate::ui::text::count(kept, "annotator"),
                path.display()
            ));
        }
    }
    output.say(&summary_of(&analysis));
    if let Some(found) = &stability {
        let table = super::stability::table(found);
        // The table is what was asked for, unless standard output carries the JSON.
        match places.json.is_some_and(|file| file == Path::new("-")) {
            true => output.say(&table),
            false => write_text("-".as_ref(), &format!("{table}\n"))?,
        }
    }
    let budget = analysis.settings.budget;
    if let Some(sentence) = nothing_fits(&analysis.segments, analysis.video.frame_count, budget) {
        output.say(&sentence);
    }
    Ok(())
}

/// A written analysis whose alternatives are kept.
fn kinds_of(file: &Path) -> anyhow::Result<Analysis> {
    let analysis = read_analysis(file)?;
    if analysis.alternatives.is_empty() {
        bail!(
            "{} has no alternatives to keep; analyse its video again",
            file.display()
        );
    }
    Ok(analysis)
}

/// The analysis's alternatives against the draws of several seeds.
fn stability(
    seeds: usize,
    analysis: &Analysis,
    prepared: &Prepared,
    output: &Output,
) -> anyhow::Result<Stability> {
    let mut session = SamplingSession::open(prepared)?;
    let timeline = prepared.timeline();
    let kinds = Arc::new(pipeline::kept_kinds(&timeline, &analysis.known_kinds()));
    let found = pipeline::stability(
        &mut session,
        &timeline,
        &analysis.settings,
        &kinds,
        seeds,
        output.cancel_token(),
        &mut |progress| output.progress(&progress),
    );
    output.check_interrupt()?;
    Ok(found?)
}

/// Annotations on the video's frames; differences are reported, and what raises doubt stays with
/// the analysis.
fn laid(
    people: People,
    prepared: &Prepared,
    analysis: &mut Analysis,
    output: &Output,
) -> anyhow::Result<AnnotationSet> {
    let joined = join::join(&people.of_video(&prepared.info.path)?, &prepared.index);
    for sentence in &joined.report {
        output.say(sentence);
    }
    analysis
        .video
        .warnings
        .extend(joined.set.doubts.iter().cloned());
    Ok(joined.set)
}

fn matches(analysis: &Analysis, set: &AnnotationSet) -> Vec<AnnotatorMatch> {
    let samples: Vec<Vec<f32>> = analysis.samples.iter().map(|s| s.scores.clone()).collect();
    let annotators: Vec<Vec<f32>> = set
        .annotators
        .iter()
        .map(|annotator| raters::scores_at_frames(annotator, &analysis.picks))
        .collect();
    let taus = MatchTaus::new(&samples, &annotators);
    let everyone: Vec<usize> = (0..samples.len()).collect();
    let row = taus.row("all", &everyone, MATCH_TAU);
    set.annotators
        .iter()
        .enumerate()
        .map(|(at, annotator)| {
            let nearest = taus.nearest_sample(at);
            AnnotatorMatch {
                name: annotator.name.clone(),
                nearest_sample: nearest.map(|(sample, _)| sample),
                nearest_tau: nearest.map(|(_, tau)| tau),
                matched_share: row.shares[at],
            }
        })
        .collect()
}

fn project(
    args: &AnalyzeArgs,
    analysis: &Analysis,
    annotations: Option<AnnotationSet>,
    path: &Path,
) -> Project {
    Project {
        version: PROJECT_VERSION,
        video: VideoRef::of(&analysis.video, path),
        bundle: args.prepare.bundle_or_default().to_owned(),
        settings: analysis.settings.clone(),
        selection: Default::default(),
        pins: Vec::new(),
        rejects: Vec::new(),
        markers_secs: Vec::new(),
        range_secs: None,
        names: analysis.names(),
        edits: Vec::new(),
        kinds: analysis.known_kinds(),
        annotations,
        works: Vec::new(),
        shown: Vec::new(),
    }
}
