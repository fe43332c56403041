"""CSRF protection of every route that writes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.api.dialects import PATHS
from synthesis.runtime import Runtime
from themes.models import Preset

EXEMPT = {
    # Saves nothing; cross-site requests are rejected by their Origin and Sec-Fetch-Site headers.
    *("", "speech.wav", "v1/audio/speech", "v1/audio/speech/explain", "themes/read", "themes/write", "themes/fix"),
    # For the page, which has no token because it works without cookies: other sites are rejected by the same headers.
    *("documents/extract", "documents/fetch", "documents/position", "reading/explain", "voices/choose"),
    "voices/sample",
    # Shows the text and does nothing; other sites are rejected by the same headers.
    "share",
    # Belong to no account, and reject other sites by the same headers.
    *("feedback/asked", "feedback/rate", "feedback/reading"),
    # A list that is read only.
    "voices/list.json",
    # The server only counts times.
    "page-metrics",
    # The token is checked once the body is known to be small.
    "themes/import",
    # Browsers send these reports; the server only counts them.
    "csp-report",
    # Lists that are read only; other methods get 405.
    *("v1/audio/voices", "v1/audio/models", "v1/models", "v1/models/<str:name>"),
    # The dialects: cross-site requests that speak are rejected, as those to v1/audio/speech; the others list.
    *("v1/text-to-speech/<str:voice_id>", "v1/text-to-speech/<str:voice_id>/stream"),
    *(f"v1/text-to-speech/<str:voice_id>/{end}" for end in ("with-timestamps", "stream/with-timestamps")),
    *("v1/text-to-speech/<path:rest>", "v1/voices/<path:rest>", "v1/voices", "v1/voices/<str:voice_id>", "v2/voices"),
    *(path.removeprefix("/") for path in PATHS),
    # Need a token.
    *("v1/theme", "v1/themes", "v1/themes/<slug:reference>"),
    *("v1/terminal/say", "v1/terminal/say/<str:entry>", "v1/terminal/queue"),
    # Explains why websocket handshakes fail; changes nothing.
    "ws/terminal/",
    # Responds 404 in JSON.
    *("v1", "v1/<path:rest>"),
}
HELPERS = [
    *("", "speech.wav", "themes/fix", "themes/read", "themes/write", "v1/audio/speech", "synthesize"),
    *("documents/extract", "documents/fetch", "documents/position", "reading/explain", "voices/choose"),
    "voices/sample",
]
VALUES = {
    "str:entry": "7a1e3c1e-7b7e-4f0e-9a39-0c1ab2b1a002",
    "uuid:theme_id": "7a1e3c1e-7b7e-4f0e-9a39-0c1ab2b1a001",
    "path:object_id": "1",
    "slug:reference": "ocean-dark",
    "slug:format": "base16",
    "slug:release": "0123456789abcdef",
    "str:token": "x",
    "int:content_type_id": "1",
    "int:pk": "1",
    "slug:name": "voices",
}


def addresses(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the pattern and view of each route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here, pattern.callback


def filled(address: str) -> str:
    """Return a URL for the pattern, with sample arguments."""
    for name, value in VALUES.items():
        address = address.replace(f"<{name}>", value)
    return "/" + address


WRITTEN = [address for address, _ in addresses() if "^" not in address and "(?P" not in address]


def test_only_listed_views_are_csrf_exempt() -> None:
    assert len(WRITTEN) > 60
    assert {address for address, view in addresses() if getattr(view, "csrf_exempt", False)} == EXEMPT


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted({*WRITTEN} - EXEMPT | {"themes/import"}))
def test_cross_site_writes_are_rejected(address: str) -> None:
    charlie = User.objects.create_superuser("charlie")
    presets = Preset.objects.count()
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    client.get("/themes/")
    fields = {"username": "bob", "name": "x", "action": "delete_presets", "post": "yes", "end": "all"}
    assert client.post(filled(address), fields).status_code == 403
    assert (User.objects.count(), Preset.objects.count()) == (1, presets)
    assert "_auth_user_id" in client.session


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("address", HELPERS)
async def test_cross_site_requests_without_cookies_are_rejected(
    runtime_with_voice: Runtime, async_client: AsyncClient, address: str, site: str
) -> None:
    answer = await async_client.post(f"/{address}", {"text": "Hello."}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    for own in ("same-origin", "none"):
        answer = await async_client.post(f"/{address}", {"text": "Hello."}, headers={"Sec-Fetch-Site": own})
        assert answer.status_code != 403
