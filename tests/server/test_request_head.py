"""Validation of request lines and headers."""

import pytest

from project.server.request_head import ASCII, LONGEST_CONTENT_TYPE, METHODS, SINGLE, refusal, single_slash

HOST = {b"host": [b"localhost"]}
SHAKEN = {**HOST, b"upgrade": [b"websocket"]}


def sentence(
    headers: dict[bytes, list[bytes]], target: bytes = b"/", method: bytes = b"GET", version: bytes = b"HTTP/1.1"
) -> str:
    """Return the rejection's sentence; empty if the request is valid."""
    found = refusal(method, target, version, headers)
    return found.sentence if found else ""


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_valid_head_is_accepted(method: bytes) -> None:
    assert sentence(HOST, b"/themes/?a=%20", method) == ""
    assert sentence({}, version=b"HTTP/1.0") == ""


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_duplicate_single_value_headers_are_rejected(name: bytes) -> None:
    assert sentence({**HOST, name: [b"a", b"a"]}) == f"The header {name.decode()} occurs more than once."


@pytest.mark.parametrize("name", sorted(ASCII))
@pytest.mark.parametrize("value", [b"\xff", b"a\x7f", b"a\tb", b"\0"])
def test_decoded_headers_must_be_ascii(name: bytes, value: bytes) -> None:
    assert sentence({**HOST, name: [value]}) == f"The header {name.decode()} must be ASCII."


@pytest.mark.parametrize("target", [b"/v1/audio/speech", b"/v1", b"/v1?a=//v1", b"/api/tts?text=a", b"/voices/"])
def test_doubled_slashes_before_an_address_of_the_api_are_one(target: bytes) -> None:
    assert single_slash(target) == single_slash(b"/" + target) == single_slash(b"//" + target) == target


@pytest.mark.parametrize(
    "target", [b"//", b"//a/v1/", b"//v10/x", b"//v1:80/x", b"//v1@a/", b"//a/api/tts", b"/a//v1/"]
)
def test_other_doubled_slashes_stay(target: bytes) -> None:
    assert single_slash(target) == target


@pytest.mark.parametrize("target", [b"", b"*", b"a", b"//a", b"http://a/", b"a:1", b"/\xff", b"/\x85", b"/\x7f"])
def test_the_request_target_must_be_a_path(target: bytes) -> None:
    assert sentence(HOST, target).startswith("The request target")


def test_host_is_required() -> None:
    assert sentence({}) == "The header host is missing."


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"text/html",
        b"application/json; charset=utf-8",
        b'text/plain; charset="UTF-8"; format=flowed',
        b"multipart/form-data; boundary=----WebKitFormBoundaryAbCd; charset=us-ascii",
        b"text/plain; x*=utf-8''%41",
        b"nonsense",
    ],
)
def test_a_supported_media_type_is_accepted(value: bytes) -> None:
    assert sentence({**HOST, b"content-type": [value]}) == ""


@pytest.mark.parametrize(
    "value",
    [
        b"text/plain; charset=latin1",
        b"text/plain; CHARSET=utf-16",
        b"text/plain; charset*=utf-16''a",
        b"text/plain; x*=none''%41",
        b"text/plain; x*=undefined''%41",
        b"text/plain; x*=idna''%ff%41",
        b"text/plain; charset*=utf-8''%00",
        b"a" * (LONGEST_CONTENT_TYPE + 1),
    ],
)
def test_another_charset_is_rejected(value: bytes) -> None:
    assert sentence({**HOST, b"content-type": [value]}).startswith("The header content-type")


def test_a_handshake_must_be_an_http_1_1_get_without_a_body() -> None:
    why = "A WebSocket handshake must be an HTTP/1.1 GET request without a body."
    assert sentence(SHAKEN) == sentence({**SHAKEN, b"content-length": [b"0"]}) == ""
    assert sentence(SHAKEN, method=b"POST") == why
    assert sentence(SHAKEN, version=b"HTTP/1.0") == why
    assert sentence({**SHAKEN, b"content-length": [b"1"]}) == why
    assert sentence({**SHAKEN, b"transfer-encoding": [b"chunked"]}) == why
    assert sentence({**SHAKEN, b"upgrade": [b"WebSocket"]}, method=b"POST") == why
