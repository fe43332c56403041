"""Reads and writes base16 and base24 schemes (https://github.com/tinted-theming/home). Pure."""

import json
import re

from themes.color.oklch import mix
from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping, variant
from themes.schema import ThemeData, check_color

_ABOUT = ("system", "name", "slug", "author", "description", "variant", "palette", "scheme")
_SIXTEEN = tuple(f"base0{digit:X}" for digit in range(16))
_EIGHT_MORE = tuple(f"base1{digit}" for digit in range(8))
_SHARED = {"black": "base01", "brightBlack": "base02", "white": "base06", "brightWhite": "base07"}
_HUES = ("red", "green", "yellow", "blue", "magenta", "cyan")
_BASE16 = dict(zip(_HUES, ("base08", "base0B", "base0A", "base0D", "base0E", "base0C"), strict=True))
_BASE24 = dict(zip(_HUES, ("base12", "base14", "base13", "base16", "base17", "base15"), strict=True))
_BRIGHT = {f"bright{hue.capitalize()}": slot for hue, slot in _BASE16.items()}
_SLOTS = {
    "base16": {**_SHARED, **_BASE16, **_BRIGHT},
    "base24": {**_SHARED, **_BASE24, **_BRIGHT},
}
_FALLBACKS = dict(
    zip(
        _EIGHT_MORE,
        ("base00", "base00", "base08", "base0A", "base0B", "base0C", "base0D", "base0E"),
        strict=True,
    )
)
_BARE = re.compile(r"[0-9a-fA-F]{6}", re.ASCII)


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a base16 or base24 scheme, in the current or the legacy spelling."""
    return "palette" in file.values or "base00" in file.values or "system" in file.values


def kind(file: ParsedMapping) -> str:
    """Return ``base16`` or ``base24``: the file's ``system``, or else derived from its colors.

    Raises ``ThemeError`` ``format_unknown`` for another system.
    """
    system = file.values.get("system")
    if isinstance(system, str) and system in _SLOTS:
        return system
    if system is not None:
        raise ThemeError("format_unknown", "The system must be base16 or base24.", param="system", choices=list(_SLOTS))
    slots = file.values.get("palette", file.values)
    return "base24" if isinstance(slots, dict) and any(slot in slots for slot in _EIGHT_MORE) else "base16"


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    system = kind(file)
    slots = _SIXTEEN + (_EIGHT_MORE if system == "base24" else ())
    if "palette" in file.values:
        file.require_keys(_ABOUT)
        palette = file.child("palette")
        palette.require_keys(slots)
    else:
        file.require_keys((*_ABOUT, *slots))
        palette = file
    colors = {slot: _color(palette, slot) for slot in slots if slot in palette.values or slot in _SIXTEEN}
    for slot, other in _FALLBACKS.items():
        colors.setdefault(slot, colors[other])
    name = file.name("name" if "name" in file.values else "scheme", given)
    ansi = tuple(colors[_SLOTS[system][token]] for token in ANSI)
    made = Palette(colors["base05"], colors["base00"], ansi, selection=colors["base02"])
    return theme_from_palette(name, made, scheme=variant(file))


def write16(theme: ThemeData) -> str:
    """Return the file's text in base16, which has the six hues in their normal shade only."""
    return _write(theme, "base16")


def write24(theme: ThemeData) -> str:
    """Return the file's text in base24, which has all 16 ANSI colors."""
    return _write(theme, "base24")


def _write(theme: ThemeData, system: str) -> str:
    colors = theme.colors
    # base16 has one slot for a normal and a bright color: the normal color is written.
    held = {slot: colors[token] for token, slot in reversed(_SLOTS[system].items())}
    ground, text = colors["background"], colors["foreground"]
    held |= {
        "base00": ground,
        "base03": mix(ground, text, 0.4),
        "base04": mix(ground, text, 0.7),
        "base05": text,
        "base09": mix(held["base08"], held["base0A"], 0.5),
        "base0F": mix(held["base08"], ground, 0.3),
    }
    if system == "base24":
        held |= {"base10": mix(ground, "#000000", 0.2), "base11": mix(ground, "#000000", 0.4)}
    lines = [f'system: "{system}"', f"name: {json.dumps(theme.name, ensure_ascii=False)}", 'author: ""']
    lines += [f'variant: "{theme.scheme}"', "palette:", *(f'  {slot}: "{held[slot]}"' for slot in sorted(held))]
    return "\n".join(lines) + "\n"


def _color(palette: ParsedMapping, slot: str) -> str:
    value = palette.values.get(slot)
    if isinstance(value, str) and _BARE.fullmatch(value):
        return check_color(f"#{value}", slot)
    return palette.color(slot)
