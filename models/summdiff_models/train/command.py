"""``train``: from a dataset file to a bundle."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import __version__
from ..baselines import BASELINES
from ..bundle import MAX_FRAMES, Manifest, Provenance, check_replaceable, new_folder, sha256_of, write_manifest
from ..data.annotations import read_annotations
from ..data.splits import Split, make_split
from ..data.video import KINDS, Kind, Video, features_sha256, natural_order, read_videos
from ..errors import UserError, some
from ..export import read_null_vector, write_summdiff_bundle
from ..extractors.attach import attach_extractor, check_extractor
from ..log import log
from ..network import NetworkOptions
from ..network.options import DENOISERS, EMBEDDINGS
from ..onnx_export import SCORER, compare, write_onnx
from .inputs import settings_of
from .loop import train
from .recipe import SHARED, Recipe, recipe_for
from .state import Progress, best_weights
from .tasks import ScorerTask, SummDiffTask, make_items


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models train``."""
    add = parser.add_argument
    add("--dataset", type=Path, required=True, help="an eccv16-style or Mr. HiSum .h5 file")
    add("--kind", choices=KINDS, required=True)
    add("--protocol", nargs="+", default=["tvt"], metavar="NAME", help="tvt, 5fcv, or split FILE")
    add("--split", type=int, default=0, help="which of the protocol's splits, from 0")
    add("--split-seed", type=int, default=0, help="seed of the random splits")
    add("--annotations", type=Path, help="TVSum's own .tsv or .mat, for feature files without user_scores")
    add("--network", choices=("summdiff", *BASELINES), default="summdiff")
    add("--null-video", type=Path, help="null vector [dim] for guidance, .npy; zeros by default")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto")
    add("--threads", type=int, help="CPU threads; all by default")
    add("--resume", action="store_true", help="go on with an interrupted run in --out")
    recipe = parser.add_argument_group("recipe (the paper's for the dataset by default)")
    recipe.add_argument("--denoiser", type=str.lower, choices=DENOISERS)
    recipe.add_argument("--embedding", choices=EMBEDDINGS, help="of score levels: a learned codebook, or a fixed code")
    recipe.add_argument(
        "--quantise", action=argparse.BooleanOptionalAction, help="score levels; without, a sinusoidal code of scores"
    )
    recipe.add_argument("--loss", choices=("score", "logit"))
    recipe.add_argument(
        "--individual", action=argparse.BooleanOptionalAction, help="every annotator's scores, or their mean"
    )
    for field in dataclasses.fields(Recipe):
        if field.type in ("int", "float"):
            flag = "--" + field.name.replace("_", "-")
            recipe.add_argument(flag, type=int if field.type == "int" else float)
    out = parser.add_argument_group("bundle")
    out.add_argument("--out", type=Path, required=True, help="folder of the run; the bundle is OUT/bundle")
    out.add_argument("--extractor", help="folder or name of an extractor to put into the bundle")
    out.add_argument("--name", help="name of the bundle")
    out.add_argument("--data", help="provenance: data; the dataset's file name by default")
    out.add_argument("--licence", default="not stated", help="provenance: licence of the weights")


