"""Reading checkpoints safely and telling from their keys what network they hold.

Files are read with ``weights_only=True``: no pickled code runs. What a state
dict cannot tell (heads, sigmoid temperature, and K of a sinusoidal embedding)
the caller must say.
"""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import Tensor

from .errors import UserError, some
from .network import NetworkOptions, SummDiffNetwork
from .network.options import DIT_BLOCKS, DenoiserKind, EmbeddingKind

ANCHOR = "global_rep_token"
"""A key that every SummDiff network has at its top; what stands before it is the wrapping's."""

WRAPPINGS = (
    "ema", "ema_state_dict", "model_ema", "ema_model",
    "model", "model_state_dict", "state_dict", "net",
)  # fmt: skip
"""Names under which training programs store weights; those with ``ema`` in them are averaged."""

BARE = ("", "module")
"""Names of a bare state dict's weights: it does not say whether they are averaged."""

P = "transformer.diffusion_decoder."
_UNUSED = re.compile(r"transformer\.diffusion_decoder\.pos_emb\.|transformer\.(betas|alphas_|sqrt_|log_|posterior_)")


def load_state_dict(path: Path, weights: str = "auto", anchor: str | None = ANCHOR) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name.

    ``weights`` picks between ``model`` and ``ema`` in files that hold both
    (``auto``: EMA where there is one). Whatever prefix (``module.``, ``model.``,
    ``ema_model.``) stands before the key ``anchor`` is removed from all keys.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist; give the path of a checkpoint file")
    with path.open("rb") as file:
        head = file.read(2)
    if head != b"PK" and not head.startswith(b"\x80"):  # zip container, or a bare pickle of old
        raise UserError(f"{path} is not a PyTorch checkpoint; give a file made by torch.save")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for files that are no checkpoints
        if "weights_only" in str(error) or "Weights only" in str(error):
            raise UserError(
                f"{path} holds pickled objects other than tensors and is not loaded, because"
                " that would run code; save only its state_dict"
            ) from error
        raise UserError(f"{path} is not a PyTorch checkpoint; give a file made by torch.save") from error
    return _tensors_of(path, content, weights, anchor)


def _tensors_of(path: Path, content: object, weights: str, anchor: str | None) -> dict[str, Tensor]:
    if not isinstance(content, dict):
        raise UserError(f"{path} holds a {type(content).__name__}, no state dict; save model.state_dict() into it")
    own = _tensors(content)
    wrapped = {name: tensors for name in WRAPPINGS if (tensors := _tensors(content.get(name)))}
    if own and (not wrapped or _prefixes(own, anchor)):
        wrapped = {"": own}
    if not wrapped:
        keys = f"its keys are {some([str(key) for key in content])}" if content else "it is empty"
        raise UserError(f"{path} holds no state dict of tensors ({keys}); save model.state_dict() into it")
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensors in wrapped.items():
        for prefix in _prefixes(tensors, anchor):
            found[f"{name}.{prefix}".strip(".")] = _below(tensors, prefix)
    if not found:  # of another network, which is for the caller to find and to say
        found = {name: _below(tensors, _parallel(tensors)) for name, tensors in wrapped.items()}
    return found[_choose(path, list(found), weights)]


def _tensors(value: object) -> dict[str, Tensor]:
    """The tensors of a dictionary; a state dict may have numbers and names beside them."""
    if not isinstance(value, dict):
        return {}
    return {str(key): tensor for key, tensor in value.items() if isinstance(tensor, Tensor)}


def _prefixes(state: dict[str, Tensor], anchor: str | None) -> list[str]:
    """What stands before the key ``anchor``, once for each network in ``state``."""
    if anchor is None:
        return []
    return [key[: -len(anchor)] for key in state if key == anchor or key.endswith(f".{anchor}")]


def _parallel(state: dict[str, Tensor]) -> str:
    return "module." if all(key.startswith("module.") for key in state) else ""


def _below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}


def _choose(path: Path, names: list[str], weights: str) -> str:
    """One of several sets of weights, by the names that the file gives them."""
    averaged = [name for name in names if "ema" in re.split(r"[._]", name)]
    plain = [name for name in names if name not in averaged]
    if weights == "ema" and not averaged and plain[0] not in BARE:
        raise UserError(f"{path} names no EMA weights, only {plain[0]}; use --weights model")
    if weights == "model" and not plain:
        raise UserError(f"{path} names only EMA weights ({averaged[0]}); use --weights ema")
    return (plain if weights == "model" else averaged or plain)[0]


