"""Putting an extractor beside a network in one bundle.

Extractors come from bundles: of kind ``extractor`` (written by the
``extractor`` command), or any other that has one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from ..bundle import MANIFEST, read_manifest, sha256_of
from ..errors import UserError


def attach_extractor(name: str, folder: Path, dim_in: int) -> dict[str, Any]:
    """Copy the files of extractor ``name`` into ``folder`` and return its object.

    ``dim_in`` is the feature size that the network expects; another is an error.
    """
    source = check_extractor(name, dim_in)
    described, _ = read_extractor(source)
    for file in files_of(described):
        shutil.copyfile(source / file, folder / file)
    return described


def check_extractor(name: str, dim_in: int) -> Path:
    """The folder of an extractor that is whole and gives ``dim_in`` values a frame."""
    source = find_extractor(name)
    described, hashes = read_extractor(source)
    dim = described["dim"]
    if dim != dim_in:
        raise UserError(f"the extractor {source} gives {dim} values a frame but the network takes {dim_in}")
    for file in files_of(described):
        path = source / file
        if Path(file).name != file or not path.is_file():
            raise UserError(f"the extractor {source} lacks its file {file}; write it again")
        if hashes.get(file) != sha256_of(path):
            raise UserError(f"{path} is not the file that {MANIFEST} lists (its hash differs); write it again")
    return source


def find_extractor(name: str) -> Path:
    """The folder of an extractor by path, or by name in the user's data folder."""
    data = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "summdiff"
    for place in (Path(name), data / "bundles" / name):
        if (place / MANIFEST).is_file():
            return place
    raise UserError(
        f"no extractor {name}: it is neither a bundle's folder nor in {data / 'bundles'};"
        " make one with the extractor command"
    )


def read_extractor(source: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The extractor object of a bundle, and the hashes of the bundle's files."""
    content = read_manifest(source)
    described = content.get("extractor")
    if not isinstance(described, dict):
        raise UserError(f"the bundle {source} holds no extractor; give another folder")
    if not isinstance(described.get("file"), str) or "dim" not in described:
        raise UserError(f"the extractor in {source / MANIFEST} states no file or no dim; write it again")
    return described, content["files"]


def files_of(described: dict[str, Any]) -> list[str]:
    """Names of all files that an extractor object refers to."""
    names = [described["file"]]
    pca = described.get("pca")
    if pca:
        names += [pca[key] for key in ("mean_file", "basis_file", "eigenvalues_file") if pca.get(key)]
    return names
