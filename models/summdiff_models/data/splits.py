"""Which videos train, validate and test.

``tvt``: random 7 : 1 : 2 (paper, section 4.1), five splits from one seed.
``5fcv``: five folds; the paper has no validation set and selects on the test
fold. Here one in eight of the training videos validates instead.
The program's ``evaluate`` makes the same splits: videos are ordered by the
SHA-256 of ``seed/stream/key``.
``split``: a JSON file with ``train_keys``, ``val_keys`` and ``test_keys``, or a
list of such objects; where it has no ``val_keys``, one in eight is held out.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError

FOLDS = 5
PARTS = ("train_keys", "val_keys", "test_keys")


@dataclass(frozen=True)
class Split:
    """Keys of the videos of each part; the parts are disjoint."""

    train_keys: list[str]
    val_keys: list[str]
    test_keys: list[str]

    def to_json(self) -> dict[str, list[str]]:
        """The form that ``split FILE`` reads."""
        return asdict(self)


def make_split(protocol: list[str], keys: list[str], index: int, seed: int) -> Split:
    """The ``index``-th split (0..4) of a protocol over the given videos."""
    name = protocol[0]
    if seed < 0:
        raise UserError(f"--split-seed must be at least 0, not {seed}")
    if name == "split":
        if len(protocol) != 2:
            raise UserError("--protocol split needs the split's JSON file")
        return _from_file(Path(protocol[1]), keys, index, seed)
    if len(protocol) != 1 or name not in ("tvt", "5fcv"):
        raise UserError(f"--protocol {' '.join(protocol)} is unknown; use tvt, 5fcv, or split FILE")
    if not 0 <= index < FOLDS:
        raise UserError(f"--split {index} does not exist; use 0 to {FOLDS - 1}")
    if len(keys) < FOLDS:
        raise UserError(f"{len(keys)} videos are too few for {name}; at least {FOLDS} are needed")
    if name == "tvt":
        shuffled = _shuffled(keys, seed, index)
        test, val = (max(1, math.floor(share * len(keys) + 0.5)) for share in (0.2, 0.1))
        return Split(shuffled[test + val :], shuffled[test : test + val], shuffled[:test])
    folds = np.array_split(np.array(_shuffled(keys, seed, 0)), FOLDS)
    rest = [str(key) for i, fold in enumerate(folds) if i != index for key in fold]
    return _hold_out(rest, [str(key) for key in folds[index]], seed)


def read_test_keys(path: Path, keys: list[str]) -> list[str]:
    """The ``test_keys`` of a split file (of its first split); its other parts may be of another dataset."""
    found = _part(path, _read(path, 0), "test_keys", keys)
    if not found:
        raise UserError(f"{path} lists no videos in test_keys; give a split that holds some out")
    return found


def _from_file(path: Path, keys: list[str], index: int, seed: int) -> Split:
    content = _read(path, index)
    parts = {name: _part(path, content, name, keys) for name in PARTS if name in content}
    if "train_keys" not in parts or "test_keys" not in parts:
        raise UserError(f"{path} has no train_keys and test_keys; give a split file")
    twice = [key for key, count in Counter(key for part in parts.values() for key in part).items() if count > 1]
    if twice:
        raise UserError(f"{path} lists a video in two parts ({twice[0]}); training would leak into evaluation")
    if "val_keys" not in parts:
        if len(parts["train_keys"]) < 2:
            raise UserError(f"{path} lists fewer than two train_keys; one is held out to validate with")
        return _hold_out(parts["train_keys"], parts["test_keys"], seed)
    for name in ("train_keys", "val_keys"):
        if not parts[name]:
            raise UserError(f"{path} lists no videos in {name}; give some to train on and to validate with")
    return Split(**parts)


def _read(path: Path, index: int) -> dict[str, Any]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error}); give a split file") from error
    if isinstance(content, list):
        if not 0 <= index < len(content):
            raise UserError(f"{path} has {len(content)} splits, but --split is {index}")
        content = content[index]
    if not isinstance(content, dict):
        raise UserError(f"{path} has no train_keys and test_keys; give a split file")
    return content


def _part(path: Path, content: dict[str, Any], name: str, keys: list[str]) -> list[str]:
    listed = content.get(name)
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise UserError(f"{path}: {name} is no list of video names; give a split file")
    found = [Path(key).name for key in listed]  # lists of the field put the dataset's path before a key
    known = set(keys)
    unknown = [key for key in found if key not in known]
    if unknown:
        raise UserError(f"{path} names {unknown[0]}, which the dataset lacks; give the split of this dataset")
    twice = [key for key, count in Counter(found).items() if count > 1]
    if twice:
        raise UserError(f"{path} lists {twice[0]} twice in {name}; list every video once")
    return found


def _hold_out(train: list[str], test: list[str], seed: int) -> Split:
    shuffled = _shuffled(train, seed, 1)
    count = math.ceil(len(train) / 8)
    return Split(shuffled[count:], shuffled[:count], test)


def _shuffled(keys: list[str], seed: int, stream: int) -> list[str]:
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}/{stream}/{key}".encode()).digest())
