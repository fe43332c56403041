"""Speech over HTTP in OpenAI's shape: ``POST /v1/audio/speech``, streamed while it is made."""

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from core.same_site import same_site_only
from core.subjects import subject_for, user_id_of
from synthesis import runtime
from synthesis.api.errors import error_response, quota_headers
from synthesis.api.streaming import SpeechCall, StreamingSpeech
from synthesis.errors import SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.pipeline.request import build_request

MODELS = ("tts-1",)
FORMATS = ("wav", "pcm")
# `instructions` is OpenAI's field for styles of delivery, which VITS voices do not have: accepted, without effect.
FIELDS = {"model", "input", "voice", "speaker", "response_format", "speed", "instructions", "stream_format"}


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
