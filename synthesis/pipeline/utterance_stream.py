"""Synthesizes one utterance in the worker threads: each finished job submits the next, up to the client's credit.

The event loop only takes finished events. A job's callback runs in the worker, so the next window waits for no round
trip through the event loop, and needs no task, future or timer.
"""

import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.logs import correlation
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.pipeline.events import AudioChunk, AudioEnd, AudioStart, Event, WordTimings
from synthesis.pipeline.flow_control import FlowControl
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import OwnerCache
from synthesis.pipeline.segment_synthesis import EncodedSegment, Job, Wish, encode_segment
from synthesis.pipeline.text_reading import read_words
from synthesis.pipeline.windows import (
    COMFORTABLE_S,
    COMFORTABLE_WINDOW,
    LARGEST_WINDOW,
    WindowPlan,
    comfortable_window,
)
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import NO_TIME, JobTime, WorkerPool
from synthesis.text.segmentation import Segment, split_segments

MAX_IN_FLIGHT = 2
"""Maximum windows of an utterance in progress, so that two workers can serve one client. More delay cancellation."""
FIRST_AUDIO_S = 0.2
"""Deadline in seconds of each job before an utterance's first audio, a little more than its first window lasts: clients
whose buffers run empty earlier, and those that have just begun to play, have priority."""
RELEASE_AFTER_S = 5.0
"""Seconds without credit after which the encoded segment is released: a client that reads slowly would hold it for
minutes. To encode it again takes some milliseconds."""


NO_VOICES: Mapping[str, LoadedVoice] = {}


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """The word timings of a segment, and the end of its audio in samples of the utterance."""

    words: WordTimings
    last_sample: int


Item = Event | SegmentStart


