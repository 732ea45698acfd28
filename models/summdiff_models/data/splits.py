"""Which videos train, validate and test.

``tvt``: random 7 : 1 : 2 (paper, section 4.1), five splits from one seed.
``5fcv``: five folds; the paper selects on the test fold for want of a
validation set. Here one in eight of the training videos validates instead.
``split``: a JSON file with ``train_keys``, ``val_keys`` and ``test_keys``, or a
list of such objects; where it has no ``val_keys``, one in eight is held out.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError

FOLDS = 5


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
        test = max(1, round(0.2 * len(keys)))
        val = max(1, round(0.1 * len(keys)))
        return Split(shuffled[test + val :], shuffled[test : test + val], shuffled[:test])
    folds = np.array_split(np.array(_shuffled(keys, seed, 0)), FOLDS)
    rest = [str(key) for i, fold in enumerate(folds) if i != index for key in fold]
    return _hold_out(rest, [str(key) for key in folds[index]], seed)


def _from_file(path: Path, keys: list[str], index: int, seed: int) -> Split:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error}); give a split file") from error
    if isinstance(content, list):
        if not 0 <= index < len(content):
            raise UserError(f"{path} has {len(content)} splits, but --split is {index}")
        content = content[index]
    if not isinstance(content, dict) or "train_keys" not in content or "test_keys" not in content:
        raise UserError(f"{path} has no train_keys and test_keys; give a split file")
    known = set(keys)

    def part(name: str) -> list[str]:
        found = [Path(str(key)).name for key in content.get(name, [])]
        unknown = [key for key in found if key not in known]
        if unknown:
            raise UserError(f"{path} names {unknown[0]}, which the dataset lacks; give the split of this dataset")
        return found

    train, test = part("train_keys"), part("test_keys")
    if "val_keys" not in content:
        return _hold_out(train, test, seed)
    split = Split(train, part("val_keys"), test)
    if not split.train_keys or not split.val_keys:
        raise UserError(f"{path} has no videos to train on or to validate with")
    if set(split.train_keys) & set(split.val_keys + split.test_keys) or set(split.val_keys) & set(split.test_keys):
        raise UserError(f"{path} lists a video in two parts; training would leak into evaluation")
    return split


def _hold_out(train: list[str], test: list[str], seed: int) -> Split:
    if set(train) & set(test):
        raise UserError("the split lists a video both for training and for testing")
    shuffled = _shuffled(train, seed, 1)
    count = math.ceil(len(train) / 8)
    return Split(shuffled[count:], shuffled[:count], test)


def _shuffled(keys: list[str], seed: int, stream: int) -> list[str]:
    order = np.random.default_rng([seed, stream]).permutation(len(keys))
    return [keys[i] for i in order]
