"""Output events of an utterance, in the order in which they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.pipeline.word_timings import MarkTime, WordTiming


@dataclass(frozen=True, slots=True)
class Waiting:
    """The utterance waits for admission: ``position`` counts from 1, ``wait_s`` is the expected wait in seconds."""

    position: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class AudioStart:
    """The first event of the synthesis: the audio format."""

    sample_rate: int
    channels: int
    gain: float
    resume: str | None = None
    """The token with which another process resumes the utterance; only for websockets."""


@dataclass(frozen=True, slots=True)
class WordTimings:
    """When the words of the next segment sound; ``total`` samples is an estimate until ``exact``."""

    words: Sequence[WordTiming]
    total: int
    exact: bool
    marks: Sequence[MarkTime] = ()


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """PCM16 samples of the utterance starting at ``first_sample``."""

    first_sample: int
    pcm: bytes

    @property
    def samples(self) -> int:
        """Return the number of samples."""
        return len(self.pcm) // SAMPLE_BYTES

    @property
    def end(self) -> int:
        """Return the position after the last sample."""
        return self.first_sample + self.samples


@dataclass(frozen=True, slots=True)
class AudioEnd:
    """The last event, with the utterance's total number of samples."""

    samples: int


Event = Waiting | AudioStart | WordTimings | AudioChunk | AudioEnd
