"""A decorator for the views of dialects, and what they have in common."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from core.api.errors import ApiError, ErrorResponse
from core.api.views import View, api_view
from synthesis import runtime
from synthesis.api.access import ignore_session, open_client
from synthesis.api.errors import error_headers, error_status
from synthesis.api.parameters import SpeechParameters, read_parameters
from synthesis.api.responses import charge, respond
from synthesis.audio.formats import FORMATS
from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.errors import SpeechError

SEPARATOR = ":"
"""Separates the voice and the speaker in the names of dialects that have voices only: ``vctk:p225``."""


def dialect_view(
    dialect: str, *methods: str, error_response: ErrorResponse, safe: tuple[str, ...] = ("GET", "HEAD")
) -> Callable[[View], View]:
    """Return the decorator ``api_view`` with errors in the dialect's shape; 404 unless the dialect is enabled."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def enabled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require_enabled(dialect)
            try:
                return await view(request, *args, **kwargs)
            except SpeechError as error:
                return error_response(error, error_status(error), error_headers(error))

        return api_view(*methods, error_response=error_response, safe=safe)(enabled)

    return decorate


def require_enabled(dialect: str) -> None:
    """Raise ``ApiError`` ``address_unknown`` if the setting ``API_DIALECTS`` does not list the dialect."""
    if dialect not in settings.API_DIALECTS:
        raise ApiError("address_unknown", f"This server does not answer {dialect} requests (API_DIALECTS).")


def split_name(catalog: VoiceCatalog, name: str) -> dict[str, str | None]:
    """Return ``voice`` and ``speaker``, which ``name`` contains as ``voice:speaker``."""
    if SEPARATOR in name and not catalog.knows(name):
        voice, _, speaker = name.partition(SEPARATOR)
        return {"voice": voice, "speaker": speaker}
    return {"voice": name, "speaker": None}


def names_of(voice: CatalogVoice) -> list[str]:
    """Return the names under which dialects list a voice: its id, or one name for each of its speakers."""
    return [f"{voice.id}{SEPARATOR}{speaker}" for speaker in voice.speakers] or [voice.id]


async def translated(text: Any, param: str, **fields: Any) -> SpeechParameters:
    """Return the parameters of a request whose text is the field ``param``.

    Raises ``ApiError`` as ``read_parameters``, and ``field_missing`` or ``field_invalid`` with that field's name.
    """
    if text is None:
        raise ApiError("field_missing", f"The field {param} is missing.", param=param)
    if not isinstance(text, str):
        raise ApiError("field_invalid", f"The field {param} must be a string.", param=param)
    return read_parameters({**fields, "input": text}, await runtime.get_runtime().catalog.read())


def as_mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object ``name`` of ``fields``, empty if it is absent or null. Raises ``ApiError``."""
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ApiError("field_invalid", f"The field {name} must be an object.", param=name)
    return value


def voice_for_language(catalog: VoiceCatalog, language: str) -> str:
    """Return the id of the voice that the API selects for ``language``, such as ``en`` or ``en_US``.

    Raises ``ApiError`` ``language_unsupported``.
    """
    if (entry := catalog.speaking(language.strip())) is not None:
        return entry.id
    choices = sorted({entry.language for entry in catalog.entries})
    message = f"No voice has that language. Languages: {', '.join(choices) or 'none'}."
    raise ApiError("language_unsupported", message, param="language", choices=choices)


async def wav_response(request: HttpRequest, parameters: SpeechParameters) -> HttpResponseBase:
    """Return a complete WAV file, as the servers do whose clients need its length.

    A request without a token counts as a visitor's: these clients are programs, and a link in a page must not speak
    for the user of the browser.
    """
    ignore_session(request)
    client = await open_client(request)
    parameters = replace(parameters, format=FORMATS["wav"], sample_rate=None, stream=False)
    utterance = await charge(client, parameters)
    return await respond(utterance.speech, utterance.request, parameters, utterance.headers)
