"""The WAV container for PCM16."""

import struct

HEADER_BYTES = 44
UNKNOWN = 0xFFFF_FFFF
"""Length field for a stream of unknown length; players then read to the end."""


def wav_header(sample_rate: int, pcm_bytes: int | None = None) -> bytes:
    """Return a RIFF header for mono PCM16; ``pcm_bytes`` is ``None`` while the length is unknown."""
    data = UNKNOWN if pcm_bytes is None else pcm_bytes
    riff = UNKNOWN if pcm_bytes is None else pcm_bytes + HEADER_BYTES - 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        riff,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        sample_rate,
        sample_rate * 2,
        2,
        16,
        b"data",
        data,
    )
