"""Synthesizes one segment: words to latents to the PCM of any window, from the cache or decoded.

Each step is a job of the worker pool. With an engine that computes batches, the neural network is a
separate job, which the pool batches with those of other utterances.
"""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from synthesis.audio.loudness import SAMPLE_BYTES, to_pcm16
from synthesis.engines.base import DecodeRequest, EncodeRequest, Latents
from synthesis.phonemes.espeak import espeak_voice_of
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.phonemes.transcription import has_sound, in_symbols_of
from synthesis.pipeline.segment_cache import CachedSegment, OwnerCache
from synthesis.pipeline.single_flight import SegmentInProgress, then
from synthesis.pipeline.word_timings import MarkTime, WordTiming, compute_mark_times, compute_word_timings
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import Batchable
from synthesis.text.normalization.languages import primary
from synthesis.text.segmentation import Segment
from synthesis.text.word import Word

T = TypeVar("T")
Job = Callable[[], T | Future[T]] | Batchable[Any, T]


class _SegmentAudio(Protocol):
    """The source of a segment's samples."""

    def is_free(self, first_frame: int) -> bool:
        """Return whether the window that begins there was not decoded for this utterance."""

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

    def is_free(self, first_frame: int) -> bool:
        return True

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        sample_bytes = self.hop_length * SAMPLE_BYTES
        return lambda: self.segment.pcm[first_frame * sample_bytes : end_frame * sample_bytes]

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """Do nothing: the segment is already cached."""

    def cancel(self) -> None:
        """Do nothing: no work is running."""


class _DecodedAudio:
    """A segment that is decoded now, and cached when complete. Utterances of one owner share its windows."""

    def __init__(self, voice: LoadedVoice, shared: SegmentInProgress, keep_all: Callable[[bytes], None]) -> None:
        assert shared.latents is not None  # noqa: S101 - encoded before
        self._voice = voice
        self._shared = shared
        self._latents = shared.latents
        self._keep_all: Callable[[bytes], None] | None = keep_all
        self._lock = threading.Lock()
        self._frame_bytes = voice.engine.hop_length * SAMPLE_BYTES
        self._cancelled = False
        self._shared_windows: set[int] = set()

    def is_free(self, first_frame: int) -> bool:
        return first_frame in self._shared_windows

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        voice, gain = self._voice, self._voice.manifest.gain
        start, stop = first_frame * self._frame_bytes, end_frame * self._frame_bytes
        if (engine := voice.batching) and (found := self._shared.find(start, stop)) is None:
            request = DecodeRequest(self._latents, first_frame, end_frame)
            together = partial(engine.decode_pcm_batch, gain=gain)
            return Batchable(("decode", voice.load_id, engine.decode_key(request)), request, together, engine.max_batch)
        if engine:
            self._shared_windows.add(first_frame)
            return lambda: found or b""

        def decode() -> bytes:
            return to_pcm16(voice.engine.decode(self._latents, first_frame, end_frame), gain)

        def window() -> bytes | Future[bytes]:
            pcm, is_shared = self._shared.window(start, stop, decode)
            if is_shared:
                self._shared_windows.add(first_frame)
            return pcm

        return window

    def keep(self, first_frame: int, pcm: bytes) -> None:
        if self._voice.batching:
            self._shared.add(first_frame * self._frame_bytes, pcm)
        with self._lock:
            if self._keep_all and (whole := self._shared.find(0, self._latents.frames * self._frame_bytes)):
                self._keep_all(whole)
                self._keep_all = None

    def cancel(self) -> None:
        with self._lock:
            cancelled, self._cancelled = self._cancelled, True
        if not cancelled:
            self._shared.leave()


class _ReleasedAudio:
    """A segment whose latents and samples were released."""

    def is_free(self, first_frame: int) -> bool:
        return False

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        raise ValueError(f"frames {first_frame} to {end_frame} of a released segment")

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """Do nothing: nothing is decoded."""

    def cancel(self) -> None:
        """Do nothing: it was cancelled when it was released."""


