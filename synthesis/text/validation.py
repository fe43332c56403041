"""Rejects text that cannot be spoken, before any synthesis."""

import re
import unicodedata
from collections.abc import Sequence

from synthesis.errors import TextError
from synthesis.text.normalization import generic
from synthesis.text.normalization.english import reader as english
from synthesis.text.normalization.languages import foreign_letters, lookup, primary
from synthesis.text.normalization.markup import ESCAPE, strip_markup
from synthesis.text.normalization.tokenizer import Token, tokenize
from synthesis.text.normalization.unicode_folding import fold_characters

_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_ENCODING = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# U+20E0 to U+20E3 are enclosing marks: they form keycaps and other emoji.
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e4-\u20ff\ufe20-\ufe2f"
_COMBINING = re.compile(f"(^|.)([{_MARKS}]+)", re.DOTALL)
_STRESSED = re.compile("[\u0400-\u04ff][\u0300\u0301]")
_SOUND = re.compile(r"[A-Za-z0-9]")
_DASHES = str.maketrans("–—", "--")
_PILE = 2
_REPEATED = 40
"""Maximum characters of the user's word that an error message quotes."""


def _refuse_first(pattern: re.Pattern[str], text: str, code: str, message: str) -> None:
    if match := pattern.search(text):
        raise TextError(code, message, param="text", position=match.start())


def _is_letter_with_marks(base: str, marks: str) -> bool:
    if len(marks) > _PILE or not base.isalpha():
        return False
    # Russian marks stress this way, on letters that have no composed form.
    return len(unicodedata.normalize("NFC", base + marks)) == 1 or bool(_STRESSED.fullmatch(base + marks))


def _check_combining(text: str) -> None:
    for match in _COMBINING.finditer(text):
        if _is_letter_with_marks(*match.groups()):
            continue
        message = "The text has a combining mark without a letter, or too many on one letter. Remove it and try again."
        raise TextError("text_combining", message, param="text", position=match.start(2))


def _first_letter(text: str, token: Token, letter: str) -> int:
    """Return the position of ``letter`` of a folded word in the text; the word's start if folding created it."""
    place = text.find(letter[0], token.start, token.end)
    return token.start if place < 0 else place


def _abridged(word: str) -> str:
    return word if len(word) <= _REPEATED else f"{word[: _REPEATED - 1]}…"


def _check_letters(text: str, tokens: Sequence[Token], language: str) -> None:
    pattern = foreign_letters(primary(language))
    if pattern is None:
        return
    for token in tokens:
        letters = (match[0] for match in pattern.finditer(token.core) if match[0].isalpha())
        if letter := next(letters, None):
            known = lookup(language)
            word = _abridged(text[token.start : token.end].strip("\"'“”‘’«»()[]{}.,;:!?…。，、！？"))
            message = (
                f'This voice speaks {known.name} and cannot say "{word}".'
                f" Choose another voice, or use {known.scripts[0]} letters."
            )
            position = _first_letter(text, token, letter)
            raise TextError("language_unsupported", message, param="text", position=position)


def _check_words(text: str, language: str) -> None:
    """Run the checks that need tokenization, which most ASCII texts can skip."""
    if text.isascii() and "&#" not in text and _SOUND.search(strip_markup(text)):
        return
    is_english = primary(language) == "en"
    tokens = tokenize(text, english=is_english)
    _check_letters(text, tokens, language)
    if not (english.has_sound(tokens) if is_english else generic.has_sound(tokens)):
        message = "The text contains only symbols. Write at least one letter or number."
        raise TextError("text_unspeakable", message, param="text")


def _typed(char: str) -> str:
    """Return the ASCII equivalent of typographic punctuation: a straight quote or a hyphen."""
    return fold_characters(char, english=False).translate(_DASHES)


def _check_symbols(text: str, symbols: str) -> None:
    allowed = set(_typed(symbols))
    for position, char in enumerate(text):
        for typed in _typed(char):
            # Combining marks belong to letters, which were checked before.
            if unicodedata.category(typed)[0] not in "LNM" and not typed.isspace() and typed not in allowed:
                message = f'"{char}" is not allowed. Allowed besides letters and digits: {symbols}'
                raise TextError("text_symbol", message, param="text", position=position)


def check_size(text: str, limit: int) -> None:
    """Raise ``TextError`` unless ``text`` is nonempty and at most ``limit`` code points long. Cheap for any text.

    Codes: ``text_empty`` and ``text_too_long``.
    """
    if not text.strip():
        raise TextError("text_empty", "The text is empty. Write at least one word.", param="text")
    if len(text) > limit:
        message = f"The text has {len(text):,} characters; the maximum is {limit:,}. Shorten it, or send it in parts."
        raise TextError("text_too_long", message, param="text", limit=limit, value=len(text))


def check_text(text: str, *, language: str, limit: int, symbols: str = "") -> None:
    """Raise ``TextError`` unless ``text`` can be spoken in ``language`` and has at most ``limit`` code points.

    Takes time linear in the length, some milliseconds for 4,000 characters: never call it on the
    event loop. Besides letters, digits and white space, only the ``symbols`` are allowed; if empty,
    every symbol is. Codes: ``text_empty``, ``text_too_long``, ``text_encoding``, ``text_control``,
    ``text_combining``, ``text_symbol``, ``language_unsupported`` and ``text_unspeakable``. For
    accepted text, ``normalize`` returns at least one word.
    """
    check_size(text, limit)
    check_characters(text)
    check_spoken(text, language=language, symbols=symbols)


def check_characters(text: str) -> None:
    """Raise ``TextError`` ``text_encoding`` or ``text_control`` for characters that no text may contain."""
    message = "The text contains an unpaired surrogate. Send valid UTF-8."
    _refuse_first(_ENCODING, text, "text_encoding", message)
    message = "The text contains a control character. Remove it and try again."
    _refuse_first(_CONTROL, ESCAPE.sub(lambda match: " " * len(match[0]), text), "text_control", message)


def check_spoken(text: str, *, language: str, symbols: str = "") -> None:
    """Raise ``TextError`` unless ``text`` can be spoken in ``language``; see ``check_text``."""
    _check_combining(text)
    if symbols:
        _check_symbols(text, symbols)
    _check_words(text, language)
