"""What a synthesized utterance consists of, in the order in which it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.pipeline.word_timings import WordTiming


@dataclass(frozen=True, slots=True)
class AudioStart:
    """The first event: how to play what follows."""

    sample_rate: int
    channels: int
    gain: float


@dataclass(frozen=True, slots=True)
class WordTimings:
    """When the words of the next segment sound; ``total`` samples is a guess until ``exact``."""

    words: Sequence[WordTiming]
    total: int
    exact: bool


@dataclass(frozen=True, slots=True)
class AudioChunk:
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
class AudioEnd:
    """The last event: the whole utterance has this many samples."""

    samples: int


Event = AudioStart | WordTimings | AudioChunk | AudioEnd
