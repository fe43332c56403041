"""The parts of speech synthesis in one serving process: workers, voices, catalog and limits."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.cache import caches

from core.errors import StorageUnavailableError
from core.process.connections import ConnectionRegistry
from core.process.cpu import cores
from core.process.malloc import trim_heap
from core.process.memory_guard import MIB, MemoryGuard, MemoryPressure
from core.process.process_table import ProcessState, ProcessTable
from core.storage.redis_link import redis_link
from synthesis.catalog import CatalogVoice, VoiceCatalogCache
from synthesis.errors import BusyError
from synthesis.gateway import LexiconSource, NoLexicons, SpeechGateway
from synthesis.limits.policy import DEFAULT_POLICY, LimitPolicy
from synthesis.limits.policy_store import PolicyStore
from synthesis.limits.rate_limiter import RateLimiter
from synthesis.maintenance import Maintenance
from synthesis.pipeline.request import SpeechRequest, build_request
from synthesis.pipeline.segment_cache import SegmentAudioCache
from synthesis.pipeline.synthesizer import Synthesizer
from synthesis.pipeline.wav_collector import collect_wav
from synthesis.pool.admission import Admission
from synthesis.pool.engine_factory import engine_name, load_voice
from synthesis.pool.voice_cache import VoiceCache
from synthesis.pool.worker_pool import WorkerPool

logger = logging.getLogger(__name__)

DEFAULT_MEMORY_LIMIT_MB = {"onnx": 500, "openvino": 700, "coqui": 4000, "cuda": 6000}
"""Default memory limit in MB by engine: torch needs more than all other parts together."""
GPU_WORKERS = 6
"""Batches that are prepared, computed and read concurrently; the threads do not compete for the CPU."""
RETRY_AFTER_S = 10
"""Seconds after which a client that was rejected for lack of memory may try again."""

# Other languages have no sentence here and warm up with the first request.
WARM_UP_SENTENCES = {"en": "Ready to speak, whenever you are."}


_make_lexicons: Callable[[], LexiconSource] = NoLexicons


def register_lexicons(make: Callable[[], LexiconSource]) -> None:
    """Set what makes the source of pronunciation dictionaries of each runtime."""
    global _make_lexicons
    _make_lexicons = make


def lexicon_source() -> LexiconSource:
    """Return a new source of pronunciation dictionaries."""
    return _make_lexicons()


class Runtime:
    """The parts of speech synthesis, built once per process and closed at its end."""

    def __init__(self, pool: WorkerPool, voices: VoiceCache, catalog: VoiceCatalogCache) -> None:
        self.pool = pool
        self.rate_limiter = RateLimiter(
            PolicyStore(),
            caches["limits"],
            remote=bool(settings.REDIS_URL),
            memory_check=self._check_memory,
        )
        self.segment_cache = SegmentAudioCache(settings.SEGMENT_CACHE_MB * MIB)
        self.voices = voices
        self.catalog = catalog
        self.memory_guard = MemoryGuard(
            (settings.MEMORY_LIMIT_MB or DEFAULT_MEMORY_LIMIT_MB[engine_name()]) * MIB, self._evict_caches
        )
        self.synthesizer = Synthesizer(voices, pool)
        self.admission = Admission(pool.meter, settings.SYNTHESIS_TARGET_LOAD, settings.SYNTHESIS_MAX_CONCURRENT)
        self.gateway = SpeechGateway(
            self.rate_limiter, catalog, self.synthesizer, self.segment_cache, self.admission, lexicon_source()
        )
        self.connections = ConnectionRegistry()
        self.processes: ProcessTable | None = None
        """The states of all serving processes, if there are several."""
        self.maintenance = Maintenance(catalog.refresh, self.rate_limiter.refresh)

    async def warm_up(self) -> bool:
        """Load the default voice and synthesize a sentence. Returns whether the voice is ready."""
        catalog = await self.catalog.read()
        default = catalog.default
        if default is None:
            return False
        self.voices.pinned = default.id
        text = WARM_UP_SENTENCES.get(default.language.split("-")[0])
        if text is None:
            await self.voices.get(default.id)
            return True
        # On all workers, which also measures the capacity under full load.
        count = min(self.pool.workers, settings.SYNTHESIS_MAX_CONCURRENT)
        await asyncio.gather(*(self._speak(build_request(catalog, text)) for _ in range(count)))
        logger.info("the voice %s is ready", default.id)
        return True

    async def sample(self, voice: CatalogVoice, text: str) -> bytes:
        """Return a WAV file of ``text``, for an administrator; the voice may be disabled.

        Raises the errors of ``Synthesizer.synthesize``, and ``BusyError`` if memory is short.
        """
        self._check_memory(DEFAULT_POLICY)
        return await collect_wav(self.synthesizer.synthesize(SpeechRequest(text, voice, None, 1.0)))

    async def _speak(self, request: SpeechRequest) -> None:
        async for _ in self.synthesizer.synthesize(request):
            pass

    async def state(self) -> ProcessState:
        """Return the state of this process for the process table."""
        if self.connections.draining:
            return ProcessState.DRAINING
        return ProcessState.READY if await self.ready() else ProcessState.NOT_READY

    async def ready(self) -> bool:
        """Return whether the default voice is loaded."""
        default = (await self.catalog.read()).default
        # The operator may have chosen another one: unloading it would make the server not ready.
        self.voices.pinned = default.id if default else None
        if self.memory_guard.pressure >= MemoryPressure.NOT_READY:
            return False
        if not await self.redis_available() and settings.LIMITS_WITHOUT_REDIS == "reject":
            return False
        return default is not None and self.voices.is_loaded(default.id) and self.pool.alive_workers > 0

    async def redis_available(self) -> bool:
        """Return whether Redis can be reached; true without ``REDIS_URL``."""
        if settings.REDIS_URL:
            # Any read: its result, or its failure, sets the state of the link.
            with suppress(StorageUnavailableError):
                await asyncio.to_thread(caches["limits"].get, "probe")
        return redis_link.available

    def _check_memory(self, policy: LimitPolicy) -> None:
        """Raise ``BusyError`` ``busy`` if there is no memory for more work of a client with this ``policy``."""
        if self.memory_guard.rejects(policy.memory_mb * MIB):
            message = f"The server is out of memory for new requests. Try again in {RETRY_AFTER_S} s."
            raise BusyError("busy", message, retry_after=RETRY_AFTER_S)

    def _evict_caches(self) -> None:
        """Evict cached segments and all voices but the most recently used one, and trim the heap."""
        self.segment_cache.clear()
        self.voices.evict_idle()
        trim_heap()

    def close(self) -> None:
        """Stop the workers; running jobs finish, queued ones are cancelled."""
        self.pool.close()
        self.synthesizer.close()
        self.rate_limiter.close()
        self.admission.close()
        self.voices.close()
        self.maintenance.close()


def _workers() -> int:
    return int(settings.SYNTHESIS_WORKERS) or (GPU_WORKERS if engine_name() == "cuda" else cores())


_runtime: Runtime | None = None


def get_runtime() -> Runtime:
    """Return the runtime of this process, built from the settings on first use."""
    global _runtime
    if _runtime is None:
        pool = WorkerPool(
            _workers(),
            settings.SYNTHESIS_MAX_CONCURRENT,
            on_idle=trim_heap,
            batch_wait_s=settings.SYNTHESIS_BATCH_WAIT_MS / 1000,
        )
        voices = VoiceCache(
            settings.VOICES_DIR,
            load_voice,
            settings.SYNTHESIS_MAX_LOADED_VOICES,
            idle_s=settings.SYNTHESIS_VOICE_IDLE_S,
        )
        _runtime = Runtime(pool, voices, VoiceCatalogCache())
    return _runtime


def set_runtime(runtime: Runtime | None) -> Runtime | None:
    """Set the current runtime and return the previous one: for tests with a fake engine."""
    global _runtime
    before, _runtime = _runtime, runtime
    return before
