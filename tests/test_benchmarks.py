"""Tests the benchmarks' statistics, texts, verdicts and detection of gaps in playback."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from benchmarks.clients.playback import Playback
from benchmarks.report import Result, Row, Target, table
from benchmarks.sound import sound_s
from benchmarks.summary import median, p95
from benchmarks.texts import SHAPES, Texts


@pytest.mark.parametrize(
    ("readings", "middle", "high"),
    [
        ([7.0], 7.0, 7.0),
        ([4.0, 1.0], 2.5, 4.0),
        (list(range(20, 0, -1)), 10.5, 19.0),
        (list(range(1, 22)), 11.0, 20.0),
        (list(range(1, 101)), 50.5, 95.0),
    ],
)
def test_measurements_are_summarized(readings: list[float], middle: float, high: float) -> None:
    assert median(readings) == middle
    assert p95(readings) == high


@pytest.mark.parametrize("statistic", [median, p95])
def test_no_measurement_has_no_summary(statistic: Callable[[Sequence[float]], float]) -> None:
    with pytest.raises(ValueError, match="no "):
        statistic([])


@pytest.mark.parametrize(("name", "shape"), SHAPES.items())
def test_texts_have_the_requested_shape(name: str, shape: tuple[int, ...]) -> None:
    text = Texts(seed=1).text(shape)
    assert tuple(len(sentence.split()) for sentence in text.removesuffix(".").split(". ")) == shape
    assert name.startswith(f"{sum(shape)} words")
    assert text.replace(" ", "").replace(".", "").isalpha()


def test_sentences_are_unique() -> None:
    texts = Texts(seed=1)
    said = [texts.text((2,)) for _ in range(500)]
    assert len(set(said)) == len(said)


def test_a_seed_reproduces_its_texts() -> None:
    first, again, other = Texts(seed=1), Texts(seed=1), Texts(seed=2)
    said = [first.text((15,)) for _ in range(3)]
    assert said == [again.text((15,)) for _ in range(3)]
    assert said != [other.text((15,)) for _ in range(3)]


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (Target(2.0), "met"),
        (Target(2.0, below=True), "missed"),
        (Target(2.1, below=True), "met"),
        (Target(1.9), "missed"),
        (Target(2.0, on="p95"), "missed"),
        (Target(3.0, on="p95"), "met"),
        (None, ""),
    ],
)
def test_verdicts(target: Target | None, verdict: str) -> None:
    assert Row("", "ms", (1.0, 2.0, 3.0), target).verdict == verdict


def test_a_missing_value_misses_its_target() -> None:
    assert Row("", "ms", (float("nan"),), Target(1.0)).verdict == "missed"


def test_the_table_shows_value_p95_count_target_and_verdict() -> None:
    rows = [Row("first", "ms", (10.0, 20.0, 90.0), Target(50.0, on="p95")), Row("load", "", (0.25,))]
    cells = [line.split() for line in table(Result("x", rows)).splitlines()]
    assert cells == [
        ["value", "p95", "n", "target"],
        ["first", "20", "ms", "90", "3", "p95", "<=", "50", "ms", "missed"],
        ["load", "0.25", "-", "1", "-"],
    ]


def test_pauses_are_counted_as_silence() -> None:
    tone = np.tile(np.array([0, 5, 0, -5], np.int16), 250)
    pause = np.zeros(500, np.int16)
    pcm = np.concatenate((tone, pause, tone, pause))
    assert sound_s(pcm, 1000) == pytest.approx(2.0, abs=0.01)
    assert sound_s(tone, 1000) == 1.0


def test_audio_in_time_plays_without_a_gap() -> None:
    playback = Playback(sample_rate=100)
    assert (playback.played(5.0), playback.left_s(5.0)) == (0, 0.0)
    playback.receive(5.0, end=100)
    playback.receive(5.9, end=200)
    assert (playback.underruns, playback.silent_s) == (0, 0.0)
    assert playback.played(6.5) == 150
    assert playback.left_s(6.5) == pytest.approx(0.5)


def test_late_audio_is_a_gap_and_delays_the_rest() -> None:
    playback = Playback(sample_rate=100)
    playback.receive(0.0, end=100)
    playback.receive(1.5, end=200)
    assert playback.underruns == 1
    assert playback.silent_s == pytest.approx(0.5)
    assert playback.played(2.0) == 150
    assert playback.played(9.0) == 200
