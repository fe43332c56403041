"""The design tokens of a theme, and the backgrounds that each color needs contrast against.

Pure, and the single source: the CSS defaults, the validation, the formats, the editor and the admin are generated from
it or checked against it. The names of the palette and of the text colors are xterm.js's ``ITheme`` keys.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["dark", "light"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

TEXT = 4.5
"""Minimum contrast of text in WCAG 2.1 AA (success criterion 1.4.3)."""

PART = 3.0
"""Minimum contrast of user interface components in WCAG 2.1 AA (success criterion 1.4.11)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A named color; ``against`` are its backgrounds, ``contrast`` is the minimum ratio to each under WCAG AA."""

    name: str
    group: str
    label: str
    against: tuple[str, ...] = ()
    contrast: float = 1.0

    @property
    def variable(self) -> str:
        """Return the CSS custom property: ``--bright-black`` for ``brightBlack``."""
        return "--" + "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in self.name)


_GROUND = ("background", "surface")

TOKENS = (
    Token("background", "Page", "background"),
    Token("surface", "Page", "dialogs and lists"),
    Token("border", "Page", "lines between"),
    Token("foreground", "Page", "text", _GROUND, TEXT),
    Token("dim", "Page", "quiet text", _GROUND, TEXT),
    Token("accent", "Page", "accent", _GROUND, TEXT),
    Token("onAccent", "Page", "text on the accent", ("accent",), TEXT),
    Token("cursor", "Typing", "cursor", ("background",), PART),
    Token("cursorAccent", "Typing", "text under the cursor", ("cursor",), PART),
    Token("selectionBackground", "Typing", "selection"),
    Token("selectionForeground", "Typing", "selected text", ("selectionBackground",), TEXT),
    Token("selectionInactiveBackground", "Typing", "selection elsewhere"),
    Token("success", "Messages", "success", _GROUND, TEXT),
    Token("warning", "Messages", "warning", _GROUND, TEXT),
    Token("error", "Messages", "error", _GROUND, TEXT),
    Token("info", "Messages", "information", _GROUND, TEXT),
    Token("voiceIdle", "Voice", "idle", _GROUND, PART),
    Token("voiceListening", "Voice", "listening", _GROUND, PART),
    Token("voiceProcessing", "Voice", "processing", _GROUND, PART),
    Token("voiceSpeaking", "Voice", "speaking", _GROUND, PART),
    Token("voiceError", "Voice", "error", _GROUND, PART),
    # No contrast is required of the palette: terminals have black on black, and the page shows no text in it.
    *(Token(name, "Palette", name) for name in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")),
    *(
        Token(f"bright{name}", "Palette", f"bright {name.lower()}")
        for name in ("Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White")
    ),
)
BY_NAME = {token.name: token for token in TOKENS}

FONTS = {
    "system": (
        'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
    ),
    "cascadia": '"Cascadia Code", "Cascadia Mono", ui-monospace, monospace',
    "courier": '"Courier New", Courier, "Liberation Mono", monospace',
    "hack": 'Hack, "DejaVu Sans Mono", ui-monospace, monospace',
    "hyperlegible": '"Atkinson Hyperlegible Mono", "Atkinson Hyperlegible", ui-monospace, monospace',
    "jetbrains": '"JetBrains Mono", ui-monospace, monospace',
    "dyslexic": '"OpenDyslexicMono", OpenDyslexic, ui-monospace, monospace',
    "sans": 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
    "serif": 'ui-serif, Georgia, "DejaVu Serif", serif',
}
"""CSS font stacks by name. They use installed fonts only; the page loads no web fonts."""

SIZES = (12, 32)
"""Smallest and largest text size, in whole CSS pixels."""

LINE_HEIGHTS = (1.2, 2.4)
"""Smallest and largest line height, as a multiple of the size, in steps of 0.1."""
