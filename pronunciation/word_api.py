"""Corrects the pronunciation of a word from the page: find an entry, hear a new one, save it, as JSON."""

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token

from core.api.errors import ApiError
from core.errors import StorageUnavailableError
from core.storage import database
from core.web.users import user_of
from pronunciation import dictionaries
from pronunciation.forms import EntryForm
from pronunciation.models import Pronunciation
from pronunciation.views import number_of, recording
from synthesis import runtime
from synthesis.errors import SpeechError
from synthesis.text.annotation.lexicon import MAX_PHRASE
from terminal.page_api import error_response

NO_STORE = {"Cache-Control": "no-store"}


async def word(request: HttpRequest) -> HttpResponseBase:
    """Return the account's entries for ``?phrase=`` and the CSRF token; a ``POST`` saves an entry, or deletes it.

    A new entry replaces the one for the same phrase, language, voice and case.
    """
    try:
        user = await _account(request)
        if request.method != "POST":
            phrase = request.GET.get("phrase", "")[:MAX_PHRASE]
            found = await database.read(partial(_matching, user, phrase))
            return JsonResponse({"entries": found, "csrf_token": get_token(request)}, headers=NO_STORE)
        saved = await database.write(partial(_save, user, request))
        # The next text of this process is read with the new entry; other processes follow within a second.
        await runtime.get_runtime().gateway.lexicons.refresh(user.pk)
        return JsonResponse(saved, headers=NO_STORE)
    except (ApiError, SpeechError, StorageUnavailableError) as error:
        return error_response(error)


async def hear_word(request: HttpRequest) -> HttpResponseBase:
    """Return the address of a recording of an entry, which is not saved. Charged like a text."""
    try:
        await _account(request)
        if request.method != "POST":
            raise ApiError("method_unknown", "Use the method POST.")
        form = await database.read(partial(_valid_form, request))
        return JsonResponse({"audio": await recording(request, form.entry)}, headers=NO_STORE)
    except (ApiError, SpeechError, StorageUnavailableError) as error:
        return error_response(error)


async def _account(request: HttpRequest) -> User:
    user = await user_of(request)
    if not isinstance(user, User):
        raise ApiError("account_needed", "Sign in to correct words: the corrections belong to your account.")
    return user


def _matching(user: User, phrase: str) -> list[dict[str, Any]]:
    return [_fields(row) for row in dictionaries.entries_of(user).filter(phrase__iexact=phrase)[:20]]


def _save(user: User, request: HttpRequest) -> dict[str, Any]:
    if "delete" in request.POST:
        return {"deleted": dictionaries.delete_entry(user, number_of(request.POST["delete"]))}
    entry = _valid_form(request).entry
    return {"entry": _fields(dictionaries.save_entry(user, entry, dictionaries.same_entry(user, entry)))}


def _valid_form(request: HttpRequest) -> EntryForm:
    """Return the form of a request. Raises ``ApiError`` with the first error and its field."""
    form = EntryForm(request.POST)
    if form.is_valid():
        return form
    name, (error, *_) = next(iter(form.errors.as_data().items()))
    param = name if name in form.fields else None
    raise ApiError(error.code or "field_invalid", " ".join(error.messages), param=param)


def _fields(row: Pronunciation) -> dict[str, Any]:
    return {"id": row.pk, **dictionaries.fields_of(row.entry)}
