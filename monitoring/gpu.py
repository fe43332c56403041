"""Counts the work of GPU engines: batches, their items and seconds, memory, and failures."""

from collections.abc import Mapping, Sequence
from typing import Any

from core import metrics
from synthesis.pool.voice_cache import LoadedVoice

Counts = Mapping[str, Mapping[str, Any]]
"""Counters by program, as in ``BatchEngine.stats``."""
MEMORY = {"used": "allocated_bytes", "reserved": "reserved_bytes"}
"""Labels of the memory, and its names in ``BatchEngine.stats``: of the whole process, whatever the voice."""


class GpuSampler:
    """Adds what the engines of loaded voices have counted since the last sample to the metrics."""

    def __init__(self) -> None:
        self._programs: dict[int, Counts] = {}
        self._rebuilt: dict[int, int] = {}

    @property
    def is_active(self) -> bool:
        """Return whether the last sample counted a voice, whose gauges are set."""
        return bool(self._programs)

    def sample(self, voices: Sequence[LoadedVoice]) -> None:
        """Count the work of ``voices``. Takes PyTorch's lock, so call it in a thread of its own."""
        stats = {voice.load_id: voice.batching.stats() for voice in voices if voice.batching}
        for load_id, counted in stats.items():
            self._add(self._programs.get(load_id, {}), counted.get("programs", {}))
            metrics.GPU_REBUILDS.inc(counted["rebuilt"] - self._rebuilt.get(load_id, 0))
        self._programs = {load_id: counted.get("programs", {}) for load_id, counted in stats.items()}
        self._rebuilt = {load_id: counted["rebuilt"] for load_id, counted in stats.items()}
        metrics.GPU_LOST.set(sum(counted["lost"] for counted in stats.values()))
        for kind, name in MEMORY.items():
            metrics.GPU_MEMORY.labels(kind).set(max((counted.get(name, 0) for counted in stats.values()), default=0))
        metrics.GPU_LATENTS.set(max(map(_used_latents, stats.values()), default=0.0))

    @staticmethod
    def _add(before: Counts, after: Counts) -> None:
        for program, used in after.items():
            known = before.get(program, {})
            for metric, name in (
                (metrics.GPU_BATCHES, "batches"),
                (metrics.GPU_ITEMS, "items"),
                (metrics.GPU_TIME, "device_s"),
            ):
                # An engine that is built again while a batch ends may lose that batch's count.
                metric.labels(program).inc(max(0.0, used[name] - known.get(name, 0)))


def _used_latents(counted: Mapping[str, Any]) -> float:
    pages = counted.get("latent_pages", 0)
    return 1 - counted["latent_pages_free"] / pages if pages else 0.0
