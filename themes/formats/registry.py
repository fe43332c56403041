"""The registry of theme formats, and their detection. Pure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from themes.errors import ThemeError
from themes.formats import alphanumeric, base16, color_schemes, iterm2, windows_terminal
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.formats.parsers.syntax import parse_file
from themes.formats.terminals import (
    alacritty,
    foot,
    ghostty,
    hyper,
    kitty,
    putty,
    tabby,
    terminal_app,
    vscode,
    wezterm,
    xresources,
    xterm_js,
)
from themes.formats.unsupported import unsupported, unsupported_start
from themes.formats.values.names import clean_name
from themes.schema import MAX_NAME_LENGTH, ThemeData, check_name

MAX_SCHEMES = 100
"""Schemes of one file that can be chosen from."""
_MAX_SHOWN = 8
_JSON, _YAML, _TOML, _TEXT = "application/json", "application/yaml", "application/toml", "text/plain"
_OWN = "alphanumeric"


def _itself(file: ParsedMapping) -> list[ParsedMapping]:
    return [file]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; ``write`` is ``None`` if it can only be read.

    ``schemes`` returns the objects of a file that ``read`` makes themes of.
    """

    name: str
    label: str
    extension: str
    media_type: str
    matches: Callable[[ParsedMapping], bool]
    read: Callable[[ParsedMapping, str | None], ThemeData]
    write: Callable[[ThemeData], str] | None = None
    schemes: Callable[[ParsedMapping], list[ParsedMapping]] = _itself


@dataclass(frozen=True, slots=True)
class ImportedTheme:
    """A theme and the name of its file's format.

    ``schemes`` names the file's schemes if there are several, and ``scheme`` is the one that was read. ``ignored`` has
    the paths of ignored keys, ``remarks`` the other differences from the file.
    """

    theme: ThemeData
    format: str
    scheme: str = ""
    schemes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Return the remarks and the first ignored keys as sentences, empty if there are none."""
        shown = ", ".join(self.ignored[:_MAX_SHOWN])
        more = f" and {len(self.ignored) - _MAX_SHOWN} more" if len(self.ignored) > _MAX_SHOWN else ""
        return " ".join([*self.remarks, *([f"Keys that were not used: {shown}{more}."] if shown else [])])


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to download."""

    data: bytes
    media_type: str
    extension: str


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A scheme of a file, and its name among the others."""

    format: Format
    mapping: ParsedMapping
    label: str = ""


def _is_base24(file: ParsedMapping) -> bool:
    return base16.matches(file) and base16.is_base24(file)


def _is_gogh(file: ParsedMapping) -> bool:
    return color_schemes.matches(file) and color_schemes.is_gogh(file)


# In the order in which files are recognized: the formats with the most specific keys come first.
_RECOGNIZED = (
    Format("vscode", "VS Code", "json", _JSON, vscode.matches, vscode.read),
    Format(
        "iterm2", "iTerm2", "itermcolors", "application/xml", iterm2.matches, iterm2.read, iterm2.write, iterm2.schemes
    ),
    Format("terminal-app", "macOS Terminal", "terminal", "application/xml", terminal_app.matches, terminal_app.read),
    Format("gogh", "Gogh", "yml", _YAML, _is_gogh, color_schemes.read),
    Format("iterm2-color-schemes", "iTerm2-Color-Schemes", "yaml", _YAML, color_schemes.matches, color_schemes.read),
    Format("alacritty", "Alacritty", "toml", _TOML, alacritty.matches, alacritty.read, alacritty.write),
    Format("wezterm", "WezTerm", "toml", _TOML, wezterm.matches, wezterm.read, wezterm.write),
    Format("tabby", "Tabby", "yaml", _YAML, tabby.matches, tabby.read, schemes=tabby.schemes),
    Format("hyper", "Hyper", "js", "text/javascript", hyper.matches, hyper.read),
    Format("kitty", "kitty", "conf", _TEXT, kitty.matches, kitty.read, kitty.write),
    Format("foot", "foot", "ini", _TEXT, foot.matches, foot.read, foot.write, foot.schemes),
    Format("ghostty", "Ghostty", "conf", _TEXT, ghostty.matches, ghostty.read, ghostty.write),
    Format("xresources", "Xresources", "Xresources", _TEXT, xresources.matches, xresources.read, xresources.write),
    Format("putty", "PuTTY", "reg", _TEXT, putty.matches, putty.read, schemes=putty.schemes),
    Format("base24", "base24", "yaml", _YAML, _is_base24, base16.read, base16.write24),
    Format("base16", "base16", "yaml", _YAML, base16.matches, base16.read, base16.write16),
    Format(_OWN, "Alphanumeric", "json", _JSON, alphanumeric.matches, alphanumeric.read, alphanumeric.write),
    Format(
        "windows-terminal",
        "Windows Terminal",
        "json",
        _JSON,
        windows_terminal.matches,
        windows_terminal.read,
        windows_terminal.write,
        windows_terminal.schemes,
    ),
    Format("xterm-js", "xterm.js", "json", _JSON, xterm_js.matches, xterm_js.read, xterm_js.write),
)
_SHOWN = (
    *(_OWN, "windows-terminal", "iterm2", "base16", "base24", "iterm2-color-schemes", "vscode", "kitty", "ghostty"),
    *("alacritty", "xresources", "wezterm", "foot", "terminal-app", "xterm-js", "hyper", "tabby", "gogh", "putty"),
)
_BY_NAME = {known.name: known for known in _RECOGNIZED}
FORMATS = {name: _BY_NAME[name] for name in _SHOWN}
"""All formats by name, in the order in which lists show them."""
WRITABLE = tuple(name for name, made in FORMATS.items() if made.write)


def read(data: bytes, *, name: str | None = None, typed: str | None = None, scheme: str | None = None) -> ImportedTheme:
    """Read a theme file of any format.

    ``name`` is used if the file has none; ``typed`` is the user's own, which replaces the file's. ``scheme`` selects
    one of several schemes by its name. Raises ``ThemeError``: ``scheme_required`` with the names in ``choices`` if the
    file has several schemes and none is selected, ``scheme_unknown`` if it has no such scheme, and those of a
    malformed file.
    """
    wanted = check_name(typed) if typed else None
    found = _schemes(data)
    return _read(_chosen(found, scheme), found, name, wanted)


def scheme_names(data: bytes) -> tuple[str, ...]:
    """Return the names of a file's schemes, each once. Raises ``ThemeError`` for a malformed file."""
    return tuple(found.label for found in _schemes(data))


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


