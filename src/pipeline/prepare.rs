//! Everything that depends on the video and the extractor alone: facts, frame index, features,
//! filmstrip, segments.
//!
//! Decoding runs on a thread of its own and hands frames to the extractor through a bounded
//! channel, so that both work at once and memory does not grow with the video.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use ndarray::{Array2, Axis, s};

use super::PipelineError;
use super::assemble::Timeline;
use super::event::{DeviceReport, Event, Thumb};
use super::options::PrepareOptions;
use super::segmenting::{check_bounds, density, network_rows, segments, too_short};
use crate::analysis::kinds::segment_traits;
use crate::cache::{CachedFeatures, CachedThumb, FeatureKey, HashMemo, Store};
use crate::domain::{
    DevicePreference, Features, FrameIndex, RgbImage, Segment, Segmentation, Shots, Timings,
    VideoInfo,
};
use crate::inference::extractor::BATCH_FRAMES;
use crate::inference::{Bundle, Extractor};
use crate::jobs::{self, CancelToken, StageClock};
use crate::media::{self, FileStamp, MediaError, SampledDecoder, SampledFrame, SampledOptions};

/// Decoded frames that may wait for the extractor.
const FRAMES_WAITING: usize = 6;

/// Longer side in pixels that frames keep at least; the largest extractor input in the field is
/// 299.
const FRAME_SIDE_PX: u32 = 640;

/// Filmstrip pictures of one video; more are not told apart on any screen.
const THUMBS_MAX: usize = 600;

/// So long a new file's content hash is waited for before decoding starts without asking the cache.
const HASH_PATIENCE: Duration = Duration::from_millis(1500);

/// A video ready to be sampled.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub bundle: Bundle,
    pub preference: DevicePreference,
    pub device: DeviceReport,
    pub info: VideoInfo,
    pub index: Arc<FrameIndex>,
    pub features: Arc<Features>,
    pub segments: Arc<[Segment]>,
    pub segmentation: Segmentation,
    pub timings: Timings,
    /// Where the features are kept, if they are: what is found in them can lie beside.
    pub kept: Option<(Store, FeatureKey)>,
}

impl Prepared {
    /// What selection needs of the video.
    pub fn timeline(&self) -> Timeline {
        Timeline {
            index: Arc::clone(&self.index),
            picks: self.features.picks.as_slice().into(),
            segments: Arc::clone(&self.segments),
            traits: segment_traits(
                self.features.values.view(),
                &self.features.picks,
                &self.segments,
            )
            .into(),
        }
    }
}

