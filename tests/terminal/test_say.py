"""Programs speak in the open tabs of their account, with a token: ``/v1/terminal/``."""

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import AsyncClient
from django.utils import timezone

from accounts.data_export import export_account
from accounts.tokens import create_token
from core.storage import database
from core.storage.channel_layer import FallbackChannelLayer
from synthesis.models import LimitPolicyRow
from synthesis.runtime import Runtime
from terminal.models import SentText
from terminal.say import delivery, store
from tests.synthesis.api.client import request
from tests.terminal.socket_client import Tab, tab
from tests.terminal.test_theme_session import cookie, sign_in
from tests.themes.users import ALICE, BOB

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Answer:
    """The response to a program."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Program:
    """A program with a token of an account."""

    def __init__(self, secret: str) -> None:
        self._headers = {"authorization": f"Bearer {secret}"}

    async def say(self, body: Any, *, media_type: str = "application/json", query: str = "") -> Answer:
        return Answer(
            *await request(body, path="/v1/terminal/say", query=query, content_type=media_type, **self._headers)
        )

    async def queue(self) -> list[dict[str, Any]]:
        answer = Answer(*await request(b"", path="/v1/terminal/queue", method="GET", **self._headers))
        assert answer.status_code == 200
        listed: list[dict[str, Any]] = answer.json()["data"]
        return listed

    async def stop(self, entry: str = "") -> Answer:
        path = f"/v1/terminal/say/{entry}".rstrip("/")
        return Answer(*await request(b"", path=path, method="DELETE", **self._headers))


def _program(name: str, called: str = "git hook", scopes: tuple[str, ...] = ("say",)) -> Program:
    user, _ = User.objects.get_or_create(username=name)
    return Program(create_token(user, called, list(scopes))[1])


@pytest.fixture(autouse=True)
def _no_open_tabs() -> Iterator[None]:
    yield
    assert not delivery.open_tabs


@pytest.fixture
async def alice(runtime_with_voice: Runtime) -> str:
    """Return the cookies of alice's browser."""
    _, session = await database_sync_to_async(sign_in)("alice")
    return cookie(ALICE, session)


@pytest.fixture
async def hook(alice: str) -> Program:
    return await database.write(lambda: _program("alice"))


async def subscribed(made: Tab, *held: str) -> Tab:
    """Let the tab receive texts, and wait until the server has handled the message."""
    await made.send("say.subscribe", held=list(held))
    await settled(made)
    return made


async def settled(made: Tab) -> None:
    """Wait until the server has handled all messages that need the database, in order."""
    await made.send("theme.list")
    await made.until("theme.listed", last=True)


