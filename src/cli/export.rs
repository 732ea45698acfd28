//! `summdiff export`: writes one sampled summary as a clip or as a cut list. The output's ending
//! decides which.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::explanations::nothing_fits;
use super::export_args::ExportArgs;
use super::export_choice::{Chosen, Named, summary_in_hand, words_for};
use super::export_report::say_report;
use super::export_source::{Source, exists, explained, kept_ranges, out_named};
use super::sources::{self, Written};
use super::{Output, Usage, check_places, export_reel};
use crate::domain::project::Project;
use crate::domain::{Analysis, FrameRange, SummaryRef};
use crate::interchange::{Format, names};
use crate::media::cut::Container;
use crate::pipeline::{self, Event, KindsFrom, PrepareOptions};
use crate::session::exporting::Exported;

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the fix; [`Interrupted`] after Ctrl+C.
pub fn run(args: &ExportArgs, output: &Output) -> anyhow::Result<()> {
    check_output(args)?;
    let (analysis, chosen) = analysis_of(args, output)?;
    if args.reel {
        return export_reel::export_reel(args, &analysis, &chosen, output);
    }
    if args.all_alternatives {
        return export_all(args, &analysis, &chosen, output);
    }
    export_analysis(args, &analysis, &chosen, output)
}

/// A clip for each alternative, named by its letter.
fn export_all(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    output: &Output,
) -> anyhow::Result<()> {
    if analysis.alternatives.is_empty() {
        bail!("“{}” holds no alternatives", args.input.display());
    }
    let source = Source::open(args, analysis, output)?;
    for alternative in &analysis.alternatives {
        output.check_interrupt()?;
        let of = SummaryRef::Alternative(alternative.letter());
        let ranges = ranges_of(args, analysis, of)?;
        let out = out_path(args, chosen, of, &source.video.path);
        write(&source, args, analysis, chosen, (of, ranges), out, output)?;
    }
    Ok(())
}

/// What is known of the output before any work: its ending, its folder, and whether it may be
/// written.
fn check_output(args: &ExportArgs) -> anyhow::Result<()> {
    let out = &args.output;
    if !args.reel && args.alternative.len() > 1 {
        let wanted = "a file is of one alternative: name one with --alternative, or add --reel for one clip of them all";
        return Err(Usage(wanted.to_owned()).into());
    }
    if args.reel {
        export_reel::check(args)?;
    }
    if out.is_dir() {
        return Ok(());
    }
    if args.all_alternatives {
        bail!(
            "{} is no folder: --all-alternatives writes several clips, so name a folder that is there with -o",
            out.display()
        );
    }
    if Container::from_path(out).is_none() && Format::from_path(out).is_none() {
        bail!(
            "“{}” has an ending that is no export: use .mp4, .mkv, .webm, .mov, .edl, .otio, .fcpxml, .csv, .json or .ffmeta",
            out.display()
        );
    }
    check_places(&[&args.input], &[Some(out)])?;
    if !args.overwrite && out.symlink_metadata().is_ok() {
        return Err(exists(&out.display().to_string()));
    }
    Ok(())
}

/// Exports from an analysis that is already there; `chosen` is what is exported where the arguments
/// name nothing.
///
/// # Errors
/// As [`run`].
pub fn export_analysis(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    output: &Output,
) -> anyhow::Result<()> {
    check_output(args)?;
    let named = Named {
        alternative: args.alternative.first().map(String::as_str),
        sample: args.sample,
        edit: args.edit.as_deref(),
    };
    let of = summary_in_hand(&args.input, named, analysis, chosen)?;
    let ranges = match chosen.edited(of) {
        Some(_) if args.budget.is_some() => bail!(
            "--budget selects segments anew, but {of} of “{}” was edited by hand: leave --budget out, or name an alternative or a sample",
            args.input.display()
        ),
        Some(edited) => edited.played(),
        None => ranges_of(args, analysis, of)?,
    };
    let source = Source::open(args, analysis, output)?;
    let out = out_path(args, chosen, of, &source.video.path);
    write(&source, args, analysis, chosen, (of, ranges), out, output)
}

