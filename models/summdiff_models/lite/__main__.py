"""``python -m summdiff_models.lite COMMAND``: make and measure the default bundle, step by step or
all at once.

Everything it learns from lies under ``--shared``; intermediate files go to ``--work``; every seed is
fixed, and every step keeps what is there. ``all`` runs the whole CPU recipe.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .people import RatedFrames, Taste, Tvsum
    from .scenes import Bank

MODELS = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Recipe:
    """Every amount of the recipe; the defaults made the shipped files."""

    groups: int = 320  # of simulated videos, see corpus.one_group
    joint_steps: int = 9800
    joint_rate: float = 1e-3
    regressor_steps: int = 1000
    held_out_videos: int = 16
    kinds: int | None = None


# Every step at a size that teaches nothing, for tests.
TINY = Recipe(groups=3, joint_steps=2, regressor_steps=2, held_out_videos=1, kinds=4)
HELD_OUT_KINDS = 12


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m summdiff_models.lite", description=__doc__)
    top.add_argument("--shared", type=Path, default=Path(os.environ.get("SUMMDIFF_SHARED", "../shared")))
    top.add_argument("--work", type=Path, default=Path("lite-work"), help="where intermediate files go")
    top.add_argument("--bundle", type=Path, default=MODELS / "lite", help="the bundle's folder")
    top.add_argument("--before", type=Path, default=MODELS / "lite-1", help="version 1, to begin from and compare with")
    top.add_argument(
        "--analysis", type=Path, action="append", default=[], help="report-real: `summdiff analyze --json` of paluma_jump"
    )
    top.add_argument("--tiny", action="store_const", const=TINY, default=Recipe(), dest="recipe", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", required=True)
    for name, (_, summary) in STEPS.items():
        commands.add_parser(name, help=summary)
    commands.add_parser("report-real", help="real raters of a real video; needs --analysis")
    viewers = commands.add_parser("viewers", help="held-out videos with simulated viewers as a dataset file")
    viewers.add_argument("--videos", type=int, default=16)
    viewers.add_argument("--viewers", type=int, default=20)
    viewers.add_argument("--out", type=Path, required=True, help="the .h5 file")
    commands.add_parser("all", help="everything but report-real and viewers")
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    args = parser().parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    if args.command == "report-real":
        report_real(args)
    if args.command == "viewers":
        viewers(args)
    for name in STEPS if args.command == "all" else [args.command]:
        if name in STEPS:
            STEPS[name][0](args)
    return 0


def extractor(args: argparse.Namespace) -> None:
    """EfficientNet-Lite0, projected onto what training pictures vary in."""
    from . import extractor as module
    from .pictures import clip_frames, load_photo, split_photos

    out, exact = args.work / "extractor.onnx", args.work / "extractor_exact.onnx"
    if out.exists():
        return
    network = args.shared / "networks/efficientnet_lite0_pool_1280.onnx"
    photos = [load_photo(p) for p in split_photos(args.shared / "data/photos", held_out=False)]
    clips = [clip_frames(p, 1.0) for p in sorted((args.shared / "data/videos").iterdir())]
    frames = [f for clip in clips for f in clip[: int(len(clip) * 0.7)]]
    basis = module.basis_of(module.Extractor(network, normalise=False)(photos + frames))
    module.write_extractor(network, basis, exact, short=False)
    module.write_extractor(network, basis, out)


def scenes(args: argparse.Namespace) -> None:
    """The banks of both splits, the held-out one as version 1 sees it, too."""
    from .extractor import Extractor
    from .scenes import build_banks

    ours, before = Extractor(args.work / "extractor.onnx"), Extractor(args.before / "extractor.onnx", 128, 128.0)
    for held_out, names, extractors in ((False, ["train"], [ours]), (True, ["held", "held_before"], [ours, before])):
        if (args.work / f"bank_{names[-1]}.npz").exists():
            continue
        banks = build_banks(args.shared / "data/photos", args.shared / "data/videos", extractors, held_out)
        for name, bank in zip(names, banks):
            bank.save(args.work / f"bank_{name}.npz")
            print(f"scenes: {len(bank.source)} shots, {len(bank.take_features)} takes ({name})", flush=True)


def bank(args: argparse.Namespace, name: str) -> Bank:
    """A bank that ``scenes`` wrote."""
    from .scenes import Bank

    return Bank.load(args.work / f"bank_{name}.npz")


def tvsum_and_frames(args: argparse.Namespace) -> tuple[list[Tvsum], RatedFrames]:
    """TVSum's ratings, and its rated frames."""
    from .people import rated_frames, read_tvsum

    videos = read_tvsum(args.shared / "data/tvsum/ydata-tvsum50.mat")
    return videos, rated_frames(args.shared / "data/tvsum/frames", videos)


