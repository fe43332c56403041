"""The whole pipeline with the real voice: audio, timing and determinism."""

from contextlib import aclosing

import numpy as np
import pytest
from numpy.typing import NDArray

from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Event, WordTimings
from synthesis.pipeline.request import build_request
from synthesis.runtime import Runtime

pytestmark = [pytest.mark.voice, pytest.mark.django_db(transaction=True)]

TEXT = "Build #42 failed at 12:05: $3.50 over, see https://ci.example.com/log?x=1 (50%). Shall we try again?"


async def events(runtime: Runtime, text: str, **wish: float) -> list[Event]:
    request = build_request(await runtime.catalog.read(), text, **wish)  # type: ignore[arg-type]
    async with aclosing(runtime.synthesizer.synthesize(request)) as stream:
        return [event async for event in stream]


def sound(made: list[Event]) -> NDArray[np.int16]:
    return np.frombuffer(b"".join(event.pcm for event in made if isinstance(event, AudioChunk)), "<i2")


def loudness(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(np.square(samples / 32768.0))))


async def test_speech_is_audible(joe_runtime: Runtime) -> None:
    made = await events(joe_runtime, TEXT)
    samples = sound(made)
    started, done = made[0], made[-1]
    assert isinstance(started, AudioStart)
    assert isinstance(done, AudioEnd)
    assert started.sample_rate == 22050
    assert done.samples == len(samples)
    assert 0.04 < loudness(samples) < 0.3
    assert 7 < len(samples) / 22050 < 16
    assert np.abs(samples).max() <= 32767


async def test_every_written_word_has_a_timing(joe_runtime: Runtime) -> None:
    made = await events(joe_runtime, TEXT)
    words = [word for event in made if isinstance(event, WordTimings) for word in event.words]
    assert [TEXT[word.start : word.end] for word in words] == TEXT.split()
    length = len(sound(made))
    edges = [edge for word in words for edge in (word.first_sample, word.last_sample)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= length
    samples = sound(made)
    assert all(loudness(samples[word.first_sample : word.last_sample]) > 0.01 for word in words)


async def test_totals_become_exact(joe_runtime: Runtime) -> None:
    made = await events(joe_runtime, TEXT)
    told = [event for event in made if isinstance(event, WordTimings)]
    assert [event.exact for event in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].total == len(sound(made))
    assert all(0.5 < event.total / told[-1].total < 2 for event in told)


async def test_samples_are_reproducible(joe_runtime: Runtime) -> None:
    first, again = [sound(await events(joe_runtime, TEXT)) for _ in range(2)]
    assert np.array_equal(first, again)


async def test_a_later_start_yields_the_rest_of_the_samples(joe_runtime: Runtime) -> None:
    whole = sound(await events(joe_runtime, TEXT))
    rest = sound(await events(joe_runtime, TEXT, start=50_001))
    assert len(rest) == len(whole) - 50_001
    # One step of PCM16: the float error of a window with other boundaries can change the rounding.
    assert np.abs(rest.astype(int) - whole[50_001:]).max() <= 1


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
async def test_speed_scales_the_duration(joe_runtime: Runtime, speed: float) -> None:
    natural = len(sound(await events(joe_runtime, "The quick brown fox jumps over the lazy dog.")))
    changed = len(sound(await events(joe_runtime, "The quick brown fox jumps over the lazy dog.", speed=speed)))
    assert changed * speed == pytest.approx(natural, rel=0.15)


async def test_window_boundaries_have_no_click(joe_runtime: Runtime) -> None:
    made = await events(
        joe_runtime, "A long and even sentence that flows through many windows without any pause at all"
    )
    samples = sound(made).astype(int)
    steps = np.abs(np.diff(samples))
    seams = [event.first_sample for event in made if isinstance(event, AudioChunk) and event.first_sample]
    assert len(seams) >= 3
    assert all(steps[seam - 1] <= steps.max() * 0.9 or steps[seam - 1] < 3000 for seam in seams)


async def test_sentences_are_separated_by_silence(joe_runtime: Runtime) -> None:
    samples = sound(await events(joe_runtime, "Yes. No."))
    silent = np.abs(samples) < 40
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(int), [0])))))[::2]
    assert runs.max() > 0.15 * 22050
