"""The denoiser's table: how well samples reach held-out simulated annotators, and whether each
keeps one viewpoint.

Figures (means over videos):
- ``tau``: mean Kendall τ-b of every sample with every annotator. ``b11``: per annotator the best of
  the first 11 samples, averaged.
- ``matched``: share of annotators some of the first 11 samples reaches with τ ≥ 0.25. ``ratio``:
  share of the 100 samples that reach an annotator with τ ≥ 0.25.
- ``cov``: share of the video's viewpoints to which at least one of 64 samples is nearest (by τ-b,
  and τ ≥ 0.25).
- ``vc``: viewpoint consistency. Every sample's Pearson r with every viewpoint is taken on the first
  and on the second half of the video, the mean over samples (what all samples share) is removed; vc
  is the correlation of the two halves' remainders.
- ``iou``: selection overlap of the samples' 15 % summaries on segments of the true edit.
  ``lowest``: share of shots in the lowest rating.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from .agreement import pearson, tau_b
from .annotators import annotate
from .bundle import NULL_VECTOR
from .diffusion import ETA, GUIDANCE, sample
from .network import SCORE_STRIDE
from .selection import mean_iou, selections
from .train import load_net, null_tokens
from .videos import Studio, Video

SAMPLES, FEW, MANY = 100, 11, 64
REACHED = 0.25
BORDER = 6  # tokens, 12 seconds
NOISE_SHARE = 1.2  # smooth noise beside the consensus, in spreads of the consensus
ANNOTATORS = 20
GUIDANCES = (0.0, 0.5)
OTHER_STEPS = (10, 30)


class ShippedNet:
    """The bundle's own encoder and denoiser, through ONNX Runtime."""

    def __init__(self, bundle: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.encode, self.denoise = (
            ort.InferenceSession(str(bundle / f"{part}.onnx"), options) for part in ("encoder", "denoiser")
        )
        self.null = np.load(bundle / NULL_VECTOR)

    def memory(self, video: Video) -> torch.Tensor:
        """[M, H] of a video that kept its picks."""
        features = video.picks.astype(np.float32)
        return torch.from_numpy(self.encode.run(None, {"features": features})[0])

    def null_memory(self, tokens: int) -> torch.Tensor:
        """[M, H] of the null video."""
        features = np.repeat(self.null[None], tokens * SCORE_STRIDE, 0)
        return torch.from_numpy(self.encode.run(None, {"features": features})[0])

    def denoiser(self, index: torch.Tensor, time: torch.Tensor, memory: torch.Tensor):
        """x0 [S, M]; all samples stand at the same time."""
        inputs = {"score_index": index.numpy(), "time": time[:1].numpy()}
        return torch.from_numpy(self.denoise.run(None, inputs | {"memory": memory[0].numpy()})[0])


def null_memory_of(net: torch.nn.Module | ShippedNet, tokens: int) -> torch.Tensor:
    """[M, H] of the null video."""
    return net.null_memory(tokens) if isinstance(net, ShippedNet) else net.encoder.attend(null_tokens(net.encoder, tokens))[0]


def memory_of(net: torch.nn.Module | ShippedNet, video: Video) -> torch.Tensor:
    """[M, H] of ``video``, by a shipped or a trained network."""
    if isinstance(net, ShippedNet):
        return net.memory(video)
    mean = torch.from_numpy(video.mean.astype(np.float32))[None]
    return net.encoder(mean, torch.from_numpy(video.changes)[None])[0]


def held_out_videos(studio: Studio, count: int, seed: int = 909) -> list[tuple[Video, np.ndarray, np.ndarray]]:
    """(video, 20 annotators' ratings, 100 fresh annotators' ratings) of ``count`` videos of 1 to 5
    minutes.
    """
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        video = studio.compose(rng, int(rng.integers(30, 150)), keep_picks=True)
        first = annotate(video.tastes, video.names, ANNOTATORS, rng)[0]
        fresh = annotate(video.tastes, video.names, SAMPLES, rng)[0]
        out.append((video, first, fresh))
    return out


def segments_of(video: Video) -> list[tuple[int, int]]:
    """Scenes of the edit in tokens, long ones split every 5 tokens (10 s)."""
    edges = [0, *(np.flatnonzero(np.diff(video.scene)) + 1).tolist(), len(video.scene)]
    return [(s, min(s + 5, b)) for a, b in zip(edges[:-1], edges[1:], strict=True) for s in range(a, b, 5)]


def consistency(curves: np.ndarray, video: Video) -> float:
    """Viewpoint consistency (vc) of score curves [S, M]; NaN for videos too short to be halved.

    ``BORDER`` tokens on either side of the middle are left out: noise that is merely smooth would
    carry over from one half to the other there.
    """
    middle = curves.shape[1] // 2
    if middle - BORDER < 6:
        return float("nan")
    parts = []
    for side in (slice(0, middle - BORDER), slice(middle + BORDER, None)):
        r = np.nan_to_num(pearson(curves[:, side].astype(float), video.tastes[:, side].astype(float)))
        parts.append((r - r.mean(0)).ravel())
    if min(p.std() for p in parts) < 1e-9:
        return 0.0
    return float(np.corrcoef(*parts)[0, 1])


def measure(curves: np.ndarray, video: Video, ratings: np.ndarray) -> dict[str, float]:
    """All figures of one video for score curves [S, M] (one row for a deterministic scorer)."""
    tau = np.nan_to_num(tau_b(curves, ratings))
    near = np.nan_to_num(tau_b(curves[:MANY], video.tastes))
    reached = {int(v) for v, t in zip(near.argmax(1), near.max(1), strict=True) if t >= REACHED}
    chosen = selections(curves[:MANY], segments_of(video))
    return {
        "tau": tau.mean(),
        "b11": tau[:FEW].max(0).mean(),
        "matched": (tau[:FEW].max(0) >= REACHED).mean(),
        "ratio": (tau >= REACHED).mean(),
        "cov": len(reached) / len(video.names),
        "vc": consistency(curves[:MANY], video) if len(curves) > 1 else 0.0,
        "iou": mean_iou(chosen) if len(curves) > 1 else 1.0,
        "lowest": (curves < 0.125).mean(),
        "histogram": np.histogram(curves, [-9, 0.125, 0.375, 0.625, 0.875, 9])[0] / curves.size,
    }


def smooth_noise(shape: tuple[int, int], rng: np.random.Generator, width: float = 2.5) -> np.ndarray:
    """Unit Gaussian noise, blurred over ``width`` tokens."""
    reach = int(4 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    noise = rng.normal(size=(shape[0], shape[1] + 2 * reach))
    return np.stack([np.convolve(row, kernel, "valid") for row in noise])


def coherent(width_secs: float):
    """Noise filter for ``sample``: unit variance kept, correlated over ``width_secs`` (2 s a
    token).
    """
    width = width_secs / 2
    reach = max(1, int(4 * width))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / width) ** 2)

    def apply(z: torch.Tensor) -> torch.Tensor:
        weight = torch.nn.functional.conv1d(torch.ones_like(z[:1, None]), (kernel**2)[None, None], padding=reach).sqrt()
        return (torch.nn.functional.conv1d(z[:, None], kernel[None, None], padding=reach) / weight)[:, 0]

    return apply


