"""``POST /v1/audio/speech``, compatible with OpenAI: streams audio while it is synthesized."""

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from core.web.same_site import same_site_only
from synthesis import runtime
from synthesis.api.errors import error_response, quota_headers
from synthesis.api.streaming import StreamingSpeech
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.pipeline.request import SpeechRequest

MODELS = ("tts-1",)
FORMATS = ("wav", "pcm")
# `instructions` describes a style of delivery in OpenAI's API. VITS voices have no styles, so it has no effect.
FIELDS = {"model", "input", "voice", "speaker", "response_format", "speed", "instructions", "stream_format"}


@csrf_exempt  # It writes nothing, and same_site_only rejects requests from pages of other sites.
@same_site_only
async def speech(request: HttpRequest) -> HttpResponseBase:
    """Synthesize ``input``. Errors are reported as JSON with their status before the first byte of audio."""
    client = await runtime.get_runtime().gateway.open_for(request)
    try:
        speech_request, response_format = await _read(request, client)
        quota = await client.charge(speech_request)
        stream = StreamingSpeech(client, speech_request, response_format)
        await stream.prefetch()
    except SpeechError as error:
        response = error_response(error)
        for name, value in quota_headers(await client.quota()).items():
            # The error's own headers describe the limit that was reached: keep them.
            response.headers.setdefault(name, value)
        return response
    content_type = f"audio/pcm;rate={stream.sample_rate};channels=1" if response_format == "pcm" else "audio/wav"
    # X-Accel-Buffering: a proxy that buffers the response would defeat the streaming.
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store", **quota_headers(quota)}
    return StreamingHttpResponse(stream.body(), content_type=content_type, headers=headers)


@csrf_exempt
async def not_found(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Return 404 as JSON, which API clients parse."""
    return error_response(
        SpeechError("address_unknown", "This address does not exist. The speech endpoint is /v1/audio/speech.")
    )


async def _read(request: HttpRequest, client: SpeechClient) -> tuple[SpeechRequest, str]:
    """Return the validated request and its response format."""
    if request.method != "POST":
        raise SpeechError("method_unknown", "Use the method POST.")
    fields = _fields(request)
    for name in fields:
        if name not in FIELDS:
            raise SpeechError("field_unknown", f"There is no parameter {json.dumps(name[:40])}.", param=name[:40])
    _choose(fields, "model", MODELS, "model_unknown")
    _choose(fields, "stream_format", ("audio",), "field_invalid")
    response_format = _choose(fields, "response_format", FORMATS, "format_unknown")
    speech_request = await client.build(
        _typed(fields, "input", str, required=True),
        voice=_typed(fields, "voice", str, required=True),
        speaker=_typed(fields, "speaker", str),
        speed=_typed(fields, "speed", (int, float), 1.0),
    )
    return speech_request, response_format


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
