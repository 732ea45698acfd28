"""What to train and how: the paper's settings per dataset, each of which a flag may replace.

Section 3.2 and supplement E of the paper: AdamW, learning rate 5e-5 with cosine
annealing, weight decay 5e-4, 200 epochs, K = 200, hidden size 256, 8 heads,
feed-forward 1024, 2 + 2 layers; batch 256, EMA 0.999 and the DiT denoiser for
Mr. HiSum; batch 40 (TVSum) and 20 (SumMe) with the LatentMLP denoiser and every
annotator's own scores for the other two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..data.video import Kind
from ..network.options import MOST_LEVELS, DenoiserKind, EmbeddingKind

Loss = Literal["score", "logit"]


SHARED = {
    "network", "epochs", "batch_size", "learning_rate", "weight_decay", "ema_decay", "individual", "annotators",
    "val_videos", "seed",
}  # fmt: skip
"""Settings that baselines have, too: all others are the diffusion network's."""

LIMITS: list[tuple[tuple[str, ...], Callable[[float], bool], str]] = [
    (("epochs", "batch_size", "val_samples"), lambda value: value >= 1, "at least 1"),
    (("val_steps",), lambda value: 1 <= value <= 1000, "from 1 to 1000"),
    (("val_videos", "annotators"), lambda value: value >= 0, "at least 0"),
    (("seed",), lambda value: 0 <= value < 1 << 63, "from 0 to 2^63 - 1"),
    (("learning_rate",), lambda value: 0 < value < math.inf, "above 0"),
    (("weight_decay",), lambda value: 0 <= value < math.inf, "at least 0"),
    (("ema_decay", "p_uncond"), lambda value: 0 <= value < 1, "at least 0 and below 1"),
    (("eps",), lambda value: 0 < value < 0.5, "above 0 and below 0.5"),
    (("guidance",), math.isfinite, "a finite number"),
]
"""What the settings of training may be; the network checks its own sizes."""


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run.

    ``network`` is ``summdiff`` or a baseline's name; ``val_videos`` limits the
    validation of each epoch to the first so many videos, 0 for all. ``annotators``
    trains on so many of each video's annotators, 0 for all. Without ``quantise``
    scores enter as a sinusoidal code of 65,535 levels, the most that a bundle
    has: steps that small cannot be told from none.
    """

    network: str = "summdiff"
    denoiser: DenoiserKind = "dit"
    hidden: int = 256
    heads: int = 8
    feed_forward: int = 1024
    enc_layers: int = 2
    dec_layers: int = 2
    n_input_proj: int = 3
    k: int = 200
    embedding: EmbeddingKind = "learned"
    quantise: bool = True
    sigmoid_temp: float = 2.0
    dropout: float = 0.1
    input_dropout: float = 0.5
    epochs: int = 200
    batch_size: int = 256
    learning_rate: float = 5e-5
    weight_decay: float = 5e-4
    ema_decay: float = 0.0
    p_uncond: float = 0.1
    guidance: float = 0.1
    individual: bool = True
    annotators: int = 0
    loss: Loss = "score"
    eps: float = 1e-3
    val_samples: int = 5
    val_steps: int = 10
    val_videos: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.quantise:
            object.__setattr__(self, "embedding", "sinusoidal")
            object.__setattr__(self, "k", MOST_LEVELS)
        for names, fits, words in LIMITS:
            for name in names:
                if not fits(getattr(self, name)):
                    raise ValueError(f"--{name.replace('_', '-')} must be {words}, not {getattr(self, name)}")

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for the run's folder, of what plays a part in this run."""
        values = asdict(self)
        return values if self.network == "summdiff" else {name: values[name] for name in values if name in SHARED}


def recipe_for(kind: Kind, network: str) -> Recipe:
    """The paper's recipe for one dataset; baselines take their own papers' optimiser settings."""
    if network != "summdiff":
        from ..baselines import BASELINES

        baseline = BASELINES[network]
        return Recipe(
            network=network,
            batch_size=1,
            learning_rate=baseline.learning_rate,
            weight_decay=baseline.weight_decay,
            p_uncond=0.0,
            guidance=0.0,
            individual=False,
        )
    if kind == "mrhisum":
        return Recipe(batch_size=256, ema_decay=0.999, individual=False)
    return Recipe(denoiser="latentmlp", batch_size=40 if kind == "tvsum" else 20)
