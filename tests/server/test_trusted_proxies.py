"""The client's address and scheme come from trusted proxies only."""

from ipaddress import ip_network
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from project import asgi
from project.asgi import application
from project.server.trusted_proxies import FORWARDED_HEADERS, PROXY_FAULT, TrustedProxyMiddleware

OURS = ["10.0.0.0/8", "::1/128"]


async def seen(
    peer: str, headers: dict[str, str], networks: list[str] | None = None, **scope: object
) -> dict[str, Any]:
    """Return the scope that the application receives."""
    found: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.update(scope)

    scope = {
        "type": "http",
        **scope,
        "scheme": "http",
        "client": [peer, 1234],
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await TrustedProxyMiddleware(application, OURS if networks is None else networks)(scope, None, None)
    return found


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.2.2.2", "203.0.113.7"),
        ("10.0.0.1", "10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1:1, 203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7:51234, 10.2.2.2:443", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::7]:51234", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", '"[2001:db8::7]:51234"', "2001:db8::7"),
        ("10.0.0.1", "203.0.113.7:http", "10.0.0.1"),
    ],
)
async def test_only_trusted_proxies_set_the_client_address(peer: str, forwarded: str, client: str) -> None:
    scope = await seen(peer, {"x-forwarded-for": forwarded})
    assert scope["client"][0] == client


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", b"198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", b"198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", b"", None),
        ("10.0.0.1", b"10.2.2.2", None),
        ("", b"", None),
    ],
)
def test_the_client_a_connection_is_charged_to(peer: str, forwarded: bytes, client: str | None) -> None:
    async def never(scope: dict[str, Any], receive: Any, send: Any) -> None:
        raise AssertionError

    assert TrustedProxyMiddleware(never, OURS).client_of(peer, [(b"X-Forwarded-For", forwarded)]) == client


async def test_without_trusted_proxies_no_header_is_trusted() -> None:
    scope = await seen("10.0.0.1", {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}, networks=[])
    assert (scope["client"][0], scope["scheme"]) == ("10.0.0.1", "http")


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.1", "https"), ("203.0.113.9", "http")])
async def test_the_scheme_is_taken_from_the_proxy(peer: str, scheme: str) -> None:
    assert (await seen(peer, {"x-forwarded-proto": "https"}))["scheme"] == scheme


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [
        ("HTTPS", "https"),
        (" https , http", "https"),
        ("https,https", "https"),
        ("wss", "https"),
        ("http, https", "http"),
        ("http", "http"),
        ("", "http"),
    ],
)
async def test_the_scheme_of_a_list_is_the_first_in_any_case(proto: str, scheme: str) -> None:
    assert (await seen("10.0.0.1", {"X-FORWARDED-Proto": proto}))["scheme"] == scheme


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"X-Forwarded-Host": "speech.test"}, "speech.test"),
        ({"x-forwarded-host": "Speech.test:8142"}, "Speech.test:8142"),
        ({"X-Forwarded-Host": "speech.test, voice.internal"}, "speech.test"),
        ({"X-Forwarded-Host": "evil.test"}, "voice.internal"),
        ({"X-Forwarded-Host": "speech.test\x00"}, "voice.internal"),
        (
            {"X-Forwarded-Host": "speech.test", "X-Forwarded-Port": "8142", "Origin": "http://speech.test:8142"},
            "speech.test:8142",
        ),
        ({"X-Forwarded-Port": "8142, 80", "Origin": "http://voice.internal:8142"}, "voice.internal:8142"),
        # A proxy behind the proxy that the browser connects to sends its own port.
        ({"X-Forwarded-Port": "8080", "Origin": "https://voice.internal"}, "voice.internal"),
        ({"X-Forwarded-Port": "8080"}, "voice.internal"),
        ({"X-Forwarded-Port": "3000", "Origin": "http://evil.test:3000"}, "voice.internal"),
    ],
)
async def test_a_trusted_proxy_names_the_host(settings: Settings, headers: dict[str, str], host: str) -> None:
    settings.ALLOWED_HOSTS = ["voice.internal", "speech.test"]
    scope = await seen("10.0.0.1", {"Host": "voice.internal", **headers})
    assert dict(scope["headers"])[b"Host"] == host.encode()
    scope = await seen("203.0.113.9", {"Host": "voice.internal", **headers})
    assert dict(scope["headers"])[b"Host"] == b"voice.internal"


@pytest.mark.parametrize(
    ("peer", "headers", "said"),
    [
        ("172.18.0.5", {"X-Forwarded-Proto": "https"}, "TRUSTED_PROXIES=172.18.0.5"),
        ("10.0.0.1", {}, "sends no X-Forwarded-Proto"),
        ("10.0.0.1", {"X-Forwarded-Proto": "http"}, None),
        ("10.0.0.1", {"X-Forwarded-Proto": "https"}, None),
        ("172.18.0.5", {}, None),
    ],
)
async def test_an_endless_redirect_is_explained(
    settings: Settings, peer: str, headers: dict[str, str], said: str | None
) -> None:
    settings.BEHIND_TLS_PROXY = True
    fault = (await seen(peer, headers)).get(PROXY_FAULT)
    assert fault is None if said is None else said in str(fault)


async def test_the_asgi_application_uses_the_forwarded_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client over its rate limit is rejected by its own address, not the proxy's, without a database query."""
    monkeypatch.setattr(application, "_networks", [ip_network("10.0.0.0/8")])
    for counted in ("203.0.113.7", "198.51.100.1"):
        asgi.socket.buckets.penalize({"client": [counted, 1]})
    for peer, client in (("10.0.0.1", "203.0.113.7"), ("198.51.100.1", "203.0.113.9")):
        wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[(b"x-forwarded-for", client.encode())])
        wire.scope["client"] = [peer, 1]
        assert not (await wire.connect())[0]


@pytest.mark.parametrize("peer", ["10.0.0.1", "203.0.113.9"])
async def test_forwarded_headers_are_removed(peer: str) -> None:
    claims = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded")
    scope = await seen(peer, {**dict.fromkeys(claims, "1.2.3.4"), "accept": "*/*"})
    assert scope["headers"] == [(b"accept", b"*/*")]


@pytest.mark.parametrize("peer", ["10.0.0.1", "203.0.113.9"])
@pytest.mark.parametrize("claim", sorted(FORWARDED_HEADERS))
async def test_forwarded_headers_are_removed_in_any_spelling(peer: str, claim: bytes) -> None:
    name = claim.decode()
    for spelling in (name, name.upper(), name.title(), name.replace("-", "_")):
        assert (await seen(peer, {spelling: "admin"}))["headers"] == []


@pytest.mark.parametrize("peer", ["10.0.0.1", "203.0.113.9"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_no_client_sets_the_script_prefix(peer: str, kind: str) -> None:
    assert (await seen(peer, {}, type=kind, root_path="/x"))["root_path"] == ""
