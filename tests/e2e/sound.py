"""The audio of a page: its energy over time, and the samples that it scheduled."""

import base64
import io
import urllib.parse
import urllib.request
import wave
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.waits import until

LOUD = 0.01
"""RMS: the voice's softest words are several times louder, and silence is digital."""

HEARD = "return __probe.sound.filter(({ at, rms }) => at > arguments[0] && rms > arguments[1]).map(({ at }) => at)"

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples that were given to the audio clock: to sound at ``when`` (seconds), decided at ``now`` on it."""

    when: float
    now: float
    rate: int
    samples: Samples

    @property
    def first(self) -> float:
        """Where on the clock it begins, counted in samples."""
        return self.when * self.rate

    @property
    def end(self) -> float:
        """Where what follows has to begin."""
        return self.first + len(self.samples)


class Sound:
    """The probe's notes of one page. Times are the page's own, in milliseconds."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver

    def now(self) -> float:
        """The page's time."""
        return float(self._run("return performance.now()"))

    def loud(self, since: float = 0) -> list[float]:
        """When the page was heard after ``since``."""
        return list(self._run(HEARD, since, LOUD))

    def begins(self, since: float = 0, within: float = 10) -> float:
        """Wait for a sound after ``since``; returns its time."""
        return until(lambda: self.loud(since), within=within, what="something is heard")[0]

    def is_silent(self, since: float, for_ms: float = 1000) -> bool:
        """Listen until ``for_ms`` past ``since``: whether nothing was heard in that time."""
        end = since + for_ms
        until(lambda: self._looks(end), within=10 + for_ms / 1000, what="the probe has listened long enough")
        assert self._looks(since) - self._looks(end) > for_ms / 100, "the probe did not listen"
        return not [at for at in self.loud(since) if at < end]

    def pressed(self, key: str) -> float:
        """When ``key`` was last pressed."""
        return float(self._run("return __probe.keys.findLast(k => k.key === arguments[0]).at", key))

    def pieces(self, first: int = 0) -> list[Piece]:
        """Everything that was scheduled, from the ``first`` on."""
        return [_piece(facts) for facts in self._run("return __probe.scheduled(arguments[0])", first)]

    def samples(self, first: int = 0) -> Samples:
        """The same, as one row of samples."""
        pieces = self.pieces(first)
        return np.concatenate([piece.samples for piece in pieces]) if pieces else np.zeros(0, np.int16)

    def _looks(self, since: float) -> int:
        return int(self._run("return __probe.sound.filter(l => l.at > arguments[0]).length", since))

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)


def saved(url: str, text: str, speed: float = 1.0) -> Samples:
    """The same text as a WAV file of the server's: what the page should let sound, sample by sample."""
    form = urllib.parse.urlencode({"text": text, "voice": "joe", "speed": str(speed)}).encode()
    with urllib.request.urlopen(f"{url}speech.wav", form, timeout=60) as answer:  # noqa: S310 - our own server
        content = io.BytesIO(answer.read())
    with wave.open(content) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def worst(heard: Samples, expected: Samples) -> int:
    """The largest difference of any sample; both must be equally long."""
    assert len(heard) == len(expected)
    return int(np.abs(heard.astype(int) - expected).max())


def _piece(facts: dict[str, Any]) -> Piece:
    samples = np.frombuffer(base64.b64decode(facts["pcm"]), "<i2").astype(np.int16)
    return Piece(facts["when"], facts["now"], int(facts["rate"]), samples)
