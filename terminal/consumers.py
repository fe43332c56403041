"""The switchboard of a tab's socket: parse, validate, hand on, answer."""

from contextlib import suppress
from typing import Any

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer

from synthesis import runtime
from synthesis.catalogue import Catalogue
from synthesis.errors import SpeechError
from synthesis.limits import POLICY
from synthesis.speech import Request, check_voice, validate
from terminal import protocol
from terminal.session import Session


class TerminalConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """One tab. Handlers only hand on: speech runs in the session's tasks, so a cancel never waits behind it."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve the socket, and stop the tab's work however it ends: the tab leaves, or the server is told to stop."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if hasattr(self, "_session"):
                await self._session.close()

    async def connect(self) -> None:
        """Accept, and tell all there is to know."""
        self._runtime = runtime.current()
        self._session = Session(self._send, self._runtime.speech, POLICY)
        self._voice: str | None = None
        self._speaker: str | None = None
        self._speed = 1.0
        catalogue = await self._runtime.catalogue.read()
        await self.accept()
        await self._send(protocol.encode("session.created", **self._snapshot(catalogue)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one frame; whatever is wrong with it, the socket lives."""
        try:
            if text_data is None:
                raise SpeechError("frame_invalid", "Messages are text frames of JSON.")
            await self._handle(protocol.parse(text_data, POLICY.frame_bytes))
        except SpeechError as error:
            await self._send(protocol.encode_error(error))

    async def _handle(self, message: protocol.Message) -> None:
        match message:
            case protocol.SpeechCreate():
                await self._create(message)
            case protocol.SpeechPlayed():
                self._session.played(message.id, message.sample)
            case protocol.SpeechCancel():
                await self._about(message.id, self._session.cancel(message.id))
            case protocol.SpeechCancelAll():
                await self._session.cancel_all()
            case protocol.SpeechPause():
                await self._session.pause(paused=True)
            case protocol.SpeechResume():
                await self._session.pause(paused=False)
            case protocol.SessionUpdate():
                await self._update(message)
            case protocol.SessionPing():
                await self._send(protocol.encode("session.pong"))

    async def _create(self, message: protocol.SpeechCreate) -> None:
        await self._about(message.id, self._queue(message))

    async def _queue(self, message: protocol.SpeechCreate) -> None:
        self._session.claim(message.id)
        await self._session.create(message.id, self._request(await self._runtime.catalogue.read(), message))

    def _request(self, catalogue: Catalogue, message: protocol.SpeechCreate) -> Request:
        # A voice that is named brings its own speakers; the session's speaker belongs to the session's voice.
        own = message.voice is None or message.voice == self._voice
        return validate(
            catalogue,
            message.text,
            voice=message.voice or self._voice,
            speaker=message.speaker or (self._speaker if own else None),
            speed=self._speed if message.speed is None else message.speed,
            start=message.start,
        )

    async def _about(self, utterance: int, work: Any) -> None:
        """Do ``work``; an error of it names the utterance."""
        try:
            await work
        except SpeechError as error:
            await self._send(protocol.encode_error(error, utterance))

    async def _update(self, message: protocol.SessionUpdate) -> None:
        voice = message.voice or self._voice
        speaker = message.speaker or (self._speaker if voice == self._voice else None)
        speed = self._speed if message.speed is None else message.speed
        check_voice(await self._runtime.catalogue.read(), voice=voice, speaker=speaker, speed=speed)
        self._voice, self._speaker, self._speed = voice, speaker, speed
        await self._send(protocol.encode("session.updated", voice=voice, speaker=speaker, speed=speed))

    def _snapshot(self, catalogue: Catalogue) -> dict[str, Any]:
        default = catalogue.default
        self._voice = default.id if default else None
        return {
            "protocol": protocol.VERSION,
            "voice": self._voice,
            "speaker": None,
            "speed": self._speed,
            "voices": [entry.public() for entry in catalogue.entries],
            "limits": {
                "text": POLICY.text,
                "queue": POLICY.queue,
                "ahead_s": POLICY.ahead_s,
                "frame_bytes": POLICY.frame_bytes,
                "speed": [POLICY.slowest, POLICY.fastest],
            },
            "queue": [],
        }

    async def _send(self, frame: str | bytes) -> None:
        # Between the tab's leaving and our being told, what is made for it has nowhere to go.
        with suppress(Disconnected):
            if isinstance(frame, str):
                await self.send(text_data=frame)
            else:
                await self.send(bytes_data=frame)
