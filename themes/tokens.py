"""Everything on the page that has a colour of its own, and what each is read against.

Pure, and the one list: ``static/css/tokens.css`` gives each a value, dark and light, and nothing else has colours.
"""

from dataclasses import dataclass

TEXT = 4.5
"""Contrast that WCAG 2.1 AA asks of text (1.4.3)."""

PART = 3.0
"""Contrast that WCAG 2.1 AA asks of what is not text but must be seen (1.4.11)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A colour by name; ``against`` are the colours it is seen on, ``contrast`` the least ratio to each."""

    name: str
    against: tuple[str, ...] = ()
    contrast: float = 1.0


_GROUND = ("background", "surface")

TOKENS = (
    Token("background"),
    Token("surface"),
    Token("border"),
    Token("text", _GROUND, TEXT),
    Token("text-dim", _GROUND, TEXT),
    Token("accent", _GROUND, TEXT),
    Token("on-accent", ("accent",), TEXT),
    Token("success", _GROUND, TEXT),
    Token("warning", _GROUND, TEXT),
    Token("error", _GROUND, TEXT),
    Token("info", _GROUND, TEXT),
    Token("voice-idle", _GROUND, PART),
    Token("voice-listening", _GROUND, PART),
    Token("voice-processing", _GROUND, PART),
    Token("voice-speaking", _GROUND, PART),
    Token("voice-error", _GROUND, PART),
)
