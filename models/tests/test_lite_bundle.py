"""The shipped default bundle: hashes, sizes, shapes, dynamic lengths, what a sample looks like."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from summdiff_models.lite.diffusion import sample

BUNDLE = Path(__file__).resolve().parents[1] / "lite"


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((BUNDLE / "bundle.json").read_text())


def session(name: str) -> ort.InferenceSession:
    return ort.InferenceSession(str(BUNDLE / name), providers=["CPUExecutionProvider"])


def test_every_file_matches_its_hash_and_passes_the_checker(manifest: dict) -> None:
    assert set(manifest["files"]) == {"extractor.onnx", "encoder.onnx", "denoiser.onnx", "null_video.npy"}
    for name, digest in manifest["files"].items():
        data = (BUNDLE / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        if not name.endswith(".onnx"):
            continue
        model = onnx.load_from_string(data)
        onnx.checker.check_model(model, full_check=True)
        assert [o.version for o in model.opset_import if o.domain == ""] == [manifest["opset"]]


def test_the_bundle_is_small(manifest: dict) -> None:
    assert (BUNDLE / "extractor.onnx").stat().st_size <= 4_000_000
    assert sum((BUNDLE / name).stat().st_size for name in manifest["files"]) <= 8_000_000


@pytest.mark.parametrize("batch", [1, 3])
def test_extractor_shape_and_use(manifest: dict, batch: int) -> None:
    rows, columns = manifest["extractor"]["input_size"]
    images = np.random.default_rng(0).normal(size=(batch, 3, rows, columns)).astype(np.float32).clip(-1, 1)
    features = session("extractor.onnx").run(None, {"image": images})[0]
    assert features.shape == (batch, manifest["extractor"]["dim"])
    assert np.isfinite(features).all() and (features >= 0).all()


@pytest.mark.parametrize("picks", [1, 2, 3, 4, 5, 37, 240, 2400])
def test_token_count_and_partial_last_token(manifest: dict, picks: int) -> None:
    stride = manifest["score_stride"]
    features = np.random.default_rng(picks).random((picks, manifest["encoder"]["dim_in"])).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    memory = session("encoder.onnx").run(None, {"features": features})[0]
    assert memory.shape == (-(-picks // stride), manifest["encoder"]["hidden"])
    assert np.isfinite(memory).all()
    index = np.random.default_rng(1).integers(0, manifest["k"] + 1, (2, len(memory)))
    x0 = session("denoiser.onnx").run(None, {"score_index": index, "time": np.array([500]), "memory": memory})[0]
    assert x0.shape == index.shape and np.isfinite(x0).all()


def test_the_pointwise_claim_is_true(manifest: dict) -> None:
    rng = np.random.default_rng(3)
    memory = session("encoder.onnx").run(None, {"features": unit_features(rng, 80, manifest["encoder"]["dim_in"])})[0]
    denoiser = session("denoiser.onnx")
    index = rng.integers(0, manifest["k"] + 1, (1, len(memory)))
    other = index.copy()
    other[0, 0] = (other[0, 0] + manifest["k"] // 2) % (manifest["k"] + 1)
    first, second = (
        denoiser.run(None, {"score_index": i, "time": np.array([300]), "memory": memory})[0] for i in (index, other)
    )
    moved = np.abs(first - second)[0, 1:].max() > 1e-5
    assert moved != manifest["denoiser"]["pointwise"]


def test_guidance_from_the_null_video_moves_samples_towards_each_other(manifest: dict) -> None:
    null = np.load(BUNDLE / manifest["null_vector_file"])
    assert null.dtype == np.float32 and null.shape == (manifest["encoder"]["dim_in"],)
    features = unit_features(np.random.default_rng(6), 240, len(null))
    denoiser = session("denoiser.onnx")
    memory, other = (
        torch.from_numpy(session("encoder.onnx").run(None, {"features": f})[0])
        for f in (features, np.repeat(null[None], 240, 0))
    )

    def denoise(index: torch.Tensor, time: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        inputs = {"score_index": index.numpy(), "time": time[:1].numpy(), "memory": given[0].numpy()}
        return torch.from_numpy(denoiser.run(None, inputs)[0])

    alike = []
    for weight in (manifest["defaults"]["guidance"], 0.0, 1.0):
        scores = sample(denoise, memory, 40, guidance=weight, null_memory=other).numpy()
        alike.append(np.corrcoef(scores)[np.triu_indices(40, 1)].mean())
    assert alike == sorted(alike) and alike[2] > alike[0] + 0.02


def test_samples_use_the_scale_as_viewers_do_and_differ(manifest: dict) -> None:
    rng = np.random.default_rng(4)
    memory = session("encoder.onnx").run(None, {"features": unit_features(rng, 160, manifest["encoder"]["dim_in"])})[0]
    denoiser = session("denoiser.onnx")

    def denoise(index: torch.Tensor, time: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(
            denoiser.run(None, {"score_index": index.numpy(), "time": time[:1].numpy(), "memory": memory})[0]
        )

    scores = sample(denoise, torch.from_numpy(memory), 24, seed=5).numpy()
    assert scores.min() >= 0 and scores.max() <= 1
    assert 0.2 < (scores < 0.125).mean() < 0.75  # TVSum's viewers: 0.46 at the lowest rating
    assert np.corrcoef(scores)[np.triu_indices(24, 1)].mean() < 0.8


def unit_features(rng: np.random.Generator, picks: int, dim: int) -> np.ndarray:
    """Scenes of 8 picks each: a direction per scene with a little noise, rows of length 1."""
    scenes = rng.random((-(-picks // 8), dim)) ** 4
    rows = np.repeat(scenes, 8, 0)[:picks] + 0.02 * rng.random((picks, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
