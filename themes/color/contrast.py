"""Contrast between two colors as WCAG 2.1 defines it (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio). Pure.

A minimum is 1 (nothing is asked), 4.5 (AA: text 4.5, parts 3, as ``tokens`` says) or 7 (AAA: text 7, parts 4.5).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from themes.color.oklch import channels, oklch, rgb
from themes.tokens import PART, TEXT, TOKENS, Token

MINIMA = (1.0, 4.5, 7.0)
"""What a person can ask for."""

_ENHANCED = {TEXT: 7.0, PART: 4.5}
_STEP = 1 / 256
_BASE_TOKENS = frozenset(ground for token in TOKENS for ground in token.against) - {
    token.name for token in TOKENS if token.against
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A color on the ground it is seen on, the ratio between them, and the least that it should have."""

    token: str
    ground: str
    ratio: float
    required: float

    @property
    def fails(self) -> bool:
        """Whether the ratio is too small."""
        return self.ratio < self.required

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; rounded down, so that 4.499 is not told as the 4.5 it misses."""
        ratio = floor(self.ratio * 100) / 100
        return {"token": self.token, "ground": self.ground, "ratio": ratio, "required": self.required}


def contrast(one: str, other: str) -> float:
    """The ratio between two colors in ``#rrggbb``, from 1 to 21. Raises ``ValueError`` for anything else."""
    return _ratio(luminance(one), luminance(other))


def luminance(color: str) -> float:
    """Relative luminance of a color in ``#rrggbb``, 0 (black) to 1 (white). Raises ``ValueError`` for all else."""
    red, green, blue = channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def required(token: Token, minimum: float) -> float:
    """What this minimum asks of the token on each of its grounds."""
    if minimum <= 1:
        return 1.0
    return _ENHANCED.get(token.contrast, token.contrast) if minimum > TEXT else token.contrast


def contrast_pairs(colors: Mapping[str, str], minimum: float = TEXT) -> list[Pair]:
    """Every color on every ground it is seen on, in the order of the tokens."""
    return [
        Pair(token.name, ground, contrast(colors[token.name], colors[ground]), required(token, minimum))
        for token in TOKENS
        for ground in token.against
    ]


def failing_pairs(colors: Mapping[str, str], minimum: float = TEXT) -> list[Pair]:
    """The pairs that have less contrast than they should."""
    return [pair for pair in contrast_pairs(colors, minimum) if pair.fails]


def fix_contrast(
    colors: Mapping[str, str], minimum: float = TEXT, *, locked: frozenset[str] = frozenset()
) -> dict[str, str]:
    """The colors with those made lighter or darker, whichever is nearer, that could not be read; their hue stays.

    What reads already stays as it is. A ground moves only where nothing at all would read on it. Nothing in ``locked``
    is moved: then, and only then, some pairs may go on failing.
    """
    fixed = dict(colors)
    for token in TOKENS:
        if token.name in locked or not _unreadable(fixed, token, minimum):
            continue
        legible = _legible(fixed, token, minimum)
        if legible is not None:
            fixed[token.name] = legible
        elif (roomy := _with_moved_grounds(colors, token, minimum, locked)) != colors:
            return fix_contrast(roomy, minimum, locked=locked)
    return fixed


def _unreadable(colors: Mapping[str, str], token: Token, minimum: float) -> bool:
    wanted = required(token, minimum)
    return any(contrast(colors[token.name], colors[ground]) < wanted for ground in token.against)


def _legible(colors: Mapping[str, str], token: Token, minimum: float) -> str | None:
    """The token's color in the nearest lightness that reads on all its grounds, if there is one."""
    wanted = required(token, minimum)
    grounds = [luminance(colors[ground]) for ground in token.against]
    for shade in _shades(colors[token.name]):
        light = luminance(shade)
        if all(_ratio(light, ground) >= wanted for ground in grounds):
            return shade
    return None


def _with_moved_grounds(
    colors: Mapping[str, str], token: Token, minimum: float, locked: frozenset[str]
) -> dict[str, str]:
    """The colors with the token's grounds moved until white, or until black, reads on each of them.

    Grounds that are themselves seen on something (``accent`` under ``onAccent``) stay: what reads on its own ground is
    so light or so dark that black or white reads on it.
    """
    wanted = required(token, minimum)
    roomy = dict(colors)
    grounds = [ground for ground in token.against if ground in _BASE_TOKENS]
    if grounds:
        first = luminance(colors[grounds[0]])
        pole = 1.0 if _ratio(1.0, first) >= _ratio(0.0, first) else 0.0
        for ground in (ground for ground in grounds if ground not in locked):
            shades = _shades(colors[ground])
            roomy[ground] = next(shade for shade in shades if _ratio(luminance(shade), pole) >= wanted)
    return roomy


def _shades(color: str) -> Iterator[str]:
    """The color in every lightness, the nearest first; black and white are the last of them."""
    lightness, chroma, hue = oklch(color)
    yield color
    for step in range(1, round(1 / _STEP) + 1):
        for shade in (lightness + step * _STEP, lightness - step * _STEP):
            if -_STEP < shade < 1 + _STEP:
                yield rgb((shade, chroma, hue))


def _ratio(one: float, other: float) -> float:
    lighter, darker = (one, other) if one > other else (other, one)
    return (lighter + 0.05) / (darker + 0.05)
