//! Every reader of strangers' files behind one door, for fuzzing (`tests/fuzz`) and for replaying
//! its seeds in the ordinary tests.
//!
//! A reader passes when it returns: no panic, no hang, no memory beyond what the file can justify,
//! every complaint one sentence, and what it read within its own rules. What it makes of the bytes
//! does not matter here.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::analysis::agreement::{AgreementParams, dataset_agreement};
use crate::analysis::raters::{frame_count_of, user_summaries};
use crate::analysis::video_metrics::MetricCase;
use crate::annotations::{self, dataset::Dataset, join};
use crate::cache;
use crate::domain::project::Project;
use crate::domain::{Analysis, AnnotationSet, FrameIndex, Rational, Variant};
use crate::inference::bundle::{self, Bundle};
use crate::inference::manifest::Manifest;
use crate::inference::onnx;
use crate::jobs::CancelToken;
use crate::media::{self, SampledDecoder, SampledOptions};
use crate::pipeline::GivenVideo;
use crate::session::drafts::Draft;
use crate::session::study;

/// A reader of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// TVSum's table of ratings.
    TvsumTsv,
    /// CSV of picks or scores.
    Table,
    /// This program's own JSON of annotations.
    SetsJson,
    /// VIA 3 projects.
    Via,
    /// ELAN's XML.
    Elan,
    /// SumMe's MATLAB 5 files.
    SummeMat,
    /// TVSum's MATLAB 7.3 file.
    TvsumMat,
    /// The eccv16 and Mr. HiSum HDF5 files.
    DatasetH5,
    /// `.summdiff`.
    Project,
    /// The JSON of `analyze`.
    Analysis,
    /// `bundle.json`.
    Manifest,
    /// Bundles as .zip.
    Archive,
    /// The cases of `metrics` and `knapsack`.
    Cases,
    /// ONNX graphs, as far as this program reads them itself.
    Onnx,
    /// Video files.
    Media,
    /// The files of a cache entry, one after the other between [`PARTS`].
    CacheEntry,
    /// Drafts.
    Draft,
    /// `study.json`.
    Study,
    /// Results of a study, merged with themselves.
    StudyResults,
}

/// What stands between the files of an input that is several: meta.json, features.npy and
/// thumbs.jpegs of a cache entry.
pub const PARTS: &[u8] = b"\n--next--\n";

impl Reader {
    pub const ALL: [Self; 19] = [
        Self::TvsumTsv,
        Self::Table,
        Self::SetsJson,
        Self::Via,
        Self::Elan,
        Self::SummeMat,
        Self::TvsumMat,
        Self::DatasetH5,
        Self::Project,
        Self::Analysis,
        Self::Manifest,
        Self::Archive,
        Self::Cases,
        Self::Onnx,
        Self::Media,
        Self::CacheEntry,
        Self::Draft,
        Self::Study,
        Self::StudyResults,
    ];

    /// Name of its fuzz target and of the folder of its seeds.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TvsumTsv => "tvsum_tsv",
            Self::Table => "table",
            Self::SetsJson => "sets_json",
            Self::Via => "via",
            Self::Elan => "elan",
            Self::SummeMat => "summe_mat",
            Self::TvsumMat => "tvsum_mat",
            Self::DatasetH5 => "dataset_h5",
            Self::Project => "project",
            Self::Analysis => "analysis",
            Self::Manifest => "manifest",
            Self::Archive => "archive",
            Self::Cases => "cases",
            Self::Onnx => "onnx",
            Self::Media => "media",
            Self::CacheEntry => "cache_entry",
            Self::Draft => "draft",
            Self::Study => "study",
            Self::StudyResults => "study_results",
        }
    }

    /// Reads `bytes` and uses what was read a little. Panics where a rule is broken.
    pub fn feed(self, bytes: &[u8]) {
        match self {
            Self::TvsumTsv
            | Self::Table
            | Self::SetsJson
            | Self::Via
            | Self::Elan
            | Self::SummeMat
            | Self::TvsumMat => in_file(self.name(), bytes, annotation_file),
            Self::DatasetH5 => in_file(self.name(), bytes, dataset_file),
            Self::Project => project(bytes),
            Self::Analysis => analysis(bytes),
            Self::Manifest => manifest(bytes),
            Self::Archive => in_file(self.name(), bytes, archive_file),
            Self::Cases => cases(bytes),
            Self::Onnx => onnx_graph(bytes),
            Self::Media => in_file(self.name(), bytes, media_file),
            Self::CacheEntry => in_file(self.name(), bytes, |path| cache_entry(bytes, path)),
            Self::Draft => in_file(self.name(), bytes, draft_file),
            Self::Study => in_file(self.name(), bytes, study_file),
            Self::StudyResults => in_file(self.name(), bytes, study_results_file),
        }
    }
}

