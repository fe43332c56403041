"""Runs the real sessions, flow control, streams and admission control in simulated time, on simulated workers.

Nothing sleeps: the event loop's clock jumps to the next timer. So an overload of a minute takes about a second, and its
result does not depend on the machine.
"""

import asyncio
import heapq
import itertools
import json
import random
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.clients.playback import Playback
from core.limits.subjects import RateLimitSubject
from synthesis.catalog import CatalogVoice
from synthesis.engines.base import Latents
from synthesis.gateway import SpeechClient, SpeechGateway
from synthesis.limits.policy import DEFAULT_POLICY, LimitPolicy
from synthesis.limits.resume_tokens import ResumeTokens
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import SegmentAudioCache
from synthesis.pipeline.synthesizer import Synthesizer
from synthesis.pool.admission import Admission
from synthesis.pool.capacity import CapacityMeter
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import JobTime
from terminal.socket import protocol
from terminal.socket.speech_session import SpeechSession
from tests.fake_engine import ToneEngine, ToneLatents, tone_manifest

T = TypeVar("T")

CONTEXT_FRAMES = 3
"""Frames that a window costs beyond its own, as with a real voice."""
ENCODER_SHARE = 0.15
"""Part of the cost of a segment that its encoding has."""
REPORT_EVERY_S = 0.5
WARM_UP = "Ready to speak, whenever you are."


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer instead of waiting."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Return the simulated time in seconds."""
        return self.now


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing is scheduled: the simulation is stuck")
        self._loop.now += timeout
        return super().select(0)