async def test_a_text_is_spoken_by_an_open_tab(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as made:
        await subscribed(made)
        answer = await hook.say({"input": "Done.", "voice": "TONE", "speed": 1.5, "title": "push"})
        assert (answer.status_code, answer.json()["state"]) == (201, "delivered")
        frame = await made.until("say.created")
        assert frame | {"created": 0} == {
            "type": "say.created",
            "id": answer.json()["id"],
            "sender": "git hook",
            "title": "push",
            "text": "Done.",
            "voice": "tone",
            "speed": 1.5,
            "created": 0,
        }
        assert [one["state"] for one in await hook.queue()] == ["delivered"]
        await made.send("say.done", id=frame["id"])
        await settled(made)
        assert await hook.queue() == []
    assert not await SentText.objects.aexists()


async def test_a_text_waits_for_a_tab(alice: str, hook: Program) -> None:
    first = await hook.say(b"one", media_type="text/plain")
    assert (first.status_code, first.json()["state"]) == (202, "waiting")
    await hook.say(b"two", media_type="text/plain")
    assert [one["input"] for one in await hook.queue()] == ["one", "two"]
    async with tab(cookie=alice) as made:
        await made.send("say.subscribe", held=[])
        assert [(await made.until("say.created"))["text"] for _ in range(2)] == ["one", "two"]


async def test_the_tab_used_last_speaks(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as first, tab(cookie=alice) as second:
        for made in (first, second, first):
            await subscribed(made)
            await made.send("say.used")
            await settled(made)
        await hook.say({"input": "to the first"})
        assert (await first.until("say.created"))["text"] == "to the first"
        assert await second.silent()
        await second.send("say.used")
        await settled(second)
        await hook.say({"input": "to the second"})
        assert (await second.until("say.created"))["text"] == "to the second"
    # The tab that was used last has closed: another one speaks.
    async with tab(cookie=alice) as third:
        await subscribed(third)
        assert (await hook.say({"input": "to the third"})).status_code == 201


async def test_a_tab_that_does_not_answer_is_passed_over(
    alice: str, hook: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "REPLY_S", 0.05)
    async with tab(cookie=alice) as made:
        await subscribed(made)
        await delivery.used((await User.objects.aget(username="alice")).pk, "specific.inmemory!gone")
        assert (await hook.say({"input": "Hello."})).status_code in (201, 202)
        assert (await made.until("say.created"))["text"] == "Hello."


async def test_all_tabs_speak_if_the_account_says_so(alice: str, hook: Program) -> None:
    account = (await User.objects.aget(username="alice")).pk
    await database.write(lambda: store.choose_tabs(account, all_tabs=True))
    async with tab(cookie=alice) as first, tab(cookie=alice) as second:
        await subscribed(first)
        await subscribed(second)
        entry = (await hook.say({"input": "Everywhere."})).json()["id"]
        for made in (first, second):
            assert (await made.until("say.created"))["id"] == entry
        # A stop in one tab stops the text in the others.
        await first.send("say.stop", id=entry)
        assert (await second.until("say.cancelled"))["id"] == entry


async def test_a_closed_tab_loses_nothing(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as made:
        await subscribed(made)
        for text in ("one", "two"):
            await hook.say({"input": text})
        one = await made.until("say.created", text="one")
        await made.send("say.done", id=one["id"])
        await settled(made)
    assert [(one["input"], one["state"]) for one in await hook.queue()] == [("two", "waiting")]
    async with tab(cookie=alice) as made:
        await made.send("say.subscribe", held=[])
        assert (await made.until("say.created"))["text"] == "two"


async def test_a_tab_that_reconnects_keeps_its_texts(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as made:
        await subscribed(made)
        one, two = [(await hook.say({"input": text})).json()["id"] for text in ("one", "two")]
    await hook.stop(one)
    async with tab(cookie=alice) as made:
        await made.send("say.subscribe", held=[one, two])
        # The text that was stopped meanwhile ends; the other one is not sent again.
        assert (await made.until("say.cancelled"))["id"] == one
        await settled(made)
        assert [entry["state"] for entry in await hook.queue()] == ["delivered"]


async def test_a_tab_that_disappeared_holds_its_texts_for_the_time_of_its_lease(alice: str, hook: Program) -> None:
    entry = (await hook.say({"input": "Hello."})).json()["id"]
    lease = timezone.now() + store.LEASE
    await SentText.objects.filter(pk=entry).aupdate(channel="specific.gone", held_until=lease)
    async with tab(cookie=alice) as made:
        await subscribed(made)
        assert await made.silent()
        await SentText.objects.filter(pk=entry).aupdate(held_until=timezone.now() - timedelta(seconds=1))
        await made.send("say.used")
        assert (await made.until("say.created"))["id"] == entry


async def test_a_program_stops_texts(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as made:
        await subscribed(made)
        ids = [(await hook.say({"input": text})).json()["id"] for text in ("one", "two", "three")]
        for _ in ids:
            await made.until("say.created")
        assert (await hook.stop(ids[1])).status_code == 200
        assert (await made.until("say.cancelled"))["id"] == ids[1]
        assert {one["id"] for one in (await hook.stop()).json()["data"]} == {ids[0], ids[2]}
        assert {(await made.until("say.cancelled"))["id"] for _ in range(2)} == {ids[0], ids[2]}
        for entry in (ids[0], "nonsense"):
            gone = await hook.stop(entry)
            assert (gone.status_code, gone.json()["error"]["code"]) == (404, "sent_text_unknown")


async def test_texts_reach_no_other_account(alice: str, hook: Program) -> None:
    _, session = await database_sync_to_async(sign_in)("bob")
    bobs = await database.write(lambda: _program("bob"))
    async with tab(cookie=cookie(BOB, session)) as theirs, tab() as visitors:
        await subscribed(theirs)
        await subscribed(visitors)
        entry = (await hook.say({"input": "For alice alone."})).json()["id"]
        assert await theirs.silent()
        assert await visitors.silent()
        assert await bobs.queue() == []
        assert (await bobs.stop(entry)).status_code == 404
        await theirs.send("say.done", id=entry)
        await visitors.send("say.stop", id=entry)
        await settled(theirs)
        await settled(visitors)
    assert len(await hook.queue()) == 1


async def test_a_token_reads_only_its_own_texts(alice: str, hook: Program) -> None:
    other = await database.write(lambda: _program("alice", "cron"))
    await hook.say({"input": "Hello."})
    assert [(one["sender"], one["input"]) for one in await other.queue()] == [("git hook", None)]


async def test_a_tab_that_has_not_subscribed_takes_no_texts(alice: str, hook: Program) -> None:
    async with tab(cookie=alice) as made:
        assert (await hook.say({"input": "Hello."})).status_code == 202
        assert await made.silent()


async def test_a_tab_whose_session_has_ended_takes_no_texts(alice: str, hook: Program) -> None:
    from django.contrib.sessions.models import Session

    async with tab(cookie=alice) as made:
        await subscribed(made)
        await Session.objects.all().adelete()
        assert (await hook.say({"input": "Hello."})).status_code == 202
        assert (await made.control())["type"] == "session.changed"


@pytest.mark.parametrize(
    ("body", "media_type", "query", "status", "code"),
    [
        ({}, "application/json", "", 400, "field_missing"),
        (b"{", "application/json", "", 400, "body_invalid"),
        ({"input": ["Hi"]}, "application/json", "", 400, "field_invalid"),
        ({"input": "Hi", "voice": ["tone"]}, "application/json", "", 400, "field_invalid"),
        ({"input": "Hi", "speed": True}, "application/json", "", 400, "field_invalid"),
        ({"input": "Hi", "speed": 9}, "application/json", "", 400, "speed_out_of_range"),
        ({"input": "Hi", "voice": "nobody"}, "application/json", "", 400, "voice_unknown"),
        ({"input": "Hi", "title": "x" * 61}, "application/json", "", 400, "field_invalid"),
        ({"input": "Hi", "title": "a\nb"}, "application/json", "", 400, "field_invalid"),
        (b"", "text/plain", "", 400, "text_empty"),
        (b" \x1b[31m ", "text/plain", "", 400, "text_empty"),
        (b"a\x00b", "text/plain", "", 400, "text_control"),
        (b"\xff", "text/plain", "", 400, "body_invalid"),
        (b"Hi", "text/plain", "speed=fast", 400, "field_invalid"),
        (b"Hi", "text/plain", "speed=nan", 400, "speed_out_of_range"),
        (b"x" * 1001, "text/plain", "", 400, "text_too_long"),
        (b"x" * 300_000, "text/plain", "", 413, "body_too_large"),
    ],
)
async def test_invalid_texts_get_an_error_code(
    hook: Program, body: Any, media_type: str, query: str, status: int, code: str
) -> None:
    answer = await hook.say(body, media_type=media_type, query=query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.content
    assert await hook.queue() == []


async def test_output_of_a_program_loses_its_colors(hook: Program) -> None:
    # curl --data-binary has this media type.
    body, media_type = b"\x1b[1;31mfailed\x1b[0m\r\n", "application/x-www-form-urlencoded"
    assert (await hook.say(body, media_type=media_type, query="title=make&speed=1.25")).status_code == 202
    [only] = await hook.queue()
    assert (only["input"], only["title"], only["speed"], only["voice"]) == ("failed", "make", 1.25, None)


async def test_a_token_with_the_scope_is_needed(alice: str, hook: Program) -> None:
    speaker = await database.write(lambda: _program("alice", "speaker", ("speak",)))
    assert (await speaker.say({"input": "Hi"})).json()["error"]["code"] == "scope_missing"
    assert (await speaker.stop()).status_code == 403
    browser = AsyncClient()
    await browser.aforce_login(await User.objects.aget(username="alice"))
    for client in (browser, AsyncClient()):
        for method, path in (("post", "say"), ("delete", "say"), ("get", "queue")):
            answer = await getattr(client, method)(f"/v1/terminal/{path}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_missing")


async def test_the_number_of_waiting_texts_is_bounded(hook: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_TEXTS", 2)
    answers = [await hook.say({"input": "Hi"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["error"]["code"] == "sent_texts_full"


async def test_a_text_that_waited_too_long_expires(alice: str, hook: Program) -> None:
    await hook.say({"input": "yesterday"})
    await SentText.objects.aupdate(created_at=timezone.now() - store.KEPT - timedelta(seconds=1))
    assert await hook.queue() == []
    async with tab(cookie=alice) as made:
        await subscribed(made)
        assert await made.silent()
    await hook.say({"input": "today"})
    assert [row.text async for row in SentText.objects.all()] == ["today"]


async def test_texts_are_rate_limited(hook: Program) -> None:
    await database.write(
        lambda: LimitPolicyRow.objects.update_or_create(
            scope=LimitPolicyRow.MEMBERS, defaults={"requests_per_minute": 2}
        )
    )
    answers = [await hook.say({"input": "Hi"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["error"]["code"] == "limit_requests"
    assert int(answers[2].headers["retry-after"]) > 0


async def test_the_data_export_has_the_waiting_texts(hook: Program) -> None:
    await hook.say({"input": "Hello."})
    user = await User.objects.aget(username="alice")
    exported = await database.read(lambda: export_account(user, ALICE))
    assert [(row["sender"], row["text"]) for row in exported["sent_texts"]] == [("git hook", "Hello.")]
    await database.write(user.delete)
    assert not await SentText.objects.aexists()


async def test_the_page_lists_and_stops_texts_and_chooses_the_tabs(alice: str, hook: Program) -> None:
    account = await User.objects.aget(username="alice")
    [one, _] = [(await hook.say({"input": text, "title": "<b>"})).json()["id"] for text in ("<i>one", "two")]
    browser = AsyncClient()
    assert (await browser.get("/accounts/sent-texts/")).status_code == 302
    await browser.aforce_login(account)
    page = (await browser.get("/accounts/sent-texts/")).content.decode()
    assert "git hook, &lt;b&gt;" in page
    assert "&lt;i&gt;one" in page
    for fields in ({"tabs": "all"}, {"stop": one}, {"stop": "nonsense"}):
        assert (await browser.post("/accounts/sent-texts/", fields)).status_code == 302
    assert [entry["input"] for entry in await hook.queue()] == ["two"]
    assert await database.read(lambda: store.speaks_in_all_tabs(account.pk))
    other = AsyncClient()
    await other.aforce_login(await User.objects.acreate(username="bob"))
    await other.post("/accounts/sent-texts/", {"stop": "all"})
    assert len(await hook.queue()) == 1


async def test_processes_offer_texts_through_redis(
    alice: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REDIS_URL = redis_url
    layer = FallbackChannelLayer(hosts=[redis_url])
    monkeypatch.setattr(delivery, "get_channel_layer", lambda: layer)
    hook = await database.write(lambda: _program("alice"))
    account = (await User.objects.aget(username="alice")).pk
    channel = await layer.new_channel()
    await layer.group_add(delivery.group_of(account), channel)
    sending = asyncio.create_task(hook.say({"input": "To a tab of another process."}))
    offered = await layer.receive(channel)
    assert [row.text for row in await database.write(lambda: store.take(account, channel))] == [
        "To a tab of another process."
    ]
    await layer.send(offered["reply"], {"type": "say.taken"})
    assert (await sending).status_code == 201
    # The channel for the answer is gone, so that none accumulate.
    assert set(layer._get_layer().channels) == {channel}
    await layer.flush()


@pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite runs one transaction at a time: run 'make unit-postgres'"
)
def test_two_tabs_cannot_both_take_a_text() -> None:
    alice = User.objects.create_user("alice")
    SentText.objects.create(user=alice, token=uuid.uuid4(), sender="make", text="Done.")
    taken: list[SentText] = []

    def take() -> None:
        try:
            taken.extend(store.take(alice.pk, "second"))
        finally:
            connection.close()

    other = threading.Thread(target=take)
    with transaction.atomic():
        assert len(store.take(alice.pk, "first")) == 1
        other.start()
        # It would end now if it did not wait for the lock.
        other.join(0.5)
        assert other.is_alive()
    other.join()
    assert taken == []
