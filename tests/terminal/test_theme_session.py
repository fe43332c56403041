"""Theme messages over the websocket: changes reach every tab of their owner, and no other tab."""

import asyncio
import json
import uuid
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from synthesis.runtime import Runtime
from tests.terminal.socket_client import Tab, tab
from tests.themes.users import ALICE, BOB, plain, publish
from themes.owners import identity
from themes.owners.identity import Identity
from themes.store import notifications, services
from themes.store.queries import appearance, current_revisions

pytestmark = pytest.mark.django_db(transaction=True)


def cookie(who: Identity, session: str = "") -> str:
    """Return the cookies of a browser."""
    signed = f"{identity.COOKIE}={identity.device_signer.sign(who.device.hex)}"
    return f"{signed}; sessionid={session}" if session else signed


def sign_in(name: str) -> tuple[int, str]:
    """Create an account and a signed-in session; return both."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    user = User.objects.create_user(name)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return user.pk, str(session.session_key)


async def saved(made: Tab, change: int, **fields: Any) -> int:
    """Request a change, and return its revision."""
    await made.send(**fields, request_id=change)
    while True:
        frame = await made.control()
        assert frame["type"] != "error", frame
        if frame["type"] == "theme.saved":
            assert frame["request_id"] == change
            return int(frame["revision"])


async def at(made: Tab, revision: int) -> dict[str, Any]:
    """Wait for the state of this or a later revision."""
    while True:
        frame = await made.control()
        if frame["type"] == "theme.changed" and frame["revision"] >= revision:
            return frame


async def test_the_snapshot_has_the_theme(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(ALICE)) as alice:
        shown = alice.snapshot["theme"]
        assert (shown["mode"], shown["dark"]["id"], shown["light"]["id"]) == ("system", "default-dark", "default-light")
        assert alice.snapshot["account"] is None
        assert alice.snapshot["device"] is None


async def test_a_change_reaches_all_tabs_of_the_owner_and_no_other(runtime_with_voice: Runtime) -> None:
    await database_sync_to_async(publish)("ocean")
    mine = cookie(ALICE)
    async with tab(cookie=mine) as one, tab(cookie=mine) as two, tab(cookie=cookie(BOB)) as bob, tab() as nobody:
        revision = await saved(one, 1, type="theme.set", dark="ocean", mode="dark")
        for made in (one, two):
            shown = await at(made, revision)
            assert (shown["mode"], shown["dark"]["id"]) == ("dark", "ocean")
        assert await bob.silent()
        assert await nobody.silent()


async def test_an_account_has_the_same_themes_everywhere(runtime_with_voice: Runtime) -> None:
    _, session = await database_sync_to_async(sign_in)("alice")
    async with tab(cookie=cookie(ALICE, session)) as phone, tab(cookie=cookie(BOB, session)) as desk:
        assert phone.snapshot["account"] == "alice"
        revision = await saved(phone, 1, type="theme.set", mode="light")
        assert (await at(desk, revision))["mode"] == "light"


async def test_a_device_only_selection_ignores_other_changes(runtime_with_voice: Runtime) -> None:
    _, session = await database_sync_to_async(sign_in)("alice")
    async with tab(cookie=cookie(ALICE, session)) as phone, tab(cookie=cookie(BOB, session)) as desk:
        await saved(phone, 1, type="theme.set", mode="dark", device_only=True)
        revision = await saved(desk, 1, type="theme.set", mode="light")
        kept = await at(phone, revision)
        assert (kept["mode"], kept["device_only"]) == ("dark", True)
        elsewhere = await at(desk, revision)
        assert (elsewhere["mode"], elsewhere["device_only"]) == ("light", False)


async def test_a_theme_is_created_edited_deleted_and_restored(runtime_with_voice: Runtime) -> None:
    await database_sync_to_async(publish)("ocean")
    theme_id = str(uuid.uuid4())
    async with tab(cookie=cookie(ALICE)) as alice:
        made = await at(alice, await saved(alice, 1, type="theme.create", id=theme_id, source="ocean", activate=True))
        assert made["dark"]["id"] == theme_id
        edited = await at(
            alice, await saved(alice, 2, type="theme.edit", id=theme_id, colors={"accent": "#F00"}, name="Ruby")
        )
        assert (edited["dark"]["colors"]["accent"], edited["dark"]["name"]) == ("#ff0000", "Ruby")
        without = await at(alice, await saved(alice, 3, type="theme.delete", id=theme_id))
        assert without["dark"]["id"] == "ocean"
        back = await at(alice, await saved(alice, 4, type="theme.restore", id=theme_id))
        assert back["dark"]["name"] == "Ruby"


async def test_a_complete_theme_round_trips(runtime_with_voice: Runtime) -> None:
    theme = plain("Whole", accent="#010203").to_dict()
    async with tab(cookie=cookie(ALICE)) as alice:
        made = await at(
            alice,
            await saved(alice, 1, type="theme.create", id=str(uuid.uuid4()), theme=theme, activate=True),
        )
        assert {key: made["dark"][key] for key in theme} == theme
        assert len(json.dumps(made, separators=(",", ":"))) < 4096


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"type": "theme.set", "dark": "nowhere"}, "theme_unknown", "dark"),
        ({"type": "theme.set", "mode": "blue"}, "field_invalid", "mode"),
        ({"type": "theme.edit", "id": str(uuid.uuid4())}, "theme_unknown", "id"),
        ({"type": "theme.edit", "id": "../../etc"}, "field_invalid", "id"),
        ({"type": "theme.create", "id": str(uuid.uuid4())}, "field_missing", "theme"),
        ({"type": "theme.create", "id": str(uuid.uuid4()), "theme": {}}, "theme_incomplete", "name"),
        (
            {"type": "theme.edit", "id": str(uuid.uuid4()), "colors": {"accent": "red;background:url(x)"}},
            "color_invalid",
            "colors.accent",
        ),
        (
            {"type": "theme.edit", "id": str(uuid.uuid4()), "colors": {"akzent": "#000"}},
            "token_unknown",
            "colors.akzent",
        ),
        ({"type": "theme.edit", "id": str(uuid.uuid4()), "name": "\u202e"}, "name_invalid", "name"),
        ({"type": "theme.set", "dark": 7}, "field_invalid", "dark"),
    ],
)
async def test_invalid_theme_messages_get_an_error_and_the_socket_stays_open(
    runtime_with_voice: Runtime, fields: dict[str, Any], code: str, param: str
) -> None:
    async with tab(cookie=cookie(ALICE)) as alice:
        await alice.send(**fields, request_id=7)
        error = await alice.control()
        assert (error["type"], error["code"], error["param"], error["request_id"]) == ("error", code, param, 7)
        await saved(alice, 8, type="theme.set", mode="dark")


async def test_an_edit_of_an_old_revision_conflicts(runtime_with_voice: Runtime) -> None:
    theme_id = str(uuid.uuid4())
    async with tab(cookie=cookie(ALICE)) as alice:
        await saved(alice, 1, type="theme.create", id=theme_id, theme=plain().to_dict())
        await saved(alice, 2, type="theme.edit", id=theme_id, name="Two", revision=1)
        await alice.send("theme.edit", id=theme_id, name="Three", revision=1, request_id=3)
        while (error := await alice.control())["type"] != "error":
            pass
        assert (error["code"], error["value"], error["request_id"]) == ("theme_conflict", 2, 3)


async def test_the_theme_list_is_split_into_frames(runtime_with_voice: Runtime) -> None:
    for number in range(20):
        await database_sync_to_async(publish)(f"preset-{number:02}", order=number)
    async with tab(cookie=cookie(ALICE)) as alice:
        await saved(alice, 1, type="theme.create", id=str(uuid.uuid4()), theme=plain("Mine").to_dict())
        await alice.send("theme.list")
        listed: list[dict[str, Any]] = []
        while True:
            frame = await alice.until("theme.listed")
            assert len(json.dumps(frame)) < 60_000
            listed += frame["themes"]
            if frame["last"]:
                break
        assert [theme["id"] for theme in listed[:20]] == [f"preset-{number:02}" for number in range(20)]
        assert [theme["name"] for theme in listed[20:]] == ["Mine"]


async def test_a_tab_token_restores_a_visitor_without_cookies(runtime_with_voice: Runtime) -> None:
    async with tab() as before:
        token = before.snapshot["device"]
        await saved(before, 1, type="theme.set", mode="light")
    async with tab() as after:
        assert after.snapshot["theme"]["mode"] == "system"
        await after.send("theme.resume", device=token)
        assert (await after.until("theme.changed"))["mode"] == "light"
        revision = await saved(after, 1, type="theme.set", mode="dark")
        assert (await at(after, revision))["mode"] == "dark"


async def test_a_tab_token_does_not_override_a_cookie(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(BOB)) as bob:
        # First consume the notification of the change itself.
        await at(bob, await saved(bob, 1, type="theme.set", mode="dark"))
        await bob.send("theme.resume", device=identity.tab_token(ALICE.device))
        assert (await bob.until("theme.changed"))["mode"] == "dark"


async def test_preset_changes_reach_open_tabs(runtime_with_voice: Runtime) -> None:
    preset = await database_sync_to_async(publish)("ocean")
    async with tab(cookie=cookie(ALICE)) as alice, tab(cookie=cookie(BOB)) as bob:
        await saved(alice, 1, type="theme.set", dark="ocean")
        before = await alice.until("theme.changed")
        preset.colors = dict(plain(accent="#abcdef").colors)
        await database_sync_to_async(services.save_preset)(preset)
        assert (await at(alice, before["revision"] + 1))["dark"]["colors"]["accent"] == "#abcdef"
        assert (await bob.until("theme.changed"))["dark"]["id"] == "default-dark"


async def test_a_resync_recovers_a_lost_notification(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(ALICE)) as alice:
        layer = get_channel_layer()
        layer.groups.clear()
        await database_sync_to_async(services.set_preference)(ALICE, mode="light")
        assert await alice.silent()
        await alice.send("session.ping")
        await alice.until("session.pong")
        assert (await alice.until("theme.changed"))["mode"] == "light"
        await database_sync_to_async(services.set_preference)(ALICE, mode="dark")
        assert (await alice.until("theme.changed"))["mode"] == "dark"


async def test_frequent_pings_do_not_query_the_database(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(who: Identity) -> dict[str, int]:
        asked.append(who)
        return current_revisions(who)

    monkeypatch.setattr("terminal.socket.theme_session.current_revisions", counted)
    async with tab(cookie=cookie(ALICE)) as alice:
        for _ in range(20):
            await alice.send("session.ping")
            await alice.until("session.pong")
        # The query runs in the background; pongs do not wait for it.
        async with asyncio.timeout(10):
            while not asked:
                await asyncio.sleep(0)
    assert len(asked) == 1


async def test_theme_creation_is_rate_limited(runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("themes.store.creation_limit.THEME_CREATIONS_PER_MINUTE", 1)
    async with tab(cookie=cookie(ALICE)) as alice, tab(cookie=cookie(BOB)) as bob:
        await saved(alice, 1, type="theme.create", id=str(uuid.uuid4()), theme=plain().to_dict())
        # A new cookie does not help: visitors are counted by address.
        await bob.send("theme.create", id=str(uuid.uuid4()), theme=plain().to_dict(), request_id=1)
        error = await bob.control()
        assert (error["type"], error["code"], error["request_id"]) == ("error", "limit_theme_creations", 1)
        assert 0 < error["retry_after"] <= 60


async def test_late_and_duplicate_notifications_send_nothing(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(ALICE)) as alice:
        await saved(alice, 1, type="theme.set", mode="light")
        while (await alice.control())["type"] != "theme.changed":
            pass
        for revision in (0, 1, 1):
            await get_channel_layer().group_send(ALICE.owner_group, {"type": "theme.owner", "revision": revision})
        assert await alice.silent()


async def test_sign_in_and_sign_out_in_another_tab_send_session_changed(runtime_with_voice: Runtime) -> None:
    async with tab(cookie=cookie(ALICE)) as alice, tab(cookie=cookie(BOB)) as bob:
        await database_sync_to_async(notifications.session_changed)(ALICE.device_group)
        await alice.until("session.changed")
        assert (await alice.wire.receive_output())["type"] == "websocket.close"
        assert await bob.silent()


async def test_concurrent_changes_of_three_tabs_converge(runtime_with_voice: Runtime) -> None:
    theme_id = str(uuid.uuid4())
    mine = cookie(ALICE)
    async with tab(cookie=mine) as one, tab(cookie=mine) as two, tab(cookie=mine) as three:
        await saved(one, 1, type="theme.create", id=theme_id, theme=plain().to_dict(), activate=True)
        for number in range(60):
            made = (one, two, three)[number % 3]
            await made.send("theme.edit", id=theme_id, colors={"accent": f"#0000{number:02x}"}, request_id=number + 2)
        last = 0
        for made, change in ((one, 59), (two, 60), (three, 61)):
            while (frame := await made.control()).get("request_id") != change:
                assert frame["type"] != "error"
            last = max(last, frame["revision"])
        shown = [await at(made, last) if made is not three else None for made in (one, two)]
        kept = await database_sync_to_async(appearance)(ALICE)
        assert kept.revision == last
        for state in shown:
            assert state is not None
            assert state["dark"]["colors"] == kept.dark.theme.colors


async def test_the_handshake_of_a_visitor_reads_no_session(runtime_with_voice: Runtime) -> None:
    await runtime_with_voice.catalog.read()
    await runtime_with_voice.rate_limiter.refresh()
    queries: list[str] = []

    def record(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(record):
        async with tab(cookie=cookie(ALICE)):
            pass
    # The number of changes to presets (and once the presets), and the visitor's row.
    assert [sql for sql in queries if "session" in sql] == []
    assert len(queries) <= 3
