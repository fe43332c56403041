"""An utterance whose text arrives while it is spoken."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from core.api.errors import ApiError
from core.limits import registry
from synthesis.api.parameters import SpeechParameters
from synthesis.api.streaming import real_time_flow
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.errors import TextError
from synthesis.gateway import SpeechClient
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Event, WordTimings
from synthesis.pipeline.word_timings import MarkTime, WordTiming
from synthesis.text.annotation.reading_options import Treatment
from synthesis.text.incremental import LONGEST, IncrementalText, Part, WholeDocument
from synthesis.text.segmentation import DEFAULT_PAUSES, Pauses

MAX_WAITING = registry.MAX_STREAM_PARTS.default
"""Parts that wait to be spoken: a few minutes of audio. A client that sends more gets an error."""
NOTHING_TO_SPEAK = frozenset(("text_empty", "text_unspeakable"))
"""Codes of parts that are left out, such as an emoji or a line of dashes between two sentences."""


class GrowingText:
    """Speaks the parts of a text in order, as one utterance."""

    def __init__(
        self, client: SpeechClient, parameters: SpeechParameters, language: str, pauses: Pauses = DEFAULT_PAUSES
    ) -> None:
        self.text = ""
        """The parts so far."""
        self._client = client
        self._parameters = parameters
        self.ssml = parameters.reading.get("ssml", False)
        self._choices = {"ssml": False, **parameters.reading}
        self._incoming: IncrementalText | WholeDocument = (
            WholeDocument(client.policy.max_text_length)
            if self.ssml
            else IncrementalText(
                language,
                longest=min(LONGEST, client.policy.max_text_length),
                # A thought is not announced, because its end may never come.
                skip_thinking=parameters.skip_thinking or self._choices.get("thinking") == Treatment.ANNOUNCE,
                pauses=pauses,
            )
        )
        self._parts: asyncio.Queue[Part | None] = asyncio.Queue(MAX_WAITING + 1)
        self._ended = False
        self._rate = 1
        self._timed: list[tuple[float, int]] = []

    async def append(self, text: str) -> None:
        """Add a piece of text; speaks what is complete with it.

        Raises ``ApiError`` ``queue_full``, or ``field_invalid`` after ``end``.
        """
        if self._ended:
            message = "The utterance has ended. Wait for speech.done, or send speech.cancel, before the next text."
            raise ApiError("field_invalid", message, param="type")
        self._put(await asyncio.to_thread(self._incoming.append, text))

    async def flush(self) -> None:
        """Speak what is held, although it may continue. Raises as ``append``."""
        self._put(await asyncio.to_thread(self._incoming.flush))

    async def end(self) -> None:
        """Speak what is held; the utterance ends with it. Idempotent. Raises ``ApiError`` ``queue_full``."""
        if self._ended:
            return
        await self.flush()
        self._ended = True
        self._parts.put_nowait(None)

    def heard(self, position_s: float) -> str:
        """Return the text whose words had begun ``position_s`` seconds after the beginning of the audio."""
        index = bisect_right(self._timed, position_s, key=lambda timed: timed[0])
        return self.text[: self._timed[index - 1][1]] if index else ""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events of all parts as those of one utterance. Raises what ``SpeechClient.events`` raises."""
        samples, pause_s, started = 0, 0.0, False
        while (part := await self._parts.get()) is not None:
            begin, self.text = len(self.text), self.text + part.text
            async with aclosing(self._part_events(part.text)) as events:
                async for event in events:
                    match event:
                        case AudioStart(rate, _, _):
                            silence = AudioChunk(samples, bytes(round(pause_s * rate) * SAMPLE_BYTES))
                            if not started:
                                started = True
                                yield event
                            elif silence.samples:
                                samples += silence.samples
                                yield silence
                            first_sample = samples
                        case WordTimings():
                            yield self._shifted(event, begin, first_sample)
                        case AudioChunk():
                            yield replace(event, first_sample=event.first_sample + first_sample)
                        case AudioEnd():
                            samples = first_sample + event.samples
                            pause_s = part.pause_s / self._parameters.speed
        yield AudioEnd(samples)

    async def _part_events(self, part: str) -> AsyncGenerator[Event, None]:
        parameters = self._parameters
        try:
            request = await self._client.build(
                part,
                voice=parameters.voice,
                speaker=parameters.speaker,
                speed=parameters.speed,
                reading=self._choices,
            )
            # The silence before the first word is that of the utterance.
            self._choices["lead_in_s"] = 0.0
            await self._client.charge(request)
        except TextError as error:
            if error.code not in NOTHING_TO_SPEAK:
                raise
            return
        self._rate = request.voice.sample_rate
        async with aclosing(self._client.events(request, real_time_flow())) as events:
            async for event in events:
                yield event

    def _shifted(self, event: WordTimings, begin: int, samples: int) -> WordTimings:
        words = [
            WordTiming(word.start + begin, word.end + begin, word.first_sample + samples, word.last_sample + samples)
            for word in event.words
        ]
        self._timed += [(word.first_sample / self._rate, word.end) for word in words]
        marks = [MarkTime(mark.name, mark.sample + samples) for mark in event.marks]
        return WordTimings(words, event.total + samples, exact=False, marks=marks)

    def _put(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if self._parts.qsize() >= MAX_WAITING:
                raise ApiError("queue_full", f"At most {MAX_WAITING} parts of a text can wait.", limit=MAX_WAITING)
            self._parts.put_nowait(part)
