//! Networks against recorded float64 results, the official fixture where it is at hand, and every
//! claim that a run disproves.

use std::path::{Path, PathBuf};

use ndarray::{Array3, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};

use super::*;
use crate::diffusion::{Condition, Denoiser, Noise, SampleRequest, Sampler, Solver};
use crate::domain::{SamplingMethod, Variant};
use crate::jobs::CancelToken;
use crate::testing::onnx::{BundleShape, DenoiserShape, scorer, write_manifest};

fn open(dir: &Path) -> Result<Arc<Network>, BundleError> {
    Network::open(&Bundle::open(dir)?, DevicePreference::Cpu).map(Arc::new)
}

fn tiny(shape: &BundleShape) -> (tempfile::TempDir, Arc<Network>) {
    let dir = tempfile::tempdir().unwrap();
    shape.write(dir.path()).unwrap();
    let network = open(dir.path()).unwrap();
    (dir, network)
}

fn features(rows: usize, dim: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, dim), |(n, d)| ((n * 5 + d * 3) as f32 * 0.37).sin())
}

struct Npz(NpzReader<std::fs::File>);

impl Npz {
    fn open(path: PathBuf) -> Self {
        Self(NpzReader::new(std::fs::File::open(path).unwrap()).unwrap())
    }

    fn get<T: ReadableElement + Clone, D: ndarray::Dimension>(
        &mut self,
        name: &str,
    ) -> ndarray::ArrayBase<OwnedRepr<T>, D> {
        let with_ending = format!("{name}.npy");
        let names = self.0.names().unwrap();
        let stored = names.iter().find(|n| *n == name || **n == with_ending);
        self.0
            .by_name(stored.unwrap_or_else(|| panic!("{name} in {names:?}")))
            .unwrap()
    }
}

fn largest_difference<D: ndarray::Dimension>(
    a: &ndarray::Array<f32, D>,
    b: &ndarray::Array<f32, D>,
) -> f32 {
    assert_eq!(a.shape(), b.shape());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

fn request<'a>(
    initial: &'a Array2<f32>,
    steps: &'a Array3<f32>,
    method: SamplingMethod,
) -> SampleRequest<'a> {
    SampleRequest {
        imposed: None,
        first_sample: 0,
        samples: initial.nrows(),
        steps: steps.dim().0,
        eta: 1.0,
        guidance: 0.0,
        sag: None,
        variant: Variant::Authors,
        solver: Solver::Ddim,
        method,
        noise: Noise::Given {
            initial: initial.view(),
            steps: steps.view(),
        },
    }
}

#[test]
fn an_exported_network_gives_the_recorded_numbers() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sampling");
    let network = open(&data.join("tiny-bundle")).unwrap();
    let mut expected = Npz::open(data.join("tiny-expected.npz"));
    let features: Array2<f32> = expected.get("features");
    let memory = network.encode(features.view()).unwrap();
    assert!(largest_difference(&memory, &expected.get("memory")) < 1e-5);
    let video = network.condition(features.view()).unwrap();
    let null = video.pieces[0].null.clone().unwrap();
    assert!(largest_difference(&null, &expected.get("memory_null")) < 1e-5);
    let index: Array2<i64> = expected.get("score_index");
    let time: Array1<i64> = expected.get("time");
    let (x0, attention) = video
        .predict_with_attention(index.view(), time[0] as usize)
        .unwrap();
    assert!(largest_difference(&x0, &expected.get("x0")) < 2e-5);
    assert!(largest_difference(&attention, &expected.get("attention")) < 2e-5);
    let (initial, steps): (Array2<f32>, Array3<f32>) =
        (expected.get("initial_noise"), expected.get("step_noise"));
    let scores: Array2<f32> = expected.get("scores");
    for method in [SamplingMethod::Direct, SamplingMethod::Table] {
        let mut request = request(&initial, &steps, method);
        request.guidance = 0.5;
        let found = Sampler::new(network.schedule())
            .sample(&video, &request, &CancelToken::new(), &mut |_, _| {})
            .unwrap();
        assert!(largest_difference(&found, &scores) < 5e-6, "{method:?}");
    }
}

