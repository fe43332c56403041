"""The Wyoming protocol, with the ``wyoming`` package as the client."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from synthesis.api.dialects.wyoming import connection, server
from synthesis.api.dialects.wyoming.connection import Connection
from synthesis.api.dialects.wyoming.server import WyomingServer
from synthesis.models import LimitPolicyRow, Voice
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine, tone_manifest

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "It cost $5.3 billion. That is all."


@asynccontextmanager
async def connected(uri: str = "tcp://127.0.0.1:0", account: int | None = None) -> AsyncIterator[AsyncClient]:
    """Yield a client of a server in this process."""
    served = WyomingServer(uri, account)
    try:
        async with AsyncClient.from_uri(await served.start(), read_timeout=20) as client:
            yield client
    finally:
        await served.stop()


async def received(client: AsyncClient, last: str = "audio-stop") -> list[Event]:
    """Return the events until one of the type ``last``, or the end."""
    events: list[Event] = []
    while (event := await client.read_event()) is not None:
        events.append(event)
        if event.type == last:
            break
    return events


def audio_s(events: list[Event]) -> float:
    """Return the duration of the audio between start and stop."""
    start, *chunks, stop = (event for event in events if event.type != "synthesize-stopped")
    rate = AudioStart.from_event(start).rate
    assert AudioStop.is_type(stop.type)
    assert {AudioChunk.from_event(event).rate for event in chunks} == {rate}
    # Floats are not associative: the same duration in other chunks differs in the last digit.
    return round(sum(AudioChunk.from_event(event).seconds for event in chunks), 6)


async def error_of(client: AsyncClient) -> str | None:
    """Return the code of the last event, after which the server has disconnected."""
    *_, event = await received(client, last="none")
    return Error.from_event(event).code


@pytest.fixture
async def duo(runtime_with_voice: Runtime, engine: ToneEngine, tmp_path: Path) -> None:
    """Add a voice with two speakers."""
    (tmp_path / "duo").mkdir()
    tone_manifest(engine).write(tmp_path / "duo")
    await Voice.objects.acreate(id="duo", name="Duo", language="de-DE", sample_rate=8000, speakers=["alice", "bob"])
    await runtime_with_voice.catalog.refresh()


async def test_the_description(duo: None) -> None:
    async with connected() as client:
        await client.write_event(Describe().event())
        (program,) = Info.from_event((await received(client, "info"))[-1]).tts
        await client.write_event(Ping().event())
        assert Pong.is_type((await received(client, "pong"))[-1].type)
    assert program.supports_synthesize_streaming
    assert [(voice.name, voice.languages) for voice in program.voices] == [("tone", ["en-US"]), ("duo", ["de-DE"])]
    assert [speaker.name for speaker in program.voices[1].speakers or []] == ["alice", "bob"]


async def test_a_whole_text(duo: None) -> None:
    async with connected() as client:
        durations = set()
        for voice in (
            None,
            SynthesizeVoice(name="tone"),
            SynthesizeVoice(name="duo", speaker="bob"),
            SynthesizeVoice(name="duo:alice"),
            SynthesizeVoice(language="de"),
        ):
            await client.write_event(Event("later-version"))
            await client.write_event(Synthesize(text="Hello, alice. Hello, bob.", voice=voice).event())
            durations.add(audio_s(await received(client)))
    assert len(durations) == 1
    assert durations.pop() > 1


async def test_a_text_in_pieces(duo: None) -> None:
    async with connected() as client:
        for _ in range(2):
            await client.write_event(SynthesizeStart(voice=SynthesizeVoice(name="tone")).event())
            for at in range(0, len(TEXT), 4):
                await client.write_event(SynthesizeChunk(text=TEXT[at : at + 4]).event())
            # Home Assistant sends the whole text, too, for servers that do not stream.
            await client.write_event(Synthesize(text=TEXT).event())
            await client.write_event(SynthesizeStop().event())
            events = await received(client, "synthesize-stopped")
            assert SynthesizeStopped.is_type(events[-1].type)
            assert audio_s(events) > 1


async def test_speech_begins_before_the_text_ends(runtime_with_voice: Runtime) -> None:
    async with connected() as client:
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk(text="Hello, alice. How are").event())
        assert AudioStart.is_type((await received(client, "audio-start"))[-1].type)


async def test_a_text_without_words(runtime_with_voice: Runtime) -> None:
    async with connected() as client:
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeStop().event())
        assert [event.type for event in await received(client, "synthesize-stopped")] == ["synthesize-stopped"]


async def test_a_unix_socket(runtime_with_voice: Runtime, tmp_path: Path) -> None:
    async with connected(f"unix://{tmp_path}/wyoming") as client:
        await client.write_event(Synthesize(text=TEXT).event())
        assert audio_s(await received(client)) > 1


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (Event("synthesize"), "field_invalid"),
        (Event("synthesize", {"text": 5}), "field_invalid"),
        (Event("synthesize", {"text": ""}), "text_empty"),
        (Event("synthesize", {"text": "a" * 1001}), "text_too_long"),
        (Event("synthesize", {"text": "Hi.", "voice": []}), "field_invalid"),
        (Event("synthesize", {"text": "Hi.", "voice": {"name": 1}}), "field_invalid"),
        (Event("synthesize", {"text": "Hi.", "voice": {"name": "nobody"}}), "voice_unknown"),
        (Event("synthesize", {"text": "Hi.", "voice": {"name": "tone", "speaker": "bob"}}), "speaker_unknown"),
        (Event("synthesize", {"text": "Hi.", "voice": {"language": "tlh"}}), "language_unsupported"),
        (Event("synthesize", {"text": "<speak/>", "text_format": "ssml"}), "field_invalid"),
        (Event("synthesize-start", {"voice": {"name": "nobody"}}), "voice_unknown"),
    ],
)
async def test_errors_end_the_connection(runtime_with_voice: Runtime, event: Event, code: str) -> None:
    async with connected() as client:
        await client.write_event(event)
        assert await error_of(client) == code


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "body_invalid"),
        (b"[]\n", "body_invalid"),
        (b"[" * 60_000 + b"\n", "body_invalid"),
        (b"\xff\xfe\n", "body_invalid"),
        (b'{"type": 5}\n', "body_invalid"),
        (b'{"type": "ping", "data": 5}\n', "body_invalid"),
        (b"a" * 200_000 + b"\n", "body_invalid"),
        (b'{"type": "ping", "data_length": 3}\n[1]', "body_invalid"),
        (b'{"type": "ping", "data_length": 1000000000}\n', "body_too_large"),
        (b'{"type": "ping", "payload_length": -1}\n', "body_too_large"),
        (b'{"type": "ping", "payload_length": "x"}\n', "body_too_large"),
    ],
)
async def test_invalid_events(runtime_with_voice: Runtime, sent: bytes, code: str) -> None:
    async with connected() as client:
        assert client._writer is not None
        client._writer.write(sent)
        assert await error_of(client) == code


async def test_a_disconnect_stops_synthesis(runtime_with_voice: Runtime) -> None:
    async with connected() as client:
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk(text="One sentence. " * 100).event())
        await received(client, "audio-start")
    async with asyncio.timeout(20):
        while runtime_with_voice.rate_limiter._leases["utterances"]._held:
            await asyncio.sleep(0)


async def visitors(runtime: Runtime, **fields: Any) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults=fields)
    await runtime.rate_limiter.refresh()


async def answered(address: str | None, account: int | None = None) -> str:
    """Return the type of the first event for a client at ``address``."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    far_reader, far_writer = await asyncio.open_unix_connection(sock=theirs)
    task = asyncio.create_task(Connection(reader, writer, address, account).run())
    far_writer.write(json.dumps({"type": "synthesize", "data": {"text": "Hello."}}).encode() + b"\n")
    async with asyncio.timeout(20):
        event = json.loads(await far_reader.readline())
    far_writer.close()
    await asyncio.wait({task})
    writer.close()
    return str(event["type"])


