"""``evaluate``: what it refuses, in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from helpers import random_network
from summdiff_models.__main__ import main
from summdiff_models.bundle import Provenance
from summdiff_models.data import simulate
from summdiff_models.export import write_summdiff_bundle
from summdiff_models.network import NetworkOptions

DIM = 6


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "b"
    options = NetworkOptions(dim_in=DIM, hidden=8, heads=2, feed_forward=8, enc_layers=1, n_input_proj=1, k=10)
    write_summdiff_bundle(
        random_network(options), out, name="b", version="1", description="", provenance=Provenance(), guidance=0.5,
        null_vector=np.zeros(DIM, np.float32), extractor=None, attention=False,
    )  # fmt: skip
    return out


@pytest.fixture
def evaluate(bundle: Path, tmp_path: Path):
    """Runs the command on a copy of the bundle, with changes."""
    copy = tmp_path / "b"
    copy.mkdir()
    for path in bundle.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    simulate.write(tmp_path / "t.h5", "tvsum", 5, 3, DIM, (12, 14), seed=0)
    (tmp_path / "split.json").write_text('{"test_keys": ["video_1", "video_2"]}')

    def run(*words: object) -> int:
        files = ("--bundle", copy, "--dataset", tmp_path / "t.h5", "--split", tmp_path / "split.json")
        return main([str(word) for word in ("evaluate", *files, "--kind", "tvsum", "--samples", 2, *words)])

    return run


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--samples", 0), "--samples must be at least 1, not 0"),
        (("--steps", 0), "--steps must be from 1 to 1000, not 0"),
        (("--steps", 1001), "--steps must be from 1 to 1000, not 1001"),
        (("--seed", -1), "--seed must be at least 0, not -1"),
        (("--bundle", "nowhere"), "nowhere is no bundle"),
    ],
)
def test_flags(words: tuple[object, ...], sentence: str, evaluate, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(*words) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _: "{", "bundle.json cannot be read as JSON"),
        (lambda _: {}, "bundle.json is no bundle's manifest"),
        (lambda m: m | {"kind": "extractor"}, "is no bundle that scores: its kind is extractor"),
        (lambda m: m | {"kind": None}, "is no bundle that scores"),
        (lambda m: m | {"encoder": None}, "states no encoder.dim_in"),
        (lambda m: m | {"denoiser": {"file": 3}}, "states no denoiser.file"),
        (lambda m: m | {"k": "many"}, "states no k"),
        (lambda m: m | {"defaults": None}, "states no defaults.guidance"),
        (lambda m: m | {"null_vector_file": None}, "states no null_vector_file"),
        (lambda m: m | {"null_vector_file": "gone.npy"}, "gone.npy does not exist"),
        (lambda m: m | {"encoder": m["encoder"] | {"file": "gone.onnx"}}, "gone.onnx cannot be loaded"),
        (lambda m: m | {"encoder": m["encoder"] | {"file": "null_video.npy"}}, "null_video.npy cannot be loaded"),
    ],
)
def test_damaged_bundles(change, sentence: str, evaluate, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b" / "bundle.json"
    changed = change(json.loads(path.read_text()))
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    assert evaluate() == 1
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_data_that_does_not_fit(evaluate, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate.write(tmp_path / "wide.h5", "tvsum", 5, 3, 7, (12, 14), seed=0)
    assert evaluate("--dataset", tmp_path / "wide.h5") == 1
    assert "wide.h5 has 7 values a frame but" in capsys.readouterr().err
    (tmp_path / "none.json").write_text('{"train_keys": ["video_1"], "test_keys": []}')
    assert evaluate("--split", tmp_path / "none.json") == 1
    assert "no videos in test_keys" in capsys.readouterr().err


def test_what_is_undefined_is_null(evaluate, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with h5py.File(tmp_path / "t.h5", "a") as file:
        for group in file.values():
            del group["user_scores"]
            group["gtscore"][...] = 0.5
    assert evaluate() == 0
    found = capsys.readouterr()
    assert json.loads(found.out)["bundle"] == {"tau": None, "rho": None}
    assert "no user_scores of video_1, video_2: compared with their mean" in found.err and "Warning" not in found.err
