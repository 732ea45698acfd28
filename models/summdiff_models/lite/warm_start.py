"""Begin where version 1 of the bundle ended: its weights out of its ONNX files.

Every matrix but the first fits as it is. The first takes other features: its part for the look is moved,
and its part for the embedding is refitted, so that it answers the new features as it did the old.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from .look import LOOKS
from .network import SummaryNet

STRENGTH = 0.02  # of the refit


def weights_of(path: Path) -> dict[str, NDArray[np.float32]]:
    """Named weights of a traced graph; matrices, which the tracer renames, by the name of their node."""
    graph = onnx.load(str(path)).graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    found = {name: value for name, value in tensors.items() if not name.startswith("onnx::")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in tensors:
            parts = node.name.strip("/").split("/")[:-1]
            # "blocks.0/query" and "feed/feed.0": a child that repeats its parent's name is that parent's own.
            kept = [p for p, n in zip(parts, [*parts[1:], ""]) if not n.startswith(f"{p}.")]
            found[".".join([*kept, "weight"])] = tensors[node.input[1]].T
    return found


def look_places(extractor: Path, dim: int) -> NDArray[np.int64]:
    """Which features of version 1 hold the look, in the order of ``look.look``."""
    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(extractor)).graph.initializer}
    order = tensors["channel_order"]
    return np.array([int(np.flatnonzero(order == dim + number)[0]) for number in range(LOOKS)])


@torch.no_grad()
def begin_from(bundle: Path, net: SummaryNet, old: NDArray[np.float32], new: NDArray[np.float32]) -> None:
    """Set ``net`` to version 1's weights; ``old`` [n, D1] and ``new`` [n, D] describe the same pictures (L2 norm 1)."""
    given = weights_of(bundle / "encoder.onnx") | weights_of(bundle / "denoiser.onnx")
    first = given.pop("encoder.project.weight")
    dim = old.shape[1]
    looks = look_places(bundle / "extractor.onnx", dim)
    names = np.setdiff1d(np.arange(dim), looks)
    answers = ((old - given.pop("encoder.centre")) * given.pop("encoder.scale"))[:, names] @ first[:, names].T
    seen = new[:, :-LOOKS] - new[:, :-LOOKS].mean(0)
    seen = seen / seen.std()
    gram = seen.T @ seen + STRENGTH * len(seen) * np.eye(seen.shape[1])
    refitted = np.linalg.solve(gram, seen.T @ (answers - answers.mean(0))).T
    given["encoder.project.weight"] = np.concatenate([refitted, first[:, looks], first[:, dim:]], 1)
    own = net.state_dict()
    for name, value in given.items():
        own[name] = torch.from_numpy(np.array(value, dtype=np.float32)).reshape(own[name].shape)
    net.load_state_dict(own)
