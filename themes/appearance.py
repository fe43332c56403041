"""What a tab shows: a mode, a dark theme and a light one, as the socket and the page carry them."""

from dataclasses import dataclass
from typing import Any

from themes.validation import Document


@dataclass(frozen=True, slots=True)
class Shown:
    """A preset or an own theme that can be shown; ``id`` is the name by which it is chosen."""

    id: str
    revision: int
    document: Document
    own: bool = False
    provenance: str = ""

    def public(self) -> dict[str, Any]:
        """As JSON has it."""
        facts = {"id": self.id, "own": self.own, "revision": self.revision, "provenance": self.provenance}
        return {**facts, **self.document.public()}


@dataclass(frozen=True, slots=True)
class Appearance:
    """A whole state. ``revision`` grows with every change of the owner's and of any preset."""

    revision: int
    mode: str
    here: bool
    minimum_contrast: float
    dark: Shown
    light: Shown

    @property
    def colour_scheme(self) -> str:
        """For the page's head: ``dark``, ``light``, or both where the system decides."""
        return "dark light" if self.mode == "system" else self.mode

    def public(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "revision": self.revision,
            "mode": self.mode,
            "device_only": self.here,
            "minimum_contrast": self.minimum_contrast,
            "dark": self.dark.public(),
            "light": self.light.public(),
        }
