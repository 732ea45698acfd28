//! One video of a dataset opened without a window and without its file: its own features and
//! annotators.

use anyhow::Context;

use super::Output;
use super::sources::{Opening, with_notes};
use crate::analysis::matches::MATCH_TAU;
use crate::annotations::join;
use crate::annotations::listing::{self, ListedVideo};
use crate::domain::AnnotationSet;
use crate::jobs::StageClock;
use crate::pipeline::{GivenVideo, duration_secs_of};
use crate::session::opened_video::OpenedVideo;

/// Opens a video of the dataset: its annotators, samples and comparison.
///
/// # Errors
/// One sentence that names the file and the fix.
pub fn open(args: &Opening<'_>, output: &Output) -> anyhow::Result<OpenedVideo> {
    let cancel = output.cancel_token();
    let clock = StageClock::start("Reading the dataset");
    let mut videos: Vec<ListedVideo> = Vec::new();
    let listed = listing::list(args.source, cancel, &mut |video, done, total| {
        output.progress(&clock.at(done, total));
        let at = videos.len();
        videos.push(video.with_id(at));
    });
    output.check_interrupt()?;
    listed?;
    let sets = videos.iter().map(|video| &video.set);
    let at = place_of(sets, args)?;
    let ListedVideo { file, key, set, .. } = videos.swap_remove(at);
    let name = GivenVideo::name_in(args.source, &set.video_id);
    let given = GivenVideo::read(name, &file, key.as_deref(), &set)?;
    let budget = share_of_budget(args, duration_secs_of(&set))?;
    let bundle = args.prepare.bundle_or_default();
    let device = args.prepare.device.into();
    let settings = args.draw.plain_settings(budget);
    let mut opened = OpenedVideo::default();
    opened.runtime.bundle = bundle.to_owned();
    let drawn = given.draw(bundle, device, &settings, cancel);
    output.check_interrupt()?;
    for event in given.events().into_iter().chain(drawn?) {
        opened.take(event);
    }
    let Some(session) = &mut opened.session else {
        anyhow::bail!("{} has no frames", set.video_id);
    };
    session.without_picture = true;
    if let Some(draw) = &session.draw {
        opened.settings = draw.settings.clone();
    }
    let joined = with_notes(join::join(&set, &session.index), output);
    opened.compare(Some(joined), MATCH_TAU, device);
    Ok(opened)
}

/// Place of the video that was asked for, by its id, title or number; the first where none was.
///
/// # Errors
/// When there is none of that name.
pub fn place_of<'a>(
    sets: impl ExactSizeIterator<Item = &'a AnnotationSet> + Clone,
    args: &Opening<'_>,
) -> anyhow::Result<usize> {
    let Some(name) = args.video else {
        return Ok(0);
    };
    let count = sets.len();
    let mut named = sets;
    named
        .position(|set| set.video_id == *name || set.title == *name)
        .or_else(|| name.parse::<usize>().ok()?.checked_sub(1))
        .filter(|&at| at < count)
        .with_context(|| format!("{} has no video {name}", args.source.display()))
}

/// The budget as a share of a video of that length.
///
/// # Errors
/// When it is a time and the dataset states no frame rate.
pub fn share_of_budget(args: &Opening<'_>, duration_secs: Option<f64>) -> anyhow::Result<f64> {
    let budget = args.draw.budget;
    budget
        .share_of(duration_secs.unwrap_or(0.0))
        .with_context(|| {
            format!(
                "{} states no frame rate, so that --budget cannot be a time: write 0.15 or 15%",
                args.source.display()
            )
        })
}
