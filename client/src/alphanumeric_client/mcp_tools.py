"""An MCP server on standard input and output, so that a coding agent can speak to its user."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from typing import Literal, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError

from alphanumeric_client.config import Config
from alphanumeric_client.errors import ClientError
from alphanumeric_client.playback import find_player
from alphanumeric_client.server import Server
from alphanumeric_client.speak import NO_TAB, Speaker, Voice
from alphanumeric_client.text import plain

T = TypeVar("T")

INSTRUCTIONS = """Speaks to the user. Use say for what the user should hear without looking at the screen: that a long
task has ended, failed, or needs a decision. Keep texts short: one or two sentences without Markdown, code or paths."""
MAX_WAIT_S = 5.0


class Voices:
    """The tools; the requests run in threads."""

    def __init__(self, config: Config) -> None:
        """Create the tools."""
        self._config = config
        self._playing: set[subprocess.Popen[bytes]] = set()
        self._stops = 0

    async def say(
        self,
        text: str,
        where: Literal["tabs", "speakers"] = "tabs",
        voice: str | None = None,
        speed: float | None = None,
        title: str | None = None,
    ) -> str:
        """Speak a text to the user.

        where: "tabs" (the user's browser tabs; if none is open, the text waits for one) or "speakers" (this machine).
        voice: an id of list_voices. speed: from 0.25 to 4. title: at most 60 characters, shown in the tab.
        """
        try:
            return await asyncio.to_thread(self._say, text, where, Voice(voice or "", speed, title or ""))
        except ClientError as error:
            raise ToolError(str(error)) from None

    def _say(self, text: str, where: str, voice: Voice) -> str:
        config = self._config
        voice = Voice(voice.name or config.voice, voice.speed, voice.title)
        begun = self._stops
        own: list[subprocess.Popen[bytes]] = []

        def started(process: "subprocess.Popen[bytes]") -> None:
            own.append(process)
            self._playing.add(process)
            if self._stops != begun:
                process.terminate()

        player = find_player() if where == "speakers" else None
        try:
            with Server(config, max_wait_s=MAX_WAIT_S) as server:
                states = Speaker(server, voice, player, started=started).speak(plain(text))
        except ClientError:
            if self._stops != begun:
                return "Stopped."
            raise
        finally:
            self._playing.difference_update(own)
        if "waiting" in states:
            return NO_TAB
        return "Spoken." if player else "Queued in the user's tab."

    async def stop(self) -> str:
        """Stop all texts that were sent to the user's tabs, those that wait included, and the speakers."""
        self._stops += 1
        for process in list(self._playing):
            process.terminate()
        if not self._config.token:
            return "Stopped the speakers."
        stopped = await self._ask(Server.stop)
        return "Stopped 1 text." if len(stopped) == 1 else f"Stopped {len(stopped)} texts."

    async def list_voices(self) -> str:
        """List the voices as JSON: id, name, language."""
        listed = await self._ask(Server.voices)
        return json.dumps([{name: one[name] for name in ("id", "name", "language")} for one in listed])

    async def queue(self) -> str:
        """Return the texts that were neither spoken nor stopped, as JSON."""
        return json.dumps(await self._ask(Server.queue, ResourceError))

    async def _ask(self, question: Callable[[Server], T], failure: type[Exception] = ToolError) -> T:
        def ask() -> T:
            with Server(self._config, max_wait_s=MAX_WAIT_S) as server:
                return question(server)

        try:
            return await asyncio.to_thread(ask)
        except ClientError as error:
            raise failure(str(error)) from None


def build(config: Config) -> MCPServer[None]:
    """Return the server with its tools, and the queue as a resource."""
    made: MCPServer[None] = MCPServer("alphanumeric", instructions=INSTRUCTIONS, log_level="ERROR")
    voices = Voices(config)
    for tool in (voices.say, voices.stop, voices.list_voices):
        made.tool()(tool)
    made.resource("alphanumeric://queue", name="queue", mime_type="application/json")(voices.queue)
    return made
