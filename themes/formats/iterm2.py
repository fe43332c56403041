"""Reads and writes iTerm2 color presets (https://iterm2.com/documentation-preferences-profiles-colors.html). Pure."""

from collections.abc import Mapping

from themes.color.oklch import from_display_p3
from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.decoding import unreadable_file
from themes.formats.parsed import UNNAMED, ParsedMapping
from themes.schema import ThemeData, abbreviate, check_name

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
"""Settings that some programs write next to the colors; they are ignored."""
_CHANNELS = ("Red Component", "Green Component", "Blue Component")
_SPACES = ("sRGB", "Calibrated", "P3")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
"""


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has a key of a preset's color."""
    return any(key in _KEYS for key in file.values)


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme, the dark one of a preset with separate colors for dark and light mode.

    Raises ``ThemeError`` with the invalid key in ``param``.
    """
    file.require_keys(_KEYS | _SETTINGS)
    colors = {key: _color(file, key) for key in file.values if key in _KEYS}
    found: dict[str, str] = {}
    for key, token in _TOKENS.items():
        color = next((colors[key + variant] for variant in _VARIANTS if key + variant in colors), None)
        if color is not None:
            found[token] = color
        elif token in ("background", "foreground", *ANSI):
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=key)
    palette = Palette(
        foreground=found["foreground"],
        background=found["background"],
        ansi=tuple(found[token] for token in ANSI),
        cursor=found.get("cursor"),
        cursor_text=found.get("cursorAccent"),
        selection=found.get("selectionBackground"),
        selection_text=found.get("selectionForeground"),
    )
    return theme_from_palette(check_name(given or UNNAMED), palette)


def write(theme: ThemeData) -> str:
    """Return the file's text. The format has no field for the name: iTerm2 uses the file's name."""
    entries = "".join(_entry(key, theme.colors) for key in sorted(_TOKENS))
    return f"{_HEAD}{entries}</dict>\n</plist>\n"


def _color(file: ParsedMapping, key: str) -> str:
    parts = file.child(key)
    parts.require_keys((*_CHANNELS, "Alpha Component", "Color Space"))
    space = parts.values.get("Color Space", "sRGB")
    if space not in _SPACES:
        place = parts.path("Color Space")
        raise unreadable_file(f"The color space {abbreviate(space)} is not supported.", param=place)
    red, green, blue = (_component(parts, channel) for channel in _CHANNELS)
    _component(parts, "Alpha Component", 1.0)
    if space == "P3":
        return from_display_p3(red, green, blue)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in (red, green, blue))


def _component(parts: ParsedMapping, channel: str, otherwise: float | None = None) -> float:
    value = parts.values.get(channel, otherwise)
    # NaN fails this comparison too.
    if not isinstance(value, float) or not 0 <= value <= 1:
        place = parts.path(channel)
        said = "missing" if value is None else abbreviate(value)
        raise ThemeError("color_invalid", f"{place} must be a number from 0 to 1, but is {said}.", param=place)
    return value


def _entry(key: str, colors: Mapping[str, str]) -> str:
    color = colors[_TOKENS[key]]
    lines = [f"\t<key>{key}</key>", "\t<dict>"]
    lines += ["\t\t<key>Alpha Component</key>", "\t\t<real>1</real>"]
    lines += ["\t\t<key>Color Space</key>", "\t\t<string>sRGB</string>"]
    for channel, index in (("Blue", 5), ("Green", 3), ("Red", 1)):
        lines += [f"\t\t<key>{channel} Component</key>", f"\t\t<real>{int(color[index : index + 2], 16) / 255}</real>"]
    return "\n".join([*lines, "\t</dict>", ""])
