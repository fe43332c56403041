"""Fuzz targets: untrusted voice files are read or rejected with ``VoiceError``."""

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from synthesis.errors import VoiceError
from synthesis.voice_files.onnx_reader import OnnxFile, whole_numbers
from synthesis.voice_files.weights_reader import read_weights
from synthesis.voices.importers.coqui_checkpoint_config import read_checkpoint_config
from synthesis.voices.importers.metadata import read_metadata
from synthesis.voices.importers.piper_config import read_piper_config
from tests.fuzz.errors import assert_well_formed
from tests.fuzz.target import Target

_FOLDER: list[Path] = []


@contextmanager
def _folder() -> Iterator[None]:
    """Yield a folder for the input file, in memory if the system has a RAM file system."""
    memory = Path("/dev/shm")  # noqa: S108 - the created folder has a random name
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        _FOLDER.append(Path(made))
        yield
        _FOLDER.remove(Path(made))


def _reading(name: str, *reads: Callable[[Path], object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        path = _FOLDER[-1] / name
        path.write_bytes(data)
        for read in reads:
            try:
                read(path)
            except VoiceError as error:
                assert_well_formed(error)

    return run


def _network(path: Path) -> None:
    file = OnnxFile(path)
    names = {*file._tensors, *file._aliases, "dec.conv.weight", "out"}
    for name in list(names)[:50]:
        _one(file, name)
    for node in file.nodes("dec.conv", "Conv", "Identity"):
        whole_numbers(node, "dilations")


def _one(file: OnnxFile, name: str) -> None:
    try:
        file.constant(name)
    except VoiceError as error:
        assert_well_formed(error)
    file.readers(name, "Conv")
    file.producer(name)


def _onnx() -> list[bytes]:
    weight = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(2, 2, 3), "dec.conv.weight")
    listed = helper.make_tensor("dec.conv.bias", TensorProto.FLOAT, [2], [0.5, 1.5])
    shared = helper.make_node("Identity", ["dec.conv.bias"], ["alias"], name="/dec/conv/Identity")
    constant = helper.make_node(
        "Constant", [], ["made"], name="/dec/Constant", value=numpy_helper.from_array(np.ones(2, "f4"))
    )
    conv = helper.make_node("Conv", ["x", "dec.conv.weight", "alias"], ["out"], name="/dec/conv/Conv", dilations=[1])
    places = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "out")]
    graph = helper.make_graph([shared, constant, conv], "voice", places[:1], places[1:], [weight, listed])
    whole = helper.make_model(graph)
    outside = onnx.ModelProto.FromString(whole.SerializeToString())
    outside.graph.initializer[0].data_location = TensorProto.EXTERNAL
    outside.graph.node[0].input[0] = "alias"
    return [whole.SerializeToString(), outside.SerializeToString()]


def _tables() -> dict[str, list[int]]:
    return {symbol: [row] for row, symbol in enumerate("_^$ aəˈ")}


def _piper() -> list[bytes]:
    one: dict[str, Any] = {
        "audio": {"sample_rate": 22050, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": _tables(),
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {},
    }
    two = {**one, "num_speakers": 2, "speaker_id_map": {"bob": 1, "alice": 0}}
    three = {**one, "phoneme_type": "PhonemeType.TEXT", "vowel_clusters": [["a", "ə"]], "default_speaker_id": "1"}
    return [json.dumps(values).encode() for values in (one, two, three)]


def _coqui() -> list[bytes]:
    network = {
        "upsample_rates_decoder": [8, 8, 2, 2],
        "resblock_dilation_sizes_decoder": [[1, 3, 5], [1, 3, 5]],
        "dilation_rate_flow": 1,
        "inference_noise_scale": 0.667,
        "length_scale": 1.0,
        "use_d_vector_file": False,
    }
    values: dict[str, Any] = {
        "model": "vits",
        "model_args": network,
        "audio": {"sample_rate": 22050, "hop_length": 256},
        "use_phonemes": True,
        "phonemizer": "espeak",
        "phoneme_language": "en-us",
        "speakers": ["alice", "bob"],
        "characters": {"characters_class": "TTS.tts.models.vits.VitsCharacters", "pad": "_", "characters": "abc"},
        "add_blank": True,
    }
    own = {**values, "alphanumeric": {"language": "en-US", "phoneme_ids": _tables()}}
    letters = {**values, "use_phonemes": False, "phoneme_language": None, "datasets": [{"language": "de"}]}
    commented = b"// by alice\n" + json.dumps(letters).encode() + b"/* the end */"
    return [*(json.dumps(entry).encode() for entry in (values, own, letters)), commented]


def _pth() -> list[bytes]:
    weights = {"a": torch.arange(6.0).reshape(2, 3), "b.weight": torch.ones(4).half(), "c": torch.zeros(2, 2).t()}
    made = []
    for content in (weights, {"model": weights, "step": 3, "config": {"x": [1, (2, "y")]}}):
        file = io.BytesIO()
        torch.save(content, file)
        made.append(file.getvalue())
    return made


def _safetensors() -> list[bytes]:
    return [save({"a": np.arange(6, dtype="f4").reshape(2, 3), "b": np.ones(3, "f2")}), save({"c": np.ones(1, "i8")})]


def _tensors(path: Path) -> None:
    for weight in read_weights(path).values():
        weight.float().sum()


TARGETS = {
    "voice-onnx": Target(_reading("voice.onnx", _network), _onnx, _folder),
    "voice-json": Target(
        _reading("config.json", read_piper_config, read_checkpoint_config, lambda path: read_metadata(path.parent)),
        lambda: [*_piper(), *_coqui()],
        _folder,
    ),
    "voice-pth": Target(_reading("voice.pth", _tensors), _pth, _folder),
    "voice-safetensors": Target(_reading("voice.safetensors", _tensors), _safetensors, _folder),
}
