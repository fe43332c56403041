"""Piper's HTTP server: ``POST /synthesize``, in older versions ``POST /``; ``/voices`` and ``/info``."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.api.body import json_object
from core.api.errors import ApiError
from synthesis import runtime
from synthesis.api.dialects.errors import json_error
from synthesis.api.dialects.views import dialect_view, split_name, translated, wav_response
from synthesis.api.listings import public_catalog
from synthesis.catalog import CatalogVoice, VoiceCatalog

NAME = "piper"


@dialect_view(NAME, "POST", error_response=json_error)
async def speech(request: HttpRequest) -> HttpResponseBase:
    """Synthesize ``text``; ``length_scale`` stretches time. The scales of noise are ignored."""
    body = json_object(request)
    chosen = _voice(await runtime.get_runtime().catalog.read(), body)
    return await wav_response(request, await translated(body.get("text"), "text", **chosen, speed=_speed(body)))


@dialect_view(NAME, "GET", error_response=json_error)
async def piper_voices(request: HttpRequest) -> HttpResponseBase:
    """Return an object with the configuration of each voice under its id."""
    return JsonResponse({entry.id: _configuration(entry) for entry in (await public_catalog(request)).entries})


@dialect_view(NAME, "GET", error_response=json_error)
async def info(request: HttpRequest) -> HttpResponseBase:
    """Describe the default voice. The last text is not published: it is another client's."""
    voice = (await public_catalog(request)).find(None)
    described = {"name": voice.id, "language": voice.language.lower(), "num_speakers": max(1, len(voice.speakers))}
    return JsonResponse({"voice": described, "last": None})


def _configuration(entry: CatalogVoice) -> dict[str, Any]:
    return {
        "audio": {"sample_rate": entry.sample_rate},
        "language": {"code": entry.language.replace("-", "_")},
        "dataset": entry.name,
        "num_speakers": max(1, len(entry.speakers)),
        "speaker_id_map": {speaker: number for number, speaker in enumerate(entry.speakers)},
    }


def _voice(catalog: VoiceCatalog, body: dict[str, Any]) -> dict[str, Any]:
    """Return ``voice`` and ``speaker``; the number ``speaker_id`` wins over the name. Raises ``VoiceError``."""
    name, number = body.get("voice"), body.get("speaker_id")
    chosen: dict[str, Any] = split_name(catalog, name) if isinstance(name, str) else {"voice": name}
    if body.get("speaker") is not None:
        chosen["speaker"] = body["speaker"]
    if number is not None:
        voice = chosen["voice"]
        speakers = catalog.find(catalog.resolve(voice) if isinstance(voice, str) else None).speakers
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < max(1, len(speakers)):
            message = f"speaker_id must be a whole number from 0 to {max(1, len(speakers)) - 1}."
            raise ApiError("field_invalid", message, param="speaker_id")
        chosen["speaker"] = speakers[number] if speakers else None
    return chosen


def _speed(body: dict[str, Any]) -> float:
    scale = body.get("length_scale", 1)
    if scale is None:
        return 1.0
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale < 1000:
        raise ApiError("field_invalid", "length_scale must be a number above 0.", param="length_scale")
    return 1 / scale
