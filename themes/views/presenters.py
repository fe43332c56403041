"""What the page of a theme shows of each color: how it reads, and what is kept where that differs."""

from dataclasses import dataclass

from django.forms import BoundField

from themes.color.contrast import Pair
from themes.forms.edit import ThemeEditForm
from themes.schema import ThemeData
from themes.tokens import BY_NAME, TOKENS, Token

_PALETTE = [token for token in TOKENS if token.group == "Palette"]
_STEP = 38
"""Between two colors in the drawing."""


@dataclass(frozen=True, slots=True)
class ContrastResult:
    """How one color reads on another, in words."""

    token: str
    label: str
    ground: str
    ratio: str
    required: str
    fails: bool


@dataclass(frozen=True, slots=True)
class ColorRow:
    """A color of the form: its two fields, how it reads, and what is kept where that differs."""

    token: Token
    typed: BoundField
    picked: BoundField
    contrast_results: list[ContrastResult]
    now: str


def group_rows(
    form: ThemeEditForm, seen: ThemeData, now: ThemeData, contrast_results: list[ContrastResult]
) -> list[tuple[str, list[ColorRow]]]:
    """The rows of the form by the groups of the tokens."""
    made: dict[str, list[ColorRow]] = {token.group: [] for token in TOKENS}
    for token, typed, picked in form.color_fields():
        name = token.name
        differs = now.colors[name] if now.colors[name] != seen.colors[name] else ""
        of_token = [result for result in contrast_results if result.token == name]
        made[token.group].append(ColorRow(token, typed, picked, of_token, differs))
    return list(made.items())


def contrast_result(pair: Pair) -> ContrastResult:
    """The pair in words."""
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
    """What besides the colors is kept otherwise than it is filled in."""
    kept_now = {
        "Name": (now.name, seen.name),
        "Made for": (now.scheme, seen.scheme),
        "Font": (now.typography.font, seen.typography.font),
        "Size": (str(now.typography.size), str(seen.typography.size)),
        "Line height": (str(now.typography.line_height), str(seen.typography.line_height)),
    }
    return [(label, kept_value) for label, (kept_value, value) in kept_now.items() if kept_value != value]


def palette(seen: ThemeData) -> list[tuple[int, str]]:
    """Where in the drawing each color of the palette is, and the color."""
    return [(20 + _STEP * place, seen.colors[token.name]) for place, token in enumerate(_PALETTE)]
