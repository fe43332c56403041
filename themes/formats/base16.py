"""The base16 and base24 schemes of Tinted Theming: https://github.com/tinted-theming/home. Pure."""

import json
import re

from themes.derive import ANSI, Palette, derive
from themes.errors import ThemeError
from themes.formats.mapping import Mapped, variant
from themes.oklch import mix
from themes.validation import Document, check_colour

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


def recognises(file: Mapped) -> bool:
    """Whether this is a scheme of either kind, in the present or the former spelling."""
    return "palette" in file.values or "base00" in file.values or "system" in file.values


def kind(file: Mapped) -> str:
    """``base16`` or ``base24``: what the file says, or else what its colours are."""
    system = file.values.get("system")
    if isinstance(system, str) and system in _SLOTS:
        return system
    if system is not None:
        raise ThemeError("format_unknown", "The system is base16 or base24.", param="system", choices=list(_SLOTS))
    slots = file.values.get("palette", file.values)
    return "base24" if isinstance(slots, dict) and any(slot in slots for slot in _EIGHT_MORE) else "base16"


def read(file: Mapped, given: str | None) -> Document:
    """The theme. Raises ``ThemeError`` naming the place."""
    system = kind(file)
    slots = _SIXTEEN + (_EIGHT_MORE if system == "base24" else ())
    if "palette" in file.values:
        file.only(_ABOUT)
        palette = file.inside("palette")
        palette.only(slots)
    else:
        file.only((*_ABOUT, *slots))
        palette = file
    colours = {slot: _colour(palette, slot) for slot in slots if slot in palette.values or slot in _SIXTEEN}
    for slot, other in _FALLBACKS.items():
        colours.setdefault(slot, colours[other])
    name = file.name("name" if "name" in file.values else "scheme", given)
    ansi = tuple(colours[_SLOTS[system][token]] for token in ANSI)
    made = Palette(colours["base05"], colours["base00"], ansi, selection=colours["base02"])
    return derive(name, made, scheme=variant(file))


def write16(theme: Document) -> str:
    """The theme in base16: the sixteen colours, of which the six hues come once."""
    return _write(theme, "base16")


def write24(theme: Document) -> str:
    """The theme in base24: the sixteen colours, all of them."""
    return _write(theme, "base24")


def _write(theme: Document, system: str) -> str:
    colours = theme.colours
    # Where base16 has one place for a normal and a bright colour, the normal one is kept.
    held = {slot: colours[token] for token, slot in reversed(_SLOTS[system].items())}
    ground, text = colours["background"], colours["foreground"]
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


def _colour(palette: Mapped, slot: str) -> str:
    value = palette.values.get(slot)
    if isinstance(value, str) and _BARE.fullmatch(value):
        return check_colour(f"#{value}", slot)
    return palette.colour(slot)
