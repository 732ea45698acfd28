"""Exported networks of every kind against the float64 program in ``reference``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import arrays, onnx_denoiser, onnx_memory, random_network
from reference import sampler_f64
from reference.network_f64 import NetworkF64
from summdiff_models.__main__ import main
from summdiff_models.network import NetworkOptions
from summdiff_models.sampling import AttentionGuidance, Sampling, quantise, sample

HEADS, DIM_IN, TEMP = 4, 96, 2.0
COMMON = dict(dim_in=DIM_IN, hidden=64, heads=HEADS, feed_forward=128, sigmoid_temp=TEMP)
KINDS = {
    "dit": NetworkOptions(**COMMON, k=100),
    "dit_sinusoidal": NetworkOptions(**COMMON, k=200, embedding="sinusoidal", n_input_proj=2),
    "dit_pre_norm": NetworkOptions(**COMMON, k=100, pre_norm=True, enc_layers=3, n_input_proj=1),
    "latentmlp": NetworkOptions(**COMMON, k=200, denoiser="latentmlp", dec_layers=2),
    "latentmlp_sinusoidal": NetworkOptions(
        **COMMON, k=100, denoiser="latentmlp", dec_layers=3, embedding="sinusoidal", enc_layers=1
    ),
}


@dataclass
class Case:
    bundle: Path
    reference: NetworkF64
    options: NetworkOptions
    null: np.ndarray


@pytest.fixture(scope="module", params=list(KINDS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    options = KINDS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    network = random_network(options, seed=7)
    torch.save(network.state_dict(), folder / "best_ema.pkl")
    null = np.random.default_rng(1).standard_normal(DIM_IN).astype(np.float32)
    np.save(folder / "null_video.npy", null)
    command = [
        "export", "--checkpoint", folder / "best_ema.pkl", "--heads", HEADS, "--k", options.k,
        "--denoiser", options.denoiser, "--sigmoid-temp", TEMP, "--guidance", 0.1,
        "--null-video", folder / "null_video.npy", "--out", folder / "bundle",
    ]  # fmt: skip
    assert main([str(word) for word in command]) == 0
    reference = NetworkF64(arrays(network), options.denoiser, HEADS, options.k)
    return Case(folder / "bundle", reference, options, null)


def features_of(n: int) -> np.ndarray:
    return np.random.default_rng(n).standard_normal((n, DIM_IN)).astype(np.float32)


@pytest.mark.parametrize("n", [2, 37, 200])
def test_memory_and_x0(case: Case, n: int) -> None:
    features = features_of(n)
    expected = case.reference.encode(features)
    memory = onnx_memory(case.bundle, features)
    np.testing.assert_allclose(memory, expected, rtol=0, atol=1e-5)
    index = np.random.default_rng(3).integers(0, case.options.k + 1, (2, n))
    denoise = onnx_denoiser(case.bundle, memory, case.options.pointwise)
    for time in (0, 99, 500, 999):
        x0, received = denoise(index, time)
        want, want_received = case.reference.denoise(index, time, expected)
        np.testing.assert_allclose(x0, want, rtol=0, atol=2e-5)
        if want_received is not None:
            np.testing.assert_allclose(received, want_received, rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    ("n", "steps", "guidance", "variant"),
    [
        (37, 1, 0.0, "authors"),
        (37, 1, 0.5, "authors"),
        (37, 1, 0.5, "paper"),
        (37, 10, 0.0, "authors"),
        (37, 10, 0.5, "authors"),
        (37, 10, 0.5, "paper"),
        (37, 100, 0.0, "authors"),
        (37, 100, 0.5, "authors"),
        (200, 1, 0.0, "authors"),
        (200, 1, 0.5, "authors"),
        (200, 10, 0.0, "authors"),
        (200, 10, 0.5, "authors"),
        (200, 100, 0.0, "authors"),
        (200, 100, 0.5, "authors"),
    ],
)
def test_sampling(case: Case, n: int, steps: int, guidance: float, variant: str) -> None:
    if steps == 100 and case.options.pre_norm:
        pytest.skip("other cases cover long runs")
    if (n, steps, guidance) == (200, 100, 0.5) and case.options.embedding == "sinusoidal":
        pytest.skip("shorter guided runs cover this embedding")
    check_sampling(case, n, Sampling(steps=steps, guidance=guidance, variant=variant))


def test_eta(case: Case) -> None:
    check_sampling(case, 37, Sampling(steps=10, eta=0.4, guidance=0.3))


@pytest.mark.parametrize("variant", ["authors", "paper"])
def test_self_attention_guidance(case: Case, variant: str) -> None:
    if not case.options.pointwise:
        pytest.skip("LatentMLP has no attention")
    sag = AttentionGuidance(strength=0.4, threshold=1.05, blur_sigma=2.0)
    check_sampling(case, 37, Sampling(steps=10, guidance=0.2, variant=variant, attention=sag))


def check_sampling(case: Case, n: int, how: Sampling) -> None:
    """ONNX Runtime with the package's sampler against float64 from end to end."""
    k = case.options.k
    features = features_of(n)
    nulls = np.tile(case.null, (n, 1))
    memory64, null64 = case.reference.encode(features), case.reference.encode(nulls)
    sag = how.attention
    want = sampler_f64.sample(
        lambda index, t: case.reference.denoise(index, t, memory64),
        lambda index, t: case.reference.denoise(index, t, null64),
        (2, n),
        k,
        TEMP,
        seed=n + how.steps,
        steps=how.steps,
        eta=how.eta,
        guidance=how.guidance,
        paper=how.variant == "paper",
        sag=(sag.strength, sag.threshold, sag.blur_sigma) if sag else None,
    )
    attention = case.options.pointwise
    seen: list[np.ndarray] = []
    denoise = onnx_denoiser(case.bundle, onnx_memory(case.bundle, features), attention)
    null = onnx_denoiser(case.bundle, onnx_memory(case.bundle, nulls), attention)

    def recorded(index: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray | None]:
        seen.append(index)
        return denoise(index, t)

    scores = sample(recorded, null, want.initial_noise, want.step_noise, k, TEMP, how)
    assert len(seen) == len(want.indices)
    for got, index in zip(seen, want.indices):
        np.testing.assert_array_equal(got, index)
    np.testing.assert_allclose(scores, want.scores, rtol=0, atol=5e-6)
    assert quantise(want.initial_noise, k, TEMP).max() <= k
