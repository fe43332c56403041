"""Measures how many short sentences in other languages are found, and how many English ones are mistaken."""

from pathlib import Path

from synthesis.text.annotation.annotated_text import Builder
from synthesis.text.annotation.other_languages import LanguageVoice, mark_languages

SENTENCES = Path(__file__).with_name("sentences.tsv")
OWN = "en"


def read_sentences() -> list[tuple[str, str]]:
    """Return the language and the text of each sentence."""
    rows = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [(language, text) for language, _, text in (row.partition("\t") for row in rows)]


def spoken_in(text: str, languages: set[str]) -> str:
    """Return the language in which an English voice's server with voices of ``languages`` speaks ``text``."""
    builder = Builder(text)
    builder.keep(0, len(text))
    voices = [LanguageVoice(language, language) for language in sorted(languages)]
    return max(piece.style.language for piece in mark_languages(builder.build(), OWN, voices, 4).pieces) or OWN


def mistakes() -> list[tuple[str, str, str]]:
    """Return the language, the text and the language found of sentences that are mistaken, with all languages."""
    sentences = read_sentences()
    languages = {language for language, _ in sentences}
    found = [(language, text, spoken_in(text, languages)) for language, text in sentences]
    return [each for each in found if each[0] != each[2]]
