"""Recognizes files of unsupported formats, so that the error names their program. Pure."""

from collections.abc import Mapping

from themes.errors import ThemeError
from themes.formats.decoding import unknown_format
from themes.formats.parsed import ParsedMapping

_STARTS = {
    b"PK\x03\x04": "This is a ZIP archive. Extract it, and import one of its files.",
    b"\x1f\x8b": "This is a gzip archive. Extract it, and import one of its files.",
    b"version https://git-lfs": "This is a Git LFS pointer, not the file itself. Download the file.",
}
_KEYS: Mapping[tuple[str, str], str] = {
    ("yaml", "terminal_colors"): "Warp: This format is not supported.",
    ("assignments", "Color0"): "Konsole: This format is not supported.",
    ("assignments", "ForegroundColour"): "mintty: This format is not supported.",
    ("plist", "settings"): "TextMate: This format has no terminal colors.",
    ("json", "globals"): "Sublime Text: This format has no terminal colors.",
    ("json", "themes"): "Zed: This format is not supported.",
    ("toml", "import"): "Alacritty: The file has no colors. Import the file that it names.",
    ("toml", "general"): "Alacritty: The file has no colors. Import the file that it names.",
    ("assignments", "theme"): "Ghostty: The file has no colors. Import the file of its theme.",
    ("words", "include"): "kitty: The file has no colors. Import the file that it includes.",
}
"""Messages by the syntax of a file and a key that is typical of the program."""


def unsupported_start(data: bytes) -> ThemeError | None:
    """Return the error of a file that is recognized by its first bytes, ``None`` for another."""
    return next((unknown_format(message) for start, message in _STARTS.items() if data.startswith(start)), None)


def unsupported(file: ParsedMapping) -> ThemeError:
    """Return the error of a file that no format matches."""
    for (syntax, key), message in _KEYS.items():
        if file.syntax == syntax and key in file.values:
            return unknown_format(message)
    return unknown_format()