def simulate(scenario: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run ``scenario`` on a simulated loop and return its result."""
    loop = SimulatedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(scenario(loop))


class _SilentEngine(ToneEngine):
    """Returns silence, and counts the frames of work of its last call."""

    hop_length = 93
    """Frames of 11.6 ms, as with a real voice."""
    work = 0.0

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> ToneLatents:
        latents = super().encode(ids, speaker, speed)
        self.work = latents.frames * ENCODER_SHARE
        return latents

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        self.work = (stop - start + CONTEXT_FRAMES) * (1 - ENCODER_SHARE)
        return np.zeros((stop - start) * self.hop_length, np.float32)


RATE = _SilentEngine.sample_rate


class _SimulatedPool:
    """Workers in simulated time. A job is computed when it starts, and reported when its time has passed."""

    def __init__(
        self, loop: SimulatedLoop, engine: _SilentEngine, workers: int, busy_s: Callable[[float], float]
    ) -> None:
        self.workers = workers
        self.meter = CapacityMeter(workers, loop.time)
        self._loop, self._engine, self._busy_s = loop, engine, busy_s
        self._jobs: list[tuple[float, int, Any, Any, Any]] = []
        self._numbers = itertools.count()
        self._busy = 0

    @contextmanager
    def utterance_slot(self) -> Iterator[None]:
        yield

    def submit(self, work: Any, deadline: float, done: Any, wanted: Any) -> None:
        heapq.heappush(self._jobs, (deadline, next(self._numbers), work, done, wanted))
        self._start()

    def _start(self) -> None:
        while self._jobs and self._busy < self.workers:
            *_, work, done, wanted = heapq.heappop(self._jobs)
            if wanted():
                self._engine.work = 0.0
                result = work()
                taken = self._busy_s(self._engine.work * self._engine.hop_length / RATE)
                self._busy += 1
                self._loop.call_later(taken, self._finish, done, result, taken)

    def _finish(self, done: Any, result: Any, taken: float) -> None:
        saturated = self._busy >= self.workers
        self._busy -= 1
        done(result, JobTime(taken, saturated))
        self._start()


class _NoLimits:
    """Rate limits that allow everything."""

    def bill(self, _subject: Any, _estimate: int) -> Callable[[int], Coroutine[Any, Any, None]]:
        async def bill(_characters: int) -> None: ...

        return bill

    async def use_once(self, _key: str, _timeout_s: int) -> bool:
        return True

    @asynccontextmanager
    async def utterance_slot(self, _subject: Any, _policy: LimitPolicy) -> AsyncIterator[None]:
        yield


class SimulatedServer:
    """A server whose workers need ``cost`` seconds per second of audio.

    Each job takes that, times ``slowdown(server)``, times a random factor with a standard deviation of ``noise``.
    """

    def __init__(
        self,
        loop: SimulatedLoop,
        workers: int,
        cost: float,
        *,
        slowdown: Callable[["SimulatedServer"], float] = lambda _server: 1.0,
        noise: float = 0.1,
        target: float = 0.9,
    ) -> None:
        self.loop = loop
        self.playing = 0
        """Clients that play audio."""
        self._cost, self._slowdown, self._noise = cost, slowdown, noise
        self._random = random.Random(1)  # noqa: S311 - a reproducible simulation
        engine = _SilentEngine()
        pool: Any = _SimulatedPool(loop, engine, workers, self._busy_s)
        loaded = LoadedVoice(tone_manifest(engine), engine)

        async def get(_voice_id: str) -> LoadedVoice:
            return loaded

        voices: Any = SimpleNamespace(get=get)
        limits: Any = _NoLimits()
        catalog: Any = None
        self.voice = CatalogVoice("tone", "Tone", "en-US", (), RATE, default=True)
        self.pool = pool
        self.synthesizer = Synthesizer(voices, pool, clock=loop.time)
        self.admission = Admission(pool.meter, target, 10_000, loop.time)
        self.gateway = SpeechGateway(
            limits,
            catalog,
            self.synthesizer,
            SegmentAudioCache(0),
            self.admission,
            resume_tokens=ResumeTokens(loop.time),
        )

    def _busy_s(self, audio_s: float) -> float:
        return audio_s * self._cost * self._slowdown(self) * self._random.lognormvariate(0, self._noise)

    async def warm_up(self) -> None:
        """Synthesize a sentence on every worker, as the real server does."""
        await asyncio.gather(*(self._speak() for _ in range(self.pool.workers)))

    async def _speak(self) -> None:
        async for _ in self.synthesizer.synthesize(SpeechRequest(WARM_UP, self.voice, None, 1.0)):
            pass

    def close(self) -> None:
        """Stop the threads and timers."""
        self.synthesizer.close()
        self.admission.close()


class _Client(SpeechClient):
    """A client without quotas."""

    def __init__(self, server: SimulatedServer, name: str) -> None:
        super().__init__(server.gateway, RateLimitSubject(None, name), DEFAULT_POLICY)
        self._voice = server.voice

    async def refresh(self) -> None: ...

    async def require_quota(self) -> None: ...

    async def build(self, text: str, start: int = 0, **_options: Any) -> SpeechRequest:
        return SpeechRequest(text, self._voice, None, 1.0, start)

    async def charge(self, _request: SpeechRequest) -> Any: ...


class SimulatedListener:
    """A tab that asks for one text, and plays it from the first frame without a buffer. Times are in seconds."""

    def __init__(self, server: SimulatedServer, name: str) -> None:
        self._server, self._clock = server, server.loop.time
        self._session = SpeechSession(self._receive, _Client(server, name), self._clock)
        self._asked_at = self._announced_at = 0.0
        self._ended = False
        self.playback = Playback(RATE)
        self.resume: str | None = None
        """The server's proof that the utterance was admitted."""
        self.next_sample = 0
        self.first_s: float | None = None
        """The time from the request to the first audio."""
        self.announced_s: float | None = None
        """The wait that the server announced first; ``None`` if it announced none."""
        self.waited_s = 0.0
        """The time from that announcement to ``speech.started``."""

    @property
    def wait_was_right(self) -> bool:
        """Return whether the announced wait was right to within a factor of 1.5 or a second."""
        announced, waited = self.announced_s or 0.0, self.waited_s
        return abs(announced - waited) <= 1 or waited / 1.5 <= announced <= waited * 1.5

    async def listen(self, text: str, delay_s: float) -> "SimulatedListener":
        """Ask for ``text`` after ``delay_s`` seconds, and listen to its end."""
        await asyncio.sleep(delay_s)
        self._asked_at = self._clock()
        await self._session.create(1, text)
        await self._play()
        return self

    async def continued(self, server: SimulatedServer, name: str, text: str, delay_s: float) -> "SimulatedListener":
        """Listen on ``server`` to the rest of what this listener, who has disconnected, has received."""
        await asyncio.sleep(delay_s)
        other = SimulatedListener(server, name)
        other.playback, other._asked_at = Playback(RATE, self.next_sample), other._clock()
        await other._session.create(1, text, self.resume, start=self.next_sample)
        await other._play()
        return other

    async def disconnect(self) -> None:
        """Lose the connection."""
        await self._session.close()

    async def _play(self) -> None:
        while not self._ended or self.playback.left_s(self._clock()) > 0:
            await asyncio.sleep(REPORT_EVERY_S)
            if self.first_s is not None:
                self._session.played(1, self.playback.played(self._clock()))
        await self._session.close()
        self._server.playing -= 1

    async def _receive(self, frame: str | bytes) -> None:
        now = self._clock()
        if isinstance(frame, bytes):
            *_, first_sample = protocol.AUDIO_HEADER.unpack_from(frame)
            if self.first_s is None:
                self.first_s = now - self._asked_at
                self._server.playing += 1
            self.next_sample = first_sample + (len(frame) - protocol.AUDIO_HEADER.size) // 2
            self.playback.receive(now, self.next_sample)
            return
        message = json.loads(frame)
        match message["type"]:
            case "speech.waiting" if self.announced_s is None:
                self.announced_s, self._announced_at = message["wait_s"], now
            case "speech.started":
                self.resume = message["resume"]
                if self.announced_s is not None:
                    self.waited_s = now - self._announced_at
            case "speech.done":
                self._ended = True
            case "error":
                raise AssertionError(message)
