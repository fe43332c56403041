"""Background load: listeners that play in real time while something else is measured."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.clients.listener import Listener, RefusedError, listening
from benchmarks.clients.playback import Playback
from benchmarks.report import NotMeasuredError
from benchmarks.texts import Texts

LENGTHS = (10,) * 4
REPORT_EVERY_S = 0.25
AHEAD_S = 1.0
ALL_BEGUN_S = 60.0


@contextmanager
def background_listeners(socket_url: str, count: int) -> Iterator[Callable[[], int]]:
    """Run ``count`` listeners in the background. Yields a function that returns the number of audio
    frames received. Raises ``NotMeasuredError``.
    """
    crowd = _Crowd(socket_url, count)
    thread = threading.Thread(target=crowd.run, daemon=True)
    thread.start()
    try:
        if not crowd.all_begun.wait(ALL_BEGUN_S):
            raise NotMeasuredError("not all listeners received audio")
        before = crowd.frames
        yield lambda: crowd.frames - before
    finally:
        crowd.stop.set()
        thread.join()


class _Crowd:
    """Runs the listeners' event loop in a separate thread."""

    def __init__(self, socket_url: str, count: int) -> None:
        self._socket_url = socket_url
        self._count = count
        self._begun: set[int] = set()
        self._texts = Texts(seed=5)
        self.stop = threading.Event()
        self.all_begun = threading.Event()
        self.frames = 0

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        people = [asyncio.create_task(self._listen(number)) for number in range(self._count)]
        await asyncio.to_thread(self.stop.wait)
        for person in people:
            person.cancel()
        await asyncio.gather(*people, return_exceptions=True)

    async def _listen(self, number: int) -> None:
        async with listening(self._socket_url) as listener:
            while True:
                try:
                    await self._hear(listener, number)
                except RefusedError as refusal:
                    await asyncio.sleep(refusal.retry_after or REPORT_EVERY_S)

    async def _hear(self, listener: Listener, number: int) -> None:
        playback: Playback | None = None
        async for audio in listener.audio(self._texts.text(LENGTHS)):
            playback = playback or Playback(audio.sample_rate)
            playback.receive(time.monotonic(), audio.end)
            self.frames += 1
            self._begin(number)
            await listener.played(playback.played(time.monotonic()))
            # A listener with a full buffer waits, as a tab does, so that speech is synthesized in real time.
            while playback.left_s(time.monotonic()) > AHEAD_S:
                await asyncio.sleep(REPORT_EVERY_S)
                await listener.played(playback.played(time.monotonic()))
        if playback:
            await asyncio.sleep(playback.left_s(time.monotonic()))

    def _begin(self, number: int) -> None:
        self._begun.add(number)
        if len(self._begun) == self._count:
            self.all_begun.set()
