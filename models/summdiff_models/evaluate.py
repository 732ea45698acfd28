"""``evaluate``: rank correlations of a bundle on the test videos of a split.

A cross-check of ``summdiff evaluate``, which has every metric. Also prints two
yardsticks: the annotators' mean (a ceiling that no scorer can see) and chance.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .data.annotations import read_annotations
from .data.splits import read_test_keys
from .data.video import KINDS, Kind, Video, read_videos
from .errors import UserError, some
from .log import log
from .metrics import correlations, tau_rho
from .runtime import BundleRunner
from .sampling import TRAIN_STEPS


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
    _check_flags(args)
    runner = BundleRunner(args.bundle)
    annotations = read_annotations(args.annotations) if args.annotations else None
    videos = {video.key: video for video in read_videos(args.dataset, args.kind, annotations)}
    test_keys = read_test_keys(args.split, list(videos))
    dim = videos[test_keys[0]].dim
    if dim != runner.dim_in:
        raise UserError(f"{args.dataset} has {dim} values a frame but {args.bundle} takes {runner.dim_in}")
    unrated = [key for key in test_keys if not videos[key].rated]
    if unrated:
        log(f"{args.dataset} has no user_scores of {some(unrated)}: compared with their mean; see --annotations")
    rng = np.random.default_rng(args.seed)
    rows: dict[str, list[list[float]]] = {"bundle": [], "annotators_mean": [], "random": []}
    best: list[float] = []
    for number, key in enumerate(test_keys):
        video = videos[key]
        scores = runner.score(video.features, args.samples, args.steps, args.seed + number)
        rows["bundle"].append(_mean(scores, video, args.kind))
        rows["annotators_mean"].append(_mean(video.consensus[None], video, args.kind))
        rows["random"].append(_mean(rng.random((args.samples, len(video.picks))), video, args.kind))
        best.append(_best_of(scores, video))
    result: dict[str, object] = {
        name: {word: _figure(column) for word, column in zip(("tau", "rho"), np.transpose(values), strict=True)}
        for name, values in rows.items()
    }
    result |= {"videos": len(test_keys), "samples": args.samples if runner.is_sampler else 1}
    result["best_sample_per_annotator_tau"] = _figure(best)
    print(json.dumps(result, indent=1))


def _check_flags(args: argparse.Namespace) -> None:
    if args.samples < 1:
        raise UserError(f"--samples must be at least 1, not {args.samples}")
    if not 1 <= args.steps <= TRAIN_STEPS:
        raise UserError(f"--steps must be from 1 to {TRAIN_STEPS}, not {args.steps}")
    if args.seed < 0:
        raise UserError(f"--seed must be at least 0, not {args.seed}")


def _figure(values: ArrayLike) -> float | None:
    """Mean of the defined values to four places, ``None`` (JSON's null) where there is none."""
    mean = _nan_mean(values)
    return None if np.isnan(mean) else round(float(mean), 4)


def _nan_mean(values: ArrayLike) -> NDArray[np.float64]:
    """Mean over the first axis of what is defined, NaN where nothing is (constant scores have no correlation)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(np.asarray(values, np.float64), axis=0))


def _mean(scores: NDArray[np.floating], video: Video, kind: Kind) -> list[float]:
    return _nan_mean([correlations(row, video, kind) for row in scores]).tolist()


def _best_of(scores: NDArray[np.floating], video: Video) -> float:
    """Mean over annotators of the best sample's tau with them."""
    taus = np.array([[tau_rho(row, user)[0] for row in scores] for user in video.scores])
    return float(_nan_mean(np.fmax.reduce(taus, axis=1)))
