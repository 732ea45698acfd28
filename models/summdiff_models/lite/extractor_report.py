"""How much of the teacher the student keeps, on photos set aside: cosine and shared nearest
neighbours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .kts_report import RandomGoogLeNet, colour_histogram, unit
from .scenes import Extractor
from .sources import load_photo, split_photos
from .targets import Teacher

NEIGHBOURS = 10


def neighbours(features: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
    """Indices [n, count] of the nearest other rows by cosine."""
    likeness = unit(features) @ unit(features).T
    np.fill_diagonal(likeness, -np.inf)
    return np.argsort(-likeness, 1)[:, :count]


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Mean share of common neighbours."""
    pairs = zip(neighbours(first), neighbours(second), strict=True)
    return float(np.mean([len(set(a) & set(b)) / NEIGHBOURS for a, b in pairs]))


def report(photos: Path, teacher: Path, extractor: Path) -> dict[str, float]:
    """Figures on the held-out photos; the baselines stand beside the student."""
    pictures = [load_photo(p) for p in split_photos(photos).held_out]
    theirs, ours = Teacher(teacher)(pictures), Extractor(extractor)(pictures, normalise=False)
    centre = theirs.mean(0)
    scaled = ours * (np.linalg.norm(theirs, axis=1) / np.linalg.norm(ours, axis=1).clip(1e-9))[:, None]
    return {
        "photos": len(pictures),
        "cosine": float((unit(ours) * unit(theirs)).sum(1).mean()),
        "cosine about the teacher's mean": float((unit(scaled - centre) * unit(theirs - centre)).sum(1).mean()),
        "cosine of another photo's teacher embedding": float(
            (unit(theirs) * unit(np.roll(theirs, 1, 0))).sum(1).mean()
        ),
        "10-NN overlap": overlap(ours, theirs),
        "10-NN overlap, colour histogram": overlap(colour_histogram(pictures), theirs),
        "10-NN overlap, random GoogLeNet": overlap(RandomGoogLeNet()(pictures), theirs),
        "10-NN overlap, chance": NEIGHBOURS / (len(pictures) - 1),
    }
