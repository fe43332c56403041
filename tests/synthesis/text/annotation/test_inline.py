"""``[[ipa]]``, ``[word](/ipa/)`` and ``[pause 1s]`` in plain text, and parts that are skipped or announced."""

import pytest

from synthesis.text.annotation.inline import parse_inline
from synthesis.text.annotation.reader import read_annotated
from synthesis.text.annotation.reading_options import AS_WRITTEN, ReadingOptions, Treatment
from synthesis.text.normalizer import normalize


def test_ipa_replaces_the_phonemes_of_a_word() -> None:
    source = "I say [tomato](/təˈmɑːtəʊ/), not [[təˈmeɪɾoʊ]]."
    text = parse_inline(source, AS_WRITTEN, "en-US")
    assert text is not None
    words = read_annotated(text, "en-US")
    assert [word.annotation.phonemes for word in words] == ["", "", "təˈmɑːtəʊ", "", "təˈmeɪɾoʊ"]
    assert [source[word.start : word.end] for word in words] == ["I", "say", "tomato", "not", "[[təˈmeɪɾoʊ]]."]
    assert words[2].spoken == "tomato"


@pytest.mark.parametrize(
    "text", ["see [[Home]]", "read [docs](/docs/)", "a [link](/x/y/)", "[pause 1s]", "[[", "[[ä", "[x](/", "list[0][1]"]
)
def test_other_brackets_are_read_as_before(text: str) -> None:
    assert parse_inline(text, AS_WRITTEN, "en-US") is None
    assert normalize(text, "en-US") is not None


def test_a_pause_in_plain_text_is_a_setting() -> None:
    text = parse_inline("Wait [pause 1.5s] here [pause:200ms] now [pause soon]", ReadingOptions(pauses=True), "en-US")
    assert text is not None
    words = read_annotated(text, "en-US")
    assert [word.annotation.pause_s for word in words][:3] == [1.5, 0.2, None]
    assert [word.spoken for word in words] == ["Wait", "here", "now", "pause", "soon"]


def said(text: str, language: str = "en-US", **treatments: str) -> str:
    options = ReadingOptions(**{part: Treatment(how) for part, how in treatments.items()})  # type: ignore[arg-type]
    annotated = parse_inline(text, options, language)
    words = normalize(text, language) if annotated is None else read_annotated(annotated, language)
    return " ".join(word.spoken + word.punctuation for word in words)


CODE = "Run this:\n```sh\nmake all\n```\nDone."
TABLE = "Prices\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd."


@pytest.mark.parametrize(
    ("text", "treatments", "spoken"),
    [
        (CODE, {"code": "skip"}, "Run this. Done."),
        (CODE, {"code": "announce"}, "Run this. Code block. Done."),
        ("A\n~~~\nb", {"code": "skip"}, "A"),
        (TABLE, {"tables": "skip"}, "Prices. End."),
        (TABLE, {"tables": "announce"}, "Prices. Table. End."),
        ("a | b", {"tables": "skip"}, "a pipe b"),
        ("See https://example.com/a?b=c.", {"urls": "skip"}, "See."),
        ("See (https://example.com/a), ok", {"urls": "announce"}, "See, Link example dot com, okay"),
        ("Hi 🙂👍🏽!", {}, "Hi"),
        ("Hi 🙂👍🏽!", {"emoji": "read"}, "Hi slightly smiling face thumbs up sign!"),
        ("Hi 🙂", {"emoji": "announce"}, "Hi Emoji"),
        ("<think>Hmm. Well.</think>Yes.", {"thinking": "skip"}, "Yes."),
        ("<think>Hmm.</think>Yes.", {"thinking": "announce"}, "Thoughts. Yes."),
        ("<think>never ends", {"thinking": "skip"}, ""),
    ],
)
def test_parts_are_treated_by_the_options(text: str, treatments: dict[str, str], spoken: str) -> None:
    assert said(text, **treatments) == spoken


def test_announcements_are_in_the_language_of_the_text() -> None:
    assert said(TABLE, "de-DE", tables="announce") == "Prices. Tabelle. End."
    # A language without announcements skips the part.
    assert said(TABLE, "fi-FI", tables="announce") == "Prices. End."
    assert said("Moi 🙂", "fi-FI", emoji="read") == "Moi"
    assert said("Hallo 🙂", "de-DE", emoji="read") == "Hallo Emoji"
