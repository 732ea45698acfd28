"""``summdiff paper`` on a made dataset, its ratings joined from a ``.mat``: every number against numpy and scipy."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
from itertools import combinations
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
import scipy.io
from onnx import TensorProto, helper, numpy_helper
from scipy import stats

from built_program import needs_program, program
from conftest import REPOSITORY
from summdiff_models.bundle import Manifest, Provenance, write_manifest
from summdiff_models.data.simulate import write as simulate
from summdiff_models.data.splits import make_split
from summdiff_models.data.video import Video, read_videos
from summdiff_models.metrics import machine_summary

DIM, PEOPLE, VIDEOS = 24, 6, 7
TVSUM_IDS = ("AwmHb44_ouw", "98MoyGZKHXc", "J0nA4VgnoCo", "gzDbaEs1Rlg", "XzYM3PfTM4w", "HT5vyqe0Xaw", "sTEELN-vY30")
"""Which videos the field's files call video_1 to video_7."""


pytestmark = needs_program


def scorer(folder: Path, name: str, seed: int) -> np.ndarray:
    """A bundle that scores by a random direction of the features; returns the direction."""
    weights = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["features", "weights"], ["raw"]),
            helper.make_node("Sigmoid", ["raw"], ["scores"]),
        ],
        "scorer",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", DIM])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n"])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder.mkdir()
    onnx.save(model, folder / "scorer.onnx")
    write_manifest(folder, Manifest(name, "1", "scorer", "for the test", Provenance(), dim_in=DIM))
    return weights


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The dataset with and without its ratings, the ``.mat``, two bundles, and what the program makes of them."""
    folder = tmp_path_factory.mktemp("paper")
    whole, bare, ratings = folder / "whole.h5", folder / "bare.h5", folder / "ydata.mat"
    simulate(whole, "tvsum", VIDEOS, PEOPLE, DIM, (50, 80), 5)
    rows = []
    with h5py.File(whole) as source, h5py.File(bare, "w") as target:
        for number in range(1, VIDEOS + 1):
            group = source[f"video_{number}"]
            frames = int(group["n_frames"][()])
            rated = group["user_scores"][()]
            assert rated.shape == (PEOPLE, frames)
            rows.append((TVSUM_IDS[number - 1], "a film", frames / 30, frames, rated.T.astype(float)))
            copy = target.create_group(f"video_{number}")
            for name in group:
                if name != "user_scores":
                    group.copy(name, copy)
    kinds = [(name, object) for name in ("video", "title", "length", "nframes", "user_anno")]
    table = np.zeros((1, VIDEOS), dtype=kinds)
    for at, row in enumerate(rows):
        table[0, at] = row
    scipy.io.savemat(ratings, {"tvsum50": table}, do_compression=True)
    weights = {name: scorer(folder / name, name, seed) for name, seed in (("first", 1), ("second", 2))}
    out = folder / "out"
    words = ["paper", bare, "-o", out, "--annotations", ratings, "--trials", 20, "--samples", 3, "--device", "cpu"]
    for name in weights:
        words += ["--bundle", folder / name]
    done = summdiff(folder, *words)
    assert done.returncode == 0, done.stderr
    videos = {video.key: video for video in read_videos(whole, "tvsum")}
    return {"folder": folder, "bare": bare, "out": out, "words": words, "weights": weights, "videos": videos}


def summdiff(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | {
        name: str(folder / "home" / name)
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    }
    command = [str(program()), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=REPOSITORY)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores_of(weights: np.ndarray, video: Video) -> np.ndarray:
    return 1 / (1 + np.exp(-(video.features @ weights)))


def tau(a: np.ndarray, b: np.ndarray) -> float:
    return float(stats.kendalltau(a, b).statistic)


def people(video: Video) -> float:
    return float(np.mean([tau(a, b) for a, b in combinations(video.scores, 2)]))


@pytest.mark.parametrize(("name", "protocol"), [("table-1", "tvt"), ("table-2", "5fcv")])
def test_tables_of_splits(made: dict, name: str, protocol: str) -> None:
    videos = made["videos"]
    rows = {row["method"]: row for row in table(made["out"] / f"{name}.csv")}
    splits = [make_split([protocol], list(videos), at, 0).test_keys for at in range(5)]

    def check(row: dict[str, str], of: dict[str, float]) -> None:
        parts = [np.mean([of[key] for key in split]) for split in splits]
        assert float(row["tau"]) == pytest.approx(np.mean(parts), abs=1e-6)
        assert float(row["tau_std"]) == pytest.approx(np.std(parts, ddof=1), abs=1e-6)

    check(rows["Human"], {key: people(video) for key, video in videos.items()})
    for method, weights in made["weights"].items():
        check(
            rows[method],
            {
                key: float(np.mean([tau(scores_of(weights, video), row) for row in video.scores]))
                for key, video in videos.items()
            },
        )


def test_figure_3_is_who_agrees(made: dict) -> None:
    rows = table(made["out"] / "figure-3.csv")
    videos = made["videos"]
    assert len(rows) == VIDEOS * PEOPLE * 6
    by_id = dict(zip(TVSUM_IDS, (f"video_{n}" for n in range(1, VIDEOS + 1)), strict=True))
    for method, weights in made["weights"].items():
        for row in (row for row in rows if row["method"] == method):
            video = videos[by_id[row["video"]]]
            found = tau(scores_of(weights, video), video.scores[int(row["annotator"]) - 1]) >= 0.25
            assert float(row["share_of_samples"]) == float(found)
    for row in (row for row in rows if row["method"] == "Human"):
        video = videos[by_id[row["video"]]]
        own = int(row["annotator"]) - 1
        others = [tau(other, video.scores[own]) for at, other in enumerate(video.scores) if at != own]
        assert float(row["share_of_samples"]) == pytest.approx(np.mean(np.array(others) >= 0.25), abs=1e-6)


def test_figure_4_is_the_plane_of_the_annotators(made: dict) -> None:
    rows = table(made["out"] / "figure-4.csv")
    titles = {row["video"] for row in rows}
    assert titles == {"a film"} or len(titles) <= 4
    # All films have one title: the first panel is what comes first.
    first = [row for row in rows[: PEOPLE + 3] if row["method"] == "annotator"]
    assert len(first) == PEOPLE
    placed = np.array([[float(row["pc1"]), float(row["pc2"])] for row in first])
    fits = []
    for video in made["videos"].values():
        assert video.user_summary is not None
        step = min(15, max(1, video.n_frames // 100))
        vectors = video.user_summary[:, ::step].astype(float)
        middle = vectors.mean(axis=0)
        _, values, axes = np.linalg.svd(vectors - middle, full_matrices=False)
        laid = (vectors - middle) @ axes[:2].T
        if np.allclose(np.abs(laid), np.abs(placed), atol=1e-6):
            share = values**2 / (values**2).sum()
            assert float(first[0]["explained_1"]) == pytest.approx(share[0], abs=1e-6)
            for offset, (name, weights) in enumerate(made["weights"].items()):
                summary = machine_summary(scores_of(weights, video).astype(np.float32), video)[::step]
                where = (summary[: vectors.shape[1]] - middle) @ axes[:2].T
                row = rows[PEOPLE + offset]
                assert row["method"] == name
                assert abs(float(row["pc1"])) == pytest.approx(abs(where[0]), abs=1e-6)
            fits.append(video.key)
    assert len(fits) == 1, fits


def test_figure_5_shows_what_each_method_keeps(made: dict) -> None:
    rows = table(made["out"] / "figure-5.csv")
    for method, weights in made["weights"].items():
        shown = [(float(row["start_secs"]), float(row["end_secs"])) for row in rows if row["name"] == method]
        kept = []
        for video in made["videos"].values():
            summary = machine_summary(scores_of(weights, video).astype(np.float32), video)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], summary, [0]])))
            kept.append([(a / 30, b / 30) for a, b in edges.reshape(-1, 2)])
        assert any(np.allclose(shown, stretches) for stretches in kept if len(stretches) == len(shown))


def test_figure_i_counts_scores(made: dict) -> None:
    rows = table(made["out"] / "figure-i.csv")
    with h5py.File(made["bare"]) as file:
        scores = np.concatenate([file[key]["gtscore"][()] for key in file]).astype(np.float64)
    for k in (5, 10, 50, 100, 200, 400, 800):
        counts = [int(row["scores"]) for row in rows if row["k"] == str(k)]
        assert counts == np.bincount(np.round(scores * k).astype(int), minlength=k + 1).tolist()


def test_every_file_says_what_it_comes_from_and_the_page_needs_nothing_else(made: dict) -> None:
    out = made["out"]
    sha256 = hashlib.sha256(made["bare"].read_bytes()).hexdigest()
    files = [path for path in out.iterdir() if path.suffix != ".jsonl"]
    # Tables 1 to 4 and IV have five forms, II has three; figures 3, 4, 5, 6, I, II and III three; and the page.
    assert len(files) == 5 * 5 + 3 + 7 * 3 + 1, sorted(path.name for path in files)
    for path in files:
        assert sha256.encode() in path.read_bytes(), path
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    for words in ("Table 5", "Table 6", "Table III", "python -m summdiff_models grid levels", "Not made"):
        assert words in page


def test_a_second_run_measures_nothing_again(made: dict) -> None:
    def numbers() -> list[float]:
        words = [word for row in table(made["out"] / "table-iv.csv") for word in list(row.values())[1:30]]
        return [float(word) for word in words if word]

    before = numbers()
    lines = (made["out"] / "measured.jsonl").read_text(encoding="utf-8").split()
    done = summdiff(made["folder"], *made["words"])
    assert done.returncode == 0 and "taken over" in done.stderr, done.stderr
    assert numbers() == before
    assert (made["out"] / "measured.jsonl").read_text(encoding="utf-8").split() == lines


def test_ratings_alone_give_what_needs_no_features(made: dict) -> None:
    folder = made["folder"]
    out = folder / "ratings"
    words = ["paper", folder / "ydata.mat", "-o", out, "--trials", 20, "--samples", 3]
    done = summdiff(folder, *words)
    assert done.returncode == 0, done.stderr
    human = next(row for row in table(out / "table-iv.csv") if row["method"] == "Human")
    assert float(human["tau"]) == pytest.approx(np.mean([people(v) for v in made["videos"].values()]), abs=1e-6)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "no features" in page and "two-second shots" in page
    assert json.loads((out / "table-iv.json").read_text(encoding="utf-8"))["protocol"] == "tvsum"
    bare = summdiff(folder, "paper", made["bare"], "-o", folder / "bare", "--bundle", folder / "first")
    assert bare.returncode == 1 and "--annotations" in bare.stderr, "features without ratings are refused"
    assert not (folder / "bare").exists()
    refused = summdiff(folder, *words, "--bundle", folder / "first")
    assert refused.returncode == 1 and "no features" in refused.stderr
