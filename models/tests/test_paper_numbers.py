"""``summdiff paper``: every number of its tables and figures, made again from the files and the samples that the program writes.

On two data sets: a made one, and five videos with TVSum's own ratings where those are at hand.
"""

from __future__ import annotations

import csv
import functools
import json
import re
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io

from built_program import needs_program
from conftest import shared_path
from helpers import random_network
from reference import measures
from reference.chacha import ChaCha8, bootstrap
from reference.measures import Measures
from summdiff_models.bundle import Provenance
from summdiff_models.data.simulate import write as simulate
from summdiff_models.data.splits import make_split
from summdiff_models.data.video import Video, read_videos
from summdiff_models.export import write_summdiff_bundle
from summdiff_models.metrics import knapsack
from summdiff_models.network import NetworkOptions
from test_paper_program import TVSUM_IDS, scorer, scores_of
from test_rust_program import summdiff

DIM, VIDEOS, SAMPLES, TRIALS, SEED = 24, 5, 12, 12, 3
STRIDE = 15
NAMES = (
    "tau", "rho", "f1_avg", "f1_max", "map50", "map15", "CIS", "WIR", "IR", "WSE",
    "best_of_11", "best_of_samples", "covers",
)  # fmt: skip

pytestmark = needs_program


@dataclass(frozen=True)
class Truth:
    """A video as the data set has it."""

    video: Video
    title: str
    fps: float
    ratings: np.ndarray
    """As they stand in the annotation file, [A, N] at the picks."""
    gt_summary: np.ndarray
    """One number a frame."""


@dataclass(eq=False)
class Made:
    """A data set, the bundles ``sampler`` and ``scorer``, and what the program made of them."""

    folder: Path
    data: Path
    ratings: Path
    out: Path
    seeds: int
    direction: np.ndarray
    truths: dict[str, Truth]
    ids: dict[str, str]
    """Keys of the videos by their ids."""

    @functools.cache  # noqa: B019  (one data set lives as long as its tests)
    def samples(self, key: str, seed: int, *words: object) -> np.ndarray:
        """Scores [S, N] of the sampler, by ``summdiff sample``."""
        features, scores = self.folder / f"{key}.npy", self.folder / "scores.npy"
        np.save(features, self.truths[key].video.features)
        summdiff(
            self.folder, "sample", "--bundle", self.folder / "sampler", "--features", features, "--samples", SAMPLES,
            "--seed", seed, "--device", "cpu", "-o", scores, *words,
        )  # fmt: skip
        return np.load(scores)

    def scores(self, method: str, key: str, seed: int) -> np.ndarray:
        """Scores [S, N] of a row of the tables that scores frames."""
        truth = self.truths[key]
        match method:
            case "scorer":
                return scores_of(self.direction, truth.video)[None].astype(np.float32)
            case "Random":
                return drawn(len(truth.video.picks), 1, seed)
            case "Uniform-Random":
                return drawn(len(truth.video.picks), round(2 * truth.fps / STRIDE), seed)
            case "Mean of annotators":
                # In the program's precision: it is so near to gtscore that the last digit decides which errors do harm.
                middle = truth.ratings.mean(axis=0, dtype=float).astype(np.float32)
                return (middle / truth.ratings.max())[None]
            case _:
                return self.samples(key, seed)

    @functools.cache  # noqa: B019
    def measured(self, method: str, key: str, seed: int) -> Measures:
        """All measures of a row on a video."""
        truth = self.truths[key]
        assert truth.video.user_summary is not None
        if method == "Human":
            return measures.of_people(truth.ratings, truth.video.user_summary)
        if method == "Consensus of the others":
            return measures.of_consensus(truth.ratings, truth.video)
        return measures.of_samples(self.scores(method, key, seed), truth.ratings, truth.video, truth.gt_summary)

    def seeds_of(self, method: str) -> list[int]:
        """Seeds that make a difference to a row."""
        return [SEED + at for at in range(self.seeds if method in ("sampler", "Random", "Uniform-Random") else 1)]


