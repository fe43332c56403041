"""Reads and writes iTerm2's color presets, and reads its profiles in property lists and JSON. Pure.

Format: https://iterm2.com/documentation-preferences-profiles-colors.html.
"""

from collections.abc import Mapping
from dataclasses import replace

from themes.color.oklch import from_display_p3
from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.decoding import unreadable_file
from themes.formats.parsed import ParsedMapping
from themes.schema import ThemeData, abbreviate

_TOKENS = {
    **{f"Ansi {number} Color": token for number, token in enumerate(ANSI)},
    "Background Color": "background",
    "Foreground Color": "foreground",
    "Cursor Color": "cursor",
    "Cursor Text Color": "cursorAccent",
    "Selection Color": "selectionBackground",
    "Selected Text Color": "selectionForeground",
}
_REQUIRED = ("Background Color", "Foreground Color", *(f"Ansi {number} Color" for number in range(16)))
_DARK, _LIGHT = " (Dark)", " (Light)"
_ORDER = {"": ("", _DARK, _LIGHT), _DARK: (_DARK, "", _LIGHT), _LIGHT: (_LIGHT, "", _DARK)}
"""Suffixes of a key in the order in which they are looked up, by the mode that is read."""
_SEPARATE = "Use Separate Colors for Light and Dark Mode"
_LISTS = ("New Bookmarks", "Profiles", "Bookmarks")
"""Keys of the profiles in iTerm2's settings, and in files of dynamic profiles."""
_CHANNELS = ("Red Component", "Green Component", "Blue Component")
_SPACES = ("sRGB", "Calibrated", "P3")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
"""


def matches(file: ParsedMapping) -> bool:
    """Return whether the file has a key of a preset's color, or a list of profiles that have."""
    return _has_colors(file) or any(_has_colors(profile) for profile in _profiles(file))


def schemes(file: ParsedMapping) -> list[ParsedMapping]:
    """Return the file's profiles; one with separate colors for dark and light mode is two schemes, the dark one first.

    A preset has separate colors if it has keys of them, a profile if it does not say otherwise, as in iTerm2.
    """
    found: list[ParsedMapping] = []
    for profile in [file] if _has_colors(file) else [one for one in _profiles(file) if _has_colors(one)]:
        modes = [mode for mode in (_DARK, _LIGHT) if any(f"{key}{mode}" in profile.values for key in _REQUIRED)]
        if profile.values.get(_SEPARATE) is False or not modes:
            modes = [""]
        found += [replace(profile.apart(), mode=mode.strip(" ()")) for mode in modes]
    return found


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of a profile or preset, in its ``mode``. Raises ``ThemeError`` with the key in ``param``."""
    suffixes = _ORDER[f" ({file.mode})" if file.mode else ""]
    used: dict[str, str] = {}
    for key, token in _TOKENS.items():
        found = next((key + suffix for suffix in suffixes if key + suffix in file.values), None)
        if found is not None:
            used[token] = found
        elif key in _REQUIRED:
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=file.path(key))
    _note_unused(file, frozenset(used.values()))
    colors = {token: _color(file, key) for token, key in used.items()}
    palette = Palette(
        foreground=colors["foreground"],
        background=colors["background"],
        ansi=tuple(colors[token] for token in ANSI),
        cursor=colors.get("cursor"),
        cursor_text=colors.get("cursorAccent"),
        selection=colors.get("selectionBackground"),
        selection_text=colors.get("selectionForeground"),
    )
    return theme_from_palette(file.name(("Name",), given), palette)


def write(theme: ThemeData) -> str:
    """Return the file's text. The format has no field for the name: iTerm2 uses the file's name."""
    entries = "".join(_entry(key, theme.colors) for key in sorted(_TOKENS))
    return f"{_HEAD}{entries}</dict>\n</plist>\n"


def _color(file: ParsedMapping, key: str) -> str:
    parts = file.child(key)
    for part in parts.values:
        if part not in (*_CHANNELS, "Alpha Component", "Color Space"):
            file.notes.ignore(parts.path(part))
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
    # NaN fails this comparison too. JSON has integers, of which 1 is one.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        place = parts.path(channel)
        said = "missing" if value is None else abbreviate(value)
        raise ThemeError("color_invalid", f"{place} must be a number from 0 to 1, but is {said}.", param=place)
    return float(value)


def _has_colors(file: ParsedMapping) -> bool:
    return any(key + suffix in file.values for key in _TOKENS for suffix in _ORDER)


def _profiles(file: ParsedMapping) -> list[ParsedMapping]:
    return [profile for key in _LISTS for profile in file.children(key)]


def _note_unused(file: ParsedMapping, used: frozenset[str]) -> None:
    """Note the colors that are not read. The other settings of a profile are not part of any theme."""
    others = tuple(suffix for suffix in (_DARK, _LIGHT) if file.mode and suffix != f" ({file.mode})")
    for key, value in file.values.items():
        is_other_mode = bool(others) and key.endswith(others)
        if isinstance(value, dict) and "Red Component" in value and key not in used and not is_other_mode:
            file.notes.ignore(file.path(key))
    if file.mode:
        file.notes.remark(
            f"The file has separate colors for dark and light mode; these are for {file.mode.lower()} mode."
        )


def _entry(key: str, colors: Mapping[str, str]) -> str:
    color = colors[_TOKENS[key]]
    lines = [f"\t<key>{key}</key>", "\t<dict>"]
    lines += ["\t\t<key>Alpha Component</key>", "\t\t<real>1</real>"]
    lines += ["\t\t<key>Color Space</key>", "\t\t<string>sRGB</string>"]
    for channel, index in (("Blue", 5), ("Green", 3), ("Red", 1)):
        lines += [f"\t\t<key>{channel} Component</key>", f"\t\t<real>{int(color[index : index + 2], 16) / 255}</real>"]
    return "\n".join([*lines, "\t</dict>", ""])
