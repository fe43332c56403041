"""The batching engine on the CPU device: exact, independent of the batch, and recovering from errors."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from django.conf import settings
from numpy.typing import NDArray

from synthesis.audio.loudness import to_pcm16
from synthesis.catalog import CatalogVoice
from synthesis.engines.base import BatchEngine, DecodeRequest, EncodeRequest, Latents, SynthesisCancelled
from synthesis.engines.coqui.cuda import CONTEXT_MB, REBUILD_EVERY_S, CudaEngine, CudaLatents, memory_budget_mb
from synthesis.engines.coqui.lanes import MOST_TRIES, Field, Graph, Graphs, Program, Shape, Tensors
from synthesis.engines.coqui.latents import PAGE
from synthesis.engines.coqui.layout import WINDOW
from synthesis.engines.coqui.programs import Options
from synthesis.engines.onnx import OnnxEngine
from synthesis.errors import BusyError, SpeechError, VoiceError
from synthesis.pipeline.events import AudioChunk, Event
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.synthesizer import Synthesizer
from synthesis.pipeline.windows import plan_windows
from synthesis.pool import engine_factory
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import WorkerPool
from synthesis.voice_files.manifest import VoiceManifest
from tests.synthesis.voices.coqui_voices import KINDS, random_ids

SmallVoice = Callable[[str], Path]
SMALL = Options(rows=300 * PAGE)
GAIN = 1.7


Samples = NDArray[np.float32]


def cuda_engine(folder: Path, **options: Any) -> CudaEngine:
    return CudaEngine(folder, VoiceManifest.read(folder), device="cpu", options=replace(SMALL, **options))


def sound(made: Sequence[Samples | Exception]) -> Samples:
    samples = [piece for piece in made if not isinstance(piece, Exception)]
    assert len(samples) == len(made)
    return np.concatenate(samples)


def decoded(engine: CudaEngine, latents: Latents, ranges: list[tuple[int, int]]) -> Samples:
    return sound(engine.decode_batch([DecodeRequest(latents, *ends) for ends in ranges]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 12, 400])
def test_samples_match_the_cpu_engine(kind: str, count: int, small_voice: SmallVoice) -> None:
    folder = small_voice(kind)
    engine, reference = cuda_engine(folder), OnnxEngine(folder, VoiceManifest.read(folder))
    ids, speaker = random_ids(count), int(kind.startswith("speakers"))
    latents, expected = engine.encode(ids, speaker, 1.0), reference.encode(ids, speaker, 1.0)
    assert latents.durations.tolist() == expected.durations.tolist()
    spoken = reference.decode(expected, 0, expected.frames)
    np.testing.assert_allclose(engine.decode(latents, 0, latents.frames), spoken, rtol=0, atol=1e-4)
    ranges = list(plan_windows(latents.frames))
    np.testing.assert_allclose(decoded(engine, latents, ranges), spoken, rtol=0, atol=1e-4)


def test_a_segment_longer_than_one_flow_run_is_exact(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    engine, reference = cuda_engine(folder), OnnxEngine(folder, VoiceManifest.read(folder))
    ids = random_ids(1_100)
    latents, expected = engine.encode(ids, 0, 0.5), reference.encode(ids, 0, 0.5)
    assert latents.frames > 2048 + 200
    start = 2048 - 100
    np.testing.assert_allclose(
        engine.decode(latents, start, start + 200), reference.decode(expected, start, start + 200), rtol=0, atol=1e-4
    )


@pytest.mark.parametrize("ends", [(0, 1), (3, 9), (0, 40), (11, 12), (30, 31), (25, 41)])
@pytest.mark.parametrize("frames", [41, 60, 200])
def test_windows_near_the_ends_equal_the_whole_segment(
    ends: tuple[int, int], frames: int, small_voice: SmallVoice
) -> None:
    folder = small_voice("medium")
    engine, reference = cuda_engine(folder), OnnxEngine(folder, VoiceManifest.read(folder))
    ids = random_ids(20)
    natural = reference.encode(ids, 0, 1.0).frames
    latents = engine.encode(ids, 0, natural / frames)
    expected = reference.encode(ids, 0, natural / frames)
    first, last = min(ends[0], latents.frames - 1), min(ends[1], latents.frames)
    for start, stop in ((first, last), (latents.frames - last, latents.frames - first)):
        made = engine.decode(latents, start, stop)
        np.testing.assert_allclose(made, reference.decode(expected, start, stop), rtol=0, atol=1e-4)


def test_samples_do_not_depend_on_the_batch(small_voice: SmallVoice) -> None:
    engine = cuda_engine(small_voice("speakers"))
    requests = [EncodeRequest(random_ids(count), count % 3, 1.0 + count / 100) for count in (5, 80, 33, 120, 64, 1)]
    together = engine.encode_batch(requests)
    alone = [engine.encode(request.ids, request.speaker, request.speed) for request in requests]
    windows_of = []
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, CudaLatents)
        assert one.durations.tolist() == other.durations.tolist()
        windows_of += [DecodeRequest(one, *ends) for ends in plan_windows(one.frames, largest=WINDOW)]
    batch = engine.decode_batch(windows_of)
    for request, made in zip(windows_of, batch, strict=True):
        single = engine.decode_batch([request])
        np.testing.assert_allclose(sound([made]), sound(single), rtol=0, atol=1e-5)
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, CudaLatents)
        np.testing.assert_allclose(
            engine.decode(one, 0, one.frames), engine.decode(other, 0, other.frames), rtol=0, atol=1e-5
        )


def test_pcm_matches_the_cpu_conversion(small_voice: SmallVoice) -> None:
    engine = cuda_engine(small_voice("medium"))
    latents = engine.encode(random_ids(60), 0, 1.0)
    [pcm] = engine.decode_pcm_batch([DecodeRequest(latents, 3, 50)], GAIN)
    assert isinstance(pcm, bytes)
    expected = np.frombuffer(to_pcm16(engine.decode(latents, 3, 50), GAIN), "<i2")
    assert np.abs(np.frombuffer(pcm, "<i2").astype(int) - expected).max() <= 1


def test_noise_can_be_disabled(small_voice: SmallVoice) -> None:
    folder = small_voice("plain durations")
    engine, reference = cuda_engine(folder, noise=False), OnnxEngine(folder, VoiceManifest.read(folder), noise=False)
    latents, expected = engine.encode(random_ids(30), 0, 1.0), reference.encode(random_ids(30), 0, 1.0)
    np.testing.assert_allclose(
        engine.decode(latents, 0, latents.frames), reference.decode(expected, 0, expected.frames), rtol=0, atol=1e-4
    )


def test_bf16_is_close(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    exact, fast = cuda_engine(folder), cuda_engine(folder, precision="bf16", channels_last=True)
    first, second = exact.encode(random_ids(60), 0, 1.0), fast.encode(random_ids(60), 0, 1.0)
    samples = exact.decode(first, 0, first.frames)
    error = np.abs(fast.decode(second, 0, second.frames) - samples)
    assert 0 < error.max() < 0.05 * np.abs(samples).max()


def test_a_request_that_fails_fails_alone(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    engine = cuda_engine(folder)
    good, gone = (engine.encode(random_ids(50), 0, 1.0) for _ in range(2))
    gone.cancel()
    made = engine.decode_batch(
        [DecodeRequest(good, 0, 16), DecodeRequest(gone, 0, 16), DecodeRequest(good, 5, 5), DecodeRequest(good, 16, 48)]
    )
    assert isinstance(made[1], SynthesisCancelled)
    assert isinstance(made[2], ValueError)
    np.testing.assert_allclose(sound([made[0], made[3]]), engine.decode(good, 0, 48), rtol=0, atol=1e-5)
    encoded = engine.encode_batch(
        [EncodeRequest(random_ids(9), 0, 1.0), EncodeRequest([], 0, 1.0), EncodeRequest(random_ids(9), 0, 1e-9)]
    )
    assert isinstance(encoded[0], CudaLatents)
    assert isinstance(encoded[1], ValueError)
    assert isinstance(encoded[2], SpeechError)


def test_a_full_table_rejects_and_recovers(small_voice: SmallVoice) -> None:
    engine = cuda_engine(small_voice("medium"), rows=6 * PAGE)
    request = EncodeRequest(random_ids(40), 0, 1.0)
    made = engine.encode_batch([request] * 6)
    refused = [result for result in made if isinstance(result, Exception)]
    assert 0 < len(refused) < len(made)
    assert all(isinstance(error, BusyError) for error in refused)
    del made, refused
    assert engine.stats()["latent_pages_free"] == engine.stats()["latent_pages"]
    assert isinstance(engine.encode_batch([request])[0], CudaLatents)


def test_threads_can_share_an_engine(small_voice: SmallVoice) -> None:
    engine = cuda_engine(small_voice("medium"))
    texts = [random_ids(count) for count in range(20, 60, 5)]
    expected = [engine.decode(latents, 0, latents.frames) for latents in (engine.encode(ids, 0, 1.0) for ids in texts)]

    def speak(ids: list[int]) -> Samples:
        latents = engine.encode(ids, 0, 1.0)
        return np.concatenate([engine.decode(latents, *ends) for ends in plan_windows(latents.frames)])

    with ThreadPoolExecutor(8) as threads:
        for made, right in zip(threads.map(speak, texts * 2), expected * 2, strict=True):
            np.testing.assert_allclose(made, right, rtol=0, atol=1e-5)


class Fault:
    """Raises ``error`` a given number of times, before a batch."""

    def __init__(self, error: Exception) -> None:
        self.error, self.times, self.seen = error, 0, list[str]()

    def __call__(self, program: str) -> None:
        self.seen.append(program)
        if self.times:
            self.times -= 1
            raise self.error


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("CUDA error: unspecified launch failure")]
)
def test_a_failed_device_is_rebuilt_and_then_abandoned(error: Exception, small_voice: SmallVoice) -> None:
    folder, fault, now = small_voice("medium"), Fault(error), [1000.0]
    engine = CudaEngine(
        folder, VoiceManifest.read(folder), device="cpu", options=SMALL, fault=fault, clock=lambda: now[0]
    )
    latents = engine.encode(random_ids(50), 0, 1.0)
    expected = engine.decode(latents, 0, latents.frames)

    fault.times = 1
    np.testing.assert_allclose(engine.decode(latents, 0, 16), expected[: 16 * engine.hop_length], rtol=0, atol=1e-5)
    assert engine.stats()["device"] == "cpu"
    assert engine.stats()["rebuilt"] == 1

    now[0] += REBUILD_EVERY_S - 1
    fault.times = 1
    np.testing.assert_allclose(
        engine.decode(latents, 16, 48), expected[16 * engine.hop_length : 48 * engine.hop_length], rtol=0, atol=1e-4
    )
    assert engine.stats()["device"] == "processor"
    fault.times, fault.seen = 1, []
    [pcm] = engine.decode_pcm_batch([DecodeRequest(latents, 0, 16)], 1.0)
    assert isinstance(pcm, bytes)
    assert engine.encode(random_ids(50), 0, 1.0).durations.tolist() == latents.durations.tolist()
    assert fault.seen == []


def test_a_request_error_does_not_rebuild_the_device(small_voice: SmallVoice) -> None:
    folder, fault = small_voice("medium"), Fault(RuntimeError("a mistake"))
    engine = CudaEngine(folder, VoiceManifest.read(folder), device="cpu", options=SMALL, fault=fault)
    fault.times = 1
    with pytest.raises(RuntimeError, match="a mistake"):
        engine.encode(random_ids(5), 0, 1.0)
    assert engine.stats()["rebuilt"] == 0


class Doubling:
    """A program that doubles its input and records each computation."""

    def __init__(self, events: list[str]) -> None:
        self._events = events

    def inputs(self, shape: Shape) -> Sequence[Field]:
        return (Field("value", torch.float32, (shape.batch,)),)

    def outputs(self, shape: Shape) -> Sequence[Field]:
        return self.inputs(shape)

    def compute(self, _shape: Shape, given: Tensors) -> Tensors:
        self._events.append("computed")
        return {"value": given["value"] * 2}


def test_cached_memory_is_released_between_a_warm_up_and_its_capture() -> None:
    events: list[str] = []

    def capture(program: Program, shape: Shape, given: Tensors, pool: object) -> Graph:
        events.append(f"captured into {pool}")
        return Graph(None, given)

    graphs = Graphs("pool", capture, lambda: events.append("released"))
    shape = Shape("doubling", 1, 1)
    made = graphs.compute(shape, Doubling(events), {"value": torch.ones(1)})
    assert made["value"].item() == 2
    assert events == ["computed", "released", "captured into pool"]
    assert graphs.get(shape) is not None


def test_a_capture_without_memory_leaves_the_batch_computed(caplog: pytest.LogCaptureFixture) -> None:
    events: list[str] = []

    def capture(*_: object) -> Graph:
        raise torch.OutOfMemoryError("CUDA out of memory")

    graphs = Graphs("pool", capture, lambda: events.append("released"))
    shape = Shape("doubling", 1, 1)
    for _ in range(MOST_TRIES + 2):
        made = graphs.compute(shape, Doubling(events), {"value": torch.ones(1)})
        assert made["value"].item() == 2
    assert graphs.get(shape) is None
    assert events.count("released") == caplog.text.count("CUDA out of memory") == MOST_TRIES


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("CUDA error: out of memory")]
)
def test_the_error_names_a_full_gpu(error: Exception, small_voice: SmallVoice, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_engine: CudaEngine) -> None:
        raise error

    monkeypatch.setattr(CudaEngine, "_build", full)
    with pytest.raises(VoiceError) as failure:
        cuda_engine(small_voice("medium"))
    assert failure.value.code == "gpu_full"


@pytest.mark.parametrize(
    ("memory_mb", "processes", "expected"),
    [(8_000, 1, 8_000), (0, 1, 24_000), (90_000, 1, 24_000), (4_000, 4, 4_000), (8_000, 4, 5_400), (0, 2, 11_400)],
)
def test_processes_share_the_memory_of_a_gpu(memory_mb: int, processes: int, expected: int) -> None:
    budget_mb = memory_budget_mb(24_000, memory_mb, processes)
    assert budget_mb == expected
    assert processes == 1 or processes * (budget_mb + CONTEXT_MB) <= 24_000


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_the_error_names_a_missing_gpu(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    with pytest.raises(VoiceError) as failure:
        CudaEngine(folder, VoiceManifest.read(folder), device="cuda", memory_mb=100)
    assert failure.value.code == "gpu_missing"


def test_counters_report_the_work(small_voice: SmallVoice) -> None:
    engine = cuda_engine(small_voice("medium"))
    assert isinstance(engine, BatchEngine)
    latents = engine.encode(random_ids(50), 0, 1.0)
    engine.decode_batch([DecodeRequest(latents, 20, 40), DecodeRequest(latents, 22, 42)])
    assert engine.stats()["programs"]["wave"]["sizes"] == {2: 1}
    keys = {engine.decode_key(DecodeRequest(latents, *ends)) for ends in ((20, 36), (24, 40), (0, 96))}
    assert len(keys) == 2


def test_an_unusable_gpu_falls_back_to_the_cpu(
    small_voice: SmallVoice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise VoiceError("gpu_full", "The GPU is full.")

    monkeypatch.setattr(engine_factory, "_cuda_engine", missing)
    monkeypatch.setattr(engine_factory, "engine_name", lambda: "cuda")
    folder = small_voice("medium")
    monkeypatch.setattr(settings, "SYNTHESIS_ENGINE", "auto")
    assert isinstance(engine_factory.load_voice(folder).engine, OnnxEngine)
    assert "The GPU is full." in caplog.text
    monkeypatch.setattr(settings, "SYNTHESIS_ENGINE", "cuda")
    with pytest.raises(VoiceError):
        engine_factory.load_voice(folder)


TEXTS = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish.",
)


async def spoken(voice: LoadedVoice, folder: Path, texts: Sequence[str]) -> tuple[list[list[Event]], dict[str, Any]]:
    """Return the audio of concurrent texts, one per listener, and the pool's counters."""
    pool = WorkerPool(4, 8, batch_wait_s=1.0)
    speech = Synthesizer(VoiceCache(folder.parent, lambda _folder: voice, max_loaded=1), pool)
    entry = CatalogVoice(folder.name, "", "en-US", (), voice.engine.sample_rate, default=True)

    async def listen(text: str) -> list[Event]:
        return [event async for event in speech.synthesize(SpeechRequest(text, entry, None, 1.0))]

    try:
        return await asyncio.gather(*map(listen, texts)), pool.stats()
    finally:
        pool.close()


def pcm_of(events: Sequence[Event]) -> NDArray[np.int64]:
    return np.frombuffer(b"".join(event.pcm for event in events if isinstance(event, AudioChunk)), "<i2").astype(
        np.int64
    )


@pytest.mark.voice
async def test_batches_of_the_real_voice_match_single_runs(joe_voice_dir: Path) -> None:
    manifest = VoiceManifest.read(joe_voice_dir)
    engine = CudaEngine(joe_voice_dir, manifest, device="cpu", options=SMALL)
    heard, _ = await spoken(LoadedVoice(manifest, engine), joe_voice_dir, TEXTS)
    expected, _ = await spoken(LoadedVoice(manifest, OnnxEngine(joe_voice_dir, manifest)), joe_voice_dir, TEXTS)
    for made, right in zip(heard, expected, strict=True):
        # The float error of 1e-4 is three steps of PCM16.
        np.testing.assert_allclose(pcm_of(made), pcm_of(right), rtol=0, atol=4)
        assert [event for event in made if not isinstance(event, AudioChunk)] == [
            event for event in right if not isinstance(event, AudioChunk)
        ]
