"""A bundle made from the released code's checkpoint computes what that code computed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from helpers import onnx_denoiser, onnx_memory
from summdiff_models.__main__ import main
from summdiff_models.onnx_export import session
from summdiff_models.sampling import Sampling, alphas_cumprod, sample, step_times


@pytest.fixture(scope="module")
def bundle(dit_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("official") / "dit-small"
    code = main(
        [
            "export",
            "--checkpoint",
            str(dit_small / "checkpoint.pkl"),
            "--denoiser",
            "DiT",
            "--heads",
            "4",
            "--k",
            "100",
            "--sigmoid-temp",
            "2",
            "--out",
            str(out),
        ]
    )
    assert code == 0
    return out


def test_manifest_states_sizes_and_hashes(bundle: Path) -> None:
    manifest = json.loads((bundle / "bundle.json").read_text())
    assert manifest["encoder"] == {"file": "encoder.onnx", "dim_in": 1024, "hidden": 64}
    assert manifest["denoiser"] == {"file": "denoiser.onnx", "pointwise": True, "attention": True}
    assert (manifest["k"], manifest["sigmoid_temp"], manifest["opset"]) == (100, 2.0, 17)
    assert set(manifest["files"]) == {"encoder.onnx", "denoiser.onnx"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest


def test_memory(bundle: Path, dit_small: Path) -> None:
    features = np.load(dit_small / "inputs.npz")["features"]
    expected = np.load(dit_small / "expected.npz")["memory_local"]
    (memory,) = session(bundle / "encoder.onnx").run(["memory"], {"features": features})
    np.testing.assert_allclose(memory, expected, rtol=0, atol=1e-5)


def test_x0_at_every_step_and_of_the_whole_table(bundle: Path, dit_small: Path) -> None:
    expected = np.load(dit_small / "expected.npz")
    runtime = session(bundle / "denoiser.onnx")
    memory = expected["memory_local"]
    levels = np.repeat(np.arange(101)[:, None], 37, axis=1)
    for step, time in enumerate(expected["times"]):
        for index, want in (
            (expected["step_score_idx"][step].astype(np.int64), expected["step_x0"][step]),
            (levels, expected["table_x0"][step]),
        ):
            feed = {"score_index": index, "time": np.array([time]), "memory": memory}
            (x0,) = runtime.run(["x0"], feed)
            np.testing.assert_allclose(x0, want, rtol=0, atol=2e-5)


def test_sampling_repeats_every_index_and_score(bundle: Path, dit_small: Path) -> None:
    inputs, expected = np.load(dit_small / "inputs.npz"), np.load(dit_small / "expected.npz")
    memory = onnx_memory(bundle, inputs["features"])
    denoise = onnx_denoiser(bundle, memory, attention=False)
    seen = []

    def recorded(index: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray | None]:
        seen.append((time, index))
        return denoise(index, time)

    scores = sample(recorded, None, inputs["noise_init"], inputs["noise_steps"], 100, 2.0, Sampling(steps=10))
    assert [time for time, _ in seen] == expected["times"].tolist()
    np.testing.assert_array_equal([index for _, index in seen], expected["step_score_idx"])
    np.testing.assert_allclose(scores, expected["scores"], rtol=0, atol=5e-6)


def test_schedule_equals_the_released_buffers(dit_small: Path) -> None:
    steps = json.loads((dit_small / "config.json").read_text())["schedule"]
    abar = alphas_cumprod()
    for step in steps["steps_10"]:
        assert abar[step["t"]] == pytest.approx(step["alpha"], rel=1e-12)
    for count in (1, 10, 100):
        assert step_times(count) == steps[f"times_{count}"]