def people(args: argparse.Namespace) -> None:
    """What simulated viewers take from real ones."""
    from .extractor import Extractor
    from .people import learn_taste, read_summe

    if (args.work / "taste.pkl").exists():
        return
    videos, frames = tvsum_and_frames(args)
    features = Extractor(args.work / "extractor.onnx")(frames.pictures)
    taste = learn_taste(features, frames, [v.shots() for v in videos], read_summe(args.shared / "data/summe/GT"))
    (args.work / "taste.pkl").write_bytes(pickle.dumps(taste))


def taste_of(args: argparse.Namespace) -> Taste:
    """What ``people`` wrote (own files only: pickled)."""
    return pickle.loads((args.work / "taste.pkl").read_bytes())


def corpus(args: argparse.Namespace) -> None:
    """Simulated training videos."""
    from .corpus import write_corpus
    from .videos import Studio

    if not (args.work / "corpus.pkl").exists():  # written in one piece at the end
        studio = Studio(bank(args, "train"), args.recipe.kinds)
        write_corpus(studio, taste_of(args), args.work / "corpus.pkl", args.recipe.groups)


def train(args: argparse.Namespace) -> None:
    """The network, from version 1 on, and the regressor that it is compared with."""
    import torch

    from .extractor import Extractor
    from .network import Regressor, Sizes, SummaryNet
    from .pictures import load_photo, split_photos
    from .train import train as run
    from .warm_start import begin_from

    torch.manual_seed(0)
    net, recipe = SummaryNet(Sizes()), args.recipe
    photos = [load_photo(p) for p in split_photos(args.shared / "data/photos", held_out=False)]
    old, new = Extractor(args.before / "extractor.onnx", 128, 128.0), Extractor(args.work / "extractor.onnx")
    begin_from(args.before, net, old(photos), new(photos))
    curves = taste_of(args).curves
    run(args.work / "corpus.pkl", curves, net, args.work / "joint.pt", recipe.joint_steps, recipe.joint_rate)
    run(args.work / "corpus.pkl", curves, Regressor(Sizes()), args.work / "regressor.pt", recipe.regressor_steps, 2e-3)


def export(args: argparse.Namespace) -> None:
    """The bundle's files."""
    from .bundle import write_bundle

    write_bundle(args.work / "extractor.onnx", args.work / "joint.pt", args.bundle)


