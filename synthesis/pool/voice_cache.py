"""LRU cache of loaded voices: concurrent requests for a voice share a single load (single flight)."""

import asyncio
import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from synthesis.engines.base import BatchEngine, Engine
from synthesis.errors import SpeechError, VoiceError
from synthesis.voice_files.manifest import MANIFEST_FILE, VoiceManifest

logger = logging.getLogger(__name__)


_load_ids = itertools.count()


@dataclass(frozen=True, slots=True)
class LoadedVoice:
    """A voice loaded into memory."""

    manifest: VoiceManifest
    engine: Engine
    load_id: int = field(default_factory=_load_ids.__next__)
    """Unique number of this load, which also distinguishes two loads of the same voice id."""
    batching: BatchEngine | None = field(init=False)
    """The engine if it computes batches, else ``None``."""

    def __post_init__(self) -> None:
        # Computed once: a runtime protocol check inspects every method.
        object.__setattr__(self, "batching", self.engine if isinstance(self.engine, BatchEngine) else None)


Load = Callable[[Path], LoadedVoice]


class VoiceCache:
    """The voices under ``folder``, at most ``max_loaded`` of them in memory, each opened by ``load`` in a thread.

    A voice that no utterance has asked for in ``idle_s`` seconds is unloaded, except ``pinned``; 0 unloads none.
    ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        folder: Path,
        load: Load,
        max_loaded: int,
        *,
        idle_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._load = load
        self._max_loaded = max_loaded
        self._idle_s = idle_s
        self._clock = clock
        self._used_at: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.pinned: str | None = None
        """The voice that stays loaded: the default one, without which the server is not ready."""
        self._loads: OrderedDict[str, tuple[int, asyncio.Task[LoadedVoice]]] = OrderedDict()

    @property
    def count(self) -> int:
        """Return the number of voices in memory."""
        return len(self._loads)

    @property
    def loaded(self) -> list[LoadedVoice]:
        """Return the voices in memory that are loaded completely."""
        return [load.result() for name, (_, load) in self._loads.items() if self.is_loaded(name)]

    def is_loaded(self, voice_id: str) -> bool:
        """Return whether the voice is loaded."""
        _, load = self._loads.get(voice_id, (0, None))
        return load is not None and load.done() and not load.cancelled() and load.exception() is None

    def manifest(self, voice_id: str) -> VoiceManifest | None:
        """Return the metadata of a voice without loading it, ``None`` if it cannot be read."""
        try:
            return VoiceManifest.read(self._folder / voice_id)
        except (OSError, ValueError, VoiceError):
            return None

    def evict_idle(self) -> None:
        """Evict all voices but the most recently used one."""
        while len(self._loads) > 1:
            self._loads.popitem(last=False)

    def close(self) -> None:
        """Stop unloading voices."""
        if self._timer is not None:
            self._timer.cancel()

    def unload_idle(self) -> float | None:
        """Unload the voices that were not used for ``idle_s`` seconds. Returns the seconds until the next is due.

        Memory is freed when the last utterance of the voice ends.
        """
        now = self._clock()
        left = {name: self._used_at[name] + self._idle_s - now for name in self._loads if name != self.pinned}
        for name in [name for name, seconds in left.items() if seconds <= 0]:
            del self._loads[name], self._used_at[name], left[name]
            logger.info("the voice %s was unloaded: it was not used for %g s", name, self._idle_s)
        return min(left.values(), default=None)

    def _schedule(self) -> None:
        self._timer = None
        next_s = self.unload_idle()
        if next_s is not None:
            self._timer = asyncio.get_running_loop().call_later(next_s, self._schedule)

    async def get(self, voice_id: str) -> LoadedVoice:
        """Return the voice, loading it if necessary.

        Raises ``VoiceError`` ``not_ready`` if its files are missing, and ``SpeechError``
        ``engine_failed`` if they cannot be loaded.
        """
        folder = self._folder / voice_id
        try:
            # A voice that was reinstalled under the same id has a new file.
            made = (folder / MANIFEST_FILE).stat().st_mtime_ns
        except OSError:
            raise VoiceError(
                "not_ready", "The voice's files are missing. Install the voice again.", retry_after=60
            ) from None
        known = self._loads.get(voice_id)
        if known is None or known[0] != made:
            known = (made, asyncio.create_task(asyncio.to_thread(self._load, folder)))
            self._loads[voice_id] = known
        self._loads.move_to_end(voice_id)
        while len(self._loads) > self._max_loaded:
            self._loads.popitem(last=False)
        self._used_at[voice_id] = self._clock()
        self._used_at = {name: at for name, at in self._used_at.items() if name in self._loads}
        if self._idle_s and self._timer is None:
            self._schedule()
        try:
            # Shielded: a disconnecting listener must not cancel the load that other requests await.
            return await asyncio.shield(known[1])
        except Exception as error:
            logger.exception("the voice %s could not be loaded", voice_id)
            if self._loads.get(voice_id) is known:
                del self._loads[voice_id]
            raise SpeechError("engine_failed", "The voice could not be loaded. Its files may be damaged.") from error
