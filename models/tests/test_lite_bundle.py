"""The shipped default bundles, this version and the one before: hashes, sizes, shapes, dynamic lengths, samples."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import onnx
import pytest
from conftest import REPOSITORY

from summdiff_models.onnx_export import session
from summdiff_models.runtime import BundleRunner
from summdiff_models.sampling import Sampling

BUNDLE = REPOSITORY / "models/lite"
SIZES_MAX = {"lite": 12_000_000, "lite-1": 5_500_000}


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((BUNDLE / "bundle.json").read_text())


@pytest.mark.parametrize("name", SIZES_MAX)
def test_every_file_matches_its_hash_and_passes_the_checker(name: str) -> None:
    folder = REPOSITORY / "models" / name
    stated = json.loads((folder / "bundle.json").read_text())
    assert stated["name"] == "lite" and stated["version"].startswith("1." if name == "lite-1" else "2.")
    assert set(stated["files"]) == {"extractor.onnx", "encoder.onnx", "denoiser.onnx", "null_video.npy"}
    for file, digest in stated["files"].items():
        data = (folder / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        if file.endswith(".onnx"):
            model = onnx.load_from_string(data)
            onnx.checker.check_model(model, full_check=True)
            assert [o.version for o in model.opset_import if o.domain == ""] == [stated["opset"]]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= SIZES_MAX[name]


@pytest.mark.parametrize("batch", [1, 3])
def test_extractor_shape(manifest: dict, batch: int) -> None:
    rows, columns = manifest["extractor"]["input_size"]
    images = np.random.default_rng(0).normal(size=(batch, 3, rows, columns)).astype(np.float32).clip(-1, 1)
    features = session(BUNDLE / "extractor.onnx").run(None, {"image": images})[0]
    assert features.shape == (batch, manifest["extractor"]["dim"]) and np.isfinite(features).all()


@pytest.mark.parametrize("picks", [1, 2, 3, 4, 5, 37, 240, 2400])
def test_token_count_and_partial_last_token(manifest: dict, picks: int) -> None:
    features = unit_features(np.random.default_rng(picks), picks)
    memory = session(BUNDLE / "encoder.onnx").run(None, {"features": features})[0]
    assert memory.shape == (-(-picks // manifest["score_stride"]), manifest["encoder"]["hidden"])
    assert np.isfinite(memory).all()
    scores = BundleRunner(BUNDLE).score(features, 2, 2, 0)
    assert scores.shape == (2, picks) and np.isfinite(scores).all()


def test_samples_depend_on_all_of_their_scores(manifest: dict) -> None:
    rng = np.random.default_rng(3)
    memory = session(BUNDLE / "encoder.onnx").run(None, {"features": unit_features(rng, 80)})[0]
    index = rng.integers(0, manifest["k"] + 1, (1, len(memory)))
    other = index.copy()
    other[0, 0] = (other[0, 0] + manifest["k"] // 2) % (manifest["k"] + 1)
    denoiser = session(BUNDLE / "denoiser.onnx")
    first, second = (
        denoiser.run(None, {"score_index": i, "time": np.array([300]), "memory": memory})[0] for i in (index, other)
    )
    assert np.abs(first - second)[0, 1:].max() > 1e-5 and not manifest["denoiser"]["pointwise"]


def test_guidance_from_the_null_video_moves_samples_towards_each_other(manifest: dict) -> None:
    assert manifest["defaults"]["guidance"] >= 0
    runner, features = BundleRunner(BUNDLE), unit_features(np.random.default_rng(6), 240)
    alike = []
    for weight in (-0.5, 0.0, 1.0):
        scores = runner.draw(features, 40, 7, Sampling(steps=6, eta=manifest["defaults"]["eta"], guidance=weight))
        alike.append(np.corrcoef(scores)[np.triu_indices(40, 1)].mean())
    assert alike == sorted(alike) and alike[2] > alike[0] + 0.02


def test_samples_use_the_scale_as_viewers_do_and_differ() -> None:
    scores = BundleRunner(BUNDLE).score(unit_features(np.random.default_rng(4), 160), 24, 6, 5)
    assert scores.min() >= 0 and scores.max() <= 1
    assert 0.2 < (scores < 0.125).mean() < 0.75  # TVSum's viewers: 0.46 at the lowest rating
    assert np.corrcoef(scores)[np.triu_indices(24, 1)].mean() < 0.8


def unit_features(rng: np.random.Generator, picks: int, dim: int = 256) -> np.ndarray:
    """Scenes of 8 picks each: a direction per scene with a little noise, rows of length 1."""
    scenes = rng.random((-(-picks // 8), dim)) ** 4
    rows = np.repeat(scenes, 8, 0)[:picks] + 0.02 * rng.random((picks, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
