"""The SummDiff network in float64 numpy, straight from its description.

Takes a state dict of numpy arrays under the released names. Loops over heads
and frames where that is plainer; speed does not matter here.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = dict[str, Array]
DECODER = "transformer.diffusion_decoder."


def linear(w: Weights, name: str, x: Array) -> Array:
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def standardise(x: Array, eps: float) -> Array:
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps)


def layer_norm(w: Weights, name: str, x: Array, eps: float = 1e-5) -> Array:
    return standardise(x, eps) * w[name + ".weight"] + w[name + ".bias"]


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def silu(x: Array) -> Array:
    return x / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attend(q: Array, k: Array, v: Array, heads: int) -> tuple[Array, Array]:
    """Mixed values [N, D] and weights [heads, N, N]."""
    width = q.shape[-1] // heads
    mixed, weights = [], []
    for h in range(heads):
        part = slice(h * width, (h + 1) * width)
        a = softmax(q[:, part] @ k[:, part].T / math.sqrt(width))
        weights.append(a)
        mixed.append(a @ v[:, part])
    return np.concatenate(mixed, -1), np.stack(weights)


@functools.cache
def positions(n: int, dim: int) -> Array:
    pos = np.empty((n, dim))
    for j in range(n):
        angle = (j + 1) / (n + 1e-6) * 2 * math.pi
        for i in range(dim):
            a = angle / 10000 ** (2 * (i // 2) / dim)
            pos[j, i] = math.sin(a) if i % 2 == 0 else math.cos(a)
    return pos


@functools.cache
def score_sinusoids(k: int, dim: int) -> Array:
    z = np.empty((k + 1, dim))
    for level in range(k + 1):
        for i in range(dim):
            a = level / (k + 1e-6) * 2 * math.pi / 10000 ** (2 * (i // 2) / dim)
            z[level, i] = math.cos(a) if i % 2 == 0 else -math.sin(a)
    return z


def sinusoid(t: int, width: int) -> Array:
    half = width // 2
    g = np.array([math.exp(-math.log(10000) * i / half) for i in range(half)])
    return np.concatenate([np.cos(t * g), np.sin(t * g)])


class NetworkF64:
    """``encode`` and ``denoise`` of one video; ``kind`` is ``dit`` or ``latentmlp``."""

    def __init__(self, state: Weights, kind: str, heads: int, k: int) -> None:
        self.w = {name: np.asarray(value, np.float64) for name, value in state.items()}
        self.kind, self.heads, self.k = kind, heads, k
        self.dim = self.w["global_rep_token"].shape[0]

    def _count(self, pattern: str) -> int:
        i = 0
        while any(name.startswith(f"{pattern}{i}.") for name in self.w):
            i += 1
        return i

    def encode(self, features: Array) -> Array:
        w = self.w
        x = np.asarray(features, np.float64)
        count = self._count("input_vid_proj.")
        for i in range(count):
            x = linear(w, f"input_vid_proj.{i}.net.1", layer_norm(w, f"input_vid_proj.{i}.LayerNorm", x))
            if i + 1 < count:
                x = relu(x)
        pos = positions(len(x), self.dim)
        src = np.vstack([w["global_rep_token"], x])
        where = np.vstack([w["global_rep_pos"], pos])
        pre_norm = "transformer.encoder.norm.weight" in w
        for i in range(self._count("transformer.encoder.layers.")):
            src = self._encoder_layer(f"transformer.encoder.layers.{i}", src, where, pre_norm)
        if pre_norm:
            src = layer_norm(w, "transformer.encoder.norm", src)
        return src[1:]

    def _encoder_layer(self, name: str, src: Array, where: Array, pre_norm: bool) -> Array:
        w = self.w
        weight, bias = w[f"{name}.self_attn.in_proj_weight"], w[f"{name}.self_attn.in_proj_bias"]
        d = self.dim

        def attention(value: Array) -> Array:
            q = (value + where) @ weight[:d].T + bias[:d]
            k = (value + where) @ weight[d : 2 * d].T + bias[d : 2 * d]
            v = value @ weight[2 * d :].T + bias[2 * d :]
            return linear(w, f"{name}.self_attn.out_proj", attend(q, k, v, self.heads)[0])

        def feed_forward(x: Array) -> Array:
            y = linear(w, f"{name}.linear1", x)
            y = np.where(y > 0, y, w[f"{name}.activation.weight"] * y)
            return linear(w, f"{name}.linear2", y)

        if pre_norm:
            src = src + attention(layer_norm(w, f"{name}.norm1", src))
            return src + feed_forward(layer_norm(w, f"{name}.norm2", src))
        src = layer_norm(w, f"{name}.norm1", src + attention(src))
        return layer_norm(w, f"{name}.norm2", src + feed_forward(src))

    def embed_scores(self, index: NDArray[np.int64]) -> Array:
        w, d = self.w, self.dim
        if DECODER + "noise_embed.weight" in w:
            e = w[DECODER + "noise_embed.weight"][index]
            return linear(w, DECODER + "noise_map.layers.1", relu(linear(w, DECODER + "noise_map.layers.0", e)))
        z = score_sinusoids(self.k, d)[index]
        return linear(w, DECODER + "noise_embed.3", silu(linear(w, DECODER + "noise_embed.1", z)))

    def denoise(self, index: NDArray[np.int64], t: int, memory: Array) -> tuple[Array, Array | None]:
        """x0 [S, N], and for DiT the attention that frames receive [S, N]."""
        rows, received = [], []
        for one in index:
            x0, a = self._denoise_one(one, t, memory)
            rows.append(x0)
            received.append(a)
        return np.stack(rows), None if self.kind != "dit" else np.stack(received)

    def _denoise_one(self, index: NDArray[np.int64], t: int, memory: Array) -> tuple[Array, Array | None]:
        w = self.w
        pos = positions(len(memory), self.dim)
        x = self.embed_scores(index) + pos
        received = None
        if self.kind == "dit":
            body, received = self._dit(x, t, memory, pos)
        else:
            body = self._latent_mlp(x, t, memory)
        h = layer_norm(w, DECODER + "norm", body)
        head = "transformer.diff_scores_embed.layers."
        return linear(w, head + "1", relu(linear(w, head + "0", h)))[:, 0], received

    def _dit(self, x: Array, t: int, memory: Array, pos: Array) -> tuple[Array, Array]:
        w = self.w
        te = linear(w, DECODER + "time_mlp.mlp.0", sinusoid(t, 256))
        te = 0.1 * linear(w, DECODER + "time_mlp.mlp.2", silu(te))
        received = np.zeros(len(x))
        for b in range(2):
            name = f"{DECODER}layers.blocks.{b}."
            chunks = np.split(linear(w, name + "adaLN_modulation.1", silu(te + pos)), 6, -1)
            sh_a, sc_a, g_a, sh_m, sc_m, g_m = chunks
            u = standardise(x, 1e-6) * (1 + sc_a) + sh_a
            m = standardise(memory, 1e-6) * (1 + sc_a) + sh_a
            q, k, v = (linear(w, name + p, y) for p, y in (("q_proj", u), ("k_proj", m), ("v_proj", m)))
            mixed, weights = attend(q, k, v, self.heads)
            received += weights.mean(0).sum(0) / 2
            x = x + g_a * linear(w, name + "attn.out_proj", mixed)
            y = standardise(x, 1e-6) * (1 + sc_m) + sh_m
            x = x + g_m * linear(w, name + "mlp.layers.1", relu(linear(w, name + "mlp.layers.0", y)))
        final = DECODER + "layers.final_layer."
        sh, sc = np.split(linear(w, final + "adaLN_modulation.1", silu(te)), 2, -1)
        return linear(w, final + "linear", standardise(x, 1e-6) * (1 + sc) + sh), received

    def _conv(self, name: str, x: Array) -> Array:
        weight = self.w[name + ".weight"]
        zero = np.zeros((1, x.shape[1]))
        before, after = np.vstack([zero, x[:-1]]), np.vstack([x[1:], zero])
        return before @ weight[:, :, 0].T + x @ weight[:, :, 1].T + after @ weight[:, :, 2].T + self.w[name + ".bias"]

    def _latent_mlp(self, x: Array, t: int, memory: Array) -> Array:
        w, layers = self.w, DECODER + "layers."
        te = linear(w, layers + "time_embed.0", sinusoid(t, self.dim))
        te = linear(w, layers + "time_embed.2", silu(te))
        x = self._conv(layers + "conv1d", linear(w, layers + "input_proj", x))
        for r in range(self._count(layers + "res_blocks.")):
            name = f"{layers}res_blocks.{r}."
            a = linear(w, name + "in_layers.2", silu(layer_norm(w, name + "in_layers.0", x)))
            a = a + linear(w, name + "emb_layers.1", silu(te))
            a = a + linear(w, name + "context_layers.1", silu(memory))
            a = self._conv(name + "convs", a)
            x = x + linear(w, name + "out_layers.3", silu(layer_norm(w, name + "out_layers.0", a)))
        return linear(w, layers + "out.2", silu(layer_norm(w, layers + "out.0", x, 1e-6)))
