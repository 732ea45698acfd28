"""``python -m summdiff_models.lite COMMAND``: make and measure the default bundle, step by step or
all at once.

Photos, clips, teacher and TVSum's ratings are given by path (``--shared`` points at a folder that
holds them all); intermediate files go to ``--work``; every seed is fixed. ``all`` runs the whole
CPU recipe.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path



@dataclass(frozen=True)
class Recipe:
    """Every amount of the recipe; the defaults made the shipped files."""

    chunks: int = 20
    chunk_size: int = 1000  # crops
    distil_steps: int = 900  # length of the first annealing, left at distil_stop
    distil_stop: int = 850
    distil_more: int = 2600  # a second annealing
    groups: int = 320  # of simulated videos, see corpus.one_group
    joint_steps: int = 32_000
    pointwise_steps: int = 5000
    regressor_steps: int = 4000
    held_out_videos: int = 20
    kts_videos: int = 4
    kts_scenes: int = 12
    speed_rounds: int = 12


# Every step at a size that teaches nothing, for tests.
TINY = Recipe(1, 40, 2, 2, 2, 4, 3, 2, 2, 2, 1, 3, 1)
HELD_OUT_KINDS = 12


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m summdiff_models.lite", description=__doc__)
    top.add_argument("--shared", type=Path, default=Path(os.environ.get("SUMMDIFF_SHARED", "../shared")))
    top.add_argument("--photos", type=Path, help="folder of photos")
    top.add_argument("--clips", type=Path, help="folder of clips")
    top.add_argument("--teacher", type=Path, help="mobilenet_v1_embedding.onnx")
    top.add_argument("--tvsum", type=Path, help="ydata-tvsum50.mat")
    top.add_argument("--work", type=Path, default=Path("lite-work"), help="where intermediate files go")
    top.add_argument(
        "--bundle",
        type=Path,
        default=Path(__file__).resolve().parents[2] / "lite",
        help="the bundle's folder",
    )
    top.add_argument("--rows", help="report-denoiser: reference,regressor,pointwise,joint")
    top.add_argument("--tiny", action="store_const", const=TINY, default=Recipe(), dest="recipe", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", required=True)
    for name, summary in {
        "targets": "write augmented crops and the teacher's answers",
        "distil": "train the extractor",
        "scenes": "describe the shots simulated videos are made of",
        "corpus": "simulate the training videos and annotators",
        "train": "train joint, pointwise and regressor",
        "export": "write the bundle",
        "report-extractor": "cosine and neighbours on photos set aside",
        "report-speed": "the extractor's speed beside GoogLeNet's",
        "report-kts": "shot boundaries",
        "report-calibration": "simulated annotators beside TVSum's",
        "report-denoiser": "the table of models",
        "card": "write README.md from the reports",
        "all": "everything",
    }.items():
        commands.add_parser(name, help=summary)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    args = parser().parse_args(argv)
    args.photos = args.photos or args.shared / "data/photos"
    args.clips = args.clips or args.shared / "data/videos"
    args.teacher = args.teacher or args.shared / "networks/mobilenet_v1_embedding.onnx"
    args.tvsum = args.tvsum or args.shared / "data/tvsum/ydata-tvsum50.mat"
    names = [args.command]
    if args.command == "all":
        names = list(STEPS)
    args.work.mkdir(parents=True, exist_ok=True)
    for name in names:
        STEPS[name](args)
    return 0


def targets(args: argparse.Namespace) -> None:
    """Pairs for distillation."""
    from .targets import write_chunks

    recipe = args.recipe
    write_chunks(args.photos, args.clips, args.teacher, args.work / "targets", recipe.chunks, recipe.chunk_size)


def distil(args: argparse.Namespace) -> None:
    """Train the student."""
    from . import distil as module
    from .extractor_file import write_extractor

    first, folder, recipe = args.work / "student_first", args.work / "student", args.recipe
    material = args.teacher, args.work / "targets"
    module.distil(*material, first, recipe.distil_steps, recipe.chunks, stop=recipe.distil_stop)
    module.distil(*material, folder, recipe.distil_more, recipe.chunks, start=first / "student.pt")
    write_extractor(module.load_student(folder / "student.pt"), args.work / "extractor.onnx")


def scenes(args: argparse.Namespace) -> None:
    """The banks of shots of both splits."""
    from .scenes import build_bank

    for held_out, name in ((False, "train"), (True, "held")):
        if (args.work / f"bank_{name}.npz").exists():
            continue
        bank = build_bank(args.photos, args.clips, args.work / "extractor.onnx", held_out)
        bank.save(args.work / f"bank_{name}.npz")
        print(f"scenes: {len(bank.source)} shots ({name})", flush=True)


def corpus(args: argparse.Namespace) -> None:
    """Simulated training videos."""
    from .corpus import write_corpus
    from .scenes import Bank
    from .videos import Studio

    if not (args.work / "corpus.pkl").exists():  # written in one piece at the end
        studio = Studio(Bank.load(args.work / "bank_train.npz"))
        write_corpus(studio, args.work / "corpus.pkl", args.recipe.groups)


def train(args: argparse.Namespace) -> None:
    """The three networks of the table, the joint one beside the two it is compared with."""
    from multiprocessing import Process

    recipe = args.recipe
    lists = [
        (("joint", recipe.joint_steps),),
        (("regressor", recipe.regressor_steps), ("pointwise", recipe.pointwise_steps)),
    ]
    runs = [Process(target=_train_each, args=(args.work, kinds)) for kinds in lists]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    if any(run.exitcode for run in runs):
        raise SystemExit("training stopped early; start the command again to resume")


def _train_each(work: Path, kinds: tuple[tuple[str, int], ...]) -> None:
    from .train import train as run

    for kind, steps in kinds:
        run(work / "corpus.pkl", work / "nets", kind, steps)


def export(args: argparse.Namespace) -> None:
    """The bundle's files."""
    from .bundle import DESCRIPTION, PROVENANCE, VERSION, write_bundle

    write_bundle(
        args.work / "student/student.pt",
        args.work / "nets/joint.pt",
        args.bundle,
        VERSION,
        DESCRIPTION,
        PROVENANCE,
    )


