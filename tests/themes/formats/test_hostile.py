"""Tests malformed and malicious files: each raises a ``ThemeError`` with the position."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.themes.formats.test_reading import BASE16, COMPONENTS, WINDOWS, preset_file, slots
from tests.themes.strategies import preset
from themes import formats
from themes.errors import ThemeError

OURS = preset("ocean-dark").to_dict()
EVIL = "red;background:url(x)"
LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))


def refusal(data: str | bytes, name: str | None = None) -> ThemeError:
    with pytest.raises(ThemeError) as refused:
        formats.read(data.encode() if isinstance(data, str) else data, name=name)
    assert len(refused.value.message) < 400
    return refused.value


def ours(**changes: Any) -> str:
    return json.dumps({**OURS, **changes}, indent=2)


def colored(name: str, value: Any) -> str:
    return ours(colors={**OURS["colors"], name: value})


def line_of(text: str, what: str) -> int:
    return text[: text.index(what)].count("\n") + 1


@pytest.mark.parametrize("start", [b"{", b"<plist>", b"name: x\n", b""])
def test_a_large_file_is_rejected_before_parsing(start: bytes) -> None:
    error = refusal(start + b" " * 51_201)
    assert (error.code, error.details) == ("file_too_large", {"limit": 51_200})


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", None),
        (b"  \n ", None),
        (b"{\n\xff}", 2),
        (b'{"name": "\0"}', 1),
        ("{}".encode("utf-16"), None),
        ("{}".encode("utf-16")[:-1], 1),
        (b"[" * 40_000, None),
        (b'{"a":' * 8_000, None),
        (b"a: " + b"[" * 40_000, None),
        (b"<plist>" + b"<dict><key>a</key>" * 2_000, 1),
        (b"{\n  'name': 1}", 2),
        (b'{"colors": NaN}', None),
        (b'{"colors": ' + b"9" * 5_000 + b"}", None),
        (b'{"name": "a"} {"name": "b"}', 1),
        (b"<plist><dict></plist>", 1),
        (b"a: b: c\n", 1),
        (b"a\tb: \x07", None),
    ],
)
def test_malformed_files(data: bytes, line: int | None) -> None:
    error = refusal(data)
    assert error.code in ("file_unreadable", "format_unknown")
    assert line is None or error.details.get("line") == line


@pytest.mark.parametrize(
    "data",
    ["{}", "[]", "[1, 2]", '{"a": 1}', "just words", "- a\n- b\n", "a: b\n", "<html></html>", "<plist><dict/></plist>"],
)
def test_well_formed_files_of_no_known_format(data: str) -> None:
    assert refusal(data).code == "format_unknown"


def test_truncated_json_is_reported_with_line_and_column() -> None:
    error = refusal('{\n  "name": "x",\n  "scheme" "dark"\n}')
    assert (error.code, error.details) == ("file_unreadable", {"line": 3, "column": 12})


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        (colored("accent", EVIL), "color_invalid", "colors.accent"),
        (colored("accent", None), "color_invalid", "colors.accent"),
        (colored("accent", "#12345"), "color_invalid", "colors.accent"),
        (colored("glow", "#123456"), "token_unknown", "colors.glow"),
        (ours(extra=1), "key_unknown", "extra"),
        (ours(name="a\u202eb"), "name_invalid", "name"),
        (ours(name="\ud800"), "name_invalid", "name"),
        (ours(scheme="dusk"), "scheme_invalid", "scheme"),
        (ours(typography={"font": "Comic"}), "typography_invalid", "typography.font"),
        (ours(typography={"size": 1e999}).replace("Infinity", "1e999"), "typography_invalid", "typography.size"),
        (ours(format="other"), "format_unknown", "format"),
        (ours(version=2), "format_unknown", "version"),
        (ours(version=True), "format_unknown", "version"),
        (ours(colors=[]), "theme_invalid", "colors"),
    ],
)
def test_alphanumeric_errors_have_a_line(text: str, code: str, param: str) -> None:
    error = refusal(text)
    assert (error.code, error.param) == (code, param)
    assert error.details["line"] == line_of(text, f'"{param.rpartition(".")[2]}"')


def test_a_missing_color_is_reported_at_the_colors() -> None:
    text = ours(colors={name: color for name, color in OURS["colors"].items() if name != "voiceIdle"})
    error = refusal(text)
    assert (error.code, error.param) == ("theme_incomplete", "colors.voiceIdle")
    assert error.details["line"] == line_of(text, '"colors"')


def test_a_duplicate_key() -> None:
    text = ours().replace('"accent":', '"dim":')
    error = refusal(text)
    assert (error.code, error.param) == ("file_unreadable", "colors.dim")
    assert error.details["line"] == line_of(text, f'"dim": "{OURS["colors"]["accent"]}"')


def test_keys_with_dots_are_not_paths() -> None:
    error = refusal('{"colors": {"a": 1}, "colors.a": 2}')
    assert (error.code, error.param) == ("key_unknown", "colors.a")


@pytest.mark.parametrize(
    ("scheme", "code", "param"),
    [
        ({**WINDOWS, "brightPurple": EVIL}, "color_invalid", "brightPurple"),
        ({key: value for key, value in WINDOWS.items() if key != "cyan"}, "theme_incomplete", "cyan"),
        ({"schemes": []}, "file_unreadable", "schemes"),
        ({"schemes": [{**WINDOWS, "red": EVIL}]}, "color_invalid", "schemes.0.red"),
    ],
)
def test_windows_terminal(scheme: dict[str, Any], code: str, param: str) -> None:
    text = json.dumps(scheme, indent=1)
    error = refusal(text)
    assert (error.code, error.param) == (code, param)
    if code != "theme_incomplete":
        assert error.details["line"] == line_of(text, f'"{param.rpartition(".")[2]}"')


@pytest.mark.parametrize(
    "head",
    [
        f"<!DOCTYPE plist [{LAUGHS.replace('&l0;', 'ha')}]>",
        '<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE plist SYSTEM "http://example.com/x.dtd">',
        '<!DOCTYPE plist PUBLIC "-//Other//DTD" "http://example.com/x.dtd">',
        '<!DOCTYPE html PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x">',
        "<!DOCTYPE plist [<!-- nothing -->]>",
    ],
)
def test_declarations_and_entities_are_refused(head: str) -> None:
    body = preset_file({"Ansi 1 Color": "<key>&l9;</key>"}).partition("\n")[2]
    error = refusal(f'<?xml version="1.0"?>\n{head}\n{body}')
    assert error.code == "file_unreadable"
    assert error.details["line"] == 2


@pytest.mark.parametrize("number", ["-0.1", "1.01", "nan", "inf", "1e999", "red", "", "0x1", "1_0", "١"])
def test_iterm2_components_are_from_0_to_1(number: str) -> None:
    text = preset_file({"Ansi 1 Color": f"\n{COMPONENTS.format(0, number, 0)}"})
    error = refusal(text)
    assert (error.code, error.param) == ("color_invalid", "Ansi 1 Color.Green Component")
    assert error.details["line"] == line_of(text, "Ansi 1 Color") + 1


@pytest.mark.parametrize(
    ("colors", "code", "param"),
    [
        ({"Ansi 1 Color": "<key>Hue</key><real>1</real>"}, "color_invalid", "Ansi 1 Color.Red Component"),
        ({"Ansi 1 Color": "<key>Red Component</key><real>1</real>"}, "color_invalid", "Ansi 1 Color.Green Component"),
        (
            {"Ansi 1 Color": "<key>Red Component</key><string>red;background:url(x)</string>"},
            "color_invalid",
            "Ansi 1 Color.Red Component",
        ),
        ({"Ansi 1 Color": "<key>Red Component</key><true/>"}, "color_invalid", "Ansi 1 Color.Red Component"),
        (
            {"Ansi 1 Color": "<key>Color Space</key><string>CMYK</string>"},
            "file_unreadable",
            "Ansi 1 Color.Color Space",
        ),
        ({"Ansi 1 Color": "<key>a</key>" + "<array>" * 16}, "file_unreadable", "file"),
        ({"Ansi 1 Color": "<key>a</key><key>b</key>"}, "file_unreadable", "file"),
        ({"Ansi 1 Color": "<real>1</real>"}, "file_unreadable", "file"),
        ({"Ansi 1 Color": "<key>a</key><script>1</script>"}, "file_unreadable", "file"),
        ({"Ansi 1 Color": "<key>Red Component</key><data>AAAA</data>"}, "color_invalid", "Ansi 1 Color.Red Component"),
        ({"Ansi 1 Color": "<key>a</key><string><b/></string>"}, "file_unreadable", "file"),
        ({"Ansi 1 Color": f"<key>{'a' * 300}</key><true/>"}, "file_unreadable", "file"),
        ({"Ansi 1 Color": "words"}, "file_unreadable", "file"),
        (
            {"Ansi 1 Color": "<key>Red Component</key><real>1</real><key>Red Component</key><real>0</real>"},
            "file_unreadable",
            "Ansi 1 Color.Red Component",
        ),
    ],
)
def test_iterm2(colors: dict[str, str], code: str, param: str) -> None:
    text = preset_file(colors)
    error = refusal(text)
    assert (error.code, error.param) == (code, param)
    assert error.details["line"] == line_of(text, next(iter(colors)))


def test_iterm2_without_a_color() -> None:
    text = preset_file({}).replace("Ansi 7 Color", "Bold Color")
    assert (refusal(text).code, refusal(text).param) == ("theme_incomplete", "Ansi 7 Color")


def test_two_dictionaries_in_a_property_list() -> None:
    text = preset_file({}).replace("</plist>", "<dict></dict></plist>")
    assert refusal(text).code == "file_unreadable"


SCHEME = f"name: x\nauthor: y\n{slots(BASE16)}"


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        (SCHEME.replace('"#034080"', f'"{EVIL}"'), "color_invalid", "base03"),
        (SCHEME.replace('"#034080"', '"12345"'), "color_invalid", "base03"),
        (SCHEME.replace('"#034080"', "{a: b}"), "color_invalid", "base03"),
        (SCHEME + "variant: dusk\n", "scheme_invalid", "variant"),
        (SCHEME + "system: base32\n", "format_unknown", "system"),
        (SCHEME + "base03: '000000'\n", "file_unreadable", "base03"),
        (f"palette:\n{slots(BASE16, '  ')}".replace("034080", "x"), "color_invalid", "palette.base03"),
        ("palette: none\n", "file_unreadable", "palette"),
        ("color_01: red\n", "theme_incomplete", "foreground"),
    ],
)
def test_yaml(text: str, code: str, param: str) -> None:
    error = refusal(text)
    assert (error.code, error.param) == (code, param)
    if code != "theme_incomplete":
        last = text.rindex(f"{param.rpartition('.')[2]}:")
        assert error.details["line"] == text[:last].count("\n") + 1


def test_yaml_without_a_color() -> None:
    error = refusal(SCHEME.replace("base0F", "slug"))
    assert (error.code, error.param) == ("theme_incomplete", "base0F")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", 1),
        (f"{SCHEME}slug: &here x\n", 19),
        ("name: *there\n", 1),
        ("name: !!python/object/apply:os.system [ls]\n", 1),
        (f"{SCHEME}slug: !!binary aGk=\n", 19),
        ("? [a]\n: b\n", 1),
        ("palette:\n" + "".join(f"{' ' * depth}deeper:\n" for depth in range(1, 20)), 9),
        ("palette: [a]\n", 1),
        (f"{SCHEME}---\n{SCHEME}", 20),
        ("".join(f"k{number}: v\n" for number in range(2_500)), None),
        ("name: 'x\n", None),
    ],
)
def test_unsupported_yaml_is_rejected(text: str, line: int | None) -> None:
    error = refusal(text)
    assert error.code == "file_unreadable"
    assert line is None or error.details["line"] == line


@pytest.mark.parametrize(
    "text", [colored("accent", "x" * 9000), colored("x" * 9000, "#123456"), ours(**{"x" * 9000: 1})], ids="abc"
)
def test_errors_quote_at_most_max_echo_characters(text: str) -> None:
    error = refusal(text)
    assert len(error.message) < 120
    assert len(error.param or "") < 60


@pytest.mark.parametrize("name", ["a\nb", "x" * 61, "a\u200bb", "a\u200d", "\u200d\u200d"])
def test_a_typed_name_is_validated(name: str) -> None:
    with pytest.raises(ThemeError) as refused:
        formats.read(preset_file({}).encode(), typed=name)
    assert refused.value.code == "name_invalid"


SEEDS = [ours(), json.dumps(WINDOWS), preset_file({}), SCHEME, slots(BASE16, "  ")]


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_raise_only_theme_errors(data: bytes) -> None:
    with pytest.raises(ThemeError):
        formats.read(data)


@given(st.sampled_from(SEEDS), st.integers(0, 5_000), st.integers(0, 40), st.text(max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_mutation_of_a_file_raises_only_theme_errors(text: str, start: int, cut: int, put: str) -> None:
    place = start % len(text)
    data = (text[:place] + put + text[place + cut :]).encode(errors="surrogatepass")
    try:
        theme = formats.read(data).theme
    except ThemeError:
        return
    assert formats.read(formats.write(theme, "alphanumeric").data).theme == theme
