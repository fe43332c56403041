"""Decodes untrusted bytes to text, before any parser reads it. Pure."""

import codecs
from typing import Any

from themes.errors import ThemeError
from themes.schema import MAX_THEME_BYTES

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_size(data: bytes) -> None:
    """Raise ``ThemeError`` ``file_too_large`` above 50 KiB."""
    if len(data) > MAX_THEME_BYTES:
        raise too_large_file()


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16.

    Raises ``ThemeError`` ``file_too_large`` above 50 KiB, ``file_unreadable`` if it is neither.
    """
    check_size(data)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = "UTF-8" if encoding.startswith("utf-8") else "UTF-16"
        raise unreadable_file(f"The file is not {shown} text.", line=data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise unreadable_file(
            "The file contains a NUL character, so it is not text.", line=text.count("\n", 0, text.index("\0")) + 1
        )
    if not text.strip():
        raise unreadable_file("The file is empty.")
    # Editors on Windows and classic Mac OS end lines with CR LF and CR.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def too_large_file() -> ThemeError:
    """Return the error of a file above 50 KiB."""
    return ThemeError(
        "file_too_large",
        f"A theme file can have at most {MAX_THEME_BYTES // 1024} KB.",
        param="file",
        limit=MAX_THEME_BYTES,
    )


def unreadable_file(message: str, *, param: str = "file", **details: Any) -> ThemeError:
    """Return the error of a malformed file; ``details`` may have its ``line`` and ``column``."""
    return ThemeError("file_unreadable", message, param=param, **details)


def unknown_format(message: str = "") -> ThemeError:
    """Return the error of a well-formed file that is not a supported theme."""
    return ThemeError(
        "format_unknown",
        message
        or "The theme format is not supported. Choose a theme file of Alphanumeric or of another terminal; "
        "the documentation lists the formats.",
        param="file",
    )


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    # Without a byte order mark: text in UTF-16 starts with an ASCII character, whose other byte is zero.
    if data[1:2] == b"\0" and data[:1] != b"\0" and data[3:4] == b"\0":
        return "utf-16-le"
    if data[:1] == b"\0" and data[1:2] != b"\0" and data[2:3] == b"\0":
        return "utf-16-be"
    return "utf-8"
