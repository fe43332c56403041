"""From a stranger's bytes to text that parsers may see. Pure."""

from typing import Any

from themes.errors import ThemeError
from themes.schema import MAX_THEME_BYTES


def decode(data: bytes) -> str:
    """The text of a file that is small enough, and text. Raises ``ThemeError`` before anything has parsed it."""
    if len(data) > MAX_THEME_BYTES:
        raise ThemeError(
            "file_too_large",
            f"A theme's file has at most {MAX_THEME_BYTES // 1024} KB.",
            param="file",
            limit=MAX_THEME_BYTES,
        )
    if data.startswith(b"bplist"):
        raise unreadable_file("This is a binary property list. Save it as XML (plutil -convert xml1) and try again.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable_file("The file is not text in UTF-8.", line=data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise unreadable_file(
            "The file has a NUL in it, so it is not text.", line=text.count("\n", 0, text.index("\0")) + 1
        )
    if not text.strip():
        raise unreadable_file("The file is empty.")
    return text


def unreadable_file(message: str, *, param: str = "file", **details: Any) -> ThemeError:
    """What is said of a file that is broken; ``details`` may have its ``line`` and ``column``."""
    return ThemeError("file_unreadable", message, param=param, **details)


def unknown_format() -> ThemeError:
    """What is said of a file that is whole, but no theme."""
    return ThemeError(
        "format_unknown",
        "This is no theme that can be read here. Choose a file of Alphanumeric, Windows Terminal, iTerm2, base16, "
        "base24 or iTerm2-Color-Schemes.",
        param="file",
    )
