"""Tests the benchmarks' statistics, texts, verdicts and detection of gaps in playback."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.cases import engines
from benchmarks.clients.http_connection import connected
from benchmarks.clients.playback import Playback
from benchmarks.document import write_block
from benchmarks.load import comparison
from benchmarks.load.driver import Readings
from benchmarks.peers.servers import PEERS, peer_server
from benchmarks.report import NotMeasuredError, Result, Row, Target, markdown, table
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


@pytest.mark.parametrize(("reading", "verdict"), [(1.6, "met"), (1.59, "missed"), (float("nan"), "missed")])
def test_a_target_can_be_a_lower_bound(reading: float, verdict: str) -> None:
    row = Row("ratio", "x", (reading,), Target(1.6, least=True))
    assert row.verdict == verdict
    assert ">= 1.60 x" in table(Result("x", [row]))
    assert f"| >= 1.60 x | {verdict} |" in markdown(Result("x", [row]))


def test_a_block_of_a_document_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- begin a -->\nold\n<!-- end a -->\ntext\n")
    write_block("a", r"new \1", page)
    assert page.read_text() == "# A\n<!-- begin a -->\nnew \\1\n<!-- end a -->\ntext\n"
    with pytest.raises(NotMeasuredError, match="'b'"):
        write_block("b", "new", page)


def readings(listeners: int, p95_ms: float = 100.0, underruns: int = 0, server: str = "socket") -> Readings:
    """Return readings that differ in what the comparison and the search look at."""
    zeros: dict[str, Any] = {field.name: 0 for field in fields(Readings)}
    values = {**zeros, "listeners": listeners, "finished": listeners, "transport": server, "errors": {}}
    return Readings(
        **values
        | {"first_p50_ms": p95_ms / 2, "first_p95_ms": p95_ms, "underruns": underruns, "interrupted": underruns}
    )


@pytest.mark.parametrize(
    ("capacity", "first", "sizes"),
    [(30, 24, [24, 27, 30]), (20, 24, [24, 20, 22]), (0, 1, [1]), (26, 24, [24, 27, 25])],
)
def test_the_search_approaches_the_most_listeners(capacity: int, first: int, sizes: list[int]) -> None:
    def listen(size: int, _seed: int) -> Readings:
        return readings(size, underruns=int(size > capacity))

    assert [each.listeners for each in engines.search(listen, first, 3)] == sizes


@pytest.mark.parametrize("late", [readings(1, p95_ms=151), readings(1, underruns=1), readings(1, float("nan"))])
def test_late_and_interrupted_listeners_are_not_served(late: Readings) -> None:
    assert engines.is_served(readings(1))
    assert not engines.is_served(late)


MEASUREMENTS = [
    comparison.Measurement("socket", [readings(1), readings(8, 200)]),
    comparison.Measurement("piper", [readings(1, 900), readings(8, 12_345, underruns=9)], "overloaded: 16 left out"),
    comparison.Measurement("coqui", [], "Coqui needs flask: not installed"),
]


def test_the_comparison_names_what_was_left_out() -> None:
    conditions = {"command": "x", "taken": "today", "machine": {"machine": "one core"}, "warning": ""}
    written = comparison.markdown(MEASUREMENTS, conditions)
    assert "| Piper's HTTP server | 8 | 6,172 | 12,345 | 9 |" in written
    assert "- Coqui's HTTP server: Coqui needs flask: not installed." in written
    assert "- Piper's HTTP server: overloaded: 16 left out." in written


def test_the_plot_is_described_in_words_and_has_all_points() -> None:
    root = ET.fromstring(comparison.plot(MEASUREMENTS))  # noqa: S314 - our own text
    text = {element.get("id"): element.text or "" for element in root if element.get("id")}
    assert "Piper" in text["title"]
    assert "Piper's HTTP server: first audio p95 with 1 listeners 900 ms, 8 listeners 12,345 ms" in text["desc"]
    markers = [element for element in root.findall(".//{*}path") if "transform" in element.attrib]
    # Four charts of four points each, and two entries of the legend.
    assert len(markers) == 4 * 4 + 2
    places = [float(part) for marker in markers for part in re.findall(r"[\d.]+", marker.attrib["transform"])]
    assert max(places) <= float(root.attrib["width"])
    assert "prefers-color-scheme: dark" in "".join(root.itertext())


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_without_its_voice_or_packages_reports_the_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotMeasuredError, match="not installed"), peer_server(name, tmp_path):
        pass
    monkeypatch.setattr("benchmarks.peers.servers.find_spec", lambda _name: None)
    with pytest.raises(NotMeasuredError, match="flask: not installed"), peer_server(name, tmp_path):
        pass


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nabcde", b"abcde"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcde", EOFError),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", ValueError),
    ],
)
async def test_a_response_is_read_as_it_arrives(answer: bytes, expected: bytes | type[Exception]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n{}")
        writer.write(answer if b"\r\nContent-Length: 2\r\n" in request else b"")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connected(f"http://127.0.0.1:{port}/") as connection:
            parts = connection.post("/speech", b"{}", read_bytes=2)
            if isinstance(expected, bytes):
                assert b"".join([part async for part in parts]) == expected
            else:
                with pytest.raises(expected):
                    [part async for part in parts]
