"""What makes the default bundle: agreement figures, segmentation, selection, simulation, networks,
against references.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from PIL import Image
from scipy import stats
from scipy.ndimage import median_filter

from conftest import shared_path
from summdiff_models.lite.agreement import pearson, tau_b
from summdiff_models.lite.annotators import HABITS, annotate
from summdiff_models.lite.calibration import average_ranks
from summdiff_models.lite.diffusion import (
    alphas_bar,
    level_of,
    logits_from_scores,
    sample,
    scores_from_ratings,
)
from summdiff_models.lite.evaluate import consistency, measure, smooth_noise
from summdiff_models.lite.extractor_file import write_extractor
from summdiff_models.lite.kts_report import boundary_scores
from summdiff_models.lite.look import look, look_channels, motion
from summdiff_models.lite.network import Denoiser, ExportedEncoder, Sizes, SummaryNet, context_curves, pooled
from summdiff_models.lite.scenes import SHOT_FRAMES, Bank, camera_move
from summdiff_models.lite.selection import knapsack, kts, mean_iou
from summdiff_models.lite.student import SeparableNet, as_input, pruned_from, teacher_as_torch
from summdiff_models.lite.videos import Studio, zscore

DIM = 48
SMALL = Sizes(dim_in=DIM, hidden=16, feed_forward=16, heads=2)


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
    features = torch.rand(10, DIM)
    mean, changes = pooled(features)
    expected = torch.stack([features[:4].mean(0), features[4:8].mean(0), features[8:].mean(0)])
    torch.testing.assert_close(mean, expected)
    assert changes.shape == (3, 2)
    spread = ((features[:4] - expected[0]) ** 2).sum(1).mean().add(1e-4).sqrt()
    assert changes[0, 0].item() == pytest.approx(spread.log().item(), rel=1e-3)
    assert changes[2, 1].item() == pytest.approx(motion(features)[8:].mean().item(), rel=1e-4)


def test_look_follows_its_definition_in_torch_and_in_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(14)
    pixels = rng.integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    pixels[1, :64] //= 5
    net = SeparableNet().eval()
    write_extractor(net, tmp_path / "e.onnx")
    image = as_input(pixels)
    features = ort.InferenceSession(str(tmp_path / "e.onnx")).run(None, {"image": image.numpy()})[0]
    channels = list(look_channels(1024))
    shown = (pixels.astype(np.float64) - 128) / 256 + 0.5
    luma = shown @ np.array([0.299, 0.587, 0.114])
    expected = np.concatenate(
        [
            luma[:, :126, :126].reshape(2, 6, 21, 6, 21).mean((2, 4)).reshape(2, 36),
            (shown.max(3) - shown.min(3)).mean((1, 2))[:, None],
            luma.std((1, 2))[:, None],
            np.ones((2, 1)),
        ],
        1,
    )
    np.testing.assert_allclose(look(image).numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(features[:, channels], expected, atol=1e-5)
    kept = np.setdiff1d(np.arange(1024), channels)
    with torch.no_grad():  # 16-bit weights
        np.testing.assert_allclose(features[:, kept], net(image).numpy()[:, kept], atol=2e-2)


def test_motion_is_the_change_of_the_grid_whatever_the_norm() -> None:
    rng = np.random.default_rng(15)
    cells = rng.random((6, 36)).astype(np.float32)
    cells[3] = cells[2]
    features = np.concatenate([rng.random((6, 9)), cells, rng.random((6, 2)), np.ones((6, 1))], 1).astype(np.float32)
    change = np.abs(np.diff(cells, axis=0)).mean(1)
    expected = np.log(median_filter(np.concatenate([change[:1], change]), 3, mode="nearest") + 0.001)
    np.testing.assert_allclose(motion(torch.from_numpy(features)).numpy(), expected, atol=1e-4)
    features *= rng.uniform(0.02, 1, (6, 1)).astype(np.float32)
    np.testing.assert_allclose(motion(torch.from_numpy(features)).numpy(), expected, atol=1e-3)
    assert motion(torch.from_numpy(features[:1])).item() == pytest.approx(np.log(0.001))


def test_context_curves_follow_their_definitions() -> None:
    rng = np.random.default_rng(13)
    mean, changes = rng.uniform(0.2, 1, (40, DIM)).astype(np.float32), rng.normal(-3, 1, (40, 2)).astype(np.float32)
    unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    cosine = unit @ unit.T
    far = np.sqrt(1 - cosine.min())
    new = [far] + [np.sqrt(1 - cosine[n, max(0, n - 15) : n].max()) for n in range(1, 40)]
    step = [far] + [np.sqrt(1 - cosine[n, n - 1]) for n in range(1, 40)]
    looks = (mean[:, -3] / mean[:, -1], mean[:, -2] / mean[:, -1])
    expected = [zscore(np.asarray(c)) for c in (*changes.T, cosine.mean(1), new, step, *looks)]
    found = context_curves(torch.from_numpy(mean)[None], torch.from_numpy(changes)[None])[0].numpy()
    np.testing.assert_allclose(found, np.stack(expected, 1), atol=2e-2)
    still = context_curves(torch.ones(1, 5, DIM), torch.full((1, 5, 2), -4.6))
    assert still.abs().max() < 0.5  # a still picture: rounding is not blown up to a spread of 1


def test_guidance_moves_the_path_and_not_the_read_out() -> None:
    memory, other = torch.ones(7, 2), torch.zeros(7, 2)

    def denoise(index: torch.Tensor, _: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        return 0.5 * given[..., 0] + 0.001 * index

    plain, told = (sample(denoise, memory, 3, steps=4, guidance=w, null_memory=other) for w in (0.0, 2.0))
    assert not torch.equal(plain, told)
    once = [sample(denoise, memory, 3, steps=1, guidance=w, null_memory=other) for w in (0.0, 2.0)]
    torch.testing.assert_close(*once)  # one step reads out at once
    torch.testing.assert_close(sample(denoise, memory, 3, steps=4, guidance=2.0, null_memory=memory), plain)


def test_pointwise_denoiser_is_pointwise_and_joint_is_not() -> None:
    torch.manual_seed(0)
    memory, index = torch.randn(1, 9, 16), torch.randint(0, 101, (1, 9))
    other = index.clone()
    other[0, 4] = (other[0, 4] + 50) % 101
    for joint in (False, True):
        net = Denoiser(Sizes(dim_in=DIM, hidden=16, feed_forward=16, heads=2, joint=joint))
        moved = (net(index, torch.tensor([400]), memory) - net(other, torch.tensor([400]), memory)).abs()[0]
        assert moved[4] > 0
        assert (moved[torch.arange(9) != 4].max() > 1e-7) == joint


def test_memory_of_a_short_video() -> None:
    net = SummaryNet(SMALL).eval()
    assert ExportedEncoder(net.encoder)(torch.rand(3, DIM)).shape == (1, 16)


def bank() -> Bank:
    rng = np.random.default_rng(6)
    sources = np.repeat(np.arange(24), 2)
    features = np.repeat(rng.random((24, 1, DIM)), 2, 0) + 0.05 * rng.random((48, SHOT_FRAMES, DIM))
    return Bank(
        features.astype(np.float16),
        rng.random((48, SHOT_FRAMES, 4)).astype(np.float32),
        sources,
        np.zeros(48, int),
    )


def test_a_simulated_video_and_its_annotators() -> None:
    rng = np.random.default_rng(7)
    video = Studio(bank(), kinds=6).compose(rng, 90, keep_picks=True)
    assert video.mean.shape == (90, DIM) and video.picks.shape == (360, DIM)
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
    path = shared_path("networks/mobilenet_v1_embedding.onnx")
    image = np.random.default_rng(10).uniform(-1, 1, (1, 3, 224, 224)).astype(np.float32)
    expected = ort.InferenceSession(str(path)).run(None, {"image": image})[0]
    with torch.no_grad():
        np.testing.assert_allclose(teacher_as_torch(path)(torch.from_numpy(image)).numpy(), expected, atol=2e-3)
