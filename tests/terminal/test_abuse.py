"""Denial of service: handshake, request and memory limits."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from core.close_codes import POLICY_VIOLATION
from core.limits import token_bucket
from core.process.memory_guard import CACHE_TTL_S, EVICT_INTERVAL_S, MIB, MemoryGuard, MemoryPressure
from project import asgi
from project.asgi import application
from project.server.handshake_limiter import (
    HANDSHAKE_BURST,
    HANDSHAKES_PER_SECOND,
    MAX_CONCURRENT,
    HandshakeLimitMiddleware,
)
from project.server.request_limiter import MAX_CONCURRENT as MAX_CONCURRENT_REQUESTS
from project.server.request_limiter import REQUEST_BURST, REQUESTS_PER_SECOND, RequestLimitMiddleware
from synthesis.catalog import VoiceCatalogCache
from synthesis.errors import BusyError, SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.models import LimitPolicyRow
from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
from synthesis.pool.worker_pool import WorkerPool
from synthesis.runtime import Runtime
from terminal.socket import protocol
from tests.clock import Clock
from tests.fake_engine import ToneEngine, tone_manifest
from tests.terminal.socket_client import tab
from themes.models import ThemeOwner

HEADERS = [(b"host", b"localhost"), (b"origin", b"http://localhost")]


@pytest.mark.django_db(transaction=True)
class TestHandshakes:
    """The handshake rate limit, per address."""

    async def open_handshakes(
        self, limit: HandshakeLimitMiddleware, client: str, times: int = 1, code: int = 1006
    ) -> int:
        """Return how many handshakes were accepted."""
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
    def limit(self, clock: Clock) -> HandshakeLimitMiddleware:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "let in"})

        return HandshakeLimitMiddleware(inside, clock)

    async def test_handshakes_over_the_limit_are_denied_per_address(
        self, limit: HandshakeLimitMiddleware, clock: Clock
    ) -> None:
        assert await self.open_handshakes(limit, "192.0.2.1", HANDSHAKE_BURST + 50) == HANDSHAKE_BURST
        assert await self.open_handshakes(limit, "192.0.2.2") == 1
        clock.now += 1
        assert await self.open_handshakes(limit, "192.0.2.1", HANDSHAKE_BURST) == HANDSHAKES_PER_SECOND

    async def test_an_ipv6_network_shares_one_bucket(self, limit: HandshakeLimitMiddleware) -> None:
        let_in = [await self.open_handshakes(limit, f"2001:db8::{number:x}") for number in range(HANDSHAKE_BURST + 10)]
        assert sum(let_in) == HANDSHAKE_BURST

    async def test_concurrent_handshakes_are_bounded(self) -> None:
        go, begun = asyncio.Event(), 0

        async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
            nonlocal begun
            begun += 1
            await go.wait()
            await send({"type": "let in"})
            await asyncio.Event().wait()

        limit = HandshakeLimitMiddleware(slow)
        knocking = [
            asyncio.create_task(self.open_handshakes(limit, f"192.0.2.{number}"))
            for number in range(MAX_CONCURRENT + 5)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == MAX_CONCURRENT
        go.set()
        await asyncio.sleep(0)
        # Accepted sockets are still open, and no longer count as handshakes.
        knocking.append(asyncio.create_task(self.open_handshakes(limit, "198.51.100.1")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == MAX_CONCURRENT + 1
        for task in knocking:
            task.cancel()

    @pytest.mark.parametrize("ended_by", ["tab", "server"])
    async def test_an_address_is_blocked_after_a_flood(self, clock: Clock, ended_by: str) -> None:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "let in"})
            while (await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.close", "code": POLICY_VIOLATION if ended_by == "server" else 1000})

        limit = HandshakeLimitMiddleware(inside, clock)
        assert await self.open_handshakes(limit, "192.0.2.1", code=1006) == 1
        assert await self.open_handshakes(
            limit, "192.0.2.1", code=POLICY_VIOLATION if ended_by == "tab" else 1006
        ) == 1 - (ended_by == "server")
        assert await self.open_handshakes(limit, "192.0.2.1") == 0
        assert await self.open_handshakes(limit, "192.0.2.2") == 1
        clock.now += HANDSHAKE_BURST / HANDSHAKES_PER_SECOND
        assert await self.open_handshakes(limit, "192.0.2.1") == 0
        clock.now += 1
        assert await self.open_handshakes(limit, "192.0.2.1") == 1

    async def test_the_number_of_tracked_addresses_is_bounded(
        self, limit: HandshakeLimitMiddleware, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(token_bucket, "MAX_ADDRESSES", 2)
        await self.open_handshakes(limit, "192.0.2.1", HANDSHAKE_BURST)
        assert await self.open_handshakes(limit, "192.0.2.1") == 0
        for number in (2, 3):
            await self.open_handshakes(limit, f"192.0.2.{number}")
        # The least recently used address was evicted.
        assert await self.open_handshakes(limit, "192.0.2.1") == 1

    async def test_an_idle_tab_stores_nothing(self, runtime_with_voice: Runtime) -> None:
        async with tab():
            pass
        assert not await ThemeOwner.objects.aexists()


async def test_rejected_handshakes_do_not_query_the_database() -> None:
    """Uses the whole ASGI application; pytest-django rejects every query without the ``db`` fixture."""
    cookies = (b"cookie", b"sessionid=" + b"x" * 32)
    wire = WebsocketCommunicator(application, "/ws/terminal/", headers=[*HEADERS, cookies])
    wire.scope["client"] = ["198.51.100.77", 1]
    asgi.socket.buckets.penalize(wire.scope)
    assert await wire.connect() == (False, 1000)


class TestRequests:
    """The request rate limit, per address."""

    @pytest.fixture
    def limit(self, clock: Clock) -> RequestLimitMiddleware:
        async def inside(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        return RequestLimitMiddleware(inside, clock)

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    async def ask(self, limit: Any, client: str, times: int = 1, path: str = "/") -> tuple[int, dict[bytes, bytes]]:
        """Return the number of accepted requests, and the headers of the last response."""
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

    async def test_requests_over_the_limit_are_rejected_per_address(
        self, limit: RequestLimitMiddleware, clock: Clock
    ) -> None:
        answered, headers = await self.ask(limit, "192.0.2.1", int(REQUEST_BURST) + 50)
        assert answered == REQUEST_BURST
        assert headers[b"retry-after"] == b"1"
        assert b"default-src 'none'" in headers[b"content-security-policy"]
        assert (await self.ask(limit, "192.0.2.2"))[0] == 1
        clock.now += 1
        assert (await self.ask(limit, "192.0.2.1", 100))[0] == REQUESTS_PER_SECOND

    async def test_the_api_is_refused_in_json(self, limit: RequestLimitMiddleware) -> None:
        await self.ask(limit, "192.0.2.1", int(REQUEST_BURST))
        _, headers = await self.ask(limit, "192.0.2.1", path="/v1/audio/speech")
        assert headers[b"content-type"] == b"application/json"

    async def test_static_files_cost_a_fraction_of_a_token(self, limit: RequestLimitMiddleware) -> None:
        for _ in range(100):
            assert (await self.ask(limit, "192.0.2.1"))[0] == 1
            assert (await self.ask(limit, "192.0.2.1", 30, "/static/js/main.js"))[0] == 30

    async def test_health_probes_have_a_bucket_of_their_own(self, limit: RequestLimitMiddleware) -> None:
        await self.ask(limit, "192.0.2.1", int(REQUEST_BURST) + 1)
        assert (await self.ask(limit, "192.0.2.1", 10, "/readyz"))[0] == 10
        assert (await self.ask(limit, "192.0.2.1", int(REQUEST_BURST), "/healthz"))[0] == REQUEST_BURST - 10
        assert (await self.ask(limit, "192.0.2.2", 1, "/healthz"))[0] == 1

    async def test_concurrent_pages_are_bounded_and_speech_is_exempt(self) -> None:
        go, begun = asyncio.Event(), []

        async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
            begun.append(scope["path"])
            await go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        limit = RequestLimitMiddleware(slow)
        asking = [asyncio.create_task(self.ask(limit, "192.0.2.1")) for _ in range(MAX_CONCURRENT_REQUESTS + 3)]
        asking += [asyncio.create_task(self.ask(limit, "192.0.2.2", path="/v1/audio/speech")) for _ in range(3)]
        await asyncio.sleep(0)
        assert (begun.count("/"), begun.count("/v1/audio/speech")) == (MAX_CONCURRENT_REQUESTS, 3)
        go.set()
        assert [answered for answered, _ in await asyncio.gather(*asking)] == [1] * len(asking)

    async def test_a_slow_reader_does_not_hold_a_slot(self) -> None:
        async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def never(message: dict[str, Any]) -> None:
            await asyncio.Event().wait()

        limit = RequestLimitMiddleware(page)
        scope = {"client": ["192.0.2.1", 1], "path": "/"}
        reading = [asyncio.create_task(limit(scope, None, never)) for _ in range(MAX_CONCURRENT_REQUESTS)]
        await asyncio.sleep(0)
        assert (await asyncio.wait_for(self.ask(limit, "192.0.2.2"), 5))[0] == 1
        for task in reading:
            task.cancel()

    async def test_the_asgi_application_limits_requests(self) -> None:
        for _ in range(int(REQUEST_BURST)):
            asgi.requests.buckets.consume({"client": ["192.0.2.9", 1]})
        assert (await self.ask(application, "192.0.2.9"))[0] == 0


@pytest.mark.parametrize("deep", [5, 50, 4000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_deeply_nested_frames_are_not_parsed(deep: int, brackets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(json, "loads", never)
    frame = '{"type":"session.ping","x":' + brackets[0] * deep
    with pytest.raises(SpeechError) as caught:
        protocol.parse(frame, 16_384)
    assert caught.value.code == "frame_invalid"


@pytest.mark.parametrize("text", ["[" * 900, '\\"[{' * 200, "]}" * 100])
def test_brackets_in_strings_do_not_count_as_nesting(text: str) -> None:
    frame = json.dumps({"type": "speech.create", "id": 1, "text": text})
    assert protocol.parse(frame, 16_384) == protocol.SpeechCreate(1, text)


class TestMemory:
    """Memory pressure: evict caches, then reject work, then fail the readiness probe."""

    @pytest.mark.parametrize(
        ("used", "level"),
        [
            (0, MemoryPressure.NORMAL),
            (79, MemoryPressure.NORMAL),
            (80, MemoryPressure.EVICTING),
            (90, MemoryPressure.REJECTING),
            (96, MemoryPressure.NOT_READY),
            (300, MemoryPressure.NOT_READY),
        ],
    )
    def test_memory_pressure_levels(self, used: int, level: MemoryPressure) -> None:
        assert MemoryGuard(100, lambda: None, used=lambda: used).pressure == level

    def test_evicted_memory_is_measured_at_once(self) -> None:
        used = [95]
        assert MemoryGuard(100, lambda: used.__setitem__(0, 50), used=lambda: used[0]).pressure == MemoryPressure.NORMAL

    def test_eviction_has_a_minimum_interval(self) -> None:
        clock, shed = Clock(), []
        guard = MemoryGuard(100, lambda: shed.append(1), used=lambda: 85, clock=clock)
        for _ in range(4):
            assert guard.pressure == MemoryPressure.EVICTING
            clock.now += CACHE_TTL_S
        assert len(shed) == 1
        clock.now += EVICT_INTERVAL_S
        assert guard.pressure == MemoryPressure.EVICTING
        assert len(shed) == 2

    def test_new_work_is_rejected_with_retry_after(self, runtime: Runtime) -> None:
        runtime.memory_guard = MemoryGuard(100, lambda: None, used=lambda: 89)
        runtime.rate_limiter._memory_check(LimitPolicy())
        runtime.memory_guard = MemoryGuard(100, lambda: None, used=lambda: 90)
        with pytest.raises(BusyError) as caught:
            runtime.rate_limiter._memory_check(LimitPolicy())
        assert caught.value.details["retry_after"] > 0

    def test_a_user_memory_limit_applies_to_that_user_only(self) -> None:
        guard = MemoryGuard(100, lambda: None, used=lambda: 50)
        assert not guard.rejects()
        assert not guard.rejects(own_limit=60)
        assert guard.rejects(own_limit=55)

    @pytest.mark.django_db(transaction=True)
    async def test_a_user_with_a_smaller_memory_limit_is_rejected_first(self, runtime_with_voice: Runtime) -> None:
        runtime_with_voice.memory_guard = MemoryGuard(1000 * MIB, lambda: None, used=lambda: 190 * MIB)
        await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"memory_mb": 200})
        wire = WebsocketCommunicator(application, "/ws/terminal/", headers=HEADERS)
        await wire.connect()
        assert json.loads(await wire.receive_from())["code"] == "busy"
        await wire.disconnect()
        assert await runtime_with_voice.ready() is runtime_with_voice.voices.is_loaded("tone")
        runtime_with_voice.rate_limiter._memory_check(LimitPolicy())

    async def test_memory_pressure_evicts_voices(self, tmp_path: Path, settings: Any) -> None:
        settings.MEMORY_LIMIT_MB = 1
        engine = ToneEngine()
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            tone_manifest(engine).write(tmp_path / name)
        voices = VoiceCache(tmp_path, lambda folder: LoadedVoice(tone_manifest(engine), engine), max_loaded=2)
        process = Runtime(WorkerPool(workers=1, max_utterances=1), voices, VoiceCatalogCache())
        for name in ("one", "two"):
            await voices.get(name)
        assert process.memory_guard.pressure == MemoryPressure.NOT_READY
        assert (voices.is_loaded("one"), voices.is_loaded("two")) == (False, True)
        process.close()

    @pytest.mark.django_db(transaction=True)
    async def test_memory_pressure_fails_the_readiness_probe(self, runtime_with_voice: Runtime) -> None:
        await runtime_with_voice.warm_up()
        assert await runtime_with_voice.ready()
        runtime_with_voice.memory_guard = MemoryGuard(100, lambda: None, used=lambda: 96)
        assert not await runtime_with_voice.ready()

    @pytest.mark.django_db(transaction=True)
    async def test_memory_pressure_rejects_speech_and_new_sockets(self, runtime_with_voice: Runtime) -> None:
        async with tab() as alice:
            runtime_with_voice.memory_guard = MemoryGuard(1, lambda: None)
            await alice.send("speech.create", id=1, text="Hello.")
            assert (await alice.control())["code"] == "busy"
            wire = WebsocketCommunicator(application, "/ws/terminal/", headers=HEADERS)
            await wire.connect()
            assert json.loads(await wire.receive_from())["code"] == "busy"
            await wire.disconnect()
