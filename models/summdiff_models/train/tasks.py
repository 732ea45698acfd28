"""The two things that can be trained: a SummDiff network, and a deterministic scorer.

A task knows its loss on a batch of (video, score row) items and how it scores a
video for validation. It knows nothing of epochs, files or logs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..baselines import BASELINES
from ..data.video import Video
from ..network import NetworkOptions, SummDiffNetwork
from ..sampling import Denoise, Sampling, alphas_cumprod, sample, torch_denoiser
from .recipe import Recipe


@dataclass(frozen=True)
class Item:
    """One training example: a video and one score row float32 [N] in 0..1."""

    video: Video
    scores: NDArray[np.float32]


class Diverged(Exception):
    """The network's numbers are NaN or infinite; says which."""


class Task(Protocol):
    """What the loop needs of a network in training."""

    @property
    def module(self) -> nn.Module:
        """The network being trained."""

    def loss(self, items: list[Item], generator: torch.Generator) -> Tensor:
        """Mean loss of a batch; all randomness but dropout from ``generator`` (on the CPU)."""

    def score(self, module: nn.Module, video: Video, seed: int) -> NDArray[np.float32]:
        """Scores [S, N] of a video by ``module`` (the task's own, or its EMA)."""


def make_items(videos: list[Video], individual: bool, annotators: int = 0, seed: int = 0) -> list[Item]:
    """Every annotator's row of every video, or the consensus alone; of ``annotators`` chosen ones where that is not 0."""
    if individual:
        return [Item(video, row) for video in videos for row in chosen(video, annotators, seed)]
    if annotators > 0:
        return [Item(video, chosen(video, annotators, seed).mean(0)) for video in videos]
    return [Item(video, video.consensus) for video in videos]


def chosen(video: Video, annotators: int, seed: int) -> NDArray[np.float32]:
    """Score rows [A, N] of so many annotators: the first by the SHA-256 of ``seed/key/index``; all of them for 0."""
    if annotators == 0:
        return video.scores
    order = sorted(
        range(len(video.scores)), key=lambda at: hashlib.sha256(f"{seed}/{video.key}/{at}".encode()).digest()
    )
    return video.scores[sorted(order[:annotators])]


class SummDiffTask:
    """Predict x0 from a noised score row, with whole videos dropped for guidance."""

    def __init__(
        self, options: NetworkOptions, recipe: Recipe, null_vector: NDArray[np.float32], device: torch.device
    ) -> None:
        self.module = SummDiffNetwork(options).to(device)
        self.options = options
        self.recipe = recipe
        self.null = torch.from_numpy(null_vector).to(device)
        self.device = device
        self.abar = torch.from_numpy(alphas_cumprod())

    def loss(self, items: list[Item], generator: torch.Generator) -> Tensor:
        recipe, temp = self.recipe, self.options.sigmoid_temp
        longest = max(len(item.scores) for item in items)
        features = torch.zeros(len(items), longest, self.options.dim_in)
        target = torch.zeros(len(items), longest)
        mask = torch.zeros(len(items), longest, dtype=torch.bool)
        for row, item in enumerate(items):
            n = len(item.scores)
            features[row, :n] = torch.from_numpy(item.video.features)
            target[row, :n] = torch.from_numpy(item.scores)
            mask[row, :n] = True
        time = torch.randint(0, len(self.abar), (len(items),), generator=generator)
        noise = torch.randn(target.shape, generator=generator)
        dropped = torch.rand(len(items), generator=generator) < recipe.p_uncond
        u0 = logit_of(target, temp, recipe.eps)
        abar = self.abar[time].float().unsqueeze(1)
        index = quantise(abar.sqrt() * u0 + (1 - abar).sqrt() * noise, self.options.k, temp)
        features, target, mask, u0 = (x.to(self.device) for x in (features, target, mask, u0))
        features = torch.where(dropped.to(self.device)[:, None, None], self.null, features)
        memory = self.module.encode(features, mask)
        x0 = self.module.denoise(index.to(self.device), time.to(self.device), memory, mask)
        if recipe.loss == "logit":
            error = (x0 - u0) ** 2
        else:
            error = (torch.sigmoid(temp * x0) - target) ** 2
        return error[mask].mean()

    @torch.no_grad()
    def score(self, module: nn.Module, video: Video, seed: int) -> NDArray[np.float32]:
        assert isinstance(module, SummDiffNetwork)
        features = torch.from_numpy(video.features).to(self.device)
        guided = self.recipe.p_uncond > 0 and self.recipe.guidance != 0
        null = None
        if guided:
            null = _finite(torch_denoiser(module, module.encode(self.null.expand_as(features)[None])[0]))
        rng = np.random.default_rng(seed)
        shape = (self.recipe.val_samples, len(features))
        return sample(
            _finite(torch_denoiser(module, module.encode(features[None])[0])),
            null,
            rng.standard_normal(shape, dtype=np.float32),
            rng.standard_normal((self.recipe.val_steps, *shape), dtype=np.float32),
            self.options.k,
            self.options.sigmoid_temp,
            Sampling(steps=self.recipe.val_steps, guidance=self.recipe.guidance if guided else 0.0),
        )


class ScorerTask:
    """Regress the consensus scores with a deterministic network."""

    def __init__(self, name: str, dim_in: int, device: torch.device) -> None:
        self.module = BASELINES[name].make(dim_in).to(device)
        self.device = device

    def loss(self, items: list[Item], generator: torch.Generator) -> Tensor:
        losses = []
        for item in items:
            scores = self.module(torch.from_numpy(item.video.features).to(self.device))
            losses.append(((scores - torch.from_numpy(item.scores).to(self.device)) ** 2).mean())
        return torch.stack(losses).mean()

    @torch.no_grad()
    def score(self, module: nn.Module, video: Video, seed: int) -> NDArray[np.float32]:
        scores = module(torch.from_numpy(video.features).to(self.device)).cpu().numpy()[None]
        if not np.isfinite(scores).all():
            raise Diverged("the validated scores became NaN or infinite")
        return scores


def _finite(denoise: Denoise) -> Denoise:
    """``denoise``, checked: a NaN would be quantised to an index far outside the embedding."""

    def checked(index: NDArray[np.int64], time: int) -> tuple[NDArray[np.floating], NDArray[np.floating] | None]:
        x0, received = denoise(index, time)
        if not np.isfinite(x0).all():
            raise Diverged("the predicted scores became NaN or infinite")
        return x0, received

    return checked


def logit_of(score: Tensor, temp: float, eps: float) -> Tensor:
    """Logit of scores; score and 1 - score are floored at ``eps`` separately."""
    score = score.clamp(0, 1)
    return (score.clamp(min=eps) / (1 - score).clamp(min=eps)).log() / temp


def quantise(logit: Tensor, k: int, temp: float) -> Tensor:
    """Score index int64 0..k of logits, rounding halves to even."""
    return (torch.sigmoid(temp * logit) * k).round().long()