/// Runs with the official fixture exported to a bundle at `SUMMDIFF_OFFICIAL_BUNDLE` (`python -m
/// summdiff_models export --checkpoint …/dit_small/checkpoint.pkl --heads 4 … --out DIR`).
#[test]
fn the_official_fixture_gives_its_scores_and_indices() {
    let (Some(shared), Some(dir)) = (
        crate::testing::shared_dir(),
        std::env::var_os("SUMMDIFF_OFFICIAL_BUNDLE"),
    ) else {
        crate::testing::skip("SUMMDIFF_OFFICIAL_BUNDLE names no exported fixture");
        return;
    };
    let fixture = shared.join("fixtures/official/dit_small");
    let network = open(Path::new(&dir)).unwrap();
    let mut inputs = Npz::open(fixture.join("inputs.npz"));
    let mut expected = Npz::open(fixture.join("expected.npz"));
    let features: Array2<f32> = inputs.get("features");
    let memory = network.encode(features.view()).unwrap();
    assert!(largest_difference(&memory, &expected.get("memory_local")) < 1e-5);
    let video = network.condition(features.view()).unwrap();
    let (initial, steps): (Array2<f32>, Array3<f32>) =
        (inputs.get("noise_init"), inputs.get("noise_steps"));
    let scores: Array2<f32> = expected.get("scores");
    let indices: Array3<i32> = expected.get("step_score_idx");
    for method in [SamplingMethod::Direct, SamplingMethod::Table] {
        let (found, trace) = Sampler::new(network.schedule())
            .sample_traced(
                &video,
                &request(&initial, &steps, method),
                &CancelToken::new(),
            )
            .unwrap();
        assert_eq!(trace.indices, indices, "{method:?}");
        let off = largest_difference(&found, &scores);
        assert!(off <= 5e-6, "{method:?}: {off}");
    }
}

#[test]
fn table_and_direct_calls_agree_on_a_real_session() {
    let (_dir, network) = tiny(&BundleShape::default());
    let video = network.condition(features(50, 12).view()).unwrap();
    let (initial, steps) = (Array2::zeros((0, 0)), Array3::zeros((10, 0, 0)));
    let mut results = Vec::new();
    for method in [SamplingMethod::Direct, SamplingMethod::Table] {
        let mut request = request(&initial, &steps, method);
        request.samples = 60;
        request.guidance = 0.7;
        request.noise = Noise::Seeded {
            seed: 4,
            coherence: None,
        };
        results.push(
            Sampler::new(network.schedule())
                .sample_traced(&video, &request, &CancelToken::new())
                .unwrap(),
        );
    }
    assert_eq!(results[0].1, results[1].1);
    assert!(largest_difference(&results[0].0, &results[1].0) <= 1e-6);
}

#[test]
fn strided_and_cut_up_videos_have_the_right_shapes() {
    let (_dir, network) = tiny(&BundleShape {
        score_stride: 4,
        max_frames: Some(16),
        denoiser: DenoiserShape {
            joint: true,
            attention: true,
            broken: false,
        },
        ..BundleShape::default()
    });
    let features = features(42, 12);
    let video = network.condition(features.view()).unwrap();
    assert_eq!((video.picks(), video.tokens()), (42, 11));
    let lengths: Vec<usize> = video.pieces.iter().map(|p| p.tokens.len()).collect();
    assert_eq!(lengths, [3, 4, 4]);
    let index = Array2::from_elem((5, 11), 7);
    assert_eq!(
        video
            .predict(index.view(), 500, Condition::Null)
            .unwrap()
            .dim(),
        (5, 11)
    );
    let (x0, attention) = video.predict_with_attention(index.view(), 500).unwrap();
    assert_eq!((x0.dim(), attention.dim()), ((5, 11), (5, 11)));
    // The first piece is what its frames alone would give.
    let alone = network.condition(features.slice(s![..12, ..])).unwrap();
    let part = alone
        .predict(index.slice(s![.., ..3]), 500, Condition::Video)
        .unwrap();
    assert_eq!(part, x0.slice(s![.., ..3]));
    let times: Vec<f64> = (0..42).map(|i| f64::from(i) * 0.5).collect();
    let token_times = video.token_times_secs(&times);
    assert_eq!(token_times.len(), 11);
    assert_eq!((token_times[0], token_times[10]), (0.75, 20.25));
}

