"""The trained network as an ONNX file that takes a picture as it was decoded.

    picture: bytes, rows x columns x 3         of any size
    -> the square in its middle, made 48 x 48, normalized
    -> the layers of the network
    -> probabilities: one for each class
    -> label: the name of the most probable class

What a picture goes through before the network is in the file, too: training and serving cannot differ.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from network import CHANNELS, KERNEL, SIDE, Parameters

# The oldest versions that have what is used: onnxruntime reads them for long, and antialiasing came with 18.
OPERATORS = 18
FORMAT = 8

Constant = npt.NDArray[np.generic]


class _Graph:
    """Nodes and constants, in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:  # noqa: ANN401 - as ONNX takes them
        """Add a node with one output, and return the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: Constant) -> str:
        """Add a constant, and return its name."""
        self.constants.append(numpy_helper.from_array(value, name))
        return name


def preprocessing() -> onnx.ModelProto:
    """The graph up to the network: `picture` in, `pixels` out, bytes of 48 rows x 48 columns x 3."""
    graph = _Graph()
    _add_preprocessing(graph)
    return _model(graph, [_pixels()])


def whole(parameters: Parameters, classes: Sequence[str]) -> onnx.ModelProto:
    """The graph that is served.

    Args:
        parameters: The network.
        classes: Names, in the order of the network's outputs.
    """
    parameters = parameters.rounded()
    graph = _Graph()
    values = _add_preprocessing(graph)
    values = graph.add("Cast", [values], "numbers", to=TensorProto.FLOAT)
    values = graph.add("Sub", [values, graph.constant("grey", np.array(128, np.float32))], "around_zero")
    values = graph.add("Mul", [values, graph.constant("scale", np.array(1 / 128, np.float32))], "normalized")
    values = graph.add("Transpose", [values], "planes", perm=[2, 0, 1])
    values = graph.add("Unsqueeze", [values, graph.constant("first_axis", np.array([0]))], "batch")
    for number, (kernel, bias) in enumerate(zip(parameters.kernels, parameters.biases, strict=True), start=1):
        shaped = kernel.reshape(KERNEL, KERNEL, CHANNELS[number - 1], CHANNELS[number]).transpose(3, 2, 0, 1)
        inputs = [
            values,
            graph.constant(f"kernel_{number}", np.ascontiguousarray(shaped, dtype=np.float32)),
            graph.constant(f"bias_{number}", bias.astype(np.float32)),
        ]
        # Padded on all sides, as in training, although the last row and column are never looked at.
        values = graph.add("Conv", inputs, f"convolution_{number}", strides=[2, 2], pads=[1, 1, 1, 1])
        values = graph.add("Relu", [values], f"activation_{number}")
    values = graph.add("Transpose", [values], "pixels_first", perm=[0, 2, 3, 1])
    values = graph.add("Flatten", [values], "features")
    weights = graph.constant("weights", parameters.weights.astype(np.float32))
    offsets = graph.constant("offsets", parameters.offsets.astype(np.float32))
    values = graph.add("Gemm", [values, weights, offsets], "scores")
    values = graph.add("Softmax", [values], "shares", axis=1)
    graph.add("Squeeze", [values, "first_axis"], "probabilities")
    model = _model(graph, [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [len(classes)])])
    helper.set_model_props(model, {"classes": ",".join(classes)})
    return model


def _add_preprocessing(graph: _Graph) -> str:
    """The square in the middle, and its 48 x 48 means."""
    sides = graph.add("Shape", ["picture"], "sides", start=0, end=2)
    shorter = graph.add("ReduceMin", [sides], "shorter", keepdims=1)
    margins = graph.add("Sub", [sides, shorter], "margins")
    before = graph.add("Div", [margins, graph.constant("two", np.array([2]))], "before")
    after = graph.add("Add", [before, shorter], "after")
    axes = graph.constant("rows_and_columns", np.array([0, 1]))
    square = graph.add("Slice", ["picture", before, after, axes], "square")
    size = graph.constant("size", np.array([SIDE, SIDE, 3]))
    return graph.add("Resize", [square, "", "", size], "pixels", mode="linear", antialias=1)


def _pixels() -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("pixels", TensorProto.UINT8, [SIDE, SIDE, 3])


def _model(graph: _Graph, outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
    picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, ["rows", "columns", 3])
    made = helper.make_graph(graph.nodes, "recycling", [picture], outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPERATORS)], ir_version=FORMAT)
    onnx.checker.check_model(model, full_check=True)
    return model
