//! `summdiff export --reel`: one clip in which alternatives play in turn, each behind a title card.

use std::path::Path;

use anyhow::bail;

use super::export_args::{ExportArgs, Mode};
use super::export_choice::{Chosen, alternative_named};
use super::export_report::say_report;
use super::export_source::{Source, explained, kept_ranges, out_named};
use super::{Output, Usage};
use crate::domain::{Alternative, Analysis, SummaryRef};
use crate::figures::title_card;
use crate::interchange::names;
use crate::media::cut::Container;
use crate::session::exporting::ExportError;
use crate::session::reel::{Part, Reel, TitleCard};

/// What is known before any work: a reel is a clip, and it is encoded.
pub(super) fn check(args: &ExportArgs) -> anyhow::Result<()> {
    let out = &args.output;
    if !out.is_dir() && Container::from_path(out).is_none() {
        let wrong = format!(
            "“{}” is no clip, and a reel is one: use .mp4, .mkv, .webm or .mov",
            out.display()
        );
        return Err(Usage(wrong).into());
    }
    if args.mode != Mode::Exact {
        let wrong = "a reel is encoded with its title cards: leave --mode out";
        return Err(Usage(wrong.to_owned()).into());
    }
    Ok(())
}

/// Writes the reel.
pub(super) fn export_reel(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    output: &Output,
) -> anyhow::Result<()> {
    let wanted = wanted(args, analysis)?;
    let source = Source::open(args, analysis, output)?;
    let out = out_named(args, &names::of_reel(&source.video.path));
    let mut parts = Vec::new();
    for alternative in wanted {
        output.check_interrupt()?;
        if let Some(part) = part(args, analysis, chosen, alternative, &source, &out, output)? {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        bail!(
            "no alternative of “{}” keeps any frames here: choose another part with --range, or select anew with --budget",
            args.input.display()
        );
    }
    let film = args.film_options();
    let reel = Reel { parts, out, film };
    let cancel = output.cancel_token();
    let report = reel
        .run(
            title_card::paint,
            &mut |news| output.progress(&news),
            cancel,
        )
        .map_err(|err| explained(ExportError::Film(err)))?;
    output.say(&format!("{}:", reel.title()));
    for part in &reel.parts {
        let secs = source.secs(&part.export.ranges);
        output.say(&format!("  {}, {secs:.1} s", part.card.chapter()));
    }
    say_report(output, &report);
    Ok(())
}

/// The alternatives that are named, in that order; all where none is.
fn wanted<'a>(args: &ExportArgs, analysis: &'a Analysis) -> anyhow::Result<Vec<&'a Alternative>> {
    if analysis.alternatives.is_empty() {
        bail!("“{}” holds no alternatives", args.input.display());
    }
    if args.alternative.is_empty() {
        return Ok(analysis.alternatives.iter().collect());
    }
    (args.alternative.iter())
        .map(|name| alternative_named(&args.input, name, analysis))
        .collect()
}

/// An alternative's part; `None`, and said so, where it keeps nothing.
fn part(
    args: &ExportArgs,
    analysis: &Analysis,
    chosen: &Chosen,
    alternative: &Alternative,
    source: &Source,
    out: &Path,
    output: &Output,
) -> anyhow::Result<Option<Part>> {
    let letter = alternative.letter();
    let of = SummaryRef::Alternative(letter);
    let ranges = kept_ranges(args, analysis, of)?;
    if source.within(args, ranges.clone()).is_empty() {
        output.say(&format!(
            "alternative {letter} is left out: it keeps no frames"
        ));
        return Ok(None);
    }
    let export = source.prepared(args, analysis, chosen, (of, ranges), out.to_owned(), output)?;
    let secs = source.secs(&export.ranges);
    Ok(Some(Part {
        card: TitleCard::new(alternative, &chosen.names, secs),
        export,
    }))
}
