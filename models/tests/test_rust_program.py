"""The Rust program against the references here, end to end through its command line.

Skipped where the program is not built: ``SUMMDIFF_BIN`` names it, else the
newest under ``target/`` is taken.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from built_program import needs_program, program
from conftest import REPOSITORY
from helpers import arrays, random_network
from reference import sampler_f64
from reference.network_f64 import NetworkF64
from summdiff_models.__main__ import main
from summdiff_models.baselines import BASELINES
from summdiff_models.bundle import Manifest, Provenance, write_manifest
from summdiff_models.extractors.torchvision_nets import build
from summdiff_models.network import NetworkOptions
from summdiff_models.train.command import write_scorer

DIM_IN, TEMP, SAMPLES = 24, 2.0, 3


pytestmark = needs_program


def summdiff(folder: Path, *words: object) -> str:
    """Run the program with its own empty home; returns stdout."""
    environment = dict(os.environ) | {
        name: str(folder / "home" / name) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    }
    command = [str(program()), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=REPOSITORY)
    if done.returncode != 0 and "run `cargo xtask setup`" in done.stderr:
        pytest.skip("the program found no ONNX Runtime: run cargo xtask setup")
    assert done.returncode == 0, done.stderr
    return done.stdout


def export(options: NetworkOptions, folder: Path) -> tuple[NetworkF64, np.ndarray]:
    """A bundle of random weights in ``folder/bundle``, its float64 twin, and its null vector."""
    network = random_network(options, seed=5)
    torch.save(network.state_dict(), folder / "best.pkl")
    null = np.random.default_rng(1).standard_normal(DIM_IN).astype(np.float32)
    np.save(folder / "null.npy", null)
    words = ["export", "--checkpoint", folder / "best.pkl", "--heads", options.heads, "--k", options.k]
    words += [
        "--sigmoid-temp",
        TEMP,
        "--guidance",
        0.1,
        "--null-video",
        folder / "null.npy",
        "--out",
        folder / "bundle",
    ]
    assert main([str(word) for word in words]) == 0
    return NetworkF64(arrays(network), options.denoiser, options.heads, options.k), null


NETWORKS = {
    "dit": NetworkOptions(dim_in=DIM_IN, hidden=32, heads=4, feed_forward=64, k=100),
    "dit_sinusoidal": NetworkOptions(dim_in=DIM_IN, hidden=32, heads=4, feed_forward=64, k=200, embedding="sinusoidal"),
    "latentmlp": NetworkOptions(
        dim_in=DIM_IN, hidden=32, heads=4, feed_forward=64, k=100, denoiser="latentmlp", dec_layers=3
    ),
}


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_samples_equal_the_reference(kind: str, tmp_path: Path) -> None:
    options = NETWORKS[kind]
    reference, null = export(options, tmp_path)
    summdiff(tmp_path, "models", "verify", tmp_path / "bundle")
    sag = ["--sag", 0.3] if options.pointwise else []
    runs: list[tuple[int, int, float, bool, list[object]]] = [
        (37, 1, 0.0, False, []),
        (37, 10, 0.0, False, []),
        (37, 10, 0.5, False, ["--method", "direct"]),
        (37, 10, 0.5, True, []),
        (200, 10, 0.5, False, []),
        (37, 10, 0.2, False, sag),
    ]
    for n, steps, guidance, paper, more in runs:
        features = np.random.default_rng(n).standard_normal((n, DIM_IN)).astype(np.float32)
        memory = reference.encode(features)
        memory_null = reference.encode(np.tile(null, (n, 1)))
        want = sampler_f64.sample(
            lambda index, t, memory=memory: reference.denoise(index, t, memory),
            lambda index, t, memory=memory_null: reference.denoise(index, t, memory),
            (SAMPLES, n),
            options.k,
            TEMP,
            seed=n + steps,
            steps=steps,
            guidance=guidance,
            paper=paper,
            sag=(0.3, 1.0, 3.0) if "--sag" in more else None,
        )
        for name, array in {
            "features": features, "initial": want.initial_noise, "steps": want.step_noise,
        }.items():  # fmt: skip
            np.save(tmp_path / f"{name}.npy", array)
        summdiff(
            tmp_path, "sample", "--bundle", tmp_path / "bundle", "--features", tmp_path / "features.npy",
            "--initial-noise", tmp_path / "initial.npy", "--step-noise", tmp_path / "steps.npy",
            "--steps", steps, "--guidance", guidance, "--variant", "paper" if paper else "authors",
            "--device", "cpu", "-o", tmp_path / "scores.npy", *more,
        )  # fmt: skip
        scores = np.load(tmp_path / "scores.npy")
        np.testing.assert_allclose(scores, want.scores, rtol=0, atol=5e-6, err_msg=f"{n=} {steps=} {guidance=} {more}")


def test_a_scorer_bundle_gives_one_row(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = BASELINES["pglsum"].make(DIM_IN).eval()
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    write_scorer(network, DIM_IN, bundle / "scorer.onnx")
    write_manifest(bundle, Manifest("pglsum", "1", "scorer", "", Provenance(), dim_in=DIM_IN))
    features = np.random.default_rng(0).standard_normal((41, DIM_IN)).astype(np.float32)
    np.save(tmp_path / "features.npy", features)
    words = ("--features", tmp_path / "features.npy", "--device", "cpu", "-o", tmp_path / "scores.npy")
    summdiff(tmp_path, "sample", "--bundle", bundle, *words)
    with torch.no_grad():
        expected = network(torch.from_numpy(features)).numpy()
    scores = np.load(tmp_path / "scores.npy")
    assert scores.shape[1] == 41
    np.testing.assert_allclose(scores, np.tile(expected, (len(scores), 1)), rtol=0, atol=1e-5)


def write_video(path: Path, frames: list[np.ndarray]) -> None:
    """A lossless RGB film at 10 frames a second."""
    height, width, _ = frames[0].shape
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "10",
         "-i", "-", "-c:v", "png", str(path)],
        input=b"".join(frame.tobytes() for frame in frames), check=True,
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the ffmpeg program is not installed")
def test_googlenet_features_equal_torchvisions(tmp_path: Path) -> None:
    """True architecture, random weights: within 1e-3 relative of Pillow, torchvision and PyTorch."""
    if not re.search(r"^ +features ", summdiff(tmp_path, "--help"), re.MULTILINE):
        pytest.skip("this build of the program has no features command")
    rng = np.random.default_rng(0)
    frames = []
    for i in range(30):
        small = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        large = np.asarray(small.resize((400, 300), Image.Resampling.BICUBIC)).copy()
        large[10 * i % 250 :, : 20 + 10 * i] = (255 - 8 * i, 4 * i, 128)
        frames.append(large)
    write_video(tmp_path / "film.mkv", frames)
    bundle = tmp_path / "googlenet"
    words = ["extractor", "googlenet-torchvision", "--weights", "random", "--seed", "4", "--out", str(bundle)]
    assert main(words) == 0
    rows = json.loads(
        summdiff(
            tmp_path,
            "features",
            tmp_path / "film.mkv",
            "--bundle",
            bundle,
            "--device",
            "cpu",
            "--no-cache",
            "-o",
            tmp_path / "features.npy",
            "--json",
            "-",
        )  # fmt: skip
    )
    prepare = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    network = build("googlenet-torchvision", "random", seed=4)
    with torch.no_grad():
        images = torch.stack([prepare(Image.fromarray(frames[pick])) for pick in rows["picks"]])
        expected = torch.nn.functional.normalize(network(images), dim=1).numpy()
    found = np.load(tmp_path / "features.npy")
    assert found.shape == expected.shape and len(found) >= 5
    relative = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert relative.max() < 1e-3
