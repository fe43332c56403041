"""Fuzz targets: theme files in any format, and theme objects in messages."""

import json
import plistlib
from pathlib import Path

from tests.fuzz.errors import assert_well_formed
from tests.fuzz.target import Target
from tests.themes.formats.test_terminals import FILES
from themes import formats
from themes.errors import ThemeError
from themes.schema import parse_patch, parse_theme

_PRESETS = Path(__file__).parents[2] / "themes" / "presets.json"
_COLOR_SCHEMES = "\n".join(
    [
        "name: 'Tide'",
        "variant: dark",
        *(f"color_{number:02}: '#10{number:02}30'" for number in range(1, 17)),
        "background: '#000000'",
        "foreground: '#ffffff'",
        "cursor: '#fff'",
    ]
)


def fuzz_theme_file(data: bytes) -> None:
    """Import a file and check that export and import preserve the theme; or expect an error."""
    try:
        theme = formats.read(data, name="Imported", scheme=formats.scheme_names(data)[0]).theme
    except ThemeError as error:
        assert_well_formed(error)
        return
    assert formats.read(formats.write(theme, "alphanumeric").data).theme == theme
    for name in formats.WRITABLE:
        formats.read(formats.write(theme, name).data, name="Again")


def documented(data: bytes) -> None:
    """Parse any JSON as a theme and as an edit; or expect an error."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for check in (parse_theme, parse_patch) if isinstance(value, dict) else (parse_theme,):
        try:
            made = check(value)
        except ThemeError as error:
            assert_well_formed(error)
        else:
            hash(repr(made))


def _themes() -> list[bytes]:
    entry = json.loads(_PRESETS.read_text(encoding="utf-8"))[0]
    return [json.dumps({key: entry[key] for key in ("name", "scheme", "colors", "typography")}, indent=1).encode()]


def _files() -> list[bytes]:
    theme = formats.read(_themes()[0]).theme
    written = {name: formats.write(theme, name).data for name in formats.WRITABLE}
    nested = b'{"schemes": [' + written["windows-terminal"] + b"]}"
    former = written["base16"].replace(b"palette:\n", b"").replace(b"  base", b"base").replace(b"system", b"slug")
    binary = plistlib.dumps(plistlib.loads(written["iterm2"]), fmt=plistlib.FMT_BINARY)
    others = [text.encode() for text in FILES.values()]
    return [*written.values(), nested, former, binary, _COLOR_SCHEMES.encode(), *others]


TARGETS = {
    "theme-files": Target(fuzz_theme_file, _files),
    "theme-objects": Target(
        documented, lambda: [*_themes(), b'{"colors": {"accent": null}, "typography": {"size": 14}}']
    ),
}
