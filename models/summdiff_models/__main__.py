"""Command line: ``python -m summdiff_models COMMAND``.

Exit codes: 0 success, 1 failure (one sentence on stderr), 2 usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from .errors import UserError

COMMANDS = {
    "export": ("summdiff_models.export", "turn a checkpoint into a bundle"),
    "train": ("summdiff_models.train.command", "train a network on a dataset file"),
    "grid": ("summdiff_models.grid", "train a grid of settings and print its table"),
    "evaluate": ("summdiff_models.evaluate", "rank correlations of a bundle on the test videos"),
    "bench": ("summdiff_models.bench", "time sampling in PyTorch, one summary after another"),
    "cuts": ("summdiff_models.cuts", "measure hard cuts on edited films, beside TransNetV2"),
    "segments": ("summdiff_models.segments", "table of how the program cuts clips into segments"),
    "simulate": ("summdiff_models.data.simulate", "write a simulated dataset file"),
    "extractor": ("summdiff_models.extractors.command", "turn an image network into a bundle"),
}


def main(argv: list[str] | None = None) -> int:
    """Parse ``argv`` and run one command; returns the exit code."""
    try:
        _run(sys.argv[1:] if argv is None else argv)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # no room, no rights, a folder in place of a file
        print(f"error: {_sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _run(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m summdiff_models", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in argv if not word.startswith("-")), None)
    modules = {}
    for name, (module, summary) in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary)
        if name == chosen:  # importing torch for --help of everything would take seconds
            modules[name] = importlib.import_module(module)
            modules[name].add_arguments(sub)
    args = parser.parse_args(argv)
    modules[args.command].run(args)


def _sentence(error: OSError) -> str:
    reason = " ".join((error.strerror or str(error) or type(error).__name__).split())
    return reason if error.filename is None else f"{error.filename}: {reason}"


if __name__ == "__main__":
    sys.exit(main())
