"""Synthesizes one segment: words to latents to the PCM of any window, from the cache or decoded.

Each step is a job of the worker pool. With an engine that computes batches, the neural network is a
separate job, which the pool batches with those of other utterances.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from synthesis.audio.loudness import SAMPLE_BYTES, to_pcm16
from synthesis.engines.base import DecodeRequest, EncodeRequest, Latents
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.pipeline.segment_cache import CachedSegment, OwnerCache
from synthesis.pipeline.word_timings import WordTiming, compute_word_timings
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import Batchable
from synthesis.text.segmentation import Segment

T = TypeVar("T")
Job = Callable[[], T] | Batchable[Any, T]


class _SegmentAudio(Protocol):
    """The source of a segment's samples."""

    @property
    def is_cached(self) -> bool:
        """Return whether the samples come from the cache."""

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        """Return the job that produces the PCM16 of a window."""

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """Collect a decoded window for the segment cache."""

    def cancel(self) -> None:
        """Cancel decoding: the listener no longer needs it."""


@dataclass(frozen=True, slots=True)
class _CachedAudio:
    """A segment from the cache."""

    segment: CachedSegment
    hop_length: int

    @property
    def is_cached(self) -> bool:
        return True

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        sample_bytes = self.hop_length * SAMPLE_BYTES
        return lambda: self.segment.pcm[first_frame * sample_bytes : end_frame * sample_bytes]

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """Do nothing: the segment is already cached."""

    def cancel(self) -> None:
        """Do nothing: no work is running."""


@dataclass(frozen=True, slots=True)
class _DecodedAudio:
    """A segment that is decoded now, and cached when complete."""

    voice: LoadedVoice
    latents: Latents
    keep_all: Callable[[bytes], None]
    pieces: dict[int, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_cached(self) -> bool:
        return False

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        voice, gain = self.voice, self.voice.manifest.gain
        if engine := voice.batching:
            request = DecodeRequest(self.latents, first_frame, end_frame)
            together = partial(engine.decode_pcm_batch, gain=gain)
            return Batchable(("decode", voice.load_id, engine.decode_key(request)), request, together, engine.max_batch)
        return lambda: to_pcm16(voice.engine.decode(self.latents, first_frame, end_frame), gain)

    def keep(self, first_frame: int, pcm: bytes) -> None:
        with self.lock:
            self.pieces[first_frame] = pcm
            samples = sum(map(len, self.pieces.values())) // SAMPLE_BYTES
            if samples == self.latents.frames * self.voice.engine.hop_length:
                self.keep_all(b"".join(piece for _, piece in sorted(self.pieces.items())))

    def cancel(self) -> None:
        self.latents.cancel()


@dataclass(frozen=True, slots=True)
class EncodedSegment:
    """A segment ready to be decoded: its first sample in the utterance, and where its audio and its pause end."""

    audio: _SegmentAudio
    frames: int
    words: list[WordTiming]
    first_sample: int
    audio_samples: int
    pause_samples: int

    @property
    def last_sample(self) -> int:
        return self.first_sample + self.audio_samples + self.pause_samples


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment to synthesize, with its speaker, speed and ``owner_cache``."""

    voice: LoadedVoice
    segment: Segment
    speaker: int
    speed: float
    owner_cache: OwnerCache

    @property
    def key(self) -> Hashable:
        """Return the cache key: all that determines the sound, without the words' positions in the text."""
        said = tuple((word.spoken, word.punctuation) for word in self.segment.words)
        return (self.voice.load_id, self.speaker, self.speed, said)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The phoneme ids of a segment, and the id range of each word."""

    request: EncodeRequest
    id_spans: Sequence[tuple[int, int]]


Submit = Callable[[Job[Any], Callable[[Any], object]], None]
"""Queues a job; the callback receives its result in the worker's thread, and is not called if the job fails."""


def encode_segment(submit: Submit, wish: Wish, position: int, done: Callable[[EncodedSegment], object]) -> None:
    """Encode the segment to begin at sample ``position`` of the utterance, or take it from the cache.

    ``done`` receives it in a worker's thread.
    """
    engine = wish.voice.batching
    if engine is None:
        submit(lambda: _encode(wish, position), done)
        return

    def on_prepared(prepared: CachedSegment | _Prepared) -> None:
        if isinstance(prepared, CachedSegment):
            done(_kept(wish, prepared, position))
            return
        key = ("encode", wish.voice.load_id, engine.encode_key(prepared.request))
        batchable: Batchable[EncodeRequest, Latents] = Batchable(
            key, prepared.request, engine.encode_batch, engine.max_batch
        )
        submit(batchable, lambda latents: done(_made(wish, prepared, latents, position)))

    submit(lambda: _prepare(wish), on_prepared)


def _encode(wish: Wish, position: int) -> EncodedSegment:
    """Prepare and encode the segment in a single job."""
    prepared = _prepare(wish)
    if isinstance(prepared, CachedSegment):
        return _kept(wish, prepared, position)
    request = prepared.request
    latents = wish.voice.engine.encode(request.ids, request.speaker, request.speed)
    return _made(wish, prepared, latents, position)


def _prepare(wish: Wish) -> CachedSegment | _Prepared:
    cached = wish.owner_cache.get(wish.key)
    if cached is not None:
        return cached
    manifest = wish.voice.manifest
    ids, id_spans = phonemes_to_ids(phonemize(wish.segment, manifest.espeak_voice), manifest.phoneme_ids)
    return _Prepared(EncodeRequest(ids, wish.speaker, wish.speed), id_spans)


def _kept(wish: Wish, cached: CachedSegment, position: int) -> EncodedSegment:
    sound = _CachedAudio(cached, wish.voice.engine.hop_length)
    return _encoded(wish, sound, cached.id_spans, cached.durations, position)


def _made(wish: Wish, prepared: _Prepared, latents: Latents, position: int) -> EncodedSegment:
    durations, id_spans = latents.durations, prepared.id_spans

    def keep(pcm: bytes) -> None:
        wish.owner_cache.put(wish.key, CachedSegment(id_spans, durations, pcm))

    return _encoded(wish, _DecodedAudio(wish.voice, latents, keep), id_spans, durations, position)


def _encoded(
    wish: Wish, sound: _SegmentAudio, id_spans: Sequence[tuple[int, int]], durations: NDArray[np.int64], position: int
) -> EncodedSegment:
    engine, segment = wish.voice.engine, wish.segment
    frames = int(durations.sum())
    written = [(word.start, word.end) for word in segment.words]
    words = compute_word_timings(written, id_spans, durations, hop_length=engine.hop_length, first_sample=position)
    pause = round(segment.pause / wish.speed * engine.sample_rate)
    return EncodedSegment(sound, frames, words, position, frames * engine.hop_length, pause)
