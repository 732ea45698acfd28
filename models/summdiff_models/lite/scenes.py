"""The bank of what simulated videos are made of, as features: shots of photos under camera moves,
parts of real clips, drawn scenes, titles, black, and takes of half a minute by one camera.

A shot is ``SHOT_FRAMES`` frames, a take ``TAKE_FRAMES``, at 2 per second. Pictures are rendered in
memory, described and dropped; four measured properties of every frame are kept beside the features
(motion, saturation, contrast, brightness).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from .extractor import Describe
from .pictures import VIEW, clip_frames, drawn_scene, load_photo, recolour, split_photos, title

SHOT_FRAMES, TAKE_FRAMES = 10, 50
PROPERTIES = ("motion", "saturation", "contrast", "brightness")
PHOTO, CLIP, DRAWN, TITLE, BLACK = range(5)
TAKES, TITLES, BLACKS, DRAWNS = 56, 30, 4, 30  # a quarter of them for the pictures set aside


@dataclass
class Bank:
    """``features`` f16 [shots, 10, D], ``properties`` f32 [shots, 10, 4], ``source`` and ``origin`` int
    [shots]; the same of takes [takes, 50, …].
    """

    features: NDArray[np.float16]
    properties: NDArray[np.float32]
    source: NDArray[np.int64]
    origin: NDArray[np.int64]
    take_features: NDArray[np.float16]
    take_properties: NDArray[np.float32]

    def save(self, path: Path) -> None:
        np.savez(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @staticmethod
    def load(path: Path) -> Bank:
        with np.load(path) as data:
            return Bank(**{f.name: data[f.name] for f in fields(Bank)})


def window(image: Image.Image, share: float, place: NDArray[np.float64]) -> Image.Image:
    """A 16:9 window of ``share`` of the largest one, at ``place`` (0..1 across and down)."""
    width, height = image.size
    wide = min(width, height * 16 / 9) * share
    tall = min(wide * 9 / 16, height)
    x, y = np.clip(place, 0, 1) * (width - wide, height - tall)
    box = (float(x), float(y), float(min(x + wide, width)), float(min(y + tall, height)))
    return image.resize(VIEW, Image.Resampling.BILINEAR, box=box)


def camera_move(image: Image.Image, rng: np.random.Generator, frames: int = SHOT_FRAMES) -> list[Image.Image]:
    """``frames`` views of one picture under a pan, zoom, both, a hand's shake, or a still camera."""
    kind = rng.choice(["still", "pan", "zoom", "both", "shake"], p=[0.2, 0.25, 0.2, 0.15, 0.2])
    start = rng.uniform(0.55, 1.0)
    zooms = kind in ("zoom", "both")
    end = float(np.clip(start * np.exp(rng.uniform(-0.5, 0.5)), 0.4, 1.0)) if zooms else start
    places = rng.uniform(0, 1, (2, 2))
    if kind in ("still", "zoom", "shake"):
        places[1] = places[0]
    shake = rng.uniform(0.005, 0.05) if kind == "shake" else rng.uniform(0, 0.004)
    speed = rng.uniform(0.3, 1.0)
    at = speed * np.arange(frames) / max(frames - 1, 1)
    return [
        window(image, start + (end - start) * a, places[0] + (places[1] - places[0]) * a + rng.normal(0, shake, 2))
        for a in at
    ]


def handheld(image: Image.Image, rng: np.random.Generator, frames: int = TAKE_FRAMES) -> list[Image.Image]:
    """One take by a walking or turning camera: it wanders, pauses, comes nearer, and light drifts."""

    def wander(knots: int) -> NDArray[np.float64]:
        points = np.cumsum(rng.normal(size=knots) * (rng.random(knots) < 0.6))
        curve = np.interp(np.linspace(0, knots - 1, frames), np.arange(knots), points)
        return (curve - curve.min()) / max(np.ptp(curve), 1e-9)

    across, down, nearer = wander(7), wander(5), wander(5)
    low = rng.uniform(0.35, 0.6)
    shake, light = rng.uniform(0.0, 0.02), 1 + rng.uniform(0, 0.25) * (wander(4) - 0.5)
    return [
        ImageEnhance.Brightness(
            window(image, low + 0.35 * nearer[n], np.array([across[n], down[n]]) + rng.normal(0, shake, 2))
        ).enhance(float(light[n]))
        for n in range(frames)
    ]


