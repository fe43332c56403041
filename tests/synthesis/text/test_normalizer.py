"""Properties of normalization for every text: word positions, and that every speakable character is spoken."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.errors import TextError
from synthesis.text.normalizer import MAX_SPOKEN_LENGTH, normalize
from synthesis.text.validation import check_text
from synthesis.text.word import Word

SIGNS = "ab CI the Dr. 12:05 $3.50 1/2 5 km 2024 Jan. e.g. - — … . , ; : ! ? ( ) [ ] { } < > / \\ | & + = * _ ` # % @ ~ ^ ' \" \n \n\n ½ ² é ř π 🙂 \u200d \x1b[31m </b> &amp; https://x.com/a ```"  # noqa: E501
PIECES = st.lists(st.sampled_from([*SIGNS.split(" "), " "]), max_size=40).map("".join)
TEXTS = st.one_of(PIECES, st.text(max_size=80), st.text("0123456789.,:/-+$%xe ", max_size=60))
LANGUAGES = st.sampled_from(["en-US", "en-GB", "de-DE", "ru-RU", "zh-CN", "ar-JO", "xx"])


def spans(words: list[Word]) -> list[tuple[int, int]]:
    return [(word.start, word.end) for word in words]


@settings(deadline=None, max_examples=400)
@given(TEXTS, LANGUAGES)
def test_words_are_in_order_and_where_they_say(text: str, language: str) -> None:
    place = 0
    for word in normalize(text, language):
        assert place <= word.start < word.end <= len(text)
        place = word.end
        assert word.spoken == " ".join(word.spoken.split())
        assert word.punctuation in ("", ",", ";", ":", ".", "!", "?", "...")


@settings(deadline=None, max_examples=400)
@given(TEXTS)
def test_english_is_letters_and_apostrophes(text: str) -> None:
    for word in normalize(text, "en"):
        assert all(char.isalpha() or char in " '" for char in word.spoken) or not _passes(text, "en")


def _passes(text: str, language: str) -> bool:
    try:
        check_text(text, language=language, limit=1000)
    except TextError:
        return False
    return True


@settings(deadline=None, max_examples=600)
@given(TEXTS, LANGUAGES)
def test_text_that_passes_the_check_has_a_spoken_form(text: str, language: str) -> None:
    words = normalize(text, language)
    if _passes(text, language):
        assert words
        assert all(word.spoken for word in words)
        assert any(char.isalnum() or char in "%€$£¥&+=°@" for word in words for char in word.spoken)


@pytest.mark.parametrize(
    "text", ["See https://ci.example.com/log?x=1 now.", "The price: $3 million (50%)!", "a  b\n\nc"]
)
def test_every_written_word_has_its_span(text: str) -> None:
    written, place = [], 0
    for run in text.split():
        place = text.index(run, place)
        written.append((place, place + len(run)))
        place += len(run)
    assert spans(normalize(text, "en-US")) == written


def test_signs_that_are_not_heard_have_no_word() -> None:
    assert spans(normalize("one - two 🙂 **three**", "en-US")) == [(0, 3), (6, 9), (12, 21)]


def test_a_dash_joins_two_written_words() -> None:
    assert spans(normalize("yes—no", "en-US")) == [(0, 4), (4, 6)]


def test_a_very_long_word_is_split_into_parts_of_its_span() -> None:
    words = normalize("x " + "a" * 1000 + ".", "en-US")
    assert words[1].start == 2
    assert words[-1].end == 1003
    assert all(earlier.end == later.start for earlier, later in pairwise(words[1:]))
    assert sum(spoken.count("a") for spoken in (word.spoken for word in words)) == 1000
    assert [word.punctuation for word in words if word.punctuation] == ["."]


@pytest.mark.parametrize("text", ["a" * 1000, "9" * 300, "x" * 39 + "-" + "y" * 41, "https://a.example/" + "b" * 500])
@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_no_part_is_longer_than_espeak_reads(text: str, language: str) -> None:
    parts = [part for word in normalize(text, language) for part in word.spoken.split()]
    assert parts
    assert max(map(len, parts)) <= 40
    assert all(len(word.spoken) <= MAX_SPOKEN_LENGTH for word in normalize(text, language))


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        (
            "Hallo **Welt**, es ist 12:05 Uhr: 3,5 % mehr!",
            "de-DE",
            "Hallo Welt, es ist zwölf Uhr fünf: drei Komma fünf Prozent mehr!",
        ),
        ("« Qu'est-ce que c'est ? »", "fr-FR", "Qu'est-ce que c'est?"),
        ("¿Qué tal? ¡Bien!", "es-ES", "Qué tal? Bien!"),
        ("Привет, мир 🙂 [ссылка](http://a.b/c)", "ru-RU", "Привет, мир ссылка"),
        ("你好，世界。今天", "zh-CN", "你好, 世界. 今天"),
        ("مرحبا، كيف حالك؟", "ar-JO", "مرحبا, كيف حالك?"),
        ("हिन्दी भाषा।", "hi-IN", "हिन्दी भाषा."),
        ("Tiếng Việt", "vi-VN", "Tiếng Việt"),
    ],
)
def test_other_languages_keep_their_words(text: str, language: str, spoken: str) -> None:
    assert " ".join(word.spoken + word.punctuation for word in normalize(text, language)) == spoken


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("ewe", ["ɛ", "ɖeviawo"]),
        ("und", ["ɛ", "ɖeviawo"]),
        # espeak-ng does not read these letters in German.
        ("de", ["e", "deviawo"]),
    ],
)
def test_latin_letters_of_languages_without_a_table_are_preserved(language: str, spoken: list[str]) -> None:
    assert [word.spoken for word in normalize("ɛ ɖeviawo", language)] == spoken
