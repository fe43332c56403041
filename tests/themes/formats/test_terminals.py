"""Tests the formats of other terminals and editors, with files as these programs and users write them."""

import json
import plistlib
from typing import Any

import pytest

from tests.themes.formats.test_reading import SIXTEEN, lines_of
from themes import formats
from themes.color.palette_import import ANSI
from themes.errors import ThemeError
from themes.formats import ImportedTheme
from themes.schema import ThemeData

NUMBERED = [f"color{number}" for number in range(16)]
HUES = ANSI[:8]
LIGHT_HUES = [token.replace("bright", "light") for token in ANSI]
COLORS = dict(zip(ANSI, SIXTEEN, strict=True))
VSCODE = {f"terminal.ansi{token[0].upper()}{token[1:]}": color for token, color in COLORS.items()}
HYPER = "colors: {" + ", ".join(f"{key}: '{color}'" for key, color in zip(LIGHT_HUES, SIXTEEN, strict=True)) + "}"
XTERM = {"background": "#101010", "foreground": "#eeeeee", "cursor": "#ff0000", "cursorAccent": "#000000", **COLORS}


def archived(**fields: Any) -> bytes:
    """Return an ``NSColor`` as macOS Terminal stores it."""
    color = {"$class": plistlib.UID(2), **fields}
    objects = ["$null", color, {"$classname": "NSColor", "$classes": ["NSColor", "NSObject"]}]
    archive = {
        "$version": 100_000,
        "$archiver": "NSKeyedArchiver",
        "$top": {"root": plistlib.UID(1)},
        "$objects": objects,
    }
    return plistlib.dumps(archive, fmt=plistlib.FMT_BINARY)


def profile(**changes: Any) -> dict[str, Any]:
    """Return a profile of macOS Terminal."""
    rgb = [tuple(int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)) for color in SIXTEEN]
    names = [f"ANSI{token[0].upper()}{token[1:]}Color" for token in ANSI]
    colors = {
        name: archived(NSColorSpace=1, NSRGB=" ".join(map(repr, parts)).encode() + b"\0")
        for name, parts in zip(names, rgb, strict=True)
    }
    ground = archived(NSColorSpace=3, NSWhite=b"0.0627\0")
    text = archived(NSColorSpace=2, NSRGB=b"0.9333 0.9333 0.9333")
    about = {"name": "Mine", "type": "Window Settings", "columnCount": 90, "Font": archived(NSSize=12)}
    return {**colors, "BackgroundColor": ground, "TextColor": text, **about, **changes}


def tabby(indent: str = "", name: str = "Mine") -> str:
    about = f"{indent}name: {name}\n{indent}background: '#101010'\n{indent}foreground: '#eeeeee'\n{indent}colors:\n"
    return about + "".join(f"{indent}  - '{color}'\n" for color in SIXTEEN)


def alacritty(shape: str, join: str) -> str:
    """Return Alacritty's colors; ``shape`` is that of a section."""
    sections = {
        "primary": {"background": "#101010", "foreground": "#eeeeee"},
        "normal": dict(zip(HUES, SIXTEEN[:8], strict=True)),
        "bright": dict(zip(HUES, SIXTEEN[8:], strict=True)),
    }
    return "".join(
        shape.format(section) + "".join(join.format(key, color) for key, color in colors.items())
        for section, colors in sections.items()
    )


