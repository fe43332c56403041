"""Our end of the process that Piper speaks in."""

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
    """One text spoken by one of the two; seconds to the first and the last sound, and seconds of sound."""

    first_s: float
    whole_s: float
    sound_s: float


class Piper:
    """Piper's side of a comparison."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def speak(self, text: str) -> Spoken:
        """Let Piper speak ``text``. Raises ``NotMeasuredError``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise NotMeasuredError("Piper ended; is piper-tts installed ('make setup-dev')?")
        return Spoken(**json.loads(line))


@asynccontextmanager
async def piper() -> AsyncIterator[Piper]:
    """Piper in a process of its own, with the settings it comes with, which is one thread for each core."""
    command = (sys.executable, "-m", "benchmarks.peers.piper_peer")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield Piper(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
