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
from .network import SCORE_STRIDE, SPREAD_FLOOR, Regressor, Sizes, SummaryNet
from .scenes import Bank

SEQUENCE_TOKENS = 1400
EARLY_STEPS, LATE_SHARE = 250, 0.8
RIDGE = 0.6  # of the inputs' mean square; by the fit on shots set aside


def set_scales(net: torch.nn.Module, corpus: list) -> None:
    """Centre and scale the encoder's input by the corpus's own mean and spread."""
    sample = np.concatenate([g[0].reshape(-1, g[0].shape[2])[::7] for g in corpus[:120]]).astype(np.float32)
    spread = np.concatenate([g[1].ravel() for g in corpus[:120]])
    encoder = net.encoder
    encoder.centre.copy_(torch.from_numpy(sample.mean(0)))
    encoder.scale.fill_(float(1 / (sample - sample.mean(0)).std()))
    encoder.spread_centre.fill_(float(spread.mean()))
    encoder.spread_scale.fill_(float(1 / spread.std()))


def fit_probe(bank: Bank) -> torch.Tensor:
    """Weights [D + 1, 3] that read motion (its log), colour and contrast off a token's mean feature
    and log spread: ridge regression on every shot's beginning, middle and end.
    """
    parts = [slice(at, at + SCORE_STRIDE) for at in (0, 3, 6)]
    grouped = np.concatenate([bank.features[:, part] for part in parts]).astype(np.float32)
    seen = np.concatenate([bank.properties[:, part].mean(1) for part in parts]).astype(np.float64)
    mean = grouped.mean(1)
    spread = np.sqrt(((grouped - mean[:, None]) ** 2).sum(2).mean(1) + SPREAD_FLOOR)
    wanted = np.stack([np.log(seen[:, 0] + 0.01), seen[:, 1], seen[:, 2]], 1)
    wanted = (wanted - wanted.mean(0)) / wanted.std(0).clip(1e-9)
    inputs = np.concatenate([mean - mean.mean(0), np.log(spread)[:, None] - np.log(spread).mean()], 1)
    scale = np.concatenate([np.full(mean.shape[1], inputs[:, :-1].std()), [inputs[:, -1].std()]]).clip(1e-9)
    x = inputs / scale
    solved = np.linalg.solve(x.T @ x + RIDGE * len(x) * np.eye(x.shape[1]), x.T @ wanted)
    return torch.from_numpy((solved / scale[:, None]).astype(np.float32))


def noise_times(count: int) -> torch.Tensor:
    """Diffusion steps [count] in 0..999, four in five of them from 250 on: below, the noisy scores
    already tell the rating, and nothing is learned about tastes.
    """
    t = torch.randint(0, TRAIN_STEPS, (count,))
    late = torch.randint(EARLY_STEPS, TRAIN_STEPS, (count,))
    return torch.where(torch.rand(count) < LATE_SHARE, late, t)


def train(
    corpus_path: Path,
    bank_path: Path,
    out: Path,
    kind: str,
    steps: int,
    seed: int = 1,
    rate: float = 2e-3,
    start: Path | None = None,
    tokens_per_step: int = SEQUENCE_TOKENS,
) -> None:
    """Train ``kind`` (joint, pointwise or regressor) for ``steps`` groups; writes ``<kind>.pt``
    (averaged weights) and resumes.

    The rate is annealed to nothing along a cosine. ``start``: weights to begin from.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    corpus = read_corpus(corpus_path)
    sizes = Sizes(joint=kind == "joint", dim_in=corpus[0][0].shape[2])
    net = Regressor(sizes) if kind == "regressor" else SummaryNet(sizes)
    if start is not None:
        # A pointwise network or a regressor starts from whatever a joint one has in common with it.
        own = net.state_dict()
        saved = torch.load(start, weights_only=True)["weights"]
        net.load_state_dict({key: value for key, value in saved.items() if key in own}, strict=False)
    set_scales(net, corpus)
    net.encoder.probe.copy_(fit_probe(Bank.load(bank_path)))
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
            annealed = 0.5 + 0.5 * math.cos(math.pi * step / steps)
            group["lr"] = rate * min(1.0, (step + 1) / 300) * annealed + 1e-6
        if kind == "regressor":
            loss = ((net(tokens_mean, tokens_spread).repeat_interleave(people, 0) - u0) ** 2).mean()
        else:
            memory = net.encoder(tokens_mean, tokens_spread).repeat_interleave(people, 0)
            t = noise_times(len(u0))
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
