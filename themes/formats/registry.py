"""All formats by name, and which one a file is in. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from themes.errors import ThemeError
from themes.formats import base16, color_schemes, iterm2, json_text, own, plist_text, windows_terminal, yaml_text
from themes.formats.mapping import Mapped
from themes.formats.text import decoded, unknown
from themes.validation import Document


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file; ``write`` is ``None`` where it is only read."""

    name: str
    label: str
    extension: str
    media_type: str
    read: Callable[[Mapped, str | None], Document]
    write: Callable[[Document], str] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A theme, and the name of the format that it came in."""

    theme: Document
    format: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file to hand out."""

    data: bytes
    media_type: str
    extension: str


_JSON, _YAML = "application/json", "application/yaml"
FORMATS = {
    made.name: made
    for made in (
        Format("alphanumeric", "Alphanumeric", "json", _JSON, own.read, own.write),
        Format("windows-terminal", "Windows Terminal", "json", _JSON, windows_terminal.read, windows_terminal.write),
        Format("iterm2", "iTerm2", "itermcolors", "application/xml", iterm2.read, iterm2.write),
        Format("base16", "base16", "yaml", _YAML, base16.read, base16.write16),
        Format("base24", "base24", "yaml", _YAML, base16.read, base16.write24),
        Format("iterm2-color-schemes", "iTerm2-Color-Schemes", "yaml", _YAML, color_schemes.read),
    )
}
WRITABLE = tuple(name for name, made in FORMATS.items() if made.write)


def read(data: bytes, *, name: str | None = None) -> Read:
    """The theme of a file in any of the formats; ``name`` is for those that have none. Raises ``ThemeError``."""
    text = decoded(data)
    mapped, found = _recognised(text)
    with mapped.located():
        known = FORMATS[found(mapped)]
        return Read(known.read(mapped, (name or "").strip() or None), known.name)


def write(theme: Document, format: str) -> Written:  # noqa: A002 - the word that everybody uses for it
    """The theme as a file. Raises ``ThemeError`` ``format_unknown``."""
    known = FORMATS.get(format)
    if known is None or known.write is None:
        raise ThemeError(
            "format_unknown",
            f"Themes are written as one of: {', '.join(WRITABLE)}.",
            param="format",
            choices=list(WRITABLE),
        )
    return Written(known.write(theme).encode(), known.media_type, known.extension)


def _recognised(text: str) -> tuple[Mapped, Callable[[Mapped], str]]:
    start = text.lstrip()[0]
    if start in "{[":
        return json_text.parse(text), _json_format
    if start == "<":
        return plist_text.parse(text), _plist_format
    return yaml_text.parse(text), _yaml_format


def _json_format(file: Mapped) -> str:
    if own.recognises(file):
        return "alphanumeric"
    if windows_terminal.recognises(file):
        return "windows-terminal"
    raise unknown()


def _plist_format(file: Mapped) -> str:
    if iterm2.recognises(file):
        return "iterm2"
    raise unknown()


def _yaml_format(file: Mapped) -> str:
    if color_schemes.recognises(file):
        return "iterm2-color-schemes"
    if base16.recognises(file):
        return base16.kind(file)
    raise unknown()
