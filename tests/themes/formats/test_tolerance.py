"""Tests deviations of real files from the documented formats: other spellings, comments, unknown keys."""

import json
import plistlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.formats.test_reading import BASE16, BASE24, COMPONENTS, SIXTEEN, WINDOWS, preset_file, slots
from themes import formats
from themes.color.palette_import import ANSI
from themes.errors import ThemeError
from themes.formats import ImportedTheme
from themes.formats.values.colors import read_color
from themes.formats.values.names import clean_name
from themes.schema import check_name

SCHEME = json.dumps(WINDOWS, indent=1)
SCHEMES_YAML = "name: Mine\n" + "".join(f"color_{number:02}: '{color}'\n" for number, color in enumerate(SIXTEEN, 1))
SCHEMES_YAML += "background: '#0c0c0c'\nforeground: '#cccccc'\n"
OTHER = {**WINDOWS, "name": "Other", "background": "#102030"}
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


def read(text: str | bytes, **how: Any) -> ImportedTheme:
    return formats.read(text.encode() if isinstance(text, str) else text, **how)


def refusal(text: str | bytes, **how: Any) -> ThemeError:
    with pytest.raises(ThemeError) as refused:
        read(text, **how)
    return refused.value


def settings_file(*schemes: dict[str, Any]) -> str:
    """Return Windows Terminal's settings as they are on disk."""
    inner = ",\n".join(json.dumps(scheme, indent=8) for scheme in schemes)
    return (
        '// made by hand, see "schemes"\n{\n  "$schema": "https://aka.ms/terminal-profiles-schema", /* , } */\n'
        '  "profiles": {"list": [{"name": "a // b", "commandline": "c:\\\\",},],},\n'
        f'  "schemes": [\n{inner},\n  ],\n}}\n'
    )


class TestWindowsTerminal:
    """Reads settings with comments, trailing commas and several schemes, fragments and lists."""

    def test_settings_with_one_scheme(self) -> None:
        found = read(settings_file(WINDOWS))
        assert (found.format, found.theme.name, found.schemes, found.ignored) == ("windows-terminal", "Mine", (), ())

    def test_a_file_with_several_schemes_requires_a_selection(self) -> None:
        error = refusal(settings_file(WINDOWS, OTHER))
        assert (error.code, error.param, error.details["choices"]) == ("scheme_required", "scheme", ["Mine", "Other"])
        found = read(settings_file(WINDOWS, OTHER), scheme="Other")
        assert (found.theme.name, found.theme.colors["background"]) == ("Other", "#102030")
        assert (found.scheme, found.schemes) == ("Other", ("Mine", "Other"))

    def test_an_unknown_scheme_is_an_error_with_choices(self) -> None:
        error = refusal(settings_file(WINDOWS, OTHER), scheme="Third")
        assert (error.code, error.details["choices"]) == ("scheme_unknown", ["Mine", "Other"])

    def test_schemes_of_the_same_name_and_without_a_name_can_be_chosen(self) -> None:
        text = json.dumps([WINDOWS, OTHER | {"name": "Mine"}, OTHER | {"name": None}])
        assert refusal(text).details["choices"] == ["Mine", "Mine 2", "Unnamed"]
        assert read(text, scheme="Mine 2").theme.colors["background"] == "#102030"

    def test_an_invalid_scheme_does_not_affect_the_others(self) -> None:
        text = settings_file(WINDOWS, OTHER | {"red": "no"})
        assert read(text, scheme="Mine").theme.name == "Mine"
        assert (refusal(text, scheme="Other").code, refusal(text, scheme="Other").param) == (
            "color_invalid",
            "schemes.1.red",
        )

    @pytest.mark.parametrize(
        "text",
        [
            f"{SCHEME},\n",
            f"[{SCHEME}]",
            f"# Add this to your settings\n# https://example.com\n{SCHEME}",
            f"[{SCHEME},]",
            f'"schemes": [{SCHEME}]',
            SCHEME.strip("{}"),
            f'{{"schemes": {SCHEME}}}',
            f'{{"schemes": {{"Mine": {SCHEME}}}}}',
            f'{{"profiles": [], "schemes": [{SCHEME}]}}',
            SCHEME.replace("{", "{ // dark\n /* blue */"),
        ],
    )
    def test_parts_of_settings(self, text: str) -> None:
        found = read(text)
        assert (found.format, found.theme.name) == ("windows-terminal", "Mine")
        assert [found.theme.colors[token] for token in ANSI] == SIXTEEN

    def test_a_sequence_of_schemes(self) -> None:
        assert refusal(f"{SCHEME},\n{json.dumps(OTHER)}").details["choices"] == ["Mine", "Other"]

    def test_lines_are_those_of_the_file(self) -> None:
        text = settings_file(WINDOWS | {"red": "no"})
        assert refusal(text).details["line"] == text[: text.index('"red"')].count("\n") + 1

    def test_settings_without_a_scheme(self) -> None:
        for text in ('{"profiles": {}, "schemes": []}', '{"profiles": {"list": []}, "defaultProfile": "x"}'):
            assert refusal(text).code == "file_unreadable"
            assert "no color scheme" in refusal(text).message

    def test_at_most_a_hundred_schemes(self) -> None:
        small = json.dumps([{"name": "a", "red": "#fff", "blue": "#fff"}] * 101)
        assert (refusal(small).code, refusal(small).details["limit"]) == ("file_unreadable", 100)


