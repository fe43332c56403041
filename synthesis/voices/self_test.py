"""Self-test of an installed voice: that it produces audio, how fast, and that windows match the whole."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthesis.errors import VoiceError
from synthesis.pipeline.windows import plan_windows
from synthesis.pool.engine_factory import engine_name, load_voice
from synthesis.voice_files.manifest import VoiceManifest
from synthesis.voices.sample_text import has_sound, sample_ids

MAX_WINDOW_ERROR = 1e-5
MAX_BFLOAT16_WINDOW_ERROR = 1e-2
"""With OpenVINO in bfloat16, which rounds windows of different lengths differently: 1e-3 was measured."""


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """The measurements of one voice."""

    speakers: int
    sample_rate: int
    gain: float
    load_s: float
    real_time_factor: float
    window_error: float

    def __str__(self) -> str:
        speakers = "1 speaker" if self.speakers == 1 else f"{self.speakers} speakers"
        return (
            f"speaks ({speakers}, {self.sample_rate} Hz, gain {self.gain:.2f}); loads in {self.load_s:.1f} s; "
            f"takes {self.real_time_factor:.3f} s per second of audio; windows exact to {self.window_error:.0e}"
        )


def run_self_test(folder: Path) -> SelfTestReport:
    """Load the voice in ``folder`` and synthesize a sentence in its language. Raises ``VoiceError``."""
    began = time.perf_counter()
    try:
        voice = load_voice(folder)
    except VoiceError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise VoiceError("voice_invalid", f"cannot be loaded ({type(error).__name__}). Install it again.") from error
    load_s = time.perf_counter() - began
    ids = _sentence_ids(voice.manifest)
    began = time.perf_counter()
    latents = voice.engine.encode(ids, 0, 1.0)
    streamed = np.concatenate(
        [voice.engine.decode(latents, start, stop) for start, stop in plan_windows(latents.frames)]
    )
    spoken_s = time.perf_counter() - began
    difference = float(np.abs(streamed - voice.engine.decode(latents, 0, latents.frames)).max())
    if not np.isfinite(streamed).all() or not streamed.any():
        raise VoiceError("voice_invalid", "produces only silence.")
    if difference > (MAX_BFLOAT16_WINDOW_ERROR if engine_name() == "openvino" else MAX_WINDOW_ERROR):
        raise VoiceError("voice_invalid", f"its windows differ from the unwindowed audio by {difference:.1e}.")
    length_s = len(streamed) / voice.engine.sample_rate
    speakers = len(voice.manifest.speakers) or 1
    return SelfTestReport(
        speakers, voice.engine.sample_rate, voice.manifest.gain, load_s, spoken_s / length_s, difference
    )


def _sentence_ids(manifest: VoiceManifest) -> list[int]:
    """Return the ids of a sentence in the voice's language. Raises ``VoiceError`` if no phoneme has a symbol."""
    ids = sample_ids(manifest)
    if not has_sound(ids, manifest):
        sounds = "phoneme" if manifest.espeak_voice else "letter"
        raise VoiceError("voice_invalid", f"has no symbol for any {sounds} of {manifest.language}.")
    return ids
