"""Putting an extractor beside a network in one bundle.

Extractors come from bundles: of kind ``extractor`` (written by the
``extractor`` command), or any other that has one.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from ..bundle import MANIFEST, sha256_of
from ..errors import UserError


def attach_extractor(name: str, folder: Path, dim_in: int) -> dict[str, Any]:
    """Copy the files of extractor ``name`` into ``folder`` and return its object.

    ``dim_in`` is the feature size that the network expects; another is an error.
    """
    source = find_extractor(name)
    described, hashes = read_extractor(source)
    dim = described.get("dim")
    if dim != dim_in:
        raise UserError(f"the extractor {source} gives {dim} values a frame but the network takes {dim_in}")
    for file in files_of(described):
        path = source / file
        if Path(file).name != file or not path.is_file():
            raise UserError(f"the extractor {source} lacks its file {file}; write it again")
        if hashes.get(file) != sha256_of(path):
            raise UserError(f"{path} is not the file that {MANIFEST} lists (its hash differs); write it again")
        shutil.copyfile(path, folder / file)
    return described


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
    path = source / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}); write it again") from error
    described = content.get("extractor")
    if not isinstance(described, dict):
        raise UserError(f"the bundle {source} holds no extractor; give another folder")
    return described, content.get("files", {})


def files_of(described: dict[str, Any]) -> list[str]:
    """Names of all files that an extractor object refers to."""
    names = [described["file"]]
    pca = described.get("pca")
    if pca:
        names += [pca[key] for key in ("mean_file", "basis_file", "eigenvalues_file") if pca.get(key)]
    return names