/// Writes one summary.
fn write(
    source: &Source,
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    what: (SummaryRef, Vec<FrameRange>),
    out: PathBuf,
    output: &Output,
) -> anyhow::Result<()> {
    let export = source.prepared(args, analysis, chosen, what, out, output)?;
    let cancel = output.cancel_token();
    let exported = export.run(&mut |progress| output.progress(&progress), cancel);
    match exported.map_err(explained)? {
        Exported::Film(report) => say_report(output, &report),
        Exported::List(report) => {
            for note in &report.notes {
                output.say(&format!("note: {note}"));
            }
            for file in &report.files {
                output.say(&format!("wrote {}", file.display()));
            }
        }
    }
    Ok(())
}

/// The analysis, and the summary that a project had chosen. A project holds choices, not samples:
/// the same settings give the same samples again, so its video is analysed anew (from the feature
/// cache where it can).
fn analysis_of(args: &ExportArgs, output: &Output) -> anyhow::Result<(Analysis, Chosen)> {
    let path = &args.input;
    let project: Project = match sources::read_written(path)? {
        Written::Analysis(analysis) => {
            let names = analysis.names();
            let chosen = Chosen {
                names,
                ..Chosen::default()
            };
            return Ok((*analysis, chosen));
        }
        Written::Project(project) => *project,
    };
    let named = args.video.as_deref();
    let video = match &args.video {
        Some(video) => Some(video.clone()).filter(|video| video.is_file()),
        None => project.find_video(path),
    };
    let video = video.with_context(|| sources::moved(&project.video.path, named))?;
    let meant = project.video.clone();
    let stated = PrepareOptions::default();
    let options = PrepareOptions {
        bundle: Some(project.bundle)
            .filter(|bundle| !bundle.is_empty())
            .unwrap_or_else(|| stated.bundle.clone()),
        device: args.device.into(),
        segments: project.settings.segments,
        ..stated
    };
    let result = pipeline::analyze(
        &video,
        &options,
        &|_, capabilities| capabilities.allowed(&project.settings),
        &KindsFrom::Named(project.kinds.clone()),
        output.cancel_token(),
        &mut |event| {
            if let Event::Progress(progress) = event {
                output.progress(&progress);
            }
        },
    );
    output.check_interrupt()?;
    let (analysis, _) = result?;
    if !meant.can_be(&analysis.video) {
        output.say(&format!(
            "{} is another video than the project was made with ({} frames; this one has {}): what it keeps may differ",
            video.display(),
            meant.frame_count,
            analysis.video.frame_count
        ));
    }
    let chosen = Chosen {
        summary: project.selection.summary,
        names: project.names,
        markers_secs: project.markers_secs,
        edits: project.edits,
    };
    Ok((analysis, chosen))
}

/// The frames that a summary keeps, selected anew where a budget is given; refused where there are
/// none.
fn ranges_of(
    args: &ExportArgs,
    analysis: &Analysis,
    of: SummaryRef,
) -> anyhow::Result<Vec<FrameRange>> {
    let ranges = kept_ranges(args, analysis, of)?;
    if ranges.is_empty() {
        let budget = (args.budget_share(analysis)).unwrap_or(analysis.settings.budget);
        let why = nothing_fits(&analysis.segments, analysis.video.frame_count, budget)
            .unwrap_or_else(|| "choose another, or select anew with --budget".to_owned());
        bail!(
            "{} of “{}” keeps no frames: {why}",
            words_for(of),
            args.input.display()
        );
    }
    Ok(ranges)
}

/// The output itself, or a name made up inside it when it is a folder.
fn out_path(args: &ExportArgs, chosen: &Chosen, of: SummaryRef, video: &Path) -> PathBuf {
    out_named(args, &names::of_summary(video, of, &chosen.names))
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
