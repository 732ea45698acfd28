"""A training run on disk: resumable state, best weights, and the CSV log."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import UserError
from ..log import log
from .inputs import SPOKEN, STATED_LATER

LOG_FIELDS = ("epoch", "loss", "learning_rate", "val_tau", "val_rho", "best", "seconds")


class Ema:
    """Exponential moving average of a module's weights; a decay of 0 means none."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.shadow = {key: value.detach().clone() for key, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """After an optimiser step."""
        for key, value in module.state_dict().items():
            if value.is_floating_point():
                self.shadow[key].lerp_(value, 1 - self.decay)
            else:
                self.shadow[key].copy_(value)


@dataclass
class Progress:
    """Where a run stands; ``best_tau`` is ``None`` until an epoch had a defined tau."""

    epoch: int = 0
    best_tau: float | None = None
    best_epoch: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)


def save_atomically(content: object, path: Path) -> None:
    """Write beside and rename, so that an interrupted run never leaves half a file."""
    partial = path.with_suffix(path.suffix + ".partial")
    with partial.open("wb") as file:  # given a path, torch raises no OSError where the disk is full
        torch.save(content, file)
    os.replace(partial, path)


def save(
    folder: Path,
    module: nn.Module,
    ema: Ema | None,
    optimiser: torch.optim.Optimizer,
    progress: Progress,
    settings: dict[str, Any],
) -> None:
    """``last.pt``: everything that ``load`` needs to go on."""
    save_atomically(
        {
            "model": module.state_dict(),
            "ema": None if ema is None else ema.shadow,
            "optimiser": optimiser.state_dict(),
            "epoch": progress.epoch,
            "best_tau": progress.best_tau,
            "best_epoch": progress.best_epoch,
            "rows": progress.rows,
            "settings": settings,
        },
        folder / "last.pt",
    )


def load(
    folder: Path,
    module: nn.Module,
    ema: Ema | None,
    optimiser: torch.optim.Optimizer,
    settings: dict[str, Any],
    device: torch.device,
) -> Progress:
    """Restore a run from ``last.pt``; settings other than those it began with are an error."""
    path = folder / "last.pt"
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        before = dict(content["settings"])
    except Exception as error:  # torch raises many types for damaged files
        raise UserError(f"{path} cannot be read; train anew into another --out") from error
    unstated = sorted(key for key in settings if key not in before)
    if set(unstated) <= STATED_LATER:
        before |= {key: settings[key] for key in unstated}
    changed = [key for key, value in settings.items() if before.get(key) != value]
    if changed:
        name = changed[0]
        what = SPOKEN.get(name) or f"{name} = {before.get(name)}, not {settings[name]}"
        raise UserError(f"{path} was begun with {what}; use the same flags and files, or another --out")
    if unstated:
        log(f"{path} is of an older version and does not state its {', '.join(unstated)}: be sure they are the same")
    module.load_state_dict(content["model"])
    if ema is not None:
        ema.shadow = {key: value.clone() for key, value in content["ema"].items()}
    optimiser.load_state_dict(content["optimiser"])
    return Progress(content["epoch"], content["best_tau"], content["best_epoch"], content["rows"])


def write_log(folder: Path, progress: Progress) -> None:
    """``log.csv``, one row an epoch."""
    with (folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, LOG_FIELDS)
        writer.writeheader()
        writer.writerows(progress.rows)


def best_weights(folder: Path, device: torch.device) -> dict[str, Tensor]:
    """The state dict of ``best.pkl``."""
    return torch.load(folder / "best.pkl", map_location=device, weights_only=True)
