"""Tests theme files as other programs write them."""

import json
import re

import pytest

from tests.themes.strategies import preset
from themes import formats
from themes.color.palette_import import ANSI
from themes.formats.windows_terminal import PALETTE
from themes.schema import ThemeData

SIXTEEN = [f"#{level:02x}4080" for level in range(0, 256, 16)]
WINDOWS = {"name": "Mine", "background": "#0C0C0C", "foreground": "#CCC", **dict(zip(PALETTE, SIXTEEN, strict=True))}
BASE16 = [f"base0{digit:X}" for digit in range(16)]
BASE24 = [f"base1{digit}" for digit in range(8)]
COMPONENTS = "".join(f"<key>{name} Component</key><real>{{}}</real>" for name in ("Red", "Green", "Blue"))


def read(text: str, name: str | None = None) -> tuple[ThemeData, str]:
    found = formats.read(text.encode(), name=name)
    return found.theme, found.format


def preset_file(colors: dict[str, str]) -> str:
    """Return an ``.itermcolors`` file with the given colors, and one gray for the others."""
    keys = [f"Ansi {number} Color" for number in range(16)] + ["Background Color", "Foreground Color"]
    gray = COMPONENTS.format(0.5, 0.5, 0.5)
    dicts = {**{key: gray for key in keys if not any(given.startswith(key) for given in colors)}, **colors}
    entries = "".join(f"<key>{key}</key><dict>{parts}</dict>\n" for key, parts in dicts.items())
    return f'<?xml version="1.0"?>\n<plist version="1.0"><dict>\n{entries}</dict></plist>'


def lines_of(names: list[str], form: str = "{} {}") -> str:
    """Return a line of a key and a color of ``SIXTEEN`` for each key."""
    return "".join(f"{form.format(name, color)}\n" for name, color in zip(names, SIXTEEN, strict=False))


def slots(names: list[str], prefix: str = "", quote: str = '"', mark: str = "#") -> str:
    return "".join(f"{prefix}{slot}: {quote}{mark}{number:02x}4080{quote}\n" for number, slot in enumerate(names))


def test_the_format_key_is_optional_in_alphanumeric_files() -> None:
    theme = preset("paper-dark")
    assert read(json.dumps(theme.to_dict())) == (theme, "alphanumeric")


def test_a_byte_order_mark_is_accepted() -> None:
    assert read("\ufeff" + json.dumps(preset("paper-dark").to_dict()))[1] == "alphanumeric"


def test_windows_terminal() -> None:
    theme, found = read(json.dumps({**WINDOWS, "cursorColor": "#FFAA00", "selectionBackground": "#334455"}))
    assert (found, theme.name, theme.scheme) == ("windows-terminal", "Mine", "dark")
    assert [theme.colors[token] for token in ANSI] == SIXTEEN
    assert theme.colors["foreground"] == "#cccccc"
    assert (theme.colors["cursor"], theme.colors["selectionBackground"]) == ("#ffaa00", "#334455")


def test_windows_terminals_purple_is_magenta() -> None:
    theme, _ = read(json.dumps({**WINDOWS, "purple": "#aa00aa", "brightPurple": "#ff00ff"}))
    assert (theme.colors["magenta"], theme.colors["brightMagenta"]) == ("#aa00aa", "#ff00ff")


def test_settings_with_one_scheme() -> None:
    theme, found = read(json.dumps({"profiles": {"list": [{"name": "x"}]}, "schemes": [WINDOWS]}))
    assert (found, theme.name) == ("windows-terminal", "Mine")


def test_iterm2() -> None:
    theme, found = read(preset_file({"Ansi 1 Color": COMPONENTS.format(1, 0.2, 0)}), "Mine")
    assert (found, theme.name) == ("iterm2", "Mine")
    assert (theme.colors["red"], theme.colors["black"]) == ("#ff3300", "#808080")


@pytest.mark.parametrize("name", [None, "", " "])
def test_iterm2_has_no_name(name: str | None) -> None:
    assert read(preset_file({}), name)[0].name == "Imported"


def test_iterm2_in_a_wider_color_space() -> None:
    parts = COMPONENTS.format(0.9176, 0.2003, 0.1386) + "<key>Color Space</key><string>P3</string>"
    theme, _ = read(preset_file({"Ansi 1 Color": parts}))
    assert re.fullmatch(r"#f[ef]0[0-4]0[0-4]", theme.colors["red"])


