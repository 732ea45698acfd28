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
from .look import look_channels
from .network import SCORE_STRIDE, Regressor, Sizes, SummaryNet, pooled

SEQUENCE_TOKENS = 1400
EARLY_STEPS, LATE_SHARE = 250, 0.8
P_UNCONDITIONAL = 0.1  # how often an annotator's video is hidden, for guidance


def set_scales(net: torch.nn.Module, corpus: list) -> None:
    """Centre and scale the encoder's input by the corpus's own mean and spread."""
    sample = np.concatenate([g[0].reshape(-1, g[0].shape[2])[::7] for g in corpus[:120]]).astype(np.float32)
    changes = np.concatenate([g[1].reshape(-1, g[1].shape[2]) for g in corpus[:120]])
    encoder = net.encoder
    encoder.centre.copy_(torch.from_numpy(sample.mean(0)))
    # The embedding keeps its channels' proportions; each channel of the look has a scale of its own,
    # but for the constant.
    scale = np.full(sample.shape[1], 1 / (sample - sample.mean(0)).std())
    looks = list(look_channels(sample.shape[1]))
    scale[looks] = 1 / sample[:, looks].std(0).clip(1e-4)
    scale[looks[-1]] = 0
    encoder.scale.copy_(torch.from_numpy(scale))
    encoder.changes_centre.copy_(torch.from_numpy(changes.mean(0)))
    encoder.changes_scale.copy_(torch.from_numpy(1 / changes.std(0)))


def null_tokens(encoder: torch.nn.Module, count: int) -> torch.Tensor:
    """The encoder's tokens [1, M, D + 9] of the null video: the corpus's mean features, unchanging."""
    mean, changes = pooled(encoder.centre.expand(count * SCORE_STRIDE, -1))
    return encoder.tokens(mean[None], changes[None])


@torch.no_grad()
def prepared(encoder: torch.nn.Module, corpus: list) -> list[tuple[torch.Tensor, torch.Tensor, np.ndarray]]:
    """For each group the encoder's tokens f16 [V, M, D + 9], those of the null video, and ratings."""
    groups = []
    for mean, changes, ratings in corpus:
        tokens = encoder.tokens(torch.from_numpy(mean.astype(np.float32)), torch.from_numpy(changes))
        groups.append((tokens.half(), null_tokens(encoder, mean.shape[1]), ratings))
    return groups


def noise_times(count: int) -> torch.Tensor:
    """Diffusion steps [count] in 0..999, four in five of them from 250 on: below, the noisy scores
    already tell the rating, and nothing is learned about tastes.
    """
    t = torch.randint(0, TRAIN_STEPS, (count,))
    late = torch.randint(EARLY_STEPS, TRAIN_STEPS, (count,))
    return torch.where(torch.rand(count) < LATE_SHARE, late, t)


def train(
    corpus_path: Path,
    out: Path,
    kind: str,
    steps: int,
    seed: int = 1,
    rate: float = 2e-3,
    tokens_per_step: int = SEQUENCE_TOKENS,
) -> None:
    """Train ``kind`` (joint, pointwise or regressor) for ``steps`` groups; writes ``<kind>.pt``
    (averaged weights) and resumes.

    The rate is annealed to nothing along a cosine.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    corpus = read_corpus(corpus_path)
    sizes = Sizes(joint=kind == "joint", dim_in=corpus[0][0].shape[2])
    net = Regressor(sizes) if kind == "regressor" else SummaryNet(sizes)
    set_scales(net, corpus)
    average = {k: v.clone() for k, v in net.state_dict().items()}
    groups = prepared(net.encoder, corpus)
    optimiser = torch.optim.Adam(net.parameters(), rate, betas=(0.9, 0.99), fused=True)
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
        given, null, ratings = groups[int(rng.integers(len(groups)))]
        videos, tokens = given.shape[:2]
        people = int(np.clip(tokens_per_step // (tokens * min(videos, 16)), 1, 4))
        chosen = rng.permutation(videos)[: max(1, min(videos, tokens_per_step // (tokens * people)))]
        who = np.stack([rng.choice(ratings.shape[1], people, replace=False) for _ in chosen])
        rated = ratings[chosen[:, None], who].astype(np.float32)
        u0 = torch.from_numpy(logits_from_scores(scores_from_ratings(rated))).float().flatten(0, 1)
        memory = net.encoder.attend(given[torch.from_numpy(chosen)].float()).repeat_interleave(people, 0)
        for group in optimiser.param_groups:
            annealed = 0.5 + 0.5 * math.cos(math.pi * step / steps)
            group["lr"] = rate * min(1.0, (step + 1) / 300) * annealed + 1e-6
        if kind == "regressor":
            loss = ((net.rate(memory) - u0) ** 2).mean()
        else:
            hidden = torch.rand(len(memory), 1, 1) < P_UNCONDITIONAL
            memory = torch.where(hidden, net.encoder.attend(null), memory)
            t = noise_times(len(u0))
            noisy = bar[t].sqrt()[:, None] * u0 + (1 - bar[t]).sqrt()[:, None] * torch.randn_like(u0)
            loss = ((net.denoiser(level_of(noisy), t, memory) - u0) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        keep = min(0.999, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.values()), list(net.state_dict().values()), 1 - keep)
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
