"""Tests that every color of text in the style sheets has the contrast required for text, in every shipped preset."""

import re
from pathlib import Path

import pytest

from tests.themes.strategies import presets
from themes.color.contrast import contrast
from themes.tokens import TEXT, TOKENS

ROOT = Path(__file__).parents[2]
SHEETS = sorted(path for folder in ("css", "admin/themes") for path in (ROOT / "static" / folder).glob("*.css"))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOR = re.compile(r"(?<![-\w])color:\s*var\((--[\w-]+)\)")
GROUND = re.compile(r"(?<![-\w])background(?:-color)?:\s*var\((--[\w-]+)\)")
SAMPLES = {("cursorAccent", "cursor")}
"""Pairs that only the admin's preview shows: one letter under the cursor."""
BY_VARIABLE = {token.variable: token for token in TOKENS}


def painted() -> set[tuple[str, str]]:
    """Return the pairs of text and ground: the ground of the rule, or those that the token is made for."""
    pairs = set()
    for sheet in SHEETS:
        for _selector, body in RULE.findall(sheet.read_text(encoding="utf-8")):
            for variable in COLOR.findall(body):
                token = BY_VARIABLE.get(variable)
                if token is None:
                    continue
                grounds = [BY_VARIABLE[name].name for name in GROUND.findall(body) if name in BY_VARIABLE]
                pairs |= {(token.name, ground) for ground in grounds or token.against}
    return pairs


def test_the_style_sheets_paint_text() -> None:
    assert {("foreground", "background"), ("dim", "surface"), ("onAccent", "accent"), ("error", "surface")} <= painted()


@pytest.mark.parametrize("entry", presets().values(), ids=presets())
def test_painted_text_can_be_read(entry: dict[str, dict[str, str]]) -> None:
    colors = entry["colors"]
    faint = {pair for pair in painted() - SAMPLES if contrast(colors[pair[0]], colors[pair[1]]) < TEXT}
    assert faint == set()
