"""Networks with random weights, and ONNX Runtime behind the sampler's interface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from summdiff_models.network import NetworkOptions, SummDiffNetwork
from summdiff_models.onnx_export import session
from summdiff_models.sampling import Denoise


def random_network(options: NetworkOptions, seed: int = 0) -> SummDiffNetwork:
    """Default initialisation plus noise on every parameter, so that nothing is zero or tied."""
    torch.manual_seed(seed)
    network = SummDiffNetwork(options)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        # Without this the score and the time would hardly show in x0.
        network.transformer.diff_scores_embed.layers[1].weight.mul_(3)
    return network.eval()


def arrays(network: SummDiffNetwork) -> dict[str, np.ndarray]:
    """The state dict as float64 numpy arrays."""
    return {key: value.double().numpy() for key, value in network.state_dict().items()}


def onnx_memory(bundle: Path, features: np.ndarray) -> np.ndarray:
    """``encoder.onnx`` on float32 [N, D]."""
    return session(bundle / "encoder.onnx").run(["memory"], {"features": features})[0]


def onnx_denoiser(bundle: Path, memory: np.ndarray, attention: bool) -> Denoise:
    """``denoiser.onnx`` with a fixed memory."""
    runtime = session(bundle / "denoiser.onnx")
    outputs = ["x0", "attention"] if attention else ["x0"]

    def denoise(index: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray | None]:
        feed = {"score_index": index, "time": np.array([time]), "memory": memory}
        found = runtime.run(outputs, feed)
        return found[0], found[1] if attention else None

    return denoise
