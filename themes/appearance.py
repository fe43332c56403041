"""The appearance of a tab (mode, dark theme, light theme), as the socket and the pages send it."""

from dataclasses import dataclass
from typing import Any

from themes.schema import ThemeData


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A preset or own theme that the user can select by ``id``."""

    id: str
    revision: int
    theme: ThemeData
    own: bool = False
    origin_preset: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        facts = {"id": self.id, "own": self.own, "revision": self.revision, "provenance": self.origin_preset}
        return {**facts, **self.theme.to_dict()}


@dataclass(frozen=True, slots=True)
class Appearance:
    """A complete appearance. ``revision`` grows with every change by the owner and of any preset."""

    revision: int
    mode: str
    here: bool
    minimum_contrast: float
    dark: ThemeView
    light: ThemeView

    @property
    def color_scheme(self) -> str:
        """Return the value of CSS ``color-scheme``: ``dark``, ``light``, or both in mode ``system``."""
        return "dark light" if self.mode == "system" else self.mode

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "revision": self.revision,
            "mode": self.mode,
            "device_only": self.here,
            "minimum_contrast": self.minimum_contrast,
            "dark": self.dark.to_dict(),
            "light": self.light.to_dict(),
        }
