"""Client of the process that runs Piper."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from subprocess import PIPE

from benchmarks.report import NotMeasuredError
from benchmarks.server import ROOT


@dataclass(frozen=True, slots=True)
class Spoken:
    """The result of one text: seconds to the first and the last audio, and seconds of audio."""

    first_s: float
    whole_s: float
    sound_s: float


class Piper:
    """Piper, for comparison."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def speak(self, text: str) -> Spoken:
        """Synthesize ``text`` with Piper. Raises ``NotMeasuredError``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise NotMeasuredError("Piper ended; is piper-tts installed ('make setup-dev')?")
        return Spoken(**json.loads(line))


@asynccontextmanager
async def piper() -> AsyncIterator[Piper]:
    """Yield Piper in a separate process, with its default settings: one thread per core."""
    command = (sys.executable, "-m", "benchmarks.peers.piper_peer")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield Piper(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