FILES = {
    "vscode": json.dumps(
        {"type": "dark", "colors": {"editor.background": "#101010", "editor.foreground": "#eee", **VSCODE}}
    ),
    "kitty": "# vim:ft=kitty\n## name: Mine\nfont_size 11\nbackground #101010\nforeground #eee\n" + lines_of(NUMBERED),
    "ghostty": "# dark\nbackground = 101010\nforeground=#eee\n"
    + "".join(f"palette = {number}={color}\n" for number, color in enumerate(SIXTEEN)),
    "xresources": "! dark\n#define text #eee\n*.background: #101010\nURxvt*foreground:text\n"
    + lines_of(NUMBERED, "XTerm*vt100.{}: {}"),
    "wezterm": "[colors]\nbackground = '#101010'\nforeground = '#eee'\n"
    f"ansi = {SIXTEEN[:8]}\nbrights = {SIXTEEN[8:]}\n",
    "foot": "# dark\n[main]\nfont=mono:size=9\n[colors]\nbackground=101010\nforeground=eeeeee\n"
    + lines_of([f"{kind}{number}" for kind in ("regular", "bright") for number in range(8)], "{}={}"),
    "alacritty": "[window]\nopacity = 0.9\n" + alacritty("[colors.{}]\n", "{} = '{}'\n"),
    "terminal-app": plistlib.dumps(profile()).decode(),
    "xterm-js": json.dumps(XTERM),
    "hyper": f"module.exports = {{ config: {{ backgroundColor: '#101010', foregroundColor: '#eee', {HYPER} }} }};",
    "tabby": tabby(),
    "gogh": json.dumps(
        {"name": "Mine", "background": "#101010", "foreground": "#eee", "hash": "0"}
        | {f"color_{number:02}": color for number, color in enumerate(SIXTEEN, start=1)}
    ),
    "putty": "Windows Registry Editor Version 5.00\n\n"
    "[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\My%20one]\n"
    '"HostName"="x"\n"Colour0"="238,238,238"\n"Colour2"="16,16,16"\n'
    + "".join(
        f'"Colour{number}"="{int(color[1:3], 16)},64,128"\n'
        for number, color in zip((*range(6, 22, 2), *range(7, 22, 2)), SIXTEEN, strict=True)
    ),
}
"""A file of every format, with the same colors."""


def read(text: str | bytes, **how: Any) -> ImportedTheme:
    return formats.read(text.encode() if isinstance(text, str) else text, **how)


def palette(theme: ThemeData) -> list[str]:
    return [theme.colors[token] for token in ANSI]


def refusal(text: str | bytes) -> ThemeError:
    with pytest.raises(ThemeError) as refused:
        read(text)
    return refused.value


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read(name: str) -> None:
    found = read(FILES[name], name="Given")
    assert found.format == name
    assert palette(found.theme) == SIXTEEN
    assert (found.theme.colors["background"], found.theme.colors["foreground"]) == ("#101010", "#eeeeee")
    has_name = {"kitty": "Mine", "terminal-app": "Mine", "tabby": "Mine", "gogh": "Mine", "putty": "My one"}
    assert found.theme.name == has_name.get(name, "Given")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_of_any_editor_is_read(name: str, encoding: str) -> None:
    text = FILES[name].replace("\n", "\r\n")
    if name != "terminal-app":
        assert read(text.encode(encoding)) == read(FILES[name])


@pytest.mark.parametrize("name", FILES)
def test_messages_name_the_program(name: str) -> None:
    label = formats.FORMATS[name].label
    if name == "terminal-app":
        broken = plistlib.dumps(profile(ANSIRedColor=b"red")).decode()
    else:
        broken = FILES[name].replace("#104080", "red;x").replace("16,64,128", "red;x")
    error = refusal(broken)
    assert (error.code, error.message.startswith(f"{label}: ")) == ("color_invalid", True)
    assert len(error.message) < 200


@pytest.mark.parametrize(
    ("name", "piece", "instead", "key"),
    [
        ("kitty", "color1 ", "c ", "color1"),
        ("ghostty", "palette = 1=", "p = 1=", "palette.1"),
        ("xresources", ".color1:", ".c:", "color1"),
        ("wezterm", f", '{SIXTEEN[7]}'", "", "ansi.7"),
        ("foot", "regular1=", "r=", "regular1"),
        ("alacritty", "red =", "r =", "normal.red"),
        ("xterm-js", '"red"', '"r"', "red"),
        ("hyper", " red:", " r:", "colors.red"),
        ("gogh", '"color_02"', '"c"', "color_02"),
        ("putty", '"Colour8"', '"c"', "Colour8"),
    ],
)
def test_a_missing_color_is_named_as_in_the_program(name: str, piece: str, instead: str, key: str) -> None:
    text = FILES[name].replace(piece, instead, 1)
    error = refusal(text)
    assert (error.code, error.message.rpartition("color ")[2]) == ("theme_incomplete", f"{key}.")


