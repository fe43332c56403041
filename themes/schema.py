"""The schema of themes: validates every color, name and size from outside. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.limits import registry
from themes.errors import ThemeError
from themes.tokens import BY_NAME, FONTS, LINE_HEIGHTS, SCHEMES, SIZES, TOKENS, Scheme

MAX_NAME_LENGTH = registry.MAX_THEME_NAME_LENGTH.default
MAX_THEME_BYTES = registry.MAX_THEME_BYTES.default
"""Largest size of a theme file, and of a theme in any other form."""
MAX_ECHO = 40
"""Characters of an untrusted value that an error message repeats."""

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", re.ASCII)
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Zero width non-joiner and joiner, which Persian and Indic scripts and composed emoji contain."""


@dataclass(frozen=True, slots=True)
class Typography:
    """Font (a name of ``tokens.FONTS``), size in CSS pixels, and line height as a multiple of the size."""

    font: str = "system"
    size: int = 16
    line_height: float = 1.6

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"font": self.font, "size": self.size, "lineHeight": self.line_height}


@dataclass(frozen=True, slots=True)
class ThemeData:
    """A complete theme: a color in ``#rrggbb`` (lower case) for every token, in token order."""

    name: str
    scheme: Scheme
    colors: Mapping[str, str]
    typography: Typography = Typography()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; ``parse_theme`` is its inverse."""
        return {
            "name": self.name,
            "scheme": self.scheme,
            "colors": dict(self.colors),
            "typography": self.typography.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ThemePatch:
    """A partial edit. ``None`` leaves a field unchanged; a color of ``None`` is reset to the theme's origin."""

    name: str | None = None
    scheme: Scheme | None = None
    colors: Mapping[str, str | None] | None = None
    typography: Mapping[str, Any] | None = None


def parse_theme(value: object) -> ThemeData:
    """Validate a complete canonical theme. Raises ``ThemeError`` with the invalid field in ``param``."""
    fields = _object(value, "theme")
    _reject_unknown_keys(fields, ("name", "scheme", "colors", "typography"), "")
    for name in ("name", "scheme", "colors"):
        if name not in fields:
            raise ThemeError("theme_incomplete", f"The theme has no {name}.", param=name)
    colors = check_colors(fields["colors"])
    for token in TOKENS:
        if token.name not in colors:
            place = f"colors.{token.name}"
            raise ThemeError("theme_incomplete", f"The theme has no color {token.name}.", param=place)
    return ThemeData(
        check_name(fields["name"]),
        check_scheme(fields["scheme"]),
        sort_by_token(colors),
        apply_typography(Typography(), _object(fields.get("typography", {}), "typography")),
    )


def parse_patch(value: Mapping[str, Any]) -> ThemePatch:
    """Validate a partial edit. Raises ``ThemeError`` with the invalid field in ``param``."""
    _reject_unknown_keys(value, ("name", "scheme", "colors", "typography"), "")
    typography = _object(value["typography"], "typography") if "typography" in value else None
    if typography is not None:
        apply_typography(Typography(), typography)
    return ThemePatch(
        name=check_name(value["name"]) if "name" in value else None,
        scheme=check_scheme(value["scheme"]) if "scheme" in value else None,
        colors=check_colors(value["colors"], resets=True) if "colors" in value else None,
        typography=typography,
    )


def apply_patch(theme: ThemeData, edit: ThemePatch, origin: Mapping[str, str]) -> ThemeData:
    """Return the edited theme; ``origin`` has the colors that resets restore."""
    changes = {name: origin[name] if value is None else value for name, value in (edit.colors or {}).items()}
    return replace(
        theme,
        name=edit.name or theme.name,
        scheme=edit.scheme or theme.scheme,
        colors={**theme.colors, **changes},
        typography=apply_typography(theme.typography, edit.typography or {}),
    )


def sort_by_token(colors: Mapping[str, str]) -> dict[str, str]:
    """Return the colors in token order."""
    return {token.name: colors[token.name] for token in TOKENS if token.name in colors}


