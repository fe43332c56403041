"""Tests that an exported theme is imported unchanged, as far as the format supports it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.strategies import documents, preset, presets
from themes import formats
from themes.color.contrast import failing_pairs
from themes.color.palette_import import ANSI
from themes.errors import ThemeError
from themes.formats.slots import ROLES
from themes.schema import MAX_THEME_BYTES, ThemeData
from themes.tokens import BY_NAME

BASE16 = {"background", "foreground", "selectionBackground", *ANSI[1:7], "brightBlack", "brightWhite"}
TERMINALS = {*ROLES, *ANSI}
HELD = {
    "alphanumeric": frozenset(BY_NAME),
    "windows-terminal": {"background", "foreground", "selectionBackground", "cursor", *ANSI},
    **dict.fromkeys(
        ("iterm2", "kitty", "ghostty", "alacritty", "xresources", "wezterm", "foot", "xterm-js"), TERMINALS
    ),
    # Black is the background and white is the text; base16 has one shade per hue, the normal one.
    "base16": BASE16,
    "base24": {*BASE16, *ANSI[9:15]},
}
READ_ONLY = {"iterm2-color-schemes", "vscode", "terminal-app", "hyper", "tabby", "gogh", "putty"}
some = settings(max_examples=20, deadline=None)
every = st.sampled_from(formats.WRITABLE)


def test_writable_and_read_only_formats() -> None:
    assert set(HELD) == set(formats.WRITABLE)
    assert set(formats.FORMATS) - set(formats.WRITABLE) == READ_ONLY


@given(documents)
@settings(max_examples=50, deadline=None)
def test_the_alphanumeric_format_is_lossless(theme: ThemeData) -> None:
    found = formats.read(formats.write(theme, "alphanumeric").data)
    assert (found.theme, found.format) == (theme, "alphanumeric")


@given(documents, every)
@some
def test_other_formats_preserve_the_colors_that_they_have(theme: ThemeData, name: str) -> None:
    found = formats.read(formats.write(theme, name).data, name=theme.name)
    assert (found.format, found.theme.name) == (name, theme.name)
    assert {token: found.theme.colors[token] for token in HELD[name]} == {
        token: theme.colors[token] for token in HELD[name]
    }
    if name.startswith("base"):
        assert found.theme.scheme == theme.scheme


@given(documents, every)
@some
def test_an_imported_theme_is_exported_unchanged(theme: ThemeData, name: str) -> None:
    first = formats.write(theme, name).data
    assert formats.write(formats.read(first, name=theme.name).theme, name).data == first


@given(documents, every)
@some
def test_colors_that_a_format_lacks_are_derived_with_contrast(theme: ThemeData, name: str) -> None:
    found = formats.read(formats.write(theme, name).data, name=theme.name).theme
    if name != "alphanumeric":
        assert {pair.token for pair in failing_pairs(found.colors)} <= HELD[name]


@pytest.mark.parametrize("name", formats.WRITABLE)
@pytest.mark.parametrize("shipped", presets())
def test_every_preset_fits_into_every_format(shipped: str, name: str) -> None:
    theme = preset(shipped)
    file = formats.write(theme, name)
    assert len(file.data) < MAX_THEME_BYTES / 4
    assert file.extension == formats.FORMATS[name].extension
    assert formats.read(file.data, name=theme.name).theme.colors["foreground"] == theme.colors["foreground"]


@pytest.mark.parametrize("name", ["iterm2-color-schemes", "vscode", "vim", ""])
def test_an_unknown_export_format_is_rejected(name: str) -> None:
    with pytest.raises(ThemeError) as refused:
        formats.write(preset("ocean-dark"), name)
    assert (refused.value.code, refused.value.param) == ("format_unknown", "format")
    assert refused.value.details["choices"] == list(formats.WRITABLE)
