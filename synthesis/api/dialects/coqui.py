"""``/api/tts``: the server of Coqui TTS. Parameters come in the query, in a form or in headers; the answer is WAV."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.api.errors import ApiError
from synthesis import runtime
from synthesis.api.dialects.errors import json_error
from synthesis.api.dialects.fields import form_fields
from synthesis.api.dialects.views import dialect_view, split_name, translated, voice_for_language, wav_response
from synthesis.catalog import VoiceCatalog

PARAMETERS = ("text", "speaker_id", "language_id", "style_wav", "speaker_wav")
CLONING = ("style_wav", "speaker_wav")


@dialect_view("coqui", "GET", "POST", error_response=json_error, safe=())
async def speech(request: HttpRequest) -> HttpResponseBase:
    """Synthesize ``text`` with the voice or speaker ``speaker_id``, or a voice of the language ``language_id``."""
    if request.method == "HEAD":
        return HttpResponse(content_type="audio/wav")
    fields = _fields(request)
    for name in CLONING:
        # Coqui's server opens the file on its disk that these name.
        if fields[name]:
            raise ApiError("field_invalid", f"This server clones no voices. Leave {name} out.", param=name)
    chosen = _voice(await runtime.get_runtime().catalog.read(), fields["speaker_id"], fields["language_id"])
    return await wav_response(request, await translated(fields["text"] or None, "text", **chosen))


def _fields(request: HttpRequest) -> dict[str, str]:
    sent = form_fields(request)
    return {name: _header(request, name.replace("_", "-")) or sent.get(name, "").strip() for name in PARAMETERS}


def _header(request: HttpRequest, name: str) -> str:
    try:
        # ASGI decodes headers as Latin-1; clients send UTF-8.
        return request.headers.get(name, "").strip().encode("latin1").decode()
    except UnicodeError:
        raise ApiError("body_invalid", f"The header {name} is not UTF-8.", param=name) from None


def _voice(catalog: VoiceCatalog, name: str, language: str) -> dict[str, str | None]:
    """Return ``voice`` and ``speaker``; a speaker of the default voice needs no voice."""
    default = catalog.default
    if default is not None and name in default.speakers and not catalog.knows(name):
        return {"voice": default.id, "speaker": name}
    if name:
        return split_name(catalog, name)
    return {"voice": voice_for_language(catalog, language) if language else None}
