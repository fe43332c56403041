"""Text in, a stream of self-describing events out: the stages put together.

``build_request`` and ``Speech.check`` refuse at the edge, before any work. ``Speech.speak`` then yields events whose
audio is PCM16, little-endian, one channel, at the voice's own sample rate. Its work is done by the pool, a window at a
time.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TypeVar

from synthesis.cache import NO_SHELF, Shelf
from synthesis.catalogue import Catalogue, Entry
from synthesis.errors import BusyError, SpeechError
from synthesis.flight import Flight
from synthesis.limits import CHARACTERS_A_SECOND, POLICY, Policy, estimated_characters
from synthesis.loaded import LoadedVoice, Voices
from synthesis.loudness import SAMPLE_BYTES
from synthesis.making import Encoded, Wish, encode
from synthesis.normalise import check_size, check_text, normalise
from synthesis.pool import BUSY_RETRY_S, Pool
from synthesis.segment import Segment, segments
from synthesis.stream import FIRST_WINDOW, LARGEST_WINDOW, TimedWord, windows

T = TypeVar("T")

CHECKS_WAITING = 200
"""Texts that wait to be checked at most: 4 s of work."""
Bill = Callable[[int], Awaitable[None]]
"""Is told how many characters an utterance has turned out to be so far, by its sound."""


async def free(_characters: int) -> None:
    """Bill nothing."""


LEAST_LEFT = 0.1
"""Of an utterance that is begun late: the estimate of its length may be short of it."""

WELL_AHEAD_S = 1.5
"""Of a listener whose buffer holds that much, no segment needs to begin with a short window."""


@dataclass(frozen=True, slots=True)
class Request:
    """A valid wish: this text, by this speaker of this voice, at this speed, from this sample on."""

    text: str
    voice: Entry
    speaker: str | None
    speed: float
    start: int = 0

    @property
    def characters(self) -> int:
        """Estimate the sound from ``start`` on, in characters of ordinary text at speed 1: what is counted of it."""
        whole = estimated_characters(self.text, self.speed)
        whole_samples = whole / CHARACTERS_A_SECOND * self.voice.sample_rate
        left = max(LEAST_LEFT, 1 - self.start / whole_samples)
        return ceil(whole * left)


@dataclass(frozen=True, slots=True)
class Started:
    """The first event: how to play what follows."""

    sample_rate: int
    channels: int
    gain: float


@dataclass(frozen=True, slots=True)
class Words:
    """When the words of the next segment sound; ``total`` samples is a guess until ``exact``."""

    words: Sequence[TimedWord]
    total: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Audio:
    """PCM16 of the utterance from ``first_sample`` on."""

    first_sample: int
    pcm: bytes

    @property
    def samples(self) -> int:
        """How many samples it holds."""
        return len(self.pcm) // SAMPLE_BYTES

    @property
    def end(self) -> int:
        """The sample after its last."""
        return self.first_sample + self.samples


@dataclass(frozen=True, slots=True)
class Done:
    """The last event: the whole utterance has this many samples."""

    samples: int


Event = Started | Words | Audio | Done


def build_request(
    catalogue: Catalogue,
    text: str,
    *,
    voice: str | None = None,
    speaker: str | None = None,
    speed: float = 1.0,
    start: int = 0,
    policy: Policy = POLICY,
) -> Request:
    """Make a request, having checked all but what the text says, which ``check_content`` does.

    Cheap for any text, so it may be called on the event loop. Raises ``SpeechError`` with the code and the field of
    what is wrong.
    """
    entry = check_voice(catalogue, voice=voice, speaker=speaker, speed=speed, policy=policy)
    check_size(text, policy.text)
    return Request(text, entry, speaker, speed, start)


def check_content(request: Request, policy: Policy = POLICY) -> None:
    """Raise ``TextError`` unless the voice can speak the text. Takes milliseconds: never call it on the event loop."""
    check_text(request.text, language=request.voice.language, limit=policy.text, symbols=policy.symbols)


def check_voice(
    catalogue: Catalogue, *, voice: str | None, speaker: str | None, speed: float, policy: Policy = POLICY
) -> Entry:
    """The voice that was named, if it is there, has that speaker, and can be made to speak at that speed."""
    entry = catalogue.find(voice)
    entry.speaker_number(speaker)
    if not policy.slowest <= speed <= policy.fastest:
        raise SpeechError(
            "speed_out_of_range",
            f"The speed must be from {policy.slowest:g} to {policy.fastest:g}.",
            param="speed",
            limit=[policy.slowest, policy.fastest],
        )
    return entry


class Speech:
    """Speaks requests with the voices and the workers it was given."""

    def __init__(self, voices: Voices, pool: Pool) -> None:
        self._voices = voices
        self._pool = pool
        # A worker of its own: checks wait for no window, and one at a time leave the interpreter to the event loop.
        self._checks = Pool(workers=1, utterances=0)

    def close(self) -> None:
        """Check no more texts."""
        self._checks.close()

    async def check(self, request: Request, policy: Policy) -> None:
        """Check what the text says, in a thread. Count the request before: checking costs up to 20 ms.

        Raises ``TextError``, ``BusyError`` where too many texts wait to be checked, or ``SpeechError`` ``timeout``.
        """
        if self._checks.waiting >= CHECKS_WAITING:
            raise BusyError("busy", "Too many texts are waiting. Try again in a moment.", retry_after=BUSY_RETRY_S)
        await _within(policy.timeout_s, self._checks.run(partial(check_content, request, policy), time.monotonic()))

    async def speak(
        self,
        request: Request,
        due: Callable[[], float] = time.monotonic,
        timeout_s: float = POLICY.timeout_s,
        shelf: Shelf = NO_SHELF,
        bill: Bill = free,
    ) -> AsyncGenerator[Event, None]:
        """The utterance as events: ``Started``, then ``Words`` and ``Audio`` by turns, then ``Done``.

        ``due()`` is asked before each job for the moment (``time.monotonic``) by which its result is needed; without
        it everything is needed at once. Close the iterator to stop: no further window is begun, and those that are
        being made are broken off. Phrases that are on the ``shelf`` are taken from there, and the others put there.
        ``bill`` is told of each segment's sound before it is made, for the estimate may have been too low.
        Raises ``BusyError``, or ``SpeechError`` ``not_ready``, ``engine_failed``, or ``timeout`` where any one step
        takes longer than ``timeout_s``.
        """
        with self._pool.utterance():
            voice = await self._voices.get(request.voice.id)
            plan = await _within(timeout_s, self._pool.run(partial(_plan, request), due()))
            yield Started(voice.bundle.sample_rate, 1, voice.bundle.gain)
            encodings: Flight[Encoded] = Flight(partial(_within, timeout_s))
            sounds: Flight[Audio] = Flight(partial(_within, timeout_s))
            speaker = request.voice.speaker_number(request.speaker)
            spoken, position, landed = 0, 0, request.start
            encoded: Encoded | None = None
            try:
                for segment in plan:
                    # Encoded while the last windows of the segment before are on their way.
                    wish = Wish(voice, segment, speaker, request.speed, shelf)
                    encodings.launch(encode(self._pool, wish, position, due()))
                    async for sound in sounds.land_all():
                        landed = sound.end
                        yield sound
                    encoded = await encodings.land()
                    position = encoded.last_sample
                    await bill(_characters(position - request.start, voice))
                    spoken += _weight(segment)
                    rest = sum(map(_weight, plan)) - spoken
                    yield Words(encoded.words, position + round(rest * position / spoken), exact=rest == 0)
                    buffered_s = due() - time.monotonic()
                    for window in _windows(encoded, voice, request.start, buffered_s):
                        if sounds.full:
                            sound = await sounds.land()
                            landed = sound.end
                            yield sound
                        ahead_s = (
                            encoded.first_sample + window[0] * voice.engine.hop - landed
                        ) / voice.engine.sample_rate
                        due_then = due() + max(0.0, ahead_s)
                        sounds.launch(self._decode(encoded, window, request.start, voice.engine.hop, due_then))
                async for sound in sounds.land_all():
                    yield sound
                yield Done(position)
            finally:
                await encodings.abort()
                await sounds.abort()
                if encoded is not None:
                    encoded.sound.abandon()

    async def _decode(self, encoded: Encoded, window: tuple[int, int], start: int, hop: int, due: float) -> Audio:
        """The sound of a window, from sample ``start`` of the utterance on, with the pause behind the last one."""
        first_frame, end_frame = window
        pcm = await self._pool.run(encoded.sound.job(first_frame, end_frame), due)
        encoded.sound.keep(first_frame, pcm)
        if end_frame == encoded.frames:
            pcm += bytes(encoded.pause_samples * SAMPLE_BYTES)
        first_sample = encoded.first_sample + first_frame * hop
        heard_from = max(first_sample, start)
        return Audio(heard_from, pcm[(heard_from - first_sample) * SAMPLE_BYTES :])


async def _within(timeout_s: float, work: Awaitable[T]) -> T:
    """The result of ``work``, in time. Raises ``SpeechError`` ``timeout``."""
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise SpeechError(
            "timeout", f"Nothing was made of it in {timeout_s:g} s. Try again, or send less at a time."
        ) from None


def _characters(samples: int, voice: LoadedVoice) -> int:
    return ceil(samples / voice.engine.sample_rate * CHARACTERS_A_SECOND)


def _plan(request: Request) -> list[Segment]:
    return segments(normalise(request.text, request.voice.language))


def _weight(segment: Segment) -> int:
    return sum(len(word.spoken) + 1 for word in segment.words)


def _windows(encoded: Encoded, voice: LoadedVoice, start: int, buffered_s: float) -> Iterator[tuple[int, int]]:
    """Windows of frames from the one that holds sample ``start`` on; none where the whole segment lies before it.

    Where batches make large windows cheap, they are larger: from the first one on, if the listener has enough to hear
    for ``buffered_s`` seconds.
    """
    if start < encoded.last_sample:
        last_frame = encoded.frames - 1
        begin = min(max(0, start - encoded.first_sample) // voice.engine.hop, last_frame)
        largest = voice.batching.largest_window if voice.batching else LARGEST_WINDOW
        first = largest if voice.batching and buffered_s >= WELL_AHEAD_S else FIRST_WINDOW
        yield from windows(last_frame + 1, begin=begin, first=first, largest=largest)
