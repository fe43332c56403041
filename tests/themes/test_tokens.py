"""Tests the default colors in ``tokens.css``: complete, the only color literals, equal to the default presets."""

import re
from pathlib import Path

import pytest

from tests.themes.strategies import preset
from themes.tokens import BY_NAME, FONTS, TOKENS

CSS = Path(__file__).parents[2] / "static" / "css"


def defaults() -> dict[str, dict[str, str]]:
    """Return the colors of ``tokens.css`` by scheme and CSS variable."""
    dark, light = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: light)")
    return {
        scheme: dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", css))
        for scheme, css in (("dark", dark), ("light", light))
    }


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_style_sheet_has_the_default_presets(scheme: str) -> None:
    expected = preset(f"default-{scheme}").colors
    assert defaults()[scheme] == {token.variable: expected[token.name] for token in TOKENS}


def test_the_style_sheet_has_the_fonts() -> None:
    assert dict(re.findall(r"--font-(\w+): ([^;]+);", (CSS / "tokens.css").read_text())) == FONTS


def test_no_other_file_has_colors() -> None:
    for path in CSS.glob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl)a?\(", path.read_text()), path.name


def test_names_are_unique_and_css_variables() -> None:
    assert len(BY_NAME) == len(TOKENS) == len({token.variable for token in TOKENS})
    assert BY_NAME["selectionInactiveBackground"].variable == "--selection-inactive-background"


def test_every_background_is_a_token() -> None:
    assert all(ground in BY_NAME for token in TOKENS for ground in token.against)
    assert all((token.contrast > 1) == bool(token.against) for token in TOKENS)
