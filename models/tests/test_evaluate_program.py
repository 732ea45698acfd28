"""``summdiff evaluate`` against the metrics of this package, scipy and scikit-learn, on simulated datasets of the three rules."""

from __future__ import annotations

import csv
import json
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from scipy import stats

from built_program import needs_program, program
from reference import measures
from summdiff_models.baselines import BASELINES
from summdiff_models.bundle import Manifest, Provenance, write_manifest
from summdiff_models.data.simulate import write as simulate
from summdiff_models.data.video import Kind, Video, features_sha256, read_videos
from summdiff_models.metrics import correlations, machine_summary
from summdiff_models.train.command import write_scorer
from test_rust_program import summdiff

DIM = 24

pytestmark = needs_program


def scorer(folder: Path, training: dict[str, Any] | None = None) -> tuple[Path, torch.nn.Module]:
    """A bundle of VASNet with random weights, and the network itself."""
    torch.manual_seed(3)
    network = BASELINES["vasnet"].make(DIM).eval()
    folder.mkdir()
    write_scorer(network, DIM, folder / "scorer.onnx")
    write_manifest(
        folder, Manifest("vasnet", "1", "scorer", "for the test", Provenance(), dim_in=DIM, training=training)
    )
    return folder, network


def evaluate(tmp_path: Path, *words: object) -> dict[str, Any]:
    return json.loads(summdiff(tmp_path, "evaluate", *words, "--device", "cpu", "--json"))


def method(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in found["methods"] if row["name"] == name)


@pytest.mark.parametrize("kind", ["tvsum", "summe", "mrhisum"])
def test_every_rule_equals_the_reference(kind: Kind, tmp_path: Path) -> None:
    data = tmp_path / "data.h5"
    simulate(data, kind, 4, 5, DIM, (50, 90), 1)
    bundle, network = scorer(tmp_path / "bundle")
    found = evaluate(tmp_path, data, "--bundle", bundle, "--kind", kind)
    videos = read_videos(data, kind)
    expected = []
    for video in videos:
        with torch.no_grad():
            scores = network(torch.from_numpy(video.features)).numpy()
        expected.append(correlations(scores, video, kind))
        measured = next(row for row in found["videos"] if row["key"] == video.key)
        assert measured["tau"] == pytest.approx(expected[-1][0], abs=1e-5)
        assert measured["rho"] == pytest.approx(expected[-1][1], abs=1e-5)
        for name, value in measures.against_truth(scores, video, gt_summary(data, video), "authors", 5).items():
            assert measured[name] == pytest.approx(value, abs=2e-5), name
        if kind == "summe":
            assert measured["f1_max"] == pytest.approx(max(f1(scores, video)), abs=1e-3)
        elif kind == "tvsum":
            assert measured["f1_avg"] == pytest.approx(np.mean(f1(scores, video)), abs=1e-3)
        else:
            own = measures.f1(measures.summary_of(scores, video), gt_summary(data, video))
            assert measured["f1_avg"] == measured["f1_max"] == pytest.approx(own, abs=1e-3)
    assert found["protocol"] == kind
    assert method(found, "vasnet")["mean"]["tau"] == pytest.approx(np.nanmean([tau for tau, _ in expected]), abs=1e-5)
    if kind == "tvsum":
        pairs = [[stats.kendalltau(a, b).statistic for a, b in combinations(v.scores, 2)] for v in videos]
        assert method(found, "Human")["mean"]["tau"] == pytest.approx(np.mean(np.mean(pairs, axis=1)), abs=1e-6)
        assert method(found, "Consensus of the others")["mean"]["tau"] == pytest.approx(
            np.mean([consensus(data, v) for v in videos]), abs=1e-5
        )


def gt_summary(data: Path, video: Video) -> np.ndarray:
    """The file's true summary, one number a frame: it holds one a pick, or on Mr. HiSum one a frame."""
    with h5py.File(data) as file:
        kept = file[video.key]["gtsummary"][()]
    return kept if len(kept) == video.n_frames else np.repeat(kept, np.diff([*video.picks, video.n_frames]))