def candidates(
    nets: dict[str, torch.nn.Module | ShippedNet],
    video: Video,
    number: int,
    coherence: tuple[float, ...],
) -> Iterator[tuple[str, np.ndarray]]:
    """Every model's score curves for one video, named as in the table."""
    rng = np.random.default_rng([77, number])
    tokens = len(video.scene)
    mean = torch.from_numpy(video.mean.astype(np.float32))[None]
    changes = torch.from_numpy(video.changes)[None]
    yield "random", rng.random((SAMPLES, tokens))
    if "regressor" in nets:
        consensus = torch.sigmoid(2 * nets["regressor"](mean, changes))[0].numpy()
        yield "mean regressor", consensus[None]
        lift = (consensus - consensus.mean()) / max(consensus.std(), 1e-6)
        noisy = lift[None] + NOISE_SHARE * smooth_noise((SAMPLES, tokens), rng)
        yield "consensus + smooth noise", (noisy.argsort(1).argsort(1) + 0.5) / tokens
    for name in ("pointwise", "joint"):
        if name not in nets:
            continue
        memory = memory_of(nets[name], video)
        null = null_memory_of(nets[name], tokens)
        shipped = {"eta": ETA, "guidance": GUIDANCE if name == "joint" else 0.0}
        changes: dict[str, dict] = {name: {}}
        if name == "joint":
            changes |= {f"{name}, guidance {weight:g}": {"guidance": weight} for weight in GUIDANCES}
            changes[f"{name}, eta {1 - ETA:g}"] = {"eta": 1 - ETA}
            changes |= {f"{name}, {steps} steps": {"steps": steps} for steps in OTHER_STEPS}
        changes |= {f"{name}, coherence {secs:g} s": {"noise_filter": coherent(secs)} for secs in coherence}
        for label, change in changes.items():
            settings = shipped | change
            drawn = sample(nets[name].denoiser, memory, SAMPLES, seed=number, null_memory=null, **settings)
            yield label, drawn.numpy()


