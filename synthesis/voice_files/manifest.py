"""The manifest of a compiled voice, ``voice.json``, next to its Coqui checkpoint and ONNX graphs.

The compiler writes it, and the server reads it when it loads the voice. It contains all metadata
for serving, so the serving process never opens the checkpoint.
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
"""Version of the graphs and the manifest: raised whenever engines require recompiled voices."""


@dataclass(frozen=True, slots=True)
class VoiceManifest:
    """Metadata of a compiled voice (contexts in frames, rates in Hz)."""

    language: str
    """BCP 47 tag, such as ``en-US``."""
    espeak_voice: str
    """espeak-ng voice that the model was trained with, such as ``en-us``; empty if it was trained on letters."""
    speakers: tuple[str, ...]
    """Speaker names by number; empty for a single-speaker voice."""
    sample_rate: int
    hop_length: int
    latent_channels: int
    flow_context: int
    decoder_context: int
    phoneme_ids: Mapping[str, tuple[int, ...]]
    """Ids of each phoneme; ``_`` is the blank, ``^`` the start and ``$`` the end of a segment."""
    noise_scale: float
    noise_scale_duration: float
    length_scale: float
    gain: float = 1.0
    """Gain that brings the voice to the target loudness, measured at compilation."""
    default_speaker: int = 0
    """Number of the speaker for requests that name none."""

    @classmethod
    def read(cls, folder: Path) -> "VoiceManifest":
        """Read ``voice.json`` in ``folder``. Raises ``VoiceError`` ``voice_outdated``."""
        facts = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        if facts.pop("format", None) != MANIFEST_FORMAT:
            raise VoiceError("voice_outdated", "was compiled by another version: run 'manage.py voice compile'.")
        # Voices compiled before this field was renamed remain usable.
        facts["hop_length"] = facts.pop("hop", None) or facts["hop_length"]
        facts["speakers"] = tuple(facts["speakers"])
        facts["phoneme_ids"] = {phoneme: tuple(ids) for phoneme, ids in facts["phoneme_ids"].items()}
        return cls(**facts)

    def write(self, folder: Path) -> None:
        """Write ``voice.json`` into ``folder``."""
        text = json.dumps({"format": MANIFEST_FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)
        (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")
