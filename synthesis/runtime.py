"""What one serving process has: its workers, its voices, its reading of the catalogue."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.cache import caches

from core.connections import ConnectionRegistry
from core.cpu import cores
from core.errors import StorageUnavailableError
from core.process_table import ProcessState, ProcessTable
from synthesis.admission import Admission, Subject
from synthesis.cache import Phrases, Shelf
from synthesis.catalogue import CatalogueReader
from synthesis.engines import Engine
from synthesis.errors import VoiceError
from synthesis.guard import MIB, Guard, Level
from synthesis.limits import Policy
from synthesis.loaded import LoadedVoice, Voices
from synthesis.memory import give_back
from synthesis.policies import Policies
from synthesis.pool import Pool
from synthesis.speech import Done, Speech, build_request
from synthesis.voices.bundle import Bundle

logger = logging.getLogger(__name__)

USUAL_LIMIT_MB = {"onnx": 500, "coqui": 4000, "cuda": 6000}
"""Megabytes that the process may take where nobody has said: torch alone is more than all else together."""
GPU_WORKERS = 6
"""Batches that are prepared, computed and read at once; none of them waits for the processor."""
KEPT_FRESH_S = 0.4
"""Seconds between two readings of what the admin may change, while anybody is connected."""
BREATH_S = 3.0
"""Seconds between somebody's leaving and giving back what is free: many often leave together."""
MANY = 4
"""What tabs leave behind is looked for when they were one in so many: it takes as long as all others are many."""

# Only these languages have a sentence here; others warm up with the first listener.
WARM_UP = {"en": "Ready to speak, whenever you are."}


class Runtime:
    """The parts of speech, made once for a process and closed at its end."""

    def __init__(self, pool: Pool, voices: Voices, catalogue: CatalogueReader) -> None:
        self.pool = pool
        self.admission = Admission(
            Policies(),
            caches["limits"],
            remote=bool(settings.REDIS_URL),
            let_in=lambda policy: self.guard.check(policy.memory_mb * MIB),
        )
        self.phrases = Phrases(settings.PHRASES_MB * MIB)
        self.voices = voices
        self.catalogue = catalogue
        self.guard = Guard((settings.MEMORY_LIMIT_MB or USUAL_LIMIT_MB[_engine()]) * MIB, self._shed)
        self.speech = Speech(voices, pool)
        self.connections = ConnectionRegistry()
        self.processes: ProcessTable | None = None
        """The states of all serving processes, where there are several."""
        self._breath: asyncio.Task[None] | None = None
        self._attending = self._left = 0
        self._stirred = False
        self._keeping: asyncio.Task[None] | None = None

    def shelf(self, subject: Subject, policy: Policy) -> Shelf:
        """Where the phrases of somebody are kept."""
        return self.phrases.shelf(subject.key, policy.phrases)

    async def warm_up(self) -> bool:
        """Load the default voice and let it speak a sentence to nobody. Returns whether it can speak."""
        catalogue = await self.catalogue.read()
        default = catalogue.default
        if default is None:
            return False
        text = WARM_UP.get(default.language.split("-")[0])
        if text is None:
            await self.voices.get(default.id)
            return True
        async for event in self.speech.speak(build_request(catalogue, text)):
            if isinstance(event, Done):
                logger.info("the voice %s is ready", default.id)
        return True

    async def state(self) -> ProcessState:
        """Return what this process can do now."""
        if self.connections.draining:
            return ProcessState.DRAINING
        return ProcessState.READY if await self.ready() else ProcessState.NOT_READY

    async def ready(self) -> bool:
        """Whether the default voice can speak at once."""
        default = (await self.catalogue.read()).default
        if self.guard.level >= Level.NOT_READY:
            return False
        return default is not None and self.voices.loaded(default.id) and self.pool.alive > 0

    @contextmanager
    def attended(self) -> Iterator[None]:
        """While somebody is connected, keep fresh what is asked for before each utterance: nobody waits for it then.

        Called on the event loop only, so the count needs no lock.
        """
        self._attending += 1
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_fresh())
        try:
            yield
        finally:
            self._attending -= 1
            if not self._attending and self._keeping is not None:
                self._keeping.cancel()

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(KEPT_FRESH_S)
            try:
                await self.catalogue.refresh()
                await self.admission.refresh()
            except StorageUnavailableError:
                # It was logged; the last values hold meanwhile.
                continue

    def breathe(self) -> None:
        """Somebody left: soon, give back what their leaving freed. Called on the event loop, as often as one likes."""
        self._left += 1
        self._stirred = True
        if self._breath is None or self._breath.done():
            self._breath = asyncio.create_task(self._breathe())

    async def _breathe(self) -> None:
        # Once more after the last one has left: what is theirs is let go of a little later.
        while self._stirred:
            self._stirred = False
            await asyncio.sleep(BREATH_S)
            many = self._left * MANY >= self._attending
            if many:
                self._left = 0
            await asyncio.to_thread(give_back, cycles=many)

    def _shed(self) -> None:
        """Let go of what can be had again: phrases, all voices but the one used last, and what the heap keeps."""
        self.phrases.clear()
        self.voices.shed()
        give_back()

    def close(self) -> None:
        """Stop the workers; what they were at is finished, what waited is cancelled."""
        self.pool.close()
        self.speech.close()
        self.admission.close()
        for task in (self._breath, self._keeping):
            if task is not None and not task.get_loop().is_closed():
                task.cancel()


