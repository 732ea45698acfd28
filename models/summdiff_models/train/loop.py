"""The epochs: shuffle, step, validate, keep the best, save.

Each epoch's randomness depends on the seed and the epoch alone, so a resumed
run gives the same weights as one that was never interrupted (on the CPU).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.video import Kind, Video
from ..errors import UserError
from ..log import log
from ..metrics import correlations
from .recipe import Recipe
from .state import Ema, Progress, load, save, save_atomically, write_log
from .tasks import Diverged, Item, Task


def train(
    task: Task,
    items: list[Item],
    validation: list[Video],
    kind: Kind,
    recipe: Recipe,
    folder: Path,
    settings: dict[str, Any],
    resume: bool,
    device: torch.device,
) -> Progress:
    """Run or go on with a training; the test videos are unknown to it.

    Writes ``last.pt``, ``best.pkl`` (the state dict with the best validation
    tau; EMA weights where EMA is on) and ``log.csv`` into ``folder``.
    """
    optimiser = torch.optim.AdamW(task.module.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    ema = Ema(task.module, recipe.ema_decay) if recipe.ema_decay > 0 else None
    progress = Progress()
    if resume and (folder / "last.pt").is_file():
        progress = load(folder, task.module, ema, optimiser, settings, device)
        log(f"resumed after epoch {progress.epoch}")
    judged = copy.deepcopy(task.module)
    per_epoch = math.ceil(len(items) / recipe.batch_size)
    for epoch in range(progress.epoch + 1, recipe.epochs + 1):
        began = time.monotonic()
        try:
            loss = _epoch(task, items, recipe, optimiser, ema, epoch, per_epoch)
            judged.load_state_dict(task.module.state_dict() if ema is None else ema.shadow)
            _check_weights(judged)
            tau, rho = validate(task, judged, validation, kind, recipe.seed)
        except Diverged as error:
            raise UserError(f"{error} in epoch {epoch}; use a lower --learning-rate") from error
        progress.epoch = epoch
        best = _is_better(tau, progress, epoch == recipe.epochs)
        if best:
            progress.best_tau = tau if math.isfinite(tau) else None
            progress.best_epoch = epoch
            save_atomically(judged.state_dict(), folder / "best.pkl")
        progress.rows.append(
            {
                "epoch": epoch,
                "loss": loss,
                "learning_rate": _learning_rate(recipe, epoch * per_epoch, per_epoch),
                "val_tau": tau,
                "val_rho": rho,
                "best": int(best),
                "seconds": round(time.monotonic() - began, 2),
            }
        )
        save(folder, task.module, ema, optimiser, progress, settings)
        write_log(folder, progress)
        log(f"epoch {epoch}/{recipe.epochs}: loss {loss:.5f}, validation tau {tau:.4f}{' (best)' if best else ''}")
    return progress


def _epoch(
    task: Task,
    items: list[Item],
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    ema: Ema | None,
    epoch: int,
    per_epoch: int,
) -> float:
    torch.manual_seed(_seed(recipe.seed, epoch, 0))  # dropout
    generator = torch.Generator().manual_seed(_seed(recipe.seed, epoch, 1))
    task.module.train()
    losses = []
    for step, batch in enumerate(_batches(items, recipe.batch_size, generator)):
        rate = _learning_rate(recipe, (epoch - 1) * per_epoch + step, per_epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        loss = task.loss(batch, generator)
        loss.backward()
        value = loss.item()
        if not math.isfinite(value):
            raise Diverged(f"the loss became {value}")
        optimiser.step()
        if ema is not None:
            ema.update(task.module)
        losses.append(value * len(batch))
    return sum(losses) / len(items)


def _check_weights(module: torch.nn.Module) -> None:
    """The last step of an epoch can spoil the weights without any loss showing it."""
    for name, weights in module.state_dict().items():
        if not torch.isfinite(weights).all():
            raise Diverged(f"the weights {name} became NaN or infinite")


def _batches(items: list[Item], size: int, generator: torch.Generator) -> Iterator[list[Item]]:
    order = torch.randperm(len(items), generator=generator).tolist()
    for start in range(0, len(order), size):
        yield [items[i] for i in order[start : start + size]]


def _learning_rate(recipe: Recipe, step: int, per_epoch: int) -> float:
    """Cosine annealing from the recipe's rate to 0 over the whole run."""
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * step / (recipe.epochs * per_epoch)))


def _seed(seed: int, epoch: int, stream: int) -> int:
    return int(np.random.SeedSequence([seed, epoch, stream]).generate_state(1, np.uint64)[0] >> 1)


def validate(task: Task, module: torch.nn.Module, videos: list[Video], kind: Kind, seed: int) -> tuple[float, float]:
    """Mean tau and rho over videos and samples; NaN where no video has a defined value."""
    module.eval()
    found = []
    for number, video in enumerate(videos):
        for scores in task.score(module, video, seed + number):
            found.append(correlations(scores, video, kind))
    defined = np.array([pair for pair in found if all(map(math.isfinite, pair))])
    if len(defined) == 0:
        return float("nan"), float("nan")
    return float(defined[:, 0].mean()), float(defined[:, 1].mean())


def _is_better(tau: float, progress: Progress, last: bool) -> bool:
    if math.isfinite(tau):
        return progress.best_tau is None or tau > progress.best_tau
    return last and progress.best_epoch == 0  # better a bundle of the last epoch than none
