"""How fast the shipped extractor is beside GoogLeNet, through ONNX Runtime in one run.

Decoding and scaling of frames are not in it. CPU times hold on a busy machine, too.
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


def _lap(session: ort.InferenceSession, images: dict[str, np.ndarray]) -> float:
    """CPU milliseconds a frame of one batch."""
    began = time.process_time()
    session.run(None, images)
    return (time.process_time() - began) / BATCH * 1e3


def report(extractor: Path, rounds: int = 12) -> dict[str, float]:
    """CPU milliseconds a frame on one thread of both networks, taken in turn; the best of the rounds, as other work only adds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "googlenet.onnx"
        network = build("googlenet-torchvision", "random", 0)
        write_onnx(network, (torch.zeros(2, 3, GOOGLENET_SIZE, GOOGLENET_SIZE),), EXTRACTOR, path)
        googlenet = Extractor(path).session
    student = Extractor(extractor).session
    small, large = _images(STUDENT_SIZE), _images(GOOGLENET_SIZE)
    for session, images in ((student, small), (googlenet, large)):
        session.run(None, images)
    laps = np.array([(_lap(student, small), _lap(googlenet, large)) for _ in range(rounds)])
    ours, theirs = laps.min(0)
    return {"cpu ms per frame": float(ours), "cpu ms per frame, GoogLeNet": float(theirs)}
