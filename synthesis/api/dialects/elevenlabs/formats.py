"""Values of ElevenLabs' ``output_format``: codec, sample rate in Hz and, for some, bit rate in kbit/s. Pure."""

import json
from dataclasses import replace
from typing import Final

from core.api.errors import ApiError
from synthesis.audio.formats import FORMATS, TELEPHONE_FORMATS, AudioFormat

OUTPUT_FORMATS: Final = (
    *("mp3_44100_128", "mp3_22050_32", "mp3_24000_48", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96", "mp3_44100_192"),
    *(f"{codec}_{rate}" for codec in ("pcm", "wav") for rate in (8000, 16000, 22050, 24000, 32000, 44100, 48000)),
    *(f"opus_48000_{rate}" for rate in (32, 64, 96, 128, 192)),
    *("ulaw_8000", "alaw_8000"),
)
"""The first is the default."""
_QUOTED = 40


def output_format(name: str | None) -> tuple[AudioFormat, int]:
    """Return the format and its sample rate in Hz. Raises ``ApiError`` ``format_unknown``."""
    name = name or OUTPUT_FORMATS[0]
    if name not in OUTPUT_FORMATS:
        choices = list(OUTPUT_FORMATS)
        message = f"output_format cannot be {json.dumps(name[:_QUOTED])}. Choose from: {', '.join(choices)}."
        raise ApiError("format_unknown", message, param="output_format", choices=choices)
    codec, rate, *bit_rate = name.split("_")
    audio_format = {**FORMATS, **TELEPHONE_FORMATS}[codec]
    return replace(audio_format, bit_rate=int(bit_rate[0]) * 1000 if bit_rate else None), int(rate)