class UtteranceStream:
    """The synthesis of ``request``. ``wake`` is called once, in any thread, when ``take`` has something to return.

    ``other_voices`` are those that the text names, by id, at the sample rate and hop length of ``voice``.
    One lock guards all state; it is never held during a job. It is reentrant, because a closed pool calls back at once.
    """

    def __init__(
        self,
        pool: WorkerPool,
        voice: LoadedVoice,
        request: SpeechRequest,
        flow: FlowControl,
        owner_cache: OwnerCache,
        wake: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
        other_voices: Mapping[str, LoadedVoice] = NO_VOICES,
    ) -> None:
        self._pool = pool
        self._voice = voice
        self._other_voices = other_voices
        self._request = request
        self._flow = flow
        self._owner_cache = owner_cache
        self._wake = wake
        self._clock = clock
        named = request.voice.speaker_number(request.speaker)
        self._speaker = voice.manifest.default_speaker if named is None else named
        self._rate = voice.engine.sample_rate
        self._hop = voice.engine.hop_length
        batching = voice.batching
        self._largest = batching.largest_window if batching else LARGEST_WINDOW
        self._comfortable = batching.largest_window if batching else comfortable_window(pool.workers)
        self._lock = threading.RLock()
        self._closed = False
        self._failure: Exception | None = None
        self._items: list[Item] = []
        # Results by submission order; those after a missing one wait.
        self._finished: dict[int, Item] = {}
        self._next_number = self._next_delivered = 0
        self._in_flight: dict[int, EncodedSegment] = {}
        self._jobs = 0
        self._woken = self._parked = False
        self._segments: Sequence[Segment] = ()
        self._segment = 0
        self._segment_keys: list[Hashable] = []
        self._spoken, self._whole = 0, 0
        self._encoding = False
        self._encoded: EncodedSegment | None = None
        self._decoding: EncodedSegment | None = None
        self._wish: Wish | None = None
        self._windows = WindowPlan(0)
        self._position = 0
        self._restarts = flow.restarts
        self._ended = False
        self._encode_s = self._encode_s_per_frame = 0.0
        self._job_time = NO_TIME
        self._has_audio = False
        self._correlation_id = correlation.current()
        self.progress_at = clock()
        """When a job last finished, on the clock."""

    def start(self) -> None:
        """Submit the first job."""
        self._flow.changed = self._on_credit
        with self._lock:
            self._submit(self._request.start, partial(_plan, self._request), self._on_plan)

    def take(self) -> list[Item]:
        """Return the new events in order. Raises the error that ended the synthesis, after the events before it."""
        with self._lock:
            items, self._items = self._items, []
            self._woken = False
            if not items and self._failure is not None:
                raise self._failure
            return items

    @property
    def is_waiting_for_credit(self) -> bool:
        """Return whether no job is queued or running."""
        return self._jobs == 0

    def release_if_stalled(self) -> None:
        """Release, in a worker, the segment of a client that has given no credit for ``RELEASE_AFTER_S`` seconds.

        Its next window encodes the segment again. A GPU's segments stay: encoded in another batch, they may differ.
        """
        if self._voice.batching is None and self._is_stalled():
            self._pool.submit(self._release, math.inf, lambda *_: None, self._is_wanted)

    def _is_stalled(self) -> bool:
        decoding = self._decoding
        is_idle = self._jobs == 0 and self._clock() - self.progress_at >= RELEASE_AFTER_S
        return is_idle and bool(self._windows.rest) and decoding is not None and not decoding.is_released

    def _release(self) -> None:
        with self._lock:
            if self._is_stalled() and self._decoding is not None:
                self._decoding = self._decoding.released()

    def close(self) -> None:
        """Stop: queued jobs are dropped, and running ones cancelled where the engine can interrupt them."""
        with self._lock:
            self._closed = True
            self._flow.changed = lambda: None
            for encoded in (*self._in_flight.values(), self._decoding, self._encoded):
                if encoded is not None:
                    encoded.audio.cancel()
            self._items.clear()
            self._finished.clear()

    def _submit(self, sample: int, work: Job[Any], then: Callable[[Any], object]) -> None:
        """Submit a job that is needed for ``sample``; ``then`` receives its result, under the lock."""

        def done(result: Any, time_taken: JobTime) -> None:
            with self._lock:
                self._job_time = time_taken
                self._jobs -= 1
                self.progress_at = self._clock()
                if self._closed or self._failure is not None:
                    return
                try:
                    if isinstance(result, Exception):
                        raise result
                    then(result)
                except Exception as error:  # noqa: BLE001 - raised where the events are taken
                    self._failure = error
                if self._woken or not (self._items or self._failure):
                    return
                self._woken = True
            self._wake()

        if not self._jobs:
            self.progress_at = self._clock()
        self._jobs += 1
        deadline = self._flow.needed_at(sample, self._rate)
        if not self._has_audio:
            deadline = max(deadline, self._clock() + FIRST_AUDIO_S)
        # Another message's credit can submit a job, so the worker takes the id from here. Batches have several ids.
        if callable(work):
            work = correlation.carried(work, self._correlation_id)
        self._pool.submit(work, deadline, correlation.carried(done, self._correlation_id), self._is_wanted)

    def _is_wanted(self) -> bool:
        return not self._closed

    def _is_comfortable(self, sample: int) -> bool:
        return self._flow.ahead_s(sample, self._rate) >= COMFORTABLE_S

    def _on_credit(self) -> None:
        with self._lock:
            if not self._closed and self._failure is None and self._segments:
                self._advance()

    def _on_plan(self, plan: list[Segment]) -> None:
        self._segments = plan
        self._whole = sum(map(_spoken_length, plan))
        manifest = self._voice.manifest
        self._deliver(self._number(), AudioStart(manifest.sample_rate, 1, manifest.gain))
        if plan:
            self._deliver_lead(plan[0].lead_s)
        self._advance()

    def _deliver_lead(self, seconds: float) -> None:
        """Deliver the silence before the first word."""
        self._position = round(seconds / self._request.speed * self._rate)
        if self._request.start < self._position:
            silence = bytes((self._position - self._request.start) * SAMPLE_BYTES)
            self._deliver(self._number(), AudioChunk(self._request.start, silence))

    def _on_encoded(self, encoded: EncodedSegment) -> None:
        self._encoding = False
        self._encoded = encoded
        self._encode_s = self._job_time.seconds
        self._advance()

    def _advance(self) -> None:
        """Submit as many jobs as credit and ``MAX_IN_FLIGHT`` allow."""
        while len(self._in_flight) < MAX_IN_FLIGHT and not self._ended:
            if self._windows.rest:
                if not self._has_credit():
                    return
                if self._decoding is not None and self._decoding.is_released:
                    self._encode_again(self._decoding)
                    return
                self._decode_next()
            elif self._encoded is not None:
                self._begin_segment(self._encoded)
            elif self._segment < len(self._segments):
                self._encode_next()
                return
            else:
                self._ended = True
                self._deliver(self._number(), AudioEnd(self._position))

    def _encode_next(self) -> None:
        """Encode the next segment, while the last windows of the previous one are decoded."""
        if self._encoding:
            return
        self._encoding = True
        segment = self._segments[self._segment]
        voice = self._other_voices.get(segment.style.voice, self._voice)
        speaker = self._speaker if voice is self._voice else voice.manifest.default_speaker
        speed = self._request.speed * segment.style.rate
        self._wish = wish = Wish(voice, segment, speaker, speed, self._owner_cache)
        self._segment_keys.append(wish.key)
        encode_segment(partial(self._submit, self._position), wish, self._position, self._on_encoded)

    def _encode_again(self, released: EncodedSegment) -> None:
        """Encode the segment whose windows are being decoded, after its release."""
        if self._encoding or self._wish is None:
            return
        self._encoding = True

        def on_encoded(encoded: EncodedSegment) -> None:
            self._encoding = False
            self._decoding = encoded
            self._advance()

        encode_segment(partial(self._submit, self._next_sample), self._wish, released.first_sample, on_encoded)

    def _begin_segment(self, encoded: EncodedSegment) -> None:
        self._decoding, self._encoded = encoded, None
        self._position = encoded.last_sample
        self._spoken += _spoken_length(self._segments[self._segment])
        self._segment += 1
        rest = self._whole - self._spoken
        total = self._position + round(rest * self._position / self._spoken)
        exact = self._segment == len(self._segments)
        words = WordTimings(encoded.words, total, exact, encoded.marks)
        self._deliver(self._number(), SegmentStart(words, self._position))
        begin = encoded.frames
        if self._request.start < encoded.last_sample:
            begin = min(max(0, self._request.start - encoded.first_sample) // self._hop, encoded.frames - 1)
        self._windows = WindowPlan(encoded.frames, begin, largest=self._largest)
        self._encode_s_per_frame = self._encode_s / encoded.frames

    def _has_credit(self) -> bool:
        """Return whether the next window may begin; once the credit is used up, only when it allows several windows."""
        limit, sample = self._flow.limit, self._next_sample
        if limit is None:
            return True
        if self._parked and self._flow.collects_credit and self._is_comfortable(sample):
            sample += (min(self._windows.rest, COMFORTABLE_WINDOW) - 1) * self._hop
        self._parked = sample >= limit
        return not self._parked

    def _window_size(self, sample: int) -> int:
        """Return the least frames of the next window, which begins at ``sample``; 0 for the usual plan."""
        limit = self._flow.limit
        if not self._is_comfortable(sample):
            return 0
        if limit is None:
            return self._comfortable
        return min(self._comfortable, max(self._largest, (limit - sample) // self._hop))

    @property
    def _next_sample(self) -> int:
        """Return the first sample of the next window."""
        assert self._decoding is not None  # noqa: S101 - a window belongs to a segment
        return self._decoding.first_sample + self._windows.begin * self._hop

    def _decode_next(self) -> None:
        encoded, sample = self._decoding, self._next_sample
        assert encoded is not None  # noqa: S101 - a window belongs to a segment
        if self._restarts != self._flow.restarts:
            self._restarts = self._flow.restarts
            self._windows.restart()
        window = self._windows.next(self._window_size(sample))
        number = self._number()
        self._in_flight[number] = encoded
        self._submit(sample, encoded.audio.job(*window), partial(self._on_decoded, number, window))

    def _on_decoded(self, number: int, window: tuple[int, int], pcm: bytes) -> None:
        encoded = self._in_flight.pop(number)
        if not self._has_audio:
            self._has_audio = True
            self._flow.begin(self._request.start)
        self._measure(encoded, window)
        encoded.audio.keep(window[0], pcm)
        if window[1] == encoded.frames:
            pcm += bytes(encoded.pause_samples * SAMPLE_BYTES)
        first_sample = encoded.first_sample + window[0] * self._hop
        heard_from = max(first_sample, self._request.start)
        self._deliver(number, AudioChunk(heard_from, pcm[(heard_from - first_sample) * SAMPLE_BYTES :]))
        self._advance()
        if self._ended and not self._in_flight:
            self._owner_cache.put_text(self._request.text_key, self._segment_keys)

    def _measure(self, encoded: EncodedSegment, window: tuple[int, int]) -> None:
        """Record the cost of a window that has just been decoded, with its share of the encoding.

        Neither cached or shared audio nor the short windows at the start count: a running stream costs less than these.
        """
        frames = window[1] - window[0]
        if frames >= LARGEST_WINDOW and not encoded.audio.is_free(window[0]):
            busy_s = self._job_time.seconds + frames * self._encode_s_per_frame
            audio_s = frames * self._hop / self._rate
            self._pool.meter.add(self._request.cost_key, busy_s, audio_s, saturated=self._job_time.saturated)

    def _number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _deliver(self, number: int, item: Item) -> None:
        """Queue an item for the event loop, after all items with smaller numbers."""
        self._finished[number] = item
        while (ready := self._finished.pop(self._next_delivered, None)) is not None:
            self._next_delivered += 1
            self._items.append(ready)


def _plan(request: SpeechRequest) -> list[Segment]:
    return split_segments(read_words(request), request.reading.segment_pauses)


def _spoken_length(segment: Segment) -> int:
    return sum(len(word.spoken) + 1 for word in segment.words)
