"""Rate limit for form submissions and requests to the theme helpers, counted whether they succeed or not.

Speech requests and failed passwords have limits of their own.
"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django_ratelimit import UNSAFE
from django_ratelimit.core import get_usage

from core.limits import registry
from core.limits.quotas import WINDOW_S
from core.limits.rate_limit_headers import rate_limit_headers
from core.limits.subjects import subject_for, user_id_of
from core.web.pages import page

POSTS_PER_MINUTE = registry.POSTS_PER_MINUTE.default
"""Per account or address. A user submits a few by hand; the theme editor sends about twenty."""
LIMITED_PATHS = ("/themes/", "/accounts/", "/documents/", "/voices/", "/share")


@sync_and_async_middleware
def form_rate_limit_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer 429 to requests over the limit. Must come after the middleware that authenticates the user."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            refused = await sync_to_async(_rejection)(request) if _is_counted(request) else None
            return refused or await get_response(request)

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return (_rejection(request) if _is_counted(request) else None) or get_response(request)

    return handle


def _is_counted(request: HttpRequest) -> bool:
    # The URL resolver uses path_info; path also contains the script prefix.
    return request.method in UNSAFE and request.path_info.startswith(LIMITED_PATHS)


def _rejection(request: HttpRequest) -> HttpResponseBase | None:
    rate = (POSTS_PER_MINUTE, WINDOW_S)
    usage = get_usage(request, group="posts", key=_subject, rate=rate, method=UNSAFE, increment=True)
    if usage is None or not usage["should_limit"]:
        return None
    # Negative if the cache is unavailable.
    wait = usage["time_left"] if usage["time_left"] > 0 else WINDOW_S
    message = f"The limit is {POSTS_PER_MINUTE} requests per minute. Nothing was saved. Try again in {wait} s."
    response: HttpResponseBase
    if "text/html" in request.headers.get("Accept", ""):
        response = page(request, "refused.html", {"refusal": message}, status=429)
    else:
        error = {
            "code": "limit_posts",
            "message": message,
            "param": None,
            "limit": POSTS_PER_MINUTE,
            "retry_after": wait,
        }
        response = JsonResponse({"error": error}, status=429)
    for name, value in {"Retry-After": str(wait), **rate_limit_headers("posts", POSTS_PER_MINUTE, 0, wait)}.items():
        response[name] = value
    return response


def _subject(_group: str, request: HttpRequest) -> str:
    return subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR")).key