/// Runs `read` on a file of the bytes; one folder a thread, for speed.
fn in_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    thread_local! {
        static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
    }
    let path: PathBuf = FOLDER.with_borrow_mut(|folder| {
        let folder = folder
            .get_or_insert_with(|| tempfile::tempdir().expect("a temporary folder is needed"));
        folder.path().join(name)
    });
    std::fs::write(&path, bytes).expect("the temporary folder takes the file");
    read(&path);
}

fn assert_sentence(text: &str) {
    assert!(
        !text.is_empty() && !text.chars().any(char::is_control),
        "not one sentence: {text:?}"
    );
}

fn annotation_file(path: &Path) {
    match annotations::open(path) {
        Ok(opened) => {
            opened.warnings.iter().for_each(|w| assert_sentence(w));
            check_sets(&opened.sets);
        }
        Err(error) => assert_sentence(&error.to_string()),
    }
}

fn check_sets(sets: &[AnnotationSet]) {
    for set in sets {
        check_set(set);
    }
    let people: usize = sets.iter().map(|set| set.annotators.len()).sum();
    let frames = sets.iter().map(frame_count_of).max().unwrap_or(0);
    if people > 16 || frames > 20_000 {
        return;
    }
    let params = AgreementParams {
        resamples: 5,
        ..AgreementParams::default()
    };
    let found = dataset_agreement(sets, &params);
    for value in [found.overall.tau, found.overall.rho].into_iter().flatten() {
        assert!((-1.0..=1.0).contains(&value), "{value} is no correlation");
    }
    for set in sets {
        user_summaries(set, &[], 0.15);
        GivenVideo::from_annotations("v".into(), set);
        let joined = join::join(set, &index());
        joined.report.iter().for_each(|line| assert_sentence(line));
        check_set(&joined.set);
    }
}

fn check_set(set: &AnnotationSet) {
    let frames = frame_count_of(set);
    for text in [&set.video_id, &set.title, &set.source] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    assert!(set.frame_rate_fps.is_finite() && set.frame_rate_fps >= 0.0);
    for annotator in &set.annotators {
        assert!(!annotator.name.is_empty() && !annotator.name.chars().any(char::is_control));
        assert!(annotator.scores.iter().all(|score| score.is_finite()));
        assert!(annotator.scores.is_empty() || annotator.scores.len() as u64 == frames);
        assert!(annotator.picks.iter().all(|pick| pick.start < pick.end));
        assert!(annotator.picks.windows(2).all(|w| w[0].end < w[1].start));
        assert!(annotator.picks.iter().all(|pick| pick.end <= frames));
    }
}

/// A video of 40 frames, 10 a second.
fn index() -> FrameIndex {
    FrameIndex {
        pts: (0..40).map(|frame| frame * 100).collect(),
        keyframes: vec![0].into(),
        time_base: Rational::new(1, 1000),
        last_duration: 100,
    }
}

fn dataset_file(path: &Path) {
    annotation_file(path);
    let Ok(dataset) = Dataset::open(path) else {
        return;
    };
    for key in dataset.keys().iter().take(4) {
        match dataset.read(key) {
            Ok(record) if record.frame_count <= 20_000 => {
                GivenVideo::from_record("v".into(), &record);
            }
            Ok(_) => {}
            Err(error) => assert_sentence(&error.to_string()),
        }
    }
}

fn project(bytes: &[u8]) {
    match Project::from_json(bytes, Path::new("p.summdiff")) {
        Ok(project) => {
            // What is written again is read again.
            let again = Project::from_json(&project.to_json(), Path::new("p.summdiff"));
            assert!(again.is_ok(), "{again:?}");
            project.annotations.iter().for_each(check_set);
            for work in &project.works {
                work.current_shot();
                assert!((0.0..=1.0).contains(&work.progress()), "{work:?}");
                if work.frame_count <= 20_000 {
                    let made = work.to_annotator();
                    assert!(made.picks.windows(2).all(|w| w[0].end < w[1].start));
                }
            }
        }
        Err(error) => assert_sentence(&error.to_string()),
    }
}

fn analysis(bytes: &[u8]) {
    match Analysis::from_json(bytes) {
        Ok(analysis) => {
            for sample in &analysis.samples {
                assert_eq!(sample.scores.len(), analysis.picks.len());
            }
        }
        Err(reason) => assert_sentence(&reason),
    }
}