def test_goghs_former_shell_scripts() -> None:
    exports = "".join(
        f'export COLOR_{number:02}="{color}"  # a color\n' for number, color in enumerate(SIXTEEN, start=1)
    )
    about = "#!/usr/bin/env bash\nexport PROFILE_NAME='Mine'\nexport BACKGROUND_COLOR='#101010'\n"
    found = read(f"{about}export FOREGROUND_COLOR='#eee'\n{exports}")
    assert (found.format, found.theme.name, palette(found.theme)) == ("gogh", "Mine", SIXTEEN)


def test_an_xterm_js_theme_without_bright_colors() -> None:
    colors = dict(zip(HUES, SIXTEEN, strict=False))
    found = read(
        json.dumps({"background": "#000", "foreground": "#fff", "selection": "rgba(255,255,255,0.5)", **colors})
    )
    assert (found.format, found.theme.colors["selectionBackground"]) == ("xterm-js", "#808080")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04", "ZIP archive"),
        (b"\x1f\x8b\x08", "gzip archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS pointer"),
        (b"background: '#000'\nterminal_colors:\n  normal:\n    black: '#000'\n", "Warp: "),
        (b"[Background]\nColor=0,0,0\n[Color0]\nColor=0,0,0\n", "Konsole: "),
        (b"ForegroundColour=1,2,3\nBoldRed=1,2,3\n", "mintty: "),
        (b"import = ['~/x.toml']\n", "Alacritty: "),
        (b"theme = Rose\nfont-size = 12\n", "Ghostty: "),
        (b"include theme.conf\nfont_size 12\n", "kitty: "),
    ],
)
def test_other_files_are_refused_by_name(data: bytes, said: str) -> None:
    error = refusal(data)
    assert (error.code, said in error.message) == ("format_unknown", True)


class TestVsCode:
    """Reads color themes (JSON with comments) and settings."""

    def test_the_terminal_has_precedence_over_the_editor(self) -> None:
        colors = {
            "editor.background": "#ffffff",
            "terminal.background": "#101010",
            "terminal.foreground": None,
            **VSCODE,
        }
        found = read(json.dumps({"colors": {"editor.foreground": "#eee", **colors}}))
        assert (found.theme.colors["background"], found.theme.colors["foreground"]) == ("#101010", "#eeeeee")

    @pytest.mark.parametrize(
        ("kind", "red", "bright_green"), [("dark", "#cd3131", "#23d18b"), ("light", "#cd3131", "#14ce14")]
    )
    def test_colors_of_vs_code_itself_fill_in(self, kind: str, red: str, bright_green: str) -> None:
        text = f'{{ // mine\n "type": "{kind}", "colors": {{"editor.background": "#808080",}}, "tokenColors": [] }}'
        theme = read(text).theme
        assert (theme.scheme, theme.colors["red"], theme.colors["brightGreen"]) == (kind, red, bright_green)

    def test_a_transparent_selection_is_blended_with_the_background(self) -> None:
        colors = {"editor.background": "#000000", "editor.selectionBackground": "#ffffff80", **VSCODE}
        assert read(json.dumps({"colors": colors})).theme.colors["selectionBackground"] == "#808080"

    def test_color_customizations_of_the_settings(self) -> None:
        text = json.dumps({"workbench.colorCustomizations": {"terminal.background": "#101010", **VSCODE}})
        assert palette(read(text).theme) == SIXTEEN

    def test_a_repeated_color_is_an_error_and_another_repeated_key_is_not(self) -> None:
        text = FILES["vscode"]
        assert palette(read(text.replace('"colors": {', '"colors": {"a.b": 1, "a.b": 2, ')).theme) == SIXTEEN
        twice = text.replace('"colors": {', '"colors": {"terminal.ansiRed": "#fff", ')
        assert refusal(twice).code == "file_unreadable"

    def test_without_a_background(self) -> None:
        error = refusal('{"colors": {"editor.foreground": "#fff"}, "tokenColors": []}')
        assert (error.code, error.param) == ("theme_incomplete", "colors.editor.background")

    def test_without_colors(self) -> None:
        assert refusal('{"include": "./base.json", "tokenColors": []}').code == "theme_incomplete"


