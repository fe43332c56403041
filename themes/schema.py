"""What a theme may be: the one door through which every color, name and size comes in. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from themes.errors import ThemeError
from themes.tokens import BY_NAME, FONTS, LINE_HEIGHTS, SCHEMES, SIZES, TOKENS, Scheme

MAX_NAME_LENGTH = 60
MAX_THEME_BYTES = 50 * 1024
"""Of a file to import, and of a theme in any form."""
MAX_ECHO = 40
"""Characters of a stranger's value that an error repeats."""

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", re.ASCII)
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Typography:
    """How the text is set: a font of ``tokens.FONTS``, its size in CSS pixels, a multiple of it for each line."""

    font: str = "system"
    size: int = 16
    line_height: float = 1.6

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"font": self.font, "size": self.size, "lineHeight": self.line_height}


@dataclass(frozen=True, slots=True)
class ThemeData:
    """A whole theme: a color in ``#rrggbb`` (lower case) for every token, in the order of the tokens."""

    name: str
    scheme: Scheme
    colors: Mapping[str, str]
    typography: Typography = Typography()

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; ``parse_theme`` reads it back without loss."""
        return {
            "name": self.name,
            "scheme": self.scheme,
            "colors": dict(self.colors),
            "typography": self.typography.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ThemePatch:
    """What an edit changes; ``None`` leaves it, a color that is ``None`` goes back to where the theme began."""

    name: str | None = None
    scheme: Scheme | None = None
    colors: Mapping[str, str | None] | None = None
    typography: Mapping[str, Any] | None = None


def parse_theme(value: object) -> ThemeData:
    """A canonical theme, all of it. Raises ``ThemeError`` naming the place."""
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
    """An edit: any of a theme's fields, any of its colors. Raises ``ThemeError`` naming the place."""
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
    """The theme with the edit made; ``origin`` has the colors that resets go back to."""
    changes = {name: origin[name] if value is None else value for name, value in (edit.colors or {}).items()}
    return replace(
        theme,
        name=edit.name or theme.name,
        scheme=edit.scheme or theme.scheme,
        colors={**theme.colors, **changes},
        typography=apply_typography(theme.typography, edit.typography or {}),
    )


def sort_by_token(colors: Mapping[str, str]) -> dict[str, str]:
    """The same colors in the order of the tokens."""
    return {token.name: colors[token.name] for token in TOKENS if token.name in colors}


def check_name(value: object) -> str:
    """A name of 1 to 60 characters that can be shown. Raises ``ThemeError`` ``name_invalid``."""
    if isinstance(value, str):
        name = unicodedata.normalize("NFC", value).strip()
        if 0 < len(name) <= MAX_NAME_LENGTH and not any(unicodedata.category(letter) in _FORBIDDEN for letter in name):
            return name
    raise ThemeError(
        "name_invalid",
        f"A name has 1 to {MAX_NAME_LENGTH} characters, and none that cannot be seen.",
        param="name",
        limit=MAX_NAME_LENGTH,
    )


def check_scheme(value: object) -> Scheme:
    """``dark`` or ``light``. Raises ``ThemeError`` ``scheme_invalid``."""
    for scheme in SCHEMES:
        if value == scheme:
            return scheme
    raise ThemeError("scheme_invalid", "The scheme is dark or light.", param="scheme", choices=list(SCHEMES))


def check_color(value: object, place: str) -> str:
    """A color in ``#rrggbb``, lower case, from that or ``#rgb``. Raises ``ThemeError`` ``color_invalid``."""
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise ThemeError(
            "color_invalid", f"{place} is {abbreviate(value)}, which is no color such as #1e90ff.", param=place
        )
    digits = value[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def check_colors(value: object, *, resets: bool = False) -> dict[str, Any]:
    """Colors by token; with ``resets`` they may be ``None``. Raises ``ThemeError`` naming the token."""
    checked: dict[str, str | None] = {}
    for name, color in _object(value, "colors").items():
        place = f"colors.{name[:MAX_ECHO]}"
        if name not in BY_NAME:
            raise ThemeError("token_unknown", f"There is no color {abbreviate(name)}.", param=place)
        checked[name] = None if resets and color is None else check_color(color, place)
    return checked


def apply_typography(base: Typography, changes: Mapping[str, Any]) -> Typography:
    """``base`` with some of it set anew. Raises ``ThemeError`` ``typography_invalid``."""
    _reject_unknown_keys(changes, ("font", "size", "lineHeight"), "typography.")
    made = base
    if "font" in changes:
        if not isinstance(changes["font"], str) or changes["font"] not in FONTS:
            raise ThemeError(
                "typography_invalid",
                f"There is no font {abbreviate(changes['font'])}. There is: {', '.join(FONTS)}.",
                param="typography.font",
                choices=list(FONTS),
            )
        made = replace(made, font=changes["font"])
    if "size" in changes:
        size = _number(changes["size"], SIZES, "typography.size", "size")
        if size != int(size):
            raise ThemeError("typography_invalid", "The size is a whole number of pixels.", param="typography.size")
        made = replace(made, size=int(size))
    if "lineHeight" in changes:
        height = _number(changes["lineHeight"], LINE_HEIGHTS, "typography.lineHeight", "line height")
        made = replace(made, line_height=round(height, 1))
    return made


def abbreviate(value: object) -> str:
    """A stranger's value, short enough to be repeated in an error."""
    text = repr(value) if not isinstance(value, str) else f'"{value[: MAX_ECHO + 1]}"'
    return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"


def _number(value: object, bounds: tuple[float, float], place: str, what: str) -> float:
    least, largest = bounds
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= largest:
        raise ThemeError(
            "typography_invalid",
            f"The {what} is a number from {least:g} to {largest:g}.",
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
                f"There is no key {abbreviate(name)} in a theme.",
                param=f"{prefix}{name[:MAX_ECHO]}",
                choices=list(known),
            )
