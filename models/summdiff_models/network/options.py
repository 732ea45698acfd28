"""The sizes and choices that fix a SummDiff network's parameters and forward pass."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

DenoiserKind = Literal["dit", "latentmlp"]
EmbeddingKind = Literal["learned", "sinusoidal"]
DENOISERS: tuple[DenoiserKind, ...] = get_args(DenoiserKind)
EMBEDDINGS: tuple[EmbeddingKind, ...] = get_args(EmbeddingKind)

DIT_BLOCKS = 2
"""The DiT denoiser always has two blocks; ``dec_layers`` does not apply to it."""

MOST_LEVELS = 65_535
"""The largest K that the Rust program takes."""

TIME_WIDTH_DIT = 256
"""Width of the sinusoid that the DiT denoiser's time network receives."""


@dataclass(frozen=True)
class NetworkOptions:
    """Everything needed to build a network, except its weights.

    ``k`` is the number of quantisation steps; scores take ``k + 1`` levels 0..k.
    ``dec_layers`` is the number of residual blocks of a LatentMLP denoiser.
    Dropout rates matter in training only.
    """

    dim_in: int = 1024
    hidden: int = 256
    heads: int = 8
    feed_forward: int = 1024
    enc_layers: int = 2
    n_input_proj: int = 3
    k: int = 200
    embedding: EmbeddingKind = "learned"
    denoiser: DenoiserKind = "dit"
    dec_layers: int = 2
    pre_norm: bool = False
    sigmoid_temp: float = 2.0
    dropout: float = 0.1
    input_dropout: float = 0.5

    def __post_init__(self) -> None:
        for name in ("dim_in", "hidden", "heads", "feed_forward", "enc_layers", "n_input_proj", "dec_layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.hidden % self.heads != 0:
            raise ValueError(f"hidden size {self.hidden} cannot be split into {self.heads} heads")
        if self.hidden % 2 != 0:
            raise ValueError(f"hidden size {self.hidden} must be even for the position code")
        if not 1 <= self.k <= MOST_LEVELS:
            raise ValueError(f"k must be from 1 to {MOST_LEVELS}, not {self.k}")
        if not (self.sigmoid_temp > 0 and math.isfinite(self.sigmoid_temp)):
            raise ValueError(f"the sigmoid temperature must be positive and finite, not {self.sigmoid_temp}")
        for name in ("dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, not {getattr(self, name)}")
        if self.denoiser not in DENOISERS or self.embedding not in EMBEDDINGS:
            raise ValueError(f"there is no {self.denoiser} denoiser or no {self.embedding} embedding")

    @property
    def pointwise(self) -> bool:
        """Whether x0 at a frame depends on that frame's score alone (DiT: yes)."""
        return self.denoiser == "dit"

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for checkpoints and logs."""
        return asdict(self)
