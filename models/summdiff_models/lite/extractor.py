"""The extractor: EfficientNet-Lite0 up to its pooled values, projected, with the look of the picture.

``extractor.onnx``: image [B, 3, 160, 160] RGB, (x − 127) / 128 → [B, 256]: 217 projected values, then
the 39 of ``look``. Weights are stored as 16-bit floats and run as 32-bit ones. The projection is the
plain singular basis of the training pictures, their mean not taken off, so that cosines stay those
of the network's own values.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from ..bundle import OPSET
from .look import GRID, LOOKS, LUMA

SIZE = 160
PROJECTED = 217
DIM = PROJECTED + LOOKS
MEAN, SPREAD = 127.0, 128.0
STORED_SHORT = 1000  # tensors with more values are stored as 16-bit floats

Describe = Callable[[list[Image.Image]], NDArray[np.float32]]


def session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session of one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Extractor:
    """Pictures → L2-normalised float32 [n, D], as the explorer does it (or plain values)."""

    def __init__(self, path: Path, size: int = SIZE, mean: float = MEAN, normalise: bool = True) -> None:
        self.session, self.size, self.mean, self.normalise = session(path), size, mean, normalise

    def __call__(self, images: list[Image.Image]) -> NDArray[np.float32]:
        out = []
        for start in range(0, len(images), 16):
            shown = [i.resize((self.size, self.size), Image.Resampling.BILINEAR) for i in images[start : start + 16]]
            pixels = (np.stack([np.asarray(i) for i in shown]).astype(np.float32) - self.mean) / SPREAD
            out.append(self.session.run(None, {"image": pixels.transpose(0, 3, 1, 2)})[0])
        features = np.concatenate(out)
        if self.normalise:
            features /= np.linalg.norm(features, axis=1, keepdims=True).clip(1e-12)
        return features


def basis_of(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leading right singular vectors [PROJECTED, 1280] of embeddings [n, 1280]; zeros beyond their rank."""
    basis = np.zeros((PROJECTED, embeddings.shape[1]), np.float32)
    found = np.linalg.svd(embeddings.astype(np.float64), full_matrices=False)[2][:PROJECTED]
    basis[: len(found)] = found
    return basis


def write_extractor(network: Path, basis: NDArray[np.float32], out: Path, short: bool = True) -> None:
    """Put projection and look behind ``network`` (one output [B, 1280]); ``short``: 16-bit storage."""
    model = onnx.load(str(network))
    graph, node = model.graph, helper.make_node
    kept = [numpy_helper.to_array(t) for t in graph.initializer]
    names = [t.name for t in graph.initializer]
    del graph.initializer[:]
    last = graph.output[0].name
    for step in graph.node:
        step.output[:] = ["embedding" if name == last else name for name in step.output]
    tensors = dict(zip(names, kept)) | {"projection": basis.T}
    casts = []
    for name, value in tensors.items():
        if short and value.dtype == np.float32 and value.size > STORED_SHORT:
            graph.initializer.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.short"))
            casts.append(node("Cast", [f"{name}.short"], [name], to=TensorProto.FLOAT))
        else:
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
    for name, value in {"luma_weights": np.float32(LUMA).reshape(1, 3, 1, 1), "one": np.float32(1), "half": np.float32(0.5)}.items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    cell = [SIZE // GRID] * 2
    look = [
        node("MatMul", ["embedding", "projection"], ["projected"]),
        node("Add", ["image", "one"], ["raised"]),
        node("Mul", ["raised", "half"], ["shown"]),
        node("Conv", ["shown", "luma_weights"], ["luma"], kernel_shape=[1, 1]),
        node("AveragePool", ["luma"], ["cells"], kernel_shape=cell, strides=cell),
        node("Flatten", ["cells"], ["cells_flat"], axis=1),
        node("ReduceMax", ["shown"], ["brightest"], axes=[1], keepdims=1),
        node("ReduceMin", ["shown"], ["darkest"], axes=[1], keepdims=1),
        node("Sub", ["brightest", "darkest"], ["colourful"]),
        node("ReduceMean", ["colourful"], ["saturation"], axes=[2, 3], keepdims=0),
        node("ReduceMean", ["luma"], ["luma_mean"], axes=[2, 3], keepdims=1),
        node("Sub", ["luma", "luma_mean"], ["luma_centred"]),
        node("Mul", ["luma_centred", "luma_centred"], ["luma_squared"]),
        node("ReduceMean", ["luma_squared"], ["luma_variance"], axes=[2, 3], keepdims=0),
        node("Sqrt", ["luma_variance"], ["contrast"]),
        # The constant, once per picture: anything of the batch's shape minus itself, plus one.
        node("Sub", ["contrast", "contrast"], ["zeros"]),
        node("Add", ["zeros", "one"], ["ones"]),
        node("Concat", ["projected", "cells_flat", "saturation", "contrast", "ones"], ["features"], axis=1),
    ]
    nodes = [*casts, *graph.node, *look]
    made = helper.make_graph(
        nodes,
        "summdiff_lite_extractor",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["B", 3, "H", "W"])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", DIM])],
        list(graph.initializer),
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="summdiff_models.lite")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(out))


def storage_error(exact: Path, stored: Path, images: list[Image.Image]) -> dict[str, float]:
    """What 16-bit storage costs: largest and mean distance of L2-normalised features from float32 ones."""
    away = np.linalg.norm(Extractor(exact)(images) - Extractor(stored)(images), axis=1)
    return {"largest distance": float(away.max()), "mean distance": float(away.mean())}


def cpu_millis(path: Path, size: int = SIZE, rounds: int = 8, batch: int = 16) -> float:
    """CPU milliseconds a frame on one thread: the best of the rounds, as other work only adds."""
    runtime = session(path)
    images = {"image": np.random.default_rng(0).uniform(-1, 1, (batch, 3, size, size)).astype(np.float32)}
    laps = []
    for _ in range(rounds):
        began = time.process_time()
        runtime.run(None, images)
        laps.append(time.process_time() - began)
    return min(laps) / batch * 1e3