class TestJavaScript:
    """Reads objects of scripts without running them."""

    @pytest.mark.parametrize(
        "text",
        [
            "const background = '#101010';\nconst foregroundColor = \"#eee\";\nconst colors = {COLORS};\n"
            "exports.decorateConfig = (config) => {\n  return Object.assign({}, config, {\n"
            "    backgroundColor: background,\n    foregroundColor, colors,\n"
            "    css: `${config.css || ''} a { color: red }`\n  });\n};\n",
            "'use strict';\nmodule.exports.decorateConfig = config => ({...config, backgroundColor: '#101010',\n"
            " foregroundColor: '#eee', /* all */ colors: {COLORS}});",
            "exports.decorateConfig = function (config) { const bg = '#101010'; return {backgroundColor: bg, "
            "foregroundColor: '#eee', colors: {COLORS}, width: 2 * 3} }",
        ],
    )
    def test_hyper_as_a_program(self, text: str) -> None:
        found = read(text.replace("{COLORS}", HYPER.removeprefix("colors: ")))
        assert found.format == "hyper"
        assert palette(found.theme) == SIXTEEN
        assert (found.theme.colors["background"], found.theme.colors["foreground"]) == ("#101010", "#eeeeee")

    def test_hypers_list_of_colors(self) -> None:
        text = (
            f"module.exports = {{config: {{backgroundColor: '#101010', foregroundColor: '#eee', colors: {SIXTEEN}}}}}"
        )
        assert palette(read(text).theme) == SIXTEEN

    @pytest.mark.parametrize(
        "wrap", ["{}", "// x\n{}", "const theme = {};", "export default {}", "new_terminal({{theme: {}}})"]
    )
    def test_xterm_js_in_code(self, wrap: str) -> None:
        inner = ",\n ".join(f"{key}: '{color}'" for key, color in XTERM.items())
        text = wrap.format(f"{{ // mine\n {inner},\n}}").replace("new_terminal", "const t = new Terminal")
        found = read(text)
        assert (found.format, palette(found.theme)) == ("xterm-js", SIXTEEN)

    def test_values_that_only_a_run_would_give_are_missing(self) -> None:
        error = refusal("module.exports = {config: {backgroundColor: mix(a, b), foregroundColor: '#eee', colors: {}}}")
        assert (error.code, error.message) == ("theme_incomplete", "Hyper: The file has no color backgroundColor.")


