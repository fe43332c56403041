"""The audio formats of the HTTP API and their sample rates. Pure."""

from dataclasses import dataclass
from typing import Final

OPENAI_RATE: Final = 24_000
"""Hz of all audio of OpenAI's API. Clients assume it for ``pcm``, whatever the response says."""
RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Sample rates in Hz that MP3 and AAC have in common."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A value of ``response_format``; ``default_rate`` is ``None`` where the voice's own rate is the default."""

    name: str
    media_type: str
    default_rate: int | None
    rates: tuple[int, ...] = RATES
    bit_rate: int | None = None
    """Bits per second of a lossy format; ``None`` selects the encoder's default."""

    @property
    def is_raw(self) -> bool:
        """Return whether encoding takes no longer than a copy."""
        return self.name in ("pcm", "wav", *TELEPHONE_FORMATS)

    def content_type(self, rate: int) -> str:
        """Return the ``Content-Type``; raw PCM names its sample rate and channels there."""
        return f"{self.media_type};rate={rate};channels=1" if self.name == "pcm" else self.media_type

    def rate_for(self, voice_rate: int, wanted: int | None) -> int:
        """Return the sample rate in Hz of the encoded audio; ``wanted`` is one of ``rates`` or ``None``."""
        return wanted or self.default_rate or voice_rate


# Lossy formats have one rate for all voices, so that clients can join several answers into one file.
FORMATS: Final = {
    audio_format.name: audio_format
    for audio_format in (
        AudioFormat("mp3", "audio/mpeg", OPENAI_RATE),
        AudioFormat("opus", "audio/ogg;codecs=opus", OPENAI_RATE, (8000, 12000, 16000, 24000, 48000)),
        AudioFormat("aac", "audio/aac", OPENAI_RATE),
        AudioFormat("flac", "audio/flac", None),
        AudioFormat("wav", "audio/wav", None),
        AudioFormat("pcm", "audio/pcm", OPENAI_RATE),
    )
}
"""All formats of ``response_format`` by name; the first is the default."""
TELEPHONE_FORMATS: Final = {
    "ulaw": AudioFormat("ulaw", "audio/basic", 8000, (8000,)),
    "alaw": AudioFormat("alaw", "audio/x-alaw-basic", 8000, (8000,)),
}
"""Formats of telephony (G.711) by name."""
