"""Reads license and origin of a voice from its ``MODEL_CARD``, its ``README.md``, or its configuration."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_BYTES = 256 * 1024
CARD_FILES = ("MODEL_CARD", "MODEL_CARD.md", "MODEL_CARD.txt", "README.md")
_LINE = r"^[ \t]*+(?:[*-][ \t]*+)?\**+{}\**+[ \t]*+:\**+[ \t]*+(\S[^\n]*)"
"""A line of a Markdown list or of YAML. Possessive quantifiers: an untrusted card takes linear time."""
_LICENSE_LINE = re.compile(_LINE.format("licen[sc]e"), re.IGNORECASE | re.MULTILINE)
_URL_LINE = re.compile(_LINE.format("url"), re.IGNORECASE | re.MULTILINE)
_MAX_LICENSE, _MAX_ORIGIN = 200, 500
_KEYS = ("license", "licence")


def read_card(model: Path, config: Mapping[str, Any]) -> tuple[str, str]:
    """Return license and origin of the voice ``model``, each empty if unknown. Unreadable cards are passed over.

    The configuration's own license precedes the card's, which can be that of several voices.
    """
    cards = [_content(model.with_name(name)) for name in CARD_FILES]
    license_ = _stated(config) or _found(_LICENSE_LINE, cards)
    return _plain(license_, _MAX_LICENSE), _plain(_found(_URL_LINE, cards), _MAX_ORIGIN)


def card_license(content: bytes) -> str:
    """Return the license that the content of a model card states; empty if none."""
    card = content[:MAX_BYTES].decode("utf-8-sig", errors="replace")
    return _plain(_found(_LICENSE_LINE, [card]), _MAX_LICENSE)


def _stated(config: Mapping[str, Any]) -> str:
    """Return the license in a configuration: a string, or an object with a name, at the top or in a section."""
    sections = [config, *(value for value in config.values() if isinstance(value, Mapping))]
    for values in sections:
        for key in _KEYS:
            value = values.get(key)
            if isinstance(value, Mapping):
                value = value.get("name") or value.get("id") or value.get("url")
            if isinstance(value, str) and value.strip():
                return value
    return ""


def _found(pattern: re.Pattern[str], cards: list[str]) -> str:
    return next((match[1] for card in cards if (match := pattern.search(card))), "")


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


def _plain(text: str, longest: int) -> str:
    """Return ``text`` in one line of printable characters, at most ``longest``, without quotes."""
    line = "".join(char for char in " ".join(text.split()) if char.isprintable()).strip("\"'")
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