def static_camera(
    image: Image.Image, others: list[Image.Image], rng: np.random.Generator, frames: int = TAKE_FRAMES
) -> list[Image.Image]:
    """A camera that stands still while one to three things come and go."""
    ground = window(image, rng.uniform(0.7, 1.0), rng.uniform(0, 1, 2))
    shown = [ground.copy() for _ in range(frames)]
    for thing in others[: int(rng.integers(1, 4))]:
        size = (int(VIEW[0] * rng.uniform(0.1, 0.4)), int(VIEW[1] * rng.uniform(0.2, 0.7)))
        cut = thing.resize(size, Image.Resampling.BILINEAR)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).ellipse((0, 0, *size), fill=255)
        enters, stays = int(rng.integers(frames - 5)), int(rng.integers(5, frames))
        (x, y), (dx, dy) = rng.uniform(-0.1, 0.8, 2) * VIEW, rng.normal(0, [5, 2])
        for n in range(enters, min(enters + stays, frames)):
            at = n - enters
            shown[n].paste(cut, (int(x + dx * at), int(y + dy * at)), mask)
    return shown


def frame_properties(frames: list[Image.Image]) -> NDArray[np.float32]:
    """[frames, 4]: mean absolute change from the previous frame, mean saturation, luma spread, mean
    luma (0..1).
    """
    small = [np.asarray(f.resize((64, 36), Image.Resampling.BILINEAR)) for f in frames]
    pixels = np.stack(small).astype(np.float32) / 255
    luma = pixels @ np.float32([0.299, 0.587, 0.114])
    change = np.abs(np.diff(luma, axis=0)).mean((1, 2))
    saturation = (pixels.max(3) - pixels.min(3)).mean((1, 2))
    motion = np.concatenate([change[:1], change])
    return np.stack([motion, saturation, luma.std((1, 2)), luma.mean((1, 2))], 1).astype(np.float32)


def runs(photos: Path, clips: Path, held_out: bool):
    """Every (frames, source, origin) to describe; a take has ``TAKE_FRAMES`` frames.

    Of each real clip the first 70 % is training material, the rest held out. Every run has a seed of
    its own.
    """
    paths = split_photos(photos, held_out)
    share = 4 if held_out else 1
    made = [(PHOTO, p) for p in paths] + [(DRAWN, None)] * (DRAWNS // share)
    made += [(TITLE, None)] * (TITLES // share) + [(BLACK, None)] * (BLACKS // share)
    for number, (origin, path) in enumerate(made):
        rng = np.random.default_rng((31, int(held_out), number))
        picture = load_photo(path) if path else drawn_scene(rng)
        if origin == TITLE:
            yield [title(rng)] * SHOT_FRAMES, number, origin
        elif origin == BLACK:
            yield [Image.new("RGB", VIEW, (number % 3 * 4,) * 3)] * SHOT_FRAMES, number, origin
        else:
            yield camera_move(recolour(picture, rng) if rng.random() < 0.3 else picture, rng), number, origin
    for number in range(TAKES // share):
        rng = np.random.default_rng((32, int(held_out), number))
        chosen = [load_photo(paths[n]) for n in rng.integers(len(paths), size=4)]
        take = static_camera(chosen[0], chosen[1:], rng) if number % 3 == 0 else handheld(chosen[0], rng)
        yield take, -1, PHOTO
    for number, path in enumerate(sorted(clips.iterdir())):
        frames = [f.resize(VIEW, Image.Resampling.BILINEAR) for f in clip_frames(path)]
        cut = int(len(frames) * 0.7)
        part = frames[cut:] if held_out else frames[:cut]
        for start in range(0, len(part) - TAKE_FRAMES + 1, TAKE_FRAMES):
            yield part[start : start + TAKE_FRAMES], -1, CLIP
        for start in range(0, len(part) - SHOT_FRAMES + 1, SHOT_FRAMES):
            yield part[start : start + SHOT_FRAMES], len(made) + 100 * number + start // SHOT_FRAMES, CLIP


def build_banks(photos: Path, clips: Path, extractors: list[Describe], held_out: bool) -> list[Bank]:
    """Render every run once and describe it by each of ``extractors``: one bank each, alike but for the features."""
    shots, takes = [], []
    for frames, source, origin in runs(photos, clips, held_out):
        still = frames[0] is frames[-1]  # titles and black: one picture
        seen = [e(frames[:1] if still else frames).astype(np.float16) for e in extractors]
        seen = [np.repeat(s, len(frames), 0) if still else s for s in seen]
        (takes if len(frames) == TAKE_FRAMES else shots).append((seen, frame_properties(frames), source, origin))
    return [
        Bank(
            np.stack([s[0][number] for s in shots]),
            np.stack([s[1] for s in shots]),
            np.array([s[2] for s in shots]),
            np.array([s[3] for s in shots]),
            np.stack([t[0][number] for t in takes]),
            np.stack([t[1] for t in takes]),
        )
        for number in range(len(extractors))
    ]