@dataclass(frozen=True, slots=True)
class EncodedSegment:
    """A segment ready to be decoded: its first sample in the utterance, and where its audio and its pause end."""

    audio: _SegmentAudio
    frames: int
    words: list[WordTiming]
    first_sample: int
    audio_samples: int
    pause_samples: int
    marks: list[MarkTime]

    @property
    def last_sample(self) -> int:
        return self.first_sample + self.audio_samples + self.pause_samples

    @property
    def is_released(self) -> bool:
        return isinstance(self.audio, _ReleasedAudio)

    def released(self) -> "EncodedSegment":
        """Return the segment without its latents, samples and words, which must be encoded again."""
        self.audio.cancel()
        return replace(self, audio=_ReleasedAudio(), words=[], marks=[])


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
        """Return the cache key: all that determines the sound, without the words' positions in the text.

        It contains what the pronunciation dictionaries say about each word, so a new version of them finds no
        segment of an old one.
        """
        said = tuple((word.spoken, word.punctuation, word.annotation.phonemes) for word in self.segment.words)
        engine = self.voice.engine
        form = self.voice.load_id, engine.sample_rate, engine.hop_length
        return (*form, self.speaker, self.speed, self.espeak_voice, said)

    @property
    def espeak_voice(self) -> str:
        """Return the espeak-ng voice of the segment's language; empty for a voice that was trained on letters."""
        own, language = self.voice.manifest.espeak_voice, self.segment.style.language
        if not own or not language or primary(language) == primary(self.voice.manifest.language):
            return own
        return espeak_voice_of(language)


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

        def on_encoded(latents: Latents) -> None:
            shared = wish.owner_cache.join(wish.key)
            shared.set_encoded(latents, prepared.id_spans)
            done(_made(wish, shared, position))

        submit(batchable, on_encoded)

    submit(lambda: _prepare(wish), on_prepared)


def _encode(wish: Wish, position: int) -> EncodedSegment | Future[EncodedSegment]:
    """Prepare and encode the segment in a single job, unless another utterance of the owner does so now."""
    cached = wish.owner_cache.get(wish.key)
    if cached is not None:
        return _kept(wish, cached, position)
    shared = wish.owner_cache.join(wish.key)

    def work() -> tuple[Latents, Sequence[tuple[int, int]]]:
        prepared = _phonemes(wish)
        request = prepared.request
        return wish.voice.engine.encode(request.ids, request.speaker, request.speed), prepared.id_spans

    encoding = shared.encode(work)
    if encoding is not None:
        return then(encoding, lambda _: _made(wish, shared, position))
    return _made(wish, shared, position)


def _prepare(wish: Wish) -> CachedSegment | _Prepared:
    return wish.owner_cache.get(wish.key) or _phonemes(wish)


def _phonemes(wish: Wish) -> _Prepared:
    manifest = wish.voice.manifest
    ids, id_spans = phonemes_to_ids(
        phonemize(_in_own_symbols(wish.segment, manifest.phoneme_ids), wish.espeak_voice), manifest.phoneme_ids
    )
    return _Prepared(EncodeRequest(ids, wish.speaker, wish.speed), id_spans)


def _in_own_symbols(segment: Segment, phoneme_ids: Mapping[str, tuple[int, ...]]) -> Segment:
    """Return ``segment`` with the given phonemes of its words in the symbols of the voice."""
    if not any(word.annotation.phonemes for word in segment.words):
        return segment
    return replace(segment, words=tuple(_in_symbols(word, phoneme_ids) for word in segment.words))


def _in_symbols(word: Word, phoneme_ids: Mapping[str, tuple[int, ...]]) -> Word:
    if not word.annotation.phonemes:
        return word
    said, _ = in_symbols_of(word.annotation.phonemes, phoneme_ids)
    # Without a sound that the voice has, espeak-ng pronounces the word.
    return replace(word, annotation=replace(word.annotation, phonemes=said if has_sound(said) else ""))


def _kept(wish: Wish, cached: CachedSegment, position: int) -> EncodedSegment:
    sound = _CachedAudio(cached, wish.voice.engine.hop_length)
    return _encoded(wish, sound, cached.id_spans, cached.durations, position)


def _made(wish: Wish, shared: SegmentInProgress, position: int) -> EncodedSegment:
    assert shared.latents is not None  # noqa: S101 - encoded before
    durations, id_spans = shared.latents.durations, shared.id_spans

    def keep(pcm: bytes) -> None:
        wish.owner_cache.put(wish.key, CachedSegment(id_spans, durations, pcm))

    return _encoded(wish, _DecodedAudio(wish.voice, shared, keep), id_spans, durations, position)


def _encoded(
    wish: Wish, sound: _SegmentAudio, id_spans: Sequence[tuple[int, int]], durations: NDArray[np.int64], position: int
) -> EncodedSegment:
    engine, segment = wish.voice.engine, wish.segment
    frames = int(durations.sum())
    written = [(word.start, word.end) for word in segment.words]
    words = compute_word_timings(written, id_spans, durations, hop_length=engine.hop_length, first_sample=position)
    marks = compute_mark_times(segment.words, id_spans, durations, hop_length=engine.hop_length, first_sample=position)
    # Pauses of markup are in seconds of the request's speed, whatever the rate of the words around them.
    pause = round(segment.pause / wish.speed * segment.style.rate * engine.sample_rate)
    return EncodedSegment(sound, frames, words, position, frames * engine.hop_length, pause, marks)
