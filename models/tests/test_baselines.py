"""Baselines: shapes, dynamic lengths in ONNX, and their defining equations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from summdiff_models.baselines import BASELINES
from summdiff_models.baselines.csta import adaptive_rows
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


def test_vasnet_equations() -> None:
    torch.manual_seed(0)
    network = VasNet(DIM).eval()
    x = np.random.default_rng(0).standard_normal((11, DIM))
    w = {key: value.double().numpy() for key, value in network.state_dict().items()}

    def norm(y: np.ndarray, name: str) -> np.ndarray:
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-5)
        return y * w[f"{name}.weight"] + w[f"{name}.bias"]

    energy = 0.06 * (x @ w["query.weight"].T) @ (x @ w["key.weight"].T).T
    attention = np.exp(energy - energy.max(-1, keepdims=True))
    attention /= attention.sum(-1, keepdims=True)
    y = norm(attention @ (x @ w["value.weight"].T) @ w["output.weight"].T + x, "norm_context")
    y = norm(np.maximum(y @ w["hidden.weight"].T + w["hidden.bias"], 0), "norm_hidden")
    expected = 1 / (1 + np.exp(-(y @ w["score.weight"].T + w["score.bias"])[:, 0]))
    with torch.no_grad():
        found = network(torch.from_numpy(x).float()).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
