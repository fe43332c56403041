"""Security headers of every kind of response."""

import pytest
from django.test import AsyncClient, Client
from pytest_django import Settings

from synthesis.runtime import Runtime
from tests.csp import POLICY, parse_policy

pytestmark = pytest.mark.django_db(transaction=True)


def policy(response: object) -> dict[str, str]:
    header: str = response["Content-Security-Policy"]  # type: ignore[index]
    return parse_policy(header)


PAGES = ["/", "/nothing-here", "/admin/login/", "/themes/", "/accounts/sign-in/", "/speech.wav"]
FILES = ["/v1/audio/speech", "/v1/nothing-here", "/healthz", "/theme.css", "/themes/tokens.json"]


@pytest.mark.parametrize("path", PAGES + FILES)
async def test_every_response_has_the_security_headers(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str
) -> None:
    response = await async_client.get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", FILES)
async def test_files_get_a_csp_without_sources(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str
) -> None:
    response = await async_client.get(path)
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", PAGES)
async def test_the_csp_allows_only_same_origin_resources(
    runtime_with_voice: Runtime, async_client: AsyncClient, path: str
) -> None:
    response = await async_client.get(path)
    found = policy(response)
    assert found["default-src"] == "'none'"
    assert found["script-src"] == found["style-src"] == found["connect-src"] == "'self'"
    assert found["frame-ancestors"] == found["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "microphone=()" in response["Permissions-Policy"]
    assert found["report-uri"] == "/csp-report"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [("/", "testserver", 301), ("/", "evil.example", 400), ("/themes", "testserver", 301)],
    ids=["to TLS", "another host", "to the slash"],
)
def test_middleware_responses_have_the_headers(
    runtime_with_voice: Runtime, settings: Settings, path: str, host: str, status: int
) -> None:
    settings.SECURE_SSL_REDIRECT = path == "/"
    response = Client().get(path, headers={"Host": host})
    assert response.status_code == status
    assert policy(response)["default-src"] == "'none'"
    assert response["X-Frame-Options"] == "DENY"


def test_cookies_are_http_only(runtime_with_voice: Runtime) -> None:
    response = Client().get("/accounts/sign-in/")
    assert set(response.cookies) == {"csrftoken", "device"}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in response.cookies.values())


async def test_the_complete_csp(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert policy(await async_client.get("/")) == POLICY


async def test_error_responses_have_the_csp(runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    client = AsyncClient(raise_request_exception=False)
    whole = await client.get("/")
    monkeypatch.setattr("themes.store.queries.appearance", broken)
    for answer, status in (
        (await client.get("/accounts/"), 500),
        (await client.post("/accounts/sign-out/", headers={"Origin": "https://evil.example"}), 302),
        (await client.get("/static/nothing.js"), 404),
    ):
        assert answer.status_code == status
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Content-Security-Policy"] == whole["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "testserver@evil.example", "testserver.evil.example", "test server"])
def test_other_hosts_are_rejected(client: Client, host: str) -> None:
    own, answer = client.get("/themes/"), client.get("/themes/", headers={"Host": host})
    assert (own.status_code, answer.status_code) == (200, 400)
    assert host not in answer.text
    assert answer["Content-Security-Policy"] == own["Content-Security-Policy"]
    # X-Forwarded-Host is not trusted either.
    claimed = client.get("/accounts/password/", headers={"X-Forwarded-Host": host})
    assert (claimed.status_code, claimed["Location"]) == (302, "/accounts/sign-in/?next=/accounts/password/")


async def test_text_never_becomes_script(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert policy(await async_client.get("/"))["require-trusted-types-for"] == "'script'"


@pytest.mark.parametrize("client", [Client(), AsyncClient()], ids=["sync", "async"])
async def test_the_admin_has_no_trusted_types(runtime_with_voice: Runtime, client: Client | AsyncClient) -> None:
    from asgiref.sync import sync_to_async

    if isinstance(client, AsyncClient):
        response = await client.get("/admin/login/")
    else:
        response = await sync_to_async(client.get)("/admin/login/")  # type: ignore[assignment]
    assert "require-trusted-types-for" not in policy(response)
