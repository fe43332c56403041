"""A typed text is played and highlighted; every sample is played once, without a gap."""

from itertools import pairwise

import numpy as np

from tests.e2e.page import Page
from tests.e2e.sound import Piece, same_audio, saved

PASSAGE = "The first window is short, so that speech begins at once; those behind it are longer."

TOO_LATE_S = 0.01


def test_a_text_is_played_highlighted_and_announced(page: Page) -> None:
    page.prompt.send_keys("Hello")
    page.say(", world.")
    page.sound.begins()
    entry = page.entry("done")
    assert list(dict.fromkeys(page.recorded("states"))) == ["idle", "typing", "preparing", "speaking"]
    assert page.state == "idle"
    assert [word.strip(",.") for word in page.recorded("marks")] == ["Hello", "world"]
    number, text, *_, length = entry.shown
    assert (number, text) == ("1", "Hello, world.")
    assert 0.5 < float(length.removesuffix(" s")) < 2
    assert page.sound.is_silent(page.sound.now())


def test_a_clicked_example_is_spoken(page: Page) -> None:
    page.button("Hello, world.").click()
    page.sound.begins()
    assert page.entry("done").text == "Hello, world."


def test_every_sample_is_played_once_without_a_gap(page: Page) -> None:
    page.say(PASSAGE)
    page.entry("done")
    assert same_audio(page.sound.samples(), saved(page.url, PASSAGE))
    assert {piece.rate for piece in page.sound.pieces()} == {22050}
    assert len(_gaps(page.sound.pieces())) > 2


def test_queued_utterances_play_without_a_gap(page: Page) -> None:
    lines = ["The first of two lines.", "And this is the second."]
    for line in lines:
        page.say(line)
    page.entry("done")
    assert [entry.state for entry in page.entries] == ["done", "done"]
    assert same_audio(page.sound.samples(), np.concatenate([saved(page.url, line) for line in lines]))
    assert _gaps(page.sound.pieces())


def _gaps(pieces: list[Piece]) -> list[float]:
    """Return the gap in samples before each buffer that arrived in time: always zero.

    On an overloaded machine a buffer can arrive too late; that underrun is not counted.
    """
    in_time = [pair for pair in pairwise(pieces) if pair[1].now < pair[0].end / pair[0].rate - TOO_LATE_S]
    seams = [following.first - piece.end for piece, following in in_time]
    assert [seam for seam in seams if abs(seam) >= 0.5] == []
    return seams