def report_extractor(args: argparse.Namespace) -> None:
    """Student against teacher."""
    from .extractor_report import report

    _publish(args, "extractor", report(args.photos, args.teacher, args.bundle / "extractor.onnx"))


def report_speed(args: argparse.Namespace) -> None:
    """The extractor's speed."""
    from .speed import report

    _publish(args, "speed", report(args.bundle / "extractor.onnx", args.recipe.speed_rounds))


def report_kts(args: argparse.Namespace) -> None:
    """Shot boundaries."""
    from .kts_report import report

    recipe, extractor = args.recipe, args.bundle / "extractor.onnx"
    figures = report(args.photos, args.teacher, extractor, recipe.kts_videos, recipe.kts_scenes)
    _publish(args, "kts", figures)


def held_out_studio(args: argparse.Namespace):
    """Videos of what was set aside, described by the bundle's extractor."""
    from .scenes import Bank, build_bank
    from .videos import Studio

    path = args.work / "bank_held.npz"
    if not path.exists():
        build_bank(args.photos, args.clips, args.bundle / "extractor.onnx", True).save(path)
    return Studio(Bank.load(path), kinds=HELD_OUT_KINDS)


def report_calibration(args: argparse.Namespace) -> None:
    """Simulated annotators beside TVSum's."""
    from . import calibration

    real = calibration.tvsum_shots(args.tvsum)
    made = calibration.simulated_like(held_out_studio(args), [v.shape[1] for v in real])
    figures = calibration.describe(real), calibration.describe(made)
    _publish(
        args,
        "calibration",
        {"tvsum": figures[0], "simulated": figures[1]},
        calibration.table(*figures),
    )


def report_denoiser(args: argparse.Namespace) -> None:
    """The table of models on held-out simulated videos."""
    from .evaluate import ROWS, evaluate, table

    studio = held_out_studio(args)
    rows = tuple(args.rows.split(",")) if args.rows else ROWS
    path = args.work / "report_denoiser.json"
    # Rows measured earlier stay: the networks beside the bundle need not be trained again.
    summary = json.loads(path.read_text()) if path.exists() else {}
    summary |= evaluate(studio, args.bundle, args.work / "nets", args.recipe.held_out_videos, rows)
    _publish(args, "denoiser", summary, table(summary))


def card(args: argparse.Namespace) -> None:
    """The model card, from the reports."""
    from .card import write_card

    write_card(args.work, args.bundle, args.recipe)


def _publish(args: argparse.Namespace, name: str, figures: object, text: str | None = None) -> None:
    (args.work / f"report_{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text or json.dumps(figures, indent=1), flush=True)


STEPS = {
    "targets": targets,
    "distil": distil,
    "scenes": scenes,
    "corpus": corpus,
    "train": train,
    "export": export,
    "report-extractor": report_extractor,
    "report-speed": report_speed,
    "report-kts": report_kts,
    "report-calibration": report_calibration,
    "report-denoiser": report_denoiser,
    "card": card,
}

if __name__ == "__main__":
    sys.exit(main())
