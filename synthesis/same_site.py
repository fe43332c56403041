"""Keeps other sites' pages from spending this machine's time, where there is no session to protect."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def same_site_only(view: View) -> View:
    """Refuse what a browser says was sent by another site's page; programs send no such header, and pass."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            error = {
                "message": "Pages of other sites cannot use this.",
                "type": "invalid_request_error",
                "param": None,
                "code": "cross_site",
            }
            return JsonResponse({"error": error}, status=403)
        return await view(request, *args, **kwargs)

    return guarded
