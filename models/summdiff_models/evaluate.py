"""``evaluate``: rank correlations of a bundle on the test videos of a split.

A cross-check of ``summdiff evaluate``, which has every metric. Also prints two
yardsticks: the annotators' mean (a ceiling that no scorer can see) and chance.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .data.annotations import read_annotations
from .data.splits import make_split
from .data.video import KINDS, Kind, Video, read_videos
from .metrics import correlations, tau_rho
from .runtime import BundleRunner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models evaluate``."""
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--split", type=Path, required=True, help="JSON file with test_keys, as train writes it")
    parser.add_argument("--annotations", type=Path, help="TVSum's own .tsv or .mat")
    parser.add_argument("--samples", type=int, default=11)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> None:
    """Print the figures as JSON on stdout."""
    runner = BundleRunner(args.bundle)
    annotations = read_annotations(args.annotations) if args.annotations else None
    videos = {video.key: video for video in read_videos(args.dataset, args.kind, annotations)}
    split = make_split(["split", str(args.split)], list(videos), 0, 0)
    rng = np.random.default_rng(args.seed)
    rows: dict[str, list[list[float]]] = {"bundle": [], "annotators_mean": [], "random": []}
    best: list[float] = []
    for number, key in enumerate(split.test_keys):
        video = videos[key]
        scores = runner.score(video.features, args.samples, args.steps, args.seed + number)
        rows["bundle"].append(_mean(scores, video, args.kind))
        rows["annotators_mean"].append(_mean(video.consensus[None], video, args.kind))
        rows["random"].append(_mean(rng.random((args.samples, len(video.picks))), video, args.kind))
        best.append(_best_of(scores, video))
    result: dict[str, object] = {
        name: dict(zip(("tau", "rho"), np.nanmean(values, axis=0).round(4).tolist(), strict=True))
        for name, values in rows.items()
    }
    result |= {"videos": len(split.test_keys), "samples": args.samples if runner.is_sampler else 1}
    result["best_sample_per_annotator_tau"] = round(float(np.nanmean(best)), 4)
    print(json.dumps(result, indent=1))


def _mean(scores: NDArray[np.floating], video: Video, kind: Kind) -> list[float]:
    return np.nanmean([correlations(row, video, kind) for row in scores], axis=0).tolist()


def _best_of(scores: NDArray[np.floating], video: Video) -> float:
    """Mean over annotators of the best sample's tau with them."""
    return float(np.nanmean([np.nanmax([tau_rho(row, user)[0] for row in scores]) for user in video.scores]))
