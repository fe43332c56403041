"""Tests the shipped presets: complete, with sufficient contrast, and with licenses."""

import re
from typing import Any

import pytest

from tests.themes.strategies import PRESETS, preset, presets
from themes.color.contrast import failing_pairs
from themes.color.oklch import distance
from themes.tokens import TOKENS

VOICES = ("voiceIdle", "voiceListening", "voiceProcessing", "voiceSpeaking", "voiceError")
OWN = ("default", "ocean", "forest", "high-contrast", "paper")
each = pytest.mark.parametrize("entry", presets().values(), ids=presets())


@each
def test_a_preset_is_a_complete_theme(entry: dict[str, Any]) -> None:
    assert set(entry) == {"id", "name", "scheme", "default", "license", "source", "colors", "typography"}
    theme = preset(entry["id"])
    assert theme.to_dict() == {key: entry[key] for key in ("name", "scheme", "colors", "typography")}
    assert list(entry["colors"]) == [token.name for token in TOKENS]


@each
def test_preset_text_has_enough_contrast(entry: dict[str, Any]) -> None:
    assert failing_pairs(entry["colors"]) == []


@each
def test_voice_states_differ_in_color(entry: dict[str, Any]) -> None:
    shown = [entry["colors"][name] for name in VOICES]
    assert all(distance(one, other) > 0.05 for place, one in enumerate(shown) for other in shown[place + 1 :])


@each
def test_dim_text_has_less_contrast_than_text(entry: dict[str, Any]) -> None:
    colors = entry["colors"]
    assert distance(colors["dim"], colors["background"]) < distance(colors["foreground"], colors["background"])


@each
def test_a_preset_has_a_source_and_a_license(entry: dict[str, Any]) -> None:
    assert re.fullmatch(r"(MIT|Apache-2\.0|MPL-2\.0), .+", entry["license"])
    assert 0 < len(entry["source"]) <= 300
    assert entry["license"].startswith("MPL-2.0") or "https://" in entry["source"]


@pytest.mark.parametrize(
    ("preset_id", "black", "bright_black", "white"),
    [
        ("solarized-light", "#073642", "#002b36", "#eee8d5"),
        ("gruvbox-light", "#282828", "#928374", "#7c6f64"),
        ("everforest-dark", "#475258", "#475258", "#d3c6aa"),
        ("everforest-light", "#5c6a72", "#5c6a72", "#e6e2cc"),
    ],
)
def test_black_and_white_are_the_authors_values(preset_id: str, black: str, bright_black: str, white: str) -> None:
    # Some authors swap black and white in light schemes, others do not.
    colors = presets()[preset_id]["colors"]
    assert (colors["black"], colors["brightBlack"], colors["white"]) == (black, bright_black, white)


def test_there_are_dark_and_light_presets_of_this_project() -> None:
    assert list(presets())[:10] == [f"{name}-{scheme}" for name in OWN for scheme in ("dark", "light")]
    assert all(presets()[f"{name}-{scheme}"]["scheme"] == scheme for name in OWN for scheme in ("dark", "light"))


def test_terminal_schemes_exist_for_dark_and_light() -> None:
    schemes = [entry["scheme"] for entry in list(presets().values())[10:]]
    assert schemes.count("dark") >= 10
    assert schemes.count("light") >= 8


def test_each_scheme_has_one_default_preset() -> None:
    assert [entry["id"] for entry in presets().values() if entry["default"]] == ["default-dark", "default-light"]


def test_ids_are_unique_command_names() -> None:
    found = re.findall(r'^  "id": "(.+)",$', PRESETS.read_text(), re.MULTILINE)
    assert found == list(presets())
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in found)


@pytest.mark.parametrize("name", ["high-contrast-dark", "high-contrast-light"])
def test_high_contrast_presets_reach_aaa(name: str) -> None:
    assert failing_pairs(presets()[name]["colors"], 7) == []