def infer_options(
    state: dict[str, Tensor],
    path: Path,
    *,
    heads: int,
    sigmoid_temp: float,
    denoiser: DenoiserKind | None = None,
    k: int | None = None,
) -> NetworkOptions:
    """Options of the network that ``state`` belongs to; raises ``UserError``.

    Told values that the state dict contradicts are errors, too.
    """
    if ANCHOR not in state or "transformer.diff_scores_embed.layers.1.weight" not in state:
        raise UserError(
            f"{path} is not a checkpoint of the SummDiff network: it has no global_rep_token or score head"
            f" (its keys are {some(list(state))}); export only SummDiff checkpoints"
        )
    (hidden,) = _sizes(state, path, ANCHOR, 1)
    found = _find_denoiser(state, path)
    if denoiser is not None and denoiser != found:
        raise UserError(f"{path} holds a {found} denoiser, not {denoiser}; use --denoiser {found}")
    embedding, levels = _find_embedding(state, path, k)
    if "input_vid_proj.0.net.1.weight" not in state:
        raise UserError(f"{path} has no input projection (input_vid_proj.0.net.1.weight); it is incomplete")
    if "transformer.encoder.layers.0.linear1.weight" not in state:
        raise UserError(f"{path} has no encoder layers (transformer.encoder.layers.0); it is incomplete")
    dim_in = _sizes(state, path, "input_vid_proj.0.net.1.weight", 2)[1]
    feed_forward = _sizes(state, path, "transformer.encoder.layers.0.linear1.weight", 2)[0]
    try:
        return NetworkOptions(
            dim_in=dim_in,
            hidden=hidden,
            heads=heads,
            feed_forward=feed_forward,
            enc_layers=_count(state, r"transformer\.encoder\.layers\.(\d+)\."),
            n_input_proj=_count(state, r"input_vid_proj\.(\d+)\."),
            k=levels,
            embedding=embedding,
            denoiser=found,
            dec_layers=_count(state, r"transformer\.diffusion_decoder\.layers\.res_blocks\.(\d+)\.")
            if found == "latentmlp"
            else DIT_BLOCKS,
            pre_norm="transformer.encoder.norm.weight" in state,
            sigmoid_temp=sigmoid_temp,
        )
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error


def _find_denoiser(state: dict[str, Tensor], path: Path) -> DenoiserKind:
    if f"{P}layers.final_layer.linear.weight" in state:
        return "dit"
    if f"{P}layers.conv1d.weight" in state:
        return "latentmlp"
    if any(re.match(rf"{re.escape(P)}layers\.\d+\.", key) for key in state):
        raise UserError(
            f"{path} holds the Transformer_dec denoiser, which is not supported; train with --denoiser DiT or latentmlp"
        )
    raise UserError(f"{path} holds neither a DiT nor a LatentMLP denoiser; it cannot be exported")


def _find_embedding(state: dict[str, Tensor], path: Path, k: int | None) -> tuple[EmbeddingKind, int]:
    if f"{P}noise_embed.weight" in state:
        found = _sizes(state, path, f"{P}noise_embed.weight", 2)[0] - 1
        if k is not None and k != found:
            raise UserError(f"{path} embeds {found + 1} score levels, so K is {found}, not {k}; use --k {found}")
        return "learned", found
    if f"{P}noise_embed.1.weight" in state:
        if k is None:
            raise UserError(f"{path} has a sinusoidal score embedding, which does not tell K; give --k")
        return "sinusoidal", k
    raise UserError(f"{path} has no score embedding ({P}noise_embed); it cannot be exported")


def _sizes(state: dict[str, Tensor], path: Path, key: str, axes: int) -> tuple[int, ...]:
    shape = tuple(state[key].shape)
    if len(shape) != axes:
        raise UserError(f"{path}: {key} has {len(shape)} axes where {axes} were expected; it is damaged")
    return shape


def _count(state: dict[str, Tensor], pattern: str) -> int:
    found = {int(match.group(1)) for key in state if (match := re.match(pattern, key))}
    return len(found)


def build_network(state: dict[str, Tensor], options: NetworkOptions, path: Path) -> SummDiffNetwork:
    """The network in evaluation mode with the weights of ``state``.

    Tensors that inference never reads (schedule buffers, ``pos_emb``, a
    LatentMLP's ``time_mlp``) are left out; any other difference is an error.
    """
    network = SummDiffNetwork(options)
    wanted = network.state_dict()
    odd = [key for key, value in state.items() if value.is_complex() or value.layout is not torch.strided]
    if odd:
        raise UserError(f"{path}: {odd[0]} holds complex or sparse values; save plain tensors")
    kept = {key: value.float() for key, value in state.items() if not _is_unused(key, options)}
    missing = sorted(wanted.keys() - kept.keys())
    if missing:
        raise UserError(f"{path} lacks {some(missing)}; it is incomplete or of another architecture")
    extra = sorted(kept.keys() - wanted.keys())
    if extra:
        raise UserError(f"{path} has unknown weights {some(extra)}; it is of another architecture")
    for key, value in kept.items():
        if value.shape != wanted[key].shape:
            raise UserError(
                f"{path}: {key} has shape {list(value.shape)} where {list(wanted[key].shape)}"
                " was expected; it is of another architecture"
            )
        if not torch.isfinite(value).all():
            raise UserError(f"{path}: {key} holds NaN or infinite values; the training diverged")
    network.load_state_dict(kept)
    return network.eval()


def _is_unused(key: str, options: NetworkOptions) -> bool:
    if options.denoiser == "latentmlp" and key.startswith(f"{P}time_mlp."):
        return True
    return _UNUSED.match(key) is not None


__all__ = ["build_network", "infer_options", "load_state_dict"]
