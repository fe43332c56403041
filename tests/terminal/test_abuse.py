"""Who means harm is stopped at the door, and costs little."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from project import asgi
from project.asgi import application
from synthesis.catalogue import CatalogueReader
from synthesis.errors import BusyError, SpeechError
from synthesis.guard import FRESH_S, MIB, SHED_EVERY_S, Guard, Level
from synthesis.limits import Policy
from synthesis.loaded import LoadedVoice, Voices
from synthesis.models import Limits
from synthesis.pool import Pool
from synthesis.runtime import Runtime
from terminal import buckets, protocol
from terminal.handshakes import A_SECOND, AT_A_TIME, AT_ONCE, FLOODED, HandshakeLimit
from terminal.requests import A_SECOND as REQUESTS_A_SECOND
from terminal.requests import AT_A_TIME as REQUESTS_AT_A_TIME
from terminal.requests import AT_ONCE as REQUESTS_AT_ONCE
from terminal.requests import RequestLimit
from tests.terminal.wire import tab
from tests.tone import ToneEngine, tone_bundle
from themes.models import Owner

HEADERS = [(b"host", b"localhost"), (b"origin", b"http://localhost")]


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.django_db(transaction=True)
class TestHandshakes:
    """Bounded by address, before the application."""

    async def knock(self, limit: HandshakeLimit, client: str, times: int = 1, code: int = 1006) -> int:
        """How many of them were let in."""
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        for _ in range(times):
            coming = iter(({"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": code}))

            async def receive(coming: Iterator[dict[str, Any]] = coming) -> dict[str, Any]:
                return next(coming)

            await limit({"type": "websocket", "client": [client, 1], "path": "/", "headers": []}, receive, send)
        return sum(message["type"] == "let in" for message in sent)

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def limit(self, clock: Clock) -> HandshakeLimit:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "let in"})

        return HandshakeLimit(inside, clock)

    async def test_too_many_are_denied_and_others_are_not(self, limit: HandshakeLimit, clock: Clock) -> None:
        assert await self.knock(limit, "192.0.2.1", AT_ONCE + 50) == AT_ONCE
        assert await self.knock(limit, "192.0.2.2") == 1
        clock.now += 1
        assert await self.knock(limit, "192.0.2.1", AT_ONCE) == A_SECOND

    async def test_of_ipv6_a_whole_network_is_one(self, limit: HandshakeLimit) -> None:
        let_in = [await self.knock(limit, f"2001:db8::{number:x}") for number in range(AT_ONCE + 10)]
        assert sum(let_in) == AT_ONCE

    async def test_no_more_are_begun_than_can_be_ended(self) -> None:
        go, begun = asyncio.Event(), 0

        async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
            nonlocal begun
            begun += 1
            await go.wait()
            await send({"type": "let in"})
            await asyncio.Event().wait()

        limit = HandshakeLimit(slow)
        knocking = [asyncio.create_task(self.knock(limit, f"192.0.2.{number}")) for number in range(AT_A_TIME + 5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == AT_A_TIME
        go.set()
        await asyncio.sleep(0)
        # Those that were let in are still open, and no longer in the way.
        knocking.append(asyncio.create_task(self.knock(limit, "198.51.100.1")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == AT_A_TIME + 1
        for task in knocking:
            task.cancel()

    @pytest.mark.parametrize("ended_by", ["tab", "server"])
    async def test_an_address_that_flooded_is_not_let_in_for_a_while(self, clock: Clock, ended_by: str) -> None:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "let in"})
            while (await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.close", "code": FLOODED if ended_by == "server" else 1000})

        limit = HandshakeLimit(inside, clock)
        assert await self.knock(limit, "192.0.2.1", code=1006) == 1
        assert await self.knock(limit, "192.0.2.1", code=FLOODED if ended_by == "tab" else 1006) == 1 - (
            ended_by == "server"
        )
        assert await self.knock(limit, "192.0.2.1") == 0
        assert await self.knock(limit, "192.0.2.2") == 1
        clock.now += AT_ONCE / A_SECOND
        assert await self.knock(limit, "192.0.2.1") == 0
        clock.now += 1
        assert await self.knock(limit, "192.0.2.1") == 1

    async def test_only_so_many_addresses_are_remembered(
        self, limit: HandshakeLimit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(buckets, "ADDRESSES", 2)
        await self.knock(limit, "192.0.2.1", AT_ONCE)
        assert await self.knock(limit, "192.0.2.1") == 0
        for number in (2, 3):
            await self.knock(limit, f"192.0.2.{number}")
        # The one that was not heard of for longest is a stranger again.
        assert await self.knock(limit, "192.0.2.1") == 1

    async def test_who_only_knocks_leaves_nothing_behind(self, tone: Runtime) -> None:
        async with tab():
            pass
        assert not await Owner.objects.aexists()


async def test_a_flood_of_handshakes_is_answered_without_the_database() -> None:
    """Through the whole application; pytest-django refuses every query of a test that did not ask for a database."""
    cookies = (b"cookie", b"sessionid=" + b"x" * 32)
    wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[*HEADERS, cookies])
    wire.scope["client"] = ["198.51.100.77", 1]
    asgi.socket.buckets.blame(wire.scope)
    assert await wire.connect() == (False, 1000)


class TestRequests:
    """Of pages and files, bounded by address before Django."""

    @pytest.fixture
    def limit(self, clock: Clock) -> RequestLimit:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        return RequestLimit(inside, clock)

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    async def ask(self, limit: Any, client: str, times: int = 1, path: str = "/") -> tuple[int, dict[bytes, bytes]]:
        """How many are answered, and the last one's headers."""
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http",
            "client": [client, 1],
            "path": path,
            "method": "GET",
            "headers": [],
            "query_string": b"",
        }
        for _ in range(times):
            await limit(scope, receive, send)
        starts = [message for message in sent if message["type"] == "http.response.start"]
        return sum(start["status"] != 429 for start in starts), dict(starts[-1]["headers"])

    async def test_too_many_are_refused_and_others_are_not(self, limit: RequestLimit, clock: Clock) -> None:
        answered, headers = await self.ask(limit, "192.0.2.1", int(REQUESTS_AT_ONCE) + 50)
        assert answered == REQUESTS_AT_ONCE
        assert headers[b"retry-after"] == b"1"
        assert b"default-src 'none'" in headers[b"content-security-policy"]
        assert (await self.ask(limit, "192.0.2.2"))[0] == 1
        clock.now += 1
        assert (await self.ask(limit, "192.0.2.1", 100))[0] == REQUESTS_A_SECOND

    async def test_a_page_with_its_files_is_not_many(self, limit: RequestLimit) -> None:
        for _ in range(100):
            assert (await self.ask(limit, "192.0.2.1"))[0] == 1
            assert (await self.ask(limit, "192.0.2.1", 30, "/static/js/main.js"))[0] == 30

    async def test_who_watches_over_the_server_is_always_answered(self, limit: RequestLimit) -> None:
        await self.ask(limit, "192.0.2.1", int(REQUESTS_AT_ONCE) + 1)
        assert (await self.ask(limit, "192.0.2.1", 10, "/readyz"))[0] == 10

    async def test_a_few_are_answered_at_a_time_and_speech_does_not_wait_for_them(self) -> None:
        go, begun = asyncio.Event(), []

        async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
            begun.append(scope["path"])
            await go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        limit = RequestLimit(slow)
        asking = [asyncio.create_task(self.ask(limit, "192.0.2.1")) for _ in range(REQUESTS_AT_A_TIME + 3)]
        asking += [asyncio.create_task(self.ask(limit, "192.0.2.2", path="/v1/audio/speech")) for _ in range(3)]
        await asyncio.sleep(0)
        assert (begun.count("/"), begun.count("/v1/audio/speech")) == (REQUESTS_AT_A_TIME, 3)
        go.set()
        assert [answered for answered, _ in await asyncio.gather(*asking)] == [1] * len(asking)

    async def test_a_slow_reader_holds_nobody_up(self) -> None:
        async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def never(message: dict[str, Any]) -> None:
            await asyncio.Event().wait()

        limit = RequestLimit(page)
        scope = {"client": ["192.0.2.1", 1], "path": "/"}
        reading = [asyncio.create_task(limit(scope, None, never)) for _ in range(REQUESTS_AT_A_TIME)]
        await asyncio.sleep(0)
        assert (await asyncio.wait_for(self.ask(limit, "192.0.2.2"), 5))[0] == 1
        for task in reading:
            task.cancel()

    async def test_it_stands_on_the_way_that_is_served(self) -> None:
        for _ in range(int(REQUESTS_AT_ONCE)):
            asgi.requests.buckets.take({"client": ["192.0.2.9", 1]})
        assert (await self.ask(application, "192.0.2.9"))[0] == 0


