"""Transcriptions that users wrote, in the symbols of a voice."""

import unicodedata
from collections.abc import Mapping

from synthesis.errors import TextError
from synthesis.phonemes.phonemizer import decomposed_symbols

_SUBSTITUTES = {"g": "ɡ", "ɡ": "g", "'": "ˈ", ":": "ː", "r": "ɹ", "ɹ": "r"}
"""Symbols that stand for another one, which a voice may have instead."""
_LETTERS = frozenset(("Ll", "Lo"))
"""Categories of sounds; signs of stress and length are modifiers."""


def in_symbols_of(transcription: str, phoneme_ids: Mapping[str, tuple[int, ...]]) -> tuple[str, list[str]]:
    """Return a decomposed transcription in the symbols of a voice, and the symbols that the voice does not have."""
    own = decomposed_symbols(phoneme_ids)
    longest = max(map(len, own))
    said, unknown, place = [], [], 0
    while place < len(transcription):
        runs = (transcription[place : place + length] for length in range(longest, 0, -1))
        symbol = next((run for run in runs if run in own), transcription[place])
        substitute = symbol if symbol in own or symbol == " " else _SUBSTITUTES.get(symbol, "")
        if substitute in own or substitute == " ":
            said.append(substitute)
        else:
            unknown.append(symbol)
        place += len(symbol)
    return "".join(said), unknown


def has_sound(transcription: str) -> bool:
    """Return whether a transcription contains more than signs of stress and length."""
    return any(unicodedata.category(char) in _LETTERS for char in transcription)


def require_symbols(transcription: str, phoneme_ids: Mapping[str, tuple[int, ...]], *, position: int = 0) -> None:
    """Raise ``TextError`` ``phonemes_unknown``, which names them, if a voice lacks symbols of a transcription.

    ``position`` is that of the transcription in the text.
    """
    said, unknown = in_symbols_of(transcription, phoneme_ids)
    if unknown:
        shown = ", ".join(f"{_shown(symbol)} (U+{ord(symbol):04X})" for symbol in dict.fromkeys(unknown))
        message = f"The voice has no phoneme for {shown}. Write the pronunciation with other IPA symbols."
    elif not has_sound(said):
        message = "The pronunciation contains no sound. Write it in IPA."
    else:
        return
    raise TextError("phonemes_unknown", message, param="text", position=position, value="".join(unknown))


def _shown(symbol: str) -> str:
    """Return a combining mark on a dotted circle."""
    return f"◌{symbol}" if unicodedata.combining(symbol) else symbol