/// Reads a video, extracts features (or finds them in the cache) and segments it. `on_event` gets
/// each result as it comes.
///
/// # Errors
/// When the file is no usable video, the bundle or ONNX Runtime is at fault, or the work was
/// cancelled.
pub fn prepare(
    path: &Path,
    options: &PrepareOptions,
    cancel: &CancelToken,
    on_event: &mut dyn FnMut(Event),
) -> Result<Prepared, PipelineError> {
    check_bounds(&options.segments)?;
    let started = Instant::now();
    let mut timings = Timings::default();
    let stamp = FileStamp::of(path);
    let (probe, index) = media::inspect(path, cancel, &mut |progress| {
        on_event(Event::Progress(progress))
    })?;
    let mut info = probe.info;
    let index = Arc::new(index);
    info.warnings.extend(too_short(&index));
    timings.probe = started.elapsed().as_secs_f64();
    let store = options.use_cache.then(Store::for_user).flatten();
    let hash = HashJob::start(path, store.as_ref(), cancel)?;
    report_probed(&info, &index, on_event);

    let bundle = Bundle::find(&options.bundle)?;
    let extractor = Extractor::open(&bundle, options.device)?;
    let device = DeviceReport::from(extractor.report());
    on_event(Event::Bundle(bundle.reference()));
    on_event(Event::Device(device.clone()));
    // A rate that was asked for is the networks' own, too.
    let network_fps = options.fps.unwrap_or_else(|| extractor.sampling_fps());
    let sampling_fps = match options.fps {
        Some(fps) => fps,
        None => network_fps * density(index.duration_secs(), network_fps),
    };
    let key = |content_sha256: String| FeatureKey {
        content_sha256,
        bundle_sha256: bundle.sha256().to_owned(),
        sampling_fps,
        device: device.device.clone(),
    };

    if let Some(sha256) = hash.wait(Some(HASH_PATIENCE))? {
        info.sha256 = sha256;
        report_probed(&info, &index, on_event);
    }
    let cached = store
        .as_ref()
        .filter(|_| !info.sha256.is_empty())
        .and_then(|store| store.load_features(&key(info.sha256.clone())))
        .filter(|cached| cached.features.values.ncols() == extractor.dim());
    let was_cached = cached.is_some();
    let found = match cached {
        Some(cached) => {
            report_thumbs(&cached, on_event);
            cached
        }
        None => {
            let picks = index.picks_at(sampling_fps);
            extract(
                path,
                &index,
                picks,
                &extractor,
                &mut timings,
                cancel,
                on_event,
            )?
        }
    };
    // A GPU may have failed on the way; the rest was then done on the CPU.
    let device_at_end = DeviceReport::from(extractor.report());
    let on_one_device = device_at_end == device;
    if !on_one_device {
        on_event(Event::Device(device_at_end.clone()));
    }
    let mut has_news = !found.warnings.is_empty();
    info.warnings.extend(found.warnings.iter().cloned());
    if info.sha256.is_empty()
        && let Some(sha256) = hash.wait(None)?
    {
        info.sha256 = sha256;
        has_news = true;
    }
    let is_unchanged = stamp.is_some() && FileStamp::of(path) == stamp;
    if !is_unchanged {
        info.warnings
            .push("The file changed while it was read: open it again once it is complete.".into());
        has_news = true;
    }
    if has_news {
        report_probed(&info, &index, on_event);
    }
    let is_whole = found.features.picks == index.picks_at(sampling_fps);
    let may_store =
        !was_cached && is_unchanged && is_whole && on_one_device && !info.sha256.is_empty();
    let mut is_kept = was_cached;
    if let Some(store) = store.as_ref().filter(|_| may_store) {
        match store.store_features(&key(info.sha256.clone()), &found) {
            Ok(()) => is_kept = true,
            Err(err) => log::warn!("{err}"),
        }
    }
    let kept = store
        .filter(|_| is_kept)
        .map(|store| (store, key(info.sha256.clone())));

    let (mut features, shots) = (found.features, found.shots);
    features.network_rows = network_rows(&features.picks, &index.picks_at(network_fps));
    let features = Arc::new(features);
    on_event(Event::Features(Arc::clone(&features)));
    let segmenting = Instant::now();
    let clock = StageClock::start("Finding scenes");
    on_event(Event::Progress(clock.at(0, 1)));
    let price = bundle.manifest().segments.unwrap_or_default();
    let (segments, segmentation) = segments(&features, &index, &shots, &options.segments, &price);
    let segments: Arc<[Segment]> = segments.into();
    timings.segment = segmenting.elapsed().as_secs_f64();
    if cancel.is_cancelled() {
        return Err(PipelineError::Cancelled);
    }
    on_event(Event::Segments(Arc::clone(&segments)));
    on_event(Event::Cuts(segmentation.cuts.as_slice().into()));
    timings.total = started.elapsed().as_secs_f64();
    Ok(Prepared {
        bundle,
        preference: options.device,
        device: device_at_end,
        info,
        index,
        features,
        segments,
        segmentation,
        timings,
        kept,
    })
}

fn report_probed(info: &VideoInfo, index: &Arc<FrameIndex>, on_event: &mut dyn FnMut(Event)) {
    on_event(Event::Probed {
        info: info.clone(),
        index: Arc::clone(index),
    });
}

fn report_thumbs(cached: &CachedFeatures, on_event: &mut dyn FnMut(Event)) {
    for thumb in &cached.thumbs {
        on_event(Event::Thumb(Thumb {
            pick: thumb.pick,
            frame: cached.features.picks[thumb.pick],
            secs: cached.features.pick_times_secs[thumb.pick],
            image: thumb.image.clone(),
        }));
    }
}