def _schemes(data: bytes) -> list[_Scheme]:
    """Return the file's schemes with distinct names. Raises ``ThemeError``."""
    if error := unsupported_start(data):
        raise error
    file = parse_file(data)
    found = _detect(file) or [one for element in file.children(ITEMS) for one in _detect(element.apart())]
    if not found:
        raise unsupported(file)
    if len(found) > MAX_SCHEMES:
        message = f"The file has {len(found)} schemes, more than {MAX_SCHEMES}. Remove some."
        raise ThemeError("file_unreadable", message, param="file", limit=MAX_SCHEMES)
    labels: dict[str, int] = {}
    return [replace(one, label=_unique_label(one.mapping, labels)) for one in found]


def _detect(file: ParsedMapping) -> list[_Scheme]:
    for known in _RECOGNIZED:
        with _naming(known, file):
            if known.matches(file):
                return [_Scheme(known, mapping) for mapping in known.schemes(file)]
    return []


def _chosen(found: list[_Scheme], scheme: str | None) -> _Scheme:
    if len(found) == 1:
        return found[0]
    names = [one.label for one in found]
    if scheme is None:
        # The two modes of one profile are one theme to its author; the dark mode comes first.
        if len(found) == 2 and all(one.mapping.mode for one in found):
            return found[0]
        raise ThemeError(
            "scheme_required", f"The file has {len(found)} color schemes. Choose one.", param="scheme", choices=names
        )
    for one in found:
        if one.label == scheme:
            return one
    raise ThemeError("scheme_unknown", "The file has no such color scheme. Choose one.", param="scheme", choices=names)


def _read(one: _Scheme, found: list[_Scheme], name: str | None, typed: str | None) -> ImportedTheme:
    known, mapping = one.format, one.mapping.apart()
    if typed and known.name == _OWN:
        mapping = mapping.inner({**mapping.values, "name": typed}, mapping.prefix)
    with _naming(known, mapping):
        theme = known.read(mapping, (name or "").strip() or None)
    if typed:
        theme = replace(theme, name=typed)
    elif mapping.mode and len(found) > 1:
        theme = replace(theme, name=_with_suffix(theme.name, f" ({mapping.mode})"))
    several = tuple(other.label for other in found) if len(found) > 1 else ()
    notes = mapping.notes
    remarks = (*([notes.renamed] if notes.renamed and not typed else []), *notes.remarks)
    return ImportedTheme(theme, known.name, one.label if several else "", several, tuple(notes.ignored), remarks)


@contextmanager
def _naming(known: Format, file: ParsedMapping) -> Iterator[None]:
    """Add the line to an error, and the program that the file is from to its message."""
    try:
        with file.with_lines():
            yield
    except ThemeError as error:
        if known.name != _OWN and not error.message.startswith(known.label):
            error.message = f"{known.label}: {error.message}"
        raise


def _unique_label(mapping: ParsedMapping, labels: dict[str, int]) -> str:
    said = next((mapping.values[key] for key in ("name", "Name") if clean_name(mapping.values.get(key))), None)
    mode = f" ({mapping.mode})" if mapping.mode else ""
    label = _with_suffix(clean_name(said) or "Unnamed", mode)
    labels[label] = labels.get(label, 0) + 1
    return label if labels[label] == 1 else _with_suffix(label, f" {labels[label]}")


def _with_suffix(name: str, suffix: str) -> str:
    return name[: MAX_NAME_LENGTH - len(suffix)].rstrip() + suffix