async def test_visitors_of_other_machines_cannot_speak(runtime_with_voice: Runtime, settings: Any) -> None:
    assert [await answered(address) for address in ("127.0.0.1", "::1", None)] == ["audio-start"] * 3
    assert [await answered(address) for address in ("192.0.2.7", "::ffff:192.0.2.7")] == ["error"] * 2
    alice = await User.objects.acreate_user("alice")
    assert await answered("192.0.2.7", alice.pk) == "audio-start"
    await visitors(runtime_with_voice, api_access="all")
    assert await answered("192.0.2.7") == "audio-start"
    await visitors(runtime_with_voice, api_access="none")
    assert await answered("127.0.0.1") == "error"


async def test_requests_are_limited_like_all_speech(runtime_with_voice: Runtime) -> None:
    await visitors(runtime_with_voice, requests_per_minute=1)
    async with connected() as client:
        await client.write_event(Synthesize(text="Hello.").event())
        await received(client)
        await client.write_event(Synthesize(text="Hello.").event())
        assert await error_of(client) == "limit_requests"


async def test_connections_are_limited(runtime_with_voice: Runtime) -> None:
    await visitors(runtime_with_voice, max_connections=1)
    served = WyomingServer("tcp://127.0.0.1:0")
    address = await served.start()
    try:
        async with AsyncClient.from_uri(address) as first:
            # The first has its slot once it is answered; if both connected now, the second could get it instead.
            await first.write_event(Ping().event())
            await received(first, "pong")
            async with AsyncClient.from_uri(address) as second:
                assert await error_of(second) == "limit_sockets"
    finally:
        await served.stop()


async def test_all_connections_together_are_bounded(
    runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 0)
    async with connected() as client:
        assert await received(client, "none") == []


async def test_an_idle_client_is_disconnected(runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_S", 0.0)
    async with connected() as client:
        async with asyncio.timeout(10):
            assert await received(client, "none") == []


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://:1", "unix://", "10200", "tcp://a:b"])
def test_an_invalid_uri(runtime_with_voice: Runtime, uri: str) -> None:
    with pytest.raises(CommandError):
        call_command("wyoming", uri=uri)


def test_an_unknown_account(runtime_with_voice: Runtime) -> None:
    with pytest.raises(CommandError, match="There is no active account charlie"):
        call_command("wyoming", account="charlie")


def test_without_a_voice() -> None:
    with pytest.raises(CommandError, match="No voice is installed"):
        call_command("wyoming")