class TestSections:
    """Reads formats with several places for colors."""

    def test_alacritty_in_yaml(self) -> None:
        text = "font:\n  size: 9\ncolors:\n" + alacritty("  {}:\n", "    {}: '{}'\n").replace("#", "0x")
        found = read(text)
        assert (found.format, palette(found.theme)) == ("alacritty", SIXTEEN)

    def test_a_whole_configuration_of_alacritty(self) -> None:
        bindings = "".join(f"  - {{ key: F{number}, mods: Control, chars: 'x' }}\n" for number in range(100))
        text = f"key_bindings:\n{bindings}colors:\n" + alacritty("  {}:\n", "    {}: '{}'\n")
        assert palette(read(text).theme) == SIXTEEN

    def test_wezterms_name_is_in_its_metadata(self) -> None:
        assert read(f"{FILES['wezterm']}\n[metadata]\nname = 'Mine'\n").theme.name == "Mine"

    def test_wezterms_program_is_refused_by_name(self) -> None:
        error = refusal("local wezterm = require 'wezterm'\nreturn { colors = { foreground = 'silver' } }\n")
        assert (error.code, "WezTerm" in error.message) == ("format_unknown", True)

    def test_foots_cursor_in_both_places(self) -> None:
        old = read(FILES["foot"] + "[cursor]\ncolor=111111 ff0000\n").theme.colors
        new = read(FILES["foot"].replace("[colors]", "[colors]\ncursor=111111 ff0000")).theme.colors
        assert (old["cursorAccent"], old["cursor"]) == (new["cursorAccent"], new["cursor"]) == ("#111111", "#ff0000")

    def test_foots_dark_and_light_colors(self) -> None:
        dark, light = (FILES["foot"].partition("[colors]")[2] for _ in "12")
        text = f"[colors-dark]{dark}[colors-light]{light}".replace("101010", "202020", 1)
        assert read(text).schemes == ("Unnamed (Dark)", "Unnamed (Light)")
        assert read(text).theme.colors["background"] == "#202020"
        assert read(text, scheme="Unnamed (Light)").theme.colors["background"] == "#101010"

    def test_tabbys_settings(self) -> None:
        custom = f"  customColorSchemes:\n    -\n{tabby('      ')}"
        text = f"version: 7\nterminal:\n{custom}  colorScheme:\n{tabby('    ', 'Other')}"
        assert refusal(text).details["choices"] == ["Mine", "Other"]
        assert palette(read(text, scheme="Other").theme) == SIXTEEN

    def test_the_last_line_counts(self) -> None:
        assert read(f"{FILES['kitty']}color1 #ff0000\n").theme.colors["red"] == "#ff0000"

    def test_the_opacity_of_urxvt_colors_is_ignored(self) -> None:
        text = FILES["xresources"].replace("*.background: #101010", "*.background: [80]#101010")
        assert read(text).theme.colors["background"] == "#101010"

    def test_several_sessions_of_putty(self) -> None:
        text = FILES["putty"] + FILES["putty"].partition("\n\n")[2].replace("My%20one", "Other")
        assert refusal(text).details["choices"] == ["My one", "Other"]

    def test_colors_that_the_program_chooses_are_derived(self) -> None:
        text = f"{FILES['kitty']}cursor none\nselection_foreground none\n"
        assert read(text).theme.colors["cursor"] == "#eeeeee"

    def test_normal_colors_stand_for_missing_bright_ones(self) -> None:
        text = "background #101010\nforeground #eee\n" + lines_of(NUMBERED[:8])
        found = read(text)
        assert palette(found.theme) == SIXTEEN[:8] * 2
        assert "brightRed" in found.remarks[0]


class TestTerminalApp:
    """Reads archived colors."""

    def test_a_binary_profile(self) -> None:
        assert palette(read(plistlib.dumps(profile(), fmt=plistlib.FMT_BINARY)).theme) == SIXTEEN

    def test_a_color_with_a_color_space_of_its_own(self) -> None:
        color = archived(NSColorSpace=1, NSComponents=b"1 0.2 0 0.5", NSRGB=b"1 0.2 0")
        assert read(plistlib.dumps(profile(ANSIRedColor=color))).theme.colors["red"] == "#ff3300"

    @pytest.mark.parametrize(
        "data", [b"", b"bplist00", archived(), archived(NSRGB=b"a b c"), archived(NSRGB=b"nan"), plistlib.dumps({})]
    )
    def test_an_invalid_color(self, data: bytes) -> None:
        error = refusal(plistlib.dumps(profile(ANSIRedColor=data)))
        assert (error.code, error.param) == ("color_invalid", "ANSIRedColor")
