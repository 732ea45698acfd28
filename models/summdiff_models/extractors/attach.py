"""Putting an extractor beside a network in one bundle.

An extractor is a folder with ``extractor.json`` (the ``extractor`` object of
``bundle.json``) and the files that it names; any bundle with an extractor will
do as well.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from ..errors import UserError

MANIFEST = "extractor.json"


def attach_extractor(name: str, folder: Path, dim_in: int) -> dict[str, Any]:
    """Copy the files of extractor ``name`` into ``folder`` and return its object.

    ``dim_in`` is the feature size that the network expects; another is an error.
    """
    source = find_extractor(name)
    described = read_extractor(source)
    dim = described.get("dim")
    if dim != dim_in:
        raise UserError(f"the extractor {source} gives {dim} values a frame but the network takes {dim_in}")
    for file in files_of(described):
        if Path(file).name != file or not (source / file).is_file():
            raise UserError(f"the extractor {source} lacks its file {file}; write it again")
        shutil.copyfile(source / file, folder / file)
    return described


def find_extractor(name: str) -> Path:
    """The folder of an extractor by path, or by name in the user's data folder."""
    data = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "summdiff"
    places = [Path(name), data / "extractors" / name, data / "bundles" / name]
    for place in places:
        if (place / MANIFEST).is_file() or (place / "bundle.json").is_file():
            return place
    raise UserError(
        f"no extractor {name}: neither a folder with {MANIFEST} or bundle.json, nor in {data};"
        " make one with the extractor command"
    )


def read_extractor(source: Path) -> dict[str, Any]:
    """The extractor object of a folder."""
    own = source / MANIFEST
    path = own if own.is_file() else source / "bundle.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}); write it again") from error
    described = content if path == own else content.get("extractor")
    if not isinstance(described, dict):
        raise UserError(f"the bundle {source} holds no extractor; give another folder")
    return described


def files_of(described: dict[str, Any]) -> list[str]:
    """Names of all files that an extractor object refers to."""
    names = [described["file"]]
    pca = described.get("pca")
    if pca:
        names += [pca[key] for key in ("mean_file", "basis_file", "eigenvalues_file") if pca.get(key)]
    return names
