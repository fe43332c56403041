"""Sentences in other languages: which voice speaks them, and which words they become."""

import subprocess
import sys

import pytest

from benchmarks.languages import mistakes, read_sentences, spoken_in
from synthesis.text.annotation.other_languages import LanguageVoice
from synthesis.text.annotation.reader import read_text
from synthesis.text.annotation.reading_options import AS_WRITTEN, ReadingOptions
from synthesis.text.word import Word

VOICES = tuple(LanguageVoice(tag, f"voice-{tag[:2]}") for tag in ("de-DE", "es-ES", "fr-FR", "ru-RU", "ja-JP", "no-NO"))


def read(text: str, language: str = "en-US", voices: tuple[LanguageVoice, ...] = VOICES) -> list[Word]:
    return read_text(text, language, ReadingOptions(languages=True, voices=voices))


def spoken(text: str, language: str = "en-US") -> list[tuple[str, str]]:
    """Return the language and the written words of each run of one voice."""
    runs: list[tuple[str, str]] = []
    for word in read(text, language):
        style = word.annotation.style
        assert style.voice == (f"voice-{style.language[:2]}" if style.language else "")
        own, written = style.language[:2] or language[:2], text[word.start : word.end]
        if runs and runs[-1][0] == own:
            runs[-1] = own, f"{runs[-1][1]} {written}"
        else:
            runs.append((own, written))
    return runs


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (
            "Hello Bob. Das ist ein guter Plan für dieses Jahr. See you on Monday.",
            [("en", "Hello Bob."), ("de", "Das ist ein guter Plan für dieses Jahr."), ("en", "See you on Monday.")],
        ),
        (
            'He said: "Ich habe heute leider keine Zeit." and left the room.',
            [("en", "He said:"), ("de", '"Ich habe heute leider keine Zeit."'), ("en", "and left the room.")],
        ),
        (
            "She wrote (je ne comprends pas ce que tu veux) and left.",
            [("en", "She wrote"), ("fr", "(je ne comprends pas ce que tu veux)"), ("en", "and left.")],
        ),
        ("In Spanish: ¿Dónde está la estación?", [("en", "In Spanish:"), ("es", "¿Dónde está la estación?")]),
        # One sentence around its quotation, and short sentences between certain ones.
        ("Wir fahren (wie jedes Jahr im Sommer) gern nach Italien. Danke. Wir kommen wieder nach Hause.", None),
        # One word is no evidence, unless the voice cannot say its letters.
        ("Schadenfreude. Zeitgeist! Kindergarten?", [("en", "Schadenfreude. Zeitgeist! Kindergarten?")]),
        ("Well. Спасибо! Bye.", [("en", "Well."), ("ru", "Спасибо!"), ("en", "Bye.")]),
        # No voice is installed for Polish.
        ("Nie rozumiem, o co ci chodzi.", [("en", "Nie rozumiem, o co ci chodzi.")]),
        ("Vi kjører hjem igjen tidlig i morgen.", [("no", "Vi kjører hjem igjen tidlig i morgen.")]),
    ],
)
def test_sentences_are_spoken_by_voices_of_their_language(text: str, runs: list[tuple[str, str]] | None) -> None:
    assert spoken(text) == (runs or [("de", text)])


def test_a_voice_of_another_language_speaks_english_sentences() -> None:
    voices = (LanguageVoice("en-GB", "voice-en"),)
    words = read("Ich komme später. Please call me back as soon as possible.", "de-DE", voices)
    assert [word.annotation.style.language for word in words] == [""] * 3 + ["en-GB"] * 8


def test_written_forms_are_read_by_the_rules_of_the_sentence() -> None:
    said = {word.spoken for word in read("It costs $3.50 today. Das kostet heute leider 3,50 €, sagt er.")}
    assert {"three dollars and fifty cents", "drei Euro fünfzig"} <= said


def test_markup_within_a_sentence_belongs_to_it() -> None:
    words = read("Das ist ein [Wort](/vɔɐt/) aus unserer Sprache. That is all there is.")
    ipa = next(word for word in words if word.annotation.phonemes)
    assert (ipa.annotation.style.voice, ipa.annotation.phonemes) == ("voice-de", "vɔɐt")


def test_at_most_as_many_languages_as_a_text_may_have_voices() -> None:
    sentences = [next(text for own, text in read_sentences() if own == name) for name in ("de", "es", "fr", "it", "pl")]
    voices = tuple(LanguageVoice(name, f"voice-{name}") for name in ("de", "es", "fr", "it", "pl"))
    found = {word.annotation.style.voice for word in read("\n".join(sentences), voices=voices)}
    assert found == {"voice-de", "voice-es", "voice-fr", "voice-it", ""}


def test_short_sentences_are_found_and_english_ones_are_not_mistaken() -> None:
    wrong = mistakes()
    assert [text for language, text, _ in wrong if language == "en"] == []
    assert len(wrong) <= 12
    assert spoken_in("Mr. van der Berg and Frau Schneider will meet Señor Gómez.", {"de", "es", "nl"}) == "en"


def test_the_detector_is_not_loaded_without_voices_of_other_languages() -> None:
    code = (
        "import sys; from synthesis.text.annotation.reader import read_text;"
        "from synthesis.text.annotation.reading_options import ReadingOptions;"
        "read_text('Das ist ein guter Plan.', 'en-US', ReadingOptions(languages=True));"
        "sys.exit('fasttext' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert read_text("Das ist ein guter Plan.", "en-US", AS_WRITTEN)[0].annotation.style.language == ""
