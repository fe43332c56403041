"""Does an installed voice speak, how fast, and exactly as its windows promise?"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthesis.errors import VoiceError
from synthesis.runtime import load_voice
from synthesis.stream import windows

LARGEST_ERROR = 1e-5
SECONDS = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of one voice."""

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
            f"takes {self.real_time_factor:.3f} s for each second of sound; windows exact to {self.window_error:.0e}"
        )


def check_voice(folder: Path) -> Report:
    """Load the voice in ``folder`` and let it speak about ``SECONDS`` of its own phonemes. Raises ``VoiceError``."""
    began = time.perf_counter()
    try:
        voice = load_voice(folder)
    except VoiceError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise VoiceError("voice_invalid", f"cannot be loaded ({type(error).__name__}). Install it again.") from error
    load_s = time.perf_counter() - began
    ids = _babble(dict(voice.bundle.phoneme_ids))
    began = time.perf_counter()
    latents = voice.engine.encode(ids, 0, 1.0)
    streamed = np.concatenate([voice.engine.decode(latents, start, stop) for start, stop in windows(latents.frames)])
    spoken_s = time.perf_counter() - began
    difference = float(np.abs(streamed - voice.engine.decode(latents, 0, latents.frames)).max())
    if not np.isfinite(streamed).all() or not streamed.any():
        raise VoiceError("voice_invalid", "makes no sound.")
    if difference > LARGEST_ERROR:
        raise VoiceError("voice_invalid", f"its windows differ from the whole by {difference:.1e}.")
    length_s = len(streamed) / voice.engine.sample_rate
    speakers = len(voice.bundle.speakers) or 1
    return Report(speakers, voice.engine.sample_rate, voice.bundle.gain, load_s, spoken_s / length_s, difference)


def _babble(phoneme_ids: dict[str, tuple[int, ...]]) -> list[int]:
    """Ids of a run of the voice's own letters, in whatever language: about ``SECONDS`` of sound at 12 a second."""
    letters = [ids for phoneme, ids in sorted(phoneme_ids.items()) if phoneme.isalpha() and ids]
    chosen = [letters[index % len(letters)] for index in range(12 * SECONDS)]
    spaced = [id_ for letter in chosen for id_ in (*phoneme_ids["_"], *letter)]
    return [*phoneme_ids["^"], *spaced, *phoneme_ids["_"], *phoneme_ids["$"]]
