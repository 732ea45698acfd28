"""Baselines: shapes, dynamic lengths in ONNX, and their defining equations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch.nn import functional

from summdiff_models.baselines import BASELINES
from summdiff_models.baselines.csta import Csta, adaptive_rows
from summdiff_models.baselines.pgl_sum import PglSum, position_energies
from summdiff_models.baselines.vasnet import VasNet
from summdiff_models.onnx_export import SCORER, compare, write_onnx

DIM = 48


@pytest.mark.parametrize("name", list(BASELINES))
def test_onnx_takes_any_length(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = BASELINES[name].make(DIM).eval()
    path = tmp_path / "scorer.onnx"
    write_onnx(network, (torch.randn(9, DIM),), SCORER, path)
    trials = [(torch.randn(n, DIM),) for n in (2, 3, 37, 130)]
    assert compare(network, path, SCORER, trials) < 1e-4
    with torch.no_grad():
        scores = network(torch.randn(50, DIM))
    assert scores.shape == (50,) and scores.min() > 0 and scores.max() < 1 and scores.std() > 0


@pytest.mark.parametrize(("height", "rows"), [(1, 5), (3, 17), (17, 16), (40, 40), (9, 2)])
def test_adaptive_rows(height: int, rows: int) -> None:
    x = torch.randn(height, 7)
    expected = functional.adaptive_avg_pool2d(x[None], (rows, 7))[0]
    torch.testing.assert_close(adaptive_rows(x, rows), expected)


def test_pgl_sum_looks_within_segments_only() -> None:
    """With the global part silenced, a frame depends on its own quarter alone."""
    torch.manual_seed(0)
    network = PglSum(DIM).eval()
    torch.nn.init.zeros_(network.global_attention.output.weight)
    x = torch.randn(43, DIM)  # segments of 10, 10, 10 and 13 frames
    changed = x.clone()
    changed[12] += 1
    with torch.no_grad():
        difference = (network(x) - network(changed)).abs()
    assert difference[10:20].min() > 0
    assert difference[:10].max() == 0 and difference[20:].max() == 0


def test_pgl_sum_position_code() -> None:
    index = torch.arange(5, dtype=torch.float32)
    code = position_energies(index, index, DIM)
    for p in range(5):
        for c in range(5):
            angle = p / 10000 ** (2 * (c // 2) / DIM)
            assert code[p, c].item() == pytest.approx(np.sin(angle) if c % 2 == 0 else np.cos(angle), abs=1e-6)


Weights = dict[str, np.ndarray]


def weights_of(network: torch.nn.Module) -> Weights:
    return {key: value.double().numpy() for key, value in network.state_dict().items()}


def linear(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    return x @ w[f"{name}.weight"].T + w.get(f"{name}.bias", 0.0)


def layer_norm(w: Weights, name: str, y: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + eps)
    return y * w[f"{name}.weight"] + w[f"{name}.bias"]


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def check(network: torch.nn.Module, x: np.ndarray, expected: np.ndarray) -> None:
    with torch.no_grad():
        found = network(torch.from_numpy(x).float()).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_pgl_sum_equations() -> None:
    torch.manual_seed(0)
    network = PglSum(DIM).eval()
    x, w = np.random.default_rng(1).standard_normal((23, DIM)), weights_of(network)

    def attend(x: np.ndarray, name: str, heads: int) -> np.ndarray:
        q, k, v = (linear(w, f"{name}.{part}", x) for part in ("query", "key", "value"))
        n, width = len(x), DIM // heads
        p, c = np.mgrid[:n, :n]
        angle = p / 10000 ** (2 * (c // 2) / DIM)
        code = np.where(c % 2 == 0, np.sin(angle), np.cos(angle))
        parts = [slice(h * width, (h + 1) * width) for h in range(heads)]
        mixed = [softmax(q[:, s] @ k[:, s].T + code) @ v[:, s] for s in parts]
        return linear(w, f"{name}.output", np.concatenate(mixed, 1))

    fused = attend(x, "global_attention", 8)
    for segment, (a, b) in enumerate([(0, 5), (5, 10), (10, 15), (15, 23)]):
        fused[a:b] += attend(x[a:b], f"local_attention.{segment}", 4)
    y = layer_norm(w, "norm", fused + x, 1e-6)
    y = layer_norm(w, "norm_hidden", np.maximum(linear(w, "hidden", y), 0), 1e-6)
    check(network, x, sigmoid(linear(w, "score", y))[:, 0])


def test_csta_equations() -> None:
    """All but GoogLeNet's trunk, for which a stand-in of the same output shape takes its place."""
    torch.manual_seed(0)
    network = Csta(DIM).eval()
    network.trunk = torch.nn.Sequential(torch.nn.AvgPool2d(32), torch.nn.Conv2d(3, 1024, 1))
    x, w = np.random.default_rng(2).standard_normal((70, DIM)), weights_of(network)
    x = x.astype(np.float32).astype(np.float64)
    rows = np.concatenate([w["class_token"], x])
    key, value = linear(w, "key", rows), linear(w, "value", rows)
    squares = key[:64].reshape(2, 32, 32, 32).mean((1, 3))  # 71 rows hold two whole squares of 32
    kernel = w["trunk.1.weight"][:, :, 0, 0].sum(1)
    pooled = (squares[:, :, None] * kernel + w["trunk.1.bias"]).mean(1)

    def adaptive(y: np.ndarray, count: int) -> np.ndarray:
        n = len(y)
        return np.stack([y[i * n // count : -(-(i + 1) * n // count)].mean(0) for i in range(count)])

    attention = adaptive(pooled, 71) + key
    mean, var = w["norm.running_mean"], w["norm.running_var"]
    attention = ((attention - mean) / np.sqrt(var + 1e-5) * w["norm.weight"] + w["norm.bias"]) / 32
    n, c = np.mgrid[:71, :1024]
    angle = n / 10000 ** (2 * (c // 2) / 1024)
    attention += np.where(c % 2 == 0, np.sin(angle), np.cos(angle))
    mixed = adaptive(softmax(attention, 0) * value + softmax(attention, 1) * value, 70)
    y = layer_norm(w, "norm_hidden", np.maximum(linear(w, "hidden", mixed), 0), 1e-6)
    check(network, x, sigmoid(linear(w, "score", y))[:, 0])


def test_a2summ_equations() -> None:
    torch.manual_seed(0)
    network = BASELINES["a2summ"].make(DIM).eval()
    features, w = np.random.default_rng(3).standard_normal((19, DIM)), weights_of(network)
    n, c = np.mgrid[1:20, :128]
    angle = n / (19 + 1e-6) * 2 * np.pi / 10000 ** (2 * (c // 2) / 128)
    x = linear(w, "project.0", features) + np.where(c % 2 == 0, np.sin(angle), np.cos(angle))
    x = np.concatenate([w["class_token"], x])
    for block in ("blocks.0", "blocks.1"):
        u = layer_norm(w, f"{block}.norm1", x)
        q, k, v = (linear(w, f"{block}.{part}", u) for part in ("query", "key", "value"))
        heads = [slice(16 * h, 16 * (h + 1)) for h in range(8)]
        mixed = np.concatenate([softmax(q[:, s] @ k[:, s].T / 4) @ v[:, s] for s in heads], 1)
        x = x + linear(w, f"{block}.output", mixed)
        u = linear(w, f"{block}.feed_forward.0", layer_norm(w, f"{block}.norm2", x))
        x = x + linear(w, f"{block}.feed_forward.3", u * norm.cdf(u))  # GELU
    y = np.maximum(linear(w, "head.0", layer_norm(w, "norm", x[1:])), 0)
    check(network, features, sigmoid(linear(w, "head.3", y))[:, 0])


def test_vasnet_equations() -> None:
    torch.manual_seed(0)
    network = VasNet(DIM).eval()
    x, w = np.random.default_rng(0).standard_normal((11, DIM)), weights_of(network)
    energy = 0.06 * (x @ w["query.weight"].T) @ (x @ w["key.weight"].T).T
    y = layer_norm(w, "norm_context", softmax(energy) @ linear(w, "value", x) @ w["output.weight"].T + x)
    y = layer_norm(w, "norm_hidden", np.maximum(linear(w, "hidden", y), 0))
    check(network, x, sigmoid(linear(w, "score", y))[:, 0])
