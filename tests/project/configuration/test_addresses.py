"""Tests that unambiguous hosts, origins and URLs in the settings are accepted, and that errors name the others."""

import re
from typing import Any

import pytest
from environs import ValidationError

from project.configuration.addresses import (
    OWN_PATHS,
    parse_hosts,
    parse_listening_address,
    parse_origins,
    parse_redis_url,
    parse_url_prefix,
)
from project.security.admin_networks import parse_networks
from project.urls import urlpatterns


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("localhost, voice.test", ["localhost", "voice.test"]),
        ("localhost voice.test;bob.test,,", ["localhost", "voice.test", "bob.test"]),
        ("https://voice.test", ["voice.test"]),
        ("https://Voice.test:8443/", ["voice.test"]),
        ("voice.test:8000", ["voice.test"]),
        ("voice.test/", ["voice.test"]),
        ("voice.test.", ["voice.test"]),
        (".voice.test", [".voice.test"]),
        ("::1", ["[::1]"]),
        ("[::1]:8000,fd00::7", ["[::1]", "[fd00::7]"]),
        ("192.168.1.20:8000", ["192.168.1.20"]),
        ("bücher.test", ["xn--bcher-kva.test"]),
        ("voice.test,VOICE.test", ["voice.test"]),
        ("*", ["*"]),
    ],
)
def test_hosts_are_normalized(text: str, hosts: list[str]) -> None:
    assert parse_hosts(text) == hosts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("192.168.1.0/24", "is a network"),
        ("fd00::/8", "is a network"),
        ("voice.test/voice", "contains a path"),
        ("https://voice.test/?a=b", "contains a path"),
        ("*.voice.test", "Write .voice.test"),
        ("ftp://voice.test", "is not a host name"),
        ("voice.test:http", "voice.test:http"),
        ("voice_web", "underscores"),
        ("alice@voice.test", "is not a host name"),
        ('["voice.test"]', "without brackets or quotes"),
        ("-voice.test", "is not a host name"),
        ("https://", "is not a host name"),
    ],
)
def test_errors_name_unusable_hosts(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        parse_hosts(text)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://speech.example.com/", ["https://speech.example.com"]),
        ("HTTPS://Speech.example.com:443, http://bob.test:80", ["https://speech.example.com", "http://bob.test"]),
        ("http://bob.test:8142", ["http://bob.test:8142"]),
        ("http://[::1]:8000", ["http://[::1]:8000"]),
    ],
)
def test_origins_are_normalized(text: str, origins: list[str]) -> None:
    assert parse_origins(text) == origins


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speech.example.com", "no scheme. Write an origin, such as https://speech.example.com"),
        ("https://*.example.com", "wildcard"),
        ("*", "wildcard"),
        ("wss://speech.example.com", "must begin with http"),
        ("https://speech.example.com/voice", "contains a path"),
        ("null", "no scheme"),
        ("https://alice:secret@speech.example.com", "is not a host name"),
        ("https://speech.example.com:99999", "[Pp]ort"),
    ],
)
def test_errors_name_unusable_origins(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        parse_origins(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.5/8", "Write 10.0.0.0/8, or 10.0.0.5"),
        ("10.0.0.0/33", "is not a network"),
        ("nginx", "is not a network"),
    ],
)
def test_errors_name_unusable_networks(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        parse_networks([text])


@pytest.mark.parametrize(
    ("text", "address"), [("192.0.2.7", "192.0.2.7"), ("[::1]", "::1"), ("::1", "::1"), ("localhost", "localhost")]
)
def test_a_listening_address(text: str, address: str) -> None:
    assert parse_listening_address(text) == address


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "http://127.0.0.1", "0.0.0.0/0", "*"])
def test_errors_name_an_unusable_listening_address(text: str) -> None:
    with pytest.raises(ValidationError, match="PORT"):
        parse_listening_address(text)


@pytest.mark.parametrize("text", ["", "redis://127.0.0.1:6379/0", "rediss://:secret@redis.test/1", "redis://redis"])
def test_a_redis_url(text: str) -> None:
    assert parse_redis_url(text) == text


def test_the_url_of_a_valkey_server() -> None:
    assert parse_redis_url("valkeys://:secret@valkey.test/1") == "rediss://:secret@valkey.test/1"


@pytest.mark.parametrize(
    "text", ["127.0.0.1:6379", "http://redis", "redis://", "redis://:secret@redis:six/0", "redis://redis/a"]
)
def test_the_error_of_an_unusable_redis_url_omits_its_password(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_redis_url(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("text", "path"), [("", ""), ("/", ""), ("voice", "/voice"), ("/a/b-c/", "/a/b-c")])
def test_a_url_prefix(text: str, path: str) -> None:
    assert parse_url_prefix(text) == path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("https://voice.test/x", "is not a path"),
        ("/a//b", "is not a path"),
        ("/../x", "is not a path"),
        ("/a b", "is not a path"),
        ("/%2e", "is not a path"),
        ("/admin", "own path /admin"),
        ("/v1/voice", "own path /v1"),
    ],
)
def test_an_unusable_url_prefix_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        parse_url_prefix(text)


def test_a_prefix_cannot_hide_the_sites_own_pages() -> None:
    routes: list[Any] = list(urlpatterns)
    # Routes that are included below "" are as much at the top as the others.
    top = [
        *routes,
        *(one for route in routes if str(route.pattern) == "" for one in getattr(route, "url_patterns", [])),
    ]
    own = {str(route.pattern).partition("/")[0] for route in top} - {""}
    assert {"accounts", "admin", "themes", "v1", "voices", "ws"} <= own
    assert {name for name in own if re.fullmatch(r"[\w-]+", name)} - OWN_PATHS == set()