def check_name(value: object) -> str:
    """Return the name in NFC: 1 to 60 characters, all visible. Raises ``ThemeError`` ``name_invalid``."""
    if isinstance(value, str):
        name = unicodedata.normalize("NFC", value).strip()
        if 0 < len(name) <= MAX_NAME_LENGTH and all(is_visible(name, place) for place in range(len(name))):
            return name
    raise ThemeError(
        "name_invalid",
        f"A name must have 1 to {MAX_NAME_LENGTH} characters, without invisible characters.",
        param="name",
        limit=MAX_NAME_LENGTH,
    )


def is_visible(name: str, place: int) -> bool:
    """Return whether the character can be part of a name; a joiner can between two letters or emoji that it joins."""
    if name[place] not in _JOINERS:
        return unicodedata.category(name[place]) not in _FORBIDDEN
    return 0 < place < len(name) - 1 and all(
        not other.isascii() and unicodedata.category(other)[0] in "LMS" for other in (name[place - 1], name[place + 1])
    )


def check_scheme(value: object) -> Scheme:
    """Return ``dark`` or ``light``. Raises ``ThemeError`` ``scheme_invalid``."""
    for scheme in SCHEMES:
        if value == scheme:
            return scheme
    raise ThemeError("scheme_invalid", "The scheme must be dark or light.", param="scheme", choices=list(SCHEMES))


def check_color(value: object, place: str) -> str:
    """Return ``#rrggbb`` or ``#rgb`` as ``#rrggbb`` in lower case. Raises ``ThemeError`` ``color_invalid``."""
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise ThemeError(
            "color_invalid", f"{place} is {abbreviate(value)}, which is not a color such as #1e90ff.", param=place
        )
    digits = value[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def check_colors(value: object, *, resets: bool = False) -> dict[str, Any]:
    """Validate colors by token; ``resets`` allows ``None``. Raises ``ThemeError`` with the token in ``param``."""
    checked: dict[str, str | None] = {}
    for name, color in _object(value, "colors").items():
        place = f"colors.{name[:MAX_ECHO]}"
        if name not in BY_NAME:
            raise ThemeError("token_unknown", f"There is no color {abbreviate(name)}.", param=place)
        checked[name] = None if resets and color is None else check_color(color, place)
    return checked


def apply_typography(base: Typography, changes: Mapping[str, Any]) -> Typography:
    """Return ``base`` with the changes. Raises ``ThemeError`` ``typography_invalid``."""
    _reject_unknown_keys(changes, ("font", "size", "lineHeight"), "typography.")
    made = base
    if "font" in changes:
        if not isinstance(changes["font"], str) or changes["font"] not in FONTS:
            raise ThemeError(
                "typography_invalid",
                f"There is no font {abbreviate(changes['font'])}. Available: {', '.join(FONTS)}.",
                param="typography.font",
                choices=list(FONTS),
            )
        made = replace(made, font=changes["font"])
    if "size" in changes:
        size = _number(changes["size"], SIZES, "typography.size", "size")
        if size != int(size):
            raise ThemeError(
                "typography_invalid", "The size must be a whole number of pixels.", param="typography.size"
            )
        made = replace(made, size=int(size))
    if "lineHeight" in changes:
        height = _number(changes["lineHeight"], LINE_HEIGHTS, "typography.lineHeight", "line height")
        made = replace(made, line_height=round(height, 1))
    return made


def abbreviate(value: object) -> str:
    """Shorten an untrusted value for an error message."""
    text = repr(value) if not isinstance(value, str) else f'"{value[: MAX_ECHO + 1]}"'
    return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"


def _number(value: object, bounds: tuple[float, float], place: str, what: str) -> float:
    least, largest = bounds
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= largest:
        raise ThemeError(
            "typography_invalid",
            f"The {what} must be a number from {least:g} to {largest:g}.",
            param=place,
            limit=list(bounds),
        )
    return value


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ThemeError("theme_invalid", f"The {place} must be an object.", param=None if place == "theme" else place)
    return value


def _reject_unknown_keys(fields: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for name in fields:
        if name not in known:
            raise ThemeError(
                "key_unknown",
                f"A theme has no key {abbreviate(name)}.",
                param=f"{prefix}{name[:MAX_ECHO]}",
                choices=list(known),
            )
