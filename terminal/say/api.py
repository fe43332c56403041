"""``/v1/terminal/``: programs speak in the open tabs of their account.

Every request needs a token with the scope ``say``: a text belongs to an account, which a visitor has not, and a
session is not enough, because the API has no CSRF tokens.
"""

import uuid
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.cache import add_never_cache_headers

from core.api.access import MISSING, Caller, identify, require_account
from core.api.body import json_object
from core.api.errors import ApiError
from core.api.tokens import AccessToken
from core.api.views import api_view
from core.limits.subjects import RateLimitSubject
from core.storage import database
from synthesis import runtime
from synthesis.api.errors import error_response, quota_headers
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.text.normalization.markup import ESCAPE
from terminal.models import SentText
from terminal.say import delivery, store
from terminal.say.store import NewText

MAX_TITLE = 60
OPTIONS = ("voice", "speed", "title")
"""Query parameters of a request whose body is the text."""


@api_view("POST", "DELETE")
async def say(request: HttpRequest) -> HttpResponseBase:
    """Speak a text in the account's tabs, or stop all texts that were sent."""
    caller, token = await _identify(request)
    if request.method == "DELETE":
        return await _remove(token, None)
    try:
        return await _speak(request, caller, token)
    except SpeechError as error:
        return error_response(error)


@api_view("DELETE")
async def one_text(request: HttpRequest, entry: str) -> HttpResponseBase:
    """Stop one text."""
    _, token = await _identify(request)
    try:
        return await _remove(token, [uuid.UUID(entry)])
    except ValueError:
        raise _unknown() from None


@api_view("GET")
async def queue(request: HttpRequest) -> HttpResponseBase:
    """List the texts that were neither spoken nor stopped. Only those of the same token are shown with their text."""
    _, token = await _identify(request)
    rows = await database.read(partial(store.pending, token.account))
    data = [_shown(row) | {"input": row.text if str(row.token) == token.id else None} for row in rows]
    return _answer({"object": "list", "data": data})


async def _identify(request: HttpRequest) -> tuple[Caller, AccessToken]:
    caller = await identify(request, "say")
    if caller.token is None:
        require_account(caller)
        raise ApiError("token_missing", MISSING)
    return caller, caller.token


async def _speak(request: HttpRequest, caller: Caller, token: AccessToken) -> HttpResponseBase:
    gateway = runtime.get_runtime().gateway
    policy = (await gateway.open(caller.subject)).policy
    # Counted apart from speech, within the same limits: the tab that speaks the text is charged for the audio.
    counted = RateLimitSubject(None, f"say.{token.account}", caller.subject.token)
    client = SpeechClient(gateway, counted, policy)
    await client.require_quota()
    new = _read(request)
    catalog = await gateway.catalog.read()
    voice = catalog.resolve(new.voice) if new.voice else None
    speech = await client.build(new.text, voice=voice, speed=1.0 if new.speed is None else new.speed)
    quota = await client.charge(speech)
    new = NewText(new.text, new.title, speech.voice.id if new.voice else "", new.speed)
    row = await database.write(partial(store.add, token, new))
    delivered = await delivery.offer(token.account, row.pk)
    state = "delivered" if delivered else "waiting"
    return _answer(_shown(row) | {"state": state}, 201 if delivered else 202, quota_headers(quota))


async def _remove(token: AccessToken, ids: list[uuid.UUID] | None) -> HttpResponseBase:
    removed = await database.write(partial(store.remove, token.account, ids))
    if ids and not removed:
        raise _unknown()
    await delivery.announce_removal(token.account, removed)
    return _answer({"object": "list", "deleted": True, "data": [{"id": str(entry)} for entry in removed]})


def _unknown() -> ApiError:
    return ApiError("sent_text_unknown", "This text was already spoken, stopped, or has expired.", param="id")


def _shown(row: SentText) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "object": "terminal.text",
        "state": "delivered" if row.channel else "waiting",
        "sender": row.sender,
        "title": row.title or None,
        "voice": row.voice or None,
        "speed": row.speed,
        "created": round(row.created_at.timestamp()),
    }


def _answer(fields: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> JsonResponse:
    response = JsonResponse(fields, status=status, headers=headers)
    add_never_cache_headers(response)
    return response


def _read(request: HttpRequest) -> NewText:
    """Return the text of a JSON object, or of any other body as UTF-8. Raises ``ApiError``."""
    fields: dict[str, Any]
    if request.content_type == "application/json":
        fields = json_object(request)
    else:
        fields = {"input": _plain(request)}
        fields |= {name: request.GET[name] for name in OPTIONS if name in request.GET}
        fields["speed"] = _number(fields.get("speed"))
    for name in ("input", "voice", "title"):
        if fields.get(name) is not None and not isinstance(fields[name], str):
            raise ApiError("field_invalid", f"The parameter {name} must be a string.", param=name)
    speed = fields.get("speed")
    if speed is not None and (isinstance(speed, bool) or not isinstance(speed, int | float)):
        raise ApiError("field_invalid", "The parameter speed must be a number.", param="speed")
    if fields.get("input") is None:
        raise ApiError("field_missing", "The parameter input is missing.", param="input")
    title = (fields.get("title") or "").strip()
    if len(title) > MAX_TITLE or not title.isprintable():
        message = f"A title has at most {MAX_TITLE} characters, without control characters."
        raise ApiError("field_invalid", message, param="title", limit=MAX_TITLE)
    # Output of programs has colors, and the page shows the text as it is.
    text = ESCAPE.sub("", fields["input"]).replace("\r\n", "\n").strip()
    return NewText(text, title, (fields.get("voice") or "").strip(), speed)


def _plain(request: HttpRequest) -> str:
    # curl --data-binary sends text as application/x-www-form-urlencoded, so the media type says nothing.
    try:
        return request.body.decode("utf-8-sig")
    except RequestDataTooBig:
        raise ApiError("body_too_large", "The request is too large.") from None
    except UnicodeDecodeError:
        raise ApiError("body_invalid", "The body is not UTF-8.") from None


def _number(written: str | None) -> float | None:
    try:
        return None if written is None else float(written)
    except ValueError:
        raise ApiError("field_invalid", "The parameter speed must be a number.", param="speed") from None
