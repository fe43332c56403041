"""Speech over HTTP in OpenAI's shape: ``POST /v1/audio/speech``, streamed while it is made."""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from synthesis import runtime
from synthesis.admission import account_of, subject_of
from synthesis.cache import Shelf
from synthesis.errors import SpeechError
from synthesis.limits import Policy
from synthesis.loudness import SAMPLE_BYTES
from synthesis.quota import PERIOD_S, Reading
from synthesis.same_site import same_site_only
from synthesis.speech import Audio, Bill, Event, Request, Started, build_request
from synthesis.wav import wav_header

MODELS = ("tts-1",)
FORMATS = ("wav", "pcm")
# `instructions` is OpenAI's field for styles of delivery, which VITS voices do not have: accepted, without effect.
FIELDS = {"model", "input", "voice", "speaker", "response_format", "speed", "instructions", "stream_format"}

STATUS = {
    "address_unknown": 404,
    "method_unknown": 405,
    "body_too_large": 413,
    "media_type": 415,
    "limit_requests": 429,
    "limit_characters": 429,
    "limit_utterances": 429,
    "engine_failed": 500,
    "busy": 503,
    "not_ready": 503,
    "timeout": 503,
}


@dataclass(frozen=True, slots=True)
class _Call:
    request: Request
    response_format: str


@csrf_exempt  # It writes nothing, and same_site_only keeps other sites' pages out.
@same_site_only
async def speech(http: HttpRequest) -> HttpResponseBase:
    """Speak ``input``; errors come before the first byte, as JSON with a status that fits."""
    admission = runtime.current().admission
    subject = subject_of(account_of(await http.auser()), http.META.get("REMOTE_ADDR"))
    policy = await admission.policy(subject)
    try:
        call = await _read(http, policy)
        reading = await admission.request(subject, policy, call.request.characters)
        await runtime.current().speech.check(call.request, policy)
        shelf = runtime.current().shelf(subject, policy)
        bill = admission.bill(subject, call.request.characters)
        stream = _Stream(call, admission.utterance(subject, policy), policy.timeout_s, shelf, bill)
        await stream.begin()
    except SpeechError as error:
        response = refusal(error)
        for name, value in rate_fields(await admission.reading(subject, policy)).items():
            # Where a limit was reached, it is the one that is told.
            response.headers.setdefault(name, value)
        return response
    content_type = f"audio/pcm;rate={stream.sample_rate};channels=1" if call.response_format == "pcm" else "audio/wav"
    # Proxies that hold a response back until it is whole would undo the streaming.
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store", **rate_fields(reading)}
    return StreamingHttpResponse(stream.body(), content_type=content_type, headers=headers)


@csrf_exempt
async def nothing(http: HttpRequest, rest: str) -> HttpResponseBase:
    """Clients read JSON, of what is not there too."""
    return refusal(SpeechError("address_unknown", "There is nothing at this address. Speech is at /v1/audio/speech."))


async def _read(http: HttpRequest, policy: Policy) -> _Call:
    if http.method != "POST":
        raise SpeechError("method_unknown", "Send it with POST.")
    fields = _fields(http)
    for name in fields:
        if name not in FIELDS:
            raise SpeechError("field_unknown", f"There is no parameter {json.dumps(name[:40])}.", param=name[:40])
    _choose(fields, "model", MODELS, "model_unknown")
    _choose(fields, "stream_format", ("audio",), "field_invalid")
    response_format = _choose(fields, "response_format", FORMATS, "format_unknown")
    catalogue = await runtime.current().catalogue.read()
    request = build_request(
        catalogue,
        _typed(fields, "input", str, required=True),
        voice=_typed(fields, "voice", str, required=True),
        speaker=_typed(fields, "speaker", str),
        speed=_typed(fields, "speed", (int, float), 1.0),
        policy=policy,
    )
    return _Call(request, response_format)


