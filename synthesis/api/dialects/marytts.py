"""MaryTTS's server: ``/process`` speaks; ``/voices``, ``/locales``, ``/audioformats``, ``/version`` are text."""

import math
import re
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.api.errors import ApiError
from synthesis import runtime
from synthesis.api.dialects import piper
from synthesis.api.dialects.errors import TEXT, text_error
from synthesis.api.dialects.fields import form_fields
from synthesis.api.dialects.views import (
    dialect_view,
    names_of,
    split_name,
    translated,
    voice_for_language,
    wav_response,
)
from synthesis.api.listings import public_catalog
from synthesis.catalog import VoiceCatalog

NAME = "marytts"
CODECS = ("WAVE_FILE", "WAVE", "WAVE_STREAM")
"""Values of ``AUDIO``, all for the same file; the first is the default."""
VERSION = "Mary TTS server 5.2 (compatible: Alphanumeric)"
KIND = "other"
"""MaryTTS's word for voices that are neither unit selection nor hidden Markov models."""
GENDER = "u"
"""Unknown: voice files state no gender."""
_SCALE = re.compile(r"durScale:([0-9.]{1,10});?\s*", re.ASCII)

lists = dialect_view(NAME, "GET", error_response=text_error)


@dialect_view(NAME, "GET", "POST", error_response=text_error, safe=())
async def process(request: HttpRequest) -> HttpResponseBase:
    """Synthesize ``INPUT_TEXT`` with the voice ``VOICE``, or one of the locale ``LOCALE``, as WAV."""
    if request.method == "HEAD":
        return HttpResponse(content_type="audio/wav")
    fields = form_fields(request)
    _require(fields, "INPUT_TYPE", ("TEXT",))
    _require(fields, "OUTPUT_TYPE", ("AUDIO",))
    _require(fields, "AUDIO", CODECS)
    chosen = _voice(await runtime.get_runtime().catalog.read(), fields)
    text = fields.get("INPUT_TEXT")
    return await wav_response(request, await translated(text, "INPUT_TEXT", **chosen, speed=_speed(fields)))


@dialect_view(NAME, "GET", error_response=text_error)
async def mary_voices(request: HttpRequest) -> HttpResponseBase:
    """Return a line for each voice: name, locale, gender, kind. Names with blanks cannot be listed."""
    listed = [
        f"{name} {_locale(entry.language)} {GENDER} {KIND}\n"
        for entry in (await public_catalog(request)).entries
        for name in names_of(entry)
        if " " not in name
    ]
    return HttpResponse("".join(listed), content_type=TEXT)


@wraps(mary_voices)
async def voices(request: HttpRequest) -> HttpResponseBase:
    """Return the list of MaryTTS, or Piper's to clients that accept JSON and to all if MaryTTS is disabled.

    Clients of MaryTTS have no other list; those of Piper name their voice in a setting.
    """
    enabled = settings.API_DIALECTS
    as_json = "piper" in enabled and (NAME not in enabled or request.headers.get("Accept", "") == "application/json")
    return await (piper.piper_voices if as_json else mary_voices)(request)


@lists
async def locales(request: HttpRequest) -> HttpResponseBase:
    """Return a line for each locale of a voice."""
    found = dict.fromkeys(_locale(entry.language) for entry in (await public_catalog(request)).entries)
    return HttpResponse("".join(f"{locale}\n" for locale in found), content_type=TEXT)


@lists
async def audio_formats(request: HttpRequest) -> HttpResponseBase:
    """Return the values of ``AUDIO``."""
    return HttpResponse("".join(f"{codec}\n" for codec in CODECS), content_type=TEXT)


@lists
async def version(request: HttpRequest) -> HttpResponseBase:
    """Return the version of MaryTTS whose requests are answered."""
    return HttpResponse(f"{VERSION}\n", content_type=TEXT)


def _require(fields: dict[str, str], name: str, choices: tuple[str, ...]) -> None:
    if fields.get(name, choices[0]) not in choices:
        message = f"{name} must be one of: {', '.join(choices)}."
        raise ApiError("field_invalid", message, param=name, choices=list(choices))


def _voice(catalog: VoiceCatalog, fields: dict[str, str]) -> dict[str, str | None]:
    if name := fields.get("VOICE", "").strip():
        return split_name(catalog, name)
    locale = fields.get("LOCALE", "").strip()
    return {"voice": voice_for_language(catalog, locale) if locale else None}


def _speed(fields: dict[str, str]) -> float:
    """Return the speed for the effect ``Rate``, whose parameter stretches time. Other effects are not available."""
    selected = [
        name
        for name, value in fields.items()
        if name.startswith("effect_") and name.endswith("_selected") and value == "on"
    ]
    if any(name != "effect_Rate_selected" for name in selected):
        raise ApiError("field_invalid", "The only effect is Rate.", param=selected[0], choices=["Rate"])
    if not selected:
        return 1.0
    scale = _SCALE.fullmatch(fields.get("effect_Rate_parameters", ""))
    try:
        speed = 1 / float(scale[1]) if scale else math.nan
    except (ValueError, ZeroDivisionError):
        speed = math.nan
    if math.isnan(speed):
        message = "The parameter of Rate must be like durScale:1.5;."
        raise ApiError("field_invalid", message, param="effect_Rate_parameters")
    return speed


def _locale(language: str) -> str:
    return language.replace("-", "_")