@pytest.mark.parametrize("deep", [5, 50, 4000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_frames_that_are_nested_deep_are_not_parsed(deep: int, brackets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(json, "loads", never)
    frame = '{"type":"session.ping","x":' + brackets[0] * deep
    with pytest.raises(SpeechError) as caught:
        protocol.parse(frame, 16_384)
    assert caught.value.code == "frame_invalid"


@pytest.mark.parametrize("text", ["[" * 900, '\\"[{' * 200, "]}" * 100])
def test_brackets_in_a_text_are_only_text(text: str) -> None:
    frame = json.dumps({"type": "speech.create", "id": 1, "text": text})
    assert protocol.parse(frame, 16_384) == protocol.SpeechCreate(1, text)


class TestMemory:
    """Shed, refuse, step back: in that order."""

    @pytest.mark.parametrize(
        ("used", "level"),
        [
            (0, Level.FINE),
            (79, Level.FINE),
            (80, Level.SHEDDING),
            (90, Level.REFUSING),
            (96, Level.NOT_READY),
            (300, Level.NOT_READY),
        ],
    )
    def test_levels(self, used: int, level: Level) -> None:
        assert Guard(100, lambda: None, used=lambda: used).level == level

    def test_what_is_shed_counts_at_once(self) -> None:
        used = [95]
        assert Guard(100, lambda: used.__setitem__(0, 50), used=lambda: used[0]).level == Level.FINE

    def test_it_is_not_shed_all_the_time(self) -> None:
        clock, shed = Clock(), []
        guard = Guard(100, lambda: shed.append(1), used=lambda: 85, clock=clock)
        for _ in range(4):
            assert guard.level == Level.SHEDDING
            clock.now += FRESH_S
        assert len(shed) == 1
        clock.now += SHED_EVERY_S
        assert guard.level == Level.SHEDDING
        assert len(shed) == 2

    def test_new_work_is_refused_with_the_time_to_wait(self) -> None:
        Guard(100, lambda: None, used=lambda: 89).check()
        with pytest.raises(BusyError) as caught:
            Guard(100, lambda: None, used=lambda: 90).check()
        assert caught.value.details["retry_after"] > 0

    def test_a_smaller_limit_of_one_s_own_counts_for_oneself_alone(self) -> None:
        guard = Guard(100, lambda: None, used=lambda: 50)
        guard.check()
        guard.check(own_limit=60)
        with pytest.raises(BusyError):
            guard.check(own_limit=55)

    @pytest.mark.django_db(transaction=True)
    async def test_who_has_a_smaller_limit_is_refused_before_others(self, tone: Runtime) -> None:
        tone.guard = Guard(1000 * MIB, lambda: None, used=lambda: 190 * MIB)
        await Limits.objects.aupdate_or_create(audience="visitors", defaults={"memory_mb": 200})
        wire = WebsocketCommunicator(application, "/ws/terminal/", headers=HEADERS)
        await wire.connect()
        assert json.loads(await wire.receive_from())["code"] == "busy"
        await wire.disconnect()
        assert await tone.ready() is tone.voices.loaded("tone")
        tone.admission._let_in(Policy())

    async def test_a_process_that_is_full_lets_go_of_voices(self, tmp_path: Path, settings: Any) -> None:
        settings.MEMORY_LIMIT_MB = 1
        engine = ToneEngine()
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            tone_bundle(engine).write(tmp_path / name)
        voices = Voices(tmp_path, lambda folder: LoadedVoice(tone_bundle(engine), engine), keep=2)
        process = Runtime(Pool(workers=1, utterances=1), voices, CatalogueReader())
        for name in ("one", "two"):
            await voices.get(name)
        assert process.guard.level == Level.NOT_READY
        assert (voices.loaded("one"), voices.loaded("two")) == (False, True)
        process.close()

    @pytest.mark.django_db(transaction=True)
    async def test_a_process_that_is_full_is_not_ready(self, tone: Runtime) -> None:
        await tone.warm_up()
        assert await tone.ready()
        tone.guard = Guard(100, lambda: None, used=lambda: 96)
        assert not await tone.ready()

    @pytest.mark.django_db(transaction=True)
    async def test_nobody_is_let_in_where_there_is_no_room(self, tone: Runtime) -> None:
        async with tab() as alice:
            tone.guard = Guard(1, lambda: None)
            await alice.send("speech.create", id=1, text="Hello.")
            assert (await alice.control())["code"] == "busy"
            wire = WebsocketCommunicator(application, "/ws/terminal/", headers=HEADERS)
            await wire.connect()
            assert json.loads(await wire.receive_from())["code"] == "busy"
            await wire.disconnect()