def f1(scores: np.ndarray, video: Video) -> list[float]:
    assert video.user_summary is not None
    made = machine_summary(scores, video)[: video.n_frames]
    made = np.pad(made, (0, video.n_frames - len(made)))
    return [200 * (made * user).sum() / (made.sum() + user.sum()) for user in video.user_summary]


def consensus(data: Path, video: Video) -> float:
    """Every annotator predicted by the mean of the others, over the ratings as they stand."""
    with h5py.File(data) as file:
        rows = file[video.key]["user_scores"][()][:, video.picks]
    return float(
        np.mean([stats.kendalltau(np.delete(rows, i, 0).mean(axis=0), rows[i]).statistic for i in range(len(rows))])
    )


def test_tvsum_without_its_ratings_is_joined_or_refused(tmp_path: Path) -> None:
    whole, bare, ratings = tmp_path / "whole.h5", tmp_path / "bare.h5", tmp_path / "ratings.json"
    simulate(whole, "tvsum", 3, 4, DIM, (50, 90), 2)
    sets = []
    with h5py.File(whole) as source, h5py.File(bare, "w") as target:
        for key, group in source.items():
            rows = group["user_scores"][()]
            frames = int(group["n_frames"][()])
            if rows.shape[1] != frames:
                rows = np.repeat(rows, 15, axis=1)[:, :frames]
            people = [{"name": f"p{i}", "scores": row.tolist(), "picks": []} for i, row in enumerate(rows)]
            sets.append({"video_id": key, "frame_count": frames, "frame_rate_fps": 30.0, "annotators": people})
            copy = target.create_group(key)
            for name in group:
                if name != "user_scores":
                    group.copy(name, copy)
    ratings.write_text(json.dumps(sets), encoding="utf-8")
    bundle, _ = scorer(tmp_path / "bundle")
    refused = subprocess.run(
        [str(program()), "evaluate", str(bare), "--bundle", str(bundle)], capture_output=True, text=True
    )
    assert refused.returncode == 1 and "--annotations" in refused.stderr, refused.stderr
    joined = evaluate(tmp_path, bare, "--bundle", bundle, "--annotations", ratings)
    assert joined["protocol"] == "tvsum" and joined["provenance"]["annotations"] == "ratings.json"
    assert joined["overall"]["tau"] == pytest.approx(
        evaluate(tmp_path, whole, "--bundle", bundle)["overall"]["tau"], abs=1e-9
    )


def test_training_videos_never_test_unless_the_table_says_so(tmp_path: Path) -> None:
    data = tmp_path / "data.h5"
    simulate(data, "tvsum", 5, 4, DIM, (50, 60), 4)
    videos = {video.key: video for video in read_videos(data, "tvsum")}
    seen = ["video_1", "video_4"]
    training = {
        "train_keys": seen[:1],
        "val_keys": seen[1:],
        "test_keys": ["video_2"],
        "features_sha256": {key: features_sha256(videos[key]) for key in seen},
    }
    bundle, _ = scorer(tmp_path / "bundle", training)
    found = evaluate(tmp_path, data, "--bundle", bundle)
    assert {row["key"] for row in found["videos"]} == {"video_2", "video_3", "video_5"}
    assert method(found, "vasnet")["seen_in_training"] == seen
    assert method(found, "Human")["videos"] == 5
    table = tmp_path / "table.csv"
    words = ["--include-training", "--csv", table, "--latex", tmp_path / "table.tex"]
    assert len(evaluate(tmp_path, data, "--bundle", bundle, *words)["videos"]) == 5
    first = next(csv.DictReader(table.open(encoding="utf-8")))
    assert (first["method"], first["seen_in_training"]) == ("vasnet", "2")
    assert r"$\dagger$" in (tmp_path / "table.tex").read_text(encoding="utf-8")
    own = evaluate(tmp_path, data, "--bundle", bundle, "--protocol", "tvt")
    assert [row["key"] for row in own["videos"]] == ["video_2"]
