"""Tests the editor's stateless JSON API."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import AsyncRequestFactory
from django.test.client import MULTIPART_CONTENT

from tests.themes.formats.test_reading import WINDOWS, preset_file
from tests.themes.formats.test_tolerance import OTHER, settings_file
from tests.themes.strategies import preset
from themes import formats
from themes.schema import MAX_THEME_BYTES
from themes.tokens import FONTS, TOKENS
from themes.views import api

OCEAN = preset("ocean-dark")
OURS = formats.write(OCEAN, "alphanumeric").data
FAINT = {**OCEAN.to_dict(), "colors": {**OCEAN.colors, "dim": "#1b4a5a"}}
ask = AsyncRequestFactory()


def answer(response: Any) -> Any:
    assert isinstance(response, HttpResponse)
    return json.loads(response.content)


async def send(data: bytes, query: str = "", content_type: str = "application/octet-stream") -> Any:
    return await api.import_file(ask.generic("POST", f"/themes/read{query}", data, content_type))


async def upload(name: str, data: bytes, query: str = "") -> Any:
    return await api.import_file(ask.post(f"/themes/read{query}", data={"file": SimpleUploadedFile(name, data)}))


async def write(theme: str, name: str) -> Any:
    return await api.export_file(ask.post("/themes/write", data={"theme": theme, "format": name}))


async def fix(body: Any) -> Any:
    return await api.fix_contrast_of_theme(
        ask.post("/themes/fix", data=json.dumps(body), content_type="application/json")
    )


async def test_the_token_list() -> None:
    known = answer(await api.token_list(ask.get("/themes/tokens.json")))
    assert [token["name"] for token in known["tokens"]] == [token.name for token in TOKENS]
    assert known["tokens"][3] == {
        "name": "foreground",
        "group": "Page",
        "label": "text",
        "against": ["background", "surface"],
        "contrast": 4.5,
    }
    assert {font["name"]: font["stack"] for font in known["fonts"]} == FONTS
    assert (known["sizes"], known["line_heights"], known["bytes"]) == ([12, 32], [1.2, 2.4], 51_200)
    assert [kind["name"] for kind in known["formats"] if kind["writable"]] == list(formats.WRITABLE)
    assert all(kind["readable"] for kind in known["formats"])


async def test_a_file_is_read() -> None:
    found = answer(await upload("ocean.json", OURS))
    notes = {"scheme": "", "schemes": [], "ignored": [], "remarks": [], "summary": ""}
    assert found == {"theme": OCEAN.to_dict(), "format": "alphanumeric", "failing": [], **notes}


async def test_ignored_keys_are_reported() -> None:
    found = answer(await send(json.dumps({**WINDOWS, "author": "A", "red": "#ff000080"}).encode()))
    assert (found["ignored"], found["remarks"]) == (["author"], ["Transparent colors were made opaque."])
    assert found["summary"] == "Transparent colors were made opaque. Keys that were not used: author."


async def test_a_scheme_can_be_selected_by_name() -> None:
    data = settings_file(WINDOWS, OTHER).encode()
    response = await upload("settings.json", data)
    assert response.status_code == 400
    error = answer(response)["error"]
    assert error.pop("message") == "The file has 2 color schemes. Choose one."
    assert error == {"code": "scheme_required", "param": "scheme", "choices": ["Mine", "Other"]}
    found = answer(await upload("settings.json", data, "?scheme=Other"))
    assert (found["theme"]["name"], found["scheme"], found["schemes"]) == ("Other", "Other", ["Mine", "Other"])
    error = answer(await upload("settings.json", data, "?scheme=Third"))["error"]
    assert (error["code"], error["choices"]) == ("scheme_unknown", ["Mine", "Other"])


async def test_a_bare_body_is_read() -> None:
    assert answer(await send(OURS))["theme"] == OCEAN.to_dict()


async def test_a_theme_without_a_name_is_named_after_its_file() -> None:
    preset_data = preset_file({}).encode()
    assert answer(await upload("Wave.itermcolors", preset_data))["theme"]["name"] == "Wave"
    assert answer(await send(preset_data, "?name=Wave"))["theme"]["name"] == "Wave"
    assert answer(await send(preset_data, "?name=%00"))["theme"]["name"] == "Imported"


async def test_failing_pairs_use_the_requested_minimum() -> None:
    faint = json.dumps(FAINT).encode()
    (first, *_) = answer(await send(faint))["failing"]
    assert (first["token"], first["ground"], first["required"]) == ("dim", "background", 4.5)
    assert first["ratio"] < 4.5
    assert answer(await send(faint, "?minimum=1"))["failing"] == []
    assert len(answer(await send(faint, "?minimum=7"))["failing"]) > 2


async def test_an_error_has_param_and_line() -> None:
    response = await send(OURS.replace(OCEAN.colors["accent"].encode(), b"red;background:url(x)", 1))
    assert response.status_code == 400
    error = answer(response)["error"]
    assert error.pop("message").startswith("colors.accent is ")
    assert error == {"code": "color_invalid", "param": "colors.accent", "line": 12}


@pytest.mark.parametrize("extra", [1, 10_000, 3_000_000])
async def test_a_large_file_is_rejected(extra: int) -> None:
    large = b" " * (MAX_THEME_BYTES + extra)
    for response in (await upload("large.json", large), await send(large)):
        assert (response.status_code, answer(response)["error"]["code"]) == (400, "file_too_large")


async def test_a_body_announced_as_too_large_is_not_read() -> None:
    request = ask.post("/themes/read", data=b" " * 200_000, content_type="text/plain")
    response = await api.import_file(request)
    assert answer(response)["error"]["code"] == "file_too_large"
    assert len(request.read()) == 200_000


async def test_an_unannounced_body_is_read_up_to_the_limit() -> None:
    request = ask.post("/themes/read", data=b" " * 200_000, content_type="text/plain")
    del request.META["CONTENT_LENGTH"]
    response = await api.import_file(request)
    assert answer(response)["error"]["code"] == "file_too_large"
    assert len(request.read()) == 200_000 - MAX_THEME_BYTES - 1


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--BoUnDaRyStRiNg\r\nContent-Disposition: form-data\r\n"])
async def test_a_form_without_a_file_is_rejected(body: bytes) -> None:
    response = await send(body, content_type=MULTIPART_CONTENT)
    assert (response.status_code, answer(response)["error"]["code"]) == (400, "file_unreadable")


async def test_a_form_without_a_boundary_is_rejected() -> None:
    response = await send(b"x", content_type="multipart/form-data")
    assert (response.status_code, answer(response)["error"]["code"]) == (400, "file_unreadable")


@pytest.mark.parametrize("query", ["?minimum=3", "?minimum=", "?minimum=nan", "?minimum=true"])
async def test_the_contrast_minimum_has_three_values(query: str) -> None:
    error = answer(await send(OURS, query))["error"]
    assert (error["code"], error["param"]) == ("field_invalid", "minimum_contrast")


@pytest.mark.parametrize("name", formats.WRITABLE)
async def test_a_theme_is_exported_as_a_file(name: str) -> None:
    response = await write(OURS.decode(), name)
    extension = formats.FORMATS[name].extension
    assert response.content == formats.write(OCEAN, name).data
    assert response["Content-Type"] == formats.FORMATS[name].media_type
    assert response["Content-Disposition"] == f'attachment; filename="ocean.{extension}"'


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("Rosé Pine", "rose-pine.json"),
        ('a"; x=y\\/..', "a-xy.json"),
        ("海", "theme.json"),
        ("x" * 60, f"{'x' * 60}.json"),
    ],
)
async def test_a_file_name_is_a_slug(called: str, expected: str) -> None:
    response = await write(json.dumps({**OCEAN.to_dict(), "name": called}), "alphanumeric")
    assert response["Content-Disposition"] == f'attachment; filename="{expected}"'


@pytest.mark.parametrize(
    ("theme", "name", "code"),
    [
        (OURS.decode(), "vim", "format_unknown"),
        (OURS.decode(), "iterm2-color-schemes", "format_unknown"),
        ("{", "base16", "file_unreadable"),
        ("", "base16", "file_unreadable"),
        (" " * 60_000, "base16", "file_too_large"),
        (" " * 300_000, "base16", "file_too_large"),
        (json.dumps({**OCEAN.to_dict(), "name": ""}), "base16", "name_invalid"),
    ],
)
async def test_an_unwritable_format_is_reported(theme: str, name: str, code: str) -> None:
    response = await write(theme, name)
    assert (response.status_code, answer(response)["error"]["code"]) == (400, code)


async def test_a_urlencoded_form_is_accepted_too() -> None:
    body = urlencode({"theme": OURS.decode(), "format": "base24"}).encode()
    response: Any = await api.export_file(
        ask.generic("POST", "/themes/write", body, "application/x-www-form-urlencoded")
    )
    assert response.content == formats.write(OCEAN, "base24").data


async def test_contrast_is_fixed() -> None:
    fixed = answer(await fix({"theme": FAINT, "minimum_contrast": 4.5}))
    assert (fixed["changed"], fixed["failing"]) == (["dim"], [])
    assert {**fixed["theme"]["colors"], "dim": ""} == {**OCEAN.colors, "dim": ""}


async def test_contrast_is_unchanged_without_a_minimum() -> None:
    fixed = answer(await fix({"theme": FAINT, "minimum_contrast": 1}))
    assert (fixed["changed"], fixed["theme"]) == ([], FAINT)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ([], "format_unknown", "file"),
        ({}, "theme_invalid", None),
        ({"theme": FAINT, "more": 1}, "key_unknown", "more"),
        ({"theme": {**FAINT, "scheme": 1}}, "scheme_invalid", "scheme"),
        ({"theme": FAINT, "minimum_contrast": 3}, "field_invalid", "minimum_contrast"),
        ({"theme": FAINT, "minimum_contrast": True}, "field_invalid", "minimum_contrast"),
        ({"theme": FAINT, "minimum_contrast": [7]}, "field_invalid", "minimum_contrast"),
        ({"theme": " " * 60_000}, "file_too_large", "file"),
    ],
)
async def test_an_invalid_fix_request_is_reported(body: Any, code: str, param: str | None) -> None:
    response = await fix(body)
    assert response.status_code == 400
    error = answer(response)["error"]
    assert (error["code"], error["param"]) == (code, param)


@pytest.mark.parametrize("view", [api.import_file, api.export_file, api.fix_contrast_of_theme])
async def test_the_api_requires_post(view: Any) -> None:
    assert (await view(ask.get("/themes/read"))).status_code == 405
    assert view.csrf_exempt
