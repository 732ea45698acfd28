"""From torch modules to checked ONNX files.

Uses torch's tracing exporter: it writes opset 17 directly and takes about a
second where the newer one takes twenty. What tracing could freeze by mistake
(a length, a batch size) is caught by comparing ONNX Runtime with the torch
module at several shapes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .bundle import OPSET
from .errors import UserError
from .network import SummDiffNetwork


@dataclass(frozen=True)
class GraphInterface:
    """Names of inputs and outputs, and which of their axes are dynamic."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    dynamic: dict[str, dict[int, str]]


ENCODER = GraphInterface(("features",), ("memory",), {"features": {0: "N"}, "memory": {0: "N"}})
SCORER = GraphInterface(("features",), ("scores",), {"features": {0: "N"}, "scores": {0: "N"}})
EXTRACTOR = GraphInterface(("image",), ("features",), {"image": {0: "B"}, "features": {0: "B"}})


def denoiser_interface(attention: bool) -> GraphInterface:
    """``score_index`` [S, N], ``time`` [1], ``memory`` [N, H] to ``x0`` and maybe ``attention``."""
    outputs = ("x0", "attention") if attention else ("x0",)
    grid = {0: "S", 1: "N"}
    dynamic = {"score_index": grid, "memory": {0: "N"}} | {name: grid for name in outputs}
    return GraphInterface(("score_index", "time", "memory"), outputs, dynamic)


class EncoderGraph(nn.Module):
    """``features`` [N, D] to ``memory`` [N, H] for one unpadded video."""

    def __init__(self, network: SummDiffNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        return self.network.encode(features.unsqueeze(0)).squeeze(0)


class DenoiserGraph(nn.Module):
    """S samples of one video at one time."""

    def __init__(self, network: SummDiffNetwork, attention: bool) -> None:
        super().__init__()
        self.network = network
        self.attention = attention

    def forward(self, score_index: Tensor, time: Tensor, memory: Tensor) -> tuple[Tensor, ...]:
        x0, received = self.network.denoise_with_attention(score_index, time, memory.unsqueeze(0))
        if self.attention and received is not None:
            return x0, received
        return (x0,)


def write_onnx(module: nn.Module, example: tuple[Tensor, ...], interface: GraphInterface, path: Path) -> None:
    """Export ``module`` to ``path`` and run ``onnx.checker`` on it."""
    with warnings.catch_warnings(), torch.no_grad():
        # The tracer warns of its age and of Python numbers in shapes; both are dealt with above.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            example,
            str(path),
            input_names=list(interface.inputs),
            output_names=list(interface.outputs),
            dynamic_axes=interface.dynamic,
            opset_version=OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(str(path), full_check=True)


def session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the CPU, quiet about optimisations."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def compare(
    module: nn.Module,
    path: Path,
    interface: GraphInterface,
    examples: Sequence[tuple[Tensor, ...]],
    tolerance: float = 1e-4,
) -> float:
    """Largest difference between torch and ONNX Runtime, relative to max(1, |value|).

    Raises ``UserError`` where it exceeds ``tolerance``.
    """
    runtime = session(path)
    worst = 0.0
    for example in examples:
        with torch.no_grad():
            expected = module(*example)
        expected = expected if isinstance(expected, tuple) else (expected,)
        feed = {name: tensor.numpy() for name, tensor in zip(interface.inputs, example)}
        for want, got in zip(expected, runtime.run(list(interface.outputs), feed), strict=True):
            if got.shape != tuple(want.shape):
                raise UserError(f"{path.name} gives shape {got.shape} instead of {tuple(want.shape)}")
            scale = max(1.0, float(want.abs().max()))
            worst = max(worst, float(np.abs(want.numpy() - got).max()) / scale)
    if not worst <= tolerance:
        raise UserError(f"{path.name} differs from the PyTorch network by {worst:.1e}; report this as a bug")
    return worst


def export_network(
    network: SummDiffNetwork,
    folder: Path,
    attention: bool,
    log: Callable[[str], None],
) -> None:
    """Write ``encoder.onnx`` and ``denoiser.onnx`` of ``network`` into ``folder``."""
    options = network.options
    generator = torch.Generator().manual_seed(0)

    def features(n: int) -> Tensor:
        return torch.randn(n, options.dim_in, generator=generator)

    def noisy(s: int, n: int, time: int) -> tuple[Tensor, ...]:
        index = torch.randint(0, options.k + 1, (s, n), generator=generator)
        memory = torch.randn(n, options.hidden, generator=generator)
        return index, torch.tensor([time]), memory

    encoder = EncoderGraph(network).eval()
    write_onnx(encoder, (features(7),), ENCODER, folder / "encoder.onnx")
    lengths = (1, 2, 37, 150)
    worst = compare(encoder, folder / "encoder.onnx", ENCODER, [(features(n),) for n in lengths])
    log(f"encoder.onnx: opset {OPSET}, within {worst:.1e} of PyTorch at N = 1, 2, 37, 150")

    denoiser = DenoiserGraph(network, attention).eval()
    interface = denoiser_interface(attention)
    write_onnx(denoiser, noisy(3, 7, 500), interface, folder / "denoiser.onnx")
    trials = [noisy(3, 1, 10), noisy(1, 2, 999), noisy(4, 37, 99), noisy(2, 150, 0)]
    worst = compare(denoiser, folder / "denoiser.onnx", interface, trials)
    log(f"denoiser.onnx: opset {OPSET}, within {worst:.1e} of PyTorch at S x N = 3 x 1, 1 x 2, 4 x 37, 2 x 150")
