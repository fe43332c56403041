"""The default colours: complete, the only ones, and readable."""

import re
from pathlib import Path

import pytest

from themes.contrast import contrast
from themes.tokens import TOKENS, Token

CSS = Path(__file__).parents[2] / "static" / "css"


def defaults() -> dict[str, dict[str, str]]:
    """Colours by scheme and name, as ``tokens.css`` gives them."""
    dark, light = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: light)")
    return {
        scheme: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
        for scheme, css in (("dark", dark), ("light", light))
    }


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_token_has_a_colour_and_nothing_else_has(scheme: str) -> None:
    assert set(defaults()[scheme]) == {token.name for token in TOKENS}


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name)
def test_what_is_read_can_be_read(scheme: str, token: Token) -> None:
    colours = defaults()[scheme]
    for ground in token.against:
        assert contrast(colours[token.name], colours[ground]) >= token.contrast, ground


def test_no_other_file_has_colours() -> None:
    for path in CSS.glob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl)a?\(", path.read_text()), path.name


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#336699", "#336699", 1)]
)
def test_known_contrasts(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#gggggg", "ffffff0"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match=r"colour|literal"):
        contrast(colour, "#000000")
