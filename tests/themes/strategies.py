"""Hypothesis strategies of valid themes: any colors, names and typography that ``themes.schema`` allows."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from themes.color.palette_import import Palette
from themes.errors import ThemeError
from themes.schema import ThemeData, Typography, check_name, parse_theme, sort_by_token
from themes.tokens import FONTS, LINE_HEIGHTS, SCHEMES, SIZES, TOKENS

PRESETS = Path(__file__).parents[2] / "themes" / "presets.json"

colors = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
# Similar colors, where contrast is hardest to reach.
grays = st.integers(0, 255).map(lambda level: f"#{level:02x}{level:02x}{level:02x}")


def _shown(name: str) -> bool:
    try:
        return check_name(name) == name
    except ThemeError:
        return False


names = st.text(min_size=1, max_size=60).filter(_shown)
heights = st.integers(round(LINE_HEIGHTS[0] * 10), round(LINE_HEIGHTS[1] * 10)).map(lambda tenths: tenths / 10)
typographies = st.builds(Typography, font=st.sampled_from(sorted(FONTS)), size=st.integers(*SIZES), line_height=heights)
palettes = st.fixed_dictionaries({token.name: colors for token in TOKENS}).map(sort_by_token)
gray_palettes = st.fixed_dictionaries({token.name: grays for token in TOKENS}).map(sort_by_token)
documents = st.builds(ThemeData, name=names, scheme=st.sampled_from(SCHEMES), colors=palettes, typography=typographies)
terminal_palettes = st.builds(
    Palette,
    foreground=colors,
    background=colors,
    ansi=st.tuples(*[colors] * 16),
    cursor=st.none() | colors,
    cursor_text=st.none() | colors,
    selection=st.none() | colors,
    selection_text=st.none() | colors,
)


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Return the entries of ``presets.json`` by id."""
    return {entry["id"]: entry for entry in json.loads(PRESETS.read_text())}


def preset(name: str) -> ThemeData:
    """Return a shipped preset as a theme."""
    return parse_theme({key: presets()[name][key] for key in ("name", "scheme", "colors", "typography")})
