"""Write ``models/lite``: the ONNX files, their hashes and ``bundle.json``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..bundle import Defaults, Manifest, Provenance, write_manifest
from ..extractors.spec import ExtractorSpec, Resize
from ..onnx_export import GraphInterface, compare, write_onnx
from .extractor import DIM, MEAN, SIZE, SPREAD
from .network import SCORE_STRIDE, ExportedDenoiser, ExportedEncoder
from .train import LEVELS, SIGMOID_TEMP, load_net

NULL_VECTOR = "null_video.npy"
VERSION = "2.0.0"
DEFAULTS = Defaults(guidance=0.0, steps=4, eta=1.0)  # by the table in the card
DESCRIPTION = (
    "Small default bundle: EfficientNet-Lite0 and a jointly denoising network trained on simulated viewers, whose"
    " tastes come from rated frames. Sensible alternatives for any video, not measured opinions."
)
PROVENANCE = Provenance(
    data=(
        "Features of 750 ImageNet sample photos under simulated cameras, of a few open clips (Big Buck Bunny, CC-BY,"
        " Blender Foundation; Intel sample video, CC-BY; OpenCV's and PySceneDetect's test clips), of drawn scenes and"
        " titles; 248 rated frames of 14 TVSum videos and all ratings of TVSum (CC-BY); the summaries of SumMe. No"
        " rated video was seen."
    ),
    recipe="python -m summdiff_models.lite all (see README.md)",
    licence=(
        "MIT OR Apache-2.0 for our part; extractor.onnx is EfficientNet-Lite0 (Apache License 2.0), stored in 16 bits,"
        " with a projection behind it. See README.md and LICENSE-APACHE."
    ),
    notes=(
        "Knows nothing of speech, story or text. Its viewers are simulated: expect less agreement with real people"
        " than the card's table shows."
    ),
)
EXTRACTOR = ExtractorSpec(
    resize=Resize("stretch", SIZE, SIZE),
    dim=DIM,
    sampling_fps=2.0,
    scale=1.0,
    mean=(MEAN,) * 3,
    std=(SPREAD,) * 3,
    l2_normalise=True,
)
ENCODER = GraphInterface(("features",), ("memory",), {"features": {0: "N"}, "memory": {0: "M"}})
GRID = {0: "S", 1: "M"}
DENOISER = GraphInterface(
    ("score_index", "time", "memory"), ("x0",), {"score_index": GRID, "memory": {0: "M"}, "x0": GRID}
)


def write_bundle(extractor: Path, weights: Path, out: Path) -> None:
    """Write every file of the bundle into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    net = load_net(weights)
    sizes = net.sizes
    generator = torch.Generator().manual_seed(0)

    def features(picks: int) -> tuple[torch.Tensor]:
        return (torch.rand(picks, sizes.dim_in, generator=generator),)

    def noisy(samples: int, tokens: int, time: int) -> tuple[torch.Tensor, ...]:
        index = torch.randint(0, sizes.levels + 1, (samples, tokens), generator=generator)
        return index, torch.tensor([time]), torch.randn(tokens, sizes.hidden, generator=generator)

    for module, interface, file, example, trials in (
        (ExportedEncoder(net.encoder), ENCODER, "encoder.onnx", features(26), [features(n) for n in (1, 5, 37, 600)]),
        (ExportedDenoiser(net.denoiser), DENOISER, "denoiser.onnx", noisy(3, 7, 500), [noisy(1, 1, 9), noisy(4, 37, 999)]),
    ):
        write_onnx(module, example, interface, out / file)
        compare(module, out / file, interface, trials, tolerance=1e-3)
    (out / "extractor.onnx").write_bytes(extractor.read_bytes())
    np.save(out / NULL_VECTOR, net.encoder.centre.numpy())
    manifest = Manifest(
        name="lite",
        version=VERSION,
        kind="summdiff",
        description=DESCRIPTION,
        provenance=PROVENANCE,
        dim_in=sizes.dim_in,
        hidden=sizes.hidden,
        pointwise=False,
        k=LEVELS,
        sigmoid_temp=SIGMOID_TEMP,
        defaults=DEFAULTS,
        score_stride=SCORE_STRIDE,
        null_vector_file=NULL_VECTOR,
        max_frames=2400,
        extractor=EXTRACTOR.to_json(),
    )
    write_manifest(out, manifest)
