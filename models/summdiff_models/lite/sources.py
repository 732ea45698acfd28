"""Pictures to learn from: photos, frames of real clips and procedural scenes.

Loads and splits; does not augment (see ``augment``) and never writes a picture.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

HELD_OUT_PHOTOS = 150
SPLIT_SEED = 20


@dataclass(frozen=True)
class PhotoSplit:
    """Paths of the photos to train on and of those set aside for every report."""

    train: list[Path]
    held_out: list[Path]


def split_photos(folder: Path) -> PhotoSplit:
    """Set aside ``HELD_OUT_PHOTOS`` photos, the same ones on every machine (names sorted, fixed
    seed).
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if len(paths) <= HELD_OUT_PHOTOS:
        raise ValueError(f"{folder}: {len(paths)} photos, more than {HELD_OUT_PHOTOS} are needed")
    held = set(np.random.default_rng(SPLIT_SEED).permutation(len(paths))[:HELD_OUT_PHOTOS].tolist())
    return PhotoSplit(
        [p for i, p in enumerate(paths) if i not in held],
        [p for i, p in enumerate(paths) if i in held],
    )


def load_photo(path: Path) -> Image.Image:
    """An RGB photo."""
    with Image.open(path) as image:
        return image.convert("RGB")


def clip_frames(path: Path, fps: float = 2.0, height: int = 256) -> list[Image.Image]:
    """Frames of a clip at ``fps``, scaled to ``height``; an unreadable clip gives an empty list."""
    probe = subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            str(path),
            "-vf",
            f"fps={fps},scale=-2:{height}:flags=area",
            "-f",
            "image2pipe",
            "-c:v",
            "ppm",
            "-",
        ],
        capture_output=True,
        check=False,
    )
    data, frames, at = probe.stdout, [], 0
    while at < len(data) and data[at : at + 2] == b"P6":
        head = data[at : at + 32].split(b"\n", 3)
        width, rows = (int(v) for v in head[1].split())
        start = at + sum(len(line) + 1 for line in head[:3])
        size = width * rows * 3
        if start + size > len(data):
            break
        pixels = np.frombuffer(data, np.uint8, size, start).reshape(rows, width, 3)
        frames.append(Image.fromarray(pixels.copy()))
        at = start + size
    return frames


def procedural_scene(rng: np.random.Generator, width: int = 341, height: int = 256) -> Image.Image:
    """A drawn scene: a gradient sky, value noise, shapes, perhaps text-like bars."""
    top, bottom = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    canvas = np.broadcast_to(top * (1 - ramp) + bottom * ramp, (height, width, 3)).copy()
    cells = int(rng.integers(3, 24))
    noise = rng.normal(0, rng.uniform(5, 50), (cells, cells, int(rng.choice([1, 3]))))
    noise = np.repeat(noise, 3 // noise.shape[2], axis=2)
    for channel in range(3):
        plane = Image.fromarray(noise[:, :, channel].astype(np.float32))
        canvas[:, :, channel] += np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC))
    image = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 14))):
        x, y = rng.uniform(-0.1, 1, 2) * (width, height)
        w, h = rng.uniform(0.03, 0.6, 2) * (width, height)
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        kind = rng.integers(4)
        if kind == 0:
            draw.ellipse((x, y, x + w, y + h), fill=colour)
        elif kind == 1:
            draw.rectangle((x, y, x + w, y + h), fill=colour)
        elif kind == 2:
            points = rng.uniform(0, 1, (int(rng.integers(3, 6)), 2)) * (w, h) + (x, y)
            draw.polygon([tuple(p) for p in points], fill=colour)
        else:
            for line in range(int(rng.integers(2, 7))):
                draw.rectangle(
                    (x, y + line * h / 6, x + w * rng.uniform(0.3, 1), y + line * h / 6 + h / 14),
                    fill=colour,
                )
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 4))))
    return image
