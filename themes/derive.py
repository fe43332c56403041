"""The interface's colours out of a terminal's: sixteen of a palette, a foreground and a background. Pure."""

from dataclasses import dataclass

from themes.contrast import contrast, fix
from themes.oklch import akin, mix
from themes.tokens import TEXT, TOKENS, Scheme
from themes.validation import Document, in_order

ANSI = tuple(token.name for token in TOKENS if token.group == "Palette")
"""The palette's tokens in the order of a terminal's colours 0 to 15."""

_LIFTS = (0.08, 0.06, 0.04, 0.02)
"""How much of the foreground is in the surface: the most that the text still reads on."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What a terminal's scheme says: ``ansi`` has its sixteen colours, ``None`` is what the scheme does not say."""

    foreground: str
    background: str
    ansi: tuple[str, ...]
    cursor: str | None = None
    cursor_text: str | None = None
    selection: str | None = None
    selection_text: str | None = None


def derive(name: str, palette: Palette, *, scheme: Scheme | None = None) -> Document:
    """A whole theme. What the palette says is kept to the letter; what is made from it can be read."""
    made = _made(palette)
    said = {
        "foreground": palette.foreground,
        "background": palette.background,
        "cursor": palette.cursor,
        "cursorAccent": palette.cursor_text,
        "selectionBackground": palette.selection,
        "selectionForeground": palette.selection_text,
        **dict(zip(ANSI, palette.ansi, strict=True)),
    }
    kept = {token: colour for token, colour in said.items() if colour is not None}
    colours = fix({**made, **kept}, TEXT, keep=frozenset(kept))
    return Document(name, scheme or scheme_of(palette.background), in_order(colours))


def scheme_of(background: str) -> Scheme:
    """Dark where white reads better on it than black."""
    return "dark" if contrast("#ffffff", background) >= contrast("#000000", background) else "light"


def _made(palette: Palette) -> dict[str, str]:
    ground, text = palette.background, palette.foreground
    surface = _surface(ground, text)
    dim = mix(text, ground, 0.3)
    # Some schemes have their darkest colour there, which on a light ground would be the loudest of all.
    grey = palette.ansi[8]
    selection = palette.selection or mix(ground, text, 0.22)
    red, green, yellow, blue, _magenta, cyan = (
        _hue(normal, bright, (ground, surface))
        for normal, bright in zip(palette.ansi[1:7], palette.ansi[9:15], strict=True)
    )
    return {
        "surface": surface,
        "border": mix(ground, text, 0.25),
        "dim": dim,
        "accent": blue,
        "onAccent": ground,
        "cursor": text,
        "cursorAccent": ground,
        "selectionBackground": selection,
        "selectionForeground": text,
        "selectionInactiveBackground": mix(ground, selection, 0.6),
        "success": green,
        "warning": yellow,
        "error": red,
        "info": cyan,
        "voiceIdle": grey if contrast(grey, ground) < contrast(text, ground) else dim,
        "voiceListening": blue,
        "voiceProcessing": yellow,
        "voiceSpeaking": green,
        "voiceError": red,
    }


def _hue(normal: str, bright: str, grounds: tuple[str, str]) -> str:
    """The normal colour, or the bright one where only that reads; some schemes keep quite other colours there."""
    reads = all(contrast(normal, ground) >= TEXT for ground in grounds)
    better = all(contrast(bright, ground) >= TEXT for ground in grounds)
    return bright if better and not reads and akin(normal, bright) else normal


def _surface(ground: str, text: str) -> str:
    lifted = (mix(ground, text, lift) for lift in _LIFTS)
    return next((surface for surface in lifted if contrast(text, surface) >= TEXT), ground)
