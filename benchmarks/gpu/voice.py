"""Packs a voice in half its size: half-precision weights, stored once for the checkpoint and the graphs.

Both engines then use the same rounded weights, so that their output can be compared. Needs neither TTS nor Django.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from synthesis.engines.coqui.torch_networks import Weights
from synthesis.voice_files.manifest import (
    CONFIG_FILE,
    DECODER_FILE,
    ENCODER_FILE,
    FLOW_FILE,
    MANIFEST_FILE,
    WEIGHTS_FILE,
)
from synthesis.voice_files.weights_reader import read_weights

SMALL = 64
"""Tensors of at most this many values are not converted."""
DIMS = "dims.json"
GRAPHS = (ENCODER_FILE, FLOW_FILE, DECODER_FILE)
_NAMES = {
    "text.": "text_encoder.",
    "durations.": "duration_predictor.",
    "couplings.": "flow.flows.",
    "decoder.": "waveform_decoder.",
    "speakers.": "emb_g.",
}
"""Name prefixes of a graph's initializers and the checkpoint's weights."""
_UNUSED = ("posterior_encoder.", "duration_predictor.post_", "disc.")


def shrink(folder: Path, made: Path) -> None:
    """Write the packed voice of ``folder`` to ``made``, which must not exist."""
    made.mkdir()
    for name in (CONFIG_FILE, MANIFEST_FILE):
        shutil.copy2(folder / name, made / name)
    weights = _folded(folder)
    torch.save({"model": {name: _halved(weight) for name, weight in weights.items()}}, made / WEIGHTS_FILE)
    dims: dict[str, dict[str, list[int]]] = {}
    for name in GRAPHS:
        graph = onnx.load(folder / name)
        dims[name] = {}
        for initializer in graph.graph.initializer:
            values = numpy_helper.to_array(initializer)
            if values.dtype != np.float32:
                continue
            if _weight_name(initializer.name) in weights:
                dims[name][initializer.name] = list(initializer.dims)
                initializer.ClearField("raw_data")
            elif values.size > SMALL:
                initializer.raw_data = values.astype(np.float16).astype(np.float32).tobytes()
        (made / name).write_bytes(graph.SerializeToString())
    (made / DIMS).write_text(json.dumps(dims))


def restore(made: Path, folder: Path) -> None:
    """Write the voice that ``shrink`` packed to ``folder``, with its weights in single precision."""
    folder.mkdir(parents=True)
    for name in (CONFIG_FILE, MANIFEST_FILE):
        shutil.copy2(made / name, folder / name)
    weights = {name: weight.float() for name, weight in read_weights(made / WEIGHTS_FILE).items()}
    torch.save({"model": weights}, folder / WEIGHTS_FILE)
    dims = json.loads((made / DIMS).read_text())
    for name in GRAPHS:
        graph = onnx.load_from_string((made / name).read_bytes())
        for initializer in graph.graph.initializer:
            if initializer.name in dims[name]:
                values: NDArray[np.float32] = weights[_weight_name(initializer.name)].numpy()
                initializer.raw_data = values.reshape(dims[name][initializer.name]).tobytes()
        (folder / name).write_bytes(graph.SerializeToString())


def _folded(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights for inference, with weight normalization folded."""
    weights = Weights(read_weights(folder / WEIGHTS_FILE), torch.device("cpu"))
    return {name: weights.get(name) for name in sorted(set(_plain_names(folder)))}


def _plain_names(folder: Path) -> Iterator[str]:
    for name in read_weights(folder / WEIGHTS_FILE):
        if not name.startswith(_UNUSED):
            yield name.replace("parametrizations.weight.original0", "weight").replace(
                "parametrizations.weight.original1", "weight"
            )


def _halved(weight: torch.Tensor) -> torch.Tensor:
    return weight.half() if weight.numel() > SMALL else weight


def _weight_name(name: str) -> str:
    for prefix, present in _NAMES.items():
        if name.startswith(prefix):
            return present + name.removeprefix(prefix)
    return name
