"""Contrast between two colors as WCAG 2.1 defines it (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio). Pure.

A minimum is 1 (no requirement), 4.5 (AA: text 4.5, interface components 3, see ``tokens``) or 7 (AAA: text 7,
interface components 4.5).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from themes.color.oklch import channels, oklch, rgb
from themes.tokens import PART, TEXT, TOKENS, Token

MINIMA = (1.0, 4.5, 7.0)
"""The minimum contrasts that a user can select."""

_ENHANCED = {TEXT: 7.0, PART: 4.5}
_STEP = 1 / 256
_BASE_TOKENS = frozenset(ground for token in TOKENS for ground in token.against) - {
    token.name for token in TOKENS if token.against
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A color pair: a token, its background, their contrast ratio, and the required ratio."""

    token: str
    ground: str
    ratio: float
    required: float

    @property
    def fails(self) -> bool:
        """Return whether the ratio is below the required one."""
        return self.ratio < self.required

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form. The ratio is rounded down, so that a failing 4.499 is not shown as 4.5."""
        ratio = floor(self.ratio * 100) / 100
        return {"token": self.token, "ground": self.ground, "ratio": ratio, "required": self.required}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors in ``#rrggbb``, from 1 to 21. Raises ``ValueError``."""
    return _ratio(luminance(one), luminance(other))


def luminance(color: str) -> float:
    """Return the relative luminance of a color in ``#rrggbb``, 0 (black) to 1 (white). Raises ``ValueError``."""
    red, green, blue = channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def required(token: Token, minimum: float) -> float:
    """Return the ratio that the minimum requires of the token on each of its backgrounds."""
    if minimum <= 1:
        return 1.0
    return _ENHANCED.get(token.contrast, token.contrast) if minimum > TEXT else token.contrast


def contrast_pairs(colors: Mapping[str, str], minimum: float = TEXT) -> list[Pair]:
    """Return every color with each of its backgrounds, in token order."""
    return [
        Pair(token.name, ground, contrast(colors[token.name], colors[ground]), required(token, minimum))
        for token in TOKENS
        for ground in token.against
    ]


def failing_pairs(colors: Mapping[str, str], minimum: float = TEXT) -> list[Pair]:
    """Return the pairs below the required contrast."""
    return [pair for pair in contrast_pairs(colors, minimum) if pair.fails]


def fix_contrast(
    colors: Mapping[str, str], minimum: float = TEXT, *, locked: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return the colors with the lightness of failing ones changed as little as possible; the hue stays.

    Colors that pass are unchanged. A background changes only if no color would pass on it. Colors in ``locked`` never
    change: only then can some pairs still fail.
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
    """Return the color at the nearest lightness that passes on all backgrounds, ``None`` if there is none."""
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
    """Return the colors with the token's backgrounds changed until white, or until black, passes on each of them.

    Backgrounds that have a background themselves (``accent`` under ``onAccent``) stay: a color that passes on its own
    background is so light or so dark that black or white passes on it.
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
    """Yield the color at every lightness, the nearest first, with black and white at the end."""
    lightness, chroma, hue = oklch(color)
    yield color
    for step in range(1, round(1 / _STEP) + 1):
        for shade in (lightness + step * _STEP, lightness - step * _STEP):
            if -_STEP < shade < 1 + _STEP:
                yield rgb((shade, chroma, hue))


def _ratio(one: float, other: float) -> float:
    lighter, darker = (one, other) if one > other else (other, one)
    return (lighter + 0.05) / (darker + 0.05)
