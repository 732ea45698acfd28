"""One augmented crop for teacher and student alike.

Both networks must see the *same* picture, so the crop is made once and then scaled to each input
size.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

TEACHER_SIZE = 224
STUDENT_SIZE = 128


def random_crop(image: Image.Image, rng: np.random.Generator, size: int = TEACHER_SIZE) -> Image.Image:
    """A random box (15 % of the picture to all of it, aspect 1/2 to 2) scaled to ``size`` ×
    ``size``.
    """
    width, height = image.size
    area = width * height * float(rng.choice([rng.uniform(0.15, 1.0), rng.uniform(0.6, 1.0)]))
    aspect = float(np.exp(rng.uniform(np.log(0.6), np.log(1.9))))
    w, h = min(width, (area * aspect) ** 0.5), min(height, (area / aspect) ** 0.5)
    x, y = rng.uniform(0, width - w + 1e-6), rng.uniform(0, height - h + 1e-6)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=(x, y, min(x + w, width), min(y + h, height)))


def recolour(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Brightness, contrast, saturation and channel gains of real cameras and edits."""
    if rng.random() < 0.75:
        for enhancer, low, high in (
            (ImageEnhance.Brightness, 0.5, 1.5),
            (ImageEnhance.Contrast, 0.5, 1.5),
            (ImageEnhance.Color, 0.2, 1.8),
        ):
            image = enhancer(image).enhance(float(rng.uniform(low, high)))
    if rng.random() < 0.3:
        gains = rng.uniform(0.75, 1.25, 3)
        image = Image.fromarray(np.clip(np.asarray(image) * gains, 0, 255).astype(np.uint8))
    if rng.random() < 0.05:
        image = image.convert("L").convert("RGB")
    return image


def degrade(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blur, low resolution and compression, as videos have them."""
    if rng.random() < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 3.0))))
    if rng.random() < 0.15:
        small = int(rng.integers(48, 128))
        image = image.resize((small, small), Image.Resampling.BILINEAR).resize(image.size, Image.Resampling.BILINEAR)
    if rng.random() < 0.15:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(rng.integers(10, 70)))
        image = Image.open(buffer).convert("RGB")
    return image


def mix(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A cross-fade, or a pasted rectangle: dissolves and split screens."""
    if rng.random() < 0.5:
        return Image.blend(first, second, float(rng.uniform(0.2, 0.8)))
    width, height = first.size
    w, h = rng.uniform(0.25, 0.75, 2) * (width, height)
    x, y = int(rng.uniform(0, width - w)), int(rng.uniform(0, height - h))
    box = (x, y, x + int(w), y + int(h))
    mixed = first.copy()
    mixed.paste(second.crop(box), box)
    return mixed


def augmented(pool: list[Image.Image], rng: np.random.Generator, pick: int) -> Image.Image:
    """Picture ``pick`` of ``pool`` as one training crop, ``TEACHER_SIZE`` square."""
    image = random_crop(pool[pick], rng)
    if rng.random() < 0.2:
        image = mix(image, random_crop(pool[int(rng.integers(len(pool)))], rng), rng)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return degrade(recolour(image, rng), rng)


def for_student(image: Image.Image, size: int = STUDENT_SIZE) -> Image.Image:
    """The student's view: stretched to ``size`` square, antialiased bilinear (Pillow), as in the
    bundle.
    """
    return image.resize((size, size), Image.Resampling.BILINEAR)