def report_extractor(args: argparse.Namespace) -> None:
    """Storage error, speed, and what a ridge on rated frames learns, beside version 1."""
    from .evaluate import BEFORE, SETTINGS
    from .extractor import Extractor, cpu_millis, storage_error
    from .people import one_rater, ridge_report
    from .real_check import slides

    exact = args.work / "extractor_exact.onnx"
    if not exact.exists():
        raise SystemExit(f"{exact} is not there: run the step `extractor` first")
    frames = tvsum_and_frames(args)[1]
    ours, before = args.bundle / "extractor.onnx", args.before / "extractor.onnx"
    seen, seen_before = Extractor(ours)(frames.pictures), Extractor(before, 128, 128.0)(frames.pictures)
    _publish(
        args,
        "extractor",
        {
            "frames": len(frames.pictures),
            "storage": storage_error(exact, ours, frames.pictures),
            "millis": cpu_millis(ours),
            "millis before": cpu_millis(before, 128),
            "ridge": ridge_report(seen, frames),
            "ridge before": ridge_report(seen_before, frames),
            "slides": slides(args.bundle, seen, frames, SETTINGS["lite"]),
            "slides before": slides(args.before, seen_before, frames, BEFORE["version 1"]),
            "one rater": one_rater(frames),
        },
    )


def report_calibration(args: argparse.Namespace) -> None:
    """Simulated annotators beside TVSum's."""
    from . import calibration
    from .videos import Studio

    real = [v.shots() for v in tvsum_and_frames(args)[0]]
    studio = Studio(bank(args, "held"), args.recipe.kinds or HELD_OUT_KINDS)
    made = calibration.simulated_like(studio, taste_of(args), [v.shape[1] for v in real])
    _publish(args, "calibration", {"tvsum": calibration.describe(real), "simulated": calibration.describe(made)})


def report_denoiser(args: argparse.Namespace) -> None:
    """The table of samples on held-out simulated videos."""
    from .evaluate import evaluate, held_out_videos, table
    from .videos import Studio

    studio = Studio(bank(args, "held"), args.recipe.kinds or HELD_OUT_KINDS)
    before = Studio(bank(args, "held_before"), like=studio)
    videos = held_out_videos(studio, before, taste_of(args), args.recipe.held_out_videos)
    summary = evaluate(videos, args.bundle, args.before, args.work / "regressor.pt")
    _publish(args, "denoiser", summary, table(summary))


def report_real(args: argparse.Namespace) -> None:
    """Real people on a real video, one row for each analysis."""
    from .real_check import report

    truth = args.shared / "data/summe/GT/paluma_jump.mat"
    _publish(args, "real", [report(path, truth) for path in args.analysis])


def viewers(args: argparse.Namespace) -> None:
    """A dataset file of held-out videos and simulated viewers, from what the shipped bundle sees."""
    from .extractor import Extractor
    from .people import learn_taste, read_summe
    from .scenes import build_banks
    from .videos import Studio
    from .viewers import write_viewers

    see = Extractor(args.bundle / "extractor.onnx")
    videos, frames = tvsum_and_frames(args)
    taste = learn_taste(see(frames.pictures), frames, [v.shots() for v in videos], read_summe(args.shared / "data/summe/GT"))
    [held] = build_banks(args.shared / "data/photos", args.shared / "data/videos", [see], held_out=True)
    write_viewers(args.out, Studio(held, args.recipe.kinds or HELD_OUT_KINDS), taste, args.videos, args.viewers)


def card(args: argparse.Namespace) -> None:
    """The model card, from the reports."""
    from .card import write_card

    write_card(args.work, args.bundle, args.recipe)


def _publish(args: argparse.Namespace, name: str, figures: object, text: str | None = None) -> None:
    (args.work / f"report_{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text or json.dumps(figures, indent=1), flush=True)


STEPS = {
    "extractor": (extractor, "write the extractor"),
    "scenes": (scenes, "describe what simulated videos are made of"),
    "people": (people, "learn from rated frames and real annotators"),
    "corpus": (corpus, "simulate the training videos and annotators"),
    "train": (train, "train the network and the mean regressor"),
    "export": (export, "write the bundle"),
    "report-extractor": (report_extractor, "storage error, speed, rated frames"),
    "report-calibration": (report_calibration, "simulated annotators beside TVSum's"),
    "report-denoiser": (report_denoiser, "the table of samples"),
    "card": (card, "write README.md from the reports"),
}

if __name__ == "__main__":
    sys.exit(main())
