"""BVLC GoogLeNet of the ONNX model zoo, cut at pool5 (1024 values).

The zoo's file classifies one picture; the cut graph takes any batch.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

from ..errors import UserError

POOL = "pool5"
DIM = 1024
IR_VERSION = 8
"""From version 4 on, initialisers need not be listed as graph inputs."""


def cut(source: Path, out: Path) -> int:
    """Write the graph of ``source`` up to pool5 to ``out``; returns its opset."""
    try:
        model = onnx.load(str(source))
    except Exception as error:  # protobuf and onnx raise several types here
        raise UserError(f"{source} cannot be read as an ONNX file; download googlenet-7.onnx again") from error
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    images = [value for value in graph.input if value.name not in weights]
    pools = [node for node in graph.node if node.op_type.endswith("AveragePool") and POOL in node.output[0]]
    if len(images) != 1 or len(pools) != 1:
        raise UserError(
            f"{source} is not the model zoo's GoogLeNet: it has no single {POOL} layer; give googlenet-7.onnx"
        )
    size = [d.dim_value for d in images[0].type.tensor_type.shape.dim[1:]]
    nodes = _ancestors(list(graph.node), pools[0].output[0])
    nodes.append(helper.make_node("Flatten", [pools[0].output[0]], ["features"], name="features", axis=1))
    used = {name for node in nodes for name in node.input}
    cut_graph = helper.make_graph(
        nodes,
        "googlenet_pool5",
        [helper.make_tensor_value_info(images[0].name, TensorProto.FLOAT, ["B", *size])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", DIM])],
        [tensor for tensor in graph.initializer if tensor.name in used],
    )
    result = helper.make_model(cut_graph, opset_imports=model.opset_import, ir_version=IR_VERSION)
    onnx.checker.check_model(result, full_check=True)
    onnx.save(result, str(out))
    return next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def input_name(path: Path) -> str:
    """The single input of a cut graph."""
    return onnx.load(str(path), load_external_data=False).graph.input[0].name


def _ancestors(nodes: list[onnx.NodeProto], target: str) -> list[onnx.NodeProto]:
    """The nodes that ``target`` depends on, in their order."""
    needed, kept = {target}, []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    return kept[::-1]
