"""Going on with a run: only with the settings and the files that it was begun with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from summdiff_models.__main__ import main
from summdiff_models.data import simulate
from summdiff_models.train import command as train_module

DIM = 6
TINY = (
    "--hidden", 8, "--heads", 2, "--feed-forward", 8, "--enc-layers", 1, "--n-input-proj", 1, "--k", 10,
    "--epochs", 1, "--val-samples", 1, "--val-steps", 2, "--device", "cpu", "--threads", 1,
)  # fmt: skip


def train(folder: Path, *more: object) -> int:
    words = ("--dataset", folder / "t.h5", "--kind", "tvsum", "--out", folder / "run", *TINY, *more)
    return main(["train", *(str(word) for word in words)])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume")
    simulate.write(folder / "t.h5", "tvsum", 8, 3, DIM, (12, 16), seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "_write_bundle", lambda *_: None)
        assert train(folder) == 0
    return folder


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the dataset ``t.h5`` and a run that may be spoilt; no bundle is written, for speed."""
    monkeypatch.setattr(train_module, "_write_bundle", lambda *_: None)
    shutil.copytree(finished, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("flags", [("--split", 1), ("--split-seed", 3), ("--seed", 5), ("--k", 9)])
def test_a_refused_resume_changes_nothing(flags: tuple[object, ...], run: Path) -> None:
    before = {path.name: path.read_bytes() for path in (run / "run").iterdir()}
    assert train(run, "--resume", *flags) == 1
    assert {path.name: path.read_bytes() for path in (run / "run").iterdir()} == before


def test_a_resume_without_a_run_begins_one(run: Path) -> None:
    shutil.rmtree(run / "run")
    assert train(run, "--resume") == 0
    assert (run / "run" / "split.json").is_file() and (run / "run" / "recipe.json").is_file()