def test_iterm2_for_light_and_dark_is_read_as_dark() -> None:
    dark = {f"Ansi {number} Color (Dark)": COMPONENTS.format(0, 0, 0) for number in range(16)}
    light = {f"Ansi {number} Color (Light)": COMPONENTS.format(1, 1, 1) for number in range(16)}
    theme, _ = read(preset_file(light | dark))
    assert theme.colors["red"] == "#000000"


def test_iterm2_with_unused_colors() -> None:
    others = ("Bold", "Link", "Badge", "Tab", "Cursor Guide", "Underline", "Match Background")
    theme, _ = read(preset_file({f"{name} Color": COMPONENTS.format(1, 0, 0) for name in others}))
    assert "#ff0000" not in theme.colors.values()


def test_iterm2_with_settings() -> None:
    settings = "<key>Minimum Contrast (Dark)</key><real>0.1</real><key>Use Tab Color</key><false/>"
    text = preset_file({}).replace("</dict></plist>", f"{settings}</dict></plist>")
    assert read(text)[1] == "iterm2"


def test_base16() -> None:
    about = 'system: "base16"\nname: "Mine"\nauthor: "A. Person"\nvariant: "light"\n'
    theme, found = read(f"{about}palette:\n{slots(BASE16, '  ')}")
    assert (found, theme.name, theme.scheme) == ("base16", "Mine", "light")
    places = ("00", "08", "0b", "0a", "0d", "0e", "0c", "05", "03", "08", "0b", "0a", "0d", "0e", "0c", "07")
    assert [theme.colors[token] for token in ANSI] == [f"#{place}4080" for place in places]
    assert [theme.colors[token] for token in ("background", "foreground", "selectionBackground")] == [
        f"#{place}4080" for place in ("00", "05", "02")
    ]


@pytest.mark.parametrize(("quote", "mark"), [('"', ""), ("'", "#"), ("", ""), ('"', "#")])
def test_base16_in_the_legacy_spelling(quote: str, mark: str) -> None:
    # Most YAML parsers read unquoted 004080 and 0e4080 as numbers.
    theme, found = read(f"scheme: Mine\nauthor: A. Person\n{slots(BASE16, '', quote, mark)}")
    assert (found, theme.name, theme.colors["background"]) == ("base16", "Mine", "#004080")
    assert theme.colors["magenta"] == "#0e4080"


def test_base24() -> None:
    theme, found = read(f"system: base24\nname: Mine\npalette:\n{slots(BASE16 + BASE24, '  ')}")
    assert found == "base24"
    # The eight additional colors are slots 0x10 to 0x17.
    places = ("00", "08", "0b", "0a", "0d", "0e", "0c", "05", "03", "12", "14", "13", "16", "17", "15", "07")
    assert [theme.colors[token] for token in ANSI] == [f"#{place}4080" for place in places]


def test_base24_falls_back() -> None:
    theme, found = read(f"system: base24\nname: Mine\npalette:\n{slots(BASE16, '  ')}")
    assert found == "base24"
    for hues in (ANSI[1:7], ANSI[9:15]):
        assert [theme.colors[token] for token in hues] == [
            f"#{place}4080" for place in ("08", "0b", "0a", "0d", "0e", "0c")
        ]


def test_base24_is_detected_by_its_colors() -> None:
    assert read(f"scheme: Mine\n{slots(BASE16 + BASE24)}")[1] == "base24"


def test_iterm2_color_schemes() -> None:
    palette = "".join(f"color_{number:02}: '{color}'\n" for number, color in enumerate(SIXTEEN, start=1))
    more = "background: '#fdf6e3'\nforeground: '#222222'\ncursor: '#ff0000'\nselection_text: '#000000'\n"
    theme, found = read(f"# Ported from elsewhere\n\nname: Rosé\nauthor: A. Person\n{palette}{more}")
    assert (found, theme.name, theme.scheme) == ("iterm2-color-schemes", "Rosé", "light")
    assert [theme.colors[token] for token in ANSI] == SIXTEEN
    assert (theme.colors["cursor"], theme.colors["selectionForeground"]) == ("#ff0000", "#000000")
