"""What the page of a theme shows of each colour: how it reads, and what is kept where that differs."""

from dataclasses import dataclass

from django.forms import BoundField

from themes.contrast import Pair
from themes.edit_form import EditForm
from themes.tokens import BY_NAME, TOKENS, Token
from themes.validation import Document

_PALETTE = [token for token in TOKENS if token.group == "Palette"]
_STEP = 38
"""Between two colours in the drawing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one colour reads on another, in words."""

    token: str
    label: str
    ground: str
    ratio: str
    required: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A colour of the form: its two fields, how it reads, and what is kept where that differs."""

    token: Token
    typed: BoundField
    picked: BoundField
    readings: list[Reading]
    now: str


def groups(form: EditForm, seen: Document, now: Document, readings: list[Reading]) -> list[tuple[str, list[Row]]]:
    """The rows of the form by the groups of the tokens."""
    made: dict[str, list[Row]] = {token.group: [] for token in TOKENS}
    for token, typed, picked in form.colour_fields():
        name = token.name
        differs = now.colours[name] if now.colours[name] != seen.colours[name] else ""
        of_token = [reading for reading in readings if reading.token == name]
        made[token.group].append(Row(token, typed, picked, of_token, differs))
    return list(made.items())


def reading_of(pair: Pair) -> Reading:
    """The pair in words."""
    token = BY_NAME[pair.token]
    label = f"{token.group.lower()} {token.label}" if token.group == "Voice" else token.label
    facts = pair.public()
    return Reading(
        pair.token,
        label,
        BY_NAME[pair.ground].label,
        f"{facts['ratio']:.2f}",
        f"{facts['required']:g}",
        pair.fails,
    )


def differing(seen: Document, now: Document) -> list[tuple[str, str]]:
    """What besides the colours is kept otherwise than it is filled in."""
    kept_now = {
        "Name": (now.name, seen.name),
        "Made for": (now.scheme, seen.scheme),
        "Font": (now.typography.font, seen.typography.font),
        "Size": (str(now.typography.size), str(seen.typography.size)),
        "Line height": (str(now.typography.line_height), str(seen.typography.line_height)),
    }
    return [(label, kept_value) for label, (kept_value, value) in kept_now.items() if kept_value != value]


def palette(seen: Document) -> list[tuple[int, str]]:
    """Where in the drawing each colour of the palette is, and the colour."""
    return [(20 + _STEP * place, seen.colours[token.name]) for place, token in enumerate(_PALETTE)]
