"""``grid``: the training runs behind a table of ablations, and the table.

``components`` is the part of table 5 that needs training, ``levels`` table I,
``annotators`` table III. Every row is trained on each split and tested on the
videos that the split holds out. Finished runs are kept, and an interrupted one
goes on, so that the same command again does what is left.

``OUT/grid.json`` lists the bundles for ``summdiff paper DATASET --grid OUT``,
which prints every measure; the table here has the rank correlations alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .data.annotations import read_annotations
from .data.splits import FOLDS
from .data.video import KINDS, read_videos
from .errors import UserError
from .evaluate import _mean, _nan_mean
from .log import log
from .runtime import BundleRunner
from .train import command as train
from .train.inputs import content_of

LEVELS = (5, 10, 50, 100, 200, 400, 800)
ANNOTATORS = (5, 10, 0)


@dataclass(frozen=True)
class Row:
    """One row of a table: its name, and the flags of ``train`` that make it."""

    name: str
    flags: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The row's name as a folder's."""
        return "".join(c if c.isalnum() else "-" for c in self.name).strip("-").lower()


GRIDS: dict[str, tuple[Row, ...]] = {
    "components": (
        Row("Sinusoidal embedding of K levels", ("--embedding", "sinusoidal")),
        Row("Learned embedding of K levels", ("--embedding", "learned")),
        Row("Without quantisation", ("--no-quantise",)),
    ),
    "levels": tuple(Row(f"K = {k}", ("--k", str(k))) for k in LEVELS),
    "annotators": tuple(
        Row(
            f"{count or 'All'} annotators, {'individual' if individual else 'aggregated'}",
            ("--individual" if individual else "--no-individual", "--annotators", str(count)),
        )
        for count in ANNOTATORS
        for individual in (False, True)
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models grid``."""
    add = parser.add_argument
    add("grid", choices=GRIDS)
    add("--dataset", type=Path, required=True, help="an eccv16-style or Mr. HiSum .h5 file")
    add("--kind", choices=KINDS, required=True)
    add("--annotations", type=Path, help="TVSum's own .tsv or .mat, for feature files without user_scores")
    add("--protocol", nargs="+", default=["tvt"], metavar="NAME", help="tvt, 5fcv, or split FILE")
    add("--splits", type=int, default=FOLDS, help="how many of the protocol's splits")
    add("--train", default="", metavar="FLAGS", help="further flags of train for every row, in quotes")
    add("--samples", type=int, default=5, help="samples a test video")
    add("--steps", type=int, default=10, help="DDIM steps")
    add("--out", type=Path, required=True, help="folder of the runs and of grid.json, table.csv and table.txt")


def run(args: argparse.Namespace) -> None:
    """Train what is left, test, and print the table."""
    if not 1 <= args.splits <= FOLDS:
        raise UserError(f"--splits must be from 1 to {FOLDS}, not {args.splits}")
    if args.protocol[0] == "split":
        args.splits = 1
    rows = GRIDS[args.grid]
    args.out.mkdir(parents=True, exist_ok=True)
    _write_json(args.out / "grid.json", _listing(args, rows))
    annotations = read_annotations(args.annotations) if args.annotations else None
    videos = {video.key: video for video in read_videos(args.dataset, args.kind, annotations)}
    content = content_of(args.dataset, videos)
    found: dict[str, list[dict[str, Any]]] = {row.name: [] for row in rows}
    for split in range(args.splits):
        for row in rows:
            folder = args.out / row.folder / f"split-{split}"
            log(f"{row.name}, split {split + 1} of {args.splits}")
            _train(args, row, split, folder, content)
            found[row.name].append(_test(args, folder, videos))
            _write_table(args, rows, found)
    print((args.out / "table.txt").read_text(encoding="utf-8"), end="")


def _listing(args: argparse.Namespace, rows: tuple[Row, ...]) -> dict[str, Any]:
    return {
        "format": 1,
        "grid": args.grid,
        "dataset": args.dataset.name,
        "kind": args.kind,
        "protocol": args.protocol[0],
        "train": shlex.split(args.train),
        "rows": [
            {
                "name": row.name,
                "flags": list(row.flags),
                "bundles": [f"{row.folder}/split-{split}/bundle" for split in range(args.splits)],
            }
            for row in rows
        ],
    }


def _train(args: argparse.Namespace, row: Row, split: int, folder: Path, content: str) -> None:
    """Train the run, or go on with it; a finished one is checked to be of the same flags and data and left alone."""
    flags = ["--kind", args.kind, "--protocol", *args.protocol, "--split", str(split), *row.flags]
    flags += shlex.split(args.train)
    words = ["--dataset", str(args.dataset), "--out", str(folder), "--name", row.name, *flags]
    if args.annotations:
        words += ["--annotations", str(args.annotations)]
    done = folder / "done.json"
    stated = {"flags": flags, "dataset": content}
    if done.exists():
        if json.loads(done.read_text(encoding="utf-8")) != stated:
            raise UserError(f"{folder} was trained with other flags or data; use the same ones, or another --out")
        return
    parser = argparse.ArgumentParser(prog="train")
    train.add_arguments(parser)
    resume = ["--resume"] if (folder / "last.pt").exists() else []
    train.run(parser.parse_args([*words, *resume]))
    _write_json(done, stated)


def _test(args: argparse.Namespace, folder: Path, videos: dict[str, Any]) -> dict[str, Any]:
    """Mean correlations over the split's test videos; kept beside the run."""
    settings = {"samples": args.samples, "steps": args.steps}
    kept = folder / "result.json"
    if kept.exists():
        result = json.loads(kept.read_text(encoding="utf-8"))
        if result["settings"] == settings:
            return result
    keys = json.loads((folder / "split.json").read_text(encoding="utf-8"))["test_keys"]
    runner = BundleRunner(folder / "bundle")
    values = []
    for number, key in enumerate(keys):
        scores = runner.score(videos[key].features, args.samples, args.steps, number)
        values.append(_mean(scores, videos[key], args.kind))
    tau, rho = _nan_mean(values).tolist()
    result = {"settings": settings, "test_keys": keys, "tau": _defined(tau), "rho": _defined(rho)}
    _write_json(kept, result)
    return result


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _write_table(args: argparse.Namespace, rows: tuple[Row, ...], found: dict[str, list[dict[str, Any]]]) -> None:
    """``table.csv`` and ``table.txt``: mean and standard deviation over splits."""
    head = ["row", "splits", "tau", "tau_std", "rho", "rho_std"]
    lines: list[list[str]] = []
    for row in rows:
        results = found[row.name]
        cells = [row.name, str(len(results))]
        for word in ("tau", "rho"):
            values = [result[word] for result in results if result[word] is not None]
            cells.append(f"{np.mean(values):.4f}" if values else "")
            cells.append(f"{np.std(values, ddof=1):.4f}" if len(values) > 1 else "")
        lines.append(cells)
    with (args.out / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(lines)
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    text = "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
        for line in [head, *lines]
    )
    (args.out / "table.txt").write_text(text + "\n", encoding="utf-8")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)
