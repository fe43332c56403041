"""The JSON views that the page calls, and the rule when it may ask for a rating.

Nothing of a request is stored but its fields: no account, no address, no time of day.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.core import is_ratelimited

from core.api.body import json_object
from core.api.errors import ApiError, error_response
from core.limits import registry
from core.limits.subjects import address_key
from core.web.same_site import is_cross_site
from feedback import store

COOKIE = "asked"
"""Its value says nothing: while a browser has it, the page does not ask."""
AGAIN_DAYS, NEVER_DAYS = 31, 400
RATE = f"{registry.FEEDBACK_PER_HOUR.default}/h"
"""Requests per address, in django-ratelimit's notation."""

View = Callable[[HttpRequest, dict[str, Any]], HttpResponse]


def may_ask(request: HttpRequest) -> bool:
    """Return whether the page may ask for a rating: at most monthly, and not if the browser opts out."""
    opts_out = "1" in (request.headers.get("Sec-GPC"), request.headers.get("DNT"))
    return bool(settings.FEEDBACK) and COOKIE not in request.COOKIES and not opts_out


def _feedback(view: View) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return a view that passes the JSON object of an allowed ``POST`` to ``view``, and answers errors as JSON."""

    @csrf_exempt  # Requests of other sites are refused, and nothing belongs to an account.
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            _require_allowed(request)
            return view(request, json_object(request))
        except ApiError as error:
            return error_response(error)

    return answer


@_feedback
def asked(request: HttpRequest, fields: dict[str, Any]) -> HttpResponse:
    """Remember in the browser that it was asked: for a month, or for 400 days if the user wants no more questions."""
    days = NEVER_DAYS if fields.get("never") is True else AGAIN_DAYS
    response = HttpResponse(status=204)
    response.set_cookie(
        COOKIE,
        "1",
        max_age=days * 86400,
        path=settings.SESSION_COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


@_feedback
def rate(_request: HttpRequest, fields: dict[str, Any]) -> HttpResponse:
    """Store a rating. Raises ``ApiError``."""
    score = fields.get("score")
    if type(score) is not int or score not in store.SCORES:
        raise ApiError("field_invalid", "score must be an integer from 1 to 5.", param="score")
    store.add_rating(score, _text(fields, "words", registry.MAX_FEEDBACK_WORDS.default))
    return HttpResponse(status=204)


@_feedback
def report_reading(_request: HttpRequest, fields: dict[str, Any]) -> HttpResponse:
    """Store a text that was read wrongly. Raises ``ApiError``."""
    text = _text(fields, "text", registry.MAX_REPORTED_TEXT.default)
    if not text:
        raise ApiError("field_invalid", "The text is empty.", param="text")
    store.add_report(text, _text(fields, "voice", 100), _text(fields, "words", registry.MAX_FEEDBACK_WORDS.default))
    return HttpResponse(status=204)


def _require_allowed(request: HttpRequest) -> None:
    """Raise ``ApiError`` if the request is not a ``POST`` of this site's page, or is one too many."""
    if not settings.FEEDBACK:
        raise ApiError("address_unknown", "This server takes no feedback.")
    if request.method != "POST":
        raise ApiError("method_unknown", "Use the method POST.")
    if is_cross_site(request):
        raise ApiError("cross_site", "Cross-site requests are not allowed.")
    if is_ratelimited(request, group="feedback", key=address_key, rate=RATE, increment=True):
        raise ApiError("limit_http", "Too much feedback from your address. Try again in an hour.", retry_after=3600)


def _text(fields: dict[str, Any], name: str, most: int) -> str:
    """Return a string of the request, without spaces around it and without NUL, which PostgreSQL does not store."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise ApiError("field_invalid", f"{name} must be a string.", param=name)
    value = value.replace("\0", "").strip()
    if len(value) > most:
        raise ApiError("field_invalid", f"{name} may have {most} characters.", param=name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ApiError("field_invalid", f"{name} has a lone surrogate.", param=name) from None
    return value
