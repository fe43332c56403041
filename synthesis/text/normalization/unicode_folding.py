"""Folds Unicode variants to plain characters: ligatures, full width, typographic quotes, rare letters."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‵´`ʹʻʼʽˈ＇", "'"),
        **dict.fromkeys("“”„‟″‶«»‹›〝〞「」『』《》〈〉", '"'),
        **dict.fromkeys("‐‑‒⁃−﹣－", "-"),
        **dict.fromkeys("―⸺⸻", "—"),
        **dict.fromkeys("。｡।॥۔։", "."),
        **dict.fromkeys("、､،", ","),
        **dict.fromkeys("【〔", "["),
        **dict.fromkeys("】〕", "]"),
        **dict.fromkeys("™®℠", None),
        "؛": ";",
        "؟": "?",
        "⁄": "/",
        "∕": "/",
        "∗": "*",
        "∶": ":",
        "№": "#",
        "…": "...",
    }
)
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER = re.compile("[⁰²³⁴-⁹⁻][⁰¹²³⁴-⁹]*|¹[⁰¹²³⁴-⁹]+")
_VULGAR = re.compile("[¼½¾⅐-⅞↉]")
# Letters without a decomposition in Unicode or in their names.
_LETTERS = {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "th", "ŋ": "ng", "ı": "i", "ĸ": "k", "ə": "e", "ɛ": "e"}
_LETTERS |= {"ɔ": "o", "ʌ": "u", "ɑ": "a", "ɒ": "o", "ɡ": "g", "ʃ": "sh", "ʒ": "zh", "ſ": "s", "ɹ": "r", "ʊ": "u"}
ORDINAL_SIGNS = frozenset("ºª")
"""Preserved outside English, where they mark ordinals: "1.º"."""
_CACHED = 20
"""Maximum characters of a cached word: longer ones rarely repeat, and would fill the memory."""
_MARKS_IN_A_ROW = 30
"""Maximum combining marks per letter: more than any language needs (Unicode Standard Annex #15, section 13)."""
_NAME = re.compile(r"LATIN (?:SMALL |CAPITAL |LETTER )+([A-Z])(?: WITH .*)?")
_KNOWN = "ÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÙÚÛÜàáâäåæçèéêëìíîïñòóôöùúûüœŒ"


def _latin(char: str) -> str:
    """Return the base letter A to Z of a Latin letter, or the letter itself if unknown."""
    lower = char.lower()
    base = _LETTERS.get(lower) or unicodedata.normalize("NFKD", lower)[0]
    if not base.isascii():
        named = _NAME.fullmatch(unicodedata.name(lower, ""))
        base = named[1].lower() if named else char
    return base if char == lower or base == char else base.capitalize()


@lru_cache(maxsize=4096)
def _plain(char: str, *, english: bool, all_latin: bool) -> str:
    """Return the plain form of one character that is neither ASCII nor already plain."""
    category = unicodedata.category(char)
    if category in {"Cf", "Co", "Cn", "Cs", "Cc"} or "\u02b9" <= char <= "\u036f" or "\ufe00" <= char <= "\ufe0f":
        # Joiners are part of the spelling in Persian and in the scripts of India.
        return "" if english or char not in "\u200c\u200d" else char
    if not english and char in ORDINAL_SIGNS:
        return char
    if category in {"No", "Nd"} or (category == "Nl" and english):
        value = unicodedata.numeric(char, -1)
        return str(int(value)) if value == int(value) >= 0 else ""
    kept = _KNOWN if english else ""
    extended = not english and (all_latin or "\u00c0" <= char <= "\u024f" or "\u1e00" <= char <= "\u1eff")
    if category[0] == "L" and char not in kept and not extended and "LATIN" in unicodedata.name(char, ""):
        return _latin(char)
    return char


def _stream_safe(piece: str) -> str:
    """Return ``piece`` in Unicode's Stream-Safe Text Format: normalizing longer runs of marks takes quadratic time."""
    if len(piece) <= _MARKS_IN_A_ROW:
        return piece
    row, kept = 0, []
    for char in piece:
        row = row + 1 if unicodedata.combining(char) else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)


def fold_characters(piece: str, *, english: bool, all_latin: bool = False) -> str:
    """Return ``piece`` in plain characters. A space precedes a vulgar fraction, and ``^`` an exponent.

    ``all_latin`` keeps every Latin letter, for languages whose letters are unknown: ``ɛ`` is a letter of Ewe.
    """
    if piece.isascii():
        return piece
    fold = _fold if len(piece) <= _CACHED else _fold.__wrapped__
    return fold(piece, english, all_latin)


@lru_cache(maxsize=4096)
def _fold(piece: str, english: bool, all_latin: bool) -> str:  # noqa: FBT001 - positional, as the cache is called often
    piece = _VULGAR.sub(lambda m: " " + unicodedata.normalize("NFKC", m[0]), piece)
    piece = _POWER.sub(lambda m: "^" + m[0].translate(_POWERS), piece)
    form: Literal["NFC", "NFKC"] = "NFC" if not english and not ORDINAL_SIGNS.isdisjoint(piece) else "NFKC"
    piece = unicodedata.normalize(form, _stream_safe(piece.translate(_TYPOGRAPHY))).translate(_TYPOGRAPHY)
    # One look-up per distinct character: some expand to eighteen, so a text can grow to many times its length.
    return piece.translate(
        {ord(char): _plain(char, english=english, all_latin=all_latin) for char in set(piece) if char >= "\x80"}
    )
