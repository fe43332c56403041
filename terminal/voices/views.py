"""Serves the page's voice chooser over HTTP: the list, the user's choices, and samples."""

import asyncio
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from core.api.body import json_object
from core.api.errors import ApiError
from core.limits.disk_quota import directory_size
from core.storage import database
from core.web.users import user_of
from synthesis.models import Voice
from synthesis.runtime import get_runtime
from synthesis.text.normalization.languages import primary
from synthesis.voices.sample_text import DIGITS, sample_sentence
from terminal.page_api import page_api, text_field
from terminal.recordings import store_request
from terminal.voices.choices import change, read_choices
from themes.owners import identity


@page_api("GET")
async def listing(request: HttpRequest) -> dict[str, Any]:
    """Return the enabled voices with size, speed and license, the user's choices, and where an operator installs."""
    choices = await read_choices(await identity.afrom_request(request))
    user = await user_of(request)
    voices = await database.read(_listed)
    install = await database.read(partial(_installer, user))
    return {"voices": voices, **choices.to_dict(), "install": install}


@page_api("POST")
async def choose(request: HttpRequest) -> dict[str, Any]:
    """Change whether a voice is a favorite, or the default of its language. Returns the choices."""
    fields = json_object(request)
    who = await identity.afrom_request(request)
    entry = (await get_runtime().catalog.read()).find(text_field(fields, "voice", needed=True))
    work = partial(
        change,
        who,
        entry.id,
        primary(entry.language),
        favorite=_flag(fields, "favorite"),
        default=_flag(fields, "default"),
    )
    return (await database.write(work)).to_dict()


@page_api("POST")
async def sample(request: HttpRequest) -> dict[str, Any]:
    """Return the address of a recording of a sentence in the voice's language. Charged like a text."""
    fields = json_object(request)
    runtime = get_runtime()
    entry = (await runtime.catalog.read()).find(text_field(fields, "voice", needed=True))
    client = await runtime.gateway.open_for(request)
    text = await asyncio.to_thread(_sample_text, entry.id)
    speech = await client.build(text, voice=entry.id, speaker=text_field(fields, "speaker") or None)
    await client.charge(speech)
    return {"audio": reverse("recording", args=[await store_request(speech)]), "text": text}


def _listed() -> list[dict[str, Any]]:
    return [
        {
            "id": voice.id,
            "name": voice.name,
            "language": voice.language,
            "speakers": voice.speakers,
            "sample_rate": voice.sample_rate,
            "default": voice.default,
            "license": voice.license,
            "size_bytes": directory_size(settings.VOICES_DIR / voice.id),
            "times_real_time": voice.times_real_time,
        }
        for voice in Voice.objects.filter(enabled=True)
    ]


def _installer(user: Any) -> str | None:
    """Return the address below which a user may install voices, ``None`` for those who may not, or not from here."""
    if not (user.is_active and user.is_staff and user.has_perm("synthesis.add_voice")):
        return None
    try:
        return reverse("admin:voice_catalog")
    except NoReverseMatch:
        # The admin is not served to this network (ADMIN_ALLOWED_NETWORKS).
        return None


def _sample_text(voice_id: str) -> str:
    manifest = get_runtime().voices.manifest(voice_id)
    return sample_sentence(manifest) if manifest is not None else DIGITS


def _flag(fields: dict[str, Any], name: str) -> bool | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise ApiError("field_invalid", f"The parameter {name} must be true or false.", param=name)
    return value
