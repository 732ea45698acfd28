"""Do simulated annotators disagree as TVSum's do? The same figures of both, side by side."""

from __future__ import annotations

import numpy as np

from .agreement import pearson, tau_b
from .annotators import HABITS, Habits, annotate
from .people import Taste
from .videos import Studio

LAGS = (1, 2, 3, 5, 10)


def describe(videos: list[np.ndarray]) -> dict[str, float]:
    """The calibration figures of a list of [annotators, shots] ratings."""
    tau, rho, per_video, shared, best, consensus = [], [], [], [], [], []
    shares, autocorrelation, own_autocorrelation = [], [], []
    for ratings in videos:
        count = len(ratings)
        pairs = tau_b(ratings, ratings)
        upper = pairs[np.triu_indices(count, 1)]
        tau.append(upper)
        per_video.append(np.nanmean(upper))
        ranks = np.stack([average_ranks(r) for r in ratings])
        rho.append(np.nanmean(pearson(ranks, ranks)[np.triu_indices(count, 1)]))
        np.fill_diagonal(pairs, -2)
        best.append(np.nanmean(np.nanmax(pairs, 1)))
        total = ratings.sum(0, keepdims=True, dtype=float)
        consensus.append(
            np.nanmean([tau_b(ratings[a : a + 1], total - ratings[a : a + 1])[0, 0] for a in range(count)])
        )
        shares.append(np.stack([(ratings == v).mean(1) for v in range(1, 6)], 1))
        values = ratings.astype(float)
        residual = values - (values.sum(0) - values) / (count - 1)
        autocorrelation.append([lagged(values, lag) for lag in LAGS])
        own_autocorrelation.append([lagged(residual, lag) for lag in LAGS])
        grand = values - values.mean(1, keepdims=True)
        between = (count * grand.mean(0).var() - grand.var(0, ddof=1).mean() / 1) / count
        shared.append(max(between, 0) / (between + grand.var(0, ddof=1).mean()))
    all_tau = np.concatenate(tau)
    shares = np.concatenate(shares)
    figures = {f"share of rating {v}": shares[:, v - 1].mean() for v in range(1, 6)}
    figures |= {f"its spread between annotators, {v}": shares[:, v - 1].std() for v in (1, 5)}
    figures |= {
        "pairwise tau": np.nanmean(per_video),
        "pairwise rho": np.mean(rho),
        "pairwise tau, std": np.nanstd(all_tau),
    }
    figures |= {f"pairwise tau, {q} % quantile": np.nanquantile(all_tau, q / 100) for q in (5, 25, 50, 75, 95)}
    figures |= {
        "per-video tau, lowest": np.min(per_video),
        "per-video tau, highest": np.max(per_video),
    }
    figures |= {
        f"autocorrelation, lag {lag}": np.nanmean([a[i] for a in autocorrelation]) for i, lag in enumerate(LAGS)
    }
    figures |= {
        f"own part's autocorrelation, lag {lag}": np.nanmean([a[i] for a in own_autocorrelation])
        for i, lag in enumerate(LAGS)
    }
    figures |= {
        "shared variance": np.mean(shared),
        "tau to the others' mean": np.mean(consensus),
        "best of the 19 others": np.mean(best),
    }
    return {k: float(v) for k, v in figures.items()}


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with ties averaged."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse].astype(float)


def lagged(curves: np.ndarray, lag: int) -> float:
    """Mean autocorrelation of the rows at ``lag``; NaN where too short."""
    if curves.shape[1] <= lag + 2:
        return float("nan")
    centred = curves - curves.mean(1, keepdims=True)
    return float(((centred[:, lag:] * centred[:, :-lag]).sum(1) / (centred**2).sum(1).clip(1e-9)).mean())


def simulated_like(
    studio: Studio, taste: Taste, lengths: list[int], seed: int = 7, habits: Habits = HABITS
) -> list[np.ndarray]:
    """20 annotators of one simulated video per length."""
    rng = np.random.default_rng(seed)
    return [annotate(studio.compose(rng, tokens), taste, 20, rng, habits)[0] for tokens in lengths]


def table(real: dict[str, float], made: dict[str, float]) -> str:
    """A Markdown table of both."""
    rows = ["| figure | TVSum | simulated |", "|---|---|---|"]
    return "\n".join(rows + [f"| {k} | {real[k]:.3f} | {made[k]:.3f} |" for k in real])
