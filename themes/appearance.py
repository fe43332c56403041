"""What a tab shows: a mode, a dark theme and a light one, as the socket and the page carry them."""

from dataclasses import dataclass
from typing import Any

from themes.schema import ThemeData


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A preset or an own theme that can be shown; ``id`` is the name by which it is chosen."""

    id: str
    revision: int
    theme: ThemeData
    own: bool = False
    origin_preset: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        facts = {"id": self.id, "own": self.own, "revision": self.revision, "provenance": self.origin_preset}
        return {**facts, **self.theme.to_dict()}


@dataclass(frozen=True, slots=True)
class Appearance:
    """A whole state. ``revision`` grows with every change of the owner's and of any preset."""

    revision: int
    mode: str
    here: bool
    minimum_contrast: float
    dark: ThemeView
    light: ThemeView

    @property
    def color_scheme(self) -> str:
        """For the page's head: ``dark``, ``light``, or both where the system decides."""
        return "dark light" if self.mode == "system" else self.mode

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "revision": self.revision,
            "mode": self.mode,
            "device_only": self.here,
            "minimum_contrast": self.minimum_contrast,
            "dark": self.dark.to_dict(),
            "light": self.light.to_dict(),
        }
