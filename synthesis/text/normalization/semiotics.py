"""Semiotic classes: what a written form is, before it is known how a language says it.

Normalization has two stages (Taylor, "Text-to-Speech Synthesis"; Ebden and Sproat, "The Kestrel TTS
text normalization system", 2014): a classifier finds the class and the fields of a written form, and
the verbalizer of a language says them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Class(StrEnum):
    """What a written form is."""

    WORD = "word"
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    MEASURE = "measure"
    TELEPHONE = "telephone"
    ELECTRONIC = "electronic"
    SERIAL = "serial"
    ADDRESS = "address"
    FRACTION = "fraction"
    RANGE = "range"
    SCORE = "score"
    VERSION = "version"
    ABBREVIATION = "abbreviation"
    INITIALISM = "initialism"
    FORMULA = "formula"
    SYMBOL = "symbol"
    VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class Item:
    """A classified form: one or several written words."""

    semiotic_class: Class
    length: int
    """Number of characters of the window that belong to the form."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Parts of the form by name, as written; absent parts are missing."""
    confidence: float = 1.0
    """From 0 to 1. Below ``CERTAIN``, the verbalizer says the form so that no information is lost."""


CERTAIN = 0.5

SILENT_SCHEMES = frozenset(("", "http", "https", "ftp", "ws", "wss", "ssh", "git", "file"))
"""Schemes of web addresses that are not spoken; others, such as ``s3``, say which system an address belongs to."""
