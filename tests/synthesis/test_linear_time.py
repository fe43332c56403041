"""Checking, normalizing and segmenting a text takes time linear in its length, for all kinds of text."""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from synthesis.errors import TextError
from synthesis.text.annotation.lexicon import MAX_PHRASE, Entry, Lexicon
from synthesis.text.annotation.other_languages import LanguageVoice
from synthesis.text.annotation.reader import annotate, read_text
from synthesis.text.annotation.reading_options import ReadingOptions, Treatment
from synthesis.text.annotation.ssml import is_ssml
from synthesis.text.normalization import unicode_folding
from synthesis.text.normalization.english import verbalizers
from synthesis.text.normalization.english.forms.rules import find_form
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.text.validation import check_text

LARGEST = 4000
"""The longest text that the admin can allow, in characters."""
PROSE = "The quick brown fox jumps over 12 lazy dogs. "
MOST_TIMES_PROSE = 12
SMALL, TIMES, RATIO = 2000, 4, 5
UNNOTICED_S = 0.004
"""Seconds. Below this, timer and scheduling noise dominate."""

UNITS = (
    "\t", "_", " ", "\n", "\r\n", " \n", "\t\n", "[", "]", "(", ")", "{", "}", "`", "*", "**", "#", "~", "~~", "|",
    "| ", "|-", "|:-", "-", "--", "—", "=", "+", ".", "..", "…", ",", ":", ";", "!", "?", "'", "\"", "“", "<", "</",
    "<a ", "<a b=", "<a b=\"", "<a b=\"' c='", "<!--", "<script>", "</script ", ">", "> ", "&", "&#", "&amp;", "@",
    "a@", "a@b.", "/", "a/", "\\", "^", "2^", "$", "%", "\u0301", "e\u0301", "\u05d0\u05b9\u05b0", "🙂", "🙂\u200d",
    "\u200d", "\ufe0f", "\u20e3", "\x1b[", "\x1b]", "\x9b1", "½", "½ ", "²", "μ", "ж", "中", "。", "。a", "ﷺ", "１",
    "http://", "http://a.a.a.a", "www.", "a.", "1.", "1,", "123,", "1,234", "12:", "1-", "1/", "1x", "1e", "+1", "$1",
    "a", "A", "Aa", "a_", "a-", "a'", "a b ", "1 ", "1\n", "I ", "no. ", "- ", "1. ", "* a\n", "# a\n", "…a", "--a",
    "[a](", "![a](", "[](", "](", "][", "[^", "(1", "v1.", "0x", "a:1", ".\n", "\u2028", "\x1e", "\0", "\u3000",
    "12 ", "1:2 ", "a.m. ", "1/2 ", "$5 ", "5 km ", "555-1234 ", "A1 ", "Dr. ", "Mt ", "<b>", "`<", "\\n", "$\\x$ ",
    "x<y", "a<b>", "Jan 5 ", "1-2 ", "a=b", "0.1,", "a,b;", "II ", "WHO ", "A ", "THE BIG DOG ", "1.5k ", "12:30 - 1 ",
    "{\\frac", "==", "+-", " \n \n", "x\ny\n", "1 1/2 ", "H2O ", "2001:db8::", "::", "CA 90210 ", "1 A St ",
    "z. B. ", "1. Mai ",
    "\t_ \n[(`*|http://a.a,1.2\"'<&@\u0301🙂\u200d",
)  # fmt: skip
AROUND = [("", "!"), ("a\n", "a"), ("http://", " 1/2")]


