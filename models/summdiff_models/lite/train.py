"""Train the default denoiser, or the mean regressor beside it, on a corpus of simulated annotators.

The loss lives on the logit, (x0 − u0)²; every step takes one group of equally long videos, so
nothing is padded. Some steps show no video but real people's curves: the branch of guidance.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..sampling import TRAIN_STEPS, alphas_cumprod
from ..train.state import Ema, save_atomically
from ..train.tasks import logit_of, quantise
from .corpus import Group, read_corpus
from .look import LOOKS
from .network import SCORE_STRIDE, Regressor, Sizes, SummaryNet, pooled

LEVELS, SIGMOID_TEMP = 100, 2.0
# Ratings 1 and 5 are stored as these scores, not 0 and 1: their logits then stay within ±2, the scale of the noise.
LOWEST_SCORE, HIGHEST_SCORE = 0.02, 0.98
SEQUENCE_TOKENS = 1400
EARLY_STEPS, LATE_SHARE = 250, 0.8
UNSEEN = 0.1  # how often a step shows no video
SAVE_EVERY = 250


def scores_from_ratings(ratings: NDArray) -> NDArray:
    """Ratings 1..5 → scores in [0.02, 0.98]."""
    return np.clip((ratings - 1.0) / 4, LOWEST_SCORE, HIGHEST_SCORE)


def set_scales(encoder: nn.Module, corpus: list[Group]) -> None:
    """Centre and scale the encoder's input by the corpus's own mean and spread."""
    sample = np.concatenate([g[0].reshape(-1, g[0].shape[2])[::7] for g in corpus[:120]]).astype(np.float32)
    changes = np.concatenate([g[1].reshape(-1, 2) for g in corpus[:120]])
    encoder.centre.copy_(torch.from_numpy(sample.mean(0)))
    # The embedding keeps its channels' proportions; each channel of the look has a scale of its own, but for the
    # constant.
    scale = np.full(sample.shape[1], 1 / (sample - sample.mean(0))[:, :-LOOKS].std())
    scale[-LOOKS:] = 1 / sample[:, -LOOKS:].std(0).clip(1e-4)
    scale[-1] = 0
    encoder.scale.copy_(torch.from_numpy(scale))
    encoder.changes_centre.copy_(torch.from_numpy(changes.mean(0)))
    encoder.changes_scale.copy_(torch.from_numpy(1 / changes.std(0)))


def null_tokens(encoder: nn.Module, count: int) -> torch.Tensor:
    """The encoder's tokens [1, M, D + 9] of the null video: the corpus's mean features, unchanging."""
    mean, changes = pooled(encoder.centre.expand(count * SCORE_STRIDE, -1))
    return encoder.tokens(mean[None], changes[None])


def noise_times(count: int) -> torch.Tensor:
    """Diffusion steps [count] in 0..999, four in five of them from 250 on: below, the noisy scores already tell the
    rating, and nothing is learned about tastes.
    """
    late = torch.randint(EARLY_STEPS, TRAIN_STEPS, (count,))
    return torch.where(torch.rand(count) < LATE_SHARE, late, torch.randint(0, TRAIN_STEPS, (count,)))


class Batches:
    """What one step sees: memory [B, M, H] and wanted scores [B, M]."""

    def __init__(self, encoder: nn.Module, corpus: list[Group], curves: list[NDArray], seed: int) -> None:
        self.encoder, self.curves = encoder, curves
        self.rng = np.random.default_rng(seed)
        with torch.no_grad():
            self.groups = [
                (encoder.tokens(torch.from_numpy(m.astype(np.float32)), torch.from_numpy(c)).half(), ratings)
                for m, c, ratings in corpus
            ]

    def seen(self) -> tuple[torch.Tensor, NDArray]:
        """Some videos of one group, each with one to four of its annotators."""
        given, ratings = self.groups[int(self.rng.integers(len(self.groups)))]
        videos, tokens = given.shape[:2]
        people = int(np.clip(SEQUENCE_TOKENS // (tokens * min(videos, 16)), 1, 4))
        chosen = self.rng.permutation(videos)[: max(1, min(videos, SEQUENCE_TOKENS // (tokens * people)))]
        who = np.stack([self.rng.choice(ratings.shape[1], people, replace=False) for _ in chosen])
        memory = self.encoder.attend(given[torch.from_numpy(chosen)].float()).repeat_interleave(people, 0)
        return memory, scores_from_ratings(ratings[chosen[:, None], who]).reshape(len(memory), -1)

    def unseen(self) -> tuple[torch.Tensor, NDArray]:
        """Real people's curves of one video, whole or a stretch of it, without the video."""
        curves = self.curves[int(self.rng.integers(len(self.curves)))]
        if self.rng.random() < 0.3 and curves.shape[1] > 8:
            length = int(self.rng.integers(4, curves.shape[1]))
            start = int(self.rng.integers(curves.shape[1] - length + 1))
            curves = curves[:, start : start + length]
        wanted = curves[self.rng.permutation(len(curves))[: max(1, SEQUENCE_TOKENS // curves.shape[1])]]
        memory = self.encoder.attend(null_tokens(self.encoder, curves.shape[1]))
        return memory.expand(len(wanted), -1, -1), wanted


def train(
    corpus_path: Path,
    curves: list[NDArray],
    net: SummaryNet | Regressor,
    out: Path,
    steps: int,
    rate: float,
    seed: int = 1,
) -> None:
    """Train ``net`` for ``steps`` groups; writes ``out`` (averaged weights) and resumes from what lies beside it. The
    rate is annealed to nothing along a cosine.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    corpus = read_corpus(corpus_path)
    with torch.no_grad():
        set_scales(net.encoder, corpus)
    batches = Batches(net.encoder, corpus, curves, seed)
    optimiser = torch.optim.Adam(net.parameters(), rate, betas=(0.9, 0.99), fused=True)
    average, step, running, began = Ema(net, 0.999), 0, 1.0, time.time()
    bar = torch.from_numpy(alphas_cumprod()).float()
    state_path = out.with_suffix(".state")
    if state_path.exists():
        state = torch.load(state_path, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        average.shadow, step = state["average"], state["step"]
        batches.rng = np.random.default_rng([seed, step])
    while step < steps:
        regresses = isinstance(net, Regressor)
        memory, wanted = batches.unseen() if not regresses and batches.rng.random() < UNSEEN else batches.seen()
        u0 = logit_of(torch.from_numpy(wanted).float(), SIGMOID_TEMP, 1e-3)
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-6
        if regresses:
            loss = ((net.rate(memory) - u0) ** 2).mean()
        else:
            t = noise_times(len(u0))
            noisy = bar[t].sqrt()[:, None] * u0 + (1 - bar[t]).sqrt()[:, None] * torch.randn_like(u0)
            loss = ((net.denoiser(quantise(noisy, LEVELS, SIGMOID_TEMP), t, memory) - u0) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.decay = min(0.999, (step + 1) / (step + 10))
        average.update(net)
        step += 1
        running = 0.99 * running + 0.01 * loss.item()
        if step % SAVE_EVERY == 0 or step == steps:
            save_atomically({"sizes": net.sizes.as_dict(), "weights": average.shadow, "step": step}, out)
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "average": average.shadow, "step": step}
            save_atomically(state, state_path)
            line = {"step": step, "loss": round(running, 4), "secs": round(time.time() - began)}
            print(f"train {out.stem}:", json.dumps(line), flush=True)


def load_net(path: Path) -> SummaryNet | Regressor:
    """A trained network with its averaged weights."""
    saved = torch.load(path, weights_only=True)
    made = SummaryNet if any(k.startswith("denoiser.") for k in saved["weights"]) else Regressor
    net = made(Sizes(**saved["sizes"]))
    net.load_state_dict(saved["weights"])
    return net.eval()
