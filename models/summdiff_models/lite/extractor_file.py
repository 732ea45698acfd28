"""``extractor.onnx``: the student's embedding with the look of the picture in its weakest channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper

from .augment import STUDENT_SIZE
from .look import GRID, LOOKS, LUMA, look_channels
from .student import SeparableNet


def look_nodes(dim: int) -> tuple[list[NodeProto], list[TensorProto]]:
    """``image`` and ``embedding`` [B, dim] → ``features``: ``look.look`` as ONNX operators."""
    cell = [STUDENT_SIZE // GRID] * 2
    order = np.arange(dim)
    order[list(look_channels(dim))] = dim + np.arange(LOOKS)
    weights = [
        numpy_helper.from_array(np.float32(LUMA).reshape(1, 3, 1, 1), "luma_weights"),
        numpy_helper.from_array(np.float32(1), "one"),
        numpy_helper.from_array(np.float32(0.5), "half"),
        numpy_helper.from_array(order.astype(np.int64), "channel_order"),
    ]
    node = helper.make_node
    nodes = [
        node("Add", ["image", "one"], ["raised"]),
        node("Mul", ["raised", "half"], ["shown"]),
        node("Conv", ["shown", "luma_weights"], ["luma"], kernel_shape=[1, 1]),
        node("AveragePool", ["luma"], ["cells"], kernel_shape=cell, strides=cell),
        node("Flatten", ["cells"], ["cells_flat"], axis=1),
        node("ReduceMax", ["shown"], ["brightest"], axes=[1], keepdims=1),
        node("ReduceMin", ["shown"], ["darkest"], axes=[1], keepdims=1),
        node("Sub", ["brightest", "darkest"], ["colourful"]),
        node("ReduceMean", ["colourful"], ["saturation"], axes=[2, 3], keepdims=0),
        node("ReduceMean", ["luma"], ["luma_mean"], axes=[2, 3], keepdims=1),
        node("Sub", ["luma", "luma_mean"], ["luma_centred"]),
        node("Mul", ["luma_centred", "luma_centred"], ["luma_squared"]),
        node("ReduceMean", ["luma_squared"], ["luma_variance"], axes=[2, 3], keepdims=0),
        node("Sqrt", ["luma_variance"], ["contrast"]),
        # The constant, once per picture: anything of the batch's shape minus itself, plus one.
        node("Sub", ["contrast", "contrast"], ["zeros"]),
        node("Add", ["zeros", "one"], ["ones"]),
        node("Concat", ["embedding", "cells_flat", "saturation", "contrast", "ones"], ["everything"], axis=1),
        node("Gather", ["everything", "channel_order"], ["features"], axis=1),
    ]
    return nodes, weights


def write_extractor(net: SeparableNet, path: Path, with_look: bool = True) -> None:
    """``extractor.onnx``: ``image`` [B, 3, 128, 128] → ``features`` [B, 1024]; 1×1 weights stored as
    float16, run as float32. ``with_look``: the look's channels replace the embedding's weakest.
    """
    nodes, weights = [], []

    def conv(name: str, module: torch.nn.Conv2d, x: str) -> str:
        weight = module.weight.detach().contiguous().numpy()
        if weight.size > 4000:
            weights.append(numpy_helper.from_array(weight.astype(np.float16), f"{name}.weight_f16"))
            nodes.append(helper.make_node("Cast", [f"{name}.weight_f16"], [f"{name}.weight"], to=TensorProto.FLOAT))
        else:
            weights.append(numpy_helper.from_array(weight.copy(), f"{name}.weight"))
        weights.append(numpy_helper.from_array(module.bias.detach().numpy().copy(), f"{name}.bias"))
        stride, kernel = module.stride[0], module.kernel_size[0]
        pads = [0, 0, 0, 0] if kernel == 1 else ([0, 0, 1, 1] if stride == 2 else [1, 1, 1, 1])
        nodes.append(
            helper.make_node(
                "Conv",
                [x, f"{name}.weight", f"{name}.bias"],
                [f"{name}.out"],
                group=module.groups,
                kernel_shape=[kernel, kernel],
                strides=[stride, stride],
                pads=pads,
            )
        )
        nodes.append(helper.make_node("Clip", [f"{name}.out", "zero", "six"], [f"{name}.act"]))
        return f"{name}.act"

    weights += [
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(6), "six"),
    ]
    x = conv("stem", net.stem, "image")
    for layer, (depth, point) in enumerate(zip(net.depthwise, net.pointwise, strict=True)):
        x = conv(f"point{layer}", point, conv(f"depth{layer}", depth, x))
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["embedding" if with_look else "features"], axis=1))
    if with_look:
        more_nodes, more_weights = look_nodes(net.widths[-1])
        nodes += more_nodes
        weights += more_weights
    graph = helper.make_graph(
        nodes,
        "summdiff_lite_extractor",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["B", 3, "H", "W"])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", net.widths[-1]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="summdiff_models.lite")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
