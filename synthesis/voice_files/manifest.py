"""What a compiled voice is on disk: a folder with a Coqui checkpoint, the graphs made from it, and these facts.

``voice.json`` is written by the compiler and read when the voice is loaded. It holds all that serving needs, so that
the serving process never opens the checkpoint.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from synthesis.errors import VoiceError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.pth"
ENCODER_FILE = "encoder.onnx"
FLOW_FILE = "flow.onnx"
DECODER_FILE = "decoder.onnx"
MANIFEST_FILE = "voice.json"
MANIFEST_FORMAT = 1
"""Of the graphs and the facts: raised whenever engines need voices to be compiled anew."""


@dataclass(frozen=True, slots=True)
class VoiceManifest:
    """The facts of one compiled voice (contexts in frames, rates in Hz)."""

    language: str
    """BCP 47 tag, such as ``en-US``."""
    espeak_voice: str
    """espeak-ng's name for the accent the voice was trained with, such as ``en-us``."""
    speakers: tuple[str, ...]
    """Names by speaker number; a single-speaker voice has none."""
    sample_rate: int
    hop_length: int
    latent_channels: int
    flow_context: int
    decoder_context: int
    phoneme_ids: Mapping[str, tuple[int, ...]]
    """Ids of every phoneme; ``_`` is the blank, ``^`` the start and ``$`` the end of a segment."""
    noise_scale: float
    noise_scale_duration: float
    length_scale: float
    gain: float = 1.0
    """Factor that brings the voice to the common loudness, measured when it was compiled."""

    @classmethod
    def read(cls, folder: Path) -> "VoiceManifest":
        """Read ``voice.json`` in ``folder``. Raises ``VoiceError`` ``voice_outdated``."""
        facts = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        if facts.pop("format", None) != MANIFEST_FORMAT:
            raise VoiceError("voice_outdated", "was compiled by another version: run 'manage.py voice compile'.")
        # Voices that were compiled before this field was renamed stay usable.
        facts["hop_length"] = facts.pop("hop", None) or facts["hop_length"]
        facts["speakers"] = tuple(facts["speakers"])
        facts["phoneme_ids"] = {phoneme: tuple(ids) for phoneme, ids in facts["phoneme_ids"].items()}
        return cls(**facts)

    def write(self, folder: Path) -> None:
        """Write ``voice.json`` into ``folder``."""
        text = json.dumps({"format": MANIFEST_FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)
        (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")
