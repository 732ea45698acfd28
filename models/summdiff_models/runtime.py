"""Running a bundle's ONNX files from Python: what the Rust program does, slowly and plainly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .bundle import MANIFEST, read_manifest
from .errors import UserError
from .export import read_null_vector
from .onnx_export import session
from .sampling import Denoise, Sampling, sample

T = TypeVar("T", str, float)


class BundleRunner:
    """Scores of feature files by a ``summdiff`` or ``scorer`` bundle, on the CPU."""

    def __init__(self, folder: Path) -> None:
        path = folder / MANIFEST
        if not path.is_file():
            raise UserError(f"{folder} is no bundle: it has no {MANIFEST}")
        self.folder = folder
        self.manifest = read_manifest(folder)
        if self.manifest.get("kind") not in ("summdiff", "scorer"):
            raise UserError(f"{folder} is no bundle that scores: its kind is {self.manifest.get('kind')}; give another")
        self.stride = int(self.manifest.get("score_stride") or 1)
        parts = ("encoder", "denoiser") if self.is_sampler else ("scorer",)
        self.dim_in = int(self._stated(float, parts[0], "dim_in"))
        self.null: NDArray[np.float32] | None = None
        if self.is_sampler:
            self.k, self.temp = int(self._stated(float, "k")), self._stated(float, "sigmoid_temp")
            self.guidance, self.eta = (self._stated(float, "defaults", name) for name in ("guidance", "eta"))
            if self.guidance != 0:
                self.null = read_null_vector(folder / self._stated(str, "null_vector_file"), self.dim_in)
        self.sessions = {part: _session(folder / self._stated(str, part, "file")) for part in parts}

    def _stated(self, of: type[T], *names: str) -> T:
        """A value of the manifest, by the names on the way to it."""
        value: Any = self.manifest
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, (int, float) if of is float else of):
            raise UserError(f"{self.folder / MANIFEST} states no {'.'.join(names)}; write the bundle again")
        return of(value)

    @property
    def is_sampler(self) -> bool:
        """Whether samples differ; a scorer always gives the same row."""
        return self.manifest["kind"] == "summdiff"

    def score(self, features: NDArray[np.float32], samples: int, steps: int, seed: int) -> NDArray[np.float32]:
        """Scores float32 [samples, N] (one row of a scorer) with the bundle's default guidance."""
        if not self.is_sampler:
            return self.sessions["scorer"].run(["scores"], {"features": features})[0][None]
        how = Sampling(steps=steps, eta=self.eta, guidance=self.guidance)
        return np.repeat(self.draw(features, samples, seed, how), self.stride, 1)[:, : len(features)]

    def draw(self, features: NDArray[np.float32], samples: int, seed: int, how: Sampling) -> NDArray[np.float32]:
        """Scores float32 [samples, M] of a sampler's tokens, by settings of one's own."""
        rng = np.random.default_rng(seed)
        conditional, tokens = self._denoiser(features)
        null = None
        if how.guidance != 0:
            if self.null is None:
                self.null = read_null_vector(self.folder / self._stated(str, "null_vector_file"), self.dim_in)
            null, _ = self._denoiser(np.tile(self.null, (len(features), 1)))
        first = rng.standard_normal((samples, tokens), dtype=np.float32)
        later = rng.standard_normal((how.steps, samples, tokens), dtype=np.float32)
        return sample(conditional, null, first, later, self.k, self.temp, how)

    def _denoiser(self, features: NDArray[np.float32]) -> tuple[Denoise, int]:
        """The denoiser given a video, and its number of score tokens."""
        (memory,) = self.sessions["encoder"].run(["memory"], {"features": features})

        def denoise(index: NDArray[np.int64], time: int) -> tuple[NDArray[np.float32], None]:
            feed = {"score_index": index, "time": np.array([time]), "memory": memory}
            return self.sessions["denoiser"].run(["x0"], feed)[0], None

        return denoise, len(memory)


def _session(path: Path) -> onnxruntime.InferenceSession:
    try:
        return session(path)
    except Exception as error:  # ONNX Runtime has a type of its own for each kind of damage
        raise UserError(f"{path} cannot be loaded by ONNX Runtime; write the bundle again") from error
