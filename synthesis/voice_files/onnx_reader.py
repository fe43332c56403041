"""Reads the weights and nodes of an untrusted ONNX file.

External data files that it refers to are never opened.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Set
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from synthesis.errors import VoiceError
from synthesis.voice_files.onnx_precheck import precheck_onnx
from synthesis.voice_files.weight_norm import Array


class OnnxFile:
    """The weights and the nodes of one graph, by the module path in the exporter's node names.

    :raises VoiceError: if the file is too large, not ONNX, or stores weights in external files.
    """

    def __init__(self, path: Path) -> None:
        graph = _load(path).graph
        self.inputs = frozenset(value.name for value in graph.input)
        """Names of the graph's inputs; some exporters list its weights, too."""
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._aliases: dict[str, str] = {}
        self._producers: dict[str, onnx.NodeProto] = {}
        self._scopes: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        self._readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in graph.node:
            self._index(node)

    def _index(self, node: onnx.NodeProto) -> None:
        self._scopes[".".join(node.name.split("/")[1:-1])].append(node)
        for name in node.input:
            self._readers[name].append(node)
        for name in node.output:
            self._producers[name] = node
        if node.op_type == "Identity" and len(node.input) == 1 and len(node.output) == 1:
            self._aliases[node.output[0]] = node.input[0]
        if node.op_type == "Constant" and len(node.output) == 1:
            for attribute in node.attribute:
                if attribute.name == "value":
                    self._tensors[node.output[0]] = attribute.t

    @property
    def modules(self) -> Set[str]:
        """Return the paths of the exported modules, such as ``enc_p.emb``."""
        return self._scopes.keys()

    def constant(self, name: str) -> Array | None:
        """Return the constant called ``name`` as float32, or ``None`` if the file has no such constant."""
        for _ in range(len(self._aliases) + 1):
            if name not in self._aliases:
                break
            name = self._aliases[name]
        tensor = self._tensors.get(name)
        return None if tensor is None else _array(tensor, name)

    def nodes(self, module: str, *operators: str) -> list[onnx.NodeProto]:
        """Return the nodes of these operators that ``module`` itself exported, in graph order."""
        return [node for node in self._scopes.get(module, ()) if node.op_type in operators]

    def readers(self, name: str, *operators: str) -> list[onnx.NodeProto]:
        """Return the nodes of these operators that read the value called ``name``."""
        return [node for node in self._readers.get(name, ()) if node.op_type in operators]

    def producer(self, name: str) -> onnx.NodeProto | None:
        """Return the node that outputs the value called ``name``."""
        return self._producers.get(name)


def whole_numbers(node: onnx.NodeProto, attribute: str) -> tuple[int, ...]:
    """Return the integer list in ``attribute`` of ``node``; empty if there is none."""
    return next((tuple(entry.ints) for entry in node.attribute if entry.name == attribute), ())


def _load(path: Path) -> onnx.ModelProto:
    precheck_onnx(path)
    try:
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except (OSError, DecodeError, ValueError) as error:
        raise VoiceError("voice_invalid", "The file is not an ONNX model.") from error
    if not model.graph.node or not model.graph.initializer:
        raise VoiceError("voice_invalid", "The ONNX file contains no graph.")
    if not all(isinstance(name, str) for name in _names(model.graph)):
        raise VoiceError("voice_invalid", "The ONNX file has names that are not valid UTF-8.")
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise VoiceError(
                "voice_invalid", "The ONNX file stores weights in an external file, which is not supported."
            )
    return model


def _names(graph: onnx.GraphProto) -> Iterator[str | bytes]:
    """Yield all names that are read. The parser returns invalid UTF-8 as bytes."""
    for value in graph.input:
        yield value.name
    for tensor in graph.initializer:
        yield tensor.name
    for node in graph.node:
        yield from (node.name, node.op_type, *node.input, *node.output)
        for attribute in node.attribute:
            yield attribute.name


def _array(tensor: onnx.TensorProto, name: str) -> Array:
    """Return the values of ``tensor``, comparing the declared size with the actual one before any allocation."""
    if tensor.data_type != onnx.TensorProto.FLOAT or tensor.external_data:
        raise VoiceError("voice_invalid", f'The weight "{name[:80]}" is not 32-bit floating point.')
    length = len(tensor.raw_data) / 4 if tensor.raw_data else len(tensor.float_data)
    if any(size < 1 for size in tensor.dims) or math.prod(tensor.dims) != length:
        raise VoiceError("voice_invalid", f'The weight "{name[:80]}" does not have its declared size.')
    flat = np.frombuffer(tensor.raw_data, "<f4") if tensor.raw_data else np.array(tensor.float_data, "<f4")
    return flat.reshape(tuple(tensor.dims)).astype(np.float32, copy=False)
