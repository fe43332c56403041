"""One tab's speech: a queue of utterances, each a task of its own, kept a bounded time ahead of what was played."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from dataclasses import dataclass

from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.errors import SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, WordTimings
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import NO_CACHE, OwnerCache
from synthesis.pipeline.synthesizer import Bill, Synthesizer, free
from terminal.socket import protocol

logger = logging.getLogger(__name__)

Send = Callable[[str | bytes], Awaitable[None]]


@dataclass(slots=True)
class _Utterance:
    """What the server knows of one utterance; positions are absolute, in samples of the utterance."""

    id: int
    request: SpeechRequest
    sent: int
    played: int
    sample_rate: int = 0
    done: bool = False
    task: asyncio.Task[None] | None = None
    sequence: int = 0

    @property
    def buffered_s(self) -> float:
        return (self.sent - self.played) / self.sample_rate if self.sample_rate else 0.0


class SpeechSession:
    """Speaks a tab's utterances in order through ``send``. All methods are called on the event loop.

    ``clock`` is in seconds, monotonic, and the same as the pool's.
    """

    def __init__(
        self,
        send: Send,
        speech: Synthesizer,
        policy: Callable[[], LimitPolicy],
        utterance_slot: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        owner_cache: Callable[[], OwnerCache] = lambda: NO_CACHE,
        bill: Callable[[SpeechRequest], Bill] = lambda _: free,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``policy()`` returns the current policy; ``utterance_slot()`` is held while an utterance is made, or refused.

        ``owner_cache()`` keeps the phrases that were made; ``bill(request)`` counts the sound of an utterance.
        """
        self._send = send
        self._speech = speech
        self._get_policy = policy
        self._utterance_slot = utterance_slot
        self._owner_cache = owner_cache
        self._bill = bill
        self._clock = clock
        self._utterances: dict[int, _Utterance] = {}
        self._last_id = 0
        self._paused = False
        self._changed = asyncio.Event()
        # Fair: its waiters get it in the order in which they came, which is the order of the queue.
        self._speak_lock = asyncio.Lock()

    @property
    def _policy(self) -> LimitPolicy:
        return self._get_policy()

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is being made or waits for its turn."""
        return any(not utterance.done for utterance in self._utterances.values())

    def check_queue(self) -> int:
        """How many wait or speak. Raises ``SpeechError`` ``queue_full`` where one more would be too many."""
        waiting = sum(not utterance.done for utterance in self._utterances.values())
        if waiting >= self._policy.max_queue_length:
            raise SpeechError(
                "queue_full",
                f"{self._policy.max_queue_length} texts are waiting already. Let one finish first.",
                limit=self._policy.max_queue_length,
            )
        return waiting

    async def create(self, utterance_id: int, request: SpeechRequest) -> None:
        """Queue an utterance. Raises ``SpeechError`` ``queue_full``."""
        waiting = self.check_queue()
        utterance = _Utterance(utterance_id, request, sent=request.start, played=request.start)
        self._utterances[utterance_id] = utterance
        await self._send(protocol.encode("speech.queued", id=utterance_id, position=waiting))
        utterance.task = asyncio.create_task(self._run(utterance))

    def reserve_id(self, utterance_id: int) -> None:
        """Use up an id, whatever becomes of its utterance. Raises ``SpeechError`` ``id_used``."""
        if utterance_id <= self._last_id:
            raise SpeechError("id_used", "Each id must be larger than the one before.", param="id")
        self._last_id = utterance_id

    async def cancel(self, utterance_id: int) -> None:
        """End one utterance, also one that is made but still sounding. Raises ``SpeechError`` ``utterance_unknown``."""
        utterance = self._utterances.pop(utterance_id, None)
        if utterance is None:
            raise SpeechError("utterance_unknown", "That utterance has ended already.")
        await self._stop(utterance)
        await self._send(protocol.encode("speech.cancelled", id=utterance_id))
        self._changed.set()

    async def cancel_all(self) -> None:
        """End them all, the last first, so that none begins meanwhile."""
        for utterance_id in reversed(list(self._utterances)):
            with suppress(SpeechError):  # it ended by itself meanwhile
                await self.cancel(utterance_id)

    async def pause(self, *, paused: bool) -> None:
        """Make nothing more, or go on."""
        self._paused = paused
        self._changed.set()
        await self._send(protocol.encode("speech.paused" if paused else "speech.resumed"))

    def played(self, utterance_id: int, sample: int) -> None:
        """Note how far the tab has played; reports that come late or wrong change nothing."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        utterance.played = max(utterance.played, min(sample, utterance.sent))
        if utterance.done and utterance.played >= utterance.sent:
            del self._utterances[utterance_id]
        self._changed.set()

    async def close(self) -> None:
        """The tab has gone: stop at the next window."""
        utterances = list(self._utterances.values())
        self._utterances.clear()
        for utterance in reversed(utterances):
            await self._stop(utterance)

    async def _stop(self, utterance: _Utterance) -> None:
        task = utterance.task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, utterance: _Utterance) -> None:
        try:
            async with self._speak_lock:
                await self._wait_for_credit()
                await self._speak(utterance)
        except SpeechError as error:
            await self._fail(utterance, error)
        except Exception:
            logger.exception("an utterance broke off")
            await self._fail(utterance, SpeechError("engine_failed", "Synthesis broke off. Try again."))

    async def _fail(self, utterance: _Utterance, error: SpeechError) -> None:
        self._utterances.pop(utterance.id, None)
        await self._send(protocol.encode_error(error, utterance.id))

    async def _speak(self, utterance: _Utterance) -> None:
        request = utterance.request
        offset = protocol.utf16_offsets(request.text)
        spoken = self._speech.synthesize(
            request, self._deadline, self._policy.timeout_s, self._owner_cache(), self._bill(request)
        )
        async with self._utterance_slot(), aclosing(spoken) as events:
            async for event in events:
                match event:
                    case AudioStart():
                        utterance.sample_rate = event.sample_rate
                        await self._send_start(utterance, event)
                    case WordTimings():
                        words = [
                            [offset(word.start), offset(word.end), word.first_sample, word.last_sample]
                            for word in event.words
                        ]
                        await self._send(
                            protocol.encode(
                                "speech.words", id=utterance.id, words=words, total=event.total, exact=event.exact
                            )
                        )
                    case AudioChunk():
                        await self._send_audio(utterance, event)
                        await self._wait_for_credit()
                    case AudioEnd():
                        await self._send_end(utterance, event)

    async def _send_start(self, utterance: _Utterance, event: AudioStart) -> None:
        request = utterance.request
        await self._send(
            protocol.encode(
                "speech.started",
                id=utterance.id,
                voice=request.voice.id,
                speaker=request.speaker,
                speed=request.speed,
                sample_rate=event.sample_rate,
                channels=event.channels,
                gain=round(event.gain, 4),
            )
        )

    async def _send_audio(self, utterance: _Utterance, event: AudioChunk) -> None:
        for begin in range(0, event.samples, protocol.AUDIO_SAMPLES):
            pcm = event.pcm[begin * SAMPLE_BYTES : (begin + protocol.AUDIO_SAMPLES) * SAMPLE_BYTES]
            await self._send(protocol.encode_audio(utterance.id, utterance.sequence, event.first_sample + begin, pcm))
            utterance.sequence += 1
        utterance.sent = event.first_sample + event.samples

    async def _send_end(self, utterance: _Utterance, event: AudioEnd) -> None:
        utterance.done = True
        # What is made but not yet heard counts on, until the tab says that it has played it.
        if utterance.played >= utterance.sent:
            self._utterances.pop(utterance.id, None)
        await self._send(protocol.encode("speech.done", id=utterance.id, samples=event.samples))

    def _buffered_s(self) -> float:
        return sum(utterance.buffered_s for utterance in self._utterances.values())

    def _deadline(self) -> float:
        """When the tab's buffer runs dry: at once for a listener who hears nothing yet."""
        return self._clock() + self._buffered_s()

    async def _wait_for_credit(self) -> None:
        """Wait until the tab is less than the allowed time behind, and not paused."""
        while self._paused or self._buffered_s() >= self._policy.max_buffer_ahead_s:
            self._changed.clear()
            await self._changed.wait()
