"""Tests that the prefix of the operator, and no other, is removed from paths, exactly once."""

import io
from typing import Any

import pytest
from pytest_django import Settings

from project.server.path_prefix import PathPrefixMiddleware, PrefixedRequest


async def called(path: str, kind: str = "http") -> tuple[str | None, list[dict[str, Any]]]:
    """Return the path that the application got, ``None`` if it was not called, and the messages sent."""
    seen: list[str] = []
    sent: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await PathPrefixMiddleware(application, "/voice")({"type": kind, "path": path}, None, send)
    return (seen[0] if seen else None), sent


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("/voice/", "/"),
        ("/voice/v1/models", "/v1/models"),
        ("/voice/voice/", "/voice/"),
        ("/voices/", "/voices/"),
        ("/readyz", "/readyz"),
        ("/Voice/", "/Voice/"),
        ("//voice/", "//voice/"),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_the_path_below_the_prefix(kind: str, path: str, below: str) -> None:
    assert await called(path, kind) == (below, [])


async def test_the_prefix_itself_is_redirected() -> None:
    path, sent = await called("/voice")
    assert path is None
    assert sent[0]["status"] == 308
    assert dict(sent[0]["headers"])[b"location"] == b"/voice/"


def test_the_prefix_is_removed_once(settings: Settings) -> None:
    settings.URL_PREFIX = settings.FORCE_SCRIPT_NAME = "/voice"
    scope = {"type": "http", "method": "GET", "path": "/voice/admin/", "headers": [], "query_string": b""}
    request = PrefixedRequest(scope, io.BytesIO())
    assert (request.path_info, request.path) == ("/voice/admin/", "/voice/voice/admin/")
    assert request.META["PATH_INFO"] == "/voice/admin/"