class TestKeys:
    """Ignores and lists unknown keys, and accepts keys in another case and synonyms."""

    @pytest.mark.parametrize(
        ("text", "ignored"),
        [
            (json.dumps({"$schema": "x", "author": "A", **WINDOWS}), ("$schema", "author")),
            (f"{SCHEMES_YAML}badge: '#ff0000'\ncursor_guide: '#ff0000'\n", ("badge", "cursor_guide")),
            (f"name: x\nlicense: MIT\n{slots(BASE16)}base1F: '000000'\n", ("license", "base1F")),
            (f"name: x\nsystem: base16\npalette:\n{slots(BASE16, '  ')}  extra: 1\n", ("palette.extra",)),
            (f"name: x\nauthor:\n  - A\n  - B\n{slots(BASE16)}", ()),
            (preset_file({"Neon Color": COMPONENTS.format(1, 0, 0)}), ("Neon Color",)),
            (json.dumps({**WINDOWS, "magenta": "#ffffff"}), ("magenta",)),
        ],
    )
    def test_unknown_keys_are_named(self, text: str, ignored: tuple[str, ...]) -> None:
        assert read(text).ignored == ignored

    def test_alphanumerics_own_format_stays_strict(self) -> None:
        text = formats.write(read(SCHEME).theme, "alphanumeric").data.decode()
        assert refusal(text.replace('"version"', '"author": "A", "version"')).code == "key_unknown"
        assert refusal(text.replace('"version"', '"version": 1, "version"')).code == "file_unreadable"

    def test_malformed_json_is_not_read_as_a_script(self) -> None:
        text = formats.write(read(SCHEME).theme, "alphanumeric").data.decode().replace(",\n", ",?\n", 3)
        error = refusal(text)
        assert (error.code, error.details["line"]) == ("file_unreadable", 2)

    def test_the_number_of_named_keys_is_bounded(self) -> None:
        assert len(read(json.dumps({**WINDOWS, **{f"x{number}": 1 for number in range(900)}})).ignored) == 100

    @pytest.mark.parametrize(
        ("old", "new"),
        [("purple", "magenta"), ("brightPurple", "BrightMagenta"), ("background", "Background"), ("red", "RED")],
    )
    def test_keys_in_another_spelling(self, old: str, new: str) -> None:
        assert read(SCHEME.replace(f'"{old}"', f'"{new}"')) == read(SCHEME)

    def test_base16_slots_in_lower_case_and_systems_in_upper_case(self) -> None:
        base16, base24 = (f"name: x\npalette:\n{slots(names, '  ')}" for names in (BASE16, BASE16 + BASE24))
        assert read(f"system: BASE16\n{base16.lower()}") == read(f"system: base16\n{base16}")
        assert read(f'system: "Base24"\n{base24.upper().replace("PALETTE", "palette")}').format == "base24"

    def test_base16_as_json(self) -> None:
        palette = {slot: f"{number:02x}4080" for number, slot in enumerate(BASE16)}
        found = read(json.dumps({"system": "base16", "name": "Mine", "palette": palette}))
        assert (found.format, found.theme.colors["red"]) == ("base16", "#084080")

    @pytest.mark.parametrize("said", ["Dark", "DARK", " dark"])
    def test_the_variant_in_any_case(self, said: str) -> None:
        assert read(f"{SCHEMES_YAML}variant: '{said}'\n").theme.scheme == "dark"

    def test_another_system_is_refused_by_name(self) -> None:
        error = refusal("scheme:\n  system: tinted8\n  name: x\npalette:\n  black: '#000000'\n")
        assert (error.code, "tinted8" in error.message) == ("format_unknown", True)

    def test_colors_without_quotes_in_yaml(self) -> None:
        found = read(SCHEMES_YAML.replace("'", "") + "cursor:   #ff0000  # red\n")
        assert [found.theme.colors[token] for token in ANSI] == SIXTEEN
        assert found.theme.colors["cursor"] == "#ff0000"
        assert "quotes" in found.remarks[0]


