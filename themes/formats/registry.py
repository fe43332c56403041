"""The registry of theme formats, and their detection. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from themes.errors import ThemeError
from themes.formats import (
    alphanumeric,
    base16,
    color_schemes,
    iterm2,
    json_parser,
    plist_parser,
    windows_terminal,
    yaml_parser,
)
from themes.formats.decoding import decode, unknown_format
from themes.formats.parsed import ParsedMapping
from themes.schema import ThemeData


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; ``write`` is ``None`` if it can only be read."""

    name: str
    label: str
    extension: str
    media_type: str
    read: Callable[[ParsedMapping, str | None], ThemeData]
    write: Callable[[ThemeData], str] | None = None


@dataclass(frozen=True, slots=True)
class ImportedTheme:
    """A theme and the name of its file's format."""

    theme: ThemeData
    format: str


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to download."""

    data: bytes
    media_type: str
    extension: str


_JSON, _YAML = "application/json", "application/yaml"
FORMATS = {
    made.name: made
    for made in (
        Format("alphanumeric", "Alphanumeric", "json", _JSON, alphanumeric.read, alphanumeric.write),
        Format("windows-terminal", "Windows Terminal", "json", _JSON, windows_terminal.read, windows_terminal.write),
        Format("iterm2", "iTerm2", "itermcolors", "application/xml", iterm2.read, iterm2.write),
        Format("base16", "base16", "yaml", _YAML, base16.read, base16.write16),
        Format("base24", "base24", "yaml", _YAML, base16.read, base16.write24),
        Format("iterm2-color-schemes", "iTerm2-Color-Schemes", "yaml", _YAML, color_schemes.read),
    )
}
WRITABLE = tuple(name for name, made in FORMATS.items() if made.write)


def read(data: bytes, *, name: str | None = None) -> ImportedTheme:
    """Read a theme file of any format; ``name`` is used if the file has none. Raises ``ThemeError``."""
    text = decode(data)
    mapped, found = _detect(text)
    with mapped.with_lines():
        known = FORMATS[found(mapped)]
        return ImportedTheme(known.read(mapped, (name or "").strip() or None), known.name)


def write(theme: ThemeData, format: str) -> ExportedFile:  # noqa: A002 - the usual word
    """Write the theme in a format. Raises ``ThemeError`` ``format_unknown``."""
    known = FORMATS.get(format)
    if known is None or known.write is None:
        raise ThemeError(
            "format_unknown",
            f"The export format must be one of: {', '.join(WRITABLE)}.",
            param="format",
            choices=list(WRITABLE),
        )
    return ExportedFile(known.write(theme).encode(), known.media_type, known.extension)


def _detect(text: str) -> tuple[ParsedMapping, Callable[[ParsedMapping], str]]:
    start = text.lstrip()[0]
    if start in "{[":
        return json_parser.parse(text), _json_format
    if start == "<":
        return plist_parser.parse(text), _plist_format
    return yaml_parser.parse(text), _yaml_format


def _json_format(file: ParsedMapping) -> str:
    if alphanumeric.matches(file):
        return "alphanumeric"
    if windows_terminal.matches(file):
        return "windows-terminal"
    raise unknown_format()


def _plist_format(file: ParsedMapping) -> str:
    if iterm2.matches(file):
        return "iterm2"
    raise unknown_format()


def _yaml_format(file: ParsedMapping) -> str:
    if color_schemes.matches(file):
        return "iterm2-color-schemes"
    if base16.matches(file):
        return base16.kind(file)
    raise unknown_format()