METHODS = ("sampler", "scorer", "Random", "Uniform-Random", "Human", "Mean of annotators", "Consensus of the others")


def drawn(picks: int, shot: int, seed: int) -> np.ndarray:
    """Uniform scores, one for each run of ``shot`` picks."""
    shots = -(-picks // shot)
    rows = ChaCha8(seed).floats32(SAMPLES * shots).reshape(SAMPLES, shots)
    return np.repeat(rows, shot, axis=1)[:, :picks]


@pytest.fixture(scope="module", params=["made", "tvsum"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The data set without ratings, the ``.mat`` that has them, the bundles, and all tables and figures."""
    folder = tmp_path_factory.mktemp(request.param)
    data = folder / "data.h5"
    if request.param == "made":
        seeds, ratings = 2, folder / "ydata.mat"
        ids, titles, rates, rated = write_made(data, ratings)
    else:
        ratings = shared_path("data/tvsum/ydata-tvsum50.mat")
        seeds, (ids, titles, rates, rated) = 1, write_tvsum(data, ratings)
    options = NetworkOptions(dim_in=DIM, hidden=16, heads=2, feed_forward=16, enc_layers=1, n_input_proj=1, k=50)
    write_summdiff_bundle(
        random_network(options, 4), folder / "sampler", name="sampler", version="1", description="",
        provenance=Provenance(), guidance=0.5, null_vector=np.full(DIM, 0.1, np.float32), extractor=None, attention=True,
    )  # fmt: skip
    direction = scorer(folder / "scorer", "scorer", 1)
    truths = {}
    with h5py.File(data) as file:
        for video in read_videos(data, "tvsum"):
            kept = np.repeat(file[video.key]["gtsummary"][()], np.diff([*video.picks, video.n_frames]))
            at_picks = rated[video.key][:, video.picks].astype(np.float32)
            truths[video.key] = Truth(video, titles[video.key], rates[video.key], at_picks, kept)
    found = Made(folder, data, ratings, folder / "out", seeds, direction, truths, ids)
    bundles = ["--bundle", folder / "sampler", "--bundle", folder / "scorer"]
    summdiff(folder, "paper", *measuring(found), "-o", found.out, "--trials", TRIALS, *bundles)
    return found


def measuring(made: Made) -> list[object]:
    """Flags that ``summdiff paper`` and ``evaluate`` share."""
    return [
        made.data, "--annotations", made.ratings, "--samples", SAMPLES, "--seeds", made.seeds, "--seed", SEED,
        "--device", "cpu",
    ]  # fmt: skip


Described = tuple[dict[str, str], dict[str, str], dict[str, float], dict[str, np.ndarray]]


def write_made(data: Path, ratings: Path) -> Described:
    """Videos of several frame rates; keys by id, titles, frame rates, and ratings [A, frames]."""
    simulate(data, "tvsum", VIDEOS, 5, DIM, (40, 60), 5)
    ids, titles, rates, rated = {}, {}, {}, {}
    kinds = [(name, object) for name in ("video", "title", "length", "nframes", "user_anno")]
    table = np.zeros((1, VIDEOS), dtype=kinds)
    with h5py.File(data, "a") as file:
        for at in range(VIDEOS):
            key = f"video_{at + 1}"
            titles[key], rates[key] = f"film {at + 1}", (30.0, 25.0, 24.0)[at % 3]
            rated[key] = file[key]["user_scores"][()]
            ids[TVSUM_IDS[at]] = key
            frames = rated[key].shape[1]
            table[0, at] = (TVSUM_IDS[at], titles[key], frames / rates[key], frames, rated[key].T.astype(float))
            del file[key]["user_scores"]
    scipy.io.savemat(ratings, {"tvsum50": table}, do_compression=True)
    return ids, titles, rates, rated


def write_tvsum(data: Path, ratings: Path) -> Described:
    """TVSum's shortest videos with made features and segments; the rest as the field's file has it."""
    ids, titles, rates, rated = {}, {}, {}, {}
    rng = np.random.default_rng(7)
    with h5py.File(ratings) as source, h5py.File(data, "w") as file:
        stated = source["tvsum50"]

        def cell(name: str, at: int) -> np.ndarray:
            return source[stated[name][at, 0]][()]

        frame_counts = [cell("nframes", at).item() for at in range(len(stated["nframes"]))]
        for at in sorted(np.argsort(frame_counts)[:VIDEOS]):
            key = f"video_{at + 1}"
            rows = cell("user_anno", at)
            frames = rows.shape[1]
            rates[key] = float(cell("nframes", at).item() / cell("length", at).item())
            titles[key] = "".join(map(chr, cell("title", at).ravel()))
            ids["".join(map(chr, cell("video", at).ravel()))] = key
            rated[key] = rows
            picks = np.arange(0, frames, STRIDE)
            bounds = np.sort(rng.choice(picks[1:-1], 10, replace=False))
            bounds = np.concatenate([[0], bounds, [frames]])
            scenes = rng.standard_normal((11, DIM))[np.searchsorted(bounds, picks, side="right") - 1]
            features = scenes + 0.3 * rng.standard_normal((len(picks), DIM))
            scaled = rows / rows.max(axis=1, keepdims=True)
            group = file.create_group(key)
            group["features"] = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
            group["picks"], group["n_frames"] = picks, frames
            group["change_points"] = np.stack([bounds[:-1], bounds[1:] - 1], 1)
            group["n_frame_per_seg"] = np.diff(bounds)
            group["gtscore"] = scaled.mean(axis=0)[picks].astype(np.float32)
            group["user_summary"] = np.stack([shortest(row, bounds) for row in scaled])
            group["gtsummary"] = shortest(scaled.mean(axis=0), bounds)[picks]
    return ids, titles, rates, rated


def shortest(row: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """A summary of the best segments that fit, one number a frame; of the shortest where none fits."""
    lengths = np.diff(bounds)
    kept = np.zeros(bounds[-1], np.uint8)
    for j in np.argsort([-row[a:b].mean() for a, b in zip(bounds[:-1], bounds[1:], strict=True)]):
        if kept.sum() + lengths[j] <= 0.15 * bounds[-1]:
            kept[bounds[j] : bounds[j + 1]] = 1
    if not kept.any():
        kept[bounds[lengths.argmin()] : bounds[lengths.argmin() + 1]] = 1
    return kept


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    return float(text) if text else None


def deviation(values: list[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def same(found: float | None, expected: float | None, what: object) -> None:
    if expected is None:
        assert found is None, f"{what}: {found} instead of nothing"
    else:
        assert found == pytest.approx(expected, abs=2e-5, rel=1e-5), what


def averaged(made: Made, method: str, parts: list[list[str]], names: tuple[str, ...]) -> dict[str, list[float]]:
    """Means of each part and seed."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for seed in made.seeds_of(method):
        for keys in parts:
            one = [made.measured(method, key, seed) for key in keys]
            for name in names:
                value = measures.mean([video.get(name) for video in one])
                if value is not None:
                    found[name].append(value)
    return found


@pytest.mark.parametrize("method", METHODS)
def test_table_iv_is_the_mean_and_spread_over_seeds(made: Made, method: str) -> None:
    stated = json.loads((made.out / "table-iv.json").read_text(encoding="utf-8"))
    row = next(row for row in stated["methods"] if row["name"] == method)
    assert row["videos"] == len(made.truths) and row["seeds"] == len(made.seeds_of(method))
    found = averaged(made, method, [list(made.truths)], NAMES)
    written = next(row for row in rows_of(made.out / "table-iv.csv") if row["method"] == method)
    for name in NAMES:
        expected, spread = measures.mean(found[name]), deviation(found[name])
        same(row["mean"][name], expected, (method, name))
        same(row["std"][name], spread, (method, name))
        assert (number(written[name]), number(written[f"{name}_std"])) == (row["mean"][name], row["std"][name])


@pytest.mark.parametrize(("name", "protocol"), [("table-1", "tvt"), ("table-2", "5fcv")])
def test_tables_1_and_2_are_over_parts_and_seeds(made: Made, name: str, protocol: str) -> None:
    parts = [make_split([protocol], list(made.truths), at, SEED).test_keys for at in range(5)]
    rows = {row["method"]: row for row in rows_of(made.out / f"{name}.csv")}
    assert set(rows) == set(METHODS)
    for method, row in rows.items():
        found = averaged(made, method, parts, ("tau", "rho"))
        for measure, values in found.items():
            same(number(row[measure]), measures.mean(values), (method, measure))
            same(number(row[f"{measure}_std"]), deviation(values), (method, measure))


def test_differences_to_the_first_are_bootstrapped_over_videos(made: Made) -> None:
    stated = json.loads((made.out / "table-iv.json").read_text(encoding="utf-8"))["methods"]
    assert stated[0]["versus_first"] is None

    def of(method: str, name: str) -> list[float]:
        seeds = made.seeds_of(method)
        return [float(np.mean([made.measured(method, key, seed)[name] for seed in seeds])) for key in made.truths]

    for row in stated[1:]:
        assert row["versus_first"]["videos"] == len(made.truths)
        for name in ("tau", "rho"):
            apart = np.array(of(row["name"], name)) - np.array(of("sampler", name))
            interval = [row["versus_first"][name][word] for word in ("value", "low", "high")]
            assert interval == pytest.approx(bootstrap(apart, 1000, SEED), abs=1e-5), row["name"]


def test_the_json_of_one_method_has_intervals_over_videos(made: Made) -> None:
    stated = json.loads((made.out / "table-iv.json").read_text(encoding="utf-8"))
    one = [made.measured("sampler", key, SEED) for key in made.truths]
    for name in ("tau", "rho"):
        interval = [stated["overall"][f"{name}_interval"][word] for word in ("value", "low", "high")]
        assert interval == pytest.approx(bootstrap(np.array([video[name] for video in one]), 1000, SEED), abs=1e-5)
    shares = [video["covers"] for video in one]  # every video has as many annotators
    assert stated["overall"]["area_covered"] == pytest.approx(np.mean(shares), abs=1e-6)
    for video, expected in zip(stated["videos"], one, strict=True):
        for name in NAMES:
            same(video[name], expected[name], (video["key"], name))


@pytest.mark.parametrize(
    ("table", "columns"),
    [("table-3", ("tau", "rho", "map50", "map15")), ("table-4", ("tau", "rho", "CIS", "WIR", "IR", "WSE"))],
)
def test_printed_tables_show_the_same_numbers(made: Made, table: str, columns: tuple[str, ...]) -> None:
    """LaTeX: MAP in percent, the best of those that compete bold, the second best underlined."""
    decimals = {"map50": 2, "map15": 2, "WSE": 1}
    lower = {"CIS", "WSE"}
    stated = {row["method"]: row for row in rows_of(made.out / f"{table}.csv")}
    text = (made.out / f"{table}.tex").read_text(encoding="utf-8")
    printed = {line.split(" & ")[0]: line.rstrip("\\ ").split(" & ")[1:] for line in text.splitlines() if " & " in line}
    assert len(printed.pop("Method")) == len(columns)
    ranked: dict[str, dict[str, set[float]]] = {name: {"textbf": set(), "underline": set()} for name in columns}
    for method, cells in printed.items():
        for name, cell in zip(columns, cells, strict=True):
            value, spread = number(stated[method][name]), number(stated[method][f"{name}_std"])
            if value is None:
                assert cell == "--"
                continue
            scale, places = (100 if name.startswith("map") else 1), decimals.get(name, 3)
            shown = [float(word) for word in re.findall(r"-?\d+\.\d+", cell)]
            assert shown == [round(one * scale, places) for one in (value, spread) if one is not None], (method, name)
            assert all(len(word.split(".")[1]) == places for word in re.findall(r"\d+\.\d+", cell))
            for mark in ranked[name]:
                if mark in cell:
                    ranked[name][mark].add(shown[0])
    for name in columns:
        rivals = ("sampler", "scorer", "Random", "Uniform-Random")
        shown = {float(re.findall(r"-?\d+\.\d+", printed[method][columns.index(name)])[0]) for method in rivals}
        best, second = sorted(shown, reverse=name not in lower)[:2]
        assert ranked[name] == {"textbf": {best}, "underline": {second}}, name


@pytest.mark.parametrize(
    ("table", "settings"),
    [
        ("table-5", {
            "sampler (guidance 0)": ("--guidance", 0),
            "sampler (guidance 0.5)": ("--guidance", 0.5),
            "sampler (guidance 0.5, self-attention 1)": ("--guidance", 0.5, "--sag", 1),
        }),
        ("table-6", {f"sampler (steps {steps})": ("--steps", steps) for steps in (1, 10, 100)}),
    ],
)  # fmt: skip
def test_tables_5_and_6_are_of_other_settings(made: Made, table: str, settings: dict[str, tuple[object, ...]]) -> None:
    rows = rows_of(made.out / f"{table}.csv")
    assert [row["method"] for row in rows] == list(settings)
    for row in rows:
        runs: dict[str, list[float | None]] = {name: [] for name in ("tau", "rho", "map50", "map15")}
        for seed in made.seeds_of("sampler"):
            one = []
            for key, truth in made.truths.items():
                scores = made.samples(key, seed, *settings[row["method"]])
                one.append(measures.of_samples(scores, truth.ratings, truth.video, truth.gt_summary))
            for name, values in runs.items():
                values.append(measures.mean([video[name] for video in one]))
        for name, values in runs.items():
            same(number(row[name]), measures.mean(values), (row["method"], name))
            same(number(row[f"{name}_std"]), deviation([v for v in values if v is not None]), (row["method"], name))


def test_table_ii_is_of_the_runs_that_it_lists(made: Made) -> None:
    rows = rows_of(made.out / "table-ii.csv")
    runs = json.loads((made.out / "table-ii.json").read_text(encoding="utf-8"))["rows"]
    assert [(row["model"], row["steps"]) for row in rows] == [
        ("sampler (steps 1)", "1"), ("sampler (steps 10)", "10"), ("scorer", ""),
    ]  # fmt: skip
    for row, timed in zip(rows, runs, strict=True):
        assert row["model"] == timed["model"] and int(row["videos"]) == len(timed["videos"]) == len(made.truths)
        millis = [ms for video in timed["videos"] for ms in video["milliseconds"]]
        assert len(millis) == 3 * len(made.truths) and min(millis) > 0
        assert float(row["milliseconds"]) == pytest.approx(np.mean(millis), abs=0.006)
        assert float(row["std"]) == pytest.approx(np.std(millis, ddof=1), abs=0.006)
    assert float(rows[0]["milliseconds"]) < float(rows[1]["milliseconds"])


def shares(made: Made, method: str, truth: Truth) -> np.ndarray:
    """For each annotator the share of a method's summaries, or of the other annotators, that agree."""
    if method == "Human":
        rows = truth.ratings
        taus = [[measures.tau(a, b) for i, a in enumerate(rows) if i != j] for j, b in enumerate(rows)]
        return np.array([np.mean(np.array(row) >= 0.25) for row in taus])
    samples = made.scores(method, truth.video.key, SEED)
    return np.array([np.mean([(measures.tau(s, row) or 0) >= 0.25 for s in samples]) for row in truth.ratings])


def test_figure_3_shows_who_agrees(made: Made) -> None:
    rows = rows_of(made.out / "figure-3.csv")
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row["method"], []).append(row["video"])
    orders = {tuple(dict.fromkeys(order)) for order in names.values()}
    assert len(orders) == 1, "all grids have the same order of videos"
    for method in ("sampler", "scorer", "Random", "Uniform-Random", "Human"):
        for key, truth in made.truths.items():
            of = [row for row in rows if row["method"] == method and made.ids[row["video"]] == key]
            found = [float(row["share_of_samples"]) for row in of]
            assert found == pytest.approx(shares(made, method, truth), abs=1e-6), (method, key)


def chosen(made: Made) -> list[Truth]:
    """The videos of the figures: those that the first sampling bundle covers most, of equal ones the first."""
    covered = {key: made.measured("sampler", key, SEED)["covers"] or 0.0 for key in made.truths}
    return [made.truths[key] for key in sorted(covered, key=lambda key: -covered[key])]


def test_figures_4_and_ii_are_planes_of_the_annotators(made: Made) -> None:
    videos = chosen(made)
    half = -(-len(videos) // 2)
    for name, part in (("figure-4", videos[:half]), ("figure-ii", videos[half:])):
        # Annotators who all keep the same span no plane.
        shown = [truth for truth in part if np.ptp(truth.video.user_summary, axis=0).any()]
        rows = rows_of(made.out / f"{name}.csv")
        assert list(dict.fromkeys(row["video"] for row in rows)) == [truth.title for truth in shown]
        for truth in shown:
            placed = [row for row in rows if row["video"] == truth.title]
            step = min(15, max(1, truth.video.n_frames // 100))
            assert truth.video.user_summary is not None
            people = truth.video.user_summary[:, ::step].astype(float)
            middle = people.mean(axis=0)
            _, sizes, axes = np.linalg.svd(people - middle, full_matrices=False)
            explained = (sizes**2 / (sizes**2).sum())[:2]
            made_of = {"annotator": people}
            for method in ("sampler", "scorer", "Mean of annotators"):
                scores = made.scores(method, truth.video.key, SEED)
                made_of[method] = np.stack([measures.summary_of(one, truth.video)[::step] for one in scores])
            assert list(dict.fromkeys(row["method"] for row in placed)) == list(made_of)
            found = np.array([[float(row["pc1"]), float(row["pc2"])] for row in placed])
            expected = (np.concatenate(list(made_of.values())) - middle) @ axes[:2].T
            turned = np.sign((found * expected).sum(axis=0))  # the sign of an axis is free
            np.testing.assert_allclose(found, expected * turned, atol=2e-5)
            for row in placed:
                assert [float(row["explained_1"]), float(row["explained_2"])] == pytest.approx(explained, abs=1e-6)


def stretches(kept: np.ndarray, fps: float) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept, [0]])))
    return [(start / fps, end / fps) for start, end in edges.reshape(-1, 2)]


def test_figures_5_and_iii_show_two_annotators_who_differ(made: Made) -> None:
    for name, truth in zip(("figure-5", "figure-iii"), chosen(made), strict=False):
        rows = rows_of(made.out / f"{name}.csv")
        assert {row["video"] for row in rows} == {truth.title}
        samples, users = made.scores("sampler", truth.video.key, SEED), truth.video.user_summary
        assert users is not None
        taus = np.array([[measures.tau(one, row) for row in truth.ratings] for one in samples])
        worth = {
            (a, b): taus[:, a].max() + taus[:, b].max() - measures.f1(users[a], users[b]) / 100
            for a, b in combinations(range(len(users)), 2)
        }
        first, second = max(worth, key=lambda pair: worth[pair])
        expected = [("annotator", "", users[first]), ("annotator", "", users[second])]
        for method in ("scorer", "Mean of annotators"):
            scores = made.scores(method, truth.video.key, SEED)[0]
            expected.append((method, "", measures.summary_of(scores, truth.video)))
        names = list(dict.fromkeys(row["name"] for row in rows if row["series"] == "annotator"))
        for whom, who in zip(names, (first, second), strict=True):
            nearest = int(taus[:, who].argmax())
            note = f"sample {nearest}, τ {taus[nearest, who]:.2f} to {whom}"
            expected.append(("sampler", note, measures.summary_of(samples[nearest], truth.video)))
        shown = [(float(row["start_secs"]), float(row["end_secs"])) for row in rows]
        want = [one for *_, kept in expected for one in stretches(kept, truth.fps)]
        np.testing.assert_allclose(shown, want, atol=1e-5)
        noted = [row["note"] for row in rows if row["note"]]
        assert list(dict.fromkeys(noted)) == list(dict.fromkeys(note for _, note, _ in expected if note))


def test_figure_6_is_drawn_from_the_seed(made: Made) -> None:
    """Every knapsack again: its optima counted by totals, its summary against that of slightly other values."""
    rows = rows_of(made.out / "figure-6.csv")
    assert [int(row["k"]) for row in rows] == [5, 10, 50, 100, 200, 400, 800]
    trials = []
    for trial in range(TRIALS):
        rng = ChaCha8(SEED, trial)
        weights = [rng.whole(1, 20) for _ in range(50)]
        values = np.array([rng.unit() for _ in range(50)])
        trials.append((weights, values, np.array([rng.normal() for _ in range(50)])))
    for row in rows:
        k = int(row["k"])
        counts, apart = [], []
        for weights, values, noise in trials:
            room = int(0.15 * sum(weights))
            # Bin centres, in half bins: K equal bins of [0, 1], what lies beyond in the outer ones.
            levels, moved = (2 * np.clip(np.floor(v * k), 0, k - 1) + 1 for v in (values, values + noise / np.sqrt(k)))
            counts.append(optima(levels.astype(int).tolist(), weights, room))
            one, other = (knapsack(list(v), weights, room) for v in (levels, moved))
            apart.append(len(one ^ other))
        for name, found in (("optimal_solutions", counts), ("deviation", apart)):
            interval = [float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"])]
            assert interval == pytest.approx(bootstrap(np.array(found, float), 1000, SEED), rel=1e-6), (k, name)


def optima(values: list[int], weights: list[int], room: int) -> int:
    """How many sets within ``room`` have the greatest value: the greatest of each total weight, and its sets."""
    best: dict[int, tuple[int, int]] = {0: (0, 1)}
    for value, weight in zip(values, weights, strict=True):
        for total, (worth, count) in sorted(best.items(), reverse=True):
            if total + weight <= room:
                other, sets = best.get(total + weight, (-1, 0))
                more = worth + value
                best[total + weight] = (more, count + sets * (other == more)) if more >= other else (other, sets)
    most = max(worth for worth, _ in best.values())
    return sum(count for worth, count in best.values() if worth == most)


def test_the_papers_variant_has_shots_of_five_seconds_and_exact_tolerances(made: Made) -> None:
    words = [*measuring(made), "--bundle", made.folder / "scorer", "--variant", "paper", "--json"]
    found: dict[str, Any] = json.loads(summdiff(made.folder, "evaluate", *words))
    lengths = set()
    for video in found["videos"]:
        truth = made.truths[video["key"]]
        shot = round(5 * truth.fps / STRIDE)
        lengths.add(shot)
        scores = made.scores("scorer", video["key"], SEED)
        expected = measures.of_samples(scores, truth.ratings, truth.video, truth.gt_summary, "paper", shot)
        for name in NAMES:
            same(video[name], expected[name], (video["key"], name))
    assert 5 not in lengths and len(lengths) > 1
    uniform = next(row for row in found["methods"] if row["name"] == "Uniform-Random")
    for name in ("map50", "map15", "CIS", "WIR", "IR", "WSE"):
        runs = []
        for seed in made.seeds_of("Uniform-Random"):
            of = []
            for key, truth in made.truths.items():
                samples = made.scores("Uniform-Random", key, seed)
                shot = round(5 * truth.fps / STRIDE)
                one = measures.of_samples(samples, truth.ratings, truth.video, truth.gt_summary, "paper", shot)
                of.append(one[name])
            runs.append(measures.mean(of))
        same(uniform["mean"][name], measures.mean(runs), name)
