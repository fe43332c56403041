"""The command ``say``: speaks a text in tabs, on the speakers or to files, whole or line by line."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from alphanumeric_client import files, text
from alphanumeric_client.errors import ClientError, Exit
from alphanumeric_client.playback import RATE, Player, Started
from alphanumeric_client.server import Server

T = TypeVar("T")

GATHER_S = 0.3
"""Seconds in which further lines join the first one."""
POLL_S = 1.0
NO_TAB = "No tab is open: the text waits for one, at most a day."
"""The message for texts whose state is ``waiting``."""
MAX_AHEAD = 3
"""Texts that ``--follow`` queues ahead of the tab; meanwhile, lines are coalesced."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a text is spoken; empty and ``None`` mean the server's or the tab's selection."""

    name: str = ""
    speed: float | None = None
    title: str = ""


class Speaker:
    """Speaks texts with one server."""

    def __init__(
        self,
        server: Server,
        voice: Voice,
        player: Player | None = None,
        *,
        started: Started = lambda _: None,
        notify: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Create a speaker. ``player`` plays the audio; without one, texts go to the open tabs.

        ``started`` gets each process that plays, ``notify`` a message about each text that is skipped.
        """
        self._started = started
        self._notify = notify
        self._server = server
        self._voice = voice
        self._player = player
        self._sleep = sleep

    def speak(self, whole: str) -> list[str]:
        """Speak a text, in as many parts as its length needs, and return where the parts are.

        ``delivered``, ``waiting`` or ``played``. Raises ``ClientError``.
        """
        if self._player is not None:
            self._player.play(self.audio(whole, "pcm", sample_rate=RATE), self._started)
            return ["played"]
        return [sent["state"] for sent in self._in_parts(whole, self._to_tabs)]

    def follow(self, readline: Callable[[], str]) -> None:
        """Speak lines while they arrive, and of a flood the first lines and a count. Raises ``ClientError``."""
        buffer = text.LineBuffer()
        threading.Thread(target=buffer.fill, args=(readline,), daemon=True).start()
        pending: set[str] = set()

        def gather() -> None:
            """Wait for more lines, and until the tab is not far behind."""
            self._sleep(GATHER_S)
            while len(pending) >= MAX_AHEAD and not buffer.ended:
                pending.intersection_update([one["id"] for one in self._server.queue()])
                if len(pending) >= MAX_AHEAD:
                    self._sleep(POLL_S)

        while (lines := buffer.take(gather)) is not None:
            try:
                if self._player is not None:
                    self.speak(lines)
                else:
                    pending.update(sent["id"] for sent in self._in_parts(lines, self._to_tabs))
            except ClientError as error:
                # A line of symbols, or in another language, must not end the stream.
                if not error.code.startswith(("text_", "language_")):
                    raise
                self._notify(f"Skipped: {error}")

    def audio(self, whole: str, audio_format: str, **options: object) -> Iterator[bytes]:
        """Yield the audio of a text, or its captions, as they arrive. Raises ``ClientError``."""
        name, speed = self._voice.name, self._voice.speed
        for part in self._in_parts(
            whole, lambda piece: self._server.speech(piece, audio_format, voice=name, speed=speed, **options)
        ):
            yield from part

    def save(self, whole: str, file: Path, formats: dict[str, str]) -> None:
        """Write the audio, or the captions, to a file. Raises ``ClientError``."""
        wanted = files.format_of(file, formats)
        if len(whole) <= text.MAX_LENGTH or wanted in files.JOINABLE:
            files.write(file, self.audio(whole, wanted, stream=False))
        elif wanted == "wav":
            files.write_wav(file, self.audio(whole, "pcm", sample_rate=RATE), RATE)
        else:
            message = f"A text of more than {text.MAX_LENGTH} characters cannot be written as {wanted}. Split it."
            raise ClientError(Exit.USAGE, message)

    def _to_tabs(self, piece: str) -> dict[str, Any]:
        voice = self._voice
        return self._server.say(piece, voice=voice.name, speed=voice.speed, title=voice.title)

    def _in_parts(self, whole: str, use: Callable[[str], T]) -> Iterator[T]:
        """Yield what ``use`` returns for each part. A server with another limit says so; its limit then applies."""
        limit = text.MAX_LENGTH
        waiting = list(text.pieces(whole, limit))
        if not waiting:
            raise ClientError(Exit.REJECTED, "There is no text to speak.", code="text_empty")
        while waiting:
            try:
                used = use(waiting[0])
            except ClientError as error:
                if error.code != "text_too_long" or not 0 < error.limit < limit:
                    raise
                limit = error.limit
                waiting = [piece for part in waiting for piece in text.pieces(part, limit)]
                continue
            waiting.pop(0)
            yield used
