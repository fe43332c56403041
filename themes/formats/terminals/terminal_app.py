"""Reads the profiles of macOS Terminal (``.terminal``), whose colors are archived ``NSColor`` objects. Pure.

An archive is a binary property list: ``$objects`` is a list, and ``$top.root`` is the number of the color in it.
"""

from typing import Any

from themes.color.oklch import from_display_p3
from themes.color.palette_import import ANSI
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.formats.parsers.binary_plist import Uid, load
from themes.formats.slots import read_theme, table
from themes.schema import ThemeData

_KEYS = tuple(f"ANSI{token[0].upper()}{token[1:]}Color" for token in ANSI)
_TABLE = table(
    _KEYS,
    foreground="TextColor",
    background="BackgroundColor",
    cursor="CursorColor",
    cursorAccent="CursorTextColor",
    selectionBackground="SelectionColor",
    selectionForeground="SelectedTextColor",
)
_COLORS = frozenset(_TABLE.keys.values())
_WHITE_SPACES = (3, 4)
_LONGEST = 200


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a profile with colors."""
    return file.syntax == "plist" and (
        file.values.get("type") == "Window Settings" or any(key in file.values for key in (*_KEYS, "BackgroundColor"))
    )


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    colors = {key: _color(file, key) for key in file.values if key in _COLORS}
    if "TextBoldColor" in file.values:
        file.notes.ignore(file.path("TextBoldColor"))
    return read_theme(file.inner({"name": file.values.get("name"), **colors}, file.prefix), _TABLE, given)


def _color(file: ParsedMapping, key: str) -> str:
    data = file.values[key]
    place = file.path(key)
    if isinstance(data, str):
        return data
    try:
        archive = load(data)
        objects = archive["$objects"]
        color = objects[archive["$top"]["root"].number]
        return _written(color, objects)
    except (ThemeError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise ThemeError("color_invalid", f"{place} is not a color of macOS Terminal.", param=place) from None


def _written(color: dict[str, Any], objects: list[Any]) -> str:
    """Return the color in ``#rrggbb``. Raises the errors of a malformed archive."""
    if color.get("NSColorSpace") in _WHITE_SPACES:
        level = _numbers(color["NSWhite"])[0]
        channels = [level] * 3
    else:
        channels = _numbers(color["NSRGB"] if "NSRGB" in color else color["NSComponents"])[:3]
        channels = channels * 3 if len(channels) == 1 else channels
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in channels)
    if _is_display_p3(color, objects):
        return from_display_p3(red, green, blue)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in (red, green, blue))


def _numbers(data: bytes) -> list[float]:
    return [float(word) for word in data[:_LONGEST].rstrip(b"\0").split()]


def _is_display_p3(color: dict[str, Any], objects: list[Any]) -> bool:
    """Return whether the components are in Display P3, by the name in the color space's profile."""
    reference = color.get("NSCustomColorSpace")
    space = objects[reference.number] if isinstance(reference, Uid) else {}
    profile = space.get("NSICC")
    profile = objects[profile.number] if isinstance(profile, Uid) else profile
    return "NSRGB" not in color and isinstance(profile, bytes) and b"P3" in profile
