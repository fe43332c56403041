"""Tests of who may use the HTTP API: visitors by policy, tokens, and pages of other origins."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tokens import create_token
from core.storage import database
from synthesis.models import LimitPolicyRow
from synthesis.runtime import Runtime
from tests.synthesis.api.client import content, post, request

pytestmark = pytest.mark.django_db(transaction=True)

CALL = {"input": "Hello, alice."}
PAGE = "https://chat.example.com"


@pytest.fixture
async def alice(runtime_with_voice: Runtime) -> User:
    return await User.objects.acreate_user("alice")


async def token_for(user: User, scopes: tuple[str, ...] = ("speak",), **fields: Any) -> tuple[ApiToken, str]:
    return await database.write(lambda: create_token(user, "Chat", list(scopes), **fields))


async def visitors(runtime: Runtime, access: str) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"api_access": access})
    await runtime.rate_limiter.refresh()


async def ask(client: AsyncClient, secret: str | None = None, **extra: Any) -> Any:
    headers = {**extra.pop("headers", {}), **({"Authorization": f"Bearer {secret}"} if secret is not None else {})}
    response = await post(client, CALL, headers=headers, **extra)
    if response.streaming:
        await content(response)
    return response


def code(response: Any) -> str:
    return str(response.json()["error"]["code"])


async def test_a_token_speaks_for_its_account(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User
) -> None:
    await visitors(runtime_with_voice, "none")
    _, secret = await token_for(alice)
    response = await ask(async_client, secret)
    assert response.status_code == 200
    # Another address counts for the same account.
    _, headers, _ = await request(CALL, address="198.51.100.7", authorization=f"Bearer {secret}")
    assert headers["ratelimit"].split(";")[1] == "r=98"


@pytest.mark.parametrize(
    ("secret", "expected"),
    [(None, "token_missing"), ("", "token_missing"), ("sk-none", "token_unknown"), ("an_unknown", "token_unknown")],
)
async def test_a_token_is_required(
    runtime_with_voice: Runtime, async_client: AsyncClient, secret: str | None, expected: str
) -> None:
    await visitors(runtime_with_voice, "none")
    response = await ask(async_client, secret)
    assert (response.status_code, code(response), response["WWW-Authenticate"]) == (401, expected, "Bearer")
    assert response.json()["error"]["type"] == "invalid_request_error"
    # The lists are public.
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    listed = await async_client.get("/v1/models", headers=headers)
    assert listed.status_code == (401 if secret == "an_unknown" else 200)


async def test_expired_revoked_and_wrongly_scoped_tokens(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User
) -> None:
    _, expired = await token_for(alice, expires_at=timezone.now() - timedelta(seconds=1))
    _, themes = await token_for(alice, scopes=("themes",))
    row, revoked = await token_for(alice)
    assert (await ask(async_client, revoked)).status_code == 200
    await row.adelete()
    for secret, status, expected in (
        (expired, 401, "token_expired"),
        (themes, 403, "scope_missing"),
        (revoked, 401, "token_unknown"),
    ):
        # Although visitors need no token: a client that sends one expects to act as its account.
        response = await ask(async_client, secret)
        assert (response.status_code, code(response)) == (status, expected)


async def test_tokens_of_deactivated_accounts_are_rejected(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User
) -> None:
    _, secret = await token_for(alice)
    alice.is_active = False
    await alice.asave()
    assert code(await ask(async_client, secret)) == "token_unknown"


async def test_own_limits_of_a_token(runtime_with_voice: Runtime, async_client: AsyncClient, alice: User) -> None:
    for counter in (runtime_with_voice.rate_limiter._requests, runtime_with_voice.rate_limiter._characters):
        counter._clock = lambda: 0.0
    _, secret = await token_for(alice, requests_per_minute=1)
    _, other = await token_for(alice, characters_per_minute=5)
    assert (await ask(async_client, secret)).status_code == 200
    second = await ask(async_client, secret)
    assert (second.status_code, code(second), second.json()["error"]["limit"]) == (429, "limit_requests", 1)
    assert second["Retry-After"]
    assert code(await ask(async_client, other)) == "limit_characters"


async def test_the_last_use_of_a_token_is_recorded(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User
) -> None:
    row, secret = await token_for(alice)
    assert row.last_used_at is None
    await ask(async_client, secret)
    await row.arefresh_from_db()
    assert row.last_used_at is not None
    assert secret not in (row.digest, row.hint)


@pytest.mark.parametrize(
    ("access", "address", "status"),
    [
        ("local", "127.0.0.1", 200),
        ("local", "::1", 200),
        ("local", "192.168.1.9", 401),
        ("all", "192.168.1.9", 200),
        ("none", "127.0.0.1", 401),
    ],
)
async def test_visitors_need_a_token_unless_the_policy_admits_them(
    runtime_with_voice: Runtime, access: str, address: str, status: int
) -> None:
    await visitors(runtime_with_voice, access)
    assert (await request(CALL, address=address))[0] == status


async def test_no_client_counts_as_local_behind_a_proxy(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any
) -> None:
    assert (await ask(async_client)).status_code == 200
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert (await ask(async_client)).status_code == 401
    settings.TRUSTED_PROXIES = []
    settings.BEHIND_TLS_PROXY = True
    assert (await ask(async_client)).status_code == 401


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
async def test_a_request_with_proxy_headers_is_not_local(runtime_with_voice: Runtime, header: str) -> None:
    assert (await request(CALL))[0] == 200
    assert (await request(CALL, **{header: "192.0.2.1"}))[0] == 401


async def test_another_host_name_is_not_local(runtime_with_voice: Runtime, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "speech.example.com"]
    assert (await request(CALL))[0] == 200
    assert (await request(CALL, host="speech.example.com"))[0] == 401


async def test_signed_in_browsers_need_no_token(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User
) -> None:
    await visitors(runtime_with_voice, "none")
    await async_client.aforce_login(alice)
    assert (await ask(async_client)).status_code == 200
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert (await ask(async_client, headers=own)).status_code == 200


async def test_pages_of_other_origins(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User, settings: Any
) -> None:
    _, secret = await token_for(alice)
    cross = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}
    refused = await ask(async_client, secret, headers=cross)
    assert (refused.status_code, code(refused)) == (403, "cross_site")
    settings.API_CORS_ORIGINS = [PAGE]
    allowed = await ask(async_client, secret, headers=cross)
    assert (allowed.status_code, allowed["Access-Control-Allow-Origin"], allowed["Vary"]) == (200, PAGE, "Origin")
    assert "Access-Control-Allow-Credentials" not in allowed
    other = await ask(async_client, secret, headers={**cross, "Origin": "https://evil.example"})
    assert (other.status_code, "Access-Control-Allow-Origin" in other) == (403, False)


async def test_the_preflight(runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any) -> None:
    settings.API_CORS_ORIGINS = [PAGE]
    await visitors(runtime_with_voice, "none")
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    response = await async_client.options("/v1/audio/speech", headers=headers)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == PAGE
    assert response["Access-Control-Allow-Headers"] == "authorization, content-type, x-request-id, xi-api-key"
    assert "POST" in response["Access-Control-Allow-Methods"]
    stranger = await async_client.options("/v1/audio/speech", headers={**headers, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger


async def test_errors_can_be_read_by_allowed_pages(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any
) -> None:
    settings.API_CORS_ORIGINS = [PAGE]
    await visitors(runtime_with_voice, "none")
    response = await ask(async_client, headers={"Origin": PAGE, "Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (401, PAGE)


async def test_an_allowed_page_does_not_act_as_the_user(
    runtime_with_voice: Runtime, async_client: AsyncClient, alice: User, settings: Any
) -> None:
    settings.API_CORS_ORIGINS = [PAGE]
    await visitors(runtime_with_voice, "none")
    await async_client.aforce_login(alice)
    assert (await ask(async_client, headers={"Origin": PAGE})).status_code == 401


async def test_plain_http_is_refused_behind_tls(
    runtime_with_voice: Runtime, async_client: AsyncClient, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = await ask(async_client, "an_secret")
    assert (response.status_code, code(response)) == (403, "https_required")


async def test_other_hosts_get_json(runtime_with_voice: Runtime) -> None:
    status, headers, body = await request(CALL, host="evil.example")
    assert (status, headers["content-type"]) == (400, "application/json")
    assert json.loads(body)["error"]["code"] == "host_unknown"


async def test_server_errors_get_json(
    runtime_with_voice: Runtime, async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("synthesis.api.views.read_parameters", broken)
    response = await ask(async_client)
    assert (response.status_code, code(response)) == (500, "internal")
    assert b"secret" not in response.content


async def test_a_fault_is_logged_without_the_line_breaks_of_the_path(
    runtime_with_voice: Runtime,
    async_client: AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("project.api_middleware._call_view", broken)
    await async_client.get("/v1/models/alice%0Abob")
    assert r"the API failed on '/v1/models/alice\nbob'" in caplog.messages
