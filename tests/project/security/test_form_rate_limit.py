"""The rate limit of forms and theme helpers."""

import time
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from project.security.form_rate_limit import POSTS_PER_MINUTE

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


@pytest.mark.parametrize(
    "path", ["/themes/fix", "/themes/read", "/themes/write", "/themes/new", "/themes/import", "/accounts/sign-in/"]
)
def test_the_rate_limit_answers_as_json_or_html(path: str) -> None:
    client = Client()
    answers = [client.post(path, b"{}", content_type="application/json") for _ in range(POSTS_PER_MINUTE)]
    assert 429 not in {answer.status_code for answer in answers}
    refused = client.post(path, b"{}", content_type="application/json")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["limit"]) == (429, "limit_posts", POSTS_PER_MINUTE)
    assert refused["Retry-After"] == str(error["retry_after"])
    assert refused["RateLimit"] == f'"posts";r=0;t={error["retry_after"]}'
    page = client.post(path, headers=FORM)
    assert page.status_code == 429
    assert f"Try again in {error['retry_after']} s." in page.text
    assert client.get("/themes/").status_code == 200


def test_other_users_have_their_own_limit() -> None:
    alice, bob = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    statuses = [alice.post("/themes/fix").status_code for _ in range(POSTS_PER_MINUTE + 1)]
    assert statuses[-1] == 429
    assert bob.post("/themes/fix").status_code == 400
    # An account has its own counter, at any address.
    alice.force_login(User.objects.create_user("alice"))
    assert alice.post("/themes/fix").status_code == 400


async def test_a_script_prefix_does_not_bypass_the_limit() -> None:
    client = AsyncClient(root_path="/x")
    statuses = [(await client.post("/x/themes/fix")).status_code for _ in range(POSTS_PER_MINUTE)]
    assert set(statuses) == {400}
    assert (await client.post("/x/themes/fix")).status_code == 429
