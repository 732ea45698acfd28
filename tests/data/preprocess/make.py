"""Makes the reference pictures of this folder with Pillow: torchvision's Resize(48) and CenterCrop(40), or a stretch to 40 x 40.

Files are named mode-filter-width-height.npy after the source picture's size; run with Pillow and numpy.
"""

from pathlib import Path

import numpy as np
from PIL import Image

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}
SIZE, CROP = 48, 40


def pattern(width: int, height: int) -> Image.Image:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    red, green, blue = (x * 7 + y * 3) % 256, (x * x + y * 5) % 256, ((x // 9 + y // 7) % 2) * 255
    return Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8))


def reference(image: Image.Image, mode: str, kind: Image.Resampling) -> np.ndarray:
    if mode == "stretch":
        return np.asarray(image.resize((CROP, CROP), kind))
    width, height = image.size
    if width <= height:
        size = (SIZE, int(SIZE * height / width))
    else:
        size = (int(SIZE * width / height), SIZE)
    left, top = round((size[0] - CROP) / 2.0), round((size[1] - CROP) / 2.0)
    return np.asarray(image.resize(size, kind).crop((left, top, left + CROP, top + CROP)))


for mode in ("shorter_side", "stretch"):
    for name, kind in FILTERS.items():
        for width, height in ((160, 90), (130, 201), (30, 24)):
            path = Path(__file__).parent / f"{mode}-{name}-{width}-{height}.npy"
            np.save(path, reference(pattern(width, height), mode, kind))
