"""Reads the speakers file of a Coqui checkpoint: ``speakers.json``, or PyTorch's ``speakers.pth``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import read_object
from synthesis.voice_files.weights_reader import read_plain_objects

SPEAKER_FILES = ("speakers.json", "speaker_ids.json", "speakers.pth", "speaker_ids.pth")
"""Names of speakers files in the order in which they are searched for; the released VCTK voice has the second."""


def find_speakers_file(model: Path) -> Path | None:
    """Return the speakers file next to ``model``; its configuration's paths are those of another machine."""
    return next((path for name in SPEAKER_FILES if (path := model.with_name(name)).is_file()), None)


def read_speaker_numbers(path: Path) -> Mapping[str, Any]:
    """Return the numbers by speaker name in ``path``; the numbers are not checked yet.

    :raises VoiceError: if the file is invalid.
    """
    values = read_plain_objects(path) if path.suffix == ".pth" else read_object(path, path.name)
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise VoiceError("voice_invalid", f"{path.name} does not map speaker names to numbers.", param="speakers")
    return values