def run(args: argparse.Namespace) -> None:
    """Run the command; raises ``UserError`` with one sentence."""
    if args.threads is not None:
        if args.threads < 1:
            raise UserError(f"--threads must be at least 1, not {args.threads}")
        torch.set_num_threads(args.threads)
    device = _device(args.device)
    if args.quantise is False and (args.k is not None or args.embedding == "learned"):
        raise UserError("--no-quantise has no levels to learn; leave out --k and --embedding learned")
    recipe = _recipe(args)
    begun = (args.out / "last.pt").exists()
    if begun and not args.resume:
        raise UserError(f"{args.out} holds a run already; give --resume to go on with it, or another --out")
    annotations = read_annotations(args.annotations) if args.annotations else None
    videos = {video.key: video for video in read_videos(args.dataset, args.kind, annotations)}
    split = make_split(args.protocol, list(videos), args.split, args.split_seed)
    rated = [videos[key] for key in split.train_keys + split.val_keys]
    if recipe.annotators and not any(video.rated for video in rated):
        raise UserError(f"{args.dataset} has no annotators to choose --annotators from; give --annotations FILE")
    if recipe.individual and not _individual(args.dataset, rated, asked=args.individual is True):
        recipe = dataclasses.replace(recipe, individual=False)
    dim_in = next(iter(videos.values())).dim
    null = read_null_vector(args.null_video, dim_in)
    null = np.zeros(dim_in, np.float32) if null is None else null
    _check_bundle(args, dim_in)
    torch.manual_seed(recipe.seed)
    task = _task(recipe, dim_in, null, device)
    settings = settings_of(recipe, split, args.kind, args.dataset, videos, null, args.annotations)
    if not begun:  # a run that is gone on with keeps what it wrote: a refused --resume must not change its split
        _write_settings(args.out, recipe, split)
    items = make_items(
        [videos[key] for key in split.train_keys], recipe.individual, recipe.annotators, recipe.seed
    )
    validation = [videos[key] for key in split.val_keys][: recipe.val_videos or None]
    log(f"{recipe.network}: {len(items)} score rows of {len(split.train_keys)} videos, {len(validation)} to validate")
    progress = train(task, items, validation, args.kind, recipe, args.out, settings, args.resume, device)
    task.module.load_state_dict(best_weights(args.out, device))
    _write_bundle(args, recipe, split, progress, task, dim_in, null, _training_record(args, split, videos))


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("no CUDA device was found; use --device cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _recipe(args: argparse.Namespace) -> Recipe:
    base = recipe_for(args.kind, args.network)
    names = {field.name for field in dataclasses.fields(Recipe)} - {"network"}
    given = {name: value for name in names if (value := getattr(args, name, None)) is not None}
    ignored = sorted("--" + name.replace("_", "-") for name in given if name not in SHARED)
    if args.network != "summdiff" and ignored:
        log(f"{args.network} takes no {', '.join(ignored)}: ignored")
    try:
        return dataclasses.replace(base, **given)
    except ValueError as error:
        raise UserError(str(error)) from error


def _task(recipe: Recipe, dim_in: int, null: np.ndarray, device: torch.device) -> SummDiffTask | ScorerTask:
    if recipe.network != "summdiff":
        return ScorerTask(recipe.network, dim_in, device)
    shared = {field.name for field in dataclasses.fields(NetworkOptions)}
    values = {key: value for key, value in recipe.to_json().items() if key in shared}
    try:
        options = NetworkOptions(dim_in=dim_in, **values)
    except ValueError as error:
        raise UserError(f"{error}; change the recipe's flags") from error
    return SummDiffTask(options, recipe, null, device)


def _individual(dataset: Path, videos: list[Video], asked: bool) -> bool:
    """Whether every annotator's own scores are trained on: where no video has them, the mean is, and it is said and recorded.

    Refuses a mixture of both, and the mean where ``--individual`` asked for more.
    """
    unrated = sorted((video.key for video in videos if not video.rated), key=natural_order)
    if not unrated:
        return True
    if asked or len(unrated) < len(videos):
        raise UserError(
            f"{dataset} has no user_scores of {some(unrated)}; give --annotations FILE,"
            " or --no-individual to train on the mean"
        )
    log(
        f"{dataset} has no user_scores: trained on the mean scores, as by --no-individual;"
        " --annotations FILE gives every annotator's own"
    )
    return False



def _check_bundle(args: argparse.Namespace, dim_in: int) -> None:
    """Refuse now what would otherwise fail after the last epoch, when the bundle is written."""
    inputs = [path for path in (args.dataset, args.annotations, args.null_video) if path]
    if args.extractor:
        inputs.append(check_extractor(args.extractor, dim_in))
    check_replaceable(args.out / "bundle", inputs)


def _write_settings(out: Path, recipe: Recipe, split: Split) -> None:
    out.mkdir(parents=True, exist_ok=True)
    _write_json(out / "split.json", split.to_json())
    _write_json(out / "recipe.json", recipe.to_json())


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _training_record(args: argparse.Namespace, split: Split, videos: dict[str, Video]) -> dict[str, Any]:
    """What ``bundle.json`` says of training, so that ``evaluate`` tests on other videos.

    Videos are known by the SHA-256 of their features (float32 [N, D], row by
    row, little-endian), whatever a file calls them.
    """
    seen = split.train_keys + split.val_keys
    return {
        "dataset": args.dataset.name,
        "dataset_sha256": sha256_of(args.dataset),
        "protocol": Path(args.protocol[-1]).name,
        "split": args.split,
        "split_seed": args.split_seed,
        **split.to_json(),
        "features_sha256": {key: features_sha256(videos[key]) for key in seen},
    }


def _write_bundle(
    args: argparse.Namespace,
    recipe: Recipe,
    split: Split,
    progress: Progress,
    task: SummDiffTask | ScorerTask,
    dim_in: int,
    null: np.ndarray,
    training: dict[str, Any],
) -> None:
    kind: Kind = args.kind
    tau = "undefined" if progress.best_tau is None else f"{progress.best_tau:.4f}"
    provenance = Provenance(
        data=args.data or f"{args.dataset.name} (sha256 {sha256_of(args.dataset)[:12]}…), {kind}",
        recipe=f"summdiff_models {__version__} train, {recipe.network}, epoch {progress.best_epoch} of"
        f" {recipe.epochs}, seed {recipe.seed}, protocol {' '.join(Path(word).name for word in args.protocol)}",
        licence=args.licence,
        notes=f"validation tau {tau} on {len(split.val_keys)} videos; {len(split.test_keys)} test videos were not seen",
    )
    out, name = args.out / "bundle", args.name or f"{recipe.network}-{kind}"
    task.module.cpu().eval()
    if isinstance(task, SummDiffTask):
        guided = recipe.p_uncond > 0
        write_summdiff_bundle(
            task.module,
            out,
            name=name,
            version="1",
            description=f"SummDiff trained on {args.dataset.name}",
            provenance=provenance,
            guidance=recipe.guidance if guided else 0.0,
            null_vector=null if guided else None,
            extractor=args.extractor,
            attention=recipe.denoiser == "dit",
            training=training,
        )
        return
    with new_folder(out) as folder:
        attached = attach_extractor(args.extractor, folder, dim_in) if args.extractor else None
        write_scorer(task.module, dim_in, folder / "scorer.onnx")
        title = BASELINES[recipe.network].title
        described = f"{title}, trained on {args.dataset.name}"
        write_manifest(
            folder,
            Manifest(
                name,
                "1",
                "scorer",
                described,
                provenance,
                dim_in=dim_in,
                max_frames=MAX_FRAMES,
                extractor=attached,
                training=training,
            ),
        )
    log(f"wrote {out}")


def write_scorer(module: torch.nn.Module, dim_in: int, path: Path) -> None:
    """``scorer.onnx``, checked at lengths 1, 2, 37 and 150."""
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randn(n, dim_in, generator=generator) for n in (9, 1, 2, 37, 150)]
    write_onnx(module, (rows[0],), SCORER, path)
    worst = compare(module, path, SCORER, [(row,) for row in rows[1:]])
    log(f"scorer.onnx: within {worst:.1e} of PyTorch")