@pytest.mark.parametrize(
    ("said", "rgb", "alpha"),
    [
        ("#E5596B", "#e5596b", 1),
        ("e5596b", "#e5596b", 1),
        ("0xE5596B", "#e5596b", 1),
        (" #e5596b ", "#e5596b", 1),
        ("#abc", "#aabbcc", 1),
        ("#abcf", "#aabbcc", 1),
        ("#e5596b80", "#e5596b", 128 / 255),
        ("rgb:e5/59/6b", "#e5596b", 1),
        ("rgb:e/5/6", "#ee5566", 1),
        ("rgb:e5e5/5959/6b6b", "#e5596b", 1),
        ("rgba:e5/59/6b/00", "#e5596b", 0),
        ("#e5e559596b6b", "#e5596b", 1),
        ("rgb(229, 89, 107)", "#e5596b", 1),
        ("rgb(229 89 107 / 50%)", "#e5596b", 0.5),
        ("rgba(229,89,107,.5)", None, 1),
        ("rgba(229,89,107,0.5)", "#e5596b", 0.5),
        ("rgb(100%, 0%, 0%)", "#ff0000", 1),
        ("hsl(0, 100%, 50%)", "#ff0000", 1),
        ("hsl:240 100 50", "#0000ff", 1),
        ("229,89,107", "#e5596b", 1),
        ("Dodger Blue", "#1e90ff", 1),
        ("darkgrey", "#a9a9a9", 1),
        ("", None, 1),
        ("#", None, 1),
        ("#12345", None, 1),
        ("1234", None, 1),
        ("rgb(300, 0, 0)", None, 1),
        ("rgb(1,2)", None, 1),
        ("rgb:1/2", None, 1),
        ("red;background:url(x)", None, 1),
        ("var(--red)", None, 1),
        ("#１２３", None, 1),
        (None, None, 1),
        (0xFF0000, None, 1),
        ("#fff" + " " * 100, None, 1),
    ],
)
def test_spellings_of_colors(said: object, rgb: str | None, alpha: float) -> None:
    if rgb is None:
        with pytest.raises(ThemeError) as refused:
            read_color(said, "red")
        assert (refused.value.code, refused.value.param) == ("color_invalid", "red")
    else:
        assert (read_color(said, "red").rgb, read_color(said, "red").alpha) == (rgb, alpha)


class TestNames:
    """Makes a valid name of any name in a file; a typed name replaces it."""

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ("x" * 61, "x" * 60),
            ("a\nb\t c", "a b c"),
            ("a\u202eb", "ab"),
            ("\ue0a8 Nerd", "Nerd"),
            (2026, "2026"),
            (None, "Given"),
            (True, "Given"),
            (["a"], "Given"),
            ("\u200b", "Given"),
            (f"{FAMILY} Family", f"{FAMILY} Family"),
            ("x" * 58 + FAMILY, "x" * 58),
            ("a\u200db", "ab"),
            ("می‌خواهم", "می‌خواهم"),
            ("\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
        ],
    )
    def test_a_name_in_a_file(self, said: object, name: str) -> None:
        assert read(json.dumps({**WINDOWS, "name": said}), name="Given").theme.name == name

    @given(st.one_of(st.text(max_size=200), st.text("\u200d\u200c\U0001f469\ufe0fa\u0301 ", max_size=90)))
    @settings(max_examples=200, deadline=None)
    def test_a_cleaned_name_is_valid(self, said: str) -> None:
        name = clean_name(said)
        assert name is None or check_name(name) == name

    def test_a_typed_name_replaces_an_invalid_one(self) -> None:
        own = formats.write(read(SCHEME).theme, "alphanumeric").data.decode().replace("Mine", "x" * 90)
        for text in (own, json.dumps({**WINDOWS, "name": "x" * 90})):
            found = read(text, typed="Typed")
            assert (found.theme.name, found.remarks) == ("Typed", ())
        assert refusal(own).code == "name_invalid"

    def test_changes_to_an_imported_theme_are_reported(self) -> None:
        assert read(json.dumps({**WINDOWS, "name": "x" * 61})).remarks == ("The name was shortened to 60 characters.",)


