"""``grid`` as a program: killed in the midst of a training, gone on with, and its table by ``summdiff paper``."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from built_program import needs_program
from reference import measures
from summdiff_models.data.simulate import write as simulate
from summdiff_models.data.splits import make_split
from summdiff_models.data.video import read_videos
from test_grid import TINY
from test_rust_program import summdiff

SPLITS, SAMPLES, SEED = 2, 2, 0


def grid(data: Path, out: Path) -> subprocess.Popen[str]:
    """The command in a process of its own; two epochs a run, so that one can be killed between them."""
    words = ["grid", "components", "--dataset", data, "--kind", "tvsum", "--splits", SPLITS, "--out", out]
    training = f"{TINY.replace('--epochs 1', '--epochs 2')} --device cpu --threads 1"
    words += ["--train", training, "--samples", 2, "--steps", 2]
    command = [sys.executable, "-m", "summdiff_models", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The data set, the folder of a grid that was killed and gone on with, and what that printed."""
    folder = tmp_path_factory.mktemp("grid")
    data, out = folder / "data.h5", folder / "killed"
    simulate(data, "tvsum", 6, 4, 8, (20, 30), 2)
    first = grid(data, out)
    assert first.stderr is not None
    said = []
    for line in first.stderr:
        said.append(line)
        # The second run of the grid has saved its first epoch.
        if "epoch 1/2" in line and sum("epoch 1/2" in one for one in said) == 2:
            first.send_signal(signal.SIGKILL)
            break
    first.stderr.close()
    assert first.wait() == -signal.SIGKILL
    finished = sorted(path.parent for path in out.glob("*/*/done.json"))
    assert len(finished) == 1
    kept = (finished[0] / "bundle" / "bundle.json").stat().st_mtime_ns
    again = grid(data, out)
    printed, log = again.communicate()
    assert again.returncode == 0, log
    assert "resumed after epoch 1" in log
    assert (finished[0] / "bundle" / "bundle.json").stat().st_mtime_ns == kept, "a finished run is left alone"
    return data, out, printed


def test_a_killed_grid_ends_as_one_that_ran_through(runs: tuple[Path, Path, str], tmp_path: Path) -> None:
    data, out, printed = runs
    whole = grid(data, tmp_path / "whole")
    expected, log = whole.communicate()
    assert whole.returncode == 0, log
    assert printed == expected
    lines = printed.splitlines()
    assert lines[0].split() == ["row", "splits", "tau", "tau_std", "rho", "rho_std"]
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "Sinusoidal embedding of K levels", "Learned embedding of K levels", "Without quantisation",
    ]  # fmt: skip
    assert (out / "table.csv").read_text(encoding="utf-8") == (tmp_path / "whole/table.csv").read_text(encoding="utf-8")


@needs_program
def test_paper_makes_the_grids_table_from_its_bundles(runs: tuple[Path, Path, str], tmp_path: Path) -> None:
    """The part of table 5 that needs training: mean and spread over splits, each on its own test videos."""
    data, out, _ = runs
    words = ["--grid", out, "--trials", 1, "--samples", SAMPLES, "--seed", SEED, "--device", "cpu"]
    summdiff(tmp_path, "paper", data, "-o", tmp_path / "paper", *words)
    with (tmp_path / "paper/table-5-trained.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listing = json.loads((out / "grid.json").read_text(encoding="utf-8"))["rows"]
    assert [row["method"] for row in rows] == [row["name"] for row in listing]
    videos = {video.key: video for video in read_videos(data, "tvsum")}
    with h5py.File(data) as file:
        kept = {key: np.repeat(file[key]["gtsummary"][()], 15) for key in videos}
    for row, stated in zip(rows, listing, strict=True):
        found: dict[str, list[float]] = {name: [] for name in ("tau", "rho", "map50", "map15")}
        tested = set()
        for split, place in enumerate(stated["bundles"]):
            one = []
            for key in make_split(["tvt"], list(videos), split, 0).test_keys:
                tested.add(key)
                np.save(tmp_path / "features.npy", videos[key].features)
                summdiff(
                    tmp_path, "sample", "--bundle", out / place, "--features", tmp_path / "features.npy", "--samples",
                    SAMPLES, "--seed", SEED, "--device", "cpu", "-o", tmp_path / "scores.npy",
                )  # fmt: skip
                samples = np.load(tmp_path / "scores.npy")
                one.append(measures.of_samples(samples, videos[key].scores, videos[key], kept[key]))
            for name, values in found.items():
                values.append(float(np.mean([video[name] for video in one])))
        assert int(row["videos"]) == len(tested)
        for name, values in found.items():
            assert float(row[name]) == pytest.approx(np.mean(values), abs=2e-5), (row["method"], name)
            assert float(row[f"{name}_std"]) == pytest.approx(np.std(values, ddof=1), abs=2e-5)
