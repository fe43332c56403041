"""Lists of voices and models. Public, like the page's voice menu; an invalid token is rejected all the same."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.api.access import identify
from core.api.errors import ApiError
from core.api.views import api_view
from synthesis import runtime
from synthesis.catalog import CatalogVoice, VoiceCatalog

MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""OpenAI's names. All of them, like every other string, select the default voice if a request names no voice."""
OWNER = "alphanumeric"


@api_view("GET")
async def models(request: HttpRequest) -> HttpResponseBase:
    """Return OpenAI's model names and the voices, which ``model`` may also name."""
    return JsonResponse({"object": "list", "data": _models(await public_catalog(request))})


@api_view("GET")
async def model(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return one model. Raises ``ApiError`` ``model_unknown``."""
    listed = _models(await public_catalog(request))
    for entry in listed:
        if entry["id"] == name:
            return JsonResponse(entry)
    choices = [entry["id"] for entry in listed]
    raise ApiError(
        "model_unknown", f"Unknown model. Choose from: {', '.join(choices)}.", param="model", choices=choices
    )


@api_view("GET")
async def voices(request: HttpRequest) -> HttpResponseBase:
    """Return the voices under both names that clients read, ``voices`` and ``data``."""
    listed = [_voice(entry) for entry in (await public_catalog(request)).entries]
    return JsonResponse({"object": "list", "voices": listed, "data": listed})


@api_view("GET")
async def audio_models(request: HttpRequest) -> HttpResponseBase:
    """Return the models under both names that clients read, ``models`` and ``data``."""
    listed = [{**entry, "name": entry["id"]} for entry in _models(await public_catalog(request))]
    return JsonResponse({"object": "list", "models": listed, "data": listed})


async def public_catalog(request: HttpRequest) -> VoiceCatalog:
    """Return the voices. Raises ``ApiError`` for an invalid token."""
    await identify(request, "speak")
    return await runtime.get_runtime().catalog.read()


def _models(catalog: VoiceCatalog) -> list[dict[str, Any]]:
    created = min((entry.created for entry in catalog.entries), default=0)
    named = [(name, created) for name in MODELS] + [(entry.id, entry.created) for entry in catalog.entries]
    return [{"id": name, "object": "model", "created": at, "owned_by": OWNER} for name, at in named]


def _voice(entry: CatalogVoice) -> dict[str, Any]:
    # Voice files state no gender; clients that read the field expect it.
    return {**entry.to_dict(), "object": "voice", "gender": None, "model": MODELS[0]}
