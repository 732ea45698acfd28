"""Bundles on disk: ``bundle.json``, its files and their hashes.

Field by field, ``models/README.md`` section "bundle.json" is the authority; the
Rust program reads the same. This module writes; it checks nothing about what
the networks compute.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from .errors import UserError

FORMAT = 1
MANIFEST = "bundle.json"
OPSET = 17
"""Opset of every graph that this package writes."""

MAX_FRAMES = 4096
"""Default for the longest video in one piece (34 minutes at 2 fps): attention takes memory with its square."""


@dataclass(frozen=True)
class Provenance:
    """What a bundle's weights come from; free text shown to the person."""

    data: str = "not stated"
    recipe: str = "not stated"
    licence: str = "not stated"
    notes: str = ""


@dataclass(frozen=True)
class Defaults:
    """Sampling settings that the program starts with."""

    guidance: float = 0.0
    steps: int = 10
    eta: float = 1.0


@dataclass(frozen=True)
class Manifest:
    """The content of ``bundle.json`` without ``format`` and ``files``.

    A ``summdiff`` bundle has encoder and denoiser, a ``scorer`` bundle a scorer,
    an ``extractor`` bundle only an extractor.
    """

    name: str
    version: str
    kind: Literal["summdiff", "scorer", "extractor"]
    description: str
    provenance: Provenance
    dim_in: int | None = None
    hidden: int | None = None
    pointwise: bool = False
    attention: bool = False
    k: int | None = None
    sigmoid_temp: float | None = None
    defaults: Defaults = field(default_factory=Defaults)
    score_stride: int = 1
    null_vector_file: str | None = None
    max_frames: int | None = None
    extractor: dict[str, Any] | None = None

    def to_json(self, folder: Path) -> dict[str, Any]:
        """The whole manifest, with the hash of every file in ``folder``."""
        sampled = self.kind == "summdiff"
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "description": self.description,
            "provenance": asdict(self.provenance),
            "files": hash_files(folder),
            "extractor": self.extractor,
            "encoder": {"file": "encoder.onnx", "dim_in": self.dim_in, "hidden": self.hidden} if sampled else None,
            "denoiser": {
                "file": "denoiser.onnx",
                "pointwise": self.pointwise,
                "attention": self.attention,
            }
            if sampled
            else None,
            "scorer": {"file": "scorer.onnx", "dim_in": self.dim_in} if self.kind == "scorer" else None,
            "score_stride": self.score_stride,
            "schedule": {"kind": "cosine", "train_steps": 1000, "s": 0.008} if sampled else None,
            "k": self.k,
            "sigmoid_temp": self.sigmoid_temp,
            "defaults": asdict(self.defaults) if sampled else None,
            "null_vector_file": self.null_vector_file,
            "max_frames": self.max_frames,
            "opset": OPSET,
        }


def sha256_of(path: Path) -> str:
    """Lower-case hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 by file name of everything in ``folder`` but the manifest."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Hash what lies in ``folder`` and write ``bundle.json`` beside it."""
    text = json.dumps(manifest.to_json(folder), indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def new_folder(out: Path, marker: str = MANIFEST) -> Iterator[Path]:
    """A folder to fill that becomes ``out`` when the block ends without error.

    An existing ``out`` is replaced only when it is empty or holds ``marker``,
    so a wrong path never costs a person their files.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / marker).is_file())):
        raise UserError(f"{out} exists and is no folder written by this command; choose another --out")
    partial = out.with_name(f".{out.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    try:
        yield partial
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
