"""Serves ``/v1/`` and the dialects' paths before all middleware that is for browsers, and never answers in HTML.

Each of Django's middleware classes that is not asynchronous costs a change of threads, and there are nine. The API
needs none of them: it has no forms, and it reads a session only if the request has its cookie.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.decorators import async_only_middleware
from django.utils.functional import SimpleLazyObject

from core.api.cors import add_cors_headers
from core.api.dialects import api_path
from core.api.errors import ApiError, ErrorResponse, error_response
from core.errors import StorageUnavailableError
from core.web.users import user_of
from project.logging import UNAVAILABLE

logger = logging.getLogger(__name__)


@async_only_middleware
def api_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer requests to the API; pass all others on.

    Asynchronous only: above synchronous middleware, Django would run one that can be both synchronously, in a thread
    that all requests share, so that one request to the API would wait for another.
    """

    # Only their process_response is used, which adds headers.
    header_middleware: tuple[Any, ...] = (SecurityMiddleware(get_response), XFrameOptionsMiddleware(get_response))

    async def handle(request: HttpRequest) -> HttpResponseBase:
        path = _path(request)
        if path is None:
            response: HttpResponseBase = await get_response(request)
            return response
        response = await _answer(request, path)
        add_cors_headers(request, response)
        for middleware in header_middleware:
            middleware.process_response(request, response)
        return response

    return handle


def _path(request: HttpRequest) -> str | None:
    return api_path(request.path_info, request.method or "", request.content_type or "", settings.API_DIALECTS)


async def _answer(request: HttpRequest, path: str) -> HttpResponseBase:
    try:
        match = resolve(path)
    except Resolver404:  # A path with a line break matches not even the route of unknown addresses.
        match = resolve("/v1")
    errors: ErrorResponse = getattr(match.func, "error_response", error_response)
    try:
        response = await _call_view(request, match, errors)
    except UNAVAILABLE as error:
        response = errors(error if isinstance(error, StorageUnavailableError) else StorageUnavailableError())
    except Exception:
        # Whatever a view raises: Django would answer in HTML, and clients of the API read JSON.
        # repr escapes the line breaks and control characters of the client's path (log injection).
        logger.exception("the API failed on %r", path[:200])
        response = errors(ApiError("internal", "The server failed. The operator can find the cause in its log."))
    return response


async def _call_view(request: HttpRequest, match: ResolverMatch, errors: ErrorResponse) -> HttpResponseBase:
    try:
        request.get_host()
    except DisallowedHost:
        return errors(ApiError("host_unknown", "The server does not serve this host name (ALLOWED_HOSTS)."))
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        # A redirect would come after the client has sent its token in clear text.
        return errors(ApiError("https_required", "Use https."))
    request.resolver_match = match
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = SimpleLazyObject(partial(get_user, request))  # type: ignore[assignment]
    request.auser = partial(user_of, request)
    response: HttpResponseBase = await match.func(request, *match.args, **match.kwargs)
    return response
