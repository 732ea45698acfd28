"""``bench``: how long PyTorch takes to sample one summary after another.

That is how the released code samples: for every summary the whole network runs
with one score row, encoder included. The Rust program is compared with it
(``summdiff bench``) on the bundle of random weights that ``--out`` writes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from .bundle import Provenance
from .errors import UserError
from .export import write_summdiff_bundle
from .network import NetworkOptions, SummDiffNetwork
from .network.options import DENOISERS
from .sampling import Sampling, sample, torch_denoiser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models bench``; the paper's sizes by default."""
    parser.add_argument("--denoiser", type=str.lower, choices=DENOISERS, default="dit")
    parser.add_argument("--dim-in", type=int, default=1024)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--feed-forward", type=int, default=1024)
    parser.add_argument("--k", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=600, help="N, sampled frames of the video")
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, help="CPU threads; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="also write the network as a bundle, to measure the same elsewhere")


def run(args: argparse.Namespace) -> None:
    """Print the timings as JSON on stdout."""
    for name in ("tokens", "samples", "steps", "threads"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise UserError(f"--{name} must be at least 1, not {value}")
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    try:
        options = NetworkOptions(
            dim_in=args.dim_in,
            hidden=args.hidden,
            heads=args.heads,
            feed_forward=args.feed_forward,
            k=args.k,
            denoiser=args.denoiser,
        )
    except ValueError as error:
        raise UserError(f"{error}; change the flags") from error
    network = SummDiffNetwork(options).eval()
    if args.out is not None:
        write_summdiff_bundle(
            network,
            args.out,
            name=None,
            version="1",
            description="Random weights, for measurements only",
            provenance=Provenance("none", f"random weights, seed {args.seed}"),
            guidance=0.0,
            null_vector=None,
            extractor=None,
            attention=options.pointwise,
        )
    features = torch.randn(args.tokens, args.dim_in)
    rng = np.random.default_rng(args.seed)
    _one_after_another(network, features, 1, args.steps, rng)  # warm-up
    began = time.perf_counter()
    _one_after_another(network, features, args.samples, args.steps, rng)
    per_sample = (time.perf_counter() - began) / args.samples
    result = {
        "network": options.to_json(),
        "tokens": args.tokens,
        "steps": args.steps,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "seconds_per_sample": per_sample,
        "seconds_per_100_samples": 100 * per_sample,
    }
    print(json.dumps(result, indent=1))


@torch.no_grad()
def _one_after_another(
    network: SummDiffNetwork, features: torch.Tensor, samples: int, steps: int, rng: np.random.Generator
) -> None:
    shape = (1, len(features))
    for _ in range(samples):
        sample(
            torch_denoiser(network, network.encode(features[None])[0]),
            None,
            rng.standard_normal(shape, dtype=np.float32),
            rng.standard_normal((steps, *shape), dtype=np.float32),
            network.options.k,
            network.options.sigmoid_temp,
            Sampling(steps=steps),
        )
