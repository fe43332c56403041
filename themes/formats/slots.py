"""Reads a terminal's palette by a table of its keys, for formats that differ in the names of keys only. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.formats.values.colors import is_unset
from themes.schema import ThemeData
from themes.tokens import Scheme

HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ROLES = ("foreground", "background", "cursor", "cursorAccent", "selectionBackground", "selectionForeground")
_OPTIONAL = ROLES[2:]
_BRIGHT = tuple(zip(ANSI[:8], ANSI[8:], strict=True))
_DEEPEST = 4
_MAX_STEPS = 4000


@dataclass(frozen=True, slots=True)
class Table:
    """A format's keys: ``tokens`` by folded key (roles of ``ROLES`` and colors of ``ANSI``), ``keys`` by token."""

    tokens: Mapping[str, str]
    keys: Mapping[str, str]


def fold(key: str) -> str:
    """Return a key without case and separators: ``brightBlack``, ``bright_black`` and ``Bright Black`` are equal."""
    return "".join(letter for letter in key.lower() if letter not in "-_. ")


def table(ansi: Iterable[str], **roles: str) -> Table:
    """Return the table of a format.

    ``ansi`` has its keys of the ANSI colors 0 to 15, ``roles`` those of each role. Synonyms are separated by spaces,
    the format's own key first.
    """
    said = dict(zip(ANSI, ansi, strict=True)) | roles
    return Table(
        {fold(key): token for token, keys in said.items() for key in keys.split()},
        {token: keys.split()[0] for token, keys in said.items()},
    )


def numbered(template: str, start: int = 0) -> list[str]:
    """Return 16 keys: ``numbered("color{}")`` are color0 to color15."""
    return [template.format(number) for number in range(start, start + 16)]


def has_palette(file: ParsedMapping, known: Table, least: int = 2) -> bool:
    """Return whether the object has at least that many of the table's keys."""
    found: set[str] = set()
    for key in file.values:
        token = known.tokens.get(fold(key))
        if token is not None:
            found.add(token)
    return len(found) >= least


def flatten(file: ParsedMapping) -> ParsedMapping:
    """Return the object with dotted keys instead of nested objects and lists: ``normal.red``, ``ansi.1``."""
    flat: dict[str, Any] = {}
    open_now: list[tuple[str, Any, int]] = [("", file.values, 0)]
    # Counts steps, not keys: JavaScript objects can contain one another many times.
    for _ in range(_MAX_STEPS):
        if not open_now:
            break
        prefix, value, depth = open_now.pop()
        inner = _items(value) if depth < _DEEPEST else None
        if inner is None:
            flat[prefix[:-1]] = value
        else:
            open_now.extend((f"{prefix}{key}.", one, depth + 1) for key, one in reversed(inner))
    return file.inner(flat, file.prefix)


def read_theme(
    file: ParsedMapping,
    known: Table,
    given: str | None,
    *,
    about: Collection[str] = ("name",),
    scheme: Scheme | None = None,
    defaults: Mapping[str, str] | None = None,
    bright_is_optional: bool = True,
) -> ThemeData:
    """Return the theme of the object's colors; the first key of ``about`` with a name names it.

    Keys that are neither in ``known`` nor in ``about`` are ignored and noted. ``defaults`` are the program's own
    colors, for those that the file lacks. Raises ``ThemeError`` with the invalid key in ``param``.
    """
    keys = _keys(file, known, about)
    colors = {token: file.color(key) for token, key in keys.items() if _is_set(file, token, key)}
    missing = [token for token in (*ROLES[:2], *ANSI) if token not in colors]
    found = {token: color.rgb for token, color in colors.items()}
    normal_for_bright = {bright: found[normal] for normal, bright in _BRIGHT if normal in found}
    substitutes = defaults or (normal_for_bright if bright_is_optional else {})
    filled = {**found, **_substitutes(file, known, missing, substitutes)}
    ground = filled["background"]
    # A terminal draws a selection over the background; other colors are opaque in this program.
    blended = {token: colors[token].over(ground) for token in _OPTIONAL if token in colors}
    palette = Palette(
        foreground=filled["foreground"],
        background=ground,
        ansi=tuple(filled[token] for token in ANSI),
        cursor=blended.get("cursor"),
        cursor_text=blended.get("cursorAccent"),
        selection=blended.get("selectionBackground"),
        selection_text=blended.get("selectionForeground"),
    )
    if any(color.alpha < 1 for token, color in colors.items() if token not in _OPTIONAL):
        file.notes.remark("Transparent colors were made opaque.")
    return theme_from_palette(file.name(about, given), palette, scheme=scheme)


def _keys(file: ParsedMapping, known: Table, about: Collection[str]) -> dict[str, str]:
    """Return the file's key of every token; the first key counts."""
    found: dict[str, str] = {}
    for key in file.values:
        token = known.tokens.get(fold(key))
        if token is not None and token not in found:
            found[token] = key
        elif key not in about:
            file.notes.ignore(file.path(key))
    return found


def _is_set(file: ParsedMapping, token: str, key: str) -> bool:
    return token not in _OPTIONAL or not is_unset(file.values[key])


def _substitutes(
    file: ParsedMapping, known: Table, missing: list[str], substitutes: Mapping[str, str]
) -> dict[str, str]:
    """Return the missing colors. Raises ``ThemeError`` ``theme_incomplete``."""
    made: dict[str, str] = {}
    for token in missing:
        color = substitutes.get(token)
        if color is None:
            key = known.keys[token]
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=file.path(key))
        made[token] = color
    if missing:
        file.notes.remark(f"Colors that the file lacks were filled in: {', '.join(missing)}.")
    return made


def _items(value: object) -> list[tuple[str, Any]] | None:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, list):
        return [(str(place), one) for place, one in enumerate(value)]
    return None
