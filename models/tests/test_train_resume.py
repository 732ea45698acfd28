"""Going on with a run: only with the settings and the files that it was begun with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from summdiff_models.__main__ import main
from summdiff_models.data import simulate
from summdiff_models.train import command as train_module
from summdiff_models.train import inputs

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


def other_features(folder: Path) -> tuple[object, ...]:
    with h5py.File(folder / "t.h5", "a") as file:
        file["video_1/features"][0, 0] += 1
    return ()


def other_null_vector(folder: Path) -> tuple[object, ...]:
    np.save(folder / "null.npy", np.ones(DIM, np.float32))
    return ("--null-video", folder / "null.npy")


def annotations(folder: Path) -> tuple[object, ...]:
    with h5py.File(folder / "t.h5") as file:
        lines = [
            f"{i}\tVT\t" + ",".join(str(int(value)) for value in row)
            for i in range(1, len(file) + 1)
            for row in file[f"video_{i}/user_scores"]
        ]
    (folder / "anno.tsv").write_text("\n".join(lines) + "\n")
    return ("--annotations", folder / "anno.tsv")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (other_features, "begun with a dataset of another content"),
        (other_null_vector, "begun with another null vector"),
        (annotations, "begun with other annotations"),
        (lambda _: ("--kind", "summe"), "begun with kind = tvsum, not summe"),
        (lambda _: ("--split", 1), "begun with another split"),
    ],
)
def test_other_files_than_it_was_begun_with(
    change: Callable[[Path], tuple[object, ...]], sentence: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(run, "--batch-size", 40, "--resume", *change(run)) == 1
    assert sentence in capsys.readouterr().err


def test_a_run_of_an_older_version_is_gone_on_with_and_says_what_it_cannot_check(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = torch.load(run / "run" / "last.pt", weights_only=True)
    for name in inputs.STATED_LATER:
        del content["settings"][name]
    torch.save(content, run / "run" / "last.pt")
    assert train(run, "--resume") == 0
    assert "older version and does not state its annotations, annotators, dataset_content" in capsys.readouterr().err
    torch.save([1], run / "run" / "last.pt")
    assert train(run, "--resume") == 1
    assert "last.pt cannot be read" in capsys.readouterr().err


def test_of_large_files_size_and_keys_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "HASHED_BYTES", 2)
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").write_bytes(b"xyz")
    assert inputs.content_of(tmp_path / "a", ["v1"]) == inputs.content_of(tmp_path / "b", ["v1"])
    assert inputs.content_of(tmp_path / "a", ["v1"]) != inputs.content_of(tmp_path / "a", ["v2"])
