"""Bundles on disk: ``bundle.json``, its files and their hashes.

Field by field, ``models/README.md`` section "bundle.json" is the authority; the
Rust program reads the same. This module writes; it checks nothing about what
the networks compute.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
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
    training: dict[str, Any] | None = None

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
            **({} if self.training is None else {"training": self.training}),
        }


def sha256_of(path: Path) -> str:
    """Lower-case hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 by file name of the networks and arrays in ``folder``."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.suffix in (".onnx", ".npy")}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Hash what lies in ``folder`` and write ``bundle.json`` beside it."""
    try:
        text = json.dumps(manifest.to_json(folder), indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:  # JSON knows neither NaN nor infinity, and the Rust program refuses them
        raise UserError(f"{MANIFEST} would hold NaN or an infinite number; give finite settings") from error
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The content of ``bundle.json``, as far as every command needs it: an object with ``files``."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error}); write the bundle again") from error
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise UserError(f"{path} is no bundle's manifest: it lists no files; write the bundle again")
    return content


def check_replaceable(out: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse an ``out`` whose replacement would cost a person their files.

    What exists must be an empty folder, or a bundle and nothing else, and none
    of ``inputs`` may lie in it.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError(f"{out} exists and is no folder; choose another --out")
    found = sorted(path.name for path in out.iterdir())
    if found and MANIFEST not in found:
        raise UserError(f"{out} exists and is no folder written by this command; choose another --out")
    known = {MANIFEST, *read_manifest(out)["files"]} if found else set()
    foreign = [name for name in found if name not in known or not (out / name).is_file()]
    if foreign:
        raise UserError(
            f"{out} holds {foreign[0]}, which is no part of the bundle there; move it away or choose another --out"
        )
    place = out.resolve()
    for path in inputs:
        if path.resolve().is_relative_to(place):
            raise UserError(f"{out} would be replaced, but {path} is read from it; choose another --out")


@contextmanager
def new_folder(out: Path, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """A folder to fill that becomes ``out`` when the block ends without error.

    A bundle that was there before is replaced, see ``check_replaceable``; a link
    stays a link, and the folder that it names is replaced.
    """
    check_replaceable(out, inputs)
    out = out.resolve()
    partial, former = (out.with_name(f".{out.name}.{word}") for word in ("partial", "former"))
    if former.exists() and not out.exists():  # a run was killed between the two renames below
        former.rename(out)
    for stale in (partial, former):
        if stale.exists():
            shutil.rmtree(stale)
    partial.mkdir(parents=True)
    try:
        yield partial
        if out.exists():
            check_replaceable(out, inputs)  # files may have come since
            out.rename(former)
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        if former.exists() and not out.exists():
            former.rename(out)
        raise
    shutil.rmtree(former, ignore_errors=True)
