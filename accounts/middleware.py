"""After each answer: where the person is signed in, and which browser it was."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from accounts import known, sessions


@sync_and_async_middleware
def follow_sessions(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Write down which sessions are in use, where the answer depended on who asks; hand out the cookie ``known``."""

    def follow(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        account = getattr(request, "_signed_in_as", None)
        if account is not None:
            known.remember(request, response, account)
        if request.user.is_authenticated:
            sessions.follow(request, request.user)
        return response

    def needed(request: HttpRequest) -> bool:
        # Whoever has no session is asked nothing, and no answer that is the same for everybody asks who it is for.
        return request.session.accessed and bool(request.session.session_key)

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            response = await get_response(request)
            return await sync_to_async(follow)(request, response) if needed(request) else response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        return follow(request, response) if needed(request) else response

    return handle
