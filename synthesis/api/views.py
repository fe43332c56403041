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

from core.quotas import QuotaStatus
from core.rate_limit_headers import rate_limit_headers
from core.same_site import same_site_only
from core.subjects import subject_for, user_id_of
from synthesis import runtime
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.audio.wav import wav_header
from synthesis.errors import SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.pipeline.segment_cache import OwnerCache
from synthesis.pipeline.synthesizer import AudioChunk, AudioStart, Bill, Event, SpeechRequest, build_request

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
class SpeechCall:
    speech_request: SpeechRequest
    response_format: str


@csrf_exempt  # It writes nothing, and same_site_only keeps other sites' pages out.
@same_site_only
async def speech(request: HttpRequest) -> HttpResponseBase:
    """Speak ``input``; errors come before the first byte, as JSON with a status that fits."""
    rate_limiter = runtime.get_runtime().rate_limiter
    subject = subject_for(user_id_of(await request.auser()), request.META.get("REMOTE_ADDR"))
    policy = await rate_limiter.policy(subject)
    try:
        call = await _read(request, policy)
        reading = await rate_limiter.charge_request(subject, policy, call.speech_request.billable_characters)
        await runtime.get_runtime().synthesizer.check(call.speech_request, policy)
        owner_cache = runtime.get_runtime().owner_cache(subject, policy)
        bill = rate_limiter.bill(subject, call.speech_request.billable_characters)
        stream = StreamingSpeech(
            call, rate_limiter.utterance_slot(subject, policy), policy.timeout_s, owner_cache, bill
        )
        await stream.prefetch()
    except SpeechError as error:
        response = error_response(error)
        for name, value in quota_headers(await rate_limiter.request_quota(subject, policy)).items():
            # Where a limit was reached, it is the one that is told.
            response.headers.setdefault(name, value)
        return response
    content_type = f"audio/pcm;rate={stream.sample_rate};channels=1" if call.response_format == "pcm" else "audio/wav"
    # Proxies that hold a response back until it is whole would undo the streaming.
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store", **quota_headers(reading)}
    return StreamingHttpResponse(stream.body(), content_type=content_type, headers=headers)


@csrf_exempt
async def not_found(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Clients read JSON, of what is not there too."""
    return error_response(
        SpeechError("address_unknown", "There is nothing at this address. Speech is at /v1/audio/speech.")
    )


async def _read(request: HttpRequest, policy: LimitPolicy) -> SpeechCall:
    if request.method != "POST":
        raise SpeechError("method_unknown", "Send it with POST.")
    fields = _fields(request)
    for name in fields:
        if name not in FIELDS:
            raise SpeechError("field_unknown", f"There is no parameter {json.dumps(name[:40])}.", param=name[:40])
    _choose(fields, "model", MODELS, "model_unknown")
    _choose(fields, "stream_format", ("audio",), "field_invalid")
    response_format = _choose(fields, "response_format", FORMATS, "format_unknown")
    catalog = await runtime.get_runtime().catalog.read()
    speech_request = build_request(
        catalog,
        _typed(fields, "input", str, required=True),
        voice=_typed(fields, "voice", str, required=True),
        speaker=_typed(fields, "speaker", str),
        speed=_typed(fields, "speed", (int, float), 1.0),
        policy=policy,
    )
    return SpeechCall(speech_request, response_format)


def _fields(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise SpeechError("media_type", "Send JSON, with the header Content-Type: application/json.")
    try:
        fields = json.loads(request.body)
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


class StreamingSpeech:
    """An utterance on its way into a response."""

    def __init__(
        self,
        call: SpeechCall,
        place: AbstractAsyncContextManager[None],
        timeout_s: float,
        owner_cache: OwnerCache,
        bill: Bill,
    ) -> None:
        self.sample_rate = 0
        self._call = call
        self._began = time.monotonic()
        self._made_s = 0.0
        self._events = _hold_slot(
            place,
            runtime.get_runtime().synthesizer.synthesize(
                call.speech_request, self._deadline, timeout_s, owner_cache, bill
            ),
        )
        self._first = b""

    async def prefetch(self) -> None:
        """Make the first window, so that what can fail fails before the response has begun."""
        async for event in self._events:
            match event:
                case AudioStart():
                    self.sample_rate = event.sample_rate
                case AudioChunk():
                    self._first = self._count(event)
                    return

    async def body(self) -> AsyncIterator[bytes]:
        """The bytes of the response."""
        try:
            yield (wav_header(self.sample_rate) if self._call.response_format == "wav" else b"") + self._first
            async for event in self._events:
                if isinstance(event, AudioChunk):
                    yield self._count(event)
        finally:
            await self._events.aclose()

    def _count(self, event: AudioChunk) -> bytes:
        self._made_s += len(event.pcm) / SAMPLE_BYTES / self.sample_rate
        return event.pcm

    def _deadline(self) -> float:
        """Who streams is taken to listen in real time: the deadline that a tab in his place would have."""
        return self._began + self._made_s


async def _hold_slot(
    place: AbstractAsyncContextManager[None], events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    """The events, with a place held from the first to the last of them."""
    async with place, aclosing(events):
        async for event in events:
            yield event


def error_response(error: SpeechError) -> JsonResponse:
    """An error in OpenAI's shape, with the status and the headers that fit."""
    status = STATUS.get(error.code, 400)
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"message": error.message, "type": kind, "param": error.param, "code": error.code, **error.details}
    headers = error_headers(error) | ({"Allow": "POST"} if status == 405 else {})
    return JsonResponse({"error": body}, status=status, headers=headers)


def error_headers(error: SpeechError) -> dict[str, str]:
    """When to try again, and which limit of a minute was reached, for programs, whatever they make of the body."""
    if "retry_after" not in error.details:
        return {}
    wait = round(error.details["retry_after"])
    fields = {"Retry-After": str(wait)}
    if error.code in ("limit_requests", "limit_characters"):
        limit, used = error.details["limit"], error.details["value"]
        fields |= rate_limit_headers(error.code.removeprefix("limit_"), limit, max(0, limit - used), wait)
    return fields


def quota_headers(reading: QuotaStatus) -> dict[str, str]:
    """How many requests are left."""
    return rate_limit_headers("requests", reading.limit, reading.remaining, reading.reset_in_s)
