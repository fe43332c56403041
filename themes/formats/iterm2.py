"""iTerm2's colour presets: https://iterm2.com/documentation-preferences-profiles-colors.html. Pure."""

from collections.abc import Mapping

from themes.derive import ANSI, Palette, derive
from themes.errors import ThemeError
from themes.formats.mapping import UNNAMED, Mapped
from themes.formats.text import unreadable
from themes.oklch import from_display_p3
from themes.validation import Document, check_name, quoted

_TOKENS = {
    **{f"Ansi {number} Color": token for number, token in enumerate(ANSI)},
    "Background Color": "background",
    "Foreground Color": "foreground",
    "Cursor Color": "cursor",
    "Cursor Text Color": "cursorAccent",
    "Selection Color": "selectionBackground",
    "Selected Text Color": "selectionForeground",
}
_UNUSED = ("Bold", "Link", "Badge", "Tab", "Cursor Guide", "Underline", "Match Background", "Active Pane Border")
_VARIANTS = ("", " (Dark)", " (Light)")
_KEYS = frozenset(
    f"{key}{variant}" for key in (*_TOKENS, *(f"{name} Color" for name in _UNUSED)) for variant in _VARIANTS
)
_SETTINGS = frozenset(
    f"{name}{variant}"
    for name in (
        *("Use Separate Colors for Light and Dark Mode", "Use Tab Color", "Use Underline Color", "Use Cursor Guide"),
        *("Use Selected Text Color", "Smart Cursor Color", "Cursor Boost", "Minimum Contrast", "Faint Text Alpha"),
        *("Use Bright Bold", "Brighten Bold Text"),
    )
    for variant in _VARIANTS
)
"""What some programs write beside the colours; it says nothing about them that is needed here."""
_CHANNELS = ("Red Component", "Green Component", "Blue Component")
_SPACES = ("sRGB", "Calibrated", "P3")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
"""


def recognises(file: Mapped) -> bool:
    """Whether any of this is a colour of a preset."""
    return any(key in _KEYS for key in file.values)


def read(file: Mapped, given: str | None) -> Document:
    """The theme; of a preset for light and dark that has no colours for both, the dark one."""
    file.only(_KEYS | _SETTINGS)
    colours = {key: _colour(file, key) for key in file.values if key in _KEYS}
    found: dict[str, str] = {}
    for key, token in _TOKENS.items():
        colour = next((colours[key + variant] for variant in _VARIANTS if key + variant in colours), None)
        if colour is not None:
            found[token] = colour
        elif token in ("background", "foreground", *ANSI):
            raise ThemeError("theme_incomplete", f"The file has no colour {key}.", param=key)
    palette = Palette(
        foreground=found["foreground"],
        background=found["background"],
        ansi=tuple(found[token] for token in ANSI),
        cursor=found.get("cursor"),
        cursor_text=found.get("cursorAccent"),
        selection=found.get("selectionBackground"),
        selection_text=found.get("selectionForeground"),
    )
    return derive(check_name(given or UNNAMED), palette)


def write(theme: Document) -> str:
    """The theme as a preset; its name is the file's."""
    entries = "".join(_entry(key, theme.colours) for key in sorted(_TOKENS))
    return f"{_HEAD}{entries}</dict>\n</plist>\n"


def _colour(file: Mapped, key: str) -> str:
    parts = file.inside(key)
    parts.only((*_CHANNELS, "Alpha Component", "Color Space"))
    space = parts.values.get("Color Space", "sRGB")
    if space not in _SPACES:
        place = parts.place("Color Space")
        raise unreadable(f"{quoted(space)} is no colour space that is read here.", param=place)
    red, green, blue = (_component(parts, channel) for channel in _CHANNELS)
    _component(parts, "Alpha Component", 1.0)
    if space == "P3":
        return from_display_p3(red, green, blue)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in (red, green, blue))


def _component(parts: Mapped, channel: str, otherwise: float | None = None) -> float:
    value = parts.values.get(channel, otherwise)
    # Anything that is not between, not a number (NaN) included, fails this comparison.
    if not isinstance(value, float) or not 0 <= value <= 1:
        place = parts.place(channel)
        said = "missing" if value is None else quoted(value)
        raise ThemeError("colour_invalid", f"{place} is {said}, and must be a number from 0 to 1.", param=place)
    return value


def _entry(key: str, colours: Mapping[str, str]) -> str:
    colour = colours[_TOKENS[key]]
    lines = [f"\t<key>{key}</key>", "\t<dict>"]
    lines += ["\t\t<key>Alpha Component</key>", "\t\t<real>1</real>"]
    lines += ["\t\t<key>Color Space</key>", "\t\t<string>sRGB</string>"]
    for channel, index in (("Blue", 5), ("Green", 3), ("Red", 1)):
        lines += [f"\t\t<key>{channel} Component</key>", f"\t\t<real>{int(colour[index : index + 2], 16) / 255}</real>"]
    return "\n".join([*lines, "\t</dict>", ""])
