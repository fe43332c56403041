"""Tests identities: by the signed device cookie, or by the signed-in account."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import AsyncClient, Client, RequestFactory

from synthesis.runtime import Runtime
from themes.models import ThemeOwner
from themes.owners import identity
from themes.store.services import set_preference

pytestmark = pytest.mark.django_db(transaction=True)

DEVICE = "3f1c2f0a5b5e4d0c9a6f6f1b8f2d7c11"


async def test_a_visitor_gets_one_cookie(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    first = await async_client.get("/")
    cookie = first.cookies[identity.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert identity.COOKIE not in (await async_client.get("/")).cookies


async def test_the_stylesheet_sets_no_cookie(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    assert identity.COOKIE not in (await async_client.get("/theme.css")).cookies


@pytest.mark.parametrize("value", ["", "x", DEVICE, f"{DEVICE}:1sabcd:forged", "é:é:é"])
def test_a_forged_cookie_is_ignored(value: str) -> None:
    who = identity.from_cookies({identity.COOKIE: value}, AnonymousUser())
    assert not who.has_cookie
    assert who.device.hex not in value


def test_tab_tokens_and_cookies_are_not_interchangeable(client: Client) -> None:
    device = uuid.uuid4()
    token = identity.tab_token(device)
    assert identity.from_tab_token(token) == identity.Identity(device, has_cookie=False)
    assert not identity.from_cookies({identity.COOKIE: token}, AnonymousUser()).has_cookie
    assert identity.from_tab_token("x" * 40) is None
    assert identity.from_tab_token(token[:-1]) is None


def test_a_signed_in_account_takes_precedence_over_the_cookie() -> None:
    alice = User.objects.create_user("alice")
    request = RequestFactory().get("/")
    request.user = alice
    assert identity.from_request(request).owner_key == f"account.{alice.pk}"


async def test_cookies_are_secure_over_https(runtime_with_voice: Runtime, async_client: AsyncClient) -> None:
    response = await async_client.get("/", secure=True)
    assert response.cookies[identity.COOKIE]["secure"]


def test_sign_in_merges_the_visitors_selection_and_rotates_the_cookie(
    runtime_with_voice: Runtime, client: Client
) -> None:
    User.objects.create_superuser("alice", password="wonderland")
    client.get("/")
    before = client.cookies[identity.COOKIE].value
    set_preference(identity.from_cookies({identity.COOKIE: before}, None), mode="light")
    client.post("/admin/login/", {"username": "alice", "password": "wonderland", "next": "/admin/"})
    assert client.cookies[identity.COOKIE].value != before
    assert ThemeOwner.objects.get().user is not None
    assert b'content="light"' in client.get("/").content
    client.post("/admin/logout/")
    assert b'content="dark light"' in client.get("/").content
