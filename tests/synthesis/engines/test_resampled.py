"""Voices of different sample rates in one text."""

from itertools import pairwise

import numpy as np
import pytest

from synthesis.engines.resampled import ResampledEngine
from tests.fake_engine import ToneEngine

IDS = [1, 4, 9, 12, 3, 7, 5, 2] * 20


@pytest.mark.parametrize(("rate", "hop"), [(22_050, 256), (4_000, 64), (48_000, 512), (11_025, 100)])
def test_windows_are_those_of_the_whole(rate: int, hop: int) -> None:
    original = ToneEngine()
    engine = ResampledEngine(original, rate, hop)
    latents = engine.encode(IDS, 0, 1.0)
    whole = engine.decode(latents, 0, latents.frames)
    assert len(whole) == latents.frames * hop
    # The duration is that of the original, up to the end of a frame.
    original_s = latents.original.frames * original.hop_length / original.sample_rate
    assert 0 <= len(whole) / rate - original_s < hop / rate
    edges = [0, 7, 8, 20, latents.frames - 1, latents.frames]
    windows = [engine.decode(latents, start, stop) for start, stop in pairwise(edges)]
    assert np.abs(np.concatenate(windows) - whole).max() < 1e-4


def test_a_tone_keeps_its_pitch_and_its_words_their_times() -> None:
    original = ToneEngine()
    engine = ResampledEngine(original, 22_050, 256)
    latents = engine.encode([20] * 40, 0, 1.0)
    audio = engine.decode(latents, 0, latents.frames)
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    assert spectrum.argmax() * 22_050 / len(audio) == pytest.approx(400, abs=2)
    edges = np.cumsum(latents.durations) * 256 / 22_050
    times = np.cumsum(latents.original.durations) * original.hop_length / original.sample_rate
    assert np.abs(edges - times).max() <= 256 / 22_050
    latents.cancel()
    assert latents.original.cancelled.is_set()  # type: ignore[attr-defined]  # of the test's engine
