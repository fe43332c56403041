"""The parsed form that all formats share: keys with values and line numbers. Pure."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from themes.errors import ThemeError
from themes.schema import MAX_ECHO, abbreviate, check_color, check_name, check_scheme
from themes.tokens import Scheme

UNNAMED = "Imported"


@dataclass(frozen=True, slots=True)
class ParsedMapping:
    """An object of a file; ``lines`` maps every path in the file, such as ``colors.accent``, to its line number."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    prefix: str = ""

    def path(self, key: str) -> str:
        """Return the path of a key, as errors report it."""
        return f"{self.prefix}{key[:MAX_ECHO]}"

    def child(self, key: str) -> "ParsedMapping":
        """Return the object at the key. Raises ``ThemeError`` ``file_unreadable`` if the value is no object."""
        value = self.values[key]
        if not isinstance(value, dict):
            place = self.path(key)
            raise ThemeError("file_unreadable", f"{place} must be an object with keys and values.", param=place)
        return ParsedMapping(value, self.lines, f"{self.path(key)}.")

    def require_keys(self, known: Collection[str]) -> None:
        """Raise ``ThemeError`` ``key_unknown`` if a key is not in ``known``."""
        for key in self.values:
            if key not in known:
                message = f"This format has no key {abbreviate(key)}. Remove it."
                raise ThemeError("key_unknown", message, param=self.path(key))

    def color(self, key: str) -> str:
        """Return the color at the key. Raises ``ThemeError`` if it is missing or invalid."""
        if key not in self.values:
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=self.path(key))
        return check_color(self.values[key], self.path(key))

    def optional(self, key: str) -> str | None:
        """Return the color at the key, ``None`` if it is missing. Raises ``ThemeError`` if it is invalid."""
        return self.color(key) if key in self.values else None

    def name(self, key: str, given: str | None) -> str:
        """Return the theme's name at the key, or else ``given``. Raises ``ThemeError`` ``name_invalid``."""
        try:
            return check_name(self.values.get(key, given or UNNAMED))
        except ThemeError as error:
            error.param = self.path(key)
            raise

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
    """Return the file's ``variant``, ``None`` if missing. Raises ``ThemeError`` if it is neither dark nor light."""
    said = file.values.get("variant")
    if said is None:
        return None
    try:
        return check_scheme(said)
    except ThemeError as error:
        error.param = file.path("variant")
        raise
