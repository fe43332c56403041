"""The MCP server, with the real client session over standard input and output."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.client.conftest import Alice

pytestmark = pytest.mark.voice


@asynccontextmanager
async def agent(alice: Alice, folder: Path, **environment: str) -> AsyncIterator[ClientSession]:
    """Start ``alphanumeric mcp`` as a coding agent does, and initialize the session."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "alphanumeric_client", "mcp"],
        env={**alice.environment(folder), **environment},
        cwd=str(folder),
    )
    async with stdio_client(command) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def call(session: ClientSession, name: str, **arguments: object) -> tuple[bool, str]:
    """Return whether the tool failed, and its text."""
    result = await session.call_tool(name, arguments)
    return bool(result.is_error), "".join(getattr(part, "text", "") for part in result.content)


async def test_an_agent_speaks_in_a_tab(alice: Alice, tmp_path: Path) -> None:
    async with agent(alice, tmp_path) as session:
        assert {tool.name for tool in (await session.list_tools()).tools} == {"say", "stop", "list_voices"}
        failed, listed = await call(session, "list_voices")
        assert (failed, json.loads(listed)) == (False, [{"id": "joe", "name": "Joe", "language": "en-US"}])
        opened = ExitStack()
        tab = await asyncio.to_thread(opened.enter_context, alice.tab())
        sent = await call(session, "say", text="The tests pass.", title="agent")
        assert sent == (False, "Queued in the user's tab.")
        got = await asyncio.to_thread(tab.until, "say.created")
        assert (got["text"], got["title"], got["sender"]) == ("The tests pass.", "agent", "shell")
        [resource] = (await session.list_resources()).resources
        contents = (await session.read_resource(resource.uri)).contents
        assert [one["id"] for one in json.loads(getattr(contents[0], "text", ""))] == [got["id"]]
        assert await call(session, "stop") == (False, "Stopped 1 text.")
        assert (await asyncio.to_thread(tab.until, "say.cancelled"))["id"] == got["id"]
        await asyncio.to_thread(opened.close)
        failed, said = await call(session, "say", text="Hi", voice="nobody")
        assert (failed, "Unknown voice. Installed voices: joe." in said) == (True, True)
        failed, said = await call(session, "say", text="Later.")
        assert (failed, "waits" in said) == (False, True)
        await call(session, "stop")


async def test_an_agent_speaks_on_the_speakers(alice: Alice, tmp_path: Path) -> None:
    # The player's output must not reach the protocol.
    player = tmp_path / "player"
    player.write_text("#!/bin/sh\necho playing\nexec cat > played.pcm\n")
    player.chmod(0o755)
    async with agent(alice, tmp_path, ALPHANUMERIC_PLAYER=str(player)) as session:
        assert await call(session, "say", text="Hello.", where="speakers") == (False, "Spoken.")
    assert (tmp_path / "played.pcm").stat().st_size > 20_000


async def test_an_agent_stops_the_speakers(alice: Alice, tmp_path: Path) -> None:
    player = tmp_path / "player"
    player.write_text("#!/bin/sh\ntouch started\nexec sleep 60\n")
    player.chmod(0o755)
    async with agent(alice, tmp_path, ALPHANUMERIC_PLAYER=str(player)) as session:
        speaking = asyncio.create_task(call(session, "say", text="Hello.", where="speakers"))
        async with asyncio.timeout(30):
            while not (tmp_path / "started").exists():
                await asyncio.sleep(0.02)
        await call(session, "stop")
        assert await speaking == (False, "Stopped.")
