"""Tests a real server during an outage of Redis: tabs stay connected, speech continues or is rejected as set."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.server import Server, copy_installation
from tests.e2e.waits import until
from tests.redis import RedisServer

pytestmark = pytest.mark.voice


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    yield redis
    redis.kill()


@pytest.fixture(params=["process", "reject"])
def served(
    request: pytest.FixtureRequest, redis: RedisServer, joe_voice_dir: Path, tmp_path: Path
) -> Iterator[tuple[Server, bool]]:
    """Yield a server, and whether it rejects limited requests without Redis."""
    redis.kill()
    redis.start()
    copy_installation(tmp_path, joe_voice_dir)
    server = Server(tmp_path, tmp_path / "server.log", REDIS_URL=redis.url, LIMITS_WITHOUT_REDIS=request.param)
    server.start()
    yield server, request.param == "reject"
    server.stop()
    assert "Traceback" not in server.log.read_text()
    assert len(server.complaints().splitlines()) < 12, server.complaints()


def ask(server: Server, path: str, body: dict[str, str] | None = None) -> tuple[int, Any]:
    """Return the status, and the JSON or the length of the answer."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server
            content, status = answer.read(), answer.status
    except urllib.error.HTTPError as error:
        content, status = error.read(), error.code
    return status, json.loads(content) if content[:1] == b"{" else len(content)


async def told(tab: ClientConnection, *types: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        async for frame in tab:
            if isinstance(frame, str) and (message := json.loads(frame))["type"] in types:
                return dict(message)
    raise AssertionError(f"none of {types}: closed with {tab.close_code}")


def tab(server: Server) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}/ws/terminal/", compression=None, proxy=None)


async def spoken(tab: ClientConnection, number: int) -> str:
    await tab.send(json.dumps({"type": "speech.create", "id": number, "text": "Hello, alice.", "voice": "joe"}))
    message = await told(tab, "speech.done", "error")
    return str(message.get("code", message["type"]))


async def test_speech_and_tabs_during_a_redis_outage(served: tuple[Server, bool], redis: RedisServer) -> None:
    server, rejects = served
    call = {"model": "tts-1", "voice": "joe", "input": "Hello, bob."}
    async with tab(server) as alice:
        assert await spoken(alice, 1) == "speech.done"
        redis.kill()
        ready = await asyncio.to_thread(ask, server, "readyz")
        assert ready == (503 if rejects else 200, {"ready": not rejects, "redis": "unreachable"})
        assert await spoken(alice, 2) == ("limits_unavailable" if rejects else "speech.done")
        status, answer = await asyncio.to_thread(ask, server, "v1/audio/speech", call)
        assert status == (503 if rejects else 200)
        if rejects:
            assert answer["error"]["code"] == "limits_unavailable"
        assert (await asyncio.to_thread(ask, server, ""))[0] == (503 if rejects else 200) or rejects
        async with tab(server) as bob:
            message = await told(bob, "session.created", "error")
            assert message.get("code") == ("limits_unavailable" if rejects else None)
        redis.start()
        await asyncio.to_thread(until, lambda: ask(server, "readyz") == (200, {"ready": True}), within=10)
        assert await spoken(alice, 3) == "speech.done"
        async with tab(server) as charlie:
            assert await told(charlie, "session.created")
