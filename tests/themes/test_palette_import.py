"""Tests the derivation of a theme from a terminal's palette."""

from hypothesis import given, settings

from tests.themes.strategies import terminal_palettes
from themes.color.contrast import contrast, failing_pairs
from themes.color.palette_import import ANSI, Palette, theme_from_palette
from themes.schema import parse_theme
from themes.tokens import TOKENS

NIGHT = Palette(
    foreground="#d0d0e0",
    background="#101020",
    ansi=(
        "#202030",
        "#802020",
        "#208020",
        "#808020",
        "#2020a0",
        "#802080",
        "#208080",
        "#a0a0b0",
        "#404050",
        "#ff6060",
        "#60ff60",
        "#ffff60",
        "#6080ff",
        "#ff60ff",
        "#60ffff",
        "#ffffff",
    ),
)


@given(terminal_palettes)
@settings(max_examples=25, deadline=None)
def test_the_palette_is_unchanged_and_derived_colors_pass(palette: Palette) -> None:
    theme = theme_from_palette("Made", palette)
    said = {
        "foreground": palette.foreground,
        "background": palette.background,
        "cursor": palette.cursor,
        "cursorAccent": palette.cursor_text,
        "selectionBackground": palette.selection,
        "selectionForeground": palette.selection_text,
    }
    kept = {token for token, color in said.items() if color}
    assert {token: theme.colors[token] for token in kept} == {token: said[token] for token in kept}
    assert tuple(theme.colors[token] for token in ANSI) == palette.ansi
    assert {pair.token for pair in failing_pairs(theme.colors)} <= kept
    assert parse_theme(theme.to_dict()) == theme


def test_all_tokens_are_in_order() -> None:
    assert list(theme_from_palette("Night", NIGHT).colors) == [token.name for token in TOKENS]


def test_the_scheme_follows_the_background() -> None:
    assert theme_from_palette("Night", NIGHT).scheme == "dark"
    day = Palette("#222222", "#f5f5f0", NIGHT.ansi)
    assert theme_from_palette("Day", day).scheme == "light"
    assert theme_from_palette("Day", day, scheme="dark").scheme == "dark"


def test_a_bright_color_replaces_a_normal_one_that_fails() -> None:
    colors = theme_from_palette("Night", NIGHT).colors
    assert (colors["error"], colors["success"], colors["voiceProcessing"]) == ("#ff6060", "#60ff60", "#ffff60")


def test_a_bright_color_of_another_hue_is_not_used() -> None:
    # Solarized has grays in the slots of the bright colors.
    grays = Palette(NIGHT.foreground, NIGHT.background, NIGHT.ansi[:8] + ("#a0a0a0",) * 8)
    assert theme_from_palette("Gray", grays).colors["success"] != "#a0a0a0"


def test_missing_colors_are_derived() -> None:
    colors = theme_from_palette("Night", NIGHT).colors
    assert colors["cursor"] == NIGHT.foreground
    assert colors["cursorAccent"] == NIGHT.background
    assert contrast(colors["surface"], NIGHT.background) < 1.3
    assert contrast(colors["dim"], NIGHT.background) < contrast(NIGHT.foreground, NIGHT.background)


def test_a_bright_black_with_more_contrast_than_the_text_is_not_the_idle_color() -> None:
    ansi = (*NIGHT.ansi[:8], "#000000", *NIGHT.ansi[9:])
    colors = theme_from_palette("Day", Palette("#555555", "#ffffff", ansi)).colors
    assert contrast(colors["voiceIdle"], "#ffffff") < contrast("#555555", "#ffffff")
    assert theme_from_palette("Night", NIGHT).colors["voiceIdle"] != colors["dim"]
