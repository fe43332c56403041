"""Runs the extraction of files in processes of their own, of which only a few run at a time."""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.limits import registry
from documents.errors import DocumentError
from documents.places import Places, busy

MAX_EXTRACTIONS = registry.MAX_EXTRACTIONS.default
MAX_WAITING = registry.MAX_WAITING_EXTRACTIONS.default
MAX_PER_USER = registry.MAX_EXTRACTIONS_PER_USER.default
TIMEOUT_S = registry.DOCUMENT_TIMEOUT_S.default
MAX_OUTPUT_BYTES = 6 * registry.MAX_DOCUMENT_CHARACTERS.default
"""Bytes of the process's output: JSON of the longest text with the longest characters, and the outline."""
WORKER = Path(__file__).with_name("extraction") / "worker.py"
_TOO_COMPLEX = DocumentError(
    "document_too_complex", "The file needs too much time or memory to be read. Split it, or save it in another format."
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """The JSON of a document, as the page receives it, and the digest of its text."""

    digest: str
    body: bytes


class Extractions:
    """Bounds the processes: ``MAX_EXTRACTIONS`` run, ``MAX_WAITING`` wait, each user has ``MAX_PER_USER`` of both."""

    def __init__(self, worker: Path = WORKER, timeout_s: float = TIMEOUT_S) -> None:
        self._worker = worker
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(MAX_EXTRACTIONS)
        self._places = Places(MAX_PER_USER, MAX_EXTRACTIONS + MAX_WAITING)

    async def extract(self, data: bytes, extension: str, user: str) -> Extracted:
        """Return the text of a file. Raises ``DocumentError``.

        If the caller is cancelled, as when the browser disconnects, the process is killed.
        """
        with self._places.of(user):
            async with self._slots:
                output = await self._run(data, extension)
        line, _, body = output.partition(b"\n")
        outcome: dict[str, Any] = json.loads(line)
        if "code" in outcome:
            raise DocumentError(outcome.pop("code"), outcome.pop("message"), **outcome)
        return Extracted(str(outcome["digest"]), body)

    async def _start(self, extension: str) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(self._worker),
                extension,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={"LANG": "C.UTF-8"},
            )
        except OSError as error:
            # Without memory, processes or files for another one.
            raise busy() from error

    async def _run(self, data: bytes, extension: str) -> bytes:
        process = await self._start(extension)
        try:
            async with asyncio.timeout(self._timeout_s):
                output = await _exchange(process, data)
                code = await process.wait()
        except TimeoutError:
            raise _TOO_COMPLEX from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await asyncio.shield(process.wait())
        if code or not output:
            # A negative code is a signal: the kernel ends a process beyond its limits.
            raise (
                _TOO_COMPLEX
                if code < 0
                else DocumentError(
                    "document_failed", "The file could not be read. Save it in another format, and try again."
                )
            )
        return output


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    """Send the file, and return the output. Raises ``DocumentError`` if there is too much."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101 - as above
    sending = asyncio.ensure_future(_send(process.stdin, data))
    received = bytearray()
    try:
        while part := await process.stdout.read(64 * 1024):
            received += part
            if len(received) > MAX_OUTPUT_BYTES:
                raise _TOO_COMPLEX
        await sending
    finally:
        sending.cancel()
    return bytes(received)


async def _send(pipe: asyncio.StreamWriter, data: bytes) -> None:
    # The process may end before it has read everything.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(data)
        await pipe.drain()
        pipe.close()
