"""Write ``models/lite``: the ONNX files, their hashes and ``bundle.json``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch

from .augment import STUDENT_SIZE
from .diffusion import ETA, GUIDANCE, LEVELS, SIGMOID_TEMP, STEPS
from .distil import load_student
from .extractor_file import write_extractor
from .network import SCORE_STRIDE, ExportedDenoiser, ExportedEncoder
from .train import load_net

OPSET = 17
NULL_VECTOR = "null_video.npy"
VERSION = "1.2.0"
DESCRIPTION = (
    "Small default bundle: a distilled extractor and a jointly denoising network trained on"
    " simulated viewers. Sensible alternatives for any video, not measured opinions."
)
PROVENANCE = {
    "data": (
        "Features of 750 ImageNet sample photos under simulated camera moves, of a few open clips"
        " (Big Buck Bunny, CC-BY, Blender Foundation; Intel sample video, CC-BY) and of drawn"
        " scenes; simulated annotators calibrated on the ratings of TVSum (CC-BY). No rated video"
        " was seen."
    ),
    "recipe": "python -m summdiff_models.lite all (see README.md)",
    "licence": (
        "MIT OR Apache-2.0 for our part; extractor.onnx is derived from MobileNet V1 (google-coral/edgetpu,"
        " Apache License 2.0): it starts from the teacher's own filters, pruned, refitted and trained on."
        " See README.md and LICENSE-APACHE."
    ),
    "notes": (
        "Knows nothing of speech, story, text or faces. Its viewers are simulated: expect less"
        " agreement with real people than the card's table shows."
    ),
}


def export_networks(weights: Path, out: Path) -> tuple[int, int, bool]:
    """Write ``encoder.onnx``, ``denoiser.onnx`` and the null video; returns (features' D, hidden H, pointwise)."""
    net = load_net(weights)
    sizes = net.sizes
    with torch.no_grad():
        features = torch.randn(26, sizes.dim_in).abs()
        encoder, denoiser = (
            ExportedEncoder(net.encoder).eval(),
            ExportedDenoiser(net.denoiser).eval(),
        )
        memory = encoder(features)
        index = torch.randint(0, sizes.levels + 1, (3, memory.shape[0]))
        torch.onnx.export(
            encoder,
            (features,),
            str(out / "encoder.onnx"),
            input_names=["features"],
            output_names=["memory"],
            dynamic_axes={"features": {0: "N"}, "memory": {0: "M"}},
            opset_version=OPSET,
            dynamo=False,
        )
        torch.onnx.export(
            denoiser,
            (index, torch.tensor([500]), memory),
            str(out / "denoiser.onnx"),
            input_names=["score_index", "time", "memory"],
            output_names=["x0"],
            dynamic_axes={
                "score_index": {0: "S", 1: "M"},
                "memory": {0: "M"},
                "x0": {0: "S", 1: "M"},
            },
            opset_version=OPSET,
            dynamo=False,
        )
    for name in ("encoder.onnx", "denoiser.onnx"):
        onnx.checker.check_model(str(out / name), full_check=True)
    np.save(out / NULL_VECTOR, net.encoder.centre.numpy())
    return sizes.dim_in, sizes.hidden, not sizes.joint


def write_bundle(
    student: Path,
    weights: Path,
    out: Path,
    version: str,
    description: str,
    provenance: dict[str, str],
) -> None:
    """Write every file of the bundle into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    write_extractor(load_student(student), out / "extractor.onnx")
    dim, hidden, pointwise = export_networks(weights, out)
    files = {
        n: hashlib.sha256((out / n).read_bytes()).hexdigest()
        for n in ("extractor.onnx", "encoder.onnx", "denoiser.onnx", NULL_VECTOR)
    }
    manifest = {
        "format": 1,
        "name": "lite",
        "version": version,
        "kind": "summdiff",
        "description": description,
        "provenance": provenance,
        "files": files,
        "extractor": {
            "file": "extractor.onnx",
            "resize": {
                "mode": "stretch",
                "size": STUDENT_SIZE,
                "crop": STUDENT_SIZE,
                "filter": "bilinear",
            },
            "input_size": [STUDENT_SIZE, STUDENT_SIZE],
            "channel_order": "rgb",
            "scale": 1.0,
            "mean": [128.0, 128.0, 128.0],
            "std": [128.0, 128.0, 128.0],
            "sampling_fps": 2.0,
            "dim": dim,
            "pca": None,
            "l2_normalise": True,
            "input_name": "image",
            "output_name": "features",
        },
        "encoder": {"file": "encoder.onnx", "dim_in": dim, "hidden": hidden},
        "denoiser": {"file": "denoiser.onnx", "pointwise": pointwise, "attention": False},
        "score_stride": SCORE_STRIDE,
        "schedule": {"kind": "cosine", "train_steps": 1000, "s": 0.008},
        "k": LEVELS,
        "sigmoid_temp": SIGMOID_TEMP,
        "defaults": {"guidance": GUIDANCE, "steps": STEPS, "eta": ETA},
        "null_vector_file": NULL_VECTOR,
        "max_frames": 2400,
        "opset": OPSET,
    }
    (out / "bundle.json").write_text(json.dumps(manifest, indent=2) + "\n")
