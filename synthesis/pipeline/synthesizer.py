"""Turn a request into a stream of audio events.

Audio is PCM16, little-endian, one channel, at the voice's sample rate. The worker pool computes it one window at a
time.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from itertools import groupby
from math import ceil
from typing import TypeVar

from core.limits import registry
from synthesis.engines.resampled import ResampledEngine
from synthesis.errors import BusyError, SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND, DEFAULT_POLICY, LimitPolicy
from synthesis.phonemes.transcription import require_symbols
from synthesis.pipeline.events import AudioChunk, AudioEnd, Event
from synthesis.pipeline.explanation import Explanation, explain
from synthesis.pipeline.flow_control import FlowControl, PullFlowControl
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import NO_CACHE, OwnerCache
from synthesis.pipeline.text_reading import VoiceNeeds, check_content
from synthesis.pipeline.utterance_stream import RELEASE_AFTER_S, Item, SegmentStart, UtteranceStream
from synthesis.pipeline.windows import COMFORTABLE_S
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import BUSY_RETRY_S, WorkerPool

T = TypeVar("T")
logger = logging.getLogger(__name__)

CHECKS_WAITING = registry.MAX_WAITING_TEXT_CHECKS.default
"""Maximum number of texts that wait for their check: 4 s of work."""
Bill = Callable[[int], Awaitable[None]]
"""Receives the length of an utterance's audio so far, in characters, and charges what was not charged before."""


async def free(_characters: int) -> None:
    """Charge nothing."""


GATHER_S = 0.1
"""Seconds for which windows are collected for a client with much audio, to send them with one wake-up."""


class Synthesizer:
    """Synthesizes requests with the given voices and workers. ``clock`` is the worker pool's, in seconds."""

    def __init__(self, voices: VoiceCache, pool: WorkerPool, clock: Callable[[], float] = time.monotonic) -> None:
        self._voices = voices
        self._pool = pool
        self._clock = clock
        # A separate worker: checks do not wait for windows, and only one at a time competes with the event loop for
        # the GIL.
        self._checks = WorkerPool(workers=1, max_utterances=0)

    def close(self) -> None:
        """Stop checking texts."""
        self._checks.close()

    async def check(self, request: SpeechRequest, policy: LimitPolicy) -> None:
        """Check the content of the text in a thread. Charge the request first: a check takes up to 20 ms.

        Loads the voices whose phonemes the text contains. Raises ``TextError``, ``VoiceError``, ``BusyError`` if too
        many texts wait for their check, or ``SpeechError`` ``timeout``.
        """
        needs = await self._needs(request, policy)
        if request.reading.ssml:
            await self._other_voices(request, needs.voice_ids)
        for transcription in needs.transcriptions:
            manifest = (await self._voices.get(transcription.voice_id)).manifest
            # A voice that was trained on letters says the written word.
            if manifest.espeak_voice:
                require_symbols(transcription.phonemes, manifest.phoneme_ids, position=transcription.position)

    async def _needs(self, request: SpeechRequest, policy: LimitPolicy) -> VoiceNeeds:
        return await self._check(partial(check_content, request, policy), policy)

    async def _other_voices(self, request: SpeechRequest, voice_ids: Iterable[str]) -> dict[str, LoadedVoice]:
        """Return the voices of a text besides the request's, by id.

        Raises the errors of ``VoiceCache.get`` for a voice that the text names. One that was chosen for the language of
        a sentence is left out instead: the request's voice speaks the sentence.
        """
        voices: dict[str, LoadedVoice] = {}
        for voice_id in voice_ids:
            try:
                voices[voice_id] = await self._voices.get(voice_id)
            except SpeechError:
                if request.reading.ssml:
                    raise
                logger.warning("the voice %s for another language cannot be loaded", voice_id, exc_info=True)
        return voices

    async def _voices_besides(self, request: SpeechRequest, timeout_s: float) -> dict[str, LoadedVoice]:
        """Return the voices that an SSML document names, or that speak the languages of a text."""
        if not (request.reading.voices or (request.reading.ssml and "<voice" in request.text)):
            return {}
        checked = replace(DEFAULT_POLICY, timeout_s=ceil(timeout_s), max_text_length=len(request.text))
        needs = await self._needs(request, checked)
        return await self._other_voices(request, needs.voice_ids)

    async def explain(self, request: SpeechRequest, policy: LimitPolicy) -> Explanation:
        """Return how the text is read, computed in the thread of the checks. Charge and check the request first.

        Raises ``VoiceError`` ``language_unsupported``, ``BusyError``, or ``SpeechError`` ``timeout``.
        """
        work = partial(explain, request.text, request.voice.language, request.reading, request.voice.id)
        return await self._check(work, policy)

    async def _check(self, work: Callable[[], T], policy: LimitPolicy) -> T:
        if self._checks.queued_jobs >= CHECKS_WAITING:
            raise BusyError("busy", "Too many texts are queued. Try again in a moment.", retry_after=BUSY_RETRY_S)
        return await _with_timeout(policy.timeout_s, self._checks.run(work, time.monotonic()))

    async def synthesize(
        self,
        request: SpeechRequest,
        flow: FlowControl | None = None,
        timeout_s: float = DEFAULT_POLICY.timeout_s,
        owner_cache: OwnerCache = NO_CACHE,
        bill: Bill = free,
    ) -> AsyncGenerator[Event, None]:
        """Yield ``AudioStart``, then alternately ``WordTimings`` and ``AudioChunk``, then ``AudioEnd``.

        ``flow`` orders the jobs and limits how far synthesis goes; by default, it does not wait for the consumer.
        Close the iterator to stop: no further window starts, and those in progress are cancelled. Segments are read
        from ``owner_cache`` and stored in it. ``bill`` is called with the audio of each segment, because the estimate
        can be too low.
        Raises ``BusyError``, or ``SpeechError`` ``not_ready``, ``engine_failed``, or ``timeout`` if any one step takes
        longer than ``timeout_s``.
        """
        flow = flow or PullFlowControl(None, self._clock)
        with self._pool.utterance_slot():
            voice = await self._voices.get(request.voice.id)
            others = await self._voices_besides(request, timeout_s)
            others = {name: _at_rate_of(voice, other) for name, other in others.items()}
            rate = voice.manifest.sample_rate
            flow.taken(request.start, rate)
            events = _Events(self._pool, voice, request, flow, owner_cache, timeout_s, self._clock, others)
            try:
                async with aclosing(events.items()) as items:
                    async for item in items:
                        if isinstance(item, SegmentStart):
                            await bill(_characters(item.last_sample - request.start, voice))
                            yield item.words
                            continue
                        yield item
                        if isinstance(item, AudioChunk):
                            flow.taken(item.end, rate)
                        elif isinstance(item, AudioEnd):
                            return
            finally:
                events.close()


