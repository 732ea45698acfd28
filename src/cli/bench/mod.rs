//! `summdiff bench`: how fast the program is here. Measures and reports; judges nothing and changes
//! nothing.

mod calculations;
mod made_up;
mod people;
mod playing;
mod report;
mod sampling;
mod stopwatch;
mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use self::made_up::TenMinutes;
use self::report::{Circumstances, Measure, Measures, PeakMemory, Report, Subject};
use self::stopwatch::{Spent, Stopwatch};
use super::analyze::{DrawArgs, PrepareArgs};
use super::{Output, check_places, write_json, write_text};
use crate::annotations;
use crate::domain::Timings;
use crate::jobs::Progress;
use crate::pipeline::{
    self, Event, KindsFrom, PrepareOptions, Prepared, SamplingSession, ScoredSamples,
    peak_memory_bytes, settled_kinds,
};
use crate::state::AppState;
use crate::state::apply::demo_path;

/// How much is measured. The numbers of the targets, or few for a trial.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Rows and columns of the features that are cut into segments.
    kts: [usize; 2],
    /// Samples of the made-up video of ten minutes.
    samples: usize,
    /// Samples drawn from a ready table.
    table_samples: usize,
    /// Frames drawn of each window.
    frames: usize,
    /// Values in each of two vectors that are correlated.
    ranked: usize,
    /// Videos, annotators and samples of the matches view.
    matches: [usize; 3],
}

impl Sizes {
    const FULL: Self = Self {
        kts: [7_200, 1_024],
        samples: 1_000,
        table_samples: 10_000,
        frames: 400,
        ranked: 10_000,
        matches: [50, 20, 100],
    };
    const FEW: Self = Self {
        kts: [200, 32],
        samples: 40,
        table_samples: 40,
        frames: 5,
        ranked: 1_000,
        matches: [2, 3, 4],
    };
}

/// Measure how fast the program is on this machine
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The video [default: the bundled demo]
    video: Option<PathBuf>,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    draw: DrawArgs,
    /// Counted runs of each measurement; the median is reported
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// A dataset or file of annotations whose reading and agreement are measured, too
    #[arg(long, value_name = "FILE")]
    dataset: Option<PathBuf>,
    /// Measure on little data, to try the command out
    #[arg(long, hide = true)]
    few: bool,
    /// Write the numbers as JSON instead of a table; - or nothing for standard output
    #[arg(long, value_name = "FILE.json|-", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn run(args: &BenchArgs, output: &Output) -> anyhow::Result<()> {
    let inputs: Vec<&Path> = (args.video.iter().chain(&args.dataset))
        .map(PathBuf::as_path)
        .collect();
    check_places(&inputs, &[args.json.as_deref()])?;
    if let Some(json) = &args.json {
        super::check_json(json)?;
    }
    let video = match &args.video {
        Some(video) => video.clone(),
        None => demo_path()
            .context("the bundled demo was not found; name a video: summdiff bench VIDEO")?,
    };
    let circumstances = Circumstances::now();
    let runs = args.runs as usize;
    let sizes = if args.few { Sizes::FEW } else { Sizes::FULL };
    let mut stage = Stages::new(output);

    let mut state = AppState::default();
    let (prepared, reading) = analyse(&video, args, &mut state, output)?;
    let (timings, draw_settings) = draw(&prepared, args, &mut state, output)?;
    let after_analysis = peak_memory();
    let mut measures = vec![reading];

    stage.next("Measuring sampling")?;
    let cancel = output.cancel_token();
    let network = sampling::network(&prepared, &|_, _| draw_settings.clone(), runs, cancel);
    output.check_interrupt()?;
    measures.extend(network?);
    let table = sampling::table(sizes.table_samples, runs, cancel);
    output.check_interrupt()?;
    measures.push(table?);

    stage.next("Measuring seeks")?;
    measures.extend(playing::seeks(&prepared.info.path, &prepared.index)?);

    stage.next("Measuring the window")?;
    annotate(&video, &prepared, &mut state);
    state.compare_now();
    state.requests.clear();
    measures.extend(window::frames(
        state,
        sizes.frames,
        ["frame_p50", "frame_p99"],
        "this video",
    ));
    let ten_minutes = TenMinutes::new(sizes.samples);
    stage.next("Measuring the window")?;
    let mut many = window::state_of(&ten_minutes);
    many.compare_now();
    measures.extend(window::frames(
        many,
        sizes.frames,
        ["frame_p50_many_samples", "frame_p99_many_samples"],
        &format!("{} samples × 10 min", sizes.samples),
    ));
    measures.push(window::slider_move(&ten_minutes, runs));
    stage.next("Measuring the start")?;
    measures.push(window::first_frame(runs));

    stage.next("Measuring calculations")?;
    measures.extend(calculations::selection(&ten_minutes, runs));
    measures.push(calculations::rank_correlation(sizes.ranked, runs));
    stage.next("Measuring calculations")?;
    measures.push(calculations::change_points(sizes.kts, runs.min(3)));
    stage.next("Measuring comparisons")?;
    measures.push(people::matches(sizes.matches, runs.min(3)));
    measures.extend(people::annotation_file(args.dataset.as_deref(), runs));
    stage.next("Done")?;

    let report = Report {
        circumstances,
        video: subject(&prepared),
        stages_secs: timings,
        measures: Measures(measures),
        peak_memory_bytes: PeakMemory {
            after_analysis,
            at_the_end: peak_memory(),
        },
    };
    match &args.json {
        Some(destination) => write_json(destination, &report),
        None => write_text("-".as_ref(), &report.table()),
    }
}

