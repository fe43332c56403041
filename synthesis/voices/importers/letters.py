"""Builds the symbol table of a voice that speaks from letters (graphemes) instead of phonemes. Pure."""

from collections.abc import Mapping

from synthesis.voices.importers.metadata import SPECIAL

_EQUIVALENTS = (("'", "’"), ("-", "–"), ("ș", "ş"), ("ț", "ţ"), ("ẞ", "ß"))
"""Symbols that stand for each other where a voice has only one: Romanian letters have a cedilla in older fonts."""
_DOTTED, _DOTLESS = "i", "ı"
_REPLACEMENTS = ((";", ","), (":", ","), ("-", " "))

Table = dict[str, tuple[int, ...]]


def letter_ids(symbols: Mapping[str, tuple[int, ...]], *, lowercase: bool = False) -> Table:
    """Return ``symbols`` with the letters that a voice lacks added as aliases of those it has.

    A capital has the ids of its small letter, and the reverse, if the voice has only one of them.

    :param lowercase: whether the voice was trained on lower-case text: its capitals, if it has any,
        were never trained.
    """
    table = dict(symbols)
    for symbol, ids in symbols.items():
        if symbol in SPECIAL or len(symbol) != 1:
            continue
        for other in {symbol.upper(), symbol.lower()} - {symbol}:
            small = symbol.islower()
            if len(other) == 1 and (other not in symbols or (lowercase and small)):
                table[other] = ids
    if _DOTLESS in symbols and (lowercase or "I" not in symbols):
        table |= {"I": symbols[_DOTLESS]} | ({"İ": symbols[_DOTTED]} if _DOTTED in symbols else {})
    for first, second in _EQUIVALENTS:
        for alias, symbol in ((first, second), (second, first)):
            if alias not in table and symbol in table:
                table[alias] = table[symbol]
    if "-" not in table and " " in table:
        table["-"] = table[" "]
    return table


def replace_symbols(table: Table) -> Table:
    """Return ``table`` with the replacements of Coqui's text cleaners: a comma for ``;`` and ``:``, a space for ``-``.

    A voice that was trained on such text has symbols for them that were never trained.
    """
    replaced = {symbol: table[other] for symbol, other in _REPLACEMENTS if other in table}
    return table | replaced