class _Events:
    """The items of an ``UtteranceStream`` on the event loop; ends it after ``timeout_s`` seconds without progress."""

    def __init__(
        self,
        pool: WorkerPool,
        voice: LoadedVoice,
        request: SpeechRequest,
        flow: FlowControl,
        owner_cache: OwnerCache,
        timeout_s: float,
        clock: Callable[[], float],
        other_voices: Mapping[str, LoadedVoice],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._flow = flow
        self._rate = voice.manifest.sample_rate
        self._taken_to = request.start
        self._timeout_s = timeout_s
        self._timed_out = False
        self._ready = asyncio.Event()
        self._stream = UtteranceStream(pool, voice, request, flow, owner_cache, self._wake, clock, other_voices)
        self._timer = self._loop.call_later(min(timeout_s, RELEASE_AFTER_S), self._check_progress)

    def close(self) -> None:
        """Stop the synthesis."""
        self._timer.cancel()
        self._stream.close()

    async def items(self) -> AsyncGenerator[Item, None]:
        """Start the synthesis, and yield its items."""
        self._stream.start()
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self._timed_out:
                raise _timed_out(self._timeout_s)
            while items := self._stream.take():
                for item in _joined(items):
                    if isinstance(item, AudioChunk):
                        self._taken_to = item.end
                    yield item

    def _wake(self) -> None:
        """Let the event loop take the items. Called in a worker."""
        # The loop is closed if the process ends during a job.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._resume)

    def _resume(self) -> None:
        if self._flow.collects_credit and self._flow.ahead_s(self._taken_to, self._rate) >= COMFORTABLE_S:
            # The client has enough audio: send several windows at once.
            self._loop.call_later(GATHER_S, self._ready.set)
        else:
            self._ready.set()

    def _check_progress(self) -> None:
        left_s = self._stream.progress_at + self._timeout_s - self._clock()
        if self._stream.is_waiting_for_credit:
            self._stream.release_if_stalled()
            left_s = self._timeout_s
        if left_s <= 0:
            self._timed_out = True
            self._ready.set()
        else:
            self._timer = self._loop.call_later(min(left_s, RELEASE_AFTER_S), self._check_progress)


def _at_rate_of(voice: LoadedVoice, other: LoadedVoice) -> LoadedVoice:
    """Return ``other`` with the sample rate and the frame length of ``voice``."""
    rate, hop = voice.engine.sample_rate, voice.engine.hop_length
    if (other.engine.sample_rate, other.engine.hop_length) == (rate, hop):
        return other
    return replace(other, engine=ResampledEngine(other.engine, rate, hop))


def _joined(items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items with neighboring chunks of audio joined."""
    for is_audio, group in groupby(items, lambda item: isinstance(item, AudioChunk)):
        if is_audio:
            chunks = [item for item in group if isinstance(item, AudioChunk)]
            yield chunks[0] if len(chunks) == 1 else AudioChunk(chunks[0].first_sample, b"".join(c.pcm for c in chunks))
        else:
            yield from group


async def _with_timeout(timeout_s: float, work: Awaitable[T]) -> T:
    """Return the result of ``work``. Raises ``SpeechError`` ``timeout`` after ``timeout_s`` seconds."""
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise _timed_out(timeout_s) from None


def _timed_out(timeout_s: float) -> SpeechError:
    return SpeechError("timeout", f"Synthesis timed out after {timeout_s:g} s. Try again with a shorter text.")


def _characters(samples: int, voice: LoadedVoice) -> int:
    return ceil(samples / voice.engine.sample_rate * CHARACTERS_PER_SECOND)