fn manifest(bytes: &[u8]) {
    if let Err(reason) = Manifest::parse(bytes) {
        assert_sentence(&reason);
    }
}

fn archive_file(path: &Path) {
    let folder = path.with_extension("unpacked");
    if let Err(error) = bundle::unpack_into(path, &folder).and_then(|dir| Bundle::open(&dir)) {
        assert_sentence(&error.to_string());
    }
    let _ = std::fs::remove_dir_all(folder);
}

fn cases(bytes: &[u8]) {
    let Ok(serde_json::Value::Object(mut whole)) = serde_json::from_slice(bytes) else {
        return;
    };
    let Some(serde_json::Value::Array(cases)) = whole.get_mut("cases").map(|c| c.take()) else {
        return;
    };
    for case in cases {
        let Ok(case) = serde_json::from_value::<MetricCase>(case) else {
            continue;
        };
        // Right, but slow.
        if case.n_frames > 20_000 || case.n_frame_per_seg.len() > 500 {
            continue;
        }
        for variant in [Variant::Authors, Variant::Paper] {
            if let Err(reason) = case.measure(variant) {
                assert_sentence(&reason.to_string());
            }
        }
    }
}

fn onnx_graph(bytes: &[u8]) {
    let Ok(model) = onnx::Model::parse(bytes) else {
        return;
    };
    for input in &model.inputs {
        model.lookup_rows(&input.name);
    }
    if let Some(tensor) = model.last_pooled_tensor()
        && let Ok(cut) = onnx::cut_at(bytes, tensor, &[4, 1, 1])
    {
        assert!(onnx::Model::parse(&cut).is_ok(), "what is cut is a model");
    }
}

fn media_file(path: &Path) {
    let cancel = CancelToken::new();
    let (probe, index) = match media::inspect(path, &cancel, &mut |_| ()) {
        Ok(found) => found,
        Err(error) => return assert_sentence(&error.to_string()),
    };
    probe.info.warnings.iter().for_each(|w| assert_sentence(w));
    assert!(
        index.pts.windows(2).all(|w| w[0] <= w[1]),
        "{:?}",
        index.pts
    );
    let last = index.len().saturating_sub(1);
    let mut picks = vec![0, last / 2, last];
    picks.dedup();
    let options = SampledOptions {
        max_side: Some(64),
        ..SampledOptions::default()
    };
    match SampledDecoder::open(path, &index, &picks, options, cancel) {
        Ok(samples) => {
            for sample in samples {
                match sample {
                    Ok(sample) => assert!(sample.image.width > 0),
                    Err(error) => assert_sentence(&error.to_string()),
                }
            }
        }
        Err(error) => assert_sentence(&error.to_string()),
    }
}

/// Reads the parts as the files of an entry, in a folder beside `path`.
fn cache_entry(bytes: &[u8], path: &Path) {
    let folder = path.with_extension("entry");
    std::fs::create_dir_all(&folder).expect("the temporary folder takes a folder");
    let mut rest = bytes;
    for name in ["meta.json", "features.npy", "thumbs.jpegs"] {
        let end = rest.windows(PARTS.len()).position(|w| w == PARTS);
        let (part, after) = end.map_or((rest, &[][..]), |at| {
            (&rest[..at], &rest[at + PARTS.len()..])
        });
        std::fs::write(folder.join(name), part).expect("the temporary folder takes the file");
        rest = after;
    }
    if let Ok(entry) = cache::read_entry(&folder) {
        let picks = entry.features.picks.len();
        assert_eq!(entry.features.values.nrows(), picks);
        assert!(entry.thumbs.iter().all(|thumb| thumb.pick < picks));
    }
}

fn draft_file(path: &Path) {
    if let Ok(draft) = Draft::read(path) {
        let again = Project::from_json(&draft.to_json(), Path::new("d.summdiff"));
        assert!(again.is_ok(), "what is kept is read again: {again:?}");
        assert_sentence(&format!("{}.", draft.contents()));
    }
}

fn study_file(path: &Path) {
    if let Err(reason) = study::read_study(path) {
        reason.lines().for_each(assert_sentence);
    }
}

fn study_results_file(path: &Path) {
    let paths = [path.to_owned(), path.to_owned()];
    match study::read_all(&paths).and_then(study::merge) {
        Ok(merged) => {
            for line in merged.conflicts.iter().chain(&merged.notes) {
                assert_sentence(line);
            }
            if merged.videos.iter().all(|v| v.video.frame_count <= 20_000) {
                merged.sets().iter().for_each(check_set);
                merged.records();
                study::videos(&merged);
            }
        }
        Err(reason) => assert_sentence(&reason),
    }
}
