"""Prepares the theme page's rows: contrast results, and stored values that differ from the form."""

from dataclasses import dataclass

from django.forms import BoundField

from themes.color.contrast import Pair
from themes.forms.edit import ThemeEditForm
from themes.schema import ThemeData
from themes.tokens import BY_NAME, TOKENS, Token

_PALETTE = [token for token in TOKENS if token.group == "Palette"]
_STEP = 38
"""Distance of two palette colors in the preview, in SVG units."""


@dataclass(frozen=True, slots=True)
class ContrastResult:
    """A color pair's contrast, formatted for the page."""

    token: str
    label: str
    ground: str
    ratio: str
    required: str
    fails: bool


@dataclass(frozen=True, slots=True)
class ColorRow:
    """A color of the form: its two fields, its contrast results, and the stored color if it differs."""

    token: Token
    typed: BoundField
    picked: BoundField
    contrast_results: list[ContrastResult]
    now: str


def group_rows(
    form: ThemeEditForm, seen: ThemeData, now: ThemeData, contrast_results: list[ContrastResult]
) -> list[tuple[str, list[ColorRow]]]:
    """Return the form's rows by token group."""
    made: dict[str, list[ColorRow]] = {token.group: [] for token in TOKENS}
    for token, typed, picked in form.color_fields():
        name = token.name
        differs = now.colors[name] if now.colors[name] != seen.colors[name] else ""
        of_token = [result for result in contrast_results if result.token == name]
        made[token.group].append(ColorRow(token, typed, picked, of_token, differs))
    return list(made.items())


def contrast_result(pair: Pair) -> ContrastResult:
    """Format a color pair."""
    token = BY_NAME[pair.token]
    label = f"{token.group.lower()} {token.label}" if token.group == "Voice" else token.label
    facts = pair.to_dict()
    return ContrastResult(
        pair.token,
        label,
        BY_NAME[pair.ground].label,
        f"{facts['ratio']:.2f}",
        f"{facts['required']:g}",
        pair.fails,
    )


def differing_fields(seen: ThemeData, now: ThemeData) -> list[tuple[str, str]]:
    """Return label and stored value of the fields, except colors, that differ from the form."""
    kept_now = {
        "Name": (now.name, seen.name),
        "Color scheme": (now.scheme, seen.scheme),
        "Font": (now.typography.font, seen.typography.font),
        "Size": (str(now.typography.size), str(seen.typography.size)),
        "Line height": (str(now.typography.line_height), str(seen.typography.line_height)),
    }
    return [(label, kept_value) for label, (kept_value, value) in kept_now.items() if kept_value != value]


def palette(seen: ThemeData) -> list[tuple[int, str]]:
    """Return the x position of each palette color in the preview, and the color."""
    return [(20 + _STEP * place, seen.colors[token.name]) for place, token in enumerate(_PALETTE)]