/// The content hash, computed beside the rest unless it is remembered.
struct HashJob {
    known: Option<String>,
    answer: Option<Receiver<Result<String, MediaError>>>,
    memo: Option<HashMemo>,
    path: std::path::PathBuf,
    /// What the file looked like before its first byte was hashed.
    stamp: Option<FileStamp>,
}

impl HashJob {
    fn start(
        path: &Path,
        store: Option<&Store>,
        cancel: &CancelToken,
    ) -> Result<Self, PipelineError> {
        let stamp = FileStamp::of(path);
        let memo = store.map(HashMemo::of);
        let known = memo.as_ref().and_then(|memo| memo.get(path));
        let mut answer = None;
        if known.is_none() {
            let (sender, receiver) = crossbeam_channel::bounded(1);
            let (path, cancel) = (path.to_owned(), cancel.clone());
            jobs::spawn("hash file", move || {
                // Nobody listens any more once the opening was given up.
                let _ = sender.send(media::content_hash(&path, &cancel));
            })
            .map_err(PipelineError::Thread)?;
            answer = Some(receiver);
        }
        Ok(Self {
            known,
            answer,
            memo,
            path: path.to_owned(),
            stamp,
        })
    }

    /// The hash; `None` when the patience ran out. Without patience it waits for the end.
    fn wait(&self, patience: Option<Duration>) -> Result<Option<String>, PipelineError> {
        if let Some(known) = &self.known {
            return Ok(Some(known.clone()));
        }
        let Some(answer) = &self.answer else {
            return Ok(None);
        };
        let received = match patience {
            Some(patience) => match answer.recv_timeout(patience) {
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                received => received.ok(),
            },
            None => answer.recv().ok(),
        };
        let Some(result) = received else {
            return Ok(None);
        };
        let sha256: String = result?;
        // A file that was written meanwhile may have any other hash by now.
        if let Some(memo) = &self.memo
            && FileStamp::of(&self.path) == self.stamp
        {
            memo.put(&self.path, &sha256);
        }
        Ok(Some(sha256))
    }
}

