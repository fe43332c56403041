"""Middleware that reads the user for asynchronous views, records active sessions, and sets the ``known`` cookie."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from accounts import sessions
from accounts.throttling import known_browsers
from core.storage.database import write_later
from core.web.users import user_of


@sync_and_async_middleware
def session_tracking_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Record the session as active if the response depended on the user, and set the ``known`` cookie."""

    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            request.auser = partial(user_of, request)
            response: HttpResponseBase = await get_response(request)
            if _needed(request):
                _remember(request, response)
                user = await request.auser()
                if isinstance(user, User) and sessions.is_due(request):
                    await write_later(partial(sessions.touch_session, request, user))
            return response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        if _needed(request):
            _remember(request, response)
            if isinstance(request.user, User):
                # The response is complete and does not depend on this write.
                with suppress(OperationalError):
                    sessions.touch_session(request, request.user)
        return response

    return handle


def _needed(request: HttpRequest) -> bool:
    # Without a session there is nothing to record; responses that are the same for all users never access it.
    return request.session.accessed and bool(request.session.session_key)


def _remember(request: HttpRequest, response: HttpResponseBase) -> None:
    account = getattr(request, "_signed_in_as", None)
    if account is not None:
        known_browsers.remember_browser(request, response, account)
