"""Writes audio and captions to files; the format follows from the file's ending."""

import wave
from collections.abc import Iterable
from pathlib import Path

from alphanumeric_client.errors import ClientError, Exit

AUDIO = {
    ".mp3": "mp3",
    ".opus": "opus",
    ".ogg": "opus",
    ".aac": "aac",
    ".flac": "flac",
    ".wav": "wav",
    ".pcm": "pcm",
    ".raw": "pcm",
}
CAPTIONS = {".srt": "srt", ".vtt": "vtt"}
JOINABLE = ("mp3", "opus", "aac", "pcm")
"""Formats whose files can be concatenated."""


def format_of(file: Path, formats: dict[str, str]) -> str:
    """Return the format for the file's ending. Raises ``ClientError``."""
    found = formats.get(file.suffix.lower())
    if found is None:
        message = f"The ending of {file.name} is not a known format. Use one of {', '.join(formats)}."
        raise ClientError(Exit.USAGE, message)
    return found


def write(file: Path, parts: Iterable[bytes]) -> None:
    """Write the file. Raises ``ClientError``."""
    try:
        with file.open("wb") as opened:
            opened.writelines(parts)
    except OSError as error:
        raise ClientError(Exit.FAILED, f"{file} cannot be written: {error.strerror}.") from None


def write_wav(file: Path, samples: Iterable[bytes], rate: int) -> None:
    """Write PCM16 samples of one channel as WAV. Raises ``ClientError``."""
    try:
        with wave.open(str(file), "wb") as opened:
            opened.setnchannels(1)
            opened.setsampwidth(2)
            opened.setframerate(rate)
            for part in samples:
                opened.writeframesraw(part)
    except OSError as error:
        raise ClientError(Exit.FAILED, f"{file} cannot be written: {error.strerror}.") from None