/// Decodes the picks and extracts their features, both at once.
fn extract(
    path: &Path,
    index: &Arc<FrameIndex>,
    picks: Vec<u64>,
    extractor: &Extractor,
    timings: &mut Timings,
    cancel: &CancelToken,
    on_event: &mut dyn FnMut(Event),
) -> Result<CachedFeatures, PipelineError> {
    if picks.is_empty() {
        return Err(MediaError::NoFrames {
            path: path.to_owned(),
        }
        .into());
    }
    let options = SampledOptions {
        max_side: Some(FRAME_SIDE_PX),
        find_cuts: true,
        ..SampledOptions::default()
    };
    let (sender, frames) = crossbeam_channel::bounded(FRAMES_WAITING);
    let worker = {
        let (path, index, picks, cancel) = (
            path.to_owned(),
            Arc::clone(index),
            picks.clone(),
            cancel.clone(),
        );
        // FFmpeg's contexts stay on the thread that made them.
        jobs::spawn("decode frames", move || {
            match SampledDecoder::open(&path, &index, &picks, options, cancel) {
                Ok(decoder) => decode_into(decoder, &sender),
                Err(err) => {
                    // The other side is gone only when the opening was given up.
                    let _ = sender.send(Err(err));
                    DecodeReport::default()
                }
            }
        })
        .map_err(PipelineError::Thread)?
    };

    let every = picks.len().div_ceil(THUMBS_MAX);
    let mut values = Array2::zeros((picks.len(), extractor.dim()));
    let mut thumbs = Vec::new();
    let clock = StageClock::start("Reading frames");
    let mut batch: Vec<RgbImage> = Vec::with_capacity(BATCH_FRAMES);
    let mut done = 0;
    let mut extracting = Duration::ZERO;
    for frame in &frames {
        let frame: SampledFrame = frame?;
        if frame.pick.is_multiple_of(every) {
            thumbs.push(CachedThumb {
                pick: frame.pick,
                image: frame.thumb.clone(),
            });
            on_event(Event::Thumb(Thumb {
                pick: frame.pick,
                frame: frame.frame,
                secs: frame.secs,
                image: frame.thumb,
            }));
        }
        batch.push(frame.image);
        if batch.len() == BATCH_FRAMES || done + batch.len() == picks.len() {
            let begun = Instant::now();
            let rows = match extractor.extract(&batch, cancel) {
                Err(_) if cancel.is_cancelled() => return Err(PipelineError::Cancelled),
                rows => rows?,
            };
            extracting += begun.elapsed();
            values
                .slice_mut(s![done..done + batch.len(), ..])
                .assign(&rows);
            done += batch.len();
            batch.clear();
            on_event(Event::Progress(clock.at(done as u64, picks.len() as u64)));
        }
        if cancel.is_cancelled() {
            return Err(PipelineError::Cancelled);
        }
    }
    drop(frames);
    // A worker that panicked has sent no reason; what it decoded is what there is.
    let report = worker.join().unwrap_or_default();
    timings.decode = report.busy.as_secs_f64();
    timings.cuts = report.looking_secs;
    timings.extract = extracting.as_secs_f64();
    if done == 0 {
        return Err(MediaError::NoFrames {
            path: path.to_owned(),
        }
        .into());
    }
    let mut picks = picks;
    picks.truncate(done);
    values = values.slice_axis(Axis(0), (..done).into()).to_owned();
    let pick_times_secs = picks
        .iter()
        .map(|&frame| index.secs_from_frame(frame))
        .collect();
    Ok(CachedFeatures {
        features: Features {
            values,
            picks,
            pick_times_secs,
            network_rows: Vec::new(),
        },
        thumbs,
        shots: report.shots,
        warnings: report.warnings,
    })
}

#[derive(Default)]
struct DecodeReport {
    busy: Duration,
    looking_secs: f64,
    shots: Shots,
    warnings: Vec<String>,
}

fn decode_into(
    mut decoder: SampledDecoder,
    sender: &crossbeam_channel::Sender<Result<SampledFrame, MediaError>>,
) -> DecodeReport {
    let mut busy = Duration::ZERO;
    let mut is_whole = true;
    loop {
        let begun = Instant::now();
        let frame = decoder.next();
        busy += begun.elapsed();
        let Some(frame) = frame else {
            break;
        };
        let failed = frame.is_err();
        // An error means that the extractor's side gave up.
        if sender.send(frame).is_err() || failed {
            is_whole = false;
            break;
        }
    }
    let begun = Instant::now();
    // Of a video that was given up nothing is needed; where the second look fails, segments begin
    // at the picks.
    let shots = match is_whole.then(|| decoder.shots()) {
        Some(Ok(shots)) => shots,
        Some(Err(err)) => {
            log::warn!("cuts are left out: {err}");
            Shots::default()
        }
        None => Shots::default(),
    };
    busy += begun.elapsed();
    if let Some(secs) = decoder.busy_secs_elsewhere() {
        // Here it was only waited for.
        busy = Duration::try_from_secs_f64(secs).unwrap_or_default();
    }
    DecodeReport {
        busy,
        looking_secs: decoder.looking_secs(),
        shots,
        warnings: decoder.warnings(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_file_that_changed_meanwhile_is_not_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(&dir.path().join("cache"), 1 << 20);
        let film = dir.path().join("film.mp4");
        for (written_meanwhile, is_remembered) in [(false, true), (true, false)] {
            std::fs::write(&film, format!("begun {written_meanwhile}")).unwrap();
            let job = HashJob::start(&film, Some(&store), &CancelToken::new()).unwrap();
            if written_meanwhile {
                std::fs::write(&film, b"begun and written to the end").unwrap();
            }
            assert!(job.wait(None).unwrap().is_some());
            let known = HashMemo::of(&store).get(&film);
            assert_eq!(known.is_some(), is_remembered, "{known:?}");
        }
    }
}
