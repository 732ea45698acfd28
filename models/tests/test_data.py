"""Dataset files, splits and validation metrics."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import shared_path
from summdiff_models.data import simulate
from summdiff_models.data import video as video_module
from summdiff_models.data.annotations import read_annotations
from summdiff_models.data.splits import make_split
from summdiff_models.data.video import KINDS, Video, read_videos
from summdiff_models.errors import UserError
from summdiff_models.metrics import correlations, frame_scores, knapsack, machine_summary, tau_rho

KEYS = [f"video_{i}" for i in range(1, 51)]


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_file_is_read_and_repeats(kind: str, tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        simulate.write(tmp_path / name, kind, 11, 6, 16, (60, 80), seed=4)
    first, again = read_videos(tmp_path / "a.h5", kind), read_videos(tmp_path / "b.h5", kind)
    assert [video.key for video in first] == [f"video_{i}" for i in range(1, 12)]
    found = []
    for video, twin in zip(first, again):
        np.testing.assert_array_equal(video.features, twin.features)
        n = len(video.features)
        assert video.scores.shape == (1 if kind == "mrhisum" else 6, n)
        assert 0 <= video.scores.min() and video.scores.max() <= 1
        assert video.n_frame_per_seg.sum() == video.n_frames == n * (1 if kind == "mrhisum" else 15)
        found.append(correlations(video.consensus, video, kind))
    assert np.min(np.mean(found, axis=0)) > 0.3


def test_tvsum_ratings_are_divided_by_each_annotators_maximum(tmp_path: Path) -> None:
    simulate.write(tmp_path / "t.h5", "tvsum", 5, 3, 8, (20, 20), seed=0)
    with h5py.File(tmp_path / "t.h5", "a") as file:
        rows = np.ones((3, 300), np.float32)
        rows[0, 15:30], rows[1, 0] = 5, 4
        del file["video_2/user_scores"]
        file["video_2/user_scores"] = rows
    scores = read_videos(tmp_path / "t.h5", "tvsum")[1].scores
    np.testing.assert_allclose(scores[0, :3], [0.2, 1, 0.2])
    np.testing.assert_allclose(scores[1, :2], [1, 0.25])
    np.testing.assert_allclose(scores[2], 1)


def test_annotations_in_a_file_of_their_own(tmp_path: Path) -> None:
    simulate.write(tmp_path / "t.h5", "tvsum", 5, 3, 8, (20, 20), seed=0)
    with h5py.File(tmp_path / "t.h5", "a") as file:
        rows = {key: np.asarray(file[key]["user_scores"]) for key in file}
        for key in file:
            del file[key]["user_scores"]
    lines = [f"id{key}\tVT\t" + ",".join(str(int(value)) for value in row) for key in sorted(rows) for row in rows[key]]
    (tmp_path / "anno.tsv").write_text("\n".join(lines) + "\n")
    videos = read_videos(tmp_path / "t.h5", "tvsum", read_annotations(tmp_path / "anno.tsv"))
    for video in videos:
        expected = rows[video.key][:, ::15] / rows[video.key].max(1, keepdims=True)
        np.testing.assert_allclose(video.scores, expected, rtol=1e-6)
    (tmp_path / "anno.tsv").write_text("\n".join(lines[:-3]) + "\n")
    with pytest.raises(UserError, match="have no video video_5"):
        read_videos(tmp_path / "t.h5", "tvsum", read_annotations(tmp_path / "anno.tsv"))


def test_tvsums_own_mat_file() -> None:
    ratings = read_annotations(shared_path("data/tvsum/ydata-tvsum50.mat"))
    assert list(ratings) == KEYS
    assert all(rows.shape[0] == 20 and rows.min() >= 1 and rows.max() <= 5 for rows in ratings.values())
    taus = [
        tau_rho(rows[a, ::15], rows[b, ::15])[0]
        for rows in list(ratings.values())[:3]
        for a in range(4)
        for b in range(a)
    ]
    assert 0 < np.nanmean(taus) < 0.5


def test_large_files_are_read_as_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate.write(tmp_path / "m.h5", "mrhisum", 5, 3, 8, (20, 20), seed=0)
    whole = read_videos(tmp_path / "m.h5", "mrhisum")
    monkeypatch.setattr(video_module, "PRELOAD_BYTES", 0)
    for video, twin in zip(read_videos(tmp_path / "m.h5", "mrhisum"), whole):
        assert isinstance(video.stored, h5py.Dataset) and not isinstance(twin.stored, h5py.Dataset)
        np.testing.assert_array_equal(video.features, twin.features)
    with h5py.File(tmp_path / "n.h5", "w") as file, h5py.File(tmp_path / "m.h5") as source:
        for key in source:
            source.copy(key, file)
        file["video_2/features"][3, 4] = np.nan
    with pytest.raises(UserError, match="video_2 hold NaN"):
        _ = [video.features for video in read_videos(tmp_path / "n.h5", "mrhisum")]


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_videos(tmp_path / "none.h5", "tvsum")
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(UserError, match="not an HDF5 file"):
        read_videos(tmp_path / "text.h5", "tvsum")
    simulate.write(tmp_path / "t.h5", "mrhisum", 5, 3, 8, (20, 20), seed=0)
    with pytest.raises(UserError, match="has no n_frames, which a tvsum file needs"):
        read_videos(tmp_path / "t.h5", "tvsum")
    with h5py.File(tmp_path / "t.h5", "a") as file:
        del file["video_3/features"]
        file["video_3/features"] = np.zeros((19, 8), np.float32)
    with pytest.raises(UserError, match="video_3 has 19 feature rows"):
        read_videos(tmp_path / "t.h5", "mrhisum")


@pytest.mark.parametrize("index", range(5))
def test_tvt_is_seven_one_two(index: int) -> None:
    split = make_split(["tvt"], KEYS, index, seed=0)
    assert (len(split.train_keys), len(split.val_keys), len(split.test_keys)) == (35, 5, 10)
    assert sorted(split.train_keys + split.val_keys + split.test_keys) == sorted(KEYS)
    assert split == make_split(["tvt"], KEYS, index, seed=0)
    assert split != make_split(["tvt"], KEYS, (index + 1) % 5, seed=0)


def test_five_folds_cover_every_video_once_and_never_validate_on_the_test_fold() -> None:
    splits = [make_split(["5fcv"], KEYS, i, seed=3) for i in range(5)]
    assert sorted(key for split in splits for key in split.test_keys) == sorted(KEYS)
    for split in splits:
        assert sorted(split.train_keys + split.val_keys + split.test_keys) == sorted(KEYS)
        assert len(split.val_keys) == 5


def test_splits_are_those_of_the_program() -> None:
    """The Rust test ``the_rule_is_the_one_of_the_training_package`` asserts the same keys."""
    keys = [f"video_{number}" for number in range(1, 11)]
    assert make_split(["tvt"], keys, 1, seed=0).test_keys == ["video_10", "video_9"]
    assert make_split(["5fcv"], keys, 2, seed=7).test_keys == ["video_4", "video_2"]


def test_split_files(tmp_path: Path) -> None:
    path = tmp_path / "splits.json"
    whole = {"train_keys": KEYS[:6], "val_keys": KEYS[6:8], "test_keys": KEYS[8:10]}
    path.write_text(json.dumps(whole))
    assert make_split(["split", str(path)], KEYS, 0, 0).to_json() == whole
    # The lists common in the field: file paths as keys, and no validation part.
    listed = [{"train_keys": [f"../data/x.h5/{key}" for key in KEYS[:40]], "test_keys": KEYS[40:]}]
    path.write_text(json.dumps(listed))
    split = make_split(["split", str(path)], KEYS, 0, 0)
    assert (len(split.train_keys), len(split.val_keys), split.test_keys) == (35, 5, KEYS[40:])
    leaking = {**whole, "test_keys": KEYS[5:9]}
    path.write_text(json.dumps(leaking))
    with pytest.raises(UserError, match="lists a video in two parts"):
        make_split(["split", str(path)], KEYS, 0, 0)
    with pytest.raises(UserError, match="names video_50"):
        make_split(["split", str(path)], KEYS[:8], 0, 0) if path.write_text(
            json.dumps({**whole, "test_keys": ["video_50"]})
        ) else None
    with pytest.raises(UserError, match="unknown; use tvt, 5fcv"):
        make_split(["loo"], KEYS, 0, 0)


def test_metrics_equal_the_authors() -> None:
    folder = shared_path("fixtures/metrics")
    for case in json.loads((folder / "knapsack.json").read_text())["cases"]:
        values = [np.float32(value) for value in case["values"]]
        assert sorted(knapsack(values, case["weights"], case["capacity"])) == case["picked"], case["note"]
    for case in json.loads((folder / "cases.json").read_text())["cases"]:
        n = case["n_frames"]
        scores, truth = np.float32(case["scores"]), np.float32(case["gt_scores"])
        video = Video(
            "case", np.zeros((n, 1), np.float32), np.arange(n), n, np.array(case["change_points"]),
            np.array(case["n_frame_per_seg"]), truth[None], truth, None,
        )  # fmt: skip
        tau, rho = correlations(scores, video, "mrhisum")
        assert tau == pytest.approx(case["expected"]["tau"], abs=1e-9)
        assert rho == pytest.approx(case["expected"]["rho"], abs=1e-9)
        summary = machine_summary(scores, video)
        np.testing.assert_array_equal(summary, case["intermediate"]["machine_summary"])


def test_machine_summary_by_hand() -> None:
    video = Video(
        "v", np.zeros((4, 2), np.float32), np.array([0, 15, 30, 45]), 60,
        np.array([[0, 4], [5, 29], [30, 37], [38, 59]]), np.array([5, 25, 8, 22]),
        np.zeros((1, 4), np.float32), np.zeros(4, np.float32), None,
    )  # fmt: skip
    scores = np.array([0.9, 0.1, 0.8, 0.2])
    np.testing.assert_array_equal(
        frame_scores(scores, video.picks, 60)[[0, 14, 15, 59]], np.float32([0.9, 0.9, 0.1, 0.2])
    )
    summary = machine_summary(scores, video)  # 9 frames fit: the first segment (5) or the third (8)
    assert summary[:5].all() and summary[5:].sum() == 0
