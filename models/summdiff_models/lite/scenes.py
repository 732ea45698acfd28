"""The clip bank: short shots made of photos under camera moves, real clips and procedural scenes,
as features.

A shot is ``SHOT_FRAMES`` frames at 2 per second. Pictures are rendered in memory, described by the
student and dropped; the bank keeps features and four measured properties of every frame (motion,
saturation, contrast, brightness).
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .augment import STUDENT_SIZE, recolour
from .sources import clip_frames, load_photo, procedural_scene, split_photos

SHOT_FRAMES = 10
PROPERTIES = ("motion", "saturation", "contrast", "brightness")


class Extractor:
    """The student through ONNX Runtime: pictures → L2-normalised float32 [n, D], as the explorer
    does it.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, images: list[Image.Image], normalise: bool = True) -> np.ndarray:
        out = []
        for start in range(0, len(images), 16):
            batch = np.stack(
                [
                    np.asarray(i.resize((STUDENT_SIZE, STUDENT_SIZE), Image.Resampling.BILINEAR))
                    for i in images[start : start + 16]
                ]
            )
            pixels = (batch.astype(np.float32).transpose(0, 3, 1, 2) - 128.0) / 128.0
            out.append(self.session.run(None, {"image": pixels})[0])
        features = np.concatenate(out)
        if normalise:
            features /= np.linalg.norm(features, axis=1, keepdims=True).clip(1e-12)
        return features


@dataclass
class Bank:
    """Shots of one split: ``features`` float16 [shots, frames, D], ``properties`` float32 [shots,
    frames, 4], ``source`` int [shots] (which photo, clip or scene) and ``origin`` int [shots] (0
    photo, 1 clip, 2 procedural).
    """

    features: np.ndarray
    properties: np.ndarray
    source: np.ndarray
    origin: np.ndarray

    def save(self, path: Path) -> None:
        np.savez(
            path,
            features=self.features,
            properties=self.properties,
            source=self.source,
            origin=self.origin,
        )

    @staticmethod
    def load(path: Path) -> Bank:
        with np.load(path) as data:
            return Bank(data["features"], data["properties"], data["source"], data["origin"])


def camera_move(image: Image.Image, rng: np.random.Generator, frames: int = SHOT_FRAMES) -> list[Image.Image]:
    """``frames`` views of one picture under a pan, zoom, both, a hand's shake, or a still camera;
    16:9 window.
    """
    width, height = image.size
    kind = rng.choice(["still", "pan", "zoom", "both", "shake"], p=[0.2, 0.25, 0.2, 0.15, 0.2])
    # Widths of the window as shares of the largest 16:9 window that fits the picture.
    full = min(width, height * 16 / 9)
    start = rng.uniform(0.55, 1.0)
    end = (
        start if kind in ("still", "pan", "shake") else float(np.clip(start * np.exp(rng.uniform(-0.5, 0.5)), 0.4, 1.0))
    )
    places = rng.uniform(0, 1, (2, 2))
    if kind in ("still", "zoom", "shake"):
        places[1] = places[0]
    shake = rng.uniform(0.005, 0.05) if kind == "shake" else rng.uniform(0, 0.004)
    speed = rng.uniform(0.3, 1.0)
    views = []
    for frame in range(frames):
        at = speed * frame / max(frames - 1, 1)
        window = full * (start + (end - start) * at)
        tall = min(window * 9 / 16, height)
        place = places[0] + (places[1] - places[0]) * at + rng.normal(0, shake, 2)
        x, y = np.clip(place, 0, 1) * (width - window, height - tall)
        views.append(
            image.resize(
                (192, 108),
                Image.Resampling.BILINEAR,
                box=(
                    float(x),
                    float(y),
                    float(min(x + window, width)),
                    float(min(y + tall, height)),
                ),
            )
        )
    return views


def frame_properties(frames: list[Image.Image]) -> np.ndarray:
    """[frames, 4]: mean absolute change from the previous frame, mean saturation, luma spread, mean
    luma (0..1).
    """
    pixels = (
        np.stack([np.asarray(f.resize((64, 36), Image.Resampling.BILINEAR)) for f in frames]).astype(np.float32) / 255
    )
    luma = pixels @ np.float32([0.299, 0.587, 0.114])
    change = np.abs(np.diff(luma, axis=0)).mean((1, 2))
    motion = np.concatenate([change[:1], change]) if len(frames) > 1 else np.zeros(1, np.float32)
    saturation = (pixels.max(3) - pixels.min(3)).mean((1, 2))
    return np.stack([motion, saturation, luma.std((1, 2)), luma.mean((1, 2))], 1).astype(np.float32)


@lru_cache(1)
def _shared_extractor(path: Path) -> Extractor:
    return Extractor(path)


def described(task: tuple[Path, Path | int | list, int, tuple[int, ...], int]) -> list[tuple]:
    """One source's shots: (features, properties) of each.

    ``task``: extractor; photo path, a clip's frames or the number of a drawn scene; kind (0 photo,
    1 clip, 2 drawn); seed; shots.
    """
    extractor, what, kind, seed, shots = task
    describe, rng = _shared_extractor(extractor), np.random.default_rng(seed)
    if kind == 1:
        runs = [what]
    else:
        picture = load_photo(what) if kind == 0 else procedural_scene(rng)
        looks = [recolour(picture, rng) if rng.random() < 0.3 else picture for _ in range(shots)]
        runs = [camera_move(look, rng) for look in looks]
    return [(describe(run).astype(np.float16), frame_properties(run)) for run in runs]


def build_bank(
    photos: Path,
    clips: Path,
    extractor: Path,
    held_out: bool,
    shots_per_picture: int = 2,
    workers: int = 2,
) -> Bank:
    """Render and describe every shot of the training pictures, or of those held out.

    Real clips: the first 70 % of each is training material, the rest held out. Every source has its
    own seed, so the result does not depend on ``workers``.
    """
    split = split_photos(photos)
    tasks = [(p, 0) for p in (split.held_out if held_out else split.train)]
    for path in sorted(clips.iterdir()):
        frames = [f.resize((192, 108), Image.Resampling.BILINEAR) for f in clip_frames(path, 2.0, 144)]
        cut = int(len(frames) * 0.7)
        part = frames[cut:] if held_out else frames[:cut]
        starts = range(0, len(part) - SHOT_FRAMES + 1, SHOT_FRAMES)
        tasks += [(part[start : start + SHOT_FRAMES], 1) for start in starts]
    tasks += [(number, 2) for number in range(15 if held_out else 60)]
    jobs = [
        (extractor, what, kind, (31, int(held_out), number), shots_per_picture)
        for number, (what, kind) in enumerate(tasks)
    ]
    with ProcessPoolExecutor(workers) as pool:
        results = list(pool.map(described, jobs, chunksize=16))
    shots = [
        (features, properties, number, tasks[number][1])
        for number, runs in enumerate(results)
        for features, properties in runs
    ]
    features, properties, source, origin = zip(*shots, strict=True)
    return Bank(np.stack(features), np.stack(properties), np.array(source), np.array(origin))