@pytest.fixture(autouse=True)
def _no_collection() -> object:
    """Collect the garbage of other tests first, and disable garbage collection during the measurement."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def work(text: str, language: str) -> None:
    try:
        check_text(text, language=language, limit=len(text))
    finally:
        split_segments(normalize(text, language))


def took_s(text: str, language: str, run: Callable[[str, str], None] = work) -> float:
    """Return the processor time with empty caches."""
    for cache in (verbalizers._read, unicode_folding._fold, unicode_folding._plain, find_form):
        cache.cache_clear()
    began = time.thread_time()
    with suppress(TextError):
        run(text, language)
    return time.thread_time() - began


def best_s(text: str, language: str, runs: int, run: Callable[[str, str], None] = work) -> float:
    return min(took_s(text, language, run) for _ in range(runs))


def flood(unit: str, length: int, around: tuple[str, str]) -> str:
    return around[0] + (unit * length)[:length] + around[1]


def grows_linearly(unit: str, around: tuple[str, str], language: str) -> bool:
    """Return whether four times the text takes at most five times as long, by the best of several runs if needed."""
    small, large = flood(unit, SMALL, around), flood(unit, SMALL * TIMES, around)
    return any(
        best_s(large, language, runs) <= max(UNNOTICED_S * RATIO, RATIO * best_s(small, language, runs))
        for runs in (1, 3, 10, 30)
    )


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_time_grows_linearly_with_the_text(unit: str) -> None:
    assert [around for around in AROUND if not grows_linearly(unit, around, "en-US")] == []
    assert grows_linearly(unit, AROUND[0], "de-DE")


MARKUP = (
    ("<speak>", "<break/>", "a</speak>"), ("<speak>", "<b>a</b>", "</speak>"), ("<speak>", "&amp;", "a</speak>"),
    ("<speak>", "<mark name='a'/>a ", "</speak>"), ("<speak>", "<lang xml:lang='de'>a </lang>", "</speak>"),
    ("<speak>", "<sub alias='b'>a</sub> ", "</speak>"), ("<speak>", "<p>", ""), ("<speak>", "<a", ""),
    ("<speak>", "<!--", ""), ("<speak ", "a='", ""),
    ("<speak>", "<say-as interpret-as='characters'>1</say-as>", "</speak>"),
    ("", "[[", "ä"), ("", "[ä](/", ""), ("", "[[ä]] ", ""), ("", "[a](/ä/) ", ""), ("", "[pause 1s] ", "a"),
    ("", "[pause ", ""), ("<?xml ", "<", ">"), ("<!--", "-", "<speak></speak>"),
    ("", "```\n", "a"), ("", "~~~a\n", "a"), ("", "|", ""), ("", "|a|\n", "a"), ("", "http://", ""),
    ("", "http://a@", ""), ("", "http://a ", ""), ("", "🙂", "a"), ("", "🙂\u200d", "a"), ("a", "<think>", ""),
    ("", "acme ", ""), ("", "a", ""), ("", "a@", ""), ("", "aaaaaaaaab", ""),
)  # fmt: skip


def read_marked(text: str, language: str) -> None:
    with suppress(TextError):
        is_markup = is_ssml(text) or text.startswith(("<speak", "<?xml", "<!--"))
        split_segments(read_text(text, language, replace(TREATED, ssml=is_markup)))


GREEDY = Lexicon(
    [
        Entry("acme", "Ack me"),
        *(Entry("a" * length + "c", "b", whole_word=False) for length in range(1, MAX_PHRASE - 1)),
        *(Entry(f"word {number}", "b") for number in range(2000)),
    ]
)


TREATED = ReadingOptions(
    pauses=True,
    code=Treatment.ANNOUNCE,
    urls=Treatment.ANNOUNCE,
    tables=Treatment.ANNOUNCE,
    emoji=Treatment.READ,
    thinking=Treatment.ANNOUNCE,
    lexicons=(GREEDY,),
)


@pytest.mark.parametrize(("begin", "unit", "end"), MARKUP, ids=repr)
def test_the_time_to_read_markup_and_dictionaries_grows_linearly(begin: str, unit: str, end: str) -> None:
    small, large = [f"{begin}{unit * (size // len(unit))}{end}" for size in (SMALL, SMALL * TIMES)]
    assert any(
        best_s(large, "en-US", runs, read_marked)
        <= max(UNNOTICED_S * RATIO, RATIO * best_s(small, "en-US", runs, read_marked))
        for runs in (1, 3, 10)
    )


LANGUAGES = ("das ist. ", '"ein Test für', "„ein Test für ", "(ein Test für) ", "(", "a: ", "ж. ", ".", '.!"')


@pytest.mark.parametrize("unit", LANGUAGES)
def test_the_time_to_find_other_languages_grows_linearly(unit: str) -> None:
    voices = tuple(LanguageVoice(tag, tag) for tag in ("de-DE", "ru-RU", "ja-JP"))

    def marked(text: str, language: str) -> None:
        annotate(f"{text}x", language, ReadingOptions(voices=voices))

    assert any(
        best_s(unit * (SMALL * TIMES // len(unit)), "en-US", runs, marked)
        <= max(UNNOTICED_S * RATIO, RATIO * best_s(unit * (SMALL // len(unit)), "en-US", runs, marked))
        for runs in (1, 3, 10)
    )


def passing(text: str, language: str) -> None:
    check_text(text, language=language, limit=LARGEST)
    normalize(text, language)


@pytest.mark.parametrize("language", ["en-US", "de-DE", "fr-FR"])
def test_the_longest_text_is_checked_and_normalized_in_time(language: str) -> None:
    """Compare with prose of the same length, because a busy machine and coverage tracing multiply both times.

    On an idle core, prose takes 6 to 9 ms, and no text takes seven times as long.
    """
    most_s = MOST_TIMES_PROSE * best_s(flood(PROSE, LARGEST - 1, ("", "a")), language, 10, passing)

    def is_slow(unit: str) -> bool:
        text = flood(unit, LARGEST - 1, ("", "a"))
        return all(best_s(text, language, runs, passing) > most_s for runs in (1, 3, 10, 30))

    assert [unit for unit in UNITS if is_slow(unit)] == []


def test_a_long_number_is_read_without_integer_conversion() -> None:
    # Python rejects the conversion of more than 4,300 digits to int.
    for text in ("123," * 5000 + "123", "9" * 5000 + ".5", "$" + "9" * 5000, "9" * 5000 + " 1/2", "1e" + "9" * 5000):
        assert normalize(text, "en-US")
    for text in ("123," * 5000 + "1st", "2^" * 5000 + "1"):
        assert normalize(text, "en-US")


def test_nested_powers_are_read_in_order() -> None:
    assert [word.spoken for word in normalize("2^3^4", "en-US")] == ["two cubed to the power of four"]
