"""Distillation: train the student towards the teacher's embedding of the same crop."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .student import SeparableNet, as_input, pruned_from, teacher_as_torch

BATCH = 32
WARM_UP = 60


def distil_loss(out: torch.Tensor, wanted: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
    """1 − cosine, raw and about the teacher's mean: the second keeps what tells pictures apart."""
    raw = 1 - functional.cosine_similarity(out, wanted)
    scaled = out * (wanted.norm(dim=1, keepdim=True) / out.norm(dim=1, keepdim=True).clamp_min(1e-6)).detach()
    centred = 1 - functional.cosine_similarity(scaled - centre, wanted - centre)
    size = (out.norm(dim=1) / wanted.norm(dim=1).clamp_min(1e-6) - 1) ** 2
    return (raw + centred + 0.1 * size).mean()


def distil(
    teacher_path: Path,
    targets: Path,
    out: Path,
    steps: int,
    chunks: int,
    rate: float = 4e-4,
    stop: int | None = None,
    start: Path | None = None,
) -> None:
    """Train for ``steps`` batches of 32 over ``chunks`` chunks (waits for chunks still being
    written).

    ``start``: weights to begin from, else the pruned teacher. Writes ``student.pt`` (exponential moving average), every 100 steps, and resumes from
    ``state.pt``.
    """
    torch.set_num_threads(1)
    torch.manual_seed(3)
    out.mkdir(parents=True, exist_ok=True)
    first = load_chunk(targets, 0)
    centre = torch.from_numpy(first[1].astype(np.float32).mean(0))
    if start is not None:
        net = load_student(start)
    elif (out / "init.pt").exists():
        net = SeparableNet()
        net.load_state_dict(torch.load(out / "init.pt", weights_only=True))
    else:
        net = pruned_from(teacher_as_torch(teacher_path), as_input(first[0][:300]))
        torch.save(net.state_dict(), out / "init.pt")
    net = net.to(memory_format=torch.channels_last).train()
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step = 0
    if (out / "state.pt").exists():
        state = torch.load(out / "state.pt", weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        average, step = state["average"], state["step"]
    chunk_id, order, chunk, running, began = -1, None, first, None, time.time()
    per_chunk = max(1, len(first[0]) // BATCH)
    last = min(steps, stop or steps)
    while step < last:
        wanted_chunk = (step // per_chunk) % chunks
        if wanted_chunk != chunk_id:
            chunk_id, chunk = wanted_chunk, load_chunk(targets, wanted_chunk)
            order = np.random.default_rng([step // per_chunk]).permutation(len(chunk[0]))
        rows = order[(step % per_chunk) * BATCH : (step % per_chunk + 1) * BATCH]
        progress = step / steps
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        images = as_input(chunk[0][rows]).contiguous(memory_format=torch.channels_last)
        loss = distil_loss(net(images), torch.from_numpy(chunk[1][rows].astype(np.float32)), centre)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        keep = min(0.99, (step + 1) / (step + 10))
        for key, value in net.state_dict().items():
            average[key].lerp_(value, 1 - keep)
        step += 1
        running = loss.item() if running is None else 0.95 * running + 0.05 * loss.item()
        if step % 50 == 0 or step == last:
            torch.save(average, out / "student.pt")
            torch.save(
                {
                    "net": net.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average,
                    "step": step,
                },
                out / "state.pt",
            )
            line = {"step": step, "loss": round(running, 4), "secs": round(time.time() - began)}
            print("distil:", json.dumps(line), flush=True)


def load_chunk(targets: Path, index: int) -> tuple[np.ndarray, np.ndarray]:
    """(images uint8, targets float16) of one chunk; waits until it is written."""
    path = targets / f"chunk_{index:04d}.npz"
    while not path.exists():
        time.sleep(2)
    with np.load(path) as data:
        return data["images"], data["targets"]


def load_student(path: Path) -> SeparableNet:
    """The trained student, ready to run."""
    net = SeparableNet()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()
