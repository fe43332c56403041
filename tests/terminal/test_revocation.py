"""Session revocation: the end of a session closes its open sockets and its pending handshakes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from project.asgi import application
from synthesis.runtime import Runtime
from terminal.socket import theme_session
from tests.accounts.conftest import PASSWORD
from tests.terminal.socket_client import Tab, tab
from tests.terminal.test_theme_session import cookie, saved
from tests.themes.users import ALICE, plain, publish
from themes.models import Theme, ThemeOwner
from themes.owners import identity
from themes.owners.identity import Identity
from themes.store import notifications, services

pytestmark = pytest.mark.django_db(transaction=True)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Person:
    """Alice, signed in on a laptop and on a phone; the tests end the phone's session."""

    def __init__(self) -> None:
        publish("ocean-dark")
        self.user = User.objects.create_user("alice", password=PASSWORD)
        self.laptop, self.phone = self._at(), self._at()

    def _at(self) -> Client:
        client = Client(headers={"User-Agent": LAPTOP})
        client.get("/themes/")
        assert client.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD}).status_code == 302
        # This page records that the session is in use.
        assert client.get("/accounts/").status_code == 200
        return client

    @property
    def cookies(self) -> str:
        """Return the phone's cookies, as a thief would have copied them."""
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.phone.cookies.items())

    def sign_out_elsewhere(self) -> None:
        self.laptop.post("/accounts/sessions/", {"end": "others"})

    def sign_out_there(self) -> None:
        self.phone.post("/accounts/sign-out/")

    def change_password(self) -> None:
        new = "down the rabbit hole"
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        assert self.laptop.post("/accounts/password/", fields).status_code == 302

    def delete_account(self) -> None:
        assert self.laptop.post("/accounts/delete/", {"password": PASSWORD}).status_code == 302

    def delete_in_admin(self) -> None:
        self.user.delete()

    def deactivate(self) -> None:
        self.user.is_active = False
        self.user.save()

    def deactivate_in_bulk(self) -> None:
        User.objects.update(is_active=False)

    def delete_session(self) -> None:
        Session.objects.filter(session_key=self.phone.session.session_key).delete()

    def expire(self) -> None:
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


TOLD = (
    Person.sign_out_elsewhere,
    Person.sign_out_there,
    Person.change_password,
    Person.delete_account,
    Person.delete_in_admin,
    Person.deactivate,
)
"""Ways to end a session that notify its sockets."""
UNTOLD = (Person.deactivate_in_bulk, Person.delete_session, Person.expire)
"""Ways to end a session without a notification; only the session check detects them."""
ENDS = pytest.mark.parametrize("end", [*TOLD, *UNTOLD], ids=lambda end: end.__name__)


@asynccontextmanager
async def held_handshake(monkeypatch: pytest.MonkeyPatch, cookies: str) -> AsyncIterator[Callable[[], Awaitable[Tab]]]:
    """Pause a handshake between authentication and subscription; the yielded function resumes it."""
    layer = get_channel_layer()
    arrived, go, group_add = asyncio.Event(), asyncio.Event(), layer.group_add

    async def slow(group: str, channel: str) -> None:
        arrived.set()
        await go.wait()
        await group_add(group, channel)

    monkeypatch.setattr(layer, "group_add", slow)
    headers = {"host": "localhost", "origin": "http://localhost", "cookie": cookies}
    wire = WebsocketCommunicator(
        application, "/ws/terminal/", headers=[(name.encode(), value.encode()) for name, value in headers.items()]
    )
    opening = asyncio.create_task(wire.connect(timeout=10))
    await asyncio.wait_for(arrived.wait(), 10)

    async def resume_handshake() -> Tab:
        go.set()
        assert (await opening)[0]
        return Tab(wire)

    try:
        yield resume_handshake
    finally:
        go.set()
        await wire.disconnect()


async def closed(made: Tab) -> None:
    """Assert that the tab gets ``session.changed``, is closed with its code, and saves nothing more."""
    assert (await made.control())["type"] == "session.changed"
    end = await made.wire.receive_output(timeout=10)
    assert end["type"] == "websocket.close"
    assert end.get("code", 1000) == 1000
    await made.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=1)
    assert await made.silent()
    assert not await Theme.objects.aexists()


@ENDS
async def test_a_handshake_in_flight_does_not_survive_the_end_of_its_session(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch, end: Callable[[Person], None]
) -> None:
    alice = await database_sync_to_async(Person)()
    async with held_handshake(monkeypatch, alice.cookies) as resume_handshake:
        await database_sync_to_async(end)(alice)
        await closed(await resume_handshake())


