"""How fast the shipped extractor is beside GoogLeNet, through ONNX Runtime in one run.

Decoding and scaling of frames are not in it. On a busy machine the CPU times hold and the wall clock is a lower bound.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from ..extractors.torchvision_nets import build
from ..onnx_export import EXTRACTOR, write_onnx
from .scenes import Extractor
from .augment import STUDENT_SIZE

BATCH, GOOGLENET_SIZE = 16, 224


def _images(size: int) -> dict[str, np.ndarray]:
    return {"image": np.random.default_rng(0).uniform(-1, 1, (BATCH, 3, size, size)).astype(np.float32)}


def _lap(session: ort.InferenceSession, images: dict[str, np.ndarray]) -> tuple[float, float]:
    """CPU and wall milliseconds a frame of one batch."""
    wall, cpu = time.perf_counter(), time.process_time()
    session.run(None, images)
    return (time.process_time() - cpu) / BATCH * 1e3, (time.perf_counter() - wall) / BATCH * 1e3


def report(extractor: Path, rounds: int = 12) -> dict[str, float]:
    """CPU milliseconds a frame on one thread of both networks, taken in turn, and the extractor's frames a second by the
    wall clock on two threads. All are the best of the rounds: other work on the machine only adds.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "googlenet.onnx"
        network = build("googlenet-torchvision", "random", 0)
        write_onnx(network, (torch.zeros(2, 3, GOOGLENET_SIZE, GOOGLENET_SIZE),), EXTRACTOR, path)
        googlenet = Extractor(path).session
    student, pair = Extractor(extractor).session, Extractor(extractor, threads=2).session
    small, large = _images(STUDENT_SIZE), _images(GOOGLENET_SIZE)
    for session, images in ((student, small), (googlenet, large)):
        session.run(None, images)
    ours, theirs = np.array([(_lap(student, small)[0], _lap(googlenet, large)[0]) for _ in range(rounds)]).T
    # Apart from the others: waiting threads of a pool spin, which is CPU time of the process.
    wall = np.array([_lap(pair, small)[1] for _ in range(4 * rounds)])
    return {
        "cpu ms per frame": float(ours.min()),
        "cpu ms per frame, GoogLeNet": float(theirs.min()),
        "frames per second, 2 threads": float(1e3 / wall.min()),
    }
