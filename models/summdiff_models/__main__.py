"""Command line: ``python -m summdiff_models COMMAND``.

Exit codes: 0 success, 1 failure (one sentence on stderr), 2 usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = {
    "export": ("summdiff_models.export", "turn a checkpoint into a bundle"),
    "train": ("summdiff_models.train.command", "train a network on a dataset file"),
    "evaluate": ("summdiff_models.evaluate", "rank correlations of a bundle on the test videos"),
    "bench": ("summdiff_models.bench", "time sampling in PyTorch, one summary after another"),
    "simulate": ("summdiff_models.data.simulate", "write a simulated dataset file"),
    "extractor": ("summdiff_models.extractors.command", "turn an image network into a bundle"),
}


def main(argv: list[str] | None = None) -> int:
    """Parse ``argv`` and run one command; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
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

    from .errors import UserError

    try:
        modules[args.command].run(args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
