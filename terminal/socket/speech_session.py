"""Speech of one websocket: a queue of utterances, and flow control by how much of them the page has played."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Unpack

from core import metrics
from core.errors import StorageUnavailableError
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Waiting, WordTimings
from synthesis.pipeline.flow_control import FlowControl
from synthesis.pipeline.request import SpeechOptions, SpeechRequest
from terminal.socket import protocol
from terminal.socket.error_frames import error_frame

logger = logging.getLogger(__name__)

Send = Callable[[str | bytes], Awaitable[None]]


@dataclass(slots=True)
class _Utterance:
    """State of one utterance. ``sent`` and ``played`` are positions in samples from its beginning."""

    id: int
    request: SpeechRequest
    sent: int
    played: int
    resume: str | None
    flow: FlowControl | None = None
    """Set while the utterance is synthesized."""
    done: bool = False
    task: asyncio.Task[None] | None = None
    sequence: int = 0

    @property
    def buffered_s(self) -> float:
        return (self.sent - self.played) / self.request.voice.sample_rate


class SpeechSession:
    """Synthesizes the utterances of ``client`` in order and sends them with ``send``.

    All methods run on the event loop; ``create`` is never called before its last call has returned. ``clock`` returns
    seconds and must be the clock of the worker pool.
    """

    def __init__(self, send: Send, client: SpeechClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._client = client
        self._clock = clock
        self._utterances: dict[int, _Utterance] = {}
        self._last_id = 0
        self._paused = False
        self._reported_at = clock()
        """When the playback position was last known: at a report, or when audio was sent to an empty buffer."""
        self._changed = asyncio.Event()
        # asyncio.Lock is fair: waiters acquire it in the order of the queue.
        self._speak_lock = asyncio.Lock()

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is being synthesized or queued."""
        return self._queue_length() > 0

    async def create(
        self, utterance_id: int, text: str, resume: str | None = None, **options: Unpack[SpeechOptions]
    ) -> None:
        """Validate, charge and queue an utterance; ``resume`` is its token from an earlier connection.

        Raises ``SpeechError`` ``id_used`` or ``queue_full``, and the errors of ``SpeechClient``.
        """
        self._reserve_id(utterance_id)
        await self._client.refresh()
        await self._client.require_quota()
        request = await self._client.build(text, **options)
        self._check_queue()
        await self._client.charge(request)
        utterance = _Utterance(utterance_id, request, sent=request.start, played=request.start, resume=resume)
        position = self._queue_length()
        self._utterances[utterance_id] = utterance
        await self._send(protocol.encode("speech.queued", id=utterance_id, position=position))
        utterance.task = asyncio.create_task(self._run(utterance))

    def _queue_length(self) -> int:
        return sum(not utterance.done for utterance in self._utterances.values())

    def _check_queue(self) -> None:
        limit = self._client.policy.max_queue_length
        if self._queue_length() >= limit:
            raise SpeechError(
                "queue_full", f"{limit} texts are queued already. Wait until one has finished.", limit=limit
            )

    def _reserve_id(self, utterance_id: int) -> None:
        if utterance_id <= self._last_id:
            raise SpeechError("id_used", "Each id must be larger than the one before.", param="id")
        self._last_id = utterance_id

    async def cancel(self, utterance_id: int) -> None:
        """Cancel an utterance that is queued, in synthesis or still playing.

        Raises ``SpeechError`` ``utterance_unknown``.
        """
        utterance = self._utterances.pop(utterance_id, None)
        if utterance is None:
            raise SpeechError("utterance_unknown", "That utterance has already ended.")
        await self._stop(utterance)
        await self._send(protocol.encode("speech.cancelled", id=utterance_id))
        self._renew_credit()

    async def cancel_all(self) -> None:
        """Cancel all utterances, the last one first, so that none starts in between."""
        for utterance_id in reversed(list(self._utterances)):
            with suppress(SpeechError):  # it has ended in the meantime
                await self.cancel(utterance_id)

    async def pause(self, *, paused: bool) -> None:
        """Pause or resume synthesis."""
        self._paused = paused
        self._reported_at = self._clock()
        self._renew_credit()
        await self._send(protocol.encode("speech.paused" if paused else "speech.resumed"))

    def played(self, utterance_id: int, sample: int) -> None:
        """Record how far the page has played an utterance; reports that are late or out of range have no effect."""
        utterance = self._utterances.get(utterance_id)
        if utterance is None:
            return
        before, utterance.played = utterance.played, max(utterance.played, min(sample, utterance.sent))
        self._reported_at = self._clock()
        if utterance.played >= utterance.sent:
            if utterance.done:
                del self._utterances[utterance_id]
            elif utterance.flow is not None:
                utterance.flow.restarts += 1
                if utterance.played > before:
                    metrics.UNDERRUNS.inc()
        self._renew_credit()

    async def close(self) -> None:
        """Stop all utterances at the next window, because the page has disconnected."""
        utterances = list(self._utterances.values())
        self._utterances.clear()
        for utterance in reversed(utterances):
            await self._stop(utterance)
        self._client.close()

    async def _stop(self, utterance: _Utterance) -> None:
        task = utterance.task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, utterance: _Utterance) -> None:
        try:
            async with self._speak_lock:
                await self._wait_while_paused()
                await self._speak(utterance)
        except (SpeechError, StorageUnavailableError) as error:
            await self._fail(utterance, error)
        except Exception:
            # Nothing awaits this task: the tab would wait forever for the end of its utterance.
            logger.exception("synthesis of an utterance failed")
            await self._fail(utterance, SpeechError("engine_failed", "Synthesis failed. Try again."))

    async def _fail(self, utterance: _Utterance, error: SpeechError | StorageUnavailableError) -> None:
        self._utterances.pop(utterance.id, None)
        await self._send(error_frame(error, utterance.id))

    async def _speak(self, utterance: _Utterance) -> None:
        request = utterance.request
        offset = protocol.utf16_offsets(request.text)
        flow = utterance.flow = FlowControl(self._clock)
        self._renew_credit()
        async with aclosing(self._client.events(request, flow, utterance.resume)) as events:
            async for event in events:
                match event:
                    case Waiting():
                        waiting = {"id": utterance.id, "position": event.position, "wait_s": event.wait_s}
                        await self._send(protocol.encode("speech.waiting", **waiting))
                    case AudioStart():
                        await self._send_start(utterance, event)
                    case WordTimings():
                        words = [
                            [offset(word.start), offset(word.end), word.first_sample, word.last_sample]
                            for word in event.words
                        ]
                        marks = {"marks": [[mark.name, mark.sample] for mark in event.marks]} if event.marks else {}
                        await self._send(
                            protocol.encode(
                                "speech.words",
                                id=utterance.id,
                                words=words,
                                total=event.total,
                                exact=event.exact,
                                **marks,
                            )
                        )
                    case AudioChunk():
                        await self._wait_while_paused()
                        if not self._buffered_s():
                            self._reported_at = self._clock()
                        await self._send_audio(utterance, event)
                        self._renew_credit()
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
                resume=event.resume,
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
        # Audio that was sent but not played counts as buffered until the page reports that it has played it.
        if utterance.played >= utterance.sent:
            self._utterances.pop(utterance.id, None)
        utterance.flow = None
        await self._send(protocol.encode("speech.done", id=utterance.id, samples=event.samples))

    def _buffered_s(self) -> float:
        return sum(utterance.buffered_s for utterance in self._utterances.values())

    def _renew_credit(self) -> None:
        """Update the flow control: the audio that the page has buffered, and how much more may be synthesized."""
        self._changed.set()
        utterance = next((utterance for utterance in self._utterances.values() if utterance.flow), None)
        if utterance is None or utterance.flow is None:
            return
        buffered_s = self._buffered_s()
        credit_s = 0.0 if self._paused else self._client.policy.max_buffer_ahead_s - buffered_s
        limit = utterance.sent + round(max(0.0, credit_s) * utterance.request.voice.sample_rate)
        utterance.flow.update(utterance.sent, buffered_s, limit, self._reported_at)

    async def _wait_while_paused(self) -> None:
        while self._paused:
            self._changed.clear()
            await self._changed.wait()
