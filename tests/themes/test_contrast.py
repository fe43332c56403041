"""Tests the WCAG contrast ratio and the contrast fix."""

from math import pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.strategies import colors, gray_palettes, palettes, preset
from themes.color.contrast import MINIMA, Pair, contrast, contrast_pairs, failing_pairs, fix_contrast
from themes.color.oklch import distance, from_display_p3, mix, oklch, rgb
from themes.tokens import TOKENS

slow = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#336699", "#336699", 1)]
)
def test_known_contrasts(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("color", ["", "red", "#fff", "#gggggg", "ffffff0"])
def test_an_invalid_color_is_rejected(color: str) -> None:
    with pytest.raises(ValueError, match=r"color|literal"):
        contrast(color, "#000000")


def test_every_token_is_paired_with_each_of_its_grounds() -> None:
    made = {(pair.token, pair.ground) for pair in contrast_pairs(preset("ocean-dark").colors)}
    assert made == {(token.name, ground) for token in TOKENS for ground in token.against}


@pytest.mark.parametrize(("minimum", "text", "part"), [(1, 1, 1), (4.5, 4.5, 3), (7, 7, 4.5)])
def test_text_requires_more_contrast_than_ui_parts(minimum: float, text: float, part: float) -> None:
    required = {pair.token: pair.required for pair in contrast_pairs(preset("ocean-dark").colors, minimum)}
    assert (required["foreground"], required["voiceIdle"]) == (text, part)


def test_a_failing_ratio_is_never_rounded_up_to_a_pass() -> None:
    assert Pair("dim", "surface", 4.4999, 4.5).to_dict()["ratio"] == 4.49


def test_passing_colors_are_unchanged() -> None:
    ocean = preset("ocean-dark").colors
    assert fix_contrast(ocean) == ocean


@given(palettes)
@slow
def test_without_a_minimum_nothing_changes(made: dict[str, str]) -> None:
    assert failing_pairs(made, 1) == []
    assert fix_contrast(made, 1) == made


@given(palettes | gray_palettes, st.sampled_from(MINIMA))
@slow
def test_fixed_colors_pass_and_fixing_is_idempotent(made: dict[str, str], minimum: float) -> None:
    fixed = fix_contrast(made, minimum)
    assert failing_pairs(fixed, minimum) == []
    assert fix_contrast(fixed, minimum) == fixed
    assert list(fixed) == list(made)


@given(palettes)
@slow
def test_only_failing_colors_change(made: dict[str, str]) -> None:
    faulty = {pair.token for pair in failing_pairs(made)}
    fixed = fix_contrast(made)
    # Text on a changed color may have to change too, and so may a background.
    followers = {"onAccent", "cursorAccent", "surface", "background", "selectionBackground"}
    moved = {name for name in made if fixed[name] != made[name]}
    if not moved & {"surface", "background"}:
        assert moved <= faulty | followers


def test_text_changes_and_its_backgrounds_stay() -> None:
    made = {**preset("paper-light").colors, "foreground": "#6e7f8d", "dim": "#b5bfc6"}
    fixed = fix_contrast(made)
    assert {name for name in made if fixed[name] != made[name]} == {"foreground", "dim"}


def test_a_color_keeps_its_hue() -> None:
    made = {**preset("default-dark").colors, "accent": "#1d4ed8"}
    before, after = oklch(made["accent"]), oklch(fix_contrast(made)["accent"])
    assert after[0] > before[0]
    assert abs(before[2] - after[2]) < pi / 60


@pytest.mark.parametrize(("color", "lighter"), [("#b0b0b0", True), ("#303030", False)])
def test_a_color_changes_in_the_direction_of_the_smaller_change(color: str, *, lighter: bool) -> None:
    made = {**preset("default-dark").colors, "background": "#707070", "surface": "#707070", "voiceIdle": color}
    fixed = fix_contrast(made)["voiceIdle"]
    assert fixed != color
    assert (oklch(fixed)[0] > oklch(color)[0]) == lighter


def test_a_background_changes_only_if_no_color_would_pass() -> None:
    ocean = preset("ocean-dark").colors
    gray = fix_contrast({**ocean, "background": "#808080", "surface": "#7a7a7a"}, 7)
    assert failing_pairs(gray, 7) == []
    assert gray["background"] != "#808080"
    assert fix_contrast({**ocean, "background": "#808080", "surface": "#7a7a7a"}, 4.5)["background"] == "#808080"


def test_locked_colors_are_unchanged() -> None:
    made = {**preset("default-dark").colors, "foreground": "#222222", "dim": "#222222"}
    fixed = fix_contrast(made, locked=frozenset({"foreground"}))
    assert fixed["foreground"] == "#222222"
    assert {pair.token for pair in failing_pairs(fixed)} == {"foreground"}


@given(colors)
def test_oklch_round_trip(color: str) -> None:
    assert rgb(oklch(color)) == color


@given(colors, colors)
def test_mixing_starts_and_ends_at_the_given_colors(one: str, other: str) -> None:
    assert distance(mix(one, other, 0), one) < 0.01
    assert distance(mix(one, other, 1), other) < 0.01


@pytest.mark.parametrize(
    ("channels", "expected"),
    # The last is sRGB red: CSS Color 4 converts color(display-p3 0.9176 0.2003 0.1386) to it.
    [((0, 0, 0), "#000000"), ((1, 1, 1), "#ffffff"), ((1, 0, 0), "#ff0000"), ((0.9176, 0.2003, 0.1386), "#ff0000")],
)
def test_display_p3_is_converted_to_srgb(channels: tuple[float, ...], expected: str) -> None:
    red, green, blue = channels
    assert distance(from_display_p3(red, green, blue), expected) < 0.01
