"""Edits of known scenes, as feature sequences: shots of the bank cut, cross-faded, faded to black
and repeated.

A video is ``tokens`` score tokens of 4 picks (2 seconds at 2 per second). Everything a simulated
annotator may look at is measured here per token; nothing is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .look import look_channels
from .network import SCORE_STRIDE, pooled
from .scenes import SHOT_FRAMES, Bank


@dataclass
class Video:
    """``mean`` float16 [M, D], ``changes`` float32 [M, 2] (``network.pooled``), ``tastes`` float32 [V, M] (z-scored
    viewpoints), their ``names``, ``scene`` int [M] (which edit scene a token mostly shows),
    ``cuts``: pick indices where scenes change, ``picks`` [N, D] if kept.
    """

    mean: np.ndarray
    changes: np.ndarray
    tastes: np.ndarray
    names: list[str]
    scene: np.ndarray
    cuts: list[int]
    picks: np.ndarray | None = None


class Studio:
    """Composes videos from a bank; kinds of scene are clusters of the sources' mean features."""

    def __init__(self, bank: Bank, kinds: int | None = None) -> None:
        self.bank = bank
        sources = np.unique(bank.source)
        self.shots = {int(s): np.flatnonzero(bank.source == s) for s in sources}
        centre = np.stack([bank.features[self.shots[int(s)]].astype(np.float32).mean((0, 1)) for s in sources])
        centre -= centre.mean(0)
        centre /= np.linalg.norm(centre, axis=1, keepdims=True).clip(1e-9)
        kinds = kinds or max(8, len(sources) // 14)
        self.kind_of = dict(zip(sources.tolist(), kmeans(centre, kinds).tolist(), strict=True))
        members = [[s for s in sources.tolist() if self.kind_of[s] == k] for k in range(kinds)]
        self.kinds = [m for m in members if len(m) >= 2]
        self.black = bank.features.reshape(-1, bank.features.shape[2])[
            bank.properties.reshape(-1, 4)[:, 3].argmin()
        ].astype(np.float32)

    def compose(
        self,
        rng: np.random.Generator,
        tokens: int,
        keep_picks: bool = False,
        kinds: int | None = None,
    ) -> Video:
        """One video of ``tokens`` tokens."""
        length = tokens * SCORE_STRIDE
        count = kinds or int(np.clip(rng.poisson(4.2), 2, min(8, max(2, tokens // 2))))
        chosen = rng.choice(len(self.kinds), min(count, len(self.kinds)), replace=False)
        shares = rng.dirichlet(np.full(len(chosen), 2.0))
        casts = [list(rng.permutation(self.kinds[k])[: int(rng.integers(1, 6))]) for k in chosen]
        pace = float(np.exp(rng.normal(np.log(10), 0.5)))  # median shot of 5 seconds
        dim = self.bank.features.shape[2]
        picks, properties = np.zeros((length, dim), np.float32), np.zeros((length, 4), np.float32)
        kind, scene, cuts, at, number, sticky = (
            np.zeros(length, int),
            np.zeros(length, int),
            [],
            0,
            0,
            rng.uniform(0, 0.7),
        )
        current = int(rng.choice(len(chosen), p=shares))
        while at < length:
            if rng.random() > sticky:
                current = int(rng.choice(len(chosen), p=shares))
            shot = int(rng.choice(self.shots[int(rng.choice(casts[current]))]))
            run = int(np.clip(np.exp(rng.normal(np.log(pace), 0.6)), 2, 80))
            run = min(run, length - at)
            phase = int(rng.integers(SHOT_FRAMES))
            path = np.abs((np.arange(run) + phase) % (2 * SHOT_FRAMES - 2) - (SHOT_FRAMES - 1))
            picks[at : at + run] = self.bank.features[shot, path]
            properties[at : at + run] = self.bank.properties[shot, path]
            kind[at : at + run], scene[at : at + run] = current, number
            if at > 0:
                cuts.append(at)
                roll, wide = rng.random(), int(rng.integers(1, 4))
                low, high = max(at - wide, 0), min(at + wide, length)
                weight = (np.arange(low, high) - low + 0.5) / (high - low)
                if roll < 0.15:  # cross-fade
                    before, after = picks[low:high].copy(), picks[low:high].copy()
                    before[at - low :], after[: at - low] = picks[at - 1], picks[at]
                    picks[low:high] = (1 - weight[:, None]) * before + weight[:, None] * after
                elif roll < 0.2:  # through black
                    dark = 1 - np.abs(2 * weight - 1)
                    picks[low:high] = (1 - dark[:, None]) * picks[low:high] + dark[:, None] * self.black
                    properties[low:high, 1:] *= (1 - dark)[:, None]
            at, number = at + run, number + 1
        coding = np.full(dim, 0.002, np.float32)
        coding[list(look_channels(dim))] = 0.00001  # means over many pixels
        picks += coding * rng.standard_normal(picks.shape, dtype=np.float32)
        picks /= np.linalg.norm(picks, axis=1, keepdims=True).clip(1e-9)
        return self._finish(picks, properties, kind, scene, cuts, len(chosen), keep_picks)

    @staticmethod
    def _finish(picks, properties, kind, scene, cuts, kinds, keep_picks) -> Video:
        tokens = len(picks) // SCORE_STRIDE
        grouped = picks.reshape(tokens, SCORE_STRIDE, -1)
        mean = grouped.mean(1)
        changes = pooled(torch.from_numpy(picks))[1].numpy()
        per_token = properties.reshape(tokens, SCORE_STRIDE, 4).mean(1)
        share = np.stack([(kind.reshape(tokens, SCORE_STRIDE) == k).mean(1) for k in range(kinds)])
        tastes, names = viewpoints(mean, per_token, share)
        token_scene = scene.reshape(tokens, SCORE_STRIDE)[:, 1]
        return Video(
            mean.astype(np.float16),
            changes,
            tastes,
            names,
            token_scene,
            cuts,
            picks.astype(np.float16) if keep_picks else None,
        )


def kmeans(rows: np.ndarray, count: int, rounds: int = 25, seed: int = 1) -> np.ndarray:
    """Cluster number of every row (Lloyd's algorithm from a k-means++ start)."""
    rng = np.random.default_rng(seed)
    centres = rows[rng.integers(len(rows))][None]
    while len(centres) < count:
        gap = ((rows[:, None] - centres[None]) ** 2).sum(2).min(1)
        centres = np.concatenate([centres, rows[rng.choice(len(rows), p=gap / gap.sum())][None]])
    for _ in range(rounds):
        nearest = (rows @ centres.T * 2 - (centres**2).sum(1)).argmax(1)
        centres = np.stack([rows[nearest == k].mean(0) if (nearest == k).any() else centres[k] for k in range(count)])
    return nearest


def zscore(x: np.ndarray) -> np.ndarray:
    """Zero mean, unit spread; a flat curve stays zero."""
    spread = x.std()
    return np.zeros_like(x) if spread < 1e-6 else (x - x.mean()) / spread


def viewpoints(mean: np.ndarray, properties: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """What people may look for, per token and z-scored: each kind of scene, motion, novelty,
    representativeness, colour, contrast, beginning, end. Flat curves are dropped.
    """
    tokens = len(mean)
    unit = mean / np.linalg.norm(mean, axis=1, keepdims=True).clip(1e-9)
    gram = unit @ unit.T
    novelty = np.array([1 - gram[n, max(0, n - 15) : n].max() if n else 1 - gram.min() for n in range(tokens)])
    typical = gram.mean(1)
    time = np.arange(tokens) / max(tokens - 1, 1)
    curves = {f"kind {k}": s for k, s in enumerate(share)}
    curves |= {
        "motion": np.log(properties[:, 0] + 0.01),
        "novelty": np.sqrt(novelty.clip(0)),
        "representativeness": typical,
        "colour": properties[:, 1],
        "contrast": properties[:, 2],
        "beginning": np.exp(-time / 0.25),
        "end": np.exp(-(1 - time) / 0.25),
    }
    kept = {n: zscore(c.astype(np.float64)) for n, c in curves.items()}
    kept = {n: c for n, c in kept.items() if np.abs(c).max() > 0}
    return np.stack(list(kept.values())).astype(np.float32) if kept else np.zeros((0, tokens), np.float32), list(kept)
