"""Turn a request into a stream of audio events.

Audio is PCM16, little-endian, one channel, at the voice's sample rate. The worker pool computes it one window at a
time.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from functools import partial
from math import ceil
from typing import TypeVar

from core.limits import registry
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.errors import BusyError, SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND, DEFAULT_POLICY, LimitPolicy
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Event, WordTimings
from synthesis.pipeline.ordered_jobs import OrderedJobs
from synthesis.pipeline.request import SpeechRequest, check_content
from synthesis.pipeline.segment_cache import NO_CACHE, OwnerCache
from synthesis.pipeline.segment_synthesis import EncodedSegment, Wish, encode_segment
from synthesis.pipeline.windows import FIRST_WINDOW, LARGEST_WINDOW, plan_windows
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import BUSY_RETRY_S, WorkerPool
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import Segment, split_segments

T = TypeVar("T")

CHECKS_WAITING = registry.MAX_WAITING_TEXT_CHECKS.default
"""Maximum number of texts that wait for their check: 4 s of work."""
Bill = Callable[[int], Awaitable[None]]
"""Receives the length of an utterance's audio so far, in characters, and charges what was not charged before."""


async def free(_characters: int) -> None:
    """Charge nothing."""


WELL_AHEAD_S = 1.5
"""Seconds of buffered audio from which on a segment need not start with a short window."""


class Synthesizer:
    """Synthesizes requests with the given voices and workers."""

    def __init__(self, voices: VoiceCache, pool: WorkerPool) -> None:
        self._voices = voices
        self._pool = pool
        # A separate worker: checks do not wait for windows, and only one at a time competes with the event loop for
        # the GIL.
        self._checks = WorkerPool(workers=1, max_utterances=0)

    def close(self) -> None:
        """Stop checking texts."""
        self._checks.close()

    async def check(self, request: SpeechRequest, policy: LimitPolicy) -> None:
        """Check the content of the text in a thread. Charge the request first: a check takes up to 20 ms.

        Raises ``TextError``, ``BusyError`` if too many texts wait for their check, or ``SpeechError`` ``timeout``.
        """
        if self._checks.queued_jobs >= CHECKS_WAITING:
            raise BusyError("busy", "Too many texts are queued. Try again in a moment.", retry_after=BUSY_RETRY_S)
        await _with_timeout(
            policy.timeout_s, self._checks.run(partial(check_content, request, policy), time.monotonic())
        )

    async def synthesize(
        self,
        request: SpeechRequest,
        deadline: Callable[[], float] = time.monotonic,
        timeout_s: float = DEFAULT_POLICY.timeout_s,
        owner_cache: OwnerCache = NO_CACHE,
        bill: Bill = free,
    ) -> AsyncGenerator[Event, None]:
        """Yield ``AudioStart``, then alternately ``WordTimings`` and ``AudioChunk``, then ``AudioEnd``.

        ``deadline()`` is called before each job and returns the ``time.monotonic`` time at which its result is needed;
        by default that is now. Close the iterator to stop: no further window starts, and those in progress are
        cancelled. Segments are read from ``owner_cache`` and stored in it. ``bill`` is called with the audio of each
        segment before it is decoded, because the estimate can be too low.
        Raises ``BusyError``, or ``SpeechError`` ``not_ready``, ``engine_failed``, or ``timeout`` if any one step takes
        longer than ``timeout_s``.
        """
        with self._pool.utterance_slot():
            voice = await self._voices.get(request.voice.id)
            plan = await _with_timeout(timeout_s, self._pool.run(partial(_plan, request), deadline()))
            yield AudioStart(voice.manifest.sample_rate, 1, voice.manifest.gain)
            encodings: OrderedJobs[EncodedSegment] = OrderedJobs(partial(_with_timeout, timeout_s))
            sounds: OrderedJobs[AudioChunk] = OrderedJobs(partial(_with_timeout, timeout_s))
            speaker = request.voice.speaker_number(request.speaker)
            spoken, position, landed = 0, 0, request.start
            encoded: EncodedSegment | None = None
            try:
                for segment in plan:
                    # Encode it while the last windows of the previous segment are being decoded.
                    wish = Wish(voice, segment, speaker, request.speed, owner_cache)
                    encodings.submit(encode_segment(self._pool, wish, position, deadline()))
                    async for sound in sounds.drain():
                        landed = sound.end
                        yield sound
                    encoded = await encodings.next_result()
                    position = encoded.last_sample
                    await bill(_characters(position - request.start, voice))
                    spoken += _spoken_length(segment)
                    rest = sum(map(_spoken_length, plan)) - spoken
                    yield WordTimings(encoded.words, position + round(rest * position / spoken), exact=rest == 0)
                    buffered_s = deadline() - time.monotonic()
                    for window in _windows(encoded, voice, request.start, buffered_s):
                        if sounds.is_full:
                            sound = await sounds.next_result()
                            landed = sound.end
                            yield sound
                        ahead_s = (
                            encoded.first_sample + window[0] * voice.engine.hop_length - landed
                        ) / voice.engine.sample_rate
                        due_then = deadline() + max(0.0, ahead_s)
                        sounds.submit(self._decode(encoded, window, request.start, voice.engine.hop_length, due_then))
                async for sound in sounds.drain():
                    yield sound
                yield AudioEnd(position)
            finally:
                await encodings.cancel_all()
                await sounds.cancel_all()
                if encoded is not None:
                    encoded.audio.cancel()

    async def _decode(
        self, encoded: EncodedSegment, window: tuple[int, int], start: int, hop_length: int, deadline: float
    ) -> AudioChunk:
        """Return the audio of a window from sample ``start`` of the utterance on; the last window ends with a pause."""
        first_frame, end_frame = window
        pcm = await self._pool.run(encoded.audio.job(first_frame, end_frame), deadline)
        encoded.audio.keep(first_frame, pcm)
        if end_frame == encoded.frames:
            pcm += bytes(encoded.pause_samples * SAMPLE_BYTES)
        first_sample = encoded.first_sample + first_frame * hop_length
        heard_from = max(first_sample, start)
        return AudioChunk(heard_from, pcm[(heard_from - first_sample) * SAMPLE_BYTES :])


