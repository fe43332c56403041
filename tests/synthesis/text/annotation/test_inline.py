"""``[[ipa]]``, ``[word](/ipa/)`` and ``[pause 1s]`` in plain text."""

import pytest

from synthesis.text.annotation.inline import parse_inline
from synthesis.text.annotation.reader import read_annotated
from synthesis.text.normalizer import normalize


def test_ipa_replaces_the_phonemes_of_a_word() -> None:
    source = "I say [tomato](/təˈmɑːtəʊ/), not [[təˈmeɪɾoʊ]]."
    text = parse_inline(source, pauses=False)
    assert text is not None
    words = read_annotated(text, "en-US")
    assert [word.annotation.phonemes for word in words] == ["", "", "təˈmɑːtəʊ", "", "təˈmeɪɾoʊ"]
    assert [source[word.start : word.end] for word in words] == ["I", "say", "tomato", "not", "[[təˈmeɪɾoʊ]]."]
    assert words[2].spoken == "tomato"


@pytest.mark.parametrize(
    "text", ["see [[Home]]", "read [docs](/docs/)", "a [link](/x/y/)", "[pause 1s]", "[[", "[[ä", "[x](/", "list[0][1]"]
)
def test_other_brackets_are_read_as_before(text: str) -> None:
    assert parse_inline(text, pauses=False) is None
    assert normalize(text, "en-US") is not None


def test_a_pause_in_plain_text_is_a_setting() -> None:
    text = parse_inline("Wait [pause 1.5s] here [pause:200ms] now [pause soon]", pauses=True)
    assert text is not None
    words = read_annotated(text, "en-US")
    assert [word.annotation.pause_s for word in words][:3] == [1.5, 0.2, None]
    assert [word.spoken for word in words] == ["Wait", "here", "now", "pause", "soon"]
