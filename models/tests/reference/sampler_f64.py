"""The sampler in float64 numpy, frame by frame formulas written out.

Noise is drawn by the caller's function so that draws too near a rounding
boundary can be repeated: then programs of any precision take the same indices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Denoise = Callable[[NDArray[np.int64], int], tuple[Array, Array | None]]

MARGIN = 2e-3
"""Least distance of score * K from the middle between two integers."""

ATTENTION_MARGIN = 2e-5
"""Least distance of an attention value from the mask's threshold."""


def schedule() -> Array:
    def f(n: int) -> float:
        return math.cos((n / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2

    product, out = 1.0, []
    for n in range(1, 1001):
        beta = min(max(1 - (f(n) / f(0)) / (f(n - 1) / f(0)), 0), 0.999)
        product *= 1 - beta
        out.append(product)
    return np.array(out)


def times_of(steps: int) -> list[int]:
    """Exact arithmetic; do not use for the few counts where float32 differs."""
    return [999 * i // steps for i in range(steps, -1, -1)]


class OnBoundary(Exception):
    """No noise was found that stays off rounding boundaries; try another seed."""


@dataclass
class Result:
    """Scores and everything that another program needs to repeat the run."""

    scores: Array
    initial_noise: NDArray[np.float32]
    step_noise: NDArray[np.float32]
    indices: list[NDArray[np.int64]] = field(default_factory=list)


def sigmoid(u: Array, temp: float) -> Array:
    return 1 / (1 + np.exp(-temp * u))


def margin(x: Array, k: int, temp: float) -> Array:
    value = sigmoid(x, temp) * k
    return np.abs(value - np.floor(value) - 0.5)


def blur(x: Array, sigma: float) -> Array:
    """Gaussian over the last axis, cut at 4 sigma, ends repeated."""
    radius = int(4 * sigma + 0.5)
    offsets = range(-radius, radius + 1)
    weights = [math.exp(-0.5 * (o / sigma) ** 2) for o in offsets]
    total = sum(weights)
    n = x.shape[-1]
    out = np.zeros_like(x)
    for o, weight in zip(offsets, weights):
        index = np.clip(np.arange(n) + o, 0, n - 1)
        out += weight / total * x[..., index]
    return out


def sample(
    conditional: Denoise,
    null: Denoise | None,
    shape: tuple[int, int],
    k: int,
    temp: float,
    seed: int,
    *,
    steps: int,
    eta: float = 1.0,
    guidance: float = 0.0,
    paper: bool = False,
    sag: tuple[float, float, float] | None = None,
) -> Result:
    """``sag`` is (strength, threshold, blur sigma)."""
    rng = np.random.default_rng(seed)
    abar = schedule()
    times = [max(t, 1) if paper else t for t in times_of(steps)]
    indices: list[NDArray[np.int64]] = []

    def quantised(x: Array) -> NDArray[np.int64]:
        indices.append(np.rint(sigmoid(x, temp) * k).astype(np.int64))
        return indices[-1]

    def guided(index: NDArray[np.int64], t: int) -> tuple[Array, Array, Array | None]:
        c, a = conditional(index, t)
        if null is None or guidance == 0:
            return c, c, a
        return c, (1 + guidance) * c - guidance * null(index, t)[0], a

    def evaluate(x: Array, t: int) -> tuple[Array, Array, Array]:
        """Conditional x0, guided x0, and where SAG's inner input is safely quantised."""
        c, g, a = guided(quantised(x), t)
        if sag is None:
            return c, g, np.ones(x.shape, bool)
        strength, threshold, sigma = sag
        assert a is not None
        noise = (x / math.sqrt(abar[t]) - g) / math.sqrt(1 / abar[t] - 1)
        degraded = math.sqrt(abar[t]) * blur(g, sigma) + math.sqrt(1 - abar[t]) * noise
        mixed = np.where(a > threshold, degraded, x)
        safe = (margin(mixed, k, temp) > MARGIN) & (np.abs(a - threshold) > ATTENTION_MARGIN)
        worse = guided(quantised(mixed), t)[1]
        return c, g + (strength + (1 if paper else 0)) * (g - worse), safe

    def draw(make: Callable[[NDArray[np.float32]], Array], t: int) -> tuple[NDArray[np.float32], Array]:
        """Noise z for which ``make(z)`` at time ``t`` stays off rounding boundaries."""
        z = rng.standard_normal(shape).astype(np.float32)
        for _ in range(1000):
            x = make(z)
            bad = margin(x, k, temp) <= MARGIN
            if sag is not None and not bad.any():
                kept = len(indices)
                bad = ~evaluate(x, t)[2]
                del indices[kept:]
            if not bad.any():
                return z, x
            z[bad] = rng.standard_normal(int(bad.sum())).astype(np.float32)
        raise OnBoundary

    initial, x = draw(lambda z: z.astype(np.float64), times[0])
    step_noise = []
    read_out = x
    for t, after in zip(times[:-1], times[1:]):
        read_out, x0, _ = evaluate(x, t)
        eps = (x / math.sqrt(abar[t]) - x0) / math.sqrt(1 / abar[t] - 1)
        sigma = eta * math.sqrt((1 - abar[t] / abar[after]) * (1 - abar[after]) / (1 - abar[t]))
        mean = math.sqrt(abar[after]) * x0 + math.sqrt(1 - abar[after] - sigma**2) * eps
        if sigma == 0:  # no noise enters, so no other draw would help
            step_noise.append(rng.standard_normal(shape).astype(np.float32))
            x = mean
            if t != after and (margin(x, k, temp) <= MARGIN).any():
                raise OnBoundary
            continue
        z, x = draw(lambda z, mean=mean, sigma=sigma: mean + sigma * z, after)
        step_noise.append(z)
    if paper:
        read_out = evaluate(x, 1)[1]
    return Result(sigmoid(read_out, temp), initial, np.stack(step_noise), indices)
