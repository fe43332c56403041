"""Recognizes which program's configuration a JSON file is, so that errors can name it. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from synthesis.errors import VoiceError


class ConfigKind(Enum):
    """The program that wrote a configuration; the value is how messages name it."""

    PIPER = "a Piper voice's configuration"
    COQUI = "a Coqui configuration"
    VITS = "a configuration of the original VITS program or of MMS (fairseq)"
    TRANSFORMERS = "the configuration of a Hugging Face Transformers model"
    KOKORO = "the configuration of a Kokoro model"
    HIFIGAN = "the configuration of a HiFi-GAN vocoder"
    SPEAKERS = "a list of speakers"
    VOICE_LIST = "a list of Piper voices"
    UNKNOWN = "no configuration of a voice that is known here"


_ADVICE = {
    ConfigKind.TRANSFORMERS: "Transformers models cannot be imported. If it is an MMS voice, download it in Meta's "
    "original form (G_100000.pth, config.json and vocab.txt); otherwise choose a Piper or Coqui VITS voice.",
    ConfigKind.KOKORO: "Kokoro is not a VITS network and cannot be imported. Choose a Piper or Coqui VITS voice.",
    ConfigKind.HIFIGAN: "A vocoder turns spectrograms into audio and cannot read text. Choose a Piper or Coqui VITS "
    "voice.",
    ConfigKind.SPEAKERS: "Give the voice's configuration with --config; the speakers are found next to it.",
    ConfigKind.VOICE_LIST: "Download the two files of one voice, NAME.onnx and NAME.onnx.json.",
}
FOREIGN = frozenset((ConfigKind.TRANSFORMERS, ConfigKind.KOKORO, ConfigKind.HIFIGAN))
"""Configurations of models that cannot be imported."""


def config_kind(values: Mapping[str, Any]) -> ConfigKind:
    """Return which program's configuration ``values`` is, by keys that only that program writes."""
    model = values.get("model")
    if "phoneme_id_map" in values or "espeak" in values or "phoneme_type" in values:
        return ConfigKind.PIPER
    if isinstance(model, str) or "characters" in values:
        return ConfigKind.COQUI
    if isinstance(model, Mapping) and isinstance(values.get("data"), Mapping):
        return ConfigKind.VITS
    if not values.keys().isdisjoint(("model_type", "architectures", "transformers_version")):
        return ConfigKind.TRANSFORMERS
    if not values.keys().isdisjoint(("istftnet", "plbert")):
        return ConfigKind.KOKORO
    if {"resblock", "upsample_rates"} <= values.keys():
        return ConfigKind.HIFIGAN
    return _list_kind(list(values.values()))


def refuse_config(kind: ConfigKind, part: str) -> VoiceError:
    """Return the error for a configuration of ``kind`` where another was expected; ``part`` names the file."""
    advice = _ADVICE.get(kind, "Give the right file with --config.")
    return VoiceError("voice_invalid", f"{part} is {kind.value}. {advice}", param="config")


def _list_kind(entries: list[Any]) -> ConfigKind:
    if entries and all(type(entry) is int for entry in entries):
        return ConfigKind.SPEAKERS
    if entries and all(isinstance(entry, Mapping) and "embedding" in entry for entry in entries):
        return ConfigKind.SPEAKERS
    if entries and all(isinstance(entry, Mapping) and "files" in entry for entry in entries):
        return ConfigKind.VOICE_LIST
    return ConfigKind.UNKNOWN
