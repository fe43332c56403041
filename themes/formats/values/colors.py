"""Reads colors in the spellings that terminals accept. Pure.

CSS (``#rgb``, ``#rrggbb``, ``#rrggbbaa``, ``rgb()``, ``hsl()``, names), X11 (``rgb:ee/55/66``, ``#rrrrggggbbbb``),
Alacritty (``0xrrggbb``), WezTerm (``hsl:235 100 50``), PuTTY (``223,227,240``), and hexadecimal digits without ``#``.
"""

import colorsys
import re
from collections.abc import Iterable
from dataclasses import dataclass

from themes.errors import ThemeError
from themes.formats.values.color_names import COLOR_NAMES
from themes.schema import abbreviate

_LONGEST = 64
_HEX = re.compile(r"(#|0x|)([0-9a-f]{3,12})", re.ASCII)
_MARKED, _BARE = (3, 4, 6, 8, 9, 12), (3, 6, 8)
"""Numbers of digits that are a color after ``#`` or ``0x``, and without them."""
_SLASHED = re.compile(r"rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})(?:/([0-9a-f]{1,4}))?", re.ASCII)
_FUNCTION = re.compile(r"(rgb|hsl)a?(?:\(([^()]*)\)|:([\d.%\s]+))", re.ASCII)
_LIST = re.compile(r"\d{1,3}(?:\s*,\s*\d{1,3}){2}", re.ASCII)
_SEPARATORS = re.compile(r"[\s,/]+")
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{0,9})?", re.ASCII)
_UNSET = frozenset({"", "none", "null", "transparent", "cellforeground", "cellbackground", "inherit", "default"})


@dataclass(frozen=True, slots=True)
class Color:
    """A color in ``#rrggbb``, and its opacity from 0 to 1."""

    rgb: str
    alpha: float = 1.0

    def over(self, ground: str) -> str:
        """Return the color as it appears on ``ground``, blended as browsers do (in sRGB)."""
        pairs = zip(_channels(self.rgb), _channels(ground), strict=True)
        return _written(self.alpha * top + (1 - self.alpha) * bottom for top, bottom in pairs)


def read_color(value: object, place: str) -> Color:
    """Return the color. Raises ``ThemeError`` ``color_invalid``."""
    text = value.strip().lower() if isinstance(value, str) and len(value) <= _LONGEST else ""
    found = _hexadecimal(text) or _slashed(text) or _function(text) or _named(text)
    if found is None:
        raise ThemeError(
            "color_invalid", f"{place} is {abbreviate(value)}, which is not a color such as #1e90ff.", param=place
        )
    return found


def is_unset(value: object) -> bool:
    """Return whether the value says that the program chooses the color itself, such as ``none``."""
    if isinstance(value, str):
        return len(value) <= _LONGEST and value.strip().lower().replace("-", "") in _UNSET
    return value is None


def _hexadecimal(text: str) -> Color | None:
    match = _HEX.fullmatch(text)
    if match is None or len(match[2]) not in (_MARKED if match[1] else _BARE):
        return None
    digits = match[2]
    # A fourth part is the opacity.
    size = len(digits) // (4 if len(digits) in (4, 8) else 3)
    parts = [_fraction(digits[place : place + size]) for place in range(0, len(digits), size)]
    return _color(parts)


def _slashed(text: str) -> Color | None:
    match = _SLASHED.fullmatch(text)
    return _color([_fraction(part) for part in match.groups() if part]) if match else None


def _function(text: str) -> Color | None:
    match = _FUNCTION.fullmatch(text)
    if match is None and _LIST.fullmatch(text):
        kind, inner = "rgb", text
    elif match:
        kind, inner = match[1], match[2] or match[3] or ""
    else:
        return None
    words = [word for word in _SEPARATORS.split(inner) if word]
    if len(words) not in (3, 4) or not all(
        _NUMBER.fullmatch(word.removesuffix("%").removesuffix("deg")) for word in words
    ):
        return None
    numbers = [float(word.removesuffix("%").removesuffix("deg")) for word in words]
    alpha = numbers[3] / (100 if words[3].endswith("%") else 1) if len(words) == 4 else 1.0
    if kind == "hsl":
        hue, saturation, lightness = numbers[0] % 360 / 360, min(numbers[1], 100) / 100, min(numbers[2], 100) / 100
        return _color([*colorsys.hls_to_rgb(hue, lightness, saturation), alpha])
    scales = [100 if word.endswith("%") else 255 for word in words[:3]]
    fractions = [number / scale for number, scale in zip(numbers[:3], scales, strict=True)]
    return None if max(fractions) > 1 else _color([*fractions, alpha])


def _named(text: str) -> Color | None:
    rgb = COLOR_NAMES.get(text.replace(" ", "").replace("grey", "gray"))
    return Color(f"#{rgb}") if rgb else None


def _color(parts: list[float]) -> Color:
    return Color(_written(parts[:3]), min(parts[3], 1.0) if len(parts) == 4 else 1.0)


def _fraction(digits: str) -> float:
    return int(digits, 16) / (int("f" * len(digits), 16))


def _channels(rgb: str) -> list[float]:
    return [int(rgb[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _written(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
