"""One segment: from its words to the PCM of any window of it, whether it is made now or was made before.

Each step is a job for the pool. With an engine that computes batches, the network's part is a job of its own, which
the pool does together with those of other utterances.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from synthesis.cache import Phrase, Shelf
from synthesis.engines import DecodeRequest, EncodeRequest, Latents
from synthesis.loaded import LoadedVoice
from synthesis.loudness import SAMPLE_BYTES, to_pcm16
from synthesis.phonemes import phonemise, to_ids
from synthesis.pool import Batchable, Pool
from synthesis.segment import Segment
from synthesis.stream import TimedWord, time_words

T = TypeVar("T")
Job = Callable[[], T] | Batchable[DecodeRequest, T]


class _Sound(Protocol):
    """Where the sound of a segment comes from."""

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        """The job that makes PCM16 of a window."""

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """Keep a window that was made, for the phrase."""

    def abandon(self) -> None:
        """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A phrase that was made before."""

    phrase: Phrase
    hop: int

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        sample_bytes = self.hop * SAMPLE_BYTES
        return lambda: self.phrase.pcm[first_frame * sample_bytes : end_frame * sample_bytes]

    def keep(self, first_frame: int, pcm: bytes) -> None:
        """It is kept already."""

    def abandon(self) -> None:
        """There is nothing to stop."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A segment that is made now, and kept once all of it was."""

    voice: LoadedVoice
    latents: Latents
    keep_all: Callable[[bytes], None]
    pieces: dict[int, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def job(self, first_frame: int, end_frame: int) -> Job[bytes]:
        voice, gain = self.voice, self.voice.bundle.gain
        if engine := voice.batching:
            request = DecodeRequest(self.latents, first_frame, end_frame)
            together = partial(engine.decode_pcm_batch, gain=gain)
            return Batchable(("decode", voice.number, engine.decode_key(request)), request, together, engine.max_batch)
        return lambda: to_pcm16(voice.engine.decode(self.latents, first_frame, end_frame), gain)

    def keep(self, first_frame: int, pcm: bytes) -> None:
        with self.lock:
            self.pieces[first_frame] = pcm
            samples = sum(map(len, self.pieces.values())) // SAMPLE_BYTES
            if samples == self.latents.frames * self.voice.engine.hop:
                self.keep_all(b"".join(piece for _, piece in sorted(self.pieces.items())))

    def abandon(self) -> None:
        self.latents.abandon()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A segment ready to be decoded: where it begins in the utterance, and where its sound and its pause end."""

    sound: _Sound
    frames: int
    words: list[TimedWord]
    first_sample: int
    sound_samples: int
    pause_samples: int

    @property
    def last_sample(self) -> int:
        return self.first_sample + self.sound_samples + self.pause_samples


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment as it is to be spoken; kept phrases are looked for on the ``shelf``."""

    voice: LoadedVoice
    segment: Segment
    speaker: int
    speed: float
    shelf: Shelf

    @property
    def key(self) -> Hashable:
        """What makes two segments sound the same; where a word is written does not."""
        said = tuple((word.spoken, word.mark) for word in self.segment.words)
        return (self.voice.number, self.speaker, self.speed, said)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The phoneme ids of a segment, and those of each of its words."""

    request: EncodeRequest
    id_spans: Sequence[tuple[int, int]]


async def encode(pool: Pool, wish: Wish, position: int, due: float) -> Encoded:
    """The segment, to begin at sample ``position`` of the utterance; from the shelf where it was made before.

    ``due`` is the deadline of the jobs (``time.monotonic``). Raises what ``Pool.run`` raises.
    """
    engine = wish.voice.batching
    if engine is None:
        return await pool.run(lambda: _encode(wish, position), due)
    prepared = await pool.run(lambda: _prepare(wish), due)
    if isinstance(prepared, Phrase):
        return _kept(wish, prepared, position)
    key = ("encode", wish.voice.number, engine.encode_key(prepared.request))
    latents: Latents = await pool.run(Batchable(key, prepared.request, engine.encode_batch, engine.max_batch), due)
    return _made(wish, prepared, latents, position)


def _encode(wish: Wish, position: int) -> Encoded:
    """All of it in one job."""
    prepared = _prepare(wish)
    if isinstance(prepared, Phrase):
        return _kept(wish, prepared, position)
    request = prepared.request
    latents = wish.voice.engine.encode(request.ids, request.speaker, request.speed)
    return _made(wish, prepared, latents, position)


def _prepare(wish: Wish) -> Phrase | _Prepared:
    phrase = wish.shelf.find(wish.key)
    if phrase is not None:
        return phrase
    bundle = wish.voice.bundle
    ids, id_spans = to_ids(phonemise(wish.segment, bundle.espeak_voice), bundle.phoneme_ids)
    return _Prepared(EncodeRequest(ids, wish.speaker, wish.speed), id_spans)


def _kept(wish: Wish, phrase: Phrase, position: int) -> Encoded:
    sound = _Kept(phrase, wish.voice.engine.hop)
    return _encoded(wish, sound, phrase.id_spans, phrase.durations, position)


def _made(wish: Wish, prepared: _Prepared, latents: Latents, position: int) -> Encoded:
    durations, id_spans = latents.durations, prepared.id_spans

    def keep(pcm: bytes) -> None:
        wish.shelf.keep(wish.key, Phrase(id_spans, durations, pcm))

    return _encoded(wish, _Made(wish.voice, latents, keep), id_spans, durations, position)


def _encoded(
    wish: Wish, sound: _Sound, id_spans: Sequence[tuple[int, int]], durations: NDArray[np.int64], position: int
) -> Encoded:
    engine, segment = wish.voice.engine, wish.segment
    frames = int(durations.sum())
    written = [(word.start, word.end) for word in segment.words]
    words = time_words(written, id_spans, durations, hop=engine.hop, first_sample=position)
    pause = round(segment.pause / wish.speed * engine.sample_rate)
    return Encoded(sound, frames, words, position, frames * engine.hop, pause)
