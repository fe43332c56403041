"""Tests that every format decodes in an independent decoder (libsndfile for what FFmpeg encodes, and the reverse)."""

import io
import os
import wave
from typing import Any

import av
import numpy as np
import psutil
import pytest
import soundfile
from django.test import AsyncClient

from core.process.malloc import trim_heap
from synthesis.audio.encoders import make_encoder
from synthesis.audio.formats import FORMATS
from synthesis.runtime import Runtime
from tests.synthesis.api.client import content, post, speak

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "One sentence that goes on for a while. And another one, of the same kind."


def decode(audio_format: str, data: bytes) -> tuple[np.ndarray[Any, Any], int]:
    """Return mono samples and their rate."""
    if audio_format == "pcm":
        return np.frombuffer(data, "<i2") / 32768, 24000
    # FFmpeg encodes AAC as well, but libsndfile does not know it.
    if audio_format in ("mp3", "flac", "aac"):
        return with_ffmpeg(data)
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return samples, rate


def with_ffmpeg(data: bytes) -> tuple[np.ndarray[Any, Any], int]:
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(audio=0))
    whole = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return (whole / 32768 if whole.dtype == np.int16 else whole), frames[0].sample_rate


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("audio_format", FORMATS)
async def test_durations_agree(
    runtime_with_voice: Runtime, async_client: AsyncClient, audio_format: str, stream: bool
) -> None:
    original = await speak(async_client, TEXT, response_format="wav", stream=False)
    with wave.open(io.BytesIO(original)) as wav:
        expected_s = wav.getnframes() / wav.getframerate()
    samples, rate = decode(audio_format, await speak(async_client, TEXT, response_format=audio_format, stream=stream))
    assert len(samples) / rate == pytest.approx(expected_s, abs=0.1)
    # The audio is complete: the last word is not cut off.
    assert np.abs(samples[-rate * 3 // 10 :]).max() > 0.1


@pytest.mark.parametrize(
    ("audio_format", "content_type", "begins"),
    [
        ("mp3", "audio/mpeg", b"\xff\xf3"),
        ("opus", "audio/ogg;codecs=opus", b"OggS"),
        ("aac", "audio/aac", b"\xff\xf1"),
        ("flac", "audio/flac", b"fLaC"),
        ("wav", "audio/wav", b"RIFF\xff\xff\xff\xffWAVE"),
        ("pcm", "audio/pcm;rate=24000;channels=1", b""),
    ],
)
async def test_content_types(
    runtime_with_voice: Runtime, async_client: AsyncClient, audio_format: str, content_type: str, begins: bytes
) -> None:
    response = await post(async_client, {"input": TEXT, "response_format": audio_format})
    assert (response.status_code, response["Content-Type"], "Content-Length" in response) == (200, content_type, False)
    assert (await content(response)).startswith(begins)


async def test_mp3_is_the_default(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert (await post(async_client, {"input": "Hello."}))["Content-Type"] == "audio/mpeg"


async def test_concatenated_mp3_responses_play_completely(
    runtime_with_voice: Runtime, async_client: AsyncClient
) -> None:
    parts = [await speak(async_client, text) for text in (TEXT, "Hello, alice.", TEXT)]
    lengths = [len(soundfile.read(io.BytesIO(part))[0]) for part in parts]
    samples, rate = soundfile.read(io.BytesIO(b"".join(parts)))
    assert len(samples) / rate == pytest.approx(sum(lengths) / rate, abs=0.1)
    with_pyav, _ = with_ffmpeg(b"".join(parts))
    assert len(with_pyav) / rate == pytest.approx(sum(lengths) / rate, abs=0.15)


@pytest.mark.parametrize(
    ("audio_format", "rate"),
    [(name, rate) for name, audio_format in FORMATS.items() if name != "pcm" for rate in audio_format.rates],
)
def test_sample_rates(audio_format: str, rate: int) -> None:
    tone = (8000 * np.sin(np.arange(22050) / 22050 * 2 * np.pi * 440)).astype("<i2").tobytes()
    encoder = make_encoder(FORMATS[audio_format], 22050, rate)
    data = b"".join([*(encoder.encode(tone[at : at + 3000]) for at in range(0, len(tone), 3000)), encoder.finish()])
    samples, decoded_rate = decode(audio_format, data)
    assert decoded_rate == rate
    assert len(samples) / decoded_rate == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("audio_format", ["flac", "wav", "pcm"])
def test_lossless_formats_have_no_seams(audio_format: str) -> None:
    tone = (8000 * np.sin(np.arange(22050) / 22050 * 2 * np.pi * 440)).astype("<i2").tobytes()
    rate = FORMATS[audio_format].rate_for(22050, None)

    def encoded(window: int) -> bytes:
        encoder = make_encoder(FORMATS[audio_format], 22050, rate)
        windows = [encoder.encode(tone[at : at + window]) for at in range(0, len(tone), window)]
        return b"".join([*windows, encoder.finish()])

    windows, whole = (decode(audio_format, encoded(window))[0] for window in (1000, len(tone)))
    assert len(windows) == len(whole)
    # The resampler rounds with dither: two of the smallest steps of 16 bits.
    assert np.abs(windows - whole).max() <= 2 / 32768


def test_a_released_aac_encoder_continues_without_a_click() -> None:
    random = np.random.default_rng(1)
    times = np.arange(3 * 24000) / 24000
    # Like speech: a tone that swells and stops four times a second, and noise.
    loudness = np.maximum(0, np.sin(times * 2 * np.pi * 4)) ** 0.5
    speech = loudness * (0.3 * np.sin(times * 2 * np.pi * 220) + 0.02 * random.standard_normal(times.size))
    samples = (speech * 32767).astype("<i2").tobytes()

    def decoded(released: bool) -> np.ndarray[Any, Any]:
        encoder = make_encoder(FORMATS["aac"], 24000, 24000)
        data = b""
        for at in range(0, len(samples), 10_000):
            data += encoder.encode(samples[at : at + 10_000])
            if released:
                encoder.release()
        return decode("aac", data + encoder.finish())[0]

    whole, parts = decoded(released=False), decoded(released=True)
    assert len(whole) == len(parts)
    # FFmpeg's encoder begins a frame before the first sample.
    original = np.concatenate([np.zeros(1024), speech])
    errors = [np.abs(heard[: len(original)] - original) for heard in (whole, parts)]
    assert errors[1].max() < 1.5 * errors[0].max()


def test_released_aac_encoders_hold_little_memory() -> None:
    process = psutil.Process()
    encoders = [make_encoder(FORMATS["aac"], 24000, 24000) for _ in range(20)]
    for encoder in encoders:
        encoder.encode(bytes(10_000))
    before = process.memory_full_info().uss
    for encoder in encoders:
        encoder.release()
    trim_heap()
    assert before - process.memory_full_info().uss > len(encoders) * 500_000


@pytest.mark.parametrize("audio_format", FORMATS)
def test_a_closed_encoder_returns_nothing(audio_format: str) -> None:
    encoder = make_encoder(FORMATS[audio_format], 22050, 24000)
    encoder.encode(bytes(5000))
    for _ in range(2):
        encoder.close()
    assert encoder.encode(bytes(5000)) == encoder.finish() == b""


async def test_complete_files_state_their_length(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await post(async_client, {"input": TEXT, "response_format": "wav", "stream": False})
    data = await content(response)
    assert int(response["Content-Length"]) == len(data)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert int.from_bytes(data[40:44], "little") == len(data) - 44
    flac = await speak(async_client, TEXT, response_format="flac", stream=False)
    with soundfile.SoundFile(io.BytesIO(flac)) as file:
        assert file.frames == (len(data) - 44) // 2


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="PyAV starts threads for each CPU there")
@pytest.mark.parametrize("audio_format", FORMATS)
def test_encoders_start_no_threads(audio_format: str) -> None:
    before, allowed = psutil.Process().num_threads(), os.sched_getaffinity(0)
    encoders = [make_encoder(FORMATS[audio_format], 22050, 24000) for _ in range(5)]
    for encoder in encoders:
        encoder.encode(bytes(10_000))
    assert psutil.Process().num_threads() == before
    assert os.sched_getaffinity(0) == allowed
    for encoder in encoders:
        encoder.close()


def test_resampling_does_not_depend_on_the_sizes_of_the_windows() -> None:
    samples = (np.random.default_rng(seed=1).standard_normal(22_050) * 6000).astype("<i2").tobytes()
    results = []
    for sizes in ([8192], [512, 24_576, 600]):
        encoder = make_encoder(FORMATS["pcm"], 22_050, 24_000)
        made, position, count = b"", 0, 0
        while position < len(samples):
            size = sizes[count % len(sizes)]
            made += encoder.encode(samples[position : position + size])
            position, count = position + size, count + 1
        results.append(made + encoder.finish())
    assert results[0] == results[1]
    assert len(results[0]) == 48_000
