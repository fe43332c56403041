"""ElevenLabs' lists of voices and models. Public, like the lists of OpenAI's API."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from core.api.views import View
from synthesis.api.dialects.elevenlabs.errors import error_response
from synthesis.api.dialects.elevenlabs.speech import NAME
from synthesis.api.dialects.views import dialect_view, names_of, split_name
from synthesis.api.listings import public_catalog
from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.limits.policy import DEFAULT_POLICY

MODEL = "alphanumeric"
"""The only model that is listed; requests may name any."""

lists = dialect_view(NAME, "GET", error_response=error_response)


@lists
async def voices(request: HttpRequest) -> HttpResponseBase:
    """Return all voices, the default voice first."""
    return JsonResponse({"voices": _voices(await public_catalog(request))})


@lists
async def voices_page(request: HttpRequest) -> HttpResponseBase:
    """Return the voices whose id or name contains the parameter ``search``, on one page."""
    wanted = request.GET.get("search", "").strip().lower()
    found = [
        voice
        for voice in _voices(await public_catalog(request))
        if wanted in voice["voice_id"].lower() or wanted in voice["name"].lower()
    ]
    return JsonResponse({"voices": found, "has_more": False, "total_count": len(found), "next_page_token": None})


@lists
async def voice(request: HttpRequest, voice_id: str) -> HttpResponseBase:
    """Return one voice. Raises ``VoiceError`` ``voice_unknown`` or ``speaker_unknown``."""
    catalog = await public_catalog(request)
    names = split_name(catalog, voice_id)
    found = catalog.find(catalog.resolve(names["voice"] or ""))
    found.speaker_number(names["speaker"])
    return JsonResponse(_voice(found, voice_id))


def models_or(openai_models: View) -> View:
    """Return the view of ``/v1/models``, whose list has ElevenLabs' shape for requests with ``xi-api-key``.

    ElevenLabs' clients send that header with every request, and clients of OpenAI's API never do.
    """

    @wraps(openai_models)
    async def models(request: HttpRequest) -> HttpResponseBase:
        asked = "xi-api-key" in request.headers and NAME in settings.API_DIALECTS
        return await (_models if asked else openai_models)(request)

    return models


@lists
async def _models(request: HttpRequest) -> HttpResponseBase:
    languages = sorted({entry.language for entry in (await public_catalog(request)).entries})
    model = {
        "model_id": MODEL,
        "name": "Alphanumeric",
        "description": "The voices of this server.",
        "can_do_text_to_speech": True,
        "can_do_voice_conversion": False,
        "can_be_finetuned": False,
        "can_use_style": False,
        "can_use_speaker_boost": False,
        "serves_pro_voices": False,
        "requires_alpha_access": False,
        "token_cost_factor": 1.0,
        "maximum_text_length_per_request": DEFAULT_POLICY.max_text_length,
        "languages": [{"language_id": language, "name": language} for language in languages],
    }
    return JsonResponse([model], safe=False)


def _voices(catalog: VoiceCatalog) -> list[dict[str, Any]]:
    return [_voice(entry, name) for entry in catalog.entries for name in names_of(entry)]


def _voice(entry: CatalogVoice, name: str) -> dict[str, Any]:
    _, _, speaker = name.partition(":")
    return {
        "voice_id": name,
        "name": f"{entry.name} ({speaker})" if speaker else entry.name,
        "category": "premade",
        "labels": {"language": entry.language},
        "description": None,
        "preview_url": None,
        "available_for_tiers": [],
        "settings": None,
        "high_quality_base_model_ids": [MODEL],
        "samples": None,
        "is_owner": False,
        "created_at_unix": entry.created,
    }
