"""Plays audio with a program of the system: the first one that is installed."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alphanumeric_client.errors import ClientError, Exit
from alphanumeric_client.files import write_wav

Started = Callable[["subprocess.Popen[bytes]"], None]

RATE = 24_000
"""Sample rate of the audio, in Hz; it is PCM16 with one channel."""
_RAW = (
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1", "-"),
    ("pacat", "--playback", "--raw", f"--rate={RATE}", "--format=s16le", "--channels=1"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-f", "s16le", "-ar", str(RATE), "-i", "-"),
)
"""Players that read samples from standard input, so that playback begins with the first ones."""
_FILES = (("pw-play",), ("afplay",))
"""Players that need a file."""


@dataclass(frozen=True, slots=True)
class Player:
    """A command that plays samples from its standard input, or a WAV file that is its last argument."""

    command: tuple[str, ...]
    needs_file: bool = False

    def play(self, samples: Iterable[bytes], started: Started = lambda _: None) -> None:
        """Play the samples, and wait for the end. ``started`` gets the process, which it may end.

        Raises ``ClientError``.
        """
        if self.needs_file:
            self._play_file(samples, started)
        else:
            self._pipe(samples, started)

    def _pipe(self, samples: Iterable[bytes], started: Started) -> None:
        with self._start(self.command, subprocess.PIPE) as process:
            started(process)
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            try:
                for part in samples:
                    process.stdin.write(part)
                process.stdin.close()
            except BrokenPipeError:
                pass  # The player has ended; its exit status says why.
            except BaseException:
                # Also for Ctrl+C: leaving the block waits for the player, which would play its whole buffer.
                process.terminate()
                raise
            self._check(process.wait())

    def _play_file(self, samples: Iterable[bytes], started: Started) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "speech.wav"
            write_wav(file, samples, RATE)
            with self._start((*self.command, str(file)), subprocess.DEVNULL) as process:
                started(process)
                self._check(process.wait())

    def _start(self, command: tuple[str, ...], stdin: int) -> "subprocess.Popen[bytes]":
        try:
            # Standard output may be a protocol's: an MCP server plays, too.
            return subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL)  # noqa: S603 - a fixed command, or the user's own
        except OSError as error:
            raise ClientError(Exit.NO_PLAYER, f"{command[0]} cannot be started: {error.strerror}.") from None

    def _check(self, status: int) -> None:
        if status:
            raise ClientError(Exit.NO_PLAYER, f"{self.command[0]} failed with status {status}.")


def find_player(environment: Mapping[str, str] = os.environ) -> Player:
    """Return the player in ``ALPHANUMERIC_PLAYER`` or the first installed one. Raises ``ClientError``."""
    search = environment.get("PATH", os.defpath)
    if own := environment.get("ALPHANUMERIC_PLAYER"):
        return Player(tuple(shlex.split(own)))
    for commands, needs_file in ((_RAW, False), (_FILES, True)):
        for command in commands:
            if shutil.which(command[0], path=search):
                return Player(command, needs_file)
    names = ", ".join(command[0] for command in (*_RAW, *_FILES))
    message = f"No player is installed. Install one of {names}, or use --out or --to-tabs."
    raise ClientError(Exit.NO_PLAYER, message)
