"""The parsed form that all formats share: keys with values and line numbers. Pure."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from themes.errors import ThemeError
from themes.formats.values.colors import Color, read_color
from themes.formats.values.names import clean_name
from themes.schema import MAX_ECHO, MAX_NAME_LENGTH, abbreviate, check_scheme
from themes.tokens import Scheme

UNNAMED = "Imported"
ITEMS = ""
"""The key of the elements of a file that is a list."""
_MAX_IGNORED = 100


@dataclass(slots=True)
class Notes:
    """Differences between a file and the imported theme: the paths of ignored keys, and remarks as sentences.

    ``renamed`` is the remark about the name, which does not apply if the user gives another.
    """

    ignored: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    renamed: str = ""

    def ignore(self, path: str) -> None:
        """Note a key that the theme does not use."""
        if len(self.ignored) < _MAX_IGNORED:
            self.ignored.append(path)

    def remark(self, sentence: str) -> None:
        """Note a change, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)


@dataclass(frozen=True, slots=True)
class ParsedMapping:
    """An object of a file; ``lines`` maps every path in the file, such as ``colors.accent``, to its line number.

    ``repeated`` has the paths of keys that occur twice in one object, with the line of the second. ``syntax`` is the
    file's syntax: ``json``, ``yaml``, ``plist``, ``toml``, ``javascript``, or a line-based one. ``mode`` is ``Dark`` or
    ``Light`` for one of the two sets of colors of an object.
    """

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    prefix: str = ""
    notes: Notes = field(default_factory=Notes)
    repeated: Mapping[str, int] = field(default_factory=dict)
    syntax: str = ""
    mode: str = ""

    def path(self, key: str) -> str:
        """Return the path of a key, as errors report it."""
        return f"{self.prefix}{key[:MAX_ECHO]}"

    def child(self, key: str) -> "ParsedMapping":
        """Return the object at the key. Raises ``ThemeError`` ``file_unreadable`` if the value is no object."""
        value = self.values[key]
        if not isinstance(value, dict):
            place = self.path(key)
            raise ThemeError("file_unreadable", f"{place} must be an object with keys and values.", param=place)
        return self.inner(value, f"{self.path(key)}.")

    def inner(self, values: Mapping[str, Any], prefix: str) -> "ParsedMapping":
        """Return another object of the file; ``prefix`` is its path with a dot."""
        return replace(self, values=values, prefix=prefix)

    def apart(self) -> "ParsedMapping":
        """Return the object with notes of its own, for a file with several themes."""
        return replace(self, notes=replace(self.notes, ignored=[*self.notes.ignored], remarks=[*self.notes.remarks]))

    def children(self, key: str) -> list["ParsedMapping"]:
        """Return the objects of the list at the key; other elements are ignored."""
        value = self.values.get(key)
        here = f"{self.path(key)}." if key else self.prefix
        # Objects of a script have no path: lines are by their keys.
        is_script = self.syntax == "javascript"
        return [
            self.inner(one, "" if is_script else f"{here}{place}.")
            for place, one in enumerate(value if isinstance(value, list) else ())
            if isinstance(one, dict)
        ]

    def children_by_key(self) -> list["ParsedMapping"]:
        """Return the objects at the keys, each named by its key unless it has a name."""
        return [
            self.inner({"name": key, **one}, f"{self.path(key)}.")
            for key, one in self.values.items()
            if isinstance(one, dict)
        ]

    def at(self, *keys: str) -> "ParsedMapping | None":
        """Return the object at the path, ``None`` if there is none."""
        found = self
        for key in keys:
            if not isinstance(found.values.get(key), dict):
                return None
            found = found.child(key)
        return found

    def require_keys(self, known: Collection[str]) -> None:
        """Raise ``ThemeError`` ``key_unknown`` if a key is not in ``known``, ``file_unreadable`` for a repeated one."""
        for place in self.repeated:
            self._reject_repeated(place)
        for key in self.values:
            if key not in known:
                message = f"This format has no key {abbreviate(key)}. Remove it."
                raise ThemeError("key_unknown", message, param=self.path(key))

    def color(self, key: str) -> Color:
        """Return the color at the key. Raises ``ThemeError`` if it is missing or invalid."""
        if key not in self.values:
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=self.path(key))
        if self.path(key) in self.repeated:
            self._reject_repeated(self.path(key))
        return read_color(self.values[key], self.path(key))

    def name(self, keys: Collection[str], given: str | None) -> str:
        """Return the theme's name at the first of the keys that has one, or else ``given``, as a valid name."""
        said = next((self.values[key] for key in keys if clean_name(self.values.get(key))), given)
        name = clean_name(said) or UNNAMED
        if isinstance(said, str) and said.strip() and name != said.strip():
            self.notes.renamed = (
                f"The name was shortened to {MAX_NAME_LENGTH} characters."
                if len(said) > MAX_NAME_LENGTH
                else "Characters that are not visible were removed from the name."
            )
        return name

    def _reject_repeated(self, place: str) -> None:
        key = abbreviate(place.rpartition(".")[2])
        raise ThemeError(
            "file_unreadable", f"The key {key} occurs twice. Remove one.", param=place, line=self.repeated[place]
        )

    @contextmanager
    def with_lines(self) -> Iterator[None]:
        """Add ``line`` to a ``ThemeError``: the line of its ``param``, or of the nearest enclosing key."""
        try:
            yield
        except ThemeError as error:
            place = error.param or ""
            while place and place not in self.lines:
                place = place.rpartition(".")[0]
            if place:
                error.details.setdefault("line", self.lines[place])
            raise


def variant(file: ParsedMapping) -> Scheme | None:
    """Return the file's ``variant`` in any case, ``None`` if missing.

    Raises ``ThemeError`` ``scheme_invalid`` if it is neither dark nor light.
    """
    said = file.values.get("variant")
    if said is None or said == "":
        return None
    try:
        return check_scheme(said.strip().lower() if isinstance(said, str) else said)
    except ThemeError as error:
        error.param = file.path("variant")
        raise
