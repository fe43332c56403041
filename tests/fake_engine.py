"""A small real engine: each phoneme id is a distinct tone, so that tests can identify each sample."""

import string
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.base import Latents, SynthesisCancelled
from synthesis.voice_files.manifest import VoiceManifest

FRAMES_PER_ID = 3


@dataclass(frozen=True, slots=True)
class ToneLatents:
    """Tones by frame."""

    durations: NDArray[np.int64]
    tones: NDArray[np.float64]
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def frames(self) -> int:
        """Return the number of frames."""
        return int(self.durations.sum())

    def cancel(self) -> None:
        """Mark the segment as cancelled."""
        self.cancelled.set()


class ToneEngine:
    """Synthesizes sines at 8 kHz. ``hold()`` blocks each decode until ``release()``; ``break_with`` makes it raise."""

    sample_rate = 8000
    hop_length = 64

    def __init__(self) -> None:
        self.break_with: BaseException | None = None
        self.decoded: list[tuple[int, int]] = []
        self._go = threading.Event()
        self._go.set()
        self.reached = threading.Event()

    def hold(self) -> None:
        """Block the next decode."""
        self.reached.clear()
        self._go.clear()

    def release(self) -> None:
        """Release all blocked calls."""
        self._go.set()

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> ToneLatents:
        """Encode: each id lasts ``FRAMES_PER_ID`` frames at speed 1."""
        durations = np.full(len(ids), max(1, round(FRAMES_PER_ID / speed)), dtype=np.int64)
        return ToneLatents(durations, np.repeat(200.0 + 10 * np.asarray(ids, dtype=np.float64) + speaker, durations))

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """Decode to a sine per frame, its phase counted from the first sample of the segment."""
        assert isinstance(latents, ToneLatents)
        self.reached.set()
        for _ in range(10_000):
            if latents.cancelled.is_set():
                raise SynthesisCancelled
            if self._go.wait(0.001):
                break
        else:
            raise TimeoutError("the test never released the engine")
        if self.break_with is not None:
            broken, self.break_with = self.break_with, None
            raise broken
        self.decoded.append((start, stop))
        times = np.arange(start * self.hop_length, stop * self.hop_length) / self.sample_rate
        tones = np.repeat(latents.tones[start:stop], self.hop_length)
        return (0.3 * np.sin(2 * np.pi * tones * times)).astype(np.float32)


def tone_manifest(engine: ToneEngine) -> VoiceManifest:
    """Return the manifest of a voice with English letters and the most common espeak-ng symbols."""
    symbols = "_^$ " + string.ascii_lowercase + ",.!?;:'ˈˌːæɑɒɔəɚɛɜɡɪŋɹʃʊʌʒθðɐɾᵻ"
    return VoiceManifest(
        language="en-US",
        espeak_voice="en-us",
        speakers=(),
        sample_rate=engine.sample_rate,
        hop_length=engine.hop_length,
        latent_channels=1,
        flow_context=0,
        decoder_context=0,
        phoneme_ids={symbol: (number,) for number, symbol in enumerate(symbols)},
        noise_scale=0.0,
        noise_scale_duration=0.0,
        length_scale=1.0,
    )
