"""The committed reference files are what the reference programs give, and the package agrees."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fixtures import sampling as fixtures
from helpers import onnx_denoiser, onnx_memory
from make_rust_fixtures import DATA
from summdiff_models.sampling import AttentionGuidance, Sampling, sample

FOLDER = DATA / "sampling"
CASES = json.loads((FOLDER / "cases.json").read_text())


def load(name: str, part: str) -> np.ndarray:
    return np.load(FOLDER / f"{name}.{part}.npy")


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_package_repeats_the_case(case: dict) -> None:
    sag = case["sag"]
    how = Sampling(
        steps=case["steps"],
        eta=case["eta"],
        guidance=case["guidance"],
        variant=case["variant"],
        attention=AttentionGuidance(**sag) if sag else None,
    )

    def toy(index: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        x0, attention = fixtures.toy(index, time)
        return x0.astype(np.float32), attention

    def null(index: np.ndarray, time: int) -> tuple[np.ndarray, None]:
        return fixtures.toy_null(index, time)[0].astype(np.float32), None

    noise = load(case["name"], "initial_noise"), load(case["name"], "step_noise")
    scores = sample(toy, null, *noise, CASES["k"], CASES["sigmoid_temp"], how)
    np.testing.assert_allclose(scores, load(case["name"], "scores"), rtol=0, atol=5e-6)


@pytest.mark.parametrize("name", ["sag_paper", "eta_0", "guided"])
def test_reference_gives_the_committed_case(name: str) -> None:
    seed = list(fixtures.CASES).index(name)
    result = fixtures.run(fixtures.CASES[name], seed)
    np.testing.assert_array_equal(result.initial_noise, load(name, "initial_noise"))
    np.testing.assert_allclose(result.scores, load(name, "scores"), rtol=0, atol=1e-6)


def test_tiny_bundle() -> None:
    expected = np.load(FOLDER / "tiny-expected.npz")
    bundle = FOLDER / "tiny-bundle"
    memory = onnx_memory(bundle, expected["features"])
    np.testing.assert_allclose(memory, expected["memory"], rtol=0, atol=1e-5)
    x0, attention = onnx_denoiser(bundle, memory, True)(expected["score_index"], 500)
    np.testing.assert_allclose(x0, expected["x0"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(attention, expected["attention"], rtol=0, atol=2e-5)
    null = np.tile(np.load(bundle / "null_video.npy"), (len(memory), 1))
    scores = sample(
        onnx_denoiser(bundle, memory, False),
        onnx_denoiser(bundle, onnx_memory(bundle, null), False),
        expected["initial_noise"],
        expected["step_noise"],
        20,
        2.0,
        Sampling(guidance=0.5),
    )
    np.testing.assert_allclose(scores, expected["scores"], rtol=0, atol=5e-6)
