"""CSRF protection with the origin rule of the websocket (``core.web.same_site``), so one setting serves both."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from core.web.same_site import is_same_origin, origin_refusal


class OriginAwareCsrfMiddleware(CsrfViewMiddleware):
    """Django's middleware, which compares the scheme too and cannot know it behind a proxy that is not trusted."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return is_same_origin(request.META["HTTP_ORIGIN"], request.get_host())

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        """Reject with a reason that names the origin and the setting, if the origin is why."""
        origin = request.META.get("HTTP_ORIGIN")
        if origin is not None and not self._origin_verified(request):
            request.META["ORIGIN_REFUSAL"] = reason = origin_refusal(origin, request.get_host())
        return super()._reject(request, reason)  # type: ignore[misc]  # django-stubs lacks it
