"""What the formats have in common: a file as keys with values, each at its line. Pure."""

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
    """An object of a file; ``lines`` has the line of each place in the whole file, written ``colors.accent``."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    prefix: str = ""

    def path(self, key: str) -> str:
        """The key as an error names it."""
        return f"{self.prefix}{key[:MAX_ECHO]}"

    def child(self, key: str) -> "ParsedMapping":
        """The object under the key."""
        value = self.values[key]
        if not isinstance(value, dict):
            place = self.path(key)
            raise ThemeError("file_unreadable", f"{place} must hold keys with values.", param=place)
        return ParsedMapping(value, self.lines, f"{self.path(key)}.")

    def require_keys(self, known: Collection[str]) -> None:
        """Refuse keys that are not known."""
        for key in self.values:
            if key not in known:
                message = f"There is no key {abbreviate(key)} in this format. Take it out."
                raise ThemeError("key_unknown", message, param=self.path(key))

    def color(self, key: str) -> str:
        """The color under the key, which must be there."""
        if key not in self.values:
            raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=self.path(key))
        return check_color(self.values[key], self.path(key))

    def optional(self, key: str) -> str | None:
        """The color under the key, if there is one."""
        return self.color(key) if key in self.values else None

    def name(self, key: str, given: str | None) -> str:
        """The theme's name under the key; where there is none, the one that is given."""
        try:
            return check_name(self.values.get(key, given or UNNAMED))
        except ThemeError as error:
            error.param = self.path(key)
            raise

    @contextmanager
    def with_lines(self) -> Iterator[None]:
        """Tell the line of the place that an error names, or of the nearest thing around it."""
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
    """The scheme that a file names, if it names one. Raises ``ThemeError`` where it is neither dark nor light."""
    said = file.values.get("variant")
    if said is None:
        return None
    try:
        return check_scheme(said)
    except ThemeError as error:
        error.param = file.path("variant")
        raise
