"""Themes as files: our own, and those of the terminals that people come from."""

from themes.formats.registry import FORMATS, WRITABLE, ExportedFile, Format, ImportedTheme, read, write

__all__ = ["FORMATS", "WRITABLE", "ExportedFile", "Format", "ImportedTheme", "read", "write"]