@pytest.mark.parametrize("end", TOLD, ids=lambda end: end.__name__)
async def test_an_open_socket_is_closed_at_once(runtime_with_voice: Runtime, end: Callable[[Person], None]) -> None:
    alice = await database_sync_to_async(Person)()
    async with tab(cookie=alice.cookies) as phone:
        assert phone.snapshot["account"] == "alice"
        await database_sync_to_async(end)(alice)
        await closed(phone)


@pytest.mark.parametrize("end", UNTOLD, ids=lambda end: end.__name__)
async def test_a_resync_closes_the_socket_of_an_ended_session(
    runtime_with_voice: Runtime, end: Callable[[Person], None]
) -> None:
    alice = await database_sync_to_async(Person)()
    async with tab(cookie=alice.cookies) as phone:
        await database_sync_to_async(end)(alice)
        await phone.send("session.ping")
        assert (await phone.control())["type"] == "session.pong"
        await closed(phone)


async def test_a_socket_without_pings_is_also_checked(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await database_sync_to_async(Person)()
    monkeypatch.setattr(theme_session, "CHECKED_EVERY_S", 0.0)
    async with tab(cookie=alice.cookies) as phone:
        await database_sync_to_async(alice.expire)()
        await phone.send("speech.played", id=1, sample=1)
        await closed(phone)


@pytest.mark.parametrize("end", UNTOLD, ids=lambda end: end.__name__)
async def test_nothing_is_saved_after_the_end_of_a_session(
    runtime_with_voice: Runtime, end: Callable[[Person], None]
) -> None:
    alice = await database_sync_to_async(Person)()
    async with tab(cookie=alice.cookies) as phone:
        await database_sync_to_async(end)(alice)
        await phone.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=1)
        await closed(phone)


async def test_nothing_is_listed_after_the_end_of_a_session(runtime_with_voice: Runtime) -> None:
    alice = await database_sync_to_async(Person)()
    async with tab(cookie=alice.cookies) as phone:
        await database_sync_to_async(alice.delete_session)()
        await phone.send("theme.list")
        await closed(phone)


async def test_other_sessions_of_the_account_stay(runtime_with_voice: Runtime) -> None:
    alice = await database_sync_to_async(Person)()
    laptop = "; ".join(f"{name}={morsel.value}" for name, morsel in alice.laptop.cookies.items())
    async with tab(cookie=laptop) as desk, tab(cookie=alice.cookies) as phone:
        await database_sync_to_async(alice.sign_out_there)()
        await closed(phone)
        assert await desk.silent()
        await saved(desk, 1, type="theme.set", mode="dark")


async def test_sign_out_closes_sockets_that_use_a_copied_cookie(runtime_with_voice: Runtime) -> None:
    alice = await database_sync_to_async(Person)()
    stolen = f"sessionid={alice.phone.session.session_key}"
    async with tab(cookie=stolen) as thief:
        assert thief.snapshot["account"] == "alice"
        await database_sync_to_async(alice.sign_out_there)()
        await closed(thief)


def test_a_session_is_deleted_before_its_sockets_are_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Person()
    key = alice.phone.session.session_key
    there = []
    monkeypatch.setattr(
        notifications, "_send", lambda *_: there.append(Session.objects.filter(session_key=key).exists())
    )
    alice.sign_out_there()
    assert there == [False, False]


def _visitor() -> Client:
    publish("ocean-dark")
    User.objects.create_user("alice", password=PASSWORD)
    client = Client()
    client.get("/themes/")
    assert client.post("/themes/new", {"source": "ocean-dark", "name": "Mine", "show": "on"}).status_code == 302
    return client


def _sign_in(client: Client) -> None:
    assert client.post("/accounts/sign-in/", {"username": "alice", "password": PASSWORD}).status_code == 302


async def test_a_visitors_handshake_does_not_survive_the_sign_in_that_took_the_themes(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await database_sync_to_async(_visitor)()
    before = f"{identity.COOKIE}={bob.cookies[identity.COOKIE].value}"
    async with held_handshake(monkeypatch, before) as resume_handshake:
        await database_sync_to_async(_sign_in)(bob)
        made = await resume_handshake()
        assert (await made.control())["type"] == "session.changed"
        assert (await made.wire.receive_output(timeout=10))["type"] == "websocket.close"
    assert not await ThemeOwner.objects.filter(user=None).aexists()
    # A browser that lost the sign-in response still sends the old cookie; the server accepts it as a visitor.
    monkeypatch.undo()
    async with tab(cookie=before) as made:
        assert made.snapshot["account"] is None


async def test_a_visitor_who_never_signed_in_is_never_closed(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(ALICE)) as made:
        await database_sync_to_async(services.set_preference)(Identity(ALICE.device), mode="dark")
        await made.send("session.ping")
        await made.until("theme.changed", mode="dark")
