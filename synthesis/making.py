"""One segment: from its words to the PCM of any window of it, whether it is made now or was made before."""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synthesis.cache import Phrase, Shelf
from synthesis.engines import Latents
from synthesis.loaded import LoadedVoice
from synthesis.loudness import SAMPLE_BYTES, to_pcm16
from synthesis.phonemes import phonemise, to_ids
from synthesis.segment import Segment
from synthesis.stream import TimedWord, time_words


class _Sound(Protocol):
    """Where the sound of a segment comes from."""

    def pcm(self, first_frame: int, end_frame: int) -> bytes:
        """PCM16 of a window."""

    def abandon(self) -> None:
        """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A phrase that was made before."""

    phrase: Phrase
    hop: int

    def pcm(self, first_frame: int, end_frame: int) -> bytes:
        return self.phrase.pcm[first_frame * self.hop * SAMPLE_BYTES : end_frame * self.hop * SAMPLE_BYTES]

    def abandon(self) -> None:
        """There is nothing to stop."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A segment that is made now, and kept once all of it was."""

    voice: LoadedVoice
    latents: Latents
    keep: Callable[[bytes], None]
    pieces: dict[int, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pcm(self, first_frame: int, end_frame: int) -> bytes:
        made = to_pcm16(self.voice.engine.decode(self.latents, first_frame, end_frame), self.voice.bundle.gain)
        with self.lock:
            self.pieces[first_frame] = made
            samples = sum(map(len, self.pieces.values())) // SAMPLE_BYTES
            if samples == self.latents.frames * self.voice.engine.hop:
                self.keep(b"".join(pcm for _, pcm in sorted(self.pieces.items())))
        return made

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


def encode(voice: LoadedVoice, segment: Segment, speaker: int, speed: float, position: int, shelf: Shelf) -> Encoded:
    """The segment, to begin at sample ``position`` of the utterance; from the ``shelf`` where it was made before."""
    hop = voice.engine.hop
    sound, id_spans, durations = _sound(voice, segment, speaker, speed, shelf)
    frames = int(durations.sum())
    written = [(word.start, word.end) for word in segment.words]
    words = time_words(written, id_spans, durations, hop=hop, first_sample=position)
    pause = round(segment.pause / speed * voice.engine.sample_rate)
    return Encoded(sound, frames, words, position, frames * hop, pause)


def _sound(
    voice: LoadedVoice, segment: Segment, speaker: int, speed: float, shelf: Shelf
) -> tuple[_Sound, Sequence[tuple[int, int]], NDArray[np.int64]]:
    """The sound of a segment, the ids of each of its words, and the frames of each id."""
    # Where a word is written does not change how it sounds.
    said = tuple((word.spoken, word.mark) for word in segment.words)
    key: Hashable = (voice.number, speaker, speed, said)
    phrase = shelf.find(key)
    if phrase is not None:
        return _Kept(phrase, voice.engine.hop), phrase.id_spans, phrase.durations
    ids, id_spans = to_ids(phonemise(segment, voice.bundle.espeak_voice), voice.bundle.phoneme_ids)
    latents = voice.engine.encode(ids, speaker, speed)
    durations = latents.durations

    def keep(pcm: bytes) -> None:
        shelf.keep(key, Phrase(id_spans, durations, pcm))

    return _Made(voice, latents, keep), id_spans, durations
