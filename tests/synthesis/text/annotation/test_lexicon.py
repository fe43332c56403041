"""Pronunciation dictionaries in a text: which phrase applies where, and the words' positions."""

import pytest

from synthesis.text.annotation.annotated_text import Builder
from synthesis.text.annotation.lexicon import Entry, Lexicon, apply_lexicons
from synthesis.text.annotation.reader import read_annotated
from synthesis.text.annotation.ssml import parse_ssml
from synthesis.text.word import Word

NAMES = Lexicon(
    [
        Entry("Acme", "Ack me"),
        Entry("Acme Corp", "Ack me Corporation"),
        Entry("nginx", phonemes="ˈɛndʒɪnˈɛks"),
        Entry("SQL", "sequel", case_sensitive=True),
        Entry("C++", "see plus plus"),
        Entry("ie", "y", whole_word=False, case_sensitive=True),
        Entry("read", "red", language="en-GB"),
        Entry("chat", "shah", language="fr"),
        Entry("router", "rooter", voice="alan"),
    ]
)


def read(text: str, *lexicons: Lexicon, language: str = "en-US", voice: str = "joe") -> list[Word]:
    builder = Builder(text)
    builder.keep(0, len(text))
    annotated = apply_lexicons(builder.build(), lexicons or (NAMES,), language, voice)
    return read_annotated(annotated, language)


def said(text: str, *lexicons: Lexicon, **options: str) -> str:
    return " ".join(word.spoken + word.punctuation for word in read(text, *lexicons, **options))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Dr. ACME, of acme.", "doctor Ack me, of Ack me."),
        ("The Acme Corp is Acme.", "The Ack me Corporation is Ack me."),
        ("Acmeville and oldacme", "Acmeville and oldacme"),
        ("Acme's", "Ack me's"),
        ("SQL", "sequel"),
        ("Use C++ now", "Use see plus plus now"),
        ("pie", "py"),
        ("https://acme.com/acme", "acme dot com slash acme"),
    ],
)
def test_phrases_are_replaced(text: str, spoken: str) -> None:
    assert said(text) == spoken


def test_an_entry_applies_to_its_language_and_voice() -> None:
    assert said("read", language="en-GB") == "red"
    assert said("read", language="en-US") == "read"
    assert said("chat", language="fr-CA") == "shah"
    assert said("router", voice="alan") == "rooter"
    assert said("router", voice="joe") == "router"


def test_phonemes_are_given_to_the_word_and_its_ending() -> None:
    assert [word.annotation.phonemes for word in read("nginx, Nginx's end")] == [
        "ˈɛndʒɪnˈɛks", "ˈɛndʒɪnˈɛksɪz", "",
    ]  # fmt: skip


def test_words_have_their_positions_in_the_text() -> None:
    text = "🙂 The Acme Corp, 5 km."
    assert [text[word.start : word.end] for word in read(text)] == ["The", "Acme Corp,", "5 km."]


def test_the_first_dictionary_wins_and_the_longest_phrase_before_it() -> None:
    own = Lexicon([Entry("acme", "mine"), Entry("corp", "never")])
    assert said("acme", own, NAMES) == "mine"
    assert said("acme corp", own, NAMES) == "Ack me Corporation"


def test_substitutions_cannot_recur() -> None:
    loop = Lexicon([Entry("cat", "dog dog"), Entry("dog", "cat cat")])
    assert said("cat dog", loop) == "dog dog cat cat"


def test_markup_keeps_its_points() -> None:
    source = '<speak>The <mark name="m"/>Acme<break time="1s"/> team of <sub alias="Acme">X</sub></speak>'
    words = read_annotated(apply_lexicons(parse_ssml(source, "en-US"), [NAMES], "en-US", ""), "en-US")
    assert [word.spoken for word in words] == ["The", "Ack me", "team", "of", "Acme"]
    assert (words[1].annotation.marks, words[1].annotation.pause_s) == (("m",), 1)


def test_letters_that_change_their_length_in_lower_case() -> None:
    assert said("İİ Acme", language="tr-TR").endswith("Ack me")
