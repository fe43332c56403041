"""Theme files of version 0.1.0, which wrote ``colours``, are still imported."""

import json

import pytest

from themes import formats
from themes.errors import ThemeError
from themes.store.queries import shipped_defaults


def former_file(**colors: str) -> bytes:
    """The dark default as version 0.1.0 exported it, with other colors where named."""
    exported = json.loads(formats.write(shipped_defaults()[0], "alphanumeric").data)
    exported["colours"] = exported.pop("colors") | colors
    return json.dumps(exported, indent=2).encode()


def test_the_former_key_is_read() -> None:
    found = formats.read(former_file(accent="#123456"))
    assert found.format == "alphanumeric"
    assert found.theme.colors["accent"] == "#123456"
    assert b'"colors"' in formats.write(found.theme, "alphanumeric").data


def test_an_error_names_the_key_and_the_line_of_the_file() -> None:
    data = former_file(accent="blue")
    with pytest.raises(ThemeError) as raised:
        formats.read(data)
    assert raised.value.param == "colours.accent"
    assert raised.value.details["line"] == data.decode().split('"accent"')[0].count("\n") + 1


def test_both_keys_together_are_rejected() -> None:
    file = json.loads(former_file())
    file["colors"] = file["colours"]
    with pytest.raises(ThemeError, match="A theme has no key") as raised:
        formats.read(json.dumps(file).encode())
    assert raised.value.code == "key_unknown"
