"""The batching engine under failures, on the CPU device: listeners who leave, a failing device, and its metrics."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
import torch
from prometheus_client.parser import text_string_to_metric_families

from monitoring.exposition import exposition
from monitoring.sampler import Sampler
from synthesis.catalog import CatalogVoice, VoiceCatalogCache
from synthesis.engines.base import DecodeRequest
from synthesis.engines.coqui.cuda import CudaEngine
from synthesis.engines.coqui.latents import PAGE
from synthesis.engines.coqui.layout import BATCHES
from synthesis.engines.coqui.programs import DECODER, ENCODER, Options
from synthesis.pipeline.events import AudioChunk
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.synthesizer import Synthesizer
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import WorkerPool
from synthesis.runtime import Runtime
from synthesis.voice_files.manifest import VoiceManifest
from tests.synthesis.voices.coqui_voices import random_ids

SmallVoice = Callable[[str], Path]
TEXTS = {
    "alice": "Send bad fame. Man at best. " * 3,
    "bob": "A bed that sat. Fat men debate. " * 3,
    "charlie": "Nabad tends a flat, dense band. " * 3,
}
EVERY = tuple(range(1, 30))
"""More batches than there are: two threads may fail on the same device, which is then rebuilt once."""
OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory")


class Device:
    """An engine on the CPU device whose batches numbered ``fails`` of the decoder fail, counted from 1."""

    def __init__(self, folder: Path, fails: tuple[int, ...] = ()) -> None:
        self.fails = fails
        self.batches = 0
        manifest = VoiceManifest.read(folder)
        self.engine = CudaEngine(
            folder, manifest, device="cpu", options=Options(rows=300 * PAGE), fault=self._fault, clock=lambda: 1000.0
        )
        self.voice = LoadedVoice(manifest, self.engine)
        self.pool = WorkerPool(3, 8, batch_wait_s=0.02)
        self.voices = VoiceCache(folder.parent, lambda _folder: self.voice, max_loaded=1)
        self._speech = Synthesizer(self.voices, self.pool)
        self._entry = CatalogVoice(folder.name, "", "en-GB", (), self.engine.sample_rate, default=True)

    def _fault(self, program: str) -> None:
        if program in (DECODER, "masked"):
            self.batches += 1
            if self.batches in self.fails:
                raise OUT_OF_MEMORY

    async def listen(self, name: str, *, leaves: bool = False) -> bytes:
        """Return the audio of the listener's text, or its first part if the listener leaves."""
        request = SpeechRequest(TEXTS[name], self._entry, None, 1.0)
        pcm = b""
        async with aclosing(self._speech.synthesize(request)) as events:
            async for event in events:
                if isinstance(event, AudioChunk):
                    pcm += event.pcm
                    if leaves:
                        break
        return pcm

    async def listen_all(self, *, charlie_leaves: bool) -> tuple[bytes, bytes]:
        """Return the audio of alice and bob, who listen at the same time as charlie."""
        alice, bob, _ = await asyncio.gather(
            self.listen("alice"), self.listen("bob"), self.listen("charlie", leaves=charlie_leaves)
        )
        return alice, bob

    def close(self) -> None:
        self._speech.close()
        self.pool.close()


@pytest.fixture
def device(small_voice: SmallVoice) -> Iterator[Callable[..., Device]]:
    made: list[Device] = []

    def make(*fails: int) -> Device:
        made.append(Device(small_voice("medium"), fails))
        return made[-1]

    yield make
    for one in made:
        one.close()


