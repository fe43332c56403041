"""Reads and writes base16 and base24 schemes (https://github.com/tinted-theming/home). Pure.

ANSI colors are those of the project's own terminal templates (black is base00, white is base05, bright black is
base03). Its styling pages up to version 0.4.2 gave others, which no template follows.
"""

import json
from collections.abc import Mapping

from themes.color.oklch import mix
from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping, variant
from themes.formats.slots import fold
from themes.schema import ThemeData, abbreviate

_ABOUT = ("system", "name", "slug", "author", "description", "variant", "palette", "scheme")
_SIXTEEN = tuple(f"base0{digit:X}" for digit in range(16))
_EIGHT_MORE = tuple(f"base1{digit}" for digit in range(8))
_BY_FOLDED = {slot.lower(): slot for slot in (*_SIXTEEN, *_EIGHT_MORE)}
_SHARED = {"black": "base00", "brightBlack": "base03", "white": "base05", "brightWhite": "base07"}
_HUES = ("red", "green", "yellow", "blue", "magenta", "cyan")
_BRIGHT = tuple(f"bright{hue.capitalize()}" for hue in _HUES)
_NORMAL_SLOTS = ("base08", "base0B", "base0A", "base0D", "base0E", "base0C")
_BRIGHT_SLOTS = ("base12", "base14", "base13", "base16", "base17", "base15")
_NORMAL = dict(zip(_HUES, _NORMAL_SLOTS, strict=True))
_SLOTS = {
    "base16": {**_SHARED, **_NORMAL, **dict(zip(_BRIGHT, _NORMAL_SLOTS, strict=True))},
    "base24": {**_SHARED, **_NORMAL, **dict(zip(_BRIGHT, _BRIGHT_SLOTS, strict=True))},
}
_FALLBACKS = {"base10": "base00", "base11": "base00", **dict(zip(_BRIGHT_SLOTS, _NORMAL_SLOTS, strict=True))}


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a base16 or base24 scheme, in the current or the legacy spelling."""
    keys = {fold(key) for key in file.values}
    return "base00" in keys or "system" in keys or ("palette" in keys and "colors" not in keys) or _nested(file)


def is_base24(file: ParsedMapping) -> bool:
    """Return whether the file's ``system`` is base24, or, without a system, whether it has colors of base24 only."""
    system = file.values.get("system")
    if system is not None:
        return isinstance(system, str) and system.strip().lower() == "base24"
    slots = file.values.get("palette", file.values)
    return isinstance(slots, Mapping) and any(fold(slot) in _EIGHT_MORE for slot in slots)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme. Raises ``ThemeError`` with the invalid key in ``param``."""
    _check_system(file)
    system = "base24" if is_base24(file) else "base16"
    slots = _SIXTEEN + (_EIGHT_MORE if system == "base24" else ())
    palette = file.child("palette") if "palette" in file.values else file
    keys: dict[str, str] = {}
    for key in palette.values:
        slot = _BY_FOLDED.get(fold(key), "")
        if slot in slots and slot not in keys:
            keys[slot] = key
        elif palette is not file or key not in _ABOUT:
            file.notes.ignore(palette.path(key))
    if palette is not file:
        for key in file.values:
            if key not in _ABOUT:
                file.notes.ignore(file.path(key))
    colors = {slot: palette.color(keys.get(slot, slot)).rgb for slot in slots if slot in keys or slot in _SIXTEEN}
    for slot, other in _FALLBACKS.items():
        colors.setdefault(slot, colors[other])
    ansi = tuple(colors[_SLOTS[system][token]] for token in ANSI)
    made = Palette(colors["base05"], colors["base00"], ansi, selection=colors["base02"])
    return theme_from_palette(file.name(("name", "scheme"), given), made, scheme=variant(file))


def write16(theme: ThemeData) -> str:
    """Return the file's text in base16, which has the six hues in their normal shade only."""
    return _write(theme, "base16")


def write24(theme: ThemeData) -> str:
    """Return the file's text in base24, which has the six hues in both shades."""
    return _write(theme, "base24")


def _write(theme: ThemeData, system: str) -> str:
    colors = theme.colors
    # base16 has one slot for a normal and a bright color: the normal color is written.
    held = {slot: colors[token] for token, slot in reversed(_SLOTS[system].items())}
    ground, text = colors["background"], colors["foreground"]
    held |= {
        "base00": ground,
        "base01": mix(ground, text, 0.1),
        "base02": colors["selectionBackground"],
        "base04": mix(ground, text, 0.7),
        "base05": text,
        "base06": mix(text, held["base07"], 0.5),
        "base09": mix(held["base08"], held["base0A"], 0.5),
        "base0F": mix(held["base08"], ground, 0.3),
    }
    if system == "base24":
        held |= {"base10": mix(ground, "#000000", 0.2), "base11": mix(ground, "#000000", 0.4)}
    lines = [f'system: "{system}"', f"name: {json.dumps(theme.name, ensure_ascii=False)}", 'author: ""']
    lines += [f'variant: "{theme.scheme}"', "palette:", *(f'  {slot}: "{held[slot]}"' for slot in sorted(held))]
    return "\n".join(lines) + "\n"


def _check_system(file: ParsedMapping) -> None:
    about = file.child("scheme") if _nested(file) else file
    system = about.values.get("system")
    if system is not None and (not isinstance(system, str) or system.strip().lower() not in _SLOTS):
        raise ThemeError(
            "format_unknown",
            f"The system {abbreviate(system)} is not supported. It must be base16 or base24.",
            param=about.path("system"),
            choices=list(_SLOTS),
        )


def _nested(file: ParsedMapping) -> bool:
    """Return whether the file describes itself in an object, as tinted8 does."""
    scheme = file.at("scheme")
    return scheme is not None and "system" in scheme.values
