"""Pictures to learn from: photos, frames of clips, drawn scenes, titles. Never writes one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

HELD_OUT_PHOTOS = 150
SPLIT_SEED = 20
VIEW = 192, 108  # size at which simulated cameras see
WORDS = "THE A STORY PART ONE TWO DAY HOW TO BEST OF WITH PRESENTS END THANKS SUBSCRIBE EPISODE CHAPTER 2024 BY".split()


def split_photos(folder: Path, held_out: bool) -> list[Path]:
    """The photos to train on, or those set aside for every report (names sorted, fixed seed)."""
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if len(paths) <= HELD_OUT_PHOTOS:
        raise ValueError(f"{folder}: {len(paths)} photos, more than {HELD_OUT_PHOTOS} are needed")
    held = set(np.random.default_rng(SPLIT_SEED).permutation(len(paths))[:HELD_OUT_PHOTOS].tolist())
    return [p for i, p in enumerate(paths) if (i in held) == held_out]


def load_photo(path: Path) -> Image.Image:
    """An RGB photo."""
    with Image.open(path) as image:
        return image.convert("RGB")


def clip_frames(path: Path, fps: float = 2.0, height: int = VIEW[1]) -> list[Image.Image]:
    """Frames of a clip at ``fps``, scaled to ``height``; an unreadable clip gives an empty list."""
    scale = f"fps={fps},scale=-2:{height}:flags=area"
    words = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", scale, "-f", "image2pipe", "-c:v", "ppm", "-"]
    data, frames, at = subprocess.run(words, capture_output=True, check=False).stdout, [], 0
    while at < len(data) and data[at : at + 2] == b"P6":
        head = data[at : at + 32].split(b"\n", 3)
        width, rows = (int(v) for v in head[1].split())
        start = at + sum(len(line) + 1 for line in head[:3])
        at = start + width * rows * 3
        if at > len(data):
            break
        pixels = np.frombuffer(data, np.uint8, width * rows * 3, start).reshape(rows, width, 3)
        frames.append(Image.fromarray(pixels.copy()))
    return frames


def recolour(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Brightness, contrast and saturation of real cameras and edits."""
    for enhancer, low, high in (
        (ImageEnhance.Brightness, 0.5, 1.5),
        (ImageEnhance.Contrast, 0.5, 1.5),
        (ImageEnhance.Color, 0.2, 1.8),
    ):
        image = enhancer(image).enhance(float(rng.uniform(low, high)))
    return image


def drawn_scene(rng: np.random.Generator, width: int = 341, height: int = 256) -> Image.Image:
    """A gradient sky and shapes."""
    top, bottom = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    canvas = np.broadcast_to(top * (1 - ramp) + bottom * ramp, (height, width, 3))
    image = Image.fromarray(np.clip(canvas + rng.normal(0, 8, canvas.shape), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 14))):
        x, y = rng.uniform(-0.1, 1, 2) * (width, height)
        w, h = rng.uniform(0.03, 0.6, 2) * (width, height)
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        shape = (draw.ellipse, draw.rectangle)[int(rng.integers(2))]
        shape((x, y, x + w, y + h), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 3)))) if rng.random() < 0.4 else image


def title(rng: np.random.Generator) -> Image.Image:
    """A title or credits: a few words on black, white or a colour."""
    plain = rng.choice([0, 0, 255, -1])
    ground = tuple(int(c) for c in (rng.integers(0, 256, 3) if plain < 0 else [plain] * 3))
    ink = tuple(255 - c for c in ground) if plain >= 0 else (255, 255, 255)
    image = Image.new("RGB", VIEW, ground)
    draw = ImageDraw.Draw(image)
    for line in range(int(rng.integers(1, 6))):
        words = " ".join(rng.choice(WORDS, int(rng.integers(1, 4))))
        font = ImageFont.load_default(float(rng.uniform(7, 22)))
        draw.text((float(rng.uniform(4, 60)), 12 + line * 18), words, fill=ink, font=font)
    return image