/// Says which stage is next and ends where a person wants to stop.
struct Stages<'a> {
    output: &'a Output,
    done: usize,
}

impl<'a> Stages<'a> {
    const COUNT: usize = 8;

    fn new(output: &'a Output) -> Self {
        Self { output, done: 0 }
    }

    fn next(&mut self, stage: &'static str) -> anyhow::Result<()> {
        self.output.check_interrupt()?;
        self.output.progress(&Progress {
            stage,
            fraction: Some(self.done as f32 / (Self::COUNT - 1) as f32),
            eta_secs: None,
        });
        self.done += 1;
        Ok(())
    }
}

/// Decodes the video and extracts its features without the cache; what comes of it goes into the
/// window's state, too.
fn analyse(
    video: &Path,
    args: &BenchArgs,
    state: &mut AppState,
    output: &Output,
) -> anyhow::Result<(Prepared, Measure)> {
    let path = std::path::absolute(video)?;
    let options = PrepareOptions {
        use_cache: false,
        ..args.prepare.options()
    };
    state.runtime.bundle.clone_from(&options.bundle);
    let (mut watch, mut reading) = (None, None);
    let prepared = pipeline::prepare(&path, &options, output.cancel_token(), &mut |event| {
        output.follow(&event);
        match event {
            // The extractor is loaded; decoding begins.
            Event::Device(_) => watch = Some(Stopwatch::start()),
            Event::Features(_) => reading = watch.map(|watch| watch.spent()),
            Event::Progress(_) => return,
            _ => {}
        }
        state.handle(event);
    });
    output.check_interrupt()?;
    let prepared = prepared?;
    for warning in &prepared.info.warnings {
        output.say(warning);
    }
    let spent = Spent {
        // The decoder's part is another process's.
        cpu_secs: None,
        ..reading.context("the video was read without a word of it")?
    };
    let picks = prepared.features.len();
    let measure = Measure::new(
        "decode_and_features",
        format!("decoding and features of {picks} picks"),
        spent,
    )
    .pieces(picks);
    Ok((prepared, measure))
}

/// Draws samples and selects summaries, as `analyze` does.
fn draw(
    prepared: &Prepared,
    args: &BenchArgs,
    state: &mut AppState,
    output: &Output,
) -> anyhow::Result<(Timings, crate::domain::DrawSettings)> {
    let mut timings = prepared.timings.clone();
    let sampling = Stopwatch::start();
    let mut session = SamplingSession::open(prepared)?;
    let settings = session.allowed(&args.draw.settings(prepared, session.capabilities()));
    let scores = session.draw(&settings, output.cancel_token(), &mut |_| {});
    output.check_interrupt()?;
    let scores = scores?;
    timings.sample = sampling.spent().wall_secs;
    let settling = Stopwatch::start();
    let timeline = prepared.timeline();
    let from = KindsFrom::Pool;
    // Without a cache: the bench states what the first opening costs.
    let kinds = settled_kinds(
        &mut session,
        &timeline,
        None,
        &from,
        output.cancel_token(),
        &mut |progress| output.progress(&progress),
    );
    output.check_interrupt()?;
    let kinds = kinds?;
    timings.settle = settling.spent().wall_secs;
    let selecting = Stopwatch::start();
    let scored = ScoredSamples::new(&timeline, scores, settings.clone(), false, kinds);
    let draw = scored.select(settings.budget);
    timings.select = selecting.spent().wall_secs;
    timings.total += timings.sample + timings.settle + timings.select;
    state.choices.settings = settings.clone();
    state.handle(Event::Draw(Arc::new(draw)));
    state.handle(Event::Done(timings.clone()));
    Ok((timings, settings))
}

/// Annotations that lie beside the video; without them the window shows the samples alone.
fn annotate(video: &Path, prepared: &Prepared, state: &mut AppState) {
    let Some(file) = annotations::beside(video) else {
        return;
    };
    match annotations::open(&file) {
        Ok(opened) => {
            if let Some(set) = opened.sets.into_iter().next() {
                let joined = annotations::join::join(&set, &prepared.index);
                state.take_annotations(Arc::new(joined.set));
            }
        }
        Err(err) => log::warn!("{err}"),
    }
}

fn subject(prepared: &Prepared) -> Subject {
    let info = &prepared.info;
    Subject {
        path: info.path.clone(),
        duration_secs: info.duration_secs,
        width: info.width,
        height: info.height,
        codec: info.codec.clone(),
        frame_count: info.frame_count,
        picks: prepared.features.len(),
        segments: prepared.segments.len(),
        bundle: prepared.bundle.reference(),
        device: prepared.device.device.clone(),
    }
}

fn peak_memory() -> Option<u64> {
    Some(peak_memory_bytes()).filter(|&bytes| bytes > 0)
}