class TestPropertyLists:
    """Reads property lists in XML and binary form, with comments, of presets and of profiles."""

    @pytest.mark.parametrize("before", ["\n", "<!-- made by hand -->\n", " <!-- <?xml ?> -->\n<!-- - -->\n"])
    def test_comments_before_the_prolog(self, before: str) -> None:
        assert read(before + preset_file({}), name="x") == read(preset_file({}), name="x")

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE plist SYSTEM "file://localhost/System/Library/DTDs/PropertyList.dtd">',
            '<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
            "<!DOCTYPE plist>",
        ],
    )
    def test_apples_document_types(self, doctype: str) -> None:
        assert read(preset_file({}).replace("<plist", f"{doctype}\n<plist")).format == "iterm2"

    def test_a_binary_file(self) -> None:
        text = preset_file({"Ansi 1 Color": COMPONENTS.format(1, 0, 0)})
        binary = plistlib.dumps(plistlib.loads(text.encode()), fmt=plistlib.FMT_BINARY)
        assert read(binary) == read(text)

    @pytest.mark.parametrize("kind", [plistlib.FMT_XML, plistlib.FMT_BINARY])
    def test_a_whole_profile_and_settings_with_profiles(self, kind: Any) -> None:
        colors = plistlib.loads(preset_file({}).encode())
        profile = {
            "Name": "Mine",
            "Guid": "X",
            "Columns": 80,
            "Keyboard Map": {"0xf700": {"Text": "x" * 900}},
            **colors,
        }
        assert read(plistlib.dumps(profile, fmt=kind)).theme.name == "Mine"
        several = plistlib.dumps({"New Bookmarks": [profile, profile | {"Name": "Other"}], "Hotkey": True}, fmt=kind)
        assert refusal(several).details["choices"] == ["Mine", "Other"]
        assert read(several, scheme="Other").theme.name == "Other"

    @pytest.mark.parametrize("shape", ["one", "list", "profiles"])
    def test_profiles_in_json(self, shape: str) -> None:
        profile = {"Name": "Mine", "Guid": "X", **plistlib.loads(preset_file({}).encode())}
        profile["Ansi 1 Color"] = {"Red Component": 1, "Green Component": 0, "Blue Component": 0}
        held = {"one": profile, "list": [profile], "profiles": {"Profiles": [profile]}}[shape]
        found = read(json.dumps(held))
        assert (found.format, found.theme.name, found.theme.colors["red"]) == ("iterm2", "Mine", "#ff0000")

    def test_dark_and_light_keys_are_two_schemes(self) -> None:
        keys = [f"Ansi {number} Color" for number in range(16)] + ["Background Color", "Foreground Color"]
        dark = {f"{key} (Dark)": COMPONENTS.format(0.1, 0.1, 0.1) for key in keys}
        light = {f"{key} (Light)": COMPONENTS.format(0.9, 0.9, 0.9) for key in keys}
        text = preset_file(dark | light).replace("Ansi 1 Color<", "Ansi 1 Color<")
        found = read(text, name="Mine")
        assert (found.schemes, found.scheme) == (("Unnamed (Dark)", "Unnamed (Light)"), "Unnamed (Dark)")
        assert (found.theme.name, found.theme.colors["background"], found.theme.scheme) == (
            "Mine (Dark)",
            "#1a1a1a",
            "dark",
        )
        other = read(text, name="Mine", scheme="Unnamed (Light)").theme
        assert (other.name, other.colors["background"], other.scheme) == ("Mine (Light)", "#e6e6e6", "light")

    def test_separate_colors_that_are_switched_off(self) -> None:
        off = "<key>Use Separate Colors for Light and Dark Mode</key><false/>"
        keys = {f"Background Color{mode}": COMPONENTS.format(0, 0, 0) for mode in (" (Dark)", " (Light)")}
        gray = {"Background Color": COMPONENTS.format(0.5, 0.5, 0.5)}
        text = preset_file(gray | keys).replace("</dict></plist>", f"{off}</dict></plist>")
        assert (read(text).schemes, read(text).theme.colors["background"]) == ((), "#808080")


@pytest.mark.parametrize("text", ["<!DOCTYPE html>\n<html></html>", "<!-- x --><HTML><body>404</body></HTML>"])
def test_a_web_page_is_refused_by_name(text: str) -> None:
    error = refusal(text)
    assert (error.code, "web page" in error.message) == ("format_unknown", True)
