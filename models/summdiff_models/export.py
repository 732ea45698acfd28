"""``export``: a checkpoint of the authors' code, or of ``train``, becomes a bundle."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .bundle import MAX_FRAMES, Defaults, Manifest, Provenance, new_folder, write_manifest
from .checkpoint import build_network, infer_options, load_state_dict
from .errors import UserError
from .extractors.attach import attach_extractor, check_extractor
from .log import log
from .network import SummDiffNetwork
from .network.options import DENOISERS
from .onnx_export import export_network

NULL_VECTOR = "null_video.npy"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of ``python -m summdiff_models export``."""
    parser.add_argument("--checkpoint", type=Path, required=True, help="best.pkl, a torch.save of the state dict")
    parser.add_argument(
        "--denoiser", type=str.lower, choices=DENOISERS, help="inferred; an error where it differs (in any case: DiT)"
    )
    parser.add_argument("--heads", type=int, required=True, help="attention heads; not in the checkpoint")
    parser.add_argument("--k", type=int, help="quantisation steps; needed for sinusoidal score embeddings")
    parser.add_argument(
        "--sigmoid-temp", type=float, required=True, help="sigmoid temperature; the authors' scripts use 2"
    )
    parser.add_argument("--weights", choices=("auto", "model", "ema"), default="auto", help="of a file that holds both")
    parser.add_argument("--guidance", type=float, help="default classifier-free guidance weight; needs --null-video")
    parser.add_argument("--null-video", type=Path, help="the stored null vector, float [dim_in], .npy")
    parser.add_argument("--no-attention", action="store_true", help="leave out the attention output that SAG needs")
    parser.add_argument(
        "--max-frames",
        type=int,
        default=MAX_FRAMES,
        help="longest video in one piece, in frames; 0 for no limit (default: %(default)s)",
    )
    add_bundle_arguments(parser)


def add_bundle_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that every command that writes a bundle shares."""
    parser.add_argument("--extractor", help="folder or name of an extractor to put into the bundle")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--name", help="name of the bundle; the folder's name by default")
    parser.add_argument("--bundle-version", default="1", help="version string of the bundle")
    parser.add_argument("--description", default="", help="one sentence for the bundle list")
    parser.add_argument("--data", default="not stated", help="provenance: data trained on")
    parser.add_argument("--recipe", default="not stated", help="provenance: how it was trained")
    parser.add_argument("--licence", default="not stated", help="provenance: licence of the weights")
    parser.add_argument("--notes", default="", help="provenance: anything else")


def run(args: argparse.Namespace) -> None:
    """Run the command; raises ``UserError`` with one sentence."""
    if args.max_frames != 0 and args.max_frames < 2:
        raise UserError(f"--max-frames must be 0 for no limit, or at least 2, not {args.max_frames}")
    if args.guidance is not None and not math.isfinite(args.guidance):
        raise UserError(f"--guidance must be a finite number, not {args.guidance}")
    state = load_state_dict(args.checkpoint, args.weights)
    options = infer_options(
        state,
        args.checkpoint,
        heads=args.heads,
        sigmoid_temp=args.sigmoid_temp,
        denoiser=args.denoiser,
        k=args.k,
    )
    network = build_network(state, options, args.checkpoint)
    null_vector = read_null_vector(args.null_video, options.dim_in)
    if args.guidance is not None and args.guidance != 0 and null_vector is None:
        raise UserError("--guidance needs the null vector that the network was trained with; give --null-video")
    provenance = Provenance(args.data, args.recipe, args.licence, args.notes)
    write_summdiff_bundle(
        network,
        args.out,
        name=args.name,
        version=args.bundle_version,
        description=args.description or f"Exported from {args.checkpoint.name}",
        provenance=provenance,
        guidance=args.guidance or 0.0,
        null_vector=null_vector,
        extractor=args.extractor,
        attention=not args.no_attention and options.denoiser == "dit",
        max_frames=args.max_frames or None,
        inputs=[path for path in (args.checkpoint, args.null_video) if path],
    )


def write_summdiff_bundle(
    network: SummDiffNetwork,
    out: Path,
    *,
    name: str | None,
    version: str,
    description: str,
    provenance: Provenance,
    guidance: float,
    null_vector: np.ndarray | None,
    extractor: str | None,
    attention: bool,
    max_frames: int | None = MAX_FRAMES,
    inputs: Sequence[Path] = (),
    training: dict[str, Any] | None = None,
) -> None:
    """Export ``network`` with everything around it into the folder ``out``, in which none of ``inputs`` may lie."""
    options = network.options
    if extractor:
        inputs = [*inputs, check_extractor(extractor, options.dim_in)]
    with new_folder(out, inputs) as folder:
        attached = attach_extractor(extractor, folder, options.dim_in) if extractor else None
        export_network(network, folder, attention, log)
        if null_vector is not None:
            np.save(folder / NULL_VECTOR, null_vector)
        write_manifest(
            folder,
            Manifest(
                name=name or out.resolve().name,
                version=version,
                kind="summdiff",
                description=description,
                provenance=provenance,
                dim_in=options.dim_in,
                hidden=options.hidden,
                pointwise=options.pointwise,
                attention=attention,
                k=options.k,
                sigmoid_temp=options.sigmoid_temp,
                defaults=Defaults(guidance=guidance),
                null_vector_file=None if null_vector is None else NULL_VECTOR,
                max_frames=max_frames,
                extractor=attached,
                training=training,
            ),
        )
    log(f"wrote {out}")


def read_null_vector(path: Path | None, dim_in: int) -> np.ndarray | None:
    """The null vector float32 [dim_in] of a ``.npy`` file, or ``None`` without one."""
    if path is None:
        return None
    if not path.is_file():
        raise UserError(f"{path} does not exist; give the stored null vector, a .npy file")
    try:
        vector = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as a .npy array ({error}); give the stored null vector") from error
    if not isinstance(vector, np.ndarray):
        raise UserError(f"{path} is an archive of arrays; give the stored null vector alone, a .npy file")
    vector = np.squeeze(vector)
    if vector.dtype.kind not in "fiu":
        raise UserError(f"{path} holds {vector.dtype} values, no real numbers; give the stored null vector")
    if vector.shape != (dim_in,):
        raise UserError(f"{path} has shape {vector.shape}; a finite vector of {dim_in} values was expected")
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
        vector = vector.astype(np.float32)
    if not np.isfinite(vector).all():
        raise UserError(f"{path} holds NaN or infinite values; a finite vector of {dim_in} values was expected")
    return vector