def differ(one: bytes, other: bytes) -> int:
    """Return the largest difference in steps of PCM16."""
    first, second = (memoryview(pcm).cast("h") for pcm in (one, other))
    assert len(first) == len(second) > 0
    return max(abs(a - b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("fails", [(), (3,), (3, *range(6, 30))], ids=["no failure", "a rebuild", "a lost device"])
async def test_listeners_continue_when_the_device_fails_and_another_leaves(
    fails: tuple[int, ...], device: Callable[..., Device]
) -> None:
    expected = [await device().listen(name) for name in ("alice", "bob")]
    failing = device(*fails)
    heard = await failing.listen_all(charlie_leaves=True)
    # The float error of 1e-4 is three steps of PCM16.
    assert max(map(differ, heard, expected)) <= 4
    stats = failing.engine.stats()
    assert (stats["rebuilt"], stats["lost"]) == (min(1, len(fails)), len(fails) > 1)
    assert max(failing.pool.stats()["batches"]) > 1


async def test_the_processor_speaks_one_window_at_a_time_after_the_fallback(device: Callable[..., Device]) -> None:
    """In a batch, the first window would wait until the processor has computed the last one."""
    failing = device(*EVERY)
    assert failing.engine.max_batch == BATCHES[-1]
    await failing.listen("alice")
    assert failing.engine.max_batch == 1
    before = failing.pool.stats()["batches"]
    await failing.listen_all(charlie_leaves=False)
    after = failing.pool.stats()["batches"]
    assert {size for size, count in after.items() if count > before.get(size, 0)} == {1}


def test_a_device_that_another_thread_abandons_fails_no_request(small_voice: SmallVoice) -> None:
    """A segment is encoded again on the rebuilt device, which fails in another thread meanwhile."""
    folder, abandons = small_voice("medium"), list[bool]()

    def fault(program: str) -> None:
        if program == ENCODER and abandons:
            abandons.clear()
            failed = engine._device
            assert failed is not None
            engine._recover(failed, OUT_OF_MEMORY)

    engine = CudaEngine(
        folder,
        VoiceManifest.read(folder),
        device="cpu",
        options=Options(rows=300 * PAGE),
        fault=fault,
        clock=lambda: 1000.0,
    )
    latents = engine.encode(random_ids(50), 0, 1.0)
    request = DecodeRequest(latents, 0, 16)
    [expected] = engine.decode_pcm_batch([request], 1.0)
    assert engine._device is not None
    engine._recover(engine._device, OUT_OF_MEMORY)
    abandons.append(True)
    [pcm] = engine.decode_pcm_batch([request], 1.0)
    assert isinstance(pcm, bytes)
    assert isinstance(expected, bytes)
    assert differ(pcm, expected) <= 4
    assert engine.stats()["lost"]


def metric(name: str, **labels: str) -> float:
    families = text_string_to_metric_families(exposition(None).decode())
    samples = [one for family in families for one in family.samples if one.name == f"alphanumeric_{name}"]
    return sum(one.value for one in samples if labels.items() <= one.labels.items())


@pytest.mark.django_db
async def test_metrics_count_batches_rebuilds_and_lost_devices(device: Callable[..., Device]) -> None:
    failing = device(4, 8)
    runtime = Runtime(failing.pool, failing.voices, VoiceCatalogCache())
    sampler = Sampler(runtime)
    names = ("gpu_batches_total", "gpu_items_total", "gpu_rebuilds_total")
    before = {name: metric(name) for name in names}
    shown: list[float] = []
    try:
        for _ in range(3):
            await failing.listen("alice")
            await sampler.sample_gpu()
            shown.append(metric("gpu_batches_total"))
        counted = {name: metric(name) - before[name] for name in names}
        programs = failing.engine.stats()["programs"].values()
        assert counted["gpu_batches_total"] == sum(used["batches"] for used in programs) > 8
        assert counted["gpu_items_total"] == sum(used["items"] for used in programs)
        assert counted["gpu_rebuilds_total"] == 1
        assert shown == sorted(shown)
        assert metric("gpu_lost_voices") == 1
        assert metric("gpu_latents_ratio") == 0
        # Another load of the voice replaces it.
        failing.voices._loads.clear()
        await sampler.sample_gpu()
        assert metric("gpu_lost_voices") == 0
    finally:
        runtime.close()
