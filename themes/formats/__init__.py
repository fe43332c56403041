"""Theme file formats: Alphanumeric's own, and those of other terminals."""

from themes.formats.registry import (
    FORMATS,
    WRITABLE,
    ExportedFile,
    Format,
    ImportedTheme,
    read,
    scheme_names,
    write,
)

__all__ = [
    "FORMATS",
    "WRITABLE",
    "ExportedFile",
    "Format",
    "ImportedTheme",
    "read",
    "scheme_names",
    "write",
]
