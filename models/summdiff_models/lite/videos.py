"""Simulated videos of known scenes, as feature sequences: edits of the bank's shots (cut, cross-faded,
faded to black, repeated, with titles), and single takes.

A video is ``tokens`` score tokens of 4 picks (2 seconds at 2 per second). Everything a simulated
annotator may look at is measured here per token; nothing is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .look import LOOKS
from .network import SCORE_STRIDE, pooled
from .scenes import BLACK, SHOT_FRAMES, TAKE_FRAMES, TITLE, Bank

SINGLE_TAKES = 0.3  # share of videos that are one take
CODING_NOISE, LOOK_NOISE = 0.002, 0.00001  # a look is a mean over many pixels


@dataclass
class Video:
    """``picks`` f32 [N, D]; ``tastes`` f32 [V, M] (z-scored viewpoints) and their ``names``; ``scene``
    int [M]: which edit scene a token mostly shows.
    """

    picks: NDArray[np.float32]
    tastes: NDArray[np.float32]
    names: list[str]
    scene: NDArray[np.int64]

    def tokens(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Token means [M, D] and changes [M, 2] (``network.pooled``)."""
        return pooled(torch.from_numpy(self.picks))


class Studio:
    """Composes videos from a bank; kinds of scene are clusters of the sources' mean features. ``like``: another
    bank of the same pictures whose kinds are taken over, so that equal seeds give equal edits.
    """

    def __init__(self, bank: Bank, kinds: int | None = None, like: Studio | None = None) -> None:
        self.bank = bank
        usual = np.flatnonzero(~np.isin(bank.origin, (TITLE, BLACK)))
        self.titles, self.blacks = np.flatnonzero(bank.origin == TITLE), np.flatnonzero(bank.origin == BLACK)
        sources = np.unique(bank.source[usual])
        self.shots = {int(s): np.flatnonzero(bank.source == s) for s in sources}
        if like is not None:
            self.kinds = like.kinds
            return
        centre = np.stack([bank.features[self.shots[int(s)]].astype(np.float32).mean((0, 1)) for s in sources])
        centre -= centre.mean(0)
        centre /= np.linalg.norm(centre, axis=1, keepdims=True).clip(1e-9)
        kinds = kinds or max(8, len(sources) // 14)
        labels = kmeans(centre, kinds)
        members = [[int(s) for s in sources[labels == k]] for k in range(kinds)]
        self.kinds = [m for m in members if len(m) >= 2]

    def compose(self, rng: np.random.Generator, tokens: int, noise: np.random.Generator | None = None) -> Video:
        """One video of ``tokens`` tokens; ``noise`` is drawn from a generator of its own."""
        length = tokens * SCORE_STRIDE
        make = self._take if rng.random() < SINGLE_TAKES else self._edit
        picks, properties, kind, scene = make(rng, length)
        noise = noise or np.random.default_rng(int(rng.integers(2**32)))
        amount = np.full(picks.shape[1], CODING_NOISE, np.float32)
        amount[-LOOKS:] = LOOK_NOISE
        picks = picks + amount * noise.standard_normal(picks.shape, dtype=np.float32)
        picks /= np.linalg.norm(picks, axis=1, keepdims=True).clip(1e-9)
        grouped = properties.reshape(tokens, SCORE_STRIDE, 4).mean(1)
        share = np.stack([(kind.reshape(tokens, SCORE_STRIDE) == k).mean(1) for k in range(kind.max() + 1)])
        mean = picks.reshape(tokens, SCORE_STRIDE, -1).mean(1)
        return Video(picks, *viewpoints(mean, grouped, share), scene.reshape(tokens, SCORE_STRIDE)[:, 1])

    def _take(self, rng: np.random.Generator, length: int):
        """One camera, without a cut: to and fro through a take at a changing pace."""
        take = int(rng.integers(len(self.bank.take_features)))
        knots = np.cumsum(np.abs(rng.normal(0.9, 0.5, length)) * (rng.random(length) > rng.uniform(0, 0.4)))
        at = np.abs((np.rint(knots + rng.integers(TAKE_FRAMES)).astype(int)) % (2 * TAKE_FRAMES - 2) - (TAKE_FRAMES - 1))
        picks = self.bank.take_features[take, at].astype(np.float32)
        kind = at * 3 // TAKE_FRAMES  # three places along the camera's way
        return picks, self.bank.take_properties[take, at].copy(), kind, kind

    def _edit(self, rng: np.random.Generator, length: int):
        """Shots of a few kinds of scene, which come back; maybe a title, credits, black."""
        bank, tokens = self.bank, length // SCORE_STRIDE
        count = int(np.clip(rng.poisson(4.2), 2, min(8, max(2, tokens // 2))))
        chosen = rng.choice(len(self.kinds), min(count, len(self.kinds)), replace=False)
        shares = rng.dirichlet(np.full(len(chosen), 2.0))
        casts = [list(rng.permutation(self.kinds[k])[: int(rng.integers(1, 6))]) for k in chosen]
        pace = float(np.exp(rng.normal(np.log(10), 0.5)))  # median shot of 5 seconds
        opens, closes, breaks = rng.random() < 0.3, rng.random() < 0.3, rng.choice([0.0, 0.03])
        picks = np.zeros((length, bank.features.shape[2]), np.float32)
        properties = np.zeros((length, 4), np.float32)
        kind, scene = np.zeros(length, int), np.zeros(length, int)
        dark = int(rng.choice(self.blacks)) if len(self.blacks) else 0
        at, number, sticky, current = 0, 0, rng.uniform(0, 0.7), int(rng.choice(len(chosen), p=shares))
        while at < length:
            if rng.random() > sticky:
                current = int(rng.choice(len(chosen), p=shares))
            run = int(np.clip(np.exp(rng.normal(np.log(pace), 0.6)), 2, 80))
            title = (opens and at == 0) or (closes and at > 0.9 * length) or rng.random() < breaks
            if title and len(self.titles) and length > 40:
                shot, shown = (int(rng.choice(self.titles)) if rng.random() < 0.75 else dark), len(chosen)
                run = min(run, 12)
            else:
                shot, shown = int(rng.choice(self.shots[int(rng.choice(casts[current]))])), current
            run = min(run, length - at)
            phase = int(rng.integers(SHOT_FRAMES))
            path = np.abs((np.arange(run) + phase) % (2 * SHOT_FRAMES - 2) - (SHOT_FRAMES - 1))
            here = slice(at, at + run)
            picks[here], properties[here] = bank.features[shot, path], bank.properties[shot, path]
            kind[here], scene[here] = shown, number
            if at > 0:
                self._transition(rng, picks, properties, at, length, dark)
            at, number = at + run, number + 1
        return picks, properties, kind, scene

    def _transition(self, rng, picks, properties, at: int, length: int, dark: int) -> None:
        """Most shots are cut; some cross-fade, some go through black."""
        roll, wide = rng.random(), int(rng.integers(1, 4))
        low, high = max(at - wide, 0), min(at + wide, length)
        weight = ((np.arange(low, high) - low + 0.5) / (high - low))[:, None]
        if roll < 0.15:
            before, after = picks[low:high].copy(), picks[low:high].copy()
            before[at - low :], after[: at - low] = picks[at - 1], picks[at]
            picks[low:high] = (1 - weight) * before + weight * after
        elif roll < 0.2:
            depth = 1 - np.abs(2 * weight - 1)
            picks[low:high] = (1 - depth) * picks[low:high] + depth * self.bank.features[dark, 0]
            properties[low:high, 1:] *= 1 - depth


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
    time = np.arange(tokens) / max(tokens - 1, 1)
    curves = {f"kind {k}": s for k, s in enumerate(share)}
    curves |= {
        "motion": np.log(properties[:, 0] + 0.01),
        "novelty": np.sqrt(novelty.clip(0)),
        "representativeness": gram.mean(1),
        "colour": properties[:, 1],
        "contrast": properties[:, 2],
        "beginning": np.exp(-time / 0.25),
        "end": np.exp(-(1 - time) / 0.25),
    }
    kept = {n: zscore(c.astype(np.float64)) for n, c in curves.items()}
    kept = {n: c for n, c in kept.items() if np.abs(c).max() > 0}
    return np.stack(list(kept.values())).astype(np.float32) if kept else np.zeros((0, tokens), np.float32), list(kept)
