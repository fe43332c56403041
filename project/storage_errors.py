"""Answers 503 if the database is locked, full or read-only: a temporary failure, not a bug."""

import sys
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware
from django.views.defaults import server_error

from core.errors import RETRY_S, StorageUnavailableError
from core.logs import correlation
from project.logging import UNAVAILABLE


@sync_and_async_middleware
def storage_failures(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer database failures in views with 503 and ``storage_unavailable``."""
    middleware: Callable[[HttpRequest], Any]
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            answer: HttpResponseBase = await get_response(request)
            return answer
    else:

        def middleware(request: HttpRequest) -> HttpResponseBase:
            answer: HttpResponseBase = get_response(request)
            return answer

    middleware.process_exception = _answer  # type: ignore[union-attr]  # Django's hook
    return middleware


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Answer failures outside of views, such as in middleware that reads or saves the session."""
    error = sys.exc_info()[1]
    return (_answer(request, error) if error is not None else None) or server_error(request)


def _answer(request: HttpRequest, error: BaseException) -> HttpResponseBase | None:
    if not isinstance(error, UNAVAILABLE):
        return None
    response: HttpResponseBase
    if "text/html" in request.headers.get("Accept", ""):
        response = render(request, "503.html", {"wait": RETRY_S}, status=503)
    else:
        unavailable = error if isinstance(error, StorageUnavailableError) else StorageUnavailableError()
        error_fields = {
            "code": unavailable.code,
            "message": unavailable.message,
            "type": "server_error",
            "param": None,
            **({"correlation_id": correlation_id} if (correlation_id := correlation.current()) else {}),
        }
        response = JsonResponse({"error": {**error_fields, **unavailable.details}}, status=503)
    response["Retry-After"] = str(RETRY_S)
    response["Cache-Control"] = "no-store"
    return response
