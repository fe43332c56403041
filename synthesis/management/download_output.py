"""Tables, questions and progress of voice downloads on a terminal."""

import sys
from collections.abc import Iterable, Iterator

from django.core.management.base import OutputWrapper

from synthesis.voices.downloads.entries import DownloadableVoice

_MB = 1_000_000


def size(count: int | None) -> str:
    """Return a number of bytes in megabytes; ``?`` if it is unknown."""
    if count is None:
        return "?"
    return f"{count / _MB:.0f} MB" if count >= _MB else f"{count / 1000:.0f} kB"


def table(voices: Iterable[DownloadableVoice]) -> Iterator[str]:
    """Yield one line per voice: name, language, speakers, size and license."""
    for voice in voices:
        speakers = "? speakers" if voice.speakers is None else f"{voice.speakers} speaker{'s'[: voice.speakers > 1]}"
        language = voice.language_name or voice.native_name
        country = f" ({voice.country})" if voice.country else ""
        facts = f"{voice.name:<36} {voice.language:<6} {language + country:<26} {speakers:<13} {size(voice.size):>7}"
        yield f"{facts}  {voice.license}".rstrip()


def description(voice: DownloadableVoice, host: str) -> Iterator[str]:
    """Yield the facts that an operator needs before a download."""
    yield f"{voice.name} ({voice.language_name or voice.language}), from {host}"
    yield f"  size:     {size(voice.size)}"
    yield f"  license:  {voice.license or 'not stated'}"
    if voice.speakers and voice.speakers > 1:
        yield f"  speakers: {voice.speakers}"


class ProgressLine:
    """Shows the progress of a download: on a terminal in one line, elsewhere one line for every tenth."""

    def __init__(self, output: OutputWrapper) -> None:
        self._output = output
        self._live = output.isatty()
        self._tenth = -1

    def __call__(self, done: int, total: int | None) -> None:
        """Show ``done`` of ``total`` bytes."""
        tenth = done * 10 // total if total else done // (10 * _MB)
        text = f"  downloading: {done / _MB:.1f} of {size(total)}"
        if self._live:
            self._output.write(f"\r{text}   ", ending="")
            self._output.flush()
        elif tenth != self._tenth:
            self._output.write(text)
        self._tenth = tenth

    def end(self) -> None:
        """End the line."""
        if self._live and self._tenth >= 0:
            self._output.write("\n", ending="")


def confirmed(question: str) -> bool | None:
    """Return the answer to a yes-or-no question, or ``None`` if there is no terminal to ask at."""
    if not sys.stdin.isatty():
        return None
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
