"""What makes the default bundle: agreement figures, segmentation, selection, simulation, networks,
against references.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats

from summdiff_models.lite.agreement import pearson, tau_b
from summdiff_models.lite.annotators import HABITS, annotate
from summdiff_models.lite.calibration import average_ranks
from summdiff_models.lite.diffusion import (
    alphas_bar,
    level_of,
    logits_from_scores,
    scores_from_ratings,
)
from summdiff_models.lite.evaluate import consistency, measure, smooth_noise
from summdiff_models.lite.kts_report import boundary_scores
from summdiff_models.lite.network import Denoiser, ExportedEncoder, Sizes, SummaryNet, context_curves, pooled
from summdiff_models.lite.scenes import SHOT_FRAMES, Bank, camera_move
from summdiff_models.lite.selection import knapsack, kts, mean_iou
from summdiff_models.lite.student import SeparableNet, pruned_from, teacher_as_torch
from summdiff_models.lite.train import fit_probe
from summdiff_models.lite.videos import Studio, zscore

SMALL = Sizes(dim_in=16, hidden=16, feed_forward=16, heads=2)


def test_tau_b_and_pearson_match_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(1, 6, (4, 30)), rng.integers(1, 6, (3, 30))
    taus, rs = tau_b(a, b), pearson(a.astype(float), b.astype(float))
    for i, j in itertools.product(range(4), range(3)):
        assert taus[i, j] == pytest.approx(stats.kendalltau(a[i], b[j]).statistic, abs=1e-6)
        assert rs[i, j] == pytest.approx(stats.pearsonr(a[i], b[j]).statistic, abs=1e-9)


def test_average_ranks_match_scipy() -> None:
    values = np.random.default_rng(1).integers(1, 6, 40)
    np.testing.assert_allclose(average_ranks(values), stats.rankdata(values))


def test_knapsack_equals_brute_force() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        values, lengths, budget = rng.random(8), rng.integers(1, 7, 8), int(rng.integers(3, 20))
        best = max(
            sum(values[list(c)])
            for n in range(9)
            for c in itertools.combinations(range(8), n)
            if sum(lengths[list(c)]) <= budget
        )
        taken = knapsack(values, lengths, budget)
        assert lengths[taken].sum() <= budget
        assert values[taken].sum() == pytest.approx(best)


def test_kts_finds_known_cuts() -> None:
    rng = np.random.default_rng(3)
    scenes = np.eye(6, 32)
    rows = np.repeat(scenes, [7, 9, 5, 12, 8, 6], 0) + rng.normal(0, 0.03, (47, 32))
    assert kts(rows) == [7, 16, 21, 33, 41]
    assert kts(rows, shots=6) == [7, 16, 21, 33, 41]


def test_boundaries_match_once_within_the_tolerance() -> None:
    assert boundary_scores([9, 11, 30], [10, 29]) == pytest.approx((2 / 3, 1.0, 0.8))


def test_iou_of_different_summaries() -> None:
    chosen = np.array([[1, 1, 0, 0], [0, 1, 1, 0]], bool)
    assert mean_iou(chosen) == pytest.approx(1 / 3)


def test_score_scale_round_trips() -> None:
    scores = scores_from_ratings(np.arange(1, 6))
    levels = level_of(torch.from_numpy(logits_from_scores(scores)))
    assert levels.tolist() == [2, 25, 50, 75, 98]
    bar = alphas_bar()
    assert bar[0] == pytest.approx(0.9999587, abs=1e-7) and bar[999] == pytest.approx(2.43e-9, rel=1e-2)


def test_tokens_average_their_picks() -> None:
    features = torch.randn(10, 16)
    mean, spread = pooled(features)
    expected = torch.stack([features[:4].mean(0), features[4:8].mean(0), features[8:].mean(0)])
    torch.testing.assert_close(mean, expected)
    assert spread.shape == (3, 1)
    assert spread[0].item() == pytest.approx(
        ((features[:4] - expected[0]) ** 2).sum(1).mean().add(1e-4).sqrt().item(), rel=1e-4
    )


def test_context_curves_follow_their_definitions() -> None:
    rng = np.random.default_rng(13)
    mean, spread = rng.random((40, 16)).astype(np.float32), rng.uniform(0.01, 0.3, (40, 1)).astype(np.float32)
    unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    cosine = unit @ unit.T
    far = np.sqrt(1 - cosine.min())
    new = [far] + [np.sqrt(1 - cosine[n, max(0, n - 15) : n].max()) for n in range(1, 40)]
    step = [far] + [np.sqrt(1 - cosine[n, n - 1]) for n in range(1, 40)]
    probe = rng.normal(size=(17, 2)).astype(np.float32)
    read = (np.concatenate([mean, np.log(spread)], 1) @ probe).T
    expected = [zscore(np.asarray(c)) for c in (np.log(spread[:, 0]), cosine.mean(1), new, step, *read)]
    found = context_curves(*(torch.from_numpy(x) for x in (mean[None], spread[None], probe)))[0].numpy()
    np.testing.assert_allclose(found, np.stack(expected, 1), atol=2e-2)
    still = context_curves(torch.ones(1, 5, 16), torch.full((1, 5, 1), 0.01), torch.zeros(17, 2))
    assert still.abs().max() < 0.5  # a still picture: rounding is not blown up to a spread of 1


def test_pointwise_denoiser_is_pointwise_and_joint_is_not() -> None:
    torch.manual_seed(0)
    memory, index = torch.randn(1, 9, 16), torch.randint(0, 101, (1, 9))
    other = index.clone()
    other[0, 4] = (other[0, 4] + 50) % 101
    for joint in (False, True):
        net = Denoiser(Sizes(dim_in=16, hidden=16, feed_forward=16, heads=2, joint=joint))
        moved = (net(index, torch.tensor([400]), memory) - net(other, torch.tensor([400]), memory)).abs()[0]
        assert moved[4] > 0
        assert (moved[torch.arange(9) != 4].max() > 1e-7) == joint


def test_memory_of_a_short_video() -> None:
    net = SummaryNet(SMALL).eval()
    assert ExportedEncoder(net.encoder)(torch.randn(3, 16)).shape == (1, 16)


def bank() -> Bank:
    rng = np.random.default_rng(6)
    sources = np.repeat(np.arange(24), 2)
    features = np.repeat(rng.random((24, 1, 16)), 2, 0) + 0.05 * rng.random((48, SHOT_FRAMES, 16))
    return Bank(
        features.astype(np.float16),
        rng.random((48, SHOT_FRAMES, 4)).astype(np.float32),
        sources,
        np.zeros(48, int),
    )


def test_the_probe_reads_what_can_be_read() -> None:
    made = bank()
    made.properties[..., 1] = made.features[..., 3]  # colour is one feature
    probe = fit_probe(made).numpy()
    tokens = made.features[:, 2:6].astype(np.float32).mean(1)
    read = tokens @ probe[:-1, 1]
    assert np.corrcoef(read, made.properties[:, 2:6, 1].mean(1))[0, 1] > 0.9


def test_a_simulated_video_and_its_annotators() -> None:
    rng = np.random.default_rng(7)
    video = Studio(bank(), kinds=6).compose(rng, 90, keep_picks=True)
    assert video.mean.shape == (90, 16) and video.picks.shape == (360, 16)
    assert all(0 < cut < 360 for cut in video.cuts)
    np.testing.assert_allclose(video.tastes.mean(1), 0, atol=1e-5)
    ratings, main = annotate(video.tastes, video.names, 400, rng)
    assert ratings.min() >= 1 and ratings.max() <= 5
    shares = [(ratings == v).mean() for v in range(1, 6)]
    np.testing.assert_allclose(shares, HABITS.histogram, atol=0.03)
    own = np.array([tau_b(ratings[a : a + 1], video.tastes[m : m + 1])[0, 0] for a, m in enumerate(main)])
    assert np.nanmean(own) > 0.3  # an annotator follows the viewpoint


@pytest.mark.parametrize("tokens", [4, 5])
def test_the_shortest_videos(tokens: int) -> None:
    rng = np.random.default_rng(8)
    studio = Studio(bank(), kinds=6)
    for _ in range(20):
        video = studio.compose(rng, tokens)
        assert np.isfinite(video.tastes).all()
        if video.names:
            assert annotate(video.tastes, video.names, 3, rng)[0].shape == (3, tokens)


def test_viewpoint_consistency_sees_viewpoints_and_not_smoothness() -> None:
    rng = np.random.default_rng(11)
    studio = Studio(bank(), kinds=6)
    kept, smooth = [], []
    for _ in range(12):
        video = studio.compose(rng, 110)
        loyal = np.tile(video.tastes, (6, 1))
        kept.append(consistency(loyal + 0.7 * smooth_noise(loyal.shape, rng), video))
        smooth.append(consistency(smooth_noise((48, 110), rng), video))
    assert np.mean(kept) > 0.4
    assert abs(np.mean(smooth)) < 0.1


def test_measured_figures_of_perfect_and_of_random_curves() -> None:
    rng = np.random.default_rng(12)
    video = Studio(bank(), kinds=6).compose(rng, 80)
    ratings, _ = annotate(video.tastes, video.names, 11, rng)
    own = measure(ratings.astype(float), video, ratings)
    assert own["b11"] == pytest.approx(1.0) and own["matched"] == 1.0
    other = measure(rng.random((64, 80)), video, ratings)
    assert other["b11"] < 0.35 and abs(other["tau"]) < 0.05


def test_camera_moves_stay_in_the_picture() -> None:
    picture = Image.fromarray(np.random.default_rng(9).integers(0, 256, (256, 300, 3), dtype=np.uint8))
    for seed in range(30):
        frames = camera_move(picture, np.random.default_rng(seed), 5)
        assert [f.size for f in frames] == [(192, 108)] * 5


def test_pruning_keeps_the_shape_and_beats_random_filters() -> None:
    torch.manual_seed(1)
    teacher = SeparableNet((32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)).eval()
    with torch.no_grad():
        for module in teacher.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)
        images = torch.rand(24, 3, 64, 64) * 2 - 1
        student = pruned_from(teacher, images)
        wanted = teacher(images)
        near = torch.nn.functional.cosine_similarity(student(images), wanted).mean()
        far = torch.nn.functional.cosine_similarity(SeparableNet().eval()(images), wanted).mean()
    assert near > far


def test_the_teacher_in_torch_equals_its_onnx_file() -> None:
    from conftest import shared_dir

    shared = shared_dir()
    if shared is None:
        pytest.skip("the teacher was not found: set SUMMDIFF_SHARED")
    import onnxruntime as ort

    path = shared / "networks/mobilenet_v1_embedding.onnx"
    image = np.random.default_rng(10).uniform(-1, 1, (1, 3, 224, 224)).astype(np.float32)
    expected = ort.InferenceSession(str(path)).run(None, {"image": image})[0]
    with torch.no_grad():
        np.testing.assert_allclose(teacher_as_torch(path)(torch.from_numpy(image)).numpy(), expected, atol=2e-3)
