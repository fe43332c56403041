"""Decodes untrusted bytes to text, before any parser reads it. Pure."""

from typing import Any

from themes.errors import ThemeError
from themes.schema import MAX_THEME_BYTES


def decode(data: bytes) -> str:
    """Return the text. Raises ``ThemeError`` ``file_too_large`` above 50 KiB, ``file_unreadable`` if not UTF-8."""
    if len(data) > MAX_THEME_BYTES:
        raise ThemeError(
            "file_too_large",
            f"A theme file can have at most {MAX_THEME_BYTES // 1024} KB.",
            param="file",
            limit=MAX_THEME_BYTES,
        )
    if data.startswith(b"bplist"):
        raise unreadable_file("This is a binary property list. Save it as XML (plutil -convert xml1) and try again.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable_file("The file is not UTF-8 text.", line=data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise unreadable_file(
            "The file contains a NUL character, so it is not text.", line=text.count("\n", 0, text.index("\0")) + 1
        )
    if not text.strip():
        raise unreadable_file("The file is empty.")
    return text


def unreadable_file(message: str, *, param: str = "file", **details: Any) -> ThemeError:
    """Return the error of a malformed file; ``details`` may have its ``line`` and ``column``."""
    return ThemeError("file_unreadable", message, param=param, **details)


def unknown_format() -> ThemeError:
    """Return the error of a well-formed file that is not a supported theme."""
    return ThemeError(
        "format_unknown",
        "The theme format is not supported. Choose a theme file of Alphanumeric, Windows Terminal, iTerm2, base16, "
        "base24 or iTerm2-Color-Schemes.",
        param="file",
    )
