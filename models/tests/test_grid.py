"""``grid`` and the switches of ``train`` that it uses, on a tiny simulated dataset."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from summdiff_models.__main__ import main
from summdiff_models.data.simulate import write as simulate
from summdiff_models.data.splits import make_split
from summdiff_models.data.video import read_videos
from summdiff_models.metrics import correlations
from summdiff_models.network.options import MOST_LEVELS
from summdiff_models.runtime import BundleRunner
from summdiff_models.train.recipe import Recipe
from summdiff_models.train.tasks import chosen, make_items

TINY = "--epochs 1 --hidden 16 --heads 2 --feed-forward 16 --enc-layers 1 --dec-layers 1 --batch-size 8 --val-samples 1"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.h5"
    simulate(path, "tvsum", 6, 4, 8, (20, 30), 2)
    return path


def test_annotators_are_chosen_by_one_rule(data: Path) -> None:
    videos = read_videos(data, "tvsum")
    two = [chosen(video, 2, 0) for video in videos]
    assert all(rows.shape[0] == 2 for rows in two)
    assert all(np.array_equal(rows, chosen(video, 2, 0)) for rows, video in zip(two, videos, strict=True))
    assert any(not np.array_equal(rows, chosen(video, 2, 1)) for rows, video in zip(two, videos, strict=True))
    assert len(make_items(videos, True, 2)) == 12 and len(make_items(videos, True)) == 24
    mean = make_items(videos, False, 2)
    assert len(mean) == 6 and np.allclose(mean[0].scores, two[0].mean(0))


def test_without_quantisation_is_the_finest_sinusoid() -> None:
    recipe = Recipe(quantise=False, k=50)
    assert (recipe.k, recipe.embedding) == (MOST_LEVELS, "sinusoidal")


def grid(data: Path, out: Path, name: str, *more: str) -> int:
    words = ["grid", name, "--dataset", str(data), "--kind", "tvsum", "--splits", "2", "--out", str(out)]
    return main([*words, "--train", f"{TINY} --device cpu --threads 1", "--samples", "2", "--steps", "2", *more])


def test_a_grid_trains_what_is_left_and_its_table_is_that_of_its_bundles(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs"
    assert grid(data, out, "components") == 0
    printed = capsys.readouterr().out
    assert "Without quantisation" in printed
    listing = json.loads((out / "grid.json").read_text(encoding="utf-8"))
    bundles = [out / place for row in listing["rows"] for place in row["bundles"]]
    assert len(bundles) == 6 and all((bundle / "bundle.json").exists() for bundle in bundles)
    manifest = json.loads((out / listing["rows"][2]["bundles"][0] / "bundle.json").read_text(encoding="utf-8"))
    assert manifest["k"] == MOST_LEVELS and manifest["name"] == "Without quantisation"
    videos = {video.key: video for video in read_videos(data, "tvsum")}
    with (out / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, stated in zip(rows, listing["rows"], strict=True):
        assert row["row"] == stated["name"]
        taus = []
        for split, place in enumerate(stated["bundles"]):
            runner = BundleRunner(out / place)
            keys = make_split(["tvt"], list(videos), split, 0).test_keys
            found = []
            for number, key in enumerate(keys):
                scores = runner.score(videos[key].features, 2, 2, number)
                found.append(np.nanmean([correlations(one, videos[key], "tvsum")[0] for one in scores]))
            taus.append(np.nanmean(found))
        assert float(row["tau"]) == pytest.approx(np.mean(taus), abs=1e-4)
        assert float(row["tau_std"]) == pytest.approx(np.std(taus, ddof=1), abs=1e-4)
    lost = bundles[3].parent
    (lost / "done.json").unlink()
    times = {bundle: (bundle / "bundle.json").stat().st_mtime_ns for bundle in bundles}
    assert grid(data, out, "components") == 0
    assert capsys.readouterr().out == printed
    again = [bundle for bundle in bundles if (bundle / "bundle.json").stat().st_mtime_ns != times[bundle]]
    assert again == [bundles[3]]
    assert grid(data, out, "components", "--protocol", "5fcv") == 1
    assert "other flags" in capsys.readouterr().err
