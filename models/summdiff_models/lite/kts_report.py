"""Shot boundaries found by KTS on edits with known cuts: student, teacher, colour histograms,
random GoogLeNet.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .scenes import Extractor, camera_move
from .selection import kts
from .sources import load_photo, split_photos
from .targets import Teacher

SETTINGS = ("mixed scenes", "similar scenes", "one place")
TOLERANCE = 1  # picks, half a second


def colour_histogram(images: list[Image.Image], bins: int = 8) -> np.ndarray:
    """Joint RGB histogram, 8×8×8, square root, L2 norm 1."""
    rows = []
    for image in images:
        counts, _ = np.histogramdd(np.asarray(image.resize((96, 54))).reshape(-1, 3), (bins,) * 3, [(0, 256)] * 3)
        rows.append(np.sqrt(counts.ravel() / counts.sum()))
    return np.stack(rows).astype(np.float32)


class RandomGoogLeNet:
    """torchvision's GoogLeNet with random weights: what the architecture alone sees."""

    def __init__(self) -> None:
        from torchvision.models import googlenet

        torch.manual_seed(0)
        self.net = googlenet(weights=None, init_weights=True, aux_logits=False).eval()
        self.net.fc = torch.nn.Identity()

    @torch.no_grad()
    def __call__(self, images: list[Image.Image]) -> np.ndarray:
        out = []
        for start in range(0, len(images), 16):
            batch = np.stack(
                [np.asarray(i.resize((224, 224), Image.Resampling.BILINEAR)) for i in images[start : start + 16]]
            )
            x = (torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255 - 0.45) / 0.225
            out.append(self.net(x).numpy())
        return np.concatenate(out)


def unit(x: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return x / np.linalg.norm(x, axis=1, keepdims=True).clip(1e-12)


def made_video(
    pictures: list[Image.Image], order: list[int], rng: np.random.Generator
) -> tuple[list[Image.Image], list[int]]:
    """Frames at 2 per second of one shot (2 to 7 s) per picture of ``order``, and the cuts."""
    frames, cuts = [], []
    for pick in order:
        if frames:
            cuts.append(len(frames))
        frames += camera_move(pictures[pick], rng, int(rng.integers(4, 15)))
    return frames, cuts


def boundary_scores(found: list[int], true: list[int]) -> tuple[float, float, float]:
    """Precision, recall and F1; each boundary matches at most one within ``TOLERANCE``."""
    left, hits = sorted(true), 0
    for point in sorted(found):
        near = [t for t in left if abs(t - point) <= TOLERANCE]
        if near:
            left.remove(near[0])
            hits += 1
    precision, recall = hits / max(len(found), 1), hits / max(len(true), 1)
    return precision, recall, 2 * hits / max(len(found) + len(true), 1)


def report(
    photos: Path,
    teacher: Path,
    extractor: Path,
    videos: int = 4,
    scenes: int = 12,
    settings: tuple[str, ...] = SETTINGS,
) -> list[dict]:
    """Mean figures of each feature on mixed scenes and on similar scenes (nearest neighbours of the
    teacher).
    """
    pictures = [load_photo(p) for p in split_photos(photos).held_out]
    kinds = {
        "student": Extractor(extractor),
        "teacher": Teacher(teacher),
        "colour histogram": colour_histogram,
        "random GoogLeNet": RandomGoogLeNet(),
    }
    described = unit(kinds["teacher"](pictures))
    likeness = described @ described.T
    rows = []
    for setting in settings:
        rng = np.random.default_rng(5)
        collected: dict[str, list] = {k: [] for k in kinds}
        for _ in range(videos):
            if setting == "mixed scenes":
                order = rng.choice(len(pictures), scenes, replace=False).tolist()
            else:
                first = int(rng.integers(len(pictures)))
                near = rng.permutation(np.argsort(-likeness[first])[:scenes]).tolist()
                order = near if setting == "similar scenes" else [first] * scenes
            frames, cuts = made_video(pictures, order, rng)
            for name, describe in kinds.items():
                features = unit(np.asarray(describe(frames)))
                free = boundary_scores(kts(features), cuts)
                told = boundary_scores(kts(features, shots=len(cuts) + 1), cuts)
                collected[name].append((*free, told[2]))
        for name, values in collected.items():
            precision, recall, f1, told = np.mean(values, 0)
            rows.append(
                {
                    "setting": setting,
                    "features": name,
                    "precision": precision,
                    "recall": recall,
                    "f1": f1,
                    "f1_known_count": told,
                }
            )
    return [{k: v if isinstance(v, str) else float(v) for k, v in r.items()} for r in rows]
