"""Voices in memory: loaded once however many ask at once, the least recently used let go."""

import asyncio
import itertools
import logging
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
    """A voice that can speak now."""

    manifest: VoiceManifest
    engine: Engine
    load_id: int = field(default_factory=_load_ids.__next__)
    """Tells it from every other that was ever loaded here, of the same name as well."""
    batching: BatchEngine | None = field(init=False)
    """The engine, if it computes batches."""

    def __post_init__(self) -> None:
        # Once: such a check looks at every method.
        object.__setattr__(self, "batching", self.engine if isinstance(self.engine, BatchEngine) else None)


Load = Callable[[Path], LoadedVoice]


class VoiceCache:
    """The voices under ``folder``, at most ``max_loaded`` of them in memory, each opened by ``load`` in a thread."""

    def __init__(self, folder: Path, load: Load, max_loaded: int) -> None:
        self._folder = folder
        self._load = load
        self._max_loaded = max_loaded
        self._loads: OrderedDict[str, tuple[int, asyncio.Task[LoadedVoice]]] = OrderedDict()

    def is_loaded(self, voice_id: str) -> bool:
        """Whether the voice can speak without a wait."""
        _, load = self._loads.get(voice_id, (0, None))
        return load is not None and load.done() and not load.cancelled() and load.exception() is None

    def evict_idle(self) -> None:
        """Let go of all but the one that was used last."""
        while len(self._loads) > 1:
            self._loads.popitem(last=False)

    async def get(self, voice_id: str) -> LoadedVoice:
        """The voice, loaded if need be. Raises ``VoiceError`` ``not_ready`` where its files are missing,
        and ``SpeechError`` ``engine_failed`` where they cannot be loaded.
        """
        folder = self._folder / voice_id
        try:
            # A voice that was installed anew under its id has a new file.
            made = (folder / MANIFEST_FILE).stat().st_mtime_ns
        except OSError:
            raise VoiceError(
                "not_ready", "The files of that voice are missing. Install it again.", retry_after=60
            ) from None
        known = self._loads.get(voice_id)
        if known is None or known[0] != made:
            known = (made, asyncio.create_task(asyncio.to_thread(self._load, folder)))
            self._loads[voice_id] = known
        self._loads.move_to_end(voice_id)
        while len(self._loads) > self._max_loaded:
            self._loads.popitem(last=False)
        try:
            # Shielded: one listener who leaves does not undo the load for those who wait for it too.
            return await asyncio.shield(known[1])
        except Exception as error:
            logger.exception("the voice %s could not be loaded", voice_id)
            if self._loads.get(voice_id) is known:
                del self._loads[voice_id]
            raise SpeechError("engine_failed", "That voice could not be loaded. Its files may be damaged.") from error
