"""How pixels become an extractor's input; see "bundle.json" in ``models/README.md``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
CAFFE_MEAN_BGR = (104.0, 117.0, 123.0)


@dataclass(frozen=True)
class Resize:
    """``shorter_side``: the shorter side to ``size``, then a centred ``crop``; ``stretch``: both to ``size``."""

    mode: Literal["shorter_side", "stretch"]
    size: int
    crop: int
    filter: Literal["bilinear", "bicubic", "area", "lanczos"] = "bilinear"


@dataclass(frozen=True)
class ExtractorSpec:
    """The ``extractor`` object of a bundle."""

    resize: Resize
    dim: int
    sampling_fps: float
    file: str = "extractor.onnx"
    channel_order: Literal["rgb", "bgr"] = "rgb"
    scale: float = 255.0
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    pca: dict[str, Any] | None = None
    l2_normalise: bool = False
    input_name: str = "image"
    output_name: str = "features"
    opset: int = field(default=17)

    def to_json(self) -> dict[str, Any]:
        """The object with ``input_size`` in its place."""
        values = asdict(self)
        values["input_size"] = [self.resize.crop, self.resize.crop]
        return values
