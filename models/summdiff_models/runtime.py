"""Running a bundle's ONNX files from Python: what the Rust program does, slowly and plainly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle import MANIFEST
from .errors import UserError
from .onnx_export import session
from .sampling import Denoise, Sampling, sample


class BundleRunner:
    """Scores of feature files by a ``summdiff`` or ``scorer`` bundle, on the CPU."""

    def __init__(self, folder: Path) -> None:
        path = folder / MANIFEST
        if not path.is_file():
            raise UserError(f"{folder} is no bundle: it has no {MANIFEST}")
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if self.manifest["kind"] not in ("summdiff", "scorer"):
            raise UserError(f"{folder} holds only an extractor; give a bundle that scores")
        if self.manifest["score_stride"] != 1:
            raise UserError(f"{folder} has one score for several frames, which only the Rust program samples")
        parts = ("encoder", "denoiser") if self.is_sampler else ("scorer",)
        self.sessions = {part: session(folder / self.manifest[part]["file"]) for part in parts}

    @property
    def is_sampler(self) -> bool:
        """Whether samples differ; a scorer always gives the same row."""
        return self.manifest["kind"] == "summdiff"

    def score(self, features: NDArray[np.float32], samples: int, steps: int, seed: int) -> NDArray[np.float32]:
        """Scores float32 [samples, N] (one row of a scorer) with the bundle's default guidance."""
        if not self.is_sampler:
            return self.sessions["scorer"].run(["scores"], {"features": features})[0][None]
        rng = np.random.default_rng(seed)
        shape = (samples, len(features))
        guidance = self.manifest["defaults"]["guidance"]
        null = None
        if guidance != 0:
            vector = np.load(self.folder / self.manifest["null_vector_file"], allow_pickle=False)
            null = self._denoiser(np.tile(vector, (len(features), 1)))
        return sample(
            self._denoiser(features),
            null,
            rng.standard_normal(shape, dtype=np.float32),
            rng.standard_normal((steps, *shape), dtype=np.float32),
            self.manifest["k"],
            self.manifest["sigmoid_temp"],
            Sampling(steps=steps, eta=self.manifest["defaults"]["eta"], guidance=guidance),
        )

    def _denoiser(self, features: NDArray[np.float32]) -> Denoise:
        (memory,) = self.sessions["encoder"].run(["memory"], {"features": features})

        def denoise(index: NDArray[np.int64], time: int) -> tuple[NDArray[np.float32], None]:
            feed = {"score_index": index, "time": np.array([time]), "memory": memory}
            return self.sessions["denoiser"].run(["x0"], feed)[0], None

        return denoise