def _fields(http: HttpRequest) -> dict[str, Any]:
    if http.content_type != "application/json":
        raise SpeechError("media_type", "Send JSON, with the header Content-Type: application/json.")
    try:
        fields = json.loads(http.body)
    except RequestDataTooBig:
        raise SpeechError("body_too_large", "The request is too large.") from None
    except (ValueError, RecursionError):
        raise SpeechError("body_invalid", "The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise SpeechError("body_invalid", "The body must be a JSON object.")
    return fields


def _typed(
    fields: dict[str, Any], name: str, types: type | tuple[type, ...], default: Any = None, *, required: bool = False
) -> Any:
    value = fields.get(name)
    if value is None:
        if required:
            raise SpeechError("field_missing", f"The parameter {name} is missing.", param=name)
        return default
    if isinstance(value, bool) or not isinstance(value, types):
        raise SpeechError("field_invalid", f"The parameter {name} has the wrong type.", param=name)
    return value


def _choose(fields: dict[str, Any], name: str, choices: tuple[str, ...], code: str) -> str:
    value: str = _typed(fields, name, str, choices[0], required=name == "model")
    if value not in choices:
        raise SpeechError(
            code,
            f"{name} cannot be {json.dumps(value[:40])}. Choose from: {', '.join(choices)}.",
            param=name,
            choices=list(choices),
        )
    return value


class _Stream:
    """An utterance on its way into a response."""

    def __init__(
        self, call: _Call, place: AbstractAsyncContextManager[None], timeout_s: float, shelf: Shelf, bill: Bill
    ) -> None:
        self.sample_rate = 0
        self._call = call
        self._began = time.monotonic()
        self._made_s = 0.0
        self._events = _placed(place, runtime.current().speech.speak(call.request, self._due, timeout_s, shelf, bill))
        self._first = b""

    async def begin(self) -> None:
        """Make the first window, so that what can fail fails before the response has begun."""
        async for event in self._events:
            match event:
                case Started():
                    self.sample_rate = event.sample_rate
                case Audio():
                    self._first = self._count(event)
                    return

    async def body(self) -> AsyncIterator[bytes]:
        """The bytes of the response."""
        try:
            yield (wav_header(self.sample_rate) if self._call.response_format == "wav" else b"") + self._first
            async for event in self._events:
                if isinstance(event, Audio):
                    yield self._count(event)
        finally:
            await self._events.aclose()

    def _count(self, event: Audio) -> bytes:
        self._made_s += len(event.pcm) / SAMPLE_BYTES / self.sample_rate
        return event.pcm

    def _due(self) -> float:
        """Who streams is taken to listen in real time: the deadline that a tab in his place would have."""
        return self._began + self._made_s


async def _placed(
    place: AbstractAsyncContextManager[None], events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    """The events, with a place held from the first to the last of them."""
    async with place, aclosing(events):
        async for event in events:
            yield event


def refusal(error: SpeechError) -> JsonResponse:
    """An error in OpenAI's shape, with the status and the headers that fit."""
    status = STATUS.get(error.code, 400)
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"message": error.message, "type": kind, "param": error.param, "code": error.code, **error.details}
    headers = refusal_fields(error) | ({"Allow": "POST"} if status == 405 else {})
    return JsonResponse({"error": body}, status=status, headers=headers)


def refusal_fields(error: SpeechError) -> dict[str, str]:
    """When to try again, and which limit of a minute was reached, for programs, whatever they make of the body."""
    if "retry_after" not in error.details:
        return {}
    wait = round(error.details["retry_after"])
    fields = {"Retry-After": str(wait)}
    if error.code in ("limit_requests", "limit_characters"):
        limit, used = error.details["limit"], error.details["value"]
        fields |= limit_fields(error.code.removeprefix("limit_"), limit, max(0, limit - used), wait)
    return fields


def rate_fields(reading: Reading) -> dict[str, str]:
    """How many requests are left."""
    return limit_fields("requests", reading.limit, reading.left, reading.resets_in_s)


def limit_fields(what: str, limit: int, left: int, resets_in_s: int) -> dict[str, str]:
    """The fields of the IETF's draft: what is left, and in how many seconds it is whole again."""
    return {"RateLimit-Policy": f'"{what}";q={limit};w={PERIOD_S}', "RateLimit": f'"{what}";r={left};t={resets_in_s}'}