ROWS = ("reference", "regressor", "pointwise", "joint")


def load_rows(rows: tuple[str, ...], bundle: Path, weights: Path) -> dict:
    """The networks asked for: the joint one is the bundle itself, the others lie in ``weights``."""
    nets: dict = {}
    for name in ("regressor", "pointwise"):
        if name in rows and (weights / f"{name}.pt").exists():
            nets[name] = load_net(weights / f"{name}.pt")
    if "joint" in rows:
        nets["joint"] = ShippedNet(bundle)
    return nets


def one_video(task: tuple) -> dict[str, dict]:
    """Figures of every asked row on one held-out video (its number, the video, ratings, …)."""
    number, video, ratings, fresh, rows, bundle, weights, coherence = task
    torch.set_num_threads(1)
    found = {}
    if "reference" in rows:
        found["fresh annotators (ceiling)"] = measure((fresh - 1) / 4, video, ratings)
    with torch.no_grad():
        nets = load_rows(rows, bundle, weights)
        for name, curves in candidates(nets, video, number, coherence):
            if name != "random" or "reference" in rows:
                found[name] = measure(curves, video, ratings)
    return found


def evaluate(
    studio: Studio,
    bundle: Path,
    weights: Path,
    count: int,
    rows: tuple[str, ...] = ROWS,
    coherence: tuple[float, ...] = (2.0, 4.0, 8.0),
    workers: int = 3,
) -> dict[str, dict]:
    """The table's figures: means over ``count`` held-out videos. ``rows`` of ``ROWS`` only."""
    tasks = [
        (number, *made, rows, bundle, weights, coherence) for number, made in enumerate(held_out_videos(studio, count))
    ]
    with ProcessPoolExecutor(workers) as pool:
        measured = list(pool.map(one_video, tasks))
    return {
        name: {k: np.nanmean([m[name][k] for m in measured], axis=0).tolist() for k in measured[0][name]}
        for name in measured[0]
    }


def table(summary: dict[str, dict]) -> str:
    """Markdown."""
    keys = ("tau", "b11", "matched", "ratio", "cov", "vc", "iou", "lowest")
    heads = (
        *("model", "mean τ", "best of 11", "matched in 11", "ratio of 100", "cov", "vc"),
        *("selection IoU", "lowest rating", "ratings 1…5"),
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    order = ("fresh", "random", "mean", "consensus", "pointwise", "joint")
    for name in sorted(summary, key=lambda n: (order.index(n.split()[0].strip(",")), n)):
        m = summary[name]
        shares = " ".join(f"{v:.2f}" for v in m["histogram"])
        lines.append(f"| {name} | " + " | ".join(f"{m[k]:.3f}" for k in keys) + f" | {shares} |")
    return "\n".join(lines)
