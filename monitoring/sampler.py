"""Sets the gauges of this process each second, and measures the event loop, the database and Redis."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection

from core import metrics
from core.errors import StorageUnavailableError
from core.process.memory_guard import resident_bytes
from core.storage import database
from core.storage.redis_link import redis_link
from monitoring.gpu import GpuSampler
from monitoring.rollups import Recorder
from synthesis.runtime import Runtime

logger = logging.getLogger(__name__)

INTERVAL_S = 1.0
PROBE_EVERY = 10
"""Samples between two measurements of the database, Redis and the disk."""


class Sampler:
    """Samples ``runtime``. All methods run on the event loop; ``clock`` is monotonic, in seconds."""

    def __init__(self, runtime: Runtime, clock: Callable[[], float] = time.monotonic) -> None:
        self._runtime = runtime
        self._clock = clock
        self._jobs = 0
        self._waited_s = 0.0
        self._batches: dict[int, int] = {}
        self._recorder = Recorder(clock)
        self._gpu = GpuSampler()

    async def run(self) -> None:
        """Sample until cancelled."""
        samples = 0
        while True:
            expected = self._clock() + INTERVAL_S
            await asyncio.sleep(INTERVAL_S)
            metrics.LOOP_LAG.observe(max(0.0, self._clock() - expected))
            try:
                self.sample()
                await self.sample_gpu()
                if samples % PROBE_EVERY == 0:
                    await self.probe()
            except Exception:
                # Whatever fails in a part that is sampled: it would end this task, and the gauges would keep their last
                # values until a restart.
                logger.exception("a sample of the metrics failed")
            samples += 1

    def sample(self) -> None:
        """Read the counts of the runtime, in less than a millisecond."""
        runtime = self._runtime
        admission, pool = runtime.admission.stats(), runtime.pool.stats()
        metrics.SOCKETS.set(len(runtime.connections))
        metrics.RUNNING.set(admission["running"])
        metrics.WAITING.set(admission["waiting"])
        metrics.LONGEST_WAIT.set(admission["longest_wait_s"])
        metrics.LOAD.set(admission["load"])
        metrics.TARGET_LOAD.set(admission["target"])
        metrics.REAL_TIME_FACTOR.set(runtime.pool.meter.cost(None))
        metrics.WORKERS.set(pool["workers"])
        metrics.QUEUED_JOBS.set(pool["waiting"])
        metrics.RESIDENT.set(resident_bytes())
        metrics.MEMORY_LIMIT.set(runtime.memory_guard.limit)
        metrics.CACHE_BYTES.set(runtime.segment_cache.size)
        metrics.VOICES.set(runtime.voices.count)
        metrics.REDIS_UP.set(redis_link.available)
        self._recorder.sample(sockets=len(runtime.connections), waiting=admission["waiting"], load=admission["load"])
        self._count(pool)

    async def sample_gpu(self) -> None:
        """Read the counts of GPU engines off the event loop."""
        voices = [voice for voice in self._runtime.voices.loaded if voice.batching]
        if voices or self._gpu.is_active:
            await asyncio.to_thread(self._gpu.sample, voices)

    async def probe(self) -> None:
        """Measure the database, Redis and the disk off the event loop, and whether the process is ready."""
        with suppress(StorageUnavailableError):
            began = self._clock()
            await database.read(_query)
            metrics.DATABASE.observe(self._clock() - began)
        if settings.REDIS_URL:
            began = self._clock()
            with suppress(StorageUnavailableError):
                await asyncio.to_thread(caches["limits"].get, "probe")
            metrics.REDIS.observe(self._clock() - began)
        with suppress(OSError):
            disk = await asyncio.to_thread(shutil.disk_usage, settings.DATA_DIR)
            metrics.DISK_FREE.set(disk.free)
        ready = False
        with suppress(StorageUnavailableError):
            ready = await self._runtime.ready()
        metrics.READY.set(ready)
        await self._recorder.beat(ready=ready)

    def _count(self, pool: dict[str, Any]) -> None:
        """Add what the pool has counted since the last sample."""
        metrics.JOBS.inc(pool["jobs"] - self._jobs)
        metrics.JOB_WAIT.inc(max(0.0, pool["waited_s"] - self._waited_s))
        for size, number in pool["batches"].items():
            metrics.BATCHES.labels(size).inc(number - self._batches.get(size, 0))
        self._jobs, self._waited_s, self._batches = pool["jobs"], pool["waited_s"], pool["batches"]


def _query() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