async def _with_timeout(timeout_s: float, work: Awaitable[T]) -> T:
    """Return the result of ``work``. Raises ``SpeechError`` ``timeout`` after ``timeout_s`` seconds."""
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise SpeechError(
            "timeout", f"Synthesis timed out after {timeout_s:g} s. Try again with a shorter text."
        ) from None


def _characters(samples: int, voice: LoadedVoice) -> int:
    return ceil(samples / voice.engine.sample_rate * CHARACTERS_PER_SECOND)


def _plan(request: SpeechRequest) -> list[Segment]:
    return split_segments(normalize(request.text, request.voice.language))


def _spoken_length(segment: Segment) -> int:
    return sum(len(word.spoken) + 1 for word in segment.words)


def _windows(encoded: EncodedSegment, voice: LoadedVoice, start: int, buffered_s: float) -> Iterator[tuple[int, int]]:
    """Yield windows of frames from the one that contains sample ``start`` on; none if the segment ends before it.

    Windows are larger if batching makes large windows cheap; the first one too if the client has buffered
    ``WELL_AHEAD_S`` seconds.
    """
    if start < encoded.last_sample:
        last_frame = encoded.frames - 1
        begin = min(max(0, start - encoded.first_sample) // voice.engine.hop_length, last_frame)
        largest = voice.batching.largest_window if voice.batching else LARGEST_WINDOW
        first = largest if voice.batching and buffered_s >= WELL_AHEAD_S else FIRST_WINDOW
        yield from plan_windows(last_frame + 1, begin=begin, first=first, largest=largest)
