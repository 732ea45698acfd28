"""Sampling of importance scores: schedule, DDIM, guidance by null video and by attention.

Works on any denoiser given as a function, so the same code serves ONNX Runtime
and PyTorch. All formulas and both variants are stated in
``tests/data/sampling/README.md``; this module draws no noise itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from .network import SummDiffNetwork

Floats = NDArray[np.floating]
Indices = NDArray[np.int64]
Denoise = Callable[[Indices, int], tuple[Floats, Floats | None]]
"""(score index [S, N], time) to (x0 float32 [S, N], received attention [S, N] or None)."""

TRAIN_STEPS = 1000


def alphas_cumprod() -> NDArray[np.float64]:
    """Cumulative signal share of the cosine schedule (s = 0.008), float64 [1000]."""
    rank = np.arange(TRAIN_STEPS + 1) / TRAIN_STEPS
    f = np.cos((rank + 0.008) / 1.008 * np.pi / 2) ** 2
    f /= f[0]
    betas = np.clip(1 - f[1:] / f[:-1], 0, 0.999)
    return np.cumprod(1 - betas)


def step_times(steps: int) -> list[int]:
    """The ``steps`` + 1 times from 999 down to 0; neighbours are one step apart.

    Truncation happens in float32, as in the released code, which for a few
    counts gives one time that is 1 lower than exact arithmetic would.
    """
    return torch.linspace(0, TRAIN_STEPS - 1, steps + 1).int().flip(0).tolist()


def score_of(logit: Floats, temp: float) -> Floats:
    """1 / (1 + exp(-temp * logit)) in the precision of ``logit``."""
    return 1 / (1 + np.exp(-temp * logit))


def logit_of(score: Floats, temp: float, eps: float = 1e-3) -> Floats:
    """Inverse of :func:`score_of`; score and 1 - score are floored at ``eps`` separately."""
    score = np.clip(score, 0, 1)
    return np.log(np.maximum(score, eps) / np.maximum(1 - score, eps)) / temp


def quantise(logit: Floats, k: int, temp: float) -> Indices:
    """Score index 0..k of logits, rounding halves to even."""
    return np.rint(score_of(logit, temp) * k).astype(np.int64)


@dataclass(frozen=True)
class AttentionGuidance:
    """Self-attention guidance: strength s, mask threshold psi, blur width in tokens."""

    strength: float
    threshold: float = 1.0
    blur_sigma: float = 3.0


@dataclass(frozen=True)
class Sampling:
    """How to sample. ``variant`` decides the read-out and the last time; see the module."""

    steps: int = 10
    eta: float = 1.0
    guidance: float = 0.0
    variant: Literal["authors", "paper"] = "authors"
    attention: AttentionGuidance | None = None


class _Guided:
    """The denoiser with both guidances applied."""

    def __init__(self, conditional: Denoise, null: Denoise | None, k: int, temp: float, how: Sampling) -> None:
        self.conditional = conditional
        self.null = null if how.guidance != 0 else None
        self.k, self.temp, self.how = k, temp, how

    def free(self, index: Indices, time: int) -> tuple[Floats, Floats, Floats | None]:
        """x0 of the video, x0 after guidance by the null video, attention."""
        x0, received = self.conditional(index, time)
        if self.null is None:
            return x0, x0, received
        w = np.float32(self.how.guidance)
        return x0, (1 + w) * x0 - w * self.null(index, time)[0], received

    def full(self, x: Floats, time: int, alpha: float) -> tuple[Floats, Floats]:
        """x0 of the video and x0 after all guidance, at logits ``x`` [S, N]."""
        conditional, guided, received = self.free(quantise(x, self.k, self.temp), time)
        sag = self.how.attention
        if sag is None:
            return conditional, guided
        if received is None:
            raise ValueError("self-attention guidance needs a denoiser with an attention output")
        noise = noise_estimate(x, guided, alpha)
        blurred = gaussian_filter1d(guided.astype(np.float64), sag.blur_sigma, axis=-1, mode="nearest", truncate=4.0)
        degraded = np.sqrt(alpha) * blurred + np.sqrt(1 - alpha) * noise
        mixed = np.where(received > sag.threshold, degraded, x.astype(np.float64))
        worse = self.free(quantise(mixed, self.k, self.temp), time)[1]
        gain = np.float32(sag.strength + (1 if self.how.variant == "paper" else 0))
        return conditional, guided + gain * (guided - worse)


def noise_estimate(x: Floats, x0: Floats, alpha: float) -> NDArray[np.float64]:
    """The noise that takes ``x0`` to ``x`` at signal share ``alpha``, float64."""
    x64, x064 = x.astype(np.float64), x0.astype(np.float64)
    return (x64 * np.sqrt(1 / alpha) - x064) / np.sqrt(1 / alpha - 1)


def sample(
    conditional: Denoise,
    null: Denoise | None,
    initial_noise: NDArray[np.float32],
    step_noise: NDArray[np.float32],
    k: int,
    temp: float,
    how: Sampling,
) -> NDArray[np.float32]:
    """Scores float32 [S, N] from exact noise: [S, N] and [steps, S, N]."""
    abar = alphas_cumprod()
    times = step_times(how.steps)
    if how.variant == "paper":
        times = [max(time, 1) for time in times]
    network = _Guided(conditional, null, k, temp, how)
    x: Floats = initial_noise
    read_out = x
    for step, (now, then) in enumerate(zip(times[:-1], times[1:])):
        if now == then and how.variant == "paper":
            continue  # a step of no length changes nothing
        read_out, x0 = network.full(x, now, abar[now])
        noise = noise_estimate(x, x0, abar[now])
        sigma = how.eta * np.sqrt((1 - abar[now] / abar[then]) * (1 - abar[then]) / (1 - abar[now]))
        x = (
            np.sqrt(abar[then]) * x0.astype(np.float64)
            + np.sqrt(1 - abar[then] - sigma**2) * noise
            + sigma * step_noise[step]
        )
    if how.variant == "paper":
        read_out = network.full(x, 1, abar[1])[1]
    return score_of(read_out.astype(np.float32), temp).astype(np.float32)


def torch_denoiser(network: SummDiffNetwork, memory: torch.Tensor) -> Denoise:
    """A denoiser of one video from a PyTorch network and its memory [N, hidden]."""

    @torch.no_grad()
    def denoise(index: Indices, time: int) -> tuple[Floats, Floats | None]:
        device = memory.device
        x0, received = network.denoise_with_attention(
            torch.from_numpy(index).to(device), torch.tensor([time], device=device), memory[None]
        )
        return x0.cpu().numpy(), None if received is None else received.cpu().numpy()

    return denoise
