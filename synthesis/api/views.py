"""``POST /v1/audio/speech``, compatible with OpenAI: streams audio while it is synthesized."""

from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.api.body import json_object
from core.api.errors import ApiError
from core.api.views import api_view
from synthesis import runtime
from synthesis.api.access import open_client
from synthesis.api.errors import error_response, quota_headers
from synthesis.api.parameters import read_parameters
from synthesis.api.responses import charge, respond
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient

Answer = Callable[[HttpRequest, SpeechClient], Awaitable[HttpResponseBase]]


@api_view("POST")
async def speech(request: HttpRequest) -> HttpResponseBase:
    """Synthesize ``input``. Errors are reported as JSON with their status before the first byte of audio."""
    return await _with_quota(request, _speak)


@api_view("POST")
async def explain(request: HttpRequest) -> HttpResponseBase:
    """Return how ``input`` is read: class, span and spoken form of each word, and phonemes. Charged like speech."""
    return await _with_quota(request, _explain)


async def _with_quota(request: HttpRequest, answer: Answer) -> HttpResponseBase:
    """Return the answer; an error reports the remaining quota, too."""
    client = await open_client(request)
    try:
        return await answer(request, client)
    except (SpeechError, ApiError) as error:
        response = error_response(error)
        for name, value in quota_headers(await client.quota()).items():
            # The error's own headers describe the limit that was reached: keep them.
            response.headers.setdefault(name, value)
        return response


async def _explain(request: HttpRequest, client: SpeechClient) -> HttpResponseBase:
    parameters = read_parameters(json_object(request), await runtime.get_runtime().catalog.read())
    speech_request = await client.build(
        parameters.text, voice=parameters.voice, speed=parameters.speed, reading=parameters.reading
    )
    quota = await client.charge(speech_request)
    explanation = await client.explain(speech_request)
    return JsonResponse(explanation.to_dict(), headers={"Cache-Control": "no-store", **quota_headers(quota)})


async def _speak(request: HttpRequest, client: SpeechClient) -> HttpResponseBase:
    parameters = read_parameters(json_object(request), await runtime.get_runtime().catalog.read())
    utterance = await charge(client, parameters)
    return await respond(utterance.speech, utterance.request, parameters, utterance.headers)


@api_view("GET", "POST", "PUT", "PATCH", "DELETE")
async def not_found(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Return 404 as JSON, which API clients parse."""
    raise ApiError("address_unknown", "This address does not exist. The speech endpoint is /v1/audio/speech.")
