"""The websocket consumer: parses messages, dispatches them to the sessions, and reports errors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any
from uuid import UUID

from autobahn.exception import Disconnected
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer

from core.close_codes import GOING_AWAY, POLICY_VIOLATION, TOO_MANY_CONNECTIONS, TRY_AGAIN
from core.errors import StorageUnavailableError
from core.limits import registry
from core.limits.subjects import subject_for
from core.logs import correlation
from core.storage import database
from synthesis import runtime
from synthesis.catalog import VoiceCatalog
from synthesis.errors import SpeechError
from synthesis.pipeline.request import resolve_voice
from terminal.socket import protocol
from terminal.socket.error_frames import error_frame
from terminal.socket.frame_limiter import FrameFloodError, FrameRateLimiter
from terminal.socket.say_session import SaySession
from terminal.socket.speech_session import SpeechSession
from terminal.socket.theme_session import ThemeSession
from terminal.socket.work_queue import Work, WorkQueue
from terminal.voices.choices import Choices, read_choices, starting_voice
from themes.owners import identity
from themes.owners.authentication import Credential, SessionEndedError, authenticate
from themes.owners.identity import Identity
from themes.store.services import MAX_THEMES_PER_OWNER

FRAMES_PER_SECOND = registry.MESSAGES_PER_SECOND.default
FRAME_BURST = registry.MESSAGE_BURST.default
"""Rate limit of frames: a long paste sends dozens at once, dragging a color sends twenty per second."""
FAILED = 1011

logger = logging.getLogger(__name__)


class TerminalConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """One tab. Handlers return soon: synthesis runs in tasks of the speech session, so a cancel never waits for it."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve the socket, and stop its work however it ends: the page disconnects, or the server shuts down.

        Channels would create a task for every message, and before each close expired database connections, in one
        thread that all sockets share. The handlers use no connection of that thread: ``core.storage.database`` has its
        own threads.
        """
        self.scope, self.base_send = scope, send
        self.channel_layer = get_channel_layer(self.channel_layer_alias)
        self.channel_name = await self.channel_layer.new_channel()
        # Messages are handled one at a time, whichever source they come from.
        lock = asyncio.Lock()
        async with AsyncExitStack() as self._exit_stack:
            notifications = asyncio.create_task(
                self._handle_all(partial(self.channel_layer.receive, self.channel_name), lock)
            )
            messages = asyncio.create_task(self._handle_all(receive, lock))
            self._exit_stack.push_async_callback(_cancelled, notifications, messages)
            done, _ = await asyncio.wait((notifications, messages), return_when=asyncio.FIRST_COMPLETED)
            with suppress(StopConsumer):
                done.pop().result()

    async def _handle_all(self, receive: Callable[[], Awaitable[dict[str, Any]]], lock: asyncio.Lock) -> None:
        """Call the handler of each message. Raises ``StopConsumer`` after a disconnect."""
        while True:
            message = await receive()
            async with lock:
                await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Accept and send ``session.created``; if the database is not available, send the error and close."""
        try:
            await self._open()
        except StorageUnavailableError as error:
            await self._refuse(error, TRY_AGAIN)

    async def _open(self) -> None:
        self._runtime = runtime.get_runtime()
        self._accepted = self._ended = False
        self._voice: str | None = None
        self._speaker: str | None = None
        self._speed = 1.0
        self._frame_limiter = FrameRateLimiter(FRAMES_PER_SECOND, FRAME_BURST)
        user, credential = await database.read(partial(authenticate, self.scope["cookies"]))
        who = credential.who
        try:
            await self._acquire_slot(who)
        except SpeechError as error:
            await self._refuse(error, TOO_MANY_CONNECTIONS)
            return
        try:
            theme = await self._start_sessions(credential)
            catalog = await self._runtime.catalog.read()
            choices = await read_choices(who)
        except SessionEndedError:
            await self.accept()
            await self._end()
            return
        await self.accept()
        theirs = {
            "theme": theme,
            "account": user.get_username() if user else None,
            "device": None if who.has_cookie or user else identity.tab_token(who.device),
        }
        await self._send(protocol.encode("session.created", **self._snapshot(catalog, choices), **theirs))
        self._accepted = True

    async def _refuse(self, error: SpeechError | StorageUnavailableError, code: int) -> None:
        await self.accept()
        await self._send(error_frame(error))
        await self.close(code)

    async def _acquire_slot(self, who: Identity) -> None:
        """Acquire a connection slot. Raises ``SpeechError`` ``limit_sockets`` or ``BusyError``."""
        self._client = await self._runtime.gateway.open(subject_for(who.user, (self.scope.get("client") or [None])[0]))
        self._exit_stack.callback(self._runtime.maintenance.schedule_heap_trim)
        await self._exit_stack.enter_async_context(
            self._runtime.rate_limiter.connection_slot(self._client.subject, who.owner_key, self._client.policy)
        )

    async def _start_sessions(self, credential: Credential) -> dict[str, Any]:
        """Create the sessions, and register their cleanup for when the socket closes. Returns the theme state."""
        self._exit_stack.enter_context(self._runtime.maintenance.keep_caches_fresh())
        self._exit_stack.enter_context(self._runtime.connections.registered(self))
        self._speech_session = SpeechSession(self._send, self._client)
        self._exit_stack.push_async_callback(self._speech_session.close)
        self._theme_session = ThemeSession(
            self._send, self.channel_layer, self.channel_name, credential, self._client.subject
        )
        self._exit_stack.push_async_callback(self._theme_session.unsubscribe)
        self._say_session = SaySession(self._send, self.channel_layer, self.channel_name, credential)
        self._exit_stack.push_async_callback(self._say_session.close)
        self._errands = WorkQueue(self._failed)
        self._exit_stack.push_async_callback(self._errands.close)
        return await self._theme_session.subscribe()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """Stop. Channels would first close expired connections to the database: see ``__call__``."""
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Handle one frame. An invalid frame gets an error and does not close the socket."""
        if not self._accepted:
            return
        try:
            self._frame_limiter.consume()
            if text_data is None:
                raise SpeechError("frame_invalid", "Messages are text frames of JSON.")
            await self._handle_correlated(protocol.parse(text_data, self._client.policy.frame_bytes))
            if self._theme_session.renewal_due(asked=False):
                self._soon(self._resync)
        except (SpeechError, StorageUnavailableError) as error:
            await self._send(error_frame(error))
        except FrameFloodError:
            await self.close(POLICY_VIOLATION)

    async def _handle_correlated(self, message: protocol.Message) -> None:
        """Handle a message and report its error, with its correlation id."""
        if isinstance(message, protocol.SpeechPlayed):
            # Most messages are these: they have no error, and no id of their own.
            await self._handle(message)
            return
        with correlation.bound(_correlation_id(message)):
            try:
                await self._handle(message)
            except (SpeechError, StorageUnavailableError) as error:
                await self._send(error_frame(error))

    async def _handle(self, message: protocol.Message) -> None:
        match message:
            case protocol.SpeechCreate():
                await self._create(message)
            case protocol.SpeechPlayed():
                self._speech_session.played(message.id, message.sample)
            case protocol.SpeechCancel():
                await self._report_errors_for(message.id, self._speech_session.cancel(message.id))
            case protocol.SpeechCancelAll():
                await self._speech_session.cancel_all()
            case protocol.SpeechPause() | protocol.SpeechResume():
                await self._speech_session.pause(paused=isinstance(message, protocol.SpeechPause))
            case protocol.SessionUpdate():
                await self._update(message)
            case protocol.SessionPing():
                await self._send(protocol.encode("session.pong"))
                if self._theme_session.renewal_due(asked=True):
                    self._soon(self._resync)
            case _:
                await self._handle_in_order(message)

    async def _handle_in_order(self, message: protocol.ThemeMessage | protocol.SayMessage) -> None:
        """Queue a message that needs the database."""
        match message:
            case protocol.ThemeList() | protocol.ThemeResume():
                self._errands.put(partial(self._theme_session.handle, message))
            case protocol.SaySubscribe() | protocol.SayUsed() | protocol.SayDone() | protocol.SayStop():
                self._errands.put(partial(self._say_session.handle, message))
            case _:
                await self._change(message)

    async def _change(self, message: protocol.ThemeChange) -> None:
        try:
            self._errands.put(partial(self._theme_session.handle, message))
        except StorageUnavailableError as error:
            await self._send(error_frame(error, request_id=message.request_id))

    async def _resync(self) -> None:
        await self._theme_session.resync()
        await self._say_session.resync()

    def _soon(self, work: Work) -> None:
        """Queue work that the next renewal can replace; skip it if the work queue is full or the database fails."""

        async def quietly() -> None:
            with suppress(StorageUnavailableError):
                await work()

        with suppress(StorageUnavailableError):
            self._errands.put(quietly)

    async def _failed(self, error: Exception) -> None:
        """Report an error of queued database work."""
        match error:
            case SessionEndedError():
                await self._end()
            case StorageUnavailableError():
                await self._send(error_frame(error))
            case _:
                logger.error("handling a theme message failed", exc_info=error)
                await self.close(FAILED)

    @property
    def is_busy(self) -> bool:
        """Whether an utterance is being synthesized or queued."""
        return self._speech_session.is_speaking

    async def go_away(self) -> None:
        """Close the socket because the server shuts down; the page reconnects and resumes its utterances."""
        await self.close(GOING_AWAY)

    async def theme_owner(self, event: dict[str, Any]) -> None:
        """Handle a change to the themes of this socket's owner."""
        self._soon(partial(self._theme_session.push_if_newer, owner_revision=event["revision"]))

    async def theme_presets(self, event: dict[str, Any]) -> None:
        """Handle a change to a preset."""
        self._soon(partial(self._theme_session.push_if_newer, epoch=event["epoch"]))

    async def say_offer(self, event: dict[str, Any]) -> None:
        """Handle an offer of the texts that wait for a tab of this account."""
        self._soon(partial(self._say_session.take, event["reply"]))

    async def say_removed(self, event: dict[str, Any]) -> None:
        """Handle the deletion of texts that this tab may have."""
        await self._say_session.removed(map(UUID, event["ids"]))

    async def session_changed(self, event: dict[str, Any]) -> None:
        """Handle a sign-in, sign-out or ended session: the page reconnects with its current identity."""
        await self._end()

    async def session_check(self, event: dict[str, Any]) -> None:
        """Handle the end of some session of the account: close the socket if it belongs to that session."""
        self._soon(self._theme_session.check)

    async def _end(self) -> None:
        """Close the socket because its session has ended; later frames are ignored."""
        if self._ended:
            return
        self._ended, self._accepted = True, False
        self._errands.drop()
        await self._send(protocol.encode("session.changed"))
        await self.close()

    async def _create(self, message: protocol.SpeechCreate) -> None:
        # The session's speaker belongs to the session's voice, not to another voice that the message names.
        own = message.voice is None or message.voice == self._voice
        created = self._speech_session.create(
            message.id,
            message.text,
            voice=message.voice or self._voice,
            speaker=message.speaker or (self._speaker if own else None),
            speed=self._speed if message.speed is None else message.speed,
            start=message.start,
            resume=message.resume,
        )
        await self._report_errors_for(message.id, created)

    async def _report_errors_for(self, utterance: int, work: Any) -> None:
        """Await ``work``; send a ``SpeechError`` with the id of the utterance."""
        try:
            await work
        except SpeechError as error:
            await self._send(error_frame(error, utterance))

    async def _update(self, message: protocol.SessionUpdate) -> None:
        voice = message.voice or self._voice
        speaker = message.speaker or (self._speaker if voice == self._voice else None)
        speed = self._speed if message.speed is None else message.speed
        catalog = await self._runtime.catalog.read()
        resolve_voice(catalog, voice=voice, speaker=speaker, speed=speed, policy=self._client.policy)
        self._voice, self._speaker, self._speed = voice, speaker, speed
        await self._send(protocol.encode("session.updated", voice=voice, speaker=speaker, speed=speed))

    def _snapshot(self, catalog: VoiceCatalog, choices: Choices) -> dict[str, Any]:
        accepted = dict(self.scope.get("headers") or ()).get(b"accept-language", b"")
        self._voice = starting_voice(choices, catalog, accepted.decode("latin-1"))
        policy = self._client.policy
        return {
            "protocol": protocol.VERSION,
            "voice": self._voice,
            "speaker": None,
            "speed": self._speed,
            "voices": [entry.to_dict() for entry in catalog.entries],
            "limits": {
                "text": policy.max_text_length,
                "queue": policy.max_queue_length,
                "max_buffer_ahead_s": policy.max_buffer_ahead_s,
                "frame_bytes": policy.frame_bytes,
                "speed": [policy.min_speed, policy.max_speed],
                "themes": MAX_THEMES_PER_OWNER,
            },
            "queue": [],
        }

    async def _send(self, frame: str | bytes) -> None:
        # Frames that are sent after the page has disconnected and before Channels reports it are dropped.
        with suppress(Disconnected):
            # Not through Channels' methods: two more coroutines for each frame.
            await self.base_send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})


def _correlation_id(message: protocol.Message) -> str | None:
    """Return the id of an utterance or a theme change, or that of the socket for other messages."""
    if isinstance(message, protocol.SpeechCreate | protocol.ThemeChange):
        return correlation.accept(message.correlation_id)
    return correlation.current()


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel the tasks, and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
