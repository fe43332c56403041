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


def same_audio(played: Samples, expected: Samples) -> bool:
    """Return whether the samples are equal up to rounding: windows differ with the timing, and so does the last bit."""
    return len(played) == len(expected) and bool(np.all(np.abs(played.astype(int) - expected) <= 1))


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples scheduled to play at ``when``; they were scheduled at ``now``. Both in seconds of the audio clock."""

    when: float
    now: float
    rate: int
    samples: Samples

    @property
    def first(self) -> float:
        """Return its start on the audio clock, in samples."""
        return self.when * self.rate

    @property
    def end(self) -> float:
        """Return its end on the audio clock, in samples."""
        return self.first + len(self.samples)


class Sound:
    """The probe's records of a page. Times are the page's, in milliseconds."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver

    def now(self) -> float:
        """Return the page's time."""
        return float(self._run("return performance.now()"))

    def loud(self, since: float = 0) -> list[float]:
        """Return the times after ``since`` at which the page was audible."""
        return list(self._run(HEARD, since, LOUD))

    def begins(self, since: float = 0, within: float = 10) -> float:
        """Wait for audio after ``since``; returns its time."""
        return until(lambda: self.loud(since), within=within, what="audio plays")[0]

    def is_silent(self, since: float, for_ms: float = 1000) -> bool:
        """Return whether the page was silent for ``for_ms`` after ``since``; waits until then."""
        end = since + for_ms
        until(lambda: self._readings(end), within=10 + for_ms / 1000, what="the probe has recorded the period")
        assert self._readings(since) - self._readings(end) > for_ms / 100, "the probe recorded nothing"
        return not [at for at in self.loud(since) if at < end]

    def pressed(self, key: str) -> float:
        """Return the time at which ``key`` was last pressed."""
        return float(self._run("return __probe.keys.findLast(k => k.key === arguments[0]).at", key))

    def pieces(self, first: int = 0) -> list[Piece]:
        """Return all scheduled buffers, starting with number ``first``."""
        return [_piece(facts) for facts in self._run("return __probe.scheduled(arguments[0])", first)]

    def samples(self, first: int = 0) -> Samples:
        """Return the samples of all scheduled buffers, concatenated."""
        pieces = self.pieces(first)
        return np.concatenate([piece.samples for piece in pieces]) if pieces else np.zeros(0, np.int16)

    def _readings(self, since: float) -> int:
        return int(self._run("return __probe.sound.filter(l => l.at > arguments[0]).length", since))

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)


def saved(url: str, text: str, speed: float = 1.0) -> Samples:
    """Return the samples of the server's WAV file of ``text``, which the page must play exactly."""
    form = urllib.parse.urlencode({"text": text, "voice": "joe", "speed": str(speed)}).encode()
    with urllib.request.urlopen(f"{url}speech.wav", form, timeout=60) as answer:  # noqa: S310 - our own server
        content = io.BytesIO(answer.read())
    with wave.open(content) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def worst(heard: Samples, expected: Samples) -> int:
    """Return the largest difference of any sample. Both must have the same length."""
    assert len(heard) == len(expected)
    return int(np.abs(heard.astype(int) - expected).max())


def _piece(facts: dict[str, Any]) -> Piece:
    samples = np.frombuffer(base64.b64decode(facts["pcm"]), "<i2").astype(np.int16)
    return Piece(facts["when"], facts["now"], int(facts["rate"]), samples)
