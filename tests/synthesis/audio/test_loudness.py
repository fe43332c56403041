"""Loudness: no clipping, exact windows, and equal loudness of voices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from synthesis.audio.loudness import (
    LIMITER_KNEE,
    MAX_GAIN,
    MAX_PEAK,
    MIN_GAIN,
    TARGET_RMS,
    compute_gain,
    soft_limit,
    speech_rms,
    to_pcm16,
)

RATE = 22_050
LOUD = st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=40)


def samples(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def tone(seconds: float, peak: float) -> NDArray[np.float32]:
    wave: NDArray[np.float32] = np.sin(np.arange(int(seconds * RATE)) * 0.05).astype(np.float32)
    return wave * np.float32(peak)


@given(LOUD)
def test_the_limiter_never_exceeds_full_scale_and_keeps_the_sign(values: list[float]) -> None:
    limited = soft_limit(samples(*values))
    assert limited.dtype == np.float32
    assert np.abs(limited).max() <= 1
    assert (np.sign(limited) == np.sign(samples(*values))).all()


@given(LOUD)
def test_the_limiter_is_monotonic_and_stateless(values: list[float]) -> None:
    limited = soft_limit(samples(*sorted(values)))
    assert (np.diff(limited) >= 0).all()
    assert [soft_limit(samples(value))[0] for value in sorted(values)] == limited.tolist()


@given(st.lists(st.floats(-1, 1, width=32).map(LIMITER_KNEE.__mul__), max_size=40))
def test_speech_of_target_loudness_is_unchanged(values: list[float]) -> None:
    assert np.array_equal(soft_limit(samples(*values)), samples(*values))


def test_the_limiter_curve_is_smooth() -> None:
    ramp = np.linspace(0, 1.5, 3_001).astype(np.float32)
    slopes = np.diff(soft_limit(ramp)) / np.diff(ramp)
    assert np.abs(np.diff(slopes)).max() < 0.02


@pytest.mark.parametrize(
    ("given_samples", "gain", "expected"),
    [
        ((0.0, 0.5, -0.5), 1.0, (0, 16384, -16384)),
        ((0.25,), 2.0, (16384,)),
        ((99.0, -99.0), 8.0, (32767, -32767)),
        ((), 1.0, ()),
    ],
)
def test_pcm_is_little_endian_16_bit(given_samples: tuple[float, ...], gain: float, expected: tuple[int, ...]) -> None:
    assert to_pcm16(samples(*given_samples), gain) == b"".join(v.to_bytes(2, "little", signed=True) for v in expected)


def test_pauses_do_not_count_as_quiet_speech() -> None:
    spoken = tone(1, 0.3)
    paused = np.concatenate((spoken, np.zeros(5 * RATE, np.float32)))
    assert speech_rms(paused, RATE) == pytest.approx(speech_rms(spoken, RATE), rel=0.02)


@pytest.mark.parametrize("peak", [0.05, 0.12, 0.5])
def test_the_gain_brings_speech_to_the_target_loudness(peak: float) -> None:
    utterances = [tone(1, peak), tone(0.5, peak)]
    raised = utterances[0] * np.float32(compute_gain(utterances, RATE))
    assert speech_rms(raised, RATE) == pytest.approx(TARGET_RMS, rel=0.02)


def test_the_gain_of_a_peaky_voice_is_limited_by_its_peaks() -> None:
    peaky = tone(1, 0.02)
    peaky[1000] = 0.9
    assert compute_gain([peaky], RATE) == pytest.approx(MAX_PEAK / 0.9)


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [(tone(1, 1e-4), MAX_GAIN), (tone(1, 30), MIN_GAIN), (tone(1, 0), 1.0), (tone(0, 1), 1.0)],
)
def test_the_gain_is_bounded(utterance: NDArray[np.float32], expected: float) -> None:
    assert compute_gain([utterance], RATE) == expected
