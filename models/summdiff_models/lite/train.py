"""Train a denoiser (joint or pointwise) or the mean regressor on a corpus of simulated annotators.

The loss lives on the logit, (x0 − u0)²; every step takes one group of equally long videos, so
nothing is padded.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import torch

from .corpus import read_corpus
from .diffusion import TRAIN_STEPS, alphas_bar, level_of, logits_from_scores, scores_from_ratings
from .network import Regressor, Sizes, SummaryNet

SEQUENCE_TOKENS = 2400


def set_scales(net: torch.nn.Module, corpus: list) -> None:
    """Centre and scale the encoder's input by the corpus's own mean and spread."""
    sample = np.concatenate([g[0].reshape(-1, g[0].shape[2])[::7] for g in corpus[:120]]).astype(np.float32)
    spread = np.concatenate([g[1].ravel() for g in corpus[:120]])
    encoder = net.encoder
    encoder.centre.copy_(torch.from_numpy(sample.mean(0)))
    encoder.scale.fill_(float(1 / (sample - sample.mean(0)).std()))
    encoder.spread_centre.fill_(float(spread.mean()))
    encoder.spread_scale.fill_(float(1 / spread.std()))


def train(
    corpus_path: Path,
    out: Path,
    kind: str,
    steps: int,
    seed: int = 1,
    rate: float = 2e-3,
    decay: bool = True,
    start: Path | None = None,
    tokens_per_step: int = SEQUENCE_TOKENS,
) -> None:
    """Train ``kind`` (joint, pointwise or regressor) for ``steps`` groups; writes ``<kind>.pt``
    (averaged weights) and resumes.

    ``decay``: cosine annealing of the rate to nothing, else a flat rate. ``start``: weights to
    begin from.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    corpus = read_corpus(corpus_path)
    sizes = Sizes(joint=kind == "joint", dim_in=corpus[0][0].shape[2])
    net = Regressor(sizes) if kind == "regressor" else SummaryNet(sizes)
    if start is not None:
        # A pointwise network starts from whatever a joint one has in common with it.
        saved = torch.load(start, weights_only=True)["weights"]
        net.load_state_dict(saved, strict=kind == "joint")
    set_scales(net, corpus)
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.Adam(net.parameters(), rate, betas=(0.9, 0.99))
    bar = torch.from_numpy(alphas_bar()).float()
    step, running, began = 0, None, time.time()
    state_path = out / f"{kind}_state.pt"
    if state_path.exists():
        state = torch.load(state_path, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        average, step = state["average"], state["step"]
        rng = np.random.default_rng([seed, step])
    while step < steps:
        mean, spread, ratings = corpus[int(rng.integers(len(corpus)))]
        videos, tokens = len(mean), mean.shape[1]
        people = int(np.clip(tokens_per_step // (tokens * min(videos, 16)), 1, 4))
        chosen = rng.permutation(videos)[: max(1, min(videos, tokens_per_step // (tokens * people)))]
        who = np.stack([rng.choice(ratings.shape[1], people, replace=False) for _ in chosen])
        rated = ratings[chosen[:, None], who].astype(np.float32)
        u0 = torch.from_numpy(logits_from_scores(scores_from_ratings(rated))).float().flatten(0, 1)
        tokens_mean, tokens_spread = (
            torch.from_numpy(mean[chosen].astype(np.float32)),
            torch.from_numpy(spread[chosen]),
        )
        for group in optimiser.param_groups:
            annealed = 0.5 + 0.5 * math.cos(math.pi * step / steps) if decay else 1.0
            group["lr"] = rate * min(1.0, (step + 1) / 300) * annealed + 1e-6
        if kind == "regressor":
            loss = ((net(tokens_mean, tokens_spread).repeat_interleave(people, 0) - u0) ** 2).mean()
        else:
            memory = net.encoder(tokens_mean, tokens_spread).repeat_interleave(people, 0)
            t = torch.randint(0, TRAIN_STEPS, (len(u0),))
            noisy = bar[t].sqrt()[:, None] * u0 + (1 - bar[t]).sqrt()[:, None] * torch.randn_like(u0)
            loss = ((net.denoiser(level_of(noisy), t, memory) - u0) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        keep = min(0.999, (step + 1) / (step + 10))
        with torch.no_grad():
            for key, value in net.state_dict().items():
                average[key].lerp_(value, 1 - keep)
        step += 1
        running = loss.item() if running is None else 0.99 * running + 0.01 * loss.item()
        if step % 250 == 0 or step == steps:
            torch.save({"sizes": sizes.as_dict(), "weights": average, "step": step}, out / f"{kind}.pt")
            torch.save(
                {
                    "net": net.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average,
                    "step": step,
                },
                state_path,
            )
            print(
                "train:",
                json.dumps(
                    {
                        "kind": kind,
                        "step": step,
                        "loss": round(running, 4),
                        "secs": round(time.time() - began),
                    }
                ),
                flush=True,
            )


def load_net(path: Path) -> SummaryNet | Regressor:
    """A trained network with its averaged weights."""
    saved = torch.load(path, weights_only=True)
    sizes = Sizes(**saved["sizes"])
    net = SummaryNet(sizes) if any(k.startswith("denoiser.") for k in saved["weights"]) else Regressor(sizes)
    net.load_state_dict(saved["weights"])
    return net.eval()
