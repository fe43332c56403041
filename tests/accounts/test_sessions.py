"""Tests that sessions are listed, and ended one by one, all at once, or by a new password."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts import sessions, user_agents
from accounts.models import AccountSession
from tests.accounts.auth_helpers import HERE, sign_in_from
from tests.accounts.conftest import PASSWORD, visitor

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
PATH = "/accounts/sessions/"
NEW = {"old_password": PASSWORD, "new_password1": "down the rabbit hole", "new_password2": "down the rabbit hole"}


def at(agent: str, user: User) -> Client:
    """Return a browser with that User-Agent, signed in."""
    client = Client(headers={"User-Agent": agent})
    assert sign_in_from(client, user.username).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/password/").status_code == 200


def places(client: Client) -> list[str]:
    return re.findall(r"<p><b>(.*?)</b>", client.get(PATH).text)


def row(client: Client) -> AccountSession:
    return AccountSession.objects.get(session_key=client.session.session_key)


def test_sessions_are_listed_with_the_current_one_first(alice: User, bob: User) -> None:
    laptop, phone, _ = at(FIREFOX, alice), at(SAFARI, alice), at(SAFARI, bob)
    assert places(laptop) == ["Firefox on Linux", "Safari on an iPhone"]
    assert places(phone) == ["Safari on an iPhone", "Firefox on Linux"]
    page = laptop.get(PATH).text
    assert page.count("<small>this browser</small>") == 1
    assert "last seen just now" in page
    AccountSession.objects.filter(pk=row(phone).pk).update(last_seen_at=timezone.now() - timedelta(hours=3))
    assert "last seen 3\xa0hours ago" in laptop.get(PATH).text
    assert HERE not in page
    for place in AccountSession.objects.all():
        assert place.session_key not in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on an iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on a Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
        ("<script>alert(1)</script>", "A program"),
        ("", "A program"),
    ],
)
def test_user_agents_are_described(agent: str, words: str) -> None:
    assert user_agents.describe_user_agent(agent) == words


def test_alice_ends_one_session(alice: User) -> None:
    laptop, phone = at(FIREFOX, alice), at(SAFARI, alice)
    answer = laptop.post(PATH, {"end": str(row(phone).pk)}, follow=True)
    assert "Safari on an iPhone is signed out." in answer.text
    assert (is_signed_in(laptop), is_signed_in(phone)) == (True, False)
    assert places(laptop) == ["Firefox on Linux"]
    assert "had already ended" in laptop.post(PATH, {"end": answer.text[:20]}, follow=True).text


def test_alice_cannot_end_bobs_session(alice: User, bob: User) -> None:
    hers, his = at(FIREFOX, alice), at(FIREFOX, bob)
    assert "had already ended" in hers.post(PATH, {"end": str(row(his).pk)}, follow=True).text
    hers.post(PATH, {"end": "others"})
    hers.post(PATH, {"end": "all"})
    assert is_signed_in(his)


def test_all_other_sessions_are_ended(alice: User) -> None:
    laptop, phone, tablet = at(FIREFOX, alice), at(SAFARI, alice), at(SAFARI, alice)
    assert "All your other sessions are signed out" in laptop.post(PATH, {"end": "others"}, follow=True).text
    assert [is_signed_in(client) for client in (laptop, phone, tablet)] == [True, False, False]
    assert Session.objects.count() == 1


@pytest.mark.parametrize("which", ["all", "this"])
def test_the_current_session_can_be_ended(alice: User, which: str) -> None:
    laptop, phone = at(FIREFOX, alice), at(SAFARI, alice)
    answer = laptop.post(PATH, {"end": which if which == "all" else str(row(laptop).pk)}, follow=True)
    assert answer.redirect_chain == [("/accounts/", 302)]
    assert ("All your sessions are signed out." if which == "all" else "You are signed out.") in answer.text
    assert (is_signed_in(laptop), is_signed_in(phone)) == (False, which == "this")


@pytest.mark.parametrize("path", [PATH])
def test_the_list_requires_an_account_and_a_csrf_token(alice: User, path: str) -> None:
    assert visitor().get(path)["Location"] == f"/accounts/sign-in/?next={path}"
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(path, {"end": "all"}).status_code == 403
    assert is_signed_in(client)


def test_sign_out_removes_the_session_from_the_list(alice: User) -> None:
    at(FIREFOX, alice).post("/accounts/sign-out/")
    assert not AccountSession.objects.exists()


def test_sign_in_as_another_user_in_the_same_browser(alice: User, bob: User) -> None:
    client = at(FIREFOX, alice)
    before = client.session.session_key
    client.force_login(bob)
    assert client.session.session_key != before
    assert places(client) == ["Firefox on Linux"]
    assert places(at(SAFARI, alice)) == ["Safari on an iPhone"]


def test_a_new_password_ends_the_other_sessions(alice: User) -> None:
    laptop, phone = at(FIREFOX, alice), at(SAFARI, alice)
    key, since = laptop.session.session_key, row(laptop).signed_in_at
    answer = laptop.post("/accounts/password/", NEW, follow=True)
    assert "All your other sessions are signed out." in answer.text
    assert laptop.session.session_key != key
    assert (is_signed_in(laptop), is_signed_in(phone)) == (True, False)
    assert row(laptop).signed_in_at == since
    assert Session.objects.count() == AccountSession.objects.count() == 1


@pytest.mark.parametrize("change", ["password", "closed"])
def test_a_password_change_in_the_admin_ends_all_sessions(alice: User, bob: User, change: str) -> None:
    hers, his = at(FIREFOX, alice), at(FIREFOX, bob)
    if change == "password":
        alice.set_password("down the rabbit hole")
    else:
        alice.is_active = False
    alice.save()
    assert Session.objects.count() == 1
    assert (is_signed_in(hers), is_signed_in(his)) == (False, True)


def test_other_changes_to_an_account_end_nothing(alice: User) -> None:
    client = at(FIREFOX, alice)
    alice.first_name = "Alice"
    alice.save()
    assert is_signed_in(client)


def test_django_rejects_sessions_of_the_old_password(alice: User) -> None:
    client = at(FIREFOX, alice)
    hashed = User(username="x")
    hashed.set_password("down the rabbit hole")
    # Bypasses the signal receivers.
    User.objects.filter(pk=alice.pk).update(password=hashed.password)
    alice.refresh_from_db()
    assert sessions.list_sessions(alice) == []
    assert not is_signed_in(client)


def test_a_deleted_account_leaves_no_session(alice: User) -> None:
    here, elsewhere = at(FIREFOX, alice), at(SAFARI, alice)
    here.post("/accounts/delete/", {"password": PASSWORD})
    assert not AccountSession.objects.exists()
    assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())
    assert not is_signed_in(elsewhere)


def test_expired_sessions_are_not_listed_and_are_purged_at_sign_in(alice: User) -> None:
    old = row(at(SAFARI, alice))
    Session.objects.filter(session_key=old.session_key).update(expire_date=timezone.now() - timedelta(1))
    AccountSession.objects.filter(pk=old.pk).update(last_seen_at=timezone.now() - timedelta(15))
    assert sessions.list_sessions(alice) == []
    laptop = at(FIREFOX, alice)
    assert [place.pk for place in AccountSession.objects.all()] == [row(laptop).pk]
    assert Session.objects.count() == 1


def test_activity_is_recorded_every_few_minutes(alice: User) -> None:
    client = at(FIREFOX, alice)
    long_ago = timezone.now() - timedelta(hours=1)
    AccountSession.objects.update(last_seen_at=long_ago)
    client.get("/accounts/")
    assert row(client).last_seen_at == long_ago
    cache.clear()
    client.get("/accounts/")
    assert row(client).last_seen_at > long_ago


def test_visitors_are_not_recorded(browser: Client) -> None:
    browser.get("/accounts/")
    assert not AccountSession.objects.exists()


async def _received(layer: Any, channel: str) -> Any:
    async with asyncio.timeout(10):
        return await layer.receive(channel)


@pytest.mark.parametrize("way", ["one", "others", "password"])
def test_open_tabs_are_notified(alice: User, way: str, django_capture_on_commit_callbacks: Any) -> None:
    laptop, phone = at(FIREFOX, alice), at(SAFARI, alice)
    layer = get_channel_layer()
    assert layer is not None

    def change() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            if way == "password":
                laptop.post("/accounts/password/", NEW)
            else:
                laptop.post(PATH, {"end": str(row(phone).pk) if way == "one" else way})

    async def told() -> Any:
        # In one event loop, to which a channel in Redis belongs.
        tab = await layer.new_channel()
        await layer.group_add(f"themes.account.{alice.pk}", tab)
        await sync_to_async(change)()
        return await _received(layer, tab)

    assert async_to_sync(told)() == {"type": "session.changed"}


@pytest.mark.django_db(transaction=True)
async def test_the_async_middleware_records_activity_too() -> None:
    user = await User.objects.acreate_user("alice", password=PASSWORD)
    client = AsyncClient()
    await client.aforce_login(user)
    await AccountSession.objects.all().adelete()
    await client.get("/theme.css", headers={"User-Agent": FIREFOX})
    assert (await AccountSession.objects.aget()).user_agent == "Firefox on Linux"
