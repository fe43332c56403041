"""``/v1/audio/speech/stream``: a websocket that speaks text while it arrives, such as a chat model's tokens.

docs/api.md describes the messages. One utterance at a time; audio is sent as binary frames.
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack, suppress
from io import BytesIO
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.handlers.asgi import ASGIRequest

from core.api.errors import ApiError
from core.close_codes import TOO_MANY_CONNECTIONS, TRY_AGAIN, UNAUTHORIZED
from core.errors import StorageUnavailableError
from core.limits import registry
from core.logs import correlation
from core.logs.client_errors import client_errors
from synthesis import runtime
from synthesis.api.access import ignore_session, open_client
from synthesis.api.errors import error_status
from synthesis.api.growing_text import GrowingText
from synthesis.api.parameters import SpeechParameters, read_parameters
from synthesis.api.responses import mark_list, usage, word_list
from synthesis.api.streaming import EncodedSpeech
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.text.annotation.reading_options import ReadingOptions

MAX_MESSAGE_CHARACTERS = registry.MAX_STREAM_MESSAGE_CHARACTERS.default
"""Of one JSON message; Daphne limits all messages to 64 KiB."""
CHECKED_EVERY_S = 5.0
"""Seconds between two checks that the client still has permission, while it sends messages."""
ClientErrors = (SpeechError, ApiError, StorageUnavailableError)


class SpeechStreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """One connection. ``clock`` is monotonic, in seconds."""

    clock = staticmethod(time.monotonic)

    async def connect(self) -> None:
        """Accept the handshake; without permission, send the error and close."""
        await self.accept()
        self._exit_stack = AsyncExitStack()
        self._permitted = False
        self._speaking: asyncio.Task[None] | None = None
        self._text: GrowingText | None = None
        self._fields: dict[str, Any] = {"response_format": "pcm"}
        try:
            self._client: SpeechClient = await open_client(self._request())
            self._client.transport = "stream"
            self._checked_at = self.clock()
            limiter = runtime.get_runtime().rate_limiter
            slot = limiter.connection_slot(self._client.subject, self._client.subject.key, self._client.policy)
            await self._exit_stack.enter_async_context(slot)
            self._exit_stack.enter_context(runtime.get_runtime().maintenance.keep_caches_fresh())
            await self._update({})
            self._permitted = True
        except ClientErrors as error:
            await self._report(error)
            await self.close(_close_code(error))

    async def disconnect(self, code: int) -> None:
        """Stop speaking."""
        await self._stop()
        await self._exit_stack.aclose()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Handle one message; an invalid one is answered with an error and changes nothing."""
        if not self._permitted:
            return
        try:
            await self._check_permission()
        except ClientErrors as error:
            self._permitted = False
            await self._stop()
            await self._report(error)
            await self.close(_close_code(error))
            return
        try:
            await self._handle(_parse(text_data))
        except ClientErrors as error:
            await self._report(error)

    async def _check_permission(self) -> None:
        """Read the token and the policy again. Raises ``ApiError`` if the token was revoked or has expired."""
        if self.clock() - self._checked_at >= CHECKED_EVERY_S:
            self._checked_at = self.clock()
            with suppress(StorageUnavailableError):
                await open_client(self._request())

    async def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "session.update":
                await self._update(message)
            case "input_text.append":
                text = message.get("text")
                if not isinstance(text, str):
                    raise ApiError("field_invalid", "input_text.append needs the field text.", param="text")
                await (await self._utterance()).append(text)
            case "input_text.flush":
                await (await self._utterance()).flush()
            case "input_text.end":
                await (await self._utterance()).end()
            case "speech.cancel":
                await self._cancel(message)
            case _:
                choices = ["session.update", "input_text.append", "input_text.flush", "input_text.end", "speech.cancel"]
                names = ", ".join(choices)
                raise ApiError("field_invalid", f"The type must be one of: {names}.", param="type", choices=choices)

    async def _update(self, message: dict[str, Any]) -> None:
        """Change voice, speed and format for the next utterance."""
        fields = {**self._fields, **message}
        parameters = await self._parameters(fields)
        if parameters.captions is not None:
            raise ApiError("format_unknown", "A stream has no captions.", param="response_format")
        await self._client.build(".", voice=parameters.voice, speaker=parameters.speaker, speed=parameters.speed)
        kind = "session.updated" if message else "session.created"
        self._fields = fields
        await self._send({"type": kind, "format": parameters.format.name, "speed": parameters.speed})

    async def _parameters(self, fields: dict[str, Any]) -> SpeechParameters:
        return read_parameters({**fields, "input": "."}, await runtime.get_runtime().catalog.read())

    async def _utterance(self) -> GrowingText:
        """Return the current utterance, or begin one. Raises ``SpeechError`` ``limit_requests``."""
        if self._text is None or self._speaking is None or self._speaking.done():
            await self._client.refresh()
            # Text is normalized before a part of it is charged.
            await self._client.require_quota()
            parameters = await self._parameters(self._fields)
            voice = (await runtime.get_runtime().catalog.read()).find(parameters.voice)
            choices = {**await self._client.reading_choices(), **parameters.reading}
            pauses = ReadingOptions(**choices).segment_pauses
            self._text = GrowingText(self._client, parameters, voice.language, pauses)
            self._speaking = asyncio.create_task(self._speak(self._text, parameters))
        return self._text

    async def _speak(self, text: GrowingText, parameters: SpeechParameters) -> None:
        speech = EncodedSpeech(text, parameters)
        started = False
        try:
            async for part in speech.parts():
                if not started:
                    started = True
                    await self._send(
                        {"type": "speech.started", "format": parameters.format.name, "sample_rate": speech.sample_rate}
                    )
                if isinstance(part, bytes):
                    await self.send(bytes_data=part)
                elif part and parameters.words:
                    await self._send({"type": "speech.words", "words": word_list(part), **mark_list(part.marks)})
            await self._send({"type": "speech.done", "usage": usage(text.text, speech.duration_s)})
        except ClientErrors as error:
            await self._report(error)
        finally:
            await speech.aclose()

    async def _cancel(self, message: dict[str, Any]) -> None:
        """Stop speaking, and say which text was heard until ``played_s`` seconds of audio."""
        played_s = message.get("played_s", 0)
        if isinstance(played_s, bool) or not isinstance(played_s, int | float):
            raise ApiError("field_invalid", "The field played_s must be a number of seconds.", param="played_s")
        text = self._text
        await self._stop()
        await self._send({"type": "speech.cancelled", "heard": text.heard(played_s) if text is not None else ""})

    async def _stop(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait({self._speaking})
        self._speaking = self._text = None

    async def _report(self, error: SpeechError | ApiError | StorageUnavailableError) -> None:
        client_errors.report("stream", error.code)
        body = {"message": error.message, "param": error.param, "code": error.code, **error.details}
        if correlation_id := correlation.current():
            body["correlation_id"] = correlation_id
        await self._send({"type": "error", "error": body})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message, ensure_ascii=False))

    def _request(self) -> ASGIRequest:
        """Return the handshake as a request, from which ``open_client`` reads the token and the address.

        Sessions are not used: a page of this server has its own socket.
        """
        request = ASGIRequest({**self.scope, "type": "http", "method": "GET"}, BytesIO())
        ignore_session(request)
        return request


def _parse(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MAX_MESSAGE_CHARACTERS:
        raise ApiError("body_invalid", f"Send JSON of at most {MAX_MESSAGE_CHARACTERS} characters in a text message.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError("body_invalid", "The message is not JSON.") from None
    if not isinstance(message, dict):
        raise ApiError("body_invalid", "The message must be a JSON object.")
    return message


def _close_code(error: SpeechError | ApiError | StorageUnavailableError) -> int:
    """Return the close code that corresponds to the error's HTTP status."""
    status = error_status(error)
    if status == 429:
        return TOO_MANY_CONNECTIONS
    return TRY_AGAIN if status >= 500 else UNAUTHORIZED
