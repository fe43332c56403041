"""Recognizes networks that are not VITS voices, by the names in their files, so that errors can name them. Pure."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from synthesis.errors import VoiceError

_CHOOSE = "Choose a Piper or Coqui VITS voice"
_KOKORO = f"is a Kokoro model, which is not a VITS network and cannot be imported. {_CHOOSE}"
_HIFIGAN = (
    f"is a HiFi-GAN vocoder, which turns spectrograms into audio and cannot read text. {_CHOOSE}; its vocoder is part "
    "of it"
)
_PIPER_TRAINING = (
    "is a training checkpoint of Piper. Export it with 'python -m piper.train.export_onnx', and give the .onnx file "
    "with its .onnx.json"
)
_TRANSFORMERS = (
    "is a Hugging Face Transformers model, which cannot be imported. If it is an MMS voice, download it in Meta's "
    f"original form (G_100000.pth, config.json and vocab.txt); otherwise {_CHOOSE[0].lower()}{_CHOOSE[1:]}"
)
_ORIGINAL_VITS = (
    "is a checkpoint of the original VITS program, which defines its symbols in its source code. A vocab.txt with one "
    "symbol per line, and the program's own config.json, are needed next to it, as MMS voices have them"
)
_COQUI_ONNX = "was exported by Coqui, whose ONNX files cannot be imported. Give Coqui's .pth file with its config.json"
_OTHER_ONNX = (
    "has the inputs {inputs}, but a Piper voice has input, input_lengths and scales. It is another kind of model. "
    + _CHOOSE
)
_SPEAKERS = (
    "is a list of speakers, not a model. Give the voice's model file (such as model_file.pth or best_model.pth); "
    "the speakers are found next to it"
)
_XTTS = f"is a Coqui XTTS model, which is not a VITS network and cannot be imported. {_CHOOSE}"

_CONTENTS = (
    ({"bert", "predictor", "decoder"}, _KOKORO),
    ({"generator"}, _HIFIGAN),
    ({"pytorch-lightning_version", "state_dict"}, _PIPER_TRAINING),
)
"""Keys of checkpoints whose weights are grouped by part of the network."""
_WEIGHTS = (
    ("model_g.", _PIPER_TRAINING),
    ("text_encoder.embed_tokens.", _TRANSFORMERS),
    ("bert_encoder.", _KOKORO),
    ("predictor.duration_proj.", _KOKORO),
    ("gpt.", _XTTS),
    ("enc_p.", _ORIGINAL_VITS),
    ("generator.", _HIFIGAN),
    ("conv_pre.", _HIFIGAN),
    ("ups.0.", _HIFIGAN),
    ("encoder.layers.", _TRANSFORMERS),
    ("model.layers.", _TRANSFORMERS),
)
"""Beginnings of weight names, the most specific first."""
_PIPER_INPUTS = frozenset(("input", "input_lengths", "scales"))
_INPUTS = (
    ({"style", "speed"}, _KOKORO),
    ({"input_ids", "attention_mask"}, _TRANSFORMERS),
    ({"mel"}, _HIFIGAN),
    ({"mels"}, _HIFIGAN),
    ({"spec"}, _HIFIGAN),
)


def contents_kind(contents: Mapping[Any, Any]) -> str | None:
    """Return what a checkpoint without weights of a VITS network is, by its top-level keys; ``None`` if unknown."""
    keys = {key for key in contents if isinstance(key, str)}
    for own, kind in _CONTENTS:
        if own <= keys:
            return kind
    values = list(contents.values())
    if values and all(type(value) is int for value in values):
        return _SPEAKERS
    if values and all(isinstance(value, Mapping) and "embedding" in value for value in values):
        return _SPEAKERS
    return None


def refuse_other_weights(names: Iterable[str], part: str, *, original_vits: bool = False) -> None:
    """Raise ``VoiceError`` if weights with these names are recognizably of another network than Coqui's VITS.

    :param part: the file's name, for the message.
    :param original_vits: whether weights of the original VITS program are expected.
    """
    named = sorted(names)
    if any(name.startswith("text_encoder.emb.") for name in named):
        return
    for beginning, kind in _WEIGHTS:
        if any(name.startswith(beginning) for name in named) and not (original_vits and kind is _ORIGINAL_VITS):
            raise VoiceError("voice_invalid", f"{part} {kind}.")


def refuse_other_graph(inputs: Set[str], modules: Set[str]) -> None:
    """Raise ``VoiceError`` if an ONNX graph is recognizably of another model than a Piper voice.

    :param modules: the paths of the exported modules, such as ``enc_p.emb``.
    """
    kind = next((kind for own, kind in _INPUTS if own <= inputs), None)
    if kind is None and "text_encoder.embed_tokens" in modules:
        kind = _TRANSFORMERS
    if kind is None and "text_encoder.emb" in modules:
        kind = _COQUI_ONNX
    if kind is None and inputs and not inputs >= _PIPER_INPUTS:
        kind = _OTHER_ONNX.format(inputs=", ".join(name[:40] for name in sorted(inputs)[:4]))
    if kind is not None:
        raise VoiceError("voice_invalid", f"The ONNX file {kind}.")
