"""Derives a complete theme from a terminal's 16 ANSI colors, foreground and background. Pure."""

from dataclasses import dataclass

from themes.color.contrast import contrast, fix_contrast
from themes.color.oklch import mix, same_hue
from themes.schema import ThemeData, sort_by_token
from themes.tokens import TEXT, TOKENS, Scheme

ANSI = tuple(token.name for token in TOKENS if token.group == "Palette")
"""The palette tokens in the order of the ANSI colors 0 to 15."""

_SURFACE_MIXES = (0.08, 0.06, 0.04, 0.02)
"""Fractions of the foreground in the surface; the first one with readable text is used."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colors of a terminal's scheme: ``ansi`` has 16 of them, ``None`` stands for a color that it lacks."""

    foreground: str
    background: str
    ansi: tuple[str, ...]
    cursor: str | None = None
    cursor_text: str | None = None
    selection: str | None = None
    selection_text: str | None = None


def theme_from_palette(name: str, palette: Palette, *, scheme: Scheme | None = None) -> ThemeData:
    """Derive a complete theme. Colors of the palette are unchanged; derived colors pass WCAG AA where possible."""
    made = _interface_colors(palette)
    said = {
        "foreground": palette.foreground,
        "background": palette.background,
        "cursor": palette.cursor,
        "cursorAccent": palette.cursor_text,
        "selectionBackground": palette.selection,
        "selectionForeground": palette.selection_text,
        **dict(zip(ANSI, palette.ansi, strict=True)),
    }
    kept = {token: color for token, color in said.items() if color is not None}
    colors = fix_contrast({**made, **kept}, TEXT, locked=frozenset(kept))
    return ThemeData(name, scheme or scheme_for_background(palette.background), sort_by_token(colors))


def scheme_for_background(background: str) -> Scheme:
    """Return ``dark`` if white has at least as much contrast on the background as black, else ``light``."""
    return "dark" if contrast("#ffffff", background) >= contrast("#000000", background) else "light"


def _interface_colors(palette: Palette) -> dict[str, str]:
    ground, text = palette.background, palette.foreground
    surface = _surface(ground, text)
    dim = mix(text, ground, 0.3)
    # In some schemes "bright black" is the darkest color, which on a light background has the most contrast.
    gray = palette.ansi[8]
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
        "voiceIdle": gray if contrast(gray, ground) < contrast(text, ground) else dim,
        "voiceListening": blue,
        "voiceProcessing": yellow,
        "voiceSpeaking": green,
        "voiceError": red,
    }


def _hue(normal: str, bright: str, grounds: tuple[str, str]) -> str:
    """Return the normal color, or the bright one if only that passes and both have the same hue."""
    reads = all(contrast(normal, ground) >= TEXT for ground in grounds)
    better = all(contrast(bright, ground) >= TEXT for ground in grounds)
    return bright if better and not reads and same_hue(normal, bright) else normal


def _surface(ground: str, text: str) -> str:
    lifted = (mix(ground, text, lift) for lift in _SURFACE_MIXES)
    return next((surface for surface in lifted if contrast(text, surface) >= TEXT), ground)