#[test]
fn a_false_pointwise_claim_is_found_when_the_network_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    BundleShape {
        denoiser: DenoiserShape {
            joint: true,
            ..DenoiserShape::default()
        },
        claims_pointwise: Some(true),
        ..BundleShape::default()
    }
    .write(dir.path())
    .unwrap();
    let message = open(dir.path()).unwrap_err().to_string();
    assert!(
        message.contains("denoiser.onnx") && message.contains("pointwise"),
        "{message}"
    );
}

#[test]
fn numbers_that_are_not_finite_are_found_when_the_network_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    BundleShape {
        denoiser: DenoiserShape {
            broken: true,
            ..DenoiserShape::default()
        },
        ..BundleShape::default()
    }
    .write(dir.path())
    .unwrap();
    let message = open(dir.path()).unwrap_err().to_string();
    assert!(
        message.contains("denoiser.onnx") && message.contains("not finite"),
        "{message}"
    );
}

#[test]
fn features_of_another_size_or_none_at_all_are_refused() {
    let (_dir, network) = tiny(&BundleShape::default());
    let message = network
        .condition(features(5, 9).view())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("9 values") && message.contains("takes 12"),
        "{message}"
    );
    let message = network
        .condition(features(0, 12).view())
        .unwrap_err()
        .to_string();
    assert!(message.contains("no frames"), "{message}");
    let mut broken = features(5, 12);
    broken[[3, 3]] = f32::NAN;
    let message = network.condition(broken.view()).unwrap_err().to_string();
    assert!(message.contains("not finite"), "{message}");
}

#[test]
fn a_scorer_bundle_scores_and_does_not_sample() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("scorer.onnx"), scorer(12)).unwrap();
    let manifest = serde_json::json!({
        "format": 1, "name": "line", "version": "1", "kind": "scorer",
        "scorer": {"file": "scorer.onnx", "dim_in": 12}, "max_frames": 20, "opset": 17,
    });
    write_manifest(dir.path(), &manifest).unwrap();
    let bundle = Bundle::open(dir.path()).unwrap();
    let scorer = Scorer::open(&bundle, DevicePreference::Cpu).unwrap();
    let features = features(50, 12);
    let scores = scorer.score(features.view()).unwrap();
    assert_eq!(scores.len(), 50);
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    let one = scorer.score(features.slice(s![33..34, ..])).unwrap();
    assert!((one[0] - scores[33]).abs() < 1e-6);
    let message = Network::open(&bundle, DevicePreference::Cpu)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("line") && message.contains("no denoiser"),
        "{message}"
    );
    assert!(scorer.score(Array2::zeros((3, 5)).view()).is_err());
}

#[test]
fn pieces_cover_everything_once_and_are_nearly_equal() {
    for (tokens, most) in [(1, 5), (5, 5), (6, 5), (101, 10), (7, usize::MAX), (3, 0)] {
        let pieces = token_pieces(tokens, most);
        let joined: Vec<usize> = pieces.iter().cloned().flatten().collect();
        assert_eq!(joined, (0..tokens).collect::<Vec<_>>());
        let lengths: Vec<usize> = pieces.iter().map(Range::len).collect();
        assert!(lengths.iter().all(|&len| len <= most.max(1)));
        assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() <= 1);
    }
}
