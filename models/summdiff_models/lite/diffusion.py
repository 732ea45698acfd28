"""Schedule, score scale and DDIM sampler of the shipped network, as the explorer runs them
(NETWORK.md, sections 6–7).
"""

from __future__ import annotations

import numpy as np
import torch

TRAIN_STEPS = 1000
SIGMOID_TEMP = 2.0
LEVELS = 100
# What the shipped bundle states; the card's table has the alternatives. Below 0, samples stay
# further from what most viewers share. Chosen on held-out videos of other seeds than the table's.
GUIDANCE = -0.15
ETA = 0.0
STEPS = 6
# Ratings 1 and 5 are stored as these scores, not 0 and 1: their logits then stay within ±2, the
# scale of the noise.
LOWEST_SCORE, HIGHEST_SCORE = 0.02, 0.98


def alphas_bar() -> np.ndarray:
    """ᾱ[0..999], float64, cosine schedule with s = 0.008 and β ≤ 0.999."""
    f = np.cos((np.arange(TRAIN_STEPS + 1) / TRAIN_STEPS + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.clip(1 - f[1:] / f[:-1], 0, 0.999))


def scores_from_ratings(ratings: np.ndarray) -> np.ndarray:
    """Ratings 1..5 → scores in [0.02, 0.98]."""
    return np.clip((ratings - 1) / 4, LOWEST_SCORE, HIGHEST_SCORE)


def logits_from_scores(scores: np.ndarray) -> np.ndarray:
    """ln(s / (1 − s)) / τ."""
    return np.log(scores / (1 - scores)) / SIGMOID_TEMP


def level_of(logits: torch.Tensor) -> torch.Tensor:
    """Nearest of the K + 1 score levels."""
    return torch.round(torch.sigmoid(SIGMOID_TEMP * logits) * LEVELS).long()


@torch.no_grad()
def sample(
    denoise,
    memory: torch.Tensor,
    samples: int,
    steps: int = STEPS,
    eta: float = ETA,
    seed: int = 0,
    noise_filter=None,
    guidance: float = 0.0,
    null_memory: torch.Tensor | None = None,
) -> torch.Tensor:
    """Draw scores [samples, M] for memory [M, H]. ``denoise(index [S,M], time [S], memory [1,M,H])
    → x0``.

    ``noise_filter`` maps white noise [S, M] to coherent noise (used to measure coherence); None
    leaves it white. ``guidance`` w against ``null_memory`` [M, H]: x0 = (1 + w) x0 − w x0_null
    (NETWORK.md, section 5); the last estimate, which is read out, stays unguided.
    """
    bar = alphas_bar()
    times = np.trunc(np.linspace(0, TRAIN_STEPS - 1, steps + 1)).astype(int)[::-1]
    generator = torch.Generator().manual_seed(seed)
    draw = lambda: torch.randn((samples, memory.shape[0]), generator=generator)  # noqa: E731
    shape = noise_filter or (lambda z: z)
    x = shape(draw()).double()
    read_out = x
    for t, previous in zip(times[:-1], times[1:], strict=True):
        at = level_of(x), torch.full((samples,), int(t))
        read_out = x0 = denoise(*at, memory[None]).double()
        if guidance and null_memory is not None:
            x0 = (1 + guidance) * x0 - guidance * denoise(*at, null_memory[None]).double()
        noise = (x * (1 / bar[t]) ** 0.5 - x0) / (1 / bar[t] - 1) ** 0.5
        sigma = eta * ((1 - bar[t] / bar[previous]) * (1 - bar[previous]) / (1 - bar[t])) ** 0.5
        x = bar[previous] ** 0.5 * x0 + (1 - bar[previous] - sigma**2) ** 0.5 * noise + sigma * shape(draw()).double()
    return torch.sigmoid(SIGMOID_TEMP * read_out).float()
