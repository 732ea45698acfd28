"""Training pairs for distillation: augmented crops and the teacher's embedding of each, in chunks
on disk.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .augment import augmented, for_student
from .sources import clip_frames, load_photo, procedural_scene, split_photos

TEACHER_DIM = 1024


class Teacher:
    """The ImageNet network behind the student: 224 px RGB, (x − 128) / 128 → [n, 1024]."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, images: list[Image.Image]) -> np.ndarray:
        """Embeddings of ``images`` (any size, stretched to 224 px), float32 [n, 1024]."""
        out = []
        for start in range(0, len(images), 16):
            batch = np.stack(
                [np.asarray(i.resize((224, 224), Image.Resampling.BILINEAR)) for i in images[start : start + 16]]
            )
            pixels = (batch.astype(np.float32).transpose(0, 3, 1, 2) - 128.0) / 128.0
            out.append(self.session.run(None, {"image": pixels})[0])
        return np.concatenate(out)


def training_pool(photos: Path, clips: Path) -> tuple[list[Image.Image], list[Image.Image], list[Image.Image]]:
    """(training photos, frames of the clips at 1 per second, procedural scenes)."""
    pictures = [load_photo(p) for p in split_photos(photos).train]
    frames = [f for path in sorted(clips.iterdir()) for f in clip_frames(path, 1.0)]
    rng = np.random.default_rng(5)
    return pictures, frames, [procedural_scene(rng) for _ in range(200)]


def write_chunks(photos: Path, clips: Path, teacher_path: Path, out: Path, chunks: int, size: int = 1000) -> None:
    """Write ``chunk_####.npz`` (images uint8 [size,128,128,3], targets float16 [size,1024]);
    existing ones are kept.
    """
    out.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(teacher_path)
    pictures, frames, scenes = training_pool(photos, clips)
    pool = pictures + frames + scenes
    for chunk in range(chunks):
        target = out / f"chunk_{chunk:04d}.npz"
        if target.exists():
            continue
        rng = np.random.default_rng([11, chunk])
        images, wanted = [], []
        for start in range(0, size, 16):
            crops = []
            for item in range(start, min(start + 16, size)):
                kind = rng.random()
                if kind < 0.88:  # every photo comes up equally often
                    pick = (chunk * size + item) % len(pictures)
                elif kind < 0.95 and frames:
                    pick = len(pictures) + int(rng.integers(len(frames)))
                else:
                    pick = len(pictures) + len(frames) + int(rng.integers(len(scenes)))
                crops.append(augmented(pool, rng, pick))
            images += [np.asarray(for_student(c)) for c in crops]
            wanted.append(teacher(crops))
        partial = target.with_suffix(".part.npz")
        np.savez(partial, images=np.stack(images), targets=np.concatenate(wanted).astype(np.float16))
        partial.rename(target)
        print(f"targets: {target.name}", flush=True)
