"""``/v1/text-to-speech/{voice_id}/stream-input``: ElevenLabs' websocket for text that arrives in pieces.

The text is one utterance, read as on the websocket of ``synthesis.api.socket``.
"""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from core.api.errors import ApiError
from core.close_codes import INVALID_REQUEST
from core.errors import StorageUnavailableError
from synthesis import runtime
from synthesis.api.captions import SpokenWord
from synthesis.api.dialects.elevenlabs.alignment import Character, CharacterTimes, socket_alignment
from synthesis.api.dialects.elevenlabs.errors import detail_of
from synthesis.api.dialects.elevenlabs.formats import output_format
from synthesis.api.dialects.elevenlabs.speech import NAME, pieces
from synthesis.api.dialects.views import as_mapping, require_enabled, split_name
from synthesis.api.growing_text import GrowingText
from synthesis.api.parameters import SpeechParameters
from synthesis.api.socket import ClientErrors, SpeechStreamConsumer
from synthesis.api.streaming import EncodedSpeech
from synthesis.errors import SpeechError


class StreamInputConsumer(SpeechStreamConsumer):
    """One connection, which speaks one text; an error or the end of the audio closes it."""

    async def _update(self, message: dict[str, Any]) -> None:
        """Read the address: the voice from the path, the format from the query."""
        require_enabled(NAME)
        catalog = await runtime.get_runtime().catalog.read()
        query = parse_qs(self.scope.get("query_string", b"").decode("latin1"))
        self._format = output_format(query.get("output_format", [None])[-1])
        self._fields = split_name(catalog, self.scope["url_route"]["kwargs"]["voice_id"])
        await self._check()

    async def _check(self) -> None:
        parameters = await self._parameters(self._fields)
        await self._client.build(".", voice=parameters.voice, speaker=parameters.speaker, speed=parameters.speed)

    async def _parameters(self, fields: dict[str, Any]) -> SpeechParameters:
        audio_format, rate = self._format
        return replace(await super()._parameters(fields), format=audio_format, sample_rate=rate)

    async def _handle(self, message: dict[str, Any]) -> None:
        try:
            await self._take(message)
        except ClientErrors as error:
            await self._fail(error)

    async def _take(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if not isinstance(text, str):
            raise ApiError("field_invalid", "A message needs the field text, a string.", param="text")
        if (speed := as_mapping(message, "voice_settings").get("speed")) is not None and self._text is None:
            self._fields = {**self._fields, "speed": speed}
            await self._check()
        if text.strip() or (text and self._text is not None):
            await (await self._utterance()).append(text)
        if text == "":
            await self._end()
        elif message.get("flush") is True and self._text is not None:
            await self._text.flush()

    async def _end(self) -> None:
        if self._text is None:
            await self._finish()
        else:
            await self._text.end()

    async def _speak(self, text: GrowingText, parameters: SpeechParameters) -> None:
        speech = EncodedSpeech(text, parameters)
        times, end_s = CharacterTimes(), 0.0
        words: list[SpokenWord] = []
        try:
            async for part in speech.parts():
                if not isinstance(part, bytes):
                    words += part
                    continue
                characters, words = times.until(text.text, words), []
                await self._send_audio(part, characters, end_s)
                end_s = characters[-1].end_s if characters else end_s
            await self._finish()
        except ClientErrors as error:
            await self._fail(error)
        finally:
            await speech.aclose()

    async def _send_audio(self, audio: bytes, characters: list[Character], from_s: float) -> None:
        """Send messages with the audio; times count from the end of the characters that were sent before."""
        times = socket_alignment(characters, from_s)
        for piece in pieces(audio):
            encoded = base64.b64encode(piece).decode()
            await self._send({"audio": encoded, "isFinal": None, "alignment": times, "normalizedAlignment": times})
            times = None

    async def _finish(self) -> None:
        self._permitted = False
        await self._send({"audio": None, "isFinal": True})
        await self.close()

    async def _fail(self, error: SpeechError | ApiError | StorageUnavailableError) -> None:
        if self._permitted:
            self._permitted = False
            await self._report(error)
            await self.close(INVALID_REQUEST)

    async def _report(self, error: SpeechError | ApiError | StorageUnavailableError) -> None:
        detail = detail_of(error)
        await self._send({**detail, "error": detail["status"]})
