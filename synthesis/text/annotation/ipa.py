"""Transcriptions in the International Phonetic Alphabet (IPA)."""

import re
import unicodedata

MAX_LENGTH = 200
"""Maximum symbols of one transcription."""
# Basic letters, the IPA and modifier blocks, combining marks, and the Greek and accented letters that the IPA uses.
_SYMBOLS = r"a-zæçðøħŋœθβχǀǁǂǃ\u0250-\u02ff\u0300-\u036f\u1d00-\u1dbf ‿.'|‖↗↘"
SYMBOLS = re.compile(f"[{_SYMBOLS}]+")
# Signs that give the structure of a transcription, which no voice says.
_SILENT = str.maketrans(dict.fromkeys("./[]|‖‿\u0361\u035c", ""))


def decomposed(transcription: str) -> str:
    """Return a transcription as voices need it: decomposed (NFD), without slashes, syllable and tie signs."""
    return " ".join(unicodedata.normalize("NFD", transcription).translate(_SILENT).split())


def is_transcription(text: str) -> bool:
    """Return whether ``text`` can only be IPA: its symbols, one of them outside ASCII."""
    return not text.isascii() and bool(SYMBOLS.fullmatch(unicodedata.normalize("NFD", text)))
