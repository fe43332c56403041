"""What the formats have in common: a file as keys with values, each at its line. Pure."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from themes.errors import ThemeError
from themes.tokens import Scheme
from themes.validation import QUOTED, check_colour, check_name, check_scheme, quoted

UNNAMED = "Imported"


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object of a file; ``lines`` has the line of each place in the whole file, written ``colours.accent``."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    prefix: str = ""

    def place(self, key: str) -> str:
        """The key as an error names it."""
        return f"{self.prefix}{key[:QUOTED]}"

    def inside(self, key: str) -> "Mapped":
        """The object under the key."""
        value = self.values[key]
        if not isinstance(value, dict):
            place = self.place(key)
            raise ThemeError("file_unreadable", f"{place} must hold keys with values.", param=place)
        return Mapped(value, self.lines, f"{self.place(key)}.")

    def only(self, known: Collection[str]) -> None:
        """Refuse keys that are not known."""
        for key in self.values:
            if key not in known:
                message = f"There is no key {quoted(key)} in this format. Take it out."
                raise ThemeError("key_unknown", message, param=self.place(key))

    def colour(self, key: str) -> str:
        """The colour under the key, which must be there."""
        if key not in self.values:
            raise ThemeError("theme_incomplete", f"The file has no colour {key}.", param=self.place(key))
        return check_colour(self.values[key], self.place(key))

    def optional(self, key: str) -> str | None:
        """The colour under the key, if there is one."""
        return self.colour(key) if key in self.values else None

    def name(self, key: str, given: str | None) -> str:
        """The theme's name under the key; where there is none, the one that is given."""
        try:
            return check_name(self.values.get(key, given or UNNAMED))
        except ThemeError as error:
            error.param = self.place(key)
            raise

    @contextmanager
    def located(self) -> Iterator[None]:
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


def variant(file: Mapped) -> Scheme | None:
    """The scheme that a file names, if it names one. Raises ``ThemeError`` where it is neither dark nor light."""
    said = file.values.get("variant")
    if said is None:
        return None
    try:
        return check_scheme(said)
    except ThemeError as error:
        error.param = file.place("variant")
        raise
