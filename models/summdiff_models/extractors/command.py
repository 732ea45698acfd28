"""``extractor``: an image network becomes a bundle of kind ``extractor``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from ..bundle import OPSET, Manifest, Provenance, new_folder, write_manifest
from ..errors import UserError
from ..log import log
from ..onnx_export import EXTRACTOR, compare, session, write_onnx
from . import bvlc, bvlc_net, pca
from .spec import CAFFE_MEAN_BGR, ExtractorSpec, Resize
from .torchvision_nets import ARCHITECTURES, build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models extractor``."""
    parser.add_argument("network", choices=(*ARCHITECTURES, "bvlc-googlenet"))
    parser.add_argument("--weights", help="torchvision's .pth file, or random (for tests)")
    parser.add_argument("--onnx", type=Path, help="bvlc-googlenet: the model zoo's googlenet-7.onnx")
    parser.add_argument("--seed", type=int, default=0, help="of random weights")
    parser.add_argument("--pca", type=Path, help="folder with YouTube-8M's mean.npy, eigenvals.npy, eigenvecs.npy")
    parser.add_argument("--pca-dim", type=int, default=1024, help="components kept")
    parser.add_argument(
        "--resize", choices=("shorter_side", "stretch"), help="shorter_side; with --pca stretch, as YouTube-8M did"
    )
    parser.add_argument("--sampling-fps", type=float, help="2 for GoogLeNet, 1 for Inception-v3")
    parser.add_argument(
        "--l2-normalise",
        action=argparse.BooleanOptionalAction,
        help="unit feature vectors; on for GoogLeNet, off for Inception-v3",
    )
    parser.add_argument("--name", help="name of the bundle; the folder's name by default")
    parser.add_argument("--licence", default="not stated", help="provenance: licence of the weights")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")


def run(args: argparse.Namespace) -> None:
    """Run the command; raises ``UserError`` with one sentence."""
    if args.network == "bvlc-googlenet" and args.onnx is None and args.weights != "random":
        raise UserError(
            "bvlc-googlenet is cut from the model zoo's file; give --onnx googlenet-7.onnx, or --weights random for a test"
        )
    if args.network != "bvlc-googlenet" and args.weights is None:
        raise UserError(f"{args.network} needs weights; give --weights FILE.pth, or --weights random for a test")
    inputs = [Path(path) for path in (args.weights, args.onnx, args.pca) if path not in (None, "random")]
    with new_folder(args.out, inputs) as folder:
        make = _bvlc if args.network == "bvlc-googlenet" else _torchvision
        spec = make(args, folder)
        if args.pca is not None:
            described = pca.convert(args.pca, folder, args.pca_dim, spec.dim)
            spec = replace(spec, pca=described, dim=args.pca_dim)
        if args.sampling_fps is not None:
            spec = replace(spec, sampling_fps=args.sampling_fps)
        if args.l2_normalise is not None:
            spec = replace(spec, l2_normalise=args.l2_normalise)
        source = str(args.onnx or args.weights)
        write_manifest(
            folder,
            Manifest(
                name=args.name or args.out.resolve().name,
                version="1",
                kind="extractor",
                description=f"{args.network}, {spec.dim} values a frame",
                provenance=Provenance(
                    data="none (random weights)" if source == "random" else "ImageNet",
                    recipe=f"weights from {Path(source).name}"
                    if source != "random"
                    else f"random weights, seed {args.seed}",
                    licence=args.licence,
                ),
                extractor=spec.to_json(),
            ),
        )
    log(f"wrote {args.out}")


def _torchvision(args: argparse.Namespace, folder: Path) -> ExtractorSpec:
    architecture = ARCHITECTURES[args.network]
    _export(build(args.network, args.weights, args.seed), architecture.crop, folder)
    return ExtractorSpec(
        resize=_resize(args, architecture.size, architecture.crop),
        dim=architecture.dim,
        sampling_fps=architecture.sampling_fps,
        # Rows of the TVSum and SumMe feature files have unit length.
        l2_normalise=args.network == "googlenet-torchvision",
    )


def _bvlc(args: argparse.Namespace, folder: Path) -> ExtractorSpec:
    if args.onnx is None:
        _export(bvlc_net.random_network(args.seed), 224, folder)
        name, opset = "image", OPSET
    else:
        opset = bvlc.cut(args.onnx, folder / "extractor.onnx")
        name = bvlc.input_name(folder / "extractor.onnx")
        found = session(folder / "extractor.onnx").run(None, {name: torch.zeros(2, 3, 224, 224).numpy()})[0]
        if found.shape != (2, bvlc.DIM):
            raise UserError(f"{args.onnx} gives {found.shape} at pool5 where (2, {bvlc.DIM}) was expected")
    return ExtractorSpec(
        resize=_resize(args, 256, 224),
        dim=bvlc.DIM,
        sampling_fps=2.0,
        channel_order="bgr",
        scale=1.0,
        mean=CAFFE_MEAN_BGR,
        std=(1.0, 1.0, 1.0),
        l2_normalise=True,
        input_name=name,
        opset=opset,
    )


def _export(network: torch.nn.Module, size: int, folder: Path) -> None:
    path = folder / "extractor.onnx"
    generator = torch.Generator().manual_seed(1)
    images = [torch.randn(batch, 3, size, size, generator=generator) for batch in (2, 3)]
    write_onnx(network, (images[0],), EXTRACTOR, path)
    worst = compare(network, path, EXTRACTOR, [(images[1],)], tolerance=1e-3)
    log(f"extractor.onnx: within {worst:.1e} of PyTorch")


def _resize(args: argparse.Namespace, size: int, crop: int) -> Resize:
    if args.resize == "stretch" or (args.resize is None and args.pca):
        return Resize("stretch", crop, crop)
    return Resize("shorter_side", size, crop)
