"""GoogLeNet and Inception-v3 of torchvision, cut at the pooled layer.

Weights come from a file that torchvision published (``googlenet-….pth``,
``inception_v3_google-….pth``) or are drawn at random from a seed, for tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision import models

from ..checkpoint import load_state_dict
from ..errors import UserError


@dataclass(frozen=True)
class Architecture:
    """A torchvision network and the sizes of its input and pooled layer."""

    make: Callable[[], nn.Module]
    size: int
    crop: int
    dim: int
    sampling_fps: float


def _googlenet() -> nn.Module:
    # transform_input undoes the ImageNet normalisation: the published weights want it.
    return models.GoogLeNet(aux_logits=False, transform_input=True, init_weights=False)


def _inception_v3() -> nn.Module:
    return models.Inception3(aux_logits=False, transform_input=True, init_weights=False)


ARCHITECTURES = {
    "googlenet-torchvision": Architecture(_googlenet, size=256, crop=224, dim=1024, sampling_fps=2.0),
    "inception-v3": Architecture(_inception_v3, size=342, crop=299, dim=2048, sampling_fps=1.0),
}


class Pooled(nn.Module):
    """``image`` [B, 3, H, W] to the pooled layer [B, dim]: the classifier is removed."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.network.fc = nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        return self.network(image)


def build(name: str, weights: str, seed: int = 0) -> Pooled:
    """The network in evaluation mode; ``weights`` is a path or ``random``."""
    torch.manual_seed(seed)
    network = ARCHITECTURES[name].make()
    if weights == "random":
        _randomise(network)
    else:
        _load(network, Path(weights), name)
    return Pooled(network).eval()


def _randomise(network: nn.Module) -> None:
    """He initialisation keeps activations of an untrained deep network alive."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def _load(network: nn.Module, path: Path, name: str) -> None:
    state = load_state_dict(path, anchor=None)
    wanted = network.state_dict()
    kept = {key: value for key, value in state.items() if key in wanted}
    missing = sorted(wanted.keys() - kept.keys())
    # The side classifiers are dropped: they play no part in inference.
    extra = sorted(key for key in state if key not in wanted and not key.lower().startswith("aux"))
    if missing or extra:
        wrong = (missing or extra)[0]
        raise UserError(f"{path} does not hold the weights of {name} ({wrong} does not fit); give torchvision's file")
    for key, value in kept.items():
        if value.shape != wanted[key].shape:
            raise UserError(
                f"{path}: {key} has shape {list(value.shape)}, which is not {name}'s; give torchvision's file"
            )
    network.load_state_dict(kept)
