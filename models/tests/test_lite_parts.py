"""What makes the default bundle: agreement, people, simulation, networks, against references."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from conftest import REPOSITORY
from PIL import Image
from scipy import stats
from scipy.io import savemat
from scipy.ndimage import median_filter

from summdiff_models.lite import people, real_check
from summdiff_models.lite.agreement import pearson, tau_b
from summdiff_models.lite.annotators import HABITS, annotate, course_in_time
from summdiff_models.lite.calibration import average_ranks
from summdiff_models.lite.evaluate import consistency, mean_iou, measure, selections, smooth_noise
from summdiff_models.lite.look import LOOKS, look, motion
from summdiff_models.lite.network import ExportedEncoder, Sizes, SummaryNet, context_curves, pooled
from summdiff_models.lite.pictures import title
from summdiff_models.lite.scenes import (
    BLACK,
    PHOTO,
    SHOT_FRAMES,
    TAKE_FRAMES,
    TITLE,
    Bank,
    camera_move,
    handheld,
    static_camera,
)
from summdiff_models.lite.train import SIGMOID_TEMP, scores_from_ratings
from summdiff_models.lite.videos import Studio, zscore
from summdiff_models.lite.warm_start import begin_from, look_places, weights_of
from summdiff_models.train.tasks import logit_of, quantise

DIM = 48
BEFORE = REPOSITORY / "models/lite-1"


def taste(dim: int = DIM) -> people.Taste:
    rng = np.random.default_rng(20)
    own = [rng.normal(size=int(n)) for n in rng.integers(20, 120, 30)]
    return people.Taste(rng.normal(size=dim), rng.normal(size=(40, dim)), np.zeros(21), own, [rng.random((5, 30))])


def bank() -> Bank:
    rng = np.random.default_rng(6)
    sources = np.repeat(np.arange(26), 2)
    features = np.repeat(rng.random((26, 1, DIM)), 2, 0) + 0.05 * rng.random((52, SHOT_FRAMES, DIM))
    origin = np.where(sources == 24, TITLE, np.where(sources == 25, BLACK, PHOTO))
    takes = np.cumsum(rng.normal(0, 0.05, (3, TAKE_FRAMES, DIM)), 1) + rng.random((3, 1, DIM))
    properties = [rng.random((len(f), f.shape[1], 4)).astype(np.float32) for f in (features, takes)]
    return Bank(features.astype(np.float16), properties[0], sources, origin, takes.astype(np.float16), properties[1])


def test_tau_b_and_pearson_match_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(1, 6, (4, 30)), rng.integers(1, 6, (3, 30))
    taus, rs = tau_b(a, b), pearson(a.astype(float), b.astype(float))
    for i, j in itertools.product(range(4), range(3)):
        assert taus[i, j] == pytest.approx(stats.kendalltau(a[i], b[j]).statistic, abs=1e-6)
        assert rs[i, j] == pytest.approx(stats.pearsonr(a[i], b[j]).statistic, abs=1e-9)
    values = rng.integers(1, 6, 40)
    np.testing.assert_allclose(average_ranks(values), stats.rankdata(values))


def test_summaries_keep_to_the_budget_and_overlap_as_sets() -> None:
    scores = np.array([[0.9] * 3 + [0.1] * 37, [0.1] * 37 + [0.9] * 3])
    chosen = selections(scores, [(s, min(s + 3, 40)) for s in range(0, 40, 3)])
    assert chosen.sum(1).max() <= 6 and chosen[0, :3].all() and chosen[1, 39]
    assert mean_iou(np.array([[1, 1, 0, 0], [0, 1, 1, 0]], bool)) == pytest.approx(1 / 3)


def test_score_scale_round_trips() -> None:
    scores = torch.from_numpy(scores_from_ratings(np.arange(1, 6)))
    assert quantise(logit_of(scores, SIGMOID_TEMP, 1e-3), 100, SIGMOID_TEMP).tolist() == [2, 25, 50, 75, 98]


def test_tokens_average_their_picks() -> None:
    features = torch.rand(10, DIM)
    mean, changes = pooled(features)
    expected = torch.stack([features[:4].mean(0), features[4:8].mean(0), features[8:].mean(0)])
    torch.testing.assert_close(mean, expected)
    spread = ((features[:4] - expected[0]) ** 2).sum(1).mean().add(1e-4).sqrt()
    assert changes[0, 0].item() == pytest.approx(spread.log().item(), rel=1e-3)
    assert changes[2, 1].item() == pytest.approx(motion(features)[8:].mean().item(), rel=1e-4)


def test_look_follows_its_definition_in_torch_and_in_the_shipped_file() -> None:
    rng = np.random.default_rng(14)
    pixels = rng.integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    pixels[1, :64] //= 5
    image = ((pixels.astype(np.float32) - 127) / 128).transpose(0, 3, 1, 2)
    features = ort.InferenceSession(REPOSITORY / "models/lite/extractor.onnx").run(None, {"image": image})[0]
    shown = ((pixels.astype(np.float64) - 127) / 128 + 1) / 2
    luma = shown @ np.array([0.299, 0.587, 0.114])
    cells = luma[:, :156, :156].reshape(2, 6, 26, 6, 26).mean((2, 4)).reshape(2, 36)
    saturation, contrast = (shown.max(3) - shown.min(3)).mean((1, 2)), luma.std((1, 2))
    expected = np.concatenate([cells, np.stack([saturation, contrast, np.ones(2)], 1)], 1)
    np.testing.assert_allclose(look(torch.from_numpy(image)).numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(features[:, -LOOKS:], expected, atol=1e-5)


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


def test_memory_of_a_short_video() -> None:
    net = SummaryNet(Sizes(dim_in=DIM, hidden=16, feed_forward=16, heads=2)).eval()
    assert ExportedEncoder(net.encoder)(torch.rand(3, DIM)).shape == (1, 16)


def test_version_1_lends_all_its_weights() -> None:
    given = weights_of(BEFORE / "encoder.onnx") | weights_of(BEFORE / "denoiser.onnx")
    net = SummaryNet(Sizes())
    assert set(given) == set(net.state_dict())
    rng = np.random.default_rng(16)
    hidden = rng.random((300, 30))
    old, new = hidden @ rng.normal(size=(30, 1024)), hidden @ rng.normal(size=(30, 256))
    begin_from(BEFORE, net, old.astype(np.float32), new.astype(np.float32))
    looks = look_places(BEFORE / "extractor.onnx", 1024)
    assert len(set(looks)) == LOOKS
    weight = net.encoder.project.weight.detach().numpy()
    np.testing.assert_array_equal(weight[:, 217:256], given["encoder.project.weight"][:, looks])
    kept = net.denoiser.blocks[1].value.weight.detach().numpy()
    np.testing.assert_array_equal(kept, given["denoiser.blocks.1.value.weight"])


def test_a_ridge_finds_a_linear_taste_on_videos_it_has_not_seen() -> None:
    rng = np.random.default_rng(17)
    video, features = np.repeat(np.arange(8), 20), rng.normal(size=(160, 12))
    ratings = (features @ rng.normal(size=12))[:, None] + 3 * video[:, None] + rng.normal(size=(160, 20))
    frames = people.RatedFrames(video, [], ratings)
    assert people.ridge_report(features, frames)["tau"] > 0.7
    assert abs(people.ridge_report(rng.normal(size=(160, 12)), frames)["tau"]) < 0.3
    assert people.one_rater(frames) > 0.5
    learned = people.learn_taste(features, frames, [rng.integers(1, 6, (20, 30))], [rng.random((15, 40))])
    assert learned.raters.shape == (160, 12) and len(learned.own) == 35
    assert [c.shape for c in learned.curves] == [(20, 30), (15, 40)]
    assert all(c.min() >= 0.02 and c.max() <= 0.98 for c in learned.curves)


def test_a_simulated_video_and_its_annotators() -> None:
    rng, own_taste = np.random.default_rng(7), taste()
    video = Studio(bank(), kinds=6).compose(rng, 90)
    assert video.picks.shape == (360, DIM)
    np.testing.assert_allclose(video.tastes.mean(1), 0, atol=1e-5)
    ratings, main = annotate(video, own_taste, 400, rng)
    assert ratings.min() >= 1 and ratings.max() <= 5
    np.testing.assert_allclose([(ratings == v).mean() for v in range(1, 6)], HABITS.histogram, atol=0.03)
    own = [tau_b(r[None], video.tastes[[m]])[0, 0] for r, m in zip(ratings, main) if m >= 0]
    assert np.nanmean(own) > 0.3  # an annotator follows the viewpoint
    assert 0.3 < (main == -1).mean() < 0.5


def test_the_same_edit_of_two_descriptions() -> None:
    first, second = bank(), bank()
    second.features = second.features[..., :20]
    second.take_features = second.take_features[..., :20]
    studio = Studio(first, kinds=6)
    other = Studio(second, like=studio)
    for seed in range(8):  # edits and single takes
        made = [s.compose(np.random.default_rng(seed), 40, np.random.default_rng(1)) for s in (studio, other)]
        np.testing.assert_array_equal(made[0].scene, made[1].scene)
        assert made[0].names == made[1].names and made[1].picks.shape == (160, 20)


@pytest.mark.parametrize("tokens", [3, 4, 5])
def test_the_shortest_videos(tokens: int) -> None:
    rng, studio = np.random.default_rng(8), Studio(bank(), kinds=6)
    for _ in range(20):
        video = studio.compose(rng, tokens)
        assert np.isfinite(video.tastes).all()
        if video.names:
            assert annotate(video, taste(), 3, rng)[0].shape == (3, tokens)


def test_a_course_is_a_stretch_of_a_real_one() -> None:
    rng, own_taste = np.random.default_rng(9), taste()
    short = course_in_time(own_taste, 10, rng)
    assert any(
        np.allclose(short, zscore(curve[start : start + 10]))
        for curve in own_taste.own
        for start in range(len(curve) - 9)
    )
    assert len(course_in_time(own_taste, 400, rng)) == 400


def test_viewpoint_consistency_sees_viewpoints_and_not_smoothness() -> None:
    rng, studio = np.random.default_rng(11), Studio(bank(), kinds=6)
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
    ratings, _ = annotate(video, taste(), 11, rng)
    own = measure(ratings.astype(float), video, ratings)
    assert own["b11"] == pytest.approx(1.0) and own["matched"] == 1.0
    other = measure(rng.random((64, 80)), video, ratings)
    assert other["b11"] < 0.35 and abs(other["tau"]) < 0.05


def test_cameras_stay_in_the_picture_and_do_what_they_say() -> None:
    rng = np.random.default_rng(9)
    picture = Image.fromarray(rng.integers(0, 256, (256, 300, 3), dtype=np.uint8))
    for seed in range(12):
        rng = np.random.default_rng(seed)
        still = static_camera(picture, [picture.rotate(90)], rng, 20)
        for frames in (camera_move(picture, rng, 5), handheld(picture, rng, 9), still, [title(rng)]):
            assert {f.size for f in frames} == {(192, 108)}
        moved = [np.any(np.asarray(a) != np.asarray(b), 2).mean() for a, b in zip(still, still[1:])]
        assert max(moved) < 0.7  # most of the picture stands still


def test_real_check_knows_a_perfect_summary_from_a_shifted_one(tmp_path: Path) -> None:
    truth = np.zeros((900, 4))
    truth[300:420, :] = 1
    savemat(tmp_path / "v.mat", {"user_score": truth})
    segments = [{"start_frame": s, "end_frame": s + 60} for s in range(0, 900, 60)]
    made = {
        "bundle": {"name": "b", "version": "1"},
        "segments": segments,
        "samples": [{"selected_segments": [5, 6]}] * 12,
    }
    (tmp_path / "a.json").write_text(json.dumps(made))
    found = real_check.report(tmp_path / "a.json", tmp_path / "v.mat")
    assert found["mean"] == pytest.approx(1.0) and found["mean, percentile"] == 100
    assert found["mean, shifted"] < 0.3 and found["pairs of raters"] == pytest.approx(1.0)