def load_voice(folder: Path) -> LoadedVoice:
    """Open the compiled voice in ``folder`` with the configured engine."""
    bundle = Bundle.read(folder)
    if _engine() == "coqui":
        # Imported here alone: torch costs 200 MB, which the CPU path must not pay.
        from synthesis.engines.coqui import CoquiEngine

        return LoadedVoice(bundle, CoquiEngine(folder, bundle))
    if _engine() == "cuda":
        try:
            return LoadedVoice(bundle, _cuda_engine(folder, bundle))
        except VoiceError as error:
            if settings.SYNTHESIS_ENGINE != "auto" or not error.code.startswith("gpu_"):
                raise
            logger.warning("the processor speaks instead: %s", error.message)
    from synthesis.engines.onnx import OnnxEngine

    return LoadedVoice(bundle, OnnxEngine(folder, bundle, threads=settings.SYNTHESIS_THREADS or cores()))


def preload() -> None:
    """Begin to import what the engine needs, in a thread: torch takes seconds, in which the server can be set up."""
    if _engine() == "cuda":
        threading.Thread(target=_preload_cuda, name="preload", daemon=True).start()


def _preload_cuda() -> None:
    import torch

    import synthesis.engines.cuda  # noqa: F401

    # load_voice reports a GPU that cannot be used.
    with suppress(RuntimeError):
        if torch.cuda.is_available():
            torch.zeros(1, device="cuda")


def _cuda_engine(folder: Path, bundle: Bundle) -> Engine:
    # Imported here alone: see load_voice.
    from synthesis.engines.cuda import CudaEngine
    from synthesis.engines.device import Options

    options = Options(precision=settings.SYNTHESIS_GPU_PRECISION)
    engine = CudaEngine(folder, bundle, options=options, memory_mb=settings.SYNTHESIS_GPU_MEMORY_MB)
    threading.Thread(target=engine.capture_all, name="cuda-graphs", daemon=True).start()
    return engine


def _engine() -> str:
    if settings.SYNTHESIS_ENGINE != "auto":
        return str(settings.SYNTHESIS_ENGINE)
    return "cuda" if Path("/dev/nvidiactl").exists() else "onnx"


def _workers() -> int:
    return int(settings.SYNTHESIS_WORKERS) or (GPU_WORKERS if _engine() == "cuda" else cores())


_current: Runtime | None = None


def current() -> Runtime:
    """The runtime of this process, made from the settings on first use."""
    global _current
    if _current is None:
        pool = Pool(
            _workers(),
            settings.SYNTHESIS_UTTERANCES,
            at_rest=give_back,
            batch_wait_s=settings.SYNTHESIS_BATCH_WAIT_MS / 1000,
        )
        voices = Voices(settings.VOICES_DIR, load_voice, settings.SYNTHESIS_VOICES_LOADED)
        _current = Runtime(pool, voices, CatalogueReader())
    return _current


def install(runtime: Runtime | None) -> Runtime | None:
    """Make ``runtime`` the current one and return the one before: for tests, which bring a small engine."""
    global _current
    before, _current = _current, runtime
    return before
